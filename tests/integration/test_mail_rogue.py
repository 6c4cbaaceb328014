"""A mail server that breaks every rule: nothing is lost, nothing comes twice but where the answer was lost, nobody else waits for
long, no memory is eaten, and what is shown of its words is clean."""
import concurrent.futures
import os
import re
import ssl
import time

import house
import mail_house
from mail_house import Desk, smtp_mail
from rogue_mail import CLOSE, Rogue, endless, reset, silence, then, tls_of, tls_that_stops
from test_mail import Clock

UNCLEAN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202e\ufffd]")
WAITING, REFUSED, SENT = "waiting", "failed", "sent"
# (what it does, {event: what}, what becomes of the mail, its code, words of what is shown, how often it comes in the end)
CASES = [
    ("a greeting of lines without end", {"connect": endless(b"220-welcome\r\n")}, WAITING, None, "[Tt]oo large", 1),
    ("megabytes without a line's end", {"EHLO": b"250-" + b"x" * 8000000 + b"\r\n250 ok\r\n"}, WAITING, None, None, 1),
    ("octets without a line's end for ever", {"RCPT": endless(b"2" * 65536)}, WAITING, None, None, 1),
    ("an answer of lines without end", {"RCPT": endless(b"250-yes\r\n")}, WAITING, None, None, 1),
    ("a refusal of lines without end", {"RCPT": endless(b"550-no\r\n")}, WAITING, None, None, 1),
    ("after the mail lines without end", {"BODY": endless(b"250-taken\r\n")}, WAITING, None, None, 2),
    ("what is no answer at all, for ever", {"MAIL": endless(b"hello\r\n")}, WAITING, None, None, 1),
    ("NUL, escapes and octets of no character", {"RCPT": b"550 no\x00\x1b[31m\xff\xfe\x9b such\xe2\x80\xaeresu\r\n"}, REFUSED, 550,
     r"^550 no +\[31m +such *resu$", 1),
    ("a refusal of several lines", {"RCPT": b"550-5.1.1 The account that you tried\r\n550-5.1.1 to reach does not exist.\r\n"
                                            b"550 5.1.1 https://support.example/\r\n"}, REFUSED, 550,
     "^550 5.1.1 The account that you tried to reach does not exist. https://support.example/$", 1),
    ("a refusal as long as can be", {"RCPT": b"550-" + b"y" * 390 + b"\r\n550 " + "\u00e9".encode() * 4000 + b"\r\n"}, REFUSED, 550,
     "^550 y+", 1),
    ("yes behind no", {"RCPT": b"550 no\r\n250 yes\r\n354 go\r\n250 taken\r\n"}, REFUSED, 550, "^550 no$", 1),
    ("half of a line that says no, and silence", {"RCPT": then(b"550-5", silence)}, WAITING, None, None, 1),
    ("half of an answer that says no, and the end", {"RCPT": then(b"550-5.1.1 no\r\n", reset)}, WAITING, None, None, 1),
    ("lines that only look like a no, and the end", {"RCPT": then(b"550x\r\n554mail\r\n", reset)}, WAITING, None, None, 1),
    ("lines that only look like a no before the yes", {"RCPT": b"550x\r\n554mail\r\n250 fine\r\n"}, SENT, 250, "taken", 1),
    ("no code that there is", {"RCPT": b"999 hm\r\n"}, WAITING, None, None, 1),
    ("251 after the mail", {"BODY": b"251 taken, will forward\r\n"}, SENT, 251, "will forward", 1),
    ("354 after the mail", {"BODY": b"354 more\r\n"}, WAITING, None, None, 2),
    ("half of a yes after the mail, and the end", {"BODY": then(b"250-ta", reset)}, WAITING, None, None, 2),
    ("a yes after the mail that has no end", {"BODY": then(b"250-taken\r\n", reset)}, WAITING, None, None, 2),
    ("421 as greeting", {"connect": b"421 too busy\r\n"}, WAITING, 421, "too busy", 1),
    ("421 to our sender", {"MAIL": b"421 4.3.2 shutting down\r\n"}, WAITING, 421, "shutting down", 1),
    ("421 to the recipient", {"RCPT": b"421 4.7.0 slow down\r\n"}, WAITING, 421, "slow down", 1),
    ("421 to DATA", {"DATA": b"421 4.7.0 slow down\r\n"}, WAITING, 421, "slow down", 1),
    ("421 after the mail", {"BODY": b"421 4.4.2 later\r\n"}, WAITING, 421, "later", 2),
    ("451 to DATA, then silence at the farewell", {"DATA": b"451 later\r\n", "QUIT": silence}, WAITING, 451, "later", 1),
    ("words without end at the farewell", {"RCPT": b"451 later\r\n", "QUIT": endless(b"221-bye\r\n")}, WAITING, 451, "later", 1),
    ("closed at once", {"connect": CLOSE}, WAITING, None, "ended the connection", 1),
    ("reset at the greeting", {"connect": reset}, WAITING, None, "reset by peer|ended the connection|Couldn't connect", 1),   # or in it
    ("closed at the sender", {"MAIL": CLOSE}, WAITING, None, "ended the connection", 1),
    ("silence at DATA", {"DATA": b""}, WAITING, None, "timed out", 1),
    ("closed after the mail", {"BODY": CLOSE}, WAITING, None, "ended the connection", 2),
    ("reset after the mail", {"BODY": reset}, WAITING, None, None, 2),
    ("answers to what was not asked yet", {"EHLO": b"250 ok\r\n250 a\r\n250 b\r\n354 go\r\n550 no\r\n"}, REFUSED, 550, "no",
     (1, 2)),     # the mail may have been whole before the refusal was read
]
LOGIN = b"250-rogue.example\r\n250 AUTH PLAIN LOGIN CRAM-MD5 DIGEST-MD5 NTLM\r\n"
LOGIN_CASES = [
    ("a challenge after the other", {"EHLO": LOGIN, "AUTH": b"334 \r\n"}, WAITING, None, None, 1),
    ("a challenge that is none", {"EHLO": LOGIN, "AUTH": b"334 ***\r\n"}, WAITING, None, None, 1),
    ("challenges without end", {"EHLO": LOGIN, "AUTH": endless(b"334 VXNlcm5hbWU6\r\n")}, WAITING, None, None, 1),
    ("a challenge of megabytes", {"EHLO": LOGIN.replace(b"PLAIN LOGIN ", b""), "AUTH": b"334 " + b"QUFB" * 700000 + b"\r\n"}, WAITING, None,
     None, 1),
    ("a refusal of the login is no fault of the mail", {"EHLO": LOGIN, "AUTH": b"535 5.7.8 no\x1b\r\n"}, WAITING, None, None, 1),
    ("421 to the login", {"EHLO": LOGIN, "AUTH": b"421 later\r\n"}, WAITING, 421, "later", 1),
]


