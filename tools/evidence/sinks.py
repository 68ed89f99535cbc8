"""Every sink through every case, and many services with all sinks, with a fault in each sink in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.sinks.cases import CASES, MATRIX
from tests.engine.sinks.fleet import SINKS, WRITES, Fleet
from tests.engine.sinks.observed import observe
from tests.engine.sinks.table import ROWS
from tools.evidence.claim import Claim, Step

if TYPE_CHECKING:
    from tests.engine.sinks.observed import Observed
    from tests.engine.sinks.table import Row
    from tests.engine.world import World

SERVICES = 12


def conformance(world: World) -> Claim:
    """Take every row of the table through every case, in one life."""
    seen = observe(world)
    steps = [_step(seen, case, row) for row, case in MATRIX]
    passed = sum(step.holds for step in steps)
    untagged = {row.name: row.untagged for row in ROWS if row.untagged}
    line = f"sinks: {len(ROWS)} sinks, {len(CASES)} cases, {passed} of {len(MATRIX)} passed"
    return Claim("sinks", line, steps, {"runs": len(seen.steps), "cannot": untagged})


def _step(seen: Observed, case: str, row: Row) -> Step:
    try:
        CASES[case](seen, row)
    except AssertionError as wrong:
        return Step(f"{row.name}: {case}", holds=False, measured={"why": str(wrong)})
    return Step(f"{row.name}: {case}", holds=True)


def one_generation(world: World) -> Claim:
    """Deploy many services at once, then break each sink in turn."""
    fleet = Fleet(world, SERVICES)
    calls, mixed = fleet.up()
    steps = [Step("first up", not mixed, {"calls": calls, "mixed": mixed})]
    for fault in WRITES:
        done = fleet.round(fault)
        measured = {
            "behind": done.behind,
            "writes": done.writes,
            "calls": done.calls,
            "ups": done.ups,
            "mixed": done.mixed,
        }
        steps.append(Step(fault, done.failed and not done.mixed and done.writes == done.behind, measured))
    wrong = sum(len(step.measured["mixed"]) for step in steps)
    line = f"one generation: {SERVICES} services x {len(SINKS)} sinks, {len(WRITES)} faults, {wrong} mixed"
    return Claim("one generation", line, steps)
