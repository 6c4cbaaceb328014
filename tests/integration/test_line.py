"""The whole line: counters of simulated agents to rates on API, page and in the file, against the closed form."""
import json
import re
import subprocess
import time

import pytest

import house

# The simulated counters are exact; what is left is the granularity of sysUpTime (10 ms in 2 s) and of packets.
RATE_TOLERANCE = 0.01
MEAN_TOLERANCE = 0.001


def series_rows(http, port_id, start, end):
    series = http.json("/api/v1/ports/%d/series?from=%d&to=%d" % (port_id, start, end))
    return series


def parse_utc(text):
    import datetime
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def test_every_rate_of_a_minute_is_the_closed_forms(place):
    """3 exchanges, 6 switches, 120 ports, 2 s: no port missed, no sample doubled, one number everywhere."""
    sim = house.Sim(place)
    run, http = house.start_run(place, sim.config(place))
    wanted = sim.ports()
    assert len(wanted) == 120
    assert len({port["exchange"] for port in wanted}) == 3
    assert len({(port["exchange"], port["agent"]) for port in wanted}) == 6

    def all_sampled():
        ports = http.ports()
        return ports if len(ports) == 120 and all(p["sampled_at"] for p in ports) else None

    first = house.wait_until("120 ports with a sample", all_sampled, 30)
    begin = max(parse_utc(p["sampled_at"]) for p in first)
    end = begin + 60
    house.wait_until("a minute of samples", lambda: all(
        parse_utc(p["sampled_at"]) >= end for p in http.ports()), 90, 0.5)

    by_name = {(p["exchange"], p["agent"], p["interface"]): p for p in http.ports()}
    assert len(by_name) == 120
    minute = sim.truth_of_all(begin, end)
    slots = [sim.truth_of_all(begin + 2 * i, begin + 2 * i + 2) for i in range(30)]
    worst_rate = worst_mean = 0.0
    for port in wanted:
        name = (port["exchange"], port["agent"], port["ifName"])
        series = series_rows(http, by_name[name]["id"], begin, end)
        assert series["step_sec"] == 2 and parse_utc(series["start"]) == begin
        assert len(series["rows"]) == 30, (name, len(series["rows"]))
        for column in ("in_bps", "out_bps", "in_pps", "out_pps"):
            values = [row[series["columns"].index(column)] for row in series["rows"]]
            assert None not in values, (name, column, values)
            worst_mean = max(worst_mean, off(sum(values) / 30, minute[name][column]))
            for value, truth in zip(values, slots):
                worst_rate = max(worst_rate, off(value, truth[name][column]))
    print("120 ports, 30 slots, 4 columns: worst slot %.4f%% off, worst mean %.5f%% off" % (
        100 * worst_rate, 100 * worst_mean))
    assert worst_rate <= RATE_TOLERANCE
    assert worst_mean <= MEAN_TOLERANCE
    assert run.end() == 0


def off(value, truth):
    """How far off, as a share of the truth; a rate of a few packets is granted its whole packets."""
    return max(0, abs(value - truth) - 0.5) / truth if truth else abs(value)


def rrd_last(place, port):
    """What rrdtool itself reads from the file: {end_utc_sec: {column: value}}."""
    path = "%s/rrd/%s/%s/%s.rrd" % (place.state, port["exchange"], port["agent"], "".join(
        c if re.match(r"[A-Za-z0-9_-]", c) else "%%%02X" % ord(c) for c in port["interface"]))
    end = parse_utc(port["sampled_at"])
    text = subprocess.run(["rrdtool", "fetch", path, "AVERAGE", "-r", "2", "-s", str(end - 20), "-e", str(end)],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    lines = [line for line in text.splitlines() if line.strip()]
    names = lines[0].split()
    return {int(line.split(":")[0]): dict(zip(names, map(float, line.split(":")[1].split()))) for line in lines[1:]}


@pytest.mark.smoke
def test_one_number_is_one_number(place):
    """The newest sample: the same on the API, in the series, in the RRD, in `status`, and on the page."""
    sim = house.Sim(place)
    run, http = house.start_run(place, sim.config(place))
    house.wait_until("all ports sampled", lambda: len(http.ports()) == 120 and all(
        p["out_bps"] is not None or p["state"] == "down" for p in http.ports()), 60)
    checked = 0
    for port in http.ports()[::17]:
        detail = http.json("/api/v1/ports/%d" % port["id"])
        if detail["out_bps"] is None:
            continue
        end = parse_utc(detail["sampled_at"])
        series = series_rows(http, port["id"], end - 2, end)
        row = dict(zip(series["columns"], series["rows"][-1]))
        stored = rrd_last(place, detail)[end]
        for column in ("in_bps", "out_bps", "in_pps", "out_pps"):
            assert row[column] == pytest.approx(detail[column], rel=1e-12), column
            assert stored[column] == pytest.approx(detail[column], rel=1e-9), column
        wire = detail["out_bps"] + 160 * detail["out_pps"]
        assert detail["out_utilisation"] == pytest.approx(wire / detail["capacity_bps"], rel=1e-12)
        _, _, page = http.get("/ports/%d" % port["id"])
        after = http.json("/api/v1/ports/%d" % port["id"])
        shares = {"%.1f%%" % (100 * p["out_utilisation"]) for p in (detail, after)}
        assert any(share in page.decode() for share in shares), shares
        checked += 1
    assert checked >= 5
    status = json.loads(place.run("status", "--format", "json", "-c", place.path + "/ixwatch.conf").stdout)
    assert len(status["ports"]) == 120 and status["collector_running"]
    assert run.end() == 0


def test_a_restart_loses_no_sample_and_judges_on(place):
    """Ended and started again: what was stored is there, and the gap is unknown, not zero."""
    sim = house.Sim(place)
    config = sim.config(place)
    run, http = house.start_run(place, config)
    house.wait_until("samples", lambda: sum(p["out_bps"] is not None for p in http.ports()) > 100, 60)
    time.sleep(6)       # a few more samples to keep
    before = {p["id"]: p for p in http.ports()}
    assert run.end() == 0
    run, http = house.start_run(place, config)
    house.wait_until("samples again", lambda: sum(
        p["out_bps"] is not None and p["sampled_at"] > before[p["id"]]["sampled_at"] for p in http.ports()) > 100, 60)
    port = next(p for p in http.ports() if p["out_bps"])
    end = parse_utc(before[port["id"]]["sampled_at"])
    series = series_rows(http, port["id"], end - 4, end)
    at = series["columns"].index("out_bps")
    assert all(row[at] is not None for row in series["rows"])
    assert series["rows"][-1][at] == pytest.approx(before[port["id"]]["out_bps"], rel=1e-12)
    now = parse_utc(http.json("/api/v1/ports/%d" % port["id"])["sampled_at"])
    series = series_rows(http, port["id"], end, now)
    values = [row[at] for row in series["rows"]]
    assert 0 not in values and values[-1] is not None
    assert run.end() == 0
