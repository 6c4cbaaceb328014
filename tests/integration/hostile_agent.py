"""An SNMPv2c agent on loopback whose interface table says whatever a test wants: any octets as names, any ifIndex, any
course of the counters, restarts.  It answers GET, GETNEXT and GETBULK from a thread of the test; each counter is its
row's rate times sysUpTime, so the right rate is known."""
import bisect
import socket
import threading
import time

INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
COUNTER32, GAUGE, TICKS, COUNTER64 = 0x41, 0x42, 0x43, 0x46
NO_SUCH_INSTANCE, END_OF_VIEW = 0x81, 0x82
GET, GETNEXT, RESPONSE, GETBULK = 0xA0, 0xA1, 0xA2, 0xA5

IF_TABLE, IFX_TABLE = (1, 3, 6, 1, 2, 1, 2, 2, 1), (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
SYS_UPTIME, SYS_NAME = (1, 3, 6, 1, 2, 1, 1, 3, 0), (1, 3, 6, 1, 2, 1, 1, 5, 0)
# column -> what it is and of a row's which
COLUMNS = [
    (IF_TABLE + (1,), "index"), (IF_TABLE + (2,), "descr"), (IF_TABLE + (3,), "type"), (IF_TABLE + (7,), "up"),
    (IF_TABLE + (8,), "up"), (IF_TABLE + (13,), "none"), (IF_TABLE + (14,), "none"), (IF_TABLE + (19,), "drops"),
    (IF_TABLE + (20,), "none"), (IFX_TABLE + (1,), "name"), (IFX_TABLE + (6,), "octets"), (IFX_TABLE + (7,), "packets"),
    (IFX_TABLE + (8,), "none64"), (IFX_TABLE + (9,), "none64"), (IFX_TABLE + (10,), "octets"),
    (IFX_TABLE + (11,), "packets"), (IFX_TABLE + (12,), "none64"), (IFX_TABLE + (13,), "none64"),
    (IFX_TABLE + (15,), "speed"), (IFX_TABLE + (18,), "alias"), (IFX_TABLE + (19,), "discontinuity"),
]
# An agent of before ifXTable's 64-bit counters.
NARROW_COLUMNS = [
    (IF_TABLE + (1,), "index"), (IF_TABLE + (2,), "descr"), (IF_TABLE + (3,), "type"), (IF_TABLE + (7,), "up"),
    (IF_TABLE + (8,), "up"), (IF_TABLE + (10,), "octets32"), (IF_TABLE + (11,), "packets32"),
    (IF_TABLE + (13,), "none"), (IF_TABLE + (14,), "none"), (IF_TABLE + (16,), "octets32"),
    (IF_TABLE + (17,), "packets32"), (IF_TABLE + (19,), "none"), (IF_TABLE + (20,), "none"),
    (IFX_TABLE + (1,), "name"), (IFX_TABLE + (2,), "none"), (IFX_TABLE + (3,), "none"), (IFX_TABLE + (4,), "none"),
    (IFX_TABLE + (5,), "none"), (IFX_TABLE + (15,), "speed"), (IFX_TABLE + (18,), "alias"),
]


def tlv(tag, body):
    length = len(body)
    if length < 0x80:
        return bytes((tag, length)) + body
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + body


def integer(value, tag=INTEGER):
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=tag == INTEGER))


def oid_encode(oid):
    body = bytearray((oid[0] * 40 + oid[1],))
    for part in oid[2:]:
        chunk = [part & 0x7F]
        while part > 0x7F:
            part >>= 7
            chunk.append(0x80 | part & 0x7F)
        body += bytes(reversed(chunk))
    return tlv(OID, bytes(body))


