"""Weekly letters beside a running collector: made without being asked for, by a process of its own, and alike with what the API
says of the same week."""
import json
import os
import signal
import socket
import time

import pytest

import house
import report_expected as expected
from openapi_book import Book
from test_report import BLOCKS, FULL, GAP, GROUP, PAIR, World, connection_name, same


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """Pages go by the profile of the reports here, so that the API tells the same judgement."""
    place = house.Place(str(tmp_path_factory.mktemp("live")))
    try:
        world = World(place)
        for port, block in BLOCKS.items():
            world.claim(port, block)
        world.text += GROUP + '\ndetector { profile = "proof" }\n'
        world.write()
        world.lay()
        world.run_process, world.http = house.start_run(place, world.config)
        house.wait_until("the ports", lambda: len(world.http.ports()) == 24)
        yield world
    finally:
        place.end_all()


def ask(world, op):
    """Over the collector's own socket, as the commands do."""
    with socket.socket(socket.AF_UNIX) as talk:
        talk.settimeout(20)
        talk.connect(os.path.join(world.place.state, "control.sock"))
        talk.sendall(json.dumps({"op": op}).encode() + b"\n")
        with talk.makefile() as answer:
            return json.loads(answer.readline())


def status(world):
    return ask(world, "status")["reports"]


def check_correction(live):
    """History that comes in is looked at when no more comes."""
    before = live.octets(live.week)
    live.must("backfill", GAP, "--csv", live.gap)
    house.wait_until("a correction", lambda: "AS65548-r2" in live.kept(live.week) and not status(live)["running"], 90)
    assert {name: live.octets(live.week)[name] for name in before} == before
    assert ("peer", 65548, 2, 1) in rows(live) and ("overview", 0, 2, 1) in rows(live)
    assert live.ledger("SELECT state FROM report WHERE asn = 65548 AND edition = 2")[0][0] != "approved"


def rows(world):
    return world.ledger("SELECT kind, asn, edition, count(*) FROM report GROUP BY kind, asn, exchange_id, edition")


def test_a_start_that_missed_the_hour_makes_them_once(live):
    live.run_process.wait_for("report event=made ms=", 90)
    found = status(live)
    assert found["runs"] == 1 and found["failures"] == 0 and not found["running"] and found["due"] == live.week
    want = [b"\nixwatch_collector_report_%s\n" % line for line in (b"runs_total 1", b"failures_total 0", b"running 0")]
    house.wait_until("the metrics", lambda: all(line in live.http.get("/metrics")[2] for line in want))     # of the next snapshot
    assert {count for *_, count in rows(live)} == {1} and len(rows(live)) == len(live.kept(live.week))
    assert ("overview", 0, 1, 1) in rows(live)
    live.must("report", "--remake", "--week", live.week)
    text = live.must("report")
    assert "AS65546" in text and "overview" in text


def test_the_api_says_the_same_of_the_week(live):
    """Days, episodes, verdict and reason: of the ports that are connections by themselves, and of the two that are one."""
    checked = 0
    for name, asn in ((FULL, 64500), (GAP, 65548), (PAIR[0], 65546)):
        facts = live.facts(live.week, "AS%d" % asn)
        connection, = [c for c in facts["connections"] if live.id(name) in [port["id"] for port in c["ports"]]]
        if len(connection["ports"]) > 1:
            continue        # its days are on no route: see test_report
        port = connection["ports"][0]["id"]
        for direction, side in connection["directions"].items():
            days = live.http.json("/api/v1/ports/%d/days?from=%s&to=%s" % (
                port, side["days"][0]["date"], side["days"][-1]["date"]))
            assert days["profile"] == facts["profile"] == "proof" and days["timezone"] == connection["timezone"]
            told = {day["date"]: day for day in days["directions"][direction]["days"]}
            for day in side["days"]:
                if day["date"] in told:
                    same({key: day[key] for key in ("state", "known_share", "congested_minutes", "verdict")},
                         {key: told[day["date"]][key] for key in ("state", "known_share", "congested_minutes", "verdict")},
                         day["date"])
                    checked += 1
            episodes = [e for e in live.http.json("/api/v1/episodes?port=%d&from=%d&to=%d&limit=1000" % (
                port, expected.utc(connection["from"]), expected.utc(connection["to"])))["episodes"]
                if e["direction"] == direction and e["profile"] == "proof"]
            keys = ("start", "end", "minutes", "kind", "excuse", "peak_utilisation", "mean_utilisation")
            same([{key: e[key] for key in keys} for e in side["episodes"]],
                 [{key: e[key] for key in keys} for e in sorted(episodes, key=lambda e: e["start"])], name)
        judged = live.http.json("/api/v1/ports/%d" % port)
        judged = judged["judgement_for_reports"] or judged["judgement"]
        for direction, side in connection["directions"].items():
            now = judged["directions"][direction]
            if now["verdict_since"] is not None and now["verdict_since"] < connection["to"][:10]:
                assert (side["verdict"], side["verdict_since"]) == (now["verdict"], now["verdict_since"])
    assert checked > 80


def test_every_letter_is_as_the_api_describes_it(live):
    book = Book(live.http.get("/api/v1/openapi.json")[2])
    listed = book.hold("GET", "/api/v1/reports", live.http.get("/api/v1/reports"))["reports"]
    assert {report["kind"] for report in listed} == {"peer", "exchange", "overview"}
    for report in listed:
        for pattern in ("/api/v1/reports/{id}", "/reports/{id}/facts.json", "/reports/{id}/letter.txt", "/reports/{id}/letter.html",
                        "/reports/{id}/samples.csv"):
            status, headers, body = live.http.get(pattern.replace("{id}", str(report["id"])))
            book.hold("GET", pattern, (status, headers, body))
            assert status == 200 or report["kind"] != "peer" and pattern.endswith(".csv"), (pattern, report)
    for port in live.http.ports()[:12]:
        for pattern in ("/api/v1/ports/{id}", "/api/v1/ports/{id}/days", "/api/v1/ports/{id}/series"):
            book.hold("GET", pattern, live.http.get(pattern.replace("{id}", str(port["id"]))))


def test_a_maker_that_dies_is_told_and_tried_again(live):
    """What it had begun is completed; no letter is there twice."""
    before, made = rows(live), live.octets(live.week)
    assert ask(live, "report-close")["ok"]
    found = live.run_process.wait_for(r"event=making-started pid=(\d+)(?![\s\S]*event=making-started)")
    pid = int(found.group(1))
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pytest.skip("it was done already")
    failed = house.wait_until("the failure", lambda: (status(live)["failures"] or not status(live)["running"]) and
                              status(live))
    if failed["failures"]:
        assert "died by signal 9" in failed["trouble"]
        assert "event=making-failed" in live.run_process.text() and "again_in_sec=60" in live.run_process.text()
    assert ask(live, "report-close")["ok"]
    house.wait_until("the next", lambda: status(live)["trouble"] is None and not status(live)["running"], 60)
    assert rows(live) == before and live.octets(live.week) == made


def test_it_ends_with_the_collector(live):
    assert ask(live, "report-close")["ok"]
    begun = time.monotonic()
    assert live.run_process.end() == 0
    assert time.monotonic() - begun < 12
    assert not [name for name in os.listdir(live.folder(live.week)) if name.startswith(".tmp") and
                not name.startswith(".tmp-")]
    live.must("report", "--remake", "--week", live.week)
    live.must("report", "--send", "--week", live.week)
    assert {count for *_, count in rows(live)} == {1}
