"""Killed again and again while it judges: no episode is lost, doubled or moved.

At a fast interval, with thresholds that ordinary traffic crosses all the time, the collector is killed at random; then
what the ledger says of every port must be what a replay of its stored samples says.
"""
import json
import os
import random
import re
import signal
import sqlite3
import time

import house

KILLS = int(os.environ.get("IXWATCH_KILLS", "50"))
DETECTOR = """
detector {
  step = "5s"   congested = "%s"   clear = "%s"   discard-floor = "%s"   clear-hold = "5s"   bridge = "10s"   sustain = "15s"
}
"""


def ledger_episodes(place, subject="port"):
    """{port: {(direction, start): (end, kind, peak, mean)}} of the episodes that have ended; or of connections."""
    table = "episode" if subject == "port" else "connection_episode"
    found = {}
    with sqlite3.connect("file:%s/ixwatch.db?mode=ro" % place.state, uri=True) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = db.execute("SELECT %s_id, direction, start_utc_sec, end_utc_sec, kind, peak_utilisation, mean_utilisation"
                          " FROM %s WHERE superseded = 0 AND open = 0" % (subject, table)).fetchall()
    for port, direction, start, end, kind, peak, mean in rows:
        key = (direction, start)
        assert key not in found.setdefault(port, {}), ("doubled", port, key)
        found[port][key] = (end, kind, peak, mean)
    return found


def replay_episodes(place, config, port, until):
    done = place.run("replay", str(port), "-c", config, "--format", "json", "--until", until)
    assert done.returncode == 0, done.stderr
    found = {}
    for direction, told in json.loads(done.stdout)["directions"].items():
        for episode in told["episodes"]:
            found[(direction, utc(episode["start"]))] = (
                utc(episode["end"]), episode["kind"], episode["peak_utilisation"], episode["mean_utilisation"])
    return found


def utc(text):
    import calendar
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def connection_names(place):
    with sqlite3.connect("file:%s/ixwatch.db?mode=ro" % place.state, uri=True) as db:
        return dict(db.execute("SELECT connection.id, slug || '/AS' || asn FROM connection"
                               " JOIN exchange ON exchange.id = exchange_id").fetchall())


def compare(place, config, told, name_of):
    """Each episode of the ledger is one of replay's, and none of replay's is missing; how many they are."""
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60))
    compared = 0
    for subject, episodes in told.items():
        replayed = replay_episodes(place, config, name_of(subject), until)
        for key, (end, kind, peak, mean) in episodes.items():
            assert key in replayed, ("moved or invented", name_of(subject), key, sorted(replayed))
            assert (end, kind) == replayed[key][:2], (name_of(subject), key)
            assert abs(peak - replayed[key][2]) < 1e-9 and abs(mean - replayed[key][3]) < 1e-9, (name_of(subject), key)
            compared += 1
        # An open run is in replay's list too; every other episode of it must be in the ledger.
        lost = [key for key in replayed if key not in episodes]
        assert len(lost) <= 2, ("lost", name_of(subject), lost)
    return compared


def exchange_shares(sim, truth):
    """{exchange: how full the connection in the middle is}, in percent: a threshold that its traffic crosses."""
    sums = {}
    for port in sim.ports():
        rates = truth[(port["exchange"], port["agent"], port["ifName"])]
        if rates["out_bps"] and rates["capacity_bps"]:
            one = sums.setdefault((port["exchange"], port["asn"]), [0, 0.0, 0.0])
            one[0] += 1
            one[1] += rates["out_bps"] + 160 * rates["out_pps"]
            one[2] += rates["capacity_bps"]
    shares = {}
    for (exchange, _asn), (count, bps, capacity) in sums.items():
        if count >= 2 and 2 < 100 * bps / capacity < 90:
            shares.setdefault(exchange, []).append(100 * bps / capacity)
    return {exchange: sorted(found)[len(found) // 2] for exchange, found in shares.items()}


def crossing_config(place, sim):
    """A configuration in which each port has a threshold in the midst of its own traffic: the simulated rates swing by some
    percent a minute."""
    config = sim.config(place, "1s")
    now = int(time.time())
    truth = sim.truth_of_all(now - 60, now)
    with open(config, encoding="utf-8") as file:
        text = re.sub(r"\n\tport \"[^\"]*\" \{[^}]*\}", "", file.read())
    for (exchange, agent, interface), rates in sorted(truth.items()):
        if not rates["out_bps"] or not rates["capacity_bps"]:
            continue
        share = 100 * (rates["out_bps"] + 160 * rates["out_pps"]) / rates["capacity_bps"]
        if not 2 < share < 90:
            continue
        block = '\n\tport "%s/%s" { %s }' % (agent, interface, " ".join((DETECTOR % (
            "%.3f%%" % share, "%.3f%%" % (share * 0.995), "%.3f%%" % (share * 0.9))).split()))
        at = re.search(r"\nexchange %s \{\n" % re.escape(exchange), text).end()
        text = text[:at] + block.lstrip("\n") + "\n" + text[at:]
    for exchange, share in exchange_shares(sim, truth).items():
        at = re.search(r"\nexchange %s \{\n" % re.escape(exchange), text).end()
        text = text[:at] + "\t" + " ".join((DETECTOR % (
            "%.3f%%" % share, "%.3f%%" % (share * 0.995), "%.3f%%" % (share * 0.9))).split()) + "\n" + text[at:]
    return place.file("ixwatch.conf", text)


def kill_again_and_again(place, config, kills, after=None):
    """Starts and kills the collector so often, at random; after() is called while none runs."""
    chance = random.Random(50)
    for turn in range(kills):
        collector = place.start("collect-%d" % turn, [house.IXWATCH, "collect", "-c", config])
        collector.wait_for("event=opened")
        time.sleep(chance.uniform(0.5, 4.0))
        collector.send_signal(signal.SIGKILL)
        collector.popen.wait(10)
        if after is not None:
            after()
    last = place.start("collect-last", [house.IXWATCH, "collect", "-c", config])
    last.wait_for("event=opened")
    time.sleep(3)
    assert last.end() == 0


def check_episodes(place, config):
    """What the ledger says is what replay says of the stored samples; a sentence with the figures."""
    told = ledger_episodes(place)
    assert sum(len(episodes) for episodes in told.values()) >= 50, "the thresholds were not crossed"
    compared = compare(place, config, told, str)
    connections, names = ledger_episodes(place, "connection"), connection_names(place)
    assert any(connections.values()), "no connection crossed its threshold"
    summed = compare(place, config, connections, lambda connection: names[connection])
    return "%d episodes of %d ports and %d of %d connections are replay's" % (
        compared, len(told), summed, len(connections))


def test_no_episode_is_lost_doubled_or_moved_by_fifty_kills(place):
    config = crossing_config(place, house.Sim(place))
    kill_again_and_again(place, config, KILLS)
    print("%d kills: %s" % (KILLS, check_episodes(place, config)))
