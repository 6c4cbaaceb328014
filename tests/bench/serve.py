#!/usr/bin/python3
"""`make bench`: the web server alone, over a seeded state directory of 10,000 ports; nothing is asserted.

    serve.py [PART]...         all parts without arguments

throughput  a page of 100 ports as JSON, asked for by wrk over kept connections, beside a bare libmicrohttpd server that
            sends the same octets (tests/bench/bare_http.c): in turns, each several times, with gzip and without
graphs      a PNG of a port's day: new, one after another over many ports; and held, over a kept connection
"""
import http.client
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import house  # noqa: E402
import seeded  # noqa: E402
from gauge import Gauge, machine, say  # noqa: E402

PORTS, DRAWN = 10000, 200
CONNECTIONS, SECONDS, TURNS = 32, 5, 3
PAGE = "/api/v1/ports?limit=100"
BARE = os.path.join(house.BUILD, "bench", "bare_http")
UNITS_MS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


def share(values, part):
    """The value that so many of 100 are not above."""
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part / 100))]


class Load:
    """One run of wrk: answers a second, when 99 of 100 were there, and what the server's processor did for one."""

    def __init__(self, pid, port, path, headers):
        gauge = Gauge([pid])
        before = gauge.cpu()
        arguments = ["wrk", "-t1", "-c%d" % CONNECTIONS, "-d%ds" % SECONDS, "--latency"]
        for name, value in headers.items():
            arguments += ["-H", "%s: %s" % (name, value)]
        text = subprocess.run(arguments + ["http://127.0.0.1:%d%s" % (port, path)], stdout=subprocess.PIPE, text=True,
                              check=True).stdout
        self.per_sec = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
        self.cpu_us = (gauge.cpu() - before) * 1e6 / int(re.search(r"(\d+) requests in", text).group(1))
        late = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
        self.p99_ms = float(late.group(1)) * UNITS_MS[late.group(2)]
        wrong = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", text)
        self.wrong = "" if wrong is None else "; WRONG: " + wrong.group(0)


def bench_throughput(place, web, port, coding):
    headers = {} if coding is None else {"Accept-Encoding": coding}
    status, have, body = house.Http(port).get(PAGE, headers=headers)
    assert status == 200 and have.get("Content-Encoding") == coding, (status, have)
    path = os.path.join(place.path, "body")
    with open(path, "wb") as file:
        file.write(body)
    bare = place.start("bare-%s" % (coding or "plain"), [BARE, path] + ([] if coding is None else [coding]))
    bare_port = int(bare.wait_for(r"ready port=(\d+)").group(1))
    ours, theirs = [], []
    for _ in range(TURNS):  # in turns: what else the machine does meets both
        theirs.append(Load(bare.pid, bare_port, "/", headers))
        ours.append(Load(web.pid, port, PAGE, headers))
    bare.end()
    rate, measure = (statistics.median(load.per_sec for load in loads) for loads in (ours, theirs))
    say("throughput", "%s, %s, %d octets" % (PAGE, coding or "no gzip", len(body)))
    for name, loads in (("ixwatch-web", ours), ("bare server", theirs)):
        say("throughput", "  %s: %.0f answers/s, p99 %.2f ms (worst turn %.2f ms), %.1f us of its processor an answer%s" % (
            name, statistics.median(load.per_sec for load in loads), statistics.median(load.p99_ms for load in loads),
            max(load.p99_ms for load in loads), statistics.median(load.cpu_us for load in loads),
            "".join(load.wrong for load in loads)))
    say("throughput", "  ratio %.2f" % (rate / measure))


def timed(connection, path):
    began = time.monotonic()
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    took_ms = (time.monotonic() - began) * 1000
    assert answer.status == 200 and body[:4] == b"\x89PNG", (path, answer.status)
    return took_ms


def say_times(name, times_ms):
    say("graphs", "%s: median %.3g ms, p99 %.3g ms, at most %.3g ms" % (
        name, statistics.median(times_ms), share(times_ms, 99), max(times_ms)))


def bench_graphs(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    ports = [p["id"] for p in house.Http(port).ports()[:DRAWN]]
    end = int(time.time()) // 300 * 300     # said, so that what is held is asked for: a span ends with the slot of now
    spans = {"day": "from=%d&to=%d" % (end - 86400, end), "week": "from=%d&to=%d" % (end - 7 * 86400, end)}
    for span, query in spans.items():
        say_times("new, a %s of %d ports, one after another" % (span, len(ports)),
                  [timed(connection, "/graphs/ports/%d.png?%s" % (each, query)) for each in ports])
    say_times("held, %d times" % len(ports),
              [timed(connection, "/graphs/ports/%d.png?%s" % (each, spans["week"])) for each in ports])
    connection.close()


def main():
    parts = sys.argv[1:] or ["throughput", "graphs"]
    say("machine", machine())
    say("method", "%d ports seeded, no collector; wrk: 1 thread, %d kept connections, %d s, the median of %d turns; "
        "on the same cores" % (PORTS, CONNECTIONS, SECONDS, TURNS))
    folder = tempfile.mkdtemp(prefix="ixwatch-serve-")
    place = house.Place(folder)
    try:
        seeded.seed(place, "--ports", str(PORTS), "--interval", "300", "--series", str(DRAWN), "--days", "8")
        web, server = seeded.serve(place)
        if "throughput" in parts and shutil.which("wrk") is None:
            say("throughput", "absent: wrk")
        elif "throughput" in parts:
            for coding in (None, "gzip"):
                bench_throughput(place, web, server.port, coding)
        if "graphs" in parts:
            bench_graphs(server.port)
    finally:
        place.end_all()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
