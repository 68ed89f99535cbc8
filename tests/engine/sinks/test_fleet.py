"""Three services with all sinks: after a fault, `up` brings all of them to one revision, with no call too many."""

import pytest

from components.sinks.table import SINKS as CLASSES
from tests.engine.sinks.fleet import SINKS, Fleet
from tests.engine.world import World

pytestmark = pytest.mark.engine


def test_after_a_fault_every_place_is_at_one_generation_and_revision(world: World) -> None:
    fleet = Fleet(world, 3)
    assert {row.sink for row in SINKS} == set(CLASSES)
    _, mixed = fleet.up()
    assert mixed == []
    for fault, arguments, ups in (("oos-secret", (), 1), ("nacos-properties", (), 2), ("sae", ("--refresh",), 1)):
        done = fleet.round(fault, *arguments)
        assert done.failed
        assert done.behind >= 1
        assert done.mixed == []
        assert done.ups == ups, "the alicloud provider alone takes a failed update for done until it reads again"
        assert done.writes == done.behind, "one for each place that was behind"
