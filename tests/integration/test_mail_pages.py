"""The outbox on its page, in JSON and in the metrics; and the graph inside a mail."""
import json
import os
import re
import sqlite3
import time

import house
import mail_house
import seeded

HTML = "<p>so:</p><!--cid:graph--><img src=\"cid:graph\"><!--/cid:graph-->"


def put(place, *mails):
    desk = mail_house.Desk(place, '  spool = "mail"\n')
    return desk.put(*mails)


def test_the_outbox_is_shown_and_hostile_words_stay_words(place):
    seeded.seed(place, "--ports", "3")
    now = int(time.time())
    evil = '<script>alert(1)</script>"\'&amp;'
    ids = put(place, *({"subject": "mail %d" % i, "created": now - 700} for i in range(120)),
              {"subject": evil, "text": evil + "\n", "html": evil, "recipient": "a@b"}, {"recipient": evil})
    _, http = seeded.serve(place)
    status, headers, body = http.get("/mail")
    text = body.decode()
    assert status == 200 and "<script>alert" not in text and "&lt;script&gt;alert(1)" in text
    assert "121 waiting" in text and "1 failed" in text and "Mail waits" in text and "mail 119" in text and ">mail 3<" not in text
    status, _, body = http.get("/mail?cursor=%d" % ids[22])
    assert status == 200 and b">mail 3<" in body and b"mail 119" not in body
    status, _, body = http.get("/mail/%d" % ids[120])
    assert status == 200 and b"<script>alert" not in body and b"&lt;script&gt;alert(1)" in body
    for path in ("/mail/999999", "/api/v1/mail/999999"):
        assert http.get(path)[0] == 404
    assert http.get("/mail?limit=3")[0] == 400 and http.get("/mail/x")[0] == 404

    found, cursor = [], ""
    while True:
        page = http.json("/api/v1/mail?limit=50" + cursor)
        found += page["mails"]
        if page["next"] is None:
            break
        cursor = "&cursor=" + page["next"]
    assert [mail["id"] for mail in found] == sorted(ids, reverse=True)
    assert page["states"] == {"waiting": 121, "sent": 0, "failed": 1, "dropped": 0, "in a digest": 0}
    assert found[0]["state"] == "failed" and found[0]["last_reply"] and "text" not in found[0]
    one = http.json("/api/v1/mail/%d" % ids[120])["mail"]
    assert one["text"] == evil + "\n" and one["subject"] == evil and one["html"] == evil
    _, _, metrics = http.get("/metrics")
    assert b'ixwatch_outbox_mails{state="waiting"} 121' in metrics
    oldest = float(metrics.split(b"\nixwatch_outbox_oldest_due_seconds ")[1].split()[0])
    assert 700 <= oldest < 760


