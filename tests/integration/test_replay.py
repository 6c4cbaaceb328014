"""`ixwatch replay`: the normative JSON, the real series, wrong use, and the judgement against an independent model."""
import csv
import datetime
import json
import math
import os
import random
import subprocess
import time

import pytest

import detector_histories
import detector_model
from house import IXWATCH, SHARED

# More of them, or others: IXWATCH_HISTORIES=1000:1400
HISTORIES = [int(n) for n in os.environ.get("IXWATCH_HISTORIES", "0:160").split(":")]
BATCH = 20


def replay(*arguments, stdin=None):
    return subprocess.run([IXWATCH, "replay"] + list(arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL, timeout=60)


def replay_json(path, *arguments):
    done = replay("--csv", str(path), "--format", "json", *arguments)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    return json.loads(done.stdout)


def unix(text):
    return int(datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc).timestamp())


# --- the real series ---

SERIES = {"eu": ("series/it_eu_5m.csv", "time_count", "traffic (in bits)"),
          "janet": ("series/it_uk_5m.csv", "time_count", "bits"),
          "worldcup": ("series/worldcup98_5m.csv", "timestamp", "count_raw"),
          "nab": ("series/nab/ec2_network_in_257a54.csv", "timestamp", "value")}


def read_series(name):
    """{slot start: value}, read as UTC, on the grid of 5 minutes, the first of two that share a slot."""
    file, time_column, value_column = SERIES[name]
    path = os.path.join(SHARED, file)
    if not os.path.exists(path):
        pytest.skip("the shared series are not here: %s" % path)
    rows = {}
    with open(path, encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            at = unix(row[time_column].replace(" ", "T") + "Z")
            if row[value_column] != "":
                rows.setdefault(at - at % 300, float(row[value_column]))
    return rows


def quantile(values, share):
    values = sorted(values)
    return values[max(0, math.ceil(share * len(values)) - 1)]


def judge_series(tmp_path, name, share, divisor, profile):
    """Traffic clipped at its own quantile divided by `divisor`."""
    rows = read_series(name)
    capacity = quantile(rows.values(), share) / divisor
    path = tmp_path / (name + ".csv")
    with open(path, "w", encoding="ascii") as file:
        file.write("time_utc_sec,out_bps,capacity_bps\n")
        for start in sorted(rows):
            file.write("%d,%r,%r\n" % (start + 300, min(rows[start], capacity), capacity))
    return replay_json(path, "--profile", profile)["directions"]["out"]


def numbered(out, key, value):
    """The days, counted from 1, that are so."""
    return [n for n, day in enumerate(out["days"], 1) if day[key] == value]


@pytest.mark.parametrize("profile", ["early", "proof"])
def test_eu_with_room_is_clean_throughout(tmp_path, profile):
    out = judge_series(tmp_path, "eu", 1, 0.85, profile)
    assert out["episodes"] == []
    assert {day["state"] for day in out["days"][:-1]} == {"clean"}
    assert out["verdict"] == "none"


@pytest.mark.parametrize("profile,day", [("early", 14), ("proof", 15)])
def test_eu_at_p99_is_routine(tmp_path, profile, day):
    out = judge_series(tmp_path, "eu", 0.99, 1, profile)
    assert numbered(out, "verdict", "routine")[0] == day
    assert out["verdict"] == "routine"
    assert out["verdict_since"] == out["days"][day - 1]["date"]


@pytest.mark.parametrize("profile", ["early", "proof"])
def test_janet_at_max_has_one_flash_event(tmp_path, profile):
    out = judge_series(tmp_path, "janet", 1, 1, profile)
    assert numbered(out, "state", "flash") == [4, 5, 6]
    assert {day["state"] for day in out["days"]} == {"clean", "flash", "unknown"}
    assert {day["verdict"] for day in out["days"]} == {"insufficient data", "none"}
    assert {episode["excuse"] for episode in out["episodes"]} <= {"flash", "spike"}


@pytest.mark.parametrize("profile", ["early", "proof"])
def test_janet_at_p99_is_recurring_never_routine(tmp_path, profile):
    out = judge_series(tmp_path, "janet", 0.99, 1, profile)
    assert numbered(out, "verdict", "recurring")[0] == 14
    assert numbered(out, "verdict", "routine") == []


@pytest.mark.parametrize("profile,day", [("early", 19), ("proof", 20)])
def test_janet_at_p95_is_routine(tmp_path, profile, day):
    out = judge_series(tmp_path, "janet", 0.95, 0.9, profile)
    assert numbered(out, "verdict", "routine")[0] == day


@pytest.mark.parametrize("profile", ["early", "proof"])
def test_world_cup_days_are_flash(tmp_path, profile):
    out = judge_series(tmp_path, "worldcup", 0.99, 1, profile)
    congested = [day["state"] for day in out["days"] if day["congested_minutes"] >= 60]
    assert congested and set(congested) == {"flash"}


def test_regular_bursts_accuse_nobody(tmp_path):
    out = judge_series(tmp_path, "nab", 0.95, 1, "early")
    kinds = [episode["kind"] for episode in out["episodes"]]
    assert (kinds.count("spike"), kinds.count("sustained")) == (141, 1)
    assert out["verdict"] == "insufficient data"
    assert {day["verdict"] for day in out["days"]} == {"insufficient data"}


# --- the independent model ---

def differences(want, got, path=""):
    if isinstance(want, dict):
        if set(want) != set(got):
            return ["%s: keys %s, not %s" % (path, sorted(got), sorted(want))]
        return [line for key in want for line in differences(want[key], got[key], path + "/" + key)]
    if isinstance(want, list):
        lines = [] if len(want) == len(got) else ["%s: %d, not %d" % (path, len(got), len(want))]
        return lines + [line for n, pair in enumerate(zip(want, got)) for line in differences(*pair, "%s[%d]" % (path, n))]
    if isinstance(want, float) and isinstance(got, (int, float)):
        return [] if abs(want - got) < 1e-9 else ["%s: %r, not %r" % (path, got, want)]
    return [] if want == got else ["%s: %r, not %r" % (path, got, want)]


def comparable(document):
    for direction in document["directions"].values():
        for episode in direction["episodes"]:
            episode["start"], episode["end"] = unix(episode["start"]), unix(episode["end"])
    return document


def check_history(seed, tmp_path):
    history = detector_histories.History(seed)
    path = tmp_path / "history.csv"
    history.write_csv(path)
    settings = dict(detector_model.PROFILES[history.profile],
                    **{key: detector_histories.number(value) for key, value in history.settings.items()})
    done = replay("--csv", str(path), *history.arguments())
    if history.row_step < settings["step"] and settings["step"] % history.row_step:
        assert done.returncode == 1 and b"must divide" in done.stderr
        return []
    assert done.returncode == 0, "seed %d: %s" % (seed, done.stderr.decode())
    want = detector_model.judge(history.rows, history.columns, history.row_step, settings, history.zone, history.capacity,
                                history.contracted, history.nominal, history.windows, history.until)
    want["profile"] = history.profile
    return ["seed %d: %s" % (seed, line) for line in differences(want, comparable(json.loads(done.stdout)))]


@pytest.mark.parametrize("first", range(HISTORIES[0], HISTORIES[1], BATCH))
def test_agrees_with_the_model(tmp_path, first):
    found = []
    for seed in range(first, min(first + BATCH, HISTORIES[1])):
        found += check_history(seed, tmp_path)[:10]
    assert not found, "\n".join(found)


# --- what must not matter, and what must ---

def test_traffic_and_capacity_together_change_nothing(tmp_path):
    for seed in range(20, 26):
        history = detector_histories.History(seed)
        path, scaled = tmp_path / "one.csv", tmp_path / "four.csv"
        history.capacity = history.contracted = history.nominal = None
        history.write_csv(path)
        for row in history.rows.values():
            for name in row:
                row[name] = row[name] and 4 * row[name]
        history.write_csv(scaled)
        arguments = history.arguments()
        assert replay_json(path, *arguments) == replay_json(scaled, *arguments)


def one_off(seed):
    """Five quiet weeks and a one-off of any shape, within seven traffic days."""
    r = random.Random(seed)
    begin = 1780293600  # 06:00
    at = begin + r.randrange(15, 35) * 86400 + r.randrange(0, 86400)
    end = min(at + r.randrange(3600, 7 * 86400), at - (at - begin) % 86400 + 7 * 86400)
    shape = r.choice(["full", "evenings", "ragged"])
    rows = []
    for t in range(begin, begin + 60 * 86400, 900):
        hot = at <= t < end and (shape == "full" or (shape == "evenings" and t % 86400 > 61200) or
                                 (shape == "ragged" and r.random() < 0.8))
        rows.append((t + 900, 9.9e9 if hot else r.uniform(1e9, 6e9)))
    return rows


def test_a_one_off_of_up_to_seven_days_never_convicts(tmp_path):
    for seed in range(40):
        path = tmp_path / "one.csv"
        path.write_text("time_utc_sec,in_bps\n" + "".join("%d,%r\n" % row for row in one_off(seed)))
        days = replay_json(path, "--capacity", "10G")["directions"]["in"]["days"]
        assert "routine" not in {day["verdict"] for day in days}, "seed %d" % seed


def write_evenings(path, days, hours=3, step=300, begin=1780293600):
    with open(path, "w", encoding="ascii") as file:
        file.write("time_utc_sec,out_bps\n")
        for t in range(begin - begin % step, begin + days * 86400, step):
            file.write("%d,%d\n" % (t + step, 9.9e9 if t % 86400 >= 86400 - hours * 3600 else 3e9))


def test_until_judges_as_of_then(tmp_path):
    path = tmp_path / "evenings.csv"
    write_evenings(path, 30)
    whole = replay_json(path, "--capacity", "10G")["directions"]["out"]
    assert [day["verdict"] for day in whole["days"]].index("recurring") <= 3
    assert [day["verdict"] for day in whole["days"]].index("routine") <= 16
    for n in (0, 3, 12, 13, 14, 20):
        end = datetime.datetime.fromisoformat(whole["days"][n + 1]["date"]).replace(hour=6)
        part = replay_json(path, "--capacity", "10G", "--until", end.isoformat() + "Z")["directions"]["out"]
        assert len(part["days"]) == n + 1
        assert part["verdict"] == whole["days"][n]["verdict"]
        assert [day["verdict"] for day in part["days"]] == [day["verdict"] for day in whole["days"][:n + 1]]


def test_the_document(tmp_path):
    path = tmp_path / "evenings.csv"
    write_evenings(path, 30)
    document = replay_json(path, "--capacity", "10000000000", "--timezone", "Europe/Berlin", "--profile", "proof",
                           "--set", "sustain=45m")
    assert list(document) == ["profile", "step_sec", "timezone", "verdict", "directions"]
    assert (document["profile"], document["step_sec"], document["timezone"]) == ("proof", 300, "Europe/Berlin")
    assert document["verdict"] == "routine"
    assert list(document["directions"]) == ["out"]
    out = document["directions"]["out"]
    assert list(out) == ["verdict", "verdict_since", "stale_verdict", "stale_since", "p95_utilisation", "episodes", "days"]
    assert out["p95_utilisation"] == 0.99 and out["stale_verdict"] is None and out["stale_since"] is None
    assert out["episodes"][0] == {"start": "2026-06-01T21:00:00Z", "end": "2026-06-02T00:00:00Z", "minutes": 180,
                                  "kind": "sustained", "excuse": None, "peak_utilisation": 0.99,
                                  "mean_utilisation": pytest.approx(0.99)}
    assert out["days"][1] == {"date": "2026-06-02", "valid": True, "known_share": 1.0, "congested_minutes": 180,
                              "state": "congested", "verdict": "insufficient data"}


def test_standard_input_and_text(tmp_path):
    path = tmp_path / "evenings.csv"
    write_evenings(path, 30)
    done = replay("--csv", "-", "--capacity", "10G", "--declare", "1780290000/1780376400/works:new line cards",
                  stdin=path.read_bytes())
    text = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    for said in ("-: routine\n", "profile early",
                 "reach back to 2026-06-01 06:00 UTC, and to 2026-07-01 06:00 UTC: 30 days, 100.0% of them known",
                 "works: new line cards", "rule A:", "95th percentile", "week of", "D declared",
                 "30 sustained episodes, 0 spikes", "excused as declared"):
        assert said in text, said + "\n" + text


def test_nothing_known_is_insufficient(tmp_path):
    path = tmp_path / "empty.csv"
    path.write_text("time_utc_sec,out_bps,in_bps\n1780290300,,5\n1780290600,,\n")
    document = replay_json(path)
    assert document["verdict"] == "insufficient data"
    for direction in document["directions"].values():
        assert (direction["verdict"], direction["verdict_since"], direction["p95_utilisation"]) == (
            "insufficient data", None, None)
        assert [day["state"] for day in direction["days"]] == ["unknown"]
    document = replay_json(path, "--until", "1000")
    assert document["directions"]["out"]["days"] == []
    path.write_text("time_utc_sec,capacity_bps\n1780290300,5\n")
    assert replay_json(path)["directions"] == {}


WRONG = [
    ([], "--csv FILE"),
    (["edge1/x", "--csv", "F"], "--csv FILE"),
    (["--csv", "F", "--capacity", "0"], "--capacity"),
    (["--csv", "F", "--capacity", "10 G"], "--capacity"),
    (["--csv", "F", "--contracted", "-5G"], "--contracted"),
    (["--csv", "F", "--nominal-capacity", "much"], "--nominal-capacity"),
    (["--csv", "F", "--timezone", "Mars/Olympus"], "Mars/Olympus"),
    (["--csv", "F", "--profile", "late"], "early, proof"),
    (["--csv", "F", "--set", "congested"], "KEY=VALUE"),
    (["--csv", "F", "--set", "congestion=90%"], "congestion"),
    (["--csv", "F", "--set", "congested=90%", "--set", "clear=95%"], "clear"),
    (["--csv", "F", "--set", "step=7m"], "step"),
    (["--csv", "F", "--declare", "1/2"], "--declare"),
    (["--csv", "F", "--declare", "2026-01-01T00:00:00Z/2026-01-09T00:00:00Z/event"], "7 days"),
    (["--csv", "F", "--declare", "2/1/event"], "not after"),
    (["--csv", "F", "--declare", "1/2/party"], "CAUSE"),
    (["--csv", "F", "--until", "yesterday"], "--until"),
    (["--csv", "F", "--format", "xml"], "text, json"),
    (["--csv", "F", "--nonsense"], "--nonsense"),
]


@pytest.mark.parametrize("arguments,said", WRONG, ids=[" ".join(arguments) or "nothing" for arguments, _ in WRONG])
def test_wrong_use_is_status_2(arguments, said):
    done = replay(*arguments)
    assert done.returncode == 2
    assert said in done.stderr.decode()
    assert done.stdout == b""


BAD_ROWS = [
    ("time_utc_sec,out_bps\n300,1\n600,x\n", ":3:"),
    ("time_utc_sec,out_bps\n300,1\n600,-1\n", ":3:"),
    ("time_utc_sec,out_bps\n600,1\n300,1\n", ":3:"),
    ("time_utc_sec,out_bps\n300,1\n300,1\n", ":3:"),
    ("time_utc_sec,out_bps\n300,1\n600,1\n1000,1\n", ":4:"),
    ("time_utc_sec,out_bps,colour\n300,1,red\n", ":1:"),
    ("time_utc_sec,out_bps\n420,1\n840,1\n", "420 s"),
    ("time_utc_sec,out_bps\n7200,1\n14400,1\n", "7200 s"),
    ("time_utc_sec,out_bps\n0,1\n300,1\n", "1970"),
    ("time_utc_sec,out_bps\n300,1\n600,1\n199999999800,1\n", "steps"),
]


@pytest.mark.parametrize("text,said", BAD_ROWS)
def test_a_bad_row_is_status_1(tmp_path, text, said):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    done = replay("--csv", str(path), "--format", "json")
    assert done.returncode == 1
    assert "bad.csv" in done.stderr.decode() and said in done.stderr.decode()
    assert done.stdout == b""


def test_five_port_years_in_a_second(tmp_path):
    path = tmp_path / "years.csv"
    write_evenings(path, 5 * 365)
    began = time.monotonic()
    replay_json(path, "--capacity", "10G")
    took = time.monotonic() - began
    print("5 port-years: %.2f s" % took)
    assert took < 2, "%.2f s; alone on two cores it takes less than 0.5" % took
