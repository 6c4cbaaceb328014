"""The register of declared windows: `ixwatch declare`, with a collector and without one, and what it does to judgements."""
import datetime
import json
import os
import socket
import sqlite3
import time

import pytest

import house

FROM, TO = "2026-11-20T18:00:00Z", "2026-11-20T22:00:00Z"

CALENDAR = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//test//EN\r
BEGIN:VEVENT\r
UID:final@example.net\r
DTSTART:%(day)sT190000\r
DTEND:%(day)sT220000\r
SUMMARY:The final\\, live\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:patch@example.net\r
DTSTART;TZID=America/New_York:%(day)sT100000\r
DURATION:PT4H\r
RRULE:FREQ=WEEKLY\r
SUMMARY:Patch day\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:freeze@example.net\r
DTSTART;VALUE=DATE:20261220\r
DTEND;VALUE=DATE:20270110\r
SUMMARY:Freeze\r
END:VEVENT\r
END:VCALENDAR\r
"""


class Register:
    """A state directory with the simulated exchanges' 120 ports, and the command at work on it."""

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

    def port(self, name):
        return next(p for p in self.ports() if "%(exchange)s/%(agent)s/%(interface)s" % p == name)

    def run(self, *arguments):
        return self.place.run("declare", *arguments, "-c", self.config)

    def must(self, *arguments):
        done = self.run(*arguments)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def refused(self, status, what, *arguments):
        done = self.run(*arguments)
        assert done.returncode == status, (arguments, done)
        assert done.stdout == "" and what in done.stderr, (arguments, done)
        assert done.stderr.count("\n") == 1, done.stderr

    def add(self, *more, scope="exchange:demo-fra", start=FROM, end=TO, cause="event", reason="a final"):
        text = self.must("add", "--scope", scope, "--from", start, "--to", end, "--cause", cause, "--reason", reason, *more)
        return int(text.split()[1])

    def windows(self, *arguments):
        return json.loads(self.must("list", "--format", "json", *(arguments or ["--all"])))["windows"]

    def query(self, sql, *values):
        with sqlite3.connect("file:%s/ixwatch.db?mode=ro" % self.place.state, uri=True) as ledger:
            return ledger.execute(sql, values).fetchall()


@pytest.fixture(params=["collector", "alone"])
def register(request, place):
    """Once with a collector that is asked, once after it has ended."""
    made = Register(place)
    made.start()
    if request.param == "alone":
        made.end()
    return made


@pytest.mark.smoke
def test_a_window_is_declared_listed_ended_and_withdrawn(register):
    first = register.add("--author", "anna", scope="port:demo-fra/edge1/xe-0/0/0")
    second = register.add("--author", "anna", scope="peer:AS64500", cause="works")
    assert (first, second) == (1, 2)
    window = register.windows()[0]
    port = register.port("demo-fra/edge1/xe-0/0/0")
    assert {key: window[key] for key in ("scope", "port", "start", "end", "until", "cause", "reason", "author")} == {
        "scope": "port:demo-fra/edge1/xe-0/0/0", "port": port["id"], "start": FROM, "end": TO, "until": TO,
        "cause": "event", "reason": "a final", "author": "anna"}
    assert not window["withdrawn"] and window["ended_at"] is None and window["created_at"]

    assert "ends at 2026-11-20T20:00:00Z" in register.must("end", "1", "--at", "2026-11-20T20:00:00Z", "--author", "bert")
    assert "withdrawn" in register.must("end", "2", "--at", FROM, "--author", "bert")
    first, second = register.windows()
    assert first["until"] == "2026-11-20T20:00:00Z" and first["end"] == TO and first["ended_by"] == "bert"
    assert second["withdrawn"] and second["until"] == FROM
    assert register.add() == 3, "an id is never used again"
    text = register.must("list", "--all")
    assert "withdrawn at" in text and "ended early" in text and "by bert" in text
    audit = register.query("SELECT actor, what, detail FROM audit WHERE what = 'declare' ORDER BY id")
    assert [row[0] for row in audit[:4]] == ["anna", "anna", "bert", "bert"] and len(audit) == 5
    assert [row[2].split()[0] for row in audit] == ["declared", "declared", "ended", "withdrew", "declared"]
    assert "a final" in audit[0][2] and "port:demo-fra/edge1/xe-0/0/0" in audit[0][2]


def test_only_what_is_not_over_is_listed_unless_all_is_asked_for(register):
    register.add()
    now = int(time.time())
    coming = register.add(start=str(now + 3600), end=str(now + 7200))
    going_on = register.add(start=str(now - 3600), end=str(now + 3600))
    assert [w["id"] for w in register.windows("--format", "json")] == [going_on, coming]
    assert len(register.windows()) == 3
    register.must("end", str(going_on))
    assert [w["id"] for w in register.windows("--format", "json")] == [coming]


