"""A subset of the fault matrix: whatever dies or gets lost in a run, at most two further runs put it right."""

import json
from collections.abc import Iterator

import pytest

from tests.engine.faults.cells import KINDS, PHASES, Kind, Phase, Skipped, cells
from tests.engine.faults.judge import judged
from tests.engine.faults.lane import Lane
from tests.engine.world import SECRET, World
from tools.engine import Engine

pytestmark = pytest.mark.engine

SUBSET: list[tuple[Phase, str, Kind]] = [
    ("first up", "CreateWorkspace", "kill engine"),
    ("first up", "CreateWorkspace", "truncate"),
    ("first up", "CreateApiKey", "restart emulator"),
    ("first up", "CreateSecret", "cut_after"),
    ("first up", "CreateConfigMap", "cut_after"),
    ("rotation", "CreateApiKey", "cut_after"),
    ("rotation", "CreateApiKey", "kill plugin"),
    ("rotation", "inference:messages", "500"),
    ("rotation", "PutSecretValue", "interrupt"),
    ("rotation", "DisableApiKey", "refuse"),
    ("end of soak", "DeleteApiKey", "kill engine"),
    ("destroy", "DeleteApiKey", "cut_before"),
    ("destroy", "DeleteSecret", "cut_after"),
]
"""Those whose outcome hangs on our own code most, and one of each kind that needs no long wait."""


@pytest.fixture(scope="module")
def lane(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    made = Lane(tmp_path_factory.mktemp("faults") / "lane", engine)
    yield made
    made.close()


def test_the_cells_come_from_what_a_run_does_and_none_is_dropped_without_a_reason(lane: Lane) -> None:
    chosen, skipped = cells(lane.recorded)
    assert len(chosen) >= 200
    assert {c.phase for c in chosen} == set(PHASES)
    asked = {(phase, call["operation"]) for phase, calls in lane.recorded.items() for call in calls}
    for phase, operation in asked:
        there = [c.kind for c in (*chosen, *(s.cell for s in skipped)) if (c.phase, c.operation) == (phase, operation)]
        assert set(there) == set(KINDS)
    assert all(isinstance(s, Skipped) and s.reason for s in skipped)


@pytest.mark.parametrize(("phase", "operation", "kind"), SUBSET, ids=[" ".join(row) for row in SUBSET])
def test_the_next_runs_put_it_right(lane: Lane, phase: Phase, operation: str, kind: Kind) -> None:
    chosen, _ = cells(lane.recorded)
    (cell, *_) = [c for c in chosen if (c.phase, c.operation, c.kind) == (phase, operation, kind)]
    result = judged(lane, cell)
    assert result.holds, result
    lost = kind == "cut_after" and not cell.ours
    assert bool(result.taken_over) == lost, "only what the alicloud plugin lost needs a hand"


def test_the_judge_sees_what_is_not_as_wanted(lane: Lane) -> None:
    """Another hand in the middle of a cell: what a disturbed run could leave must be counted."""
    chosen, _ = cells(lane.recorded)
    (cell,) = [c for c in chosen if (c.phase, c.operation, c.kind) == ("rotation", "DisableApiKey", "429")]

    def meddle(world: World) -> None:
        workspace = world.console.create_workspace("one too many")
        world.console.create_key(workspace, "one that no state knows")
        world.console.put_secret(SECRET, "foreign", json.dumps(world.record() | {"OPENAI_API_KEY": "sk-ws-test.a1"}))

    result = judged(lane, cell, before_judging=meddle)
    assert (result.duplicates, result.orphans, result.mismatched) == (1, 1, 1)
    assert not result.holds
