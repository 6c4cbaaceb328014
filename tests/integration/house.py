"""What the integration tests share: starting the programs, waiting for them, asking them.

Everything listens on loopback, on ports that the system chose; nothing is slept for, everything is waited for, with a
bound; what was started is ended by its process id.
"""
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
SHARED = os.path.normpath(os.path.join(ROOT, "..", "shared", "data"))
IXWATCH = os.path.join(BUILD, "ixwatch")
WEB = os.path.join(BUILD, "ixwatch-web")
SIM = os.path.join(BUILD, "ixwatch-sim")


PATIENCE = 3    # waits are for what will come; on a busy machine it comes later, and only a test that fails waits so long


def wait_until(what, ask, timeout_sec=20.0, every_sec=0.05):
    """The first true answer of ask(); a failure that says what was waited for when there is none in time."""
    timeout_sec *= PATIENCE
    end = time.monotonic() + timeout_sec
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError("waited %.0f s for %s" % (timeout_sec, what))
        time.sleep(every_sec)


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def own_address():
    """An address of this machine that is not loopback's, or None; nothing is sent to find it, and what is sent to it stays here."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address = probe.getsockname()[0]
    return None if address.startswith("127.") else address


class Process:
    def __init__(self, place, name, arguments, environment=None, user=None):
        self.name = name
        self.log_path = os.path.join(place.path, name + ".log")
        self.log = open(self.log_path, "ab")
        if user is not None:
            arguments = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"] + arguments
        self.popen = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                      env=dict(os.environ, **(environment or {})))
        self.pid = self.popen.pid

    def text(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_for(self, pattern, timeout_sec=20.0):
        def ask():
            found = re.search(pattern, self.text())
            if found is None and self.popen.poll() is not None:
                raise AssertionError("%s ended with %s before it said %r:\n%s" % (
                    self.name, self.popen.returncode, pattern, self.text()[-3000:]))
            return found
        return wait_until("%s to say %r" % (self.name, pattern), ask, timeout_sec)

    def send_signal(self, number):
        if self.popen.poll() is None:
            os.kill(self.pid, number)

    def end(self, number=signal.SIGTERM, timeout_sec=15.0):
        """Its exit status after the signal; killed when it does not end in time, which is a failure."""
        self.send_signal(number)
        try:
            return self.popen.wait(timeout_sec)
        except subprocess.TimeoutExpired:
            os.kill(self.pid, signal.SIGKILL)
            self.popen.wait()
            raise AssertionError("%s did not end within %.0f s of signal %d" % (self.name, timeout_sec, number))


class Place:
    def __init__(self, path):
        self.path = path
        self.state = os.path.join(path, "state")
        self.processes = []

    def file(self, name, text):
        path = os.path.join(self.path, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def let_others_in(self):
        """Other users may go to this place: however deep pytest has put it."""
        path = self.path
        while path not in (tempfile.gettempdir(), os.path.dirname(path)):
            os.chmod(path, os.stat(path).st_mode | 0o055)
            path = os.path.dirname(path)

    def start(self, name, arguments, environment=None, user=None):
        process = Process(self, name, arguments, environment, user)
        self.processes.append(process)
        return process

    def run(self, *arguments, timeout_sec=60, environment=None, stdin=None):
        """Runs `ixwatch ARGUMENTS` to its end."""
        return subprocess.run([IXWATCH, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=timeout_sec, env=dict(os.environ, **(environment or {})), input=stdin,
                              errors="replace")

    def end_all(self):
        for process in reversed(self.processes):
            if process.popen.poll() is None:
                os.kill(process.pid, signal.SIGTERM)
        for process in reversed(self.processes):
            try:
                process.popen.wait(10)
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
                process.popen.wait()
            process.log.close()

    def show_logs(self):
        for process in self.processes:
            print("---- %s (pid %d, status %s)\n%s" % (process.name, process.pid, process.popen.returncode,
                                                      process.text()[-6000:]))

    def check_sanitizers(self):
        for process in self.processes:
            text = process.text()
            assert "ERROR: AddressSanitizer" not in text and "runtime error:" not in text, text[-8000:]


class Sim:
    """The simulated exchanges: agents on loopback whose counters are a known function of time."""

    def __init__(self, place, *options, name="sim", hour=None):
        # One epoch for all commands of a test: the default moves at midnight.
        self.options = ["--epoch", time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime()), *options]
        # Of the simulated day, in UTC; None: as it is.  At 3 nothing is busy at home but what a test makes so.
        self.offset_sec = 0 if hour is None else hour * 3600 - int(time.time()) % 86400
        if self.offset_sec != 0:
            self.options += ["--now-offset", str(self.offset_sec)]
        self.process = place.start(name, [SIM, "run", "--udp-port", "0", *self.options])
        self.port = int(self.process.wait_for(r"ready udp-port=(\d+)").group(1))

    def now(self):
        return time.time() + self.offset_sec

    def ask(self, *arguments, timeout_sec=120):
        where = ["--udp-port", str(self.port)] if arguments[0] == "config" else []
        done = subprocess.run([SIM, *arguments, *where, *self.options],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout_sec)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def config(self, place, interval="2s", *more):
        return place.file("ixwatch.conf", self.ask(
            "config", "--state-dir", place.state, "--interval", interval, "--listen", "127.0.0.1:0", *more))

    def ports(self):
        lines = self.ask("ports").splitlines()
        names = lines[0].split(",")
        return [dict(zip(names, line.split(","))) for line in lines[1:]]

    def truth_of_all(self, start, end):
        """The closed form's exact means between two instants: {(exchange, agent, interface): {...}}."""
        found = json.loads(self.ask("truth", "--all", "--from", str(start), "--to", str(end)))
        return {(port["exchange"], port["agent"], port["interface"]): port for port in found}


