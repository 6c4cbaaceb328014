"""README, --help and the program say the same thing."""
import os
import re

import pytest

import house


def commands():
    text = house.subprocess.run([house.IXWATCH, "--help"], stdout=house.subprocess.PIPE, text=True, check=True).stdout
    return re.findall(r"^  ([a-z]+) ", text.split("commands:")[1].split("Every command")[0], re.M)


def readme():
    with open(os.path.join(house.ROOT, "README.md"), encoding="utf-8") as file:
        return file.read()


def test_readme_names_every_command_and_no_other():
    table = readme().split("## Commands")[1].split("\n## ")[0]
    named = set(re.findall(r"`ixwatch ([a-z]+)", table))
    assert named == set(commands())


@pytest.mark.parametrize("command", commands())
def test_every_command_has_help_and_refuses_what_it_does_not_know(place, command):
    helped = place.run(command, "--help")
    assert helped.returncode == 0 and helped.stdout.startswith("usage: ixwatch " + command) and not helped.stderr
    wrong = place.run(command, "--no-such-option")
    assert wrong.returncode == 2 and not wrong.stdout and wrong.stderr


def test_every_option_that_readme_writes_is_in_that_commands_help(place):
    table = readme().split("## Commands")[1].split("\n## ")[0]
    for row in re.findall(r"^\| (`ixwatch [^|]+) \|", table, re.M):
        command = re.match(r"`ixwatch ([a-z]+)", row).group(1)
        text = place.run(command, "--help").stdout
        for option in re.findall(r"--[a-z-]+", row):
            assert option in text, (command, option)


def test_the_example_configuration_is_good_and_shows_every_key(place):
    example = os.path.join(house.ROOT, "examples", "ixwatch.conf")
    keys = set(re.findall(r"^(?:[a-z]+\.)?([a-z-]+)$", place.run("check", "--keys").stdout, re.M))
    assert len(keys) > 40
    with open(example, encoding="utf-8") as file:
        text = file.read()
    assert [key for key in sorted(keys) if not re.search(r"\b%s\b" % re.escape(key), text)] == []
    done = place.run("check", "-c", example)
    assert done.returncode == 0, done.stderr


def test_an_unknown_command_is_refused_and_help_is_not_an_error(place):
    assert place.run("nonsense").returncode == 2
    assert place.run().returncode == 2
    assert place.run("--version").stdout.startswith("ixwatch ")
