"""`ixwatch replay PORT` and `--all`: over the series, the configuration and the register of a simulated exchange.

Five weeks of history are written and judged once; the cast is that of tests/sim, and its verdicts are what was promised
there."""
import hashlib
import json
import os
import re
import subprocess

import pytest

import house

WEEKS = ["--from", "now-35d", "--to", "now", "--step", "300"]
OF_A_PORT = ["advice", "port", "samples_from", "samples_to", "known_share", "told"]


class World:
    """120 ports with five weeks behind them; no collector runs."""

    def __init__(self, place):
        self.place = place
        self.sim = house.Sim(place)
        self.config = self.sim.config(place)
        self.ports = {"%(exchange)s/%(agent)s/%(ifName)s" % port: port["profile"] for port in self.sim.ports()}
        self.peers = {"%(exchange)s/%(agent)s/%(ifName)s" % port: port["asn"] for port in self.sim.ports()}
        self.must("collect", "--once")
        self.history = os.path.join(place.path, "history")
        os.mkdir(self.history)
        self.sim.ask("history", "--all", "--dir", self.history, *WEEKS)
        self.must("backfill", "--all", self.history)

    def run(self, *arguments):
        return self.place.run(*arguments, "-c", self.config, timeout_sec=120)

    def must(self, *arguments):
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def replay(self, *arguments):
        return json.loads(self.must("replay", *arguments, "--format", "json"))

    def csv(self, port):
        exchange, agent, interface = port.split("/", 2)
        return os.path.join(self.history, "%s__%s__%s.csv" % (exchange, agent, interface.replace("/", "%2F")))

    def of(self, profile):
        found = [name for name, its in self.ports.items() if its == profile]
        assert found, profile
        return found


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    place = house.Place(str(tmp_path_factory.mktemp("replay")))
    try:
        yield World(place)
    finally:
        place.end_all()


def days(direction, state):
    return [day["date"] for day in direction["days"] if day["state"] == state]


def same(a, b, path=""):
    """Equal, numbers to the last digits: an hour of slots has the same mean as their 5 minutes, but for rounding."""
    if isinstance(a, dict):
        assert a.keys() == b.keys(), path
        for key in a:
            same(a[key], b[key], path + "/" + key)
    elif isinstance(a, list):
        assert len(a) == len(b), path
        for n, pair in enumerate(zip(a, b)):
            same(*pair, "%s[%d]" % (path, n))
    elif isinstance(a, float):
        assert a == pytest.approx(b, rel=1e-9), path
    else:
        assert a == b, path


# --- the same history, the same answer ---

ZONES = {"demo-fra": "Europe/Berlin", "demo-lon": "Europe/London", "demo-nyc": "America/New_York"}


def comparable(document):
    for direction in document["directions"].values():
        direction.pop("reason", None)
    return {key: value for key, value in document.items() if key not in OF_A_PORT}


@pytest.mark.parametrize("profile", ["evening-full", "evening-full-in", "spikes", "flash-days", "flash-evening",
                                     "lag-loss", "contract", "small-frames"])
@pytest.mark.parametrize("asked", [[], ["--profile", "proof", "--set", "sustain=20m"], ["--set", "step=15m"]],
                         ids=["as-is", "proof", "step"])
def test_a_port_is_judged_as_its_csv(world, profile, asked):
    for port in world.of(profile):
        contract = ["--contracted", "5G"] if profile == "contract" else []
        of_port = world.replay(port, *asked)    # of steps that are over; a file's last one is judged as it is
        of_csv = json.loads(world.must("replay", "--csv", world.csv(port), "--timezone", ZONES[port.split("/")[0]],
                                       "--until", of_port["samples_to"], "--format", "json", *contract, *asked))
        assert list(of_port)[:4] == list(of_csv)[:4]
        same(comparable(of_port), comparable(of_csv), port)


def test_until_judges_as_of_then(world):
    port = world.of("evening-full")[0]
    whole = world.replay(port)
    end = whole["directions"]["out"]["days"][20]["date"] + "T12:00:00Z"
    part = world.replay(port, "--until", end)
    assert part["samples_to"] == end and part["samples_from"] == whole["samples_from"]
    assert part["directions"]["out"]["days"][:20] == whole["directions"]["out"]["days"][:20]
    assert len(part["directions"]["out"]["days"]) == 21
    assert world.replay(port, "--until", "2020-01-01T00:00:00Z")["directions"]["out"]["days"] == []


# --- the cast ---

def test_full_every_evening_is_routine(world):
    for port in world.of("evening-full"):
        document = world.replay(port)
        assert (document["verdict"], document["directions"]["in"]["verdict"]) == ("routine", "none")
        assert "rule A" in document["directions"]["out"]["reason"]
    for port in world.of("evening-full-in"):
        directions = world.replay(port)["directions"]
        assert (directions["in"]["verdict"], directions["out"]["verdict"]) == ("routine", "none")


