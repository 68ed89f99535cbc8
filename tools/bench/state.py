"""What lies in a stack's state, read from the file as the engine wrote it."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from tools.bench.model import Shape

if TYPE_CHECKING:
    from tests.engine_harness import EngineStack

STACK_TRACE = "stackTrace"
POSITION = "sourcePosition"
PATHS = (STACK_TRACE, POSITION)
"""Fields that hold paths: their size depends on where checkout, Python and engine lie on the machine."""


def shape(stack: EngineStack) -> Shape:
    """Measure the state of a stack."""
    entries: list[dict[str, Any]] = stack.stored()["resources"]
    sizes: Counter[str] = Counter()
    for entry in entries:
        for name, value in entry.items():
            sizes[name] += len(json.dumps({name: value}, separators=(",", ":"))) - 1  # one comma or brace each
    traces: list[list[dict[str, str]]] = [entry.get(STACK_TRACE) or [] for entry in entries]
    frames = [frame for trace in traces for frame in trace]
    return Shape(
        entries=len(entries),
        size=stack.state_file.stat().st_size,
        fields=dict(sizes.most_common()),
        frames=len(frames),
        own_frames=sum(_is_own(frame.get(POSITION, "")) for frame in frames),
    )


def _is_own(position: str) -> bool:
    return position.startswith("project:///") and "/../" not in position and "/site-packages/" not in position
