"""What all calls share: places in flight, time-outs, one state per region, no shifted clock outside a rehearsal."""

import threading
from typing import Any

import pytest
from alibabacloud_tea_openapi.client import Client as CoreClient
from alibabacloud_tea_openapi.exceptions import ClientException

from provider.client import sdk as sdk_module
from provider.client.account import GET_CALLER_IDENTITY
from provider.client.errors import ServiceError
from provider.client.retry import CancelledError, Clock
from provider.client.sdk import MAX_CALLS, Endpoints, Sdk
from tests.provider.test_retry import FakeClock

LOOPBACK = Endpoints(addresses={"sts": {"*": "http://127.0.0.1:1"}})


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "test-id")
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "test-secret")


class Meter:
    """Stands for the vendor's client: counts the calls in flight and keeps them there until told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.changed = threading.Condition()
        self.flying = self.waiting = self.cancelled = self.most = 0
        self.release = threading.Event()
        meter = self

        def call_api(_self: Any, *_args: Any) -> dict[str, Any]:
            return meter.fly()

        monkeypatch.setattr(CoreClient, "call_api", call_api)

    def fly(self) -> dict[str, Any]:
        self.count("flying", 1)
        self.most = max(self.most, self.flying)
        assert self.release.wait(20)
        self.count("flying", -1)
        return {"body": {"AccountId": "1"}, "headers": {}, "statusCode": 200}

    def count(self, what: str, change: int) -> None:
        with self.changed:
            setattr(self, what, getattr(self, what) + change)
            self.changed.notify_all()


class WaitingClock(Clock):
    """Tells the meter the first time a thread looks whether it was cancelled while it waits for its turn."""

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self.meter = meter
        self.looks: dict[int, int] = {}

    def check(self, *, ahead: float = 0.0) -> None:
        looks = self.looks[threading.get_ident()] = self.looks.get(threading.get_ident(), 0) + 1
        if looks == 2:  # the first look is before the call, on every thread
            self.meter.count("waiting", 1)
        super().check(ahead=ahead)


@pytest.mark.parametrize("cancel", [False, True])
def test_so_many_calls_fly_at_a_time_and_the_others_can_be_cancelled(
    monkeypatch: pytest.MonkeyPatch, cancel: bool
) -> None:
    meter = Meter(monkeypatch)
    clock = WaitingClock(meter)
    sdk = Sdk(endpoints=LOOPBACK, clock=clock)
    monkeypatch.setattr(sdk_module, "_LOOK", 0.01)
    ended: list[str] = []

    def call() -> None:
        try:
            ended.append(str(sdk.call(GET_CALLER_IDENTITY, "cn-beijing")["AccountId"]))
        except CancelledError:
            meter.count("cancelled", 1)

    threads = [threading.Thread(target=call) for _ in range(MAX_CALLS + 5)]
    for thread in threads:
        thread.start()
    with meter.changed:
        assert meter.changed.wait_for(lambda: meter.flying + meter.waiting == MAX_CALLS + 5, timeout=20)
    if cancel:
        clock.cancelled.set()
        with meter.changed:
            assert meter.changed.wait_for(lambda: meter.cancelled == 5, timeout=5)
    meter.release.set()
    for thread in threads:
        thread.join()
    assert meter.most == MAX_CALLS
    assert ended.count("1") == MAX_CALLS + (0 if cancel else 5)


def test_a_throttling_answer_holds_its_region_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    sdk = Sdk(endpoints=LOOPBACK, clock=clock)
    answers: list[Any] = [ClientException(status_code=429, code="Throttling.User")]
    sent: list[float] = []

    def call_api(_self: Any, *_args: Any) -> dict[str, Any]:
        sent.append(clock.time)
        if answers:
            raise answers.pop()
        return {"body": {}, "headers": {}, "statusCode": 200}

    monkeypatch.setattr(CoreClient, "call_api", call_api)
    slept = clock.sleep

    def sleep(seconds: float) -> None:
        """While the throttled call waits, another one of its region, and one of another region."""
        monkeypatch.setattr(clock, "sleep", slept)
        sdk.call(GET_CALLER_IDENTITY, "eu-central-1")
        sdk.call(GET_CALLER_IDENTITY, "cn-beijing")
        slept(seconds)

    monkeypatch.setattr(clock, "sleep", sleep)
    sdk.call(GET_CALLER_IDENTITY, "cn-beijing")
    first, elsewhere, other, _again = sent
    assert first == elsewhere == 0.0
    assert other > 0.2, "the shortest first pause is 0.25 s"


def test_a_call_waits_for_its_answer_no_longer_than_its_operation_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[int] = []

    def call_api(_self: Any, _params: Any, _request: Any, runtime: Any) -> dict[str, Any]:
        waits.append(runtime.read_timeout)
        return {"body": {}, "headers": {}, "statusCode": 200}

    monkeypatch.setattr(CoreClient, "call_api", call_api)
    clock = FakeClock()
    sdk = Sdk(endpoints=LOOPBACK, clock=clock)
    sdk.call(GET_CALLER_IDENTITY, "cn-beijing")
    with clock.within(7.0):
        sdk.call(GET_CALLER_IDENTITY, "cn-beijing")
    assert waits == [sdk_module.READ_TIMEOUT_MS, 7000]


@pytest.mark.parametrize(
    "endpoints", [Endpoints(), Endpoints(addresses={"sts": {"eu-central-1": "http://127.0.0.1:1"}})]
)
def test_with_a_shifted_clock_nothing_but_loopback_is_called(
    monkeypatch: pytest.MonkeyPatch, endpoints: Endpoints
) -> None:
    sent: list[Any] = []

    def call_api(_self: Any, *args: Any) -> None:
        sent.append(args)

    monkeypatch.setattr(CoreClient, "call_api", call_api)
    sdk = Sdk(endpoints=endpoints, clock=Clock(offset=1.0))
    with pytest.raises(ServiceError, match="sts in cn-beijing is not on loopback"):
        sdk.call(GET_CALLER_IDENTITY, "cn-beijing")
    assert sent == []
