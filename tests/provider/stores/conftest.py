"""One secret store after the other, against one emulator."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import pytest
from alibabacloud_credentials.utils import auth_util

from provider.client import redact as redact_module
from provider.client.retry import RetryPolicy
from provider.client.sdk import Endpoints, Sdk
from provider.stores.store import Making, Place, SecretStore, SecretStoreName, Version
from provider.stores.table import STORES
from tests.emulator.clients import Clients
from tests.emulator_process import EmulatorProcess
from tests.provider.conftest import QuickClock
from tests.provider.stores.hands import MARK, REGION, ROWS, Hand, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

G1, G2 = "g1r1-ab12cd34", "g2r1-cd34ab12"
ONE, TWO = '{"OPENAI_API_KEY":"sk-ws-test.a1"}', '{"OPENAI_API_KEY":"sk-ws-test.b2"}'
MAKING = Making(tags={"team": "a"}, mark=MARK)
_numbers = count(1)


class LandingClock(QuickClock):
    """Lets something happen while a call waits to be repeated."""

    meanwhile: Callable[[], object] | None = None

    def sleep(self, seconds: float) -> None:
        if self.meanwhile is not None:
            happening, self.meanwhile = self.meanwhile, None
            happening()
        super().sleep(seconds)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One store, an object's place in it, and somebody else."""

    store: SecretStore
    row: Row
    place: Place
    hand: Hand
    emulator: EmulatorProcess
    clock: LandingClock
    impatient: SecretStore
    """The same store, which repeats no call."""

    def create(self, name: str = G1, data: str = ONE) -> Version:
        return self.store.create(self.place, name, data, MAKING)

    def put(self, name: str, data: str) -> Version:
        return self.store.put(self.place, name, data, MARK)

    def value(self) -> str:
        return self.hand.value(self.place.name)

    def calls(self, since: int = 0) -> list[str]:
        """Return the operations on this object after call number `since`; of the vendor's clients too."""
        name = self.place.name
        mine = (c for c in self.emulator.calls(since) if name in str(c["params"]))
        return [str(c["operation"]) for c in mine]

    def now(self) -> int:
        """Return the number of the latest call."""
        return int(self.emulator.calls()[-1]["n"]) if self.emulator.calls() else 0


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorProcess]:
    process = EmulatorProcess.start(tmp_path_factory.mktemp("emulator"))
    yield process
    process.stop()


@pytest.fixture
def emulator(process: EmulatorProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmulatorProcess]:
    """One emulator for all cases: each has an object of its own, and settings and faults end with it."""
    for name, value in process.env().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(auth_util, "environment_access_key_id", process.env()["ALIBABA_CLOUD_ACCESS_KEY_ID"])
    monkeypatch.setattr(auth_util, "environment_access_key_secret", process.env()["ALIBABA_CLOUD_ACCESS_KEY_SECRET"])
    before = process.admin("GET", "/settings")
    yield process
    process.admin("DELETE", "/faults")
    process.admin("POST", "/settings", before)


@pytest.fixture(params=STORES)
def case(request: pytest.FixtureRequest, emulator: EmulatorProcess, monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.setattr(redact_module, "_known", set[str]())
    by_region = {region: f"http://127.0.0.1:{port}" for region, port in emulator.regions.items()}
    endpoints = Endpoints(addresses={"kms": by_region, "oos": by_region})
    name: SecretStoreName = request.param
    clock, make, row = LandingClock(), STORES[name], ROWS[name]
    return Case(
        store=make(Sdk(endpoints=endpoints, clock=clock)),
        row=row,
        place=Place(store=name, region=REGION, name=f"prod/gateway-{next(_numbers):03}"),
        hand=row.hand(Clients(emulator)),
        emulator=emulator,
        clock=clock,
        impatient=make(Sdk(endpoints=endpoints, clock=clock, retry=RetryPolicy(bound=0))),
    )
