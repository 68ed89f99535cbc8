"""Every published URL deployed and called, and every kind of key held against every URL."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from catalogue.rows import ROWS
from tests.engine import whole_catalogue
from tests.pair_matrix import cells
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
    """Hold the firewall's verdict on every pair against the service's answer."""
    found = list(cells(emulator))
    agree = sum(cell.agrees for cell in found)
    verdicts = Counter(cell.firewall or "let through" for cell in found)
    steps = [
        Step(
            f"{cell.key} -> {cell.url}",
            cell.agrees,
            {"protocol": cell.protocol, "firewall": cell.firewall or "let through", "status": cell.status},
        )
        for cell in found
    ]
    return Claim("pairs", f"pairs: {len(found)} cells, {agree} agree", steps, {"verdicts": dict(verdicts)})
