"""Mails about alerts as a reader that is a browser shows them: on a phone and beside a list, light and dark, and with the style
sheet thrown away.  IXWATCH_SCREENSHOTS=DIR keeps pictures of them to look at."""
import base64
import os
import re
import sqlite3
import time

import pytest

from test_pages import CONTRAST, browser, pytestmark    # noqa: F401
import house
import seeded
from test_ack_link import signed

FOLDER = os.path.join(house.ROOT, "tests", "golden", "mail")
# A picture as wide as the graph of a mail, which a browser does not find by its cid.
PICTURE = ("data:image/svg+xml;base64," + base64.b64encode(
    b'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="220"><rect width="600" height="220" fill="#eef"/></svg>').decode())
# One of each shape: told in full, with and without a button, little known, a verdict, many; they share one frame.
NAMES = ["saturated", "escalation", "unknown", "routine", "group", "group-over"]
WIDTHS = (320, 800)


def page(name, bare=False):
    with open(os.path.join(FOLDER, name + ".html"), encoding="utf-8") as file:
        text = file.read()
    text = text.replace('src="cid:graph"', 'src="%s"' % PICTURE)
    if bare:    # what a reader does that keeps neither style sheets nor a page's own body
        text = re.sub(r"<style>.*?</style>", "", text, flags=re.S)
        text = re.sub(r"<body[^>]*>", "<body>", text)
    return text


def show(browser, address, width, dark):    # noqa: F811
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500})
    browser.get(address)


def look(browser, tmp_path, text, width, dark):    # noqa: F811
    path = tmp_path / "mail.html"
    path.write_text(text, encoding="utf-8")
    show(browser, "file://%s" % path, width, dark)


def keep(browser, name):    # noqa: F811
    folder = os.environ.get("IXWATCH_SCREENSHOTS")
    if folder:
        shot = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        with open(os.path.join(folder, name + ".png"), "wb") as file:
            file.write(base64.b64decode(shot["data"]))


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_fits_its_screen_and_can_be_read(browser, tmp_path, name):    # noqa: F811
    run = browser.execute_script
    for width in WIDTHS:
        for dark in (False, True):
            look(browser, tmp_path, page(name), width, dark)
            where = (name, width, dark)
            keep(browser, "%s-%d-%s" % (name, width, "dark" if dark else "light"))
            assert run("return document.documentElement.scrollWidth") <= width, where
            assert run(CONTRAST) == [], where
            ground = run("return getComputedStyle(document.body).backgroundColor")
            assert ground == ("rgb(20, 23, 26)" if dark else "rgb(255, 255, 255)"), where
            widest = run("return Math.max(...[...document.querySelectorAll('table')].map(t => t.getBoundingClientRect().right))")
            assert widest <= width, where
            for box in run("return [...document.querySelectorAll('a')].filter(a => a.textContent === 'Acknowledge')"
                           ".map(a => [a.getBoundingClientRect().width, a.getBoundingClientRect().height])"):
                assert box[0] >= 100 and box[1] >= 44, (where, box)    # a thumb's width
        look(browser, tmp_path, page(name, bare=True), width, False)
        assert run("return document.documentElement.scrollWidth") <= width and run(CONTRAST) == [], (name, width, "bare")


@pytest.fixture(scope="module")
def ack_page(tmp_path_factory):
    """The page that a link leads to, of a mail that told twelve alerts, of which two are over."""
    place = house.Place(str(tmp_path_factory.mktemp("ack")))
    seeded.seed(place)
    with open(os.path.join(place.state, "link.key"), "w", encoding="ascii") as file:
        file.write("%064x\n" % 7)
    os.chmod(file.name, 0o600)
    with sqlite3.connect(os.path.join(place.state, "ixwatch.db"), timeout=20) as ledger:
        now, alerts = int(time.time()), range(1, 13)
        ledger.executemany(
            "INSERT INTO alert (id, kind, exchange_id, agent, port_id, direction, asn, began_utc_sec, noticed_utc_sec,"
            " until_utc_sec, ended_utc_sec, peak, again, first_told_utc_sec, last_told_utc_sec, told_count) SELECT ?, ?,"
            " exchange_id, agent.name, port.id, 'out', port.asn, ?, ?, ?, ?, 0.99, 0, ?, ?, 1 FROM port JOIN agent"
            " ON agent.id = agent_id ORDER BY port.id LIMIT 1 OFFSET ?",
            [(alert, "saturated" if alert < 4 else "congestion", now - 900, now - 600, now - 60 if alert > 10 else None,
              now - 60 if alert > 10 else None, now, now, alert) for alert in alerts])
        mail, = ledger.execute(
            "INSERT INTO outbox (kind, rank, recipient, message_id, subject, body, alert_id, created_utc_sec, due_utc_sec,"
            " give_up_utc_sec, state, next_utc_sec) VALUES ('alert', 0, 'noc@example.net', '<1@x>', 's', 'b', ?, ?, ?, ?,"
            " 'waiting', ?) RETURNING id", (alerts[0], now, now, now + 86400, now)).fetchone()
        ledger.executemany("INSERT INTO alert_told (alert_id, what, recipient, at_utc_sec, mail_id, message_id)"
                           " VALUES (?, 'alert', 'noc@example.net', ?, ?, '<1@x>')", [(alert, now, mail) for alert in alerts])
    _, http = seeded.serve(place)
    yield "http://127.0.0.1:%d/a/%s" % (http.port, signed((7).to_bytes(32, "big"), mail, now + 3600, purpose=3)), len(alerts)
    place.end_all()


def test_a_thumb_acknowledges_all_or_each(browser, ack_page):    # noqa: F811
    address, count = ack_page
    run = browser.execute_script
    for width in WIDTHS:
        for dark in (False, True):
            show(browser, address, width, dark)
            keep(browser, "ack-page-%d-%s" % (width, "dark" if dark else "light"))
            assert run("return document.documentElement.scrollWidth") <= width and run(CONTRAST) == [], (width, dark)
            boxes = run("return [...document.querySelectorAll('.pick label')].map(e => e.getBoundingClientRect().height)")
            buttons = run("return [...document.querySelectorAll('main form button')].map(e => [e.value, e.textContent, "
                          "e.getBoundingClientRect().height, e.getBoundingClientRect().bottom])")
            assert len(boxes) == count - 2 and min(boxes) >= 44
            assert [button[0] for button in buttons] == ["all", "ticked"] and min(button[2] for button in buttons) >= 44
            assert buttons[0][1] == "Acknowledge all %d" % len(boxes) and buttons[0][3] < 900, "on the first screen"
            assert run("return document.querySelectorAll('input[type=checkbox]:checked').length") == 0
            run("document.querySelector('.pick label span').click()")
            assert run("return document.querySelectorAll('input[type=checkbox]:checked').length") == 1
