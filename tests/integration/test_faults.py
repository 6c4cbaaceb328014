"""The n-th allocation, write, fsync, open, rename or change of size fails: a clean error or another try, no damaged file,
and nothing that was promised is lost.  Here a sample of the n; all of them in the soak tests."""
import glob
import mmap
import os
import re
import shutil
import sqlite3
import struct
import subprocess
import time

import pytest

import house

STORES, LIBRARY = os.path.join(house.BUILD, "tests/stores"), os.path.join(house.BUILD, "tests/faults.so")
KINDS = ["none", "malloc", "write", "short", "sync", "open", "rename", "size"]
ALL_KINDS = KINDS + ["death"]       # killed instead: test_user.py
WORDS = 5 + len(ALL_KINDS)


def is_sanitized():
    symbols = subprocess.run(["nm", "-D", STORES], stdout=subprocess.PIPE, text=True).stdout
    return "__asan_init" in symbols


def sanitizer():
    found = subprocess.run(["cc", "-print-file-name=libasan.so"], stdout=subprocess.PIPE, text=True).stdout.strip()
    return [os.path.realpath(found)]


class Faults:
    """The plan that the library reads, and writes what happened into (tests/fakes/faults.c)."""

    def __init__(self, place, name="faults"):
        self.path, self.under = os.path.join(place.path, name), place.state
        with open(self.path, "wb") as file:
            file.write(bytes(8 * WORDS))
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 8 * WORDS)

    def arm(self, kind, countdown, in_row=1, everybody=False):
        self.put(1, -1)
        for word, value in ((2, in_row), (3, everybody), (4, 0), (0, ALL_KINDS.index(kind)), (1, countdown)):
            self.put(word, int(value))

    def put(self, word, value):
        struct.pack_into("q", self.memory, 8 * word, value)

    def get(self, word):
        return struct.unpack_from("q", self.memory, 8 * word)[0]

    def failed(self):
        return self.get(4)

    def environment(self):
        return {"IXWATCH_FAULTS": self.path, "IXWATCH_FAULTS_UNDER": self.under,
                "LD_PRELOAD": ":".join((sanitizer() if is_sanitized() else []) + [LIBRARY])}


def old_ledger(state):
    """A ledger of version 1, to be migrated."""
    with sqlite3.connect(state + "/ixwatch.db") as db, open(os.path.join(
            house.ROOT, "tests/golden/ledger_version_1.sql"), encoding="utf-8") as file:
        db.executescript(file.read())


def assert_sound(state):
    for path in glob.glob(state + "/rrd/**/*.rrd", recursive=True):
        done = subprocess.run(["rrdtool", "info", path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        assert done.returncode == 0, (path, done.stderr)
    assert glob.glob(state + "/rrd/**/*.damaged-*", recursive=True) == []
    if os.path.exists(state + "/ixwatch.db"):
        with sqlite3.connect(state + "/ixwatch.db") as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def work_and_check(place, faults, kind, n, in_row=1, everybody=False):
    """One run of the stores with that fault; (whether it came to it, the exit status)."""
    shutil.rmtree(place.state, ignore_errors=True)
    os.mkdir(place.state)
    if n % 2 == 0:
        old_ledger(place.state)
    end = str(int(time.time()) // 60 * 60 - 600)
    faults.arm(kind, n - 1, in_row, everybody)
    done = subprocess.run([STORES, "work", place.state, end], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=dict(os.environ, **faults.environment()), timeout=60)
    met = faults.failed()
    what = (kind, n, done.returncode, done.stderr[-1500:])
    assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, what
    if done.returncode not in (0, 1) and everybody:
        return met, done.returncode     # a library that cannot go on without memory
    assert done.returncode in (0, 1), what
    assert done.returncode == 0 or "stores: " in done.stderr, what
    assert_sound(place.state)
    again = subprocess.run([STORES, "check", place.state, end], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                           timeout=60)
    assert again.returncode == 0, (what, again.stderr)
    lost = set(done.stdout.splitlines()) - set(again.stdout.splitlines())
    assert not lost, (what, sorted(lost)[:5])
    assert_sound(place.state)
    return met, done.returncode


def all_of_a_kind(place, kind, numbers, in_row=1, everybody=False):
    """{exit status: how often} of those that met their fault."""
    faults, ends = Faults(place), {}
    for n in numbers:
        met, status = work_and_check(place, faults, kind, n, in_row, everybody)
        if met == 0:
            break       # so many there are not
        ends[status] = ends.get(status, 0) + 1
    return ends


def memory_allowed(kind):
    if kind == "malloc" and is_sanitized():
        pytest.skip("under sanitizers memory is theirs")


@pytest.mark.parametrize("kind", KINDS[1:])
def test_stores_bear_that_a_call_fails(place, kind):
    memory_allowed(kind)
    # There are some forty opens: each is tried, since what is open decides what can be read again.
    numbers = range(1, 500) if kind == "open" else [1, 2, 3] + list(range(5, 500, 61 if kind != "malloc" else 29))
    assert sum(all_of_a_kind(place, kind, numbers).values()) >= 3


# --- the collector ---

class Collector:
    """One that meets faults while it works, on simulated agents; what it showed after each must be kept."""

    def __init__(self, place):
        self.place, self.faults = place, Faults(place)
        self.sim = house.Sim(place, "--ports", "24")
        self.config = self.sim.config(place, "1s", "--archive-interval", "1h", "--archive-step", "2d", "--archive-hour", "7d",
                                      "--archive-day", "30d")
        self.starts = 0

    def once(self, kind, n):
        """A first round with that fault: it may fail, and must say so; another one is well.  Whether it came to the fault."""
        shutil.rmtree(self.place.state, ignore_errors=True)
        self.faults.arm(kind, n - 1)
        done = self.place.run("collect", "--once", "-c", self.config, environment=self.faults.environment())
        what = (kind, n, done.returncode, done.stdout[-500:], done.stderr[-2500:])
        assert done.returncode in (0, 1, 2), what
        assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, what
        met = self.faults.failed()
        assert_sound(self.place.state)
        again = self.place.run("collect", "--once", "-c", self.config)
        assert again.returncode == 0 and " trouble " not in again.stdout, (what, again.stdout, again.stderr)
        assert_sound(self.place.state)
        return met

    def start(self):
        self.starts += 1
        self.process = self.place.start("collect-%d" % self.starts, [house.IXWATCH, "collect", "-c", self.config],
                                        self.faults.environment())
        self.process.wait_for("event=opened")

    def meet(self, kind, n, in_row=1):
        """One fault while it runs; whether it came to it in three seconds."""
        self.faults.arm(kind, n - 1, in_row)
        end = time.monotonic() + 3
        while self.faults.failed() == 0 and time.monotonic() < end:
            time.sleep(0.01)
            assert self.process.popen.poll() is None, (kind, n, self.process.popen.returncode, self.process.text()[-3000:])
        met = self.faults.failed()
        self.faults.arm("none", -1)
        return met


def test_a_first_round_bears_that_a_call_fails(place):
    collector = Collector(place)
    for kind, n in (("malloc", 40), ("malloc", 333), ("write", 9), ("open", 5)):
        if kind != "malloc" or not is_sanitized():
            collector.once(kind, n)
