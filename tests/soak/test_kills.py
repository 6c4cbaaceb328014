"""Two hundred times kill -9 of the collector, at random: what was shown is in the files, every file can be read, and no
episode is lost, doubled or moved."""
import glob
import json
import math
import os
import subprocess
import time

import house
from test_kill_live import check_episodes, crossing_config, kill_again_and_again

KILLS = int(os.environ.get("IXWATCH_KILLS", "200"))
RATES = ("in_bps", "out_bps")


def parse_utc(text):
    import calendar
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def same(stored, shown):
    """A row is a mean over its second: the last digit may be another."""
    return stored is not None and all(
        a == b if a is None or b is None else math.isclose(a, b, rel_tol=1e-12) for a, b in zip(stored, shown))


class Acknowledged:
    """What the last snapshot before each kill showed: {port: {end of the slot: its rates}}.  A sample is shown only after it
    was made durable."""

    def __init__(self, place, config):
        self.place, self.config, self.shown = place, config, {}

    def note(self):
        done = self.place.run("status", "-c", self.config, "--format", "json")
        if "no collector has run" in done.stderr:
            return
        assert done.returncode == 0, done.stderr
        for port in json.loads(done.stdout)["ports"]:
            if port["sampled_at"] is None or all(port[rate] is None for rate in RATES):
                continue
            self.shown.setdefault(port["id"], {})[parse_utc(port["sampled_at"])] = [port[rate] for rate in RATES]

    def lost(self, http):
        """(all, those that the series do not have, or have otherwise)."""
        count, lost = 0, []
        for port, slots in self.shown.items():
            stored, first, last = {}, min(slots), max(slots)
            for begin in range(first - 1, last, 4000):
                series = http.json("/api/v1/ports/%d/series?from=%d&to=%d&step=1" % (port, begin, min(begin + 4000, last)))
                assert series["step_sec"] == 1
                start = parse_utc(series["start"]) if isinstance(series["start"], str) else series["start"]
                at = [series["columns"].index(rate) for rate in RATES]
                for i, row in enumerate(series["rows"]):
                    stored[start + i + 1] = [row[k] for k in at]
            for end, rates in slots.items():
                count += 1
                if not same(stored.get(end), rates):
                    lost.append((port, end, rates, stored.get(end)))
        return count, lost


def unreadable_files(state):
    files = glob.glob(state + "/rrd/**/*", recursive=True)
    files = [file for file in files if os.path.isfile(file)]
    assert [file for file in files if file.endswith(".rrd")]
    damaged = [file for file in files if ".damaged-" in file]
    bad = [file for file in files if file.endswith(".rrd") and subprocess.run(
        ["rrdtool", "info", file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0]
    return len(files), damaged + bad


def test_two_hundred_kills_lose_no_sample_that_was_shown(place):
    config = crossing_config(place, house.Sim(place))
    acknowledged = Acknowledged(place, config)
    kill_again_and_again(place, config, KILLS, acknowledged.note)
    episodes = check_episodes(place, config)
    files, bad = unreadable_files(place.state)
    run, http = house.start_run(place, config)
    house.wait_until("ports", http.ports)
    count, lost = acknowledged.lost(http)
    print("%d kills: %d of %d series unreadable; %d of %d acknowledged samples lost; %s" % (
        KILLS, len(bad), files, len(lost), count, episodes))
    assert not bad and not lost, (bad[:5], lost[:5])
    assert count >= KILLS
    assert run.end() == 0
