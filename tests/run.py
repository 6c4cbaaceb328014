#!/usr/bin/python3
"""Runs the named groups of tests and says at the end how many passed, failed and were skipped.

unit         build/tests/test_*, cmocka programs
integration  tests/integration, pytest: real daemons on loopback
browser      tests/browser, pytest: headless Chromium
soak         tests/soak, pytest: minutes each, not part of `make test`
smoke        the integration tests marked `smoke`: for the sanitizer build
"""
import glob
import importlib.util
import os
import re
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
UNIT_TIMEOUT_SEC = 300
# Files of integration tests at a time: most of their time they wait.  JOBS=1 runs one after another.
JOBS = int(os.environ.get("JOBS", str((os.cpu_count() or 1) + 1)))


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0


def run_unit(tally):
    sources = glob.glob(os.path.join(ROOT, "tests/unit/test_*.c"))
    for source in sorted(sources):
        name = os.path.basename(source)[:-2]
        began = time.monotonic()
        try:
            done = subprocess.run([os.path.join(BUILD, "tests", name)], cwd=ROOT, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=UNIT_TIMEOUT_SEC)
            output, status = done.stdout.decode("utf-8", "replace"), done.returncode
        except subprocess.TimeoutExpired as late:
            output, status = (late.stdout or b"").decode("utf-8", "replace"), "timeout"
        passed = len(re.findall(r"^\[\s+OK \]", output, re.M))
        failed = len(re.findall(r"^\[  FAILED  \] [^0-9]", output, re.M)) // 2
        skipped = len(re.findall(r"^\[  SKIPPED \] [^0-9]", output, re.M)) // 2
        if status != 0 and failed == 0:
            failed = 1
        tally.passed += passed
        tally.failed += failed
        tally.skipped += skipped
        print("%-28s %4d passed %3d failed %3d skipped  %5.1f s" % (
            name, passed, failed, skipped, time.monotonic() - began), flush=True)
        if failed:
            print(output, flush=True)
            print("%s ended with %s" % (name, status), flush=True)


def run_pytest(tally, folder, marker=None, jobs=1):
    report = os.path.join(BUILD, "pytest-%s.xml" % os.path.basename(folder))
    arguments = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "--junitxml", report,
                 "--durations=8", "-o", "markers=smoke: short, and worth running under sanitizers"]
    if marker:
        arguments += ["-m", marker]
    if jobs > 1 and importlib.util.find_spec("xdist") is not None:
        arguments += ["-n", str(jobs), "--dist", "loadfile"]
    environment = dict(os.environ, BUILD=BUILD, PYTHONDONTWRITEBYTECODE="1")
    if os.path.exists(report):
        os.unlink(report)
    done = subprocess.run(arguments + [os.path.join(ROOT, folder)], cwd=ROOT, env=environment,
                          stdin=subprocess.DEVNULL)
    try:
        with open(report, encoding="utf-8") as file:
            head = re.search(r"<testsuite [^>]*>", file.read()).group(0)
        count = {key: int(re.search(r'\b%s="(\d+)"' % key, head).group(1))
                 for key in ("tests", "failures", "errors", "skipped")}
    except (OSError, AttributeError):
        count = {"tests": 1, "failures": 1, "errors": 0, "skipped": 0}
    failed = count["failures"] + count["errors"]
    if done.returncode not in (0, 5) and failed == 0:
        failed = 1
    tally.failed += failed
    tally.skipped += count["skipped"]
    tally.passed += max(0, count["tests"] - failed - count["skipped"])


GROUPS = {
    "unit": run_unit,
    "integration": lambda tally: run_pytest(tally, "tests/integration", jobs=JOBS),
    "browser": lambda tally: run_pytest(tally, "tests/browser", jobs=min(JOBS, 2)),
    "soak": lambda tally: run_pytest(tally, "tests/soak"),
    "smoke": lambda tally: run_pytest(tally, "tests/integration", "smoke"),
}


def main():
    tally = Tally()
    groups = sys.argv[1:] or ["unit", "integration", "browser"]
    for group in groups:
        if group not in GROUPS:
            sys.exit("run.py: there is no group %r; groups: %s" % (group, ", ".join(GROUPS)))
    for group in groups:
        print("== %s" % group, flush=True)
        GROUPS[group](tally)
    print("%d passed, %d failed, %d skipped" % (tally.passed, tally.failed, tally.skipped))
    sys.exit(1 if tally.failed or tally.passed == 0 else 0)


if __name__ == "__main__":
    main()
