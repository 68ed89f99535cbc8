"""Brought keys in the numbers of a service: each value is a generation; a minted key before it ends as any other."""

import pytest

from tests.emulator_process import EmulatorProcess
from tests.provider.conftest import OnDay
from tests.provider.given import (
    DAY,
    KEY,
    RETIREMENT,
    WORKSPACE,
    disabled,
    key_inputs,
    live,
    operations,
    plan_inputs,
    retirement_inputs,
    workspace_inputs,
)
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire, WireError


def test_each_value_is_a_generation_and_no_number_comes_back(wire: Wire, emulator: EmulatorProcess) -> None:
    key = wire.create(KEY, "gw-key", plan_inputs("sk-sp-test.a1"))
    assert (key.state["value"], key.state["generation"]) == ("sk-sp-test.a1", 1)
    assert (key.state["keyId"], key.state["createdBy"], key.state["rotateAfter"]) == ("", "", "")
    assert key.secrets == {"brought", "value", "supersededValues"}
    assert wire.up(key, plan_inputs("sk-sp-test.a1")) == {}
    assert wire.up(key, plan_inputs("sk-sp-test.a2")) == {"brought": "UPDATE"}
    assert wire.refresh(key)
    wire.up(key, plan_inputs("sk-sp-test.a1"))
    assert (key.state["value"], key.state["generation"]) == ("sk-sp-test.a1", 3)
    assert wire.up(key, plan_inputs("sk-sp-test.a1", revokeThrough=2)) == {"revokeThrough": "UPDATE"}
    assert (key.state["generation"], key.state["superseded"]) == (3, [])
    wire.delete(key)
    assert set(operations(emulator)) == {"GetCallerIdentity"}, "the account is compared, nothing else is asked"


def test_a_minted_key_that_makes_way_for_a_brought_one_ends_after_its_overlap(
    on_day: OnDay, workspace: Resource, console: Console
) -> None:
    wire = on_day(0)
    key = wire.create(KEY, "gw-key", key_inputs(workspace, maxAge=90 * DAY))
    minted = key.state["keyId"]
    retirement = wire.create(RETIREMENT, "gw-retirement", retirement_inputs(key))
    assert set(wire.up(key, key_inputs(workspace, brought="sk-ws-test.a1"))) == {"brought", "maxAge"}
    assert (key.state["value"], key.state["generation"], key.state["keyId"]) == ("sk-ws-test.a1", 2, "")
    assert [entry["keyId"] for entry in key.state["supersededKeys"]] == [minted]
    assert wire.refresh(key)
    wire.up(retirement, retirement_inputs(key))
    assert disabled(console, workspace) == []
    on_day(7.1).up(retirement, retirement_inputs(key))
    assert disabled(console, workspace) == [minted]

    wire = on_day(7.2)
    assert set(wire.up(key, key_inputs(workspace))) == {"brought"}
    assert (key.state["generation"], key.state.get("brought")) == (3, None)
    assert live(console, workspace) == sorted([minted, key.state["keyId"]])
    assert [entry["generation"] for entry in key.state["supersededKeys"]] == [1], "the brought one is not ours to end"
    on_day(9.3).up(retirement, retirement_inputs(key))
    assert live(console, workspace) == [key.state["keyId"]]


def test_a_destroy_deletes_what_was_minted_before_and_leaves_the_brought_key(
    wire: Wire, workspace: Resource, key: Resource, console: Console
) -> None:
    theirs = console.create_key(workspace.state["workspaceId"], "by hand")
    wire.up(key, key_inputs(workspace, brought=theirs.api_key_value))
    assert len(live(console, workspace)) == 2
    wire.delete(key)
    assert live(console, workspace) == [str(theirs.api_key_id)]


def test_a_minted_key_lives_again_by_serve_generation_but_no_brought_one_does(
    wire: Wire, workspace: Resource, key: Resource
) -> None:
    minted = key.state["keyId"]
    wire.up(key, key_inputs(workspace, brought="sk-ws-test.a1"))
    with pytest.raises(WireError, match=r"serve_generation 2 cannot be delivered \(possible: 1\)"):
        wire.up(key, key_inputs(workspace, serveGeneration=2))
    wire.up(key, key_inputs(workspace, serveGeneration=1))
    assert (key.state["keyId"], key.state["generation"]) == (minted, 1)


def test_only_a_minted_key_needs_a_workspace(wire: Wire) -> None:
    inputs = plan_inputs("sk-sp-test.a1")
    assert wire.check(Resource(KEY, "gw-key"), inputs)[1] == {}
    del inputs["brought"]
    assert list(wire.check(Resource(KEY, "gw-key"), inputs)[1]) == ["workspaceId"]


def test_a_brought_key_is_the_same_wherever_it_is_called_with(wire: Wire, workspace: Resource) -> None:
    other = wire.create(WORKSPACE, "other", workspace_inputs(logicalName="other"))
    key = wire.create(KEY, "gw-key", key_inputs(workspace, brought="sk-ws-test.a1"))
    assert wire.up(key, key_inputs(other, brought="sk-ws-test.a1")) == {"workspaceId": "UPDATE"}
    assert key.state["generation"] == 1


@pytest.mark.parametrize("sees", ["refresh", "up"])
def test_what_a_killed_run_minted_is_found_beside_a_brought_key(wire: Wire, workspace: Resource, sees: str) -> None:
    brought = key_inputs(workspace, brought="sk-ws-test.a1")
    key = wire.create(KEY, "gw-key", brought)
    before = dict(key.state)
    wire.up(key, key_inputs(workspace))
    lost = key.state["keyId"]
    key.state, key.inputs = before, brought  # that run could not write its state
    if sees == "refresh":
        assert wire.refresh(key)
    else:
        wire.up(key, brought | {"brought": "sk-ws-test.a2"})
    assert [entry["keyId"] for entry in key.state["supersededKeys"]] == [lost]
    assert key.state["generation"] == {"refresh": 1, "up": 3}[sees]


@pytest.mark.parametrize("generation", [1, 2])
def test_a_key_of_the_service_s_own_is_no_brought_one(
    wire: Wire, workspace: Resource, key: Resource, generation: int
) -> None:
    own = {1: dict(key.state)}
    wire.up(key, key_inputs(workspace, minGeneration=2))
    own[2] = dict(key.state)
    named = f"own key {own[generation]['keyId']} .generation {generation}.*serve_generation: {generation} "
    with pytest.raises(WireError, match=named) as refused:
        wire.up(key, key_inputs(workspace, brought=own[generation]["value"]))
    assert own[generation]["value"] not in refused.value.details


def test_what_revoke_through_cannot_do_to_a_brought_key_is_said(wire: Wire) -> None:
    key = wire.create(KEY, "gw-key", plan_inputs("sk-sp-test.a1"))
    wire.up(key, plan_inputs("sk-sp-test.a1", revokeThrough=1))
    assert wire.warnings == [
        "revoke_through 1 does nothing to a brought key (generation 1): bring a new value",
    ]
    wire.warnings.clear()
    wire.up(key, plan_inputs("sk-sp-test.a2", revokeThrough=1))
    assert wire.warnings == []
