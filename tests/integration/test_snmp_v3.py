"""SNMPv3 against Debian's snmpd: every protocol, what goes wrong and what is said of it, and a loop that never waits."""
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

import house

AUTHS = ["MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"]
PRIVS = ["DES", "AES", "AES-192", "AES-256", "AES-256-C"]
AUTH, PRIV = "auth-secret-of-the-test", "priv-secret-of-the-test"
SECRETS = [AUTH, PRIV, "quite-another-secret"]


class Snmpd:
    """One snmpd with a memory of its own for users and engineBoots, so that it can be started again."""

    def __init__(self, place, name="snmpd", users=None, engine_id=None, boots=0, host="127.0.0.1"):
        self.place, self.name, self.starts = place, name, 0
        self.folder = os.path.join(place.path, name)
        self.host, self.port = host, house.free_port(socket.SOCK_DGRAM)
        self.users = users or [("mon", "SHA-256", "AES")]
        self.engine_id = engine_id
        self.forget(boots)
        self.start()

    def forget(self, boots=0):
        """Loses all it knew but its configuration."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.mkdir(self.folder)
        lines = ["engineBoots %d" % boots, "oldEngineID 0x" + self.engine_id] if boots else []
        for user, auth, priv in self.users:
            lines.append(" ".join(["createUser", user] + ([auth, AUTH] if auth else []) + ([priv, PRIV] if priv else [])))
        self.write("snmpd.conf", lines)
        levels = [("noauth" if not auth else "authnopriv" if not priv else "authpriv") for _, auth, priv in self.users]
        self.write("agent.conf", ["agentaddress %s:%s" % ("udp6" if ":" in self.host else "udp", self.address), "rocommunity public 127.0.0.1"] +
                   ["rouser %s %s" % (user[0], level) for user, level in zip(self.users, levels)] +
                   (["exactEngineID 0x" + self.engine_id] if self.engine_id else []))

    def write(self, name, lines):
        with open(os.path.join(self.folder, name), "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")

    def boots(self):
        with open(os.path.join(self.folder, "snmpd.conf"), encoding="ascii") as file:
            return int(re.findall(r"^engineBoots (\d+)", file.read(), re.M)[-1])

    def start(self):
        self.starts += 1
        self.process = self.place.start(
            "%s-%d" % (self.name, self.starts),
            ["/usr/sbin/snmpd", "-f", "-Lo", "-c", self.folder + "/agent.conf", "-I", "-smux", "-p", self.folder + "/pid"],
            {"SNMPCONFPATH": self.folder, "SNMP_PERSISTENT_DIR": self.folder, "MIBS": ""})
        self.process.wait_for("NET-SNMP version")

    def stop(self):
        assert self.process.end() == 0

    @property
    def address(self):
        return ("[%s]:%d" if ":" in self.host else "%s:%d") % (self.host, self.port)


def secret(place, name, text):
    path = place.file(name, text + "\n")
    os.chmod(path, 0o600)
    return path


def credential(place, name="core", user="mon", auth="SHA-256", priv="AES", level=None, auth_secret=AUTH,
               priv_secret=PRIV, more="timeout = \"1s\"  retries = 0"):
    """An snmp block; its secrets are in files of its name."""
    lines = ["snmp %s {" % name, '  version = "3"  user = "%s"' % user,
             '  level = "%s"' % (level or ("authPriv" if priv else "authNoPriv" if auth else "noAuthNoPriv"))]
    if auth:
        lines.append('  auth = "%s"  auth-file = "%s"' % (auth, secret(place, name + ".auth", auth_secret)))
    if priv:
        lines.append('  priv = "%s"  priv-file = "%s"' % (priv, secret(place, name + ".priv", priv_secret)))
    return "\n".join(lines + ["  " + more, "}"]) + "\n"


def agents_config(place, agents, credentials, interval="1s"):
    """A configuration that watches lo of each of (name, address, snmp)."""
    blocks = ["agent %s { address = \"%s\"  snmp = \"%s\" }\n  port \"%s/lo\" { asn = 64500  capacity = \"10G\" }" % (
        name, address, snmp, name) for name, address, snmp in agents]
    return place.file("v3.conf", 'state-dir = "%s"\ninterval = "%s"\n%sexchange x {\n  %s\n}\n'
                      'web { listen = "127.0.0.1:0" }\n' % (place.state, interval, credentials, "\n  ".join(blocks)))


def agent(http, name):
    status, _, body = http.get("/api/v1/status")
    collector = json.loads(body)["collector"] if status == 200 else None
    found = [a for a in (collector or {"agents": []})["agents"] if a["agent"] == name]
    return found[0] if found else {"polls_ok": 0, "polls_failed": 0, "trouble": None}


def assert_no_secret_left(place):
    """Not in a log, nor in a file of the state directory."""
    for folder, _, names in os.walk(place.path):
        for name in names:
            if os.path.basename(folder).startswith("snmpd") or name.endswith((".auth", ".priv")):
                continue
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not name.startswith("snmpd"):
                with open(path, "rb") as file:
                    octets = file.read()
                for text in SECRETS:
                    assert text.encode() not in octets, path


# --- protocols ---

def test_every_protocol_at_every_level(place):
    users = [("u-%s-%s" % (auth, priv), auth, priv) for auth in AUTHS for priv in PRIVS]
    users += [("u-" + auth, auth, None) for auth in AUTHS] + [("u-none", None, None)]
    snmpd = Snmpd(place, users=users)
    names = [re.sub("[^a-z0-9-]", "-", user.lower()) for user, _, _ in users]
    config = place.file("all.conf", "".join(
        credential(place, name, user, auth, priv) for name, (user, auth, priv) in zip(names, users)))
    for name in names:
        done = place.run("discover", snmpd.address, "--snmp", name, "-c", config)
        assert done.returncode == 0 and "/lo'" in done.stdout, (name, done.stderr)


def test_it_goes_over_ipv6(place):
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    snmpd = Snmpd(place, host="::1")
    done = place.run("discover", snmpd.address, "--snmp", "core", "-c", place.file("six.conf", credential(place)))
    assert done.returncode == 0 and "/lo'" in done.stdout, done.stderr


# --- what is wrong is said, and may be wrong ---

FAULTS = [
    ("a wrong auth secret", {"auth_secret": SECRETS[2]}, ["wrong digest", "auth secret", '"mon"']),
    ("another auth protocol", {"auth": "SHA-512"}, ["wrong digest", "SHA-512"]),
    ("a wrong priv secret", {"priv_secret": SECRETS[2]}, ["priv secret", '"mon"']),
    ("another priv protocol", {"priv": "AES-256"}, ["priv AES-256"]),
    ("an unknown user", {"user": "nobody"}, ["unknown user", '"nobody"']),
    ("a user without encryption", {"user": "half"}, ["level authPriv", '"half"']),
]


def test_what_is_wrong_is_said(place):
    snmpd = Snmpd(place, users=[("mon", "SHA-256", "AES"), ("half", "SHA-256", None)])
    config = place.file("faults.conf", "".join(
        credential(place, "f%d" % i, **dict({"user": "mon"}, **fault)) for i, (_, fault, _) in enumerate(FAULTS)))
    asked = [subprocess.Popen([house.IXWATCH, "discover", snmpd.address, "--snmp", "f%d" % i, "-c", config],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for i in range(len(FAULTS))]
    for (what, _, words), done in zip(FAULTS, asked):
        out, err = done.communicate(timeout=30)
        assert done.returncode == 1 and out == "", what
        for word in words:
            assert word in err, (what, err)
        assert not any(text in err for text in SECRETS), what


def test_an_agent_that_is_away_is_silent_and_no_secret_is_blamed(place):
    config = place.file("away.conf", credential(place))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        done = place.run("discover", "127.0.0.1:%d" % mute.getsockname()[1], "--snmp", "core", "-c", config)
    assert done.returncode == 1
    assert "SNMPv3" in done.stderr and "engineID" in done.stderr
    assert "community" not in done.stderr and "secret" not in done.stderr


# --- changes ---

def test_a_changed_password_holds_at_once(place):
    snmpd = Snmpd(place)
    config = agents_config(place, [("a", snmpd.address, "core")], credential(place, auth_secret=SECRETS[2]))
    run, http = house.start_run(place, config)
    assert "auth secret" in house.wait_until("its trouble", lambda: agent(http, "a")["trouble"])
    secret(place, "core.auth", AUTH)
    run.send_signal(signal.SIGHUP)
    house.wait_until("rounds with the right one", lambda: agent(http, "a")["polls_ok"] >= 2 and not agent(http, "a")["trouble"])
    secret(place, "core.priv", SECRETS[2])
    run.send_signal(signal.SIGHUP)
    assert "priv secret" in house.wait_until("trouble with a wrong one", lambda: agent(http, "a")["trouble"])
    assert run.end() == 0
    assert_no_secret_left(place)


# --- the loop ---

def rounds_after(http, name, timeout_sec=10):
    """Waits for two good rounds in a row from now; how many were bad meanwhile."""
    before = agent(http, name)
    house.wait_until("good rounds", lambda: agent(http, name)["polls_ok"] >= before["polls_ok"] + 2 and
                     not agent(http, name)["trouble"], timeout_sec)
    return agent(http, name)["polls_failed"] - before["polls_failed"]


def restart_twice(box, http, run):
    """engineBoots goes up: asked on.  It goes back: said, and asked anew."""
    box.stop()
    box.start()
    assert rounds_after(http, "a") <= 1      # the one it was away for
    box.stop()
    assert box.boots() == 9
    assert "engine-boots" not in run.text()
    box.forget()
    box.start()
    assert rounds_after(http, "a", 20) <= 2
    assert re.search(r"event=engine-boots agent=x/a .*engineBoots went back", run.text())
    box.stop()
    assert box.boots() == 1


def clones_are_named(http, run, one_id):
    for name, other in (("first", "x/second"), ("second", "x/first")):
        assert other in agent(http, name)["trouble"]
    found = re.findall(r"event=engine-shared agent=(\S+) .*engine_id=(\S+) reason=\"[^\"]*of (\S+) ", run.text())
    assert len(found) == 1 and {found[0][0], found[0][2]} == {"x/first", "x/second"} and found[0][1] == one_id
    assert len(re.findall("event=engine-boots", run.text())) == 1     # not theirs


def test_one_loop_serves_all_whatever_befalls_some(place):
    """v2c and v3 side by side, each second, beside a silent agent, one that restarts, and two with one engineID."""
    one_id = "80001f8804636c6f6e65"
    box = Snmpd(place, "snmpd-a", engine_id="80001f8804746573742d31", boots=7)
    clones = [Snmpd(place, "snmpd-%d" % i, engine_id=one_id, boots=boots) for i, boots in enumerate((7, 0))]
    plain = Snmpd(place)
    living = {"two": (plain, "edge"), "three": (plain, "core"), "first": (clones[0], "core"), "second": (clones[1], "core")}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        config = agents_config(
            place, [(name, snmpd.address, snmp) for name, (snmpd, snmp) in living.items()] +
            [("a", box.address, "core"), ("mute", "127.0.0.1:%d" % mute.getsockname()[1], "core")],
            'snmp edge { version = "2c"  community = "public" }\n' + credential(place, more='timeout = "1s"  retries = 2'))
        run, http = house.start_run(place, config)
        house.wait_until("first rounds", lambda: all(agent(http, name)["polls_ok"] >= 2 for name in [*living, "a"]))
        before, began = {name: agent(http, name)["polls_ok"] for name in living}, time.monotonic()
        restart_twice(box, http, run)
        rounds = int(time.monotonic() - began) - 2      # the snapshot is a second old at most, the interval another
        for name in living:
            now = agent(http, name)
            assert now["polls_failed"] == 0 and now["polls_ok"] >= before[name] + rounds, (name, now, before, rounds)
        assert http.json("/api/v1/status")["collector"]["rounds_late"] == 0
        assert "no answer" in agent(http, "mute")["trouble"]
        clones_are_named(http, run, one_id)
        assert run.end() == 0
    probed = place.run("check", "--probe", "-c", config)
    assert probed.returncode == 1 and "of first " in probed.stdout and "of second " in probed.stdout, probed.stdout
    assert_no_secret_left(place)


# --- someone on the way ---

class Meddler(threading.Thread):
    """Between the program and snmpd: passes datagrams on, and does to the answers what it is told."""

    def __init__(self, snmpd, meddle):
        super().__init__(daemon=True)
        self.meddle, self.stop, self.answers = meddle, threading.Event(), 0
        self.near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.near.bind(("127.0.0.1", 0))
        self.far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.far.connect(("127.0.0.1", snmpd.port))
        self.address = "127.0.0.1:%d" % self.near.getsockname()[1]
        self.start()

    def run(self):
        client, question = None, b""
        while not self.stop.is_set():
            for ready in select.select([self.near, self.far], [], [], 0.1)[0]:
                if ready is self.near:
                    question, client = self.near.recvfrom(65536)
                    self.far.send(question)
                else:
                    self.answers += 1
                    for octets in self.meddle(question, self.far.recv(65536), self.answers):
                        self.near.sendto(octets, client)

    def end(self):
        self.stop.set()
        self.join(5)
        self.near.close()
        self.far.close()


def ber(tag, *parts):
    body = b"".join(parts)
    head = bytes([len(body)]) if len(body) < 128 else b"\x82" + len(body).to_bytes(2, "big")
    return bytes([tag]) + head + body


def inside(octets):
    """The elements of a constructed one."""
    at, found = len(octets) - len(ber_body(octets)), []
    while at < len(octets):
        found.append(ber_at(octets, at))
        at += len(found[-1])
    return found


def ber_body(octets):
    return octets[2:] if octets[1] < 128 else octets[2 + octets[1] - 128:]


def ber_at(octets, at):
    size = octets[at + 1]
    if size < 128:
        return octets[at:at + 2 + size]
    more = size - 128
    return octets[at:at + 2 + more + int.from_bytes(octets[at + 2:at + 2 + more], "big")]


def as_v2c(_question, answer, count):
    """The true answer's PDU without its security: anyone could have made it.  (authNoPriv: it can be read.)"""
    scoped = inside(answer)[3]
    return [answer if count == 1 else ber(0x30, b"\x02\x01\x01", ber(4, b"public"), inside(scoped)[2])]


