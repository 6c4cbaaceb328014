"""What is not theirs: every route, asked by everybody who may not, for what they may not, in every way that one could think of.
None succeeds, nothing of it reaches the collector, and no octet that was served has a word of it."""
import hashlib
import http.client
import json
import os
import re
import sqlite3
import subprocess
import time
import urllib.parse

import pytest

import house
import letters
import seeded
from mail_house import PUT_MAIL
from test_ack_link import signed
from test_doors import RANK, routes
from test_web import fake_collector

ASN = 64777                 # of the others, and only at New York
HIDDEN = re.compile(rb"(?i)distinct")
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
# What each action would take, were it allowed.
FIELDS = {
    "declare": {"cause": "works", "from": "2026-11-27T01:00", "to": "2026-11-27T02:00", "reason": "mine"},
    "silence": {"to": "2099-11-27T02:00", "reason": "mine"}, "acknowledge": {"reason": "mine"}, "alerts": {"reason": "mine"},
    "withdraw": {"id": 1}, "notes": {"note": "mine", "text": "mine"},
    "note": {"note": "mine"}, "hold": {"why": "mine"}, "revoke": {"reason": "mine"}, "optout": {"reason": "mine"}, "dispute": {"text": "mine"},
    "order": {"exchange": "demo-nyc", "size": "100G", "waiting_on": "us", "capacity": "100G"},
}


def others(place):
    """Makes the ports of New York another network's, with words that nobody else has; {"port": [...], ...}: what is theirs."""
    ports = [p for p in letters.ports(place) if p["exchange"] == "demo-nyc"]
    ids = ", ".join(str(p["id"]) for p in ports)
    letters.change(
        place, ("INSERT INTO peer (asn, name) VALUES (?, 'Distinct Network')", (ASN,)),
        ("UPDATE port SET asn = ?, peer = 'Distinct Party', alias = 'distinct alias', interface = 'distinct-if-' || id,"
         " circuit = 'DISTINCT-C', note = 'distinct note' WHERE id IN (%s)" % ids, (ASN,)),
        ("UPDATE exchange SET name = 'Distinct IX' WHERE slug = 'demo-nyc'",), ("UPDATE port SET kind = 'member' WHERE id IN (%s)" % ids,),
        ("INSERT INTO declared_window (asn, start_utc_sec, end_utc_sec, until_utc_sec, cause, reason, author, created_utc_sec)"
         " VALUES (?, ?, ?, ?, 'works', 'distinct works', 'distinct-author', 1)", (ASN, *[int(time.time()) + i for i in (-600, 6000, 6000)])),
        ("INSERT OR IGNORE INTO alert (kind, exchange_id, agent, port_id, direction, asn, began_utc_sec, noticed_utc_sec, peak, again, told_count)"
         " SELECT 'saturated', exchange_id, agent.name, port.id, 'out', port.asn, 1700000000, 1700000000, 0.99, 0, 0 FROM port JOIN agent"
         " ON agent.id = agent_id WHERE port.id IN (%s)" % ids,),
        ("INSERT INTO note (port_id, text, author, created_utc_sec) SELECT id, 'distinct words', 'distinct-author', 1700000000 FROM port"
         " WHERE id IN (%s)" % ids,),
        ("INSERT INTO quiet (kind, port_id, start_utc_sec, reason, author, created_utc_sec, end_utc_sec, until_utc_sec) VALUES"
         " ('silence', ?, 1700000000, 'distinct silence', 'distinct-author', 1700000000, 4000000000, 4000000000)", (ports[0]["id"],)))
    theirs = [p for p in letters.ports(place) if p["asn"] == ASN]
    put = subprocess.run([PUT_MAIL, place.state], input=json.dumps({"subject": "distinct mail", "text": "distinct", "due": int(time.time()) + 86400}),
                         text=True, stdout=subprocess.PIPE, timeout=60, check=True)
    made = [letters.Letter(place, ASN, "Distinct Network", theirs, state="approved", words="distinct").put(),
            letters.Letter(place, 0, "Distinct IX", theirs, kind="exchange", exchange="demo-nyc", state="approved").put(),
            letters.Letter(place, 0, "", theirs, kind="overview", state="approved", words="distinct").put()]
    with sqlite3.connect(os.path.join(place.state, "ixwatch.db"), timeout=20) as ledger:
        alerts = [row[0] for row in ledger.execute("SELECT id FROM alert WHERE asn = ?", (ASN,))]
    return {"port": [p["id"] for p in theirs][:2], "slug": ["demo-nyc"], "asn": [ASN], "mail": [int(put.stdout)], "alert": alerts[:1],
            "report": [letter.id for letter in made], "week": [made[0].week], "name": [made[0].connections[0]["graph"]]}


