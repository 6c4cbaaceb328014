"""A connection live: history that arrives late is judged for it too, a window on one of its ports counts, and pages, API,
metrics and replay say the same of it."""
import json
import os
import sqlite3

import pytest

import house

NAME = "demo-nyc/AS65546"


@pytest.fixture
def world(place):
    sim = house.Sim(place)
    config = sim.config(place, "2s")
    run, http = house.start_run(place, config)
    house.wait_until("the ports", lambda: len(http.ports()) == 120)
    history = os.path.join(place.path, "history")
    os.mkdir(history)
    sim.ask("history", "--all", "--dir", history, "--from", "now-35d", "--to", "now", "--step", "300")
    return place, config, http, history


def connection(http):
    found = [c for c in http.json("/api/v1/peers/65546")["connections"] if c["exchange"] == "demo-nyc"]
    return found[0] if found else None


def test_history_that_arrives_late_reaches_the_connection(world):
    place, config, http, history = world
    house.wait_until("two ports summed", lambda: connection(http) and connection(http)["id"] is not None
                     and connection(http)["out_bps"], 60)
    before = connection(http)
    assert len(before["ports"]) == 2 and before["verdict"] == "insufficient data"
    ports = {p["id"]: p for p in http.ports()}
    for port in before["ports"]:
        file = "%(exchange)s__%(agent)s__%(interface)s.csv" % ports[port]
        done = place.run("backfill", str(port), "--csv", os.path.join(history, file.replace("/", "%2F")), "-c", config,
                         timeout_sec=60)
        assert done.returncode == 0, done.stderr
    house.wait_until("the verdict on both together", lambda: connection(http)["verdict"] == "routine", 90)
    after = connection(http)
    assert "rule A" in after["judgement"]["directions"]["out"]["reason"]
    house.wait_until("the reports' verdict", lambda: connection(http)["judgement_for_reports"]["directions"]["in"]["verdict"]
                     == "none", 90)

    done = place.run("replay", NAME, "-c", config, "--format", "json", timeout_sec=60)
    told = json.loads(done.stdout)
    assert told["verdict"] == after["verdict"]
    for direction in ("in", "out"):
        assert told["directions"][direction]["verdict_since"] == after["judgement"]["directions"][direction]["verdict_since"]
    page = http.get("/peers/65546")[2].decode()
    assert "Connections" in page and "routine" in page and "2 ports" in page
    metrics = http.get("/metrics")[2].decode()
    assert 'ixwatch_connection_verdict{exchange="demo-nyc",asn="65546",verdict="routine"} 1' in metrics


def test_the_sum_is_that_of_its_ports(world):
    _place, _config, http, _history = world
    def summed():
        found, ports = connection(http), {p["id"]: p for p in http.ports()}
        mine = [ports[port] for port in found["ports"]] if found else []
        known = mine and found["out_bps"] is not None and all(p["out_bps"] is not None for p in mine)
        return (found, mine) if known else None
    found, mine = house.wait_until("rates", summed, 60)
    # Both are read from snapshots that may differ by a round; the simulated rates move slowly.
    assert found["out_bps"] == pytest.approx(sum(p["out_bps"] for p in mine), rel=0.05)
    assert found["capacity_bps"] == sum(p["capacity_bps"] for p in mine)


def test_a_hundred_ports_that_leave_at_once_have_all_left(place):
    sim = house.Sim(place, "--exchanges", "1", "--agents", "4", "--ports", "2300")
    config = sim.config(place, "5s", "--exchanges", "1", "--agents", "4", "--ports", "2300")

    def members():
        assert place.run("collect", "--once", "-c", config, timeout_sec=120).returncode == 0
        with sqlite3.connect("file:%s/ixwatch.db?mode=ro" % place.state, uri=True) as db:
            return [count for count, in db.execute("SELECT count(*) FROM connection_member WHERE to_utc_sec IS NULL"
                                                   " GROUP BY connection_id").fetchall()]
    assert max(members()) > 70
    with open(config, encoding="utf-8") as file:
        text = file.read()
    assert 'kind = "member"' in text
    place.file(os.path.basename(config), text.replace('kind = "member"', 'kind = "core"'))
    assert members() == []
