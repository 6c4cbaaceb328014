"""Notes about ports: `ixwatch note`, pages and API: written, shown, withdrawn; to whom, and never to the peer by a letter's link."""
import html
import json
import re
import sqlite3

import pytest

import house
from test_doors import PASSWORD, Site, user

PORT, OTHER, ELSEWHERE = "demo-fra/edge1/xe-0/0/0", "demo-fra/edge1/ge-0/0/3", "demo-lon/edge1/Ethernet1"


class Notes:
    """A state directory with the simulated exchanges' 120 ports, and `ixwatch note` at work on it."""

    def __init__(self, place):
        self.place = place
        self.sim = house.Sim(place)
        self.config = self.sim.config(place)
        self.collector = None

    def start(self):
        self.collector = self.place.start("collect-%d" % len(self.place.processes),
                                          [house.IXWATCH, "collect", "-c", self.config])
        house.wait_until("120 ports", lambda: len(self.ports()) == 120, 30)

    def end(self):
        assert self.collector.end() == 0
        self.collector = None

    def ports(self):
        done = self.place.run("status", "--format", "json", "-c", self.config)
        return json.loads(done.stdout)["ports"] if done.returncode == 0 else []

    def run(self, *arguments):
        return self.place.run("note", *arguments, "-c", self.config)

    def must(self, *arguments):
        done = self.run(*arguments)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def refused(self, status, what, *arguments):
        done = self.run(*arguments)
        assert done.returncode == status and what in done.stderr, (arguments, done)
        assert done.stdout == "" and done.stderr.count("\n") == 1, (arguments, done)

    def add(self, text, port=PORT, author="anna"):
        said = self.must("add", "--port", port, "--text", text, "--author", author)
        return int(said.split()[1]), "already" not in said

    def listed(self, *arguments):
        return json.loads(self.must("list", "--format", "json", *arguments))["notes"]

    def audited(self):
        with sqlite3.connect("file:%s/ixwatch.db?mode=ro" % self.place.state, uri=True) as ledger:
            return ledger.execute("SELECT actor, port_id, detail FROM audit WHERE what = 'note' ORDER BY id").fetchall()


@pytest.fixture(params=["collector", "alone"])
def notes(request, place):
    """Once with a collector that is asked, once after it has ended."""
    made = Notes(place)
    made.start()
    if request.param == "alone":
        made.end()
    return made


@pytest.mark.smoke
def test_a_note_is_added_listed_withdrawn_and_audited(notes):
    port = next(p for p in notes.ports() if "%(exchange)s/%(agent)s/%(interface)s" % p == PORT)
    assert notes.add("optic <b>swapped</b>,\nwatch the errors") == (1, True)
    assert notes.add("ticket 4711", port=str(port["id"]), author="bert") == (2, True)
    second, first = notes.listed()
    assert {key: first[key] for key in first if key != "created_at"} == {
        "id": 1, "port": port["id"], "exchange": "demo-fra", "agent": "edge1", "interface": "xe-0/0/0",
        "text": "optic <b>swapped</b>,\nwatch the errors", "author": "anna", "withdrawn_at": None, "withdrawn_by": None}
    assert second["id"] == 2 and second["author"] == "bert" and second["created_at"] >= first["created_at"]
    text = notes.must("list")
    assert PORT + "  anna\n       optic <b>swapped</b>,\n       watch the errors\n" in text

    assert notes.must("withdraw", "1", "--author", "cleo") == "note 1 is withdrawn\n"
    assert [note["id"] for note in notes.listed()] == [2]
    whole = notes.listed("--all", "--port", PORT)
    assert [(note["id"], note["withdrawn_by"]) for note in whole] == [(2, None), (1, "cleo")] and whole[1]["withdrawn_at"]
    assert "withdrawn at " in notes.must("list", "--all")
    notes.refused(1, "already", "withdraw", "1")
    notes.refused(1, "no note 99", "withdraw", "99")
    assert notes.audited() == [("anna", port["id"], "added note 1 about port:" + PORT),
                               ("bert", port["id"], "added note 2 about port:" + PORT),
                               ("cleo", port["id"], "withdrew note 1 about port:" + PORT)]
    assert notes.listed("--port", OTHER) == []
    assert notes.must("list", "--port", OTHER) == "there is no note that stands\n"


