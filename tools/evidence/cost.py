"""What a service costs in the state, and what the runs cost against a hand-written program for the same objects."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tools.bench.run import Bench, Plan
from tools.evidence.claim import Claim, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.bench.model import Cost, Phase, Report
    from tools.engine import Engine

SIZES = (10, 50, 200)
_CALLED: dict[Phase, str] = {"up": "up", "again": "no-change up", "destroy": "destroy"}


def cost(engine: Engine, sizes: Sequence[int] = SIZES) -> Claim:
    """Run both programs in turns. What may not rise is held by tests/engine/test_cost.py; here it is compared."""
    report = Bench(engine, Plan(sizes, ("again", "destroy"), programs=("ours", "hand")), _say).run()
    steps = [_step(report, measured) for measured in report.costs if measured.program == "ours"]
    most = report.rounds_of("ours", sizes[-1], "up")[0]
    ratios = "; ".join(f"{called} {_ratios(report, phase)}" for phase, called in _CALLED.items())
    line = (
        f"cost: {most.state.entries / most.n:.1f} entries and {most.state.size / most.n / 1000:.1f} kB per service; "
        f"CPU time against hand-written at {', '.join(map(str, sizes))}: {ratios}"
    )
    return Claim("cost", line, steps, {"surroundings": report.surroundings.model_dump()})


def _step(report: Report, ours: Cost) -> Step:
    """Hold an `up` without a change to no calls, and a destroy to leaving nothing."""
    holds = not (ours.phase == "again" and ours.calls) and not (ours.phase == "destroy" and ours.state.entries)
    hand = report.rounds_of("hand", ours.n, ours.phase)[0]
    measured = {
        name: {
            "entries": c.state.entries,
            "bytes": c.state.size,
            "cpu": round(c.cpu, 2),
            "seconds": round(c.seconds, 2),
        }
        for name, c in (("ours", ours), ("hand", hand))
    }
    return Step(f"{_CALLED[ours.phase]} of {ours.n}", holds, {**measured, "calls": sum(ours.calls.values())})


def _ratios(report: Report, phase: Phase) -> str:
    ratios = (report.ratio("hand", n, phase, lambda measured: measured.cpu) for n in report.sizes)
    return ", ".join("-" if ratio is None else f"{ratio:.1f}" for ratio in ratios)


def _say(line: str) -> None:
    print(f"cost: {line}", file=sys.stderr, flush=True)
