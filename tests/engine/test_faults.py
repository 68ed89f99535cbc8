"""A subset of the fault matrix: whatever dies or gets lost in a run, at most two further runs put it right."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.engine.faults.cells import KINDS, PHASES, Kind, Phase, Skipped, cells
from tests.engine.faults.judge import judged
from tests.engine.faults.lane import Lane
from tests.engine.sinks.fleet import SINKS
from tests.engine.world import SECRET, World
from tools.engine import Engine

pytestmark = pytest.mark.engine

IMPORT = "pulumi import alicloud:"
SUBSET: list[tuple[Phase, str, Kind, str]] = [
    ("first up", "CreateWorkspace", "kill engine", ""),
    ("first up", "CreateWorkspace", "truncate", ""),
    ("first up", "CreateApiKey", "restart emulator", ""),
    ("first up", "CreateSecret", "cut_after", ""),
    ("first up", "CreateSecret", "kill engine", ""),
    ("first up", "CreateConfigMap", "cut_after", "deleted "),
    ("first up", "CreateNacosConfig", "cut_after", f"{IMPORT}mse/nacosConfig:NacosConfig "),
    ("first up", "CreateSecretParameter", "kill plugin", ""),
    ("first up", "CreateParameter", "kill engine", f"{IMPORT}oos/parameter:Parameter "),
    ("rotation", "CreateApiKey", "cut_after", ""),
    ("rotation", "CreateApiKey", "kill plugin", ""),
    ("rotation", "inference:messages", "500", ""),
    ("rotation", "PutSecretValue", "interrupt", ""),
    ("rotation", "PutSecretValue", "kill plugin", ""),
    ("rotation", "UpdateSecretParameter", "kill engine", ""),
    ("rotation", "UpdateNacosConfig", "cut_after", ""),
    ("rotation", "DisableApiKey", "refuse", ""),
    ("end of soak", "DeleteApiKey", "kill engine", ""),
    ("destroy", "DeleteApiKey", "cut_before", ""),
    ("destroy", "DeleteSecret", "cut_after", ""),
    ("destroy", "DeleteSecretParameter", "kill engine", ""),
    ("destroy", "DeleteParameter", "cut_after", "pulumi refresh"),
]
"""Those whose outcome hangs on our own code most, one of each kind that needs no long wait, and each hand's help."""


@pytest.fixture(scope="module")
def lane(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    made = Lane(tmp_path_factory.mktemp("faults") / "lane", engine)
    yield made
    made.close()


def test_the_cells_come_from_what_a_run_does_and_none_is_dropped_without_a_reason(lane: Lane) -> None:
    chosen, skipped = cells(lane.recorded)
    assert len(chosen) >= 300
    assert {c.phase for c in chosen} == set(PHASES)
    asked = {(phase, call["operation"]) for phase, calls in lane.recorded.items() for call in calls}
    for phase, operation in asked:
        there = [c.kind for c in (*chosen, *(s.cell for s in skipped)) if (c.phase, c.operation) == (phase, operation)]
        assert set(there) == set(KINDS)
    assert all(isinstance(s, Skipped) and s.reason for s in skipped)
    run = {(c.phase, c.operation, c.kind) for c in chosen}
    for cell, reason in ((s.cell, s.reason) for s in skipped if "ConfigMap" in s.reason):
        (other,) = re.findall(r"as for (\w+ConfigMap) in this phase", reason)
        assert not cell.ours
        assert (cell.phase, other, cell.kind) in run, "what stands for it"


@pytest.mark.parametrize(("phase", "operation", "kind", "help_"), SUBSET, ids=[" ".join(row[:3]) for row in SUBSET])
def test_the_next_runs_put_it_right(lane: Lane, phase: Phase, operation: str, kind: Kind, help_: str) -> None:
    chosen, _ = cells(lane.recorded)
    (cell, *_) = [c for c in chosen if (c.phase, c.operation, c.kind) == (phase, operation, kind)]
    result = judged(lane, cell)
    assert result.holds, result
    helped = [done for done in result.taken_over if done.startswith(help_)]
    assert len(helped) == bool(help_)
    assert kind == "kill engine" or helped == result.taken_over, "every call in flight dies with the engine, no other"


OOS_VAULT: list[tuple[Phase, str, Kind]] = [
    ("first up", "CreateSecretParameter", "cut_after"),
    ("first up", "CreateSecretParameter", "kill engine"),
    ("rotation", "UpdateSecretParameter", "truncate"),
    ("rotation", "UpdateSecretParameter", "kill plugin"),
    ("rotation", "UpdateSecretParameter", "interrupt"),
    ("destroy", "DeleteSecretParameter", "cut_after"),
]


@pytest.fixture(scope="module")
def oos_lane(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    made = Lane(tmp_path_factory.mktemp("faults") / "oos-lane", engine, "oos-secret")
    yield made
    made.close()


@pytest.mark.parametrize(("phase", "operation", "kind"), OOS_VAULT, ids=[" ".join(row) for row in OOS_VAULT])
def test_with_an_oos_secret_as_vault_too(oos_lane: Lane, phase: Phase, operation: str, kind: Kind) -> None:
    chosen, _ = cells(oos_lane.recorded, oos_lane.vault)
    (cell, *_) = [c for c in chosen if (c.phase, c.operation, c.kind) == (phase, operation, kind)]
    result = judged(oos_lane, cell)
    assert result.holds, result
    assert kind == "kill engine" or result.taken_over == [], "no secret needs a person"


SPOILT: dict[str, dict[str, str]] = {
    "kms": {"OPENAI_API_KEY": "sk-ws-test.a1"},
    "oos-secret": {"MODEL_STUDIO_DIGEST": "0" * 16},
    "sae": {"MODEL_STUDIO_SECRET": f"kms:cn-beijing/{SECRET}@v0"},
    "nacos-properties": {"OPENAI_BASE_URL": "http://127.0.0.1:9/compatible-mode/v1"},
    "oos": {"MODEL_STUDIO_REVISION": "9"},
}
"""What is changed in the record of each sink, so that it holds no pair, another's, or one that it does not say."""


def test_the_judge_sees_what_is_not_as_wanted(lane: Lane) -> None:
    """Another hand in the middle of a cell: what a disturbed run could leave must be counted, in every sink."""
    chosen, _ = cells(lane.recorded)
    (cell,) = [c for c in chosen if (c.phase, c.operation, c.kind) == ("rotation", "DisableApiKey", "429")]

    def meddle(world: World) -> None:
        workspace = world.console.create_workspace("one too many")
        world.console.create_key(workspace, "one that no state knows")
        for row in SINKS:
            hand, name = row.hand(world.emulator), row.called("gateway")
            record = row.parse(hand.read(name)) | SPOILT[row.name]
            is_lines = row.name == "nacos-properties"
            hand.write(name, "\n".join(f"{n}={v}" for n, v in record.items()) if is_lines else json.dumps(record))

    result = judged(lane, cell, before_judging=meddle)
    assert (result.duplicates, result.orphans, result.mismatched) == (1, 1, len(SINKS))
    assert not result.holds
