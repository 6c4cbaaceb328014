"""The mailer against real servers: what is in the outbox arrives, once, or says why it does not."""
import asyncio
import glob
import json
import os
import shutil
import signal
import socket
import time

import pytest
from aiosmtpd.smtp import AuthResult

import house
import mail_house
from mail_house import Desk, Sink, smtp_mail


@pytest.fixture
def sink():
    made = Sink()
    yield made
    made.stop()


@pytest.mark.smoke
def test_mail_goes_into_the_spool_as_files_that_parse(place):
    spool = os.path.join(place.path, "spool")
    desk = Desk(place, '  spool = "%s"\n' % spool)
    desk.start()
    first, second = desk.put(
        {"subject": "[fra] SATURATED \u00e9\r\nBcc: evil@example.org", "text": "one\n.\ntwo =\u00fc \n" + "x" * 200 + "\n",
         "html": "<p>\u00fc</p>"},
        {"kind": "recovery", "in_reply_to": "<a@example.net>", "references": "<0@example.net> <a@example.net>"})
    desk.wait_for_state(first, "sent")
    desk.wait_for_state(second, "sent")
    (name, mail), (_, answer) = mail_house.spooled(spool)
    assert name.endswith("-%d.eml" % first)
    assert mail["Subject"] == "[fra] SATURATED \u00e9  Bcc: evil@example.org" and mail["Bcc"] is None
    assert mail["From"] == "ixwatch <ixwatch@localhost>" and mail["To"] == "noc@example.net"
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Date"].datetime.tzinfo is not None
    assert mail.get_content_type() == "multipart/alternative" and not mail.defects
    assert mail.get_body(("plain",)).get_content().splitlines()[:4] == ["one", ".", "two =\u00fc ", "x" * 200]
    assert "<p>\u00fc</p>" in mail.get_body(("html",)).get_content()
    assert answer["In-Reply-To"] == "<a@example.net>" and answer["References"] == "<0@example.net> <a@example.net>"
    assert desk.collector.end() == 0


def test_a_server_gets_alert_and_recovery_once_in_order(place, sink):
    desk = Desk(place, smtp_mail(sink.port))
    desk.start()
    ids = desk.put({"subject": "alert", "message_id": "<a@example.net>"},
                   {"kind": "repeat", "subject": "repeat", "in_reply_to": "<a@example.net>"},
                   {"kind": "recovery", "subject": "recovery", "in_reply_to": "<a@example.net>"})
    desk.wait_for_state(ids[-1], "sent")
    assert sink.subjects() == ["alert", "repeat", "recovery"]
    assert desk.states() == {"sent": 3}
    shown = json.loads(desk.outbox("show", str(ids[0]), "--format", "json").stdout)["mails"][0]
    assert shown["state"] == "sent" and shown["attempts"] == 1 and shown["last_code"] == 250
    assert "250 taken" in shown["last_reply"]


# --- a clock that the test moves ---

class Clock:
    """faketime's: every program started with `environment` sees the time moved by `offset` seconds; timers go on as ever."""

    def __init__(self, place):
        found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        if not found:
            pytest.skip("libfaketime is not installed")
        self.path = place.file("step", "+0\n")
        self.offset = 0
        self.environment = {"LD_PRELOAD": found[0], "FAKETIME_TIMESTAMP_FILE": self.path, "FAKETIME_NO_CACHE": "1",
                            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}

    def step(self, seconds):
        self.offset += seconds
        with open(self.path + ".new", "w", encoding="ascii") as file:
            file.write("+%d\n" % self.offset)
        os.rename(self.path + ".new", self.path)


@pytest.fixture
def clock(place):
    return Clock(place)


# --- a real server ---

