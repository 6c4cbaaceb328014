"""A weekly letter from its registration to its recipient: who approved it, once, with its pictures, samples and link."""
import hashlib
from html import escape
import json
import os
import signal
import subprocess
import time

import pytest

import house
import mail_house
from mail_house import Sink, smtp_mail
from report_house import PNG, Reports
from test_mail import opensmtpd

HOSTILE = "R\u00f6bert'); DROP TABLE report;-- <script>\"&amp;%s%n"


@pytest.fixture
def sink():
    made = Sink()
    yield made
    made.stop()


def sent_to(sink, address):
    return [mail for recipient, mail, *_ in sink.got if recipient == address]


def notices(desk):
    return desk.query("SELECT n.number, n.taken_back_by IS NULL FROM report_notice AS n ORDER BY n.monday")


def parts(mail):
    return {part.get_filename() or part.get_content_type(): part for part in mail.walk() if not part.is_multipart()}


@pytest.mark.smoke
def test_an_approved_letter_arrives_with_pictures_samples_and_a_link_of_its_own(place, sink):
    desk = Reports(place, smtp_mail(sink.port), to=("peering@peer.example", "noc@peer.example"))
    desk.start()
    made = desk.register()
    assert made["new"] and made["state"] == "waiting"
    assert desk.states() == {} and not sink.got
    desk.done("report-note", id=made["id"], note="Dear all,\r\n" + HOSTILE + "\n.\n")
    approved = desk.done("report-approve", id=made["id"])
    assert approved["state"] == "approved" and approved["notice"] == 1
    assert approved["recipients"] == ["peering@peer.example", "noc@peer.example"]
    house.wait_until("both mails", lambda: len(sink.got) == 2)
    for address in approved["recipients"]:
        mail, = sent_to(sink, address)
        assert mail["Subject"] == "ExampleNet AS64500 and us: week 2026-W47" and mail["Reply-To"] == "kim@example.net"
        assert mail["From"] == "Example Carrier <ixwatch@example.net>" and mail["In-Reply-To"] is None
        assert mail["Message-ID"].startswith("<report.2026-W47.as64500.r1.") and not mail.defects
        assert mail["Message-ID"].endswith("@example.net>")
        found = parts(mail)
        assert found["AS64500.csv"].get_content_type() == "text/csv"
        assert found["AS64500.csv"].get_payload(decode=True).startswith(b"port,time_utc_sec,")
        assert found["AS64500-demo-fra.png"].get_payload(decode=True) == PNG
        assert found["AS64500-demo-fra.png"]["Content-ID"] == "<graph1>"
        text, html = found["text/plain"].get_content(), found["text/html"].get_content()
        assert "cid:graph1" in html and "IXWATCH-LINK" not in text + html
        assert "Dear all," in text and "Dear all," in html and "<script>" not in html
        claims = [desk.claim(text), desk.claim(html)]
        assert claims[0] == claims[1] and claims[0][0] == made["id"] and claims[0][2] == address
        assert abs(claims[0][1] - time.time() - 90 * 86400) < 120
    assert len(set(sink.message_ids())) == 2
    assert notices(desk) == [(1, 1)]
    assert "approved already" in desk.refused("report-approve", id=made["id"])["message"]
    assert "approved already" in desk.refused("report-note", id=made["id"], note="late")["message"]
    assert desk.collector.end() == 0
    said = desk.query("SELECT actor, what FROM audit WHERE what LIKE 'report-%' ORDER BY id")
    assert said == [("collector", "report-register"), ("kim", "report-note"), ("kim", "report-approve")]


@pytest.mark.parametrize("name", [
    HOSTILE, "M\u00fcnchen Stra\u00dfe \u2603", "a" * 180, "\u65e5\u672c\u8a9e\u306e\u540d\u524d" * 9, "=?utf-8?q?not_encoded?=",
    "{peer} %s $(id) `id` \\n", "<!--note--> cid:graph1 IXWATCH-LINK"])
