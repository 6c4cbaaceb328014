"""The letters of a week for 5,000 peers with 20,000 ports, each peer with two ports at each of two exchanges: made and registered
in less than 5 minutes on two cores (what others took of them meanwhile does not count), with progress shown.  Five weeks of 24 simulated ports are laid; the others are theirs
again, each under a name, an id and a peer of its own, by hard links: the archives have their true size (400 days), and lie
in memory as they do after a night of rounds.
IXWATCH_REPORT_PEERS: another size."""
import os
import pty
import re
import resource
import select
import sqlite3
import subprocess
import time

import house

PEERS = int(os.environ.get("IXWATCH_REPORT_PEERS", "5000"))
EXCHANGES, LIMIT_SEC, FIRST_ASN = 20, 300, 4200000000
ZONES = ("Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo")


def lay(place):
    """24 ports with what a collector and a backfill leave."""
    sim = house.Sim(place, "--ports", "24")
    config, folder = sim.config(place, "2s"), os.path.join(place.path, "history")
    os.mkdir(folder)
    sim.ask("history", "--all", "--dir", folder, "--from", "now-36d", "--to", "now", "--step", "300")
    for arguments in (("collect", "--once"), ("backfill", "--all", folder)):
        done = place.run(*arguments, "-c", config, timeout_sec=300)
        assert done.returncode == 0, done.stderr[-2000:]


def many_config(place):
    lines = ['state-dir = "%s"' % place.state, 'our-asn = 64499', 'snmp edge { version = "2c"   community = "public" }',
             'report { name = "Example Carrier"   to-peers = "approve" }']
    for n in range(EXCHANGES):
        lines += ['exchange many%02d { name = "Many-IX %d"   timezone = "%s"   kind = "member"' % (n, n, ZONES[n % 4]),
                  '  agent box { address = "127.99.0.%d:1161"   snmp = "edge"   match = "AS(?<asn>[0-9]+)" }' % (n + 1), '}']
    return place.file("many.conf", "\n".join(lines) + "\n")


def multiply(place, peers):
    """So many peers, each with two ports at two exchanges."""
    with sqlite3.connect(os.path.join(place.state, "ixwatch.db")) as db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(port)")]
        like = [dict(zip(columns, row)) for row in db.execute("SELECT * FROM port ORDER BY id")]
        capacity = {row[0]: row[1:] for row in db.execute("SELECT port_id, physical_bps, contracted_bps, source FROM capacity")}
        db.execute("DELETE FROM port_history")
        db.execute("UPDATE port SET kind = 'core', asn = NULL")
        box = {}
        for n in range(EXCHANGES):
            exchange = db.execute("INSERT INTO exchange (slug, name, timezone) VALUES (?, ?, ?)", (
                "many%02d" % n, "Many-IX %d" % n, ZONES[n % 4])).lastrowid
            box[n] = db.execute("INSERT INTO agent (exchange_id, name) VALUES (?, 'box')", (exchange,)).lastrowid
        for n in range(peers):
            asn, name = FIRST_ASN + n, "Network %d" % n
            db.execute("INSERT INTO peer VALUES (?, ?)", (asn, name))
            for i, at in enumerate((n % EXCHANGES, n % EXCHANGES, (n + 7) % EXCHANGES, (n + 7) % EXCHANGES)):
                old = like[(2 * n + i // 2) % len(like)]      # both of a connection are alike
                path = "rrd/many%02d/box/p%d-%d.rrd" % (at, n, i)
                new = dict(old, agent_id=box[at], interface="p%d-%d" % (n, i), path=path, asn=asn, peer=name, kind="member")
                del new["id"]
                port = db.execute("INSERT INTO port (%s) VALUES (%s)" % (", ".join(new), ", ".join("?" * len(new))),
                                  list(new.values())).lastrowid
                db.execute("INSERT INTO port_history VALUES (?, 0, NULL, '', ?, ?, 'member')", (port, name, asn))
                if old["id"] in capacity:
                    db.execute("INSERT INTO capacity VALUES (?, 0, ?, ?, ?)", (port, *capacity[old["id"]]))
                os.makedirs(os.path.join(place.state, os.path.dirname(path)), exist_ok=True)
                os.link(os.path.join(place.state, old["path"]), os.path.join(place.state, path))
            for at in (n % EXCHANGES, (n + 7) % EXCHANGES):
                connection = db.execute("INSERT INTO connection (exchange_id, asn) SELECT exchange_id, ? FROM agent WHERE id = ?",
                                        (asn, box[at])).lastrowid
                db.execute("INSERT INTO connection_member SELECT ?, id, 0, NULL FROM port WHERE asn = ? AND agent_id = ?",
                           (connection, asn, box[at]))


def busy_sec():
    """What all processors have done since the machine began: in all but idling and waiting for a disk."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _, _, irq, soft, steal = [int(word) for word in file.readline().split()[1:9]]
    return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")


def run_on_a_terminal(*arguments):
    """(status, what a person saw on the terminal, seconds, seconds of processor: its own, that of others meanwhile)."""
    ours, theirs = pty.openpty()
    all_before = busy_sec()
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with subprocess.Popen([house.IXWATCH, *arguments], stdout=subprocess.DEVNULL, stderr=theirs, stdin=subprocess.DEVNULL) as child:
        os.close(theirs)
        seen = b""
        while child.poll() is None or select.select([ours], [], [], 0)[0]:
            if select.select([ours], [], [], 1)[0]:
                try:
                    seen += os.read(ours, 65536)
                except OSError:         # nobody writes any more
                    break
        child.wait()
    os.close(ours)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return child.returncode, seen.decode("utf-8", "replace"), time.monotonic() - begun, own, max(0, busy_sec() - all_before - own)


def test_the_letters_of_many_peers_in_minutes(place):
    lay(place)
    config = many_config(place)
    multiply(place, PEERS)
    status, seen, seconds, own, others = run_on_a_terminal("report", "--send", "-c", config)
    assert status == 0, seen[-3000:]
    told = [int(n) for n in re.findall(r"\r(\d+) of %d peers" % PEERS, seen)]
    # What is left of the processors by others, idle time too, as two processors would have had it.
    on_two = (len(os.sched_getaffinity(0)) * seconds - others) / 2
    print("%d peers, %d ports: %.1f s, in which others had %.1f s of processor and it had %.1f s: %.1f s of two processors; %d times "
          "told how far; %.0f MB of memory" % (PEERS, 4 * PEERS, seconds, others, own, on_two, len(told),
                                               resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024))
    assert told == sorted(told) and told[-1] == PEERS and len(set(told)) >= min(PEERS, 100)
    with sqlite3.connect(os.path.join(place.state, "ixwatch.db")) as db:
        assert dict(db.execute("SELECT kind, count(*) FROM report GROUP BY kind")) == {
            "peer": PEERS, "exchange": EXCHANGES, "overview": 1}
        verdicts = dict(db.execute("SELECT verdict, count(*) FROM report WHERE kind = 'peer' GROUP BY verdict"))
        assert PEERS < 24 or {"routine", "none"} <= set(verdicts), verdicts
        files = dict(db.execute("SELECT substr(f.name, -4), count(*) FROM report_file AS f JOIN report ON report.id = report_id"
                                " WHERE kind = 'peer' GROUP BY 1"))
        assert files[".csv"] == PEERS and files[".png"] == 2 * PEERS
    assert on_two < LIMIT_SEC * PEERS / 5000
