"""What assistive technology is given: the accessibility tree of every page as Chromium builds it, with and without an account,
wide and on a phone; focus by keyboard; contrast of what is no text; errors tied to their fields.
"""
import os
import re
import signal
import sys
import time

import pytest

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)),
                os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration")]

import house    # noqa: E402
import letters  # noqa: E402
import mail_house   # noqa: E402
import seeded   # noqa: E402
from test_pages import CONTRAST, PHONE, WIDE, browser, look, pytestmark, webdriver   # noqa: E402,F401

PAGES = ["/", "/?state=sustained&exchange=demo-fra", "/wall", "/exchanges/demo-fra", "/peers/64496", "/ports/1", "/ports/100",
         "/ports/1/days", "/ports/1/declare", "/ports/1/silence", "/ports/1/notes", "/episodes", "/episodes?port=1", "/alerts/1", "/mail",
         "/mail/1", "/reports", "/reports/WEEK/64496", "/reports/WEEK/64497", "/method", "/nothing-here"]
ON_A_PHONE = ["/", "/exchanges/demo-fra", "/ports/1", "/ports/1/days", "/episodes", "/mail", "/reports"]
OF_AN_ACCOUNT = ["/", "/ports/1", "/ports/1/declare", "/ports/1/notes", "/alerts/1"]

NAMED = {"link", "button", "textbox", "searchbox", "combobox", "ComboBoxSelect", "checkbox", "radio", "spinbutton", "listbox", "Date",
         "DateTime", "InputTime", "image", "img", "table", "navigation", "region", "search", "application",
         "Iframe", "group"}
FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [tabindex]"


def told(browser, command, **parameters):
    """What DevTools answer, as it comes: selenium looks through every value for elements, which takes seconds of a tree."""
    return browser.command_executor.execute("executeCdpCommand", {
        "sessionId": browser.session_id, "cmd": command, "params": parameters})["value"]


class Tree:
    """The nodes that are not ignored, in reading order, each with role, name, description, value, attributes of its element."""

    def __init__(self, browser):
        nodes = told(browser, "Accessibility.getFullAXTree")["nodes"]
        elements = {}

        def collect(node):
            pairs = node.get("attributes", [])
            elements[node["backendNodeId"]] = dict(zip(pairs[::2], pairs[1::2]), tag=node["nodeName"].lower())
            for child in node.get("children", []):
                collect(child)
        collect(told(browser, "DOM.getDocument", depth=-1)["root"])
        by_id = {node["nodeId"]: node for node in nodes}
        self.nodes = []

        def walk(node, inside):
            role = node.get("role", {}).get("value")
            if not node.get("ignored"):
                said = {"role": role, "inside": inside, "within": {id(n) for n in inside}, "of": elements.get(node.get("backendDOMNodeId"), {})}
                for key in ("name", "description", "value"):
                    said[key] = str(node.get(key, {}).get("value", "")).strip()
                for entry in node.get("properties", []):
                    said[entry["name"]] = entry["value"].get("value")
                self.nodes.append(said)
                inside = inside + [said]
            for child in node.get("childIds", []):
                if child in by_id:
                    walk(by_id[child], inside)
        walk(nodes[0], [])

    def of(self, *roles):
        return [node for node in self.nodes if node["role"] in roles]


def nameless(tree):
    return [(node["role"], node["of"]) for node in tree.of(*NAMED)
            if not node["name"] and not (node["role"] == "group" and node["of"].get("tag") in ("details", "optgroup"))]


def told_apart(tree):
    """Links of one name that lead elsewhere, with nothing that tells them apart."""
    seen, bad = {}, []
    for node in tree.of("link"):
        target = node["of"].get("href")
        first = seen.setdefault((node["name"], node["description"]), target)
        if target != first:
            bad.append((node["name"], node["description"], first, target))
    return bad


def buttons_alike(tree):
    """Buttons of one name in several forms, with nothing that tells them apart."""
    seen, bad = {}, []
    for node in tree.of("button"):
        form = next((n["of"].get("action") for n in reversed(node["inside"]) if n["role"] == "form"), None)
        if seen.setdefault((node["name"], node["description"]), form) != form:
            bad.append((node["name"], form))
    return bad


