"""Every published URL deployed and called, and every kind of key tried with every URL."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from catalogue.rows import ROWS
from tests.engine import whole_catalogue
from tests.pair_matrix import ORDERS, SOME_REGIONS, Matrix
from tools.evidence.claim import Claim, Step

if TYPE_CHECKING:
    from tests.emulator_process import EmulatorProcess
    from tests.engine.world import World


def catalogue(world: World) -> Claim:
    """Deploy all of it in one `up` and call each URL with the client of its protocol."""
    whole_catalogue.write(world)
    run = world.stack.up()
    called = whole_catalogue.call_all(world) if run.code == 0 else []
    steps = [
        Step(c.row.url, c.as_published and bool(c.answer), {"protocol": c.row.protocol, "on_the_page": c.on_the_page})
        for c in called
    ]
    done = sum(step.holds for step in steps)
    steps.append(Step("every row of the catalogue", done == len(ROWS), {"rows": len(ROWS), "exit_code": run.code}))
    of_page = sum(c.on_the_page for c in called)
    line = f"catalogue: {len(ROWS)} rows, {of_page} of the page, {done} deployed and called"
    return Claim("catalogue", line, steps)


def pairs(emulator: EmulatorProcess) -> Claim:
    """Compare the firewall's verdict on every pair with what the check finds out, whatever the order of checks.

    All pairs in the order that was seen, for free; those of two regions in every order, with a call where it takes one.
    """
    runs = [("as seen, free", list(Matrix(emulator).cells(spend="never")))]
    emulator.settings(max_workspaces=40)
    some = Matrix(emulator, SOME_REGIONS)
    runs += [(" ".join(order), list(some.cells(order=order))) for order in ORDERS]
    steps = [
        Step(
            f"{cell.key} -> {cell.url} ({order})",
            cell.agrees,
            {"protocol": cell.protocol, "firewall": cell.firewall or "let through", "outcome": cell.outcome},
        )
        for order, cells in runs
        for cell in cells
    ]
    agree = sum(step.holds for step in steps)
    wrong = sum(cell.is_wrong for _, cells in runs for cell in cells)
    outcomes = Counter(cell.outcome for _, cells in runs for cell in cells)
    line = f"pairs: {len(steps)} cells under {len(ORDERS)} orders, {agree} agree, {wrong} wrong"
    return Claim("pairs", line, steps, {"outcomes": dict(outcomes)})
