"""What the benches measure processes with: CPU, memory and octets written, from /proc; and how they print it."""
import os
import re


def machine():
    model = "unknown processor"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return "%s, %d cores, Linux %s" % (model, os.cpu_count(), os.uname().release)


def say(name, text):
    print("%-10s %s" % (name, text), flush=True)


class Result:
    late = ""
    octets_port = None

    def __init__(self, cpu, peak_mb, written, ports, interval, rounds, columns):
        self.cpu_round = cpu / rounds
        self.cpu_1000 = self.cpu_round * 1000 / ports
        self.peak_mb = peak_mb
        self.varbinds_sec = ports * columns / interval
        self.varbinds_cpu_sec = ports * columns / self.cpu_round if cpu > 0 else 0
        self.written_port_minute = written / ports / (rounds * interval / 60)


class Gauge:
    """Several processes as one."""

    def __init__(self, pids, columns=17):
        self.pids, self.columns = pids, columns

    def cpu(self):
        ticks = 0
        for pid in self.pids:
            with open("/proc/%d/stat" % pid, encoding="ascii") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])
        return ticks / os.sysconf("SC_CLK_TCK")

    def peak_mb(self):
        total = 0
        for pid in self.pids:
            with open("/proc/%d/status" % pid, encoding="ascii") as file:
                total += int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1))
        return total * 1024 / 1e6

    def written(self):
        total = 0
        for pid in self.pids:
            with open("/proc/%d/io" % pid, encoding="ascii") as file:
                total += int(re.search(r"^write_bytes: (\d+)", file.read(), re.M).group(1))
        return total

    def begin(self):
        self.cpu_began, self.written_began = self.cpu(), self.written()

    def end(self, ports, interval, rounds):
        return Result(self.cpu() - self.cpu_began, self.peak_mb(), self.written() - self.written_began, ports, interval,
                      rounds, self.columns)


ROW = "%-28s %-22s %12s %12s %10s %10s %14s %12s  %s"


def table_head():
    print(ROW % ("tool", "stores", "varbinds/s", "varbinds", "CPU s a", "peak MB", "octets written", "octets", ""))
    print(ROW % ("", "", "asked", "a CPU s", "1,000 ports", "", "port, minute", "a port", ""))


def table_row(name, stores, result):
    if isinstance(result, str):
        print(ROW % (name, stores, "-", "-", "-", "-", "-", "-", result))
        return
    print(ROW % (name, stores, "%.0f" % result.varbinds_sec, "%.0f" % result.varbinds_cpu_sec, "%.4f" % result.cpu_1000,
                 "%.0f" % result.peak_mb, "%.0f" % result.written_port_minute,
                 "-" if result.octets_port is None else "%.0f" % result.octets_port, result.late))
