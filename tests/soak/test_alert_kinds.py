"""Kinds of alerts that take a while or a world of their own, through the whole line: loss, an exchange of which nobody answers,
verdicts for the coordinator; and a port that goes up and down across the threshold for a long time."""
import glob
import json
import os
import re
import signal
import time

import pytest

import house
from hostile_agent import Agent, Row
from test_alerts import busy_ports, open_alerts, told, with_contracts
from test_mail_facts import busy_hours

CONFIG = """state-dir = "%s"
interval = "1s"
web { listen = "127.0.0.1:0" }
mail { from = "ix@example.net"   spool = "spool"   sign-of-life = "" }
alert { to = { "noc@example.net" }   window = "2s"   office-hours = ""   loss-for = "2s"   unreachable-for = "3s"   clear-hold = "2s"
  kinds = { loss, "exchange unreachable", "agent unreachable" } }
snmp edge { version = "2c"  community = "public"  timeout = "1s"  retries = 0 }
exchange ex {
  agent a { address = "127.0.0.1:%d"  snmp = "edge"  match = 'AS(?<asn>[0-9]+) +(?<peer>[^|]+)'  discards = "trusted" }
  agent b { address = "127.0.0.1:%d"  snmp = "edge"  match = 'AS(?<asn>[0-9]+) +(?<peer>[^|]+)' }
}
"""


def subjects(place):
    folder = os.path.join(place.path, "spool")
    found = []
    for name in sorted(os.listdir(folder) if os.path.isdir(folder) else []):
        if name.endswith(".eml"):
            with open(os.path.join(folder, name), encoding="ascii") as file:
                found.append(re.search(r"^Subject: (.*)$", file.read(), re.M).group(1))
    return found


def spooled_utc_sec(place, mail):
    """When the mail of that Message-ID was written; None: it is not yet."""
    for path in glob.glob(os.path.join(place.path, "spool", "*.eml")):
        with open(path, encoding="ascii") as file:
            if mail in file.read():
                return os.stat(path).st_mtime
    return None


def test_loss_and_an_exchange_of_which_nobody_answers(place):
    agents = [Agent([Row(i + 1, b"port%d" % i, b"AS%d Peer" % (64500 + 10 * a + i)) for i in range(3)]) for a in range(2)]
    run, http = house.start_run(place, place.file("ixwatch.conf", CONFIG % (place.state, agents[0].port, agents[1].port)))
    house.wait_until("rates", lambda: len([p for p in http.ports() if p["in_bps"] is not None]) == 6)
    for agent in agents:
        agent.rows[1].drops = 50        # the one whose discards are not trusted tells nobody
    house.wait_until("loss", lambda: [s for s in subjects(place) if "LOSS" in s], 30)
    loss, = [s for s in subjects(place) if "LOSS" in s]
    assert re.match(r"\[ix\] LOSS [45]\.\d% out EX AS64500 Peer since \d\d:\d\dZ$", loss), loss
    for agent in agents:
        agent.rows[1].drops = 0
        agent.silent = True
    house.wait_until("nobody's answer", lambda: [s for s in subjects(place) if "UNREACHABLE" in s], 30)
    for agent in agents:
        agent.silent = False
    house.wait_until("its end", lambda: [s for s in subjects(place) if "OVER UNREACHABLE" in s], 30)
    house.wait_until("the end of the loss", lambda: [s for s in subjects(place) if "OVER LOSS" in s], 30)
    print("mails: %s" % subjects(place))
    assert [kind for what, kind, _, _ in told(place) if what == "alert"] == ["loss", "exchange unreachable"]
    assert sorted(kind for what, kind, _, _ in told(place) if what == "recovery") == ["exchange unreachable", "loss"]
    assert len(subjects(place)) == 4 and run.end() == 0


def run_with_a_verdict(place, alert):
    """A collector whose one loud port has been busy for weeks; alert: further settings of who is told when."""
    sim = house.Sim(place, "--exchanges", "1", "--agents", "1", "--ports", "12", hour=3)
    text = re.sub(r'timezone *= *"[^"]*"', 'timezone = "UTC"', open(sim.config(place, "1s"), encoding="utf-8").read())
    (loud, _), = busy_ports(sim, 1)
    config = place.file("verdict.conf", text + """
mail { from = "ix@example.net"   spool = "spool"   sign-of-life = "" }
alert { to = { "noc@example.net" }   coordinator = { "coordinator@example.net" }   window = "2s"   %s }
""" % alert)
    assert place.run("collect", "--once", "-c", config).returncode == 0
    until = int(time.time()) // 3600 * 3600 - 7200
    done = place.run("backfill", "%s/%s" % loud, "--csv", busy_hours(os.path.join(place.path, "past.csv"), until, 0.96), "-c", config)
    assert done.returncode == 0, done.stderr
    return house.start_run(place, config)


def verdicts_told(place):
    return told(place, "routine") + told(place, "recurring")