def test_a_letter_through_a_real_server_reads_back_whatever_the_peer_is_called(place, name):
    """OpenSMTPD takes it, and Python's email package reads what was delivered."""
    port, folder = opensmtpd(place)
    desk = Reports(place, smtp_mail(port))
    desk.start()
    subject = "%s AS64500 and us: port use at one exchange, week 2026-W47 (request)" % name
    made = desk.register(name=name, subject=subject)
    desk.done("report-note", id=made["id"], note="Dear %s,\n.\n..From here on\n" % name)
    desk.done("report-approve", id=made["id"])
    mail, = house.wait_until("the delivery", lambda: [     # its queue is the machine's: an earlier one's mail may come again
        mail for _, mail in mail_house.spooled(folder) if mail["Subject"] == subject])
    assert not mail.defects and not [part for part in mail.walk() if part.defects]
    assert mail["Subject"] == subject and mail["To"] == "peering@peer.example"
    found = parts(mail)
    text, html = found["text/plain"].get_content(), found["text/html"].get_content()
    assert ("Dear %s," % name)[:60] in text.replace("\n", " ") and "\n.\n..From here on\n" in text
    assert "<script>" not in html and "IXWATCH-LINK" not in (text + html).replace(name, "").replace(escape(name), "")
    assert desk.claim(html)[0] == made["id"]
    with open(os.path.join(place.state, "reports", "2026-W47", "AS64500.csv"), "rb") as file:
        assert found["AS64500.csv"].get_payload(decode=True) == file.read()
    assert found["AS64500-demo-fra.png"].get_payload(decode=True) == PNG
    for line in mail.as_bytes().splitlines():
        assert len(line) <= 998


def test_a_letter_with_facts_larger_than_a_mail_goes_out_without_them(place, sink):
    """As the overview of a house with thousands of connections has."""
    desk = Reports(place, smtp_mail(sink.port))
    desk.start()
    request, folder = desk.shelve(), os.path.join(place.state, "reports", "2026-W47")
    whole = hashlib.sha256()
    for ending in ("txt", "html", "csv", "json"):
        with open(os.path.join(folder, "AS64500." + ending), "r+b") as file:
            octets = file.read()
            if ending == "json":
                file.write((30 << 20) * b" ")
                octets += (30 << 20) * b" "
            whole.update(octets)
        one, = [one for one in request["files"] if one["name"] == "AS64500." + ending]
        one.update(octets=len(octets), sha256=hashlib.sha256(octets).hexdigest())
    made = desk.done("report-register", **dict(request, sha256=whole.hexdigest()))
    desk.done("report-approve", id=made["id"])
    house.wait_until("the mail", lambda: len(sink.got) == 1)
    found = parts(sink.got[0][1])
    assert found["AS64500-demo-fra.png"].get_payload(decode=True) == PNG and not [name for name in found if name.endswith(".json")]


def test_the_same_week_is_registered_and_sent_once(place, sink):
    desk = Reports(place, smtp_mail(sink.port))
    desk.start()
    request = desk.shelve()
    first = desk.done("report-register", **request)
    again = desk.done("report-register", **request)
    assert (again["id"], again["new"]) == (first["id"], False)
    other = desk.refused("report-register", **dict(request, sha256="0" * 64))
    assert other["code"] == "refused" and "other octets" in other["message"]
    # As a further AS number of the same peer it is the same letter.
    assert desk.done("report-register", **dict(request, asn=64509))["id"] == first["id"]
    desk.done("report-approve", id=first["id"])
    house.wait_until("the mail", lambda: len(sink.got) == 1)
    assert desk.done("report-register", **request)["state"] == "approved"
    assert desk.query("SELECT count(*) FROM outbox") == [(1,)]


def test_send_holds_a_first_letter_and_lets_the_next_ones_go(place, sink):
    desk = Reports(place, smtp_mail(sink.port), to_peers="send")
    desk.start()
    first = desk.register()
    assert first["state"] == "held" and "first letter" in first["why"]
    desk.done("report-approve", id=first["id"])
    second = desk.register(week="2026-W48")
    assert second["state"] == "approved"
    house.wait_until("both letters", lambda: len(sink.got) == 2)
    assert notices(desk) == [(1, 1), (2, 1)]
    assert desk.query("SELECT decided_by FROM report ORDER BY id") == [("kim",), ("collector",)]
    quiet = desk.register(week="2026-W49", golden="well", tells=False)
    assert quiet["state"] == "nothing to tell"
    assert "released" in desk.refused("report-approve", id=quiet["id"])["message"]
    assert desk.done("report-release", id=quiet["id"])["state"] == "waiting"
    assert desk.done("report-approve", id=quiet["id"])["notice"] == 0
    house.wait_until("the one asked for", lambda: len(sink.got) == 3)


