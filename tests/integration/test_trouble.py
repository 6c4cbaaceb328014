"""Bad input and bad luck: each a clear message, the rest keeps working, nothing stored is lost."""
import contextlib
import fcntl
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

import pytest

import house
import seeded


def other_agent(address, name="edge9"):
    return """
exchange other { name = "Other exchange"
  agent %s { address = "%s"  snmp = "other"  match = 'AS(?<asn>[0-9]+) +(?<peer>[^|]+)' }
  port "%s/et-0/0/0" { asn = 64511 }
}
snmp other { version = "2c"  community = "wrong"  timeout = "1s"  retries = 1 }
""" % (name, address, name)


def sampled(http, count):
    return sum(p["out_bps"] is not None for p in http.ports()) >= count


def test_a_silent_agent_is_told_and_the_rest_goes_on(place):
    sim = house.Sim(place)
    config = sim.config(place)
    with open(config, "a", encoding="utf-8") as file:
        file.write(other_agent("127.9.9.9:%d" % house.free_port()))
    run, http = house.start_run(place, config)
    house.wait_until("the others' samples", lambda: sampled(http, 100), 60)
    run.wait_for(r"event=trouble agent=other/edge9 address=127\.9\.9\.9:\d+ reason=")
    silent = house.wait_until("its port to say why", lambda: [
        p for p in http.ports() if p["exchange"] == "other" and "does not answer" in (p["unknown_because"] or "")])
    assert len(silent) == 1 and silent[0]["state"] == "unknown" and silent[0]["out_bps"] is None
    text = place.run("status", "-c", config).stdout
    assert "other/edge9" in text
    assert run.end() == 0
    assert len(re.findall("event=trouble agent=other/edge9", run.text())) == 1   # said once, not each poll


def test_a_wrong_community_looks_like_silence_and_says_so(place):
    sim = house.Sim(place)
    config = place.file("one.conf", 'state-dir = "%s"\n%s' % (
        place.state, other_agent("127.1.0.1:%d" % sim.port)))
    done = place.run("collect", "--once", "-c", config)
    assert done.returncode == 1, done.stderr
    assert "community" in done.stdout, done.stdout


def test_a_port_that_the_agent_does_not_list_is_told(place):
    sim = house.Sim(place)
    config = sim.config(place)
    with open(config, encoding="utf-8") as file:
        text = file.read()
    exchange = re.search(r"exchange ([a-z0-9-]+) *\{", text)
    agent = re.search(r"agent ([a-z0-9.-]+) *\{", text[exchange.end():]).group(1)
    text = text[:exchange.end()] + '\n  port "%s/xe-9/9/9" { asn = 64511 }\n' % agent + text[exchange.end():]
    config = place.file("named.conf", text)
    done = place.run("check", "--probe", "-c", config)
    assert done.returncode == 1
    assert "%s/%s/xe-9/9/9: the configuration names it, the agent does not list it" % (exchange.group(1), agent) \
        in done.stdout
    run, http = house.start_run(place, config)
    house.wait_until("samples", lambda: sampled(http, 100), 60)
    named = [p for p in http.ports() if p["interface"] == "xe-9/9/9"]
    assert len(named) == 1 and named[0]["state"] == "unknown"
    assert "no longer lists" in named[0]["unknown_because"] or "does not list" in named[0]["unknown_because"]
    assert run.end() == 0


@pytest.mark.smoke
def test_five_different_errors_are_all_shown(place):
    config = place.file("bad.conf", """state-dir = "%s"
interval = "7s"
colour = "blue"
snmp edge { version = "2c" community = "" }
exchange x {
  timezone = "Europe/Nowhere"
  agent a { address = "127.0.0.1:99999" snmp = "edge" }
}
""" % place.state)
    for command in ("check", "run", "collect", "status"):
        done = place.run(command, "-c", config)
        assert done.returncode == 2, (command, done.stderr)
        lines = [int(n) for n in re.findall(r"bad\.conf:(\d+): ", done.stderr)]
        assert sorted(set(lines)) == [2, 3, 4, 6, 7], done.stderr


