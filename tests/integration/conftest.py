"""Fixtures: a scratch directory whose daemons' logs are shown when a test fails, and the programs of the build."""
import os
import shutil
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import house  # noqa: E402
import hour   # noqa: E402

if "IXWATCH_HOUR" in os.environ:
    hour.shift(os.environ["IXWATCH_HOUR"])


# The longest files begin first: else the last of them runs on alone for minutes.
LONGEST = ["test_snmpd.py", "test_kill_live.py", "test_trouble.py", "test_line.py", "test_alerts.py"]


def pytest_configure(config):
    config.addinivalue_line("markers", "smoke: short, and worth running under sanitizers")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    setattr(item, "report_" + call.when, outcome.get_result())


@pytest.fixture
def place(request, tmp_path):
    """A place to run in: starts processes, ends them by process id, shows their logs when the test failed.  What a test that
    passed leaves behind, room kept for a full disk and series, goes: all of it together was 25 GB."""
    here = house.Place(str(tmp_path))
    yield here
    here.end_all()
    report = getattr(request.node, "report_call", None)
    failed = report is None or report.failed
    if failed:
        here.show_logs()
    here.check_sanitizers()
    if not failed:
        shutil.rmtree(here.path, ignore_errors=True)
