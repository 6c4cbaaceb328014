"""The interactive chart of a port's page in headless Chromium, with an outage, episodes, a declared window and a change of capacity.

IXWATCH_SHOTS= a folder: what the tests look at is kept there as pictures.
"""
import os
import sqlite3
import time
import urllib.parse

import pytest

import test_pages as pages
from test_pages import CONTRAST, PHONE, WIDE, browser, house, look, seeded  # noqa: F401

pytestmark = pages.pytestmark

SMALLEST = (320, 640)
LOADED = "const s = document.getElementById('chart'); return s !== null && s.dataset.loaded === location.pathname + location.search"
SHOTS = os.environ.get("IXWATCH_SHOTS", "")


def utc(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """(server, when it was seeded): the first port grew from 6 to 10 Gbit/s three days ago, with a contract of 8 since yesterday,
    and a window is declared for yesterday noon."""
    place = house.Place(str(tmp_path_factory.mktemp("chart")))
    now = seeded.seed(place)
    config = seeded.write_config(place)
    with sqlite3.connect(os.path.join(place.state, "ixwatch.db")) as ledger:
        ledger.execute("DELETE FROM capacity WHERE port_id = 1")
        ledger.executemany("INSERT INTO capacity VALUES (1, ?, ?, ?, 'interface')", [
            (now - 400 * 86400, 6e9, None), (now - 3 * 86400, 10e9, None), (now - 86400, 10e9, 8e9)])
        ledger.execute("DELETE FROM capacity WHERE port_id = 2")
        ledger.execute("INSERT INTO capacity VALUES (2, ?, 100e9, 40e9, 'contract')", (now - 86400,))
    noon = now // 86400 * 86400 - 43200
    done = place.run("declare", "add", "--scope", "port:1", "--from", utc(noon), "--to", utc(noon + 7200), "--cause", "works",
                     "--reason", "<b>new</b> optics", "-c", config)
    assert done.returncode == 0, done.stderr
    yield seeded.serve(place)[1], now
    place.end_all()


def opened(browser, server, path, dark=False, size=WIDE):
    """The page with its chart drawn; nothing was said in the console."""
    if not hasattr(browser, "is_listened_to"):
        browser.is_listened_to = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source":
            "window.broken = []; addEventListener('securitypolicyviolation', e => broken.push(e.violatedDirective + ' ' + e.sourceFile));"
            "addEventListener('error', e => broken.push(String(e.message)));"
            "addEventListener('unhandledrejection', e => broken.push(String(e.reason)));"})
    assert look(browser, server, path, dark, size) == []
    house.wait_until("the chart", lambda: browser.execute_script(LOADED + " || document.getElementById('chart-note').textContent"))
    assert browser.execute_script("return document.getElementById('chart-note').textContent") == ""
    return browser.execute_script


def is_whole(browser):
    assert browser.execute_script("return window.broken") == []
    assert [e for e in browser.get_log("browser") if "404 (Not Found)" not in e["message"]] == []


def shoot(browser, name):
    if SHOTS:
        browser.find_element("id", "chart").screenshot(os.path.join(SHOTS, name + ".png"))


def key(browser, *keys):
    plot = browser.find_element("id", "chart-plot")
    plot.send_keys(*keys)


@pytest.mark.parametrize("look_of", ["light wide", "dark wide", "light smallest", "dark smallest"])
def test_it_is_drawn_within_the_policy_in_both_themes_and_on_the_smallest_screen(browser, served, look_of):
    dark, size = "dark" in look_of, SMALLEST if "smallest" in look_of else WIDE
    for span in ("day", "week", "month", "year") if SHOTS else ("week", "year"):
        run = opened(browser, served[0], "/ports/1?span=" + span if span != "day" else "/ports/1", dark, size)
        assert run("return ixwatchChart.charts().length") == 2
        assert run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth"), span
        assert run(CONTRAST) == []
        assert run("return document.querySelectorAll('[onclick], style, script:not([src])').length") == 0
        # the curve is there: some pixels of the traffic's own colour
        assert run("const c = document.querySelector('#chart-plot canvas'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height)"
                   ".data; let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 0; return n") > 2000
        shoot(browser, "%s %s" % (look_of, span))
        is_whole(browser)