def test_never_means_never(place, sink):
    desk = Reports(place, smtp_mail(sink.port), to_peers="never")
    desk.start()
    made = desk.register()
    assert made["state"] == "held" and "never" in made["why"]
    error = desk.refused("report-approve", id=made["id"])
    assert error["code"] == "refused" and 'report.to-peers is "never"' in error["message"]
    assert desk.query("SELECT count(*) FROM outbox") == [(0,)] and notices(desk) == []


def test_without_a_recipient_it_says_so_until_one_is_configured(place, sink):
    desk = Reports(place, smtp_mail(sink.port), to=())
    desk.start()
    made = desk.register()
    assert made["state"] == "no recipient" and "report-to" in made["why"]
    assert "no recipient" in desk.refused("report-approve", id=made["id"])["message"]
    desk.to = ("peering@peer.example",)
    desk.write()
    desk.collector.send_signal(signal.SIGHUP)
    house.wait_until("it waits", lambda: desk.state(made["id"]) == "waiting")
    desk.done("report-approve", id=made["id"])
    house.wait_until("the mail", lambda: len(sink.got) == 1)


def test_who_opted_out_gets_nothing_until_he_opts_in(place, sink):
    desk = Reports(place, smtp_mail(sink.port))
    desk.start()
    before = desk.register()
    out = desk.done("report-optout", asn=64509, reason=HOSTILE)
    assert out["reports"] == [before["id"]] and desk.state(before["id"]) == "opted out"
    after = desk.register(week="2026-W48")
    assert after["state"] == "opted out"
    for report_id in (before["id"], after["id"]):
        assert "no letters" in desk.refused("report-approve", id=report_id)["message"]
        assert "no letters" in desk.refused("report-release", id=report_id)["message"]
    assert desk.refused("report-optout", asn=64500, reason="again")["code"] == "refused"
    back = desk.done("report-optin", asn=64500)
    assert sorted(back["reports"]) == [before["id"], after["id"]]
    assert desk.refused("report-optin", asn=64500)["code"] == "not_found"
    desk.done("report-approve", id=after["id"])
    house.wait_until("the mail", lambda: len(sink.got) == 1)


def test_an_order_and_a_dispute_pause_letters_and_notices(place, sink):
    desk = Reports(place, smtp_mail(sink.port))
    desk.start()
    waiting = desk.register()
    order = desk.done("report-order", asn=64500, exchange="demo-fra", size="2 x 100G", ready="2026-12-15", ticket=HOSTILE,
                      waiting_on="us", capacity_bps=200e9)
    assert order["paused"] == [waiting["id"]]
    assert desk.refused("report-order", asn=64509, exchange="demo-fra", size="x", waiting_on="us")["code"] == "refused"
    assert "paused" in desk.refused("report-approve", id=waiting["id"])["message"]
    assert desk.register(week="2026-W48")["state"] == "paused"
    ended = desk.done("report-order-end", id=order["id"], outcome="delivered")
    assert waiting["id"] in ended["resumed"] and desk.state(waiting["id"]) == "waiting"
    dispute = desk.done("report-dispute", asn=64500, text=HOSTILE)
    assert waiting["id"] in dispute["paused"]
    desk.done("report-dispute-decide", id=dispute["id"], outcome="it was theirs")
    assert desk.refused("report-dispute-decide", id=dispute["id"], outcome="twice")["code"] == "refused"
    # The later one was made while the order was open: it asks for nothing, and counts no notice.
    assert desk.done("report-approve", id=waiting["id"])["notice"] == 1
    later, = desk.query("SELECT id FROM report WHERE state = 'waiting'")
    assert desk.done("report-approve", id=later[0])["notice"] == 0
    house.wait_until("both", lambda: len(sink.got) == 2)


