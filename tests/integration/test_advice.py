"""Advice about capacity: API, page and replay say the same numbers, soon after a start on old history; a backfill is
followed.

Four weeks of one port that grows by a point a week, with a hole each night, then the four before them."""
import json
import math
import os
import re
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


@pytest.fixture
def place(tmp_path):
    place = house.Place(str(tmp_path))
    try:
        yield place
    except BaseException:
        place.show_logs()
        raise
    finally:
        place.end_all()


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
    check_the_same(place, config, http, ident, name, first)
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
    check_the_same(place, config, http, ident, name, second)


def same(a, b):
    assert a.keys() == b.keys()
    for key in a:
        if isinstance(a[key], float) or isinstance(b[key], float):
            assert math.isclose(a[key], b[key], rel_tol=1e-9), (key, a[key], b[key])
        else:
            assert a[key] == b[key], key


def check_the_same(place, config, http, ident, name, advice):
    replayed = json.loads(place.run("replay", name, "--format", "json", "-c", config).stdout)["advice"]
    text = place.run("replay", name, "-c", config).stdout
    page = http.get("/ports/%d" % ident)[2].decode()
    for direction in ("out", "in"):
        mine = dict(advice[direction])
        assert mine.pop("made_at") is not None
        same(mine, replayed[direction])
        sentences = told(text, direction)
        assert len(sentences) == 3, text
        for sentence in sentences:
            assert "<dd>%s</dd>" % sentence in page, sentence
        assert "95th percentile %.1f%%" % (100 * mine["p95_utilisation"]) in sentences[0]
