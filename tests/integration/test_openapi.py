"""/api/v1/openapi.json against the server: every route and every answer is described, and nothing is described that is not."""
import collections
import copy
import gzip
import json
import os
import re
import subprocess
import time
import urllib.parse

import jsonschema
import pytest

import house
import letters
import seeded
from mail_house import PUT_MAIL
from openapi_book import Book, bad_values, good_values, routes
from test_alerts import busy_ports, with_contracts

DOCUMENT = "/api/v1/openapi.json"
NOWHERE = 987654321
JSON = {"Content-Type": "application/json"}

# What is not brought about here, and why.
NEVER_SEEN = {"SomePollFailures.": "what went wrong with one agent: test_self_watch.py and test_trouble.py bring it about"}
# What is always null here, and why.
NEVER_KNOWN = {
    "ExchangeList.next": "by its description",
    "Port.moved_to": "a list has the ports that are watched: see PortWhole",
    **dict.fromkeys(("Agent.refresh_sec", "Port.refresh_sec", "PortWhole.refresh_sec"),
                    "takes a box that keeps its counters in steps, and minutes: test_clocks.py"),
}

DUE = int(time.time()) + 86400        # so that they wait
MAILS = [{"recipient": "noc@example.net", "subject": "one", "text": "first", "due": DUE},
         {"recipient": "noc@example.net", "subject": "two", "text": "second", "html": "<p>second</p>", "due": DUE}]


class State:
    """A server in some state, and what it may be asked for: {word of a path: [values]}."""

    def __init__(self, site, **places):
        self.site, self.places, self.headers, self.tagged, self.statuses = site, places, {}, True, None

    def get(self, path, **headers):
        return self.site.get(path, headers=dict(self.headers, **headers))

    def paths(self, pattern):
        """The pattern with each of the values that there are for it."""
        word = "report" if pattern.startswith(("/reports", "/api/v1/reports")) else \
            "mail" if "/mail" in pattern else "alert" if "/alerts" in pattern else "port"
        found = [pattern]
        for name, values in (("{id}", self.places.get(word, [1])), ("{asn}", self.places.get("asn", [64496])),
                             ("{slug}", self.places.get("slug", ["demo-fra"])), ("{name}", self.places.get("name", ["x.png"]))):
            found = [path.replace(name, str(value)) for path in found for value in values] if name in pattern else found
        return found

    def ask_everything(self, book):
        """Each GET, held against the book, once; how often which status came."""
        if self.statuses is not None:
            return self.statuses
        statuses = self.statuses = collections.Counter()
        for method, pattern in book.operations:
            for path in self.paths(pattern) if method == "GET" else []:
                answer = self.get(path)
                book.hold(method, pattern, answer, self.tagged)
                statuses[answer[0]] += 1
                for more in ["?limit=2"] if any(key["name"] == "limit" for key in book.keys(method, pattern)) else []:
                    book.hold(method, pattern, self.get(path + more), self.tagged)
        return statuses


def golden_letters(place, own):
    """Letters with everything that there can be in one: the facts of the golden ones, whose days are written otherwise."""
    for i, name in enumerate(("ordered", "disputed", "upgrade", "uneven", "reduced", "exchange", "overview", "insufficient",
                              "correction", "flash", "routine")):
        with open(os.path.join(house.ROOT, "tests", "golden", "letter_%s.json" % name), encoding="utf-8") as file:
            facts = json.load(file)
        for connection in facts["connections"]:
            for side in connection["directions"].values():
                side.pop("days", None)
        letter = letters.Letter(place, own[0]["asn"], "ExampleNet", own, letters.monday(i + 2))
        letter.facts = facts
        yield letter.put()


@pytest.fixture(scope="module")
def book(seeded_state):
    return Book(seeded_state.site.get(DOCUMENT)[2])


@pytest.fixture(scope="module")
def empty_state(tmp_path_factory):
    place = house.Place(str(tmp_path_factory.mktemp("empty")))
    yield State(seeded.serve(place)[1])
    place.end_all()


