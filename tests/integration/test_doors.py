"""The doors of the web server: who comes in, what each role may do, what a scope shows, and what is refused."""
import contextlib
import http.client
import json
import multiprocessing
import os
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import threading
import time
import warnings

import pytest

import house
import seeded
from house import ACCOUNTS, PASSWORD, Site, user

@pytest.fixture
def doors(place):
    """A seeded server with accounts and a token each."""
    seeded.seed(place)
    with open(seeded.write_config(place), encoding="utf-8") as file:
        config, process, site, tokens = house.behind_doors(place, file.read())
    return place, config, process, site, tokens


def routes():
    text = subprocess.run([house.WEB, "--routes"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return [line.split() for line in text.splitlines()]


RANK = {"nothing": 0, "viewer": 1, "operator": 2, "admin": 3}
FILLED = {"{id}": "1", "{asn}": "64496", "{slug}": "demo-fra", "{week}": "2026-W47", "{name}": "x.png"}


def filled(path):
    if path.startswith("/static"):
        return "/static/style.css"
    if path.startswith("/a/"):
        return "/a/nothing"
    for key, value in FILLED.items():
        path = path.replace(key, value)
    return path


def test_every_route_asks_for_its_role(doors):
    _, _, _, site, tokens = doors
    table = routes()
    assert len(table) > 25 and all(need in RANK or need == "link" for _, _, need, _ in table)
    for method, pattern, need, thing in table:
        if method == "POST":
            continue        # what a POST needs beside the role: below
        path = filled(pattern)
        status, headers, _ = site.ask(path)
        if need == "link":      # a letter's own (test_letters_web.py): no account opens it
            assert {status} | {site.as_token(token, path)[0] for token in tokens.values()} <= {404, 429}, path
            continue
        if need == "nothing":
            assert status in (200, 404, 503), (path, status)
            continue
        if headers.get("Content-Type", "").startswith("text/plain") and status == 303:
            assert headers["Location"].startswith("/login"), path
        else:
            assert status == 401 and "Bearer" in headers["WWW-Authenticate"], (path, status)
        assert "no-store" in headers["Cache-Control"], path
        for name, (role, scopes) in ACCOUNTS.items():
            status = site.as_token(tokens[name], path)[0]
            if RANK[role] < RANK[need]:
                assert status == 403, (name, path, status)
            elif thing == "house" and scopes or thing == "notes" and "asn:" in scopes:
                assert status == 404, (name, path, status)
            else:
                assert status in (200, 404) and (
                    status == 200 or thing == "report" or "/mail/" in path or "/alerts/" in path), (name, path, status)
    for method in ("PUT", "DELETE", "PATCH", "TRACE"):
        assert site.as_token(tokens["ada"], "/api/v1/ports", method)[0] == 405


def timeless(body):
    """A page without the second in which it was made, and how long ago the round was then."""
    return re.sub(rb"made at [0-9TZ:-]+|, [0-9a-z ]+ (ago|old)", b"", body)


def test_what_is_outside_a_scope_does_not_exist(doors):
    _, _, _, site, tokens = doors

    def of(name, path):
        status, _, body = site.as_token(tokens[name], path)
        assert status == 200, (name, path, status, body[:200])
        return json.loads(body)
    ports = of("ada", "/api/v1/ports?limit=1000")["ports"]
    within = {"fra": [p["id"] for p in ports if p["exchange"] == "demo-fra"],
              "peer": [p["id"] for p in ports if p["asn"] == 64496]}
    assert len(of("ada", "/api/v1/episodes?limit=1000")["episodes"]) > 0
    for name, ids in within.items():
        assert 0 < len(ids) < len(ports), name
        assert sorted(p["id"] for p in of(name, "/api/v1/ports?limit=1000")["ports"]) == sorted(ids)
        assert {e["port"] for e in of(name, "/api/v1/episodes?limit=1000")["episodes"]} <= set(ids)
        assert {a["port"] for a in of(name, "/api/v1/alerts")["alerts"]} <= set(ids) | {None}
        # Pages of the list are full, and no cursor names what is not seen.
        whole, found, cursor = [e["id"] for e in of(name, "/api/v1/episodes?limit=1000")["episodes"]], [], ""
        while True:
            page = of(name, "/api/v1/episodes?limit=2" + cursor)
            found += [e["id"] for e in page["episodes"]]
            if page["next"] is None:
                break
            assert len(page["episodes"]) == 2 and int(page["next"]) == found[-1]
            cursor = "&cursor=%s" % page["next"]
        assert found == whole
        exchanges = {p["exchange"] for p in ports if p["id"] in ids}
        assert {e["exchange"] for e in of(name, "/api/v1/exchanges")["exchanges"]} == exchanges
        outside = [p for p in ports if p["id"] not in ids]
        for path in ("/api/v1/ports/%d", "/api/v1/ports/%d/days", "/api/v1/ports/%d/series?from=0", "/ports/%d", "/api/v1/ports/%d/windows",
                     "/api/v1/ports/%d/notes", "/ports/%d/notes",
                     "/api/v1/ports/%d/days.csv", "/api/v1/ports/%d/series.csv?from=0",
                     "/ports/%d/days", "/graphs/ports/%d.png", "/graphs/ports/%d.svg", "/graphs/ports/%d/heat.svg"):
            for port in outside[:3]:
                there = site.as_token(tokens[name], path % port["id"])
                nowhere = site.as_token(tokens[name], path % 999999)
                assert there[0] == nowhere[0] == 404, (name, path)
                assert timeless(there[2].replace(b"no port %d" % port["id"], b"no port")) == timeless(
                    nowhere[2].replace(b"no port 999999", b"no port")), (name, path)
        # Nothing of the others in sums, lists, pages and metrics.
        foreign = {p["peer"] for p in outside if p["peer"]} - {p["peer"] for p in ports if p["id"] in ids}
        assert foreign
        for path in ("/", "/episodes", "/metrics", "/api/v1/status", "/api/v1/ports.csv", "/api/v1/episodes.csv"):
            text = site.as_token(tokens[name], path)[2].decode()
            for peer in foreign:
                assert peer not in text, (name, path, peer)
        metrics = site.as_token(tokens[name], "/metrics")[2].decode()
        assert len(re.findall(r"^ixwatch_port_up\{|^ixwatch_port_capacity_bits_per_second\{", metrics, re.M)) <= 2 * len(ids)
    assert site.as_token(tokens["peer"], "/api/v1/peers/64497")[0] == 404
    assert site.as_token(tokens["fra"], "/exchanges/demo-lon")[0] == 404


def test_a_login_lasts_until_it_is_over(doors):
    place, config, process, site, _ = doors
    status, headers = site.login("otto", "wrong")
    assert status == 401 and "Set-Cookie" not in headers
    status, headers = site.login("nobody")
    assert status == 401
    status, headers = site.login("otto")
    assert (status, headers["Location"]) == (303, "/ports/1")
    flags = headers["Set-Cookie"]
    assert "HttpOnly" in flags and "SameSite=Lax" in flags and "Secure" in flags     # base-url is https
    cookie = flags.split(";")[0]
    status, headers, body = site.ask("/ports/1", headers={"Cookie": cookie})
    assert status == 200 and b"otto" in body and "no-store" in headers["Cache-Control"]
    assert site.ask("/ports/1", headers={"Cookie": cookie[:-1] + ("0" if cookie[-1] != "0" else "1")})[0] == 303
    # Only paths of this server are gone to after a login.
    for path in ("//evil.example/", "https://evil.example/", "/\\evil.example"):
        assert site.login("otto", path=path)[1]["Location"] == "/", path
    status, headers = site.login("otto", path="/a\r\nSet-Cookie: x=1")
    assert status == 400 and "Set-Cookie" not in headers
    # Another login is another session.
    second = site.session("otto")
    assert second != cookie
    token, _ = site.form_token("/ports/1/declare", cookie)
    assert site.form("/logout", {"token": token}, cookie)[0] == 303
    assert site.ask("/ports/1", headers={"Cookie": cookie})[0] == 303
    assert site.ask("/ports/1", headers={"Cookie": second})[0] == 200
    # Another password, or no account any more, ends what was begun with it.
    user(place, config, "add", "otto", "--role", "operator", stdin="another password\n")
    house.wait_until("the session to end", lambda: site.ask("/ports/1", headers={"Cookie": second})[0] == 303, 10)
    third = site.session("vera")
    assert site.ask("/ports/1", headers={"Cookie": third})[0] == 200
    user(place, config, "remove", "vera")
    house.wait_until("the session to end", lambda: site.ask("/ports/1", headers={"Cookie": third})[0] == 303, 10)
    text = process.text()
    assert PASSWORD not in text and "another password" not in text and "wrong" not in text


def test_a_token_ends_with_its_time_and_when_it_is_taken_back(doors):
    place, config, _, site, tokens = doors
    user(place, config, "remove", "t-ada", "--token")
    house.wait_until("the token to end", lambda: site.as_token(tokens["ada"], "/api/v1/ports")[0] == 401, 10)
    brief = re.search(r"\b[0-9a-f]{64}\b", user(place, config, "token", "brief", "--expires", "3s")).group(0)
    house.wait_until("the token to be known", lambda: site.as_token(brief, "/api/v1/ports")[0] == 200, 3, 0.02)
    house.wait_until("the token to end", lambda: site.as_token(brief, "/api/v1/ports")[0] == 401, 10)
    with open(place.path + "/users.tokens", encoding="utf-8") as file:
        assert not any(token in file.read() for token in tokens.values())
    listed = json.loads(user(place, config, "list", "--format", "json"))
    assert {u["name"] for u in listed["accounts"]} == set(ACCOUNTS)


def test_a_form_that_comes_from_elsewhere_changes_nothing(doors):
    _, _, _, site, tokens = doors
    cookie = site.session("otto")
    token, _ = site.form_token("/ports/1/declare", cookie)
    fields = {"cause": "works", "from": "2026-11-27T01:00", "to": "2026-11-27T02:00", "reason": "fibre work"}
    path = "/ports/1/declare"
    for what, answer in (("no token", site.form(path, fields, cookie)),
                         ("another's token", site.form(path, dict(fields, token="0" * 64), cookie)),
                         ("another origin", site.form(path, dict(fields, token=token), cookie, "https://evil.example")),
                         ("no cookie", site.form(path, dict(fields, token=token)))):
        assert answer[0] in (303, 400, 401, 403), (what, answer[0])
        assert answer[0] != 303 or answer[1]["Location"].startswith("/login"), what
    assert site.form(path, dict(fields, token=token), site.session("vera"))[0] == 403
    # It is whole, and from here: there is only no collector to do it.
    assert site.form(path, dict(fields, token=token), cookie)[0] == 503
    body = json.dumps({"cause": "works", "from": "2026-11-27T01:00:00Z", "to": "2026-11-27T02:00:00Z", "reason": "x"})
    api = "/api/v1/ports/1/declare"
    assert site.as_token(tokens["otto"], api, "POST", body, {"Content-Type": "application/json"})[0] == 503
    assert site.as_token(tokens["otto"], api, "POST", body, {"Content-Type": "text/plain"})[0] in (400, 415)
    assert site.as_token(tokens["vera"], api, "POST", body, {"Content-Type": "application/json"})[0] == 403
    assert site.as_token(tokens["peer"], "/api/v1/ports/%d/declare" % 999999, "POST", body,
                         {"Content-Type": "application/json"})[0] == 404
    assert site.ask(api, "POST", body, {"Content-Type": "application/json"})[0] == 401


def test_a_thousand_attempts_are_refused_and_nobody_else_waits(doors):
    _, _, process, site, tokens = doors
    found, slowest, stop = {}, [0.0], threading.Event()

    def knock():
        token, cookie = site.form_token("/login")
        for i in range(100):
            status = site.form("/login", {"name": "ada", "password": "guess%d" % i, "token": token}, cookie)[0]
            found[status] = found.get(status, 0) + 1

    def client():
        while not stop.is_set():
            began = time.monotonic()
            assert site.as_token(tokens["ada"], "/api/v1/ports?limit=10")[0] in (200, 429)
            slowest[0] = max(slowest[0], time.monotonic() - began)
    asking = threading.Thread(target=client)
    knocking = [threading.Thread(target=knock) for _ in range(10)]
    for thread in [asking] + knocking:
        thread.start()
    for thread in knocking:
        thread.join(120)
    stop.set()
    asking.join(20)
    print("1,000 attempts: %s; the slowest answer to another client took %.0f ms" % (found, 1000 * slowest[0]))
    assert sum(found.values()) == 1000 and set(found) == {401, 429} and found[429] > 900
    status, headers = site.login("ada", "guess")
    assert status == 429 and int(headers["Retry-After"]) >= 1
    assert re.search(r"event=\S*(attempt|login)\S*", process.text())
    assert "guess1" not in process.text()


def ask_on_and_on(port, token, told, stop):
    """A process of its own, so that nothing is measured but the server: how long each answer took."""
    connection, times = http.client.HTTPConnection("127.0.0.1", port, timeout=20), []
    while not stop.is_set():
        began = time.monotonic()
        connection.request("GET", "/api/v1/ports?limit=10", headers={"Authorization": "Bearer " + token})
        answer = connection.getresponse()
        if answer.status != 200 or not answer.read():
            break
        times.append(time.monotonic() - began)
        time.sleep(0.001)
    told.send(times)


def test_a_login_delays_nobody_else(doors):
    _, _, _, site, tokens = doors
    logins, fork = [], multiprocessing.get_context("fork")
    (ours, theirs), stop = fork.Pipe(), fork.Event()
    asking = fork.Process(target=ask_on_and_on, args=(site.port, tokens["ada"], theirs, stop))

    def come_in(name):
        for _ in range(15):
            began = time.monotonic()
            assert site.login(name)[0] == 303
            logins.append(time.monotonic() - began)
    coming = [threading.Thread(target=come_in, args=(name,)) for name in ("ada", "otto", "vera", "fra")]
    asking.start()
    for thread in coming:
        thread.start()
    for thread in coming:
        thread.join(120)
    stop.set()
    times = sorted(ours.recv())
    asking.join(20)
    logins.sort()
    print("60 logins, four at a time, took %.0f ms each; of %d answers to another client the median took %.1f ms, 99%% less than %.1f ms, all "
          "less than %.1f ms" % (1000 * logins[len(logins) // 2], len(times), 1000 * times[len(times) // 2], 1000 * times[int(len(times) * 0.99)],
                                 1000 * times[-1]))
    # Were the server's thread busy with a password, others would wait as long as a login does.
    assert len(logins) == 60 and len(times) > 100 and times[int(len(times) * 0.99)] < max(0.1, logins[30] / 2), times[-20:]


def test_what_is_declared_on_the_page_is_the_users(place):
    sim = house.Sim(place)
    text = open(sim.config(place, "2s"), encoding="utf-8").read()
    config = place.file("doors.conf", re.sub(r"web \{[^}]*\}", "", text) +
                        '\nweb { listen = "127.0.0.1:0"  users-file = "%s/users" }\n' % place.path)
    user(place, config, "add", "otto", "--role", "operator", stdin=PASSWORD + "\n")
    run = place.start("run", [house.IXWATCH, "run", "-c", config])
    site = Site(int(run.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1)))
    cookie = house.wait_until("a login", lambda: site.login("otto")[1].get("Set-Cookie"), 20).split(";")[0]
    house.wait_until("a port", lambda: site.ask("/ports/1", headers={"Cookie": cookie})[0] == 200, 30)
    token, _ = site.form_token("/ports/1/declare", cookie)
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86400))
    fields = {"cause": "works", "from": day + "T01:00", "to": day + "T02:00", "reason": "fibre <b>work</b>", "token": token}
    status, headers, body = site.form("/ports/1/declare", fields, cookie)
    assert status == 303, body
    page = site.ask(headers["Location"], headers={"Cookie": cookie})[2].decode()
    assert "fibre &lt;b&gt;work&lt;/b&gt;" in page and "<b>work" not in page and "otto" in page
    listed = place.run("declare", "list", "-c", config, "--format", "json").stdout
    window = json.loads(listed)["windows"][0]
    assert window["author"] == "otto" and window["reason"] == "fibre <b>work</b>"
    assert site.form("/ports/1/declare", dict(fields, to=day + "T00:00"), cookie)[0] == 400
    token, _ = site.form_token("/ports/1/silence", cookie)
    status, headers, body = site.form("/ports/1/silence", {"to": day + "T02:00", "reason": "works & more", "token": token}, cookie)
    assert status == 303, body
    assert "works &amp; more" in site.ask(headers["Location"], headers={"Cookie": cookie})[2].decode()
    assert re.search(r"works & more \(otto\)", place.run("silence", "list", "-c", config).stdout)
    assert site.form("/ports/1/silence", {"to": "2001-01-01T00:00", "reason": "x", "token": token}, cookie)[0] == 400
    assert site.form("/alerts/999", {"reason": "mine", "token": token}, cookie)[0] == 404
    assert site.ask("/alerts/999", headers={"Cookie": cookie})[0] == 404
    assert run.end() == 0