def test_what_nobody_approved_lapses_and_the_coordinator_is_told_once(place, sink):
    desk = Reports(place, smtp_mail(sink.port))
    desk.start()
    first, second = desk.register(name=HOSTILE), desk.register(week="2026-W48")
    desk.done("report-hold", id=second["id"], why="checking with them")
    desk.change("UPDATE report SET lapses_utc_sec = ?", int(time.time()) - 1)
    house.wait_until("both to lapse", lambda: desk.state(first["id"]) == desk.state(second["id"]) == "lapsed")
    house.wait_until("the mail", lambda: len(sink.got) == 1)
    mail, = sent_to(sink, "boss@example.net")
    text = mail.get_content()
    assert mail["Subject"] == "weekly reports: 2 lapsed, nobody approved them"
    assert "report %d (2026-W47, AS64500)" % first["id"] in text and "(held)" in text
    assert "https://ix.example.net/watch/reports" in text
    assert "lapsed" in desk.refused("report-approve", id=first["id"])["message"]
    desk.collector.end()
    desk.start()
    desk.register(week="2026-W49")
    house.wait_until("two looks", lambda: desk.query("SELECT count(*) FROM report") == [(3,)])
    assert desk.query("SELECT count(*) FROM outbox") == [(1,)]


def test_what_is_paused_lapses_untold_and_too_late_is_too_late_without_a_collector_too(place):
    spool = os.path.join(place.path, "spool")
    desk = Reports(place, '  spool = "%s"\n' % spool)
    desk.start()
    paused = desk.register()
    desk.done("report-order", asn=64500, exchange="demo-fra", size="100G", waiting_on="peer")
    desk.change("UPDATE report SET lapses_utc_sec = 1")
    house.wait_until("it to lapse", lambda: desk.state(paused["id"]) == "lapsed")
    desk.done("report-order-end", id=1, outcome="done")
    late = desk.register(week="2026-W48")
    assert desk.collector.end() == 0
    desk.change("UPDATE report SET lapses_utc_sec = 1 WHERE id = ?", late["id"])
    for part in (["approve"], ["release"], ["hold", "--why", "x"]):
        done = desk.report(*part, str(late["id"]))
        assert done.returncode == 1 and "lapsed" in done.stderr
    assert desk.query("SELECT count(*) FROM outbox") == [(0,)] and not mail_house.spooled(spool)


def test_a_correction_answers_the_first_edition_wherever_that_went(place, sink):
    desk = Reports(place, smtp_mail(sink.port), to=("one@peer.example", "two@peer.example"))
    desk.start()
    first = desk.register()
    desk.done("report-approve", id=first["id"])
    house.wait_until("the first edition", lambda: len(sink.got) == 2)
    ids = {recipient: str(mail["Message-ID"]) for recipient, mail, *_ in sink.got}
    assert notices(desk) == [(1, 1)]
    # The configuration names somebody else by now: the correction goes where the first one went.
    desk.to = ("three@peer.example",)
    desk.write()
    desk.collector.send_signal(signal.SIGHUP)
    desk.collector.wait_for("event=reloaded")
    assert desk.refused("report-register", **desk.shelve(golden="correction", edition=3))["code"] == "refused"
    second = desk.register(golden="correction", edition=2)
    assert second["state"] == "waiting"
    approved = desk.done("report-approve", id=second["id"])
    assert sorted(approved["recipients"]) == ["one@peer.example", "two@peer.example"] and approved["notice"] == 0
    house.wait_until("the correction", lambda: len(sink.got) == 4)
    for recipient, mail, *_ in sink.got[2:]:
        assert mail["In-Reply-To"] == ids[recipient] and ".r2." in mail["Message-ID"]
    # It asks for nothing any more: the notice is taken back.
    assert notices(desk) == [(1, 0)]


def test_the_overview_goes_to_the_coordinator_and_an_exchanges_is_kept(place, sink):
    desk = Reports(place, smtp_mail(sink.port), to_peers="never")
    desk.start()
    request = desk.shelve(golden="overview")
    request.pop("asn")
    overview = desk.done("report-register", **dict(request, kind="overview", name="", verdict="routine"))
    assert overview["state"] == "approved"
    house.wait_until("the overview", lambda: len(sink.got) == 1)
    recipient, mail, *_ = sink.got[0]
    assert recipient == "boss@example.net" and mail["Message-ID"].startswith("<report.2026-W47.overview.r1.")
    exchange = desk.done("report-register", **dict(request, kind="exchange", exchange="demo-ams", purpose="information"))
    assert exchange["state"] == "nothing to tell" and "kept" in exchange["why"]
    assert desk.done("report-release", id=exchange["id"])["state"] == "waiting"
    assert desk.done("report-approve", id=exchange["id"])["recipients"] == ["boss@example.net"]
    assert notices(desk) == []


