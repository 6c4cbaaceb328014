"""A letter about a port that faced another peer before: nothing of that time is in it."""
import csv
import datetime
import json
import os
import re
import zoneinfo

import letters
import seeded


def handed_over(place, now, port, more=()):
    """(the Monday of a week that is over, when on its Thursday the port came to face its peer)"""
    today = datetime.datetime.fromtimestamp(now, datetime.timezone.utc)
    monday = (today - datetime.timedelta(days=today.weekday() + 7)).replace(hour=0, minute=0, second=0, microsecond=0)
    change = int(monday.timestamp()) + 3 * 86400 + 12 * 3600
    letters.change(
        place, ("UPDATE port_history SET from_utc_sec = ? WHERE port_id = ?", (change, port)),
        ("INSERT INTO port_history SELECT port_id, ?, ?, 'AS64511 Before', 'Before Networks', 64511, kind FROM port_history"
         " WHERE port_id = ?", (now - 60 * 86400, change, port)), *[(sql, values(change)) for sql, values in more])
    return monday, change


def letter_of(place, monday):
    """text_of(".csv") of the letter about that week."""
    with open(seeded.write_config(place), encoding="utf-8") as file:
        config = place.file("letter.conf", file.read() + '\nreport { name = "N"   person = "P"   mail = "p@example.net" }\n')
    out = os.path.join(place.path, "out")
    done = place.run("report", "--week", "%d-W%02d" % monday.isocalendar()[:2], "--peer", "64496", "--out", out, "-c", config)
    assert done.returncode == 0, done.stderr

    def text_of(name):
        with open(os.path.join(out, "AS64496" + name), encoding="utf-8-sig") as file:
            return file.read()
    for name in (".txt", ".html", ".json", ".csv"):
        assert not re.search(r"(?<![\d.])64511(?![\d.])|AS64511|Before Networks", text_of(name)), name
    return text_of


def test_a_letter_holds_nothing_of_the_time_when_the_port_faced_another(place):
    monday, change = handed_over(place, seeded.seed(place, "--days", "40", "--ports", "12"), 1)
    text_of = letter_of(place, monday)
    known = [int(row["time_utc_sec"]) for row in csv.DictReader(text_of(".csv").splitlines()) if row["out_bps"] or row["in_bps"]]
    print("%d steps known, the first ends %d s after the change" % (len(known), min(known) - change))
    assert len(known) > 1000 and min(known) >= change
    day = datetime.datetime.fromtimestamp(change, datetime.timezone.utc).date().isoformat()
    for side in json.loads(text_of(".json"))["connections"][0]["directions"].values():
        before = [d for d in side["days"] if d["date"] < day]
        assert len(before) > 20 and all(d["state"] == "unknown" and d["known_share"] == 0 and d["congested_minutes"] == 0 for d in before)
        assert all(hour["max"] is None for d in before for hour in d["hours"])
        assert all(episode["start"] >= day for episode in side["episodes"])


def test_of_several_ports_the_one_that_changed_is_summed_since_then(place):
    """Ports 1, 17 and 33 are one connection; 17 carries more than both others."""
    now = seeded.seed(place, "--days", "40", "--ports", "40", "--exchanges", "1", "--series", "40")
    member = "INSERT INTO connection_member SELECT max(id), ?, ?, NULL FROM connection"
    monday, change = handed_over(place, now, 17, [
        ("INSERT INTO connection (exchange_id, asn) SELECT exchange_id, 64496 FROM port JOIN agent ON agent.id = agent_id WHERE port.id = 1",
         lambda change: ()),
        (member, lambda change: (1, 0)), (member, lambda change: (17, change)), (member, lambda change: (33, 0))])
    text_of = letter_of(place, monday)
    rows = list(csv.DictReader(text_of(".csv").splitlines()))
    known = {port: [int(row["time_utc_sec"]) for row in rows if row["port"] == port and row["out_bps"]] for port in ("1", "17", "33")}
    assert min(known["17"]) >= change > min(known["1"]) and change > min(known["33"]) and len(known["17"]) > 900
    carried = {}   # on the wire, with what a frame takes beside its octets
    for row in rows:
        if row["out_bps"]:
            at = int(row["time_utc_sec"])
            carried[at] = carried.get(at, 0) + float(row["out_bps"]) + 160 * float(row["out_pps"])
    connection, = json.loads(text_of(".json"))["connections"]
    capacity = {port["id"]: port["capacity_bps"] for port in connection["ports"]}
    # An evening before the change was the two ports', one behind it all three's; the seed leaves some evening unknown.
    zone = zoneinfo.ZoneInfo(connection["timezone"])
    evenings = {d["date"]: d["hours"][20 - 6]["max"] for d in connection["directions"]["out"]["days"]}
    for nearest, ports in (((-1, -2, -3), (1, 33)), ((1, 2, 3), (1, 17, 33))):
        days = [(datetime.datetime.fromtimestamp(change, zone) + datetime.timedelta(days=days)).date() for days in nearest]
        day = next(day for day in days if evenings[day.isoformat()] is not None)
        begin = int(datetime.datetime(day.year, day.month, day.day, 20, tzinfo=zone).timestamp())
        most = max(carried[at] for at in range(begin + 300, begin + 3601, 300)) / sum(capacity[port] for port in ports)
        assert abs(evenings[day.isoformat()] - most) < 1e-6, (day, evenings, most)
