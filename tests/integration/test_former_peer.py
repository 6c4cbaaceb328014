"""A port that faced another peer before: an account of the peer of today is shown nothing of that time, wherever it asks."""
import csv
import datetime
import io
import json
import os
import re
import sqlite3
import time

import pytest

import house
import letters
import seeded
from test_doors import routes

OLD, NEW, FORMER = 1, 2, 64511   # ports: handed over nine days ago, and half an hour ago; who was faced before
LONG, KEPT_DAYS = 9, 40          # a port handed over so long ago that of that day only one mean is kept
AGO_SEC = {OLD: 9 * 86400 + 5 * 3600 + 1234, NEW: 1800}
# Words and numbers of the former peer alone.
HIDDEN = re.compile(rb"(?i)distinct|0\.4242|77\.7 ?G|66\.6 ?G|77700000000|66600000000|AS64511")
ACCOUNTS = {"noc": ("admin", ""), "fra": ("viewer", "exchange:demo-fra,exchange:demo-lon"), "peer": ("operator", "asn:64496"),
            "next": ("operator", "asn:64497"), "both": ("viewer", "asn:64496,asn:64511"), "former": ("viewer", "asn:64511"), "long": ("viewer", "asn:64504"), "lon": ("viewer", "exchange:demo-lon")}


