"""What an account with scopes is told of alerts: all of what is within, nothing else, in pages that are full."""
import json
import sqlite3

import pytest

import house
import seeded
from house import Site, user

SCOPES = {"exchange": "exchange:demo-fra", "peer": "asn:64496", "both": "exchange:demo-lon,asn:64496", "nobody": "asn:1"}


def within(alert, scopes):
    for scope in scopes.split(","):
        kind, name = scope.split(":")
        if kind == "exchange" and alert["exchange"] == name:
            return True
        if kind == "asn" and alert["scope"] in ("port", "connection") and alert["asn"] == int(name):
            return True
    return False


@pytest.fixture
def several(place):
    """Alerts of every port, some of connections and agents, open and ended; a token for each kind of scope."""
    seeded.seed(place, "--ports", "60", "--series", "0", "--busy", "1")
    with sqlite3.connect(place.state + "/ixwatch.db") as db:
        db.execute("INSERT INTO alert (kind, exchange_id, agent, port_id, direction, asn, began_utc_sec, noticed_utc_sec,"
                   " ended_utc_sec, peak, again, told_count) SELECT a.kind, agent.exchange_id, a.agent, port.id, a.direction,"
                   " port.asn, a.began_utc_sec - port.id, a.noticed_utc_sec - port.id, a.noticed_utc_sec, a.peak, 0, 0"
                   " FROM port JOIN agent ON agent.id = port.agent_id, (SELECT * FROM alert WHERE port_id IS NOT NULL AND direction IS NOT NULL LIMIT 1) AS a")
        db.execute("INSERT INTO alert (kind, exchange_id, agent, connection_id, direction, asn, began_utc_sec, noticed_utc_sec,"
                   " ended_utc_sec, peak, again, told_count) SELECT a.kind, c.exchange_id, '', c.id, a.direction, c.asn,"
                   " a.began_utc_sec - c.id, a.noticed_utc_sec - c.id, a.noticed_utc_sec, a.peak, 0, 0 FROM connection AS c,"
                   " (SELECT * FROM alert WHERE port_id IS NOT NULL AND direction IS NOT NULL LIMIT 1) AS a")
    with open(seeded.write_config(place), encoding="utf-8") as file:
        config = place.file("web.conf", file.read().replace("web {", 'web { users-file = "%s/users"  ' % place.path))
    tokens = {name: user(place, config, "token", name, "--role", "viewer", *(["--scope", scopes] if scopes else [])).split()
              for name, scopes in dict(SCOPES, all="").items()}
    tokens = {name: next(word for word in words if len(word) == 64) for name, words in tokens.items()}
    web = place.start("web", [house.WEB, "-c", config])
    return Site(int(web.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1))), tokens


def alerts(site, token, limit):
    found, cursor = [], ""
    while True:
        status, _, body = site.as_token(token, "/api/v1/alerts?limit=%d%s" % (limit, cursor))
        assert status == 200, body
        page = json.loads(body)
        found += page["alerts"]
        if page["next"] is None:
            return found
        assert len(page["alerts"]) == limit and int(page["next"]) == found[-1]["id"]
        cursor = "&cursor=" + page["next"]


def test_an_account_is_told_of_every_alert_within_its_scopes_and_of_no_other(several):
    site, tokens = several
    everything = alerts(site, tokens["all"], 1000)
    assert {alert["scope"] for alert in everything} >= {"port"} and len(everything) > 60
    for name, scopes in SCOPES.items():
        wanted = [alert["id"] for alert in everything if within(alert, scopes)]
        assert (len(wanted) == 0) == (name == "nobody") and len(wanted) < len(everything), name
        for limit in (7, 1000):
            assert [alert["id"] for alert in alerts(site, tokens[name], limit)] == wanted, (name, limit)
