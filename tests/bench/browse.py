#!/usr/bin/python3
"""`make bench`: the pages in headless Chromium, over a seeded state directory of 10,000 ports; nothing is asserted.

    browse.py [PART]...        all parts without arguments

paint       first paint of a page (PerformancePaintTiming, from the start of navigation), with nothing in the browser's cache
update      what a page costs when it renews itself in place: processor time of the page's main thread, all of it, as Chromium
            counts it (TaskDuration of DevTools' Performance.getMetrics in thread ticks: parsing, script, style, layout, painting),
            from the request until two frames after the new page stands; and its longest task by the clock (PerformanceObserver,
            longtask: shorter than 50 ms is 0).  With a new round, in which every figure differs, and with the round that is
            shown already; from the page's top, and with its list in view
chart       the same of a port's chart: loaded and drawn for a span; and a frame of moving it by hand
"""
import os
import shutil
import statistics
import sys
import tempfile
import time

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(TESTS, "integration"), os.path.join(TESTS, "bench"), os.path.join(TESTS, "browser")]

import chromium  # noqa: E402
import house  # noqa: E402
import seeded  # noqa: E402
from gauge import machine, say  # noqa: E402

PORTS, EXCHANGES, RUNS = 10000, 20, 7
SEED = ("--ports", str(PORTS), "--exchanges", str(EXCHANGES), "--days", "40")
FRAMES = 30

LONG_TASKS = """window.longTasks = [];
new PerformanceObserver(list => list.getEntries().forEach(e => longTasks.push(e.duration))).observe({type: 'longtask'});"""
AT_REST = "return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60))))"
RENEW = "longTasks.length = 0; document.dispatchEvent(new Event('visibilitychange'))"
ANSWERED = """window.answers = 0; const usual = window.fetch;
window.fetch = (...what) => usual(...what).then(a => { const text = a.text.bind(a);
  a.text = () => text().then(t => { setTimeout(() => answers++, 0); return t; });
  if (a.status === 304) setTimeout(() => answers++, 0); return a; });"""


def spread(values, unit="ms"):
    return "median %.0f %s (%.0f to %.0f, %d runs)" % (statistics.median(values), unit, min(values), max(values), len(values))


class Page:
    """One tab, and what its main thread did."""

    def __init__(self, browser, server):
        self.browser, self.server = browser, server
        browser.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": LONG_TASKS + ANSWERED})

    def open(self, path):
        self.browser.get("about:blank")
        self.browser.execute_cdp_cmd("Network.clearBrowserCache", {})
        self.browser.get("http://127.0.0.1:%d%s" % (self.server.port, path))
        self.browser.execute_async_script("arguments[0]()")
        return self.browser.execute_script(AT_REST)

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def busy_ms(self):
        found = self.browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        return 1000 * next(m["value"] for m in found if m["name"] == "TaskDuration")

    def cost(self, act, is_done):
        """(ms of main thread, ms of its longest task) until that is done and painted."""
        before = self.busy_ms()
        act()
        house.wait_until("what is measured", is_done, 30, 0.1)
        self.run(AT_REST)
        return self.busy_ms() - before, max(self.run("return longTasks.splice(0)") or [0])


def bench_paint(page):
    for path in ("/", "/wall", "/ports/1"):
        paints, contents, sizes = [], [], 0
        for _ in range(RUNS):
            page.open(path)
            first, content = page.run("return ['first-paint', 'first-contentful-paint'].map("
                                      "name => performance.getEntriesByName(name)[0].startTime)")
            paints.append(first)
            contents.append(content)
            sizes = page.run("return [performance.getEntriesByType('navigation')[0].decodedBodySize, document.querySelectorAll('*').length]")
        say("paint", "%-9s %7d octets, %5d elements: first paint %s; of content %s" % (
            path, *sizes, spread(paints), spread(contents)))


def put_round(page, place, age_sec):
    """Another round, in which every port of the table has other figures: they differ from minute to minute."""
    before = page.server.json("/api/v1/status")["round_at"]
    seeded.seed(place, *SEED, "--series", "0", "--age", str(age_sec), anew=False)
    house.wait_until("the round", lambda: page.server.json("/api/v1/status")["round_at"] != before)


def cells(page):
    return page.run("return [...document.querySelectorAll('#main td b')].map(e => e.textContent)")


