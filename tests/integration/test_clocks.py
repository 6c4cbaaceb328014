"""Time and counters of agents that do not keep them well: clocks that are missing, stand still or run fast, counters that are
taken in steps, 32-bit counters, and our own clock when it is set."""
import glob
import os
import statistics
import subprocess
import time

import pytest

import house
from hostile_agent import NARROW_COLUMNS, Agent, Row

MATCH = "match = 'AS(?<asn>[0-9]+) +(?<peer>[^|]+)'"
RATE = 8e6


@pytest.fixture
def agents():
    made = []

    def make(rows, **more):
        made.append(Agent(rows, **more))
        return made[-1]
    yield make
    for agent in made:
        agent.end()


def row(index, **more):
    return Row(index, b"port%d" % index, b"AS%d Peer" % (64500 + index), **more)


def start(place, agents, interval="1s", environment=None):
    config = place.file("ixwatch.conf", """state-dir = "%s"
interval = "%s"
web { listen = "127.0.0.1:0" }
snmp edge { version = "2c"  community = "public"  timeout = "1s"  retries = 1 }
exchange ex { %s }
""" % (place.state, interval, "\n".join('agent a%d { address = "127.0.0.1:%d"  snmp = "edge"  %s }' % (i, agent.port, MATCH)
                                        for i, agent in enumerate(agents))))
    run = place.start("run", [house.IXWATCH, "run", "-c", config], environment)
    return run, house.Http(int(run.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1))), config


def rates(http, port, begin, end):
    series = http.json("/api/v1/ports/%d/series?from=%d&to=%d" % (port["id"], begin, end))
    return [line[series["columns"].index("in_bps")] for line in series["rows"]]


def test_an_agents_clock_that_is_no_good_changes_no_rate_and_is_told(place, agents):
    made = [agents([row(1)], clock=clock) for clock in (1.0, None, 0.0, 1.04)]
    run, http, config = start(place, made)
    begin = int(time.time())
    house.wait_until("rates", lambda: len([p for p in http.ports() if p["in_bps"] is not None]) == 4)
    house.wait_until("ten seconds", lambda: time.time() > begin + 12)
    ports = {p["agent"]: p for p in http.ports()}
    assert [ports["a%d" % i]["time"] for i in range(4)] == ["agent", "ours", "ours", "ours"]
    for port in ports.values():
        known = [rate for rate in rates(http, port, begin, begin + 11) if rate is not None]
        assert len(known) >= 7, (port["agent"], known)
        assert statistics.mean(known) == pytest.approx(RATE, rel=0.02), (port["agent"], known)
        assert port["refresh_sec"] is None
    assert sum(ports["a1"]["data_quality"].values()) == 0
    text = place.run("status", "-c", config).stdout
    assert text.count("its sysUpTime is missing or does not keep time") == 3
    assert run.end() == 0


def test_counters_that_are_taken_in_steps_make_no_saw_tooth(place, agents):
    agent = agents([row(1), row(2, rate_bps=0)], refresh_sec=2.0)
    run, http, _ = start(place, [agent])
    run.wait_for(r"event=refresh agent=ex/a0 before_sec=0.0 now_sec=(1.9|2.0|2.1) ", 60)
    begin = int(time.time()) + 3
    house.wait_until("eight slots", lambda: all(
        p["sampled_at"] >= time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begin + 8)) for p in http.ports()), 60)
    busy, idle = sorted(http.ports(), key=lambda p: p["id"])
    values = rates(http, busy, begin, begin + 8)
    assert None not in values and statistics.pstdev(values) < 0.12 * RATE, values
    assert statistics.mean(values) == pytest.approx(RATE, rel=0.05)
    assert rates(http, idle, begin, begin + 8) == [0] * 8
    assert busy["refresh_sec"] == pytest.approx(2, abs=0.2) and busy["state"] == "clear"
    agent.restart()
    run.wait_for("event=refresh-forgotten")
    house.wait_until("a restart counted", lambda: http.ports()[0]["data_quality"]["restart"] == 1)
    assert 'ixwatch_port_refused_total{exchange="ex",agent="a0",interface="port1",asn="64501",reason="restart"} 1' in (
        http.get("/metrics")[2].decode())
    assert "the agent restarted (1)" in http.get("/ports/%d" % busy["id"])[2].decode()
    assert run.end() == 0


def test_32_bit_octets_are_believed_where_one_wrap_is_proven(place, agents):
    slow, fast = row(1, speed_mbps=100, rate_bps=4e7), row(2, speed_mbps=1000)
    slow.offset = 2 ** 32 - 20 * 10 ** 6        # wraps within four seconds
    run, http, _ = start(place, [agents([slow, fast], columns=NARROW_COLUMNS)])
    begin = int(time.time())
    house.wait_until("a rate", lambda: [p for p in http.ports() if p["in_bps"] is not None])
    house.wait_until("the wrap", lambda: time.time() > begin + 8)
    slow, fast = sorted(http.ports(), key=lambda p: p["id"])
    known = [rate for rate in rates(http, slow, begin, begin + 8) if rate is not None]
    assert len(known) >= 5 and all(rate == pytest.approx(4e7, rel=0.1) for rate in known), known
    assert sum(slow["data_quality"].values()) == 0
    assert fast["in_bps"] is None and fast["state"] == "unknown" and fast["data_quality"]["wrap_unproven"] > 3
    assert "32-bit ones may wrap unseen" in fast["unknown_because"]
    assert "may have wrapped more than once" in http.get("/ports/%d" % fast["id"])[2].decode()
    assert run.end() == 0


