#!/usr/bin/python3
"""`make bench`: what is measured is printed, never asserted.  Medians of several runs, with the machine and the method.

replay   5 port-years of 5-minute samples through `ixwatch replay --csv`, parse included
core     samples a second through the detector alone (build/bench/bench_detect)
pages    the overview, a port's page, the list of ports and a graph with 1,000 ports, one request after the other
rounds   CPU seconds of a collector that polls, stores and judges 1,000 ports, per round
demo     from nothing (programs built) to the first page with live data
"""
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))

import house  # noqa: E402

RUNS = 5


def machine():
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return "%s, %d cores, Linux %s" % (model, os.cpu_count(), os.uname().release)


def say(name, text):
    print("%-10s %s" % (name, text), flush=True)


def spread(values, unit, scale=1.0):
    values = sorted(v * scale for v in values)
    return "median %.3g %s (%.3g to %.3g, %d runs)" % (
        statistics.median(values), unit, values[0], values[-1], len(values))


def bench_replay(folder):
    path, rows = os.path.join(folder, "five-years.csv"), 5 * 365 * 288
    chance = random.Random(1)
    with open(path, "w", encoding="ascii") as file:
        file.write("time_utc_sec,in_bps,out_bps,in_pps,out_pps,in_discards_pps,out_discards_pps,capacity_bps\n")
        start = 1609459200
        for i in range(rows):
            hour = (i // 12) % 24
            load = (0.35 + 0.6 * max(0.0, 1 - abs(hour - 20) / 6)) * (0.98 + 0.04 * chance.random()) * 1e10
            file.write("%d,%d,%d,%d,%d,0,0,10000000000\n" % (
                start + (i + 1) * 300, load / 5, load, load / 5 / 8000, load / 8000))
    times = []
    for _ in range(RUNS):
        began = time.monotonic()
        subprocess.run([house.IXWATCH, "replay", "--csv", path, "--format", "json", "--timezone", "Europe/Berlin"],
                       check=True, stdout=subprocess.DEVNULL)
        times.append(time.monotonic() - began)
    say("replay", "%d rows x 8 columns, %.1f MB: %s" % (rows, os.path.getsize(path) / 1e6, spread(times, "s")))


def bench_core():
    program = os.path.join(house.BUILD, "bench", "bench_detect")
    if not os.path.exists(program):
        say("core", "not built")
        return
    for line in subprocess.run([program], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines():
        say("core", line)


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mb(pid):
    with open("/proc/%d/statm" % pid, encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def bench_live(folder, ports=1000, agents=20, interval=10):
    place = house.Place(folder)
    try:
        sim = house.Sim(place, "--ports", str(ports), "--agents", str(agents), "--exchanges", "4")
        config = sim.config(place, "%ds" % interval, "--archive-step", "7d", "--archive-hour", "7d",
                            "--archive-day", "30d")
        run, http = house.start_run(place, config)
        house.wait_until("%d ports sampled" % ports, lambda: sum(
            p["out_bps"] is not None for p in http.ports()) >= 0.98 * ports, 120, 0.5)
        bench_rounds(http, ports, interval)
        bench_pages(http, ports)
    finally:
        place.end_all()


def bench_rounds(http, ports, interval, rounds=6):
    status = http.json("/api/v1/status")
    pid = status["collector"]["pid"]
    began, cpu = time.monotonic(), cpu_seconds(pid)
    time.sleep(rounds * interval)
    took, used = time.monotonic() - began, cpu_seconds(pid) - cpu
    late = http.json("/api/v1/status")["collector"]["rounds_late"]
    per_round = used / (took / interval)
    say("rounds", "%d ports each %d s, polled, stored and judged: %.4f CPU s a round (%.4f a 1,000 ports), %.1f MB, %d late"
        % (ports, interval, per_round, per_round * 1000 / ports, rss_mb(pid), late))


def bench_pages(http, ports):
    port = http.ports()[0]["id"]
    for name, path in (("overview", "/"), ("port", "/ports/%d" % port), ("ports.json", "/api/v1/ports?limit=100"),
                       ("graph, new", "/graphs/ports/%d.png?span=day&width=%d"),
                       ("graph, held", "/graphs/ports/%d.png?span=day" % port)):
        times, size = [], 0
        for i in range(20):
            target = path % (port, 500 + i) if "%d" in path else path
            began = time.monotonic()
            status, _, body = http.get(target)
            times.append(time.monotonic() - began)
            assert status == 200, (target, status)
            size = len(body)
        say("pages", "%-11s %7d octets, %d ports: %s" % (name, size, ports, spread(times, "ms", 1000)))


def bench_demo():
    began = time.monotonic()
    port = house.free_port()
    demo = subprocess.Popen(["sh", "examples/demo/demo.sh"], cwd=house.ROOT, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, env=dict(
                                os.environ, DEMO_PORT=str(port), DEMO_SECONDS="90", BUILD=house.BUILD))
    try:
        http = house.Http(port)

        def live():
            try:
                return sum(p["out_bps"] is not None for p in http.ports()) >= 118
            except OSError:
                return False
        house.wait_until("live data", live, 90, 0.1)
        say("demo", "to the first page with live data: %.1f s (programs built)" % (time.monotonic() - began))
    finally:
        demo.terminate()
        demo.wait(20)


def main():
    say("machine", machine())
    folder = tempfile.mkdtemp(prefix="ixwatch-bench-")
    try:
        bench_replay(folder)
        bench_core()
        bench_live(folder)
        bench_demo()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
