"""A week of 5,000 ports, a round a minute: 50 million samples through the pipeline as fast as it can, on a clock that is moved
by hand.  It is the week that counts of a collector that has run for fourteen: detectors keep up to 94 days, and until then
memory grows with them.  Those days are lived through sparsely (week.c), then two whole ones, then the week: memory stands
still, and descriptors stay what they were.
IXWATCH_WEEK_ROUNDS, IXWATCH_WEEK_WARM_ROUNDS, IXWATCH_WEEK_DAYS (before those), IXWATCH_WEEK_AGENTS (of 100 ports each):
another size."""
import glob
import os
import re
import sqlite3
import subprocess

import house

WEEK = os.path.join(house.BUILD, "tests/week")
ROUNDS = int(os.environ.get("IXWATCH_WEEK_ROUNDS", "10080"))
WARM_ROUNDS = int(os.environ.get("IXWATCH_WEEK_WARM_ROUNDS", "2880"))
DAYS = int(os.environ.get("IXWATCH_WEEK_DAYS", "98"))
AGENTS = int(os.environ.get("IXWATCH_WEEK_AGENTS", "50"))

DAYS_KEPT = 94          # by a detector with the settings as they come
GROWTH_MAX = 0.01       # in the week that counts


def week_config(place, agents):
    """Archives are short, so that 5,000 files need 0.5 GB and not 54."""
    lines = ["	agent a%d { address = \"127.1.%d.%d:161\"  snmp = \"edge\"  match = 'AS(?<asn>[0-9]+) +(?<peer>[^|]+)' }" % (
        i, i // 200, i % 200 + 1) for i in range(agents)]
    return place.file("ixwatch.conf", """state-dir = "%s"
interval = "60s"
archive { interval = "2h"  step = "2d"  hour = "7d"  day = "30d" }
snmp edge { version = "2c"  community = "public" }
exchange ex {
	timezone = "Europe/Berlin"
%s
}
""" % (place.state, "\n".join(lines)))


def test_a_week_of_fifty_million_samples_grows_neither_memory_nor_descriptors(place):
    config = week_config(place, AGENTS)
    week = place.start("week", [WEEK, config, str(DAYS), str(WARM_ROUNDS + ROUNDS)])
    assert week.popen.wait(7200) == 0
    log = week.text()
    lines = re.findall(r"^(?:day|round)=.*", log, re.M)
    told = [{key: float(value) for key, value in re.findall(r"(\w+)=([0-9.]+)", line)} for line in lines]
    print(*lines, sep="\n")
    # Where a clock moves thrice a round, rounds begin late; an agent that nobody asks for a day is blind; nothing else is wrong.
    assert told and not [line for line in re.findall(r" (?:error|warn) .*", log) if " self event=" not in line]
    last, days = told[-1], [line for line in told if "day" in line]
    assert not DAYS or days[-1]["day"] == DAYS
    before = days[-1] if days else {"written": 0, "pending": 0}
    # The first round seeds; the slot under way is not finished.
    assert (last["written"] + last["pending"] - before["written"] - before["pending"]
            >= (WARM_ROUNDS + ROUNDS - 3) * AGENTS * 100)
    with sqlite3.connect(place.state + "/ixwatch.db") as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        episodes = db.execute("SELECT count(*) FROM episode WHERE superseded = 0").fetchone()[0]
    files = glob.glob(place.state + "/rrd/**/*.rrd", recursive=True)
    assert len(files) == AGENTS * 100
    for path in files[::50]:
        assert subprocess.run(["rrdtool", "info", path], stdout=subprocess.DEVNULL).returncode == 0, path
    first = [line for line in told if line.get("round", 0) <= WARM_ROUNDS][-1]
    growth = last["rss_kb"] / first["rss_kb"] - 1
    print("%.1f million samples of %d ports after %.1f million: %d episodes; resident memory %.2f MB before, %.2f MB after "
          "(%+.2f%%), descriptors %d and %d, %.0f s" % (
              (last["written"] - first["written"]) / 1e6, AGENTS * 100, first["written"] / 1e6, episodes,
              first["rss_kb"] / 1024, last["rss_kb"] / 1024, 100 * growth, first["fds"], last["fds"], last["real_sec"]))
    # A segment of the journal more may just be open when they are counted.
    assert max(line["fds"] for line in told if line.get("round", 0) > WARM_ROUNDS) <= 1 + max(
        line["fds"] for line in told if line.get("round", 0) <= WARM_ROUNDS)
    assert growth < GROWTH_MAX or DAYS < DAYS_KEPT   # a shorter history only tells its figures
