"""What services cost in state and calls: what the table says, no more and no less.

More fails. Less fails too, and asks for the table to be tightened, so that what was gained is kept. Neither seconds nor
names of resource types are in it: `make bench` compares the former, and the latter are no cost.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tools.bench import calls, programs
from tools.bench.state import PATHS, shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.bench.model import Phase, Shape
    from tools.engine import Engine

pytestmark = pytest.mark.engine

SERVICES = 5
"""With a KMS secret and a SAE config map each, in one workspace. All figures below are those of all five."""

ENTRIES = 31
BYTES: Mapping[Phase, int] = {"up": 47_070, "again": 47_070, "refresh": 46_000}
"""Of the state's entries, without the paths in them, which are longer on some machines than on others."""
SLACK = 150
"""Bytes by which ids and counts differ from run to run."""
OWN_FRAMES = 116
"""Places in this project that the entries' stack traces name: how deep a resource's constructor lies in calls."""
CALLS: Mapping[Phase, Mapping[str, int]] = {
    "up": {
        "inference:chat": 15,
        "kms:CreateSecret": 5,
        "kms:DescribeSecret": 5,
        "kms:GetSecretValue": 5,
        "modelstudio:CreateApiKey": 5,
        "modelstudio:CreateWorkspace": 1,
        "modelstudio:ListApiKeys": 5,
        "modelstudio:ListWorkspaces": 1,
        "modelstudio:UpdateModelPermissions": 1,
        "sae:CreateConfigMap": 5,
        "sae:DescribeConfigMap": 5,
        "sts:GetCallerIdentity": 1,
    },
    "again": {},
    "refresh": {
        "inference:chat": 15,
        "kms:DescribeSecret": 5,
        "kms:GetSecretValue": 5,
        "modelstudio:ListApiKeys": 1,
        "modelstudio:ListModelPermissions": 2,
        "modelstudio:ListWorkspaces": 1,
        "sae:DescribeConfigMap": 5,
        "sts:GetCallerIdentity": 1,
    },
    "destroy": {
        "kms:DeleteSecret": 5,
        "kms:DescribeSecret": 5,
        "modelstudio:DeleteApiKey": 5,
        "modelstudio:DeleteWorkspace": 1,
        "modelstudio:GetApiKey": 5,
        "modelstudio:ListApiKeys": 5,
        "sae:DeleteConfigMap": 5,
        "sts:GetCallerIdentity": 1,
    },
}


@dataclass
class Life:
    """What each phase left in the state, and what it called."""

    states: dict[Phase, Shape] = field(default_factory=dict["Phase", "Shape"])
    calls: dict[Phase, dict[str, int]] = field(default_factory=dict["Phase", "dict[str, int]"])


@pytest.fixture(scope="module")
def life(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Life:
    directory = tmp_path_factory.mktemp("cost")
    seen = Life()
    with ExitStack() as left:
        emulator = programs.start_double(directory / "double", SERVICES)
        left.callback(emulator.stop)
        subject = programs.ours(directory / "ours", engine, emulator, SERVICES)
        left.callback(subject.stack.close)
        for phase in CALLS:
            before = len(emulator.calls())
            subject.run(phase)
            seen.states[phase] = shape(subject.stack)
            seen.calls[phase] = calls.counted(emulator.calls(before))
    return seen


def differences(measured: Mapping[str, int], allowed: Mapping[str, int], slack: int = 0) -> list[str]:
    """Say what costs more than the table allows, and what costs less."""
    said: list[str] = []
    for name in sorted({*measured, *allowed}):
        now, most = measured.get(name, 0), allowed.get(name, 0)
        if now > most + slack:
            said.append(f"{name}: {now}, more than the {most} allowed")
        elif now < most - slack:
            said.append(f"{name}: {now}, less than the {most} allowed: tighten the table")
    return said


@pytest.mark.parametrize("phase", CALLS)
def test_each_phase_makes_the_calls_of_the_table(life: Life, phase: Phase) -> None:
    said = differences(life.calls[phase], CALLS[phase])
    assert not said, "; ".join(said)


def test_an_up_without_a_change_calls_nothing(life: Life) -> None:
    assert life.calls["again"] == {}, "whatever the table says"


@pytest.mark.parametrize("phase", BYTES)
def test_the_state_is_as_large_as_the_table_says(life: Life, phase: Phase) -> None:
    state = life.states[phase]
    size = sum(count for name, count in state.fields.items() if name not in PATHS)
    said = differences({"entries": state.entries}, {"entries": ENTRIES})
    said += differences({"bytes": size}, {"bytes": BYTES[phase]}, SLACK)
    said += differences({"own frames": state.own_frames}, {"own frames": OWN_FRAMES})
    assert not said, "; ".join(said)


def test_nothing_is_left(life: Life) -> None:
    assert life.states["destroy"].entries == 0


def test_a_rise_is_told_from_a_gain() -> None:
    said = differences(
        {"same": 2, "up": 3, "new": 1, "down": 1, "about": 9}, {"same": 2, "up": 2, "down": 2, "gone": 4}
    )
    assert said == [
        "about: 9, more than the 0 allowed",
        "down: 1, less than the 2 allowed: tighten the table",
        "gone: 0, less than the 4 allowed: tighten the table",
        "new: 1, more than the 0 allowed",
        "up: 3, more than the 2 allowed",
    ]
    assert differences({"bytes": 103}, {"bytes": 100}, 3) == []
    assert differences({"bytes": 104}, {"bytes": 100}, 3) == ["bytes: 104, more than the 100 allowed"]
