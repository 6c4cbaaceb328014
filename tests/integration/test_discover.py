"""`ixwatch discover` against recordings of real agents, played by Debian's snmpsim, and against agents that do not play.

What it prints is compared with a reading of the recording that shares nothing with the program. The recordings are no
part of the project: where they are missing, or snmpsim is, the tests are skipped and say so.
"""
import glob
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile

import pytest

import house

RECORDINGS = sorted(glob.glob(os.path.join(house.SHARED, "snmp", "*.snmprec")))
SNMPSIM = shutil.which("snmpsimd") or shutil.which("snmpsim-command-responder")
AUTH, PRIV = "auth-secret-of-the-recordings", "priv-secret-of-the-recordings"
IF_TABLE = "1.3.6.1.2.1.2.2.1."
IFX_TABLE = "1.3.6.1.2.1.31.1.1.1."
STACK = "1.3.6.1.2.1.31.1.2.1.3."
AGG_PORT = "1.2.840.10006.300.43.1.2.1.1."
LAG_TYPES, WIRE_TYPES = (161, 54), (6, 7, 26, 39, 62, 69, 117)
DESCR, TYPE, ADMIN, OPER, OCTETS = (IF_TABLE + column for column in ("2.", "3.", "7.", "8.", "10."))
NAME, HC_OCTETS, HIGH_SPEED, ALIAS = (IFX_TABLE + column for column in ("1.", "6.", "15.", "18."))

# Names and aliases that somebody may have typed into a router.
HOSTILE = [
    b"plain0/0", b"it's", b'quo"ted', b"back\\slash", b"end\\", b"${HOME}", b"${IXWATCH_NO_SUCH_VARIABLE}", b"a # b",
    b"// no comment", b"/* nor this */", b"braces { } = ,", b"line\nbreak", b"car\rriage", b"nul\0inside",
    b"nuls after\0\0", b"caf\xe9", "Zürich é 東京".encode(), b"", b"same", b"same", b"tab\there", b"esc\x1b[31mred",
    b"x" * 200, b"' }\nstate-dir = \"/evil\" port 'b", b"</script>", b"$(reboot)", b"`reboot`", b"a/b/c/d", b"%s%n%d",
    b"'", b"\\'", b"''", b"#12",
]


def read_recording(path):
    """OID -> (type, octets or number) of an .snmprec file."""
    found = {}
    with open(path, "rb") as file:
        for line in file:
            parts = line.rstrip(b"\r\n").split(b"|", 2)
            if len(parts) < 3:
                continue
            oid, tag, value = parts[0].decode(), parts[1].decode(), parts[2]
            kind = int(tag.rstrip("xe"))
            if tag.endswith("x"):
                value = bytes.fromhex(value.decode())
            found[oid] = (kind, value if kind == 4 else int(value) if kind in (2, 65, 66, 67, 70) else value)
    return found


def expected_text(octets):
    """What is left of a text without NULs at its end, for texts without control characters."""
    return octets.rstrip(b"\0").decode("utf-8")


def expected_interfaces(recording):
    """Every interface of the recording: ifIndex -> what discover must say of it."""
    cell = {}
    for oid, (kind, value) in recording.items():
        for column in (DESCR, TYPE, ADMIN, OPER, OCTETS, NAME, HC_OCTETS, HIGH_SPEED, ALIAS):
            if oid.startswith(column) and oid[len(column):].isdigit():
                cell.setdefault(int(oid[len(column):]), {})[column] = value
    rows = {}
    for index, row in cell.items():
        name = expected_text(row.get(NAME, b"")) or expected_text(row.get(DESCR, b""))
        oper = row.get(OPER)
        rows[index] = {
            "if_index": index,
            "interface": name,
            "alias": expected_text(row.get(ALIAS, b"")),
            "speed_bps": row.get(HIGH_SPEED, 0) * 1000000 or None,
            "counter_bits": 64 if HC_OCTETS in row else 32 if OCTETS in row else 0,
            "oper": "up" if oper == 1 else "down" if oper in (2, 3, 5, 6, 7) else "unknown",
        }
    names = [row["interface"] for row in rows.values()]
    for row in rows.values():
        row["duplicate_name"] = names.count(row["interface"]) > 1
    return rows


