"""A port that changes hands: what the former peer did is not held against the next one, and is not forgotten either."""
import json
import os
import re
import sqlite3

import house

PORT = "demo-fra/edge1/xe-0/0/0"  # full every evening


def verdicts(place, config):
    done = place.run("replay", PORT, "-c", config, "--format", "json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    with sqlite3.connect("file:%s/ixwatch.db?mode=ro" % place.state, uri=True) as db:
        port, = db.execute("SELECT port.id FROM port JOIN agent ON agent.id = agent_id JOIN exchange"
                           " ON exchange.id = exchange_id WHERE slug || '/' || agent.name || '/' || interface = ?",
                           (PORT,)).fetchone()
        live = dict(db.execute("SELECT direction, verdict FROM verdict WHERE to_utc_sec IS NULL AND profile = 'early'"
                               " AND port_id = ?", (port,)).fetchall())
        episodes, = db.execute("SELECT count(*) FROM episode WHERE superseded = 0 AND kind = 'sustained' AND port_id = ?",
                               (port,)).fetchone()
    assert live["out"] == told["directions"]["out"]["verdict"], "live and replay agree"
    return told["directions"]["out"]["verdict"], episodes


def owned_by(place, config, text, asn):
    block = '\tport "edge1/xe-0/0/0" { asn = %d   peer = "Peer %d" }\n' % (asn, asn) if asn else ""
    at = re.search(r"\nexchange demo-fra \{\n", text).end()
    place.file(os.path.basename(config), text[:at] + block + text[at:])
    done = place.run("collect", "--once", "-c", config)
    assert done.returncode == 0, done.stderr


def test_what_the_former_peer_did_is_not_held_against_the_next(place):
    sim = house.Sim(place, "--ports", "12")
    config = sim.config(place, "1s")
    with open(config, encoding="utf-8") as file:
        text = file.read()
    owned_by(place, config, text, 0)
    history = os.path.join(place.path, "history")
    os.mkdir(history)
    sim.ask("history", "--all", "--dir", history, "--from", "now-35d", "--to", "now", "--step", "300")
    assert place.run("backfill", "--all", history, "-c", config, timeout_sec=120).returncode == 0

    before = verdicts(place, config)
    assert before[0] == "routine" and before[1] > 20
    owned_by(place, config, text, 65099)
    assert verdicts(place, config)[0] == "insufficient data"
    assert verdicts(place, config)[1] == before[1], "the former peer's episodes stay"
    # A slip of the pen: it was the first peer's all the time but for a moment.
    owned_by(place, config, text, 0)
    assert verdicts(place, config)[0] == "routine"
    assert verdicts(place, config)[1] >= before[1] - 1