def test_refusals_say_what_is_allowed(register):
    def add(status, what, **changed):
        options = dict({"scope": "exchange:demo-fra", "from": FROM, "to": TO, "cause": "event", "reason": "x"}, **changed)
        register.refused(status, what, "add", *["--%s=%s" % option for option in options.items()])

    add(2, "allowed: port:PORT, peer:ASN", scope="demo-fra")
    add(2, "allowed: port:PORT, peer:ASN", scope="ports:1")
    add(2, "allowed: port:PORT, peer:ASN", scope="peer:4294967296")
    add(2, "allowed: port:PORT, peer:ASN", scope="agent:demo-fra")
    add(2, "allowed: port:PORT, peer:ASN", scope="agent:demo-fra/edge1/x")
    add(1, 'no port "demo-fra/edge1/nope"', scope="port:demo-fra/edge1/nope")
    add(1, "no peer AS64999", scope="peer:64999")
    add(1, 'no agent "demo-fra/edge9"', scope="agent:demo-fra/edge9")
    add(1, 'no exchange "demo-xyz"', scope="exchange:demo-xyz")
    add(2, "from \"yesterday\": not a time", **{"from": "yesterday"})
    add(2, "from 2000 to 2100", **{"from": "20261120"})
    add(2, "to: is not after from", to=FROM)
    add(2, "a window of 30 d", to="2026-12-20T18:00:00Z")
    add(2, "allowed: event works attack failover exchange ours", cause="boredom")
    add(2, "reason: is empty", reason="  ")
    add(2, "reason: 501 octets, allowed are up to 500", reason="x" * 501)
    add(2, "author: 101 octets", author="x" * 101)
    add(2, "reason: has control characters", reason="one\ntwo")
    add(2, "reason: has control characters", reason="\x1b[2J")
    register.refused(2, "needs --scope", "add", "--scope", "port:1")
    register.refused(2, "needs the ID", "end", "first")
    register.refused(1, "no window 7", "end", "7")
    register.refused(2, "not a time", "end", "7", "--at", "soon")
    assert register.windows() == []
    window = register.add()
    register.refused(1, "ends at 2026-11-20T22:00:00Z already", "end", str(window))
    register.must("end", str(window), "--at", FROM)
    register.refused(1, "withdrawn already", "end", str(window), "--at", FROM)
    assert len(register.query("SELECT 1 FROM audit WHERE what = 'declare'")) == 2


def test_hostile_text_is_only_text(register):
    hostile = "'); DROP TABLE declared_window; -- %s%n <script>\"\\ Küste 🏟"
    register.add("--author", "<b>&'\"%n", reason=hostile)
    window, = register.windows()
    assert window["reason"] == hostile and window["author"] == "<b>&'\"%n"
    assert hostile in register.must("list", "--all")
    done = register.run("add", "--scope", "port:1", "--from", FROM, "--to", TO, "--cause", "event", "--reason", b"\xff\xfe")
    assert done.returncode in (0, 2)
    for window in register.windows():
        window["reason"].encode("utf-8")


def test_the_command_explains_itself(place):
    for part in ("add", "list", "end", "import"):
        done = place.run("declare", part, "--help")
        assert done.returncode == 0 and done.stdout.startswith("usage: ixwatch declare %s" % part)
    assert place.run("declare", "--help").returncode == 0
    assert place.run("declare").returncode == 2
    assert "none of: add, list, end, import" in place.run("declare", "remove").stderr


# --- the control socket ---