def headings(tree):
    levels = [node["level"] for node in tree.of("heading")]
    bad = [] if levels.count(1) == 1 and levels[0] == 1 else [("h1", levels)]
    return bad + [pair for pair in zip(levels, levels[1:]) if pair[1] - pair[0] > 1]


def landmarks(tree, is_wall):
    count = {role: len(tree.of(role)) for role in ("banner", "main", "navigation", "contentinfo")}
    bad = [] if count["main"] == 1 and count["banner"] <= 1 else [count]
    if not is_wall and (count["banner"], count["contentinfo"]) != (1, 1) or not is_wall and count["navigation"] < 1:
        bad.append(count)
    names = [node["name"] for node in tree.of("navigation")]
    bad += names if len(set(names)) != len(names) else []
    homes = {"banner", "main", "contentinfo", "navigation"}
    return bad + [node["name"] for node in tree.of("StaticText") if not homes & {n["role"] for n in node["inside"]}
                  and not any(n["of"].get("class") == "skip" for n in node["inside"])]


def tables(tree):
    bad = []
    for table in tree.of("table"):
        cells = [node for node in tree.nodes if id(table) in node["within"]]
        if not any(node["role"] == "columnheader" for node in cells):
            bad.append(("no column header", table["name"]))
        rows = [node for node in cells if node["role"] == "row"]
        if not rows or {id(row) for row in rows} - set().union(*(node["within"] for node in cells)):
            bad.append(("an empty row", table["name"]))
    names = [table["name"] for table in tree.of("table")]
    return bad + (names if len(set(names)) != len(names) else [])


def live(tree):
    """Regions that are read out by themselves: short, and not the whole page."""
    bad = []
    for node in tree.nodes:
        if node["role"] in ("status", "alert", "log") or node["of"].get("aria-live") in ("polite", "assertive"):
            words = " ".join(n["name"] for n in tree.nodes if n["role"] == "StaticText" and id(node) in n["within"])
            if len(words) > 300 or any(n["role"] in ("table", "main", "image") and id(node) in n["within"] for n in tree.nodes):
                bad.append((node["role"], words))
    return bad


def colour_alone(tree, browser):
    """Each shape stands beside its word."""
    return browser.execute_script("return [...document.querySelectorAll('.state, .verdict, .what')].filter(e => !e.textContent.trim() || "
                                  "!e.querySelector('svg')).map(e => e.outerHTML)")


