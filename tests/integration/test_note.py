"""Notes about ports: `ixwatch note`, pages and API: written, shown, withdrawn; to whom, and never to the peer by a letter's link."""
import json
import sqlite3

import pytest

import house

PORT = "demo-fra/edge1/xe-0/0/0"


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
    assert notes.listed("--port", "demo-fra/edge1/ge-0/0/3") == []
    assert notes.must("list", "--port", "demo-fra/edge1/ge-0/0/3") == "there is no note that stands\n"


def test_who_says_it_twice_has_said_it_once(notes):
    assert notes.add("the optic is bad") == (1, True)
    assert notes.add("  the optic is bad\r\n") == (1, False)
    assert notes.add("the optic is bad", author="bert") == (2, True)
    assert notes.add("the optic is bad") == (3, True), "bert spoke in between"
    assert notes.add("the optic is bad", port="demo-fra/edge1/ge-0/0/3") == (4, True)
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
