"""The cells of the matrix, made from the record of an undisturbed run: a call that nobody thought of is in it too."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

Vault = Literal["kms", "oos-secret"]
"""The store of the secret that the service names first; the other one holds a further secret."""
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
_OURS = ("modelstudio", "sts", "inference", "kms")
_OURS_IN_OOS = ("SecretParameter", "TagResources")
_STORES = ("kms", "oos")
_SAME_READ = "DescribeConfigMap"
"""The alicloud plugin's read that stands for its reads of OOS and MSE, but in the kinds that each shows itself."""
_SAME_WRITES = ("CreateConfigMap", "UpdateConfigMap", "DeleteConfigMap")
"""Its writes that stand for those of OOS and MSE where it is the engine that is disturbed."""
_OF_STEPS: tuple[Kind, ...] = ("refuse state", "interrupt")
_SHOWN_BY_EACH_READ: tuple[Kind, ...] = ("refuse", "500", "kill engine")
"""Whether the plugin calls again, and what it and the engine make of an object that is there and was not read."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One call of one phase, disturbed in one way."""

    phase: Phase
    product: str
    operation: str
    nth: int
    """Which of the product's calls of that operation in that phase, from 1."""
    kind: Kind
    ours: bool
    """Whether this project's plugin makes the call; else the alicloud plugin, here its stand-in."""
    vault: Vault = "kms"

    def __str__(self) -> str:
        where = "" if self.vault == "kms" else f" ({self.vault} is the vault)"
        return f"{self.phase}{where}: {self.product} {self.operation} #{self.nth}: {self.kind}"


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A cell that is not run, and why."""

    cell: Cell
    reason: str


def cells(recorded: Mapping[Phase, list[dict[str, Any]]], vault: Vault = "kms") -> tuple[list[Cell], list[Skipped]]:
    """Return the cells of recorded runs: for each operation its first call; at a secret store its last one too.

    There another resource makes it: the first one claims a place or fills the vault, the last one a further secret.
    """
    chosen: list[Cell] = []
    skipped: list[Skipped] = []
    for phase, calls in recorded.items():
        there = {str(call["operation"]) for call in calls}
        for product, operation, nth, ours in _chosen(calls):
            for kind in KINDS:
                cell = Cell(
                    phase=phase, product=product, operation=operation, nth=nth, kind=kind, ours=ours, vault=vault
                )
                reason = _same_as_another(cell, there)
                if reason:
                    skipped.append(Skipped(cell=cell, reason=reason))
                else:
                    chosen.append(cell)
    return chosen, skipped


def _same_as_another(cell: Cell, there: Collection[str]) -> str:
    """Return why a cell would only repeat another one, "" when it does not. `there`: all operations of the phase."""
    if cell.kind == "cut_after" and cell.operation.startswith(_READS):
        return "a read changes nothing: the same as cut_before"
    if cell.operation.startswith(_READS[:3]):
        if cell.kind in _OF_STEPS:
            return "what it ends is a step, not a call: the same as for the step's change"
        if (
            not cell.ours
            and cell.product in ("oos", "mse")
            and cell.kind not in _SHOWN_BY_EACH_READ
            and _SAME_READ in there
        ):
            return f"a read by the same plugin after the same step: as for {_SAME_READ} in this phase"
    elif not cell.ours and cell.product in ("oos", "mse") and cell.kind in _OF_STEPS:
        same = next((write for write in _SAME_WRITES if write[:6] == cell.operation[:6] and write in there), "")
        if same:
            return f"what it ends is a step of the same plugin, not a call: as for {same} in this phase"
    return ""


def _chosen(calls: Iterable[dict[str, Any]]) -> list[tuple[str, str, int, bool]]:
    """Return product, operation, number and whose it is, of the first and, at a secret store of ours, the last call."""
    counted = Counter((str(call["product"]), str(call["operation"])) for call in calls)
    found: list[tuple[str, str, int, bool]] = []
    for (product, operation), times in counted.items():
        ours = product in _OURS or (product == "oos" and any(words in operation for words in _OURS_IN_OOS))
        last = [times] if ours and product in _STORES and times > 1 else []
        found += [(product, operation, nth, ours) for nth in (1, *last)]
    return found
