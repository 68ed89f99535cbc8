"""A put that may have reached its store is never taken for one that was refused, whatever is answered after it."""

import json
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from provider.client.errors import Kind, ServiceError
from provider.client.retry import RetryPolicy
from provider.stores.lost import settled
from provider.values import decode
from tests.emulator_process import EmulatorProcess
from tests.provider.doubles import MovedClock
from tests.provider.given import KEY, PLACE, key_inputs, live, place_inputs
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire, WireError


def failing(*kinds: Kind) -> Any:
    """Return a call that fails so, in turns."""
    turns = iter(kinds)

    def call() -> str:
        kind = next(turns, None)
        if kind is not None:
            raise ServiceError("Put", kind, "no")
        return "done"

    return call


@pytest.mark.parametrize("last", ["refused", "throttled"])
@pytest.mark.parametrize("first", ["lost", "failed"])
def test_a_repeated_call_may_have_run_when_one_attempt_may(first: Kind, last: Kind) -> None:
    later: list[Kind] = [last for _ in range(30)]
    with pytest.raises(ServiceError) as ended:
        RetryPolicy().run(failing(first, *later), repeatable=True, clock=MovedClock())
    assert (ended.value.kind, ended.value.may_have_run) == (last, True)
    with pytest.raises(ServiceError) as ended:
        RetryPolicy().run(failing(*later), repeatable=True, clock=MovedClock())
    assert not ended.value.may_have_run


@dataclass
class Paused:
    """What `settled` needs of an Sdk."""

    clock: MovedClock = field(default_factory=MovedClock)
    retry: RetryPolicy = field(default_factory=RetryPolicy)


@pytest.mark.parametrize("last", ["refused", "throttled"])
def test_a_call_that_is_looked_for_may_have_run_when_one_attempt_may(last: Kind) -> None:
    with pytest.raises(ServiceError) as ended:
        settled(cast("Any", Paused()), failing("lost", last), lambda: None)
    assert (ended.value.kind, ended.value.may_have_run) == (last, True)
    with pytest.raises(ServiceError) as ended:
        settled(cast("Any", Paused()), failing(last), lambda: None)
    assert not ended.value.may_have_run


@pytest.mark.parametrize("look", ["refused", "throttled"])
def test_what_cannot_be_looked_for_may_be_there(look: Kind) -> None:
    with pytest.raises(ServiceError) as ended:
        settled(cast("Any", Paused()), failing("lost"), failing(look))
    assert ended.value.may_have_run


LOST: dict[str, list[tuple[str, str, int]]] = {
    "kms": [("GetSecretValue", "429", 1)],
    "oos": [("UpdateSecretParameter", "cut_after", 1), ("GetSecretParameter", "429", 3)],
}
"""By store: operation, fault and nth call, from the put on."""


@pytest.mark.parametrize("store", LOST)
def test_a_key_that_readers_have_outlives_a_store_that_answers_no_more(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, console: Console, store: str
) -> None:
    place = wire.create(PLACE, "vault", place_inputs(store=store, name="vault"))
    given = key_inputs(workspace, place)
    key = wire.create(KEY, "gw-key", given)
    first, news = key.state["keyId"], given | {"rotation": {"minGeneration": 2}}
    for operation, kind, nth in LOST[store]:
        emulator.fault(operation, kind, nth=nth, times=1000 if kind == "429" else 1)
    with pytest.raises(WireError) as ended:
        wire.up(key, news)
    assert ended.value.partly is not None
    (second,) = [key_id for key_id in live(console, workspace) if key_id != first]
    emulator.admin("DELETE", "/faults")
    held = json.loads(console.secrets[store].read("vault") or "")
    assert held["MODEL_STUDIO_KEY_ID"] == second, "readers have it"
    key.state, key.inputs = decode(ended.value.partly.properties).values, news
    wire.up(key, news)
    assert (key.state["keyId"], key.state["generation"], key.state["held"]) == (second, 2, "g2r2")
    assert live(console, workspace) == sorted([first, second])