# What takes days to come about by itself, as the collector writes it.
RARE = (
    ("INSERT INTO advice VALUES (1, 'out', 1790000000, 1, 20700, 8064, 8000, 1e10, 0.9, 0.99, 5e9, 1.8, 1.98, 'growing', 20, 0.9, 0.01,"
     " 3, 9.9e9, 0, 1, 1e10, 2)",),
    ("UPDATE alert SET blind_utc_sec = noticed_utc_sec WHERE kind = 'agent unreachable' AND ended_utc_sec IS NULL",),
    ("UPDATE alert SET told_count = 1, first_told_utc_sec = noticed_utc_sec, last_told_utc_sec = noticed_utc_sec,"
     " escalated_utc_sec = noticed_utc_sec, end_told_utc_sec = ended_utc_sec WHERE ended_utc_sec IS NOT NULL",),
    ("INSERT INTO connection (id, exchange_id, asn) VALUES (7, 1, 64496)",),
    ("INSERT INTO alert (kind, exchange_id, agent, connection_id, direction, asn, began_utc_sec, noticed_utc_sec, again, told_count)"
     " VALUES ('routine', 1, '', 7, 'out', 64496, 1790000000, 1790000300, 0, 0)",),
    ("UPDATE outbox SET state = 'in a digest', digest_id = 2, ended_utc_sec = 1790000000, in_reply_to = '<a@b.example>',"
     " exchange = 'demo-fra', alert_id = 1, picture_port_id = 1, picture_direction = 'out', picture_from_utc_sec = 1, "
     "picture_to_utc_sec = 2, last_code = 451, last_reply = 'later', attempts = 2, tried_utc_sec = 1790000000 WHERE id = 1",),
    ("UPDATE outbox SET next_utc_sec = 1790000000, due_utc_sec = 1790000000 WHERE id = 2",),
    ("UPDATE port SET vanished_utc_sec = 1790000000 WHERE id = 9",),
    ("INSERT INTO note (port_id, text, author, created_utc_sec, withdrawn_utc_sec, withdrawn_by) VALUES"
     " (1, 'one', 'ann', 1790000000, NULL, NULL), (1, 'two', 'ann', 1790000001, 1790000002, 'bob'), (2, 'of another', 'ann', 1790000003, NULL, NULL),"
     " (1, 'three', 'bob', 1790000004, NULL, NULL)",),
)


def rare_letters(place, own):
    """A correction with a note, whose links were taken back; an exchange's letter."""
    made = letters.Letter(place, 64496, "ExampleNet", own, edition=2, corrects="a capacity was wrong", note="sorry",
                          why="it is a peer's first", state="held")
    letters.put(place, {"revoke": made.put().id})
    return [made, letters.Letter(place, 0, "Demo-IX Frankfurt", own, kind="exchange", exchange="demo-fra").put()]


def furnish(place):
    """A seeded state directory with letters and mail in it, and a port that moved; what is there."""
    seeded.seed(place, "--busy", "1", "--series", "12", "--ports", "60", "--days", "40")
    ports = letters.ports(place)
    own = [port for port in ports if port["asn"] == 64496 and port["kind"] in ("member", "pni")]
    first = letters.Letter(place, 64496, "ExampleNet", own)
    first.connections[0]["directions"]["out"]["days"][1].update(state="flash", excuse="flash", excused_minutes=90)
    made = [first.put(), *golden_letters(place, own), *rare_letters(place, own)]
    put = subprocess.run([PUT_MAIL, place.state], input="".join(json.dumps(mail) + "\n" for mail in MAILS), text=True,
                         stdout=subprocess.PIPE, timeout=60, check=True)
    old, new = next((a, b) for a in ports for b in ports if a["id"] > 9 and b["id"] > a["id"] and
                    (a["exchange"], a["asn"]) == (b["exchange"], b["asn"]))
    moved = place.run("port", "move", str(old["id"]), str(new["id"]), "--at", letters.utc(time.time() - 3600), "-c",
                      seeded.write_config(place))
    assert moved.returncode == 0, moved.stderr
    letters.change(place, *RARE)
    return {"port": [1, 2, 3, 5, 6, 8, 9, old["id"], new["id"]], "asn": [64496, 64497], "slug": ["demo-fra"],
            "report": [letter.id for letter in made], "mail": [int(line) for line in put.stdout.split()],
            "name": [made[0].connections[0]["graph"]]}