def opensmtpd(place):
    """OpenSMTPD on a port of its own, which puts every mail into a folder; (port, folder)."""
    if shutil.which("smtpd") is None or os.geteuid() != 0:
        pytest.skip("needs OpenSMTPD, and root to start it")
    port, folder = house.free_port(), os.path.join(place.path, "delivered")
    os.mkdir(folder)
    os.chmod(folder, 0o777)
    place.let_others_in()
    config = place.file("smtpd.conf", """listen on 127.0.0.1 port %d
table all { "@" = "nobody" }
action "save" mda "cat > %s/new.$$ && mv %s/new.$$ %s/$(date +%%s%%N).eml" virtual <all> user nobody
match from any for any action "save"
""" % (port, folder, folder, folder))
    place.start("smtpd", [shutil.which("smtpd"), "-d", "-f", config])

    def listens():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0
    house.wait_until("OpenSMTPD", listens)
    return port, folder


def test_opensmtpd_delivers_alert_repeat_and_recovery(place):
    port, folder = opensmtpd(place)
    desk = Desk(place, smtp_mail(port))
    desk.start()
    ids = desk.put({"subject": "[fra] SATURATED 98% out AS64500", "message_id": "<a@example.net>", "text": "one\n.\n..two\n",
                    "html": "<p>caf\u00e9</p>"},
                   {"kind": "repeat", "subject": "still", "in_reply_to": "<a@example.net>"},
                   {"kind": "recovery", "subject": "over", "in_reply_to": "<a@example.net>"})
    desk.wait_for_state(ids[-1], "sent")
    house.wait_until("three deliveries", lambda: len(mail_house.spooled(folder)) == 3)
    mails = {str(mail["Subject"]): mail for _, mail in mail_house.spooled(folder)}
    assert set(mails) == {"[fra] SATURATED 98% out AS64500", "still", "over"}
    first = mails["[fra] SATURATED 98% out AS64500"]
    assert first["Message-ID"] == "<a@example.net>" and first.get_body(("plain",)).get_content().splitlines()[:3] == [
        "one", ".", "..two"]
    assert mails["over"]["In-Reply-To"] == mails["still"]["In-Reply-To"] == "<a@example.net>"
    assert "Message accepted" in desk.outbox("show", str(ids[0])).stdout


# --- servers that do not take it ---

def test_451_is_tried_again_after_a_while_and_others_do_not_wait(place, sink, clock):
    sink.answer = lambda recipient, number: "451 4.7.1 greylisted, try later" if recipient.startswith("grey") else None
    desk = Desk(place, smtp_mail(sink.port))
    desk.start(clock.environment)
    grey, behind, other = desk.put({"recipient": "grey@example.net"}, {"recipient": "grey@example.net"}, {})
    desk.wait_for_state(other, "sent")
    house.wait_until("the reply", lambda: desk.query("SELECT last_code FROM outbox WHERE id = ?", grey) == [(451,)])
    assert "greylisted" in desk.outbox("list").stdout
    assert desk.query("SELECT attempts FROM outbox WHERE id = ?", behind) == [(0,)], "it waits with its recipient"
    for failures in range(2, 5):
        clock.step(60 * 2 ** (failures - 2))
        house.wait_until("attempt %d" % failures, lambda: desk.query(
            "SELECT attempts, in_flight FROM outbox WHERE id = ?", grey) == [(failures, 0)])
    sink.answer = lambda recipient, number: None
    clock.step(8 * 60)
    desk.wait_for_state(grey, "sent")
    desk.wait_for_state(behind, "sent")
    assert sink.tries == 1 + 4 + 2


