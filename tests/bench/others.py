"""The other tools on the same agents: 13 columns of IF-MIB from every port, every interval.

collectd (snmp and rrdtool plugins), prometheus-snmp-exporter with prometheus as its store, and snmpbulkget in a loop.
A tool that is not installed is said to be absent, one that cannot do the size to be left out; neither is a failure.
"""
import os
import re
import resource
import shutil
import subprocess
import time

import house
from gauge import Gauge

# Of ifXTable and ifTable: octets, unicast, multicast and broadcast packets in and out; discards, errors, ifOperStatus.
PAIRS = [
    ("if_octets", "octets", "1.3.6.1.2.1.31.1.1.1.6", "1.3.6.1.2.1.31.1.1.1.10"),
    ("if_packets", "unicast", "1.3.6.1.2.1.31.1.1.1.7", "1.3.6.1.2.1.31.1.1.1.11"),
    ("if_packets", "multicast", "1.3.6.1.2.1.31.1.1.1.8", "1.3.6.1.2.1.31.1.1.1.12"),
    ("if_packets", "broadcast", "1.3.6.1.2.1.31.1.1.1.9", "1.3.6.1.2.1.31.1.1.1.13"),
    ("if_dropped", "discards", "1.3.6.1.2.1.2.2.1.13", "1.3.6.1.2.1.2.2.1.19"),
    ("if_errors", "errors", "1.3.6.1.2.1.2.2.1.14", "1.3.6.1.2.1.2.2.1.20"),
]
OPER = "1.3.6.1.2.1.2.2.1.8"
NAME = "1.3.6.1.2.1.31.1.1.1.1"
COLUMNS = [oid for pair in PAIRS for oid in pair[2:]] + [OPER]
RRD_PORTS_MAX = 20000  # collectd makes seven files a port
WARM_ROUNDS = 2


def octets_below(folder):
    total = 0
    for path, _, names in os.walk(folder):
        total += sum(os.stat(os.path.join(path, name)).st_blocks * 512 for name in names)
    return total


def watch(pids, exchange, interval, rounds):
    time.sleep(WARM_ROUNDS * interval + 2)
    gauge = Gauge(pids, columns=len(COLUMNS))
    gauge.begin()
    time.sleep(rounds * interval)
    return gauge.end(exchange.ports, interval, rounds)


# --- collectd ---

def collectd_config(folder, exchange, interval):
    lines = ["BaseDir \"%s\"" % folder, "PIDFile \"%s/collectd.pid\"" % folder, "Interval %d" % interval,
             "ReadThreads 8", "TypesDB \"/usr/share/collectd/types.db\"", "LoadPlugin logfile", "LoadPlugin snmp",
             "LoadPlugin rrdtool", "<Plugin logfile>", "  LogLevel warning", "  File \"%s/log\"" % folder, "</Plugin>",
             "<Plugin rrdtool>", "  DataDir \"%s/rrd\"" % folder, "  RRARows 1200", "  RRATimespan 3600",
             "  RRATimespan 172800", "  RRATimespan 2592000", "  CacheTimeout %d" % (10 * interval),
             "  CacheFlush %d" % (20 * interval), "</Plugin>", "<Plugin snmp>"]
    names = []
    for kind, name, first, second in PAIRS:
        lines += ["  <Data \"%s\">" % name, "    Type \"%s\"" % kind, "    Table true", "    InstancePrefix \"%s\"" % name,
                  "    Instance \"%s\"" % NAME, "    Values \"%s\" \"%s\"" % (first, second), "  </Data>"]
        names.append("\"%s\"" % name)
    lines += ["  <Data \"oper\">", "    Type \"gauge\"", "    Table true", "    InstancePrefix \"oper\"",
              "    Instance \"%s\"" % NAME, "    Values \"%s\"" % OPER, "  </Data>"]
    names.append("\"oper\"")
    for i, address in enumerate(exchange.addresses()):
        lines += ["  <Host \"agent%d\">" % i, "    Address \"%s\"" % address, "    Version 2", "    Community \"public\"",
                  "    Interval %d" % interval, "    BulkSize 25", "    Collect %s" % " ".join(names), "  </Host>"]
    return "\n".join(lines + ["</Plugin>", ""])


def measure_collectd(place, exchange, interval, rounds):
    program = shutil.which("collectd") or shutil.which("collectd", path="/usr/sbin")
    if program is None:
        return "absent: collectd-core"
    if exchange.ports > RRD_PORTS_MAX:
        return "left out: %d files" % (exchange.ports * 7)
    folder = os.path.join(place.path, "collectd")
    os.makedirs(folder)
    config = place.file("collectd.conf", collectd_config(folder, exchange, interval))
    process = place.start("collectd", [program, "-f", "-C", config])
    result = watch([process.pid], exchange, interval, rounds)
    if process.popen.poll() is not None:
        return "ended by itself: %s" % process.text()[-200:]
    process.end(timeout_sec=300)
    files = sum(len(names) for _, _, names in os.walk(os.path.join(folder, "rrd")))
    result.octets_port = octets_below(os.path.join(folder, "rrd")) / exchange.ports
    result.late = "%d files of %d" % (files, exchange.ports * 7)
    shutil.rmtree(folder, ignore_errors=True)
    return result


