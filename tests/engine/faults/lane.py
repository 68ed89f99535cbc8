"""One account and one stack that go back, for each cell, to how they were before a phase."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, Any

from provider.resource import Urn
from tests.engine.faults.cells import PHASES, Phase, Vault
from tests.engine.sinks.fleet import deliver_everywhere
from tests.engine.world import World
from tests.engine_harness import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine_harness import Running
    from tools.engine import Engine

IMPATIENT_PROGRAM = ROOT / "tests" / "data" / "impatient_program"
_WORDS: dict[Phase, Any] = {
    "rotation": {"revoke_through": 1},
    "end of soak": {"revoke_through": 1, "soak": "0s"},
}
"""What stands under `rotation` in each phase: one `up` mints, delivers and disables, the next one deletes."""


class Lane:
    """A world with every sink, and a copy of itself before each phase."""

    def __init__(self, directory: Path, engine: Engine, vault: Vault = "kms") -> None:
        """Make it, and go through all phases undisturbed, noting the calls of each."""
        self._directory = directory
        self.vault: Vault = vault
        directory.mkdir()
        self.world = World.make(directory, engine)
        deliver_everywhere(self.world, vault)
        self.recorded: dict[Phase, list[dict[str, Any]]] = {}
        self.resources: dict[Phase, set[tuple[str, str]]] = {}
        """Type and name of what stands in the state after each phase."""
        for phase in PHASES:
            if phase in _WORDS:
                self.world.write("services.gateway.rotation", _WORDS[phase])
            if phase == "end of soak":
                time.sleep(1.1)  # periods are counted from the next whole second
            self._copy(phase)
            before = len(self.world.emulator.calls())
            self.start(phase).wait().ok()
            self.recorded[phase] = self.world.emulator.calls(before)
            self.resources[phase] = {(r["type"], Urn.parse(r["urn"]).name) for r in self.state()["resources"]}

    def start(self, phase: Phase) -> Running:
        """Begin the run that a phase is made of."""
        return self.world.stack.start_destroy() if phase == "destroy" else self.world.stack.start_up()

    def restore(self, phase: Phase) -> None:
        """Put everything back to how it was before a phase: same ports, no fault, no lock."""
        world, kept = self.world, self._kept(phase)
        world.emulator.stop()
        shutil.copy(kept / "state.json", world.emulator.state_dir / "state.json")
        (world.emulator.state_dir / "calls.jsonl").unlink(missing_ok=True)
        for part in ("state", "runs"):
            shutil.rmtree(world.stack.directory / part)
        shutil.copytree(kept / "state", world.stack.directory / "state")
        (world.stack.directory / "runs").mkdir()
        shutil.copy(kept / "config.yaml", world.stack.config_file)
        world.stack.program = ROOT
        world.emulator.restart()

    def state(self) -> dict[str, Any]:
        """Return the deployment as it lies on the disk."""
        return self.world.stack.stored()

    def close(self) -> None:
        """End everything."""
        self.world.close()

    def _copy(self, phase: Phase) -> None:
        world, kept = self.world, self._kept(phase)
        kept.mkdir(parents=True)
        shutil.copy(world.emulator.state_dir / "state.json", kept / "state.json")
        shutil.copytree(world.stack.directory / "state", kept / "state")
        shutil.copy(world.stack.config_file, kept / "config.yaml")

    def _kept(self, phase: Phase) -> Path:
        return self._directory / "before" / phase.replace(" ", "-")
