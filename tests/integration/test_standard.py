"""The three descriptors that a program is born with: closed by whoever started it, or onto a full disk."""
import os
import subprocess

import pytest

import house


@pytest.fixture
def place(tmp_path):
    place = house.Place(str(tmp_path))
    yield place
    place.end_all()


def test_a_log_is_never_written_into_a_file_that_took_its_descriptor(place):
    sim = house.Sim(place)
    config = sim.config(place, "2s")
    for closed in ((0, 1, 2), (2,), (0, 2), (1,)):
        arguments = " ".join("%d%s&-" % (fd, "<" if fd == 0 else ">") for fd in closed)
        done = subprocess.run(["/bin/sh", "-c", 'exec "$0" "$@" ' + arguments, house.IXWATCH, "collect", "--once", "-c", config],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        assert done.returncode == 0, (closed, done)
    status = place.run("status", "-c", config)
    assert status.returncode == 0 and "AS" in status.stdout, status.stderr
    for folder, _, names in os.walk(place.state):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                assert b" info " not in file.read(), name       # a line of the log


PRINTS = [["--help"], ["--version"], ["silence", "--help"], ["silence", "list"], ["status"], ["status", "--format", "json"],
          ["declare", "list"], ["outbox", "list"], ["check"]]


@pytest.mark.parametrize("arguments", PRINTS, ids=" ".join)
def test_output_that_is_lost_is_a_failure(place, arguments):
    sim = house.Sim(place)
    config = sim.config(place, "2s")
    if arguments[-1] not in ("--help", "--version"):
        assert place.run("collect", "--once", "-c", config).returncode == 0
        arguments = arguments + ["-c", config]
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([house.IXWATCH, *arguments], stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE,
                              text=True, timeout=60)
    assert done.returncode == 1 and "standard output: " in done.stderr and "is lost" in done.stderr, done


def test_the_web_server_says_it_too(place):
    for arguments in (["--help"], ["--routes"]):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([house.WEB, *arguments], stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE,
                                  text=True, timeout=60)
        assert done.returncode == 1 and "standard output: " in done.stderr and "is lost" in done.stderr, done
