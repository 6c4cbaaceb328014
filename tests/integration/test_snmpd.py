"""Real input: Debian's snmpd watching `lo` while a known number of octets crosses it."""
import socket
import threading
import time

import house

SPAN_SEC = 30
PAYLOAD = 8000
PACKETS_PER_SEC = 500


def loopback_octets():
    with open("/sys/class/net/lo/statistics/tx_bytes", encoding="ascii") as file:
        return int(file.read())


class Sender(threading.Thread):
    """Sends UDP packets over lo at a steady pace until told to stop."""

    def __init__(self):
        super().__init__(daemon=True)
        self.stop = threading.Event()

    def run(self):
        sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sink.bind(("127.0.0.1", 0))
        source = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        data, due = b"x" * PAYLOAD, time.monotonic()
        while not self.stop.is_set():
            source.sendto(data, sink.getsockname())
            due += 1.0 / PACKETS_PER_SEC
            time.sleep(max(0, due - time.monotonic()))
        source.close()
        sink.close()


def test_what_crossed_lo_is_what_is_stored_and_shown(place):
    port = house.free_port(socket.SOCK_DGRAM)
    conf = place.file("snmpd.conf", "agentaddress udp:127.0.0.1:%d\nrocommunity public 127.0.0.1\n" % port)
    snmpd = place.start("snmpd", ["/usr/sbin/snmpd", "-f", "-Lo", "-C", "-c", conf, "-I", "-smux",
                                  "-p", place.path + "/snmpd.pid"],
                        {"SNMP_PERSISTENT_DIR": place.path + "/snmpd", "MIBS": ""})
    snmpd.wait_for("NET-SNMP version")
    config = place.file("lo.conf", """
state-dir = "%s"
interval = "5s"
snmp local { version = "2c"  community = "public" }
exchange here {
  name = "This machine"
  agent me { address = "127.0.0.1:%d"  snmp = "local" }
  port "me/lo" { asn = 64500  peer = "Myself"  capacity = "1G" }
}
web { listen = "127.0.0.1:0"  base-url = "http://127.0.0.1:8080" }
""" % (place.state, port))
    run, http = house.start_run(place, config)
    sender = Sender()
    sender.start()
    try:
        # snmpd refreshes its counters about every 3 s, so 30 s of slots are compared with the kernel's own count.
        house.wait_until("a first sample", lambda: http.ports() and http.ports()[0]["out_bps"], 40)
        kernel = []
        end = time.time() + SPAN_SEC + 12
        while time.time() < end:
            kernel.append((time.time(), loopback_octets()))
            time.sleep(0.2)
    finally:
        sender.stop.set()
        sender.join(5)
    begin = int(kernel[0][0]) // 5 * 5 + 5
    house.wait_until("the slots", lambda: house_parse(http.ports()[0]["sampled_at"]) >= begin + SPAN_SEC, 30)
    series = http.json("/api/v1/ports/%d/series?from=%d&to=%d" % (http.ports()[0]["id"], begin, begin + SPAN_SEC))
    at = series["columns"].index("out_bps")
    values = [row[at] for row in series["rows"]]
    assert None not in values and len(values) * series["step_sec"] == SPAN_SEC, values
    stored = sum(values) * series["step_sec"] / 8
    sent = octets_at(kernel, begin + SPAN_SEC) - octets_at(kernel, begin)
    print("stored %.0f octets, sent %.0f: %+.2f%%" % (stored, sent, 100 * (stored / sent - 1)))
    assert sent > SPAN_SEC * PAYLOAD * PACKETS_PER_SEC * 0.8
    assert abs(stored / sent - 1) <= 0.02
    shown = http.json("/api/v1/ports/%d" % http.ports()[0]["id"])
    assert shown["capacity_bps"] == 1e9 and shown["capacity_source"] == "setting"
    assert run.end() == 0


def house_parse(text):
    import datetime
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def octets_at(samples, when):
    """Between two looks at the kernel's counter, linearly."""
    for (t0, o0), (t1, o1) in zip(samples, samples[1:]):
        if t0 <= when <= t1:
            return o0 + (o1 - o0) * (when - t0) / (t1 - t0)
    raise AssertionError("no look at the counter around %r" % when)