def faults(browser, path):
    tree = Tree(browser)
    run = browser.execute_script
    found = {"nameless": nameless(tree), "alike": told_apart(tree), "buttons": buttons_alike(tree), "headings": headings(tree),
             "landmarks": landmarks(tree, path.startswith("/wall")), "tables": tables(tree), "live": live(tree),
             "colour alone": colour_alone(tree, browser)}
    found["unheard"] = [] if len(tree.of("table")) == run(
        "return [...document.querySelectorAll('table')].filter(e => e.checkVisibility()).length") else [n["name"] for n in tree.of("table")]
    found["order"] = run("return [...document.querySelectorAll('[tabindex]')].filter(e => +e.getAttribute('tabindex') > 0).length") or []
    found["ids"] = run("const ids = [...document.querySelectorAll('[id]')].map(e => e.id); return ids.filter((id, i) => ids.indexOf(id) !== i)")
    found["refers"] = run("return [...document.querySelectorAll('[aria-labelledby], [aria-describedby], [aria-details], [aria-controls]')].flatMap("
                          "e => ['labelledby', 'describedby', 'details', 'controls'].flatMap(k => (e.getAttribute('aria-' + k) || '').split(' '))"
                          ".filter(id => id && !document.getElementById(id)))")
    found["captions"] = run("return [...document.querySelectorAll('figure')].filter(e => !e.querySelector('figcaption')).length") or []
    found["cells"] = run("return [...document.querySelectorAll('tbody tr')].filter(e => getComputedStyle(e).display === 'table-row').flatMap("
                         "e => [...e.cells].filter(c => getComputedStyle(c).display !== 'table-cell').map(c => c.outerHTML.slice(0, 90)))")
    found["broken"] = run("return [...document.querySelectorAll('.use b, .mails td[data-label=To]')].filter(e => e.firstChild && (r => { "
                          "r.selectNodeContents(e); return new Set([...r.getClientRects()].map(b => Math.round(b.top))).size > 1; })("
                          "document.createRange())).map(e => e.textContent)")
    found["cut"] = run("return [...document.querySelectorAll('tbody td, tbody th')].filter(e => { const r = document.createRange(), edge = e.closest("
                       "'tr').getBoundingClientRect().right; r.selectNodeContents(e); return [...r.getClientRects()].some(b => b.right > edge + 1 "
                       "&& b.width > 1); }).map(e => e.textContent.slice(0, 60))")
    found["hidden"] = run("return [...document.querySelectorAll('[aria-hidden=true]')].filter(e => e.querySelector(arguments[0])).map("
                          "e => e.outerHTML)", FOCUSABLE)
    assert run("return document.documentElement.lang") == "en"
    return {rule: what for rule, what in found.items() if what}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Everything there is to see: alerts, episodes, a mail in each state, letters in several."""
    place = house.Place(str(tmp_path_factory.mktemp("heard")))
    seeded.seed(place, "--busy", "1", "--ports", "110", "--silent", "40")
    ports = letters.ports(place)
    for asn, state in ((64496, "waiting"), (64497, "held"), (64498, "approved")):
        letters.Letter(place, asn, "Peer %d" % asn, [p for p in ports if p["asn"] == asn][:3], state=state).put()
    letters.put(place, {"order": 64496, "exchange": "demo-fra", "size": "2 x 100G"})
    letters.put(place, {"dispute": 64497, "text": "the count"})
    mail_house.Desk(place, '  spool = "mail"\n').put({"subject": "one"}, {"subject": "two"}, {"subject": "bad", "recipient": "none"})
    yield seeded.serve(place)[1]
    place.end_all()


def week_of(server):
    return server.json("/api/v1/reports?limit=1")["reports"][0]["week"]


OPEN_ALL = "[...document.querySelectorAll('details')]"


@pytest.mark.parametrize("path,size", [(path, "wide") for path in PAGES] + [(path, "phone") for path in ON_A_PHONE])
def test_what_is_heard_has_names_and_order(browser, server, path, size):  # noqa: F811
    look(browser, server, path.replace("WEEK", week_of(server)), size == "phone", PHONE if size == "phone" else WIDE)
    assert "Not here" not in browser.title or path == "/nothing-here"
    browser.execute_script(OPEN_ALL + ".filter(e => e.id !== 'chart-figures').forEach(e => e.open = true)")   # the chart's has a test of its own
    assert faults(browser, path) == {}


def test_titles_tell_pages_apart(server):
    titles = {}
    for path in [p for p in PAGES if "?" not in p] + ["/ports/2", "/exchanges/demo-lon", "/peers/64497", "/ports/2/silence", "/alerts/2",
                                                      "/mail/2"]:
        title, = re.findall("<title>(.*?)</title>", server.get(path.replace("WEEK", week_of(server)))[2].decode(), re.S)
        titles.setdefault(title, []).append(path)
    assert [paths for paths in titles.values() if len(paths) > 1] == []


# --- by keyboard ---

STOP = """
const e = document.activeElement, before = window.stoppedAt, box = e.getBoundingClientRect(), style = getComputedStyle(e);
window.stoppedAt = e;
if (e === document.body) return null;
const parse = c => { const m = c.match(/[\\d.]+/g).map(Number); return c.startsWith('color(') ? m.map(v => v * 255) : m; };
const lum = c => { const f = c.slice(0, 3).map(v => { v /= 255; return v <= .03928 ? v/12.92 : ((v+.055)/1.055)**2.4; });
  return .2126*f[0] + .7152*f[1] + .0722*f[2]; };
