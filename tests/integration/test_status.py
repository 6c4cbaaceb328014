"""`ixwatch status --format json` is one document, however many ports there are."""
import json
import sqlite3

import pytest

import seeded


@pytest.mark.parametrize("count", [0, 1, 2, 200])
def test_the_document_is_whole(place, count):
    seeded.seed(place, "--ports", str(max(count, 1)), "--series", "0")
    config = seeded.write_config(place)
    if count == 0:
        with sqlite3.connect(place.state + "/ixwatch.db") as db:
            db.executescript("PRAGMA foreign_keys = OFF; DELETE FROM port")
    done = place.run("status", "-c", config, "--format", "json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert list(document)[-1] == "ports" and len(document["ports"]) == count
    # Indented throughout as any printer does; numbers are left to our own.
    as_text = {"parse_float": str, "parse_int": str}
    assert done.stdout.replace('"', "") == json.dumps(
        json.loads(done.stdout, **as_text), indent=2, ensure_ascii=False).replace('"', "") + "\n"
