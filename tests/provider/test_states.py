"""A key's value is in no state and in no other answer of the plugin, unless the program asks for it by name."""

from typing import Any

import grpc
import pytest

from catalogue.record import key_in
from provider.handlers import handlers
from tests.emulator_process import EmulatorProcess
from tests.provider.conftest import OnDay
from tests.provider.given import (
    KEY,
    OWNER_ID,
    PLACE,
    REGION,
    RETIREMENT,
    STORES,
    VERSION,
    key_inputs,
    place_inputs,
    retirement_inputs,
    version_inputs,
    written_at,
)
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire, WireError

EXISTING = "sk-sp-test.a1"


class Answers:
    """All that the plugin answers, as bytes."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bytes]] = []

    def watch(self, wire: Wire) -> Wire:
        """Note what this one answers from now on, errors and what goes with them too."""

        def noted(method: str, request: Any) -> Any:
            try:
                answer = getattr(wire.stub, method)(request, timeout=60)
            except grpc.RpcError as error:
                said: Any = error
                self.seen.append((method, said.details().encode()))
                self.seen += [(method, bytes(v)) for n, v in said.trailing_metadata() or () if n.endswith("-bin")]
                raise WireError(error) from None
            self.seen.append((method, answer.SerializeToString()))
            return answer

        wire.call = noted  # type: ignore[method-assign]  # the test listens
        return wire

    def holding(self, value: str) -> set[str]:
        """Return the methods in whose answers it stands."""
        assert value
        return {method for method, answer in self.seen if value.encode() in answer}


@pytest.fixture
def answers(wire: Wire) -> Answers:
    heard = Answers()
    heard.watch(wire)
    return heard


def value_in(console: Console, store: str, name: str = "gw") -> str:
    data = console.secrets[store].read(name)
    assert data is not None
    return key_in(data)


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("form", [{}, {"format": "key"}, {"prefix": "QWEN_"}], ids=str)
def test_no_answer_holds_a_key_over_the_whole_life(
    emulator: EmulatorProcess,
    wire: Wire,
    on_day: OnDay,
    console: Console,
    workspace: Resource,
    answers: Answers,
    store: str,
    form: dict[str, str],
) -> None:
    place = wire.create(PLACE, "gw", place_inputs(store=store))
    further = wire.create(PLACE, "copy", place_inputs(store="kms", name="copy"))

    def given(**more: Any) -> dict[str, Any]:
        return key_inputs(workspace, place, vault=written_at(place, **form), **more)

    wire.preview(KEY, "gw-key", given())
    key = wire.create(KEY, "gw-key", given())
    values = {value_in(console, store)}
    version = wire.create(VERSION, "copy", version_inputs(further, key))
    retirement = wire.create(RETIREMENT, "gw-retirement", retirement_inputs(key))
    wire.preview_up(key, given(rotation={"minGeneration": 2}))
    wire.up(key, given(rotation={"minGeneration": 2}))
    values.add(value_in(console, store))
    wire.up(version, version_inputs(further, key))
    for resource in (place, further, key, version, retirement):
        assert wire.refresh(resource)
    emulator.fault("PutSecretValue" if store == "kms" else "UpdateSecretParameter", "500", times=1000)
    with pytest.raises(WireError) as failed:
        wire.up(key, given(rotation={"minGeneration": 3}))
    key.state = failed.value.half_made(KEY, "gw-key").state
    emulator.admin("DELETE", "/faults")
    wire.up(key, given(rotation={"minGeneration": 3}))
    values.add(value_in(console, store))
    later = answers.watch(on_day(7.1))
    later.up(version, version_inputs(further, key))
    later.up(retirement, retirement_inputs(key))
    for resource in (retirement, version, key, further, place):
        later.delete(resource)
    assert len(values) == 3
    assert {value: answers.holding(value) for value in values} == {value: set[str]() for value in values}
    assert answers.holding(key.state["fingerprint"]), "what is looked for would be found"


def plan(wire: Wire, **more: Any) -> dict[str, Any]:
    """Inputs of an ApiKey that stands for a plan's key."""
    place = wire.create(PLACE, "gw", place_inputs())
    return {
        "regionId": REGION,
        "workspaceId": "",
        "ownerId": OWNER_ID,
        "domain": "coding_plan",
        "urls": {"openai": f"{wire.inference}/coding.dashscope.aliyuncs.com/v1"},
        "prefix": wire.inference,
        "vault": written_at(place),
        "verify": "off",
        **more,
    }


def test_a_key_of_the_configuration_is_in_inputs_alone(wire: Wire, console: Console, answers: Answers) -> None:
    key = wire.create(KEY, "plan-key", plan(wire, existingKey=EXISTING))
    assert value_in(console, "kms") == EXISTING
    assert answers.holding(EXISTING) == {"Check"}
    answers.seen.clear()
    assert wire.refresh(key)
    assert EXISTING not in str(key.state)
    assert key.inputs["existingKey"] == EXISTING


@pytest.mark.parametrize("store", STORES)
def test_a_key_of_another_secret_is_in_no_answer(wire: Wire, console: Console, answers: Answers, store: str) -> None:
    console.secrets[store].create("plan", f'{{"key":"{EXISTING}"}}')
    source = {"store": store, "regionId": REGION, "name": "plan", "field": "key"}
    key = wire.create(KEY, "plan-key", plan(wire, existingAt=source))
    assert value_in(console, "kms") == EXISTING
    assert wire.refresh(key)
    assert wire.up(key, key.inputs) == {}
    wire.delete(key)
    assert answers.holding(EXISTING) == set()


def test_a_program_that_asks_for_the_value_gets_it_as_a_secret_and_nowhere_else(
    wire: Wire, console: Console, workspace: Resource, place: Resource, answers: Answers
) -> None:
    given = key_inputs(workspace, place, keepValue=True)
    key = wire.create(KEY, "gw-key", given)
    value = value_in(console, "kms")
    assert key.state["value"] == value
    assert key.secrets == {"value"}
    assert value not in str({name: held for name, held in key.state.items() if name != "value"})
    assert wire.refresh(key)
    assert (key.state["value"], set(key.secrets)) == (value, {"value"})
    assert wire.up(key, given) == {}
    assert wire.up(key, key_inputs(workspace, place)) == dict.fromkeys(("keepValue", "value"), "UPDATE")
    assert "value" not in key.state
    answers.seen.clear()
    assert wire.refresh(key)
    assert wire.up(key, key_inputs(workspace, place)) == {}
    assert answers.holding(value) == set()
    assert wire.up(key, given) == dict.fromkeys(("keepValue", "value"), "UPDATE")
    assert key.state["value"] == value, "the same key: it is read from the vault"


def test_every_property_that_may_hold_a_key_is_marked_secret() -> None:
    marked = {
        (handler.type_name.rpartition(":")[2], name)
        for handler in handlers()
        for name, prop in {**handler.inputs, **handler.outputs}.items()
        if prop.secret
    }
    assert marked == {("ApiKey", "existingKey"), ("ApiKey", "value")}
