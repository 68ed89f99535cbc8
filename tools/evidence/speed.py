"""How long a run takes as a multiple of an empty Pulumi program on the same engine, measured in turns."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

from tests.engine_harness import EMPTY_PROGRAM, EngineStack
from tools.evidence.claim import Claim, Step

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.world import World
    from tools.engine import Engine

ROUNDS = 5


def measure(world: World, engine: Engine, directory: Path) -> Claim:
    """Time a no-change `up` and a `preview`; the stack must be up."""
    empty = EngineStack(directory / "empty", engine, program=EMPTY_PROGRAM)
    empty.up().ok()
    seconds: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for command in ("up", "preview"):
            for name, stack in (("empty", empty), ("ours", world.stack)):
                start = time.monotonic()
                getattr(stack, command)().ok()
                seconds.setdefault(f"{name} {command}", []).append(time.monotonic() - start)
    median = {name: statistics.median(times) for name, times in seconds.items()}
    ratios = {command: median[f"ours {command}"] / median[f"empty {command}"] for command in ("up", "preview")}
    line = (
        f"speed: a no-change up takes {ratios['up']:.1f} times an empty program's, "
        f"a preview {ratios['preview']:.1f} times "
        f"(medians of {ROUNDS} rounds in turns)"
    )
    return Claim("speed", line, [Step("measured", holds=True)], {"seconds": seconds, "ratios": ratios})
