"""The disk becomes full under a collector at work: it says so, gives up its reserve, and loses no sample."""
import os
import subprocess
import time

import pytest

import house


@pytest.fixture
def small_disk(place):
    """The state directory on a disk of its own that is soon full; needs the right to mount one."""
    os.makedirs(place.state)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128m,mode=0755", "tmpfs", place.state],
                             stderr=subprocess.DEVNULL, check=False).returncode == 0
    if not mounted:
        pytest.skip("no tmpfs may be mounted here")
    yield place.state
    place.end_all()
    subprocess.run(["umount", place.state], check=True)


def fill(path):
    with open(path, "wb", buffering=0) as file:
        for block in (1 << 20, 1 << 12):
            try:
                while file.write(bytes(block)) == block:
                    pass
            except OSError:
                pass


def test_a_full_disk_is_told_and_no_sample_is_lost(place, small_disk):
    sim = house.Sim(place, "--ports", "20")
    config = sim.config(place, "2s", "--archive-interval", "1h", "--archive-step", "2d", "--archive-hour", "7d",
                        "--archive-day", "30d")
    run, http = house.start_run(place, config)
    run.wait_for("event=reserve-kept")
    house.wait_until("20 ports sampled", lambda: sum(p["out_bps"] is not None for p in http.ports()) == 20, 30)
    port = http.ports()[0]
    begin = int(time.time()) // 2 * 2
    filler = os.path.join(small_disk, "filler")
    fill(filler)
    run.wait_for("event=disk-full")
    assert not os.path.exists(os.path.join(small_disk, "reserve"))
    run.wait_for("event=durable-again", 10)  # within a round or two
    before = http.json("/api/v1/ports/%d" % port["id"])["sampled_at"]
    house.wait_until("rounds on a full disk", lambda: http.json(
        "/api/v1/ports/%d" % port["id"])["sampled_at"] > before, 10)
    os.unlink(filler)
    house.wait_until("the reserve to be kept again", lambda: run.text().count("event=reserve-kept") == 2, 15)
    end = int(time.time()) // 2 * 2
    done = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end))
    house.wait_until("the samples until then", lambda: http.json(
        "/api/v1/ports/%d" % port["id"])["sampled_at"] >= done, 15)
    series = http.json("/api/v1/ports/%d/series?from=%d&to=%d" % (port["id"], begin, end))
    column = series["columns"].index("out_bps")
    assert series["step_sec"] == 2 and len(series["rows"]) == (end - begin) // 2
    assert all(row[column] is not None for row in series["rows"])
    assert run.end() == 0