def expected_members(recording):
    """ifIndex of a member -> ifIndex of its LAG, by the tables that a recording has: the LAG MIB, else the stack."""
    types = {int(oid[len(TYPE):]): value for oid, (kind, value) in recording.items() if oid.startswith(TYPE)}
    lag_of = {}
    for column in ("12.", "13."):       # selected, and what it is attached to over that
        for oid, (kind, value) in recording.items():
            if oid.startswith(AGG_PORT + column) and value in types:
                lag_of[int(oid[len(AGG_PORT + column):])] = value
    for oid, (kind, value) in recording.items():
        if oid.startswith(STACK) and value == 1:
            higher, lower = (int(part) for part in oid[len(STACK):].split("."))
            if types.get(higher) in LAG_TYPES and types.get(lower) in WIRE_TYPES:
                lag_of.setdefault(lower, higher)
    return {member: lag for member, lag in lag_of.items() if member != lag}, {
        index for index, kind in types.items() if kind == 161} | set(lag_of.values())


# LAGs and members of the recordings that have any; all others have no member.
KNOWN_MEMBERS = {"vrp_ne": {43: 47, 44: 47, 10: 49, 11: 49}, "arista_eos": {43: 1000001, 44: 1000001}}
KNOWN_LAG_COUNT = {"vrp_ne": 2, "arista_eos": 1, "timos_7750-bgp": 10, "ios_6500": 3, "iosxr": 3, "junos_ber": 5,
                   "routeros_crs317": 2, "slxos_slx9150": 0, "iosxr_asr9010": 0}


def hostile_recording():
    """An agent whose every text is hostile: interface i bears HOSTILE[i] as its name and as its alias."""
    columns = [
        (DESCR, lambda i: ("4x", HOSTILE[i].hex())), (TYPE, lambda i: ("2", "6")), (ADMIN, lambda i: ("2", "1")),
        (OPER, lambda i: ("2", "1")), (NAME, lambda i: ("4x", HOSTILE[i].hex())), (HC_OCTETS, lambda i: ("70", "1")),
        (HIGH_SPEED, lambda i: ("66", "10000")), (ALIAS, lambda i: ("4x", HOSTILE[i].hex())),
    ]
    lines = ["1.3.6.1.2.1.1.1.0|4x|" + b"A box\n' { # \"\\ ${X}\x00".hex(), "1.3.6.1.2.1.1.3.0|67|100",
             "1.3.6.1.2.1.1.5.0|4x|" + b"'; }\n# evil {".hex()]
    for column, value in columns:
        lines += ["%s%d|%s|%s" % ((column, i + 1) + value(i)) for i in range(len(HOSTILE))]
    return "\n".join(lines) + "\n"