@pytest.fixture(scope="module")
def seeded_state(tmp_path_factory):
    place = house.Place(str(tmp_path_factory.mktemp("seeded")))
    places = furnish(place)
    yield State(seeded.serve(place)[1], **places)
    place.end_all()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """The same behind doors; (Site, {name: token}, places)."""
    place = house.Place(str(tmp_path_factory.mktemp("guarded")))
    places = furnish(place)
    with open(seeded.write_config(place), encoding="utf-8") as file:
        _, _, site, tokens = house.behind_doors(place, file.read())
    yield site, tokens, places
    place.end_all()


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """A collector that watches simulated exchanges, with an alert that is open; (State, its ports, its alerts)."""
    place = house.Place(str(tmp_path_factory.mktemp("live")))
    try:
        sim = house.Sim(place, hour=3)
        limits = {name: int(bps * 0.97) for name, bps in busy_ports(sim, 1)}
        text = open(sim.config(place, "1s"), encoding="utf-8").read()
        doubted = next(port for port in sim.ports() if (port["exchange"], "%s/%s" % (port["agent"], port["ifName"])) not in limits)
        text = re.sub(r"(exchange %s *\{)" % doubted["exchange"], r'\1\n\tport "%s/%s" { capacity = "900G" }' % (
            doubted["agent"], doubted["ifName"]), text, count=1)     # the interface says something else
        config = with_contracts(place, text, limits, "kinds = { saturated }")
        _, http = house.start_run(place, config)
        lag = next(port["ifName"] for port in sim.ports() if port["profile"] == "lag")
        ports = house.wait_until("ports", http.ports, 60)
        lags = [port["id"] for port in ports if port["interface"] == lag]
        lags += [port["id"] for port in ports if all(port[key] == doubted[name] for key, name in (
            ("exchange", "exchange"), ("agent", "agent"), ("interface", "ifName")))]
        house.wait_until("a LAG", lambda: any(http.json("/api/v1/ports/%d" % i)["lag"] for i in lags), 60)
        house.wait_until("a connection", lambda: any(
            c["id"] is not None and c["out_bps"] for c in http.json("/api/v1/peers/65546")["connections"]), 60)
        alerts = house.wait_until("an alert", lambda: http.json("/api/v1/alerts?open=true")["alerts"], 60)
        put = subprocess.run([PUT_MAIL, place.state], input="".join(json.dumps(mail) + "\n" for mail in MAILS), text=True,
                             stdout=subprocess.PIPE, timeout=60, check=True)
        yield State(http, port=[alerts[0]["port"], *lags], asn=[65546], alert=[alert["id"] for alert in alerts],
                    slug=[alerts[0]["exchange"]], mail=[int(line) for line in put.stdout.split()])
    finally:
        place.end_all()


def is_of_the_api(pattern):
    return pattern.startswith(("/api/", "/graphs/", "/reports/{id}/")) or pattern in ("/metrics", "/healthz", "/readyz")


# --- the document itself ---

