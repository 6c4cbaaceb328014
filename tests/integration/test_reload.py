"""SIGHUP: a good file takes the place of the old one without a lost round, a bad one is told of and changes nothing."""
import json
import math
import os
import re
import signal
import socket
import subprocess
import time

import house


def rows_of(path, step, end):
    """(end of row, in_bps known) of the series' finest archive."""
    lines = subprocess.run(["rrdtool", "fetch", path, "AVERAGE", "-r", str(step), "-s", str(end - 600), "-e", str(end)],
                           stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    place = lines[0].split().index("in_bps")
    return [(int(line.split(":")[0]), not math.isnan(float(line.split(":")[1].split()[place]))) for line in lines[2:]]


def unknown_slots(place, step=1):
    """Of all series: (unknown slots between the first known and the last, known ones)."""
    unknown = known = 0
    now = int(time.time())
    for folder, _, names in os.walk(os.path.join(place.state, "rrd")):
        for name in names:
            rows = [row for row in rows_of(os.path.join(folder, name), step, now)]
            seen = [at for at, is_known in rows if is_known]
            assert seen, name
            between = [is_known for at, is_known in rows if seen[0] <= at <= seen[-1]]
            unknown += between.count(False)
            known += between.count(True)
    return unknown, known


def control(place, op):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(place.state + "/control.sock")
        client.sendall(json.dumps({"op": op}).encode() + b"\n")
        return json.loads(client.makefile().readline())


def begin(place):
    sim = house.Sim(place, "--exchanges", "2", "--agents", "2", "--ports", "40")
    config = sim.config(place, "1s")
    collector = place.start("collect", [house.IXWATCH, "collect", "-c", config])
    collector.wait_for("event=opened")
    house.wait_until("it to listen", lambda: os.path.exists(place.state + "/control.sock"))
    rounds(place, 4)
    return collector, config


def rounds(place, count):
    """Waits until rounds of so many seconds from now on were published."""
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + count))
    house.wait_until("%d rounds" % count, lambda: (control(place, "status")["round_at"] or "") >= until, 30)


def test_twenty_reloads_lose_no_slot(place):
    collector, config = begin(place)
    started = control(place, "status")["started_at"]
    good = open(config, encoding="utf-8").read()
    for i in range(20):
        # Another time-out for every agent, each time.
        text = re.sub(r'(version = "2c")', r'\1  timeout = "%dms"' % (700 + i), good) if "timeout" not in good else \
            re.sub(r'timeout = "[^"]*"', 'timeout = "%ds"' % (1 + i % 2), good)
        place.file("ixwatch.conf", text)
        collector.send_signal(signal.SIGHUP)
        house.wait_until("reload %d" % (i + 1), lambda: len(re.findall("event=reloaded", collector.text())) > i, 10)
        time.sleep(0.15 * (i % 4))
    rounds(place, 3)
    assert control(place, "status")["started_at"] == started and control(place, "status")["config_trouble"] is None
    assert collector.end() == 0
    unknown, known = unknown_slots(place)
    assert known > 400 and unknown == 0, (unknown, known)


def test_a_bad_file_is_told_of_and_changes_nothing(place):
    collector, config = begin(place)
    good = open(config, encoding="utf-8").read()
    place.file("ixwatch.conf", good + "\nnonsense = 1\n")
    collector.send_signal(signal.SIGHUP)
    house.wait_until("the trouble", lambda: control(place, "status")["config_trouble"])
    line = good.count("\n") + 2
    assert "ixwatch.conf:%d: nonsense" % line in control(place, "status")["config_trouble"]
    place.file("ixwatch.conf.good", good)
    done = place.run("status", "-c", place.path + "/ixwatch.conf.good")
    assert "configuration not taken: " in done.stdout and "ixwatch.conf:%d: nonsense" % line in done.stdout, done.stdout
    shown = json.loads(place.run("status", "--format", "json", "-c", place.path + "/ixwatch.conf.good").stdout)
    assert "nonsense" in shown["config_trouble"]
    place.file("ixwatch.conf", good)
    collector.send_signal(signal.SIGHUP)
    house.wait_until("all well", lambda: control(place, "status")["config_trouble"] is None)
    assert "configuration not taken" not in place.run("status", "-c", config).stdout
    assert collector.end() == 0
    unknown, known = unknown_slots(place)
    assert known > 40 and unknown == 0, (unknown, known)


def test_another_interval_keeps_the_history(place):
    collector, config = begin(place)
    good = open(config, encoding="utf-8").read()
    place.file("ixwatch.conf", good.replace('"1s"', '"2s"', 1))
    collector.send_signal(signal.SIGHUP)
    collector.wait_for("event=reloaded")
    house.wait_until("the new interval", lambda: control(place, "status")["interval_sec"] == 2)
    rounds(place, 8)
    assert collector.end() == 0
    unknown, known = unknown_slots(place, 2)
    # The pair of reads across the change is lost: a slot or two of each of the 40 ports.
    assert known > 100 and unknown <= 3 * 40, (unknown, known)
