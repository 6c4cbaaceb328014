"""What nobody should do, and somebody will: hostile names, damaged files, full disks, storms of signals, clients that say
nothing, clocks that step, resolvers that never answer.  The rest goes on; what is wrong is said, once."""
import glob
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import time

import pytest

import house
from hostile_agent import Agent, Row

MATCH = "match = 'AS(?<asn>[0-9]+) +(?<peer>[^|]+)'"


@pytest.fixture
def agents():
    """Makes agents, and ends them."""
    made = []

    def make(rows, **more):
        made.append(Agent(rows, **more))
        return made[-1]
    yield make
    for agent in made:
        agent.end()


def plain_rows(count):
    return [Row(i + 1, b"port%d" % i, b"AS%d Peer %d" % (64500 + i, i)) for i in range(count)]


def config_of(place, exchanges, more=""):
    return place.file("ixwatch.conf", """state-dir = "%s"
interval = "1s"
web { listen = "127.0.0.1:0" }
snmp edge { version = "2c"  community = "public"  timeout = "1s"  retries = 1 }
%s
%s
""" % (place.state, more, exchanges))


def config_for(place, agent, more=""):
    return config_of(place, 'exchange ex { agent e { address = "127.0.0.1:%d"  snmp = "edge"  %s } }' % (
        agent.port, MATCH), more)


def sampled(http):
    return [p for p in http.ports() if p["in_bps"] is not None]


def wait_sampled(http, count, timeout_sec=20):
    return house.wait_until("%d ports with a rate" % count, lambda: len(sampled(http)) >= count, timeout_sec)


def collector_pid(http):
    return http.json("/api/v1/status")["collector"]["pid"]


def test_any_octets_in_a_name_make_a_port_or_are_told(place, agents):
    names = [b"plain", b"nul\0inside", b"new\nline", b"quo\"te's", b"<script>alert(1)</script>", b"..", b".", b"/",
             b"%2F", b"../../etc/passwd", b"\xff\xfe\x80", b"one\x01", b"one\x02", b"dup", b"dup", b"dup#15", b"",
             b"x" * 255]
    rows = [Row(i + 1, name, b"AS%d <b>Peer</b>\n|'\"" % (64500 + i)) for i, name in enumerate(names)]
    rows.append(Row(2 ** 31 - 1, b"last", b"AS64999 Last"))
    config = config_for(place, agents(rows))
    run, http = house.start_run(place, config)
    found = {p["interface"]: p for p in wait_sampled(http, 15) and http.ports()}
    for name in ("plain", "nul\ufffdinside", "new\ufffdline", "..", "/", "%2F", "../../etc/passwd", "one\ufffd#12",
                 "one\ufffd#13", "dup#14", "last"):
        assert found[name]["in_bps"] == pytest.approx(8e6, rel=0.05), name
    # Two come to one name, one has none, one is too long for a file: no port, and those with a name are told.
    assert "dup#15" not in found and "" not in found and len(found) == 15
    text = run.text()
    assert "two interfaces go by the name dup#15" in text and "the name is too long for a file" in text
    trouble = http.json("/api/v1/status")["collector"]["agents"][0]["trouble"]
    assert trouble and "name" in trouble
    assert http.get("/metrics")[0] == 200
    for path in ["/", "/exchanges/ex"] + ["/ports/%d" % p["id"] for p in found.values()]:
        status, _, body = http.get(path)
        assert status == 200 and b"<script>alert" not in body and b"<b>Peer" not in body, path
    assert not [f for f in glob.glob(place.path + "/**", recursive=True) if "passwd" in f and "/rrd/ex/e/" not in f]
    assert run.end() == 0


def own_rate(port):
    """What the test gave each port when it renumbered them."""
    return 8e6 * (int(port["interface"][4:]) + 1)


def test_an_agent_that_restarts_or_renumbers_costs_a_sample_and_no_false_rate(place, agents):
    agent = agents(plain_rows(6))
    run, http = house.start_run(place, config_for(place, agent))
    begin = int(time.time())
    wait_sampled(http, 6)
    before = {p["interface"]: p["id"] for p in http.ports()}
    agent.restart()
    time.sleep(4)
    for i, row in enumerate(list(agent.rows.values())):
        row.index, row.rate_bps = 100 - i, 8e6 * (i + 1)
    agent.set_rows(list(agent.rows.values()))
    agent.restart()
    house.wait_until("every port's new rate", lambda: all(
        p["in_bps"] == pytest.approx(own_rate(p), rel=0.05) for p in http.ports()), 30)
    assert {p["interface"]: p["id"] for p in http.ports()} == before
    for port in http.ports():
        series = http.json("/api/v1/ports/%d/series?from=%d&to=%d" % (port["id"], begin, time.time()))
        column = series["columns"].index("in_bps")
        rates = [row[column] for row in series["rows"] if row[column] is not None]
        assert rates and all(
            min(abs(rate - right) / right for right in (8e6, own_rate(port))) < 0.3 for rate in rates), rates
    assert run.end() == 0