def offers(client):
    """TLS, and within it the login."""
    client.sendall(b"250-rogue.example\r\n250 %s\r\n" % (b"AUTH PLAIN" if isinstance(client, ssl.SSLSocket) else b"STARTTLS"))


def memory_kb(pid):
    with open("/proc/%d/status" % pid, encoding="ascii") as file:
        return int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1))


def row(desk, mail):
    return desk.query("SELECT state, attempts, in_flight, last_code, last_reply FROM outbox WHERE id = ?", mail)[0]


def tried_row(desk, mail):
    """Once it was tried, and nobody is at it."""
    found = row(desk, mail)
    return found if found[1] > 0 and found[2] == 0 else None


def settle(desk, clock, rogue, mail, script=None):
    """The server is a good one again: what waited goes, what was refused is tried once more."""
    rogue.script = script or {}
    if row(desk, mail)[0] == "failed":
        assert desk.outbox("retry", str(mail)).returncode == 0
    def is_sent():
        """Whatever the machine was busy with: the next attempt is due, too."""
        clock.step(3700)
        end = time.monotonic() + 5
        while time.monotonic() < end and desk.state_of(mail) != "sent":
            time.sleep(0.02)
        return desk.state_of(mail) == "sent"
    house.wait_until("the good server's yes", is_sent, 40)