@pytest.mark.parametrize("profile,most", [("flash-days", 3), ("flash-evening", 2)])
def test_a_flash_event_is_seen_and_excused(world, profile, most):
    for port in world.of(profile):
        out = world.replay(port)["directions"]["out"]
        assert out["verdict"] == "none"
        assert 1 <= len(days(out, "flash")) <= most and days(out, "congested") == []
        assert {e["excuse"] for e in out["episodes"] if e["kind"] == "sustained"} == {"flash"}


def test_a_lag_that_lost_a_member_is_excused(world):
    for port in world.of("lag-loss"):
        out = world.replay(port)["directions"]["out"]
        assert out["verdict"] == "none" and days(out, "reduced capacity") and days(out, "congested") == []
        assert {e["excuse"] for e in out["episodes"] if e["kind"] == "sustained"} == {"reduced capacity"}
        # Had it never been larger, its evenings would count.
        small = world.replay(port, "--nominal-capacity", "1G")["directions"]["out"]
        assert days(small, "reduced capacity") == []


def test_spikes_accuse_nobody(world):
    for port in world.of("spikes"):
        out = world.replay(port)["directions"]["out"]
        assert out["verdict"] == "none" and len(out["episodes"]) >= 5
        assert {(e["kind"], e["excuse"]) for e in out["episodes"]} == {("spike", "spike")}


def test_no_capacity_is_no_judgement(world):
    for port in world.of("speedless"):
        document = world.replay(port)
        assert document["verdict"] == "insufficient data" and document["known_share"] == 0
        assert "never known" in world.must("replay", port)
        assert world.replay(port, "--capacity", "10G")["verdict"] == "none"


def test_a_contract_is_that_of_the_configuration(world):
    for port in world.of("contract"):
        assert world.replay(port)["directions"]["out"]["p95_utilisation"] > 0.8
        assert world.replay(port, "--contracted", "9G")["directions"]["out"]["episodes"] == []


# --- what if ---

def test_a_setting_changes_the_counts(world):
    port = world.of("evening-full")[0]

    def minutes(*asked):
        return sum(day["congested_minutes"] for day in world.replay(port, *asked)["directions"]["out"]["days"])

    assert minutes("--set", "congested=97%", "--set", "clear=96%") < minutes("--set", "congested=95%") < minutes()
    assert minutes("--profile", "proof") < minutes()


def test_a_declared_window_excuses(world):
    port = world.of("evening-full")[0]
    day = world.replay(port)["directions"]["out"]["days"][10]["date"]
    window = "%sT06:00:00Z/%sT23:59:00Z/works:new line cards" % (day, day)
    out = world.replay(port, "--declare", window)["directions"]["out"]
    assert days(out, "declared") == [day]
    assert [e["excuse"] for e in out["episodes"] if e["start"].startswith(day)] == ["declared"]
    assert "new line cards" in world.must("replay", port, "--declare", window)


# --- text ---

def test_progress_on_a_terminal_only(world):
    terminal, its_end = os.openpty()
    done = subprocess.run([house.IXWATCH, "replay", "--all", "-c", world.config], stdout=subprocess.PIPE, stderr=its_end,
                          text=True, timeout=60)
    os.close(its_end)
    assert done.returncode == 0 and "120 ports: " in done.stdout
    said = b""
    while b"\n" not in said:
        said += os.read(terminal, 65536)
    assert "147 of 147 ports and connections" in said.decode()
    os.close(terminal)
    assert world.run("replay", "--all").stderr == ""


def test_the_text_can_be_read_aloud(world):
    port = world.of("evening-full")[0]
    text = world.must("replay", port)
    for said in (port + " (port ", "AS64500 ExampleNet, member): routine", "who is told:  NOC\n", "--profile proof",
                 "profile early: congested from 90.0%", "from 06:00 Europe/Berlin", "reach back to", "100.0% of them known",
                 "out, what the box sends: routine since 20", "because:      rule A:",
                 "95th percentile of the last 30 days: 9", "week of     M  T  W  T  F  S  S", "C! C!", " UTC), ",
                 "sustained\n", "in, what it receives: none", "no episode and no spike", "C congested"):
        assert said in text, said + "\n" + text
    # The present day may be too young to be known, not have seen its evening yet, or be in the midst of it.
    assert re.search(r"2[78] congested(, 1 (unknown|clean))?; 2[78] of them valid", text), text
    assert not [line for line in text.splitlines() if line != line.rstrip() or len(line) > 200]
    assert "who is told:  member\n" in world.must("replay", port, "--profile", "proof")
    flash = world.must("replay", world.of("flash-days")[0])
    assert "excused as a flash event" in flash and "F" in flash and "who is told:  nobody" in flash
    assert "excused as reduced capacity" in world.must("replay", world.of("lag-loss")[0])