def test_an_overview_without_a_coordinator_waits_until_there_is_one(place, sink):
    desk = Reports(place, smtp_mail(sink.port))
    desk.write(coordinator="")
    desk.start()
    request = desk.shelve(golden="overview")
    request.pop("asn")
    made = desk.done("report-register", **dict(request, kind="overview", name="", verdict="routine"))
    assert made["state"] == "no recipient" and "report.coordinator" in made["why"]
    assert "names none" in desk.refused("report-approve", id=made["id"])["message"]
    desk.write()
    desk.collector.send_signal(signal.SIGHUP)
    house.wait_until("it waits", lambda: desk.state(made["id"]) == "waiting")
    desk.done("report-approve", id=made["id"])
    house.wait_until("the overview", lambda: len(sink.got) == 1)


def test_four_clean_weeks_close_a_case_and_the_next_notice_is_a_first_one(place):
    desk = Reports(place, '  spool = "%s"\n' % os.path.join(place.path, "spool"))
    desk.start()
    verdicts = ["routine", "routine", "none", "none", "insufficient data", "none", "none", "none"]
    numbers = []
    for number, verdict in enumerate(verdicts):
        golden = "routine" if verdict == "routine" else "well"
        made = desk.register(week="2026-W%d" % (40 + number), golden=golden, verdict=verdict,
                             connections=[{"exchange": "demo-fra", "verdict": verdict}, {"exchange": "demo-ams", "verdict": "none"}])
        numbers.append(desk.done("report-approve", id=made["id"])["notice"])
    assert numbers == [1, 2, 0, 0, 0, 0, 0, 0]
    # Clean were W42, W43, W45 and W46, the fourth, which closes it (Monday 9 November 2026).
    assert desk.query("SELECT opened_monday, closed_monday FROM report_case") == [(20724, 20766)]
    made = desk.register(week="2026-W49")
    assert desk.done("report-approve", id=made["id"])["notice"] == 1


def test_a_correction_takes_the_place_of_what_was_not_sent(place, sink):
    desk = Reports(place, smtp_mail(sink.port))
    desk.start()
    earlier = desk.register(week="2026-W46")
    desk.done("report-approve", id=earlier["id"])
    desk.to_peers = "send"
    desk.write()
    desk.collector.send_signal(signal.SIGHUP)
    desk.collector.wait_for("event=reloaded")
    house.wait_until("the earlier one", lambda: len(sink.got) == 1)
    sink.got.clear()
    first = desk.register(tells=False)
    assert first["state"] == "nothing to tell"
    second = desk.register(golden="correction", edition=2)
    assert desk.state(first["id"]) == "lapsed" and second["state"] == "held" and "not sent" in second["why"]
    assert "lapsed" in desk.refused("report-approve", id=first["id"])["message"]
    desk.done("report-approve", id=second["id"])
    house.wait_until("the mail", lambda: len(sink.got) == 1)
    assert sink.got[0][1]["In-Reply-To"] is None


def spoil(path, how):
    """What the file held."""
    with open(path, "rb") as file:
        kept = file.read()
    os.unlink(path)
    if how == "link":
        os.symlink("/etc/hostname", path)
    elif how == "pipe":
        os.mkfifo(path)
    elif how != "remove":
        with open(path, "wb") as file:
            file.write(kept + b"x" if how == "grow" else kept[:-1] + b"?")
    return kept


