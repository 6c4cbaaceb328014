"""Pictures asked for without a pause while samples are written, and those who draw them killed at random: no update is lost to
a lock.  Prints its figures."""
import os
import random
import signal
import threading
import time

import house
import seeded

SECONDS = 20
ASKERS = 20


def test_twenty_ask_for_pictures_while_samples_are_written(place):
    sim = house.Sim(place, "--exchanges", "1", "--agents", "2", "--ports", "40")
    run, http = house.start_run(place, sim.config(place, "1s"))
    house.wait_until("every port to have a file", lambda: len(
        [p for p in http.ports() if p["in_bps"] is not None and http.get("/graphs/ports/%d.png" % p["id"])[0] == 200]) >= 35,
        90, 1)
    ids = [port["id"] for port in http.ports() if port["in_bps"] is not None]
    web = [pid for pid in seeded.children(run.pid) if b"ixwatch-web" in open("/proc/%d/cmdline" % pid, "rb").read()][0]
    before = http.json("/api/v1/status")["collector"]
    begin, end = int(time.time()) + 2, int(time.time()) + 2 + SECONDS
    statuses, chance, guard = {}, random.Random(20), threading.Lock()

    def ask(number):
        own = random.Random(number)
        while time.time() < end:
            path = "/graphs/ports/%d.png?width=%d&span=%s" % (own.choice(ids), own.randint(300, 900),
                                                               own.choice(["day", "week", "month"]))
            try:
                status = http.get(path)[0]
            except OSError:
                status = "none"
            with guard:
                statuses[status] = statuses.get(status, 0) + 1

    askers = [threading.Thread(target=ask, args=(n,)) for n in range(ASKERS)]
    for asker in askers:
        asker.start()
    killed = 0
    while time.time() < end:
        for pid in chance.sample(seeded.children(web), 1):
            os.kill(pid, signal.SIGKILL)
            killed += 1
        time.sleep(chance.uniform(0.2, 0.6))
    for asker in askers:
        asker.join(60)
    house.wait_until("what was sampled to be shown", lambda: all(
        row is not None for row in last_rows(http, ids[0], begin, end)), 60, 1)
    after = http.json("/api/v1/status")["collector"]
    unknown = sum(value is None for ident in ids for value in last_rows(http, ident, begin, end))
    print("%s pictures by status in %d s, %d workers killed; %d of %d samples unknown; lock retries %d, writes that failed %d" % (
        statuses, SECONDS, killed, unknown, len(ids) * SECONDS, after["series_lock_retries"] - before["series_lock_retries"],
        after["series_write_failures"] - before["series_write_failures"]))
    assert statuses.get(200, 0) > 100 and set(statuses) <= {200, 503}
    assert unknown == 0 and after["series_write_failures"] == before["series_write_failures"]
    assert run.end() == 0


def last_rows(http, ident, begin, end):
    series = http.json("/api/v1/ports/%d/series?from=%d&to=%d&step=1" % (ident, begin, end))
    assert series["step_sec"] == 1
    rows = [row[series["columns"].index("in_bps")] for row in series["rows"]]
    return rows + [None] * (end - begin - len(rows))
