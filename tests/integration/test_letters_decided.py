"""A letter decided on the page, with a collector that does it: what was shown is what was mailed, the link of the mail opens it,
and each decision is that of whoever is logged in."""
import html
import json
import re
import time

import pytest

import house
from mail_house import Sink, smtp_mail
from report_house import Reports
from house import PASSWORD, Site, user
from test_report_mail import parts, sent_to

def faults(page):
    """Fields that are tied to what is said of them."""
    return re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"[^>]* aria-invalid="true" aria-describedby="problem"', page)


NOTE = "Dear colleagues,\r\nas told on the phone: <b>all</b> is well & good."


@pytest.fixture
def sink():
    made = Sink()
    yield made
    made.stop()


class Office:
    """A collector with a letter that waits, and a server with ada (admin) and otto (operator)."""

    def __init__(self, place, sink):
        self.desk = Reports(place, smtp_mail(sink.port))
        self.desk.start()
        self.made = self.desk.register()
        with open(self.desk.config, encoding="utf-8") as file:
            text = file.read()
        config = place.file("web.conf", text.replace("web {", 'web { users-file = "%s/users"  ' % place.path))
        for name, role in (("ada", "admin"), ("otto", "operator")):
            user(place, config, "add", name, "--role", role, stdin=PASSWORD + "\n")
        process = place.start("web", [house.WEB, "-c", config])
        self.site = Site(int(process.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1)))
        self.cookies = {name: self.site.session(name) for name in ("ada", "otto")}
        self.page = "/reports/2026-W47/64500"
        self.forms = {name: self.site.form_token(self.page, cookie)[0] for name, cookie in self.cookies.items()}

    def see(self, path, name="ada"):
        status, _, body = self.site.ask(path, headers={"Cookie": self.cookies[name]})
        assert status == 200, (path, status, body[:300])
        return body.decode()

    def ask(self, name, what, report_id=None, **fields):
        """(status, where it leads or the page)."""
        status, headers, body = self.site.form("/reports/%d/%s" % (report_id or self.made["id"], what),
                                               dict(fields, token=self.forms[name]), self.cookies[name])
        return status, headers["Location"] if status == 303 else html.unescape(body.decode())

    def done(self, name, what, **fields):
        status, where = self.ask(name, what, **fields)
        assert status == 303 and where.startswith(self.page + "?edition=1&done="), (what, status, where)
        assert "It is done." in self.see(where)
        return self.desk.state(self.made["id"])


