"""The pages in headless Chromium: every page, light and dark, wide and narrow; by keyboard; without a script.

Skipped, loudly, only where Chromium or its driver is absent.
"""
import json
import os
import sys
import time

import pytest

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)),
                os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration")]

import chromium  # noqa: E402
import house    # noqa: E402
import seeded   # noqa: E402

webdriver = pytest.importorskip("selenium.webdriver", reason="python3-selenium is not installed")

pytestmark = pytest.mark.skipif(not chromium.CHROMIUM or not chromium.DRIVER, reason="chromium or chromedriver is not installed")

WIDE, PHONE = chromium.WIDE, chromium.PHONE
PAGES = ["/", "/?state=sustained", "/exchanges/demo-fra", "/peers/64496", "/ports/1", "/ports/5", "/ports/100", "/episodes",
         "/nothing-here", "/method", "/ports/1/days", "/ports/100/days", "/?verdict=routine", "/episodes?port=1",
         "/mail", "/ports/1/declare", "/ports/1/silence", "/ports/1/notes", "/alerts/1"]

# Every element that shows text of its own, with its contrast against what is behind it (WCAG 2.1, 1.4.3).
CONTRAST = """
const parse = c => { const m = c.match(/[\\d.]+/g).map(Number);
  if (c.startsWith('color(')) return [m[0]*255, m[1]*255, m[2]*255, m.length > 3 ? m[3] : 1];
  return [m[0], m[1], m[2], m.length > 3 ? m[3] : 1]; };
const lum = c => { const f = c.slice(0, 3).map(v => { v /= 255; return v <= .03928 ? v/12.92 : ((v+.055)/1.055)**2.4; });
  return .2126*f[0] + .7152*f[1] + .0722*f[2]; };
const behind = e => { for (; e; e = e.parentElement) { const b = parse(getComputedStyle(e).backgroundColor); if (b[3] > .99) return b; }
  return [255, 255, 255, 1]; };
const bad = [];
for (const e of document.querySelectorAll('body *')) {
  const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  const box = e.getBoundingClientRect();
  if (!own || e.closest('svg, .skip') || box.width === 0 || box.right < 0) continue;
  const s = getComputedStyle(e), a = lum(parse(s.color)), b = lum(behind(e));
  const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  const large = parseFloat(s.fontSize) >= 24 || (parseFloat(s.fontSize) >= 18.66 && s.fontWeight >= 700);
  if (ratio < (large ? 3 : 4.5)) bad.push(e.className + ' ' + e.textContent.trim().slice(0, 30) + ' ' + ratio.toFixed(2));
}
return bad;
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    driver = chromium.start(tmp_path_factory.mktemp("chromium"))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    place = house.Place(str(tmp_path_factory.mktemp("site")))
    seeded.seed(place)
    yield seeded.serve(place)[1]
    place.end_all()


def look(browser, server, path, dark=False, size=WIDE):
    """Opens a page as that reader sees it; what its console said."""
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE})
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get("http://127.0.0.1:%d%s" % (server.port, path))
    return [entry["message"] for entry in browser.get_log("browser") if "404 (Not Found)" not in entry["message"]]


def requested_hosts(browser):
    hosts = set()
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            if url.startswith("http"):
                hosts.add(url.split("/")[2])
    return hosts


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("look_of", ["light wide", "dark wide", "light phone", "dark phone"])
def test_a_page_is_whole_readable_and_asks_nobody_else(browser, server, path, look_of):
    said = look(browser, server, path, "dark" in look_of, PHONE if "phone" in look_of else WIDE)
    assert said == []
    assert requested_hosts(browser) == {"127.0.0.1:%d" % server.port}
    run = browser.execute_script
    assert run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth"), "wider than the screen"
    assert run("return document.documentElement.lang") == "en"
    assert run("return document.querySelectorAll('h1').length") == 1
    assert run("return document.title").endswith("ixwatch") and run("return document.title") != "ixwatch"
    assert run("return document.styleSheets.length && document.styleSheets[0].cssRules.length") > 50
    # no script but files of ours, where something lives: a chart, whose library places its canvases by the CSSOM, or the page renews itself
    assert run("return document.querySelectorAll('script:not([src^=\"/static/\"]), [onclick]').length") == 0
    assert run("return document.querySelectorAll('script').length") == (
        3 if run("return document.getElementById('chart') !== null") else 2 if run("return document.getElementById('hold') !== null") else 0)
    assert run("return [...document.querySelectorAll('[style]')].filter(e => e.closest('#chart') === null).length") == 0
    assert run(CONTRAST) == []


def test_states_are_told_by_word_and_shape_and_bars_by_number(browser, server):
    look(browser, server, "/")
    run = browser.execute_script
    states = run("return [...document.querySelectorAll('tbody .state')].map(e => [e.textContent.trim(), "
                 "e.querySelector('use').getAttribute('href'), e.querySelector('svg').getBoundingClientRect().width])")
    assert len(states) == 50
    for word, shape, width in states:
        assert shape == "#i-" + word and width > 8
    assert {word for word, _, _ in states} == {"sustained", "spike", "hot", "unknown", "down", "clear"}
    assert run("return [...document.querySelectorAll('[href^=\"#i-\"]')].every(e => document.querySelector("
               "e.getAttribute('href')))")
    bars = run("return [...document.querySelectorAll('svg.bar')].map(e => [e.getAttribute('role'), "
               "e.getAttribute('aria-label'), e.parentElement.querySelector('b').textContent])")
    assert bars
    for role, label, number in bars:
        assert role == "img" and number in label, (label, number)


def test_pictures_come_in_the_size_that_was_kept_for_them(browser, server):
    for dark in (False, True):
        look(browser, server, "/ports/1", dark)
        run = browser.execute_script
        run("document.querySelectorAll('img').forEach(e => e.loading = 'eager')")
        house.wait_until("the pictures", lambda: run(
            "return [...document.images].length === 5 && [...document.images].every(e => e.complete && e.naturalWidth)"))
        for source, want, got in run(
                "return [...document.images].map(e => [e.currentSrc, e.getAttribute('width') / e.getAttribute('height'), "
                "e.naturalWidth / e.naturalHeight])"):
            assert ("theme=dark" in source) == dark
            assert got == pytest.approx(want, rel=0.02), source
        assert run("return [...document.images].every(e => e.alt.length > 20)")
        # a graph's own ground is that of the card on which it stands: no edge is seen, and nothing through it
        grounds = run("""return [...document.querySelectorAll('figure.graph:not(.heat) img')].map(e => { const c = document.createElement('canvas');
            c.width = e.naturalWidth; c.height = e.naturalHeight; const d = c.getContext('2d'); d.drawImage(e, 0, 0);
            return ['rgb(' + [...d.getImageData(2, 2, 1, 1).data].slice(0, 3).join(', ') + ')', d.getImageData(2, 2, 1, 1).data[3],
            getComputedStyle(e.closest('figure')).backgroundColor]; })""")
        assert len(grounds) == 4 and all(own == behind and alpha == 255 for own, alpha, behind in grounds), grounds


def test_verdicts_are_told_by_word_and_shape(browser, server):
    run = browser.execute_script
    for path in ("/", "/ports/1", "/ports/2", "/ports/5"):
        look(browser, server, path)
        verdicts = run("return [...document.querySelectorAll('.verdict')].map(e => [e.textContent.trim(), "
                       "e.querySelector('use').getAttribute('href'), e.querySelector('svg').getBoundingClientRect().width])")
        assert verdicts
        for word, shape, width in verdicts:
            assert shape == "#i-" + word.split()[0] and width > 8
    look(browser, server, "/")
    browser.find_element("css selector", ".counts a[href='/?verdict=routine']").click()
    house.wait_until("the list", lambda: browser.current_url.endswith("/?verdict=routine"))
    assert [row.text.split("\n")[0] for row in browser.find_elements("css selector", "tbody th a:first-child")] == ["ExampleNet"]
    assert "with the verdict routine" in browser.find_element("css selector", "#ports").text


@pytest.mark.parametrize("dark", [False, True])
def test_excused_days_look_excused_and_every_day_is_heard(browser, server, dark):
    run = browser.execute_script
    for size in (WIDE, PHONE):
        look(browser, server, "/ports/1", dark, size)
        days = run("return [...document.querySelectorAll('.calendar li')].map(e => [e.className, e.title, "
                   "e.querySelector('.heard').textContent, getComputedStyle(e).backgroundImage, "
                   "e.querySelector('b').textContent.trim(), e.getBoundingClientRect().width])")
        assert len(days) == 56
        for css, title, heard, image, letter, width in days:
            assert title == heard and letter and width > 24
            assert ("gradient" in image) == ("excused" in css), css
        columns = run("return [...document.querySelectorAll('.calendar')].map(e => new Set([...e.children].map("
                      "c => Math.round(c.getBoundingClientRect().left))).size)")
        assert columns == [7, 7]


def test_the_heat_strip_is_drawn_in_both_themes(browser, server):
    run = browser.execute_script
    for dark in (False, True):
        for size, width in ((WIDE, 1000), (PHONE, 340)):
            look(browser, server, "/ports/1", dark, size)
            run("document.querySelectorAll('img').forEach(e => e.loading = 'eager')")
            house.wait_until("the strip", lambda: run("const e = document.querySelector('.heat img'); "
                                                      "return e.complete && e.naturalWidth > 0"))
            source = run("return document.querySelector('.heat img').currentSrc")
            assert "width=%d" % width in source and "theme=%s" % ("dark" if dark else "light") in source
            assert run("return document.querySelector('.heat img').naturalWidth") == width
    assert look(browser, server, "/graphs/ports/1/heat.svg") == []
    assert len(run("return [...document.querySelectorAll('rect > title')].map(e => e.textContent)")) >= 27 * 24


def test_the_method_is_reached_and_read_by_keyboard(browser, server):
    from selenium.webdriver.common.keys import Keys
    look(browser, server, "/ports/1")
    run = browser.execute_script
    for _ in range(12):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        if run("return document.activeElement.getAttribute('href')") == "/method":
            break
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    house.wait_until("the method", lambda: browser.current_url.endswith("/method"))
    assert run("return document.querySelector('nav a[aria-current]').textContent") == "Method"
    levels = run("return [...document.querySelectorAll('h1, h2, h3')].map(e => +e.tagName[1])")
    assert levels[0] == 1 and all(b - a <= 1 for a, b in zip(levels, levels[1:]))
    assert run("return [...document.querySelectorAll('.contents a')].every(e => document.querySelector(e.getAttribute('href')))")
    assert run("return parseFloat(getComputedStyle(document.querySelector('.prose p')).fontSize)") >= 15
    assert run("return document.querySelector('.prose').getBoundingClientRect().width") <= 800


def test_by_keyboard_from_the_overview_to_a_port(browser, server):
    from selenium.webdriver.common.keys import Keys
    look(browser, server, "/")
    run = browser.execute_script
    active = lambda: browser.switch_to.active_element     # noqa: E731
    active().send_keys(Keys.TAB)
    assert run("return document.activeElement.className") == "skip"
    assert run("return document.activeElement.getBoundingClientRect().left") >= 0
    active().send_keys(Keys.ENTER)
    assert browser.current_url.endswith("#main")
    for _ in range(40):
        active().send_keys(Keys.TAB)
        if run("return document.activeElement.closest('tbody th') !== null"):
            break
    assert run("return getComputedStyle(document.activeElement).outlineStyle") != "none"
    active().send_keys(Keys.ENTER)
    house.wait_until("the port's page", lambda: "/ports/" in browser.current_url)
    assert run("return document.querySelector('.banner .state').textContent.trim()") == "sustained"


def test_no_script_is_needed(browser, server):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        look(browser, server, "/")
        assert len(browser.find_elements("css selector", "tbody tr:not(.group)")) == 50
        browser.find_element("css selector", "tbody th a").click()
        house.wait_until("the port's page", lambda: "/ports/" in browser.current_url)
        assert browser.find_elements("css selector", "figure.graph img")
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_page_renews_itself(browser, tmp_path):
    place = house.Place(str(tmp_path))
    try:
        seeded.seed(place, "--interval", "5", "--ports", "6", "--series", "0")
        server = seeded.serve(place)[1]
        look(browser, server, "/")
        born = browser.execute_script("return performance.timeOrigin")
        seeded.seed(place, "--interval", "5", "--ports", "7", "--series", "0", anew=False)
        house.wait_until("the page to renew itself", lambda: len(browser.find_elements("css selector", "tbody tr:not(.group)")) == 7, 15)
        assert browser.execute_script("return performance.timeOrigin") == born
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})     # and without a script as a whole
        look(browser, server, "/")
        before = browser.execute_script("return performance.timeOrigin")
        house.wait_until("the page to renew itself",
                         lambda: browser.execute_script("return performance.timeOrigin") != before, 15)
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
        place.end_all()


def test_old_data_is_said_to_be_old(browser, tmp_path):
    place = house.Place(str(tmp_path))
    try:
        seeded.seed(place, "--age", "600", "--ports", "20", "--series", "1")
        server = seeded.serve(place)[1]
        for dark in (False, True):
            for path in ("/", "/ports/1", "/exchanges/demo-fra"):
                assert look(browser, server, path, dark) == []
                assert "the collector is not running" in browser.find_element("css selector", ".asof").text
                assert browser.execute_script(CONTRAST) == []
    finally:
        place.end_all()


def test_no_data_yet_is_a_page_that_waits(browser, tmp_path):
    place = house.Place(str(tmp_path))
    try:
        os.makedirs(place.state)
        server = seeded.serve(place)[1]
        for dark in (False, True):
            assert look(browser, server, "/", dark) == []
            assert "The collector has not made its first round" in browser.find_element("css selector", "main").text \
                or "No data yet" in browser.find_element("css selector", "main").text
            assert browser.execute_script(CONTRAST) == []
        seeded.seed(place, "--ports", "6", "--series", "0", anew=False)
        house.wait_until("the ports to appear by themselves", lambda: browser.find_elements(
            "css selector", "tbody tr:not(.group)"), 20)
    finally:
        place.end_all()


def test_a_thousand_ports_are_painted_within_a_second(browser, tmp_path):
    place = house.Place(str(tmp_path))
    try:
        seeded.seed(place, "--ports", "1000", "--series", "0")
        server = seeded.serve(place)[1]
        paints = []
        for _ in range(3):
            look(browser, server, "/")
            time.sleep(0.2)
            paints.append(browser.execute_script(
                "return performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        assert min(paints) < 1000, paints
    finally:
        place.end_all()


@pytest.mark.parametrize("dark", [False, True])
def test_in_and_out_by_keyboard(browser, tmp_path, dark):
    place = house.Place(str(tmp_path))
    try:
        seeded.seed(place)
        with open(seeded.write_config(place, "http://127.0.0.1"), encoding="utf-8") as file:
            config = place.file("doors.conf", file.read().replace("web {", 'web { users-file = "%s/users"  ' % place.path))
        added = place.run("user", "add", "otto", "--role", "operator", "-c", config, stdin="correct horse battery\n")
        assert added.returncode == 0, added.stderr
        process = place.start("web", [house.WEB, "-c", config])
        port = int(process.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1))
        server = house.Http(port)
        assert look(browser, server, "/ports/1", dark, PHONE) == []
        assert browser.current_url.split(":%d" % port)[1].startswith("/login?next=")
        assert browser.execute_script(CONTRAST) == []
        name = browser.switch_to.active_element     # one begins to type at once
        assert name.get_attribute("name") == "name"
        name.send_keys("otto\twrong\n")
        house.wait_until("the refusal", lambda: browser.find_elements("css selector", "[role=alert]"))
        assert "no account of that name with that password" in browser.find_element("css selector", "[role=alert]").text
        browser.find_element("name", "name").send_keys("otto\tcorrect horse battery\n")
        house.wait_until("the port", lambda: browser.current_url.endswith("/ports/1"))
        assert "otto" in browser.find_element("css selector", "header").text
        browser.find_element("link text", "Declare a window").click()
        house.wait_until("the form", lambda: browser.current_url.endswith("/ports/1/declare"))
        assert browser.execute_script(CONTRAST) == []
        browser.find_element("name", "reason").send_keys("works\n")
        house.wait_until("what is said without a collector", lambda: browser.find_elements("css selector", "[role=alert]"))
        assert browser.find_element("name", "reason").get_attribute("value") == "works"     # nothing typed is lost
        browser.find_element("xpath", "//header//button").click()
        house.wait_until("the login", lambda: "/login" in browser.current_url)
        browser.get("http://127.0.0.1:%d/ports/1" % port)
        assert "/login?next=" in browser.current_url
    finally:
        place.end_all()
