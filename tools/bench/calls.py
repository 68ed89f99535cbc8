"""What the double was asked for, from its own log."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.emulator_process import EmulatorProcess

FOREVER = 10**9


def name(call: dict[str, Any]) -> str:
    """Return product and operation: operations of several products have one name. Those of inference say it already."""
    operation = str(call["operation"])
    return operation if ":" in operation else f"{call['product']}:{operation}"


def counted(calls: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Count calls by product and operation."""
    return dict(sorted(Counter(map(name, calls)).items()))


def hold_back(emulator: EmulatorProcess, seconds: float) -> None:
    """Have the double answer every call of a service so much later, from now on."""
    emulator.admin("DELETE", "/faults")
    if seconds:
        emulator.fault("*", "delay", seconds=seconds, times=FOREVER)


def chain(calls: Sequence[dict[str, Any]], seconds: float) -> list[str]:
    """Return the longest chain of calls that followed one another, where each was held back so long.

    A call begins at the latest `seconds` before it was answered. One that begins before another's answer cannot depend
    on it; of those that begin later, it is assumed.
    """
    ends = sorted((datetime.fromisoformat(call["time"]).timestamp(), name(call)) for call in calls)
    found: list[str] = []
    free = float("-inf")
    # As many as fit behind one another: always the one that ends first.
    for end, what in ends:
        if end - seconds >= free:
            found.append(what)
            free = end
    return found