class Simulator:
    """One snmpsim for all recordings; the community names the recording."""

    def __init__(self, folder):
        self.folder = folder
        os.mkdir(os.path.join(folder, "cache"))
        self.agents = self.make_agents()
        self.process = self.start()

    def make_agents(self):
        """Fills folders; the arguments that serve them."""
        self.port = house.free_port(socket.SOCK_DGRAM)
        os.mkdir(os.path.join(self.folder, "data"))
        for path in RECORDINGS:
            shutil.copy(path, os.path.join(self.folder, "data"))
        with open(os.path.join(self.folder, "data", "hostile.snmprec"), "w", encoding="ascii") as file:
            file.write(hostile_recording())
        return ["--data-dir=" + self.folder + "/data", "--agent-udpv4-endpoint=127.0.0.1:%d" % self.port]

    def start(self):
        arguments = [SNMPSIM, "--cache-dir=" + self.folder + "/cache", "--pid-file=" + self.folder + "/pid",
                     "--logging-method=stderr"] + self.agents
        if os.getuid() == 0:  # it refuses to run as root
            nobody = pwd.getpwnam("nobody")
            arguments += ["--process-user=nobody", "--process-group=nogroup"]
            for root, _, files in os.walk(self.folder):
                for name in [""] + files:
                    os.chown(os.path.join(root, name), nobody.pw_uid, nobody.pw_gid)
        with open(self.folder + "/log", "wb") as log:
            return subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder)

    def log(self):
        with open(self.folder + "/log", encoding="utf-8", errors="replace") as file:
            return file.read()

    def is_ready(self):
        assert self.process.poll() is None, self.log()[-3000:]
        ports = len([argument for argument in self.agents if argument.startswith("--agent-udpv4-endpoint=")])
        return self.log().count("Listening at UDP/IPv4") == ports

    def end(self):
        os.kill(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()

    @property
    def address(self):
        return "127.0.0.1:%d" % self.port


class SecureSimulator(Simulator):
    """One snmpsim, in which each recording is an engine of its own, with a port of its own: SNMPv3 at authPriv."""

    def make_agents(self):
        self.ports, arguments = {}, []
        for i, path in enumerate(RECORDINGS):
            data = os.path.join(self.folder, "data-%d" % i)
            os.mkdir(data)
            # Who asks for no context gets what is named after the transport it came by.
            shutil.copy(path, os.path.join(data, "1.3.6.1.6.1.1.%d.snmprec" % i))
            self.ports[path] = house.free_port(socket.SOCK_DGRAM)
            arguments += ["--v3-engine-id=80004fb8056978776174%04x" % i, "--v3-user=mon", "--v3-auth-key=" + AUTH,
                          "--v3-auth-proto=SHA256", "--v3-priv-key=" + PRIV, "--v3-priv-proto=AES", "--data-dir=" + data,
                          "--agent-udpv4-endpoint=127.0.0.1:%d" % self.ports[path]]
        return arguments


def running(kind):
    if SNMPSIM is None:
        pytest.skip("there is no snmpsimd (package snmpsim)")
    with tempfile.TemporaryDirectory(prefix="ixwatch-snmpsim-") as folder:
        os.chmod(folder, 0o755)
        simulator = kind(folder)
        try:
            house.wait_until("snmpsim to listen", simulator.is_ready, 60)
            yield simulator
        finally:
            simulator.end()


@pytest.fixture(scope="module")
def simulator():
    yield from running(Simulator)


@pytest.fixture(scope="module")
def secure_simulator():
    yield from running(SecureSimulator)


def discover(place, simulator, community, *more):
    done = place.run("discover", simulator.address, *more, environment={"IXWATCH_COMMUNITY": community})
    assert done.returncode == 0, done.stderr + simulator.log()[-2000:]
    return done.stdout


def discover_by_v3(place, secure_simulator, path, *more):
    secrets = {}
    for name, text in (("auth", AUTH), ("priv", PRIV)):
        secrets[name] = place.file(name, text + "\n")
        os.chmod(secrets[name], 0o600)
    config = place.file("v3.conf", """snmp core {
  version = "3"   user = "mon"   level = "authPriv"   auth = "SHA-256"   auth-file = "%s"   priv = "AES"   priv-file = "%s"
}
""" % (secrets["auth"], secrets["priv"]))
    done = place.run("discover", "127.0.0.1:%d" % secure_simulator.ports[path], "--snmp", "core", "-c", config, *more)
    assert done.returncode == 0, done.stderr + secure_simulator.log()[-2000:]
    return done.stdout


def recordings():
    if RECORDINGS:
        return [pytest.param(path, id=os.path.basename(path)[:-8]) for path in RECORDINGS]
    return [pytest.param(None, marks=pytest.mark.skip(reason="no recordings in %s/snmp" % house.SHARED))]


@pytest.mark.parametrize("path", recordings())
def test_every_interface_of_a_recording_is_listed(place, simulator, path):
    want = expected_interfaces(read_recording(path))
    community = os.path.basename(path)[:-8]
    found = json.loads(discover(place, simulator, community, "--format", "json"))
    assert [row["if_index"] for row in found["interfaces"]] == sorted(want)
    for row in found["interfaces"]:
        assert {key: row[key] for key in want[row["if_index"]]} == want[row["if_index"]]


@pytest.mark.parametrize("path", recordings())
def test_a_recording_says_the_same_over_v3(place, secure_simulator, path):
    """Interfaces, speeds and LAGs as an independent reading of the file gives them, signed and encrypted."""
    recording = read_recording(path)
    want, (members, lags) = expected_interfaces(recording), expected_members(recording)
    found = json.loads(discover_by_v3(place, secure_simulator, path, "--format", "json"))["interfaces"]
    assert [row["if_index"] for row in found] == sorted(want)
    for row in found:
        assert {key: row[key] for key in want[row["if_index"]]} == want[row["if_index"]]
    assert {row["if_index"]: row["member_of_if_index"] for row in found
            if row["member_of_if_index"] is not None} == members
    assert {row["if_index"] for row in found if row["lag"]} == lags


@pytest.mark.parametrize("path", recordings())
def test_lags_and_members_of_a_recording_are_found(place, simulator, path):
    community = os.path.basename(path)[:-8]
    recording = read_recording(path)
    want, lags = expected_members(recording)
    found = json.loads(discover(place, simulator, community, "--format", "json"))["interfaces"]
    rows = {row["if_index"]: row for row in found}
    assert {i: row["member_of_if_index"] for i, row in rows.items() if row["member_of_if_index"] is not None} == want
    assert {i for i, row in rows.items() if row["lag"]} == lags
    if community in KNOWN_LAG_COUNT:
        assert len(lags) == KNOWN_LAG_COUNT[community] and want == KNOWN_MEMBERS.get(community, {})
    for member, lag in want.items():
        assert rows[member]["member_of"] == rows[lag]["interface"]
        assert not (rows[member]["proposed"] and rows[lag]["proposed"])     # one or the other, never both
        speeds = [rows[i]["speed_bps"] for i in want if want[i] == lag]
        assert sum(speeds) == rows[lag]["speed_bps"]        # as these agents say it: all members were up
    stanza = discover(place, simulator, community)
    for member, lag in want.items():
        line = next(line for line in stanza.splitlines() if re.search(r"\bifIndex %d\b" % member, line))
        assert line.startswith("  # port") and "member of %s" % rows[lag]["interface"] in line
    assert ("does not say the members" in stanza) == any(
        rows[i]["proposed"] and i not in want.values() for i in lags)


@pytest.mark.parametrize("path", recordings())
def test_the_stanza_shows_every_interface_and_can_be_pasted(place, simulator, path):
    want = expected_interfaces(read_recording(path))
    community = os.path.basename(path)[:-8]
    stanza = discover(place, simulator, community)
    assert community not in re.findall(r"community *= *(.*)", stanza)[0]
    for row in want.values():
        lines = [line for line in stanza.splitlines() if re.search(r"\bifIndex %d\b" % row["if_index"], line)]
        assert len(lines) == 1, row
        assert row["interface"].replace("\\", "\\\\") in lines[0]
        assert not row["alias"] or lines[0].endswith(": " + row["alias"])
        assert ("no counters" if row["counter_bits"] == 0 else "%d-bit counters" % row["counter_bits"]) in lines[0]
        assert (row["speed_bps"] is None) == ("speed unknown" in lines[0])
    assert_can_be_pasted(place, simulator, community, stanza)


def assert_can_be_pasted(place, simulator, community, stanza):
    """The reader takes the stanza as it is, and its snmp block asks as the first time."""
    config = place.file("pasted.conf", stanza)
    again = place.run("discover", simulator.address, "--snmp", "discovered", "-c", config,
                      environment={"IXWATCH_COMMUNITY": community})
    assert again.returncode == 0, again.stderr
    checked = place.run("check", "-c", config)
    assert checked.returncode == 0, checked.stderr


def test_hostile_names_stay_names(place, simulator):
    stanza = discover(place, simulator, "hostile")
    assert stanza.isprintable() or set(c for c in stanza if not c.isprintable()) == {"\n"}
    ports = re.findall(r"^  (# )?port '(.*)' \{ \}  # .*\bifIndex (\d+)\b", stanza, re.M)
    assert sorted(int(index) for _, _, index in ports) == list(range(1, len(HOSTILE) + 1))
    assert_can_be_pasted(place, simulator, "hostile", stanza)
    found = json.loads(discover(place, simulator, "hostile", "--format", "json"))
    names = {row["if_index"]: row["interface"] for row in found["interfaces"]}
    for index, octets in enumerate(HOSTILE, 1):
        if octets.isascii() and octets.decode().isprintable():
            assert names[index] == octets.decode()
        assert names[index].isprintable()
    titles = {int(index): title for _, title, index in ports}
    for index, title in titles.items():
        if found["interfaces"][index - 1]["duplicate_name"] or names[index] == "":
            assert title.endswith("#%d" % index)


def test_an_agent_that_is_silent_is_explained(place):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        address = "127.0.0.1:%d" % mute.getsockname()[1]
        done = place.run("discover", address, environment={"IXWATCH_COMMUNITY": "not-to-be-shown"})
    assert done.returncode == 1
    assert done.stdout == ""
    for word in (address, "silent", "3 tries", "community", "IXWATCH_COMMUNITY"):
        assert word in done.stderr
    assert "not-to-be-shown" not in done.stderr


def test_a_wrong_community_looks_like_silence(place, simulator):
    config = place.file("quick.conf", 'snmp quick { version = "2c"  community = "wrong"  timeout = "1s"  retries = 0 }\n')
    done = place.run("discover", simulator.address, "--snmp", "quick", "-c", config)
    assert done.returncode == 1
    assert "community" in done.stderr and "snmp quick" in done.stderr


WRONG_USES = [
    ("no address", [], "ADDRESS"),
    ("two addresses", ["192.0.2.1", "192.0.2.2"], "192.0.2.2"),
    ("no port number", ["192.0.2.1:http"], "192.0.2.1:http"),
    ("a port beyond 65535", ["192.0.2.1:65536"], "192.0.2.1:65536"),
    ("port 0", ["192.0.2.1:0"], "192.0.2.1:0"),
    ("a bracket too few", ["[2001:db8::1"], "[2001:db8::1"),
    ("an unknown format", ["192.0.2.1", "--format", "xml"], "xml"),
    ("an unknown option", ["192.0.2.1", "--colour"], "--colour"),
    ("credentials without a configuration", ["192.0.2.1", "--snmp", "edge", "-c", "/nonexistent/x.conf"], "edge"),
]


@pytest.mark.parametrize("arguments, said", [row[1:] for row in WRONG_USES], ids=[row[0] for row in WRONG_USES])
def test_wrong_use_is_status_2_and_says_what(place, arguments, said):
    done = place.run("discover", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_credentials_that_are_not_in_the_file(place):
    config = place.file("one.conf", 'snmp edge { version = "2c"  community = "public" }\n')
    done = place.run("discover", "192.0.2.1", "--snmp", "core", "-c", config)
    assert done.returncode == 2
    assert "core" in done.stderr and "one.conf" in done.stderr


def test_it_leaves_nothing_behind(place, simulator):
    before = set(glob.glob("/tmp/ixwatch-discover-*"))
    discover(place, simulator, "hostile")
    assert set(glob.glob("/tmp/ixwatch-discover-*")) == before