def test_550_is_shown_and_told_by_the_operators_program(place, sink):
    sink.at_recipient = lambda recipient: "550 5.1.1 no such \u001b[31muser" if recipient.startswith("gone") else None
    told = os.path.join(place.path, "told")
    program = place.file("tell", "#!/bin/sh\n{ env; echo args=$#,$1,$2; echo secret=$IXWATCH_COMMUNITY; } > %s.new\n"
                                 "mv %s.new %s\nsleep 60 &\n" % (told, told, told))
    os.chmod(program, 0o755)
    desk = Desk(place, smtp_mail(sink.port, '  on-mail-failure = "%s $(id) a;b"\n' % program))
    desk.start({"IXWATCH_COMMUNITY": "hidden-community"})
    desk.collector.wait_for("event=trouble agent")
    time_before = time.time()
    house.wait_until("the keeper's first look", lambda: time.time() > time_before + 2.5)
    gone, = desk.put({"recipient": "gone@example.net", "subject": "$(touch /tmp/x) `id`"})
    desk.wait_for_state(gone, "failed")
    assert "550" in desk.outbox("list", "--state", "failed").stdout
    house.wait_until("the program", lambda: os.path.exists(told))
    with open(told, encoding="utf-8") as file:
        text = file.read()
    for line in ("IXWATCH_MAIL_FAILURE=refused", "IXWATCH_MAIL_ID=%d" % gone, "IXWATCH_MAIL_RECIPIENT=gone@example.net",
                 "IXWATCH_MAIL_SUBJECT=$(touch /tmp/x) `id`", "args=2,$(id),a;b", "secret="):
        assert line in text.splitlines(), (line, text)
    assert "hidden-community" not in text and "no such" in text and "\x1b" not in text
    sink.at_recipient = lambda recipient: None
    assert desk.outbox("retry", str(gone)).returncode == 0
    desk.wait_for_state(gone, "sent")
    refused = desk.outbox("retry", str(gone))
    assert refused.returncode == 1 and "it is sent" in refused.stderr
    assert "no mail 999" in desk.outbox("show", "999").stderr


def test_a_connection_dropped_after_the_mail_is_tried_again_under_the_same_id(place, sink, clock):
    sink.answer = lambda recipient, number: "drop after taking" if number == 1 else None
    desk = Desk(place, smtp_mail(sink.port))
    desk.start(clock.environment)
    mail, = desk.put({})
    house.wait_until("the loss", lambda: desk.query("SELECT last_reply FROM outbox WHERE attempts = 1 AND in_flight = 0"))
    assert desk.state_of(mail) == "waiting" and len(sink.got) == 1
    clock.step(61)
    desk.wait_for_state(mail, "sent")
    assert len(sink.got) == 2 and len(set(sink.message_ids())) == 1


def test_a_tarpit_costs_the_timeout_and_no_more(place, sink):
    async def slowly():
        await asyncio.sleep(30)
        return "250 at last"
    sink.answer = lambda recipient, number: slowly() if recipient.startswith("tar") else None
    desk = Desk(place, smtp_mail(sink.port, '  timeout = "2s"\n'))
    desk.start()
    begin = time.monotonic()
    stuck, other = desk.put({"recipient": "tar@example.net"}, {})
    desk.wait_for_state(other, "sent")
    assert time.monotonic() - begin < 10
    assert desk.state_of(stuck) == "waiting"
    assert "timeout" in desk.outbox("show", str(stuck)).stdout.lower()


def test_without_starttls_nothing_is_said_where_tls_is_required(place, sink, clock):
    desk = Desk(place, smtp_mail(sink.port, '  tls = "required"\n'))
    desk.start(clock.environment)
    mail, = desk.put({"subject": "not in the clear"})
    desk.collector.wait_for("event=server-failed")
    assert desk.state_of(mail) == "waiting" and sink.commands == [] and sink.tries == 0
    house.wait_until("the reason", lambda: "STARTTLS" in desk.outbox("show", str(mail)).stdout)


