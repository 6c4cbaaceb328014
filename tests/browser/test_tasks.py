"""What somebody on shift sits down to do, each from the overview and in no more clicks than are counted here: the worst port, why it
is judged so, where else its peer has room, no mail during tonight's works, and the week's samples for a colleague.
"""
import csv
import datetime
import email.message
import json
import os
import re
import sqlite3
import sys
import urllib.request
import zoneinfo

import pytest

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)),
                os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration")]

import house    # noqa: E402
import seeded   # noqa: E402
from test_pages import CONTRAST, PHONE, WIDE, browser, look, pytestmark   # noqa: E402,F401

SIZES = [WIDE, PHONE]


# Of a peer's connections, the 95th percentiles of in and out; the third is not advised of yet.
BUSY_HOURS = {"demo-fra": (0.20, 0.96), "demo-lon": (0.10, 0.45)}


def advise(place):
    """What the collector would have written of the peer of port 1."""
    with sqlite3.connect(place.state + "/ixwatch.db") as ledger:
        for slug, shares in BUSY_HOURS.items():
            of = ledger.execute("INSERT INTO connection (exchange_id, asn) SELECT exchange.id, port.asn FROM exchange, port "
                                "WHERE exchange.slug = ? AND port.id = 1", (slug,)).lastrowid
            for direction, share in zip(("in", "out"), shares):
                ledger.execute("INSERT INTO connection_advice (connection_id, direction, made_utc_sec, basis, day, possible_samples, "
                               "known_samples, p95_utilisation, trend, trend_weeks, congested_share, is_least, next_member_count) "
                               "VALUES (?, ?, 1, 1, 1, 8064, 8064, ?, 'too few weeks', 4, 0.9, 0, 0)", (of, direction, share))
    ledger.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    place = house.Place(str(tmp_path_factory.mktemp("tasks")))
    seeded.seed(place, "--busy", "1")
    advise(place)
    yield seeded.serve(place)[1]
    place.end_all()


class Reader:
    """Begins at the overview, and clicks what a person sees."""

    def __init__(self, driver, server, size=WIDE):
        self.driver, self.server, self.clicks = driver, server, 0
        assert look(driver, server, "/", size=size) == []

    def click(self, css, leads_to):
        self.driver.find_element("css selector", css).click()
        self.clicks += 1
        house.wait_until("the page " + leads_to, lambda: re.search(leads_to, self.driver.current_url))

    def text(self, css):
        return self.driver.find_element("css selector", css).text

    def is_seen_at_once(self, css):
        """Without scrolling."""
        return self.driver.execute_script(
            "const b = document.querySelector(arguments[0]).getBoundingClientRect();"
            "return b.top > -1 && b.bottom <= innerHeight && b.width > 0", css)


def find_worst(reader):
    """The first port among what needs a hand."""
    assert reader.is_seen_at_once(".need a[href^='/ports/']")
    reader.click(".need a[href^='/ports/']", r"/ports/\d+$")


@pytest.mark.parametrize("size", SIZES)
def test_the_worst_port_is_one_click_away_and_says_since_when_and_why(browser, site, size):   # noqa: F811
    reader = Reader(browser, site, size)
    find_worst(reader)
    assert reader.clicks == 1
    assert reader.is_seen_at_once(".banner .state") and reader.is_seen_at_once(".banner .verdict")
    assert re.search(r"since .*\d\d:\d\dZ? ?.*\(.+\)", reader.text(".banner"))
    reader.click(".to-verdict", "#verdict")
    assert "since the traffic day of" in reader.text("main") and re.search(r"Rule [ABC]: \d+ ", reader.text("main"))
    assert reader.clicks == 2


def bps(text):
    """What a cell says is free; None: unknown."""
    word = text.split("\n")[0]
    if word == "unknown":
        return None
    return 0.0 if word == "none" else float(word.split()[0]) * {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "b": 1}[word.split()[1][0]]


