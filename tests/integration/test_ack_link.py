"""The link in a mail: a page with a button, without a login; it acknowledges its own alert and opens nothing else."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import struct
import threading
import time
import urllib.parse

import house
from test_alerts import busy_ports, mails, outbox, rows, told, with_contracts


def signed(key, alert, expires, scope=b"noc@example.net", purpose=1):
    claim = struct.pack(">BBqq", 1, purpose, expires, alert) + scope
    return base64.urlsafe_b64encode(claim + hmac.new(key, claim, hashlib.sha256).digest()).rstrip(b"=").decode()


def post(port, path, fields):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST", path, urllib.parse.urlencode(fields),
                           {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def acknowledgements(place, config):
    return json.loads(place.run("ack", "list", "--format", "json", "-c", config).stdout)["acknowledgements"]


def test_a_link_of_a_mail_acknowledges_that_alert_and_opens_nothing_else(place):
    sim = house.Sim(place, "--exchanges", "1", "--agents", "1", "--ports", "12", hour=3)
    text = open(sim.config(place, "1s"), encoding="utf-8").read()
    users = os.path.join(place.path, "users")
    text = re.sub(r"web *\{", 'web {\n\tusers-file = "%s"' % users, text)
    limits = {name: int(bps * 0.97) for name, bps in busy_ports(sim, 1)}
    config = with_contracts(place, text, limits, "kinds = { saturated }")
    added = place.run("user", "add", "kim", "--role", "viewer", "-c", config, stdin="a long enough pass phrase\n" * 2)
    assert added.returncode == 0, added.stderr
    assert place.run("collect", "--once", "-c", config).returncode == 0
    run, web = house.start_run(place, config)
    house.wait_until("the mail", lambda: told(place, "saturated"), 30)
    body = next(row[3] for row in outbox(place).values() if "/a/" in row[3])
    token = re.search(r"/a/([A-Za-z0-9_-]+)", body).group(1)
    key = bytes.fromhex(open(os.path.join(place.state, "link.key"), encoding="ascii").readline())
    alert = struct.unpack(">q", base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))[10:18])[0]

    # Whoever looks, a scanner of mail too, changes nothing.
    for method in ("GET", "HEAD", "GET"):
        status, headers, page = web.get("/a/" + token, method)
        assert status == 200, (status, page)
    page = page.decode()
    assert "saturated" in page and "Acknowledge</button>" in page and "noc@example.net" in page
    assert "no-store" in headers.get("Cache-Control", "") or "private" in headers.get("Cache-Control", ""), headers
    assert acknowledgements(place, config) == []

    # What is not ours opens nothing, by GET and POST; neither does a form without its own token.
    form_token = re.search(r'name="token" value="([0-9a-f]+)"', page).group(1)
    now = int(time.time())
    for bad, want in ((token[:-1] + ("A" if token[-1] != "A" else "B"), 404), (token[:-4], 404), ("x", 404),
                      (signed(b"k" * 32, alert, now + 60), 404), (signed(key, alert, now + 60, purpose=2), 404),
                      (signed(key, alert, now - 1), 410), (signed(key, alert, now + 60, b"n" * 250), 200)):
        assert web.get("/a/" + bad)[0] == want, bad
        if want != 200:
            assert post(web.port, "/a/" + bad, {"token": form_token, "reason": "x"})[0] == want, bad
    assert post(web.port, "/a/" + token, {"reason": "x"})[0] == 400
    assert post(web.port, "/a/" + token, {"token": "0" * 64, "reason": "x"})[0] == 400
    for other in ("/", "/ports/1", "/api/v1/ports", "/metrics", "/api/v1/alerts"):
        assert web.get(other)[0] in (303, 401), other
    assert acknowledgements(place, config) == []

    # The button.
    status, page = post(web.port, "/a/" + token, {"token": form_token, "reason": "<b>on it</b>"})
    assert status == 200 and "It is acknowledged" in page and "<b>on it" not in page, (status, page)
    found = acknowledgements(place, config)
    assert [(a["author"], a["reason"], a.get("alert", alert)) for a in found] == [
        ("noc@example.net, by mail", "<b>on it</b>", alert)], found
    assert run.end() == 0


def test_a_link_of_a_mail_about_several_acknowledges_each_or_all_of_them_once(place):
    sim = house.Sim(place, "--exchanges", "1", "--agents", "1", "--ports", "12", hour=3)
    text = open(sim.config(place, "1s"), encoding="utf-8").read()
    limits = {name: int(bps * 0.8) for name, bps in busy_ports(sim, 5)}  # whatever the rates do, none is over meanwhile
    mute = list(limits)[-1]
    config = with_contracts(place, text, limits, "kinds = { saturated, congestion }")
    config = place.file("alerts.conf", open(config, encoding="utf-8").read().replace('window = "2s"', 'window = "4s"'))
    assert place.run("collect", "--once", "-c", config).returncode == 0
    silence = place.run("silence", "add", "--scope", "port:%s/%s" % mute, "--to", "1h", "--reason", "in no mail",
                        "--author", "kim", "-c", config)
    assert silence.returncode == 0, silence.stderr
    run, web = house.start_run(place, config)

    def group():
        found = [mail for (mail, _), lines in mails(place).items() if [kind for _, kind in lines].count("congestion") >= 3]
        return found and found[0]
    message_id = house.wait_until("a mail about several", group, 60)
    (mail, body), = rows(place, "SELECT id, body FROM outbox WHERE message_id = ?", message_id)
    mine = [row[0] for row in rows(place, "SELECT alert_id FROM alert_told WHERE mail_id = ?", mail)]
    others = house.wait_until("an alert in no mail", lambda: rows(
        place, "SELECT id FROM alert WHERE id NOT IN (SELECT alert_id FROM alert_told)"), 30)[0]
    token, = re.findall(r"^Ack all +http\S+/a/([A-Za-z0-9_-]+)$", body, re.M)
    key = bytes.fromhex(open(os.path.join(place.state, "link.key"), encoding="ascii").readline())
    now = int(time.time())

    # It is this mail's, for whom it was sent to; looking changes nothing.
    for bad, want in ((signed(key, mail, now + 60, b"boss@example.net", 3), 404), (signed(key, mail, now - 1, purpose=3), 410),
                      (signed(key, mail + 1000, now + 60, purpose=3), 404), (signed(b"k" * 32, mail, now + 60, purpose=3), 404),
                      (signed(key, mail, now + 60, purpose=2), 404), (token[:-3], 404)):
        assert web.get("/a/" + bad)[0] == want, (bad, want)
    for method in ("GET", "HEAD", "GET"):
        status, _, page = web.get("/a/" + token, method)
        assert status == 200
    page = page.decode()
    form_token = re.search(r'name="token" value="([0-9a-f]+)"', page).group(1)
    assert re.findall(r'name="a(\d+)"', page) == [str(alert) for alert in mine] and "Acknowledge all %d<" % len(mine) in page
    assert acknowledgements(place, config) == []

    def press(path=token, **fields):
        status, page = post(web.port, "/a/" + path, dict({"token": form_token, "reason": "on it"}, **fields))
        return status, re.sub(r"<[^>]+>", "", (re.search(r'<p class="(?:done|problem)"[^>]*>(.*?)</p>', page) or [""])[0])

    # Nothing without a box, nothing of another mail's, nothing for another recipient, nothing without the form.
    assert press(which="ticked") == (400, "No box is ticked.")
    assert press(which="ticked", **{"a%d" % others[0]: "1"})[0] == 400
    assert press(which="ticked", **{"a%d" % mine[0]: "1", "a%d" % others[0]: "1"})[0] == 400
    assert press(signed(key, mail, now + 60, b"boss@example.net", 3), which="all")[0] in (400, 404)
    assert press(which="all", token="0" * 64)[0] == 400
    assert acknowledgements(place, config) == []

    # Two of them, twice; then all, pressed by two at once.
    two = {"a%d" % alert: "1" for alert in mine[:2]}
    assert press(which="ticked", **two) == (200, "2 alerts are acknowledged.")
    assert press(which="ticked", **two) == (200, "0 alerts are acknowledged; 2 were before.")
    assert sorted(a["alert"] for a in acknowledgements(place, config)) == sorted(mine[:2])
    said = []
    pressing = [threading.Thread(target=lambda: said.append(press(which="all"))) for _ in range(4)]
    for thread in pressing:
        thread.start()
    for thread in pressing:
        thread.join()
    assert sorted(said) == [(200, "0 alerts are acknowledged; %d were before." % len(mine))] * 3 + [
        (200, "%d alert%s acknowledged; 2 were before." % (len(mine) - 2, " is" if len(mine) == 3 else "s are"))], said
    found = acknowledgements(place, config)
    assert sorted(a["alert"] for a in found) == sorted(mine)
    assert {(a["author"], a["reason"]) for a in found} == {("noc@example.net, by mail", "on it")}
    assert len(rows(place, "SELECT 1 FROM audit WHERE what = 'acknowledgement'")) == len(mine)
    page = web.get("/a/" + token)[2].decode()
    assert "There is nothing left to do" in page and "<form" not in page.split("<main")[1] and "on it" in page
    assert run.end() == 0