def test_tls_is_checked_and_the_login_comes_after_it(place):
    cert, context = mail_house.certificate(place)
    seen = []

    def login(server, session, envelope, mechanism, data):
        seen.append((session.ssl is not None, data.login, data.password))
        return AuthResult(success=data.password == b"s3cret pass")
    sink = Sink(tls=context, authenticator=login, auth_require_tls=True, require_starttls=True)
    password = place.file("password", "s3cret pass\n")
    os.chmod(password, 0o600)
    try:
        more = '  tls = "required"\n  user = "ix"\n  password-file = "%s"\n' % password
        desk = Desk(place, smtp_mail(sink.port, more + '  ca-file = "%s"\n' % cert))
        desk.start()
        mail, = desk.put({})
        desk.wait_for_state(mail, "sent")
        assert seen == [(True, b"ix", b"s3cret pass")] and sink.got[0][3] and sink.got[0][4]
        pid = desk.mailer_pid()
        assert "s3cret" not in desk.collector.text()
        assert holds(pid, b"s3cret pass") and not holds(desk.collector.pid, b"s3cret pass"), "the mailer's alone"
        assert holds(desk.collector.pid, b"public-is-secret") and not holds(pid, b"public-is-secret")
        with open("/proc/%d/environ" % pid, "rb") as file:
            assert b"IXWATCH_COMMUNITY" not in file.read()

        # A certificate nobody vouches for.
        desk.mail = smtp_mail(sink.port, more) + '  sign-of-life = ""\n'
        desk.write()
        desk.collector.send_signal(signal.SIGHUP)
        house.wait_until("another mailer", lambda: desk.mailer_pid() != pid)
        mail, = desk.put({"subject": "to a stranger"})
        desk.collector.wait_for("event=server-failed")
        assert desk.state_of(mail) == "waiting" and len(sink.got) == 1
    finally:
        sink.stop()


def holds(pid, secret):
    """Whether a process has it in its memory or environment."""
    with open("/proc/%d/maps" % pid, encoding="ascii", errors="replace") as maps, open("/proc/%d/mem" % pid, "rb", 0) as memory:
        for line in maps:
            span, mode = line.split()[:2]
            if "w" not in mode:
                continue
            begin, end = (int(word, 16) for word in span.split("-"))
            try:
                memory.seek(begin)
                if secret in memory.read(end - begin):
                    return True
            except (OSError, ValueError, OverflowError):
                continue
    return False


# --- hostile words ---

HOSTILE = ["noc@example.net\r\nRCPT TO:<evil@example.org>", "noc@example.net>\nBcc: evil@example.org", "a@b,evil@example.org",
           "<evil@example.org>", "noc@example.net evil@example.org", "\u00e9vil@example.org", "evil", "", "-f@example.org",
           "evil@example.org\u0000", "\"evil\"@example.org", "evil(@example.org"]


def test_hostile_recipients_and_subjects_never_reach_the_wire(place, sink):
    desk = Desk(place, smtp_mail(sink.port))
    desk.start()
    refused = desk.put(*({"recipient": recipient} for recipient in HOSTILE if "\u0000" not in recipient))
    subjects = ["x\r\nBcc: evil@example.org", "x\n\nbody", "=?utf-8?q?x?=", "\u202e" + "y" * 500, "\r\n.\r\nMAIL FROM:<x@y>",
                "caf\u00e9 \u20ac" * 60, "<script>", "tab\there"]
    ids = desk.put(*({"subject": subject, "text": ".\r\n.\nQUIT\r\n" + subject, "html": subject} for subject in subjects))
    for mail in ids:
        desk.wait_for_state(mail, "sent")
    assert all(desk.state_of(mail) == "failed" for mail in refused)
    assert {recipient for _, recipient in sink.commands} == {"noc@example.net"} and len(sink.got) == len(subjects)
    allowed = {"date", "from", "to", "subject", "message-id", "auto-submitted", "x-auto-response-suppress", "mime-version",
               "content-type", "x-peer", "x-mailfrom", "x-rcptto"}
    for (_, mail, raw, _, _), subject in zip(sink.got, subjects):
        assert {name.lower() for name in mail.keys()} <= allowed, mail.keys()
        assert max(len(line) for line in raw.split(b"\r\n")) <= 998 and b"\n" not in raw.replace(b"\r\n", b"")
        assert all(octet < 128 for octet in raw)
        assert str(mail["Subject"]).split() == "".join(
            " " if ord(c) < 32 or c == "\u202e" else c for c in subject).split()