def test_keys_change_what_is_seen_the_address_and_the_step_and_back_works(browser, served):
    length = "const v = ixwatchChart.shown().view; return v.to - v.from"
    step = "return +document.getElementById('chart').dataset.step"

    def press(name, times=1):
        for _ in range(times):
            before = browser.current_url
            key(browser, name)
            house.wait_until("what %s shows" % name, lambda: browser.current_url != before and run(LOADED))

    run = opened(browser, served[0], "/ports/1?span=week")
    week = run(step)
    press("+")
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(browser.current_url).query)
    assert set(query) == {"from", "to"}
    assert run(length) == 7 * 43200 and run(step) < week
    before = browser.current_url
    press(browser_keys().ARROW_LEFT)
    browser.back()
    house.wait_until("what was seen before", lambda: browser.current_url == before and run(LOADED))
    assert run(length) == 7 * 43200
    press("-", 2)
    assert run(length) == 14 * 86400 and run(step) > week
    press(browser_keys().END)
    assert browser.current_url.endswith("/ports/1") and run(length) == 86400
    press("+", 8)
    assert run(length) == 338 and run(step) == 60       # 86400 / 256: minutes
    run = opened(browser, served[0], "/ports/1?span=year")
    press("-", 4)
    assert run(length) == 10 * 366 * 86400              # years, and no further
    assert run("return ixwatchChart.shown().series.step_sec") >= 86400
    is_whole(browser)


def browser_keys():
    from selenium.webdriver.common.keys import Keys
    return Keys


def test_a_link_shows_the_same_again_and_the_zone_is_a_choice(browser, served):
    server, now = served
    path = "/ports/1?from=%s&to=%s" % (utc(now - 6 * 86400), utc(now - 5 * 86400))
    run = opened(browser, server, path)
    # Where each label of the axis stands: an hour's difference moves them, their words may be the same.
    labels = ("return Array.from(document.querySelectorAll('#chart-plot .dygraph-axis-label-x')).map("
              "(e) => Math.round(e.getBoundingClientRect().left) + e.innerText).join()")
    axis = run(labels)
    assert axis
    browser.find_element("id", "chart-zone").click()
    house.wait_until("UTC", lambda: "zone=utc" in browser.current_url and run(LOADED))
    house.wait_until("other places on the axis", lambda: run(labels) != axis)
    assert "UTC" in browser.find_element("id", "chart-zone").text
    run = opened(browser, server, browser.current_url.split(":%d" % server.port)[1])
    assert run("const v = ixwatchChart.shown().view; return [v.from, v.to]") == [now - 6 * 86400, now - 5 * 86400]
    for name, kind in (("png", "image/png"), ("svg", "image/svg+xml"), ("csv", "text/csv")):
        href = run("return document.getElementById('chart-%s').getAttribute('href')" % name)
        status, headers, _ = server.get(href)
        assert status == 200 and headers["Content-Type"].startswith(kind)
        assert utc(now - 6 * 86400) in href
    is_whole(browser)


