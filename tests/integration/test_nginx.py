"""ixwatch-web behind a real nginx, configured by examples/nginx/ixwatch.conf: TLS ends there, and clients are told apart by
what nginx says of them and by nothing else."""
import http.client
import os
import re
import shutil
import socket
import ssl
import time
import urllib.parse

import pytest

import house
import seeded
from house import PASSWORD, user
from test_doors import certificate

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
EXAMPLE = os.path.join(house.ROOT, "examples", "nginx", "ixwatch.conf")
NAME = "noc.example.net"

AROUND = """
daemon off;
worker_processes 1;
%(user)s
pid %(folder)s/nginx.pid;
error_log stderr notice;
events { worker_connections 512; }
http {
    access_log off;
    client_body_temp_path %(folder)s/body;
    proxy_temp_path %(folder)s/proxy;
    fastcgi_temp_path %(folder)s/fastcgi;
    uwsgi_temp_path %(folder)s/uwsgi;
    scgi_temp_path %(folder)s/scgi;
    include %(folder)s/site.conf;
}
"""


def settings_of_the_example():
    """What the comment at the head of the example asks for in ixwatch.conf."""
    with open(EXAMPLE, encoding="utf-8") as file:
        head = re.search(r"^#   web \{\n(.*?)^#   \}", file.read(), re.S | re.M).group(1)
    return "\n".join(line.lstrip("#").split("  #")[0] for line in head.splitlines())


def rewritten(text, changes):
    """The text with each place changed; one that is not there any more is a fault of this test."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def site_of_the_example(tls_port, plain_port, cert, key, port, folder):
    with open(EXAMPLE, encoding="utf-8") as file:
        return rewritten(file.read(), [
            ("listen 80;", "listen 127.0.0.1:%d;" % plain_port), ("listen [::]:80;", ""),
            ("listen 443 ssl http2;", "listen 127.0.0.1:%d ssl http2;" % tls_port), ("listen [::]:443 ssl http2;", ""),
            ("/etc/ssl/certs/noc.example.net.pem", cert), ("/etc/ssl/private/noc.example.net.key", key),
            ("http://127.0.0.1:8080;", "http://127.0.0.1:%d;" % port),
            ("/var/log/nginx/", folder + "/")])


class Client:
    """Somebody at an address of loopback's, who reaches nginx by TLS."""

    def __init__(self, port, cert, address="127.0.0.1"):
        self.port, self.address = port, address
        self.context = ssl.create_default_context(cafile=cert)
        self.context.check_hostname = False

    def ask(self, path, method="GET", body=None, headers=None):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=20, source_address=(self.address, 0))
        connection = http.client.HTTPConnection(NAME, timeout=20)
        connection.sock = self.context.wrap_socket(plain, server_hostname=NAME)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def login(self, password=PASSWORD, headers=None):
        status, _, body = self.ask("/login", headers=headers)
        assert status == 200, (status, body[:300])
        token = re.search(rb'name="token" value="([0-9a-f]*)"', body).group(1).decode()
        return self.ask("/login", "POST", urllib.parse.urlencode(
            {"name": "kim", "password": password, "token": token, "next": "/ports/1"}), dict({
                "Content-Type": "application/x-www-form-urlencoded", "Origin": "https://" + NAME}, **(headers or {})))

    def guesses(self, count, headers=lambda i: {}):
        """What so many wrong passwords of names that are none are answered."""
        _, _, body = self.ask("/login")
        token = re.search(rb'name="token" value="([0-9a-f]*)"', body).group(1).decode()
        return [self.ask("/login", "POST", urllib.parse.urlencode({"name": "n%s%d" % (self.address, i), "password": "guess", "token": token}),
                         dict({"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://" + NAME}, **headers(i)))[0]
                for i in range(count)]


def start_web(place, port_text, more=""):
    seeded.seed(place)
    text = open(seeded.write_config(place), encoding="utf-8").read()
    settings = rewritten(settings_of_the_example() + more, [('"127.0.0.1:8080"', '"%s"' % port_text),
                                                           ('"/etc/ixwatch/users"', '"%s/users"' % place.path)])
    config = place.file("web.conf", re.sub(r"web \{[^}]*\}", lambda _: "web {\n%s\n}" % settings, text))
    user(place, config, "add", "kim", "--role", "operator", stdin=PASSWORD + "\n")
    process = place.start("web", [house.WEB, "-c", config])
    return process, int(process.wait_for(r"event=listening address=\S+:(\d+)").group(1))


