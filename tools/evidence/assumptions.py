"""What is assumed of the live service: measured by `tools.live` on the emulator, in which each is broken in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalogue.assumptions import ASSUMPTIONS, MEASURED
from tests.tools.live import proof
from tests.tools.live.breakages import BREAKAGES
from tools.evidence.claim import Claim, Step

if TYPE_CHECKING:
    from pathlib import Path

    from tests.emulator_process import EmulatorProcess


def assumptions(emulator: EmulatorProcess, directory: Path) -> Claim:
    """Run `tools.live` once as the emulator is, and once with each assumption broken."""
    hold, other = proof.undisturbed(emulator, directory)
    wanted = {assumed.id for assumed in MEASURED}
    steps = [Step("all hold as the emulator is", hold == wanted and not other, {"hold": len(hold)})]
    told = 0
    for row in proof.rows(emulator, directory):
        told += row.told
        measured = {"unmeasured": sorted(row.unmeasured), "nothing_left": row.clean}
        steps.append(Step(f"{row.id} broken", row.told and row.clean, measured))
    counts = f"{len(hold)} measured on the emulator, {len(BREAKAGES)} broken and {told} told"
    never = {assumed.id: assumed.unmeasured for assumed in ASSUMPTIONS if not assumed.is_measured}
    return Claim("assumptions", f"assumptions: {len(ASSUMPTIONS)}, {counts}", steps, {"cannot": never})
