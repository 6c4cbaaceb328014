"""A letter about a port that faced another peer before: nothing of that time is in it."""
import csv
import datetime
import json
import os
import sqlite3

import seeded


def test_a_letter_holds_nothing_of_the_time_when_the_port_faced_another(place):
    now = seeded.seed(place, "--days", "40", "--ports", "12")
    today = datetime.datetime.fromtimestamp(now, datetime.timezone.utc)
    monday = (today - datetime.timedelta(days=today.weekday() + 7)).replace(hour=0, minute=0, second=0, microsecond=0)
    change = int(monday.timestamp()) + 3 * 86400 + 12 * 3600      # Thursday noon of a week that is over
    with sqlite3.connect(os.path.join(place.state, "ixwatch.db")) as ledger:
        ledger.execute("UPDATE port_history SET from_utc_sec = ? WHERE port_id = 1", (change,))
        ledger.execute("INSERT INTO port_history SELECT port_id, ?, ?, 'AS64511 Before', 'Before Networks', 64511, kind FROM port_history"
                       " WHERE port_id = 1", (now - 60 * 86400, change))
    ledger.close()
    with open(seeded.write_config(place), encoding="utf-8") as file:
        config = place.file("letter.conf", file.read() + '\nreport { name = "N"   person = "P"   mail = "p@example.net" }\n')
    out = os.path.join(place.path, "out")
    done = place.run("report", "--week", "%d-W%02d" % monday.isocalendar()[:2], "--peer", "64496", "--out", out, "-c", config)
    assert done.returncode == 0, done.stderr

    def text_of(name):
        with open(os.path.join(out, "AS64496" + name), encoding="utf-8-sig") as file:
            return file.read()
    known = [int(row["time_utc_sec"]) for row in csv.DictReader(text_of(".csv").splitlines()) if row["out_bps"] or row["in_bps"]]
    print("%d steps known, the first ends %d s after the change" % (len(known), min(known) - change))
    assert len(known) > 1000 and min(known) >= change
    day = datetime.datetime.fromtimestamp(change, datetime.timezone.utc).date().isoformat()
    for side in json.loads(text_of(".json"))["connections"][0]["directions"].values():
        before = [d for d in side["days"] if d["date"] < day]
        assert len(before) > 20 and all(d["state"] == "unknown" and d["known_share"] == 0 and d["congested_minutes"] == 0 for d in before)
        assert all(hour["max"] is None for d in before for hour in d["hours"])
        assert all(episode["start"] >= day for episode in side["episodes"])
    for name in (".txt", ".html", ".json", ".csv"):
        assert "64511" not in text_of(name) and "Before" not in text_of(name), name