def test_who_says_it_twice_has_said_it_once(notes):
    assert notes.add("the optic is bad") == (1, True)
    assert notes.add("  the optic is bad\r\n") == (1, False)
    assert notes.add("the optic is bad", author="bert") == (2, True)
    assert notes.add("the optic is bad") == (3, True), "bert spoke in between"
    assert notes.add("the optic is bad", port=OTHER) == (4, True)
    notes.must("withdraw", "3")
    assert notes.add("the optic is bad") == (5, True), "what was withdrawn is not said"
    assert len(notes.audited()) == 6


def test_what_a_note_may_be(notes):
    long = "\N{GREEK SMALL LETTER OMEGA}" * 499
    for said, kept in (("x", "x"), (" \n\n a\r\n\r\n b \r\n", "a\n\n b"), (long + "x", None), ("'; DROP TABLE note; --", None),
                       ("\N{WRENCH}" * 500, None), ("\n" * 600 + "x", "x")):
        assert notes.add(said)[1]
        assert notes.listed()[0]["text"] == (said if kept is None else kept)
    for said, why in (("", "is empty"), (" \n \n", "is empty"), (long + "xx", "too long"), ("x" * 5000, "too long"),
                      ("a\tb", "control"), ("a\x1b[31mb", "control"), ("a\x7f", "control"), ("a\rb", "control"),
                      ("a\N{RIGHT-TO-LEFT OVERRIDE}b", "control"), ("a\N{LINE SEPARATOR}b", "control")):
        notes.refused(2, why, "add", "--port", PORT, "--text", said, "--author", "anna")
    notes.refused(2, "author", "add", "--port", PORT, "--text", "x", "--author", "")
    notes.refused(2, "author", "add", "--port", PORT, "--text", "x", "--author", "x" * 101)
    notes.refused(1, "no port", "add", "--port", "demo-fra/edge1/nowhere", "--text", "x")
    notes.refused(1, "no port", "add", "--port", "999999", "--text", "x")
    notes.refused(1, "no port", "list", "--port", "999999")
    for arguments in (["add", "--port", PORT], ["add", "--text", "x"], ["withdraw"], ["withdraw", "0"], ["withdraw", "x"],
                      ["list", "--format", "xml"]):
        assert notes.run(*arguments).returncode == 2, arguments
    assert len(notes.listed()) == 6 and len(notes.audited()) == 6


# --- on pages and for programs ---

HOSTILE = "<script>alert(1)</script> & \"x\" 'y'\r\nsecond </textarea><b>line</b>"
KEPT = HOSTILE.replace("\r\n", "\n")
ESCAPED = html.escape(KEPT).replace("&#x27;", "&#39;")


class Web(Notes):
    """`ixwatch run` with an operator, a viewer, and an operator who sees another peer's ports alone."""

    def __init__(self, place):
        super().__init__(place)
        text = open(self.config, encoding="utf-8").read()
        self.config = place.file("web.conf", re.sub(r"web \{[^}]*\}", "", text) +
                                 '\nweb { listen = "127.0.0.1:0"  users-file = "%s/users" }\n' % place.path)
        self.tokens = {}
        for name, role, scope in (("otto", "operator", ""), ("vera", "viewer", ""), ("else", "operator", "exchange:demo-lon"),
                                  ("peer", "operator", "asn:64500"), ("both", "operator", "asn:64500,exchange:demo-fra")):
            what = ["--role", role] + (["--scope", scope] if scope else [])
            user(place, self.config, "add", name, *what, stdin=PASSWORD + "\n")
            self.tokens[name] = re.search(r"\b[0-9a-f]{64}\b", user(place, self.config, "token", "t-" + name, *what)).group(0)

    def serve(self, command="run"):
        self.process = self.place.start("%s-%d" % (command, len(self.place.processes)), [house.IXWATCH, command, "-c", self.config])
        self.site = Site(int(self.process.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1)))
        house.wait_until("120 ports", lambda: len(self.ports()) == 120, 30)
        self.id = {"%(exchange)s/%(agent)s/%(interface)s" % port: port["id"] for port in self.ports()}
        house.wait_until("its page", lambda: self.page("vera", "/ports/%d" % self.id[PORT], None), 30)

    def page(self, name, path, status=200):
        got, _, body = self.site.as_token(self.tokens[name], path)
        assert status is None or got == status, (name, path, got)
        return body.decode() if got == 200 else ""

    def api(self, name, port, body=None, below=""):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        status, _, answer = self.site.as_token(self.tokens[name], "/api/v1/ports/%d/notes%s" % (self.id[port], below),
                                               "GET" if body is None else "POST",
                                               body if isinstance(body, bytes) else None if body is None else json.dumps(body), headers)
        return status, json.loads(answer)


