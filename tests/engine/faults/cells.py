"""The cells of the matrix, made from the record of an undisturbed run: a call that nobody thought of is in it too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Phase = Literal["first up", "rotation", "end of soak", "destroy"]
Kind = Literal[
    "refuse", "429", "500", "delay", "cut_before", "cut_after", "truncate",
    "kill engine", "kill plugin", "interrupt", "restart emulator", "refuse state",
]  # fmt: skip

PHASES: tuple[Phase, ...] = ("first up", "rotation", "end of soak", "destroy")
KINDS: tuple[Kind, ...] = (
    "refuse", "429", "500", "delay", "cut_before", "cut_after", "truncate",
    "kill engine", "kill plugin", "interrupt", "restart emulator", "refuse state",
)  # fmt: skip

_READS = ("List", "Get", "Describe", "inference:")
_OURS = ("modelstudio", "sts", "inference")
_OURS_IN_KMS = ("PutSecretValue", "ListSecretVersionIds", "UpdateSecretVersionStage")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One call of one phase, disturbed in one way."""

    phase: Phase
    operation: str
    nth: int
    """Which of the calls of that operation in that phase, from 1."""
    kind: Kind
    ours: bool
    """Whether this project's plugin makes the call; else the alicloud plugin, here its stand-in."""

    def __str__(self) -> str:
        return f"{self.phase}: {self.operation} #{self.nth}: {self.kind}"


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A cell that is not run, and why."""

    cell: Cell
    reason: str


def cells(recorded: Mapping[Phase, list[dict[str, Any]]]) -> tuple[list[Cell], list[Skipped]]:
    """Return the cells of recorded runs: for each operation, and each plugin that asks for it, its first call."""
    chosen: list[Cell] = []
    skipped: list[Skipped] = []
    for phase, calls in recorded.items():
        for operation, nth, ours in _firsts(calls):
            for kind in KINDS:
                cell = Cell(phase=phase, operation=operation, nth=nth, kind=kind, ours=ours)
                reason = _same_as_another(operation, kind)
                if reason:
                    skipped.append(Skipped(cell=cell, reason=reason))
                else:
                    chosen.append(cell)
    return chosen, skipped


def _same_as_another(operation: str, kind: Kind) -> str:
    """Return why a cell would only repeat another one, "" when it does not."""
    if kind == "cut_after" and operation.startswith(_READS):
        return "a read changes nothing: the same as cut_before"
    if kind in ("refuse state", "interrupt") and operation.startswith(_READS[:3]):
        return "what it ends is a step, not a call: the same as for the step's change"
    return ""


def _firsts(calls: Iterable[dict[str, Any]]) -> list[tuple[str, int, bool]]:
    """Return operation, number and whose it is, of the first call of each operation by each plugin."""
    counted: dict[str, int] = {}
    found: dict[tuple[str, bool], int] = {}
    put = False
    for call in calls:
        operation = str(call["operation"])
        counted[operation] = counted.get(operation, 0) + 1
        put = put or operation == "PutSecretValue"
        # Both read a secret: the alicloud plugin once it made the container, this project's once it put a version.
        ours = call["product"] in _OURS or operation in _OURS_IN_KMS or (operation == "GetSecretValue" and put)
        found.setdefault((operation, ours), counted[operation])
    return [(operation, nth, ours) for (operation, ours), nth in found.items()]
