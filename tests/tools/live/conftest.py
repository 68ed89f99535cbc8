"""One emulator for a module, with objects of somebody else's in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.emulator_process import EmulatorProcess
from tests.provider.vendor import Console
from tests.tools.live.called import state

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Generator[EmulatorProcess]:
    process = EmulatorProcess.start(tmp_path_factory.mktemp("emulator"))
    console = Console(process)
    foreign = console.create_workspace("live-00000000-main")
    console.create_key(foreign, "live-00000000-good")
    default = next(
        w["workspace_id"]
        for w in process.admin("GET", "/state")["workspaces"]
        if w["is_default"] and w["region"] == "cn-beijing"
    )
    console.create_key(default, "live-00000000-spare")
    yield process
    process.stop()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the tool keeps its journals."""
    return tmp_path / "home"


@pytest.fixture
def untouched(emulator: EmulatorProcess) -> Generator[None]:
    """Everything at the emulator is as before."""
    before = state(emulator)
    yield
    emulator.admin("DELETE", "/faults")
    assert state(emulator) == before