class Http:
    """One server: get(path) gives (status, headers, body)."""

    def __init__(self, port):
        self.port = port

    def get(self, path, method="GET", headers=None, timeout_sec=20, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_sec)
        try:
            connection.request(method, path, body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def json(self, path):
        status, _, body = self.get(path)
        assert status == 200, (path, status, body[:300])
        return json.loads(body)

    def ports(self):
        """All ports; none as long as the collector has made no round."""
        found, cursor = [], ""
        while True:
            status, _, body = self.get("/api/v1/ports?limit=1000" + cursor)
            if status == 503:
                return []
            assert status == 200, (status, body[:300])
            page = json.loads(body)
            found += page["ports"]
            if page["next"] is None:
                return found
            cursor = "&cursor=%s" % page["next"]


# --- who comes in ---

PASSWORD = "correct horse battery"
ACCOUNTS = {     # name: role, scopes
    "vera": ("viewer", ""),
    "otto": ("operator", ""),
    "ada": ("admin", ""),
    "fra": ("viewer", "exchange:demo-fra"),
    "peer": ("operator", "asn:64496"),
}


def user(place, config, *arguments, stdin=None):
    done = place.run("user", *arguments, "-c", config, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Site(Http):
    def as_token(self, token, path, method="GET", body=None, headers=None):
        return self.ask(path, method, body, dict({"Authorization": "Bearer " + token}, **(headers or {})))

    def ask(self, path, method="GET", body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def form(self, path, fields, cookie=None, origin=None, headers=None):
        sent = {"Content-Type": "application/x-www-form-urlencoded",
                "Origin": origin or "http://127.0.0.1:%d" % self.port}
        if cookie:
            sent["Cookie"] = cookie
        return self.ask(path, "POST", urllib.parse.urlencode(fields), dict(sent, **(headers or {})))

    def form_token(self, path, cookie=None):
        status, headers, body = self.ask(path, headers={"Cookie": cookie} if cookie else {})
        assert status == 200, (path, status)
        set_cookie = headers.get("Set-Cookie")
        return (re.search(rb'name="token" value="([0-9a-f]*)"', body).group(1).decode(),
                set_cookie.split(";")[0] if set_cookie else cookie)

    def session(self, name):
        """The cookie of somebody who logs in."""
        return self.login(name)[1]["Set-Cookie"].split(";")[0]

    def login(self, name, password=PASSWORD, path="/ports/1"):
        token, cookie = self.form_token("/login")
        status, headers, _ = self.form("/login", {"name": name, "password": password, "token": token, "next": path},
                                       cookie)
        return status, headers


def account(place, config, name, role, scopes="", password=PASSWORD):
    """Makes an account, and a token of the same rights, "t-" and its name; the token."""
    what = ["--role", role] + (["--scope", scopes] if scopes else [])
    user(place, config, "add", name, *what, stdin=password + "\n")
    return re.search(r"\b[0-9a-f]{64}\b", user(place, config, "token", "t-" + name, *what)).group(0)


def behind_doors(place, text, accounts=ACCOUNTS):
    """ixwatch-web with that configuration, made to ask for an account; (configuration, process, Site, {name: token})."""
    config = place.file("web.conf", text.replace("web {", 'web { users-file = "%s/users"  ' % place.path))
    tokens = {name: account(place, config, name, *rights) for name, rights in accounts.items()}
    process = place.start("web", [WEB, "-c", config])
    return config, process, Site(int(process.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1))), tokens


def start_run(place, config):
    """`ixwatch run`, waited for until the web server listens; (process, Http)."""
    process = place.start("run-%d" % len(place.processes), [IXWATCH, "run", "-c", config])
    port = int(process.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1))
    return process, Http(port)