def test_hostile_addresses_in_the_configuration_are_refused(place):
    for word in HOSTILE[:8]:
        if word == "" or "\n" in word:
            continue
        desk = Desk(place, '  from = "%s"\n' % word.replace('"', '\\"'))
        done = place.run("check", "-c", desk.config)
        assert done.returncode == 2 and "from:" in done.stderr, (word, done)


# --- deaths ---

def test_a_mailer_that_is_killed_again_and_again_loses_nothing(place, sink):
    kills(place, sink, 300, 8)


def kills(place, sink, mail_count, kill_count):
    desk = Desk(place, smtp_mail(sink.port, "  per-hour = 1000\n"))
    desk.start()
    recipients = ["noc%d@example.net" % (i % 10) for i in range(mail_count)]
    begin = time.monotonic()
    desk.put(*({"subject": "mail %d" % i, "recipient": recipients[i]} for i in range(mail_count)))
    killed = set()
    for kill in range(kill_count):
        goal = (kill + 1) * mail_count // (kill_count + 2)
        house.wait_until("mail %d" % goal, lambda: len(sink.got) >= goal, 120, 0.001)
        pid = house.wait_until("a mailer", lambda: desk.mailer_pid() not in killed and desk.mailer_pid(), 30, 0.01)
        os.kill(pid, signal.SIGKILL)
        killed.add(pid)
    house.wait_until("all", lambda: desk.states() == {"sent": mail_count}, 300, 0.2)
    duplicates = len(sink.got) - len(set(sink.message_ids()))
    print("%d mails, %d kills: %d lost, %d twice, %.0f s" % (
        mail_count, kill_count, mail_count - len(set(sink.subjects())), duplicates, time.monotonic() - begin))
    assert len(set(sink.subjects())) == mail_count and len(set(sink.message_ids())) == mail_count
    assert duplicates <= kill_count
    return desk


def test_a_collector_that_dies_while_a_mail_is_taken_does_not_send_it_again(place, sink):
    desk = Desk(place, smtp_mail(sink.port))
    desk.start()

    async def and_die():
        os.kill(desk.collector.pid, signal.SIGKILL)
        await asyncio.sleep(0.5)
        return None
    sink.answer = lambda recipient, number: and_die() if number == 1 else None
    mail, = desk.put({})
    house.wait_until("the mail", lambda: len(sink.got) == 1)
    desk.collector.popen.wait(10)
    journal = os.path.join(place.state, "mailer.journal")
    house.wait_until("the journal", lambda: os.path.getsize(journal) > 0)
    assert desk.state_of(mail) == "waiting"
    desk.start()
    desk.wait_for_state(mail, "sent")
    second, = desk.put({})
    desk.wait_for_state(second, "sent")
    assert len(sink.got) == 2 and os.path.getsize(journal) == 0


def test_the_mailer_ends_with_its_collector(place, sink):
    desk = Desk(place, smtp_mail(sink.port))
    desk.start()
    pid = desk.mailer_pid()
    desk.collector.end(signal.SIGKILL)
    house.wait_until("the mailer's end", lambda: not os.path.exists("/proc/%d" % pid) or
                     open("/proc/%d/stat" % pid, encoding="ascii").read().split(")")[1].split()[0] == "Z")


# --- storms and outages ---

def test_beyond_the_limit_of_an_hour_comes_one_digest(place, sink, clock):
    desk = Desk(place, smtp_mail(sink.port, "  per-hour = 5\n"))
    desk.start(clock.environment)
    desk.put(*({"subject": "storm %d" % i, "message_id": "<s%d@example.net>" % i} for i in range(40)),
             {"kind": "recovery", "subject": "calm 39", "in_reply_to": "<s39@example.net>"},
             {"recipient": "other@example.net", "subject": "elsewhere"}, environment=clock.environment)
    house.wait_until("all told", lambda: desk.states().get("waiting", 0) == 0)
    assert desk.states() == {"sent": 5 + 1 + 1, "in a digest": 36}
    digest = [mail for _, mail, *_ in sink.got if "[digest]" in str(mail["Subject"])]
    assert len(digest) == 1 and sink.subjects().count("elsewhere") == 1
    text = digest[0].get_content()
    still, everything = text.split("Everything, oldest first")
    assert "storm 38" in still and "storm 39" not in still, "39 has ended"
    assert all("storm %d " % i in everything for i in range(5, 40)) and "calm 39" in everything
    desk.put({"subject": "late"}, environment=clock.environment)
    clock.step(3700)
    house.wait_until("the next hour", lambda: "late" in sink.subjects())