def without_signature(_question, answer, _count):
    """The flags say that it is neither signed nor encrypted."""
    return [re.sub(rb"\x04\x01[\x01\x03]\x02\x01\x03", b"\x04\x01\x00\x02\x01\x03", answer, count=1)]


def one_bit_flipped(_question, answer, count):
    """In the last octet: a value, or its ciphertext.  Discovery, which nothing protects, is left alone."""
    return [answer if count == 1 else answer[:-1] + bytes([answer[-1] ^ 1])]


def reports_before(_question, answer, count):
    """A report that the digest is wrong, forged, comes before each answer."""
    if count == 1:
        return [answer]
    _, head, security, _ = inside(answer)
    engine = inside(ber_body(security))[0]
    forged = ber(0x30, engine, b"\x02\x01\x01", b"\x02\x01\x01", ber(4), ber(4), ber(4))
    counter = ber(0x30, bytes.fromhex("060a2b060106030f01010500"), b"\x41\x01\x09")
    pdu = ber(0xa8, b"\x02\x01\x00", b"\x02\x01\x00", b"\x02\x01\x00", ber(0x30, counter))
    return [ber(0x30, b"\x02\x01\x03", ber(0x30, *inside(head)[:2], b"\x04\x01\x00", b"\x02\x01\x03"),
                ber(4, forged), ber(0x30, engine, ber(4), pdu)), answer]


