"""The overview and the wall in headless Chromium: with things that need a hand and without, in both themes, from 320 pixels
to a wall's screen; by keyboard; with a script, without one, and with one whose server is gone.
"""
import os
import re
import signal
import sys

import pytest

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)),
                os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration")]

import house    # noqa: E402
import seeded   # noqa: E402
from test_pages import CONTRAST, PHONE, WIDE, browser, look, pytestmark, requested_hosts, webdriver   # noqa: E402,F401

NARROW, MIDDLE, SCREEN, SMALL_SCREEN = (320, 640), (830, 700), (1920, 1080), (1280, 720)
BUSY = ["--busy", "1", "--silent", "40", "--ports", "160", "--series", "12"]
WIDER = """return [...document.querySelectorAll('body *')].filter(e => !e.closest('.skip, .heard, thead, .defs, .wall .whom, .wall .who') &&
  e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map(e => e.tagName + '.' + e.className)"""


def serve(place, *options):
    seeded.seed(place, *options)
    return seeded.serve(place)


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    place = house.Place(str(tmp_path_factory.mktemp("busy")))
    yield serve(place, *BUSY)[1]
    place.end_all()


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    place = house.Place(str(tmp_path_factory.mktemp("many")))
    yield serve(place, "--ports", "1000", "--exchanges", "50", "--busy", "1", "--silent", "40", "--series", "0")[1]
    place.end_all()


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    place = house.Place(str(tmp_path_factory.mktemp("calm")))
    yield serve(place, "--ports", "60", "--series", "6")[1]
    place.end_all()


LIST = "/?q=net&exchange=demo-lon&sort=-out"
VIEWS = [("busy", "/", dark, size) for dark in (False, True) for size in (NARROW, WIDE)]
VIEWS += [("busy", LIST, False, NARROW), ("busy", LIST, True, WIDE), ("busy", "/wall", False, NARROW), ("busy", "/wall", False, SCREEN),
          ("busy", "/wall?theme=light", False, SCREEN), ("busy", "/?agent=edge9", False, PHONE), ("calm", "/", True, PHONE),
          ("calm", "/wall", False, SCREEN), ("busy", "/", False, MIDDLE), ("busy", "/exchanges/demo-fra", False, MIDDLE),
          ("busy", "/exchanges/demo-fra", True, (1080, 700))]


@pytest.mark.parametrize("of,path,dark,size", VIEWS)
def test_it_is_whole_and_readable_in_any_light_and_width(browser, busy, calm, of, path, dark, size):  # noqa: F811
    server = busy if of == "busy" else calm
    assert look(browser, server, path, dark, size) == []
    assert requested_hosts(browser) == {"127.0.0.1:%d" % server.port}
    run = browser.execute_script
    assert run(WIDER) == []
    assert run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert run("return document.querySelectorAll('h1').length") == 1
    assert run("return document.querySelectorAll('[style], [onclick], script:not([src])').length") == 0
    assert run(CONTRAST) == []


@pytest.mark.parametrize("of", ["busy", "many"])
@pytest.mark.parametrize("size", [SCREEN, SMALL_SCREEN])
def test_a_wall_needs_no_hand_to_show_all_that_it_shows(browser, busy, many, of, size):  # noqa: F811
    look(browser, busy if of == "busy" else many, "/wall", size=size)
    run = browser.execute_script
    assert run("return document.documentElement.scrollHeight") <= size[1] + 1
    headline = run("return parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)")
    words = run("return Math.min(...[...document.querySelectorAll('.tile .state, .need .what, .tile .name')].map("
                "e => parseFloat(getComputedStyle(e).fontSize)))")
    assert headline >= size[1] / 18 and words >= size[1] / 48, (headline, words)


def test_red_is_only_what_needs_a_hand(browser, busy, calm):  # noqa: F811
    red = ("const c = e => getComputedStyle(e).color.match(/\\d+/g).map(Number), hot = c => c[0] > 200 && c[1] < 160 && c[2] < 160;"
           "return [...document.querySelectorAll('main *')].filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())"
           " && hot(c(e))).map(e => e.closest('li.need') ? e.closest('li.need').className : e.className)")
    look(browser, busy, "/wall", size=SCREEN)
    assert set(browser.execute_script(red)) == {"need critical", "need warning", "needs-you"}
    look(browser, calm, "/wall", size=SCREEN)
    assert browser.execute_script(red) == []
    assert browser.find_element("css selector", "h1").text == "Nothing needs you"
    assert "sustained" in browser.find_element("css selector", ".tiles").text      # and is not red


