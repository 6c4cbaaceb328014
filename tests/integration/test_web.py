"""ixwatch-web from outside: routes, forms of answers, errors, what is said of old data, and what it bears."""
import json
import os
import random
import re
import signal
import socket
import statistics
import struct
import subprocess
import threading
import time

import pytest

import house
import seeded

SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
                               "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
PORT_FIELDS = {"id", "exchange", "agent", "interface", "alias", "kind", "asn", "peer", "capacity_bps", "physical_bps",
               "capacity_source", "in_bps", "out_bps", "in_utilisation", "out_utilisation", "state", "verdict",
               "sampled_at"}

PAGE, JSON, TEXT = "text/html; charset=utf-8", "application/json", "text/plain"
ROUTES = [
    ("/", 200, PAGE), ("/?state=sustained", 200, PAGE), ("/?exchange=demo-fra&page=1", 200, PAGE),
    ("/exchanges/demo-fra", 200, PAGE), ("/peers/64496", 200, PAGE), ("/ports/1", 200, PAGE), ("/episodes", 200, PAGE),
    ("/episodes?open=true&exchange=demo-fra", 200, PAGE), ("/api/v1/status", 200, JSON), ("/api/v1/exchanges", 200, JSON),
    ("/api/v1/ports", 200, JSON), ("/api/v1/ports/1", 200, JSON), ("/api/v1/ports/1/series", 200, JSON),
    ("/api/v1/episodes", 200, JSON), ("/api/v1/peers/64496", 200, JSON), ("/healthz", 200, TEXT), ("/readyz", 200, TEXT),
    ("/metrics", 200, "text/plain; version=0.0.4; charset=utf-8"), ("/static/style.css", 200, "text/css; charset=utf-8"),
    ("/static/icon.svg", 200, "image/svg+xml"), ("/graphs/ports/1.png", 200, "image/png"),
    ("/graphs/ports/1.svg?span=week&theme=dark", 200, "image/svg+xml"),
    ("/nothing", 404, PAGE), ("/api/v1/nothing", 404, JSON), ("/ports/999999", 404, PAGE), ("/ports/x", 404, PAGE),
    ("/api/v1/ports/999999", 404, JSON), ("/exchanges/nowhere", 404, PAGE), ("/peers/1", 404, PAGE),
    ("/api/v1/peers/1", 404, JSON), ("/api/v1/ports?exchange=nowhere", 404, JSON), ("/static/../main.c", 404, PAGE),
    ("/static/nothing.css", 404, PAGE), ("/graphs/ports/999999.png", 404, PAGE), ("/?x=1", 400, PAGE),
    ("/api/v1/ports?x=1", 400, JSON), ("/api/v1/ports?limit=0", 400, JSON), ("/api/v1/ports?limit=1&limit=1", 400, JSON),
    ("/api/v1/ports?kind=friend", 400, JSON), ("/api/v1/episodes?kind=long", 400, JSON),
    ("/graphs/ports/1.png?width=9999", 400, PAGE), ("/graphs/ports/1.png?span=day&from=1", 400, PAGE),
    ("/api/v1/ports/1/series?from=200&to=100", 400, JSON), ("/api/v1/ports/1/series?from=now", 400, JSON),
    ("/mail", 404, PAGE), ("/reports", 404, PAGE),
]


@pytest.fixture
def site(place):
    seeded.seed(place)
    return seeded.serve(place)[1]


@pytest.mark.smoke
def test_every_route_answers_in_its_form(place, site):
    for path, status, kind in ROUTES:
        got, headers, body = site.get(path)
        assert (got, headers["Content-Type"].startswith(kind)) == (status, True), (path, got, headers)
        for name, value in SECURITY.items():
            assert headers[name] == value, (path, name)
        assert "Cache-Control" in headers
        if kind == JSON and status >= 400:
            error = json.loads(body)["error"]
            assert error["code"] and error["message"], path


def test_an_error_says_what_and_what_is_allowed(place, site):
    def message(path):
        return json.loads(site.get(path)[2])["error"]["message"]
    assert "unknown query key \"colour\"" in message("/api/v1/ports?colour=red")
    assert "limit, cursor, exchange, state, kind, asn" in message("/api/v1/ports?colour=red")
    assert "1 to 1000" in message("/api/v1/ports?limit=1001")
    assert "there is no port 999999" in message("/api/v1/ports/999999")
    assert "there is no exchange \"<nowhere>\"" in message("/api/v1/ports?exchange=%3Cnowhere%3E")
    body = site.get("/exchanges/%3Cnowhere%3E")[2]
    assert b"&lt;nowhere&gt;" in body and b"<nowhere>" not in body