def test_every_route_is_described_and_every_description_is_a_route(book):
    table = {(method, pattern): role for method, pattern, role in routes()}
    pages = {key for key in table if key[0] == "POST" and key[1].startswith("/reports/")}      # forms
    assert {key for key in table if is_of_the_api(key[1])} - pages == set(book.operations)
    for key, operation in book.operations.items():
        assert operation["x-role"] == table[key]
        assert bool(operation["security"]) == (table[key] != "nothing"), key
        assert ("requestBody" in operation) == (key[0] == "POST")
        assert all("csrf" in way for way in operation["security"] if "session" in way) == (key[0] == "POST") or \
            not operation["security"], key


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_it_is_a_valid_document(book):
    doc = book.doc
    assert re.fullmatch(r"3\.1\.\d+", doc["openapi"]) and doc["info"]["title"] and doc["info"]["version"]
    assert set(doc) <= {"openapi", "info", "jsonSchemaDialect", "servers", "paths", "components", "tags"}
    named = set(references(doc))
    for ref in named:
        book.at(ref)
    for room in ("schemas", "responses", "headers"):
        unused = {name for name in doc["components"][room] if "#/components/%s/%s" % (room, name) not in named}
        # What is only part of another, and errors of a kind that no such route has.
        assert room == "responses" or unused <= {"CollectorNumbers", "AgentNumbers", "PortSum"}, unused
    for name, schema in doc["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        for inner in objects(schema):
            assert inner["additionalProperties"] is False or name in ("Declare", "Silence", "Acknowledge"), name
    tags, ways = {tag["name"] for tag in doc["tags"]}, set(doc["components"]["securitySchemes"])
    identities = [operation["operationId"] for operation in book.operations.values()]
    assert len(set(identities)) == len(identities)
    for (method, path), operation in book.operations.items():
        assert path.startswith("/") and operation["responses"] and operation["summary"], path
        assert set(operation["tags"]) <= tags and {name for way in operation["security"] for name in way} <= ways
        keys = [(parameter["in"], parameter["name"]) for parameter in operation["parameters"]]
        assert len(set(keys)) == len(keys), path
        assert {name for place, name in keys if place == "path"} == set(re.findall(r"\{(\w+)\}", path)), path
        for parameter in operation["parameters"]:
            assert parameter["required"] == (parameter["in"] == "path") and parameter["description"]
            jsonschema.Draft202012Validator.check_schema(parameter["schema"])
            if "default" in parameter["schema"]:
                jsonschema.validate(parameter["schema"]["default"], parameter["schema"])
        for status, response in operation["responses"].items():
            assert re.fullmatch(r"[2-5]\d\d", status) and book.response(method, path, int(status))["description"]


def objects(schema):
    """Every object within that says what its members are."""
    if isinstance(schema, dict):
        if "properties" in schema and "additionalProperties" in schema:
            yield schema
        for inner in schema.values():
            yield from objects(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from objects(inner)


def test_it_is_served_as_other_files_are(seeded_state, guarded):
    for site in (seeded_state.site, guarded[0]):       # no login is needed, and it is kept by its tag
        status, headers, body = site.get(DOCUMENT)
        assert (status, headers["Content-Type"]) == (200, "application/json")
        assert site.get(DOCUMENT, headers={"If-None-Match": headers["ETag"]})[0] == 304
        squeezed = site.get(DOCUMENT, headers={"Accept-Encoding": "gzip"})
        assert gzip.decompress(squeezed[2]) == body and len(squeezed[2]) < len(body) / 4
        assert squeezed[1]["ETag"] != headers["ETag"]
        assert site.get(DOCUMENT, "HEAD")[2] == b"" and site.get(DOCUMENT + "?x=1")[0] == 400
    assert DOCUMENT.encode() in seeded_state.site.get("/method")[2]


# --- answers ---

def test_every_answer_is_as_described_before_there_is_any_data(book, empty_state):
    statuses = empty_state.ask_everything(book)
    assert set(statuses) == {200, 404, 503} and statuses[503] > 20


def test_every_answer_is_as_described(book, seeded_state):
    statuses = seeded_state.ask_everything(book)
    assert statuses[200] > 80 and set(statuses) <= {200, 404}, statuses
    for path in ("/api/v1/ports", "/api/v1/ports/1/series?span=week", "/graphs/ports/1.png"):
        tag = seeded_state.get(path)[1]["ETag"]
        pattern = path.split("?")[0].replace("/1", "/{id}")
        assert book.hold("GET", pattern, seeded_state.get(path, **{"If-None-Match": tag})) is None


def test_every_answer_is_as_described_beside_a_collector(book, live):
    statuses = live.ask_everything(book)
    assert statuses[200] > 25, statuses


def test_every_answer_is_as_described_behind_a_login(book, guarded):
    site, tokens, places = guarded
    counts = {}
    for name in ("otto", "fra", "peer"):
        state = State(site, **dict(places, port=places["port"][-3:], report=places["report"][:2]))
        state.headers = {"Authorization": "Bearer " + tokens[name]}
        statuses = state.ask_everything(book)
        assert set(statuses) <= {200, 404}, (name, statuses)
        counts[name] = statuses[404]
    assert counts["otto"] + 4 < min(counts["fra"], counts["peer"]), counts
    nobody = State(site, **places)
    nobody.tagged = False
    statuses = nobody.ask_everything(book)
    assert set(statuses) == {200, 303, 401}, statuses


# --- errors ---

def test_what_is_described_of_a_key_is_what_is_allowed(book, seeded_state):
    refused = allowed = 0
    for (method, pattern) in book.operations:
        path = seeded_state.paths(pattern)[0] if method == "GET" else None
        for key in book.keys(method, pattern) if path else []:
            for value in bad_values(key["schema"]):
                answer = seeded_state.get("%s?%s=%s" % (path, key["name"], urllib.parse.quote(str(value), safe="%")))
                assert answer[0] == 400, (pattern, key["name"], value, answer[0])
                told = book.hold(method, pattern, answer)
                assert not isinstance(told, dict) or told["error"]["code"] == "bad_query"
                refused += 1
            for value in good_values(key["schema"]):
                answer = seeded_state.get("%s?%s=%s" % (path, key["name"], urllib.parse.quote(str(value), safe="%")))
                book.hold(method, pattern, answer)
                # A beginning alone, or an end: whether they fit, shows only with the other.
                assert answer[0] in (200, 404) or key["name"] in ("from", "to"), (pattern, key["name"], value, answer[2][:200])
                allowed += 1
        for query in ("x=1", "limit=1&limit=1", "%zz=1") if path else ():
            answer = seeded_state.get(path + "?" + query)
            book.hold(method, pattern, answer)
            assert answer[0] == 400, (pattern, query)
    assert refused > 200 and allowed > 100, (refused, allowed)


@pytest.mark.parametrize("query", ["from=200&to=100", "from=0&to=999999999", "span=day&from=1"])
def test_ends_that_do_not_fit_are_refused(book, seeded_state, query):
    answer = seeded_state.get("/api/v1/ports/1/series?" + query)
    assert answer[0] == 400
    assert book.hold("GET", "/api/v1/ports/{id}/series", answer)["error"]["code"] == "bad_query"


def test_what_is_nowhere_is_not_found(book, seeded_state):
    for method, pattern in book.operations:
        if "{" not in pattern:
            continue
        path = re.sub(r"\{(id|asn)\}", str(NOWHERE), pattern).replace("{slug}", "nowhere").replace("{name}", "x.png")
        body = json.dumps({"reason": "x"}) if method == "POST" else None
        answer = seeded_state.site.get(path, method, JSON if body else {}, body=body)
        told = book.hold(method, pattern, answer)
        assert answer[0] == 404 or "/mail/" in pattern and method == "POST", (method, pattern, answer)
        assert not isinstance(told, dict) or told["error"]["code"] in ("not_found", "no_collector")


def test_other_methods_are_named(book, seeded_state):
    for method, pattern in book.operations:
        path = seeded_state.paths(pattern)[0]
        for other in ({"GET", "POST", "DELETE", "PUT"} - {one for one, where in book.operations if where == pattern}):
            status, headers, body = seeded_state.site.get(path, other)
            assert status == 405, (other, path, status)
            book.hold(method, pattern, (status, headers, body))
            assert set(headers["Allow"].split(", ")) - {"HEAD"} == {one for one, where in book.operations if where == pattern}


def test_doors_answer_as_described(book, guarded):
    site, tokens, places = guarded
    state = State(site, **places)
    for (method, pattern), operation in book.operations.items():
        path = state.paths(pattern)[0]
        body = json.dumps({"reason": "x"}) if method == "POST" else None
        head = JSON if body else {}
        if operation["security"]:
            answer = site.ask(path, method, body, head)
            assert answer[0] == (303 if "303" in operation["responses"] else 401), (method, path)
            book.hold(method, pattern, answer)
        if operation["x-role"] == "operator":
            answer = site.as_token(tokens["vera"], path, method, body, head)
            assert answer[0] == 403, (method, path)
            book.hold(method, pattern, answer)
        answer = site.ask(path, method, body, dict(head, Host="evil.example"))
        assert answer[0] == 421 and book.hold(method, pattern, answer)
        if method == "POST":
            answer = site.as_token(tokens["otto"], path, method, body, dict(head, Origin="https://evil.example"))
            assert answer[0] == 403 and book.hold(method, pattern, answer)["error"]["code"] == "foreign_origin"
            answer = site.as_token(tokens["otto"], path, method, "x" * 17000, head)
            assert answer[0] == 413 and book.hold(method, pattern, answer)
            for bad, headers in (("{", JSON), (body, {"Content-Type": "text/plain"})):
                answer = site.as_token(tokens["otto"], path, method, bad, headers)
                assert answer[0] == 400 or "/alerts/" in path and answer[0] == 404, (path, answer)
                book.hold(method, pattern, answer)


def test_a_session_shows_its_token_for_what_changes_something(book, guarded):
    site, _, _ = guarded
    cookie = site.session("otto")
    name = cookie.split("=")[0]
    assert name in (book.doc["components"]["securitySchemes"]["session"]["name"], "__Host-ixwatch")
    token, _ = site.form_token("/ports/1/silence", cookie)
    path, body = "/api/v1/ports/1/silence", json.dumps({"to": "2026-11-28T06:00", "reason": "x"})
    for more, want in (({}, 400), ({"X-CSRF-Token": "0" * 64}, 400), ({"X-CSRF-Token": token}, 503)):
        answer = site.ask(path, "POST", body, dict(JSON, Cookie=cookie, **more))
        assert answer[0] == want, (more, answer)
        book.hold("POST", "/api/v1/ports/{id}/silence", answer)


def test_too_many_wrong_tokens_are_told_to_wait(book, guarded):
    site, _, _ = guarded
    for i in range(300):
        answer = site.as_token("%064x" % i, "/api/v1/status")
        book.hold("GET", "/api/v1/status", answer)
        if answer[0] == 429:
            return
        assert answer[0] == 401
    raise AssertionError("nobody was told to wait")


# --- what changes something ---

def act(book, state, pattern, body, place=0):
    path = state.paths(pattern)[place]
    answer = state.site.get(path, "POST", JSON, body=body if isinstance(body, str) else json.dumps(body))
    if not isinstance(body, str):
        schema = book.resolved(book.operations["POST", pattern]["requestBody"]["content"]["application/json"]["schema"])
        if not jsonschema.Draft202012Validator(schema).is_valid(body):
            assert answer[0] == 400, (pattern, body, answer)
    return answer[0], book.hold("POST", pattern, answer)


def act_all(book, live):
    """Every action done once."""
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86400))
    span = {"from": day + "T01:00:00Z", "to": day + "T02:00", "reason": "fibre works"}
    for cause in book.doc["components"]["schemas"]["Cause"]["enum"]:
        assert act(book, live, "/api/v1/ports/{id}/declare", dict(span, cause=cause))[0] == 200, cause
    assert act(book, live, "/api/v1/ports/{id}/declare", dict(span, cause="works", clock="local"))[0] == 200
    assert act(book, live, "/api/v1/ports/{id}/silence", {"to": span["to"], "reason": "works"})[0] == 200
    assert act(book, live, "/api/v1/ports/{id}/silence", {
        "from": day + "T01:00", "to": span["to"], "reason": "works", "clock": "local"})[0] == 200
    assert act(book, live, "/api/v1/alerts/{id}/acknowledge", {"reason": "mine"})[0] == 200
    for place in (0, 1):
        assert act(book, live, "/api/v1/mail/{id}/drop", {}, place)[0] == 200
        assert act(book, live, "/api/v1/mail/{id}/retry", {}, place)[0] == 200
    for mail in live.places["mail"]:        # so that there is one that has been sent, whole, however slow the mailer is
        house.wait_until("mail %d to be sent" % mail,
                         lambda mail=mail: json.loads(live.get("/api/v1/mail/%d" % mail)[2])["mail"]["sent_at"], 60)
    for outcome in ("added", "known"):
        status, noted = act(book, live, "/api/v1/ports/{id}/notes", {"text": "the optic\nis bad"})
        assert status == 200 and noted["outcome"] == outcome
    assert act(book, live, "/api/v1/ports/{id}/notes/withdraw", {"id": noted["id"]})[0] == 200
    path = "/api/v1/ports/%d/windows" % live.places["port"][0]
    shown = book.hold("GET", "/api/v1/ports/{id}/windows", live.get(path))["windows"]
    assert {window["cause"] for window in shown} == set(book.doc["components"]["schemas"]["Cause"]["enum"])
    live.statuses = None
    live.ask_everything(book)