def ask(register, line):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(20)
        here = os.getcwd()
        os.chdir(register.place.state)      # a test's path may be longer than the address holds
        try:
            client.connect("control.sock")
        finally:
            os.chdir(here)
        client.sendall(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            got = client.recv(65536)
            assert got, answer
            answer += got
    return json.loads(answer)


def test_the_socket_refuses_what_the_command_would(place):
    register = Register(place)
    register.start()
    good = {"op": "declare_add", "scope": "port:1", "from": FROM, "to": 1795212000, "cause": "event", "reason": "x",
            "author": "web"}
    for changed in ({"scope": None}, {"scope": 1}, {"scope": ["port:1"]}, {"from": None}, {"to": 1e300}, {"to": "9" * 99},
                    {"to": -5}, {"cause": {}}, {"reason": ""}, {"reason": "a\u0007b"}, {"author": ""}, {"uid": ""},
                    {"uid": "x" * 501}, {"scope": "port:" + "x" * 5000}, {"scope": "peer:-1"}):
        answer = ask(register, dict(good, **changed))
        assert answer["ok"] is False and answer["error"]["message"], (changed, answer)
    for changed in ({}, {"id": 0}, {"id": "1"}, {"id": 10 ** 18}, {"id": 1, "at": "x"}, {"id": 1}):
        answer = ask(register, dict({"op": "declare_end"}, **changed))
        assert answer["ok"] is False and answer["error"]["message"], (changed, answer)
    assert register.windows() == []
    answer = ask(register, good)
    assert answer == {"ok": True, "id": 1, "outcome": "added"}
    answer = ask(register, {"op": "declare_end", "id": 1, "at": FROM, "author": "web"})
    assert answer == {"ok": True, "id": 1, "until": FROM, "withdrawn": True}
    register.end()
    assert [w["id"] for w in register.windows()] == [1], "an answer is kept"


# --- calendars ---

def day_from_now(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y%m%d")


@pytest.mark.smoke
def test_a_calendar_is_imported_once(register):
    calendar = register.place.file("a.ics", CALENDAR % {"day": day_from_now(10)})
    what = ("import", calendar, "--scope", "exchange:demo-fra", "--cause", "event", "--author", "anna")
    dry = register.run(*what, "--dry-run")
    assert dry.returncode == 1 and "dry run, nothing is changed: 13 added" in dry.stdout
    assert "Freeze" in dry.stderr and "a window of 21 d" in dry.stderr
    assert register.windows() == []
    done = register.run(*what)
    assert done.returncode == 1 and "13 added, 0 replaced, 0 known already, 1 passed over" in done.stdout, done
    windows = register.windows()
    finals = [w for w in windows if w["reason"] == "The final, live"]
    assert len(finals) == 1 and len(windows) == 13
    begin = datetime.datetime.fromisoformat(finals[0]["start"].replace("Z", "+00:00"))
    assert begin.hour in (17, 18), "a floating time is the exchange's: 19:00 in Berlin"
    again = register.run(*what)
    assert "0 added, 0 replaced, 13 known already, 1 passed over" in again.stdout
    assert register.windows() == windows
    elsewhere = register.run("import", calendar, "--scope", "peer:64500", "--cause", "event")
    assert "13 added" in elsewhere.stdout, "another scope has windows of its own"


def test_an_event_that_moved_takes_the_place_of_its_window(register):
    first = register.place.file("a.ics", CALENDAR % {"day": day_from_now(10)})
    moved = register.place.file("b.ics", (CALENDAR % {"day": day_from_now(10)}).replace("T190000", "T200000"))
    what = ("--scope", "agent:demo-fra/edge1", "--cause", "event")
    register.run("import", first, *what)
    done = register.run("import", moved, *what)
    assert "0 added, 1 replaced, 12 known already" in done.stdout, done
    old, new = [w for w in register.windows() if w["uid"] == "final@example.net"]
    assert old["withdrawn"] and not new["withdrawn"] and new["end"] == old["end"]
    assert "0 added, 0 replaced, 13 known" in register.run("import", moved, *what).stdout
    register.must("end", str(new["id"]), "--at", new["start"])
    assert "13 known" in register.run("import", moved, *what).stdout, "what was withdrawn by hand stays so"


def test_a_file_that_is_no_calendar_is_refused(register):
    what = ("--scope", "exchange:demo-fra", "--cause", "event")
    register.refused(1, "No such file", "import", "/nonexistent.ics", *what)
    register.refused(1, "is no iCalendar file", "import", register.config, *what)
    calendar = register.place.file("a.ics", CALENDAR % {"day": day_from_now(10)})
    register.refused(2, "allowed: event works", "import", calendar, "--scope", "port:1", "--cause", "fun")
    register.refused(1, 'no exchange "x"', "import", calendar, "--scope", "exchange:x", "--cause", "event")
    register.refused(1, 'no exchange "x"', "import", calendar, "--scope", "exchange:x", "--cause", "event", "--dry-run")
    register.refused(1, "Atlantis", "import", calendar, *what, "--timezone", "Atlantis")
    register.refused(2, "needs FILE.ics", "import", *what)
    assert register.windows() == []


# --- what it does ---

def write_history(place, days, end):
    """5-minute rows up to `end`: full from 18:00 to 21:00 UTC each day, half full else."""
    with open(os.path.join(place.path, "history.csv"), "w", encoding="ascii") as file:
        file.write("time_utc_sec,in_bps,out_bps,capacity_bps\n")
        for at in range(end - days * 86400, end + 300, 300):
            hour = (at - 300) // 3600 % 24
            file.write("%d,1e9,%s,1e10\n" % (at, "9.9e9" if 18 <= hour < 21 else "5e9"))
    return file.name


def test_a_declared_day_is_judged_so_and_again_when_the_window_is_withdrawn(register):
    midnight = int(time.time()) // 86400 * 86400
    name = "demo-fra/edge1/xe-0/0/0"
    port = register.port(name)["id"]
    done = register.place.run("backfill", name, "--csv", write_history(register.place, 20, midnight), "-c", register.config)
    assert done.returncode == 0, done.stderr

    def declared():
        return register.query("SELECT count(*) FROM traffic_day WHERE port_id = ? AND direction = 'out'"
                              " AND state = 'declared' AND profile = 'early'", port)[0][0]

    assert declared() == 0
    begin = midnight - 4 * 86400 + 17 * 3600
    window = register.add(scope="peer:64500", start=str(begin), end=str(begin + 5 * 3600))
    house.wait_until("the day to be declared", lambda: declared() == 1)
    other = register.add(scope="exchange:demo-fra", start=str(begin + 86400), end=str(begin + 86400 + 5 * 3600))
    house.wait_until("two days to be declared", lambda: declared() == 2)
    register.must("end", str(window), "--at", str(begin))
    house.wait_until("one day to be declared", lambda: declared() == 1)
    register.must("end", str(other), "--at", str(begin + 86400 + 3600 + 600))
    house.wait_until("none to be: too little of it lies in the window", lambda: declared() == 0)