# --- the whole fleet ---

def test_all_lists_all(world):
    document = world.replay("--all")
    names = ["%(exchange)s/%(agent)s/%(interface)s" % port for port in document["ports"]]
    assert set(names) == set(world.ports) and len(names) == 120
    assert document["counts"]["changed"] == document["counts"]["failed"] == 0
    assert sum(document["counts"]["now"].values()) == 120 and document["counts"]["now"] == document["counts"]["then"]
    for name, port in zip(names, document["ports"]):
        assert port["now"] == port["then"] and not port["changed"]
        if world.ports[name].startswith("evening-full"):
            out = port["now"]
            assert (out["verdict"], out["told"]) == ("routine", "NOC")
            assert out["congested_days_28"] in (27, 28)     # without or with the present day's evening
            assert out["direction"] == ("in" if world.ports[name].endswith("in") else "out")
            alone = world.replay(name)["directions"][out["direction"]]
            assert (out["verdict_since"], out["p95_utilisation"]) == (alone["verdict_since"], alone["p95_utilisation"])
        elif world.ports[name] != "contract" and world.ports[name] != "small-frames":
            assert port["now"]["verdict"] in ("none", "insufficient data"), name


def test_all_says_who_would_be_told_what(world):
    document = world.replay("--all", "--set", "congested=60%", "--set", "clear=50%")
    changed = [port for port in document["ports"] if port["changed"]]
    assert changed and document["counts"]["changed"] == len(changed)
    for port in document["ports"]:
        assert port["changed"] == (port["now"]["verdict"] != port["then"]["verdict"])
    assert document["counts"]["then"]["routine"] > document["counts"]["now"]["routine"]
    proof = {port["id"]: port["then"] for port in world.replay("--all", "--profile", "proof")["ports"]}
    assert {then["told"] for then in proof.values() if then["verdict"] == "routine"} == {"member"}
    text = world.must("replay", "--all", "--set", "congested=60%", "--set", "clear=50%")
    of_ports, of_connections = text.split("\nconnections: ")
    assert len([line for line in of_ports.splitlines() if line.startswith("* ")]) == len(changed)
    assert len([line for line in of_connections.splitlines() if line.startswith("* ")]) == len(
        [connection for connection in document["connections"] if connection["changed"]])
    for said in ("then: --set congested=60% --set clear=50%; now:", "verdict now", "verdict then", "120 ports now: ",
                 "120 ports then: ", "changed: %d\n" % len(changed), " from none to routine"):
        assert said in text, said


def test_a_connection_is_all_ports_of_a_peer_at_an_exchange(world):
    for connection in world.replay("--all")["connections"]:
        assert set(connection) >= {"id", "exchange", "asn", "now"} and "interface" not in connection
    of_two = world.replay("demo-nyc/AS65546")
    ports = [name for name, profile in world.ports.items() if name.startswith("demo-nyc/")
             and world.peers[name] == "65546"]
    assert len(ports) == 2 and "port" not in of_two
    assert of_two["connection"]["asn"] == 65546 and of_two["connection"]["exchange"] == "demo-nyc"
    # The larger port is full every evening; the other adds a tenth: together they are judged by the sum.
    full = max((world.replay(port) for port in ports), key=lambda document: document["directions"]["out"]["p95_utilisation"])
    assert full["verdict"] == "routine"
    assert of_two["directions"]["out"]["p95_utilisation"] < full["directions"]["out"]["p95_utilisation"]
    assert of_two["samples_from"] == full["samples_from"] and of_two["known_share"] > 0.99
    same = world.replay("demo-nyc/65546")
    assert same == of_two


@pytest.mark.parametrize("name", ["demo-nyc/AS1", "demo-nyc/ASx", "nowhere/AS65546", "demo-nyc/"])
def test_a_connection_that_is_not_there_is_named(world, name):
    done = world.run("replay", name)
    assert done.returncode == 1 and name in done.stderr and done.stdout == ""


def test_all_as_of_then_beside_now(world):
    document = world.replay("--all", "--until", "2020-01-01T00:00:00Z")
    assert document["counts"]["then"]["insufficient data"] == 120
    assert document["counts"]["now"]["routine"] >= 4


# --- wrong use, and nothing changed ---

