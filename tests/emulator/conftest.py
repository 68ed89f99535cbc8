"""An emulator per test, and the vendor's own clients on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.emulator.clients import Clients
from tests.emulator_process import EmulatorProcess

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The vendor's SDKs send even loopback calls to a proxy."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def emulator(tmp_path: Path) -> Generator[EmulatorProcess]:
    process = EmulatorProcess.start(
        tmp_path / "emulator",
        sae_namespace=["cn-beijing:team"],
        mse_instance=["cn-beijing:mse-1", "cn-beijing:mse-2", "us-east-1:mse-us"],
        nacos_namespace=["mse-1:team", "mse-2:team"],
    )
    yield process
    process.kill()
    assert process.stderr_file.read_text() == "", "the emulator prints nothing"


@pytest.fixture
def clients(emulator: EmulatorProcess) -> Clients:
    return Clients(emulator)
