"""Random histories for the judgement: ports that are quiet, full every evening, hit by events, upgraded, broken; with
gaps, contracts, discards, windows, zones and settings.  Everything follows from the seed."""
import math
import random

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo",
         "Asia/Tokyo", "Pacific/Apia"]
CAUSES = ["event", "works", "attack", "failover", "exchange", "ours"]
# Around changes of the clock (Berlin, New York, Lord Howe; Apia lost a day at the end of 2011), and elsewhere.
BEGINNINGS = [1772000000, 1790900000, 1320000000, 1324000000, 1700000000, 1761000000]
GIGA = 1e9


class History:
    """rows, columns, row_step, and the arguments of a replay."""

    def __init__(self, seed, days=None, row_step=None):
        self.random = r = random.Random(seed)
        self.row_step = row_step or r.choice([300, 300, 600, 900, 900, 1200, 1800, 3600])
        self.settings = self.pick_settings()
        self.days = days or r.choice([9, 25, 40, 55, 70, 100] + [160] * (self.row_step >= 900))
        self.zone = r.choice(ZONES)
        start = r.choice(BEGINNINGS) + r.randrange(0, 5 * 86400)
        self.start = start - start % self.row_step
        self.end = self.start + self.days * 86400
        self.columns = ["out_bps"] + (["in_bps"] if r.random() < 0.5 else [])
        if r.random() < 0.1:
            self.columns = ["in_bps"]
        if r.random() < 0.5:
            self.columns += [name[:-3] + "pps" for name in self.columns if name.endswith("bps")]
            if r.random() < 0.7:
                self.columns += [name[:-3] + "discards_pps" for name in self.columns if name.endswith("_pps")]
        self.profile = r.choice(["early", "proof"])
        self.contracted = r.choice([None, None, None, 4 * GIGA, 8 * GIGA, 20 * GIGA])
        self.nominal = r.choice([None, None, None, None, 10 * GIGA, 12 * GIGA])
        self.capacity = None if r.random() < 0.7 else 10 * GIGA
        if self.capacity is None or r.random() < 0.5:
            self.columns.append("capacity_bps")
        self.windows = [self.pick_window() for _ in range(r.choice([0, 0, 0, 1, 2, 6]))]
        self.until = None if r.random() < 0.7 else r.randrange(self.start + 86400, self.end)
        self.pick_capacities()
        self.rows = self.make_rows()

    def pick_settings(self):
        r = self.random
        if r.random() < 0.6:
            return {}
        choices = {"step": ["300s", "600s", "15m", "1h"], "day-start": ["0h", "6h", "367m", "20h"],
                   "clear-hold": ["0s", "10m", "1h"], "bridge": ["0s", "30m", "2h"], "sustain": ["1s", "20m", "1h", "5h"],
                   "congested-day": ["20m", "2h"], "valid-share": ["50%", "95%"], "flash-span": ["0", "1", "5", "9"],
                   "flash-count": ["0", "1", "3"], "flash-baseline": ["50%", "80%"], "congested": ["97%"],
                   "clear": ["60%"], "discard-floor": ["20%"], "discard-share": ["1%"]}
        return {key: r.choice(choices[key]) for key in r.sample(sorted(choices), r.choice([1, 1, 2, 4]))}

    def pick_window(self):
        r = self.random
        start = r.randrange(self.start, self.end)
        return start, start + r.choice([3600, 86400, 3 * 86400, 7 * 86400]), r.choice(CAUSES)

    def pick_capacities(self):
        """[(from, bit/s)]: upgrades, members of a LAG that fail and come back, flapping."""
        r, at, full = self.random, self.start, r_capacity(self.random)
        self.capacities = [(at, full)]
        self.upgrade_day = None
        if r.random() < 0.3:  # an upgrade after weeks of load; pick_load knows
            self.upgrade_day = r.randrange(self.days)
            full = full * r.choice([1.05, 1.1, 2])
            self.capacities.append((self.start + self.upgrade_day * 86400 + r.randrange(86400), full))
            if r.random() < 0.7:
                return
        for _ in range(r.choice([0, 0, 1, 2, 5, 12])):
            at = r.randrange(self.start, self.end)
            if r.random() < 0.35:
                full = full * r.choice([1.05, 1.1, 2, 0.5])
                self.capacities.append((at, full))
            else:
                self.capacities.append((at, full * r.choice([0.5, 0.75, 0.9, 0.949, 0.96])))
                self.capacities.append((at + r.choice([3600, 20 * 3600, 30 * 3600, 4 * 86400, 12 * 86400]), full))
        self.capacities.sort()

    def pick_load(self):
        """[(the evening's height, from which hour, how long, the usual height)] a day; manners change now and then."""
        r, days, event, left = self.random, [], 0, 0
        for n in range(self.days + 2):
            if left == 0:
                left = r.choice([10, 20, 40, 200])
                usual = r.choice([0.3, 0.3, 0.6, 0.75, 0.88])
                if self.upgrade_day is not None and n < self.upgrade_day:
                    left, usual = self.upgrade_day - n, 0.3
                manner = r.choice(["quiet", "quiet", "evenings", "weekdays", "some", "events", "short", "dead"])
                if self.upgrade_day is not None and n < self.upgrade_day:
                    manner = r.choice(["evenings", "evenings", "some", "weekdays"])
                weekdays = set(r.sample(range(7), r.choice([1, 2])))
                chance = {"evenings": 0.9, "some": 0.3, "events": 0.04, "short": 0.8}.get(manner, 0.02)
            left -= 1
            if manner == "events" and event == 0 and r.random() < 0.06:
                event = r.choice([1, 2, 3, 3, 5, 7])
            hot = r.random() < chance or (manner == "weekdays" and n % 7 in weekdays) or event > 0
            event = max(0, event - 1)
            length = r.choice([0.3, 0.6]) if manner == "short" else r.choice([0.6, 1.2, 2, 3, 5, 9, 20])
            peak = r.choice([0.87, 0.92, 0.96, 0.99, 1.0]) if hot else usual
            known = manner != "dead" or r.random() < 0.3
            days.append((peak, r.choice([18, 19.5, 20, 21.5, 3, 5.2]), length, usual if known else None))
        return days

    def make_rows(self):
        r = self.random
        loads = {d: self.pick_load() for d in ("in", "out")}
        packet_octets = r.choice([64, 300, 800, 800, 1500, 20])
        gaps = [(t, t + r.choice([600, 1800, 7200, 86400, 5 * 86400, 15 * 86400]))
                for t in (r.randrange(self.start, self.end) for _ in range(r.choice([0, 1, 3, 12])))]
        cell_holes = r.choice([0, 0, 0.01, 0.2])
        rows, t, at = {}, self.start, 0
        while t < self.end:
            while at + 1 < len(self.capacities) and self.capacities[at + 1][0] <= t:
                at += 1
            end = t + self.row_step
            if not any(a <= t < b for a, b in gaps):
                rows[end] = self.make_row(t, self.capacities[at][1], loads, packet_octets, cell_holes)
            t = end
        # The rows' own step must show.
        for t in (self.start + self.row_step, self.start + 2 * self.row_step):
            rows.setdefault(t, {name: None for name in self.columns})
        return rows

    def make_row(self, t, physical, loads, packet_octets, cell_holes):
        r, row = self.random, {}
        hour = t % 86400 / 3600
        day = (t - self.start + self.start % 86400) // 86400
        limit = min(physical, self.contracted or physical)
        for direction, days in loads.items():
            if direction + "_bps" not in self.columns:
                continue
            peak, from_hour, length, usual = days[min(day, len(days) - 1)]
            if usual is None:
                row.update((name, None) for name in self.columns if name.startswith(direction))
                continue
            since = (hour - from_hour) % 24
            share = peak if since < length else usual * (0.75 + 0.25 * math.cos((hour - 20) / 12 * math.pi))
            share *= r.uniform(0.97, 1.01)
            if r.random() < 0.003:
                share = r.choice([0, 1.0, 1.04, 1.3, 0.2])
            bps = round(share * limit)
            values = {"_bps": bps, "_pps": round(bps / 8 / packet_octets, 3),
                      "_discards_pps": r.choice([0, 0, 50, 5000]) if share > 0.68 else 0}
            for suffix, value in values.items():
                if direction + suffix in self.columns:
                    row[direction + suffix] = None if r.random() < cell_holes else value
        if "capacity_bps" in self.columns:
            row["capacity_bps"] = None if r.random() < cell_holes else r.choice([0, None]) if r.random() < 0.001 \
                else physical
        return row

    def write_csv(self, path):
        with open(path, "w", encoding="ascii") as file:
            file.write(",".join(["time_utc_sec"] + self.columns) + "\n")
            for end in sorted(self.rows):
                cells = (self.rows[end][name] for name in self.columns)
                file.write(",".join([str(end)] + ["" if cell is None else repr(cell) for cell in cells]) + "\n")

    def arguments(self):
        """Of `ixwatch replay`, beside --csv."""
        given = ["--timezone", self.zone, "--profile", self.profile, "--format", "json"]
        for name, value in (("--capacity", self.capacity), ("--contracted", self.contracted),
                            ("--nominal-capacity", self.nominal), ("--until", self.until)):
            if value is not None:
                given += [name, repr(value)]
        for key, value in self.settings.items():
            given += ["--set", "%s=%s" % (key, value)]
        for start, end, cause in self.windows:
            given += ["--declare", "%d/%d/%s:a reason/with: signs" % (start, end, cause)]
        return given


def r_capacity(r):
    return r.choice([10, 10, 10, 3, 100]) * GIGA


def number(text):
    """A setting's value: a duration in seconds, a share, a number."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    if text[-1] == "%":
        return float(text[:-1]) / 100
    return int(text[:-1]) * units[text[-1]] if text[-1] in units else int(text)
