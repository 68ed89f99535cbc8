"""Keys: marked, scoped, read back, minted again; nobody else's touched, none lost."""

import json
import re
from typing import Any

import pytest

from tests.emulator_process import EmulatorProcess
from tests.provider.given import (
    KEY,
    OWNER_ID,
    PLACE,
    WORKSPACE,
    key_inputs,
    live,
    place_inputs,
    urls_of,
    workspace_inputs,
    written_at,
)
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire, WireError


def test_a_key_is_minted_with_its_mark_and_its_value_stands_in_the_vault_alone(
    workspace: Resource, key: Resource, console: Console
) -> None:
    assert live(console, workspace) == [key.state["keyId"]]
    description = console.keys(workspace.state["workspaceId"])[key.state["keyId"]].description
    series, nonce = key.state["series"], key.state["ledger"]["current"]["nonce"]
    assert description == f"pulumi:{OWNER_ID}:{series}:g1:{nonce}"
    value = json.loads(console.secret("gw")[1])["OPENAI_API_KEY"]
    assert value.startswith("sk-")
    assert value not in str(key.state) + str(key.inputs)
    assert key.secrets == frozenset()


def test_a_value_that_is_asked_for_is_a_secret(wire: Wire, workspace: Resource, place: Resource) -> None:
    key = wire.create(KEY, "gw-key", key_inputs(workspace, place, keepValue=True))
    assert key.secrets == {"value"}
    assert key.state["value"].startswith("sk-")


@pytest.mark.parametrize("store", ["kms", "oos"])
def test_the_record_in_the_vault_is_whole_in_both_stores(
    wire: Wire, workspace: Resource, console: Console, store: str
) -> None:
    place = wire.create(PLACE, "vault", place_inputs(store=store, name="vault"))
    key = wire.create(KEY, "v-key", key_inputs(workspace, place))
    record = json.loads(console.secrets[store].read("vault") or "")
    assert record["OPENAI_BASE_URL"] == urls_of(workspace)["openai"]
    assert (record["MODEL_STUDIO_DIGEST"], key.state["held"]) == (key.state["digest"], "g1r1")
    assert wire.refresh(key)
    assert wire.up(key, key_inputs(workspace, place)) == {}
    wire.up(key, key_inputs(workspace, place, rotation={"minGeneration": 2}))
    wire.up(key, key_inputs(workspace, place, rotation={"serveGeneration": 1}))
    again = json.loads(console.secrets[store].read("vault") or "")
    assert again["OPENAI_API_KEY"] == record["OPENAI_API_KEY"]
    assert key.state["held"] == "g1r3"


def test_a_change_of_scope_is_made_in_place_with_small_booleans(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource, key: Resource
) -> None:
    emulator.settings(lenient_booleans=False)
    before = dict(key.state)
    given = key_inputs(workspace, place, models=["qwen-plus"], openToWorld=True)
    assert wire.up(key, given) == {"models": "UPDATE", "openToWorld": "UPDATE"}
    kept = ("keyId", "fingerprint", "generation", "revision", "held")
    assert {n: key.state[n] for n in kept} == {n: before[n] for n in kept}
    assert wire.refresh(key)
    assert wire.up(key, given) == {}


def test_a_scope_changed_by_another_hand_is_seen_and_repaired(
    wire: Wire, workspace: Resource, place: Resource, key: Resource, console: Console
) -> None:
    console.scope_key(key.state["keyId"], "qwen-turbo")
    assert wire.refresh(key)
    assert key.inputs["models"] == ["qwen-turbo"]
    assert wire.up(key, key_inputs(workspace, place)) == {"models": "UPDATE"}
    assert wire.refresh(key)
    assert wire.up(key, key_inputs(workspace, place)) == {}