def reports_only(question, answer, count):
    return reports_before(question, answer, count)[:1]


MEDDLING = [
    ("a forged report in place of the answer", reports_only, {}, "no answer in 1 try; it reports a wrong digest"),
    ("an answer of another version", as_v2c, {"level": "authNoPriv", "priv": None, "user": "half"}, "another version"),
    ("an answer whose signature was taken off", without_signature, {}, None),
    ("an answer with one bit flipped", one_bit_flipped, {}, "not signed"),
]


@pytest.mark.parametrize("meddle, how, said", [row[1:] for row in MEDDLING], ids=[row[0] for row in MEDDLING])
def test_what_was_meddled_with_is_refused(place, meddle, how, said):
    snmpd = Snmpd(place, users=[("mon", "SHA-256", "AES"), ("half", "SHA-256", None)])
    config = place.file("m.conf", credential(place, **how))
    meddler = Meddler(snmpd, meddle)
    try:
        done = place.run("discover", meddler.address, "--snmp", "core", "-c", config)
    finally:
        meddler.end()
    assert meddler.answers >= 2 and done.returncode == 1 and done.stdout == "", done.stdout
    assert said is None or said in done.stderr, done.stderr


def test_a_forged_report_ends_nothing(place):
    snmpd = Snmpd(place, engine_id="80001f8804746573742d32")
    config = place.file("r.conf", credential(place))
    meddler = Meddler(snmpd, reports_before)
    try:
        done = place.run("discover", meddler.address, "--snmp", "core", "-c", config)
    finally:
        meddler.end()
    assert done.returncode == 0 and "/lo'" in done.stdout, done.stderr