@pytest.fixture
def proxied(place):
    """(the log of ixwatch-web, nginx's port, its certificate, its port without TLS)."""
    if NGINX is None:
        pytest.skip("nginx is not installed")
    process, port = start_web(place, "127.0.0.1:0")
    cert, key = certificate(place, "noc")
    for attempt in range(5):        # a port that was free may be another test's by now
        tls_port, plain_port = house.free_port(), house.free_port()
        place.file("site.conf", site_of_the_example(tls_port, plain_port, cert, key, port, place.path))
        main = place.file("nginx.conf", AROUND % {"folder": place.path, "user": "user root;" if os.geteuid() == 0 else ""})
        nginx = place.start("nginx-%d" % attempt, [NGINX, "-p", place.path, "-c", main])

        def is_settled():
            """Up, or ended."""
            try:
                return nginx.popen.poll() is not None or Client(tls_port, cert).ask("/healthz")[0] == 200
            except OSError:
                return False
        house.wait_until("nginx", is_settled)
        if nginx.popen.poll() is None:
            return process, tls_port, cert, plain_port
        assert "Address already in use" in nginx.text(), nginx.text()
    raise AssertionError("no port was free")


def test_a_login_through_nginx(proxied):
    process, port, cert, plain_port = proxied
    client = Client(port, cert)
    status, headers, _ = client.login()
    assert (status, headers["Location"]) == (303, "/ports/1")
    cookie = headers["Set-Cookie"]
    assert cookie.startswith("__Host-ixwatch=") and "; Secure" in cookie and "HttpOnly" in cookie
    status, headers, body = client.ask("/ports/1", headers={"Cookie": cookie.split(";")[0]})
    assert status == 200 and b"kim" in body
    # What ixwatch says of each page reaches the browser, and nginx adds its own.
    assert headers["Strict-Transport-Security"] and headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"] and "no-store" in headers["Cache-Control"]
    status, headers, _ = client.ask("/")
    assert status == 303 and headers["Location"].startswith("/login")
    # A page of another server cannot post; a name that is not ours is none.
    assert client.ask("/login", "POST", "name=kim", {"Content-Type": "application/x-www-form-urlencoded",
                                                     "Origin": "https://evil.example"})[0] == 403
    assert client.ask("/healthz", headers={"Host": "evil.example"})[0] == 421
    assert client.ask("/login", "POST", "x=" + "y" * 17000, {"Content-Type": "application/x-www-form-urlencoded"})[0] == 413
    redirected = house.Http(plain_port).get("/ports/1", headers={"Host": NAME})
    assert (redirected[0], redirected[1]["Location"]) == (301, "https://%s/ports/1" % NAME)
    assert "event=login address=127.0.0.1 account=kim" in process.text()


def test_a_page_with_its_pictures_is_not_held_back(proxied):
    _, port, cert, _ = proxied
    client = Client(port, cert)
    cookie = client.login()[1]["Set-Cookie"].split(";")[0]
    began = time.monotonic()
    statuses = [client.ask("/api/v1/ports/%d" % (1 + i % 100), headers={"Cookie": cookie})[0] for i in range(60)]
    took = time.monotonic() - began
    print("60 requests through nginx took %.0f ms" % (1000 * took))
    assert set(statuses) == {200} and took < 2.0