def test_what_is_not_as_it_was_kept_is_not_sent_and_the_coordinator_is_told(place, sink):
    spoils = [("remove", ".csv", "is missing"), ("change", ".csv", "changed since it was kept"), ("grow", ".txt", "changed since it was kept"),
              ("link", ".csv", "Too many levels of symbolic links"), ("change", "-demo-fra.png", "changed since it was kept"),
              ("pipe", ".html", "changed since it was kept")]
    desk = Reports(place, smtp_mail(sink.port))
    desk.start()
    made, kept = [], []
    for number, (how, ending, _) in enumerate(spoils):
        week = "2026-W%d" % (41 + number)
        made.append(desk.register(week=week)["id"])
        path = os.path.join(place.state, "reports", week, "AS64500" + ending)
        kept.append((path, spoil(path, how)))
    for report_id in made:
        desk.done("report-approve", id=report_id)
    house.wait_until("all to fail", lambda: desk.states().get("failed") == len(spoils))
    replies = [reply for reply, in desk.query("SELECT last_reply FROM outbox WHERE kind = 'report' ORDER BY id")]
    assert replies == ["reports/2026-W%d/AS64500%s: %s" % (41 + number, ending, why) for number, (_, ending, why) in enumerate(spoils)]
    told = house.wait_until("what is told", lambda: [mail.get_content() for mail in sent_to(sink, "boss@example.net")])
    house.wait_until("all to be told", lambda: all(any(reply in mail.get_content() for mail in sent_to(sink, "boss@example.net"))
                                                   for reply in replies))
    assert told and not sent_to(sink, "peering@peer.example")
    for path, octets in kept:
        if os.path.lexists(path):
            os.unlink(path)
        with open(path, "wb") as file:
            file.write(octets)
    mails = [str(mail_id) for mail_id, in desk.query("SELECT id FROM outbox WHERE kind = 'report'")]
    assert desk.outbox("retry", *mails).returncode == 0
    house.wait_until("all letters", lambda: len(sent_to(sink, "peering@peer.example")) == len(spoils))
    assert sum(mail.get_content().count("AS64500.csv: is missing") for mail in sent_to(sink, "boss@example.net")) == 1