def test_what_is_done_answers_as_described(book, live):
    act_all(book, live)
    span = {"from": "2026-11-27T01:00:00Z", "to": "2026-11-27T02:00:00Z", "cause": "works", "reason": "x"}
    wrong = [{key: value for key, value in span.items() if key != left} for left in span]
    wrong += [dict(span, cause="nothing"), dict(span, to="2026-11-27T00:00:00Z"), dict(span, reason=""), dict(span, reason="x" * (500 + 1)),
              dict(span, to="2026-12-27T00:00:00Z"), {**span, "from": "yesterday"}, "{", "[", ""]
    for body in wrong:
        status, told = act(book, live, "/api/v1/ports/{id}/declare", body)
        assert status == 400 and told["error"]["code"] in ("refused", "bad_request"), body
    for body in ({}, {"to": "2001-01-01T00:00:00Z", "reason": "x"}, {"to": "2026-11-27T01:00:00Z"}):
        assert act(book, live, "/api/v1/ports/{id}/silence", body)[0] == 400, body
    assert act(book, live, "/api/v1/alerts/{id}/acknowledge", {})[0] == 400
    for body in ({}, {"text": ""}, {"text": "x" * 501}, {"text": 5}):
        assert act(book, live, "/api/v1/ports/{id}/notes", body)[0] == 400, body
    for body in ({}, {"id": 0}, {"id": "1"}):
        assert act(book, live, "/api/v1/ports/{id}/notes/withdraw", body)[0] == 400, body