@pytest.mark.parametrize("size", SIZES)
def test_another_exchange_with_room_is_two_clicks_away_the_roomiest_first(browser, site, size):   # noqa: F811
    reader = Reader(browser, site, size)
    find_worst(reader)
    reader.click(".banner a[href$='#room']", r"/peers/\d+#room$")
    assert reader.clicks == 2
    house.wait_until("the table", lambda: reader.is_seen_at_once("#room") and reader.is_seen_at_once("table.room tbody tr"))
    assert browser.execute_script(CONTRAST) == []
    asn = browser.current_url.split("/")[-1].split("#")[0]
    told = {c["exchange"]: c for c in json.loads(site.get("/api/v1/peers/%s" % asn)[2])["connections"]}
    rows = browser.find_elements("css selector", "table.room tbody tr")
    assert len(rows) == len(told) > 1
    least = []
    for row in rows:
        slug = row.find_element("css selector", "th a").get_attribute("href").split("/")[-1]
        free = {d: bps(row.find_element("css selector", "td[data-label='Room %s']" % d).get_attribute("innerText").strip())
                for d in ("in", "out")}
        connection = told.pop(slug)
        for direction, shown in free.items():
            p95 = (connection.get("advice") or {}).get(direction, {}).get("p95_utilisation")
            if p95 is None or connection["capacity_bps"] is None:
                assert shown is None, "unknown is no room, and never 0"
            else:
                assert shown == pytest.approx(max(0.0, (0.7 - p95) * connection["capacity_bps"]), rel=0.01)
        least.append(-1 if None in free.values() else min(free.values()))
    assert least == sorted(least, reverse=True)
    assert least[0] > 0 and least[1:] == [0, -1], "room, none, and unknown at the end"


