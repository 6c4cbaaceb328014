"""`ixwatch report`: the letters of a closed week, from history that the simulated exchanges laid."""
import csv
import datetime
import glob
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest

import house
import report_expected as expected
from test_port_move import killer  # noqa: F401, a fixture

FULL, FLASH = "demo-fra/edge1/xe-0/0/0", "demo-fra/edge2/Ethernet1"     # AS64500 and AS64501: one network
PAIR = ["demo-nyc/edge1/HundredGigE0/1/0/0", "demo-nyc/edge2/xe-0/0/2"]  # both AS65546's, which is in London, too
CONTRACT, SHARED, RESELLER = "demo-nyc/edge2/xe-0/0/0", "demo-lon/edge1/Ethernet1", "demo-fra/edge1/ge-0/0/3"
BLOCKS = {
    CONTRACT: 'contracted = "5G"   circuit = "CIRCUIT-OF-A-CONTRACT"',
    SHARED: 'kind = "shared"   asn = 64500   circuit = "CIRCUIT-OF-A-SHARED-PORT"',
    RESELLER: 'kind = "reseller"',
    PAIR[1]: 'asn = 65546   peer = "Underhill Storage"',
    "demo-lon/edge2/TenGigE0/0/0/0": 'asn = 65546   peer = "Underhill Storage"',
}
GROUP = '\npeer "64500" { name = "ExampleNet"   also = { 64501 } }\n'


class World:
    """24 ports at three exchanges with five weeks behind them; no collector runs."""

    def __init__(self, place, *options):
        self.place = place
        self.sim = house.Sim(place, "--ports", "24")
        self.config = self.sim.config(place, "2s", *options)
        self.ports = {"%(exchange)s/%(agent)s/%(ifName)s" % port: port for port in self.sim.ports()}
        with open(self.config, encoding="utf-8") as file:
            self.text = file.read()

    def lay(self):
        self.must("collect", "--once")
        folder = os.path.join(self.place.path, "history")
        os.mkdir(folder)
        self.sim.ask("history", "--all", "--dir", folder, "--from", "now-35d", "--to", "now", "--step", "300")
        self.must("backfill", "--all", folder)

    def declare(self):
        """Half an evening of the full port's week was said to be works."""
        self.window = {"from": (self.monday + datetime.timedelta(1)).isoformat() + "T17:00:00Z",
                       "to": (self.monday + datetime.timedelta(2)).isoformat() + "T02:00:00Z",
                       "cause": "works", "reason": "a card is <changed> & tested"}
        self.must("declare", "add", "--scope", "port:" + FULL, "--from", self.window["from"], "--to", self.window["to"],
                  "--cause", self.window["cause"], "--reason", self.window["reason"])

    def claim(self, port, block):
        """A port's block, beside what the file has of it."""
        exchange, name = port.split("/", 1)
        old = r'\tport "%s" \{[^}]*\}\n' % re.escape(name)
        head, tail = re.split(r"(?=\nexchange %s \{\n)" % exchange, self.text)
        begin, rest = tail.split("{\n", 1)
        here, *others = re.split(r"(?=\nexchange )", rest, maxsplit=1)
        here = re.sub(old, "", here)
        self.text = head + begin + '{\n\tport "%s" { %s }\n' % (name, block) + here + "".join(others)
        self.write()

    def write(self, more=""):
        self.place.file(os.path.basename(self.config), self.text + more)

    def run(self, *arguments, **more):
        return self.place.run(*arguments, "-c", self.config, timeout_sec=120, **more)

    def must(self, *arguments, **more):
        done = self.run(*arguments, **more)
        assert done.returncode == 0, (arguments, done.stdout[-2000:], done.stderr[-3000:])
        return done.stdout

    def of(self, profile):
        return [name for name, port in self.ports.items() if port["profile"] == profile]

    def ledger(self, sql, *values):
        with sqlite3.connect("file:%s/ixwatch.db?mode=ro" % self.place.state, uri=True) as db:
            return db.execute(sql, values).fetchall()

    def id(self, port):
        return self.ledger("SELECT port.id FROM port JOIN agent ON agent.id = agent_id JOIN exchange ON exchange.id ="
                           " exchange_id WHERE slug || '/' || agent.name || '/' || interface = ?", port)[0][0]

    def folder(self, week):
        return os.path.join(self.place.state, "reports", week)

    def kept(self, week):
        return sorted(os.path.basename(name)[:-5] for name in glob.glob(self.folder(week) + "/*.json"))

    def read(self, week, name):
        with open(os.path.join(self.folder(week), name), encoding="utf-8") as file:
            return file.read()

    def facts(self, week, stem):
        return json.loads(self.read(week, stem + ".json"))

    def octets(self, week):
        found = {}
        for name in os.listdir(self.folder(week)):
            with open(os.path.join(self.folder(week), name), "rb") as file:
                found[name] = file.read()
        return found


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    place = house.Place(str(tmp_path_factory.mktemp("report")))
    try:
        world = World(place)
        for port, block in BLOCKS.items():
            world.claim(port, block)
        world.text += GROUP
        world.write()
        world.lay()
        world.week = json.loads(world.must("report", "--format", "json"))["week"]
        world.monday = datetime.date.fromisocalendar(int(world.week[:4]), int(world.week[6:]), 1)
        world.declare()
        world.must("report", "--send")
        yield world
    finally:
        place.end_all()