@pytest.mark.parametrize("text,words", [
    ("kim\n", "users:1: "), ("kim:x\n", "users:1: "), ("kim:$y$j9T$x:king\n", "users:1: "),
    ("# fine\n\nkim:$y$j9T$x:viewer:room:1\n", "users:3: "), ("a b:$y$j9T$x:viewer\n", "users:1: "),
    ("kim:$1$abc$x:viewer\n", "users:1: "), ("x" * 5000 + "\n", "users:1: "), ("kim:\0:viewer\n", "users:1: ")])
def test_a_users_file_that_is_none_is_refused_with_its_line(place, text, words):
    seeded.seed(place)
    with open(place.path + "/users", "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(place.path + "/users", 0o600)
    config = open(seeded.write_config(place), encoding="utf-8").read()
    config = place.file("web.conf", config.replace("web {", 'web { users-file = "%s/users"  ' % place.path))
    done = subprocess.run([house.WEB, "-c", config], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
    assert done.returncode in (1, 2) and words in done.stdout, done.stdout


def test_others_than_this_machine_need_accounts(place):
    seeded.seed(place)
    text = open(seeded.write_config(place), encoding="utf-8").read()
    config = place.file("web.conf", text.replace('listen = "127.0.0.1:0"', 'listen = "0.0.0.0:0"'))
    done = subprocess.run([house.WEB, "-c", config], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
    assert done.returncode in (1, 2) and "web.users-file" in done.stdout
    with open(place.path + "/users", "w", encoding="utf-8") as file:
        file.write("# nobody\n")
    os.chmod(place.path + "/users", 0o644)
    config = place.file("open.conf", text.replace("web {", 'web { users-file = "%s/users"  ' % place.path))
    done = subprocess.run([house.WEB, "-c", config], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
    assert done.returncode in (1, 2) and "users" in done.stdout and "chmod" in done.stdout, done.stdout


def handshake(port, cert, version):
    """"", or why there was none."""
    context = ssl.create_default_context(cafile=cert)
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1"):
            return ""
    except ssl.SSLError as error:
        return str(error)


def test_https_by_a_certificate_of_ones_own(place):
    seeded.seed(place)
    key, cert = place.path + "/key.pem", place.path + "/cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.chmod(key, 0o600)
    text = open(seeded.write_config(place), encoding="utf-8").read()
    config = place.file("tls.conf", text.replace("web {", 'web { tls-cert = "%s"  tls-key = "%s"  ' % (cert, key)))
    process = place.start("web", [house.WEB, "-c", config])
    port = int(process.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1))
    got = subprocess.run(["curl", "-sS", "--cacert", cert, "https://127.0.0.1:%d/healthz" % port], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, timeout=20)
    assert got.returncode == 0 and "ok" in got.stdout, got.stderr
    # TLS 1.2 and later; what a client of old offers is declined by us, not by the client.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert re.search("ALERT|EOF", handshake(port, cert, ssl.TLSVersion.TLSv1_1))      # it is the server that ends it
    assert handshake(port, cert, ssl.TLSVersion.TLSv1_2) == handshake(port, cert, ssl.TLSVersion.TLSv1_3) == ""
    plain = subprocess.run(["curl", "-sS", "http://127.0.0.1:%d/healthz" % port], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True, timeout=20)
    assert plain.returncode != 0
    assert process.end(signal.SIGTERM) == 0
    os.chmod(key, 0o644)
    done = subprocess.run([house.WEB, "-c", config], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
    assert done.returncode in (1, 2) and "key.pem" in done.stdout, done.stdout


def test_where_a_port_moved_is_told_within_the_scope_alone(doors):
    place, _, _, site, tokens = doors

    def port_of(name, port_id):
        status, _, body = site.as_token(tokens[name], "/api/v1/ports/%d" % port_id)
        return json.loads(body) if status == 200 else status
    ports = json.loads(site.as_token(tokens["ada"], "/api/v1/ports?limit=1000")[2])["ports"]
    inner = [p["id"] for p in ports if p["exchange"] == "demo-fra"]
    outer = [p["id"] for p in ports if p["exchange"] != "demo-fra"]
    moves = {inner[0]: inner[1], inner[2]: outer[0], outer[1]: inner[3]}
    with contextlib.closing(sqlite3.connect(os.path.join(place.state, "ixwatch.db"), timeout=20)) as ledger, ledger:
        for old, new in moves.items():
            ledger.execute("INSERT INTO port_move (old_id, new_id, at_utc_sec, actor, reason, moved_utc_sec, done_utc_sec)"
                           " VALUES (?, ?, 1700000000, 'kim', '', 1700000000, 1700000000)", (old, new))
            ledger.execute("UPDATE port SET retired = 1 WHERE id = ?", (old,))
    house.wait_until("the moves", lambda: port_of("ada", inner[0])["moved_to"] == inner[1])
    for old, new in moves.items():
        assert port_of("ada", old)["moved_to"] == new and port_of("ada", new)["continues"] == old
    assert port_of("fra", inner[0])["moved_to"] == inner[1] and port_of("fra", inner[1])["continues"] == inner[0]
    assert port_of("fra", inner[2])["moved_to"] is None and port_of("fra", outer[1]) == 404
    assert port_of("fra", inner[3])["continues"] is None
    for port_id in (inner[0], inner[2], inner[3]):
        status, _, page = site.as_token(tokens["fra"], "/ports/%d" % port_id)
        assert status == 200 and not any(b'/ports/%d"' % p in page for p in (outer[0], outer[1])), port_id
    # Nothing is declared of one that went.
    body = json.dumps({"cause": "works", "from": "2026-11-20T00:00:00Z", "to": "2026-11-20T01:00:00Z", "reason": "x"})
    assert site.as_token(tokens["otto"], "/api/v1/ports/%d/declare" % inner[0], "POST", body,
                         {"Content-Type": "application/json"})[0] == 404

def timeless(body):
    """A page without the seconds that it says it is from."""
    return re.sub(rb"\d\d:\d\d:\d\d", b"", body)


def test_the_page_of_episodes_counts_what_is_seen_alone(doors):
    place, _, _, site, tokens = doors
    ports = json.loads(site.as_token(tokens["ada"], "/api/v1/ports?limit=1000")[2])["ports"]
    with contextlib.closing(sqlite3.connect(os.path.join(place.state, "ixwatch.db"), timeout=20)) as ledger, ledger:
        exchange = dict(ledger.execute("SELECT port.id, exchange_id FROM port JOIN agent ON agent.id = agent_id"))
        for i in range(1500):
            port, start = ports[i % 12]["id"], 1700000000 + 3600 * (i // 12)
            ledger.execute("INSERT INTO episode (port_id, exchange_id, direction, profile, start_utc_sec, end_utc_sec, open, kind)"
                           " VALUES (?, ?, 'out', ?, ?, ?, 0, 'sustained')",
                           (port, exchange[port], "proof" if i % 5 == 0 else "early", start, start + 1800))
        # Newer ones of somebody else: more than are read before those that are seen are asked for by name.
        loud = next(p["id"] for p in ports if p["exchange"] != "demo-fra" and p["asn"] != 64496)
        ledger.executemany("INSERT INTO episode (port_id, exchange_id, direction, profile, start_utc_sec, end_utc_sec, open, kind)"
                           " VALUES (?, ?, 'out', 'early', ?, ?, 0, 'spike')",
                           ((loud, exchange[loud], 1750000000 + 60 * i, 1750000030 + 60 * i) for i in range(9500)))
        listed = ledger.execute("SELECT id, port_id, profile FROM episode WHERE superseded = 0").fetchall()
    for name in ("fra", "peer"):
        within = {p["id"] for p in ports if p["exchange"] == "demo-fra" and name == "fra"
                  or p["asn"] == 64496 and name == "peer"}
        want = {e for e, port, profile in listed if port in within and profile == "early"}
        path, shown, cursors = "/episodes", 0, []
        while path:
            status, _, body = site.as_token(tokens[name], path)
            assert status == 200, (name, path)
            rows = len(re.findall(rb'<tr class="(?:open|ended)">', body))
            older = re.search(rb'href="(/episodes\?cursor=(\d+))', body)
            shown += rows
            assert rows == 100 or not older, (name, path, rows)
            path = older.group(1).decode() if older else None
            cursors += [int(older.group(2))] if older else []
        assert shown == len(want) and set(cursors) <= want and cursors, (name, shown, len(want))
    # What the list was of is what the older ones are of.
    body = site.as_token(tokens["ada"], "/episodes?port=%d&exchange=%s" % (ports[1]["id"], ports[1]["exchange"]))[2].decode()
    assert re.search(r'href="/episodes\?cursor=\d+&amp;port=%d&amp;exchange=%s"' % (ports[1]["id"], ports[1]["exchange"]), body)
    # A cursor that names what is not seen is answered as one that was never given.
    fra = {p["id"] for p in ports if p["exchange"] == "demo-fra"}
    inner = next(e for e, port, _ in listed if port in fra)
    outer = [e for e, port, _ in listed if port not in fra][:5]
    for path in ("/episodes?cursor=%d", "/api/v1/episodes?cursor=%d", "/api/v1/episodes?limit=1&exchange=demo-fra&cursor=%d"):
        assert site.as_token(tokens["fra"], path % inner)[0] == 200
        status, headers, body = site.as_token(tokens["fra"], path % 999999)
        assert status == 404 and b"no episode 999999 to list on from" in body, (path, body)
        for episode in outer:
            there = site.as_token(tokens["fra"], path % episode)
            assert there[0] == 404 and there[1]["Content-Type"] == headers["Content-Type"]
            assert timeless(there[2]).replace(b"episode %d" % episode, b"") == timeless(body).replace(b"episode 999999", b""), (
                path, episode)
            assert site.as_token(tokens["ada"], path % episode)[0] == 200


def test_credentials_of_another_scheme_are_none_and_shut_nobody_out(doors):
    _, _, _, site, _ = doors
    cookie = site.session("otto")
    for other in ("Basic a2ltOnNlY3JldA==", "Digest username=kim", "Negotiate YIIB", "BearerX 1", "nonsense"):
        with_cookie = {"Authorization": other, "Cookie": cookie}
        status, _, body = site.ask("/ports/1", headers=with_cookie)
        assert status == 200 and b"otto" in body, other
        assert site.ask("/api/v1/ports", headers=with_cookie)[0] == 200, other
        status, headers, _ = site.ask("/ports/1", headers={"Authorization": other})
        assert status == 303 and headers["Location"].startswith("/login"), other
        status, headers, _ = site.ask("/api/v1/ports", headers={"Authorization": other})
        assert (status, headers["WWW-Authenticate"]) == (401, "Bearer"), other
    # A form needs its token all the same.
    token, _ = site.form_token("/ports/1/declare", cookie)
    fields = {"cause": "works", "from": "2026-11-27T01:00", "to": "2026-11-27T02:00", "reason": "fibre work"}
    basic = {"Authorization": "Basic a2ltOnNlY3JldA=="}
    assert site.form("/ports/1/declare", fields, cookie, headers=basic)[0] == 400
    assert site.form("/ports/1/declare", dict(fields, token=token), cookie, headers=basic)[0] == 503
    # Who shows a token that is none must hear of it, whatever else they show.
    status, headers, _ = site.ask("/api/v1/ports", headers={"Authorization": "Bearer nonsense", "Cookie": cookie})
    assert (status, headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')


def certificate(place, name):
    key, cert = place.path + "/%s.key" % name, place.path + "/%s.pem" % name
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                    "-out", cert, "-days", "2", "-subj", "/CN=%s.example" % name, "-addext", "subjectAltName=DNS:%s.example" % name],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.chmod(key, 0o600)
    return cert, key


class Half:
    """One of two configurations that differ in everything a reload changes."""

    def __init__(self, place, name, tls):
        self.name, self.users = name, place.path + "/users-" + name
        self.cert, self.key = certificate(place, name) if tls else ("", "")
        self.pem = open(self.cert, encoding="ascii").read() if tls else ""
        text = open(seeded.write_config(place, "%s://%s.example" % ("https" if tls else "http", name)), encoding="utf-8").read()
        self.text = text.replace("web {", 'web { users-file = "%s" tls-cert = "%s" tls-key = "%s" ' % (
            self.users, self.cert, self.key))
        config = place.file(name + ".conf", self.text)
        user(place, config, "add", "kim", stdin=PASSWORD + "\n")
        self.token = re.search(r"[0-9a-f]{64}", user(place, config, "token", "ci")).group(0)


def served(port, half, token, host):
    """The status over TLS, when the certificate is that half's; None when it is not."""
    context = ssl.create_default_context(cadata=half.pem)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as plain, \
                context.wrap_socket(plain, server_hostname=half.name + ".example") as client:
            client.sendall(b"GET /api/v1/ports HTTP/1.1\r\nHost: %s.example\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n"
                           % (host.encode(), token.encode()))
            return int(client.recv(16)[9:12])
    except ssl.SSLCertVerificationError:
        return None


def test_a_reload_takes_all_or_nothing_and_says_why_once(place):
    seeded.seed(place)
    a, b = Half(place, "a", True), Half(place, "b", True)
    config = place.file("web.conf", a.text)
    process = place.start("web", [house.WEB, "-c", config])
    port = int(process.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1))

    def is_all(half, other):
        return (served(port, half, half.token, half.name) == 200 and served(port, other, other.token, other.name) is None and
                served(port, half, half.token, other.name) == 421 and served(port, half, other.token, half.name) in (401, 429))

    def reload(word):
        before = process.text().count(word)
        process.send_signal(signal.SIGHUP)
        house.wait_until(word, lambda: process.text().count(word) > before)
    assert is_all(a, b)
    good = {path: open(path, encoding="ascii").read() for path in (b.users, b.users + ".tokens", b.key, b.cert)}
    faults = [
        ("users", b.users, good[b.users] + "# fine\nbroken\n", r"users-b:3: "),
        ("tokens", b.users + ".tokens", "\nbroken\n", r"users-b\.tokens:2: "),
        ("no users", b.users, None, r"users-b: No such file"),
        ("a key of another", b.key, open(a.key, encoding="ascii").read(), r"b\.key: is not the key of \S*b\.pem"),
        ("a key that is none", b.key, "nonsense", r"b\.key: "),
        ("no certificate", b.cert, None, r"b\.pem: No such file"),
        ("the file itself", config, b.text + "colour = 1\n", r"web\.conf:\d+: colour"),
        ("what cannot change", config, b.text.replace('"127.0.0.1:0"', '"127.0.0.1:1"'), r"only with a restart"),
        ("no TLS any more", config, re.sub(r'tls-(cert|key) = "[^"]*" ', "", b.text), r"only with a restart"),
    ]
    for what, path, text, words in faults:
        place.file("web.conf", b.text)
        if text is None:
            os.rename(path, path + ".away")
        else:
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
        begin = len(process.text())
        reload("event=reload_refused")
        assert is_all(a, b), what
        # Another round of the main thread later it is still said once.
        with open(a.users, "a", encoding="ascii") as file:
            file.write("# %s\n" % what)
        house.wait_until("the accounts to be read", lambda: "event=accounts_read" in process.text()[begin:])
        said = process.text()[begin:]
        assert re.search(words, said), (what, said)
        assert said.count("event=reload_refused") == 1 and said.count("event=accounts_kept") == 0, (what, said)
        detail = [line for line in said.splitlines() if re.search(words, line) and "event=reload_refused" not in line]
        assert len(detail) <= 1, (what, said)
        if text is None:
            os.rename(path + ".away", path)
        elif path in good:
            with open(path, "w", encoding="ascii") as file:
                file.write(good[path])
    place.file("web.conf", b.text)
    reload("event=reloaded")
    assert is_all(b, a)
    place.file("web.conf", a.text)
    reload("event=reloaded")
    assert is_all(a, b)


def test_no_request_sees_half_of_a_reload(place):
    seeded.seed(place)
    a, b = Half(place, "a", False), Half(place, "b", False)
    config = place.file("web.conf", a.text)
    process = place.start("web", [house.WEB, "-c", config])
    site = Site(int(process.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1)))
    found, stop = {}, threading.Event()

    def ask(host, token):
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
        while not stop.is_set():
            try:
                connection.request("GET", "/api/v1/ports?limit=1", headers={
                    "Host": host.name + ".example", "Authorization": "Bearer " + token.token})
                answer = connection.getresponse()
                answer.read()
                key = (host.name + token.name, answer.status)
                found[key] = found.get(key, 0) + 1
            except (OSError, http.client.HTTPException):
                connection.close()
    asking = [threading.Thread(target=ask, args=pair) for pair in ((a, a), (a, b), (b, a), (b, b))]
    for thread in asking:
        thread.start()
    for i in range(60):
        place.file("web.conf", (b, a)[i % 2].text)
        process.send_signal(signal.SIGHUP)
        house.wait_until("the reload", lambda: process.text().count("event=reloaded") > i, every_sec=0.005)
    stop.set()
    for thread in asking:
        thread.join(20)
    print("60 reloads: %s" % sorted(found.items()))
    assert found.get(("aa", 200), 0) > 0 and found.get(("bb", 200), 0) > 0
    assert ("ab", 200) not in found and ("ba", 200) not in found, found
    assert process.popen.poll() is None


# With these the server needs its key once more when the client has answered.
@pytest.mark.parametrize("ciphers", ["AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"])
def test_a_handshake_that_reloads_come_between_is_finished(place, ciphers):
    seeded.seed(place)
    key, cert = place.path + "/key.pem", place.path + "/cert.pem"

    def renew():
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
                        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.chmod(key, 0o600)
    renew()
    text = open(seeded.write_config(place), encoding="utf-8").read()
    config = place.file("tls.conf", text.replace("web {", 'web { tls-cert = "%s"  tls-key = "%s"  ' % (cert, key)))
    process = place.start("web", [house.WEB, "-c", config])
    port = int(process.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1))
    context = ssl.create_default_context(cafile=cert)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(ciphers)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(to_client, to_server, server_hostname="127.0.0.1")
    renew()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
        with pytest.raises(ssl.SSLWantReadError):
            client.do_handshake()
        plain.sendall(to_server.read())
        answer = plain.recv(65536)      # the certificate that was in force then
        for i in range(3):
            process.send_signal(signal.SIGHUP)
            house.wait_until("the reload", lambda: process.text().count("event=reloaded") > i)
        while True:
            to_client.write(answer)
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                plain.sendall(to_server.read())
                answer = plain.recv(65536)
                assert answer, "the server ended it"
        client.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        plain.sendall(to_server.read())
        to_client.write(plain.recv(65536))
        assert client.read(12) == b"HTTP/1.1 200"


def test_a_request_that_a_reload_comes_between_is_checked_anew(place):
    seeded.seed(place)
    a, b = Half(place, "a", False), Half(place, "b", False)
    place.file("web.conf", a.text)
    process = place.start("web", [house.WEB, "-c", place.path + "/web.conf"])
    port = int(process.wait_for(r"event=listening address=127\.0\.0\.1:(\d+)").group(1))
    for i, (now, other) in enumerate(((a, b), (b, a))):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(b"POST /api/v1/ports/1/declare HTTP/1.1\r\nHost: %s.example\r\nAuthorization: Bearer %s\r\nExpect: 100-continue\r\n"
                           b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n" % (now.name.encode(), other.token.encode()))
            assert client.recv(100).startswith(b"HTTP/1.1 100")       # its headers were fine
            place.file("web.conf", other.text)
            process.send_signal(signal.SIGHUP)
            house.wait_until("the reload", lambda: process.text().count("event=reloaded") > i)
            client.sendall(b"{}")
            assert client.recv(12) == b"HTTP/1.1 421"     # now that is another's name, though the token would do


def test_nobody_from_elsewhere_takes_all_places(place):
    address = house.own_address()
    if address is None:
        pytest.skip("this machine has no address but loopback's")
    seeded.seed(place)
    text = open(seeded.write_config(place), encoding="utf-8").read()
    config = place.file("web.conf", text.replace("web {", 'web { users-file = "%s/users"  ' % place.path).replace(
        "127.0.0.1:0", "0.0.0.0:0"))
    user(place, config, "add", "kim", stdin=PASSWORD + "\n")
    process = place.start("web", [house.WEB, "-c", config])
    port = int(process.wait_for(r"event=listening address=0\.0\.0\.0:(\d+)").group(1))

    def knock(at):
        """Whether the connection is kept: an answered one."""
        client = socket.create_connection((at, port), timeout=5)
        try:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: %s\r\n\r\n" % at.encode())
            return client if client.recv(12) == b"HTTP/1.1 200" else None
        except ConnectionError:
            return None
    held = [knock(address) for _ in range(100)]
    assert all(held) and not any(knock(address) for _ in range(5))
    # A proxy on this machine has them all for everybody's.
    here = [knock("127.0.0.1") for _ in range(150)]
    assert all(here)
    held.pop().close()
    house.wait_until("a place to be free", lambda: knock(address), 3)