def test_only_get_and_head(place, site):
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"):
        for path in ("/", "/api/v1/ports", "/nothing"):
            status, headers, _ = site.get(path, method=method)
            assert (status, headers["Allow"]) == (405, "GET, HEAD"), (method, path)
    for path in ("/", "/api/v1/ports/1", "/static/style.css", "/graphs/ports/1.png", "/nothing", "/readyz"):
        got, headers, body = site.get(path)
        status, head, nothing = site.get(path, method="HEAD")
        assert (status, nothing) == (got, b""), path
        assert head["Content-Type"] == headers["Content-Type"]
        if path not in ("/",):      # a page says when it was made
            assert head["Content-Length"] == headers["Content-Length"] == str(len(body)), path


def test_what_is_known_is_not_sent_again(place, site):
    for path in ("/static/style.css", "/graphs/ports/1.png", "/graphs/ports/1.svg?span=year", "/api/v1/ports?limit=5"):
        status, headers, body = site.get(path)
        assert status == 200 and body
        status, again, nothing = site.get(path, headers={"If-None-Match": headers["ETag"]})
        assert (status, nothing, again["ETag"]) == (304, b"", headers["ETag"]), path
        assert site.get(path, headers={"If-None-Match": '"other"'})[0] == 200
    page = site.get("/")[2].decode()
    css = re.search(r'href="(/static/style\.css\?v=[0-9a-f]+)"', page).group(1)
    assert "max-age=31536000" in site.get(css)[1]["Cache-Control"]


def test_a_foreign_host_is_refused(place, site):
    for host in ("localhost", "localhost:1", "127.0.0.1", "127.0.0.1:%d" % site.port, "[::1]:80", "noc.example.net",
                 "NOC.example.net:8443"):
        assert site.get("/healthz", headers={"Host": host})[0] == 200, host
    for host in ("evil.example", "evil.example:%d" % site.port, "127.0.0.1.evil.example", "localhost.evil.example", "",
                 "10.0.0.1", "[::1", "noc.example.net@evil.example", "localhost:x"):
        status, _, body = site.get("/healthz", headers={"Host": host})
        assert status in (400, 421), host
        assert b"ok\n" != body