@pytest.mark.parametrize("size", SIZES)
def test_the_weeks_samples_are_two_clicks_away_in_a_file_that_says_whose_and_when(browser, site, size, tmp_path):   # noqa: F811
    reader = Reader(browser, site, size)
    find_worst(reader)
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    port = browser.current_url.split("/")[-1]
    link = browser.find_element("css selector", "a[href='/api/v1/ports/%s/series.csv?span=week']" % port)
    assert link.text == "CSV"
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", link)
    link.click()
    got = house.wait_until("the file", lambda: [n for n in os.listdir(tmp_path) if n.endswith(".csv")])
    about = json.loads(site.get("/api/v1/ports/" + port)[2])
    today = datetime.datetime.now(datetime.timezone.utc)
    stem = "_".join(re.sub(r"[^A-Za-z0-9._-]", "-", about[key]) for key in ("exchange", "agent", "interface"))
    assert re.fullmatch(re.escape(stem) + r"_\d{4}-\d\d-\d\d_\d{4}-\d\d-\d\d\.csv", got[0]), got
    first, last = [datetime.date.fromisoformat(day) for day in got[0][:-4].split("_")[-2:]]
    assert (last - first).days == 7 and abs((today.date() - last).days) <= 1
    with open(tmp_path / got[0], encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 7 * 287 and {"start", "end", "in_bps", "out_bps"} <= set(rows[0])
    # as README says it, without a browser
    with urllib.request.urlopen("http://127.0.0.1:%d/api/v1/ports/%s/series.csv?span=week" % (site.port, port)) as answer:
        said = email.message.Message()
        said["Content-Disposition"] = answer.headers["Content-Disposition"]
        assert said.get_content_disposition() == "attachment" and said.get_filename().startswith(stem)


def test_what_goes_wrong_is_no_file(site):
    status, headers, body = site.get("/api/v1/ports/1/series.csv?from=x")
    assert status == 400 and "Content-Disposition" not in headers and b"error" in body


BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


def port_at(server, exchange):
    """Its first; other exchanges may have theirs sooner."""
    return house.wait_until("a port at " + exchange, lambda: next((p for p in server.ports() if p["exchange"] == exchange), None))


def test_tonights_works_are_silenced_by_the_clock_of_the_exchange(browser, tmp_path):   # noqa: F811
    place = house.Place(str(tmp_path))
    try:
        sim = house.Sim(place)
        config = sim.config(place, "2s")
        server = house.start_run(place, config)[1]
        port = port_at(server, "demo-fra")
        reader = Reader(browser, server)
        find = "a[href='/ports/%d']" % port["id"]
        reader.click(find, "/ports/%d$" % port["id"])
        reader.click(".banner a[href$='/silence']", "/silence$")
        assert "Europe/Berlin" in reader.text("form.ask") and "Declare a window" in reader.text("main")
        night = datetime.datetime.now(BERLIN).date() + datetime.timedelta(days=1)
        for name, clock in (("from", "02:00"), ("to", "05:00")):    # as a person types into such a field
            browser.execute_script("document.querySelector('[name=%s]').value = '%sT%s'" % (name, night, clock))
        browser.find_element("name", "reason").send_keys("fibre works")
        reader.click("form.ask button", r"/silence\?done=\d+$")
        assert reader.clicks == 3
        begins, ends = [datetime.datetime(night.year, night.month, night.day, hour, tzinfo=BERLIN) for hour in (2, 5)]
        assert "from %s 02:00 %s until %s 05:00 %s: fibre works" % (
            night, begins.tzname(), night, ends.tzname()) in reader.text("section[aria-labelledby=already]")
        listed = json.loads(place.run("silence", "list", "--format", "json", "-c", config).stdout)["silences"]
        assert [(s["start"], s["end"]) for s in listed] == [tuple(
            when.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") for when in (begins, ends))]
        # what was typed and chosen stands there again when it is refused
        browser.execute_script("document.querySelector('[name=from]').value = '%sT05:00';"
                               "document.querySelector('[name=to]').value = '%sT04:00'" % (night, night))
        browser.find_element("css selector", "[name=clock] [value=utc]").click()
        browser.find_element("name", "reason").send_keys("again")
        browser.find_element("css selector", "form.ask button").click()
        house.wait_until("the refusal", lambda: browser.find_elements("css selector", "[role=alert]"))
        assert browser.find_element("name", "from").get_attribute("value") == "%sT05:00" % night
        assert browser.find_element("name", "clock").get_attribute("value") == "utc"
    finally:
        place.end_all()


def test_a_note_for_the_next_shift_is_written_and_taken_back_without_a_script(browser, tmp_path):   # noqa: F811
    place = house.Place(str(tmp_path))
    try:
        config = house.Sim(place).config(place, "2s")
        server = house.start_run(place, config)[1]
        port = port_at(server, "demo-fra")
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        reader = Reader(browser, server)
        reader.click("a[href='/ports/%d']" % port["id"], "/ports/%d$" % port["id"])
        reader.click(".banner a[href$='/notes']", "/notes$")
        browser.find_element("name", "note").send_keys("optic swapped <b>twice</b>,\nwatch the errors")
        reader.click("form.ask button", r"/notes\?done=1$")
        assert reader.clicks == 3 and reader.text("[role=status]") == "Note 1 stands."
        assert reader.text(".notes li p") == "optic swapped <b>twice</b>,\nwatch the errors"
        reader.click(".sub a", "/ports/%d$" % port["id"])
        assert "optic swapped <b>twice</b>" in reader.text("section[aria-labelledby=notes]")
        assert browser.find_element("css selector", ".notes button").accessible_name == "Withdraw note 1"
        reader.click(".notes button", r"/notes\?done=1$")
        assert reader.text("[role=status]") == "Note 1 is withdrawn." and not browser.find_elements("css selector", ".notes button")
        reader.click(".sub a", "/ports/%d$" % port["id"])
        assert not browser.find_elements("css selector", ".notes")
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        place.end_all()
