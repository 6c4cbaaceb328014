"""Alerts through the whole line, from the counters to the mail: one when it begins, one when it ends, to whom it concerns, whatever happens in between."""
import email
import email.policy
import json
import os
import random
import re
import signal
import sqlite3
import time

import house
from mail_house import spooled as spooled_in
from test_mail import opensmtpd

KILLS = int(os.environ.get("IXWATCH_KILLS", "2"))
ALERT = """
mail { from = "ix@example.net"   spool = "spool"   sign-of-life = "" }
alert {
  to = { "noc@example.net" }   window = "2s"   repeat = "1h"   office-hours = ""
  saturated-for = "2s"   reduced-for = "1s"   unreachable-for = "2s"   clear-hold = "2s"
  %s
}
detector { step = "2s"   clear-hold = "2s"   bridge = "20s"   sustain = "4s" }
"""


def rows(place, sql, *values):
    with sqlite3.connect("file:%s/ixwatch.db?mode=ro" % place.state, uri=True) as db:
        return db.execute(sql, values).fetchall()


def outbox(place):
    """{mail: (kind, recipient, subject, text, in_reply_to, references)}"""
    found = rows(place, "SELECT message_id, kind, recipient, subject, body, in_reply_to, refs FROM outbox")
    return {row[0]: row[1:] for row in found}


def spooled(place):
    """{mail: its message}, as the mailer wrote them."""
    found = {}
    folder = os.path.join(place.path, "spool")
    for name in sorted(os.listdir(folder) if os.path.isdir(folder) else []):
        if name.endswith(".eml"):
            with open(os.path.join(folder, name), "rb") as file:
                message = email.message_from_binary_file(file, policy=email.policy.default)
            found[str(message["Message-ID"])] = message
    return found


def told(place, kind=None):
    """[(what, kind, recipient, mail)], in the order in which they were written."""
    found = rows(place, "SELECT what, kind, recipient, message_id FROM alert_told JOIN alert ON alert.id = alert_id"
                        " ORDER BY alert_told.id")
    return [row for row in found if kind in (None, row[1])]