# --- every figure has a source, and is it ---

def same(got, want, path=""):
    """Alike in every member, numbers but for rounding; a member that only one has is a difference."""
    if isinstance(want, dict):
        assert isinstance(got, dict) and set(got) == set(want), (path, set(got) ^ set(want))
        for key in want:
            same(got[key], want[key], path + "/" + key)
    elif isinstance(want, list):
        assert len(got) == len(want), (path, len(got), len(want))
        for n, pair in enumerate(zip(got, want)):
            same(*pair, "%s[%d]" % (path, n))
    elif isinstance(want, float) and not isinstance(got, str) and got is not None:
        assert got == pytest.approx(want, rel=1e-9), path
    elif want is not ANY:
        assert got == want, path


ANY = object()  # words, or checked by a test of their own


def expected_side(world, connection, told, direction, rows, windows, shares, trusted):
    side = told["directions"][direction]
    zone, monday = connection["timezone"], datetime.date.fromisoformat(connection["from"][:10])
    begin, end = expected.utc(connection["from"]), expected.utc(connection["to"])
    before = [day for day in side["days"] if day["date"] < monday.isoformat()]
    dates = [monday + datetime.timedelta(n + 7 - expected.DAYS) for n in range(expected.DAYS)]
    days = [expected.day_of(side, date, zone, windows, shares[direction]) for date in dates]
    figures = expected.figures(rows, direction, trusted)
    return dict(
        figures, verdict=side["verdict"], verdict_since=side["verdict_since"], verdict_reason=side["reason"],
        stale_verdict=side["stale_verdict"], stale_since=side["stale_since"],
        declared_days_28=sum(day["state"] == "declared" for day in side["days"][-28:]),
        last_week=expected.last_week(shares[direction], begin, before[-1]["verdict"]) if before else None,
        days=[dict(day, withdrawn=False if day["state"] != "congested" else ANY) for day in days],
        episodes=[dict(episode, excuse_reason=ANY if episode["excuse"] else None, open=False) for episode in
                  expected.episodes_of(side, begin, end, zone, rows, trusted, direction == "out")])


def connection_name(world, connection):
    """As `replay` takes it."""
    if len(connection["ports"]) == 1:
        return str(connection["ports"][0]["id"])
    return "%(exchange)s/AS%(asn)d" % connection


def limit_of(world, port):
    return 5e9 if port == world.id(CONTRACT) else None


