"""The fault matrix as a claim: each cell stands in the evidence."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from tests.engine.faults import matrix
from tools.evidence.claim import Claim, Step

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.faults.judge import Result
    from tools.engine import Engine

LANES = 3
"""Worlds at a time. Much of a cell is waiting."""


def faults(directory: Path, engine: Engine) -> Claim:
    """Run all cells."""
    start = time.monotonic()
    done: list[Result] = []

    def tell(result: Result) -> None:
        done.append(result)
        if not result.holds:
            print(
                f"faults: {result.cell}: {'; '.join(result.wrong) or 'see the evidence'}", file=sys.stderr, flush=True
            )

    results, skipped = matrix.run(directory, engine, LANES, tell, lambda _: True)
    steps = [_step(result) for result in results]
    ours = sum(r.cell.ours for r in results)
    line = (
        f"faults: {len(results)} cells ({ours} ours, {len(results) - ours} stand-in), "
        f"{sum(r.holds for r in results)} converged, {sum(r.duplicates for r in results)} duplicates, "
        f"{sum(r.orphans for r in results)} orphans, {sum(r.mismatched for r in results)} mismatched, "
        f"{sum(r.leaks for r in results)} leaks; {sum(bool(r.taken_over) for r in results)} after a take-over, "
        f"{len(skipped)} skipped"
    )
    measured = {
        "minutes": round((time.monotonic() - start) / 60, 1),
        "further_runs": dict(Counter(str(r.further_runs) for r in results)),
        "skipped": [{"cell": str(s.cell), "reason": s.reason} for s in skipped],
    }
    return Claim("faults", line, steps, measured)


def _step(result: Result) -> Step:
    return Step(
        str(result.cell),
        result.holds,
        {
            "ours": result.cell.ours,
            "seconds": result.seconds,
            "further_runs": result.further_runs,
            "taken_over": result.taken_over,
            "duplicates": result.duplicates,
            "orphans": result.orphans,
            "mismatched": result.mismatched,
            "leaks": result.leaks,
            "pending": result.pending,
            "torn": result.torn,
            "wrong": result.wrong,
        },
    )
