"""All cells, on several lanes at a time."""

from __future__ import annotations

import queue
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tests.engine.faults.cells import cells
from tests.engine.faults.judge import judged
from tests.engine.faults.lane import Lane

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.engine.faults.cells import Cell, Skipped
    from tests.engine.faults.judge import Result
    from tools.engine import Engine


def run(
    directory: Path, engine: Engine, lanes: int, tell: Callable[[Result], None], only: Callable[[Cell], bool]
) -> tuple[list[Result], list[Skipped]]:
    """Run every cell that `only` lets pass; return what came of each, and those that are skipped with their reason."""
    with ExitStack() as ending, ThreadPoolExecutor(lanes) as threads:
        made = list(threads.map(Lane, [directory / f"lane-{n}" for n in range(lanes)], [engine] * lanes))
        for lane in made:
            ending.callback(lane.close)
        free: queue.SimpleQueue[Lane] = queue.SimpleQueue()
        for lane in made:
            free.put(lane)

        def one(cell: Cell) -> Result:
            lane = free.get()
            try:
                result = judged(lane, cell)
            finally:
                free.put(lane)
            tell(result)
            return result

        chosen, skipped = cells(made[0].recorded)
        return list(threads.map(one, filter(only, chosen))), skipped
