"""The collector watches itself: rounds, failed polls by reason, queues and retries, one number wherever it is asked for."""
import json
import os
import re
import signal
import socket
import sqlite3
import time

import house
from hostile_agent import COUNTER64, GAUGE, OCTETS, RESPONSE, SEQUENCE, Agent, Row, integer, parse, parse_all, tlv
from test_snmp_v3 import Snmpd, credential

MATCH = "match = 'AS(?<asn>[0-9]+) +(?<peer>[^|]+)'"

# JSON key -> metric, written here once more so that neither can change unnoticed.
COLLECTOR = {
    "rounds_begun": "agent_rounds_begun_total", "rounds_complete": "agent_rounds_complete_total",
    "rounds_failed": "agent_rounds_failed_total", "rounds_late": "agent_rounds_late_total", "late_sec": "agent_late_seconds",
    "agents_failing": "agents_failing", "agents_late": "agents_late", "snmp_requests": "snmp_requests_total",
    "snmp_retries": "snmp_retries_total", "snmp_timeouts": "snmp_timeouts_total",
    "snmp_late_answers": "snmp_late_answers_total", "requests_in_flight": "snmp_requests_in_flight",
    "agents_waiting": "agents_waiting", "judges_waiting": "judges_waiting",
    "series_uncommitted": "series_uncommitted_samples", "series_pending": "series_pending_samples",
    "series_files_waiting": "series_files_waiting", "series_written": "series_written_samples_total",
    "series_lock_retries": "series_lock_retries_total", "series_write_failures": "series_write_failures_total",
    "journal_octets": "journal_bytes", "ledger_busy_retries": "ledger_busy_retries_total",
    "disk_free_octets": "state_dir_free_bytes", "control_clients": "control_clients", "cpu_sec": "cpu_seconds_total",
    "resident_octets": "resident_memory_bytes", "open_files": "open_fds",
    "report_runs": "report_runs_total", "report_failures": "report_failures_total", "report_running": "report_running",
}
COLLECTOR.update({"refused_" + reason: 'snmp_refused_total{reason="%s"}' % reason for reason in (
    "wrong_source", "wrong_oid", "wrong_type", "malformed", "authentication", "error_status")})
AGENT = {"rounds_begun": "rounds_begun_total", "rounds_complete": "rounds_complete_total",
         "rounds_late": "rounds_late_total", "late_sec": "late_seconds", "requests_in_flight": "requests_in_flight",
         "rows_waiting": "rows_waiting"}


class Wrong(Agent):
    """Well behaved until `how` is set: then each answer to a poll is wrong in that way."""

    def __init__(self, how):
        self.how, self.wrong = how, False
        super().__init__([Row(1, b"port1", b"AS64501 Peer")])

    def reply(self, data):
        right = super().reply(data)
        return getattr(self, self.how)(data, right) if self.wrong and right else right

    def error(self, data, number):
        _, message, _ = parse(data)
        (_, version), (_, community), (_, pdu) = parse_all(message)
        (_, request), _, _, (_, varbinds) = parse_all(pdu)
        body = tlv(2, request) + integer(number) + integer(1) + tlv(SEQUENCE, varbinds)
        return tlv(SEQUENCE, tlv(2, version) + tlv(OCTETS, community) + tlv(RESPONSE, body))

    def timeout(self, _data, _right):
        return None

    def too_big(self, data, _right):
        return self.error(data, 1)

    def error_status(self, data, _right):
        return self.error(data, 5)

    def malformed(self, _data, _right):
        return b"\x30\x82\xff\xff no SNMP"

    def wrong_oid(self, _data, right):
        return right.replace(bytes((0x2b, 6, 1, 2, 1, 31, 1, 1, 1, 6)), bytes((0x2b, 6, 1, 2, 1, 31, 1, 1, 1, 7)))

    def wrong_type(self, _data, right):
        return right.replace(bytes((COUNTER64,)), bytes((GAUGE,)))

    def wrong_source(self, data, right):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))
            other.sendto(right, self.asked_by)
        return None

    def serve(self):
        receive = self.socket.recvfrom

        class Told:
            """The socket, which remembers who asked."""
            def __init__(self, agent, inner):
                self.agent, self.inner = agent, inner

            def recvfrom(self, size):
                data, self.agent.asked_by = receive(size)
                return data, self.agent.asked_by

            def __getattr__(self, name):
                return getattr(self.inner, name)
        self.socket = Told(self, self.socket)
        super().serve()


