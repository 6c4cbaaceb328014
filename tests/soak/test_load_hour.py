"""An hour of load on the web server while its collector polls: pages of the API by wrk, pictures, pages; memory stays flat.

Prints the resident memory of the web server and of its workers each minute.  IXWATCH_HOUR_SEC= another length."""
import itertools
import os
import random
import shutil
import subprocess
import threading
import time

import pytest

import house
import seeded

SECONDS = int(os.environ.get("IXWATCH_HOUR_SEC", "3600"))
SETTLED_SEC = 300       # caches are full by then
GROWTH_MAX_MB = 16
PORTS = 1000
PAGES = ["/", "/?state=hot", "/wall", "/episodes", "/reports", "/method", "/metrics", "/api/v1/status", "/api/v1/alerts",
         "/ports/%d", "/ports/%d/days", "/api/v1/ports/%d", "/api/v1/ports/%d/series?span=week", "/peers/64496"]
PICTURES = ["/graphs/ports/%d.png?span=day", "/graphs/ports/%d.png?span=week", "/graphs/ports/%d.svg?span=month",
            "/graphs/ports/%d/heat.svg"]


def resident_mb(pid):
    with open("/proc/%d/statm" % pid, encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


class Asker(threading.Thread):
    """Asks for one path after another, with the ports in no order, until it is told that it is over."""

    def __init__(self, http, paths, ids, over):
        super().__init__()
        self.http, self.paths, self.ids, self.over = http, paths, ids, over
        self.statuses, self.chance = {}, random.Random(len(paths))

    def run(self):
        for path in itertools.cycle(self.paths):
            if self.over.is_set():
                return
            status = self.http.get(path % self.chance.choice(self.ids) if "%d" in path else path)[0]
            self.statuses[status] = self.statuses.get(status, 0) + 1


class Memory:
    def __init__(self, web):
        self.web, self.began, self.rows = web, time.monotonic(), []

    def look(self):
        workers = seeded.children(self.web)
        row = (time.monotonic() - self.began, resident_mb(self.web), max(map(resident_mb, workers)))
        self.rows.append(row)
        print("%5.0f s: web %.1f MB, its largest worker of %d %.1f MB" % (row[0], row[1], len(workers), row[2]), flush=True)

    def growth(self):
        """Of web and workers: the most of the last third beyond the most of the first minutes after all is settled."""
        settled = [row for row in self.rows if row[0] >= min(SETTLED_SEC, SECONDS / 3)]
        third = max(1, len(settled) // 3)
        return [max(row[at] for row in settled[-third:]) - max(row[at] for row in settled[:third]) for at in (1, 2)]


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_an_hour_of_load_leaves_memory_as_it_was(place):
    sim = house.Sim(place, "--ports", str(PORTS), "--agents", "20", "--exchanges", "4")
    run, http = house.start_run(place, sim.config(place, "10s", "--archive-step", "7d", "--archive-hour", "7d",
                                                  "--archive-day", "30d"))
    house.wait_until("a sample of every port", lambda: sum(
        port["out_bps"] is not None for port in http.ports()) >= 0.95 * PORTS, 120, 1)
    web = next(pid for pid in seeded.children(run.pid) if b"ixwatch-web" in open("/proc/%d/cmdline" % pid, "rb").read())
    ids, over = [port["id"] for port in http.ports()], threading.Event()
    askers = [Asker(http, PAGES, ids, over), Asker(http, PICTURES, ids, over)]
    for asker in askers:
        asker.start()
    load = subprocess.Popen(["wrk", "-t1", "-c8", "-d%ds" % SECONDS, "-H", "Accept-Encoding: gzip",
                             "http://127.0.0.1:%d/api/v1/ports?limit=100" % http.port], stdout=subprocess.PIPE, text=True)
    memory = Memory(web)
    try:
        while load.poll() is None:
            memory.look()
            house.wait_until("the minute to pass, or the load to end", lambda: load.poll() is not None or
                             time.monotonic() - memory.began >= 60 * len(memory.rows), 90, 0.2)
        memory.look()
    finally:
        over.set()
        for asker in askers:
            asker.join(30)
        if load.poll() is None:
            load.terminate()
    text = load.stdout.read()
    grown = memory.growth()
    print("%s; pages by status %s, pictures %s; grown since it settled: web %.1f MB, workers %.1f MB" % (
        " ".join(text.split("\n")[-3].split()), askers[0].statuses, askers[1].statuses, *grown))
    assert "Non-2xx" not in text and set(askers[0].statuses) <= {200, 404} and set(askers[1].statuses) <= {200, 503}, text
    assert max(grown) < GROWTH_MAX_MB
    assert run.end() == 0
