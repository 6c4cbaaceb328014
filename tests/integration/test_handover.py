"""A port that changes hands: what the former peer did is not held against the next one, and is not forgotten either."""
import datetime
import json
import os
import re
import sqlite3
import time
import zoneinfo

import house

PORT = "demo-fra/edge1/xe-0/0/0"  # full every evening
ZONE = "Europe/Berlin"            # its exchange's


def verdicts(place, config):
    done = place.run("replay", PORT, "-c", config, "--format", "json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    with sqlite3.connect("file:%s/ixwatch.db?mode=ro" % place.state, uri=True) as db:
        port, = db.execute("SELECT port.id FROM port JOIN agent ON agent.id = agent_id JOIN exchange"
                           " ON exchange.id = exchange_id WHERE slug || '/' || agent.name || '/' || interface = ?",
                           (PORT,)).fetchone()
        live = dict(db.execute("SELECT direction, verdict FROM verdict WHERE to_utc_sec IS NULL AND profile = 'early'"
                               " AND port_id = ?", (port,)).fetchall())
        episodes, = db.execute("SELECT count(*) FROM episode WHERE superseded = 0 AND kind = 'sustained' AND port_id = ?",
                               (port,)).fetchone()
    assert live["out"] == told["directions"]["out"]["verdict"], "live and replay agree"
    return told["directions"]["out"]["verdict"], episodes


def owned_by(place, config, text, asn):
    block = '\tport "edge1/xe-0/0/0" { asn = %d   peer = "Peer %d" }\n' % (asn, asn) if asn else ""
    at = re.search(r"\nexchange demo-fra \{\n", text).end()
    place.file(os.path.basename(config), text[:at] + block + text[at:])
    done = place.run("collect", "--once", "-c", config)
    assert done.returncode == 0, done.stderr


def test_what_the_former_peer_did_is_not_held_against_the_next(place):
    sim = house.Sim(place, "--ports", "12")
    config = sim.config(place, "1s")
    with open(config, encoding="utf-8") as file:
        text = file.read()
    owned_by(place, config, text, 0)
    history = os.path.join(place.path, "history")
    os.mkdir(history)
    sim.ask("history", "--all", "--dir", history, "--from", "now-35d", "--to", "now", "--step", "300")
    assert place.run("backfill", "--all", history, "-c", config, timeout_sec=120).returncode == 0

    before = verdicts(place, config)
    assert before[0] == "routine" and before[1] > 20
    owned_by(place, config, text, 65099)
    assert verdicts(place, config)[0] == "insufficient data"
    assert verdicts(place, config)[1] == before[1], "the former peer's episodes stay"
    # A slip of the pen: it was the first peer's all the time but for a moment.
    owned_by(place, config, text, 0)
    assert verdicts(place, config)[0] == "routine"
    assert verdicts(place, config)[1] >= before[1] - 1


def history(path, until, shares):
    """Means of 300 s out of 10G: a share for each of the weeks that end at until."""
    start = until - len(shares) * 7 * 86400
    with open(path, "w", encoding="utf-8") as file:
        file.write("time_utc_sec,in_bps,out_bps,capacity_bps\n")
        for at in range(start + 300, until + 1, 300):
            file.write("%d,1e9,%.0f,1e10\n" % (at, shares[(at - start - 1) // (7 * 86400)] * 1e10))
    return path


def local_hour(utc_sec):
    return datetime.datetime.fromtimestamp(utc_sec, zoneinfo.ZoneInfo(ZONE)).hour


def test_advice_and_days_tell_whose_they_are(place):
    sim = house.Sim(place, "--ports", "12")
    config = sim.config(place, "1s")
    with open(config, encoding="utf-8") as file:
        text = file.read()
    owned_by(place, config, text, 0)
    until = int(time.time()) // 3600 * 3600 - 7200
    weeks = 3 * 7 * 86400
    while 6 in (local_hour(until), local_hour(until - weeks)):     # the port changes hands within a traffic day
        until -= 3600
    file = history(os.path.join(place.path, "history.csv"), until, [0.85, 0.85, 0.3, 0.3, 0.3])
    assert place.run("backfill", PORT, "--csv", file, "-c", config).returncode == 0

    def advice(http, ident):
        found = http.json("/api/v1/ports/%d" % ident)["advice"]["out"]
        return found if found["made_at"] is not None else None

    def replayed():
        return json.loads(place.run("replay", PORT, "-c", config, "--format", "json").stdout)["advice"]["out"]
    run, http = house.start_run(place, config)
    ident = house.wait_until("the port", lambda: next(
        (p["id"] for p in http.ports() if PORT == "%(exchange)s/%(agent)s/%(interface)s" % p), None))
    before = house.wait_until("advice", lambda: advice(http, ident), 60)
    assert before["peak_utilisation"] > 0.84 and before["known_share"] > 0.95 and before["trend_weeks"] >= 4
    days = http.json("/api/v1/ports/%d/days" % ident)["directions"]["out"]["days"]
    assert len(days) >= 28 and {day["peer_then"] for day in days} == {"present"}
    assert "former" not in http.get("/ports/%d/days" % ident)[2].decode()
    run.end()

    # It is another's from now on: nothing is known of that one, and nothing of the former one is told as its.
    owned_by(place, config, text, 65099)
    run, http = house.start_run(place, config)
    house.wait_until("the ports", http.ports)
    told = http.json("/api/v1/ports/%d" % ident)["advice"]["out"]
    assert told["made_at"] is None and told["p95_utilisation"] is None and told["trend"] is None
    assert replayed()["p95_utilisation"] is None
    days = http.json("/api/v1/ports/%d/days" % ident)["directions"]["out"]["days"]
    assert len(days) >= 28 and [day["peer_then"] for day in days if day["date"] < days[-1]["date"]] == \
        ["former"] * (len(days) - 1)
    assert days[0]["state"] != "unknown", "what the former peer's days were is not forgotten"
    run.end()

    # It has been the other's for three weeks: only they count.
    then = until - weeks
    with sqlite3.connect("file:%s/ixwatch.db" % place.state, uri=True) as db:
        db.execute("UPDATE port_history SET from_utc_sec = from_utc_sec - 90 * 86400 WHERE port_id = ? AND to_utc_sec IS"
                   " NOT NULL", (ident,))
        db.execute("UPDATE port_history SET to_utc_sec = ? WHERE port_id = ? AND to_utc_sec IS NOT NULL", (then, ident))
        db.execute("UPDATE port_history SET from_utc_sec = ? WHERE port_id = ? AND to_utc_sec IS NULL", (then, ident))
        db.execute("DELETE FROM checkpoint WHERE port_id = ?", (ident,))
    run, http = house.start_run(place, config)

    def of_one_day():  # another may begin with any step that ends
        found, again = advice(http, ident), replayed()
        return (found, again) if found and found["until"] == again["until"] else None
    after, again = house.wait_until("advice of three weeks", of_one_day, 60)
    assert {key: after[key] for key in again if key != "made_at"} == again
    assert after["peak_utilisation"] < 0.31 and 0.70 < after["known_share"] < 0.76 and after["trend_weeks"] <= 3
    with sqlite3.connect("file:%s/ixwatch.db?mode=ro" % place.state, uri=True) as db:
        worst, = db.execute("SELECT max(peak_utilisation) FROM traffic_week WHERE port_id = ? AND direction = 'out'",
                            (ident,)).fetchone()
    assert worst < 0.31, "no week of the former peer's is kept as this one's"
    days = http.json("/api/v1/ports/%d/days" % ident)["directions"]["out"]["days"]
    whose = [day["peer_then"] for day in days]
    assert whose == sorted(whose, key=["former", "both", "present"].index)
    assert whose.count("both") == 1 and 5 <= whose.count("former") <= 7
    page = http.get("/ports/%d/days" % ident)[2].decode()
    assert page.count("in part a former peer&#39;s") + page.count("in part a former peer's") == 1
    assert page.count('<tr class="former">') == 1 + whose.count("former")
    page = http.get("/ports/%d" % ident)[2].decode()
    assert " former\" title=" in page and "not held against the present one" in page
    picture = http.get("/graphs/ports/%d/heat.svg?width=1000" % ident)[2].decode()
    assert picture.count("; a former peer") in range(5 * 24, 7 * 24)