def test_a_state_directory_that_cannot_be_written(place):
    if os.geteuid() != 0:
        pytest.skip("needs root, to run as somebody else")
    with tempfile.TemporaryDirectory(prefix="ixwatch-test-") as open_folder:    # pytest's own is closed to others
        os.chmod(open_folder, 0o755)
        program = shutil.copy(house.IXWATCH, open_folder)
        closed = os.path.join(open_folder, "closed")
        os.mkdir(closed, 0o755)
        config = os.path.join(open_folder, "closed.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write('state-dir = "%s/state"\n' % closed)
        os.chmod(config, 0o644)
        process = place.start("closed", [program, "collect", "-c", config], user="65534")
        process.popen.wait(10)
        assert process.popen.returncode == 1, process.text()
        assert closed in process.text() and "ermission denied" in process.text()


def test_two_collectors_on_one_state_directory(place):
    sim = house.Sim(place)
    config = sim.config(place)
    run, http = house.start_run(place, config)
    house.wait_until("samples", lambda: sampled(http, 100), 60)
    second = place.run("collect", "-c", config)
    assert second.returncode == 1
    assert re.search(r"lock.*process \d+|process \d+.*lock", second.stderr), second.stderr
    house.wait_until("still sampling", lambda: http.get("/readyz")[0] == 200)
    assert run.end() == 0


@contextlib.contextmanager
def held(place):
    """The lock, as a command holds it that writes while no collector runs."""
    os.makedirs(place.state, 0o750, exist_ok=True)
    with open(os.path.join(place.state, "lock"), "a", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def test_a_collector_waits_for_a_command_that_writes(place):
    config = house.Sim(place).config(place)
    with held(place):
        process = place.start("collect", [house.IXWATCH, "collect", "-c", config])
        process.wait_for("event=waiting reason=.*held by")
        assert "event=opened" not in process.text()
    process.wait_for("event=opened")
    assert process.text().count("event=waiting") == 1 and process.end() == 0


def test_a_collector_that_waits_can_be_ended(place):
    config = house.Sim(place).config(place)
    with held(place):
        process = place.start("collect", [house.IXWATCH, "collect", "-c", config])
        process.wait_for("event=waiting")
        process.popen.send_signal(signal.SIGHUP)    # nothing to read anew yet
        assert process.end() == 0


def test_a_command_waits_for_a_collector_that_starts(place):
    """It holds the lock before it listens; who asks in between is neither refused nor does the work beside it."""
    sim = house.Sim(place)
    config = sim.config(place)
    assert place.run("collect", "--once", "-c", config).returncode == 0
    with held(place):
        process = place.start("declare", [
            house.IXWATCH, "declare", "add", "--scope", "exchange:demo-fra", "--from", "2026-01-01T00:00:00Z", "--to",
            "2026-01-02T00:00:00Z", "--cause", "works", "--reason", "fibre", "-c", config])
        with pytest.raises(subprocess.TimeoutExpired):
            process.popen.wait(1)
    assert process.popen.wait(30) == 0, process.text()
    assert "fibre" in place.run("declare", "list", "--all", "-c", config).stdout


def rows_of_every_port(place):
    found = {}
    for folder, _, names in os.walk(os.path.join(place.state, "rrd")):
        for name in names:
            if name.endswith(".rrd"):
                path = os.path.join(folder, name)
                info = subprocess.run(["rrdtool", "last", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                assert info.returncode == 0, (path, info.stderr)
                found[path] = int(info.stdout)
    return found


def test_sigkill_at_random_twenty_times(place):
    """Every RRD opens, the ledger is intact, no acknowledged sample is lost."""
    sim = house.Sim(place)
    config = sim.config(place)
    chance = random.Random(20261123)
    known = {}
    for turn in range(20):
        collector = place.start("collect-%d" % turn, [house.IXWATCH, "collect", "-c", config])
        collector.wait_for("event=opened")
        time.sleep(chance.uniform(0.05, 4.0))
        collector.send_signal(signal.SIGKILL)
        collector.popen.wait(10)
        last = rows_of_every_port(place)
        for path, end in known.items():
            assert last[path] >= end, path
        known = last
        with sqlite3.connect("file:%s/ixwatch.db?mode=ro" % place.state, uri=True) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    # What the snapshots promised is found again: a last run reads the journal back and shows every port.
    run, http = house.start_run(place, config)
    house.wait_until("all ports", lambda: sampled(http, 100), 60)
    assert len(http.ports()) == 120
    with sqlite3.connect("file:%s/ixwatch.db?mode=ro" % place.state, uri=True) as db:
        assert db.execute("SELECT count(*) FROM port").fetchone()[0] == 120
    assert run.end() == 0


def test_run_starts_again_what_dies(place):
    sim = house.Sim(place)
    run, http = house.start_run(place, sim.config(place))
    house.wait_until("samples", lambda: sampled(http, 100), 60)
    time.sleep(3)
    pid = http.json("/api/v1/status")["collector"]["pid"]
    os.kill(pid, signal.SIGKILL)
    run.wait_for("event=died program=collector")
    house.wait_until("another collector", lambda: http.json("/api/v1/status")["collector"]["pid"] not in (None, pid), 20)
    house.wait_until("samples", lambda: sampled(http, 100), 60)
    assert run.end(signal.SIGINT) == 0


def test_nothing_that_run_started_outlives_it(place):
    sim = house.Sim(place)
    run, http = house.start_run(place, sim.config(place))
    house.wait_until("a collector", lambda: (http.json("/api/v1/status")["collector"] or {}).get("pid"), 20)
    started = seeded.children(run.pid)
    assert len(started) == 2
    run.send_signal(signal.SIGKILL)
    house.wait_until("both to end", lambda: not any(seeded.is_alive(pid) for pid in started), 15)


def test_a_file_that_reload_refuses_changes_nothing(place):
    sim = house.Sim(place)
    config = sim.config(place)
    run, http = house.start_run(place, config)
    house.wait_until("samples", lambda: sampled(http, 100), 60)
    with open(config, encoding="utf-8") as file:
        good = file.read()
    place.file("ixwatch.conf", good + "\nnonsense = 1\n")
    run.send_signal(signal.SIGHUP)
    run.wait_for("event=reload-refused")
    house.wait_until("still sampling", lambda: sampled(http, 100), 30)
    place.file("ixwatch.conf", good)
    run.send_signal(signal.SIGHUP)
    run.wait_for("event=reloaded")
    house.wait_until("still sampling", lambda: sampled(http, 100), 30)
    assert run.end() == 0
