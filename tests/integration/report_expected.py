"""What a letter's facts must be, from what others say of the same week: `ixwatch replay --until` by the profile of reports, the
letter's own 300 s samples, the ledger's traffic weeks, and the configuration.  Every member has a source here: one without
fails the test."""
import csv
import datetime
import io
import math
import zoneinfo

STEP = 300
DAYS = 28


def utc(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def text_of(instant):
    return datetime.datetime.fromtimestamp(instant, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def samples_of(text):
    """{port: [row ...]} of a letter's CSV; an empty cell is None."""
    found = {}
    for row in csv.DictReader(io.StringIO(text)):
        port = int(row.pop("port"))
        found.setdefault(port, []).append({key: float(value) if value else None for key, value in row.items()})
    return found


def wire_bps(bps, pps):
    """(what it occupies on the wire, whether that is layer 2)."""
    if bps is None:
        return None, False
    fits = pps is not None and ((bps == 0 and pps == 0) or (pps > 0 and 60 <= bps / 8 / pps <= 9216))
    return (bps + 160 * pps if fits else bps), not fits


def summed(rows_of_ports, limits):
    """One row a slot: the sum of the ports, each within its own contract; unknown as soon as one is."""
    out = []
    for rows in zip(*rows_of_ports):
        total = {"time_utc_sec": rows[0]["time_utc_sec"], "capacity": 0.0}
        for row, limit in zip(rows, limits):
            physical = row["capacity_bps"]
            capacity = None if physical is None else min(physical, limit or math.inf)
            total["capacity"] = None if None in (capacity, total["capacity"]) else total["capacity"] + capacity
            for key in ("in_bps", "out_bps", "in_pps", "out_pps", "out_discards_pps"):
                before = total.get(key, 0.0)
                total[key] = None if None in (before, row[key]) else before + row[key]
        out.append(total)
    return out


def figures(rows, direction, drops_trusted):
    """FIGURES of notify/letter.h, from samples."""
    shares, wires, layer2 = [], [], False
    for row in rows:
        wire, is_layer2 = wire_bps(row[direction + "_bps"], row[direction + "_pps"])
        if wire is None or not row["capacity"]:
            continue
        shares.append(wire / row["capacity"])
        wires.append(wire)
        layer2 = layer2 or is_layer2

    def p95(values):
        return sorted(values)[math.ceil(0.95 * len(values)) - 1] if values else None
    known = bool(shares)
    both = [row for row in rows if row["out_discards_pps"] is not None and row["out_pps"] is not None]
    dropped, passed = (sum(row[key] for row in both) for key in ("out_discards_pps", "out_pps"))
    measured = direction == "out" and drops_trusted and bool(both)
    return {
        "known_share": len(shares) / len(rows),
        "p95_bps": p95(wires), "p95_utilisation": p95(shares),
        "peak_utilisation": max(shares) if known else None,
        "mean_utilisation": math.fsum(shares) / len(shares) if known else None,
        "minutes_90": 5 * sum(share >= 0.90 for share in shares) if known else None,
        "minutes_95": 5 * sum(share >= 0.95 for share in shares) if known else None,
        "drops_share": (dropped / (dropped + passed) if dropped else 0) if measured else None,
        "drops_measured": measured, "layer2": layer2,
    }


def day_begin(date, zone):
    return int(datetime.datetime.combine(date, datetime.time(6), zoneinfo.ZoneInfo(zone)).timestamp())


def overlap(a_from, a_to, b_from, b_to):
    return max(0, min(a_to, b_to) - max(a_from, b_from))


def hours_of(direction, begin, end, windows, shares):
    """Each with its fullest step and whether something that is excused lies in it."""
    hours = []
    for at in range(begin, end, 3600):
        excused = any(overlap(at, at + 3600, a, b) for a, b in windows) or any(
            episode["kind"] == "sustained" and episode["excuse"] and
            overlap(at, at + 3600, utc(episode["start"]), utc(episode["end"])) for episode in direction["episodes"])
        known = [shares[t] for t in range(at, min(at + 3600, end), STEP) if shares.get(t) is not None]
        hours.append({"max": max(known) if known else None, "excused": excused})
    return hours


EXCUSES = {"declared": "declared", "reduced capacity": "reduced capacity", "flash": "flash"}


def day_of(direction, date, zone, windows, shares):
    begin, end = day_begin(date, zone), day_begin(date + datetime.timedelta(1), zone)
    found = [day for day in direction["days"] if day["date"] == date.isoformat()]
    last = [day for day in direction["days"] if day["date"] < date.isoformat()]
    day = found[0] if found else {"state": "unknown", "known_share": 0, "congested_minutes": 0,
                                  "verdict": last[-1]["verdict"] if last else "insufficient data"}
    excused = sum(overlap(begin, end, utc(e["start"]), utc(e["end"])) for e in direction["episodes"]
                  if e["kind"] == "sustained" and e["excuse"])
    return {"date": date.isoformat(), "state": day["state"], "known_share": day["known_share"],
            "congested_minutes": day["congested_minutes"], "excused_minutes": excused // 60,
            "excuse": EXCUSES.get(day["state"]), "verdict": day["verdict"],
            "hours": hours_of(direction, begin, end, windows, shares)}


def last_week(shares, begin, verdict):
    """Of the seven days before, by the same samples."""
    known = sorted(shares[at] for at in shares if begin - 7 * 86400 <= at < begin and shares[at] is not None)
    return {"verdict": verdict,
            "p95_utilisation": known[math.ceil(0.95 * len(known)) - 1] if known else None,
            "peak_utilisation": known[-1] if known else None,
            "minutes_90": 5 * sum(share >= 0.90 for share in known) if known else None,
            "minutes_95": 5 * sum(share >= 0.95 for share in known) if known else None}


def local(instant, zone):
    return datetime.datetime.fromtimestamp(instant, zoneinfo.ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M %Z")


def episodes_of(direction, begin, end, zone, rows, drops_trusted, out):
    found = []
    for episode in direction["episodes"]:
        start, stop = utc(episode["start"]), utc(episode["end"])
        if stop <= begin or start >= end:
            continue
        inside = [row for row in rows if start <= row["time_utc_sec"] - STEP < stop
                  and row["out_discards_pps"] is not None and row["out_pps"] is not None]
        dropped, passed = (sum(row[key] for row in inside) for key in ("out_discards_pps", "out_pps"))
        found.append(dict(episode, start_local=local(start, zone), end_local=local(stop, zone),
                          drops_share=(dropped / (dropped + passed) if dropped else 0)
                          if out and drops_trusted and inside else None))
    return found
