"""ixwatch-web from outside: routes, forms of answers, errors, what is said of old data, and what it bears."""
import concurrent.futures
import csv
import html
import io
import json
import multiprocessing
import os
import random
import re
import resource
import signal
import socket
import sqlite3
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
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
                               "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
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
    ("/mail", 200, PAGE), ("/reports", 200, PAGE),
    ("/method", 200, PAGE), ("/ports/1/days", 200, PAGE), ("/ports/1/days?to=2026-01-01", 200, PAGE),
    ("/?verdict=routine", 200, PAGE), ("/?verdict=insufficient%20data", 200, PAGE), ("/?verdict=guilty", 400, PAGE),
    ("/api/v1/ports/1/days", 200, JSON), ("/api/v1/ports/100/days", 200, JSON), ("/api/v1/ports/999999/days", 404, JSON),
    ("/api/v1/ports?verdict=recurring", 200, JSON), ("/api/v1/ports?verdict=guilty", 400, JSON),
    ("/api/v1/ports/1/days?from=2026-11-31", 400, JSON), ("/api/v1/ports/1/days?from=2026-11-02&to=2026-11-01", 400, JSON),
    ("/api/v1/ports/1/days?from=2020-01-01", 400, JSON), ("/api/v1/ports/1/days?limit=3", 400, JSON),
    ("/ports/999999/days", 404, PAGE), ("/method?x=1", 400, PAGE), ("/graphs/ports/1/heat.svg", 200, "image/svg+xml"),
    ("/graphs/ports/1/heat.svg?width=340&theme=dark", 200, "image/svg+xml"),
    ("/graphs/ports/1/heat.svg?to=2099-01-01", 400, PAGE), ("/graphs/ports/1/heat.svg?span=day", 400, PAGE),
    ("/graphs/ports/999999/heat.svg", 404, PAGE),
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
    assert "limit, cursor, exchange, state, kind, asn, verdict" in message("/api/v1/ports?colour=red")
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
    ("a length beside an encoding on a line of its own", b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
     b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", [400]),
    ("an encoding half on another line", b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
     b"Transfer-Encoding: chun\r\n ked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", [400]),
    ("a first header that goes on with nothing", b"GET /healthz HTTP/1.1\r\n Transfer-Encoding: chunked\r\nHost: localhost\r\n\r\n", [400]),
    ("a header within another's next line", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: y\r\n Cookie: z\r\n\r\n", [400]),
    ("a name that is no token", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX(y): z\r\n\r\n", [400]),
    ("a length and bare line ends", b"POST /login HTTP/1.1\nHost: localhost\nContent-Length: 4\n"
     b"Transfer-Encoding: chunked\n\n0\n\nGET /healthz HTTP/1.1\nHost: localhost\n\n", [400]),
    ("two lengths in one", b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4, 4\r\n\r\na=b\n", [400]),
    ("a length with a sign", b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: +4\r\n\r\na=b\n", [400]),
    ("a length in hexadecimal", b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0x4\r\n\r\na=b\n", [400]),
    ("two equal lengths", b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\na=b\n", [400]),
    ("no encoding, said so", b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: identity\r\n\r\n", [400]),
    ("encoding alone", b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", [400]),
    ("an encoding that is none", b"POST /login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: x\r\n\r\n", [411]),
    ("a POST in chunks", b"POST /login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", [411]),
    ("a POST of no length", b"POST /login HTTP/1.1\r\nHost: localhost\r\n\r\n", [411]),
    ("a POST of a length that is none", b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: many\r\n\r\n", [400]),
    ("a POST of less than nothing", b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", [400]),
    ("a POST that is too long", b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16385\r\n\r\n" + b"x" * 16385, [413]),
    ("a POST where no row has one", b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\na=b\n", [405]),
    ("two authorizations", b"GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", [400]),
    ("two origins", b"GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nOrigin: null\r\n\r\n", [400]),
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
    ("headers without end", b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(500)) + b"\r\n",
     [431]),
    ("no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64 + b"\r\n\r\n", [400]),
]


@pytest.mark.smoke
def test_raw_requests_are_refused_and_end_their_connection(place, site):
    for name, data, want in RAW:
        got, closed = raw(site.port, data)
        statuses = [int(status) for status in re.findall(rb"^HTTP/1\.[01] (\d+)", got, re.M)]
        assert closed and set(statuses) <= set(want), (name, got[:200])     # the library may say its own 400 twice
    assert raw(site.port, b"GET /healthz HTTP/1.0\r\n\r\n")[0].endswith(b"ok\n")
    # What is long, and still fits.
    assert site.get("/healthz", headers={"X-Long": "a" * 14000})[0] == 200
    status, _, body = site.get("/login", method="POST", headers={"Content-Length": "16384"}, body="a=" + "b" * 16382)
    assert status == 400 and b"Content-Type" in body


def test_any_number_of_parameters_is_answered(place, site):
    for count in (400, 500, 1000, 1600, 2000):      # their memory is the connection's, and there is little
        target = b"/?" + b"&".join(b"q=%d" % i for i in range(count))
        got, closed = raw(site.port, b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 4)
        assert closed and got.startswith(b"HTTP/1.1 400 "), (count, got[:80])
        assert b"is given twice" in got, got[-400:]
    assert site.get("/?q=net&state=clear")[0] == 200 and b"ports" in site.get("/api/v1/ports?limit=1&state=clear")[2]


def test_what_is_refused_is_refused_with_its_headers(place, site):
    refused = [("POST", "/", {}, 405), ("POST", "/login", {"Content-Length": "17000"}, 413), ("GET", "/healthz", {"Host": "evil.example"}, 421),
               ("POST", "/login", {"Content-Length": "0", "Origin": "https://evil.example"}, 403), ("GET", "/nothing", {}, 404),
               ("GET", "/api/v1/ports?x=1", {}, 400), ("GET", "/graphs/ports/1.png?width=9999", {}, 400), ("GET", "/", {"Origin": "null"}, 200)]
    for method, path, headers, want in refused:
        status, got, _ = site.get(path, method=method, headers=headers)
        assert status == want, (method, path, status)
        for name, value in SECURITY.items():
            assert got[name] == value, (method, path, name)
        assert "no-store" in got["Cache-Control"] or status == 200, (method, path, got)
        assert "Server" not in got, (method, path)      # nobody needs to know which


def answer_of(port, data, timeout_sec=10.0):
    """The status, or 0 when there is no answer in time; nothing more is sent after it."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_sec) as client:
        got = b""
        try:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            while part := client.recv(65536):
                got += part
        except (ConnectionError, socket.timeout):
            pass
        return int(got[9:12]) if got else 0


TARGET_COUNT, MANGLED_COUNT = 10000, 2000


@pytest.mark.smoke
def test_ten_thousand_random_targets_find_nothing_and_break_nothing(place):
    seeded.seed(place)
    process, site = seeded.serve(place)
    dice = random.Random(7)
    letters = b"/.%\\abc\x01\xff ?&=;:@0123456789ABCDEF<>\"'"
    known, found = re.compile(rb"^/+[?&]*$"), {}
    paths = [path.split("?")[0].encode() for path, _, _ in ROUTES]
    for i in range(TARGET_COUNT):
        target = b"/" + bytes(dice.choice(letters) for _ in range(dice.randint(1, 60)))
        if i % 4 == 0:      # near to what there is: more of it is read
            target = dice.choice(paths) + target[1:] + b"?" + target[1:]
        status = answer_of(site.port, b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        found[status] = found.get(status, 0) + 1
        assert status in (0, 400, 404) or i % 4 == 0 and status == 200 or known.match(target.split(b" ")[0]), (target, status)
    print("%d random targets: %s" % (TARGET_COUNT, sorted(found.items())))
    assert process.popen.poll() is None and site.get("/healthz")[0] == 200
    assert len(process.text().splitlines()) < 30, process.text()[:2000]       # the library has a line for each


@pytest.mark.smoke
def test_two_thousand_mangled_requests_break_nothing(place):
    seeded.seed(place)
    process, site = seeded.serve(place)
    dice, found = random.Random(11), {}
    whole = [data for _, data, _ in RAW if len(data) < 2000] + [
        b"GET /ports/1?span=week&from=1 HTTP/1.1\r\nHost: localhost\r\nCookie: ixwatch=%s; a=b\r\nIf-None-Match: \"x\"\r\n\r\n" % (b"0" * 64),
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 30\r\n\r\n"
        b"name=kim&password=x%26&token=0"]

    def mangled():
        data = bytearray(dice.choice(whole))
        for _ in range(dice.randint(1, 6)):
            at, what = dice.randrange(len(data)), dice.randrange(4)
            if what == 0:
                data[at] = dice.randrange(256)
            elif what == 1:
                del data[at:at + dice.randint(1, 9)]
            elif what == 2:
                data[at:at] = data[at:at + dice.randint(1, 40)]
            else:
                data[at:at] = dice.choice((b"\r\n", b"\0", b":", b" ", b"%", b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n"))
            data = data or bytearray(b"G")
        return bytes(data)
    # Side by side: more of a request that is broken is waited for, for a while.
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        for status in pool.map(lambda data: answer_of(site.port, data, 0.5), [mangled() for _ in range(MANGLED_COUNT)]):
            found[status] = found.get(status, 0) + 1
    print("%d mangled requests: %s" % (MANGLED_COUNT, sorted(found.items())))
    assert not set(found) & {500, 501, 502}, found
    assert process.popen.poll() is None and site.get("/healthz")[0] == 200


# --- what is said ---

def test_a_port_has_the_promised_form_and_one_number_everywhere(place, site):
    ports = site.ports()
    assert len(ports) == 120 and len({port["id"] for port in ports}) == 120
    for port in ports:
        assert PORT_FIELDS <= set(port), port
        if port["id"] < 12:
            one = site.json("/api/v1/ports/%d" % port["id"])
            assert one.pop("lag") is None and one.pop("capacity_disagreements") == []
            assert isinstance(one.pop("capacity_history"), list)
            assert one.pop("judgement") and one.pop("judgement_for_reports")["profile"] == "proof"
            assert one.pop("advice").keys() == {"in", "out"} and one.pop("alerts") == []
            assert one == port
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
    page = "".join(site.get("/?page=%d" % number)[2].decode() for number in (1, 2, 3))
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
        # files of ours are the only scripts
        assert page.count("<script") == page.count('<script defer src="/static/') and "<b>&amp;</b>" not in page and "style=" not in page, path
    assert "Video &lt;b&gt;&amp;amp;&lt;/b&gt; &quot;Games&quot;" in site.get("/ports/3")[2].decode()


def test_cursors_list_everything_once(place, site):
    for path, key, total in (("/api/v1/ports", "ports", 120), ("/api/v1/episodes", "episodes", 61)):
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
    assert starts == sorted(starts, reverse=True) and len(starts) == 29
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
    assert all(len(row) == len(hour["columns"]) == 12 for row in hour["rows"])
    empty = site.json("/api/v1/ports/100/series")
    assert (empty["step_sec"], empty["start"], empty["rows"]) == (None, None, []) and len(empty["columns"]) == 12


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


# --- why ---

VERDICTS = {"none", "recurring", "routine", "insufficient data"}
STATES = {"clean", "flash", "declared", "reduced capacity", "unclassified", "congested", "unknown"}
GRAVITY = ["routine", "recurring", "insufficient data", "none"]


def test_a_port_says_why_it_is_judged_so(place, site):
    for port in site.ports()[:12]:
        judgement = site.json("/api/v1/ports/%d" % port["id"])["judgement"]
        assert judgement["profile"] == "early" and set(judgement["directions"]) == {"out", "in"}
        for side in judgement["directions"].values():
            assert set(side) == {"verdict", "verdict_since", "stale_verdict", "stale_since", "reason"}
            assert side["verdict"] in VERDICTS
            assert side["stale_verdict"] is None or side["verdict"] == "insufficient data"
        worse = min((side["verdict"] for side in judgement["directions"].values()), key=GRAVITY.index)
        assert port["verdict"] == worse, port["id"]
    out = site.json("/api/v1/ports/1")["judgement"]["directions"]["out"]
    assert out["verdict"] == "routine" and out["reason"].startswith("rule A: 21 congested days")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", out["verdict_since"])
    silent = site.json("/api/v1/ports/5")["judgement"]["directions"]["in"]
    assert (silent["verdict"], silent["stale_verdict"]) == ("insufficient data", "routine") and silent["stale_since"]
    unjudged = site.json("/api/v1/ports/100")["judgement"]["directions"]["out"]
    assert unjudged == {"verdict": "insufficient data", "verdict_since": None, "stale_verdict": None, "stale_since": None,
                        "reason": None}
    page = site.get("/ports/1")[2].decode()
    assert "Rule A: 21 congested days" in page and out["verdict_since"] in page and "the policy is not met" in page
    assert "no longer claimed" in site.get("/ports/5")[2].decode()
    assert "nothing was judged yet" in site.get("/ports/100")[2].decode()


def test_the_days_behind_a_verdict(place, site):
    answer = site.json("/api/v1/ports/1/days")
    assert (answer["port"], answer["profile"], answer["timezone"]) == (1, "early", "Europe/Berlin")
    for direction in ("out", "in"):
        days = answer["directions"][direction]["days"]
        assert [day["date"] for day in days] == sorted({day["date"] for day in days}) and len(days) == 28
        assert (days[0]["date"], days[-1]["date"]) == (answer["from"], answer["to"])
        for day in days:
            assert set(day) == {"date", "valid", "known_share", "congested_minutes", "state", "verdict",
                                "peer_then"}
            assert day["state"] in STATES and day["verdict"] in VERDICTS and 0 <= day["known_share"] <= 1
            assert day["valid"] == (day["known_share"] >= 0.8)
    out = answer["directions"]["out"]["days"]
    assert {day["state"] for day in out} == STATES
    assert [day["verdict"] for day in out] == sorted((day["verdict"] for day in out), key=GRAVITY.index, reverse=True)
    dates = [day["date"] for day in out]
    part = site.json("/api/v1/ports/1/days?from=%s&to=%s" % (dates[3], dates[5]))
    assert [day["date"] for day in part["directions"]["out"]["days"]] == dates[3:6]
    instant = site.json("/api/v1/ports/1/days?from=%sT12:00:00Z&to=%sT03:00:00Z" % (dates[3], dates[5]))
    assert [day["date"] for day in instant["directions"]["out"]["days"]] == dates[3:5]     # before 06:00 it is yesterday
    page = site.get("/ports/1/days?from=%s&to=%s" % (dates[3], dates[5]))[2].decode()
    assert re.findall(r"<tr><th scope=\"row\"><a [^>]*>\w{3} ([-\d]+)</a>", page) == dates[5:2:-1]
    assert "%d min" % out[4]["congested_minutes"] in page


def test_the_calendar_tells_every_day_by_word_and_letter(place, site):
    days = site.json("/api/v1/ports/1/days")["directions"]["out"]["days"]
    page = site.get("/ports/1")[2].decode()
    calendar = page[page.index('aria-label="The last 28 traffic days, out"'):].split("</ol>")[0]
    cells = re.findall(r'<li class="([^"]*)" title="([^"]*)">.*?<b>(.)', calendar, re.S)
    letters = {"clean": ".", "congested": "C", "flash": "F", "declared": "D", "reduced capacity": "R",
               "unclassified": "u", "unknown": "?"}
    assert len(cells) == 28
    for day, (css, title, letter) in zip(days, cells):
        assert "%s: %s, %d min congested" % (day["date"], day["state"], day["congested_minutes"]) in title
        assert letter == letters[day["state"]]
        assert ("excused" in css) == (day["state"] in ("flash", "declared", "reduced capacity"))


def test_excuses_of_episodes(place, site):
    episodes = site.json("/api/v1/episodes?port=1")["episodes"]
    assert {episode["excuse"] for episode in episodes} == {None, "flash", "declared", "reduced capacity"}
    assert {e["excuse"] for e in site.json("/api/v1/episodes?kind=spike")["episodes"]} == {"spike"}
    page = site.get("/ports/1")[2].decode()
    for excuse in ("flash", "declared", "reduced capacity"):
        assert "excused: %s<" % excuse in page


def test_ports_by_verdict(place, site):
    for verdict in VERDICTS:
        ports = [port for port in site.ports() if port["verdict"] == verdict]
        query = "verdict=" + verdict.replace(" ", "%20")
        assert site.json("/api/v1/ports?" + query)["ports"] == ports
        assert site.json("/api/v1/status")["verdicts"][verdict] == len(ports)
        listed = (site.get("/?%s&page=%d" % (query, number))[2].decode() for number in (1, 2, 3))
        assert sum(page.count('<td class="st">') for page in listed) == len(ports)
    rows = re.findall(r'<tr class="\w+"><td class="st">.*?</tr>', site.get("/")[2].decode(), re.S)
    assert sum("</svg>routine</span>" in row for row in rows) == 1
    assert sum("</svg>recurring</span>" in row for row in rows) == 1
    assert not any("</svg>none</span>" in row or "</svg>insufficient" in row for row in rows)


def test_four_weeks_hour_by_day(place, site):
    import xml.etree.ElementTree as xml
    status, headers, body = site.get("/graphs/ports/1/heat.svg")
    root = xml.fromstring(body)
    assert root.get("width") == "720" and b"style=" not in body and b"<script" not in body
    cells = [r for r in root.iter("{http://www.w3.org/2000/svg}rect") if len(r)]
    titles = [cell[0].text for cell in cells]
    assert 27 * 24 <= len(cells) <= 28 * 24 + 1
    unknown = [cell[0].text for cell in cells if cell.get("fill") == "url(#u)"]
    assert unknown and all("in unknown, out unknown" in title for title in unknown)
    assert not any("in 0.0%" in title for title in titles)
    assert any(re.search(r"out 9[5-9]\.\d%", title) for title in titles)
    assert len([r for r in root.iter("{http://www.w3.org/2000/svg}rect") if r.get("fill") == "url(#x)"]) >= 4
    assert site.get("/graphs/ports/1/heat.svg?theme=dark")[2] != body
    assert "no samples yet" in site.get("/graphs/ports/100/heat.svg")[2].decode()


METHOD_CONFIG = """
detector { sustain = "45m" congested = "92%%" }
exchange demo-lon { name = "Demo-IX London" timezone = "Europe/London"
  agent edge1 { address = "127.1.0.2:1161" snmp = "edge" }
  detector { profile = "proof" flash-span = "4" }
  port "edge1/et-0/0/1" { detector { step = "600s" } }
}
"""


def test_the_method_is_made_from_the_settings_in_force(place, site):
    page = site.get("/method")[2].decode()
    for words in ("<b class=\"n\">90%</b> (early) or <b class=\"n\">95%</b> (proof)", "<b class=\"n\">30 minutes</b>",
                  "06:00", "Nowhere: every exchange", "--profile proof</code>"):
        assert words in page, words
    assert "{" not in page and page.count("<li>") > 40
    for path in ("/", "/ports/1", "/episodes"):
        assert 'href="/method"' in site.get(path)[2].decode()
    config = os.path.join(place.path, "web.conf")
    with open(config, encoding="ascii") as file:
        text = file.read()
    place.file("web.conf", text + METHOD_CONFIG.replace("%%", "%"))
    process = place.processes[-1]
    os.kill(process.pid, signal.SIGHUP)
    process.wait_for("event=reloaded")
    page = house.wait_until("the new numbers", lambda: (lambda page: page if "45 minutes" in page else None)(
        site.get("/method")[2].decode()))
    assert "<b class=\"n\">92%</b> (early) or <b class=\"n\">95%</b> (proof)" in page
    assert "--profile proof --set sustain=45m</code>" in page
    assert re.search(r"exchange <a href=\"/exchanges/demo-lon\">Demo-IX London</a>: its pages use <em>proof</em>; "
                     r"<code>flash-span</code> 4<", page)
    assert re.search(r"port <a href=\"/ports/2\">demo-lon, edge1/et-0/0/1</a>: its pages use <em>proof</em>; "
                     r"<code>step</code> 10 minutes; <code>flash-span</code> 4<", page)


def test_the_method_is_there_before_any_data(place):
    os.makedirs(place.state)
    site = seeded.serve(place)[1]
    status, _, body = site.get("/method")
    assert status == 200 and b"held against nobody" in body


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

def test_a_long_list_has_pages_and_each_port_is_on_one(place):
    seeded.seed(place, "--ports", "120", "--series", "0")
    site = seeded.serve(place)[1]
    seen = []
    for number, count in ((1, 50), (2, 50), (3, 20)):
        body = site.get("/?page=%d" % number)[2].decode()
        found = re.findall(r'<th scope="row"><a href="/ports/(\d+)"', body)
        assert len(found) == count and "page %d of 3" % number in body
        seen += found
    assert len(set(seen)) == 120
    # an exchange's page shows its worst, and the way to all
    def rows(page):
        return page.split('id="episodes"')[0].count('<td class="st">')
    body = site.get("/exchanges/demo-fra")[2].decode()
    assert rows(body) == 40 and "in pages" not in body
    place.end_all()
    seeded.seed(place, "--ports", "390", "--series", "0")
    site = seeded.serve(place, "again")[1]
    body = site.get("/exchanges/demo-fra")[2].decode()
    assert rows(body) == 50 and '<a href="/?exchange=demo-fra#ports">All 130 ports</a>' in body
    assert "page 2 of 3" in site.get("/?exchange=demo-fra&page=2")[2].decode()


def test_the_overview_is_not_sent_again_while_nothing_changed(place):
    now = seeded.seed(place, "--busy", "1", "--ports", "30", "--series", "0")
    site = seeded.serve(place)[1]
    tag = site.get("/")[1]["ETag"]
    time.sleep(1.1)     # the clock alone is no news
    status, headers, body = site.get("/", headers={"If-None-Match": tag})
    assert (status, body, headers["ETag"]) == (304, b"", tag)
    assert site.get("/?state=down", headers={"If-None-Match": tag})[0] == 200
    with sqlite3.connect(os.path.join(place.state, "ixwatch.db")) as ledger:     # a colleague takes one of the alerts between two rounds
        alert, = ledger.execute("SELECT min(id) FROM alert WHERE ended_utc_sec IS NULL AND kind = 'saturated'").fetchone()
        ledger.execute("INSERT INTO quiet (kind, alert_id, start_utc_sec, end_utc_sec, until_utc_sec, reason, author, created_utc_sec) "
                       "VALUES ('acknowledgement', ?1, ?2, ?3, ?3, 'mine', 'kim', ?2)", (alert, now + 1, now + 9000))
    status, headers, body = site.get("/", headers={"If-None-Match": tag})
    assert status == 200 and b"mine" in body and headers["ETag"] != tag
    seeded.seed(place, "--ports", "30", "--series", "0", anew=False)
    house.wait_until("the next round", lambda: site.get("/", headers={"If-None-Match": headers["ETag"]})[0] == 200)


def test_a_ports_packets_are_told_with_three_digits_and_si_prefixes(place):
    seeded.seed(place)
    site = seeded.serve(place)[1]
    live = {port["id"]: port for port in site.ports()}
    for number in (1, 2, 4, 7):
        page = site.get("/ports/%d" % number)[2].decode()
        told = re.findall(r"<dt>(Packets|Discards|Errors)</dt><dd>([^<]+)</dd>", page)
        assert len(told) == 6
        for what, text in told:
            assert re.fullmatch(r"unknown|0 /s|(\d\.\d\d|\d\d\.\d|\d\d\d) [kM]?/s", text), (number, what, text)
        value, unit = told[0][1].split(" ")
        if live[number]["in_bps"]:      # packets of 900 octets, as they were seeded
            assert float(value) * {"/s": 1, "k/s": 1e3, "M/s": 1e6}[unit] == pytest.approx(live[number]["in_bps"] / 7200, rel=0.006)


EPISODE = re.compile(r'<tr class="(open|ended)"><td class="st"><span class="state (\w+)">.*?<a href="/ports/(\d+)".*?<time datetime="([^"]+)">', re.S)


def test_episodes_are_filtered_by_a_form_and_taken_as_a_sheet(place):
    now = seeded.seed(place, "--days", "30")
    site = seeded.serve(place)[1]

    def shown(query):
        """Of all pages of the list; and the way to the same as a sheet."""
        path, found, sheet = "/episodes?" + query, [], None
        while path is not None:
            page = site.get(path)[2].decode()
            found += EPISODE.findall(page)
            sheet = sheet or html.unescape(re.search(r'<a class="take" href="(/api/v1/episodes\.csv[^"]*)"', page).group(1))
            older = re.search(r'<a href="([^"]+)">older ones', page)
            path = None if older is None else html.unescape(older.group(1))
        return found, sheet

    all_of_them, _ = shown("")
    peers = {}
    for port in site.ports():
        peers.setdefault(port["asn"], set()).add(str(port["id"]))
    assert len(all_of_them) > 50
    day = time.strftime("%Y-%m-%d", time.gmtime(now - 5 * 86400))
    cases = {
        "kind=spike": lambda e: e[1] == "spike",
        "open=true": lambda e: e[0] == "open",
        "exchange=demo-lon": lambda e: e[2] == "2",
        "port=1": lambda e: e[2] == "1",
        "asn=64497": lambda e: e[2] in peers[64497],
        "asn=64496&kind=sustained&port=1": lambda e: e[1] == "sustained" and e[2] == "1",
        "from=%s&to=%s" % (day, day): lambda e: e[3].startswith(day),
        "exchange=demo-fra&kind=sustained&from=%s" % day: lambda e: e[2] == "1" and e[3] >= day,
        "exchange=&kind=&open=&from=&to=": lambda e: True,        # the form as it is
    }
    for query, fits in cases.items():
        found, sheet = shown(query)
        assert found == [e for e in all_of_them if fits(e)] and found, query
        status, headers, body = site.get(sheet)
        assert status == 200 and headers["Content-Type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
        assert sorted((r["kind"], r["port"], r["start"]) for r in rows if r["profile"] == "early") == sorted(
            (e[1], e[2], e[3]) for e in found), query
    form = site.get("/episodes?exchange=demo-fra&kind=sustained&from=%s" % day)[2].decode()
    assert '<option value="demo-fra" selected>' in form and '<option value="sustained" selected>' in form
    assert 'name="from" value="%s"' % day in form and '<a class="more" href="/episodes">show all</a>' in form
    # the peer's own page: its newest, and the way to them all
    page = site.get("/peers/64496")[2].decode()
    assert EPISODE.findall(page) == [e for e in all_of_them if e[2] in peers[64496]][:10]
    assert '<a href="/episodes?asn=64496">All its episodes</a>' in page
    assert 'name="asn" inputmode="numeric" pattern="[0-9]*" size="8" maxlength="10" value="64496"' in site.get("/episodes?asn=64496")[2].decode()
    for wrong in ("kind=long", "asn=x", "open=maybe", "from=yesterday", "to=2026-13-01", "from=1&from=2", "colour=red"):
        assert site.get("/episodes?" + wrong)[0] == 400, wrong
    assert site.get("/episodes?exchange=nowhere")[0] == 404


def test_a_thousand_ports_are_served_in_under_50_ms(place):
    seeded.seed(place, "--ports", "1000", "--series", "0")
    site = seeded.serve(place)[1]
    times = []
    for _ in range(21):
        began = time.monotonic()
        status, _, body = site.get("/")
        times.append(time.monotonic() - began)
        assert status == 200 and body.count(b'<td class="st">') == 50 and b"page 1 of 20" in body
    assert statistics.median(times) < 0.050, times


BEGINNINGS = [b"GET / HTTP/1.1\r\nHost: localhost\r\n",     # headers drip
              b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000\r\n\r\n",    # a body drips
              b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\n"]       # so does a second request


def drip(port, count, told):
    """A process of its own, so that the clients do not share a processor's lock with who measures: says when each was cut."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    clients, cut = {}, []
    for i in range(count):
        client = socket.create_connection(("127.0.0.1", port), timeout=5)
        client.sendall(BEGINNINGS[i % 3])
        clients[client] = time.monotonic()
    told.send(count)
    end = time.monotonic() + 20
    while clients and time.monotonic() < end:
        for client, began in list(clients.items()):
            try:
                client.sendall(b"X: y\r\n")
            except OSError:
                cut.append(time.monotonic() - began)
                del clients[client]
                client.close()
        time.sleep(0.2)
    told.send((len(clients), min(cut), max(cut)))


def test_a_thousand_slow_clients_are_cut_while_others_are_served(place):
    seeded.seed(place)
    site = seeded.serve(place)[1]
    ours, theirs = multiprocessing.Pipe()
    dripping = multiprocessing.get_context("fork").Process(target=drip, args=(site.port, 1000, theirs))
    dripping.start()
    times = []
    ours.recv()     # all of them are there
    while not ours.poll():
        began = time.monotonic()
        assert site.get("/ports/1" if len(times) % 2 else "/healthz")[0] == 200
        times.append(time.monotonic() - began)
        time.sleep(0.005)
    left, first, last = ours.recv()
    dripping.join(10)
    times.sort()
    print("1,000 slow clients were cut after %.1f to %.1f s; of %d answers to another the median took %.1f ms, 99%% less than %.1f ms, all less "
          "than %.1f ms" % (first, last, len(times), 1000 * times[len(times) // 2], 1000 * times[int(len(times) * 0.99)], 1000 * times[-1]))
    assert left == 0 and first > 4.5 and last < 12, (left, first, last)
    assert len(times) > 100 and times[int(len(times) * 0.99)] < 0.1, times[-20:]


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
