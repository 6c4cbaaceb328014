"""What the tests of weekly reports share: a collector with peers and recipients, letters that lie where closed weeks are kept,
and the questions of the control socket."""
import base64
import hashlib
import hmac
import json
import os
import re
import socket
import sqlite3
import struct
import time

import house
from mail_house import Desk

GOLDEN = os.path.join(house.ROOT, "tests", "golden")
LINK_REPORT = 2

CONFIG = """
state-dir = "%(state)s"
interval = "2s"
snmp edge { version = "2c" community = "public-is-secret" timeout = "1s" retries = 0 }
exchange demo-fra {
  agent edge1 { address = "127.0.0.1:%(agent_port)d"   snmp = "edge"   match = 'AS(?<asn>[0-9]+)' }
}
exchange demo-ams { name = "Demo Amsterdam" }
mail {
%(mail)s
}
peer "64500" { also = { 64509 }   report-to = { %(to)s } }
%(more)s
report { to-peers = "%(to_peers)s"   name = "Example Carrier"   mail = "kim@example.net"   coordinator = { %(coordinator)s } }
web { listen = "127.0.0.1:0"   base-url = "https://ix.example.net/watch" }
"""

PNG = (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde\x00\x00\x00\x0cIDATx\x9cc"
       b"\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82")


class Reports(Desk):
    """A collector, its outbox, and the queue of letters."""

    def __init__(self, place, mail, to=("peering@peer.example",), to_peers="approve", more=""):
        self.to_peers, self.more = to_peers, more
        self.known_port = house.free_port(house.socket.SOCK_DGRAM)
        super().__init__(place, mail, to)

    def write(self, coordinator='"boss@example.net"'):
        to = ", ".join('"%s"' % address for address in self.to)
        self.config = self.place.file("ixwatch.conf", CONFIG % {
            "state": self.place.state, "agent_port": self.known_port, "mail": self.mail, "to": to, "more": self.more,
            "to_peers": self.to_peers, "coordinator": coordinator})

    def ask(self, op, **request):
        """What the collector answers to one line of JSON."""
        request = dict(request, op=op)
        if op != "report-register":
            request.setdefault("author", "kim")
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(30)
            folder = os.open(self.place.state, os.O_PATH | os.O_DIRECTORY)
            try:
                client.connect("/proc/self/fd/%d/control.sock" % folder)
            finally:
                os.close(folder)
            client.sendall(json.dumps(request).encode() + b"\n")
            answer = b""
            while not answer.endswith(b"\n"):
                got = client.recv(65536)
                if not got:
                    break
                answer += got
        return json.loads(answer)

    def done(self, op, **request):
        answer = self.ask(op, **request)
        assert answer["ok"], answer
        return answer

    def refused(self, op, **request):
        answer = self.ask(op, **request)
        assert not answer["ok"], answer
        return answer["error"]

    def report(self, *arguments):
        return self.place.run("report", *arguments, "-c", self.config)

    def state(self, report_id):
        return self.query("SELECT state FROM report WHERE id = ?", report_id)[0][0]

    def change(self, sql, *values):
        with sqlite3.connect("%s/ixwatch.db" % self.place.state, timeout=10) as ledger:
            ledger.execute(sql, values)

    def shelve(self, golden="routine", asn=64500, week="2026-W47", edition=1, **more):
        """Lets a letter lie where closed weeks are kept; the request that registers it."""
        stem = "AS%d" % asn + ("-r%d" % edition if edition > 1 else "")
        folder = os.path.join(self.place.state, "reports", week)
        os.makedirs(folder, exist_ok=True)
        files, contents = [], {}
        for ending in ("txt", "html", "json"):
            with open(os.path.join(GOLDEN, "letter_%s.%s" % (golden, ending)), "rb") as file:
                contents["%s.%s" % (stem, ending)] = file.read()
        facts = json.loads(contents[stem + ".json"])
        contents[stem + ".csv"] = b"port,time_utc_sec,in_bps\n1,1763359500,\n"
        for connection in facts["connections"]:
            if connection.get("graph"):
                contents[connection["graph"]] = PNG
        for name, octets in contents.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(octets)
            files.append({"name": name, "octets": len(octets), "sha256": hashlib.sha256(octets).hexdigest()})
        whole = b"".join(contents["%s.%s" % (stem, ending)] for ending in ("txt", "html", "csv", "json"))
        request = {"kind": "peer", "week": week, "asn": asn, "edition": edition, "name": "ExampleNet",
                   "subject": "ExampleNet AS%d and us: week %s" % (asn, week), "verdict": facts["verdict"],
                   "purpose": facts["purpose"], "tells": True, "sha256": hashlib.sha256(whole).hexdigest(),
                   "made": int(time.time()), "files": files,
                   "connections": [{"exchange": "demo-fra", "verdict": facts["verdict"]}]}
        if edition > 1:
            request["corrects"] = "the capacity was half of what it is"
        return dict(request, **more)

    def register(self, **how):
        return self.done("report-register", **self.shelve(**how))

    def claim(self, text):
        """What the link in a mail says, once its code is proved: (report, expiry, scope)."""
        token = re.search(r"https://ix\.example\.net/watch/letters/([A-Za-z0-9_-]+)", text).group(1)
        octets = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        with open(os.path.join(self.place.state, "link.key")) as file:
            key = bytes.fromhex(file.readline().strip())
        assert hmac.compare_digest(hmac.new(key, octets[:-32], hashlib.sha256).digest(), octets[-32:])
        version, purpose, expiry, report_id = struct.unpack(">BBqq", octets[:18])
        assert version == 1 and purpose == LINK_REPORT
        return report_id, expiry, octets[18:-32].decode()
