"""The three programs, each on a stack of its own, and how each is brought into every phase."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.emulator_process import EmulatorProcess
from tests.engine_harness import ROOT, SETTINGS, EngineStack
from tools.engine.build import DYNAMIC

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.engine_harness import Run
    from tools.bench.model import Phase, Program
    from tools.engine import Engine

PER_WORKSPACE = 5
"""Services that share a workspace."""
ACCOUNT = "1234567890123456"
REGION = "cn-beijing"
NAMESPACE = f"{REGION}:bench"
_FOLDER = ROOT / "tools" / "bench"
_OTHER_WORKSPACES = 10
"""Those of an account that no program made, at most: a default one in each region."""
_PAGE = 100
"""Entries in a page of a list. The double's own default is small, so that lists have several pages."""


_PATIENCE = 3600.0
"""Seconds that a command may take."""


class BenchError(Exception):
    """It cannot be measured; the message says why."""


@dataclass
class Subject:
    """One program on its stack."""

    program: Program
    stack: EngineStack
    rotated: Mapping[str, Any] | None = None
    """Configuration by which every key is replaced; None where there are no keys."""

    def has(self, phase: Phase) -> bool:
        """Whether it can be brought into a phase."""
        return phase != "rotate" or self.rotated is not None

    def prepare(self, phase: Phase) -> None:
        """Do what is none of the phase itself."""
        if phase == "rotate" and self.rotated is not None:
            self.stack.configure(self.rotated)

    def run(self, phase: Phase) -> Run:
        """Run the engine for a phase. Raises BenchError if it does not end as the phase must."""
        command = "up" if phase in ("again", "rotate") else phase
        run: Run = getattr(self.stack, command)()
        if run.code != 0:
            raise BenchError(f"{self.program}: {phase} ended with {run.code}:\n{run.text}")
        if phase in ("again", "preview") and run.changes:
            raise BenchError(f"{self.program}: {phase} changes something: {run.changes}")
        if phase in ("up", "rotate", "destroy") and not run.changes:
            raise BenchError(f"{self.program}: {phase} changes nothing")
        return run


def start_double(directory: Path, n: int) -> EmulatorProcess:
    """Start a double with room for the workspaces of two programs."""
    emulator = EmulatorProcess.start(directory, sae_namespace=NAMESPACE)
    emulator.settings(max_workspaces=_OTHER_WORKSPACES + 2 * workspaces(n), page_size=_PAGE)
    return emulator


def workspaces(n: int) -> int:
    """Return how many workspaces so many services have."""
    return -(-n // PER_WORKSPACE)


def ours(directory: Path, engine: Engine, emulator: EmulatorProcess, n: int) -> Subject:
    """Return this project with a stack file for so many services."""
    stack = EngineStack(directory, engine, settings=stack_file(emulator, n), standin=True, patience=_PATIENCE)
    rotated = {SETTINGS: stack_file(emulator, n, {"rotation": {"min_generation": 2}})}
    return Subject("ours", stack, rotated)


def stack_file(emulator: EmulatorProcess, n: int, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the settings: a KMS secret and a SAE config map for each service, and what `more` says of each."""
    here = {REGION: emulator.region_url(REGION)}
    return {
        "account": {"id": ACCOUNT, "type": "International"},
        "workspaces": {f"w{i}": {"region": REGION, "models": "all", "protect": False} for i in range(workspaces(n))},
        "services": {
            f"s{i}": {
                "workspace": f"w{i // PER_WORKSPACE}",
                "verify": "free",
                "secrets": [{"kms": {"name": f"ours/s{i}"}}],
                "config": [{"sae": {"namespace": NAMESPACE, "config_map": f"ours_s{i}"}}],
                **(more or {}),
            }
            for i in range(n)
        },
        "secret_deletion": {"force": True},
        "endpoints": {
            **dict.fromkeys(("control_plane", "kms", "sae"), here),
            "sts": emulator.url,
            "inference": emulator.inference,
        },
    }


def hand(directory: Path, engine: Engine, emulator: EmulatorProcess, n: int) -> Subject:
    """Return the hand-written program for as many services."""
    address = emulator.region_url(REGION)
    stack = EngineStack(
        directory,
        engine,
        program=_FOLDER / "hand",
        standin=True,
        environment={"MODEL_STUDIO_ENDPOINT": address, "PYTHONPATH": str(ROOT)},
        patience=_PATIENCE,
    )
    if shutil.which(DYNAMIC, path=stack.environment["PATH"]) is None:
        raise BenchError(
            f"no {DYNAMIC} beside the engine or on PATH, and the hand-written program needs it: install the whole "
            "Pulumi CLI (pulumi.com/docs/install), or take it off PATH so that the engine is built here"
        )
    stack.configure(
        {
            "hand:account": ACCOUNT,
            "hand:endpoint": address.removeprefix("http://"),
            "hand:namespace": NAMESPACE,
            "hand:services": n,
            "hand:per_workspace": PER_WORKSPACE,
            "hand:generation": 1,
        }
    )
    return Subject("hand", stack, {"hand:generation": 2})


def floor(directory: Path, engine: Engine, entries: int) -> Subject:
    """Return the program of resources that do nothing, for a state with that many entries."""
    stack = EngineStack(directory, engine, program=_FOLDER / "floor", patience=_PATIENCE)
    stack.configure({"floor:count": entries - 2})  # stack and provider are entries too
    return Subject("floor", stack)