# --- lists ---

@pytest.mark.parametrize("path, name", [("/api/v1/ports", "ports"), ("/api/v1/episodes", "episodes"), ("/api/v1/alerts", "alerts"),
                                        ("/api/v1/mail", "mails"), ("/api/v1/reports", "reports"), ("/api/v1/ports.csv", None),
                                        ("/api/v1/episodes.csv", None), ("/api/v1/ports/{id}/notes", "notes")])
def test_a_list_is_followed_to_its_end_by_its_links(book, seeded_state, path, name):
    pattern, path = path, path.replace("{id}", "1")
    limit = 1 if path.endswith(("mail", "notes")) else 7
    at, found, turns = "%s?limit=%d" % (path, limit), [], 0
    while at is not None:
        status, headers, body = seeded_state.get(at)
        value = book.hold("GET", pattern, (status, headers, body))
        rows = [item["id"] for item in value[name]] if name else [line.split(",")[0] for line in value.split("\r\n")[1:-1]]
        assert status == 200 and len(rows) <= limit
        found, turns = found + rows, turns + 1
        link = headers.get("Link")
        assert (link is None) == (headers.get("X-Next-Cursor") is None)
        if name:
            assert (value["next"] is None) == (link is None)
        at = None
        if link is not None:
            at = re.fullmatch(r'<([^>]+)>; rel="next"', link).group(1)
            assert at == "%s?limit=%d&cursor=%s" % (path, limit, headers["X-Next-Cursor"])
    whole = book.hold("GET", pattern, seeded_state.get(path))
    want = [item["id"] for item in whole[name]] if name else [line.split(",")[0] for line in whole.split("\r\n")[1:-1]]
    assert found == want and len(set(found)) == len(found) and turns > 1


