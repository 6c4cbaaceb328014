"""Letters of a closed week for tests of what shows them: files as they are kept, and rows as the collector writes them, over
a state directory that tests/fakes/seed.c made."""
import contextlib
import datetime
import hashlib
import html
import json
import os
import sqlite3
import struct
import subprocess
import time
import zlib

import house
from test_ack_link import signed

PUT_REPORT = os.path.join(house.BUILD, "tests", "put_report")
STEP = 300
KEY = bytes(range(32))


def monday(weeks_ago=1):
    """The date on which a closed week began."""
    today = datetime.date.today()
    return today - datetime.timedelta(days=today.weekday() + 7 * weeks_ago)


def week_name(date):
    year, week, _ = date.isocalendar()
    return "%04d-W%02d" % (year, week)


def begin_of(date):
    """06:00 UTC is near enough for the files of a test."""
    return int(datetime.datetime(date.year, date.month, date.day, 6, tzinfo=datetime.timezone.utc).timestamp())


def utc(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def ports(place):
    """Every port of the ledger, as a dictionary."""
    with contextlib.closing(sqlite3.connect(os.path.join(place.state, "ixwatch.db"), timeout=20)) as ledger:
        ledger.row_factory = sqlite3.Row
        return [dict(row) for row in ledger.execute(
            "SELECT port.id, exchange.slug AS exchange, exchange.name AS exchange_name, timezone, agent.name AS agent, "
            "interface, asn, kind, peer, circuit FROM port JOIN agent ON agent.id = agent_id "
            "JOIN exchange ON exchange.id = exchange_id WHERE port.retired = 0 ORDER BY port.id")]


def change(place, *statements):
    """By hand, what seed.c has no option for."""
    with contextlib.closing(sqlite3.connect(os.path.join(place.state, "ixwatch.db"), timeout=20)) as ledger, ledger:
        for statement in statements:
            ledger.execute(*statement)


def picture(width=320, height=60):
    """A PNG: bars of growing height."""
    rows = b"".join(b"\0" + b"".join(b"\x1f\x6f\xb5" if height - y < height * x // width else b"\xf4\xf6\xf8"
                                     for x in range(width)) for y in range(height))

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def figures(share):
    return {"known_share": 0.998, "p95_bps": share * 1e10, "p95_utilisation": share, "peak_utilisation": share + 0.03,
            "mean_utilisation": share * 0.6, "minutes_90": 415, "minutes_95": 120, "drops_share": 0.0004,
            "drops_measured": True, "layer2": False}


def side(share, verdict, date):
    days = [date + datetime.timedelta(days=i - 21) for i in range(28)]
    start = begin_of(date) + 13 * 3600
    return dict(figures(share), verdict=verdict, verdict_since=None, verdict_reason="rule A: 12 congested days in four weeks",
                stale_verdict=None, stale_since=None, declared_days_28=1, last_week=None,
                days=[{"date": str(day), "state": "congested" if i % 3 == 0 else "clean", "known_share": 1.0,
                       "congested_minutes": 120 if i % 3 == 0 else 0, "excused_minutes": 0, "excuse": None,
                       "withdrawn": False, "verdict": verdict, "hours": [{"max": 0.5, "excused": False}] * 24}
                      for i, day in enumerate(days)],
                episodes=[{"start": utc(start), "end": utc(start + 7200), "start_local": utc(start)[:16].replace("T", " "),
                           "end_local": utc(start + 7200)[:16].replace("T", " "), "minutes": 120, "kind": "sustained",
                           "excuse": None, "excuse_reason": None, "peak_utilisation": 0.98, "mean_utilisation": 0.95,
                           "drops_share": 0.0004, "open": False}])


def connection(own, date, name, verdict, stem):
    first = own[0]
    begin = begin_of(date)
    return {
        "exchange": first["exchange"], "exchange_name": first["exchange_name"], "timezone": first["timezone"],
        "kind": first["kind"], "asn": first["asn"], "peer": name, "from": utc(begin), "to": utc(begin + 7 * 86400), "hours": 168,
        "capacity_bps": 1e10 * len(own), "physical_bps": 1e10 * len(own), "contracted_bps": None, "contract_kind": None,
        "capacity_source": "interface", "capacity_steps": [], "nominal_bps": None, "reduced": [], "upgraded": None,
        "ports": [{"id": port["id"], "agent": port["agent"], "interface": port["interface"], "circuit": port["circuit"],
                   "capacity_bps": 1e10, "capacity_source": "interface", "down_minutes": 0,
                   "directions": {"out": figures(0.93), "in": figures(0.3)}} for port in own],
        "directions": {"out": side(0.93, verdict, date), "in": side(0.3, "none", date)}, "uneven": None,
        "windows": [{"from": utc(begin + 86400), "to": utc(begin + 90000), "cause": "works", "reason": "fibre works"}],
        "unknown": [{"from": utc(begin + 3600), "to": utc(begin + 7200), "why": "the box did not answer"}],
        "advice": {"free_port": [], "other_exchanges": [], "size": None}, "order": None, "case": None, "policy": "",
        "graph": "%s-%s.png" % (stem, first["exchange"])}


class Letter:
    """One letter: its files in state/reports, its row in the ledger; `id` once it is put."""

    def __init__(self, place, asn, name, own, date=None, kind="peer", verdict="routine", edition=1, exchange="", asns=None,
                 words="", **row):
        self.place, self.asn, self.date = place, asn, date or monday()
        self.week, self.kind, self.exchange, self.edition = week_name(self.date), kind, exchange, edition
        self.stem = {"peer": "AS%d" % asn, "exchange": "exchange-" + exchange, "overview": "overview"}[kind]
        self.stem += "-r%d" % edition if edition > 1 else ""
        grouped = {}
        for port in own:
            grouped.setdefault((port["exchange"], port["asn"], port["kind"]), []).append(port)
        self.connections = [connection(group, self.date, name, verdict, self.stem) for group in grouped.values()]
        self.facts = {
            "version": 1, "kind": kind, "language": "en", "edition": edition, "corrects": row.get("corrects"), "week": self.week,
            "made": utc(time.time()), "profile": "proof", "settings": {"sustain": "30m", "congested": "94%"},
            "us": {"asn": 64499, "name": "Example Carrier", "person": "Kim Doe", "mail": "peering@carrier.example",
                   "phone": "+49 69 1234", "base_url": "https://noc.example.net"},
            "peer": {"name": name, "asns": asns or [asn]} if kind == "peer" else None, "verdict": verdict, "last_verdict": None,
            "purpose": "request", "notice": None, "dispute": None, "optout_hint": "", "connections": self.connections}
        self.subject = row.pop("subject", "%s AS%d and us: port use at %d exchanges, week %s (request)" % (
            name, asn, len(grouped), self.week))
        self.text = "%s\n\n%sRead it at IXWATCH-LINK\n" % (self.subject, words)
        pictures = "".join("<!--cid:graph%d--><img alt=\"the week\" src=\"cid:graph%d\"><!--/cid:graph%d-->" % ((i + 1,) * 3)
                           for i in range(len(self.connections)))
        self.html = ("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Letter</title></head>"
                     "<body style=\"font-family:sans-serif\"><!--note--><h1 style=\"font-size:18px\">%s</h1><p>%s</p>%s"
                     "<p>Read it at <a href=\"IXWATCH-LINK\">IXWATCH-LINK</a></p></body></html>\n" % (
                         html.escape(self.subject), html.escape(words), pictures))
        self.row, self.own, self.name, self.verdict = row, own, name, verdict

    def samples(self):
        lines = ["port,time_utc_sec,in_bps,out_bps,in_pps,out_pps,in_discards_pps,out_discards_pps,capacity_bps\n"]
        begin = begin_of(self.date)
        for port in sorted(self.own, key=lambda port: port["id"]):
            lines += ["%d,%d,%d,%d,%d,%d,0,0,10000000000\n" % (
                port["id"], begin + STEP * (i + 1), 10 ** 9 + i, 9 * 10 ** 9 + i, 140000, 1250000) for i in range(2016)]
        return "".join(lines)

    def write(self):
        """Its files, as they are kept; {name: octets}, and what is said of them all."""
        folder = os.path.join(self.place.state, "reports", self.week)
        os.makedirs(folder, exist_ok=True)
        files = {self.stem + ".txt": self.text.encode(), self.stem + ".html": self.html.encode(),
                 self.stem + ".csv": self.samples().encode(), self.stem + ".json": json.dumps(self.facts).encode()}
        digest = hashlib.sha256(b"".join(files.values())).hexdigest()
        for one in self.connections:
            files[one["graph"]] = picture()
        for name, octets in files.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(octets)
        return files, digest

    def put(self):
        files, digest = self.write()
        row = dict({"kind": self.kind, "week": self.week, "asn": self.asn if self.kind == "peer" else 0,
                    "exchange": self.exchange, "edition": self.edition, "name": self.name, "subject": self.subject,
                    "verdict": self.verdict, "purpose": "request", "sha256": digest,
                    "files": [{"name": name, "octets": len(octets), "sha256": hashlib.sha256(octets).hexdigest()}
                              for name, octets in files.items()],
                    "connections": [{"exchange": slug, "verdict": self.verdict, "asks": True}
                                    for slug in sorted({c["exchange"] for c in self.connections})]}, **self.row)
        self.id = put(self.place, row)
        return self

    def token(self, days=30, scope=b"peering@peer.example", purpose=2, key=KEY):
        return signed(key, self.id, int(time.time() + days * 86400), scope, purpose)


def put(place, row):
    done = subprocess.run([PUT_REPORT, place.state], input=json.dumps(row) + "\n", stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def make_key(place):
    path = os.path.join(place.state, "link.key")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(KEY.hex() + "\n")
