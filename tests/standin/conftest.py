"""A configured stand-in and the server that answers it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from emulator.standin.plugin import Plugin
from emulator.standin.server import serve
from emulator.standin.settings import SERVED
from tests.standin.engine_double import EngineDouble, struct
from tests.standin.golden import SECRET
from tests.standin.replay_server import Replay, replaying
from tests.standin.virtual_clock import VirtualClock

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping


class Connect(Protocol):
    """Starts a stand-in and configures it with these provider arguments; None leaves it unconfigured."""

    def __call__(self, args: Mapping[str, Any] | None = ..., *, token: str = ...) -> EngineDouble: ...


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for prefix in ("ALICLOUD_", "ALIBABA_CLOUD_", "ALIBABACLOUD_"):
        for name in ("ACCESS_KEY", "ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECRET_KEY", "SECURITY_TOKEN", "REGION"):
            monkeypatch.delenv(prefix + name, raising=False)
    for product in SERVED:
        for name in (f"{product.upper()}_ENDPOINT", f"ALIBABA_CLOUD_ENDPOINT_{product.upper()}"):
            monkeypatch.delenv(name, raising=False)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def replay(clock: VirtualClock) -> Generator[Replay]:
    with replaying(clock) as server:
        yield server


@pytest.fixture
def connect(clock: VirtualClock) -> Generator[Connect]:
    opened: list[Any] = []

    def make(args: Mapping[str, Any] | None = None, *, token: str = SECRET) -> EngineDouble:
        server, port = serve(Plugin(clock), None)
        engine = EngineDouble(port, token)
        opened.append((server, engine))
        if args is not None:
            engine.stub.Configure(pb.ConfigureRequest(args=struct(args)))
        return engine

    yield make
    for server, engine in opened:
        engine.close()
        server.stop(None).wait(5)


@pytest.fixture
def provider_args(replay: Replay) -> dict[str, Any]:
    """Arguments that point every product at the replay server."""
    return {
        "accessKey": "ak-test",
        "secretKey": "sk-test",
        "region": "cn-beijing",
        "accountType": "Domestic",
        "protocol": "HTTP",
        "endpoints": json.dumps([dict.fromkeys(SERVED, replay.address)]),
    }