def parse(data, at=0):
    """(tag, body, the place after it)"""
    tag, length, at = data[at], data[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        length, at = int.from_bytes(data[at:at + count], "big"), at + count
    return tag, data[at:at + length], at + length


def parse_all(body):
    found, at = [], 0
    while at < len(body):
        tag, inner, at = parse(body, at)
        found.append((tag, inner))
    return found


def oid_decode(body):
    oid, value = [body[0] // 40, body[0] % 40], 0
    for octet in body[1:]:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            oid.append(value)
            value = 0
    return tuple(oid)


class Row:
    def __init__(self, index, name, alias, rate_bps=8e6, speed_mbps=1000):
        self.index, self.name, self.alias = index, name, alias
        self.rate_bps, self.speed_mbps = rate_bps, speed_mbps
        self.offset = 10 ** 9       # of the counters
        self.drops = 0              # of a thousand packets out, discarded


class Agent:
    def __init__(self, rows, address="127.0.0.1", community=b"public", max_octets=60000,
                 columns=None, clock=1.0, refresh_sec=0.0):
        """clock: what share of the time its sysUpTime passes (0: stands still), None: it has none; refresh_sec: it takes
        its counters so often."""
        self.community, self.max_octets = community, max_octets
        self.uptime_ticks, self.boot = 10 ** 6, time.monotonic()
        self.silent = False
        self.columns, self.clock, self.refresh_sec = columns or COLUMNS, clock, refresh_sec
        self.requests = 0
        self.set_rows(rows)
        self.socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.socket.settimeout(0.1)
        self.address, self.port = address, self.socket.getsockname()[1]
        self.over = False
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def set_rows(self, rows):
        table = {row.index: row for row in rows}
        oids = [SYS_UPTIME, SYS_NAME] + [column + (index,) for column, _ in self.columns for index in sorted(table)]
        if self.clock is None:
            oids.remove(SYS_UPTIME)
        self.rows, self.oids, self.kinds = table, oids, dict(self.columns)

    def restart(self):
        """Up for no time, its counters at nothing."""
        self.uptime_ticks, self.boot = 0, time.monotonic()
        for row in self.rows.values():
            row.offset = 0

    def ticks(self):
        """Of true time since it came up."""
        return self.uptime_ticks + int((time.monotonic() - self.boot) * 100)

    def value(self, oid, ticks):
        if oid == SYS_UPTIME:
            passed = int((ticks - self.uptime_ticks) * (self.clock or 0))
            return None if self.clock is None else integer(self.uptime_ticks + passed & 0xFFFFFFFF, TICKS)
        if oid == SYS_NAME:
            return tlv(OCTETS, b"hostile")
        kind, row = self.kinds.get(oid[:-1]), self.rows.get(oid[-1])
        if kind is None or row is None:
            return None
        taken = ticks - ticks % int(self.refresh_sec * 100) if self.refresh_sec else ticks
        octets = row.offset + int(row.rate_bps / 8 * (taken - self.uptime_ticks) / 100)
        return {
            "index": lambda: integer(row.index), "descr": lambda: tlv(OCTETS, row.name),
            "type": lambda: integer(6), "up": lambda: integer(1), "none": lambda: integer(0, COUNTER32),
            "drops": lambda: integer(octets * row.drops // 1000000 & 0xFFFFFFFF, COUNTER32),
            "none64": lambda: integer(0, COUNTER64), "name": lambda: tlv(OCTETS, row.name),
            "octets": lambda: integer(octets, COUNTER64), "packets": lambda: integer(octets // 1000, COUNTER64),
            "octets32": lambda: integer(octets & 0xFFFFFFFF, COUNTER32),
            "packets32": lambda: integer(octets // 1000 & 0xFFFFFFFF, COUNTER32),
            "speed": lambda: integer(row.speed_mbps, GAUGE), "alias": lambda: tlv(OCTETS, row.alias),
            "discontinuity": lambda: integer(0, TICKS),
        }[kind]()

    def next_of(self, oid):
        at = bisect.bisect_right(self.oids, oid)
        return self.oids[at] if at < len(self.oids) else None

    def varbind(self, oid, ticks):
        value = self.value(oid, ticks)
        return tlv(SEQUENCE, oid_encode(oid) + (value if value is not None else tlv(NO_SUCH_INSTANCE, b"")))

    def answer(self, kind, first, second, asked):
        ticks, found, octets = self.ticks(), [], 0
        if kind == GET:
            return [self.varbind(oid, ticks) for oid in asked]
        singles = min(first, len(asked)) if kind == GETBULK else 0     # non-repeaters: once each
        for turn in range(max(second, 1) if kind == GETBULK else 1):
            for i, oid in enumerate(asked):
                if turn > 0 and i < singles:
                    continue
                following = self.next_of(oid)
                found.append(self.varbind(following, ticks) if following else
                             tlv(SEQUENCE, oid_encode(oid) + tlv(END_OF_VIEW, b"")))
                asked[i] = following or oid
                octets += len(found[-1])
                if octets > self.max_octets:
                    return found[:-1] or found
        return found

    def reply(self, data):
        _, message, _ = parse(data)
        (_, version), (_, community), (kind, pdu) = parse_all(message)
        if community != self.community or kind not in (GET, GETNEXT, GETBULK):
            return None
        (_, request), (_, first), (_, second), (_, varbinds) = parse_all(pdu)
        asked = [oid_decode(parse(body)[1]) for _, body in parse_all(varbinds)]
        found = self.answer(kind, int.from_bytes(first, "big"), int.from_bytes(second, "big"), asked)
        body = tlv(INTEGER, request) + integer(0) + integer(0) + tlv(SEQUENCE, b"".join(found))
        return tlv(SEQUENCE, tlv(INTEGER, version) + tlv(OCTETS, community) + tlv(RESPONSE, body))

    def serve(self):
        while not self.over:
            try:
                data, who = self.socket.recvfrom(65536)
            except socket.timeout:
                continue
            self.requests += 1
            answer = None if self.silent else self.reply(data)
            if answer is not None:
                try:
                    self.socket.sendto(answer, who)
                except OSError:
                    pass        # longer than a datagram: never sent, as a real one would

    def end(self):
        self.over = True
        self.thread.join(5)
        self.socket.close()