def test_nothing_jumps_when_the_curves_come(browser, busy):  # noqa: F811
    for path in ("/", "/wall"):
        look(browser, busy, path)
        run = browser.execute_script
        house.wait_until("the curves", lambda: run("return [...document.images].length === 3 && [...document.images].every("
                                                  "e => e.complete && e.naturalWidth > 0)"))
        assert run("return new Promise(done => new PerformanceObserver(list => done(list.getEntries().reduce("
                   "(sum, e) => sum + e.value, 0))).observe({type: 'layout-shift', buffered: true}) "
                   "|| setTimeout(() => done(0), 300))") < 0.01
        assert run("return [...document.images].every(e => e.alt.length > 10)")


def test_by_keyboard_through_what_needs_a_hand_to_its_acknowledgement(browser, busy):  # noqa: F811
    from selenium.webdriver.common.keys import Keys
    look(browser, busy, "/")
    run = browser.execute_script
    for _ in range(15):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        if run("return document.activeElement.className") == "do":
            break
    assert run("return getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert run("return document.activeElement.textContent") == "Acknowledge"
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    house.wait_until("the alert", lambda: "/alerts/" in browser.current_url)


def test_filters_and_order_without_a_script_make_an_address_to_send_on(browser, busy):  # noqa: F811
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import Select
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        look(browser, busy, "/")
        Select(browser.find_element("name", "exchange")).select_by_visible_text("Demo-IX London")
        Select(browser.find_element("name", "kind")).select_by_visible_text("member")
        browser.find_element("name", "q").send_keys("net" + Keys.ENTER)
        house.wait_until("the list", lambda: "q=net" in browser.current_url)
        browser.find_element("link text", "In").click()
        house.wait_until("the order", lambda: "sort=-in" in browser.current_url)
        address = browser.current_url
        names = [e.text for e in browser.find_elements("css selector", "tbody th a:first-child")]
        assert names and all("net" in row.text.lower() for row in browser.find_elements("css selector", "tbody tr"))
        assert browser.find_element("name", "q").get_attribute("value") == "net"
        shares = [float(e.text.rstrip("%")) for e in browser.find_elements("css selector", "td[data-label=In] b")]
        assert shares == sorted(shares, reverse=True)
        browser.get("about:blank")
        browser.get(address)
        assert [e.text for e in browser.find_elements("css selector", "tbody th a:first-child")] == names
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_clock_runs_with_the_data_and_visibly_stops_with_it(browser, tmp_path):  # noqa: F811
    place = house.Place(str(tmp_path))
    run = browser.execute_script
    clock = lambda: run("return document.getElementById('clock').textContent")     # noqa: E731
    try:
        process, server = serve(place, "--interval", "4", "--ports", "6", "--series", "0")
        look(browser, server, "/wall", size=SCREEN)
        first = clock()
        house.wait_until("the clock to run", lambda: clock() != first)
        assert re.fullmatch(r"\d\d:\d\d:\d\d", clock())
        began, round_before = run("return performance.timeOrigin"), run("return document.getElementById('main').dataset.round")
        seeded.seed(place, "--interval", "4", "--ports", "6", "--series", "0", "--busy", "0")
        house.wait_until("the next round", lambda: run(
            "return document.getElementById('main').dataset.round") not in (round_before, "0"), 15)
        assert run("return performance.timeOrigin") == began       # and the page is the same one
        os.kill(process.pid, signal.SIGTERM)
        house.wait_until("the clock to stop", lambda: run("return document.querySelector('.clock').className") == "clock stopped", 30)
        stopped = clock()
        assert "stopped: no data since" in browser.find_element("css selector", ".clock").text
        assert "line-through" in run("return getComputedStyle(document.getElementById('clock')).textDecorationLine")
        run("return new Promise(done => setTimeout(done, 2200))")
        assert clock() == stopped
        assert run(CONTRAST) == []
    finally:
        place.end_all()


def test_a_wall_without_a_script_asks_for_itself(browser, tmp_path):  # noqa: F811
    place = house.Place(str(tmp_path))
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        server = serve(place, "--interval", "5", "--ports", "6", "--series", "0")[1]
        look(browser, server, "/wall", size=SCREEN)
        assert re.fullmatch(r"\d\d:\d\d:\d\d", browser.find_element("id", "clock").text)
        before = browser.execute_script("return performance.timeOrigin")
        house.wait_until("the page to renew itself",
                         lambda: browser.execute_script("return performance.timeOrigin") != before, 20)
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        place.end_all()