def mails(place):
    """{mail: (recipient, [(what, kind)])}"""
    found = {}
    for what, kind, recipient, mail in told(place):
        found.setdefault((mail, recipient), []).append((what, kind))
    return found


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def with_contracts(place, text, contracts, more=""):
    """The configuration with what is contracted for some of its ports: {(exchange, "agent/interface"): bit/s}."""
    for (exchange, name), bps in contracts.items():
        head = re.search(r"exchange %s *\{" % exchange, text)
        text = text[:head.end()] + '\n\tport "%s" { contracted = "%dk" }\n' % (name, bps // 1000) + text[head.end():]
    return place.file("alerts.conf", text + ALERT % more)


def busy_ports(sim, count):
    """The names of some ports and what they carry out now."""
    now = int(sim.now())
    truth = sim.truth_of_all(now - 60, now)
    out = sorted(((port["out_bps"], name) for name, port in truth.items()), reverse=True)
    return [((name[0], "%s/%s" % name[1:]), bps) for bps, name in out[:count]]


def open_alerts(http):
    return {(a["kind"], a["interface"], a["direction"]): a for a in http.json("/api/v1/alerts?open=true")["alerts"]}


def test_one_mail_when_it_begins_and_one_when_it_ends(place):
    sim = house.Sim(place, "--exchanges", "1", "--agents", "1", "--ports", "12", hour=3)
    text = open(sim.config(place, "1s"), encoding="utf-8").read()
    (loud, loud_bps), (mute, mute_bps) = busy_ports(sim, 2)
    more = 'escalate-to = { "boss@example.net" } escalate-after = "5s" kinds = { saturated, congestion }' \
           'route r { exchange = { "%s" } severity = { critical } to = { "duty@example.net" } }' % loud[0]
    both = {loud: int(loud_bps * 0.97), mute: int(mute_bps * 0.97)}
    config = with_contracts(place, text, both, more)
    run, http = house.start_run(place, config)
    house.wait_until("ports", http.ports)
    silence = place.run("silence", "add", "--scope", "port:%s/%s" % mute, "--to", "1h", "--reason", "works on it",
                        "--author", "kim", "-c", config)
    assert silence.returncode == 0, silence.stderr

    # It begins: those who are concerned are told at once, and what is silenced is judged and not told.
    alerts = house.wait_until("both alerts", lambda: len(open_alerts(http)) >= 4 and open_alerts(http), 30)
    assert {key[:2] for key in alerts} == {(kind, name[1].split("/", 1)[1]) for name in (loud, mute)
                                           for kind in ("saturated", "congestion")}, alerts
    quiet = alerts["saturated", mute[1].split("/", 1)[1], "out"]
    assert quiet["silenced"]["author"] == "kim" and quiet["told"]["times"] == 0 and quiet["peak"] > 0.98
    house.wait_until("it to be told", lambda: len(told(place, "congestion")) >= 1, 15)
    assert {row[2] for row in told(place, "saturated") if row[0] == "alert"} == {"noc@example.net", "duty@example.net"}
    assert {row[2] for row in told(place, "congestion") if row[0] == "alert"} == {"noc@example.net"}
    page = http.get("/")[2].decode()
    assert "Open alerts" in page and "silenced by kim: works on it" in page and "nobody yet" in page

    # Somebody works on the one: the other goes on to the next address, and the first does not.
    full = alerts["saturated", loud[1].split("/", 1)[1], "out"]
    ack = place.run("ack", "add", "--alert", str(full["id"]), "--reason", "on it", "--author", "lee", "-c", config)
    assert ack.returncode == 0, ack.stderr
    house.wait_until("the next address", lambda: [r for r in told(place, "congestion") if r[2] == "boss@example.net"], 15)
    assert not [r for r in told(place, "saturated") if r[2] == "boss@example.net"]
    shown = {a["id"]: a for a in http.json("/api/v1/ports/%d" % full["port"])["alerts"]}
    assert shown[full["id"]]["acknowledged"]["author"] == "lee"
    assert json.loads(place.run("ack", "list", "--format", "json", "-c", config).stdout)["acknowledgements"][0][
        "reason"] == "on it"

    # Killed: nothing is told twice, and what ended meanwhile is told once it is seen.
    before = told(place)
    run.end(signal.SIGKILL)
    run, http = house.start_run(place, with_contracts(place, text, {}, more))
    house.wait_until("the end of all", lambda: not open_alerts(http), 30)
    house.wait_until("it to be told", lambda: [r for r in told(place, "saturated") if r[0] == "recovery"], 15)
    house.wait_until("that of the other", lambda: [r for r in told(place, "congestion") if r[0] == "recovery"], 15)
    after = told(place)[len(before):]
    assert all(row[0] == "recovery" for row in after), after
    for kind in ("saturated", "congestion"):
        went = sorted({row[2] for row in before if row[1] == kind})
        assert sorted(row[2] for row in after if row[1] == kind) == went
    # Each answers what told that recipient first, and says what, who and where.
    box = outbox(place)
    for what, kind, recipient, mail in after:
        sort, to, subject, words, reply_to, references = box[mail]
        first = [r[3] for r in before if r[1] == kind and r[2] == recipient][0]
        assert (sort, to) == ("recovery", recipient) and first in references.split() and (
            reply_to == references.split()[0]), (box[mail], first)
        assert re.match(r"\[ix\] OVER (SATURATED|CONGESTED) out DEMO-FRA AS\d+ .* \d\d:\d\dZ-\d\d:\d\dZ$", subject), subject
        assert {"congestion": "CONGESTED"}.get(kind, kind.upper()) in words and len(subject) <= 60
        assert "%s/%s" % loud in words and "/ports/%d\n" % full["port"] in words
    # And so the mails are, as they leave.
    house.wait_until("all mails", lambda: set(spooled(place)) == {row[3] for row in told(place)}, 15)
    for mail, message in spooled(place).items():
        sort, to, subject, words, reply_to, references = box[mail]
        assert (str(message["To"]), str(message["Subject"])) == (to, subject)
        assert (message["In-Reply-To"] or "") == (reply_to or "")
    muted = rows(place, "SELECT told_count, ended_utc_sec, end_told_utc_sec FROM alert JOIN port ON port.id = port_id"
                        " WHERE interface = ?", mute[1].split("/", 1)[1])
    assert len(muted) == 2 and all(count == 0 and ended and not end_told for count, ended, end_told in muted)
    assert run.end() == 0
    assert [r[0] for r in rows(place, "SELECT what FROM audit WHERE what IN ('silence', 'acknowledgement')")] == [
        "silence", "acknowledgement"]


def test_opensmtpd_delivers_alert_repeat_and_recovery_of_a_port(place):
    smtp_port, folder = opensmtpd(place)
    sim = house.Sim(place, "--exchanges", "1", "--agents", "1", "--ports", "12", hour=3)
    text = open(sim.config(place, "1s"), encoding="utf-8").read()
    (loud, bps), = busy_ports(sim, 1)

    def configure(contracts):
        path = with_contracts(place, text, contracts, "kinds = { saturated }")
        with open(path, encoding="utf-8") as file:
            changed = re.sub(r'spool = "spool"', 'smtp = "smtp://127.0.0.1:%d"' % smtp_port, file.read()).replace('repeat = "1h"', 'repeat = "4s"')
        return place.file("alerts.conf", changed)

    def delivered(begins):
        return [mail for _, mail in spooled_in(folder) if str(mail["Subject"]).startswith("[ix] " + begins)]
    run, http = house.start_run(place, configure({loud: int(bps * 0.97)}))
    house.wait_until("a repeat", lambda: delivered("STILL SATURATED"), 40)
    configure({})
    run.send_signal(signal.SIGHUP)
    over, = house.wait_until("the recovery", lambda: delivered("OVER SATURATED"), 30)
    (alert,), repeats = delivered("SATURATED"), delivered("STILL SATURATED")
    assert {str(mail["In-Reply-To"]) for mail in [over, *repeats]} == {str(alert["Message-ID"])} and alert["In-Reply-To"] is None
    for mail in [alert, over, *repeats]:
        assert not mail.defects and mail["To"] == "noc@example.net" and mail["Auto-Submitted"] == "auto-generated"
        assert "%s/%s" % loud in mail.get_body(("plain",)).get_content() and len(mail["Subject"]) <= 60
    pictures = [part for part in alert.walk() if part.get_content_type() == "image/png"]
    assert len(pictures) == 1 and "cid:graph" in alert.get_body(("html",)).get_content()
    assert run.end() == 0
    # What the server got is what the outbox has, each once.
    assert sorted(str(mail["Message-ID"]) for _, mail in spooled_in(folder)) == sorted(
        row[0] for row in rows(place, "SELECT message_id FROM outbox WHERE state = 'sent'"))


def test_an_agent_with_500_ports_that_reboots_is_one_mail(place):
    options = ["--exchanges", "1", "--agents", "1", "--ports", "500"]
    plain = house.Sim(place, *options, name="sim-plain", hour=3)
    card = [port["ifName"] for port in plain.ports() if port["profile"] != "lag"][:30]
    plain.process.end()
    # It is silent for a while and comes back without one of its line cards, which takes longer; all of it on a machine that
    # may have other things to do.
    slow = max(1.0, os.getloadavg()[0] / os.cpu_count() / 2)
    now = int(plain.now())
    silent, back, whole = (now + int(slow * sec) for sec in (8, 15, 27))
    faults = ["silent@%s/%s" % (stamp(silent), stamp(back)), "reboot@%s" % stamp(back - 1)]
    faults = ["demo-fra/edge1:" + fault for fault in faults] + [
        "demo-fra/edge1/%s:down@%s/%s" % (name, stamp(back - 1), stamp(whole)) for name in card]
    sim = house.Sim(place, *options, *[word for fault in faults for word in ("--fault", fault)], hour=3)
    text = open(sim.config(place, "1s"), encoding="utf-8").read()
    text = re.sub(r'timeout = "1s" +retries = 2', 'timeout = "1s" retries = 0', text)
    text += (ALERT % "").replace('window = "2s"', 'window = "3s"').replace('clear-hold = "2s"', 'clear-hold = "1s"')
    run, http = house.start_run(place, place.file("all.conf", text))
    house.wait_until("500 ports", lambda: len(http.ports()) >= 490, 15 * slow)
    house.wait_until("the end of the card", lambda: len([r for r in told(place, "reduced capacity")
                                                         if r[0] == "recovery"]) >= 20 and not rows(
        place, "SELECT 1 FROM alert WHERE ended_utc_sec IS NULL AND kind = 'agent unreachable'"), 40 * slow)
    by_what = {}
    for lines in mails(place).values():
        assert len(set(lines)) == 1, lines
        by_what.setdefault(lines[0], []).append(len(lines))
    print("500 ports rebooted: %d mails, lines in each: %s" % (sum(map(len, by_what.values())), by_what))
    assert by_what["alert", "agent unreachable"] == [1] and by_what["recovery", "agent unreachable"] == [1]
    # A LAG that lost a member before all this is another matter, told before it, or with it where the start took long.
    # Ports that never were up are none that somebody misses.
    (left,), = rows(place, "SELECT count(*) FROM alert WHERE kind = 'reduced capacity' AND told_count > 0 AND ended_utc_sec IS NULL")
    alerts, recoveries = by_what["alert", "reduced capacity"], by_what["recovery", "reduced capacity"]
    assert len(recoveries) == 1 and len(alerts) <= 3 and sum(alerts) == recoveries[0] + left, by_what
    assert len(card) - 5 <= by_what["recovery", "reduced capacity"][0] <= len(card)
    assert sum(map(len, by_what.values())) <= 6, by_what
    assert run.end() == 0


def test_killed_at_random_nothing_is_lost_or_told_twice(place):
    sim = house.Sim(place, "--exchanges", "1", "--agents", "1", "--ports", "12", hour=3)
    text = open(sim.config(place, "1s"), encoding="utf-8").read()
    names = busy_ports(sim, 4)
    contracts = {name: int(bps * 0.95) for name, bps in names}
    # Full and free by turns, and killed at some moment of each.
    for turn in range(KILLS):
        config = with_contracts(place, text, contracts if turn % 2 == 0 else {}, "kinds = { saturated }")
        process = place.start("collect-%d" % turn, [house.IXWATCH, "collect", "-c", config])
        process.wait_for(r"event=opened")
        time.sleep(random.uniform(0.5, 4))   # not for something to happen: at whatever moment
        process.end(signal.SIGKILL)
    run, http = house.start_run(place, with_contracts(place, text, {}, "kinds = { saturated }"))
    house.wait_until("all to be over and told", lambda: http.ports() and not open_alerts(http) and not rows(
        place, "SELECT 1 FROM alert WHERE told_count > 0 AND end_told_utc_sec IS NULL"), 40)
    assert run.end() == 0
    # What the rows say was told is what went into the outbox, once each; whoever was told of a beginning was told of its end.
    for what in ("alert", "recovery"):
        assert rows(place, "SELECT alert_id, recipient FROM alert_told WHERE what = ? GROUP BY 1, 2 HAVING count(*) > 1",
                    what) == []
    assert rows(place, "SELECT id FROM alert WHERE (told_count > 0) != (id IN (SELECT alert_id FROM alert_told"
                       " WHERE what = 'alert'))") == []
    assert rows(place, "SELECT id FROM alert WHERE (end_told_utc_sec IS NOT NULL) != (id IN (SELECT alert_id FROM"
                       " alert_told WHERE what = 'recovery'))") == []
    assert rows(place, "SELECT id FROM outbox EXCEPT SELECT mail_id FROM alert_told") == []
    assert rows(place, "SELECT mail_id FROM alert_told EXCEPT SELECT id FROM outbox") == []


def test_what_is_over_before_its_mail_left_is_told_by_a_digest_alone(place):
    sim = house.Sim(place, "--exchanges", "1", "--agents", "1", "--ports", "12", hour=3)
    text = open(sim.config(place, "1s"), encoding="utf-8").read()
    (first, first_bps), = busy_ports(sim, 1)

    def configure(contracts):
        return with_contracts(place, text, contracts, "kinds = { saturated }")

    def contract(contracts):
        configure(contracts)
        run.send_signal(signal.SIGHUP)
    config = configure({})
    run, http = house.start_run(place, config)
    house.wait_until("ports", http.ports)
    mailer = int(run.wait_for(r"event=mailer-started pid=(\d+)").group(1))
    run.wait_for(r"mailer event=ready")

    def told_of(port, what):
        return rows(place, "SELECT mail_id FROM alert_told JOIN alert ON alert.id = alert_id JOIN port ON port.id = port_id"
                           " WHERE what = ? AND interface = ?", what, port[1].split("/", 1)[1])

    def fate(mail):
        return rows(place, "SELECT state, last_reply, attempts FROM outbox WHERE id = ?", mail)[0]

    # The mailer does not come to it: neither is sent, and both are there to be seen.
    os.kill(mailer, signal.SIGSTOP)
    try:
        contract({first: int(first_bps * 0.97)})
        (alert,), = house.wait_until("the alert", lambda: told_of(first, "alert"), 30)
        assert fate(alert)[0] == "waiting"
        contract({})
        (over,), = house.wait_until("its end", lambda: told_of(first, "recovery"), 30)
        assert fate(alert) == fate(over) == ("dropped", "over before anything of it was sent", 0)
    finally:
        os.kill(mailer, signal.SIGCONT)
    listed = place.run("outbox", "list", "--state", "dropped", "-c", config).stdout
    assert listed.count("over before anything of it was sent") == 2
    assert spooled(place) == {}
    # An hour later a digest lists what was missed, once.
    with sqlite3.connect("%s/ixwatch.db" % place.state, timeout=10) as db:
        db.execute("UPDATE outbox SET due_utc_sec = due_utc_sec - 3600 WHERE state = 'dropped'")
    house.wait_until("the digest", lambda: spooled(place), 15)
    digest, = [m.get_content() for m in spooled(place).values()]
    assert "Began and ended before any mail of it left (2):" in digest and "nothing is open any more" in digest
    assert "(mail %d)" % alert in digest and "(mail %d)" % over in digest
    house.wait_until("both to be listed", lambda: fate(alert)[0] == fate(over)[0] == "in a digest")
    assert run.end() == 0


def test_the_registers_without_a_collector(place):
    sim = house.Sim(place, "--exchanges", "1", "--agents", "1", "--ports", "4")
    config = sim.config(place, "1s")
    assert place.run("collect", "--once", "-c", config).returncode == 0
    added = place.run("silence", "add", "--scope", "exchange:demo-fra", "--to", stamp(time.time() + 3600), "--reason",
                      "works", "--author", "kim", "-c", config)
    assert added.returncode == 0 and added.stdout == "silence 1 added for exchange:demo-fra\n", added.stderr
    assert "works (kim)" in place.run("silence", "list", "-c", config).stdout
    assert place.run("silence", "end", "1", "--author", "lee", "-c", config).stdout == "silence 1 is ended\n"
    again = place.run("silence", "end", "1", "-c", config)
    assert again.returncode == 1 and "ended at" in again.stderr
    assert place.run("silence", "list", "-c", config).stdout == "there is no silence now or later\n"
    assert "by lee" in place.run("silence", "list", "--all", "-c", config).stdout
    for arguments, status, words in (
            (["--scope", "exchange:nowhere", "--to", "1h", "--reason", "x"], 1, "no exchange"),
            (["--scope", "room:1", "--to", "1h", "--reason", "x"], 2, "allowed: port:PORT"),
            (["--scope", "exchange:demo-fra", "--to", "2001-01-01T00:00:00Z", "--reason", "x"], 2, "is not after now"),
            (["--scope", "exchange:demo-fra", "--to", "400d", "--reason", "x"], 2, "366 days"),
            (["--scope", "exchange:demo-fra", "--to", "1h", "--reason", "a\nb"], 2, "control characters"),
            (["--scope", "exchange:demo-fra", "--reason", "x"], 2, "needs --scope, --to")):
        done = place.run("silence", "add", "-c", config, *arguments)
        assert done.returncode == status and words in done.stderr, (arguments, done.returncode, done.stderr)
    unknown = place.run("ack", "add", "--alert", "7", "--reason", "x", "-c", config)
    assert unknown.returncode == 1 and "no such alert is open" in unknown.stderr
    assert place.run("ack", "add", "--scope", "peer:1", "--alert", "7", "--reason", "x", "-c", config).returncode == 2
