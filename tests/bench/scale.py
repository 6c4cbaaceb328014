#!/usr/bin/python3
"""`make bench`: the simulated exchange at several sizes, beside what Debian offers on the same work.

    scale.py [PORTS]...        1000 and 10000 without arguments; `make bench PORTS=100000` for the large one

For each size: the collector polls, stores and judges; figures are of its rounds once every port has a sample.  Then it
is ended, started again, and waited for until every port has a sample taken after that.  The agents are simulated beside
it, on the same cores; their own use is printed.  INTERVAL=10 and ROUNDS=6 in the environment change how it is polled; OTHERS=no leaves
the other tools out.
Archives are shortened (1 h of polls, 2 d of steps, 7 d of hours, 30 d of days), so that the files of 100,000 ports take
10 GB and not 1 TB: what is written a round is the same.
"""
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import house  # noqa: E402
import others  # noqa: E402
from gauge import Gauge, machine, say, table_head, table_row  # noqa: E402

PORTS_AN_AGENT = 48
CHECKED_FILES = 200
ARCHIVES = ["--archive-interval", "1h", "--archive-step", "2d", "--archive-hour", "7d", "--archive-day", "30d"]


def octets_below(folder):
    total = 0
    for path, _, names in os.walk(folder):
        total += sum(os.stat(os.path.join(path, name)).st_blocks * 512 for name in names)
    return total


class Exchange:
    """The simulated agents of one size."""

    def __init__(self, place, ports):
        self.ports, self.agents = ports, (ports + PORTS_AN_AGENT - 1) // PORTS_AN_AGENT
        self.sim = house.Sim(place, "--ports", str(ports), "--agents", str(self.agents), "--exchanges",
                             str(min(20, self.agents)))
        self.gauge = Gauge([self.sim.process.pid])

    def addresses(self):
        lines = self.sim.ask("agents").splitlines()
        column = lines[0].split(",").index("address")
        return ["%s:%d" % (line.split(",")[column], self.sim.port) for line in lines[1:]]


class Collector:
    def __init__(self, place, config):
        self.place, self.config, self.process = place, config, None

    def start(self):
        self.process = self.place.start("collect-%d" % len(self.place.processes),
                                        [house.IXWATCH, "collect", "-c", self.config])
        self.began = time.time()
        self.process.wait_for(r"event=opened", 300)

    def status(self):
        import socket
        with socket.socket(socket.AF_UNIX) as channel:
            channel.settimeout(60)
            channel.connect(os.path.join(self.place.state, "control.sock"))
            channel.sendall(b'{"op":"status"}\n')
            text = b""
            while not text.endswith(b"\n"):
                text += channel.recv(65536)
        return json.loads(text)

    def ports(self):
        done = self.place.run("status", "-c", self.config, "--format", "json", timeout_sec=120)
        return json.loads(done.stdout)["ports"] if done.returncode == 0 else []

    def agents(self):
        done = self.place.run("status", "-c", self.config, "--format", "json", timeout_sec=120)
        return json.loads(done.stdout)["agents"] if done.returncode == 0 else []

    def wait_for_round(self, count):
        """How long until every agent has answered a round for all of its ports."""
        house.wait_until("a round of every agent", lambda: sum(
            agent["rounds_complete"] > 0 for agent in self.agents()) >= count, 300, max(0.5, count / 1000))
        return time.time() - self.began

    def sampled_since(self, utc_sec):
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(utc_sec))
        return sum((port["sampled_at"] or "") > since and port["in_bps"] is not None for port in self.ports())

    def wait_for_all(self, count, interval):
        """How long until every port has a sample that ended after this process began."""
        house.wait_until("a sample of every port", lambda: self.sampled_since(self.began) >= count,
                         300 + 4 * interval, max(0.5, count / 20000))
        return time.time() - self.began


def file_of(state, port):
    parts = [port["exchange"], port["agent"], port["interface"]]
    safe = ["".join(c if re.match(r"[A-Za-z0-9_-]", c) else "%%%02X" % ord(c) for c in part) for part in parts]
    return os.path.join(state, "rrd", *safe) + ".rrd"


