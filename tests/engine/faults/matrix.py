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

    from tests.engine.faults.cells import Cell, Skipped, Vault
    from tests.engine.faults.judge import Result
    from tools.engine import Engine


def run(
    directory: Path, engine: Engine, lanes: int, tell: Callable[[Result], None], only: Callable[[Cell], bool]
) -> tuple[list[Result], list[Skipped]]:
    """Run every cell that `only` lets pass; return what came of each, and those that are skipped with their reason.

    `lanes`: at least two; the last one has an OOS secret parameter as its vault.
    """
    with ExitStack() as ending, ThreadPoolExecutor(lanes) as threads:
        vaults: list[Vault] = ["kms" if n < lanes - 1 else "oos-secret" for n in range(lanes)]
        made = list(threads.map(Lane, [directory / f"lane-{n}" for n in range(lanes)], [engine] * lanes, vaults))
        free: dict[Vault, queue.SimpleQueue[Lane]] = {vault: queue.SimpleQueue() for vault in vaults}
        for lane in made:
            ending.callback(lane.close)
            free[lane.vault].put(lane)

        def one(cell: Cell) -> Result:
            lane = free[cell.vault].get()
            try:
                result = judged(lane, cell)
            finally:
                free[cell.vault].put(lane)
            tell(result)
            return result

        chosen, skipped = cells(made[0].recorded)
        others, more = cells(made[-1].recorded, made[-1].vault)
        # In the last lane only what another vault changes: the calls to its store.
        chosen += [cell for cell in others if cell.ours and cell.product == "oos"]
        skipped += [one for one in more if one.cell.ours and one.cell.product == "oos"]
        return list(threads.map(one, filter(only, _spread(chosen)))), skipped


def _spread(chosen: list[Cell]) -> list[Cell]:
    """Return the cells so that no lane waits for another: those of each vault spread over the whole."""
    of = {vault: [c for c in chosen if c.vault == vault] for vault in dict.fromkeys(c.vault for c in chosen)}
    placed = [((n + 1) / len(cells_), cell) for cells_ in of.values() for n, cell in enumerate(cells_)]
    return [cell for _, cell in sorted(placed, key=lambda pair: pair[0])]