def renewal(page, place, path, anew, in_view):
    """(main thread, longest task, figures that differ) of a page that stands and asks again."""
    put_round(page, place, 70 if anew else 0)
    page.open(path)
    page.cost(lambda: page.run(RENEW), lambda: page.run("return answers") > 0)   # it knows the page's tag now
    if anew:
        put_round(page, place, 0)
    if in_view:
        page.run("document.querySelector('#main table').scrollIntoView()")
        page.run(AT_REST)
    before, answers = cells(page), page.run("return answers")
    cost = page.cost(lambda: page.run(RENEW), lambda: page.run("return answers") > answers)
    return (*cost, sum(old != new for old, new in zip(before, cells(page))))


def bench_update(page, place):
    for path, what, anew, in_view in (
            ("/", "a new round", True, False), ("/", "a new round, list in view", True, True), ("/", "the same round", False, True),
            ("/exchanges/demo-fra", "a new round, list in view", True, True)):
        costs = [renewal(page, place, path, anew, in_view) for _ in range(RUNS)]
        say("update", "%-19s %-26s main thread %s; longest task %s; %d figures differ" % (
            path, what + ":", spread([cost[0] for cost in costs]), spread([cost[1] for cost in costs]),
            statistics.median(cost[2] for cost in costs)))


LOADED = "const s = document.getElementById('chart'); return s !== null && s.dataset.loaded === location.pathname + location.search"
SLIDE = """const e = document.querySelector('#chart-plot canvas:last-of-type'), b = e.getBoundingClientRect(), done = arguments[1];
let left = arguments[0]; (function next() { if (left-- === 0) { done(); return; }
  e.dispatchEvent(new WheelEvent('wheel', {deltaX: 8, bubbles: true, cancelable: true, clientX: b.left + 300, clientY: b.top + 40}));
  requestAnimationFrame(next); })();"""


def bench_chart(page):
    for span in ("day", "week", "month", "year"):
        page.open("/ports/1" if span != "day" else "/ports/1?span=week")
        house.wait_until("the chart", lambda: page.run(LOADED), 30)
        click = "document.querySelector('#chart [data-span=%s]').click()" % span
        back = "document.querySelector('#chart [data-span=%s]').click()" % ("day" if span != "day" else "week")
        drawn, rows = [], 0
        for _ in range(RUNS):
            drawn.append(page.cost(lambda: page.run(click), lambda: page.run(LOADED)))
            rows = page.run("return ixwatchChart.shown().series.rows.length")
            page.cost(lambda: page.run(back), lambda: page.run(LOADED))
        page.cost(lambda: page.run(click), lambda: page.run(LOADED))
        before = page.busy_ms()
        page.browser.execute_async_script(SLIDE, FRAMES)
        frame = (page.busy_ms() - before) / FRAMES
        say("chart", "a %-6s %4d rows: loaded and drawn: main thread %s; longest task %s; moved by hand: %.1f ms a frame" % (
            span + ",", rows, spread([busy for busy, _ in drawn]), spread([longest for _, longest in drawn]), frame))


def main():
    parts = sys.argv[1:] or ["paint", "update", "chart"]
    if not chromium.CHROMIUM or not chromium.DRIVER:
        say("browser", "absent: chromium or its driver")
        return
    say("machine", machine())
    folder = tempfile.mkdtemp(prefix="ixwatch-browse-")
    place = house.Place(folder)
    browser = None
    try:
        seeded.seed(place, *SEED, "--series", "1", "--busy", "1")
        server = seeded.serve(place)[1]
        browser = chromium.start(os.path.join(folder, "profile"))
        browser.set_window_size(*chromium.WIDE)
        browser.set_script_timeout(60)
        say("method", "%s, headless, %dx%d; %d ports at %d exchanges seeded, no collector; on the same cores; main thread: "
            "its processor time" % (browser.capabilities["browserName"] + " " + browser.capabilities["browserVersion"],
                                        *chromium.WIDE, PORTS, EXCHANGES))
        page = Page(browser, server)
        for name, bench in (("paint", lambda: bench_paint(page)), ("update", lambda: bench_update(page, place)),
                            ("chart", lambda: bench_chart(page))):
            if name in parts:
                bench()
    finally:
        if browser is not None:
            browser.quit()
        place.end_all()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