def raw(port, data, timeout_sec=2.0):
    """What comes back for these octets, until the server closes or nothing more comes."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_sec) as client:
        client.sendall(data)
        got = b""
        try:
            while True:
                part = client.recv(65536)
                if not part:
                    return got, True
                got += part
        except socket.timeout:
            return got, False
        except ConnectionError:
            return got, True


RAW = [
    ("length and encoding together", b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
     b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", [400]),
    ("the same on a GET", b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
     b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", [400]),
    ("two lengths", b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\nabcde", [400]),
    ("a GET with a body", b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nabcde", [400]),
    ("two hosts", b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", [400]),
    ("no host", b"GET / HTTP/1.1\r\n\r\n", [400]),
    ("a blank before the colon", b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", [400]),
    ("dots", b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", [404]),
    ("a NUL that would end the path", b"GET /%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", [404]),
    ("a NUL behind a good path", b"GET /healthz%00x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", [404]),
    ("another server's address", b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
     [404]),
    ("a header that is too long", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 40000 + b"\r\n\r\n", [431]),
    ("a target that is too long", b"GET /" + b"a" * 40000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", [414]),
    ("no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64 + b"\r\n\r\n", [400]),
]


@pytest.mark.smoke
def test_raw_requests_are_refused_and_end_their_connection(place, site):
    for name, data, want in RAW:
        got, closed = raw(site.port, data)
        statuses = [int(status) for status in re.findall(rb"^HTTP/1\.[01] (\d+)", got, re.M)]
        assert closed and set(statuses) <= set(want), (name, got[:200])     # the library may say its own 400 twice
    assert raw(site.port, b"GET /healthz HTTP/1.0\r\n\r\n")[0].endswith(b"ok\n")
    assert site.get("/healthz")[0] == 200


@pytest.mark.smoke
def test_random_targets_find_nothing_and_break_nothing(place):
    seeded.seed(place)
    process, site = seeded.serve(place)
    dice = random.Random(7)
    letters = b"/.%\\abc\x01\xff ?&=;:@0123456789ABCDEF<>\"'"
    known = re.compile(rb"^/+[?&]*$")
    for _ in range(1500):
        target = b"/" + bytes(dice.choice(letters) for _ in range(dice.randint(1, 60)))
        got, _ = raw(site.port, b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 5.0)
        status = int(got[9:12]) if got else 0
        assert status in (0, 400, 404) or known.match(target.split(b" ")[0]), (target, got[:80])
    assert process.popen.poll() is None and site.get("/healthz")[0] == 200


# --- what is said ---

def test_a_port_has_the_promised_form_and_one_number_everywhere(place, site):
    ports = site.ports()
    assert len(ports) == 120 and len({port["id"] for port in ports}) == 120
    for port in ports:
        assert PORT_FIELDS <= set(port), port
        assert site.json("/api/v1/ports/%d" % port["id"]) == port if port["id"] < 12 else True
    for port in ports[:3]:
        series = site.json("/api/v1/ports/%d/series?from=%d" % (port["id"], int(time.time()) - 7200))
        columns = series["columns"]
        last = [row for row in series["rows"] if row[0] is not None][-1]
        for name in ("in_bps", "out_bps"):
            assert last[columns.index(name)] == pytest.approx(port[name], rel=1e-12)
        assert last[columns.index("capacity_bps")] == port["physical_bps"]
        octets = 8 * (port["out_bps"] / 8 + 20 * port["out_pps"]) / port["capacity_bps"]
        assert port["out_utilisation"] == pytest.approx(octets, rel=1e-12)
        page = site.get("/ports/%d" % port["id"])[2].decode()
        assert "%.1f%%" % (100 * port["out_utilisation"]) in page
        assert "%#.3g Gbit/s" % (port["out_bps"] / 1e9) in page


def test_unknown_is_null_with_its_reason_and_never_nought(place, site):
    silent = next(port for port in site.ports() if port["peer"] == "Silent Networks")
    assert silent["state"] == "unknown" and silent["in_bps"] is None and silent["out_utilisation"] is None
    assert "does not answer" in silent["unknown_because"]
    page = site.get("/ports/%d" % silent["id"])[2].decode()
    assert "the agent does not answer" in page and "0 bit/s" not in page
    metrics = site.get("/metrics")[2].decode()
    assert 'ixwatch_port_state{exchange="%s",agent="%s",interface="%s",asn="64500",state="unknown"} 1' % (
        silent["exchange"], silent["agent"], silent["interface"]) in metrics
    assert 'in_bits_per_second{exchange="%s",agent="%s",interface="%s"' % (
        silent["exchange"], silent["agent"], silent["interface"]) not in metrics


def test_metrics_are_well_formed(place, site):
    sample = re.compile(r'^[a-z_]+(\{[a-z]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z]+="(?:[^"\\\n]|\\["\\n])*")*\})? '
                        r'[-+0-9.e]+$')
    typed = set()
    for line in site.get("/metrics")[2].decode().splitlines():
        if line.startswith("# TYPE "):
            typed.add(line.split()[2])
        elif not line.startswith("# HELP "):
            assert sample.match(line), line
            assert re.match("[a-z_]+", line).group(0) in typed, line
    assert {"ixwatch_port_out_bits_per_second", "ixwatch_port_state", "ixwatch_port_verdict", "ixwatch_collector_up",
            "ixwatch_build_info"} <= typed


def test_the_worst_comes_first(place, site):
    page = site.get("/")[2].decode()
    states = re.findall(r'<tr class="(\w+)"><td class="st">', page)
    order = ["sustained", "spike", "hot", "unknown", "down", "clear"]
    assert len(states) == 120
    assert states == sorted(states, key=order.index) and set(states) == set(order)
    shares = [float(share) for share in re.findall(r'aria-label="in: ([0-9.]+)% of capacity"', page)][-100:]
    assert shares == sorted(shares, reverse=True)       # of the clear ones, in is the fuller direction here
    only = site.get("/?state=hot")[2].decode()
    assert re.findall(r'<tr class="(\w+)"><td class="st">', only) == ["hot"]


def test_names_from_outside_are_only_text(place, site):
    for path in ("/", "/ports/3", "/ports/4", "/episodes", "/exchanges/demo-nyc"):
        page = site.get(path)[2].decode()
        assert "<script" not in page and "<b>&amp;</b>" not in page and "style=" not in page, path
    assert "Video &lt;b&gt;&amp;amp;&lt;/b&gt; &quot;Games&quot;" in site.get("/ports/3")[2].decode()


def test_cursors_list_everything_once(place, site):
    for path, key, total in (("/api/v1/ports", "ports", 120), ("/api/v1/episodes", "episodes", 63)):
        ids, cursor = [], ""
        while cursor is not None:
            answer = site.json("%s?limit=7%s" % (path, "&cursor=" + cursor if cursor else ""))
            assert len(answer[key]) <= 7
            ids += [element["id"] for element in answer[key]]
            cursor = answer["next"]
        assert len(ids) == len(set(ids)) == total, path


def test_filters(place, site):
    assert {port["exchange"] for port in site.json("/api/v1/ports?exchange=demo-lon")["ports"]} == {"demo-lon"}
    assert {port["state"] for port in site.json("/api/v1/ports?state=down")["ports"]} == {"down"}
    assert {port["asn"] for port in site.json("/api/v1/ports?asn=64496")["ports"]} == {64496}
    assert {port["kind"] for port in site.json("/api/v1/ports?kind=pni")["ports"]} == {"pni"}
    episodes = site.json("/api/v1/episodes?open=true")["episodes"]
    assert len(episodes) == 3 and all(episode["open"] for episode in episodes)
    assert {e["kind"] for e in site.json("/api/v1/episodes?kind=spike")["episodes"]} == {"spike"}
    starts = [e["start"] for e in site.json("/api/v1/episodes?port=1")["episodes"]]
    assert starts == sorted(starts, reverse=True) and len(starts) == 31
    peer = site.json("/api/v1/peers/64496")
    assert peer["asn"] == 64496 and {port["asn"] for port in peer["ports"]} == {64496}
    assert peer["port_count"] == len(peer["ports"]) == 8


def test_a_series_keeps_to_its_rows_and_says_its_step(place, site):
    now = int(time.time())
    year = site.json("/api/v1/ports/1/series?from=%d&to=%d" % (now - 35 * 86400, now))
    assert year["step_sec"] > 60 and len(year["rows"]) <= 5000
    hour = site.json("/api/v1/ports/1/series?from=%d&to=%d&step=300" % (now // 3600 * 3600 - 7200, now // 3600 * 3600))
    assert hour["step_sec"] == 300 and len(hour["rows"]) == 24
    start = hour["start"].replace("Z", "+00:00")
    from datetime import datetime
    assert int(datetime.fromisoformat(start).timestamp()) == now // 3600 * 3600 - 7200
    assert all(len(row) == len(hour["columns"]) == 10 for row in hour["rows"])
    empty = site.json("/api/v1/ports/100/series")
    assert (empty["step_sec"], empty["start"], empty["rows"]) == (None, None, []) and len(empty["columns"]) == 10


def test_old_data_is_never_shown_as_live(place):
    seeded.seed(place, "--age", "300")
    site = seeded.serve(place)[1]
    status, _, body = site.get("/readyz")
    assert status == 503 and b"300 s ago" in body or b"301 s ago" in body or b"302 s ago" in body
    assert site.get("/healthz")[0] == 200
    for port in site.ports():
        assert port["state"] == "unknown" and port["in_bps"] is None and port["out_utilisation"] is None
        assert port["sampled_at"] is not None
    page = site.get("/")[2].decode()
    assert "the collector is not running" in page and "5 min old" in page and "of capacity" not in page
    assert "is congested" not in page and "are congested" not in page
    assert site.json("/api/v1/status")["ready"] is False


def test_data_is_found_when_it_comes_and_when_it_changes(place):
    os.makedirs(place.state)
    site = seeded.serve(place)[1]
    status, _, body = site.get("/")
    assert status == 200 and b"has not made its first round" in body
    assert site.get("/readyz")[0] == 503
    status, _, body = site.get("/api/v1/ports")
    assert status == 503 and json.loads(body)["error"]["code"] == "no_data"
    assert site.json("/api/v1/status")["ready"] is False
    seeded.seed(place, "--ports", "5", "--series", "1", anew=False)
    house.wait_until("the ports to be seen", lambda: site.get("/readyz")[0] == 200 and len(site.ports()) == 5)
    seeded.seed(place, "--ports", "9", "--series", "0", anew=False)
    house.wait_until("more ports to be seen", lambda: len(site.ports()) == 9)


# --- pictures ---

def png_size(body):
    assert body[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", body[16:24])


def test_pictures(place, site):
    small = png_size(site.get("/graphs/ports/1.png?width=300&height=100")[2])
    large = png_size(site.get("/graphs/ports/1.png?width=900&height=100")[2])
    assert large[0] - small[0] == 600
    light, dark = (site.get("/graphs/ports/1.svg?theme=" + theme)[2] for theme in ("light", "dark"))
    assert light != dark and light.lstrip().startswith(b"<?xml") and b"<script" not in light
    assert png_size(site.get("/graphs/ports/1.png?from=%d&to=%d" % (time.time() - 600, time.time()))[2])
    status, headers, body = site.get("/graphs/ports/100.png")     # a port that has no file yet
    assert (status, headers["Content-Type"]) == (404, PAGE) and b"no samples yet" in body
    status, headers, body = site.get("/graphs/ports/100.svg")     # its picture on the page says so itself
    assert (status, headers["Content-Type"]) == (200, "image/svg+xml") and b"no samples yet" in body


def test_a_killed_worker_costs_at_most_a_picture(place):
    seeded.seed(place)
    process, site = seeded.serve(place)
    assert site.get("/graphs/ports/1.png")[0] == 200
    for round_number in range(5):
        for pid in seeded.children(process.pid):
            os.kill(pid, signal.SIGKILL)
        began = time.monotonic()
        assert site.get("/graphs/ports/1.png?width=%d" % (300 + round_number))[0] == 200
        assert time.monotonic() - began < 2.0
        assert site.get("/healthz")[0] == 200


def test_a_worker_that_crashes_costs_its_picture_alone(place):
    seeded.seed(place)
    process, site = seeded.serve(place)
    assert site.get("/graphs/ports/1.png")[0] == 200
    for pid in seeded.children(process.pid):
        os.kill(pid, signal.SIGSTOP)
    answers = []
    asker = threading.Thread(target=lambda: answers.append(site.get("/graphs/ports/2.png")))
    asker.start()
    time.sleep(0.3)                 # for the job to be with one of them
    for pid in seeded.children(process.pid):
        os.kill(pid, signal.SIGSEGV)
        os.kill(pid, signal.SIGCONT)
    asker.join(10)
    assert answers[0][0] == 503 and b"ended unexpectedly" in answers[0][2]
    house.wait_until("another picture", lambda: site.get("/graphs/ports/3.png")[0] == 200, 3)


def test_a_picture_that_takes_too_long_is_given_up_and_nobody_else_waits(place):
    seeded.seed(place)
    process, site = seeded.serve(place)
    assert site.get("/graphs/ports/1.png")[0] == 200
    stopped = seeded.children(process.pid)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    answers = []
    asker = threading.Thread(target=lambda: answers.append(site.get("/graphs/ports/2.png", timeout_sec=15)))
    began = time.monotonic()
    asker.start()
    worst = 0.0
    while asker.is_alive() and time.monotonic() - began < 12:
        before = time.monotonic()
        assert site.get("/ports/1")[0] == 200
        worst = max(worst, time.monotonic() - before)
        time.sleep(0.02)
    asker.join(10)
    status, headers, body = answers[0]
    assert status == 503 and b"took longer than 5 seconds" in body and headers["Content-Type"] == PAGE
    assert 4.0 < time.monotonic() - began < 9.0 and worst < 0.5
    house.wait_until("another picture", lambda: site.get("/graphs/ports/3.png", timeout_sec=15)[0] == 200)


def fake_collector(place, heard, answer):
    """Listens where the collector would; `answer` None: never says a word."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.path.join(place.state, "control.sock"))
    listener.listen(8)

    def serve():
        kept = []
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            kept.append(client)
            heard.append(json.loads(client.makefile().readline()))
            if answer is not None:
                client.sendall(answer)
                client.close()
    threading.Thread(target=serve, daemon=True).start()
    return listener


