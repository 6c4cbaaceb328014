"""What the demo promises: whatever the hour, a peer's port is full, and within a minute or two a mail says so."""
import os
import time

import house
from test_alerts import spooled

MAIL = """
mail { spool = "spool"   from = "ixwatch@example.net" }
alert { to = { "noc@example.net" }   window = "2s" }
"""


def test_a_peer_is_full_at_this_hour_and_a_mail_says_so(place):
    hour = time.strftime("%H:%M", time.gmtime())
    sim = house.Sim(place, "--exchanges", "1", "--agents", "1", "--ports", "14", "--far-evening", hour)
    config = sim.config(place, "1s")
    with open(config, "a", encoding="utf-8") as file:
        file.write(MAIL)
    assert place.run("collect", "--once", "-c", config).returncode == 0
    past = os.path.join(place.path, "history")
    sim.ask("history", "--all", "--dir", past, "--from", "now-3d", "--to", "now", "--step", "300")
    assert place.run("backfill", "--all", past, "-c", config).returncode == 0
    far, = [port for port in sim.ports() if port["profile"] == "far-evening"]
    run, http = house.start_run(place, config)
    mail = house.wait_until("a mail about it", lambda: next(
        (m for m in spooled(place).values() if m["Subject"].startswith("[ix] ") and
         far["ifName"] in m.get_body(("plain",)).get_content()), None), 60)
    assert "CONGESTED" in mail["Subject"] or "SATURATED" in mail["Subject"]
    assert "CONGESTED" in http.get("/mail")[2].decode()
    assert run.end() == 0


def test_an_hour_that_is_none_is_refused(place):
    for text in ("24:00", "7:00", "12:60", "12", "12:00x", "", "aa:bb"):
        done = house.subprocess.run([house.SIM, "ports", "--far-evening", text], stdout=house.subprocess.PIPE,
                                    stderr=house.subprocess.STDOUT, text=True, timeout=20)
        assert done.returncode == 2 and "time of day" in done.stdout, (text, done)