def files_made(state, count):
    return all(os.path.exists("%s/rrd/ex/e/port%d.rrd" % (state, i)) for i in range(count))


def damage(place):
    """Of ten files, eight damaged each another way, one gone, the last left as it is."""
    def file(i):
        return place.state + "/rrd/ex/e/port%d.rrd" % i
    length = os.path.getsize(file(0))
    os.truncate(file(0), 1000)
    with open(file(1), "w", encoding="utf-8") as text:
        text.write("hello")
    os.truncate(file(2), 0)
    os.truncate(file(2), length)
    os.truncate(file(3), length - 5000)
    with open(file(4), "r+b") as head:
        head.write(os.urandom(4096))
    for i in (5, 6, 7, 8):
        os.unlink(file(i))
    os.mkdir(file(5))
    os.mkfifo(file(6))
    os.symlink("/dev/zero", file(7))


def test_a_damaged_series_costs_only_itself(place, agents):
    config = config_for(place, agents(plain_rows(10)))
    run, http = house.start_run(place, config)
    wait_sampled(http, 10)
    house.wait_until("files", lambda: files_made(place.state, 10))
    damage(place)
    # What can be read and is no series is set aside, once, and a new one begun; what cannot be read is left where it is.
    house.wait_until("each damaged file to be told of", lambda: all(
        re.search("event=file-set-aside file=[^ ]*/rrd/ex/e/port%d.rrd" % i, run.text()) for i in (0, 1, 2, 3, 4, 7)) and all(
        "event=write-failed path=rrd/ex/e/port%d.rrd" % i in run.text() for i in (5, 6)), 20)
    assert len(sampled(http)) == 10
    house.wait_until("new files", lambda: all(os.path.isfile("%s/rrd/ex/e/port%d.rrd" % (place.state, i))
                                              for i in (0, 1, 2, 3, 4, 7)))
    assert run.end() == 0
    assert len(re.findall("event=write-failed path=rrd/ex/e/port5.rrd", run.text())) == 1
    assert len(re.findall("event=file-set-aside file=[^ ]*/rrd/ex/e/port1.rrd ", run.text())) == 1
    run, http = house.start_run(place, config)      # and again at a start
    wait_sampled(http, 10)
    by_name = {p["interface"]: p["id"] for p in http.ports()}
    for name in ("port8", "port9"):
        series = http.json("/api/v1/ports/%d/series?from=%d&to=%d" % (by_name[name], time.time() - 60, time.time()))
        assert any(row[0] is not None for row in series["rows"]), name
    run.wait_for(r"port=%d event=not-recalled" % by_name["port5"])
    # Somebody takes away what is in the way: a new one is made, with all that waited.
    os.rmdir(place.state + "/rrd/ex/e/port5.rrd")
    run.wait_for(r"event=writing-again path=rrd/ex/e/port5.rrd")
    run.wait_for(r"port=%d event=recalled" % by_name["port5"])
    assert run.end() == 0


@pytest.fixture
def small_disk(place):
    os.makedirs(place.state)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", place.state], stderr=subprocess.PIPE)
    if done.returncode != 0:
        pytest.skip("needs root, to mount a small disk")
    yield place.state
    place.end_all()
    subprocess.run(["umount", "-l", place.state], check=True)


def test_a_full_disk_loses_nothing_that_is_known_and_recovers(place, agents, small_disk):
    rows = plain_rows(10)
    config = config_for(place, agents(rows), 'archive { interval = "1h"  step = "2d"  hour = "30d"  day = "60d" }')
    run, http = house.start_run(place, config)
    wait_sampled(http, 10)
    house.wait_until("files", lambda: files_made(small_disk, 10))
    port = http.ports()[0]["id"]
    subprocess.run(["dd", "if=/dev/zero", "of=%s/filler" % small_disk, "bs=4k"], stderr=subprocess.DEVNULL)
    run.wait_for(r"series event=not-durable")
    begin = int(time.time())
    rows[0].alias, rows[0].speed_mbps = b"AS64999 Renamed", 2000
    run.wait_for(r"event=changed interface=\"port0\" asn=64999")
    run.wait_for(r"ledger event=not-durable")
    time.sleep(3)
    os.unlink(small_disk + "/filler")
    run.wait_for(r"ledger event=durable-again", 10)
    run.wait_for(r"series event=durable-again", 10)
    house.wait_until("the new peer on the page", lambda: [p for p in http.ports() if p["asn"] == 64999], 10)
    with sqlite3.connect("file:%s/ixwatch.db?mode=ro" % small_disk, uri=True) as ledger:
        assert ledger.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert house.wait_until("the new capacity", lambda: ledger.execute(
            "SELECT count(*) FROM capacity WHERE port_id = ? AND physical_bps = 2e9", (port,)).fetchone()[0])
    series = http.json("/api/v1/ports/%d/series?from=%d&to=%d" % (port, begin, begin + 3))
    assert all(row[0] is not None for row in series["rows"]), series["rows"]
    assert run.end() == 0
    for module in ("series", "ledger", "snapshot"):
        assert len(re.findall(module + " event=not-durable", run.text())) == 1      # said once, not each round