class Slow(Agent):
    def reply(self, data):
        if self.silent_for:
            time.sleep(self.silent_for)
        return super().reply(data)

    silent_for = 0


HOWS = ["timeout", "too_big", "error_status", "malformed", "wrong_oid", "wrong_type", "wrong_source"]


def metrics_of(http):
    found = {}
    for line in http.get("/metrics")[2].decode().splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            found[name] = float(value)
    return found


def status_of(place, config):
    done = place.run("status", "-c", config, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def start(place, agents, interval="1s", credentials="", snmp="timeout = \"1s\"  retries = 0"):
    config = place.file("ixwatch.conf", """state-dir = "%s"
interval = "%s"
web { listen = "127.0.0.1:0" }
snmp edge { version = "2c"  community = "public"  %s }
%s
exchange ex { %s }
""" % (place.state, interval, snmp, credentials, "\n".join(
        'agent %s { address = "%s"  snmp = "%s"  %s }' % (name, address, by, MATCH) for name, address, by in agents)))
    collector = place.start("collect", [house.IXWATCH, "collect", "-c", config])
    collector.wait_for("event=opened")
    web = place.start("web", [house.IXWATCH, "web", "-c", config])
    return collector, web, house.Http(int(web.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1))), config


def assert_one_number(place, config, http):
    """The collector stands still: whatever is asked says the same."""
    house.wait_until("the web server to have seen the last round", lambda: http.json("/api/v1/status")["round_at"] ==
                     status_of(place, config)["round_at"])
    time.sleep(1.2)     # and the last snapshot of that second
    status, metrics, api = status_of(place, config), metrics_of(http), http.json("/api/v1/status")["collector"]
    told = status["collector"]
    assert set(told) == set(COLLECTOR) | {"polls_failed"}
    for key, metric in COLLECTOR.items():
        assert told[key] == metrics.get("ixwatch_collector_" + metric), key
        assert told[key] == api[key], key
    for reason, count in told["polls_failed"].items():
        assert count == metrics['ixwatch_collector_polls_failed_total{reason="%s"}' % reason] == api["polls_failed"][reason]
        assert count == sum(agent["polls_failed_by_reason"].get(reason, 0) for agent in status["agents"])
    for agent, other in zip(status["agents"], api["agents"]):
        labels = 'exchange="%s",agent="%s"' % (agent["exchange"], agent["name"])
        for key, metric in AGENT.items():
            assert agent[key] == metrics.get("ixwatch_agent_%s{%s}" % (metric, labels)) == other[key], (labels, key)
        assert sum(agent["polls_failed_by_reason"].values()) == agent["polls_failed"]
        for reason, count in agent["polls_failed_by_reason"].items():
            assert count == metrics['ixwatch_agent_polls_failed_total{%s,reason="%s"}' % (labels, reason)]
    for key in ("rounds_begun", "rounds_complete", "rounds_late"):
        assert told[key] == sum(agent[key] for agent in status["agents"])
    assert told["rounds_failed"] == sum(told["polls_failed"].values())
    return status, metrics