def test_twenty_approvals_at_once_are_one_mail(place, sink):
    desk = Reports(place, smtp_mail(sink.port))
    desk.start()
    made = desk.register()
    commands = [subprocess.Popen([house.IXWATCH, "report", "approve", str(made["id"]), "-c", desk.config],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(20)]
    ends = [(process.communicate(timeout=60), process.returncode) for process in commands]
    assert sorted(status for _, status in ends) == [0] + 19 * [1]
    assert all("approved already" in err for (_, err), status in ends if status == 1)
    house.wait_until("the mail", lambda: desk.states() == {"sent": 1})
    assert len(sink.got) == 1 and notices(desk) == [(1, 1)]


@pytest.mark.parametrize("when", ["before", "at once", "while it is sent"])
def test_kill_at_any_point_doubles_and_loses_nothing(place, sink, when):
    desk = Reports(place, smtp_mail(sink.port), to=tuple("r%d@peer.example" % i for i in range(5)))
    desk.start()
    made = desk.register()
    taken = []
    if when == "before":
        desk.collector.end(signal.SIGKILL)
    else:
        if when == "while it is sent":
            sink.answer = lambda recipient, number: taken.append(recipient) or (
                desk.collector.send_signal(signal.SIGKILL) if number == 2 else None)
        desk.done("report-approve", id=made["id"])
        if when == "at once":
            desk.collector.send_signal(signal.SIGKILL)
        desk.collector.popen.wait(20)
    sink.answer = lambda recipient, number: None
    desk.start()
    if when == "before":
        assert desk.state(made["id"]) == "waiting"
        desk.done("report-approve", id=made["id"])
    assert desk.state(made["id"]) == "approved"
    house.wait_until("all mails", lambda: desk.states() == {"sent": 5}, 90)
    assert sorted({recipient for recipient, *_ in sink.got}) == ["r%d@peer.example" % i for i in range(5)]
    # A mail whose answer was lost may come twice, under one Message-ID; a row is never put twice.
    assert len(set(sink.message_ids())) == 5 and len(sink.got) <= 6
    assert notices(desk) == [(1, 1)]


@pytest.mark.parametrize("request_, word", [
    ({"op": "report-approve"}, "id"), ({"op": "report-approve", "id": -1}, "id"), ({"op": "report-approve", "id": "1; DROP"}, "id"),
    ({"op": "report-hold", "id": 1, "why": ""}, "why"), ({"op": "report-hold", "id": 1, "why": "a\nb"}, "why"),
    ({"op": "report-hold", "id": 1, "why": "x", "author": "a\x00b"}, ""), ({"op": "report-hold", "id": 1, "why": "x" * 1001}, "1000"),
    ({"op": "report-note", "id": 1, "note": "a\x1b[31mb"}, "note"), ({"op": "report-note", "id": 1, "note": "x" * 4001}, "4000"),
    ({"op": "report-note", "id": 1, "note": "turned \u202e round"}, "note"), ({"op": "report-note", "id": 1, "note": None}, "note"), ({"op": "report-note", "id": 1, "note": "x", "author": ""}, "author"),
    ({"op": "report-order", "asn": 0, "exchange": "demo-fra", "size": "x", "waiting_on": "us"}, "asn"),
    ({"op": "report-order", "asn": 64500, "exchange": "demo-fra", "size": "x", "waiting_on": "them"}, "waiting_on"),
    ({"op": "report-order", "asn": 64500, "exchange": "demo-fra", "size": "x", "waiting_on": "us", "ready": "2026-02-30"}, "ready"),
    ({"op": "report-order", "asn": 64500, "exchange": "demo-fra", "size": "x", "waiting_on": "us", "capacity_bps": -1}, "capacity"),
    ({"op": "report-order", "asn": 64500, "exchange": "nowhere", "size": "x", "waiting_on": "us"}, "exchange"),
    ({"op": "report-order", "asn": 64666, "exchange": "demo-fra", "size": "x", "waiting_on": "us"}, "no peer"),
    ({"op": "report-dispute", "asn": 64500, "text": " "}, "text"), ({"op": "report-optout", "asn": 4294967296, "reason": "x"}, "asn"),
    ({"op": "report-optout", "asn": 64500.5, "reason": "x"}, "asn"), ({"op": "report-revoke", "reason": "x"}, "one of"),
    ({"op": "report-revoke", "id": 1, "asn": 64500, "reason": "x"}, "one of"), ({"op": "report-revoke", "id": 9, "reason": "x"}, "no "),
    ({"op": "report-approve", "id": 4711}, "no report"), ({"op": "report-order-end", "id": 3, "outcome": "x"}, "order 3")])
def test_a_wrong_request_is_refused_and_changes_nothing(reports_idle, request_, word):
    before = reports_idle.query("SELECT count(*), (SELECT count(*) FROM report_order), (SELECT count(*) FROM outbox) FROM audit")
    error = reports_idle.refused(request_.pop("op"), **request_)
    assert word in error["message"] and len(error["message"]) < 700
    assert reports_idle.query("SELECT count(*), (SELECT count(*) FROM report_order), (SELECT count(*) FROM outbox) FROM audit") == before


@pytest.mark.parametrize("change, word", [
    ({"kind": "letter"}, "kind"), ({"week": "2026-W54"}, "week"), ({"week": "../../etc"}, "week"), ({"edition": 0}, "edition"),
    ({"asn": 0}, "asn"), ({"verdict": "guilty"}, "verdict"), ({"purpose": "blame"}, "purpose"), ({"sha256": "Z" * 64}, "sha256"),
    ({"subject": ""}, "subject"), ({"subject": "a\r\nBcc: evil@example.org"}, "subject"), ({"name": "a\x07"}, "name"),
    ({"made": "yesterday"}, "made"), ({"files": []}, ".txt"), ({"corrects": "what?"}, "corrects"),
    ({"connections": [{"exchange": "nowhere", "verdict": "none"}]}, "nowhere"),
    ({"connections": [{"exchange": "demo-fra", "verdict": "x"}]}, "verdict"),
    ({"file": {"name": "../../ixwatch.db.txt"}}, "no name"), ({"file": {"name": "a/b.txt"}}, "no name"), ({"file": {"name": "x.sh"}}, "no name"),
    ({"file": {"octets": -1}}, "octets"), ({"file": {"octets": 1 << 40}}, "octets"), ({"file": {"sha256": "abc"}}, "sha256")])
def test_a_wrong_registration_is_refused_and_changes_nothing(reports_idle, change, word):
    request = reports_idle.shelve()
    if "file" in change:
        request["files"][0].update(change["file"])
    else:
        request.update(change)
    error = reports_idle.refused("report-register", **request)
    assert word in error["message"]
    assert reports_idle.query("SELECT count(*) FROM report") == [(0,)]


@pytest.fixture(scope="module")
def reports_idle(tmp_path_factory):
    """One collector for all requests that must change nothing."""
    place = house.Place(str(tmp_path_factory.mktemp("idle")))
    desk = Reports(place, '  spool = "%s"\n' % os.path.join(place.path, "spool"))
    desk.start()
    yield desk
    place.end_all()
    place.check_sanitizers()


@pytest.mark.parametrize("live", [True, False], ids=["a collector is asked", "under the lock"])
def test_every_part_of_the_command_does_what_it_says(place, live):
    desk = Reports(place, '  spool = "%s"\n' % os.path.join(place.path, "spool"))
    desk.start()
    made = [desk.register(week="2026-W4%d" % week)["id"] for week in (6, 7, 8)]
    if not live:
        assert desk.collector.end() == 0

    def run(*arguments, status=0):
        done = desk.report(*arguments)
        assert done.returncode == status, (arguments, done.stdout, done.stderr)
        return done.stdout if status == 0 else done.stderr

    def listed(*arguments):
        return json.loads(run("list", "--format", "json", *arguments))

    assert [one["id"] for one in listed()["reports"]] == made[::-1]
    assert listed("--week", "2026-W47")["reports"][0]["state"] == "waiting"
    assert "held" in run("hold", str(made[0]), str(made[1]), "--why", HOSTILE, "--author", "lee")
    assert listed("--state", "held")["reports"][0]["why"] == HOSTILE
    assert "waiting" in run("release", str(made[0]))
    assert "stands before the letter" in run("note", str(made[1]), "--text", "Hello\nthere")
    assert "no note" in run("note", str(made[1]), "--text", "")
    order = json.loads(run("order", "AS64500", "demo-fra", "--size", "2 x 100G", "--waiting-on", "peer", "--capacity", "200G",
                           "--ready", "2026-12-15", "--format", "json"))
    assert sorted(order["paused"]) == [made[0], made[2]]
    assert listed("--register", "orders", "--open")["orders"][0]["capacity_bps"] == 200e9
    assert "no longer paused" in run("order-end", str(order["id"]), "--outcome", "done")
    assert listed("--register", "orders", "--open") == {"orders": []}
    assert "dispute 1" in run("dispute", "64500", "--text", "not ours", "--exchange", "demo-fra")
    assert "no longer paused" in run("decide", "1", "--outcome", "it was")
    assert "not sent" in run("optout", "64509", "--reason", "asked us to")
    assert listed("--register", "optouts")["optouts"][0]["asn"] == 64500
    assert "may be approved" in run("optin", "64500")
    approved = json.loads(run("approve", str(made[2]), "--format", "json", "--author", "lee"))
    assert approved[0]["recipients"] == ["peering@peer.example"]
    assert "approved already" in run("approve", str(made[2]), status=1)
    run("revoke", str(made[2]), "--reason", "sent to the wrong list")
    run("revoke", "--peer", "64500", "--reason", "all of them")
    assert len(listed("--register", "revocations")["revocations"]) == 2
    one, = listed("--state", "approved")["reports"]
    assert one["decided_by"] == "lee" and one["links_revoked_at"] is not None and one["mails"]["put"] == 1
    if not live:
        return
    for wrong in (["approve"], ["approve", "x"], ["hold", "1"], ["order", "64500"], ["revoke", "--reason", "x"], ["note", "1"],
                  ["list", "--week", "W47"], ["list", "--state", "lost"], ["list", "--register", "x"], ["optin", "AS0"],
                  ["list", "--format", "xml"], ["approve", "1", "--format", "xml"], ["dispute", "64500"]):
        assert "ixwatch report" in run(*wrong, status=2)
    for part in ("list", "approve", "hold", "release", "note", "order", "order-end", "dispute", "decide", "optout", "optin", "revoke"):
        assert "usage: ixwatch report " + part in run(part, "--help")


def test_a_link_is_not_made_with_a_key_that_others_can_read(place, sink):
    desk = Reports(place, smtp_mail(sink.port))
    desk.start()
    made = desk.register()
    key = os.path.join(place.state, "link.key")
    with open(key, "w") as file:
        file.write("a" * 64 + "\n")
    os.chmod(key, 0o644)
    desk.done("report-approve", id=made["id"])
    house.wait_until("it to fail", lambda: desk.states().get("failed") == 1)
    assert "its mode is 0644" in desk.query("SELECT last_reply FROM outbox WHERE kind = 'report'")[0][0]
    os.chmod(key, 0o600)
    assert mail_house.smtp_mail(1)  # the server is as it was
    assert desk.outbox("retry", "1").returncode == 0
    house.wait_until("the mail", lambda: len(sent_to(sink, "peering@peer.example")) == 1)
    assert desk.claim(sink.got[-1][1].get_body(("plain",)).get_content())[0] == made["id"]