def test_a_storm_of_signals_ends_nothing_and_an_end_ends_it(place, agents):
    config = config_for(place, agents(plain_rows(20)))
    run, http = house.start_run(place, config)
    wait_sampled(http, 20)
    pid = collector_pid(http)
    for i in range(300):
        os.kill(pid, signal.SIGHUP)
        time.sleep(0.003 * (i % 4))
    wait_sampled(http, 20)
    assert collector_pid(http) == pid and "event=died" not in run.text()
    os.kill(pid, signal.SIGSTOP)
    time.sleep(5)
    os.kill(pid, signal.SIGCONT)
    wait_sampled(http, 20)
    assert all(p["in_bps"] == pytest.approx(8e6, rel=0.1) for p in sampled(http))
    for _ in range(20):
        run.send_signal(signal.SIGHUP)
    began = time.monotonic()
    assert run.end() == 0
    assert time.monotonic() - began < 8 and "event=killed" not in run.text()


def test_ended_while_it_starts_it_leaves_nobody_behind(place, agents):
    config = config_for(place, agents(plain_rows(2)))
    for turn in range(8):
        run = place.start("early-%d" % turn, [house.IXWATCH, "run", "-c", config])
        time.sleep(0.012 * turn)
        began = time.monotonic()
        assert run.end() in (0, -signal.SIGTERM)
        assert time.monotonic() - began < 5
    found = subprocess.run(["pgrep", "-f", config], stdout=subprocess.PIPE, text=True).stdout.split()
    assert not found, found


def control(place, line, timeout_sec=5):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(timeout_sec)
        client.connect(place.state + "/control.sock")
        client.sendall(line)
        return client.recv(65536)


def test_clients_that_say_nothing_leave_room_for_one_that_does(place, agents):
    config = config_for(place, agents(plain_rows(2)))
    run, http = house.start_run(place, config)
    wait_sampled(http, 2)
    silent = []
    for i in range(150):
        client = socket.socket(socket.AF_UNIX)
        client.connect(place.state + "/control.sock")
        silent.append(client)
    for client in silent[60:]:
        try:
            client.send(b'{"op":')
        except OSError:
            pass        # it made room already
    rows = place.file("history.csv", "time_utc_sec,in_bps\n" + "".join(
        "%d,1000\n" % (1790000100 + 300 * i) for i in range(100)))
    done = place.run("backfill", "ex/e/port0", "--csv", rows, "--capacity", "1G", "-c", config)
    assert done.returncode == 0 and "100 samples" in done.stdout, done.stderr
    for client in silent:
        client.close()
    for line in (b"\n", b"[]\n", b"\0\xff\n", b'{"op":5}\n', b'{"op":"nope"}\n', b'{"op":"flush","port":1e300}\n',
                 b'{"op":"backfill","port":1,"csv":"x"}\n', b"[" * 60000 + b"\n"):
        assert json.loads(control(place, line))["ok"] is False, line
    # What never ends holds nobody up.
    os.mkfifo(place.path + "/pipe.csv")
    for file in (place.path + "/pipe.csv", "/dev/zero"):
        answer = json.loads(control(place, json.dumps({"op": "backfill", "port": 1, "csv": file}).encode() + b"\n"))
        assert "not a regular file" in answer["error"]["message"]
    answer = json.loads(control(place, json.dumps(
        {"op": "backfill", "port": 1, "csv": rows, "capacity_bps": -5}).encode() + b"\n"))
    assert answer["ok"] is False and "capacity" in answer["error"]["message"]
    assert run.end() == 0


