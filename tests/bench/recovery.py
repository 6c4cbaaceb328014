#!/usr/bin/python3
"""`make bench`: how soon all is well again after a SIGKILL of a part of `ixwatch run`, with 1,000 ports; nothing is asserted.

web        the web server, until the next good answer
collector  the collector, until the next one answers commands, and until every port has a sample that ended after the kill
worker     all graph workers while one draws: that picture, and the next one

KILLS= so many of each.  What is killed has run for more than ten seconds: `ixwatch run` waits longer for what keeps dying.
"""
import http.client
import json
import os
import shutil
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import house  # noqa: E402
import seeded  # noqa: E402
from gauge import machine, say  # noqa: E402

KILLS = int(os.environ.get("KILLS", "20"))
PORTS, INTERVAL = 1000, 5
STEADY_SEC = 10.5
NOT_MEASURED = ("down", "unknown")


def seconds(name, times):
    say("recovery", "%-48s median %.3f s, at most %.3f s (%d kills)" % (name, statistics.median(times), max(times), len(times)))


class Run:
    def __init__(self, place):
        sim = house.Sim(place, "--ports", str(PORTS), "--agents", "20", "--exchanges", "4")
        config = sim.config(place, "%ds" % INTERVAL, "--listen", "127.0.0.1:%d" % house.free_port(), "--archive-step", "7d",
                            "--archive-hour", "7d", "--archive-day", "30d")
        self.place = place
        self.process, self.http = house.start_run(place, config)
        house.wait_until("a sample of every port", lambda: self.sampled_since(0) >= PORTS * 0.95, 120, 0.5)
        self.measured = {port["id"] for port in self.http.ports() if port["state"] not in NOT_MEASURED}

    def child(self, name):
        for pid in seeded.children(self.process.pid):
            with open("/proc/%d/cmdline" % pid, "rb") as file:
                if os.path.basename(file.read().split(b"\0")[0].decode()) == name:
                    return pid
        return None

    def steady(self, name):
        """Its process id, once it has run for long enough."""
        pid = house.wait_until(name, lambda: self.child(name), 30)
        with open("/proc/%d/stat" % pid, encoding="ascii") as file:
            began = int(file.read().rsplit(")", 1)[1].split()[19]) / os.sysconf("SC_CLK_TCK")
        with open("/proc/uptime", encoding="ascii") as file:
            time.sleep(max(0.0, STEADY_SEC - float(file.read().split()[0]) + began))
        return pid

    def sampled_since(self, utc_sec):
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(utc_sec))
        return sum((port["sampled_at"] or "") > since and port["in_bps"] is not None for port in self.http.ports())

    def answers(self):
        try:
            return self.http.get("/api/v1/ports?limit=100", timeout_sec=5)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def takes_commands(self):
        try:
            with socket.socket(socket.AF_UNIX) as channel:
                channel.settimeout(5)
                channel.connect(os.path.join(self.place.state, "control.sock"))
                channel.sendall(b'{"op":"status"}\n')
                return channel.recv(1) == b"{"
        except OSError:
            return False


def kill(pid):
    os.kill(pid, signal.SIGKILL)
    return time.monotonic()


def bench_programs(run):
    web, commands, samples, unanswered = [], [], [], 0
    for _ in range(KILLS):
        pid = run.steady("ixwatch")
        at, at_utc = kill(pid), time.time()
        while not run.takes_commands():
            unanswered += not run.answers()     # the pages do not wait for it
            time.sleep(0.01)
        commands.append(time.monotonic() - at)
        house.wait_until("a new sample of every port", lambda: run.sampled_since(at_utc) >= len(run.measured), 120, 0.1)
        samples.append(time.monotonic() - at)
        pid = run.steady("ixwatch-web")
        at = kill(pid)
        house.wait_until("an answer", run.answers, 60, 0.005)
        web.append(time.monotonic() - at)
    seconds("collector: takes commands again", commands)
    seconds("collector: every port sampled after it, each %d s" % INTERVAL, samples)
    say("recovery", "meanwhile %d requests of the web server without an answer" % unanswered)
    seconds("web: the next good answer", web)


def bench_workers(run):
    port = sorted(run.measured)[0]
    this, following, statuses = [], [], {}
    run.steady("ixwatch-web")
    for turn in range(KILLS):
        workers = seeded.children(run.child("ixwatch-web"))
        found = {}

        def ask(number, name, turn=turn, found=found):
            began = time.monotonic()
            status, headers, body = run.http.get("/graphs/ports/%d.png?span=week&width=%d" % (port, number + turn))
            found[name] = (status, time.monotonic(), body[:4], began)
        asking = threading.Thread(target=ask, args=(900, "this"))
        asking.start()
        time.sleep(0.004)
        for pid in workers:
            at = kill(pid)
        asking.join()
        ask(600, "next")
        status = found["this"][0]
        statuses[status] = statuses.get(status, 0) + 1
        this.append(found["this"][1] - at)
        assert found["next"][0] == 200 and found["next"][2] == b"\x89PNG"
        following.append(found["next"][1] - at)
        time.sleep(0.6)
    seconds("worker: the picture that it drew, " + json.dumps(statuses), this)
    seconds("worker: the next picture", following)


def main():
    say("machine", machine())
    folder = tempfile.mkdtemp(prefix="ixwatch-recovery-")
    place = house.Place(folder)
    try:
        run = Run(place)
        bench_workers(run)
        bench_programs(run)
    finally:
        place.end_all()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