def plain(text):
    """Without the ends of lines, in which a mail is free."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))


def test_what_is_shown_is_what_is_mailed_and_its_link_opens_it(place, sink):
    office = Office(place, sink)
    assert office.ask("otto", "approve")[0] == 403 and office.desk.state(office.made["id"]) == "waiting"
    office.done("otto", "note", note=NOTE)
    assert html.escape(NOTE.replace("\r\n", "\n"), quote=False) + "</textarea>" in office.see(office.page)
    shown = {kind: office.see("/reports/%d/letter.%s" % (office.made["id"], kind)) for kind in ("txt", "html")}
    assert "as told on the phone: <b>all</b>" in shown["txt"] and "<b>all" not in shown["html"]
    assert shown["html"].count("data:image/png;base64,") >= 1 and "cid:" not in shown["html"]
    assert office.done("ada", "approve") == "approved"
    house.wait_until("the mail", lambda: sent_to(sink, "peering@peer.example"))
    found = parts(sent_to(sink, "peering@peer.example")[0])
    text = found["text/plain"].get_content()
    link = re.search(r"https://ix\.example\.net/watch(/letters/([A-Za-z0-9_-]+))", text)
    assert plain(shown["txt"]).replace("THE-RECIPIENT-S-OWN-LINK", link.group(2)) == plain(text)
    # The same markup, but for where its pictures are.
    mailed = re.sub(r"cid:graph\d+", "PICTURE", re.sub(r"<!--/?cid:graph\d+-->", "", found["text/html"].get_content()))
    seen = re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "PICTURE", shown["html"]).replace("THE-RECIPIENT-S-OWN-LINK", link.group(2))
    assert plain(seen) == plain(mailed)
    # The link of the mail, without a login.
    status, headers, body = office.site.ask(link.group(1))
    assert status == 200 and headers["Referrer-Policy"] == "no-referrer", body[:300]
    assert plain(office.site.ask(link.group(1) + "/letter.txt")[2].decode()) == plain(text)
    assert office.site.ask(link.group(1) + "/samples.csv")[2] == found["AS64500.csv"].get_payload(decode=True)
    facts = json.loads(office.site.ask(link.group(1) + "/facts.json")[2])
    for connection in facts["connections"]:
        for side in connection["directions"].values():
            for key in ("known_share", "p95_utilisation", "peak_utilisation", "mean_utilisation"):
                assert "%.1f%%" % (100 * side[key]) in body.decode(), key
            assert "%d min" % side["minutes_95"] in body.decode() and html.escape(side["verdict_reason"]) in body.decode()
    house.wait_until("the mailer's word", lambda: "1 of 1 sent" in office.see(office.page))
    page = office.see(office.page)
    assert "peering@peer.example" in page and "by ada" in page
    assert "by ada" in page and office.ask("ada", "approve")[0] == 400
    # Taken back, by whoever may.
    assert office.ask("otto", "revoke", reason="x")[0] == 403
    office.done("ada", "revoke", reason="sent to the wrong desk")
    house.wait_until("the link to end", lambda: office.site.ask(link.group(1))[0] == 404, 5)
    assert "taken back" in office.see(office.page)
    said = office.desk.query("SELECT actor, what FROM audit WHERE what LIKE 'report-%' ORDER BY id")
    assert said == [("collector", "report-register"), ("otto", "report-note"), ("ada", "report-approve"), ("ada", "report-revoke")]


def test_holding_ordering_and_contesting(place, sink):
    office = Office(place, sink)
    assert office.done("otto", "hold", why="the peer is on the phone") == "held"
    assert "the peer is on the phone" in office.see("/reports?week=2026-W47&state=held")
    assert office.ask("otto", "release")[0] == 403
    assert office.done("ada", "release") == "waiting"
    assert office.ask("otto", "hold", why="")[0] == 400
    soon = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 30 * 86400))
    assert office.done("otto", "order", exchange="demo-fra", size="2 x <100G>", capacity="200G", ready=soon, ticket="T-1",
                       waiting_on="exchange") == "paused"
    page = office.see(office.page)
    assert "2 x &lt;100G&gt;" in page and re.search(r"\b200(\.0)? Gbit/s", page) and "waiting on exchange" in page and soon in page
    status, page = office.ask("otto", "order", exchange="demo-fra", size="more", waiting_on="us")
    assert status == 400 and 'role="alert"' in page
    for sent, at_fault in (({"capacity": "fast"}, "capacity"), ({"ticket": 600 * "T<"}, "ticket"), ({"size": " "}, "size"),
                           ({"ready": "soon"}, "ready")):
        sent = dict({"exchange": "demo-fra", "size": "2 x <1T>", "waiting_on": "us"}, **sent)
        status, page = office.ask("otto", "order", **sent)
        assert status == 400 and faults(page) == [at_fault], (at_fault, status)
        assert 'name="size" value="%s"' % sent["size"] in page, "what was typed is not lost"
        assert "<details open><summary>An upgrade was ordered" in page and page.count("<details open>") == 1
        assert '<p class="problem" id="problem" role="alert">' + at_fault.capitalize() in page
        assert "<option selected>us</option>" in page
    status, page = office.ask("otto", "dispute", exchange="", text=600 * "<T")
    assert status == 400 and faults(page) == ["text"] and "<details open><summary>The peer contests" in page
    order = re.search(r'order-end">.*?name="entry" value="(\d+)"', office.see(office.page), re.S).group(1)
    assert office.ask("otto", "order-end", entry="999", outcome="x")[0] == 404
    assert office.done("otto", "order-end", entry=order, outcome="built") == "waiting"
    assert office.done("otto", "dispute", exchange="", text="our counters say 80%") == "paused"
    dispute = re.search(r'dispute-decide">.*?name="entry" value="(\d+)"', office.see(office.page), re.S).group(1)
    assert "dispute-decide" not in office.see(office.page, "otto")
    assert office.ask("otto", "dispute-decide", entry=dispute, outcome="x")[0] == 403
    assert office.done("ada", "dispute-decide", entry=dispute, outcome="they were right") == "waiting"
    assert office.done("ada", "optout", reason="asked by mail") == "opted out"
    assert office.done("ada", "optin") == "waiting"
    page = office.see(office.page)
    for words in ("built", "they were right", "asked by mail", "by otto", "by ada"):
        assert words in page, words