# --- prometheus ---

def exporter_config():
    lines = ["ixbench:", "  version: 2", "  max_repetitions: 25", "  auth: {community: public}", "  walk:"]
    metrics = []
    for _, name, first, second in PAIRS:
        metrics += [(name + "_in", first, "counter"), (name + "_out", second, "counter")]
    metrics.append(("oper", OPER, "gauge"))
    lines += ["  - %s" % oid for _, oid, _ in metrics] + ["  metrics:"]
    for name, oid, kind in metrics:
        lines += ["  - name: %s" % name, "    oid: %s" % oid, "    type: %s" % kind, "    help: %s" % name,
                  "    indexes: [{labelname: ifIndex, type: gauge}]"]
    return "\n".join(lines) + "\n"


def prometheus_config(exchange, interval, exporter_port):
    return """global: {scrape_interval: %ds, scrape_timeout: %ds}
scrape_configs:
- job_name: ixbench
  metrics_path: /snmp
  params: {module: [ixbench]}
  static_configs: [{targets: [%s]}]
  relabel_configs:
  - {source_labels: [__address__], target_label: __param_target}
  - {source_labels: [__param_target], target_label: instance}
  - {target_label: __address__, replacement: "127.0.0.1:%d"}
""" % (interval, interval, ", ".join("\"%s\"" % address for address in exchange.addresses()), exporter_port)


def prometheus_count(port):
    """Series of the last scrape, as the store itself counts them."""
    text = house.Http(port).json("/api/v1/query?query=count(octets_in)")
    rows = text["data"]["result"]
    return int(rows[0]["value"][1]) if rows else 0


def measure_prometheus(place, exchange, interval, rounds):
    exporter, store = shutil.which("prometheus-snmp-exporter"), shutil.which("prometheus")
    if exporter is None or store is None:
        return "absent: %s" % ("prometheus-snmp-exporter" if exporter is None else "prometheus")
    exporter_port, port = house.free_port(), house.free_port()
    folder = os.path.join(place.path, "prometheus")
    first = place.start("exporter", [exporter, "--config.file=" + place.file("snmp.yml", exporter_config()),
                                     "--web.listen-address=127.0.0.1:%d" % exporter_port])
    second = place.start("prometheus", [
        store, "--config.file=" + place.file("prometheus.yml", prometheus_config(exchange, interval, exporter_port)),
        "--storage.tsdb.path=" + folder, "--web.listen-address=127.0.0.1:%d" % port])
    result = watch([first.pid, second.pid], exchange, interval, rounds)
    try:
        result.late = "%d ports of %d in the last scrape" % (prometheus_count(port), exchange.ports)
    except (OSError, AssertionError) as error:
        result = "no answer: %s; %s" % (error, (first.text() + second.text())[-300:])
    first.end()
    second.end(timeout_sec=60)
    if not isinstance(result, str):
        result.octets_port = octets_below(folder) / exchange.ports
    shutil.rmtree(folder, ignore_errors=True)
    return result


# --- snmpbulkget ---

def walk_column(program, address, column):
    """Every row of one column, as many calls as it takes."""
    at, rows = column, 0
    while True:
        text = subprocess.run([program, "-v2c", "-cpublic", "-On", "-Oq", "-Cn0", "-Cr50", address, at],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout
        found = re.findall(r"^\.(%s\.\d+) " % re.escape(column), text, re.M)
        rows += len(found)
        if len(found) == 0 or len(found) < text.count("\n"):
            return rows
        at = found[-1]


def measure_bulkget(place, exchange, interval, rounds):
    program = shutil.which("snmpbulkget")
    if program is None:
        return "absent: snmp"
    if exchange.ports > RRD_PORTS_MAX:
        return "left out: a round takes longer than an interval"
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    rows = 0
    for address in exchange.addresses():
        for column in COLUMNS:
            rows += walk_column(program, address, column)
        if time.monotonic() - began > 6 * interval:
            break
    took, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    ports = max(1, rows // len(COLUMNS))
    result = Gauge([os.getpid()], columns=len(COLUMNS))
    result.begin()
    result = result.end(ports, interval, 1)
    result.cpu_round, result.cpu_1000 = cpu * exchange.ports / ports, cpu * 1000 / ports
    result.varbinds_sec, result.varbinds_cpu_sec = rows / took, rows / cpu if cpu > 0 else 0
    result.peak_mb, result.written_port_minute = after.ru_maxrss * 1024 / 1e6, 0
    result.late = "%d interfaces in %.1f s" % (ports, took)
    return result


def measure_all(place, exchange, interval, rounds):
    return [("collectd, snmp + rrdtool", "7 RRDs a port", measure_collectd(place, exchange, interval, rounds)),
            ("snmp-exporter + prometheus", "TSDB", measure_prometheus(place, exchange, interval, rounds)),
            ("snmpbulkget in a loop", "nothing", measure_bulkget(place, exchange, interval, rounds))]