def test_a_day_without_a_server_ends_in_one_digest_a_recipient(place, clock):
    port = house.free_port()
    desk = Desk(place, smtp_mail(port))
    desk.start(clock.environment)
    recipients = ["noc@example.net", "duty@example.net"]
    last = 8
    for part in range(last + 1):
        mails = [{"subject": "alert %d-%d" % (part, i), "recipient": recipients[i % 2], "message_id": "<%d-%d@x>" % (part, i)}
                 for i in range(56)]
        mails += [{"kind": "recovery", "subject": "over %d-%d" % (part - 1, i), "recipient": recipients[i % 2],
                   "in_reply_to": "<%d-%d@x>" % (part - 1, i)} for i in range(0, 56, 4) if part > 0]
        desk.put(*mails, environment=clock.environment)
        failures = desk.collector.text().count("event=server-failed")
        clock.step(3 * 3600 if part < last else 60)
        if part < last:
            house.wait_until("another try", lambda: desk.collector.text().count("event=server-failed") > failures, 20)
    assert desk.collector.text().count("event=server-failed") < 60, "no busy loop"
    count = 9 * 56 + 8 * 14
    assert desk.query("SELECT count(*) FROM outbox WHERE kind <> 'digest' AND state IN ('waiting', 'in a digest')") == [(count,)]
    assert "sent" not in desk.states() and "failed" not in desk.states()
    sink = Sink(port)
    try:
        clock.step(901)
        house.wait_until("all told", lambda: desk.states().get("waiting", 0) == 0, 30)
        digests = [(recipient, mail) for recipient, mail, *_ in sink.got if "[digest]" in str(mail["Subject"])]
        assert sorted(recipient for recipient, _ in digests) == sorted(recipients) and len(sink.got) == 2
        for recipient, mail in digests:
            still, everything = mail.get_content().split("Everything, oldest first")
            mine = [(part, i) for part in range(last + 1) for i in range(56) if recipients[i % 2] == recipient]
            assert all("alert %d-%d " % at in everything for at in mine), "everything is listed"
            for part, i in mine:
                assert ("alert %d-%d " % (part, i) in still) == (part == last or i % 4 != 0), (part, i)
        assert desk.query("SELECT count(*) FROM outbox WHERE state = 'in a digest' AND digest_id IN"
                          " (SELECT id FROM outbox WHERE state = 'sent')")[0][0] == count
    finally:
        sink.stop()


def test_mail_that_waits_half_an_hour_is_told_by_the_operators_program(place, clock):
    told = os.path.join(place.path, "told")
    program = place.file("tell", "#!/bin/sh\nenv > %s.new; mv %s.new %s\n" % (told, told, told))
    os.chmod(program, 0o755)
    desk = Desk(place, smtp_mail(house.free_port(), '  on-mail-failure = "%s"\n' % program))
    desk.start(clock.environment)
    desk.put({"subject": "stuck"}, environment=clock.environment)
    desk.collector.wait_for("event=server-failed")
    assert not os.path.exists(told)
    clock.step(1801)
    house.wait_until("the program", lambda: os.path.exists(told))
    with open(told, encoding="utf-8") as file:
        text = file.read()
    assert "IXWATCH_MAIL_FAILURE=waiting" in text and "IXWATCH_MAIL_WAITING=1" in text and "IXWATCH_MAIL_SUBJECT=stuck" in text