def paths_of(pattern, theirs):
    """The route's paths to what is theirs; itself, where it names nothing."""
    which = "report" if "/reports" in pattern else "mail" if "/mail" in pattern else "alert" if "/alerts" in pattern else "port"
    found = [pattern]
    for word in ("id", "slug", "asn", "week", "name"):
        values = theirs[which if word == "id" else word]
        found = [path.replace("{%s}" % word, str(value)) for path in found for value in values] if "{%s}" % word in pattern else found
    return found


class Asker:
    """Somebody who asks: `own` {header: value}; `token` of forms that belongs to it; `role` and `scoped`: what it truly has."""

    def __init__(self, name, own, token="", role="nothing", scoped=False):
        self.name, self.token, self.role, self.scoped = name, token, role, scoped
        self.own = dict(own, **({"X-CSRF-Token": token} if token else {}))
        self.sees_all = role != "nothing" and not scoped

    def may(self, need, thing):
        """What is public, and lists, which have only what is theirs: what they have is looked at."""
        return need == "nothing" or RANK[self.role] >= RANK.get(need, 9) and (not self.scoped or thing in ("world", "none"))


def other_digit(secret):
    return secret[:-1] + ("0" if secret[-1] != "0" else "1")


def askers(site, place, tokens, link):
    """Nobody; forged cookies, tokens and links; and those who are somebody, but not this."""
    cookie = {name: site.session(name) for name in ("vera", "fra", "peer", "otto")}
    form = {name: site.form_token("/method", value)[0] for name, value in cookie.items()}
    gone = site.session("otto")
    assert site.form("/logout", {"token": site.form_token("/method", gone)[0]}, gone)[0] == 303
    name, secret = cookie["otto"].split("=")
    with open(place.path + "/users.tokens", encoding="utf-8") as file:
        digest = next(line.split(":")[1] for line in file if line.startswith("t-ada:"))
    with open(place.path + "/users", encoding="utf-8") as file:
        kept = next(line.split(":")[1] for line in file if line.startswith("ada:"))
    forged = {"another digit": other_digit(secret), "one that was ended": gone.split("=")[1], "a token": tokens["ada"], "its digest":
              hashlib.sha256(secret.encode()).hexdigest(), "a form's": form["otto"], "the account": "ada", "nothing": "", "zeros": "0" * 64}
    yield Asker("nobody", {})
    for what, value in forged.items():
        yield Asker("a cookie: " + what, {"Cookie": "%s=%s" % (name, value)}, form["otto"])
    yield Asker("a cookie of another name", {"Cookie": "session=%s; xixwatch=%s" % (secret, secret)}, form["otto"])
    for what, value in {"another digit": other_digit(tokens["ada"]), "its digest": digest, "a cookie": secret, "a password's hash": kept,
                        "letters": tokens["ada"].upper() + "g", "half": tokens["ada"][:32], "nothing": "", "a link": link}.items():
        yield Asker("a token: " + what, {"Authorization": "Bearer " + value})
    yield Asker("a token beside a session", {"Authorization": "Bearer " + "0" * 64, "Cookie": cookie["otto"]}, form["otto"])
    yield Asker("a password", {"Authorization": "Basic YWRhOmNvcnJlY3QgaG9yc2UgYmF0dGVyeQ=="})
    yield Asker("who says so", {"X-Forwarded-User": "ada", "X-Remote-User": "ada", "Remote-User": "ada", "X-Original-URL": "/login"})
    yield Asker("a link as a cookie", {"Cookie": "%s=%s" % (name, link)})
    for who, (role, scopes) in house.ACCOUNTS.items():
        if who != "ada":
            yield Asker("a token of " + who, {"Authorization": "Bearer " + tokens[who]}, "", role, scopes != "")
            if who != "otto":
                yield Asker("a session of " + who, {"Cookie": cookie[who]}, form[who], role, scopes != "")


class Line:
    """A connection that is kept, from an address of loopback's own: limits are by address."""

    def __init__(self, port, number):
        self.origin = "http://127.0.0.1:%d" % port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20, source_address=("127.0.3.%d" % (number + 1), 0))

    def ask(self, method, path, headers, body=None):
        for _ in range(2):
            try:
                self.connection.request(method, path, body, dict(headers, Origin=self.origin) if body is not None else headers)
                answer = self.connection.getresponse()
                return answer.status, answer.headers, answer.read()
            except (http.client.HTTPException, ConnectionError):
                self.connection.close()
        raise AssertionError("no answer: %s %s" % (method, path))