def shares_of(world, connection):
    """{direction: {start: utilisation}} over four weeks, from the API's series' own door: the ports' RRD files."""
    begin = expected.utc(connection["from"]) - 22 * 86400
    end = expected.utc(connection["to"])
    ports = []
    for port in connection["ports"]:
        path, = world.ledger("SELECT path FROM port WHERE id = ?", port["id"])[0]
        done = subprocess.run(["rrdtool", "fetch", os.path.join(world.place.state, path), "AVERAGE", "-r", "300", "-s",
                               str(begin // 300 * 300), "-e", str(end)], stdout=subprocess.PIPE, text=True, check=True)
        head, _, *lines = done.stdout.splitlines()
        names = head.split()
        rows = {}
        for line in lines:
            at, values = line.split(":", 1)
            values = [None if "nan" in value else float(value) for value in values.split()]
            row = dict(zip(names, values), time_utc_sec=int(at))
            row["out_discards_pps"] = row["out_discards"]
            rows[int(at)] = row
        ports.append(rows)
    times = sorted(set.intersection(*(set(rows) for rows in ports)))
    whole = expected.summed([[rows[at] for at in times] for rows in ports],
                            [limit_of(world, port["id"]) for port in connection["ports"]])
    found = {}
    for direction in ("in", "out"):
        found[direction] = {}
        for row in whole:
            wire, _ = expected.wire_bps(row[direction + "_bps"], row[direction + "_pps"])
            found[direction][row["time_utc_sec"] - 300] = \
                None if wire is None or not row["capacity"] else wire / row["capacity"]
    return found


def last_capacity(rows, limit):
    known = [row["capacity_bps"] for row in rows if row["capacity_bps"]]
    return min(known[-1], limit or known[-1]) if known else None


def total(values):
    return None if None in values else sum(values)


def check_connection(world, connection, samples):
    name = connection_name(world, connection)
    told = json.loads(world.must("replay", name, "--profile", "proof", "--until", connection["to"], "--format", "json"))
    ids = [port["id"] for port in connection["ports"]]
    rows_of_ports = [samples[port] for port in ids]
    rows = expected.summed(rows_of_ports, [limit_of(world, port) for port in ids])
    shares = shares_of(world, connection)
    assert [row["time_utc_sec"] for row in rows] == list(range(
        expected.utc(connection["from"]) + 300, expected.utc(connection["to"]) + 1, 300)), name
    trusted = True      # the simulated agents' are
    windows = [world.window] if world.id(FULL) in ids else []
    spans = [(expected.utc(window["from"]), expected.utc(window["to"])) for window in windows]
    want = {direction: expected_side(world, connection, told, direction, rows, spans, shares, trusted)
            for direction in ("out", "in")}
    capacities = [last_capacity(of, limit_of(world, port)) for port, of in zip(ids, rows_of_ports)]
    physical = [last_capacity(of, None) for of in rows_of_ports]
    limited = any(limit_of(world, port) for port in ids)
    ports = [{"id": port, "agent": ANY, "interface": ANY,
              "circuit": "CIRCUIT-OF-A-CONTRACT" if limit_of(world, port) else "",
              "capacity_bps": capacity, "capacity_source": ANY, "down_minutes": ANY,
              "directions": {direction: expected.figures(expected.summed([of], [limit_of(world, port)]), direction, trusted)
                             for direction in ("out", "in")}}
             for port, of, capacity in zip(ids, rows_of_ports, capacities)]
    same(connection, {
        "exchange": ANY, "exchange_name": ANY, "timezone": told["timezone"],
        "kind": "reseller" if world.id(RESELLER) in ids else "member", "asn": ANY, "peer": ANY, "from": ANY, "to": ANY,
        "hours": (expected.utc(connection["to"]) - expected.utc(connection["from"])) // 3600,
        "capacity_bps": total(capacities), "physical_bps": total(physical),
        "contracted_bps": total(capacities) if limited else None, "contract_kind": "policed" if limited else None,
        "capacity_source": ANY, "capacity_steps": ANY, "nominal_bps": ANY, "reduced": ANY, "upgraded": ANY,
        "ports": ports, "directions": want, "uneven": ANY, "windows": windows, "unknown": ANY,
        "advice": {"free_port": ANY, "other_exchanges": ANY, "size": ANY}, "order": None, "case": None, "policy": "",
        "graph": ANY}, name)
    assert told["verdict"] == min((want[d]["verdict"] for d in want), key=VERDICTS.index)


VERDICTS = ["routine", "recurring", "insufficient data", "none"]


def test_every_figure_is_that_of_replay_and_of_the_letters_own_samples(world):
    seen = set()
    for stem in [name for name in world.kept(world.week) if re.fullmatch(r"AS\d+", name)]:
        facts = world.facts(world.week, stem)
        samples = expected.samples_of(world.read(world.week, stem + ".csv"))
        assert set(samples) == {port["id"] for c in facts["connections"] for port in c["ports"]}
        interesting = {world.ports[name]["profile"] for c in facts["connections"] for name in world.ports
                       if world.id(name) in [port["id"] for port in c["ports"]]}
        seen |= interesting
        for connection in facts["connections"]:
            check_connection(world, connection, samples)
        verdicts = [side["verdict"] for c in facts["connections"] for side in c["directions"].values()]
        assert facts["verdict"] == min(verdicts, key=VERDICTS.index)
    assert {"evening-full", "flash-days", "spikes", "contract", "lag-loss", "speedless"} <= seen