def test_after_five_days_a_mail_is_given_up(place, clock):
    desk = Desk(place, smtp_mail(house.free_port()))
    desk.start(clock.environment)
    mail, = desk.put({}, environment=clock.environment)
    clock.step(5 * 86400 - 60)
    desk.collector.wait_for("event=server-failed failures=1")
    clock.step(120)
    desk.wait_for_state(mail, "failed")
    assert "given up" in desk.outbox("show", str(mail)).stdout


def test_a_sign_of_life_comes_once_a_day(place, sink, clock):
    desk = Desk(place, smtp_mail(sink.port), to=("noc@example.net", "boss@example.net"), sign_of_life="00:00")
    desk.start(clock.environment)
    house.wait_until("two signs", lambda: len(sink.got) == 2)
    text = sink.got[0][1].get_content()
    assert "watches 0 ports on 1 agents" in text and "rounds late" in text and "mails sent" in text and "Open now" in text
    clock.step(86400)
    house.wait_until("two more", lambda: len(sink.got) == 4)
    house.wait_until("all marked", lambda: desk.states() == {"sent": 4})
    assert {recipient for recipient, *_ in sink.got} == {"noc@example.net", "boss@example.net"}


# --- the newcomer's ---

def test_a_test_mail_shows_what_the_server_says(place, sink):
    desk = Desk(place, smtp_mail(sink.port))
    done = desk.outbox("test", "me@example.net")
    assert done.returncode == 0 and "250 taken" in done.stdout, done
    assert sink.got[0][0] == "me@example.net"
    sink.at_recipient = lambda recipient: "550 5.1.1 nobody here"
    done = desk.outbox("test", "me@example.net")
    assert done.returncode == 1 and "550 5.1.1 nobody here" in done.stderr
    assert desk.outbox("test", "me@example.net\nRCPT TO:<x@y>").returncode == 2
    sink.stop()
    done = desk.outbox("test", "me@example.net")
    assert done.returncode == 1 and "did not take it" in done.stderr


def test_a_probe_tries_the_mail_server_and_sends_nothing(place, sink):
    desk = Desk(place, smtp_mail(sink.port))
    assert "mail smtp://127.0.0.1:%d  ok" % sink.port in place.run("check", "--probe", "-c", desk.config).stdout
    assert sink.tries == 0 and sink.commands == []
    desk = Desk(place, smtp_mail(sink.port, '  tls = "required"\n'))
    done = place.run("check", "--probe", "-c", desk.config)
    assert done.returncode == 1 and "trouble: " in done.stdout.split("mail smtp://")[1] and "STARTTLS" in done.stdout
    assert "mail smtp" not in place.run("check", "-c", desk.config).stdout


def test_mails_are_dropped_and_retried_without_a_collector(place):
    spool = os.path.join(place.path, "spool")
    desk = Desk(place, '  spool = "%s"\n' % spool)
    desk.start()
    desk.collector.end()
    first, second = desk.put({"subject": "first"}, {"subject": "second"})
    assert desk.outbox("drop", str(first), "--author", "anna").returncode == 0
    assert desk.state_of(first) == "dropped" and "dropped by anna" in desk.outbox("show", str(first)).stdout
    assert desk.query("SELECT actor, what, detail FROM audit") == [("anna", "outbox", "dropped mail %d" % first)]
    desk.start()
    desk.wait_for_state(second, "sent")
    assert [mail["Subject"] for _, mail in mail_house.spooled(spool)] == ["second"]
    assert desk.outbox("drop", str(second)).returncode == 1
    assert desk.outbox("retry", str(first), "77").returncode == 1, "77 is none"
    desk.wait_for_state(first, "sent")
    assert desk.outbox("list", "--state", "nonsense").returncode == 2 and desk.outbox("retry", "x").returncode == 2
    listed = json.loads(desk.outbox("list", "--format", "json", "--state", "sent").stdout)["mails"]
    assert [mail["id"] for mail in listed] == [second, first]
