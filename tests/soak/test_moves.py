"""`ixwatch port move` while each call in turn fails: tests/integration/test_port_move.py has a sample, this has them all."""
import pytest

from test_faults import memory_allowed
from test_port_move import fail_each, seeded, world  # noqa: F401 (fixtures)


@pytest.mark.parametrize("kind, step", [("rename", 1), ("sync", 1), ("size", 1), ("open", 1), ("write", 3), ("short", 7),
                                        ("malloc", 31)])
def test_each_call_that_fails(world, seeded, kind, step):  # noqa: F811
    memory_allowed(kind)
    failed = fail_each(world, seeded[1], kind, range(1, 100000, step))
    print("%s: %d moves failed cleanly" % (kind, failed))
    assert failed > 0
