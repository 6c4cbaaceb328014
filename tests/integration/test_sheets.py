"""What can be taken away: lists and series as CSV, which say what the JSON says; answers made smaller on their way."""
import csv
import gzip
import io
import json
import os
import re
import sqlite3
import time

import pytest

import house
import seeded

HOSTILE = "=HYPERLINK(\"http://x\",\"y\")"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    place = house.Place(str(tmp_path_factory.mktemp("site")))
    seeded.seed(place)
    with sqlite3.connect(os.path.join(place.state, "ixwatch.db")) as ledger:
        ledger.execute("UPDATE port SET peer = ? WHERE id = 2", (HOSTILE,))
    yield seeded.serve(place)[1]
    place.end_all()


def sheet(site, path, status=200):
    got, headers, body = site.get(path)
    assert got == status, (path, got, body[:300])
    assert headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    text = body.decode("utf-8")
    assert text.endswith("\r\n") and text.count("\n") == text.count("\r\n")
    return headers, list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def cell(value):
    """As the sheet has a JSON value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, str):
        return "'" + value if value[:1] in tuple("=+-@\t\r\n") and value else value
    return value


def same(row, item):
    """Every cell says what the JSON says; every plain JSON field is there."""
    missing = {key for key, value in item.items() if not isinstance(value, dict)} - set(row)
    assert missing == set(), missing
    for key, text in row.items():
        want = cell(item[key])
        if isinstance(want, (int, float)):
            assert float(text) == want, (key, text, want)
        else:
            assert text == want, (key, text, want)


@pytest.mark.parametrize("path, filters, name", [
    ("/api/v1/ports", "limit=1000", "ports"), ("/api/v1/ports", "exchange=demo-fra&state=sustained", "ports"),
    ("/api/v1/ports", "verdict=routine", "ports"), ("/api/v1/ports", "limit=7&cursor=5", "ports"),
    ("/api/v1/ports", "state=down&exchange=demo-lon", "ports"),
    ("/api/v1/episodes", "limit=1000", "episodes"), ("/api/v1/episodes", "port=1&kind=sustained&limit=5", "episodes"),
    ("/api/v1/episodes", "open=true", "episodes"), ("/api/v1/episodes", "port=100", "episodes")])
def test_a_list_is_the_same_as_json_and_as_csv(site, path, filters, name):
    whole = site.json(path + "?" + filters)
    headers, rows = sheet(site, path + ".csv?" + filters)
    assert len(rows) == len(whole[name])
    for row, item in zip(rows, whole[name]):
        same(row, item)
    assert headers.get("X-Next-Cursor") == whole["next"]


def test_where_a_list_goes_on_is_said_as_it_was_asked_for_however_often(site):
    """An answer is kept with its headers: one spelling's link is never given to another's."""
    for target in 2 * ["/api/v1/ports?limit=7", "/api/v1/%70orts?limit=7", "/api/v1/ports?limit=7&exchange="]:
        for more in ({}, {"Accept-Encoding": "gzip"}):
            status, headers, _ = site.get(target, headers=more)
            if status == 400:       # an empty filter is none
                continue
            on = headers["Link"].split(";")[0].strip("<>")
            assert on.startswith(target.rstrip("&") + "&cursor="), (target, on)
            assert on.endswith("cursor=" + headers["X-Next-Cursor"]) and headers["Link"].endswith('rel="next"')
            assert site.json(on)["ports"][0]["id"] not in [p["id"] for p in site.json(target)["ports"]]


@pytest.mark.parametrize("path,name", [
    ("ports.csv", "ports"), ("ports.csv?exchange=demo-fra&asn=64496", "ports_demo-fra_AS64496"), ("episodes.csv", "episodes"),
    ("episodes.csv?port=1&open=true", "episodes_port-1"), ("ports/3/days.csv", "days_port-3")])
def test_a_sheet_has_a_name_of_its_own_to_be_saved_by(site, path, name):
    headers, _ = sheet(site, "/api/v1/" + path)
    assert re.fullmatch(r'attachment; filename="%s_20\d\d-\d\d-\d\dT\d{4}Z\.csv"' % name, headers["Content-Disposition"])


def test_days_of_both_directions(site):
    whole = site.json("/api/v1/ports/1/days")
    _, rows = sheet(site, "/api/v1/ports/1/days.csv")
    want = [(direction, day) for direction in ("out", "in") for day in whole["directions"][direction]["days"]]
    assert len(rows) == len(want) > 40
    for row, (direction, day) in zip(rows, want):
        assert row.pop("direction") == direction
        same(row, day)


@pytest.mark.parametrize("query", ["", "?span=week", "?step=1h", "?step=1d", "?step=300", "gap"])
def test_a_series(site, query):
    now = int(time.time())
    if query == "gap":      # the agent was silent then
        silent = (now // 86400 - 10) * 86400
        query = "?from=%d&to=%d&step=1h" % (silent, silent + 86400)
    whole = site.json("/api/v1/ports/1/series" + query)
    _, rows = sheet(site, "/api/v1/ports/1/series.csv" + query)
    assert list(rows[0]) == ["start", "end"] + whole["columns"]
    assert whole["columns"][-2:] == ["in_bps_max", "out_bps_max"]
    assert rows[0]["start"] == whole["start"] and len(rows) == len(whole["rows"])
    unknown = 0
    for row, values in zip(rows, whole["rows"]):
        for name, value in zip(whole["columns"], values):
            assert row[name] == "" if value is None else float(row[name]) == pytest.approx(value, rel=1e-15), name
            unknown += value is None
        if row["out_bps"]:
            assert float(row["out_bps_max"]) >= float(row["out_bps"])
    if "from=" in query:
        assert unknown > 100


def test_a_formula_from_outside_is_only_text(site):
    _, rows = sheet(site, "/api/v1/ports.csv")
    assert [row["peer"] for row in rows if row["id"] == "2"] == ["'" + HOSTILE]
    assert not [text for row in rows for text in row.values() if text[:1] in tuple("=+@\t\r")]


@pytest.mark.parametrize("path, status", [
    ("/api/v1/ports.csv?x=1", 400), ("/api/v1/ports.csv?exchange=nowhere", 404), ("/api/v1/ports/999999/series.csv", 404),
    ("/api/v1/ports/999999/days.csv", 404), ("/api/v1/ports/1/series.csv?from=200&to=100", 400),
    ("/api/v1/episodes.csv?kind=long", 400), ("/api/v1/ports/1.csv", 404), ("/api/v1/ports/999999/windows", 404),
    ("/api/v1/ports/1/windows?limit=1", 400)])
def test_errors_are_those_of_the_json(site, path, status):
    got, headers, body = site.get(path)
    assert got == status and headers["Content-Type"] == "application/json"
    assert json.loads(body)["error"]["message"]


def test_declared_windows_of_a_port(place):
    seeded.seed(place, "--ports", "12", "--series", "0")
    site = seeded.serve(place)[1]
    now = int(time.time()) // 60 * 60
    done = place.run("declare", "add", "--scope", "exchange:demo-fra", "--from", str(now - 7200), "--to", str(now - 3600),
                     "--cause", "event", "--reason", "match", "-c", seeded.write_config(place))
    assert done.returncode == 0, done.stderr
    window, = site.json("/api/v1/ports/1/windows")["windows"]
    assert (window["scope"], window["cause"]) == ("exchange", "event")
    assert site.json("/api/v1/ports/1/windows?from=%d&to=%d" % (now - 3000, now))["windows"] == []
    assert site.json("/api/v1/ports/2/windows")["windows"] == []     # at another exchange


GZIP = {"Accept-Encoding": "gzip"}


def test_what_is_squeezed_is_the_same_in_fewer_octets(site):
    for path in ("/api/v1/ports", "/api/v1/ports.csv", "/api/v1/ports/1/series", "/", "/ports/1", "/metrics",
                 "/static/style.css", "/static/chart.js", "/static/dygraph.min.js"):
        _, plain, whole = site.get(path)
        status, headers, body = site.get(path, headers=GZIP)
        assert status == 200 and headers["Content-Encoding"] == "gzip", path
        assert "Content-Encoding" not in plain
        assert headers["Vary"] == plain["Vary"] == "Accept-Encoding"
        assert len(body) < len(whole) / 2 and int(headers["Content-Length"]) == len(body)
        if path.startswith(("/api/v1/ports", "/static")):
            assert gzip.decompress(body) == whole, path
        else:
            assert gzip.decompress(body)[:200] == whole[:200], path
        if "ETag" in plain:
            assert headers["ETag"] != plain["ETag"]
            for tag, also in ((headers["ETag"], GZIP), (plain["ETag"], {})):
                status, again, rest = site.get(path, headers=dict(also, **{"If-None-Match": tag}))
                assert (status, rest, again["ETag"], again["Vary"]) == (304, b"", tag, "Accept-Encoding"), path
            assert site.get(path, headers=dict(GZIP, **{"If-None-Match": plain["ETag"]}))[0] == 200
            assert site.get(path, headers={"If-None-Match": headers["ETag"]})[0] == 200


def test_what_is_not_squeezed(site):
    for path in ("/graphs/ports/1.png", "/graphs/ports/1.svg", "/static/icon.svg", "/healthz", "/nothing", "/?x=1",
                 "/api/v1/ports?limit=1&state=down&exchange=demo-nyc"):
        assert "Content-Encoding" not in site.get(path, headers=GZIP)[1], path
    assert "Content-Encoding" not in site.get("/api/v1/ports", headers={"Accept-Encoding": "br, gzip;q=0"})[1]
    status, headers, body = site.get("/api/v1/ports", method="HEAD", headers=GZIP)
    assert (status, headers["Content-Encoding"], body) == (200, "gzip", b"")


def test_a_thousand_ports_in_a_seventh_of_the_octets(place):
    seeded.seed(place, "--ports", "1000", "--series", "0")
    site = seeded.serve(place)[1]
    sizes, times = {}, {}
    for name, headers in (("plain", {}), ("gzip", GZIP)):
        spent = []
        for _ in range(15):
            begun = time.monotonic()
            sizes[name] = len(site.get("/api/v1/ports?limit=1000", headers=headers)[2])
            spent.append(time.monotonic() - begun)
        times[name] = (spent[0], sorted(spent)[7])
    print("octets", sizes, "first and median seconds", times)
    assert sizes["gzip"] < sizes["plain"] / 7
    assert times["gzip"][1] < 0.05