@pytest.fixture
def web(place):
    made = Web(place)
    made.serve()
    return made


def test_a_note_on_its_pages(web):
    path, other = "/ports/%d" % web.id[PORT], "/ports/%d" % web.id[OTHER]
    for name in ("otto", "vera"):
        page = web.page(name, path)
        assert ('href="%s/notes"' % path in page) == (name == "otto") and 'id="notes"' not in page, name
        assert "<textarea" not in page, "the port's page renews itself: what is typed there would be lost"
        assert ("<textarea" in web.page(name, path + "/notes")) == (name == "otto")
    cookie = house.wait_until("a login", lambda: web.site.login("otto")[1].get("Set-Cookie"), 20).split(";")[0]
    token, _ = web.site.form_token(path + "/notes", cookie)

    # What is not from here, or by somebody who may not, changes nothing.
    for what, answer in (("no token", web.site.form(path + "/notes", {"note": "x"}, cookie)),
                         ("another's token", web.site.form(path + "/notes", {"note": "x", "token": "0" * 64}, cookie)),
                         ("another origin", web.site.form(path + "/notes", {"note": "x", "token": token}, cookie, "https://evil.example")),
                         ("a viewer", web.site.form(path + "/notes", {"note": "x", "token": token},
                                                    web.site.login("vera")[1]["Set-Cookie"].split(";")[0]))):
        assert answer[0] in (400, 403), (what, answer[0])
    for text, why in (("", "is empty"), ("x" * 501, "too long"), ("a\N{RIGHT-TO-LEFT OVERRIDE}</textarea>", "control characters")):
        status, _, body = web.site.form(path + "/notes", {"note": text, "token": token}, cookie)
        assert status == 400 and why in body.decode() and 'aria-invalid="true"' in body.decode(), why
        assert ">\n%s</textarea>" % html.escape(text) in body.decode(), "what was typed is not lost"
    assert web.listed("--all") == [] and web.audited() == []

    status, headers, body = web.site.form(path + "/notes", {"note": HOSTILE, "token": token}, cookie)
    assert (status, headers["Location"]) == (303, path + "/notes?done=1"), body
    again = web.site.form(path + "/notes", {"note": HOSTILE, "token": token}, cookie)
    assert again[1]["Location"] == headers["Location"], "pressed twice is said once"
    assert "Note 1 stands." in web.page("otto", path + "/notes?done=1")
    assert web.listed()[0]["text"] == KEPT and web.listed()[0]["author"] == "otto"
    for name in ("otto", "vera"):
        for shown in (path, path + "/notes"):
            page = web.page(name, shown)
            assert ESCAPED in page and "<script>alert" not in page and "<b>line" not in page and "<b>otto</b>" in page
            assert ('action="%s/notes/withdraw"' % path in page) == (name == "otto"), (name, shown)
    assert ESCAPED not in web.page("otto", other) and ESCAPED not in web.page("otto", other + "/notes")
    assert "Note 1" not in web.page("otto", other + "/notes?done=1")

    # Another's note is not withdrawn by way of a port of one's own.
    status, _, body = web.site.form(other + "/notes/withdraw", {"id": "1", "token": token}, cookie)
    assert status == 400 and "No note 1 about that port" in body.decode()
    for wrong in ("", "x", "-1", "0", "2", "99999999999999999999"):
        assert web.site.form(path + "/notes/withdraw", {"id": wrong, "token": token}, cookie)[0] == 400, wrong
    assert web.site.form(path + "/notes/withdraw", {"id": "1"}, cookie)[0] in (400, 403)
    status, headers, _ = web.site.form(path + "/notes/withdraw", {"id": "1", "token": token}, cookie)
    assert (status, headers["Location"]) == (303, path + "/notes?done=1")
    page = web.page("otto", headers["Location"])
    assert "Note 1 is withdrawn." in page and '<li class="withdrawn">' in page and "withdrawn by <b>otto</b>" in page
    assert ESCAPED not in web.page("vera", path), "on the port's page is what stands"
    assert [row[2].split()[0] for row in web.audited()] == ["added", "withdrew"]

    for i in range(7):
        web.add("note number %d" % i)
    page = web.page("vera", path)
    assert re.findall(r"note number (\d)", page) == ["6", "5", "4", "3", "2"] and "More notes" in page
    assert web.process.end() == 0