WRONG = [
    ([], "PORT"),
    (["1", "--all"], "more than one"),
    (["1", "--csv", "F"], "more than one"),
    (["--all", "--csv", "F"], "more than one"),
    (["1", "2"], "one argument too many"),
    (["--all=yes"], "takes no value"),
    (["--all", "--capacity", "10G"], "--capacity does not go with --all"),
    (["--all", "--contracted", "10G"], "--contracted does not go with --all"),
    (["--all", "--nominal-capacity", "10G"], "--nominal-capacity does not go with --all"),
    (["--all", "--timezone", "UTC"], "--timezone does not go with --all"),
    (["1", "--timezone", "Mars/Olympus"], "Mars/Olympus"),
    (["1", "--set", "congested=80%"], "clear"),
    (["--all", "--set", "congested=80%"], "clear"),
    (["1", "--set", "step=7s"], "step"),
    (["1", "--declare", "1/2/party"], "CAUSE"),
    (["--all", "--until", "noon"], "--until"),
]


@pytest.mark.parametrize("arguments,said", WRONG, ids=[" ".join(arguments) or "nothing" for arguments, _ in WRONG])
def test_wrong_use_is_status_2(world, arguments, said):
    done = world.run("replay", *arguments)
    assert (done.returncode, done.stdout) == (2, "") and said in done.stderr


@pytest.mark.parametrize("port", ["9999", "demo-fra/edge1/none", "nowhere"])
def test_a_port_that_is_not_there(world, port):
    done = world.run("replay", port)
    assert (done.returncode, done.stdout) == (1, "") and port in done.stderr


def digest(folder):
    found = {}
    for where, _, files in os.walk(folder):
        for name in files:
            path = os.path.join(where, name)
            if not name.endswith(("-shm", "-wal")):
                with open(path, "rb") as file:
                    found[path] = hashlib.sha256(file.read()).hexdigest()
    return found


def test_a_replay_changes_nothing(world):
    before = digest(world.place.state)
    world.replay("--all", "--set", "congested=60%", "--set", "clear=50%")
    world.must("replay", world.of("evening-full")[0], "--profile", "proof")
    assert digest(world.place.state) == before


def test_the_register_of_windows_counts(world):
    port = world.of("evening-full")[1]
    plain = world.replay(port)["directions"]["out"]
    day = plain["days"][12]["date"]
    world.must("declare", "add", "--scope", "port:" + port, "--from", day + "T06:00:00Z", "--to", day + "T23:59:00Z",
               "--cause", "event", "--reason", "the match of the year", "--author", "noc")
    assert days(world.replay(port)["directions"]["out"], "declared") == [day]
    text = world.must("replay", port)
    assert "event: the match of the year" in text and "D" in text
    number = json.loads(world.must("declare", "list", "--all", "--format", "json"))["windows"][0]["id"]
    world.must("declare", "end", str(number), "--at", day + "T06:00:00Z", "--author", "noc")
    same(world.replay(port)["directions"]["out"], plain)


# --- beside a collector: runs last, since it goes on with the world ---

def episodes_of(http, port_id):
    found = http.json("/api/v1/episodes?port=%d&limit=1000" % port_id)["episodes"]
    return sorted((e["direction"], e["start"], e["end"], e["kind"], e["excuse"]) for e in found if not e["open"])


def test_the_api_and_a_replay_tell_the_same_episodes(world):
    run, http = house.start_run(world.place, world.config)
    house.wait_until("samples", lambda: sum(p["out_bps"] is not None for p in http.ports()) > 100, 60)
    ids = {"%(exchange)s/%(agent)s/%(interface)s" % port: port["id"] for port in http.ports()}
    for profile in ("evening-full", "spikes", "flash-days", "flash-evening", "lag-loss", "contract"):
        port = world.of(profile)[0]
        replayed = world.replay(str(ids[port]))
        open_since = {e["start"] for e in http.json("/api/v1/episodes?port=%d&limit=1000" % ids[port])["episodes"]
                      if e["open"]}
        want = sorted((name, e["start"], e["end"], e["kind"], e["excuse"])
                      for name, direction in replayed["directions"].items() for e in direction["episodes"]
                      if e["start"] not in open_since)
        assert episodes_of(http, ids[port]) == want, port
    assert run.end() == 0


def test_a_replay_asks_a_running_collector_for_its_newest_samples(world):
    run, http = house.start_run(world.place, world.config)
    house.wait_until("samples", lambda: sum(p["out_bps"] is not None for p in http.ports()) > 100, 60)
    first = world.replay("1")["samples_to"]

    def newer():
        return world.replay("1", "--set", "step=10s", "--set", "sustain=10s")["samples_to"] > first

    house.wait_until("newer samples", newer, 30, 0.5)
    counts = world.replay("--all")["counts"]
    assert counts["failed"] == 0 and sum(counts["now"].values()) == 120
    assert run.end() == 0
