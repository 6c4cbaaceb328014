"""Each of the first 500 calls of a kind fails once: allocations, writes, fsyncs, opens, renames, changes of size.  What the
writer's stores and the collector had promised is kept, no file is damaged, and a collector that meets them one after the
other goes on.  With BUILD=build-asan the same under sanitizers, without the allocations."""
import concurrent.futures
import os
import random
import signal

import pytest

import house
from test_faults import KINDS, Collector, all_of_a_kind, assert_sound, is_sanitized, memory_allowed
from test_kills import Acknowledged, unreadable_files

CALLS = int(os.environ.get("IXWATCH_FAULTS_MAX", "500"))
LIVE = int(os.environ.get("IXWATCH_FAULTS_LIVE", "300"))
SIDE_BY_SIDE = 4


@pytest.mark.parametrize("in_row", [1, 6])
@pytest.mark.parametrize("kind", KINDS[1:])
def test_stores_bear_each_call(place, kind, in_row):
    memory_allowed(kind)
    ends = all_of_a_kind(place, kind, range(1, CALLS + 1), in_row)
    print("%s, %d in a row: %d faults met, ended well %d, with an error %d; 0 promises broken, 0 files damaged" % (
        kind, in_row, sum(ends.values()), ends.get(0, 0), ends.get(1, 0)))
    assert sum(ends.values()) >= 5


def test_stores_bear_each_allocation_of_the_libraries_too(place):
    memory_allowed("malloc")
    ends = all_of_a_kind(place, "malloc", range(1, CALLS + 1), 1, True)
    print("allocations, libraries too: %d faults met: %s" % (sum(ends.values()), ends))
    assert all(status in (0, 1, -signal.SIGABRT) for status in ends)


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_first_round_bears_each_call(place, kind, tmp_path):
    """Side by side: a round is mostly waiting."""
    memory_allowed(kind)

    def part(first):
        path = tmp_path / ("part-%d" % first)
        path.mkdir()
        here, met = house.Place(str(path)), 0
        try:
            collector = Collector(here)
            for n in range(first, CALLS + 1, SIDE_BY_SIDE):
                if not collector.once(kind, n):
                    break
                met += 1
            return met
        finally:
            here.end_all()
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        met = sum(pool.map(part, range(1, SIDE_BY_SIDE + 1)))
    print("%s in a first round: %d faults met, no crash, the next round well" % (kind, met))
    assert met >= 1


def test_a_collector_goes_on_through_faults(place):
    chance, collector = random.Random(4), Collector(place)
    acknowledged, met = Acknowledged(place, collector.config), {}
    collector.start()
    house.wait_until("a snapshot", lambda: os.path.exists(place.state + "/snapshot"))
    # Sizes are set when a file is made, which the first round has done.
    kinds = [kind for kind in KINDS[1:-1] if kind != "malloc" or not is_sanitized()]
    for turn in range(LIVE):
        kind = kinds[turn % len(kinds)]
        n = chance.randint(1, {"malloc": 400, "write": 20, "short": 20}.get(kind, 4))
        met[kind] = met.get(kind, 0) + (collector.meet(kind, n, chance.choice((1, 1, 5))) > 0)
        if turn % 5 == 0:
            acknowledged.note()
    assert collector.process.end() == 0
    acknowledged.note()
    assert_sound(place.state)
    files, bad = unreadable_files(place.state)
    run, http = house.start_run(place, collector.config)
    house.wait_until("ports", http.ports)
    count, lost = acknowledged.lost(http)
    print("a running collector: %s faults met; %d of %d series unreadable, %d of %d acknowledged samples lost" % (
        met, len(bad), files, len(lost), count))
    assert not bad and not lost, (bad[:5], lost[:5])
    assert all(met[kind] > 0 for kind in kinds)
    assert run.end() == 0