def bodies(asker, path, theirs):
    """What a POST of that path brings: whole, with the form's token; naming what is theirs wherever a name might be believed."""
    fields = next((fields for word, fields in FIELDS.items() if path.endswith("/" + word) or "/%s/" % word in path), {})
    named = {"port": str(theirs["port"][0]), "id": str(theirs["port"][0]), "scope": "port:%d" % theirs["port"][0], "asn": str(ASN),
             "role": "admin", "author": "ada"}
    if path.startswith("/api/"):
        fields = {key: value + ":00Z" if key in ("from", "to") else value for key, value in fields.items()}
        return [(JSON, json.dumps(fields)), (JSON, json.dumps(dict(fields, **named)))]
    return [(FORM, urllib.parse.urlencode(dict(fields, token=asker.token))),
            (FORM, urllib.parse.urlencode(dict(fields, token=asker.token, **named)))]


@pytest.fixture
def city(place):
    seeded.seed(place, "--busy", "1", "--series", "12", "--ports", "60")
    letters.make_key(place)
    theirs = others(place)
    with open(seeded.write_config(place), encoding="utf-8") as file:
        _, process, site, tokens = house.behind_doors(place, file.read())
    return theirs, process, site, tokens


def test_nobody_gets_at_what_is_not_theirs(place, city):
    theirs, process, site, tokens = city
    heard, counts, found = [], {}, []
    listener = fake_collector(place, heard, b'{"ok": true, "id": 1, "result": {}}\n')
    link = signed(letters.KEY, 1, int(time.time()) + 600)       # a good one, of another alert
    everything = [(method, path, need, thing) for method, pattern, need, thing in routes()
                  if not pattern.startswith("/static") for path in paths_of(pattern, theirs)]
    # It is there to be seen, for whoever may.
    shown = sum(HIDDEN.search(site.as_token(tokens["ada"], path)[2]) is not None for method, path, _, _ in everything if method == "GET")
    assert shown > 30, shown
    before = dump(place)
    del heard[:]

    def look(asker, line, method, path, may, kind=None, body=None):
        status, headers, answer = line.ask(method, path, dict(asker.own, **({"Content-Type": kind} if kind else {})), body)
        counts[status] = counts.get(status, 0) + 1
        is_refused = status in (400, 401, 403, 404, 405, 411, 413, 415, 429) or status == 303 and headers["Location"].startswith("/login")
        words = HIDDEN.search(answer)
        if not may and (not is_refused or heard) or words and not asker.sees_all:
            found.append((asker.name, method, path, status, words, heard[:], answer[:200]))
        del heard[:]
    for number, asker in enumerate(askers(site, place, tokens, link)):
        line = Line(site.port, number)
        for method, path, need, thing in everything:
            path = path.replace("/a/demo-nyc", "/a/" + other_digit(link)).replace("/letters/demo-nyc", "/letters/" + link)
            may = asker.may(need, thing) and not (asker.scoped and method == "POST" and "/alerts/" in path)
            if method == "GET":
                for asked in (path, path + "?asn=%d" % ASN, path + "?port=%d" % theirs["port"][0]):
                    look(asker, line, method, asked, may)
            elif path not in ("/login", "/logout"):
                for kind, body in bodies(asker, path, theirs):
                    look(asker, line, method, path, may, kind, body)
        line.connection.close()
    # What is one's own is meant, whatever else a body names; and what was sent is whole: who may is heard.  Notes are among
    # ourselves: a peer has none.
    own = json.loads(site.as_token(tokens["peer"], "/api/v1/ports?limit=1")[2])["ports"][0]["id"]
    for what in ("declare", "silence", "notes", "notes/withdraw"):
        path = "/api/v1/ports/%d/%s" % (own, what)
        for kind, body in bodies(None, path, theirs):
            site.as_token(tokens["peer"], path, "POST", body, {"Content-Type": kind})
    assert {one["op"] for one in heard} == {"declare_add", "silence"}
    assert {one.get("scope", "port:%s" % one.get("port")) for one in heard} == {"port:%d" % own} and {one["author"] for one in heard} == {"token:t-peer"}, heard
    del heard[:]
    cookie = site.session("ada")
    admin = Asker("ada", {"Cookie": cookie}, site.form_token("/method", cookie)[0], "admin")
    line = Line(site.port, 99)
    could = set()
    for method, path, _, _ in everything:
        if method == "POST" and not path.startswith(("/login", "/logout", "/a/")):
            for kind, body in bodies(admin, path, theirs):
                line.ask(method, path, dict(admin.own, **{"Content-Type": kind}), body)
            could |= {re.sub(r"\d+", "", path)} if heard else set()
            del heard[:]
    listener.close()
    total = sum(counts.values())
    print("%d attempts on %d routes by %d askers: %s; %d succeeded" % (total, len(routes()), number + 1, sorted(counts.items()), len(found)))
    print("the same by who may was heard of: %s" % sorted(could))
    assert found == [] and total > 10000 and len(could) >= 18, found[:10]
    assert dump(place) == before and process.popen.poll() is None


def dump(place):
    with sqlite3.connect("file:%s/ixwatch.db?mode=ro" % place.state, uri=True, timeout=20) as ledger:
        return list(ledger.iterdump())
