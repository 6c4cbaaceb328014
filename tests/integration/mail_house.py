"""What the tests of mail share: a collector without agents to speak of, mail servers, and what they got."""
import asyncio
import email
import email.policy
import json
import os
import sqlite3
import ssl
import subprocess

from aiosmtpd.controller import Controller

import house

PUT_MAIL = os.path.join(house.BUILD, "tests", "put_mail")

CONFIG = """
state-dir = "%(state)s"
interval = "2s"
snmp edge { version = "2c" community = "public-is-secret" timeout = "1s" retries = 0 }
exchange fra {
  agent edge1 { address = "127.0.0.1:%(agent_port)d"   snmp = "edge"   match = 'AS(?<asn>[0-9]+)' }
}
mail {
%(mail)s
}
alert { to = {%(to)s} }
web { listen = "127.0.0.1:0" }
"""


class Desk:
    """A collector that watches one agent which never answers, and its outbox."""

    def __init__(self, place, mail, to=(), sign_of_life=""):
        self.place = place
        self.mail = mail + '  sign-of-life = "%s"\n' % sign_of_life
        self.to = to
        self.collector = None
        self.write()

    def write(self):
        to = ", ".join('"%s"' % address for address in self.to)
        self.config = self.place.file("ixwatch.conf", CONFIG % {
            "state": self.place.state, "agent_port": house.free_port(house.socket.SOCK_DGRAM), "mail": self.mail, "to": to})

    def start(self, environment=None):
        os.makedirs(self.place.state, exist_ok=True)
        self.collector = self.place.start("collect-%d" % len(self.place.processes),
                                          [house.IXWATCH, "collect", "-c", self.config], environment)
        self.collector.wait_for(r"module=mailer event=ready|mailer event=ready")
        return self.collector

    def mailer_pid(self):
        found = [line for line in self.collector.text().splitlines() if "event=mailer-started" in line]
        return int(found[-1].split("pid=")[1].split()[0]) if found else None

    def put(self, *mails, environment=None):
        """Ids of what was put, in one transaction."""
        text = "".join(json.dumps(mail) + "\n" for mail in mails)
        done = subprocess.run([PUT_MAIL, self.place.state], input=text, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60, env=dict(os.environ, **(environment or {})))
        assert done.returncode == 0, done.stderr
        return [int(line) for line in done.stdout.split()]

    def query(self, sql, *values):
        ledger = sqlite3.connect("file:%s/ixwatch.db?mode=ro" % self.place.state, uri=True, timeout=10)
        try:
            return ledger.execute(sql, values).fetchall()
        finally:
            ledger.close()

    def states(self):
        return dict(self.query("SELECT state, count(*) FROM outbox GROUP BY state"))

    def state_of(self, mail_id):
        return self.query("SELECT state FROM outbox WHERE id = ?", mail_id)[0][0]

    def wait_for_state(self, mail_id, state, timeout_sec=20):
        house.wait_until("mail %d to be %s" % (mail_id, state), lambda: self.state_of(mail_id) == state, timeout_sec)

    def outbox(self, *arguments):
        return self.place.run("outbox", *arguments, "-c", self.config)

    def due_now(self):
        """As if the time of the next attempt had come."""
        with sqlite3.connect("%s/ixwatch.db" % self.place.state, timeout=10) as ledger:
            ledger.execute("UPDATE outbox SET next_utc_sec = 0 WHERE state = 'waiting'")


class Sink:
    """aiosmtpd that does as told: `answer(recipient, number)` is called after DATA, `at_recipient` at RCPT; each gives a
    reply, or None for 250.  What was taken is in `got`, as (recipient, Message, raw octets)."""

    def __init__(self, port=0, tls=None, **options):
        self.port = port or house.free_port()
        self.got, self.commands = [], []
        self.tries = 0
        self.answer = lambda recipient, number: None
        self.at_recipient = lambda recipient: None
        sink = self

        class Handler:
            async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
                reply = sink.at_recipient(address)
                sink.commands.append(("RCPT", address))
                if reply is not None:
                    return reply
                envelope.rcpt_tos.append(address)
                return "250 OK"

            async def handle_DATA(self, server, session, envelope):
                sink.tries += 1
                reply = sink.answer(envelope.rcpt_tos[0], sink.tries)
                if asyncio.iscoroutine(reply):
                    reply = await reply
                if reply == "drop after taking":
                    sink.take(envelope, session)
                    server.transport.abort()
                    return "250 lost"
                if reply is not None:
                    return reply
                sink.take(envelope, session)
                return "250 taken"

        self.handler = Handler()
        self.options = dict(options)
        self.tls = tls
        self.controller = None
        self.start()

    def take(self, envelope, session):
        assert len(envelope.rcpt_tos) == 1, envelope.rcpt_tos
        raw = envelope.original_content
        self.got.append((envelope.rcpt_tos[0], email.message_from_bytes(raw, policy=email.policy.default), raw,
                         session.ssl is not None, session.authenticated))

    def start(self):
        options = dict(self.options)
        if self.tls is not None:
            options["tls_context"] = self.tls
        self.controller = Controller(self.handler, hostname="127.0.0.1", port=self.port, ready_timeout=10, **options)
        self.controller.start()

    def stop(self):
        if self.controller is not None:
            self.controller.stop()
            self.controller = None

    def subjects(self):
        return [str(one[1]["Subject"]) for one in self.got]

    def message_ids(self):
        return [str(one[1]["Message-ID"]) for one in self.got]


def smtp_mail(port, more="", scheme="smtp", host="127.0.0.1"):
    return '  smtp = "%s://%s:%d"\n  from = "ixwatch@example.net"\n%s' % (scheme, host, port, more)


def spooled(folder):
    """The mails in a folder, by name."""
    found = []
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        if name.endswith(".eml") and not name.startswith("."):
            with open(os.path.join(folder, name), "rb") as file:
                found.append((name, email.message_from_bytes(file.read(), policy=email.policy.default)))
    return found


def certificate(place):
    """A certificate of its own for 127.0.0.1, and the context that shows it."""
    cert, key = os.path.join(place.path, "cert.pem"), os.path.join(place.path, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, context
