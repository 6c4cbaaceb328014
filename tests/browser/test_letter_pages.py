"""Letters in headless Chromium: the queue, one letter with its preview, and what its link opens; light and dark, down to 320
pixels, by keyboard; names that would like to be markup."""
import os
import re
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))

import house    # noqa: E402
import letters  # noqa: E402
import seeded   # noqa: E402
from test_pages import CONTRAST, WIDE, browser, look, pytestmark, requested_hosts  # noqa: E402,F401

NARROW, MIDDLE = (320, 640), (830, 700)
HOSTILE = 'Video <b>&amp;</b> "Games" <script>document.title=1</script>'
LONG = "Unbreakable" + "name" * 20


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A server with a week of letters in every state: (Http, {name: path})."""
    place = house.Place(str(tmp_path_factory.mktemp("letters")))
    seeded.seed(place, "--series", "9")
    letters.make_key(place)
    ports = letters.ports(place)
    own = [p for p in ports if p["asn"] == 64496]
    sent = letters.Letter(place, 64496, HOSTILE, own, state="approved", words=HOSTILE, note="Dear <i>all</i>,\nas told").put()
    states = ("waiting", "held", "paused", "no recipient", "nothing to tell", "lapsed", "opted out")
    for i, state in enumerate(states):
        asn = 64497 + i
        letters.Letter(place, asn, (LONG, HOSTILE, "Netz M\u00fcnchen")[i % 3], [p for p in ports if p["asn"] == asn][:3], state=state,
                       why="because <u>so</u>", verdict=("routine", "recurring", "none", "insufficient data")[i % 4]).put()
    letters.Letter(place, 64497, LONG, [p for p in ports if p["asn"] == 64497][:3], edition=2, corrects="was <b>wrong</b>").put()
    letters.Letter(place, 0, "Demo-IX Frankfurt", ports[:5], kind="exchange", exchange="demo-fra").put()
    letters.Letter(place, 0, "", ports[:5], kind="overview").put()
    letters.put(place, {"order": 64497, "exchange": "demo-fra", "size": LONG})
    letters.put(place, {"dispute": 64497, "text": HOSTILE})
    with open(seeded.write_config(place), encoding="utf-8") as file:
        text = file.read()
    config = place.file("letters.conf", text + '\npeer "64497" { report-to = {"%s@peer.example"} }\n' % LONG[:60])
    process = place.start("web", [house.WEB, "-c", config])
    port = int(process.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1))
    link = "/letters/" + sent.token()
    yield house.Http(port), {
        "queue": "/reports", "held": "/reports?state=held", "none": "/reports?q=nobody-has-this", "letter": "/reports/%s/64497" % sent.week,
        "sent": "/reports/%s/64496" % sent.week, "exchange": "/reports/%s/exchange/demo-fra" % sent.week,
        "overview": "/reports/%s/overview" % sent.week, "link": link, "link port": link + "/ports/1", "link method": link + "/method",
        "link none": "/letters/x"}
    place.end_all()
    place.check_sanitizers()


PATHS = ["queue", "held", "none", "letter", "sent", "exchange", "overview", "link", "link port", "link method", "link none"]


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("look_of", ["light wide", "dark narrow", "dark middle"])
def test_a_page_is_whole_readable_and_asks_nobody_else(browser, site, name, look_of):     # noqa: F811
    server, paths = site
    said = look(browser, server, paths[name], "dark" in look_of, {"narrow": NARROW, "middle": MIDDLE, "wide": WIDE}[look_of.split()[1]])
    assert said == []
    assert requested_hosts(browser) == {"127.0.0.1:%d" % server.port}
    run = browser.execute_script
    assert run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth"), "wider than the screen"
    assert run("return document.querySelectorAll('h1').length") == 1
    assert run("return document.title").endswith("ixwatch")
    assert name == "link method" or run("return document.querySelectorAll('main b, main i, main u, script, [style], [onclick]').length") == run(
        "return document.querySelectorAll('main .counts b').length")
    assert run("return [...document.querySelectorAll('input:not([type=hidden]), select, textarea')].every(e => e.closest('label'))")
    assert run("document.querySelectorAll('details').forEach(e => e.open = true); return true")
    assert run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth"), "wider once all is open"
    assert run(CONTRAST) == []


def test_the_letter_is_shown_as_it_goes_out_and_can_do_nothing(browser, site):     # noqa: F811
    server, paths = site
    for name in ("sent", "link"):
        assert look(browser, server, paths[name]) == []
        frame = browser.find_element("css selector", "iframe.letter")
        assert frame.get_attribute("sandbox") == "" and frame.size["height"] > 300
        browser.switch_to.frame(frame)
        run = browser.execute_script
        assert HOSTILE in browser.find_element("css selector", "body").text
        assert "Dear <i>all</i>," in browser.find_element("css selector", "body").text
        pictures = run("return [...document.images].map(e => [e.naturalWidth, e.src.slice(0, 22)])")
        assert len(pictures) == 4 and all(p == [320, "data:image/png;base64,"] for p in pictures)
        assert run("return document.querySelectorAll('script, b, i').length") == 0
        assert run("try { parent.document.title; return 'reached' } catch (e) { return 'kept out' }") == "kept out"
        browser.switch_to.default_content()
    text = browser.execute_script("return document.querySelector('h1').textContent")
    assert HOSTILE in text


def test_the_text_beside_the_letter_is_the_mails(browser, site):     # noqa: F811
    server, paths = site
    look(browser, server, paths["sent"])
    text = browser.find_element("css selector", "pre.letter").text
    assert text.startswith("Dear <i>all</i>,\nas told") and HOSTILE in text and "IXWATCH-LINK" not in text


def test_states_and_verdicts_are_told_by_word(browser, site):     # noqa: F811
    server, paths = site
    look(browser, server, paths["queue"])
    run = browser.execute_script
    words = run("return [...document.querySelectorAll('tbody .standing')].map(e => e.textContent)")
    assert words[0] == "waiting" and set(words) == {"waiting", "held", "paused", "no recipient", "approved", "nothing to tell",
                                                    "lapsed", "opted out"}
    verdicts = run("return [...document.querySelectorAll('tbody .verdict')].map(e => [e.textContent.trim(), "
                   "e.querySelector('use').getAttribute('href'), e.querySelector('svg').getBoundingClientRect().width])")
    assert len(verdicts) == len(words)
    for word, shape, width in verdicts:
        assert shape == "#i-" + word.split()[0] and width > 8


def tab_to(browser, condition, most=80):     # noqa: F811
    from selenium.webdriver.common.keys import Keys
    for _ in range(most):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        if browser.execute_script("const e = document.activeElement; return " + condition):
            assert browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle") != "none", condition
            return browser.switch_to.active_element
    raise AssertionError("not reached by keyboard: " + condition)


@pytest.mark.parametrize("dark", [False, True])
def test_by_keyboard_from_the_queue_to_the_approval(browser, site, dark):     # noqa: F811
    from selenium.webdriver.common.keys import Keys
    server, paths = site
    look(browser, server, paths["queue"], dark, NARROW if dark else WIDE)
    tab_to(browser, "e.getAttribute('name') === 'q'").send_keys("AS64497\n")
    house.wait_until("what was found", lambda: "q=AS64497" in browser.current_url)
    tab_to(browser, "e.closest('tbody th') !== null && e.textContent.startsWith('Unbreakable')").send_keys(Keys.ENTER)
    house.wait_until("the letter", lambda: browser.current_url.endswith(paths["letter"]))
    tab_to(browser, "e.getAttribute('name') === 'why'")
    tab_to(browser, "e.getAttribute('name') === 'note'").send_keys("a word before it")
    look(browser, server, paths["letter"], dark, NARROW if dark else WIDE)
    tab_to(browser, "e.textContent.startsWith('Approve')").send_keys(Keys.ENTER)
    house.wait_until("what is said without a collector", lambda: browser.find_elements("css selector", "[role=alert]"))
    assert "No collector is running" in browser.find_element("css selector", "[role=alert]").text
    assert browser.current_url.endswith("/approve") and browser.find_elements("css selector", "iframe.letter")
    assert browser.execute_script(CONTRAST) == []


def test_no_script_is_needed(browser, site):     # noqa: F811
    server, paths = site
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        look(browser, server, paths["letter"])
        browser.find_element("xpath", "//summary[contains(., 'contests')]").click()
        browser.find_element("name", "text").send_keys("the counters differ\n")
        house.wait_until("the answer", lambda: browser.find_elements("css selector", "[role=alert]"))
        assert re.search(r"/reports/\d+/dispute$", browser.current_url)
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