def test_the_collector_is_asked_to_write_before_anything_is_read(place, site):
    heard = []
    listener = fake_collector(place, heard, b'{"ok": true}\n')
    assert site.get("/graphs/ports/2.png")[0] == 200
    assert site.json("/api/v1/ports/3/series")["rows"]
    listener.close()
    assert [(request["op"], request["port"]) for request in heard] == [("flush", 2), ("flush", 3)]


def test_a_collector_that_does_not_answer_delays_a_picture_by_half_a_second_once(place, site):
    heard = []
    listener = fake_collector(place, heard, None)
    times = []
    for port in (1, 2, 3, 4, 5, 6):
        began = time.monotonic()
        assert site.get("/graphs/ports/%d.svg" % port)[0] == 200
        times.append(time.monotonic() - began)
    listener.close()
    assert max(times) < 1.5 and statistics.median(times) < 0.45, times


# --- what it bears, and how it ends ---

def test_a_thousand_ports_are_served_in_under_50_ms(place):
    seeded.seed(place, "--ports", "1000", "--series", "0")
    site = seeded.serve(place)[1]
    times = []
    for _ in range(21):
        began = time.monotonic()
        status, _, body = site.get("/")
        times.append(time.monotonic() - began)
        assert status == 200 and body.count(b'<td class="st">') == 1000
    assert statistics.median(times) < 0.050, times