def two_exchanges(place, agent, second, port):
    return config_of(place, """
exchange ex { agent e { address = "127.0.0.1:%d"  snmp = "edge"  match = 'AS(?<asn>6450[0-4]) +(?<peer>[^|]+)' } %s }
exchange ey { agent e { address = "127.0.0.1:%d"  snmp = "same"  match = 'AS(?<asn>%s) +(?<peer>[^|]+)' } }
snmp same { version = "2c"  community = "public"  timeout = "1s"  retries = 1 }
""" % (agent.port, port, agent.port, second))


def test_equal_agents_are_one_and_a_port_has_one_exchange(place, agents):
    agent = agents(plain_rows(9))
    config = two_exchanges(place, agent, "6450[5-7]", 'port "e/port8" { asn = 64999 }')
    run, http = house.start_run(place, config)
    wait_sampled(http, 9)
    ids = {(p["exchange"], p["interface"]): p["id"] for p in http.ports()}
    assert ("ex", "port4") in ids and ("ey", "port5") in ids and ("ex", "port8") in ids and len(ids) == 9
    assert len(http.json("/api/v1/status")["collector"]["agents"]) == 1
    # Both claim port4 now, and nobody names port8 any more.
    two_exchanges(place, agent, "6450[4-7]", "")
    run.send_signal(signal.SIGHUP)
    run.wait_for("port4 is claimed by exchange ex and by exchange ey")
    house.wait_until("port8 to be retired", lambda: len(http.ports()) == 8)
    house.wait_until("the trouble to stand", lambda: "port4" in (
        http.json("/api/v1/status")["collector"]["agents"][0]["trouble"] or ""))
    time.sleep(2.5)     # it is wrong until the next walk, not for one round
    assert "port4" in http.json("/api/v1/status")["collector"]["agents"][0]["trouble"]
    assert "event=recovered" not in run.text()
    # What returns is what it was.
    two_exchanges(place, agent, "6450[5-7]", 'port "e/port8" { asn = 64999 }')
    run.send_signal(signal.SIGHUP)
    house.wait_until("all nine again", lambda: len(sampled(http)) == 9)
    assert {(p["exchange"], p["interface"]): p["id"] for p in http.ports()} == ids
    assert run.end() == 0


def test_a_resolver_that_never_answers_holds_nobody_up(place, agents):
    config = config_of(place, """
exchange ex { agent lost { address = "agent.example.net:161"  snmp = "edge"  %s } }""" % MATCH)
    resolver = place.file("resolv.conf", "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n")
    script = place.file("apart.sh", """set -e
ip link set lo up 2>/dev/null || ifconfig lo up
mount --bind %s /etc/resolv.conf
exec /usr/bin/python3 %s "$@"
""" % (resolver, place.file("deaf.py", """import os, socket, sys
deaf = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
deaf.bind(("127.0.0.1", 53))
os.set_inheritable(deaf.fileno(), True)
os.execv(sys.argv[1], sys.argv[1:])
""")))
    probe = subprocess.run(["unshare", "-n", "-m", "sh", script, "/bin/true"], stderr=subprocess.PIPE, text=True)
    if probe.returncode != 0:
        pytest.skip("needs root and a network of its own: " + probe.stderr.strip())
    collector = place.start("collect", ["unshare", "-n", "-m", "sh", script, house.IXWATCH, "collect", "-c", config])
    collector.wait_for("event=opened")
    time.sleep(1)       # the look-up is under way
    collector.send_signal(signal.SIGHUP)
    collector.wait_for("event=reloaded")
    house.wait_until("opened again", lambda: len(re.findall("event=opened", collector.text())) == 2, 5)
    time.sleep(0.5)
    began = time.monotonic()
    assert collector.end() == 0
    assert time.monotonic() - began < 5


def faketime_library():
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found:
        pytest.skip("libfaketime is not installed")
    symbols = subprocess.run(["nm", "-D", house.IXWATCH], stdout=subprocess.PIPE, text=True).stdout
    if "__asan_init" in symbols:
        pytest.skip("a sanitizer's library must be the first")
    return found[0]


def test_a_clock_that_steps_back_shows_nothing_of_the_future(place, agents):
    library = faketime_library()
    step = place.file("step", "+0\n")
    config = config_for(place, agents(plain_rows(3)))
    run = place.start("run", [house.IXWATCH, "run", "-c", config], {
        "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": step, "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"})
    http = house.Http(int(run.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1)))
    wait_sampled(http, 3)
    place.file("step", "+86400\n")
    house.wait_until("a day later", lambda: [p for p in sampled(http) if p["sampled_at"] > time.strftime(
        "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86000))])
    place.file("step", "+0\n")
    house.wait_until("nothing known", lambda: not sampled(http) and len(http.ports()) == 3)
    run.wait_for("event=clock-behind")
    time.sleep(2)
    assert all(p["state"] == "unknown" for p in http.ports())
    assert run.end() == 0