def test_a_gap_is_a_gap(browser, served):
    """The agent was silent on one day: what dygraphs holds of it is nothing, and the line ends before it."""
    server, now = served
    silent = (now // 86400 - 10) * 86400
    run = opened(browser, server, "/ports/1?from=%s&to=%s" % (utc(silent), utc(silent + 86400)))
    held = run("const g = ixwatchChart.charts()[0], list = []; for (let i = 0; i < g.numRows(); i++) "
               "list.push([g.getValue(i, 0) / 1000, g.getValue(i, 1), g.getValue(i, 3)]); return list")
    within = [row for row in held if silent + 8 * 3600 < row[0] < silent + 22 * 3600]
    assert len(within) > 50 and all(most is None and mean is None for _, most, mean in within)
    known = [row for row in held if row[0] < silent + 6 * 3600]
    assert known and all(mean is not None and mean > 0 for _, _, mean in known)
    assert run("return ixwatchChart.charts()[0].getOption('connectSeparatedPoints')") is False
    # what is painted in the middle of the gap is the same above and below the axis: no curve, and nothing filled
    painted = run("""const g = ixwatchChart.charts()[0], c = document.querySelector('#chart-plot canvas'), p = devicePixelRatio;
        const x = Math.round(g.toDomXCoord(arguments[0] * 1000) * p), zero = g.toDomYCoord(0);
        const data = c.getContext('2d').getImageData(x, 0, 1, c.height).data, at = y => 4 * Math.round((zero + y) * p);
        return [-9, 9, 14].map(y => data.slice(at(y), at(y) + 4).join())""",
                  silent + 15 * 3600 + 600)
    assert len(set(painted)) == 1, painted
    key(browser, browser_keys().SHIFT, browser_keys().ARROW_LEFT)
    shoot(browser, "gap")
    is_whole(browser)


def test_what_is_under_the_cursor_is_told_in_words(browser, served):
    from selenium.webdriver.common.action_chains import ActionChains
    server, _ = served
    run = opened(browser, server, "/ports/1?span=week")
    plot = browser.find_element("id", "chart-plot")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", plot)
    ActionChains(browser).move_to_element_with_offset(plot, 200, -40).perform()
    said = lambda: browser.find_element("id", "chart-said").text      # noqa: E731
    house.wait_until("words", lambda: "bit/s" in said())
    assert "out " in said() and "in " in said() and "capacity 10 Gbit/s" in said() and "Europe/Berlin" in said()
    key(browser, browser_keys().SHIFT, browser_keys().ARROW_LEFT)
    words = run("return [...document.querySelectorAll('#chart-bands button')].map(e => e.getAttribute('aria-label'))")
    assert any(w.startswith("Declared window: works") for w in words) and any("sustained" in w for w in words)
    assert any(", excused: " in w for w in words), words
    run("document.querySelector('#chart-bands button.declared').focus()")
    assert said().startswith("Declared window: works")
    steps = run("return ixwatchChart.shown().capacities.map(c => [c.physical, c.contracted])")
    assert steps == [[6e9, None], [10e9, None], [10e9, 8e9]]
    is_whole(browser)


def test_before_the_first_entry_the_first_contract_counts_as_it_is_judged_by(browser, served):
    server, now = served
    run = opened(browser, server, "/ports/2?span=week")
    steps = run("return ixwatchChart.shown().capacities.map(c => [c.from, c.physical, c.contracted])")
    assert len(steps) > 1 and steps[0][0] < now - 6 * 86400
    assert {contracted for _, _, contracted in steps} == {40e9} and {physical for _, physical, _ in steps} == {100e9}
    is_whole(browser)


def test_a_drag_zooms_and_a_wheel_with_ctrl_does(browser, served):
    from selenium.webdriver.common.action_chains import ActionChains
    run = opened(browser, served[0], "/ports/1?span=week")
    plot = browser.find_element("id", "chart-plot")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", plot)
    ActionChains(browser).move_to_element_with_offset(plot, -100, -60).click_and_hold().move_by_offset(200, 0).release().perform()
    house.wait_until("the stretch", lambda: "from=" in browser.current_url and run(LOADED))
    dragged = run("const v = ixwatchChart.shown().view; return v.to - v.from")
    assert 86400 / 2 < dragged < 3 * 86400
    run("""const e = document.querySelector('#chart-plot canvas:last-of-type'), b = e.getBoundingClientRect();
        e.dispatchEvent(new WheelEvent('wheel', {deltaY: -140, ctrlKey: true, bubbles: true, cancelable: true,
        clientX: b.left + b.width / 2, clientY: b.top + 40}))""")
    house.wait_until("closer", lambda: run("const v = ixwatchChart.shown().view; return v.to - v.from") < dragged * 0.6 and run(LOADED))
    is_whole(browser)


def finger(browser, kind, *points):
    browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})


def swipe(browser, start, by, steps=12):
    """One finger from there, so far."""
    finger(browser, "touchStart", start)
    for i in range(1, steps + 1):
        finger(browser, "touchMove", (start[0] + by[0] * i / steps, start[1] + by[1] * i / steps))
    finger(browser, "touchEnd")


def place_of(browser, name):
    browser.execute_script("document.getElementById(arguments[0]).scrollIntoView({block: 'center'})", name)
    return browser.execute_script("const b = document.getElementById(arguments[0]).getBoundingClientRect(); return [b.left, b.top]", name)


def test_one_finger_moves_it(browser, served):
    run = opened(browser, served[0], "/ports/1?span=week", size=PHONE)
    left, top = place_of(browser, "chart-plot")
    end, scrolled = run("return ixwatchChart.shown().view.to"), run("return scrollY")
    swipe(browser, (left + 120, top + 60), (110, 0))
    house.wait_until("an earlier week", lambda: "from=" in browser.current_url and run(LOADED))
    view = run("return ixwatchChart.shown().view")
    assert view["to"] < end - 86400 and view["to"] - view["from"] == 7 * 86400
    assert run("return scrollY") == scrolled
    is_whole(browser)