def test_a_link_keeps_what_else_was_asked_for(seeded_state):
    headers = seeded_state.get("/api/v1/ports?exchange=demo-fra&limit=1&cursor=1")[1]
    assert re.fullmatch(r'</api/v1/ports\?exchange=demo-fra&limit=1&cursor=\d+>; rel="next"', headers["Link"])
    assert seeded_state.get("/api/v1/ports?exchange=demo-fra&limit=1&cursor=1")[1]["Link"] == headers["Link"]    # kept, too


# --- nothing is described that never comes ---

def test_every_property_that_is_described_was_seen(book, empty_state, seeded_state, live):
    for state in (empty_state, seeded_state, live):
        state.ask_everything(book)
    if "Declared.id" not in book.seen:
        act_all(book, live)
    described = book.described()
    assert len(described) > 300
    unseen = {name for name in described - book.seen if not name.startswith(tuple(NEVER_SEEN))}
    assert unseen == set(), " ".join(sorted(unseen))
    blank = sorted(name for name in described & book.seen if name + " known" not in book.seen)
    print("%d properties; never but null: %s" % (len(described), ", ".join(blank)))
    assert set(blank) <= set(NEVER_KNOWN), sorted(set(blank) - set(NEVER_KNOWN))


def test_what_is_not_described_would_be_noticed(book, seeded_state):
    """The holding itself: a member more, one less, and one of another kind are each refused."""
    status, headers, body = seeded_state.get("/api/v1/status")
    for change in (lambda told: told.update(more=1), lambda told: told.pop("now"), lambda told: told.update(port_count="1"),
                   lambda told: told["states"].update(busy=1), lambda told: told.update(in_bps=-1)):
        told = copy.deepcopy(json.loads(body))
        change(told)
        with pytest.raises(AssertionError):
            book.hold("GET", "/api/v1/status", (status, headers, json.dumps(told).encode()))
