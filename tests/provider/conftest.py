"""The plugin on its wire, against an emulator process of its own."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from alibabacloud_credentials.utils import auth_util

from provider.client.retry import Clock, RetryPolicy
from provider.handlers import handlers
from provider.plugin import Plugin
from tests.emulator_process import EmulatorProcess
from tests.provider.bench import Bench
from tests.provider.given import DAY, KEY, PLACE, WORKSPACE, key_inputs, place_inputs, workspace_inputs
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire

ACCOUNT = "1234567890123456"


class QuickClock(Clock):
    """Waits a fiftieth of what it is asked to, and counts it as the whole."""

    def __init__(self) -> None:
        super().__init__(source=lambda: time.time() + self.skipped)
        self.skipped = 0.0

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds / 50)
        self.skipped += seconds * 49 / 50


def endpoints(emulator: EmulatorProcess) -> dict[str, dict[str, str]]:
    by_region = {region: f"http://127.0.0.1:{port}" for region, port in emulator.regions.items()}
    return dict.fromkeys(("modelstudio", "kms", "oos", "sts"), by_region)


class MakeWire(Protocol):
    """Starts another plugin process' worth of state; keyword arguments go into its configuration."""

    def __call__(self, **config: str) -> Wire: ...


@pytest.fixture
def emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmulatorProcess]:
    process = EmulatorProcess.start(tmp_path / "emulator")
    for name, value in process.env().items():
        monkeypatch.setenv(name, value)
    # The vendor's chain reads the environment once, when it is imported.
    monkeypatch.setattr(auth_util, "environment_access_key_id", process.env()["ALIBABA_CLOUD_ACCESS_KEY_ID"])
    monkeypatch.setattr(auth_util, "environment_access_key_secret", process.env()["ALIBABA_CLOUD_ACCESS_KEY_SECRET"])
    yield process
    process.stop()


@pytest.fixture
def make_wire(emulator: EmulatorProcess) -> Iterator[MakeWire]:
    wires: list[Wire] = []

    def make(**config: str) -> Wire:
        wire = Wire(Plugin(handlers(), clock=QuickClock(), retry=RetryPolicy()), emulator.inference)
        wires.append(wire)
        wire.configure({"accountId": ACCOUNT, "endpoints": json.dumps(endpoints(emulator)), **config})
        return wire

    yield make
    for wire in wires:
        wire.close()


class OnDay(Protocol):
    """Lets everybody's clock, the services' too, be so many days later; returns the plugin of that day."""

    def __call__(self, days: float) -> Wire: ...


@pytest.fixture
def on_day(emulator: EmulatorProcess, make_wire: MakeWire) -> OnDay:
    def go(days: float) -> Wire:
        emulator.settings(clock_offset_s=days * DAY)
        return make_wire(clockOffset=str(days * DAY))

    return go


@pytest.fixture
def wire(make_wire: MakeWire) -> Wire:
    return make_wire()


@pytest.fixture
def console(emulator: EmulatorProcess) -> Console:
    return Console(emulator)


@pytest.fixture
def workspace(wire: Wire) -> Resource:
    """A workspace that may call every model."""
    return wire.create(WORKSPACE, "chat-workspace", workspace_inputs(allModels=True))


@pytest.fixture
def place(wire: Wire) -> Resource:
    """The claimed name of a KMS secret."""
    return wire.create(PLACE, "gw", place_inputs())


@pytest.fixture
def key(wire: Wire, workspace: Resource, place: Resource) -> Resource:
    """Generation 1 of a service, proven and in its vault."""
    return wire.create(KEY, "gw-key", key_inputs(workspace, place))


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    """One service's key with nothing behind it."""
    return Bench(monkeypatch)