@pytest.mark.parametrize("name", ["chart-plot", "chart-lost"])
def test_a_finger_up_or_down_over_it_scrolls_the_page_and_leaves_the_time_alone(browser, served, name):
    run = opened(browser, served[0], "/ports/1?span=week", size=PHONE)
    left, top = place_of(browser, name)
    seen, scrolled = run("return ixwatchChart.charts().map(g => g.xAxisRange())"), run("return scrollY")
    swipe(browser, (left + 150, top + 60), (8, -200))      # no finger goes quite straight
    down = house.wait_until("the page to follow the finger up", lambda: run("return scrollY") > scrolled + 100 and run("return scrollY"))
    swipe(browser, (left + 150, top - 120), (-8, 200))
    house.wait_until("the page to follow the finger down", lambda: run("return scrollY") < down - 100)
    assert run("return ixwatchChart.charts().map(g => g.xAxisRange())") == seen
    assert "from=" not in browser.current_url and run("return visualViewport.scale") == 1
    # and the time still moves, and stretches, after that
    left, top = place_of(browser, name)
    swipe(browser, (left + 120, top + 50), (110, 5))
    house.wait_until("an earlier week", lambda: "from=" in browser.current_url and run(LOADED))
    is_whole(browser)


def test_two_fingers_stretch_the_time_under_them(browser, served):
    run = opened(browser, served[0], "/ports/1?span=week", size=PHONE)
    browser.execute_script("document.getElementById('chart-plot').scrollIntoView({block: 'center'})")
    left, top = run("const b = document.getElementById('chart-plot').getBoundingClientRect(); return [b.left, b.top]")
    under = lambda x: run("return ixwatchChart.charts()[0].toDataXCoord(arguments[0]) / 1000", x)      # noqa: E731
    before = [under(x) for x in (170, 210)]

    def fingers(kind, *x):
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [
            {"x": left + at, "y": top + 60, "id": i} for i, at in enumerate(x)]})
    fingers("touchStart", 170, 210)
    for by in range(5, 65, 5):
        fingers("touchMove", 170 - by, 210 + by)
    after = [under(x) for x in (110, 270)]
    fingers("touchEnd")
    for was, now in zip(before, after):
        assert abs(was - now) < 3600, "an instant stays under its finger"
    house.wait_until("closer", lambda: "from=" in browser.current_url and run(LOADED))
    view = run("return ixwatchChart.shown().view")
    assert 7 * 86400 / 5 < view["to"] - view["from"] < 7 * 86400 / 3       # four times as far apart
    assert run("return visualViewport.scale") == 1
    is_whole(browser)


def test_without_a_script_the_pictures_are_as_they_were(browser, served):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        assert look(browser, served[0], "/ports/1") == []
        assert not browser.find_element("id", "chart").is_displayed()
        assert len(browser.find_elements("css selector", "figure.graph img")) >= 4
        look(browser, served[0], "/ports/1?from=%d&to=%d" % (served[1] - 7200, served[1]))
        assert browser.find_element("css selector", "noscript figure.graph img").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_newest_slot_comes_by_itself_and_the_page_is_not_loaded_anew(browser, tmp_path):
    place = house.Place(str(tmp_path))
    try:
        seeded.seed(place, "--interval", "5", "--ports", "6", "--series", "1", "--days", "2")
        server = seeded.serve(place)[1]
        run = opened(browser, server, "/ports/1")
        ages = ("window.ages = window.ages || []; const a = document.getElementById('age').textContent; "
                "if (ages.at(-1) !== a) ages.push(a); return ages.length")
        house.wait_until("its age to run on between two renewals", lambda: run(ages) >= 4, 9)     # a renewal comes every five seconds
        hurry = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source":
            "const usual = setInterval; window.setInterval = (what, ms) => usual(what, ms / 10);"})["identifier"]
        run = opened(browser, server, "/ports/1")
        born = run("return performance.timeOrigin")
        end = run("return ixwatchChart.shown().view.to")
        house.wait_until("a later slot", lambda: run("return ixwatchChart.shown().view.to") > end, 25)
        assert run("return performance.timeOrigin") == born
        is_whole(browser)
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", {"identifier": hurry})
    finally:
        place.end_all()