def test_a_verdict_is_told_to_the_coordinator_alone(place):
    run, _ = run_with_a_verdict(place, 'office-hours = ""')
    house.wait_until("the verdict's mail", lambda: verdicts_told(place), 60)
    found = verdicts_told(place)
    print("told: %s; %s" % (found, subjects(place)))
    assert {recipient for _, _, recipient, _ in found} == {"coordinator@example.net"} and len(found) == 1
    assert run.end() == 0


def test_a_verdict_waits_for_office_hours(place):
    """They begin within two minutes, by the wall clock of the zone that is configured."""
    opens = (int(time.time()) + 45 + 59) // 60 * 60
    behind = 5 if time.gmtime(opens).tm_hour in (23, 0) else 0
    clock = time.gmtime(opens - behind * 3600)
    run, http = run_with_a_verdict(place, 'timezone = "Etc/GMT+%d"   office-hours = "mon-sun %02d:%02d-24:00"' % (
        behind, clock.tm_hour, clock.tm_min))
    house.wait_until("the alert", lambda: [alert for alert in open_alerts(http) if alert[0] in ("routine", "recurring")], 30)
    early = time.time()
    seen = verdicts_told(place)
    assert early < opens, "the verdict took too long to tell anything"
    assert seen == []
    house.wait_until("the verdict's mail", lambda: verdicts_told(place), 150)
    assert time.time() >= opens
    (_, _, recipient, mail), = verdicts_told(place)
    written = house.wait_until("it in the spool", lambda: spooled_utc_sec(place, mail))
    print("the alert stood %.0f s before office hours began, the mail went out %.1f s after" % (opens - early, written - opens))
    assert written >= opens and recipient == "coordinator@example.net"
    assert run.end() == 0


def fast(times):
    """An environment in which all clocks and waits go so many times as fast."""
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found:
        pytest.skip("libfaketime is not installed")
    return {"LD_PRELOAD": found[0], "FAKETIME": "+0 x%d" % times}


def test_half_an_hour_of_which_nothing_is_known_though_the_agent_answers(place):
    good, odd = (Agent([Row(1, b"port0", b"AS%d Peer" % asn)]) for asn in (64500, 64510))
    text = CONFIG.replace('interval = "1s"', 'interval = "60s"').replace('timeout = "1s"', 'timeout = "20s"')
    text = re.sub(r'kinds = \{[^}]*\}', 'kinds = { "data quality" }', text)
    config = place.file("ixwatch.conf", text % (place.state, good.port, odd.port))
    collector = place.start("collect", [house.IXWATCH, "collect", "-c", config], fast(60))
    collector.wait_for(r"event=opened")
    for agent in (good, odd):
        agent.clock = 60.0
    end = time.monotonic() + 90
    while not subjects(place) and time.monotonic() < end:
        odd.restart()       # no two counts of its prove a rate
        time.sleep(0.7)
    print("mails: %s" % subjects(place))
    assert len(subjects(place)) == 1 and re.match(r"\[ix\] DATA GAPS 1?\d\d% EX AS64510 Peer since \d\d:\d\dZ$", subjects(place)[0]), subjects(place)
    assert collector.end() == 0


FLAPS = 24


def test_a_port_that_flaps_is_one_alert_and_one_recovery(place):
    """Up and down faster than the hold: as two hours with settings of minutes, in seconds."""
    sim = house.Sim(place, "--exchanges", "1", "--agents", "1", "--ports", "12", hour=3)
    text = open(sim.config(place, "1s"), encoding="utf-8").read()
    (loud, bps), = busy_ports(sim, 1)

    def configure(full):
        path = with_contracts(place, text, {loud: int(bps * (0.97 if full else 1.5))}, "kinds = { saturated }")
        with open(path, encoding="utf-8") as file:
            return place.file("alerts.conf", file.read().replace('clear-hold = "2s"\n  kinds', 'clear-hold = "8s"\n  kinds'))
    run, http = house.start_run(place, configure(True))
    house.wait_until("ports", http.ports)
    house.wait_until("the alert", lambda: told(place, "saturated"), 30)
    interface = loud[1].split("/", 1)[1]
    for i in range(FLAPS):
        configure(i % 2 == 1)
        run.send_signal(signal.SIGHUP)
        house.wait_until("change %d" % i, lambda: [p for p in http.ports() if p["interface"] == interface and (
            (p["out_utilisation"] or 0) < 0.95) == (i % 2 == 0)], 20)
        assert ("saturated", interface, "out") in open_alerts(http), i
    configure(False)
    run.send_signal(signal.SIGHUP)
    house.wait_until("the recovery", lambda: [row for row in told(place, "saturated") if row[0] == "recovery"], 40)
    print("%d times up and down: %s" % (FLAPS, json.dumps([row[0] for row in told(place, "saturated")])))
    assert [row[0] for row in told(place, "saturated")] == ["alert", "recovery"]
    assert run.end() == 0
