"""The commands that a letter prints for its reader: run in a shell beside a CSV of its form, they do what it says."""
import json
import os
import re
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
HEADER = "port,time_utc_sec,in_bps,out_bps,in_pps,out_pps,in_discards_pps,out_discards_pps,capacity_bps\n"
WEEK = 1795237200       # Monday 2026-11-16 05:00 UTC


def commands(name):
    """The lines of a letter's commands, a shell's continuations joined."""
    with open(os.path.join(ROOT, "tests/golden/letter_%s.txt" % name), encoding="utf-8") as file:
        text = file.read().replace("\\\n", "")
    return re.findall(r"^  (?:awk|ixwatch) .*$", text, re.M)


def write_csv(path, ports):
    """A week of each port, 300 s rows; full for an hour on the second day; the first day of the first port unknown."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEADER)
        for port in ports:
            for step in range(1, 2017):
                end = WEEK + 300 * step
                if port == ports[0] and step <= 288:
                    file.write("%d,%d,,,,,,,\n" % (port, end))
                    continue
                full = 500 <= step < 512
                rate = 4.9e9 if full else 1e9
                file.write("%d,%d,%.17g,%.17g,%.17g,%.17g,0,0,%.17g\n" % (
                    port, end, rate, rate, rate / 8000, rate / 8000, 5e9))


@pytest.mark.parametrize("name, ports", [("two_zones", [17, 41]), ("uneven", [17, 18]), ("reduced", [17])])
def test_commands_of_a_letter_run(tmp_path, name, ports):
    lines = commands(name)
    assert len(lines) == 2 * len(ports)
    write_csv(tmp_path / "AS64500.csv", ports)
    environment = dict(os.environ, PATH=BUILD + os.pathsep + os.environ["PATH"])
    for cut, replay in zip(lines[::2], lines[1::2]):
        subprocess.run(["sh", "-e", "-c", cut], cwd=tmp_path, env=environment, check=True)
        done = subprocess.run(["sh", "-e", "-c", replay + " --format json"], cwd=tmp_path, env=environment,
                              check=True, stdout=subprocess.PIPE)
        judged = json.loads(done.stdout)
        assert judged["profile"] == "proof"
        assert [episode["minutes"] for episode in judged["directions"]["out"]["episodes"]] == [60]
