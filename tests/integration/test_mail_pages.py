"""The outbox on its page, in JSON and in the metrics; and the graph inside a mail."""
import os
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
    assert without.get_body(("html",)) is not None
    desk.collector.wait_for("event=no-picture mail=%d" % gone)