def check_files(collector, exchange, interval, began, ended):
    """Some ports' files, read by rrdtool: is every slot between two instants there, and is their mean the truth's?  A slot
    is laid from the two polls around it, so that at the ends a part of the neighbours' traffic is in it."""
    ports = [port for port in collector.ports() if port["in_bps"] is not None]
    ports = random.Random(1).sample(ports, min(CHECKED_FILES, len(ports)))
    truth = exchange.sim.truth_of_all(began, ended)
    whole, off = 0, []
    for port in ports:
        text = subprocess.run(["rrdtool", "fetch", file_of(collector.place.state, port), "AVERAGE", "-r", str(interval),
                               "-s", str(began), "-e", str(ended - interval)], stdout=subprocess.PIPE, text=True,
                              check=True).stdout
        rows = [[float(value) for value in line.split(":")[1].split()]
                for line in text.splitlines() if re.match(r"\d+:", line)]
        rows = rows[:(ended - began) // interval]
        if len(rows) < (ended - began) // interval or any(value != value for row in rows for value in row[:2]):
            continue
        whole += 1
        want = truth[(port["exchange"], port["agent"], port["interface"])]
        for column, name in enumerate(("in_bps", "out_bps")):
            mean = sum(row[column] for row in rows) / len(rows)
            off.append(abs(mean - want[name]) / max(want[name], 1.0))
    off.sort()
    return "%d of %d files without a gap; means off by %.3f%% (median), %.3f%% at most" % (
        whole, len(ports), 100 * off[len(off) // 2] if off else float("nan"), 100 * off[-1] if off else float("nan"))


class Making:
    """The files of new ports, which are made in the background, over many rounds; what is measured comes after them."""

    def __init__(self, collector, ports):
        self.collector, self.ports, self.told = collector, ports, ""

    def files(self):
        return sum(len([name for name in names if name.endswith(".rrd") and not name.endswith(".tmp.rrd")])
                   for _, _, names in os.walk(os.path.join(self.collector.place.state, "rrd")))

    def wait(self, interval):
        gauge, began = Gauge([self.collector.process.pid]), time.monotonic()
        cpu = gauge.cpu()
        house.wait_until("a file of every port", lambda: self.files() >= self.ports, 3600, max(1.0, self.ports / 10000))
        elapsed = time.monotonic() - began
        self.told = "files of all ports made after another %.0f s, %.2f CPU s a round meanwhile" % (
            elapsed, (gauge.cpu() - cpu) * interval / max(elapsed, 1.0))
        time.sleep(2 * interval)


def measure_ixwatch(place, exchange, interval, rounds):
    config = exchange.sim.config(place, "%ds" % interval, *ARCHIVES)
    collector = Collector(place, config)
    collector.start()
    first_round = collector.wait_for_round(exchange.agents)
    first = collector.wait_for_all(exchange.ports, interval)
    making = Making(collector, exchange.ports)
    making.wait(interval)
    gauge, before = Gauge([collector.process.pid]), collector.status()
    began = int(time.time()) // interval * interval
    exchange.gauge.begin()
    gauge.begin()
    worst = 0.0
    for _ in range(rounds):
        mark = gauge.cpu()
        time.sleep(interval)
        worst = max(worst, gauge.cpu() - mark)
    result = gauge.end(exchange.ports, interval, rounds)
    after = collector.status()
    ended = int(time.time()) // interval * interval - interval
    sim = exchange.gauge.end(exchange.ports, interval, rounds)
    say("ixwatch", "new: every port polled after %.1f s, sampled after %.1f s; %.2f CPU s a round, at most %.2f; agents %.2f; %d rounds late, "
        "%d time-outs" % (first_round, first, result.cpu_round, worst, sim.cpu_round,
                              after["rounds_late"] - before["rounds_late"],
                              after["snmp_timeouts"] - before["snmp_timeouts"]))
    say("ixwatch", making.told)
    say("ixwatch", "samples: %d taken in %d rounds of %d ports; %d wait for their files, %d of them for the journal" % (
        after["series_written"] + after["series_pending"] - before["series_written"] - before["series_pending"],
        rounds, exchange.ports, after["series_pending"], after["series_uncommitted"]))
    mark = time.monotonic()
    collector.process.end(signal.SIGTERM, 900)
    stopped = time.monotonic() - mark
    result.octets_port = octets_below(os.path.join(place.state, "rrd")) / exchange.ports
    collector.start()
    again_round = collector.wait_for_round(exchange.agents)
    again = collector.wait_for_all(exchange.ports, interval)
    say("ixwatch", "ended in %.1f s; started again: every port polled after %.1f s, sampled after %.1f s, peak %.0f MB; %s" % (
        stopped, again_round, again, Gauge([collector.process.pid]).peak_mb(), check_files(collector, exchange, interval, began, ended)))
    collector.process.end(signal.SIGTERM, 900)
    result.late = "%d rounds late" % (after["rounds_late"] - before["rounds_late"])
    return result


def bench_size(ports, interval, rounds):
    folder = tempfile.mkdtemp(prefix="ixwatch-scale-")
    place = house.Place(folder)
    try:
        say("size", "%d ports, every %d s, %d rounds" % (ports, interval, rounds))
        exchange = Exchange(place, ports)
        results = [("ixwatch", "journal, RRD, judged", measure_ixwatch(place, exchange, interval, rounds))]
        shutil.rmtree(place.state, ignore_errors=True)
        if os.environ.get("OTHERS", "yes") != "no":
            results += others.measure_all(place, exchange, interval, rounds)
        table_head()
        for name, stores, result in results:
            table_row(name, stores, result)
        rivals = [r.cpu_1000 for name, stores, r in results[1:] if not isinstance(r, str) and stores != "nothing"]
        if rivals:
            say("ratio", "ixwatch needs %.2f of the CPU of the best other that stores" % (
                results[0][2].cpu_1000 / min(rivals)))
    finally:
        place.end_all()
        shutil.rmtree(folder, ignore_errors=True)


def bench_judging():
    program = os.path.join(house.BUILD, "bench", "bench_detect")
    if not os.path.exists(program):
        return
    for line in subprocess.run([program], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines():
        found = re.search(r"^(.*?)\s+[\d.]+ million.*?([\d.]+) ns", line)
        if found:
            say("judging", "%s: %s ns a port and step, 100,000 ports in %.3f s" % (
                found.group(1), found.group(2), float(found.group(2)) * 1e-4))


def main():
    sizes = [int(size) for size in sys.argv[1:]] or [1000, 10000]
    say("machine", machine())
    say("method", "agents of %d ports simulated on the same cores; ixwatch asks 17 columns a port, the others 13; archives "
        "shortened; CPU of user and system from /proc, over all rounds" % PORTS_AN_AGENT)
    bench_judging()
    for ports in sizes:
        interval = int(os.environ.get("INTERVAL", "60" if ports > 20000 else "10"))
        bench_size(ports, interval, int(os.environ.get("ROUNDS", "6")))


if __name__ == "__main__":
    main()