def faketime_library():
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found:
        pytest.skip("libfaketime is not installed")
    symbols = subprocess.run(["nm", "-D", house.IXWATCH], stdout=subprocess.PIPE, text=True).stdout
    if "__asan_init" in symbols:
        pytest.skip("a sanitizer's library must be the first")
    return found[0]


class Wall:
    """The wall clock of what is started in its environment: off by so many seconds, from one moment to the next."""

    def __init__(self, place):
        self.place, self.step = place, place.file("step", "+0\n")
        self.environment = {
            "LD_PRELOAD": faketime_library(), "FAKETIME_TIMESTAMP_FILE": self.step, "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}

    def set(self, off_sec):
        self.place.file("step.new", "%+d\n" % off_sec)
        os.rename(self.place.path + "/step.new", self.step)


def last_update(place):
    """The newest time in any series."""
    return max(int(subprocess.run(["rrdtool", "last", path], stdout=subprocess.PIPE, text=True, check=True).stdout)
               for path in glob.glob(place.state + "/rrd/**/*.rrd", recursive=True))


def test_a_leap_ahead_of_two_reads_costs_those_samples_at_most(place, agents):
    wall = Wall(place)
    run, http, _ = start(place, [agents([row(1)])], environment=wall.environment)
    begin = int(time.time())
    house.wait_until("a rate", lambda: [p for p in http.ports() if p["in_bps"] is not None])
    house.wait_until("some slots", lambda: time.time() > begin + 5)
    wall.set(86400)
    leapt = time.time()
    house.wait_until("two reads", lambda: time.time() > leapt + 2.2)
    wall.set(0)
    house.wait_until("the time after", lambda: time.time() > leapt + 6)
    run.wait_for("event=clock-leapt")
    run.wait_for("event=clock-believed-again")
    end = int(time.time())
    house.wait_until("what was read until then", lambda: http.ports()[0]["sampled_at"] >= time.strftime(
        "%Y-%m-%dT%H:%M:%SZ", time.gmtime(end - 2)))
    values = rates(http, http.ports()[0], begin + 3, end - 2)
    assert values.count(None) <= 4 and all(value == pytest.approx(RATE, rel=0.06) for value in values if value is not None), values
    assert "event=clock-behind" not in run.text()
    assert run.end() == 0 and last_update(place) <= time.time()


def test_a_leap_ahead_that_holds_is_believed_and_a_step_back_at_once(place, agents):
    wall = Wall(place)
    run, http, _ = start(place, [agents([row(1)])], environment=wall.environment)
    begin = int(time.time())
    house.wait_until("a rate", lambda: [p for p in http.ports() if p["in_bps"] is not None])
    wall.set(86400)
    run.wait_for("event=clock-leapt")
    run.wait_for("event=clock-believed-again", 20)
    day = time.strftime("%Y-%m-%d", time.gmtime(begin + 86400))
    house.wait_until("samples of that day", lambda: http.ports()[0]["sampled_at"].startswith(day))
    wall.set(0)
    run.wait_for("event=clock-behind")      # nothing is written over
    assert run.text().count("event=clock-leapt") == 1
    wall.set(86400)
    run.wait_for("event=clock-well-again")
    assert run.text().count("event=clock-leapt") == 1    # it was that time before
    assert run.end() == 0 and last_update(place) <= time.time() + 86400


def test_a_wall_clock_set_back_three_seconds_doubles_no_sample(place, agents):
    wall = Wall(place)
    run, http, _ = start(place, [agents([row(1)])], environment=wall.environment)
    begin = int(time.time())
    house.wait_until("a rate", lambda: [p for p in http.ports() if p["in_bps"] is not None])
    house.wait_until("some slots", lambda: time.time() > begin + 6)
    wall.set(-3)
    house.wait_until("it to be counted", lambda: http.ports()[0]["data_quality"]["clock"] == 1)
    stepped = time.time()
    house.wait_until("the time told to be there again", lambda: time.time() > stepped + 9)
    port = http.ports()[0]
    assert port["sampled_at"] <= time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3 + 1))
    known = [rate for rate in rates(http, port, begin, time.time() - 3) if rate is not None]
    # What was told is not told again, and what was counted meanwhile is in no slot: no rate is above the true one.
    assert len(known) >= 8 and all(rate == pytest.approx(RATE, rel=0.06) for rate in known), known
    assert port["data_quality"]["clock"] == 1 and run.end() == 0