def test_every_failed_poll_has_its_reason_and_every_number_is_one(place):
    made = {how: Wrong(how) for how in HOWS}
    box = Snmpd(place)
    try:
        credentials = credential(place, "good") + credential(place, "bad", auth_secret="quite-another-secret")
        agents = [(how.replace("_", "-"), "127.0.0.1:%d" % agent.port, "edge") for how, agent in made.items()]
        agents += [("lookup", "no-such-name.invalid:161", "edge"), ("box", "127.0.0.1:%d" % box.port, "bad")]
        collector, _, http, config = start(place, agents, credentials=credentials)
        house.wait_until("seven ports", lambda: len([p for p in http.ports() if p["in_bps"] is not None]) == 7, 30)
        healthy = status_of(place, config)
        for agent in healthy["agents"]:
            if agent["name"].replace("-", "_") in HOWS:
                assert agent["polls_failed"] == 0 and agent["polls_failed_by_reason"] == {} and agent["rounds_complete"] > 0
        for agent in made.values():
            agent.wrong = True

        def reasons():
            return {agent["name"].replace("-", "_"): agent["polls_failed_by_reason"] for agent in
                    status_of(place, config)["agents"]}
        want = dict({how: how for how in HOWS}, lookup="name_lookup", box="authentication")
        house.wait_until("every agent's reason", lambda: all(
            told.get(want[name], 0) >= 1 for name, told in reasons().items()), 30)
        told = reasons()
        for name, reason in want.items():
            # One request may still have been on its way when the agent turned bad: silence is the other thing it may meet.
            assert set(told[name]) <= {reason, "timeout"}, (name, told[name])
            assert re.search(r"event=trouble agent=ex/%s .* cause=(%s|timeout)" % (name.replace("_", "-"), reason),
                             collector.text()), name
        os.kill(collector.pid, signal.SIGSTOP)
        status, metrics = assert_one_number(place, config, http)
        assert status["collector"]["control_clients"] is not None and status["collector"]["resident_octets"] > 1e6
        assert status["collector"]["agents_failing"] == len(want)
        assert "polls failed since the start: timeout" in place.run("status", "-c", config).stdout
        os.kill(collector.pid, signal.SIGCONT)
        assert collector.end() == 0
    finally:
        for agent in made.values():
            agent.end()


def test_a_late_round_is_counted_and_told_once(place):
    agent = Slow([Row(1, b"port1", b"AS64501 Peer")])
    try:
        collector, _, http, config = start(place, [("slow", "127.0.0.1:%d" % agent.port, "edge")],
                                           snmp='timeout = "10s"  retries = 0')
        house.wait_until("a rate", lambda: [p for p in http.ports() if p["in_bps"] is not None])
        agent.silent_for = 2.2
        collector.wait_for(r"event=late worst=ex/slow late_sec=[0-9.]+")
        house.wait_until("two late rounds", lambda: status_of(place, config)["collector"]["rounds_late"] >= 2, 30)
        # Held still while it is late: between two late rounds it may be on time for a moment.
        def held_late():
            os.kill(collector.pid, signal.SIGSTOP)
            if status_of(place, config)["collector"]["agents_late"] == 1:
                return True
            os.kill(collector.pid, signal.SIGCONT)
            return False
        house.wait_until("the agent to be late", held_late, 30, 0.3)
        status, _ = assert_one_number(place, config, http)
        # By how much the last round was late: what was left out counts from when it was due, be it less than an interval.
        assert 0 < status["agents"][0]["late_sec"] < 30 and status["collector"]["agents_late"] == 1
        assert status["agents"][0]["rounds_begun"] >= status["agents"][0]["rounds_complete"] > 0
        os.kill(collector.pid, signal.SIGCONT)
        assert len(re.findall("event=late ", collector.text())) == 1
        assert collector.end() == 0
    finally:
        agent.end()


def test_the_ledger_held_by_somebody_else_is_counted_as_retries(place):
    agent = Agent([Row(1, b"port1", b"AS64501 Peer")])
    try:
        collector, _, http, config = start(place, [("a", "127.0.0.1:%d" % agent.port, "edge")])
        house.wait_until("a rate", lambda: [p for p in http.ports() if p["in_bps"] is not None])
        assert status_of(place, config)["collector"]["ledger_busy_retries"] == 0
        with sqlite3.connect(place.state + "/ixwatch.db", isolation_level=None) as db:
            db.execute("BEGIN IMMEDIATE")
            agent.rows[1].alias = b"AS64502 Other"      # the port changes hands: it must be written
            time.sleep(2.5)
            db.execute("ROLLBACK")
        collector.wait_for("event=ledger-busy-retries")
        assert status_of(place, config)["collector"]["ledger_busy_retries"] > 0
        assert collector.end() == 0
    finally:
        agent.end()
