"""A web server over a state directory that tests/fakes/seed.c made: no collector, every state there is."""
import os
import shutil
import subprocess

import house

SEED = os.path.join(house.BUILD, "tests", "seed")

CONFIG = """
state-dir = "%s"
our-asn = 64499
interval = "60s"
snmp edge { version = "2c" community = "public" }
exchange demo-fra {
  name = "Demo-IX Frankfurt"   timezone = "Europe/Berlin"   kind = "member"
  agent edge1 { address = "127.1.0.1:1161"   snmp = "edge"   match = 'AS(?<asn>[0-9]+) +(?<peer>[^|]+)' }
}
web { listen = "127.0.0.1:0"   base-url = "%s" }
"""


def write_config(place, base_url="https://noc.example.net"):
    return place.file("web.conf", CONFIG % (place.state, base_url))


def seed(place, *options, anew=True):
    """Fills the state directory; returns when the last round was, in Unix seconds."""
    if anew:
        shutil.rmtree(place.state, ignore_errors=True)
    done = subprocess.run([SEED, place.state, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=120)
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split("round=")[1])


def serve(place, name="web"):
    """ixwatch-web, waited for; (process, Http)."""
    process = place.start(name, [house.WEB, "-c", write_config(place)])
    port = int(process.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1))
    return process, house.Http(port)


def children(pid):
    """The worker processes of a server."""
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
        found = [int(word) for word in file.read().split()]
    for task in os.listdir("/proc/%d/task" % pid):
        if int(task) != pid:
            with open("/proc/%d/task/%s/children" % (pid, task), encoding="ascii") as file:
                found += [int(word) for word in file.read().split()]
    return found


def is_alive(pid):
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