def utc(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def hand_over(place, port, at):
    """Another peer's until `at`, with everything that the ledger may have of such a time."""
    now = int(time.time())
    window = ("INSERT INTO declared_window (port_id, asn, exchange_id, start_utc_sec, end_utc_sec, until_utc_sec, cause, reason, author,"
              " created_utc_sec) VALUES (?, ?, (SELECT id FROM exchange WHERE slug = ?), ?, ?, ?, ?, ?, 'somebody', 1)")
    windows = [(port, None, None, at - 7200, at - 3600, "attack", "distinct, before"),
               (port, None, None, at - 1000, at + 3 * 86400, "failover", "distinct, across"),
               (None, FORMER, None, at - 1000, at + 3 * 86400, "event", "distinct, of the peer"),
               (None, None, "demo-fra", at - 1000, at + 3 * 86400, "works", "of the exchange, across"),
               (port, None, None, at + 60, at + 3 * 86400, "ours", "behind")]
    letters.change(
        place, ("INSERT OR IGNORE INTO peer (asn, name) VALUES (?, 'Distinct Network')", (FORMER,)),
        ("INSERT INTO port_history SELECT port_id, 1, ?, 'distinct alias', 'Distinct Network', ?, kind FROM port_history"
         " WHERE port_id = ? AND to_utc_sec IS NULL", (at, FORMER, port)),
        ("UPDATE port_history SET from_utc_sec = ? WHERE port_id = ? AND to_utc_sec IS NULL", (at, port)),
        *[(window, (*who, start, end, end, cause, reason)) for *who, start, end, cause, reason in windows],
        ("DELETE FROM capacity WHERE port_id = ?", (port,)),
        *[("INSERT INTO capacity (port_id, from_utc_sec, physical_bps, contracted_bps, source) VALUES (?, ?, ?, ?, 'setting')",
           (port, *entry)) for entry in ((at - 86400, 77.7e9, 66.6e9), (at - 1000, 5e10, 66.6e9), (at + 100, 5e10, None))],
        *[("INSERT INTO alert (kind, exchange_id, agent, port_id, direction, asn, began_utc_sec, noticed_utc_sec, ended_utc_sec, peak,"
           " again, told_count) SELECT 'loss', exchange_id, 'edge1', port.id, 'out', ?, ?, ?, ?, 0.9, 0, 0 FROM port JOIN agent ON"
           " agent.id = agent_id WHERE port.id = ?", (asn, began, began, end, port))
          for asn, began, end in ((FORMER, at - 5000, at - 4000), (FORMER, at - 900, now - 100), (64496, at + 60, now - 90))],
        ("INSERT INTO alert (kind, exchange_id, agent, port_id, direction, asn, began_utc_sec, noticed_utc_sec, peak, again, told_count)"
         " SELECT 'data quality', exchange_id, 'edge1', port.id, 'out', port.asn, ?, ?, 0.9, 0, 0 FROM port JOIN agent ON agent.id = agent_id"
         " WHERE port.id = ?", (at + 200, at + 200, port)),
        *[("INSERT INTO quiet (kind, port_id, start_utc_sec, end_utc_sec, until_utc_sec, reason, author, created_utc_sec) VALUES"
           " ('silence', ?, ?, ?, ?, ?, ?, ?)", (port, said, now + 86400, now + 86400, reason, author, said))
          for said, reason, author in ((at - 500, "distinct silence", "distinct author"), (at + 100, "of late", "kim"))],
        # Made of the former peer's weeks, and not yet anew.
        ("INSERT OR REPLACE INTO advice SELECT ?, direction, ?, 0, ?, 1000, 1000, 5e10, 0.4242, 0.4343, NULL, NULL, NULL, 'reached', 9,"
         " 0.7, NULL, NULL, 2.121e10, 1, 0, NULL, 0 FROM (SELECT 'in' AS direction UNION SELECT 'out')", (port, at - 3000, at // 86400)),
        ("UPDATE verdict SET from_utc_sec = ? WHERE port_id = ? AND to_utc_sec IS NULL", (at + 10, port)),
        ("UPDATE verdict SET from_utc_sec = ? - 90000, to_utc_sec = ? + 10 WHERE port_id = ? AND to_utc_sec IS NOT NULL", (at, at, port)))


@pytest.fixture
def handed(place):
    seeded.seed(place, "--ports", "60", "--series", "12", "--busy", "1", "--days", "80")
    now = int(time.time())
    at = {port: now - ago for port, ago in AGO_SEC.items()} | {LONG: (now // 86400 - 50) * 86400 + 43200 - 1234}
    for port, when in at.items():
        hand_over(place, port, when)
    with open(seeded.write_config(place), encoding="utf-8") as file:
        _, _, site, tokens = house.behind_doors(place, file.read(), ACCOUNTS)

    def get(who, path, want=200):
        status, headers, body = site.as_token(tokens[who], path)
        assert status == want, (who, path, status, body[:300])
        return json.loads(body) if (headers["Content-Type"] or "").startswith("application/json") else body
    return at, get, site, tokens


def test_samples_begin_when_the_port_became_theirs(handed):
    at, get, _, _ = handed
    for port, who, span in ((OLD, "peer", "year"), (OLD, "peer", "month"), (OLD, "peer", "week"), (NEW, "next", "month"), (NEW, "next", "day")):
        path = "/api/v1/ports/%d/series?span=%s" % (port, span)
        whole, mine = get("noc", path), get(who, path)
        assert whole["columns"] == mine["columns"]
        if mine["start"] is not None and span in ("month", "week"):
            start = utc(mine["start"])
            assert at[port] <= start < at[port] + mine["step_sec"] or utc(whole["start"]) == start > at[port], (span, start - at[port])
        for row in range(len(mine["rows"])):  # of a coarse step less may be left than of a fine one
            assert utc(mine["start"]) + row * mine["step_sec"] >= at[port]
        if mine["step_sec"] == whole["step_sec"]:
            assert mine["rows"] == whole["rows"][-len(mine["rows"]):] or not mine["rows"]
        sheet = list(csv.DictReader(io.StringIO(get(who, path.replace("series?", "series.csv?")).decode())))
        assert [utc(row["start"]) for row in sheet] == [utc(mine["start"]) + i * mine["step_sec"] for i in range(len(mine["rows"]))]
        for other in ("fra",) if port == NEW else ("fra", "both"):
            assert get(other, path) == whole, other
    for step in (300, 3600, 86400):
        mine = get("peer", "/api/v1/ports/%d/series?from=%d&to=%d&step=%d" % (OLD, at[OLD] - 40 * 86400, at[OLD] + 3 * 86400, step))
        assert mine["rows"] and at[OLD] <= utc(mine["start"]) < at[OLD] + mine["step_sec"] and mine["step_sec"] >= step
    # Of that time alone there is nothing, which is no error: a chart may be moved there.
    before = "from=%d&to=%d" % (at[OLD] - 86400, at[OLD] - 60)
    assert get("noc", "/api/v1/ports/1/series?" + before)["rows"]
    nothing = get("peer", "/api/v1/ports/1/series?" + before)
    assert nothing["rows"] == [] and nothing["start"] is None
    assert get("peer", "/api/v1/ports/1/series.csv?" + before).decode().count("\n") == 1
    get("former", "/api/v1/ports/1/series?" + before, 404)


def test_pictures_are_those_of_the_time_that_is_theirs(handed):
    at, get, site, tokens = handed
    hour = -(-at[OLD] // 3600) * 3600
    until = int(time.time()) // 3600 * 3600
    for name in ("1.png", "1.svg"):
        path = "/graphs/ports/%s?to=%d&from=%%d" % (name, until)

        def drawn(who, begin):   # cairo numbers what it draws, from picture to picture
            return re.sub(rb"(surface|glyph|clip|mask|source|image|pattern|linear|group|filter)-?\d[\d-]*", rb"\1", get(who, path % begin))
        month = until - 30 * 86400
        assert drawn("peer", month) == drawn("peer", hour) == drawn("peer", hour - 86400)
        assert drawn("peer", month) != drawn("noc", month) and drawn("both", month) == drawn("noc", month)
    # A bar as wide as a day begins when a day does: the day of the change is no bar of theirs.
    day, hour = (-(-at[LONG] // step) * step for step in (86400, 3600))
    assert time.time() - at[LONG] > KEPT_DAYS * 86400 and day > hour
    wide = {who: [get(who, "/graphs/ports/%d.png?to=%d&from=%d" % (LONG, until, begin)) for begin in (until - 60 * 86400, day, hour)]
            for who in ("noc", "long")}
    assert wide["long"] == [wide["noc"][1]] * 3 and wide["noc"][2] != wide["noc"][1]
    before = "?from=%d&to=%d" % (at[OLD] - 86400, at[OLD])
    assert b"no samples yet" in get("peer", "/graphs/ports/1.svg" + before)
    get("peer", "/graphs/ports/1.png" + before, 404)
    assert get("noc", "/graphs/ports/1.png" + before)[:4] == b"\x89PNG"
    # Hour by day: no cell of before has a number.
    cells = {who: [(utc(day + "T00:00:00Z"), told) for day, told in re.findall(
        r"<title>day of (\d{4}-\d\d-\d\d), (\d\d:\d\d: in [^<]*)</title>", get(who, "/graphs/ports/1/heat.svg").decode())]
        for who in ("noc", "peer")}
    known = {who: [day for day, told in found if "%" in told] for who, found in cells.items()}
    assert min(known["noc"]) < at[OLD] - 7 * 86400 and min(known["peer"]) >= at[OLD] - 86400 * 1.5, known["peer"][:3]
    assert len(known["peer"]) > 24 * 8
    for span in ("day", "week", "month", "year"):
        status, _, body = site.as_token(tokens["next"], "/graphs/ports/2.svg?span=" + span)
        assert status == 200 and body != get("noc", "/graphs/ports/2.svg?span=" + span)


def test_what_is_judged_and_told_of_the_time_before_is_not_theirs(handed):
    at, get, _, _ = handed
    for path in ("/api/v1/ports/%d/days?from=2026-01-01" % OLD, "/api/v1/ports/%d/days" % OLD):
        path = path.replace("2026-01-01", stamp(time.time() - 40 * 86400)[:10])
        whole, mine = get("noc", path), get("peer", path)
        for direction, side in mine["directions"].items():
            of_all = whole["directions"][direction]["days"]
            assert side["days"] == [day for day in of_all if day["peer_then"] == "present"] and 0 < len(side["days"]) < len(of_all)
            assert {day["peer_then"] for day in of_all} == {"present", "both", "former"}
        both = get("both", path)["directions"]
        assert both == whole["directions"]
    pages = {who: get(who, "/ports/%d/days" % OLD).decode() for who in ("noc", "peer")}
    row = {who: re.search(r">\w+ %s</a>(.*?)</tr>" % stamp(at[OLD] - 86400)[:10], page).group(1) for who, page in pages.items()}
    assert row["peer"].count("not judged") == 2 and "min" not in row["peer"] and " min<" in row["noc"] and "former" not in pages["peer"]

    def episodes(who, more=""):
        return get(who, "/api/v1/episodes?limit=1000&port=%d%s" % (OLD, more))["episodes"]
    mine, whole = episodes("peer"), episodes("noc")
    assert mine == [e for e in whole if utc(e["start"]) >= at[OLD]] and 0 < len(mine) < len(whole)
    assert episodes("fra") == episodes("both") == whole
    assert all(utc(e["start"]) >= at[e["port"]] for e in get("peer", "/api/v1/episodes?limit=1000")["episodes"] if e["port"] in at)
    assert episodes("peer", "&asn=%d" % FORMER) == []
    hidden = next(e for e in whole if utc(e["start"]) < at[OLD])
    get("peer", "/api/v1/episodes?port=%d&cursor=%d" % (OLD, hidden["id"]), 404)
    assert stamp(utc(hidden["start"]))[:16] not in get("peer", "/ports/%d" % OLD).decode()

    causes = {who: {w["cause"] for w in get(who, "/api/v1/ports/%d/windows" % OLD)["windows"]} for who in ("noc", "peer")}
    assert causes == {"noc": {"attack", "failover", "event", "works", "ours"}, "peer": {"works", "ours"}}
    history = get("peer", "/api/v1/ports/%d" % OLD)["capacity_history"]
    assert [(utc(c["from"]) - at[OLD], c["physical_bps"], c["contracted_bps"]) for c in history] == [(100, 5e10, None), (0, 5e10, None)]
    assert len(get("noc", "/api/v1/ports/%d" % OLD)["capacity_history"]) == 3
    assert utc(get("peer", "/api/v1/ports/%d" % OLD)["state_since"]) >= at[OLD]

    advised = {who: get(who, "/api/v1/ports/%d" % OLD)["advice"]["out"]["p95_utilisation"] for who in ("noc", "peer", "both")}
    assert advised == {"noc": 0.4242, "peer": None, "both": 0.4242}
    for path in ("/api/v1/alerts?limit=1000&port=%d" % OLD, "/api/v1/alerts?limit=1000"):
        loss = {who: [utc(a["began_at"]) - at[OLD] for a in get(who, path)["alerts"] if a["kind"] == "loss" and a["port"] == OLD]
                for who in ("noc", "peer")}
        assert sorted(loss["noc"]) == [-5000, -900, 60] and loss["peer"] == [60], path
    held = {who: next(a["silenced"] for a in get(who, "/api/v1/alerts?open=true&port=%d" % OLD)["alerts"] if a["kind"] == "data quality")
            for who in ("noc", "both", "peer")}
    assert [held[who]["author"] for who in held] == ["distinct author", "distinct author", "kim"]
    alert = next(a["id"] for a in get("noc", "/api/v1/alerts?limit=1000")["alerts"] if a["kind"] == "loss" and utc(a["began_at"]) == at[OLD] - 900)
    get("noc", "/alerts/%d" % alert)
    get("peer", "/alerts/%d" % alert, 404)


def test_no_page_of_theirs_has_a_word_of_it(handed):
    at, get, site, tokens = handed
    whose = {"peer": (OLD, 64496), "next": (NEW, 64497)}
    shown = 0
    for method, pattern, _, _ in routes():
        if method != "GET" or pattern.startswith("/static"):
            continue
        for who, (port, asn) in whose.items():
            path = pattern.replace("{id}", str(port)).replace("{asn}", str(asn)).replace("{slug}", "demo-fra")
            if "{" in path:
                continue
            for asked in (path, path + "?port=%d" % port, path + "?asn=%d" % FORMER, path + "?span=month"):
                status, _, body = site.as_token(tokens[who], asked)
                words = HIDDEN.search(body)
                # What is asked for may be said again: that no port of theirs faces that peer.
                assert words is None or words.group(0) == b"AS64511" and "asn=" in asked, (who, asked, status, words, body[:400])
                shown += HIDDEN.search(site.as_token(tokens["noc"], asked)[2]) is not None
    assert shown > 5, shown
    # That there was one is said, to whom it is kept from.
    assert [b"It faced another peer until" in get(who, "/ports/%d" % OLD) for who in ("peer", "noc", "both")] == [True, False, False]
    # In the last hour a verdict and a capacity took the place of the former peer's.
    assert b"Documentation Carrier" in get("next", "/") and b"77.7" in get("noc", "/ports/2")
    changed = {who: get(who, "/").decode().partition('id="changes"')[2].partition("</section>")[0] for who in ("noc", "next")}
    told = {who: re.findall(r'<li>(?:(?!</li>).)*href="/ports/2"(?:(?!</li>).)*</li>', text) for who, text in changed.items()}
    assert sum("verdict" in line for line in told["noc"]) >= 1 and sum("contract" in line for line in told["noc"]) == 1, changed["noc"]
    assert not any("verdict" in line or "contract" in line for line in told["next"]), told["next"]


def test_a_past_at_another_exchange_is_not_the_exchanges_of_today(place):
    now = seeded.seed(place, "--ports", "60", "--series", "12")
    ports = letters.ports(place)
    old = next(p["id"] for p in ports if p["exchange"] == "demo-fra" and p["id"] > 3)
    new = next(p["id"] for p in ports if p["exchange"] == "demo-lon" and p["id"] <= 12)
    moved = now - 5 * 86400 - 777
    letters.change(
        place, ("INSERT INTO port_move (old_id, new_id, at_utc_sec, asn, actor, reason, moved_utc_sec, done_utc_sec) VALUES"
                " (?, ?, ?, 64500, 'kim', '', ?, ?)", (old, new, moved, moved, moved)),
        ("INSERT INTO port_past VALUES (?, ?, 0, ?)", (new, old, moved)), ("DELETE FROM capacity WHERE port_id IN (?, ?)", (old, new)),
        *[("INSERT INTO capacity (port_id, from_utc_sec, physical_bps, contracted_bps, source) VALUES (?, ?, ?, ?, 'setting')", entry)
          for entry in ((old, moved - 86400, 77.7e9, 66.6e9), (new, moved + 600, 1e11, None))])
    with open(seeded.write_config(place), encoding="utf-8") as file:
        _, _, site, tokens = house.behind_doors(place, file.read(), ACCOUNTS)
    whole, mine = (json.loads(site.as_token(tokens[who], "/api/v1/ports/%d/series?span=month" % new)[2]) for who in ("noc", "lon"))
    both = json.loads(site.as_token(tokens["fra"], "/api/v1/ports/%d/series?span=month" % new)[2])
    assert utc(whole["start"]) < moved <= utc(mine["start"]) < moved + mine["step_sec"] and both == whole
    told = {who: site.as_token(tokens[who], "/api/v1/ports/%d" % new)[2] for who in ("noc", "lon", "fra")}
    assert [HIDDEN.search(told[who]) is not None for who in told] == [True, False, True], told


def test_while_nobody_can_say_whose_it_was_nothing_of_the_past_is_shown(handed, place):
    at, get, _, _ = handed
    assert get("peer", "/api/v1/ports/1/series?span=month")["rows"]
    with sqlite3.connect(os.path.join(place.state, "ixwatch.db"), timeout=20) as ledger:
        ledger.execute("ALTER TABLE port_past RENAME TO port_past_gone")
    # Another look at the world finds out; what was found before holds until then.
    house.wait_until("nothing of it", lambda: get("peer", "/api/v1/ports/1/series?span=month")["rows"] == [], 30)
    assert get("noc", "/api/v1/ports/1/series?span=month")["rows"]
    with sqlite3.connect(os.path.join(place.state, "ixwatch.db"), timeout=20) as ledger:
        ledger.execute("ALTER TABLE port_past_gone RENAME TO port_past")
    house.wait_until("all of it", lambda: get("peer", "/api/v1/ports/1/series?span=month")["rows"], 30)