@pytest.mark.parametrize("how", ["deleted", "disabled"])
def test_a_key_that_is_gone_gets_a_next_generation(
    wire: Wire, workspace: Resource, place: Resource, key: Resource, console: Console, how: str
) -> None:
    first = key.state["keyId"]
    (console.delete_key if how == "deleted" else console.disable_key)(first)
    assert wire.refresh(key)
    assert key.state["present"] is False
    assert wire.up(key, key_inputs(workspace, place)) == {"present": "UPDATE"}
    assert key.state["generation"] == 2
    assert [e["keyId"] for e in key.state["superseded"]] == ([first] if how == "disabled" else [])
    wire.delete(key)
    assert live(console, workspace) == []


def test_a_key_that_came_back_since_the_refresh_is_kept(
    wire: Wire, workspace: Resource, place: Resource, key: Resource, console: Console
) -> None:
    console.disable_key(key.state["keyId"])
    assert wire.refresh(key)
    console.enable_key(key.state["keyId"])
    assert wire.up(key, key_inputs(workspace, place)) == {"present": "UPDATE"}
    assert (key.state["generation"], key.state["present"]) == (1, True)
    assert wire.up(key, key_inputs(workspace, place)) == {}


def test_a_move_to_another_workspace_mints_in_place_and_keeps_the_old_key(
    wire: Wire, workspace: Resource, place: Resource, key: Resource, console: Console
) -> None:
    other = wire.create(WORKSPACE, "other", workspace_inputs(logicalName="other", allModels=True))
    old = key.state["keyId"]
    assert wire.up(key, key_inputs(other, place)) == {"workspaceId": "UPDATE", "urls": "UPDATE"}
    assert key.state["generation"] == 2
    assert live(console, workspace) == [old]
    assert live(console, other) == [key.state["keyId"]]
    wire.delete(key)
    assert live(console, workspace) == live(console, other) == []


@pytest.mark.parametrize("kind", ["cut_after", "truncate", "500", "cut_before"])
def test_a_lost_answer_leaves_exactly_one_live_key(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource, console: Console, kind: str
) -> None:
    emulator.fault("CreateApiKey", kind, nth=1, times=1)
    made = wire.create(KEY, "gw-key", key_inputs(workspace, place))
    assert live(console, workspace) == [made.state["keyId"]]
    assert made.state["generation"] == 1
    assert made.state["superseded"] == []


def test_a_marked_key_that_no_state_knows_is_adopted_where_the_vault_holds_it(
    wire: Wire, workspace: Resource, place: Resource, key: Resource, console: Console
) -> None:
    again = wire.create(KEY, "gw-key", key_inputs(workspace, place))  # as after a run that was killed
    assert (again.state["keyId"], again.state["generation"]) == (key.state["keyId"], 1)
    assert len(live(console, workspace)) == 1


def test_a_marked_key_that_no_state_knows_becomes_superseded(
    wire: Wire, workspace: Resource, place: Resource, key: Resource, console: Console
) -> None:
    console.put_secret("gw", "x", "something else")
    again = wire.create(KEY, "gw-key", key_inputs(workspace, place))
    assert again.state["generation"] == 2
    assert [e["keyId"] for e in again.state["superseded"]] == [key.state["keyId"]]
    assert len(live(console, workspace)) == 2
    wire.delete(again)
    assert live(console, workspace) == []


def test_a_service_of_the_same_name_that_claimed_its_vault_anew_finds_no_key_of_the_former(
    wire: Wire, workspace: Resource, key: Resource
) -> None:
    anew = wire.create(PLACE, "gw2", place_inputs(name="gw2"))
    again = wire.create(KEY, "gw-key", key_inputs(workspace, anew))
    assert (again.state["generation"], again.state["superseded"]) == (1, [])
    assert again.state["series"] != key.state["series"]