let under = e.parentElement, ground = [255, 255, 255];
for (; under; under = under.parentElement) { const b = parse(getComputedStyle(under).backgroundColor); if (b.length < 4 || b[3] > .99) { ground = b; break; } }
const a = lum(parse(style.outlineColor)), b = lum(ground);
return {what: e.tagName + ' ' + (e.getAttribute('aria-label') || e.textContent).trim().slice(0, 40), later: !before || before === e || !document.contains(before) ||
  (before.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING) > 0, outline: style.outlineStyle === 'none' ? 0 :
  parseFloat(style.outlineWidth), contrast: (Math.max(a, b) + .05) / (Math.min(a, b) + .05),
  inner: before === e || e.tagName === 'IFRAME', seen: box.width > 0 && box.height > 0 && box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight};
"""


@pytest.mark.parametrize("path,dark,size", [
    ("/?state=sustained", False, WIDE), ("/?state=sustained", True, PHONE), ("/ports/1", True, WIDE), ("/ports/1/declare", False, PHONE),
    ("/reports/WEEK/64496", False, WIDE), ("/mail", True, WIDE), ("/method", False, WIDE)])
def test_focus_goes_in_reading_order_and_is_seen(browser, server, path, dark, size):  # noqa: F811
    look(browser, server, path.replace("WEEK", week_of(server)), dark, size)
    stops = []
    for _ in range(70):
        for kind in ("rawKeyDown", "keyUp"):
            browser.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9})
        stop = browser.execute_script(STOP)
        if stop is None:
            break
        stops.append(stop)
    assert len(stops) > 8 and stops[0]["what"].startswith("A Skip")
    assert [s for s in stops if not s["later"]] == []
    assert [s for s in stops if not s["inner"] and (s["outline"] < 2 or s["contrast"] < 3 or not s["seen"])] == []


# What tells something without being text: shapes of states, edges of fields, marks of the chart (WCAG 2.1, 1.4.11).
MARKS = """
const parse = c => { const m = c.match(/[\\d.]+/g).map(Number); return c.startsWith('color(') ? [m[0]*255, m[1]*255, m[2]*255, m.length > 3 ? m[3] : 1]
  : [m[0], m[1], m[2], m.length > 3 ? m[3] : 1]; };
const lum = c => { const f = c.slice(0, 3).map(v => { v /= 255; return v <= .03928 ? v/12.92 : ((v+.055)/1.055)**2.4; });
  return .2126*f[0] + .7152*f[1] + .0722*f[2]; };
const behind = e => { for (e = e.parentElement; e; e = e.parentElement) { const b = parse(getComputedStyle(e).backgroundColor); if (b[3] > .99) return b; }
  return [255, 255, 255, 1]; };
const over = (c, ground, alpha) => c.slice(0, 3).map((v, i) => v * alpha + ground[i] * (1 - alpha));
const bad = [], check = (e, colour, alpha, what) => { const ground = behind(e), a = lum(over(colour, ground, alpha * colour[3])), b = lum(ground);
  const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05); if (ratio < 3) bad.push(what + ' ' + ratio.toFixed(2)); };
for (const e of document.querySelectorAll('svg.shape')) check(e, parse(getComputedStyle(e).color), 1, 'shape ' + e.parentElement.className);
for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
  if (e.getBoundingClientRect().width) check(e, parse(getComputedStyle(e).borderTopColor), 1, 'field ' + e.name);
for (const e of document.querySelectorAll('#chart-bands button'))
  { const s = getComputedStyle(e); check(e, parse(s.backgroundColor), +s.opacity, 'band ' + e.className); }
for (const e of document.querySelectorAll('.chart-key li')) { const s = getComputedStyle(e, '::before');
  check(e, parse(parseFloat(s.borderTopWidth) > 0 ? s.borderTopColor : s.backgroundColor), +s.opacity, 'key ' + e.className); }
