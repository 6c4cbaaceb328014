"""Weekly letters while collector and mailer are killed again and again: each is approved once, sent, and counted once."""
import random
import signal
import time

import house
from mail_house import Sink, smtp_mail
from report_house import Reports

PEERS = 100
KILLS = 50


def ask_until_told(desk, restart, op, **request):
    """The answer, however often the collector dies under the question."""
    while True:
        try:
            answer = desk.ask(op, **request)
        except (OSError, ValueError):  # no collector, or half an answer
            restart()
            continue
        if answer["ok"] or "approved already" in answer["error"]["message"]:
            return answer
        raise AssertionError(answer)


def test_letters_survive_every_kill(place):
    seed = int(time.time())
    print("seed %d" % seed)
    chance = random.Random(seed)
    sink = Sink()
    peers = "".join('peer "%d" { report-to = { "p%d@peer.example" } }\n' % (65000 + i, i) for i in range(PEERS))
    desk = Reports(place, smtp_mail(sink.port), more=peers)
    desk.start()
    kills = 0

    def restart():
        if desk.collector.popen.poll() is not None:
            desk.start()

    def maybe_kill():
        """Of the collector, or of the mailer alone."""
        nonlocal kills
        if kills == KILLS or chance.random() > 0.4 or desk.collector.popen.poll() is not None:
            return
        victim = desk.mailer_pid() if chance.random() < 0.3 else desk.collector.pid
        try:
            house.os.kill(victim or desk.collector.pid, signal.SIGKILL)
            kills += 1
        except ProcessLookupError:
            pass

    ids = []
    for i in range(PEERS):
        request = desk.shelve(asn=65000 + i)
        ids.append(ask_until_told(desk, restart, "report-register", **request)["id"])
        maybe_kill()
    assert len(set(ids)) == PEERS
    for report_id in ids:
        ask_until_told(desk, restart, "report-approve", id=report_id)
        time.sleep(chance.random() * 0.05)
        maybe_kill()
    if desk.collector.popen.poll() is not None:
        restart()
    house.wait_until("every letter", lambda: desk.states() == {"sent": PEERS}, 300, 0.5)
    assert kills == KILLS
    assert {recipient for recipient, *_ in sink.got} == {"p%d@peer.example" % i for i in range(PEERS)}
    assert len(set(sink.message_ids())) == PEERS
    assert desk.query("SELECT count(*), count(DISTINCT report_id) FROM report_mail") == [(PEERS, PEERS)]
    assert desk.query("SELECT count(*), max(number), count(DISTINCT case_id) FROM report_notice") == [(PEERS, 1, PEERS)]
    assert desk.query("SELECT count(*) FROM audit WHERE what = 'report-approve'") == [(PEERS,)]
    assert desk.query("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'") == [(0,)]
    print("%d kills, %d mails for %d letters" % (kills, len(sink.got), PEERS))
    sink.stop()
