"""Whoever adds a sink says how its readers read it: the proofs of rotation and of the fault matrix read every one."""

from components.sinks.table import SINKS
from tests.engine.consumer_loop import READERS
from tests.engine.sinks import fleet


def test_every_sink_has_a_reader_and_is_delivered_to_where_all_are() -> None:
    read = {row.sink for row in fleet.SINKS if row.place.partition(":")[0] in READERS}
    assert read == set(SINKS)
    assert len(READERS) == len(SINKS)