def test_slow_clients_are_cut_while_others_are_served(place):
    seeded.seed(place)
    site = seeded.serve(place)[1]
    clients = []
    for _ in range(300):
        client = socket.create_connection(("127.0.0.1", site.port), timeout=5)
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        clients.append(client)
    times, began = [], time.monotonic()
    while clients and time.monotonic() - began < 15:
        for client in list(clients):
            try:
                client.sendall(b"X: y\r\n")
            except OSError:
                clients.remove(client)
                client.close()
        before = time.monotonic()
        assert site.get("/healthz")[0] == 200
        times.append(time.monotonic() - before)
        time.sleep(0.2)
    took = time.monotonic() - began
    assert not clients and took < 9, (len(clients), took)
    assert sorted(times)[int(len(times) * 0.99) - 1] < 0.1, sorted(times)[-5:]


def test_it_ends_with_its_workers(place):
    seeded.seed(place)
    process, site = seeded.serve(place)
    assert site.get("/graphs/ports/1.png")[0] == 200
    workers = seeded.children(process.pid)
    assert workers
    assert process.end(signal.SIGTERM) == 0
    assert not any(seeded.is_alive(pid) for pid in workers)
    process, site = seeded.serve(place, "again")
    assert site.get("/graphs/ports/1.png")[0] == 200
    workers = seeded.children(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.popen.wait(10)
    house.wait_until("the workers to go", lambda: not any(seeded.is_alive(pid) for pid in workers), 5)


def test_it_ends_while_a_picture_is_waited_for(place):
    seeded.seed(place)
    process, site = seeded.serve(place)
    assert site.get("/graphs/ports/1.png")[0] == 200
    for pid in seeded.children(process.pid):
        os.kill(pid, signal.SIGSTOP)
    answers = []

    def ask():
        try:
            answers.append(site.get("/graphs/ports/2.png")[0])
        except OSError as error:
            answers.append(str(error))
    asker = threading.Thread(target=ask)
    asker.start()
    time.sleep(0.5)
    assert process.end(signal.SIGTERM, timeout_sec=4) == 0
    asker.join(5)
    assert len(answers) == 1


def test_the_configuration_is_read_again(place):
    seeded.seed(place)
    process, site = seeded.serve(place)
    assert site.get("/healthz", headers={"Host": "new.example.net"})[0] == 421
    seeded.write_config(place, "https://new.example.net:8443/ixwatch")
    os.kill(process.pid, signal.SIGHUP)
    house.wait_until("the new name", lambda: site.get("/healthz", headers={"Host": "new.example.net"})[0] == 200)
    with open(os.path.join(place.path, "web.conf"), "a", encoding="ascii") as file:
        file.write("colour = \"red\"\n")
    os.kill(process.pid, signal.SIGHUP)
    process.wait_for("event=reload_refused")
    assert "colour" in process.text()
    assert site.get("/healthz", headers={"Host": "new.example.net"})[0] == 200


def test_wrong_use(place):
    def run(*arguments):
        return subprocess.run([house.WEB, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=20)
    done = run("--help")
    assert done.returncode == 0 and "-c FILE" in done.stdout
    done = run("--version")
    assert done.returncode == 0 and done.stdout.startswith("ixwatch-web ")
    for arguments in (["--colour"], ["-c"], ["run"]):
        done = run(*arguments)
        assert done.returncode == 2 and "usage" in done.stderr, arguments
    done = run("-c", os.path.join(place.path, "absent.conf"))
    assert done.returncode == 2 and "absent.conf" in done.stderr
    done = run("-c", place.file("bad.conf", "state-dir = \"/nowhere\"\ninterval = \"60\"\nfoo = 1\n"))
    assert done.returncode == 2 and "bad.conf:2" in done.stderr and "bad.conf:3" in done.stderr
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        config = seeded.write_config(place)
        with open(config, encoding="ascii") as file:
            text = file.read().replace("127.0.0.1:0", "127.0.0.1:%d" % taken.getsockname()[1])
        done = run("-c", place.file("taken.conf", text))
        assert done.returncode == 1 and "cannot listen on 127.0.0.1" in done.stderr
