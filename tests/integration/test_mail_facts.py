"""What a mail says of an alert: the figures that the API shows, what the last weeks make usual, what changed near its
beginning, what is declared, where else the peer has room, and a link whose token the key verifies."""
import base64
import hashlib
import hmac
import os
import re
import stat
import struct
import time

import house
from test_alerts import busy_ports, outbox, told

ALERT = """
alert {
  to = { "noc@example.net" }   kinds = { saturated }   window = "2s"   saturated-for = "2s"   clear-hold = "2s"
  runbook-member = "call the member, see wiki/IX"
}
"""
PEER = """
peer "65099" { also = { 64999 }   contacts = { "NOC <b>+49</b> 69 1234", "night: noc@two.example" } }
"""


def busy_hours(path, until, peak):
    """Four weeks of means of 300 s: each day full from an hour before the time of the day it is now to five hours after
    it, less than half full else."""
    start = int(time.time()) // 300 * 300 - 3600
    with open(path, "w", encoding="utf-8") as file:
        file.write("time_utc_sec,in_bps,out_bps,capacity_bps\n")
        for at in range(until - 28 * 86400 + 300, until + 1, 300):
            share = peak if 0 < (at - start) % 86400 <= 6 * 3600 else 0.3
            file.write("%d,%.0f,%.0f,10000000000\n" % (at, 1e9, share * 1e10))
    return path


def rows_of(text):
    """{label: words} of the first screen; a row goes on where a line is indented."""
    found, label = {}, None
    for line in text.split("\n\n")[0].split("\n")[1:]:
        if line[:10].strip():
            label = line[:10].strip()
            found[label] = line[10:]
        else:
            found[label] += " " + line.strip()
    return found


def test_a_mail_says_what_pages_say(place):
    sim = house.Sim(place, "--exchanges", "1", "--agents", "1", "--ports", "12", hour=3)
    text = open(sim.config(place, "1s"), encoding="utf-8").read()
    # Both are one peer's; the exchange's clock is UTC, as that of the histories.
    (loud, loud_bps), (other, _) = busy_ports(sim, 2)
    text = re.sub(r'timezone *= *"[^"]*"', 'timezone = "UTC"', text)

    def config(*contracted):
        blocks = text
        for name, limit in ((loud, contracted), (other, ())):
            more = "".join('contracted = "%dk" ' % (bps // 1000) for bps in limit)
            at = re.search(r"exchange %s *\{" % name[0], blocks).end()
            blocks = blocks[:at] + '\n\tport "%s" { asn = 64999 peer = "Two" circuit = "C-17" note = "dark" %s}\n' % (
                name[1], more) + blocks[at:]
        return place.file("facts.conf", blocks + ALERT + PEER)

    plain = config()
    assert place.run("collect", "--once", "-c", plain).returncode == 0
    name = "%s/%s" % loud
    until = int(time.time()) // 3600 * 3600 - 7200
    done = place.run("backfill", name, "--csv", busy_hours(os.path.join(place.path, "past.csv"), until, 0.96), "-c", plain)
    assert done.returncode == 0, done.stderr
    run, http = house.start_run(place, plain)
    port = house.wait_until("ports", lambda: [p for p in http.ports() if p["interface"] == loud[1].split("/", 1)[1]])[0]

    shown = set()  # what the API said of it, time after time

    def advised():
        advice = http.json("/api/v1/ports/%d" % port["id"])["advice"]["out"]
        if advice["p95_utilisation"] is not None:
            shown.add("p95 %.1f%% (28 d, %.1f%% known)" % (100 * advice["p95_utilisation"], 100 * advice["known_share"]))
        return shown

    house.wait_until("advice", advised, 30)
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    declared = place.run("declare", "add", "--scope", "port:" + name, "--from", time.strftime(
        "%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "--to", end, "--cause", "works", "--reason", "fibre <b>moved</b>",
        "--author", "kim", "-c", plain)
    assert declared.returncode == 0, declared.stderr
    assert run.end() == 0
    run, http = house.start_run(place, config(int(loud_bps * 0.97)))
    house.wait_until("ports", http.ports)
    house.wait_until("the mail", lambda: advised() and told(place, "saturated"), 30)
    advised()
    (_, to, subject, body, _, _), = [row for row in outbox(place).values() if row[1] == "noc@example.net"][:1]
    found = rows_of(body)

    # One number is one number.
    assert re.match(r"\[ix\] SATURATED \d+% out DEMO-FRA AS64999 Two since \d\d:\d\dZ$", subject), subject
    assert [words for words in shown if words in found["Now"]], (found, shown)
    assert "wiki/IX" in found["Move"] or "wiki/IX" in body, body
    assert "(contract)" in found["Now"] and name in found["Port"]
    # Every day before it was full at this time, and for five hours more.
    usual = re.search(r"yes: ([67])th (night|day) of the last 7; clears about (\d\d):(\d\d)Z", found["Usual"])
    clears = (int(usual.group(3)) * 60 + int(usual.group(4))) * 60
    assert abs((clears - time.time() - 5 * 3600 + 43200) % 86400 - 43200) < 900, found
    assert "capacity" in found["Changed"], found
    assert "works until %s %sZ (fibre <b>moved</b>)" % (end[:10], end[11:16]) in found["Changed"], found
    assert other[0] + "/" + other[1] in found["Headroom"] and "free" in found["Headroom"], found
    assert "C-17" in found["Circuit"] and "dark" in found["Circuit"], found
    assert "contact: NOC <b>+49</b> 69 1234; night: noc@two.example;" in found["Circuit"], found
    assert "1 of 12 ports at demo-fra" in found["Scope"], found

    # The link names this alert and whom it was mailed to; its key is for us alone.
    token = re.search(r"/a/([A-Za-z0-9_-]+)$", found["Ack"]).group(1)
    octets = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    path = os.path.join(place.state, "link.key")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    key = bytes.fromhex(open(path, encoding="ascii").readline())
    assert hmac.new(key, octets[:-32], hashlib.sha256).digest() == octets[-32:]
    version, purpose, expires, alert = struct.unpack(">BBqq", octets[:18])
    open_now = [a["id"] for a in http.json("/api/v1/alerts?open=true")["alerts"] if a["kind"] == "saturated"]
    assert (version, purpose, octets[18:-32].decode()) == (1, 1, to) and alert in open_now
    assert 6 * 86400 < expires - time.time() <= 7 * 86400
    assert run.end() == 0
