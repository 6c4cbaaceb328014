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
from test_port_move import KILLER

NEW = "demo-fra/edge2/Ethernet3"               # nothing of it is known before FULL moves there
FULL, FLASH = "demo-fra/edge1/xe-0/0/0", "demo-fra/edge2/Ethernet1"     # AS64500 and AS64501: one network
PAIR = ["demo-nyc/edge1/HundredGigE0/1/0/0", "demo-nyc/edge2/xe-0/0/2"]  # both AS65546's, which is in London, too
CONTRACT, SHARED, RESELLER = "demo-nyc/edge2/xe-0/0/0", "demo-lon/edge1/Ethernet1", "demo-fra/edge1/ge-0/0/3"
GAP = "demo-nyc/edge1/HundredGigE0/1/0/1"      # AS65548's; two days of the week come in later
BLOCKS = {
    CONTRACT: 'contracted = "5G"   circuit = "CIRCUIT-OF-A-CONTRACT"',
    SHARED: 'kind = "shared"   asn = 64500   circuit = "CIRCUIT-OF-A-SHARED-PORT"',
    RESELLER: 'kind = "reseller"',
    NEW: 'asn = 64500   peer = "ExampleNet"   kind = "core"   circuit = "CIRCUIT-OF-A-SHARED-PORT"',
    PAIR[1]: 'asn = 65546   peer = "Underhill Storage"',
    "demo-lon/edge2/TenGigE0/0/0/0": 'asn = 65546   peer = "Underhill Storage"',
}
GROUP = '\npeer "64500" { name = "ExampleNet"   also = { 64501 } }\n'


def file_of(port):
    """As `backfill --all` takes it."""
    return port.replace("/", "__", 2).replace("/", "%2F") + ".csv"


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
        self.week = json.loads(self.must("report", "--format", "json"))["week"]
        self.monday = datetime.date.fromisocalendar(int(self.week[:4]), int(self.week[6:]), 1)
        folder = os.path.join(self.place.path, "history")
        os.mkdir(folder)
        self.sim.ask("history", "--all", "--dir", folder, "--from", "now-35d", "--to", "now", "--step", "300")
        self.leave_a_gap(os.path.join(folder, file_of(GAP)))
        shutil.move(os.path.join(folder, file_of(NEW)), os.path.join(self.place.path, "new.csv"))
        self.must("backfill", "--all", folder)

    def leave_a_gap(self, name):
        """Tuesday and Wednesday of the week go into a file of their own."""
        begin = int(time.mktime((self.monday + datetime.timedelta(1)).timetuple())) // 86400 * 86400
        with open(name, encoding="utf-8") as file:
            head, *lines = file.readlines()
        at = head.strip().split(",").index("time_utc_sec")
        late = [line for line in lines if begin < int(line.split(",")[at]) <= begin + 2 * 86400]
        self.gap = self.place.file("gap.csv", head + "".join(late))
        with open(name, "w", encoding="utf-8") as file:
            file.write(head + "".join(line for line in lines if line not in set(late)))

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
        world.declare()
        shutil.copytree(place.state, place.state + ".before")
        world.must("report", "--send")
        shutil.copytree(place.state, place.state + ".kept")
        yield world
    finally:
        place.end_all()


@pytest.fixture
def changed(world):
    """The same, for a test that changes what is there."""
    yield world
    come_back(world, ".kept")


def come_back(world, to):
    shutil.rmtree(world.place.state)
    shutil.copytree(world.place.state + to, world.place.state)


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


