"""Keys: marked, scoped, read back, minted again; nobody else's touched, none lost."""

import re
from typing import Any

import pytest

from tests.emulator_process import EmulatorProcess
from tests.provider.given import (
    KEY,
    OWNER_ID,
    WORKSPACE,
    key_inputs,
    live,
    workspace_inputs,
)
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire, WireError


def test_a_key_is_minted_with_its_mark_and_kept_secret(workspace: Resource, key: Resource, console: Console) -> None:
    assert key.secrets == {"value", "supersededValues"}
    assert live(console, workspace) == [key.state["keyId"]]
    description = console.keys(workspace.state["workspaceId"])[key.state["keyId"]].description
    assert description.startswith(f"pulumi:{OWNER_ID}:")
    assert description.endswith(f":g1:{key.state['nonce']}")


def test_a_change_of_scope_is_made_in_place_with_small_booleans(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    emulator.settings(lenient_booleans=False)
    before = dict(key.state)
    assert wire.up(key, key_inputs(workspace, models=["qwen-plus"], openToWorld=True)) == {"models": "UPDATE"}
    assert {n: key.state[n] for n in ("keyId", "value", "generation")} == {
        n: before[n] for n in ("keyId", "value", "generation")
    }
    assert wire.refresh(key)
    assert wire.up(key, key_inputs(workspace, models=["qwen-plus"], openToWorld=True)) == {}


def test_a_scope_changed_by_another_hand_is_seen_and_repaired(
    wire: Wire, workspace: Resource, key: Resource, console: Console
) -> None:
    console.scope_key(key.state["keyId"], "qwen-turbo")
    assert wire.refresh(key)
    assert key.state["models"] == ["qwen-turbo"]
    assert wire.up(key, key_inputs(workspace)) == {"models": "UPDATE"}
    assert wire.refresh(key)
    assert wire.up(key, key_inputs(workspace)) == {}


@pytest.mark.parametrize("how", ["deleted", "disabled"])
def test_a_key_that_is_gone_gets_a_next_generation(
    wire: Wire, workspace: Resource, key: Resource, console: Console, how: str
) -> None:
    first = key.state["keyId"]
    (console.delete_key if how == "deleted" else console.disable_key)(first)
    assert wire.refresh(key)
    assert key.state["present"] is False
    assert key.state["value"]
    assert wire.up(key, key_inputs(workspace)) == {"present": "UPDATE"}
    assert key.state["generation"] == 2
    assert [e["keyId"] for e in key.state["superseded"]] == ([first] if how == "disabled" else [])
    wire.delete(key)
    assert live(console, workspace) == []


def test_a_move_to_another_workspace_mints_in_place_and_keeps_the_old_key(
    wire: Wire, workspace: Resource, key: Resource, console: Console
) -> None:
    other = wire.create(WORKSPACE, "other", workspace_inputs(logicalName="other"))
    old = key.state["keyId"]
    assert wire.up(key, key_inputs(other)) == {"workspaceId": "UPDATE"}
    assert key.state["generation"] == 2
    assert live(console, workspace) == [old]
    assert live(console, other) == [key.state["keyId"]]
    wire.delete(key)
    assert live(console, workspace) == live(console, other) == []


@pytest.mark.parametrize("kind", ["cut_after", "truncate", "500", "cut_before"])
def test_a_lost_answer_leaves_exactly_one_live_key(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, console: Console, kind: str
) -> None:
    emulator.fault("CreateApiKey", kind, nth=1, times=1)
    made = wire.create(KEY, "gw-key", key_inputs(workspace))
    assert live(console, workspace) == [made.state["keyId"]]
    assert made.state["generation"] == 1
    assert made.state["superseded"] == []


def test_a_marked_key_that_no_state_knows_becomes_superseded(
    wire: Wire, workspace: Resource, key: Resource, console: Console
) -> None:
    again = wire.create(KEY, "gw-key", key_inputs(workspace))  # as after a state was lost
    assert again.state["generation"] == 2
    assert [e["keyId"] for e in again.state["superseded"]] == [key.state["keyId"]]
    assert len(live(console, workspace)) == 2
    wire.delete(again)
    assert live(console, workspace) == []


def test_foreign_keys_are_never_touched(wire: Wire, workspace: Resource, key: Resource, console: Console) -> None:
    mark = console.keys(workspace.state["workspaceId"])[key.state["keyId"]].description
    foreign = [
        console.create_key(workspace.state["workspaceId"], description).api_key_id
        for description in ("mine", mark, mark.replace(OWNER_ID, "f" * 16), f"{mark} copied")
    ]
    assert wire.refresh(key)
    assert key.state["superseded"] == []
    wire.delete(key)
    assert live(console, workspace) == sorted(map(str, foreign))


def test_a_copied_description_stays_foreign_when_our_key_is_gone(
    wire: Wire, workspace: Resource, key: Resource, console: Console
) -> None:
    mark = console.keys(workspace.state["workspaceId"])[key.state["keyId"]].description
    copied = str(console.create_key(workspace.state["workspaceId"], mark).api_key_id)
    first = key.state["keyId"]
    wire.up(key, key_inputs(workspace, minGeneration=2))
    console.delete_key(first)
    for _ in range(2):
        assert wire.refresh(key)
        assert key.state["superseded"] == []
    wire.up(key, key_inputs(workspace, minGeneration=3))
    assert [e["generation"] for e in key.state["superseded"]] == [2]
    wire.delete(key)
    assert live(console, workspace) == [copied]


def test_a_key_whose_mark_was_removed_is_left_alone_and_named(
    wire: Wire, workspace: Resource, key: Resource, console: Console
) -> None:
    console.describe_key(key.state["keyId"], "taken over")
    with pytest.raises(WireError, match=f"key {key.state['keyId']} no longer carries this stack's mark"):
        wire.delete(key)
    assert live(console, workspace) == [key.state["keyId"]]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"models": ["qwen-plus"]}, r"allowedIps.*\[open-key\]"),
        ({"models": []}, "models.*1 to 30"),
        ({"allowedIps": [f"10.0.0.{n}" for n in range(21)]}, "allowedIps.*at most 20"),
    ],
)
def test_a_scope_that_nobody_can_mean_is_refused_in_preview(
    wire: Wire, workspace: Resource, more: dict[str, Any], says: str
) -> None:
    _, failures = wire.check(Resource(KEY, "x"), key_inputs(workspace, **more))
    assert re.search(says, str(failures), re.DOTALL)
