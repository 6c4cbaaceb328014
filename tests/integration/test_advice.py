"""Advice about capacity: API, page and replay say the same numbers, soon after a start on old history; a backfill is
followed.

Four weeks of one port that grows by a point a week, with a hole each night, then the four before them."""
import json
import math
import os
import re
import sqlite3
import time

import pytest

import house


def history(path, until, level, weeks):
    """Means of 300 s: level(week, hour of the day) in shares of 10G; None is unknown."""
    start = until - weeks * 7 * 86400
    with open(path, "w", encoding="utf-8") as file:
        file.write("time_utc_sec,in_bps,out_bps,capacity_bps\n")
        for at in range(start + 300, until + 1, 300):
            share = level((at - start) // (7 * 86400), at // 3600 % 24)
            if share is not None:
                file.write("%d,%.0f,%.0f,10000000000\n" % (at, 1e9, share * 1e10))
    return path


def told(replay_text, direction):
    """The lines of replay's text about load, growth and size of a direction."""
    part = replay_text.split("\n%s, what" % direction)[1].split("\n\n")[0]
    return re.findall(r"^  (?:load|growth|size|N-1): +(.*)$", part, re.M)


def test_api_page_and_replay_say_the_same_and_a_backfill_is_followed(place):
    sim = house.Sim(place)
    config = sim.config(place)
    assert place.run("collect", "--once", "-c", config).returncode == 0
    port = sim.ports()[4]
    name = "%(exchange)s/%(agent)s/%(ifName)s" % port
    until = int(time.time()) // 3600 * 3600 - 7200
    weeks = 4 * 7 * 86400

    def level(week, hour):
        return None if hour == 3 else 0.20 + 0.01 * week + (0.30 if 17 <= hour < 23 else 0)

    grown = history(os.path.join(place.path, "grown.csv"), until, lambda week, hour: level(week + 4, hour), weeks=4)
    done = place.run("backfill", name, "--csv", grown, "-c", config)
    assert done.returncode == 0, done.stderr
    _, http = house.start_run(place, config)
    ident = house.wait_until("the port", lambda: next(
        (p["id"] for p in http.ports() if p["interface"] == port["ifName"] and p["agent"] == port["agent"] and
         p["exchange"] == port["exchange"]), None))

    def advice():
        found = http.json("/api/v1/ports/%d" % ident)["advice"]
        return found if found["out"]["made_at"] is not None else None

    first = house.wait_until("advice", advice, 60)
    check_the_same(place, config, http, ident, name)
    assert first["out"]["trend"] == "too few weeks"
    assert first["out"]["weeks_to_congested"] is None
    assert first["out"]["p95_utilisation"] == pytest.approx(0.57, abs=0.011)
    assert first["in"]["p95_utilisation"] == pytest.approx(0.1, abs=0.001)

    # The weeks before: with them there is a trend.
    older = history(os.path.join(place.path, "older.csv"), until - weeks, level, weeks=4)
    done = place.run("backfill", name, "--csv", older, "-c", config)
    assert done.returncode == 0, done.stderr

    def anew():
        found = advice()
        return found if found is not None and found["out"]["trend_weeks"] > first["out"]["trend_weeks"] else None

    second = house.wait_until("advice anew", anew, 60)
    assert second["out"]["trend"] == "growing"
    assert second["out"]["growth_per_week"] == pytest.approx(0.01, abs=0.003)
    assert 20 <= second["out"]["weeks_to_congested"] <= 60
    assert second["in"]["trend"] == "no trend"
    check_the_same(place, config, http, ident, name)


def same(a, b):
    assert a.keys() == b.keys()
    for key in a:
        if isinstance(a[key], float) or isinstance(b[key], float):
            assert math.isclose(a[key], b[key], rel_tol=1e-9), (key, a[key], b[key])
        else:
            assert a[key] == b[key], key


def asked_at_once(place, config, name, ask, read_page):
    """(advice, replay's advice, its text, the page), of one traffic day: another may begin with any step that ends."""
    def all_of_one_day():
        advice = ask()
        replayed = json.loads(place.run("replay", name, "--format", "json", "-c", config, timeout_sec=60).stdout)["advice"]
        text, page = place.run("replay", name, "-c", config, timeout_sec=60).stdout, read_page().decode()
        untils = {advice["out"]["until"], replayed["out"]["until"]} if advice else ()
        return (advice, replayed, text, page) if len(untils) == 1 and ask() == advice else None
    return house.wait_until("one day", all_of_one_day, 60)


def check_the_same(place, config, http, ident, name):
    advice, replayed, text, page = asked_at_once(place, config, name, lambda: port_advice(http, ident),
                                                 lambda: http.get("/ports/%d" % ident)[2])
    for direction in ("out", "in"):
        mine = dict(advice[direction])
        assert mine.pop("made_at") is not None
        same(mine, replayed[direction])
        sentences = told(text, direction)
        assert len(sentences) == 3, text
        for sentence in sentences:
            assert "<dd>%s</dd>" % sentence in page, sentence
        assert "95th percentile %.1f%%" % (100 * mine["p95_utilisation"]) in sentences[0]


def port_advice(http, ident):
    found = http.json("/api/v1/ports/%d" % ident)["advice"]
    return found if found["out"]["made_at"] is not None else None


def database(place):
    return sqlite3.connect("file:%s/ixwatch.db" % place.state, uri=True)


def weeks_of(place, ident):
    """(95th percentile as share, known samples) of the port's weeks, out, oldest first."""
    with database(place) as db:
        return db.execute("SELECT p95_utilisation, known_samples FROM traffic_week WHERE port_id = ? AND direction = 'out'"
                          " ORDER BY monday", (ident,)).fetchall()


def test_a_past_week_is_judged_by_the_contract_then_in_force_and_anew_when_that_changes(place):
    sim = house.Sim(place)
    config = sim.config(place)
    assert place.run("collect", "--once", "-c", config).returncode == 0
    port = sim.ports()[4]
    name = "%(exchange)s/%(agent)s/%(ifName)s" % port
    until = int(time.time()) // 3600 * 3600 - 7200
    file = history(os.path.join(place.path, "level.csv"), until, lambda week, hour: 0.40, weeks=8)
    assert place.run("backfill", name, "--csv", file, "-c", config).returncode == 0
    with database(place) as db:
        ident, = db.execute("SELECT port.id FROM port JOIN agent ON agent.id = agent_id JOIN exchange"
                            " ON exchange.id = exchange_id WHERE slug || '/' || agent.name || '/' || interface = ?",
                            (name,)).fetchone()
        db.execute("INSERT INTO capacity VALUES (?, ?, 1e10, 5e9, 'interface')", (ident, until - 90 * 86400))
        db.execute("INSERT INTO capacity VALUES (?, ?, 1e10, NULL, 'interface')", (ident, until - 14 * 86400))
    run, http = house.start_run(place, config)
    first = house.wait_until("advice", lambda: port_advice(http, ident), 60)
    check_the_same(place, config, http, ident, name)
    # Half of the four weeks was under a contract of 5G; the capacity of now is 10G.
    assert first["out"]["p95_utilisation"] == pytest.approx(0.8) and first["out"]["capacity_bps"] == 1e10
    shares = [share for share, known in weeks_of(place, ident) if known == 2016]
    assert len(shares) >= 6 and shares[0] == pytest.approx(0.8) and shares[-1] == pytest.approx(0.4)
    run.end()

    # The contract is known to have ended earlier: weeks that were written down long ago follow.
    with database(place) as db:
        assert db.execute("DELETE FROM capacity WHERE port_id = ? AND contracted_bps IS NOT NULL", (ident,)).rowcount == 1
    _, http = house.start_run(place, config)

    def anew():
        found = port_advice(http, ident)
        return found if found and found["out"]["p95_utilisation"] < 0.5 else None
    second = house.wait_until("advice anew", anew, 60)
    check_the_same(place, config, http, ident, name)
    assert all(share == pytest.approx(0.4) for share, known in weeks_of(place, ident) if known == 2016)


CONNECTION = "demo-nyc/AS65546"


def test_a_connection_is_advised_by_the_sums_of_its_ports(place):
    sim = house.Sim(place)
    config = sim.config(place)
    assert place.run("collect", "--once", "-c", config).returncode == 0
    directory = os.path.join(place.path, "history")
    os.mkdir(directory)
    sim.ask("history", "--all", "--dir", directory, "--from", "now-35d", "--to", "now", "--step", "300")
    assert place.run("backfill", "--all", directory, "-c", config, timeout_sec=120).returncode == 0
    _, http = house.start_run(place, config)

    def connection():
        found = [c for c in http.json("/api/v1/peers/65546")["connections"] if c["exchange"] == "demo-nyc"]
        return found[0] if found and found[0]["advice"] and found[0]["advice"]["out"]["made_at"] else None
    house.wait_until("the ports", lambda: len(http.ports()) == 120)
    house.wait_until("advice of the connection", connection, 60)

    def connection_advice():
        found = connection()
        return found and found["advice"]
    advice, replayed, text, page = asked_at_once(place, config, CONNECTION, connection_advice,
                                                 lambda: http.get("/peers/65546")[2])
    found = connection()
    ports = [p for p in http.ports() if p["id"] in found["ports"]]
    capacities = [p["capacity_bps"] for p in ports]
    assert len(ports) == 2 and "connection would be at" in page
    for direction in ("out", "in"):
        mine = dict(advice[direction])
        assert mine.pop("made_at") is not None
        same(mine, replayed[direction])
        sentences = told(text, direction)
        assert len(sentences) == 4, text
        for sentence in sentences:
            assert "<dd>%s</dd>" % sentence in page, sentence
        # The larger of the two ports fails: the same traffic in what the other can carry.
        assert mine["capacity_bps"] == sum(capacities) and mine["largest_member_bps"] == max(capacities)
        assert mine["n1_p95_utilisation"] == pytest.approx(
            mine["p95_utilisation"] * sum(capacities) / min(capacities), rel=1e-6)
        assert mine["known_share"] > 0.95
    # Each port has advice of its own, and together they are less full than the fuller one.
    of_ports = [house.wait_until("advice of a port", lambda p=p: port_advice(http, p["id"]), 60) for p in ports]
    assert found["advice"]["out"]["p95_utilisation"] < max(a["out"]["p95_utilisation"] for a in of_ports)
    # A peer's only port is its connection.
    alone = next(c for p in http.ports() if p["asn"] and p["kind"] == "member" and port_advice(http, p["id"])
                 for c in http.json("/api/v1/peers/%d" % p["asn"])["connections"] if len(c["ports"]) == 1)
    assert alone["id"] is None and alone["advice"] == port_advice(http, alone["ports"][0])
    with database(place) as db:
        assert db.execute("SELECT count(*) FROM connection_advice WHERE connection_id NOT IN"
                          " (SELECT connection_id FROM connection_member GROUP BY connection_id HAVING count(*) > 1)"
                          ).fetchone() == (0,)
