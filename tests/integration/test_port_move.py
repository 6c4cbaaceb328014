"""`ixwatch port move`: a port that was re-patched goes on as another.

What comes of it is held against a third port, which was given the joined history outright: series, days, episodes and
verdict must be the same.  A crash at any instant leaves the state before, or one that the next start completes."""
import calendar
import csv
import hashlib
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
from test_backfill import fetch
from test_faults import Faults, memory_allowed

DAY = 86400
OLD = "demo-fra/edge1/xe-0/0/0"      # full every evening; AS64500
NEW = "demo-fra/edge2/Ethernet1"     # said to be AS64500's too
ORACLE = "demo-fra/edge2/Ethernet2"  # another peer's: of its history nothing but the samples matters
OTHER = "demo-lon/edge1/Ethernet1"   # another peer's, and stays so
COLUMNS = ["in_bps", "out_bps", "in_pps", "out_pps", "capacity_bps"]


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def write_rows(place, name, rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return place.file(name, out.getvalue())


class World:
    """OLD has 35 days of history, NEW some of the last week; no collector runs."""

    def __init__(self, place, interval="60s"):
        self.place = place
        self.sim = house.Sim(place, "--ports", "12")
        self.config = self.sim.config(place, interval)
        with open(self.config, encoding="utf-8") as file:
            self.text = file.read()
        self.claim('port "edge2/Ethernet1" { asn = 64500   peer = "ExampleNet" }')
        self.must("collect", "--once")
        self.at = int(time.time()) // 300 * 300 - 7 * DAY
        self.history()

    def claim(self, block):
        at = re.search(r"\nexchange demo-fra \{\n", self.text).end()
        self.place.file(os.path.basename(self.config), self.text[:at] + "\t" + block + "\n" + self.text[at:])

    def history(self):
        folder = os.path.join(self.place.path, "history")
        os.mkdir(folder)
        self.sim.ask("history", "--all", "--dir", folder, "--from", "now-35d", "--to", "now", "--step", "300")
        with open(os.path.join(folder, "demo-fra__edge1__xe-0%2F0%2F0.csv"), encoding="utf-8") as file:
            rows = rows_of(file.read())
        known = [row for row in rows if int(row["time_utc_sec"]) <= int(time.time()) - 600]
        after = [dict(row, out_bps=repr(float(row["out_bps"]) * 0.97) if row["out_bps"] else "")
                 for row in known if int(row["time_utc_sec"]) > self.at]
        before = [row for row in known if int(row["time_utc_sec"]) <= self.at]
        self.before_count = len([row for row in before if row["out_bps"]])
        for port, name, part in ((OLD, "old.csv", known), (NEW, "new.csv", after), (ORACLE, "oracle.csv", before + after)):
            self.must("backfill", port, "--csv", write_rows(self.place, name, part))

    def run(self, *arguments, **more):
        return self.place.run(*arguments, "-c", self.config, **more)

    def must(self, *arguments, **more):
        done = self.run(*arguments, timeout_sec=120, **more)
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout

    def move(self, *more, old=OLD, new=NEW, at=None):
        return self.run("port", "move", str(old), str(new), "--at", str(at or self.at), *more)

    def ledger(self, sql, *values):
        with sqlite3.connect("file:%s/ixwatch.db?mode=ro" % self.place.state, uri=True) as db:
            return db.execute(sql, values).fetchall()

    def id(self, port):
        return self.ledger("SELECT port.id FROM port JOIN agent ON agent.id = agent_id JOIN exchange ON exchange.id ="
                           " exchange_id WHERE slug || '/' || agent.name || '/' || interface = ?", port)[0][0]

    def file(self, port):
        exchange, agent, interface = port.split("/", 2)
        return os.path.join(self.place.state, "rrd", exchange, agent, interface.replace("/", "%2F") + ".rrd")

    def digest(self, port):
        with open(self.file(port), "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()

    def series(self, port, step, start=None):
        now = int(time.time()) // DAY * DAY
        return fetch(self.file(port), start or now - 40 * DAY, now + DAY, step, COLUMNS)

    def replay(self, name):
        return json.loads(self.must("replay", name, "--format", "json"))

    def judged(self, port):
        """What the ledger has of it, as `replay` says it."""
        port_id = self.id(port)
        found = {}
        for direction in ("in", "out"):
            verdict = self.ledger("SELECT verdict, since_day FROM verdict WHERE port_id = ? AND direction = ? AND to_utc_sec"
                                  " IS NULL AND profile = 'early'", port_id, direction)
            days = self.ledger("SELECT day, known_samples, congested_minutes, state, verdict FROM traffic_day WHERE port_id = ?"
                               " AND direction = ? AND profile = 'early' ORDER BY day", port_id, direction)
            episodes = self.ledger("SELECT start_utc_sec, end_utc_sec, kind, excuse, round(peak_utilisation, 9) FROM episode"
                                   " WHERE port_id = ? AND direction = ? AND superseded = 0 ORDER BY start_utc_sec",
                                   port_id, direction)
            found[direction] = (verdict, days, episodes)
        return found


def directions(told):
    return told["directions"]


def summary(episodes):
    return [(e["start"], e["end"], e["kind"], e["excuse"]) for e in episodes]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    """Made once; each test gets a copy of its state directory."""
    place = house.Place(str(tmp_path_factory.mktemp("move")))
    world = World(place)
    kept = place.state + ".kept"
    shutil.copytree(place.state, kept)
    yield world, kept
    place.end_all()


@pytest.fixture
def world(seeded):
    world, kept = seeded
    shutil.rmtree(world.place.state)
    shutil.copytree(kept, world.place.state)
    world.claim('port "edge2/Ethernet1" { asn = 64500   peer = "ExampleNet" }')
    yield world


def check_moved(world, verdict="routine"):
    """NEW is what the third port is, in series and judgement; nothing is left half done."""
    for step in (300, DAY):
        assert world.series(NEW, step) == world.series(ORACLE, step), step
    told, oracle = world.replay(NEW), world.replay(ORACLE)
    assert directions(told)["out"]["verdict"] == verdict
    assert directions(told) == directions(oracle)
    judged = world.judged(NEW)
    assert judged == world.judged(ORACLE)
    for direction in ("in", "out"):
        assert judged[direction][0][0][0] == directions(told)[direction]["verdict"], "ledger and replay agree"
        assert len(judged[direction][2]) == len(directions(told)[direction]["episodes"])
    assert world.ledger("SELECT old_id, new_id, at_utc_sec, done_utc_sec IS NULL FROM port_move") == [
        (world.id(OLD), world.id(NEW), world.at, 0)]
    assert world.ledger("SELECT retired FROM port WHERE id = ?", world.id(OLD)) == [(1,)]


def test_a_port_takes_its_history_and_its_verdict_along(world):
    before = world.digest(OLD)
    world.must("note", "add", "--port", OLD, "--text", "goes to the new box")
    assert directions(world.replay(NEW))["out"]["verdict"] != "routine"
    done = world.move("--reason", "re-patched to the new box")
    assert done.returncode == 0, done.stderr
    assert "%d samples" % world.before_count in done.stdout and "out routine" in done.stdout, done.stdout
    check_moved(world)
    assert "goes to the new box" in world.must("note", "list", "--port", NEW)
    assert world.digest(OLD) == before, "the old port's own file is history"
    assert [row[0] for row in world.ledger("SELECT port_id FROM audit WHERE what = 'port move' AND detail LIKE"
                                           " '%re-patched to the new box' ORDER BY port_id")] == sorted(
        [world.id(OLD), world.id(NEW)])
    assert not os.path.exists(os.path.join(world.place.state, "foreseen"))


def test_of_an_episode_over_the_instant_there_is_one(world):
    _, _, episodes = world.judged(OLD)["out"]
    start, end = [(row[0], row[1]) for row in episodes if row[2] == "sustained" and row[1] < world.at][-1]
    world.must("backfill", NEW, "--csv", write_rows(world.place, "idle.csv", [
        {"time_utc_sec": world.at, "in_bps": 0, "out_bps": 0, "capacity_bps": 10e9}]))
    # What NEW has before is nothing, so that the instant may be anywhere in OLD's past.
    middle = (start + end) // 600 * 300
    assert world.move(at=middle).returncode == 0
    spans = [row for row in world.judged(NEW)["out"][2] if row[0] <= middle < row[1]]
    assert len(spans) <= 1
    assert world.ledger("SELECT count(*) FROM episode WHERE port_id = ? AND superseded = 0 AND start_utc_sec < ?",
                        world.id(OLD), middle) == [(0,)], "none is told twice"


def test_a_dry_run_says_what_would_be_and_changes_nothing(world):
    def state():
        return ([world.ledger("SELECT * FROM %s" % table) for table in
                 ("port", "port_move", "port_past", "episode", "verdict", "traffic_day", "capacity", "audit", "connection_member")],
                world.digest(OLD), world.digest(NEW))
    before = state()
    done = world.move("--dry-run")
    assert done.returncode == 0, done.stderr
    assert "would go on as" in done.stdout and "would be: out routine" in done.stdout and "nothing was changed" in done.stdout
    assert state() == before
    assert not os.path.exists(os.path.join(world.place.state, "foreseen"))
    said = done.stdout.replace("would go on as", "goes on as").split("\n")[0]
    assert world.move().stdout.split("\n")[0] == said, "and that is what comes"


@pytest.mark.parametrize("name, arguments, status, words", [
    ("to itself", dict(new=OLD), 2, "another port"),
    ("in the future", dict(at=int(time.time()) + 3600), 2, "future"),
    ("at no time", dict(at="soon"), 2, "not a time"),
    ("of an unknown port", dict(old="demo-fra/edge1/none"), 1, "no port"),
    ("to an unknown port", dict(new=99999), 1, "no port"),
    ("to another peer's", dict(new=OTHER), 1, "AS64511"),
    ("over samples of its own", dict(at=int(time.time()) // 300 * 300 - 2 * DAY), 1, "would be hidden"),
    ("before all history", dict(at=int(time.time()) - 300 * DAY), 1, "nothing to take along"),
], ids=lambda value: value.replace(" ", "-") if isinstance(value, str) and " " in value else None)
def test_what_cannot_be_is_refused_and_changes_nothing(world, name, arguments, status, words):
    before = world.digest(NEW), world.ledger("SELECT * FROM port_move"), world.ledger("SELECT id, retired FROM port")
    for more in ([], ["--dry-run"]):
        done = world.move(*more, **arguments)
        assert done.returncode == status and words in done.stderr, (done.returncode, done.stderr)
        assert not done.stdout
    assert before == (world.digest(NEW), world.ledger("SELECT * FROM port_move"), world.ledger("SELECT id, retired FROM port"))


def test_the_hidden_samples_are_counted_and_dated(world):
    at = world.at + 10 * 300
    done = world.move(at=at)
    assert re.search(r"10 samples from %s on would be hidden" % time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(world.at)),
                     done.stderr), done.stderr


def test_a_port_moves_once_and_never_in_a_circle(world):
    assert world.move().returncode == 0
    for arguments, words in ((dict(), "moves once"), (dict(new=ORACLE), "moves once"),
                             (dict(old=NEW, new=OLD), "circle"), (dict(old=ORACLE, new=OLD), "moved to port"),
                             (dict(old=ORACLE), "cannot become one")):
        done = world.move(**arguments)
        assert done.returncode == 1 and words in done.stderr, (arguments, done.stderr)


def test_what_was_declared_of_the_old_port_holds_for_the_new_one(world):
    instant = "%Y-%m-%dT%H:%M:%SZ"
    start, end = world.at - 3 * DAY, world.at - DAY
    said = ["--from", time.strftime(instant, time.gmtime(start)), "--to", time.strftime(instant, time.gmtime(end)),
            "--cause", "works", "--reason", "the old box"]
    world.must("declare", "add", "--scope", "port:" + OLD, *said)
    world.must("declare", "add", "--scope", "port:" + ORACLE, *said)
    assert world.move().returncode == 0
    check_moved(world)
    assert [day[3] for day in world.judged(NEW)["out"][1]].count("declared") >= 1
    # Declared and withdrawn later, of the old one: it is the same past.
    window, = world.ledger("SELECT id FROM declared_window WHERE port_id = ?", world.id(OLD))[0]
    other, = world.ledger("SELECT id FROM declared_window WHERE port_id = ?", world.id(ORACLE))[0]
    for one in (window, other):
        world.must("declare", "end", str(one), "--at", time.strftime(instant, time.gmtime(start)))
    check_moved(world)
    assert [day[3] for day in world.judged(NEW)["out"][1]].count("declared") == 0


def test_windows_of_the_new_ports_agent_do_not_reach_back(world):
    instant = "%Y-%m-%dT%H:%M:%SZ"
    span = ["--from", time.strftime(instant, time.gmtime(world.at - 3 * DAY)),
            "--to", time.strftime(instant, time.gmtime(world.at - DAY)), "--cause", "works", "--reason", "r"]
    world.must("declare", "add", "--scope", "agent:demo-fra/edge2", *span)
    assert world.move().returncode == 0
    assert [day[3] for day in world.judged(NEW)["out"][1]].count("declared") == 0
    world.must("declare", "add", "--scope", "agent:demo-fra/edge1", *span)
    told = directions(world.replay(NEW))["out"]
    assert [day["state"] for day in told["days"]].count("declared") >= 1
    assert [day[3] for day in world.judged(NEW)["out"][1]].count("declared") >= 1


def test_the_capacities_of_both_are_what_it_is_judged_by(world):
    """A contract on the old port of half its speed: before the move it counts, after it not."""
    with sqlite3.connect(os.path.join(world.place.state, "ixwatch.db")) as db:
        for port, spans in ((OLD, [(world.at - 40 * DAY, 5e9)]), (NEW, [(world.at - 60, None)]),
                            (ORACLE, [(world.at - 40 * DAY, 5e9), (world.at, None)])):
            db.execute("DELETE FROM capacity WHERE port_id = ?", (world.id(port),))
            for start, contracted in spans:
                db.execute("INSERT INTO capacity VALUES (?, ?, 10e9, ?, 'interface')", (world.id(port), start, contracted))
            db.execute("DELETE FROM checkpoint WHERE port_id = ?", (world.id(port),))
    world.must("backfill", ORACLE, "--csv", os.path.join(world.place.path, "oracle.csv"))
    assert world.move().returncode == 0
    check_moved(world, "recurring")
    assert max(row[4] for row in world.judged(NEW)["out"][2] if row[0] < world.at) > 1.2


@pytest.mark.parametrize("wait_ms", [0, 10, 20, 40, 80, 160])
def test_a_port_moves_while_a_collector_starts(world, wait_ms):
    """Whoever has the lock then does it: the command before the collector, or the collector that has just begun to listen."""
    process = world.place.start("collect", [house.IXWATCH, "collect", "-c", world.config])
    time.sleep(wait_ms / 1000)
    done = world.move()
    assert done.returncode == 0, done.stderr

    def connected():
        return world.ledger("SELECT verdict FROM connection_verdict, connection WHERE connection.id = connection_id AND asn ="
                            " 64500 AND direction = 'out' AND profile = 'early' AND to_utc_sec IS NULL") == [("routine",)]
    house.wait_until("the connection's verdict", connected)
    assert process.end() == 0


def test_their_connection_counts_each_moment_once(world):
    """OLD and NEW were both the peer's for a while, so that there is a connection; NEW takes OLD's place in it."""
    process, _ = house.start_run(world.place, world.config)
    connection, = house.wait_until("a connection", lambda: world.ledger("SELECT id FROM connection WHERE asn = 64500"))[0]
    house.wait_until("its ports", lambda: world.ledger("SELECT count(*) FROM connection_member WHERE connection_id = ?",
                                                       connection) == [(2,)])
    assert world.move().returncode == 0
    assert world.ledger("SELECT port_id, from_utc_sec, to_utc_sec FROM connection_member WHERE connection_id = ? ORDER BY"
                        " from_utc_sec", connection) == [(world.id(OLD), 0, world.at), (world.id(NEW), world.at, None)]

    def verdict():
        return world.ledger("SELECT verdict FROM connection_verdict WHERE connection_id = ? AND direction = 'out' AND"
                            " profile = 'early' AND to_utc_sec IS NULL", connection) == [("routine",)]
    house.wait_until("the connection's verdict", verdict)
    assert process.end() == 0
    told, port = directions(world.replay("demo-fra/AS64500"))["out"], directions(world.replay(NEW))["out"]
    assert told["verdict"] == "routine"
    closed = [e for e in summary(port["episodes"]) if e[1] < time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - DAY))]
    assert len(closed) > 20 and closed == summary(told["episodes"])[:len(closed)], "both were never summed"


# --- beside a running collector ---

def slots(world, port, start, step):
    return fetch(world.file(port), start, int(time.time()), step, ["out_bps"])


def test_the_collector_goes_on_with_the_next_slot(tmp_path):
    place = house.Place(str(tmp_path))
    try:
        live(place)
    except BaseException:
        place.show_logs()
        raise
    finally:
        place.end_all()
    place.check_sanitizers()


def live(place):
    world = World(place, "2s")
    process, http = house.start_run(place, world.config)
    new, old = world.id(NEW), world.id(OLD)

    def sampled():
        return {port["id"]: port for port in http.ports()}.get(new, {}).get("sampled_at")

    def sampled_after(instant):
        house.wait_until("later samples", lambda: (sampled() or "") > time.strftime(
            "%Y-%m-%dT%H:%M:%SZ", time.gmtime(instant)))
    first = house.wait_until("a sample of the new port", sampled)
    sampled_after(time.time() + 1)
    done = world.move()
    assert done.returncode == 0, done.stderr
    moved = int(time.time())
    sampled_after(moved + 2)

    # It says so everywhere, and the old one is no longer among the watched.
    def shown():
        port = http.json("/api/v1/ports/%d" % new)
        return port if port.get("continues") == old else None
    assert house.wait_until("the API", shown)["moved_to"] is None
    gone = http.json("/api/v1/ports/%d" % old)
    assert gone["moved_to"] == new and gone["id"] == old and gone["continues"] is None
    assert old not in [port["id"] for port in http.ports()]
    status, _, page = http.get("/ports/%d" % old)
    assert status == 200 and b'moved to <a href="/ports/%d">' % new in page
    status, _, page = http.get("/ports/%d" % new)
    assert status == 200 and b'continues <a href="/ports/%d">' % old in page
    told = json.loads(world.must("status", "--format", "json"))
    assert [port["continues"] for port in told["ports"] if port["id"] == new] == [old]
    assert "continues %s" % OLD in world.must("status")

    # A reload, and the walk that follows it, leave it so; its interface is there all the time.
    process.send_signal(signal.SIGHUP)
    process.wait_for(r"event=reloaded")
    sampled_after(time.time() + 1)
    assert world.ledger("SELECT retired FROM port WHERE id = ?", old) == [(1,)]

    # The old interface is another peer's: that one begins anew.
    at = re.search(r"\nexchange demo-fra \{\n", world.text).end()
    blocks = ('\tport "edge2/Ethernet1" { asn = 64500   peer = "ExampleNet" }\n'
              '\tport "edge1/xe-0/0/0" { asn = 65099   peer = "Newcomer" }\n')
    place.file(os.path.basename(world.config), world.text[:at] + blocks + world.text[at:])
    process.send_signal(signal.SIGHUP)
    house.wait_until("the newcomer", lambda: world.ledger("SELECT retired, asn FROM port WHERE id = ?", old) == [(0, 65099)])
    assert process.end() == 0
    assert world.replay(OLD)["directions"]["out"]["verdict"] == "insufficient data"
    assert world.replay(NEW)["directions"]["out"]["verdict"] == "routine"
    assert directions(world.replay(NEW))["out"]["verdict"] == world.judged(NEW)["out"][0][0][0]
    # No slot is missing around the move: each from before it to after it is there.
    first = calendar.timegm(time.strptime(first, "%Y-%m-%dT%H:%M:%SZ"))
    known = slots(world, NEW, first - 2, 2)
    assert first < moved - 1 and first % 2 == 0
    assert [at for at in range(first, moved + 3, 2) if at not in known] == []


# --- killed at any instant ---

KILLER = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* Kills its process before the Nth call that makes something durable or visible; or (KILL_AT 0) once the file that
 * KILL_RENAMED names has come to its place. */
static void count(void)
{
	static int left = -1;

	if (left < 0)
		left = atoi(getenv("KILL_AT"));
	if (left == 0)
		return;
	if (--left == 0)
		kill(getpid(), SIGKILL);
}
#define WRAP(type, name, parameters, arguments)						\
	type name parameters								\
	{										\
		static type (*real) parameters;						\
		if (real == NULL)							\
			*(void **)&real = dlsym(RTLD_NEXT, #name);			\
		count();								\
		return real arguments;							\
	}
int rename(const char *a, const char *b)
{
	int (*real)(const char *, const char *), done;
	const char *last = getenv("KILL_RENAMED");

	*(void **)&real = dlsym(RTLD_NEXT, "rename");
	count();
	done = real(a, b);
	if (last != NULL && strcmp(b, last) == 0)
		kill(getpid(), SIGKILL);
	return done;
}
WRAP(int, unlink, (const char *a), (a))
WRAP(int, fsync, (int fd), (fd))
WRAP(int, fdatasync, (int fd), (fd))
WRAP(int, ftruncate, (int fd, off_t len), (fd, len))
"""


def test_a_collector_killed_half_way_completes_it_with_its_next_start(world, killer):
    before = world.digest(OLD)
    process = world.place.start("collector", [house.IXWATCH, "collect", "-c", world.config], {
        "LD_PRELOAD": killer, "KILL_AT": "0", "KILL_RENAMED": world.file(NEW)})
    process.wait_for("event=all-recalled")
    assert world.move().returncode == 1
    assert process.popen.wait(20) == -signal.SIGKILL
    assert world.ledger("SELECT done_utc_sec FROM port_move") == [(None,)]
    world.must("collect", "--once")
    assert world.ledger("SELECT retired FROM port WHERE id = ?", world.id(OLD)) == [(1,)]
    check_moved(world)
    assert world.digest(OLD) == before


@pytest.fixture(scope="module")
def killer(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("killer"))
    source, made = os.path.join(folder, "killer.c"), os.path.join(folder, "killer.so")
    with open(source, "w", encoding="ascii") as file:
        file.write(KILLER)
    subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-o", made, source, "-ldl"], check=True)
    return made


def come_back(world, kept):
    shutil.rmtree(world.place.state)
    shutil.copytree(kept, world.place.state)


def check_after(world, before):
    """After something went wrong, and the next who opens the stores: how it had been left."""
    noted = world.ledger("SELECT done_utc_sec FROM port_move")
    world.must("declare", "add", "--scope", "port:" + OTHER, "--from", "2026-01-01T00:00:00Z", "--to",
               "2026-01-01T01:00:00Z", "--cause", "works", "--reason", "opens the stores")
    if not noted:
        assert world.ledger("SELECT * FROM port_move") == []
        assert {port: world.digest(port) for port in (OLD, NEW)} == before
        return "before"
    world.must("backfill", NEW, "--csv", os.path.join(world.place.path, "new.csv"))  # judged again, as a start would
    check_moved(world)
    assert world.digest(OLD) == before[OLD]
    return "noted" if noted == [(None,)] else "done"


def test_a_kill_leaves_before_or_after_or_what_the_next_start_completes(world, seeded, killer):
    _, kept = seeded
    before = {port: world.digest(port) for port in (OLD, NEW)}
    outcomes = []
    for number in range(1, 200):
        come_back(world, kept)
        done = world.run("port", "move", OLD, NEW, "--at", str(world.at),
                         environment={"LD_PRELOAD": killer, "KILL_AT": str(number)})
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        outcomes.append(check_after(world, before))
    check_moved(world)
    assert outcomes == sorted(outcomes, key=["before", "noted", "done"].index), outcomes
    assert "before" in outcomes and "noted" in outcomes, outcomes


def fail_each(world, kept, kind, numbers):
    before = {port: world.digest(port) for port in (OLD, NEW)}
    faults, failed = Faults(world.place), 0
    for number in numbers:
        come_back(world, kept)
        faults.arm(kind, number - 1)
        done = world.run("port", "move", OLD, NEW, "--at", str(world.at), environment=faults.environment())
        if faults.failed() == 0:
            break
        assert done.returncode in ((0, 1) if kind != "malloc" else (0, 1, 2)), (number, done)
        assert done.returncode == 0 or "ixwatch" in done.stderr, (number, done)
        outcome = check_after(world, before)
        assert outcome != "before" or done.returncode != 0, (number, "what is said to be done is done")
        failed += done.returncode != 0
    return failed


@pytest.mark.parametrize("kind, numbers", [
    ("rename", range(1, 9)), ("sync", (2, 7, 9, 11)), ("write", (24, 93)), ("open", (15, 43)), ("malloc", (1500, 9000)),
])
def test_a_call_that_fails_leaves_before_or_after_or_what_the_next_start_completes(world, seeded, kind, numbers):
    """A sample; all of them in the soak tests."""
    memory_allowed(kind)
    fail_each(world, seeded[1], kind, numbers)
