"""What lies in a stack's state, read from the file as the engine wrote it."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from tools.bench.model import Shape

if TYPE_CHECKING:
    from tests.engine_harness import EngineStack

STACK_TRACE = "stackTrace"
PATHS = (STACK_TRACE, "sourcePosition")
"""Fields that hold paths: their size depends on where checkout, Python and engine lie on the machine."""


def shape(stack: EngineStack) -> Shape:
    """Measure the state of a stack."""
    entries: list[dict[str, Any]] = stack.stored()["resources"]
    sizes: Counter[str] = Counter()
    for entry in entries:
        for name, value in entry.items():
            sizes[name] += len(json.dumps({name: value}, separators=(",", ":"))) - 1  # one comma or brace each
    depths = [len(entry[STACK_TRACE]) for entry in entries if entry.get(STACK_TRACE)]
    return Shape(
        entries=len(entries),
        size=stack.state_file.stat().st_size,
        fields=dict(sizes.most_common()),
        frames=sum(depths) / len(depths) if depths else 0.0,
    )