def test_a_note_for_programs(web):
    assert web.api("vera", PORT) == (200, {"notes": [], "next": None})
    assert web.api("otto", PORT, {"text": KEPT}) == (200, {"ok": True, "id": 1, "outcome": "added"})
    assert web.api("otto", PORT, {"text": HOSTILE}) == (200, {"ok": True, "id": 1, "outcome": "known"})
    assert web.api("otto", ELSEWHERE, {"text": "of elsewhere"})[1]["id"] == 2
    for body in ({}, {"text": ""}, {"text": None}, {"text": 5}, {"text": ["x"]}, {"text": "x" * 501}, {"text": "a\tb"}, {"text": "a\0b"},
                 b'{"text": "a\xffb"}', b'{"text": "\\ud800"}', b"{", b"[]"):
        status, told = web.api("otto", PORT, body)
        assert status == 400 and told["error"]["code"] in ("bad_request", "refused"), (body, told)
    for body in ({}, {"id": "1"}, {"id": 0}, {"id": -1}, {"id": 1.5}, {"id": 2}, {"id": 2 ** 70}):
        assert web.api("otto", PORT, body, "/withdraw")[0] == 400, body

    # Who may not, and for whom there is none.
    assert web.api("vera", PORT, {"text": "x"})[0] == 403 and web.api("vera", PORT, {"id": 1}, "/withdraw")[0] == 403
    assert web.api("else", PORT)[0] == web.api("else", PORT, {"text": "x"})[0] == web.api("else", PORT, {"id": 1}, "/withdraw")[0] == 404
    assert web.page("else", "/ports/%d/notes" % web.id[PORT], 404) == ""
    status, told = web.api("else", ELSEWHERE, {"id": 1}, "/withdraw")
    assert status == 400 and "no note 1 about that port" in told["error"]["message"]
    foreign, none = (web.api("else", ELSEWHERE, {"id": number}, "/withdraw")[1]["error"]["message"] for number in (1, 4711))
    assert foreign.replace("note 1 ", "note ") == none.replace("note 4711 ", "note "), "nothing tells that there is one"
    assert [note["text"] for note in web.api("else", ELSEWHERE)[1]["notes"]] == ["of elsewhere"]
    # What is noted among ourselves is not for the peer it is about, whatever else its account sees.
    for name in ("peer", "both"):
        path, page = "/ports/%d" % web.id[PORT], web.page(name, "/ports/%d" % web.id[PORT])
        assert 'id="verdict"' in page and "/notes" not in page and ESCAPED not in page, name
        assert web.page(name, path + "/notes", 404) == ""
        assert web.api(name, PORT)[0] == web.api(name, PORT, {"text": "x"})[0] == web.api(name, PORT, {"id": 1}, "/withdraw")[0] == 404
    assert web.site.ask("/api/v1/ports/%d/notes" % web.id[PORT])[0] == 401

    web.add("by the command", author="anna")
    status, done = web.api("otto", PORT, {"id": 1}, "/withdraw")
    assert status == 200 and done["id"] == 1 and done["withdrawn_at"]
    assert web.api("otto", PORT, {"id": 1}, "/withdraw")[0] == 400, "once"
    shown = web.api("vera", PORT)[1]["notes"]
    assert [(n["id"], n["text"], n["author"], n["withdrawn_by"]) for n in shown] == [
        (3, "by the command", "anna", None), (1, KEPT, "token:t-otto", "token:t-otto")]
    assert shown[1]["withdrawn_at"] == done["withdrawn_at"] and shown[0]["withdrawn_at"] is None
    one = json.loads(web.site.as_token(web.tokens["vera"], "/api/v1/ports/%d/notes?limit=1" % web.id[PORT])[2])
    rest = json.loads(web.site.as_token(web.tokens["vera"], "/api/v1/ports/%d/notes?limit=1&cursor=%s" % (web.id[PORT], one["next"]))[2])
    assert one["notes"] + rest["notes"] == shown and rest["next"] is None

    # They outlast the collector; without one they are shown, and none is taken.
    assert web.process.end() == 0
    web.serve("web")
    assert web.api("vera", PORT)[1]["notes"] == shown and "by the command" in web.page("vera", "/ports/%d" % web.id[PORT])
    assert web.api("otto", PORT, {"text": "x"})[0] == 503 and web.api("otto", PORT, {"id": 3}, "/withdraw")[0] == 503
    assert web.process.end() == 0
    web.serve()
    assert web.api("otto", PORT, {"text": "x"})[1]["id"] == 4, "an id is never used again"
    assert web.process.end() == 0
