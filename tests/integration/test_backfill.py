"""`ixwatch backfill --mrtg` and `--rrd`: other programs' files, read again here in another way, against the series' own file.

The series is read with the rrdtool program; a log of MRTG is read by a few lines of Python, an RRD file made by rrdtool is
read back by rrdtool."""
import json
import math
import os
import random
import sqlite3
import struct
import subprocess
import time

import pytest

import house

HALF_HOUR, DAY = 1800, 86400
MRTG_LOG = os.path.join(house.SHARED, "series", "inex_ixp_manager_dummy.mrtg.log")


class World:
    """One port, watched once; no collector runs."""

    def __init__(self, place):
        self.place = place
        self.sim = house.Sim(place)
        self.config = self.sim.config(place, "60s")
        done = place.run("collect", "--once", "-c", self.config)
        assert done.returncode == 0, done.stderr
        self.ports = self.sim.ports()
        self.next = 0

    def port(self):
        """One that has no history yet."""
        port = self.ports[self.next]
        self.next += 1
        return "%(exchange)s/%(agent)s/%(ifName)s" % port

    def backfill(self, port, *arguments):
        return self.place.run("backfill", port, *arguments, "-c", self.config)

    def must(self, port, *arguments):
        done = self.backfill(port, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def series(self, port, start, end, step=300):
        """{end of row: values}, what is unknown left out."""
        exchange, agent, interface = port.split("/", 2)
        path = os.path.join(self.place.state, "rrd", exchange, agent, interface.replace("/", "%2F") + ".rrd")
        return fetch(path, start, end, step, ["in_bps", "out_bps", "capacity_bps"])

    def ledger(self, sql):
        with sqlite3.connect("file:%s/ixwatch.db?mode=ro" % self.place.state, uri=True) as db:
            return db.execute(sql).fetchall()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    place = house.Place(str(tmp_path_factory.mktemp("backfill")))
    try:
        yield World(place)
    finally:
        place.end_all()


def fetch(path, start, end, step, names):
    """{end of row: values} as rrdtool tells it, rows of nothing known left out."""
    if not os.path.exists(path):
        return {}
    lines = subprocess.run(["rrdtool", "fetch", path, "AVERAGE", "-r", str(step), "-s", str(start), "-e", str(end)],
                           stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    places = [lines[0].split().index(name) for name in names]
    rows = {}
    for line in lines[2:]:
        stamp, values = line.split(":")
        row = tuple(float(values.split()[place]) for place in places)
        if start < int(stamp) <= end and not all(math.isnan(value) for value in row):
            rows[int(stamp)] = row
    return rows


def near(a, b):
    return math.isclose(a, b, rel_tol=1e-9) or (math.isnan(a) and math.isnan(b))


# --- MRTG ---

def shifted_log(world):
    """The shared log, its times moved by whole days so that it ends now."""
    rows = [line.split() for line in open(MRTG_LOG)]
    shift = (int(time.time()) - int(rows[0][0])) // DAY * DAY
    for row in rows:
        row[0] = str(int(row[0]) + shift)
    return world.place.file("mrtg.log", "".join(" ".join(row) + "\n" for row in rows)), rows


def read_log(rows):
    """{end: (in, out)} of the two finest resolutions, by their place in the file: 600 lines each, after three odd ones."""
    fine = rows[3:603]
    half = rows[603:1203]
    assert {int(a[0]) - int(b[0]) for a, b in zip(fine, fine[1:])} == {300}
    assert {int(a[0]) - int(b[0]) for a, b in zip(half, half[1:])} == {HALF_HOUR}
    five = {int(row[0]): (8.0 * int(row[1]), 8.0 * int(row[2])) for row in fine}
    thirty = {int(row[0]): (8.0 * int(row[1]), 8.0 * int(row[2])) for row in half}
    return five, thirty


@pytest.mark.skipif(not os.path.exists(MRTG_LOG), reason="the shared data is not here")
def test_a_real_mrtg_log(world):
    port = world.port()
    log, rows = shifted_log(world)
    five, thirty = read_log(rows)
    said = world.must(port, "--mrtg", log, "--capacity", "100G")
    known = world.series(port, min(thirty) - HALF_HOUR, max(five))
    # The last line of five minutes ends on both grids: it may be of either, and is left out.
    doubtful = min(five)
    assert doubtful % HALF_HOUR == 0 and doubtful not in known
    for end, row in five.items():
        if end != doubtful:
            assert near(known[end][0], row[0]) and near(known[end][1], row[1]) and known[end][2] == 100e9, end
    for end, row in thirty.items():
        for slot in range(end - HALF_HOUR + 300, end + 300, 300):
            assert near(known[slot][0], row[0]) and near(known[slot][1], row[1]), slot
    assert len(known) == 599 + 6 * 600
    assert "1199 samples" in said and "means over more than an hour" in said
    # Nothing of the coarser lines went in.
    assert world.series(port, min(thirty) - 30 * DAY, min(thirty) - HALF_HOUR, 3600) == {}
    assert world.ledger("SELECT what, source, read_count, accepted_count FROM import_run") == [("backfill", log, 1199, 1199)]
    assert world.ledger("SELECT count(*) FROM audit WHERE what = 'backfill'") == [(1,)]


def test_an_mrtg_log_with_an_error_changes_nothing(world):
    port = world.port()
    now = int(time.time()) // 300 * 300
    log = world.place.file("bad.log", "%d 1 2\n%d 1 2 3 4\n%d 1 -2 3 4\n" % (now, now, now - 300))
    done = world.backfill(port, "--mrtg", log, "--capacity", "1G")
    assert done.returncode == 1 and log + ':3: rate "-2" is negative' in done.stderr
    assert world.series(port, now - 3600, now - 120) == {}


def test_a_log_of_days_only_says_why_nothing_is_taken(world):
    port = world.port()
    now = int(time.time()) // DAY * DAY
    log = world.place.file("days.log", "%d 1 2\n" % now + "".join("%d 1 2 3 4\n" % (now - i * DAY) for i in range(9)))
    done = world.backfill(port, "--mrtg", log, "--capacity", "1G")
    assert done.returncode == 1 and "9 are means over more than an hour" in done.stderr


# --- RRD ---

def rate_at(utc_sec):
    return 1e8 + 5e7 * math.sin(utc_sec * 2 * math.pi / DAY)


def make_rrd(world, name, kind, archives, span_sec, step=300, heartbeat=600, hole=None):
    """A file of two sources, fed once a step up to now; counters in octets."""
    path = os.path.join(world.place.path, name)
    end = int(time.time()) // 3600 * 3600
    start = end - span_sec
    subprocess.run(["rrdtool", "create", path, "-b", str(start - step), "-s", str(step),
                    "DS:traffic_in:%s:%d:0:U" % (kind, heartbeat), "DS:traffic_out:%s:%d:0:U" % (kind, heartbeat),
                    "DS:other:GAUGE:%d:0:U" % heartbeat, *archives], check=True)
    counter = [10 ** 15, 10 ** 12]
    updates = []
    for at in range(start, end + 1, step):
        rates = (rate_at(at), rate_at(at) / 3)
        counter = [int(value + rate * step) for value, rate in zip(counter, rates)]
        if hole and hole[0] < at - start < hole[1]:
            continue
        shown = counter if kind in ("COUNTER", "DERIVE") else ["%.3f" % rate for rate in rates]
        updates.append("%d:%s:%s:7" % (at, *shown))
    for i in range(0, len(updates), 1000):
        subprocess.run(["rrdtool", "update", path, *updates[i:i + 1000]], check=True)
    return path, start, end


@pytest.mark.parametrize("kind", ["COUNTER", "DERIVE", "GAUGE"])
def test_sources_of_every_type_are_rates(world, kind):
    port = world.port()
    path, start, end = make_rrd(world, "%s.rrd" % kind, kind, ["RRA:AVERAGE:0.5:1:600", "RRA:MAX:0.5:1:600"], DAY,
                                hole=(30000, 40000))
    unit = ["--unit", "bits"] if kind == "GAUGE" else []
    bits = 1 if kind == "GAUGE" else 8
    world.must(port, "--rrd", path, "--in", "traffic_in", "--out", "traffic_out", "--capacity", "10G", *unit)
    source = fetch(path, start, end, 300, ["traffic_in", "traffic_out"])
    known = world.series(port, start, end)
    assert len(source) > 200 and source.keys() == known.keys()
    for stamp, row in source.items():
        assert near(known[stamp][0], bits * row[0]) and near(known[stamp][1], bits * row[1])


def test_the_finest_archive_speaks_for_each_time(world):
    port = world.port()
    path, start, end = make_rrd(world, "many.rrd", "DERIVE", [
        "RRA:AVERAGE:0.5:12:2000", "RRA:AVERAGE:0.5:1:288", "RRA:AVERAGE:0.5:288:100", "RRA:AVERAGE:0.5:6:480",
        "RRA:MAX:0.5:12:2000"], 20 * DAY)
    said = world.must(port, "--rrd", path, "--in", "traffic_in", "--out", "traffic_out", "--capacity", "10G")
    assert "left out" in said and "more than an hour" in said
    known = world.series(port, start, end)
    begins = {300: end - DAY, 1800: end - 10 * DAY, 3600: start}
    ends = {300: end, 1800: end - DAY, 3600: end - 10 * DAY}
    checked = 0
    for step in (300, 1800, 3600):
        for stamp, row in fetch(path, begins[step], ends[step], step, ["traffic_in", "traffic_out"]).items():
            for slot in range(stamp - step + 300, stamp + 300, 300):
                assert near(known[slot][0], 8 * row[0]) and near(known[slot][1], 8 * row[1]), (step, slot)
                checked += 1
    assert checked > 5700
    replayed = json.loads(world.place.run("replay", port, "--format", "json", "-c", world.config).stdout)
    assert len(replayed["directions"]["in"]["days"]) >= 20


def test_a_running_collector_does_it(world):
    port = world.port()
    path, start, end = make_rrd(world, "live.rrd", "GAUGE", ["RRA:AVERAGE:0.5:1:600"], DAY)
    run, _ = house.start_run(world.place, world.config)
    try:
        house.wait_until("the collector", lambda: os.path.exists(world.place.state + "/control.sock"))
        said = world.must(port, "--rrd", path, "--in", "traffic_in", "--out", "traffic_out", "--capacity", "10G")
        assert "samples from" in said
        done = world.backfill(port, "--rrd", path, "--in", "nope", "--out", "traffic_out")
        assert done.returncode == 1 and "there are: traffic_in, traffic_out, other" in done.stderr
    finally:
        assert run.end() == 0
    source = fetch(path, start, end, 300, ["traffic_in", "traffic_out"])
    known = world.series(port, start, end)
    assert len(source) > 280 and all(near(known[at][0], 8 * row[0]) for at, row in source.items())


# --- what is refused ---

def test_octets_at_random_are_answered(world):
    path, _, _ = make_rrd(world, "sound.rrd", "GAUGE", ["RRA:AVERAGE:0.5:1:20", "RRA:AVERAGE:0.5:6:20"], 7200)
    sound = open(path, "rb").read()
    dice = random.Random(4)
    for _ in range(150):
        octets = bytearray(sound)
        for _ in range(dice.choice([1, 1, 8])):
            octets[dice.randrange(LIVE + 400)] = dice.choice([0, 1, 0x7f, 0x80, 0xff, dice.randrange(256)])
        world.place.file("dice.rrd", "")
        open(os.path.join(world.place.path, "dice.rrd"), "wb").write(octets)
        done = world.backfill(last_port(world), "--rrd", world.place.path + "/dice.rrd",
                              "--in", "traffic_in", "--out", "traffic_out")
        assert done.returncode in (0, 1), (done.returncode, done.stderr)


def last_port(world):
    return "%(exchange)s/%(agent)s/%(ifName)s" % world.ports[-1]


def damaged(world, name, change):
    """A good file, its octets changed."""
    path, _, _ = make_rrd(world, "good-for-" + name, "GAUGE", ["RRA:AVERAGE:0.5:1:20", "RRA:AVERAGE:0.5:6:20"], 7200)
    octets = bytearray(open(path, "rb").read())
    changed = change(octets)
    octets = octets if changed is None else changed
    path = os.path.join(world.place.path, name)
    open(path, "wb").write(octets)
    return path


def put(offset, form, value):
    def change(octets):
        struct.pack_into(form, octets, offset, value)
    return change


# static head: cookie 4, version 5, 7 of padding, double, three unsigned longs, ten of 8; a source has 120 octets.
ARCHIVES = 128 + 3 * 120
LIVE = ARCHIVES + 2 * 120
DAMAGE = {
    "no file of rrdtool": (lambda octets: bytearray(b"GIF89a" + octets[6:]), "no RRD file"),
    "empty": (lambda octets: bytearray(b""), "no RRD file"),
    "cut within the head": (lambda octets: octets[:60], "cut off within its head"),
    "cut within the archives": (lambda octets: octets[:-8], "is damaged"),
    "longer than its head says": (lambda octets: octets + b"\0" * 8, "is damaged"),
    "another version": (put(4, "4s", b"0009"), "version"),
    "another machine": (put(16, "<d", 1.0), "another kind of machine"),
    "no sources": (put(24, "<Q", 0), "damaged"),
    "sources without end": (put(24, "<Q", 2 ** 63), "damaged"),
    "sources beyond the file": (put(24, "<Q", 4000), "cut off"),
    "archives without end": (put(32, "<Q", 2 ** 64 - 1), "damaged"),
    "a step of nothing": (put(40, "<Q", 0), "damaged"),
    "rows without end": (put(ARCHIVES + 24, "<Q", 2 ** 61), "damaged"),
    "a row of no data": (put(ARCHIVES + 32, "<Q", 0), "damaged"),
    "a row of all time": (put(ARCHIVES + 32, "<Q", 2 ** 60), "damaged"),
    "the future": (put(LIVE, "<q", 2 ** 40), "in the future"),
    "before all time": (put(LIVE, "<q", -5), "damaged"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_file_is_refused(world, name):
    change, what = DAMAGE[name]
    path = damaged(world, "damaged.rrd", change)
    done = world.backfill(last_port(world), "--rrd", path, "--in", "traffic_in", "--out", "traffic_out")
    assert done.returncode == 1 and path in done.stderr and what in done.stderr, done.stderr




@pytest.mark.parametrize("arguments, what", [
    (["--rrd", "x.rrd"], "needs --in DS and --out DS"),
    (["--rrd", "x.rrd", "--in", "a"], "needs --in DS and --out DS"),
    (["--csv", "x", "--in", "a", "--out", "b"], "need"),
    (["--csv", "x", "--mrtg", "y"], "a PORT with"),
    (["--rrd", "x", "--in", "a", "--out", "b", "--unit", "bytes"], "octets or bits"),
    ([], "a PORT with"),
])
def test_wrong_use(world, arguments, what):
    done = world.backfill(last_port(world), *arguments)
    assert done.returncode == 2 and what in done.stderr


def test_files_that_are_none(world):
    for form in (["--mrtg"], ["--rrd"]):
        more = ["--in", "a", "--out", "b"] if form == ["--rrd"] else []
        done = world.backfill(last_port(world), *form, "/nonexistent/file", *more)
        assert done.returncode == 1 and "No such file" in done.stderr
        done = world.backfill(last_port(world), *form, "/dev/zero", *more)
        assert done.returncode != 0 and "not a regular file" in done.stderr
