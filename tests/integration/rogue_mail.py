"""A mail server that does as a table says: at each event the words, silence or the end that the table has for it, else
what a good server would do.  Only sockets: nothing keeps it from breaking every rule there is."""
import socket
import ssl
import threading
import time

CLOSE = object()


def let_in(client):
    """Asks for the login, and believes it."""
    client.sendall(b"334 \r\n")
    client.recv(4096)
    client.sendall(b"235 2.7.0 come in\r\n")


GOOD = {
    "connect": b"220 rogue.example ready\r\n", "EHLO": b"250-rogue.example\r\n250 8BITMIME\r\n", "MAIL": b"250 2.1.0 sender\r\n",
    "RCPT": b"250 2.1.5 recipient\r\n", "DATA": b"354 go ahead\r\n", "BODY": b"250 2.0.0 taken\r\n", "QUIT": b"221 bye\r\n",
    "RSET": b"250 ok\r\n", "STARTTLS": b"220 go ahead\r\n", "AUTH": let_in,
}


def endless(line, seconds=30.0):
    """The same octets for as long as somebody takes them."""
    def do(client):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            client.sendall(line)
    return do


def silence(client):
    """Until the other side gives up."""
    while client.recv(4096):
        pass


class Rogue:
    """`script` {event: octets, CLOSE, or a function of the socket}.  What was read of a mail up to its dot is in
    `got`, the commands that came without TLS are in `in_clear`."""

    def __init__(self, context=None):
        self.script, self.got, self.in_clear, self.context = {}, [], [], context
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.listen, daemon=True).start()

    def stop(self):
        self.listener.close()

    def listen(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def act(self, client, event):
        """False: this connection is over."""
        do = self.script.get(event, GOOD.get(event, b"502 what?\r\n"))
        if do is CLOSE:
            return False
        if callable(do):
            do(client)
        else:
            client.sendall(do)
        return True

    def serve(self, client):
        client.settimeout(60)
        try:
            self.talk(client)
        except (OSError, ValueError):
            pass
        finally:
            client.close()

    def talk(self, client):
        if not self.act(client, "connect"):
            return
        reader = client.makefile("rb")
        while True:
            line = reader.readline(10000)
            if not line:
                return
            event = line.split()[0].upper().decode("ascii", "replace") if line.strip() else ""
            event = "AUTH" if event not in GOOD and "AUTH" in self.script else event     # an answer to a challenge
            if not isinstance(client, ssl.SSLSocket):
                self.in_clear.append(event)
            if not self.act(client, event):
                return
            if event == "DATA" and not self.take(client, reader):
                return
            if event == "STARTTLS" and self.script.get("STARTTLS") is None:
                client = self.context.wrap_socket(client, server_side=True)
                reader = client.makefile("rb")
            if event == "QUIT":
                return

    def take(self, client, reader):
        """A mail, where the client sends one."""
        if not self.script.get("DATA", b"3").startswith(b"3"):
            return True
        lines = []
        while True:
            line = reader.readline(100000)
            if not line:
                return False
            if line == b".\r\n":
                break
            lines.append(line)
        self.got.append(b"".join(lines))
        return self.act(client, "BODY")


def then(octets, do):
    """The octets, and after them what else is done."""
    def both(client):
        client.sendall(octets)
        do(client)
    return both


def reset(client):
    """Ends it without a farewell, once nobody holds it."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    raise ConnectionAbortedError


def tls_that_stops(client):
    """Takes the greeting of TLS and answers with half of something."""
    client.sendall(b"220 go ahead\r\n")
    client.recv(4096)
    client.sendall(b"\x16\x03\x03\x20\x00\x02\x00\x00")
    client.shutdown(socket.SHUT_RDWR)


def tls_of(context):
    """TLS that is ended in the middle of a command that came through it."""
    def do(client):
        client.sendall(b"220 go ahead\r\n")
        with context.wrap_socket(client, server_side=True) as inside:
            inside.recv(4096)
            inside.sendall(b"250-rogue.exam")
            reset(inside)
    return do