def source_of(world, port, capacity):
    """As the capacity ledger has it; the contract where that is what limits."""
    if capacity is None:
        return "unknown"
    if limit_of(world, port):
        return "contract"
    return world.ledger("SELECT source FROM capacity WHERE port_id = ? ORDER BY from_utc_sec DESC", port)[0][0]


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
    windows = [world.window] if world.window and world.id(FULL) in ids else []
    spans = [(expected.utc(window["from"]), expected.utc(window["to"])) for window in windows]
    want = {direction: expected_side(world, connection, told, direction, rows, spans, shares, trusted)
            for direction in ("out", "in")}
    capacities = [last_capacity(of, limit_of(world, port)) for port, of in zip(ids, rows_of_ports)]
    physical = [last_capacity(of, None) for of in rows_of_ports]
    limited = any(limit_of(world, port) for port in ids)
    ports = [{"id": port, "agent": ANY, "interface": ANY,
              "circuit": "CIRCUIT-OF-A-CONTRACT" if limit_of(world, port) else "",
              "capacity_bps": capacity, "capacity_source": source_of(world, port, capacity), "down_minutes": ANY,
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
    check_letters(world, [stem for stem in world.kept(world.week) if re.fullmatch(r"AS\d+", stem)][::3] + [
        "AS64500", "AS65546", "AS65547", "AS65548", "AS64504"])      # each of them: tests/soak


def check_letters(world, stems):
    """Whose traffic they tell of."""
    seen = set()
    for stem in sorted(set(stems)):
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
    assert {"evening-full", "flash-days", "contract"} <= seen
    return seen


def test_what_would_have_held_is_what_the_advice_of_that_monday_says(world):
    told_of = 0
    for stem in [name for name in world.kept(world.week) if re.fullmatch(r"AS\d+", name)]:
        for connection in world.facts(world.week, stem)["connections"]:
            if "routine" not in [side["verdict"] for side in connection["directions"].values()]:
                continue
            after = expected.text_of(expected.utc(connection["to"]) + 300)
            advice = json.loads(world.must("replay", connection_name(world, connection), "--profile", "proof", "--until",
                                           after, "--format", "json"))["advice"]
            sizes = [a["next_capacity_bps"] for a in advice.values() if a["next_capacity_bps"]]
            assert sizes and connection["advice"]["size"]["capacity_bps"] == max(sizes), (stem, advice)
            told_of += 1
    assert told_of >= 2


# --- what leaves the house ---

def test_no_file_names_what_is_not_that_partys(world):
    shared, contract = world.id(SHARED), world.id(CONTRACT)
    for name, octets in world.octets(world.week).items():
        assert b"CIRCUIT-OF-A-SHARED-PORT" not in octets, name
        assert (b"CIRCUIT-OF-A-CONTRACT" in octets) == (name in ("AS65547.json",)) or name.startswith("AS65547."), name
        if name.endswith(".json"):
            facts = json.loads(octets)
            ports = [port["id"] for c in facts["connections"] for port in c["ports"]]
            assert shared not in ports, name
            assert facts["kind"] == "peer" or not any(c["contracted_bps"] or c["contract_kind"] or "days" in side
                                                      for c in facts["connections"]
                                                      for side in c["directions"].values()), name
            assert facts["kind"] != "peer" or contract not in ports or name == "AS65547.json"
        if name.endswith(".csv"):
            assert not re.search(rb"^%d," % shared, octets, re.M), name


def test_what_the_configuration_keeps_in_the_house_now_is_in_no_letter(changed):
    """Also before the ledger knows of it, and the ledger knows after the next start."""
    world, kept = changed, changed.text
    come_back(world, ".before")
    try:
        world.claim(GAP, 'kind = "shared"')
        done = world.run("report", "--send", "--peer", "65548")
        assert done.returncode == 1 and "no port of kind member, pni or reseller" in done.stderr
        assert world.ledger("SELECT kind FROM port WHERE id = ?", world.id(GAP)) == [("member",)]
        world.must("collect", "--once")
        assert world.ledger("SELECT kind FROM port WHERE id = ?", world.id(GAP)) == [("shared",)]
    finally:
        world.text = kept
        world.write()


def test_one_network_with_several_as_numbers_has_one_letter(world):
    facts = world.facts(world.week, "AS64500")
    assert facts["peer"] == {"name": "ExampleNet", "asns": [64500, 64501]}
    assert sorted((c["exchange"], c["asn"]) for c in facts["connections"]) == [("demo-fra", 64500), ("demo-fra", 64501)]
    assert "AS64501" not in world.kept(world.week)
    graphs = [c["graph"] for c in facts["connections"]]
    assert sorted(graphs) == ["AS64500-demo-fra-AS64501.png", "AS64500-demo-fra.png"]
    for graph in graphs:
        with open(os.path.join(world.folder(world.week), graph), "rb") as file:
            assert file.read(8) == b"\x89PNG\r\n\x1a\n"


def test_two_ports_are_one_connection_and_uneven_load_is_told(world):
    facts = world.facts(world.week, "AS65546")
    there = {c["exchange"]: c for c in facts["connections"]}
    assert set(there) == {"demo-nyc", "demo-lon"}
    both = there["demo-nyc"]
    assert {port["id"] for port in both["ports"]} == {world.id(port) for port in PAIR}
    full, free = sorted(both["ports"], key=lambda port: -port["directions"]["out"]["p95_utilisation"])
    assert both["uneven"] == {
        "direction": "out", "port": full["interface"], "other": free["interface"],
        "port_p95_utilisation": full["directions"]["out"]["p95_utilisation"],
        "other_p95_utilisation": free["directions"]["out"]["p95_utilisation"]}
    assert [port["interface"] for port in both["advice"]["free_port"]] == [free["interface"]]
    assert there["demo-lon"]["timezone"] == "Europe/London" and both["timezone"] == "America/New_York"
    assert expected.utc(both["from"]) - expected.utc(there["demo-lon"]["from"]) in (4 * 3600, 5 * 3600)
    check_rooms(world, both, there["demo-lon"])


def check_rooms(world, full, other):
    """What was free elsewhere in the hours of congestion: the least of it, by both connections' own samples."""
    samples = expected.samples_of(world.read(world.week, "AS65546.csv"))
    free = {row["time_utc_sec"] - 300: row for row in expected.summed(
        [samples[port["id"]] for port in other["ports"]], [None] * len(other["ports"]))}
    spans = [(direction, expected.utc(e["start"]), expected.utc(e["end"])) for direction, side in full["directions"].items()
             for e in side["episodes"] if e["kind"] == "sustained"]
    assert spans
    least = min(free[at]["capacity"] - expected.wire_bps(free[at][direction + "_bps"], free[at][direction + "_pps"])[0]
                for direction, start, end in spans for at in range(start, end, 300) if at in free)
    room, = full["advice"]["other_exchanges"]
    assert room["exchange"] == other["exchange"] and room["headroom_bps"] == pytest.approx(least)
    hours = [int(expected.local(at, full["timezone"])[11:13]) for _, start, end in spans for at in range(start, end, 300)]
    assert room["at_local"] == "%02d:00-%02d:00" % (min(hours), (max(hours) + 1) % 24)


def test_a_hole_is_told_and_no_figure_is_made_of_it(world):
    connection, = world.facts(world.week, "AS65548")["connections"]
    hole, = connection["unknown"]
    assert expected.utc(hole["to"]) - expected.utc(hole["from"]) == 2 * 86400 and "could not be read" in hole["why"]
    out = connection["directions"]["out"]
    assert out["known_share"] == pytest.approx(1 - 48 / connection["hours"])
    assert [day["state"] for day in out["days"][-6:-5]] == ["unknown"]


# --- made once ---

def test_what_is_kept_is_made_again_of_its_facts_alone(world):
    assert "the same octets" in world.must("report", "--remake", "--week", world.week)
    before = world.octets(world.week)
    world.must("report", "--send", "--week", world.week)
    assert world.octets(world.week) == before
    assert world.must("report", "--peer", "AS64501", "--week", world.week).encode() == before["AS64500.txt"]
    assert json.loads(world.must("report", "--peer", "64500", "--format", "json")) == json.loads(before["AS64500.json"])
    for name in before:
        status = os.stat(os.path.join(world.folder(world.week), name))
        assert status.st_mode & 0o777 == 0o640, name


@pytest.mark.parametrize("name,old,new,says", [
    ("AS64500.txt", b"capacity", b"capacitY", "AS64500.txt: is not what its facts make: octet"),
    ("AS64500.html", b"</p>", b"<!-- --></p>", "AS64500.html: is not"),
    ("AS64500.json", b'"name":"ExampleNet"', b'"name":"ExampleNot"', "AS64500.txt: is not"),
    ("AS64500.csv", b"port,", b"Port,", "AS64500.csv: does not begin"),
])
def test_a_kept_file_that_was_changed_is_named(changed, name, old, new, says):
    world, path = changed, os.path.join(changed.folder(changed.week), name)
    with open(path, "rb") as file:
        octets = file.read()
    assert old in octets
    with open(path, "wb") as file:
        file.write(octets.replace(old, new, 1))
    done = world.run("report", "--remake", "--week", world.week)
    assert done.returncode == 1 and says in done.stderr, done.stderr


def test_the_same_octets_after_400_days_more(changed):
    world, before = changed, changed.octets(changed.week)
    later = ["faketime", "-f", "+400d", house.IXWATCH]
    end = (int(time.time()) + 400 * 86400) // 3600 * 3600
    rows = "".join("%d,%d,%d,1e10\n" % (at, 1e9, 2e9 + at % 7 * 1e8) for at in range(end - 400 * 86400, end - 7200, 3600))
    name = world.place.file("later.csv", "time_utc_sec,in_bps,out_bps,capacity_bps\n" + rows)

    def run(*arguments):
        done = subprocess.run([*later, *arguments, "-c", world.config], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout
    run("backfill", FULL, "--csv", name)
    told = json.loads(run("replay", FULL, "--format", "json"))
    assert expected.utc(told["samples_from"]) > expected.utc(world.facts(world.week, "AS64500")["connections"][0]["to"]), \
        "the week's samples are gone but for the letter's own"
    run("report", "--remake", "--week", world.week)
    assert run("report", "--peer", "64500", "--week", world.week).encode() == before["AS64500.txt"]
    assert world.octets(world.week) == before


def test_weeks_that_are_no_closed_ones_are_refused_in_words(world):
    today = datetime.date.today().isocalendar()
    done = world.run("report", "--week", "%d-W%02d" % (today[0], today[1]), "--send")
    assert done.returncode == 1 and "is not closed" in done.stderr
    for wrong in ("2026-W60", "2026-47", "last", "2026-W4x"):
        done = world.run("report", "--week", wrong)
        assert done.returncode == 2 and "an ISO week like 2026-W47" in done.stderr, wrong
    done = world.run("report", "--peer", "65099")
    assert done.returncode == 1 and "AS65099" in done.stderr


def test_letters_are_written_as_files(world, tmp_path):
    out = str(tmp_path / "letters")
    world.must("report", "--out", out, "--week", world.week)
    written = {}
    for name in os.listdir(out):
        with open(os.path.join(out, name), "rb") as file:
            written[name] = file.read()
    assert written == world.octets(world.week)


# --- corrections ---

def test_history_that_comes_later_is_a_correction_that_says_what_was_wrong(changed):
    world, before = changed, changed.octets(changed.week)
    world.must("report", "--close", "--week", world.week)
    assert world.octets(world.week) == before, "nothing came, nothing is corrected"
    world.must("backfill", GAP, "--csv", world.gap)
    world.must("report", "--close", "--week", world.week)
    after = world.octets(world.week)
    assert {name: after[name] for name in before} == before, "what was told stays as it was told"
    made = sorted({name.split("-r2")[0] for name in set(after) - set(before)})
    assert made == ["AS65548", "exchange-demo-nyc", "overview"]
    facts = world.facts(world.week, "AS65548-r2")
    connection, = facts["connections"]
    assert facts["edition"] == 2 and connection["unknown"] == []
    assert "time known was given as 71.4% and is 100.0%" in facts["corrects"]
    assert "samples of demo-nyc HundredGigE0/1/0/1 that were missing came in on " in facts["corrects"]
    assert world.ledger("SELECT edition, asn FROM report WHERE kind = 'peer' AND edition > 1") == [(2, 65548)]
    world.must("report", "--close", "--week", world.week)
    world.must("report", "--remake", "--week", world.week)
    assert world.octets(world.week) == after, "once"


# --- killed at any instant ---

@pytest.fixture(scope="module")
def killer(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("killer"))
    source, made = os.path.join(folder, "killer.c"), os.path.join(folder, "killer.so")
    with open(source, "w", encoding="ascii") as file:
        file.write(KILLER + """
WRAP(int, renameat2, (int a, const char *b, int c, const char *d, unsigned e), (a, b, c, d, e))
WRAP(int, mkdirat, (int a, const char *b, unsigned c), (a, b, c))
WRAP(int, unlinkat, (int a, const char *b, int c), (a, b, c))
""")
    subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-o", made, source, "-ldl"], check=True)
    return made


def check_whole(world):
    """No half letter under its name: what has its facts has all, and is what they make."""
    for stem in world.kept(world.week):
        names = set(os.listdir(world.folder(world.week)))
        assert {stem + end for end in (".txt", ".html", ".csv", ".json")} <= names, stem
        for connection in world.facts(world.week, stem)["connections"]:
            assert connection["graph"] is None or connection["graph"] in names
    if world.kept(world.week):
        world.must("report", "--remake", "--week", world.week)


def kill_each(world, killer, numbers):
    """How often it was killed; after each kill nothing is half, and the next run completes it."""
    kills = 0
    for number in numbers:
        come_back(world, ".before")
        done = world.run("report", "--send", "--peer", "65547", environment={"LD_PRELOAD": killer, "KILL_AT": str(number)})
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        kills += 1
        check_whole(world)
        world.must("report", "--send", "--peer", "65547")
        assert world.ledger("SELECT edition, asn FROM report") == [(1, 65547)]
        assert world.kept(world.week) == ["AS65547"] and not glob.glob(world.folder(world.week) + "/.tmp*")
        check_whole(world)
    return kills


def test_a_kill_leaves_no_half_letter_and_the_next_completes_it(changed, killer):
    assert kill_each(changed, killer, range(1, 1000, 19)) >= 2      # each of them: tests/soak


# --- what was said of a port when it was another's ---

def ledger_change(world, *statements):
    with sqlite3.connect("%s/ixwatch.db" % world.place.state) as db:
        for sql, *values in statements:
            assert db.execute(sql, values).rowcount > 0, sql


def test_what_was_declared_for_a_port_of_a_former_peer_is_in_no_letter_of_the_connection(changed):
    """One of the two ports of a connection was another network's until Wednesday."""
    world, port = changed, changed.id(PAIR[1])
    come_back(world, ".before")
    begin, handed = (expected.utc((world.monday + datetime.timedelta(n)).isoformat() + "T11:00:00Z") for n in (0, 2))
    ledger_change(
        world, ("UPDATE port_history SET from_utc_sec = ? WHERE port_id = ? AND to_utc_sec IS NULL", handed, port),
        ("INSERT INTO peer VALUES (64999, 'Former Networks')",),
        ("INSERT INTO port_history (port_id, from_utc_sec, to_utc_sec, alias, peer, asn, kind) VALUES (?, 0, ?, '', 'Former Networks',"
         " 64999, 'member')", port, handed),
        ("UPDATE connection_member SET from_utc_sec = ? WHERE port_id = ?", handed, port))
    for at, words in ((begin + 3600, "THEN-SAID-OF-THE-PORT"), (handed + 3600, "NOW-SAID-OF-THE-PORT"),
                      (handed - 3600, "SAID-ACROSS-THE-HANDOVER")):
        world.must("declare", "add", "--scope", "port:" + PAIR[1], "--from", expected.text_of(at), "--to", expected.text_of(at + 7200),
                   "--cause", "works", "--reason", words)
    world.must("declare", "add", "--scope", "port:" + PAIR[0], "--from", expected.text_of(begin + 3600), "--to",
               expected.text_of(begin + 7200), "--cause", "works", "--reason", "SAID-OF-THE-OTHER-PORT")
    world.must("report", "--send", "--peer", "65546")
    both, = [c for c in world.facts(world.week, "AS65546")["connections"] if c["exchange"] == "demo-nyc"]
    assert {port["id"] for port in both["ports"]} == {world.id(name) for name in PAIR}
    told = {window["reason"] for window in both["windows"]}
    assert told == {"NOW-SAID-OF-THE-PORT", "SAID-ACROSS-THE-HANDOVER", "SAID-OF-THE-OTHER-PORT"}
    for name, octets in world.octets(world.week).items():
        assert b"THEN-SAID" not in octets and b"Former Networks" not in octets and b"AS64999" not in octets, name
    for row in expected.samples_of(world.read(world.week, "AS65546.csv"))[port]:
        assert (row["out_bps"] is None) == (row["time_utc_sec"] <= handed), row


# --- several processes ---

def helpers_of(pid):
    """Its children, once it has some; none when it ended without."""
    def ask():
        try:
            with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
                return [int(word) for word in file.read().split()] or os.waitid(
                    os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) and [0]
        except FileNotFoundError:
            return [0]
    return [child for child in house.wait_until("helpers", ask, every_sec=0.001) if child]


def run_with_helpers(world, strike):
    """(status, how many it had); strike(pid, helpers) once they work."""
    come_back(world, ".before")
    with subprocess.Popen([house.IXWATCH, "report", "--send", "-c", world.config], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as run:
        helpers = helpers_of(run.pid)
        if helpers:
            strike(run.pid, helpers)
        return run.wait(120), helpers


def is_gone(pid):
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_helper_that_dies_costs_no_letter(changed):
    world, kept = changed, changed.octets(changed.week)
    status, helpers = run_with_helpers(world, lambda pid, helpers: os.kill(helpers[0], signal.SIGKILL))
    if not helpers:
        pytest.skip("one processor makes them alone")
    assert status == 0 and world.kept(world.week) == sorted(name[:-5] for name in kept if name.endswith(".json"))
    after = world.octets(world.week)
    assert {name: after[name] for name in after if name.endswith(".csv")} == {
        name: kept[name] for name in kept if name.endswith(".csv")}
    assert set(after) == set(kept), "and nothing else lies there"
    assert {count for *_, count in world.ledger("SELECT kind, asn, exchange_id, count(*) FROM report GROUP BY 1, 2, 3")} == {1}
    world.must("report", "--remake", "--week", world.week)


def test_helpers_end_with_whom_they_help(changed):
    world = changed
    status, helpers = run_with_helpers(world, lambda pid, helpers: os.kill(pid, signal.SIGKILL))
    if not helpers:
        pytest.skip("one processor makes them alone")
    assert status == -signal.SIGKILL
    house.wait_until("the helpers' end", lambda: all(is_gone(pid) for pid in helpers))
    world.must("report", "--send")
    check_whole(world)
    assert not glob.glob(world.folder(world.week) + "/.tmp*")
    assert len(world.ledger("SELECT id FROM report")) == len(world.kept(world.week)) > 20


def test_a_port_that_moved_is_told_with_its_whole_past(changed):
    """Re-patched in the middle of the week: what stood on the old port stands on the new one, once."""
    world, new = changed, NEW
    come_back(world, ".before")
    kept, at = world.text, expected.utc((world.monday + datetime.timedelta(3)).isoformat() + "T12:00:00Z")
    try:
        world.claim(new, 'asn = 64500   peer = "ExampleNet"   kind = "member"')
        world.must("collect", "--once")
        with open(os.path.join(world.place.path, "new.csv"), encoding="utf-8") as file:
            head, *lines = file.readlines()
        column = head.strip().split(",").index("time_utc_sec")
        after = [line for line in lines if int(line.split(",")[column]) > at]
        world.must("backfill", new, "--csv", world.place.file("after.csv", head + "".join(after)))
        world.must("port", "move", FULL, new, "--at", str(at))
        world.must("report", "--send", "--peer", "64500")
        connection, = [c for c in world.facts(world.week, "AS64500")["connections"] if c["asn"] == 64500]
        assert [port["id"] for port in connection["ports"]] == [world.id(new)]
        told = json.loads(world.must("replay", "demo-fra/AS64500", "--profile", "proof", "--until", connection["to"],
                                     "--format", "json"))
        for direction, side in connection["directions"].items():
            want = told["directions"][direction]
            assert (side["verdict"], side["verdict_reason"]) == (want["verdict"], want["reason"]), direction
            days = {day["date"]: day for day in want["days"]}
            for day in side["days"]:
                if day["date"] in days:
                    assert day["congested_minutes"] == days[day["date"]]["congested_minutes"], day["date"]
        assert connection["directions"]["out"]["known_share"] > 0.99
        assert connection["directions"]["out"]["days"][-8]["congested_minutes"] > 60, "before it moved"
        rows = expected.samples_of(world.read(world.week, "AS64500.csv"))
        assert world.id(FULL) not in rows
        assert not any(row["out_bps"] is None for row in rows[world.id(new)] if row["time_utc_sec"] < at)
    finally:
        world.text = kept
        world.write()