def go_through(place, cases, more=""):
    """Each case against a mailer of its own; (mails taken, the slowest try, what its memory grew by)."""
    rogue, clock = Rogue(), Clock(place)
    desk = Desk(place, smtp_mail(rogue.port, '  timeout = "3s"\n' + more))
    desk.start(clock.environment)
    try:
        warm, = desk.put({}, environment=clock.environment)
        desk.wait_for_state(warm, "sent")
        before, slowest = memory_kb(desk.mailer_pid()), 0.0
        for number, (name, script, state, code, words, times) in enumerate(cases):
            rogue.script = dict(script)
            began = time.monotonic()
            mail, = desk.put({"recipient": "r%d@example.net" % number, "message_id": "<case-%d@x>" % number}, environment=clock.environment)
            tried = house.wait_until(name, lambda: tried_row(desk, mail), 30)
            slowest = max(slowest, time.monotonic() - began)
            print("%-45s %s" % (name, tried))
            assert state == tried[0] and (code is None or tried[3] == code), (name, tried)
            assert words is None or re.search(words, tried[4]), (name, tried)
            assert tried[4] and len(tried[4].encode()) < 400 and not UNCLEAN.search(tried[4]), (name, tried)
            settle(desk, clock, rogue, mail)
            taken = sum(b"<case-%d@x>" % number in octets for octets in rogue.got)
            assert taken in (times if isinstance(times, tuple) else (times,)), (name, taken)
        assert desk.collector.text().count("event=mailer-started") == 1
        return len(rogue.got), slowest, memory_kb(desk.mailer_pid()) - before
    finally:
        rogue.stop()


def login(place):
    password = place.file("password", "s3cret pass\n")
    os.chmod(password, 0o600)
    return '  user = "ix"\n  password-file = "%s"\n' % password


def side_by_side(place, parts, do):
    """What do(place, part) gives of each, at places of their own: most of it is waiting."""
    def one(i):
        os.makedirs("%s/%d" % (place.path, i))
        here = house.Place("%s/%d" % (place.path, i))
        try:
            return do(here, parts[i])
        finally:
            here.end_all()
            here.check_sanitizers()
            assert not any("s3cret" in process.text() for process in here.processes)
    with concurrent.futures.ThreadPoolExecutor(len(parts)) as pool:
        return list(pool.map(one, range(len(parts))))


def test_whatever_a_server_does_a_mail_is_neither_lost_nor_doubled(place):
    parts = [CASES[i::4] for i in range(4)] + [LOGIN_CASES]
    found = side_by_side(place, parts, lambda here, cases: go_through(here, cases, login(here) if cases is LOGIN_CASES else ""))
    print("%d cases, %d mails taken; the slowest try took %.1f s; memory grew by at most %d kB" % (
        sum(map(len, parts)), sum(one[0] for one in found), max(one[1] for one in found), max(one[2] for one in found)))
    assert max(one[2] for one in found) < 4000


TLS_CASES = [
    ("half of a handshake", lambda context: tls_that_stops), ("an answer in the clear behind the yes", lambda context: b"220 go\r\n250 ok\r\n"),
    ("the end in the middle of an answer", tls_of), ("a no", lambda context: b"454 not now\r\n"), ("nothing", lambda context: CLOSE),
]


def go_wrong_with_tls(place, name, do):
    cert, context = mail_house.certificate(place)
    clock, rogue = Clock(place), Rogue(context)
    desk = Desk(place, smtp_mail(rogue.port, '  tls = "required"\n  timeout = "10s"\n  ca-file = "%s"\n' % cert + login(place)))
    rogue.script = {"EHLO": offers, "STARTTLS": do(context)}
    try:
        desk.start(clock.environment)
        mail, = desk.put({}, environment=clock.environment)
        tried = house.wait_until(name, lambda: tried_row(desk, mail), 30)
        print(name, tried)
        assert tried[0] == WAITING and tried[4] and not UNCLEAN.search(tried[4]), (name, tried)
        assert rogue.got == []
        settle(desk, clock, rogue, mail, {"EHLO": offers})
        assert len(rogue.got) == 1 and not {"AUTH", "MAIL", "RCPT"} & set(rogue.in_clear), (name, rogue.in_clear)
    finally:
        rogue.stop()


def test_what_goes_wrong_with_tls_says_nothing_in_the_clear(place):
    side_by_side(place, TLS_CASES, lambda here, case: go_wrong_with_tls(here, *case))
