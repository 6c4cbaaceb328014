"""A slow model of the judgement, written from its rules alone: what is said there is computed
here as it is said, from scratch where that is the plainest.  It shares no code and no shape with the detector, so that
where the two agree, both have probably understood the text.

judge(...) takes the rows of a history and gives what `ixwatch replay --format json` prints."""
import bisect
import datetime
import math
import statistics
import zoneinfo

EARLY = {"congested": 0.90, "clear": 0.85, "discard-floor": 0.70, "discard-share": 0.001, "clear-hold": 900,
         "bridge": 600, "sustain": 1800, "step": 300, "day-start": 21600, "congested-day": 3600, "valid-share": 0.80,
         "flash-span": 3, "flash-baseline": 0.70, "flash-count": 2}
PROOF = dict(EARLY, **{"congested": 0.95, "clear": 0.90, "discard-floor": 0.85})
PROFILES = {"early": EARLY, "proof": PROOF}

HOUR = 3600
DAY = 24 * HOUR
RANK = ["routine", "recurring", "insufficient data", "none"]


def p95(values):
    """Nearest rank."""
    values = sorted(values)
    return values[-(-95 * len(values) // 100) - 1] if values else None


def overlap(a, b):
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


class Calendar:
    """Traffic days as dates; a day begins at day-start by the wall clock."""

    def __init__(self, zone, day_start):
        self.zone = zoneinfo.ZoneInfo(zone)
        self.day_start = day_start
        self.begins = {}

    def begin(self, date):
        if date not in self.begins:
            wall = datetime.datetime.combine(date, datetime.time()) + datetime.timedelta(seconds=self.day_start)
            at = wall.replace(tzinfo=self.zone, fold=0)
            back = at.astimezone(datetime.timezone.utc).astimezone(self.zone).replace(tzinfo=None)
            utc = at.timestamp()
            if back != wall:  # the clock leaps over that time: the first instant after the leap
                low, high = int(utc) - 26 * HOUR, int(utc) + 26 * HOUR

                def offset(t):
                    return datetime.datetime.fromtimestamp(t, self.zone).utcoffset()
                before = offset(low)
                while high - low > 1:
                    middle = (low + high) // 2
                    if offset(middle) == before:
                        low = middle
                    else:
                        high = middle
                utc = high
            self.begins[date] = int(utc)
        return self.begins[date]

    def of(self, t):
        date = datetime.datetime.fromtimestamp(t, self.zone).date() + datetime.timedelta(days=1)
        while self.begin(date) > t:
            date -= datetime.timedelta(days=1)
        return date


class Step:
    __slots__ = ("t", "u", "capacity", "congested", "live")


def usable(packets, bps):
    """Packets are known, and octets/packets is within 60..9216."""
    if packets is None or bps is None:
        return False
    if packets == 0:
        return bps == 0
    return 60 <= bps / 8 / packets <= 9216


def layer1(bps, packets):
    return 8 * (bps / 8 + 20 * packets) if usable(packets, bps) else bps


def mean(values, needed):
    """Unknown when fewer than half of the step's slots have it."""
    return sum(values) / len(values) if values and 2 * len(values) >= needed else None


def make_steps(rows, row_step, settings, direction, contracted):
    """rows: {end: {column: value or None}}."""
    step = max(settings["step"], row_step)
    slots = step // row_step
    grouped = {}
    for end in sorted(rows):
        start = end - row_step
        grouped.setdefault(start - start % step, []).append(rows[end])
    steps = []
    for t in range(min(grouped), max(grouped) + 1, step):
        known, capacities = [], []
        for row in grouped.get(t, []):
            physical = row.get("capacity_bps")
            bps, pps = row.get(direction + "_bps"), row.get(direction + "_pps")
            if not physical:
                continue
            capacity = min(physical, contracted) if contracted else physical
            capacities.append(capacity)
            if bps is None or layer1(bps, pps) / physical > 1.05:
                continue
            known.append((bps, pps, row.get(direction + "_discards_pps"), capacity))
        s = Step()
        s.t, s.u, s.congested, s.live = t, None, False, False
        bps = mean([k[0] for k in known], slots)
        pps = mean([k[1] for k in known if k[1] is not None], slots)
        discards = mean([k[2] for k in known if k[2] is not None], slots)
        s.capacity = mean([k[3] for k in known], slots)
        if s.capacity is None:
            s.capacity = mean(capacities, slots)
        elif bps is not None:
            s.u = layer1(bps, pps) / s.capacity
            s.congested = s.u >= settings["congested"]
            if direction == "out" and usable(pps, bps) and discards is not None and pps + discards > 0:
                if s.u >= settings["discard-floor"] and discards / (pps + discards) >= settings["discard-share"]:
                    s.congested = True
            s.live = s.congested or s.u >= settings["clear"]
        steps.append(s)
    return step, steps


class Run:
    """live: the indices of its live steps; it grows by them."""

    def __init__(self, i):
        self.live = [i]


def find_runs(steps, step, settings):
    runs, run, quiet, unknown = [], None, 0, 0
    for i, s in enumerate(steps):
        if s.u is None:
            unknown += step
            if run and unknown > settings["bridge"]:
                run = None
            continue
        unknown = 0
        if run and s.live:
            run.live.append(i)
            quiet = 0
        elif run:
            quiet += step
            if quiet >= settings["clear-hold"]:
                run = None
        elif s.congested:
            run, quiet = Run(i), 0
            runs.append(run)
    return runs


class Capacities:
    """Nominal at each step, which steps are reduced and since when, and the instants at which an epoch began."""

    def __init__(self, steps, step, nominal):
        hold = DAY // step
        filled, last = [], None
        for s in steps:
            last = s.capacity if s.capacity is not None else last
            filled.append(last)
        first = next((i for i, c in enumerate(filled) if c is not None), len(filled))
        last_held = {}  # a capacity that held for 24 hours: until when
        self.reduced_since = [None] * len(steps)
        self.epochs = []
        previous, since, last_reduced = None, None, None
        for i, s in enumerate(steps):
            if i < first:
                continue
            now = s.t + step
            if i - first + 1 >= hold:
                last_held[min(filled[i - hold + 1:i + 1])] = now
            within = [c for c, until in last_held.items() if until - DAY >= now - 400 * DAY]
            present = nominal if nominal is not None else max(within, default=None)
            if previous is not None and present / previous >= 1.1:
                self.epochs.append(now)
            previous = present
            if filled[i] / (present if present is not None else filled[i]) < 0.95:
                if last_reduced is None or s.t - (steps[last_reduced].t + step) >= DAY:
                    since = s.t
                last_reduced = i
                self.reduced_since[i] = since
        self.any_reduced = last_reduced is not None


class Direction:
    def __init__(self, rows, row_step, settings, direction, calendar, contracted, nominal, windows):
        self.settings, self.calendar, self.windows = settings, calendar, windows
        self.step, self.steps = make_steps(rows, row_step, settings, direction, contracted)
        self.runs = find_runs(self.steps, self.step, settings)
        self.capacities = Capacities(self.steps, self.step, nominal)
        self.u = {s.t: s.u for s in self.steps if s.u is not None}
        first, last = calendar.of(self.steps[0].t), calendar.of(self.steps[-1].t)
        self.days = [first + datetime.timedelta(days=n) for n in range((last - first).days + 1)]
        self.samples = {day: [] for day in self.days}
        day = 0
        for s in self.steps:
            while s.t >= calendar.begin(self.days[day] + datetime.timedelta(days=1)):
                day += 1
            if s.u is not None:
                self.samples[self.days[day]].append(s.u)
        self.epochs = [calendar.of(t) for t in self.capacities.epochs]
        self.baselines = {}
        self.counted = set()
        # Declared time, once.
        self.declared = []
        for start, end, _ in sorted(windows):
            if self.declared and start < self.declared[-1][1]:
                start = self.declared[-1][1]
            if start < end:
                self.declared.append((start, end))
        self.bounds = [calendar.begin(day) for day in self.days]
        self.results = []
        for n in range(len(self.days)):
            self.results.append(self.day_end(n))

    def span(self, day):
        return self.calendar.begin(day), self.calendar.begin(day + datetime.timedelta(days=1))

    # --- facts ---

    def episodes_at(self, until):
        """What is known of the runs before the instant `until`: (start, end, last step, is sustained)."""
        known = []
        for run in self.runs:
            if self.steps[run.live[0]].t >= until:
                break
            n = bisect.bisect_left(run.live, until, key=lambda i: self.steps[i].t)
            start, end = self.steps[run.live[0]].t, self.steps[run.live[n - 1]].t + self.step
            known.append((start, end, run.live[0], run.live[n - 1], end - start >= self.settings["sustain"]))
        return known

    def is_valid(self, day):
        begin, end = self.span(day)
        return end > begin and len(self.samples[day]) * self.step / (end - begin) >= self.settings["valid-share"]

    def excused_by_reduction(self, day, since):
        begin = self.calendar.begin(day)
        return begin - since < 7 * DAY or any(
            start <= begin < end for start, end, cause in self.windows if cause in ("exchange", "ours"))

    def minutes_at(self, until, days):
        """Per day: seconds of runs, of sustained episodes, of these declared and reduced; and the reduction."""
        facts = {day: {"runs": 0, "sustained": 0, "declared": 0, "reduced": 0, "since": None, "spans": []} for day in days}
        for start, end, first, last, sustained in self.episodes_at(until):
            for day in days[bisect.bisect_right(self.bounds, start) - 1:bisect.bisect_left(self.bounds, end)]:
                begin, finish = self.span(day)
                fact = facts[day]
                shared = overlap((start, end), (begin, finish))
                fact["runs"] += shared
                if not sustained:
                    continue
                fact["sustained"] += shared
                part = (max(start, begin), min(end, finish))
                fact["spans"].append(part)
                fact["declared"] += sum(overlap(part, window) for window in self.declared)
                for i in range(first, last + 1) if self.capacities.any_reduced else ():
                    since = self.capacities.reduced_since[i]
                    t = self.steps[i].t
                    if since is not None and overlap((t, t + self.step), part):
                        fact["reduced"] += overlap((t, t + self.step), part)
                        fact["since"] = since
        return facts

    # --- states ---

    def baseline_is_below(self, t, cluster_first):
        key = (t % DAY, cluster_first)
        if key not in self.baselines:
            begin = self.calendar.begin(cluster_first - datetime.timedelta(days=28))
            end = self.calendar.begin(cluster_first)
            known = []
            for k in range(1, 400):
                centre = t - k * DAY
                if centre < begin:
                    break
                if centre >= end:
                    continue
                for around in range(centre - 1800 // self.step * self.step, centre + 1800 + 1, self.step):
                    if around in self.u:
                        known.append(self.u[around])
            self.baselines[key] = bool(known) and statistics.median(known) < self.settings["flash-baseline"]
        return self.baselines[key]

    def congested_days(self, days, facts):
        """All congested days, and of them the declared ones and the reduced-capacity ones."""
        congested = {d for d in days if facts[d]["sustained"] >= self.settings["congested-day"]}
        declared = {d for d in congested if 2 * facts[d]["declared"] >= facts[d]["sustained"]}
        reduced = {d for d in congested - declared if 2 * facts[d]["reduced"] > facts[d]["sustained"] and
                   self.excused_by_reduction(d, facts[d]["since"])}
        return congested, declared, reduced

    def states(self, days, facts, counted):
        congested, declared, reduced = self.congested_days(days, facts)
        clusters = []
        for day in sorted(congested - declared - reduced):
            if clusters and (day - clusters[-1][-1]).days <= 2:
                clusters[-1].append(day)
            else:
                clusters.append([day])
        meeting, flash, unclassified = [], set(), set()
        for cluster in clusters:
            if (cluster[-1] - cluster[0]).days + 1 > self.settings["flash-span"]:
                continue
            valid = sum(self.is_valid(d) for d in days if 1 <= (cluster[0] - d).days <= 28)
            if valid < 3:
                unclassified.update(cluster)
            total = below = 0
            for day in cluster:
                for start, end in facts[day]["spans"]:
                    total += end - start
                    for t in range(start - start % self.step, end, self.step):
                        if self.baseline_is_below(t, cluster[0]):
                            below += overlap((t, t + self.step), (start, end))
            if 2 * below < total:
                continue
            meeting.append(cluster[0])
            rank = sum(0 <= (cluster[0] - other).days < 28 for other in meeting)
            if rank <= self.settings["flash-count"] and not counted.intersection(cluster):
                flash.update(cluster)
        states = {}
        for day in days:
            states[day] = "declared" if day in declared else "reduced capacity" if day in reduced else \
                "unclassified" if day in unclassified else "flash" if day in flash else \
                "congested" if day in congested else "clean" if self.is_valid(day) else "unknown"
        return states

    # --- verdicts ---

    def day_end(self, n):
        """How it stands at the end of day n, or after the last step."""
        day, days = self.days[n], self.days[:n + 1]
        before = self.results[n - 1] if n > 0 else None
        until = self.calendar.begin(day + datetime.timedelta(days=1))
        facts = self.minutes_at(until, days)
        epochs = [e for t, e in zip(self.capacities.epochs, self.epochs) if t <= until and e <= day]
        epoch = max(epochs) if epochs else None
        counting = [d for d in days if epoch is None or d >= epoch]

        def last(count):
            return [d for d in counting if (day - d).days < count]

        congested, declared, reduced = self.congested_days(days, facts)
        eligible = (congested - declared - reduced).intersection(counting)

        def weekday(weeks):
            return [day - datetime.timedelta(days=7 * k) for k in range(1, weeks + 1)
                    if day - datetime.timedelta(days=7 * k) in eligible]

        # A
        monday = day - datetime.timedelta(days=day.weekday())
        weeks = [[d for d in eligible if 0 <= (d - (monday - datetime.timedelta(days=7 * w))).days < 7] for w in range(4)]
        counted_now = set()
        a = sum(map(len, weeks)) >= 8 and sum(len(w) >= 2 for w in weeks) >= 3
        if a:
            counted_now.update(*weeks)
        # B and the weekday rule
        b_met, weekday_met = (before["b_met"], before["weekday_met"]) if before else (None, None)
        if day in eligible and len(weekday(7)) >= 5:
            b_met = day
            counted_now.update([day], weekday(7))
        if day in eligible and len(weekday(4)) >= 3:
            weekday_met = day

        def holds(met):
            return met is not None and (day - met).days < 7 and (epoch is None or met >= epoch)

        b = holds(b_met)
        self.counted |= counted_now
        states = self.states(days, facts, self.counted)
        # C
        left = [d for d in last(30) if states[d] not in ("flash", "declared", "reduced capacity")]
        rate = p95([u for d in left for u in self.samples[d]])
        c = sum(map(self.is_valid, left)) >= 14 and \
            sum(d in congested for d in left) >= 8 and \
            rate is not None and rate >= self.settings["congested"]
        # recurring
        recurring = sum(states[d] == "congested" for d in last(7)) >= 3 or holds(weekday_met) or \
            sum(facts[d]["runs"] >= 1800 for d in last(28)) >= 20
        # leaving
        valid = [d for d in counting if self.is_valid(d)][-14:]
        rate = p95([u for d in valid for u in self.samples[d]])
        leaves = not (a or b or c) and len(valid) == 14 and sum(d >= valid[0] for d in eligible) <= 2 and \
            rate < self.settings["clear"]
        # insufficient
        if epoch is not None and (day - epoch).days < 28:
            enough = sum(map(self.is_valid, last(28))) >= 7
        else:
            enough = sum(self.is_valid(d) for d in days if (day - d).days < 28) >= 14
        if before and before["verdict"] == "routine" and epoch != day:
            routine = not leaves
        else:
            routine = (a or b or c) and day in eligible
        verdict = "routine" if routine else "recurring" if recurring else "none" if enough else "insufficient data"
        result = {"verdict": verdict, "b_met": b_met, "weekday_met": weekday_met, "since": None, "stale": (None, None),
                  "states": states, "facts": facts}
        if before:
            result["since"] = before["since"] if verdict == before["verdict"] else day
            if verdict == "insufficient data":
                same = before["verdict"] == verdict
                result["stale"] = before["stale"] if same else (before["verdict"], before["since"])
        return result

    # --- what is printed ---

    def excuse(self, start, end, first, last, sustained):
        if not sustained:
            return "spike"
        if 2 * sum(overlap((start, end), window) for window in self.declared) >= end - start:
            return "declared"
        shares = {day: overlap((start, end), self.span(day)) for day in self.days}
        reduced = 0
        for i in range(first, last + 1):
            since, t = self.capacities.reduced_since[i], self.steps[i].t
            if since is None:
                continue
            for day, share in shares.items():
                if share and self.excused_by_reduction(day, since):
                    reduced += overlap((t, t + self.step), self.span(day))
        if 2 * reduced > end - start:
            return "reduced capacity"
        most = max(self.days, key=lambda day: (shares[day], -day.toordinal()))
        return "flash" if self.results[-1]["states"][most] == "flash" else None

    def report(self):
        final, days = self.results[-1], self.days
        stale, stale_since = final["stale"]
        episodes = []
        for start, end, first, last, sustained in self.episodes_at(math.inf):
            known = [s.u for s in self.steps[first:last + 1] if s.u is not None]
            episodes.append({"start": start, "end": end, "minutes": (end - start) / 60,
                             "kind": "sustained" if sustained else "spike",
                             "excuse": self.excuse(start, end, first, last, sustained),
                             "peak_utilisation": max(known), "mean_utilisation": sum(known) / len(known)})
        last30 = [u for d in days[-30:] for u in self.samples[d]]
        return {"verdict": final["verdict"], "verdict_since": final["since"] and str(final["since"]),
                "stale_verdict": stale, "stale_since": stale_since and str(stale_since),
                "p95_utilisation": p95(last30), "episodes": episodes,
                "days": [{"date": str(d), "valid": self.is_valid(d),
                          "known_share": self.known_share(d),
                          "congested_minutes": final["facts"][d]["sustained"] / 60,
                          "state": final["states"][d], "verdict": self.results[n]["verdict"]}
                         for n, d in enumerate(days)]}

    def known_share(self, day):
        begin, end = self.span(day)
        return len(self.samples[day]) * self.step / (end - begin) if end > begin else 0


def judge(rows, columns, row_step, settings, zone="UTC", capacity=None, contracted=None, nominal=None, windows=(),
          until=None):
    """rows: {end: {column: value or None}}; windows: (start, end, cause).  What replay prints, times as Unix seconds."""
    rows = {end: dict(row) for end, row in rows.items() if until is None or end <= until}
    for row in rows.values():
        if row.get("capacity_bps") is None:
            row["capacity_bps"] = capacity
    calendar = Calendar(zone, settings["day-start"])
    directions = {}
    for name in ("out", "in"):
        if name + "_bps" in columns:
            directions[name] = Direction(rows, row_step, settings, name, calendar, contracted, nominal,
                                         list(windows)).report()
    return {"step_sec": max(settings["step"], row_step), "timezone": zone,
            "verdict": min((d["verdict"] for d in directions.values()), key=RANK.index), "directions": directions}