def test_a_service_that_is_renamed_keeps_its_keys(
    wire: Wire, workspace: Resource, place: Resource, key: Resource
) -> None:
    key.name = "chat-key"  # as by an alias
    assert wire.refresh(key)
    assert wire.up(key, key_inputs(workspace, place)) == {}
    wire.up(key, key_inputs(workspace, place, rotation={"minGeneration": 2}))
    assert [e["generation"] for e in key.state["superseded"]] == [1]


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
    wire: Wire, workspace: Resource, place: Resource, key: Resource, console: Console
) -> None:
    mark = console.keys(workspace.state["workspaceId"])[key.state["keyId"]].description
    copied = str(console.create_key(workspace.state["workspaceId"], mark).api_key_id)
    first = key.state["keyId"]
    wire.up(key, key_inputs(workspace, place, rotation={"minGeneration": 2}))
    console.delete_key(first)
    for _ in range(2):
        assert wire.refresh(key)
        assert key.state["superseded"] == []
    wire.up(key, key_inputs(workspace, place, rotation={"minGeneration": 3}))
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
        ({"vault": None}, "vault.*the value of a minted key would lie nowhere"),
        ({"rotation": {"minGeneration": 0}}, "rotation.*min_generation: is 0"),
        ({"rotation": {"trigger": "never"}}, "rotation.*trigger: 'never' is not allowed"),
        ({"rotation": {"serveGeneration": 1, "revokeThrough": 1}}, "rotation.*revoke_through 1 revokes it"),
    ],
)
def test_what_nobody_can_mean_is_refused_in_preview(
    wire: Wire, workspace: Resource, place: Resource, more: dict[str, Any], says: str
) -> None:
    _, failures = wire.check(Resource(KEY, "x"), key_inputs(workspace, place, **more))
    if "vault" in more:
        given = {n: v for n, v in key_inputs(workspace, place).items() if n != "vault"}
        _, failures = wire.check(Resource(KEY, "x"), given)
    assert re.search(says, str(failures), re.DOTALL)


def test_a_refresh_lists_each_workspace_once_for_all_services_and_reads_each_secret_once(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource
) -> None:
    emulator.settings(page_size=100)
    keys = [service(wire, workspace, f"s{n}") for n in range(3)]
    before = len(emulator.calls())
    for made in keys:
        assert wire.refresh(made)
    calls = [c["operation"] for c in emulator.calls(before) if c["product"] != "inference"]
    assert calls == ["ListApiKeys", *["GetSecretValue"] * 3]
    before = len(emulator.calls())
    assert wire.refresh(keys[0])
    again = [c["operation"] for c in emulator.calls(before) if c["product"] != "inference"]
    assert again == ["ListApiKeys", "GetSecretValue"], "a later refresh looks anew"


def test_a_refresh_reads_no_value_and_asks_no_host_where_that_is_said(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, console: Console
) -> None:
    key = service(wire, workspace, "gw", probeOnRefresh=False)
    state, before = dict(key.state), len(emulator.calls())
    assert wire.refresh(key)
    assert {c["operation"] for c in emulator.calls(before)} == {"ListApiKeys", "ListSecretVersionIds"}
    assert key.state == state
    console.put_secret("gw", "theirs", "something else")
    assert wire.refresh(key)
    assert key.state["held"] == "g?r?"
    assert "GetSecretValue" not in operations_since(emulator, before)


def service(wire: Wire, workspace: Resource, name: str, **more: Any) -> Resource:
    """Make one more service, its vault in KMS."""
    place = wire.create(PLACE, name, place_inputs(name=name))
    return wire.create(KEY, f"{name}-key", key_inputs(workspace, place, **more))


def operations_since(emulator: EmulatorProcess, before: int) -> list[str]:
    read = emulator.calls(before)
    return [c["operation"] for c in read if c["operation"] != "PutSecretValue"]


def test_another_form_of_the_vault_is_another_version_of_the_same_key(
    wire: Wire, workspace: Resource, place: Resource, key: Resource, console: Console
) -> None:
    alone = key_inputs(workspace, place, vault=written_at(place, format="key"), keyAlone=True)
    value = json.loads(console.secret("gw")[1])["OPENAI_API_KEY"]
    wire.up(key, alone)
    assert console.secret("gw")[1] == value
    assert wire.refresh(key)
    assert wire.up(key, alone) == {}