def test_a_mail_carries_the_graph_of_its_port_or_goes_without(place):
    sampled = seeded.seed(place, "--ports", "3", "--series", "1", "--days", "1")
    desk = mail_house.Desk(place, '  spool = "mail"\n')
    desk.start()
    there, gone = desk.put(
        {"html": HTML, "port": 1, "from": sampled - 7200, "to": sampled},
        {"html": HTML, "port": 4711, "from": sampled - 7200, "to": sampled})
    desk.wait_for_state(there, "sent")
    desk.wait_for_state(gone, "sent")
    mails = {name: mail for name, mail in mail_house.spooled(os.path.join(place.path, "mail"))}
    with_graph, = [mail for name, mail in mails.items() if name.endswith("-%d.eml" % there)]
    without, = [mail for name, mail in mails.items() if name.endswith("-%d.eml" % gone)]
    picture, = [part for part in with_graph.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<graph>" and picture.get_content().startswith(b"\x89PNG") and len(picture.get_content()) > 3000
    assert "cid:graph" in with_graph.get_body(("html",)).get_content()
    assert not [part for part in without.walk() if part.get_content_type() == "image/png"]
    assert "<img" not in without.get_body(("html",)).get_content()
    desk.collector.wait_for("event=no-picture mail=%d" % gone)


# --- what may be done with one ---

def audit(place):
    with sqlite3.connect("file:%s/ixwatch.db?mode=ro" % place.state, uri=True, timeout=10) as ledger:
        return ledger.execute("SELECT actor, detail FROM audit WHERE what = 'outbox' ORDER BY id").fetchall()


def test_an_operator_retries_and_drops_a_mail_and_nobody_else(place):
    sink_port = house.free_port()   # nobody listens: what is to be sent waits
    desk = mail_house.Desk(place, mail_house.smtp_mail(sink_port))
    text = open(desk.config, encoding="utf-8").read()
    desk.config = place.file("ixwatch.conf", re.sub(r"web \{", 'web { users-file = "%s/users"  ' % place.path, text))
    tokens = {name: house.account(place, desk.config, name, *rights)
              for name, rights in dict(house.ACCOUNTS, franz=("operator", "exchange:fra")).items()}
    desk.start()
    web = place.start("web", [house.WEB, "-c", desk.config])
    site = house.Site(int(web.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1)))
    first, second, gone = desk.put({"subject": "first"}, {"subject": "second"}, {"recipient": "no address"})
    desk.collector.wait_for("event=server-failed")
    house.wait_until("none in hand", lambda: desk.query("SELECT max(in_flight) FROM outbox") == [(0,)])
    cookies = {name: site.session(name) for name in ("otto", "vera", "franz")}
    house.wait_until("the page", lambda: site.ask("/mail", headers={"Cookie": cookies["otto"]})[0] == 200, 30)

    def page(name, path):
        return site.ask(path, headers={"Cookie": cookies[name]})[2].decode()

    def press(name, path, **more):
        shown = page(name, "/mail")
        token = re.search(r'name="token" value="([0-9a-f]+)"', shown).group(1)
        return site.form(path, dict({"token": token}, **more), cookies[name])

    # A viewer sees no button; one whose account has a scope sees no mail.
    for path in ("/mail", "/mail/%d" % first):
        assert 'action="/mail/%d/drop"' % first in page("otto", path) and 'action="/mail/%d/retry"' % first in page("otto", path)
        assert 'action="/mail/' not in page("vera", path) and "first" in page("vera", path)
        assert site.ask(path, headers={"Cookie": cookies["franz"]})[0] == 404
    assert 'action="/mail/%d/' % gone not in page("otto", "/mail"), "it waits for nothing, and cannot be sent"

    # A GET does nothing, nor a form without its token, nor who may not; none of it is written down.
    for what in ("retry", "drop"):
        path = "/mail/%d/%s" % (first, what)
        assert site.ask(path, headers={"Cookie": cookies["otto"]})[0] == 405
        assert site.form(path, {}, cookies["otto"])[0] == 400
        assert site.form(path, {"token": "0" * 64}, cookies["otto"])[0] == 400
        assert site.form(path, {"token": "0" * 64}, cookies["otto"], "https://evil.example")[0] == 403
        for name, status in (("vera", 403), ("franz", 404), ("peer", 404), ("fra", 403)):
            answer = site.as_token(tokens[name], "/api/v1" + path, "POST", "{}", {"Content-Type": "application/json"})
            assert answer[0] == status, (name, path, answer)
        assert press("vera", path)[0] == 403 if 'name="token"' in page("vera", "/mail") else True
        assert site.form(path, {"token": "0" * 64}, cookies["franz"])[0] in (403, 404)
    assert audit(place) == [] and desk.state_of(first) == "waiting"

    # Dropped, and sent again after all; each is written down with who did it.
    status, headers, body = press("otto", "/mail/%d/drop" % first)
    assert status == 303 and headers["Location"].startswith("/mail/%d?" % first), body
    shown = page("otto", headers["Location"])
    assert "It is dropped." in shown and "dropped by otto" in shown and 'action="/mail/%d/drop"' % first not in shown
    assert desk.state_of(first) == "dropped"
    status, _, body = press("otto", "/mail/%d/drop" % first)
    assert status == 400 and b"is dropped" in body, (status, body)
    assert press("otto", "/mail/%d/retry" % first)[0] == 303 and desk.state_of(first) == "waiting"
    status, _, body = press("otto", "/mail/%d/retry" % gone)
    assert status == 400 and b"no address" in body
    assert press("otto", "/mail/999/retry")[0] in (400, 404, 503)
    answer = site.as_token(tokens["ada"], "/api/v1/mail/%d/drop" % second, "POST", "{}", {"Content-Type": "application/json"})
    assert answer[0] == 200 and json.loads(answer[2])["ok"] is True, answer
    assert desk.state_of(second) == "dropped"
    assert audit(place) == [("otto", "dropped mail %d" % first), ("otto", "retried mail %d" % first),
                            ("token:t-ada", "dropped mail %d" % second)]
    # And it goes, once there is a server.
    sink = mail_house.Sink(sink_port)
    try:
        desk.due_now()
        desk.collector.end()
        desk.start()
        desk.wait_for_state(first, "sent")
        assert sink.subjects() == ["first"]
    finally:
        sink.stop()
    desk.collector.end()
    status, _, body = press("otto", "/mail/%d/retry" % second)
    assert status == 503 and desk.state_of(second) == "dropped", body
