"""Weekly letters: tests/integration/test_report*.py have a sample, this has them all."""
import re

from test_report import changed, check_letters, kill_each, killer, world  # noqa: F401 (fixtures)
from test_report_live import check_correction, live  # noqa: F401 (a fixture)


def test_every_letter_of_the_week(world):  # noqa: F811
    seen = check_letters(world, [stem for stem in world.kept(world.week) if re.fullmatch(r"AS\d+", stem)])
    assert {"spikes", "lag-loss", "speedless", "link-down", "small-frames", "errors", "heavy", "flash-evening"} <= seen


def test_killed_before_each_call_that_makes_something_durable(changed, killer):  # noqa: F811
    kills = kill_each(changed, killer, range(1, 1000))
    print("%d kills, no half letter, no double row" % kills)
    assert kills >= 25


def test_history_that_comes_in_beside_a_running_collector(live):  # noqa: F811
    live.run_process.wait_for("report event=made ms=", 90)
    check_correction(live)
