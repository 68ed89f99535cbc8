"""No key in any place that a run leaves behind, after a scan that finds every planted one."""

import pytest

from tests.engine.world import World
from tools.canary import find
from tools.evidence import leaks

pytestmark = pytest.mark.engine


def test_no_key_is_left_anywhere(world: World) -> None:
    raised = leaks.lost_answers(world)
    assert raised, "the faults made it fail"
    watch = leaks.Watch()
    watch.up(world)
    assert any("provider" in line for line in watch.seen), "the plugin's arguments were seen"
    keys = leaks.key_values(world)
    assert world.record()["OPENAI_API_KEY"] in keys
    real = leaks.places(world, watch.seen, raised)
    kinds = {place.kind for place in real}
    assert kinds >= {"state", "backup", "event log", "stdout", "emulator log", "exception", "process arguments"}
    result = leaks.claim(keys, real)
    assert result.measured["found"] == result.measured["planted"] == 4 * len(kinds)
    assert [(place.kind, place.name) for place, _ in find(keys, real)] == []
    assert result.holds
