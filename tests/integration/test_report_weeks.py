"""Letters of weeks that are none of the plain ones: 167 and 169 hours, two zones, nothing known, a port that changes hands."""
import datetime
import json
import os
import re
import sqlite3
import time
import zoneinfo

import pytest

import house
import report_expected as expected
import test_report
from test_report import CONTRACT, World, check_connection

BERLIN, NEW_YORK = "demo-fra/edge1/xe-0/0/0", "demo-nyc/edge1/HundredGigE0/1/0/0"   # both are AS64500's here
HANDED = "demo-lon/edge1/Ethernet2"
DAY = datetime.timedelta(1)


def changes_of_the_clock(zone, until):
    """The Mondays of the last two closed weeks in which the clock changed there."""
    found, at = [], until
    while len(found) < 2:
        week = [datetime.datetime.combine(at + n * DAY, datetime.time(6), zoneinfo.ZoneInfo(zone)) for n in (0, 7)]
        if week[0].utcoffset() != week[1].utcoffset():
            found.append(at)
        at -= 7 * DAY
    return found


def evening_history(begin, end, zone, capacity, full=True):
    """Five-minute rows of a port that is full from 19:00 to 22:00 local time and half full else."""
    place = zoneinfo.ZoneInfo(zone)
    lines = ["time_utc_sec,in_bps,out_bps,in_pps,out_pps,in_discards_pps,out_discards_pps,capacity_bps\n"]
    for at in range(begin + 300, end + 1, 300):
        hour = datetime.datetime.fromtimestamp(at - 300, place).hour
        share = (0.94 if full and 19 <= hour < 22 else 0.45) + (at // 300 * 7919 % 100) / 5000
        bps = capacity * share
        lines.append("%d,%.0f,%.0f,%.0f,%.0f,0,%d,%d\n" % (at, bps / 4, bps, bps / 32000, bps / 8000,
                                                          3 if share > 0.94 else 0, capacity))
    return "".join(lines)


class Weeks(World):
    """The two ports of AS64500, in two zones, with history around both changes of the clock; after each there is a week of
    which nothing is known."""

    def lay(self):
        self.must("collect", "--once")
        today = datetime.date.today()
        last = today - (today.weekday() + 14) * DAY
        self.changes = changes_of_the_clock("Europe/Berlin", last)
        for port, zone, capacity in ((BERLIN, "Europe/Berlin", 10e9), (NEW_YORK, "America/New_York", 100e9)):
            for n, monday in enumerate(self.changes):
                begin = expected.day_begin(monday - 28 * DAY, zone)
                end = expected.day_begin(monday + 7 * DAY, zone)
                # What comes later, so that the silence is one of the port, not the end of its history.
                later = expected.day_begin(monday + 14 * DAY, zone)
                for part, (a, b) in enumerate(((begin, end), (later, later + 7200))):
                    name = self.place.file("%d-%d.csv" % (n, part), evening_history(a, b, zone, capacity))
                    self.must("backfill", port, "--csv", name)


@pytest.fixture(scope="module")
def weeks(tmp_path_factory):
    place = house.Place(str(tmp_path_factory.mktemp("weeks")))
    try:
        world = Weeks(place, "--archive-step", "400d", "--archive-hour", "400d")
        world.claim(NEW_YORK, 'asn = 64500   peer = "ExampleNet"')
        world.lay()
        world.window = None
        yield world
    finally:
        place.end_all()


def letter(world, monday, asn=64500):
    week = "%d-W%02d" % monday.isocalendar()[:2]
    world.must("report", "--week", week, "--peer", str(asn))
    return week, world.facts(week, "AS%d" % asn)


@pytest.mark.parametrize("n", [0, 1], ids=["last change", "the one before"])
def test_a_week_in_which_the_clock_changes_has_its_own_hours(weeks, n, monkeypatch):
    monday = weeks.changes[n]
    week, facts = letter(weeks, monday)
    there = {c["exchange"]: c for c in facts["connections"]}
    spring = datetime.datetime(monday.year, monday.month, monday.day, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")).dst() \
        == datetime.timedelta(0)
    assert there["demo-fra"]["hours"] == (167 if spring else 169)
    assert there["demo-nyc"]["hours"] == 168, "the clock changes there in another week"
    for direction in ("out", "in"):
        days = there["demo-fra"]["directions"][direction]["days"]
        changed = (monday + 5 * DAY).isoformat()    # the night from Saturday to Sunday is Saturday's
        assert {day["date"]: len(day["hours"]) for day in days}[changed] == (23 if spring else 25)
        assert sum(len(day["hours"]) for day in days[-7:]) == there["demo-fra"]["hours"]
        assert there["demo-fra"]["directions"]["out"]["verdict"] == "routine"
    # Both, to the last figure, as replay and their own samples have them.
    monkeypatch.setattr(test_report, "limit_of", lambda world, port: None)
    samples = expected.samples_of(weeks.read(week, "AS64500.csv"))
    for connection in facts["connections"]:
        assert len(samples[connection["ports"][0]["id"]]) == connection["hours"] * 12
        check_connection(weeks, connection, samples)
    weeks.must("report", "--remake", "--week", week)


def test_a_week_of_which_nothing_is_known_says_so(weeks):
    week, facts = letter(weeks, weeks.changes[1] + 7 * DAY)
    for connection in facts["connections"]:
        hole, = connection["unknown"]
        assert (hole["from"], hole["to"]) == (connection["from"], connection["to"])
        assert connection["graph"] is None and connection["capacity_bps"] is None
        for side in connection["directions"].values():
            assert side["known_share"] == 0 and side["drops_measured"] is False
            assert {side[key] for key in ("p95_bps", "p95_utilisation", "peak_utilisation", "mean_utilisation", "minutes_90",
                                          "minutes_95", "drops_share")} == {None}
            assert {day["state"] for day in side["days"][-7:]} == {"unknown"} and side["episodes"] == []
            assert {hour["max"] for day in side["days"][-7:] for hour in day["hours"]} == {None}
    rows = expected.samples_of(weeks.read(week, "AS64500.csv"))
    assert {value for of in rows.values() for row in of for key, value in row.items() if key != "time_utc_sec"} == {None}
    assert " 0%" not in weeks.read(week, "AS64500.txt").split("The week in figures")[1].split("Four weeks")[0]


# --- a port that changes hands ---

def ledger_write(world, sql, *values):
    with sqlite3.connect("%s/ixwatch.db" % world.place.state) as db:
        assert db.execute(sql, values).rowcount > 0, sql


def test_what_was_the_former_peers_is_in_no_letter_of_the_next(weeks):
    world = weeks
    today = datetime.date.today()
    monday = today - (today.weekday() + 7) * DAY
    begin, end = (expected.day_begin(monday + n * DAY, "Europe/London") for n in (0, 7))
    handed = begin + 2 * 86400 + 6 * 3600
    world.claim(HANDED, 'asn = 65537   peer = "Saltmarsh Telecom"   contracted = "5G"   circuit = "CIRCUIT-OF-THE-FORMER"')
    world.must("collect", "--once")
    name = world.place.file("handed.csv", evening_history(begin - 14 * 86400, end + 7200, "Europe/London", 10e9))
    world.must("backfill", HANDED, "--csv", name)
    world.claim(HANDED, 'asn = 65100   peer = "Newcomer"   circuit = "CIRCUIT-OF-THE-NEXT"')
    world.must("collect", "--once")
    port = world.id(HANDED)
    # It happened in the middle of that week.
    ledger_write(world, "UPDATE port_history SET from_utc_sec = ?, to_utc_sec = ? WHERE port_id = ? AND asn = 65537",
                 begin - 30 * 86400, handed, port)
    ledger_write(world, "UPDATE port_history SET from_utc_sec = ? WHERE port_id = ? AND asn = 65100", handed, port)
    world.must("declare", "add", "--scope", "peer:65537", "--from", expected.text_of(begin), "--to",
               expected.text_of(begin + 3600), "--cause", "works", "--reason", "WORKS-OF-THE-FORMER")
    world.must("declare", "add", "--scope", "port:" + HANDED, "--from", expected.text_of(begin), "--to",
               expected.text_of(begin + 3600), "--cause", "works", "--reason", "THEN-SAID-OF-THE-PORT")

    week, facts = letter(world, monday, 65100)
    connection, = facts["connections"]
    for side in connection["directions"].values():
        assert side["known_share"] == pytest.approx((end - handed) / (end - begin))
        assert side["last_week"] is None and {day["state"] for day in side["days"][:-7]} == {"unknown"}
        assert all(expected.utc(episode["start"]) >= handed for episode in side["episodes"])
    hole = connection["unknown"][0]
    assert (expected.utc(hole["from"]), expected.utc(hole["to"])) == (begin, handed)
    for row in expected.samples_of(world.read(week, "AS65100.csv"))[port]:
        known = {value for key, value in row.items() if key != "time_utc_sec"} != {None}
        assert known == (row["time_utc_sec"] > handed), row
    for name, octets in world.octets(week).items():
        if name.startswith("AS65100"):
            for word in (b"CIRCUIT-OF-THE-FORMER", b"WORKS-OF-THE-FORMER", b"THEN-SAID-OF-THE-PORT", b"65537", b"Saltmarsh", b"5000000000"):
                assert word not in octets, (name, word)
    assert b"CIRCUIT-OF-THE-NEXT" in world.octets(week)["AS65100.json"]
    assert "AS65537" not in world.kept(week)
    done = world.run("report", "--week", week, "--peer", "65537")
    assert done.returncode == 1 and "AS65537 has no port" in done.stderr
