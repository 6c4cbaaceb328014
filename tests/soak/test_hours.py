"""Tests that seed a past relative to now, at hours of the day at which a traffic day begins, ports are busy, or a date changes."""
import os
import subprocess
import sys

import pytest

import house

FILES = ["test_mail_facts.py", "test_advice.py", "test_handover.py", "test_ack_link.py", "test_demo.py"]


@pytest.mark.parametrize("hour", ["0:07", "4:59", "5:59", "6:07", "10:59", "12:00", "19:30", "23:58"])
@pytest.mark.parametrize("name", FILES)
def test_at_any_hour(name, hour):
    path = os.path.join(house.ROOT, "tests", "integration", name)
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=900, env=dict(os.environ, IXWATCH_HOUR=hour))
    assert done.returncode == 0, done.stdout[-8000:]