return [...new Set(bad)];
"""


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("path", ["/", "/wall", "/ports/1?span=week", "/ports/1/declare", "/reports", "/reports/WEEK/64496", "/mail"])
def test_what_is_no_text_stands_out_too(browser, server, path, dark):  # noqa: F811
    look(browser, server, path.replace("WEEK", week_of(server)), dark)
    if path.startswith("/ports/1?"):
        house.wait_until("the chart", lambda: browser.execute_script("return document.querySelectorAll('#chart-bands button').length"))
    assert browser.execute_script(MARKS) == []


# --- what changes by itself ---

HURRY = "const usual = setInterval; window.setInterval = (what, ms) => usual(what, ms / 10);"
ASKED = "return performance.getEntriesByType('resource').filter(e => e.initiatorType === 'fetch').length"
HEARD = """window.heard = []; const all = document.querySelectorAll('[role=status], [role=alert], [aria-live]');
new MutationObserver(list => list.forEach(m => { const t = m.target.textContent.trim(); if (t) heard.push(t); })).observe(
document.getElementById('renewed'), {childList: true, characterData: true, subtree: true}); return all.length"""


def test_a_page_renews_itself_in_place_and_is_not_read_out_again(browser, tmp_path):  # noqa: F811
    place = house.Place(str(tmp_path))
    run = browser.execute_script
    hurry = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": HURRY})["identifier"]
    sown = ["--interval", "5", "--ports", "12", "--series", "0"]
    try:
        seeded.seed(place, *sown)
        server = seeded.serve(place)[1]
        look(browser, server, "/")
        born = run("return performance.timeOrigin")
        assert run(HEARD) == 1
        browser.find_element("name", "q").send_keys("typed")
        run("document.querySelector('tbody th a[href=\"/ports/5\"]').focus({preventScroll: true})")
        age = run("return document.querySelector('.asof').textContent")
        house.wait_until("the page to ask three times", lambda: run(ASKED) >= 3)
        house.wait_until("its age to run on", lambda: run("return document.querySelector('.asof').textContent") != age)
        assert run("return heard") == []         # nothing that matters changed, and nothing was said
        seeded.seed(place, *sown, "--busy", "1", anew=False)
        house.wait_until("the headline to be said", lambda: run("return heard"))
        assert run("return heard") == [run("return document.querySelector('h1').textContent")]
        assert "need" in run("return heard")[0]
        assert run("return performance.timeOrigin") == born
        assert run("return document.activeElement.getAttribute('href')") == "/ports/5"
        assert browser.find_element("name", "q").get_attribute("value") == "typed"
        hold = browser.find_element("id", "hold")
        hold.click()
        assert hold.get_attribute("aria-pressed") == "true"
        age = run("return document.querySelector('.asof').textContent")
        asked = run(ASKED)
        run("return new Promise(done => setTimeout(done, 1000))")      # three times it would have been asked
        assert run("return document.querySelector('.asof').textContent") == age and run(ASKED) == asked
        hold.click()
        house.wait_until("the page to go on", lambda: run(ASKED) > asked and run(
            "return document.querySelector('.asof').textContent") != age)
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", {"identifier": hurry})
        place.end_all()


def test_a_server_that_is_gone_is_said_once(browser, tmp_path):  # noqa: F811
    place = house.Place(str(tmp_path))
    run = browser.execute_script
    hurry = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": HURRY})["identifier"]
    try:
        seeded.seed(place, "--interval", "5", "--ports", "6", "--series", "0")
        process, server = seeded.serve(place)
        look(browser, server, "/")
        run(HEARD)
        os.kill(process.pid, signal.SIGTERM)
        house.wait_until("what is said then", lambda: run("return heard"))
        run("return new Promise(done => setTimeout(done, 1000))")      # three times it asks again
        said, = run("return heard")
        assert "does not answer" in said and browser.find_element("id", "renewed").is_displayed()
        assert run(CONTRAST) == []
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", {"identifier": hurry})
        place.end_all()


# --- the chart as a table ---

@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_the_charts_figures_are_a_table_too(browser, server, size):  # noqa: F811
    now = int(time.time())
    look(browser, server, "/ports/1?from=%d&to=%d" % (now - 7200, now), size=size)
    run = browser.execute_script
    house.wait_until("the chart", lambda: run("return document.getElementById('chart').dataset.loaded"))
    plot = browser.find_element("id", "chart-plot")
    assert plot.get_attribute("aria-details") == "chart-figures"
    browser.find_element("css selector", "#chart-figures summary").click()
    rows = house.wait_until("the table", lambda: run(
        "return [...document.querySelectorAll('#chart-table tbody tr')].map(e => [...e.children].map(c => c.textContent))"))
    series = run("return ixwatchChart.shown().series")
    assert len(rows) == len(series["rows"]) > 50
    out, inward = (series["columns"].index(name) for name in ("out_bps", "in_bps"))
    for shown, row in zip(rows, series["rows"]):
        for cell, value in ((shown[1], row[out]), (shown[3], row[inward])):
            if value is None:
                assert cell == "unknown"
            else:
                number, unit = cell.split(" ", 1)
                scale = {"bit/s": 1, "kbit/s": 1e3, "Mbit/s": 1e6, "Gbit/s": 1e9, "Tbit/s": 1e12}[unit]
                assert float(number) * scale == pytest.approx(value, rel=0.006)
    run(OPEN_ALL + ".forEach(e => e.open = true)")
    assert faults(browser, "/ports/1") == {}
    assert run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert run(CONTRAST) == []


# --- with an account ---

def test_with_an_account_and_when_something_is_refused(browser, tmp_path):  # noqa: F811
    place = house.Place(str(tmp_path))
    try:
        seeded.seed(place, "--busy", "1", "--ports", "20", "--series", "2")
        with open(seeded.write_config(place), encoding="utf-8") as file:
            text = file.read().replace("127.1.0.1:1161", "127.0.0.1:%d" % house.free_port(house.socket.SOCK_DGRAM))
        config = place.file("doors.conf", text.replace("web {", 'web { users-file = "%s/users"  ' % place.path))
        added = place.run("user", "add", "otto", "--role", "operator", "-c", config, stdin="correct horse battery\n")
        assert added.returncode == 0, added.stderr
        place.start("collect", [house.IXWATCH, "collect", "-c", config])
        house.wait_until("the collector", lambda: os.path.exists(os.path.join(place.state, "control.sock")))
        process = place.start("web", [house.WEB, "-c", config])
        server = house.Http(int(process.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1)))

        def tied(field):
            """What is said of the field beyond its name, and that it is wrong."""
            node, = [n for n in Tree(browser).nodes if n["of"].get("name") == field and n["of"].get("tag") in ("input", "select")]
            return node.get("invalid") in ("true", True), node["description"]

        look(browser, server, "/ports/1")
        assert faults(browser, "/login") == {} and tied("name") == (False, "")
        browser.find_element("name", "name").send_keys("otto\twrong\n")
        house.wait_until("the refusal", lambda: browser.find_elements("css selector", "[role=alert]"))
        assert faults(browser, "/login") == {}
        for field in ("name", "password"):
            wrong, words = tied(field)
            assert wrong and "no account of that name" in words
        browser.find_element("name", "name").send_keys("otto\tcorrect horse battery\n")
        house.wait_until("the port", lambda: browser.current_url.endswith("/ports/1"))
        for path in OF_AN_ACCOUNT:
            for size in (WIDE, PHONE):
                look(browser, server, path, size == PHONE, size)
                assert faults(browser, path) == {}, path
        look(browser, server, "/ports/1/declare")
        browser.execute_script("document.getElementsByName('to')[0].value = '2020-01-01T00:00'")
        browser.find_element("name", "reason").send_keys("works\n")
        house.wait_until("the refusal", lambda: browser.find_elements("css selector", "[role=alert]"))
        wrong, words = tied("to")
        assert wrong and "not after from" in words
        assert tied("from")[0] is False and tied("reason")[0] is False
        assert faults(browser, "/ports/1/declare") == {} and browser.execute_script(CONTRAST) == []
    finally:
        place.end_all()