def test_attempts_are_counted_by_client_and_not_by_proxy(proxied):
    process, port, cert, _ = proxied
    mallory, alice = Client(port, cert, "127.0.0.2"), Client(port, cert, "127.0.0.3")
    answers = mallory.guesses(14)
    assert answers[:10] == [401] * 10 and answers.count(429) >= 3, answers
    # Nobody else waits: not the next client, nor somebody at the proxy's own address.
    assert alice.login()[0] == 303 and Client(port, cert).login()[0] == 303
    assert "event=login address=127.0.0.3 account=kim" in process.text()
    # What a client says it is, or puts before what nginx says, is no other client.
    for address, header, word in (("127.0.0.4", "X-Forwarded-For", "192.0.2.%d"), ("127.0.0.5", "X-Real-IP", "192.0.2.%d"),
                                  ("127.0.0.6", "Forwarded", "for=192.0.2.%d")):
        answers = Client(port, cert, address).guesses(14, lambda i, name=header, said=word: {name: said % i})
        assert answers[:10] == [401] * 10 and answers.count(429) >= 3, (header, answers)
    assert "192.0.2." not in process.text()


def direct(port, address, forwarded, name):
    """One wrong password, straight to ixwatch; the status."""
    connection = http.client.HTTPConnection(address, port, timeout=20)
    try:
        def ask(method, body=None, headers=None):
            connection.request(method, "/login", body, dict({"Host": NAME, "X-Forwarded-For": forwarded}, **(headers or {})))
            answer = connection.getresponse()
            return answer.status, answer.read()
        token = re.search(rb'name="token" value="([0-9a-f]*)"', ask("GET")[1]).group(1).decode()
        return ask("POST", urllib.parse.urlencode({"name": name, "password": "guess", "token": token}),
                   {"Content-Type": "application/x-www-form-urlencoded"})[0]
    finally:
        connection.close()


# Over an IPv6 socket, too: there an IPv4 client looks like one of IPv6, all of one network.
@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0"])
def test_only_a_proxy_on_this_machine_is_believed(place, listen):
    address = house.own_address()
    if address is None:
        pytest.skip("this machine has no address but loopback's")
    process, port = start_web(place, listen)
    # From elsewhere: whatever it says, it is who it is.
    answers = [direct(port, address, "198.51.100.%d" % i, "e%d" % i) for i in range(14)]
    assert answers[:10] == [401] * 10 and answers.count(429) >= 3, answers
    # On loopback: each is the client that the proxy names; of a list, the last.
    assert [direct(port, "127.0.0.1", "198.51.100.%d" % i, "l%d" % i) for i in range(14)] == [401] * 14
    answers = [direct(port, "127.0.0.1", "198.51.100.%d, 203.0.113.9" % i, "m%d" % i) for i in range(14)]
    assert answers[:10] == [401] * 10 and answers.count(429) >= 3, answers
    text = process.text()
    assert "address=%s " % address in text and "address=203.0.113.9 " in text
    assert "address=198.51.100.3 " in text and text.count("address=198.51.100.3 ") == 1


def test_no_log_of_nginx_keeps_what_a_mailed_link_lets_in_by(place, proxied):
    process, port, cert, plain_port = proxied
    client = Client(port, cert)
    secret = "Zq" + "k7-_" * 20
    paths = ["/letters/" + secret, "/letters/%s/ports/1?span=week&x=%s" % (secret, secret), "/a/" + secret, "//letters//" + secret,
             "/%6cetters/" + secret, "/letters/%s%%2f" % secret, "/x/../a/" + secret, "/a/" + secret + "?" + secret]
    for path in paths:
        client.ask(path)
        client.ask(path, "POST", "x=" + "y" * 17000, {"Content-Type": "application/x-www-form-urlencoded"})     # refused by nginx itself
        house.Http(plain_port).get(path, headers={"Host": NAME})
    many = [client.ask("/a/" + secret)[0] for _ in range(150)]
    assert 429 in many
    process.end()
    house.wait_until("nginx to be alone", lambda: client.ask("/letters/" + secret)[0] in (502, 429))
    client.ask("/ports/1?span=week")

    def logged():
        with open(os.path.join(place.path, "ixwatch.access.log"), encoding="utf-8") as file:
            return file.read()
    house.wait_until("the log", lambda: "/ports/1?span=week" in logged())
    assert '"GET /letters/*** HTTP/1.1" ' in logged() and '"GET /a/*** HTTP/1.1" 429' in logged()
    assert '"GET /letters/***/ports/1 HTTP/1.1"' in logged()
    for folder, _, names in os.walk(place.path):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                assert secret[:20].encode() not in file.read(), name
