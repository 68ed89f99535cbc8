"""Every resource over gRPC against the emulator: made, unchanged, read back, changed, removed, and its own rules."""

import json
import re
from typing import Any

import pytest
from alibabacloud_credentials.utils import auth_constant as ac
from alibabacloud_credentials.utils import auth_util

from provider.handlers import handlers
from provider.values import UNKNOWN
from tests.emulator_process import EmulatorProcess
from tests.provider.conftest import MakeWire
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire, WireError

OWNER, WORKSPACE, PERMISSIONS, KEY, CHECK, VERSION = (
    f"modelstudio:index:{name}"
    for name in ("Owner", "Workspace", "ModelPermissions", "ApiKey", "PairCheck", "SecretVersion")
)
OWNER_ID = "0123456789abcdef"
REGION = "cn-beijing"
STACK = {"organization": "o", "project": "model-studio", "stack": "test"}


@pytest.fixture
def console(emulator: EmulatorProcess) -> Console:
    return Console(emulator)


@pytest.fixture
def workspace(wire: Wire) -> Resource:
    return wire.create(WORKSPACE, "chat-workspace", workspace_inputs())


@pytest.fixture
def key(wire: Wire, workspace: Resource) -> Resource:
    wire.create(PERMISSIONS, "chat-models", {"regionId": REGION, "workspaceId": workspace.state["workspaceId"]})
    return wire.create(KEY, "gw-key", key_inputs(workspace))


def workspace_inputs(**more: Any) -> dict[str, Any]:
    return {"regionId": REGION, "ownerId": OWNER_ID, "logicalName": "chat", **more}


def key_inputs(workspace: Resource, **more: Any) -> dict[str, Any]:
    return {"regionId": REGION, "workspaceId": workspace.state["workspaceId"], "ownerId": OWNER_ID, **more}


def check_inputs(emulator: EmulatorProcess, workspace: Resource, key: Resource, **more: Any) -> dict[str, Any]:
    url = f"{emulator.url}/_host/{workspace.state['apiHost']}"
    return {
        "apiKey": key.state["value"],
        "urls": {"openai": f"{url}/compatible-mode/v1", "anthropic": f"{url}/apps/anthropic"},
        "facts": {"MODEL_STUDIO_GENERATION": "1"},
        **more,
    }


def posts(emulator: EmulatorProcess, *names: str) -> list[str]:
    """Return the operations received, or those of some names."""
    calls = [call["operation"] for call in emulator.calls()]
    return [name for name in calls if not names or name in names]


# one row per resource type: inputs that make it, given what stands before it


def rows(emulator: EmulatorProcess, wire: Wire, console: Console) -> dict[str, dict[str, Any]]:
    workspace = wire.create(WORKSPACE, "row-workspace", workspace_inputs(logicalName="row"))
    permissions = {"regionId": REGION, "workspaceId": workspace.state["workspaceId"], "models": ["qwen-plus"]}
    wire.create(PERMISSIONS, "row-models", permissions)
    key = wire.create(KEY, "row-key", key_inputs(workspace))
    console.create_secret("row")
    version = {
        "regionId": REGION,
        "secretName": "row",
        "versionId": "g1r1-ab12cd34",
        "secretData": '{"a":"sk-test.a1"}',
    }
    return {
        OWNER: STACK,
        WORKSPACE: workspace_inputs(),
        PERMISSIONS: permissions,
        KEY: key_inputs(workspace, models=["qwen-plus"], allowedIps=["127.0.0.1/32"]),
        CHECK: check_inputs(emulator, workspace, key),
        VERSION: version,
    }


def test_every_type_runs_through_its_whole_life(emulator: EmulatorProcess, wire: Wire, console: Console) -> None:
    table = rows(emulator, wire, console)
    assert set(table) == {handler.type_name for handler in handlers()}
    for handler in handlers():
        inputs = table[handler.type_name]
        before = len(posts(emulator))
        shown = wire.preview(handler.type_name, "x", {**inputs, next(iter(inputs)): UNKNOWN})
        assert len(posts(emulator)) == before, "a preview calls nothing"
        assert shown.values["madeIn"] == "model-studio/test"
        made = wire.create(handler.type_name, "x", inputs)
        assert made.id, handler.type_name
        always = {name for name, prop in {**handler.inputs, **handler.outputs}.items() if prop.secret}
        assert made.secrets == {name for name in always if name in made.state}
        assert set(handler.outputs) <= set(made.state)
        before = len(posts(emulator))
        assert wire.up(made, inputs) == {}, handler.type_name
        assert len(posts(emulator)) == before, "an up without change calls nothing"
        state = dict(made.state)
        assert wire.refresh(made)
        assert made.state == state, f"{handler.type_name}: a refresh finds no drift"
        assert wire.up(made, inputs) == {}, handler.type_name
        wire.delete(made)
        wire.delete(made)  # what is gone already is fine


@pytest.mark.parametrize("type_", [OWNER, WORKSPACE, PERMISSIONS, KEY, CHECK, VERSION])
def test_another_stack_s_resource_is_never_changed(
    emulator: EmulatorProcess, wire: Wire, console: Console, make_wire: MakeWire, type_: str
) -> None:
    inputs = rows(emulator, wire, console)[type_]
    made = wire.create(type_, "x", inputs)
    calls = len(posts(emulator))
    copy = Resource(type_, "x", id=made.id, inputs=made.inputs, state=made.state, stack="copy")
    for act in (lambda: wire.diff(copy, inputs), lambda: wire.delete(copy)):
        with pytest.raises(WireError, match=r"made by the stack model-studio/test, and this is model-studio/copy"):
            act()
    assert len(posts(emulator)) == calls
    renamed = make_wire(renamedFrom="o/model-studio/test")
    assert renamed.diff(copy, made.inputs) == {"madeIn": "UPDATE"}
    assert renamed.up(copy, inputs) == {"madeIn": "UPDATE"} or type_ == OWNER
    assert copy.state["madeIn"] == "model-studio/copy" or type_ == OWNER


def test_unknown_missing_and_wrong_inputs_are_named(wire: Wire) -> None:
    _, failures = wire.check(Resource(WORKSPACE, "x"), {"regoin": "x"})
    assert "unknown; Workspace takes regionId" in failures["regoin"]
    assert failures["regionId"].startswith("missing: Region")
    _, failures = wire.check(Resource(KEY, "x"), {"regionId": 3, "workspaceId": "w", "ownerId": OWNER_ID})
    assert failures == {"regionId": "must be of type string"}


@pytest.mark.parametrize("type_", [KEY, PERMISSIONS])
def test_an_empty_workspace_id_is_refused(wire: Wire, type_: str) -> None:
    _, failures = wire.check(
        Resource(type_, "x"),
        {"regionId": REGION, "workspaceId": "", "ownerId": OWNER_ID}
        if type_ == KEY
        else {"regionId": REGION, "workspaceId": ""},
    )
    assert "default workspace" in failures["workspaceId"]


def test_the_wrong_account_is_refused_before_anything_is_written(
    emulator: EmulatorProcess, make_wire: MakeWire
) -> None:
    wire = make_wire(accountId="9" * 16)
    with pytest.raises(WireError, match=r"belong to account 1234567890123456, but the stack file says .*9999"):
        wire.create(WORKSPACE, "x", workspace_inputs())
    assert posts(emulator) == ["GetCallerIdentity"]


def test_another_key_for_the_alicloud_provider_is_refused(
    emulator: EmulatorProcess, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALICLOUD_ACCESS_KEY", "somebody-else")
    with pytest.raises(WireError, match="set only one of them"):
        wire.create(WORKSPACE, "x", workspace_inputs())
    assert posts(emulator) == []


def test_missing_credentials_say_what_to_set(wire: Wire, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.delenv("ALIBABA_CLOUD_ACCESS_KEY_ID")
    monkeypatch.delenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET")
    for name, value in (("access_key_id", ""), ("access_key_secret", ""), ("ecs_metadata_disabled", "true")):
        monkeypatch.setattr(auth_util, f"environment_{name}", value)
    monkeypatch.setattr(ac, "HOME", str(tmp_path))
    with pytest.raises(WireError, match="no usable Alibaba Cloud credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID"):
        wire.create(WORKSPACE, "x", workspace_inputs())


# Owner


def test_an_owner_id_is_random_and_kept(wire: Wire) -> None:
    one, two = (wire.create(OWNER, "owner", STACK) for _ in range(2))
    assert one.state["ownerId"] != two.state["ownerId"]
    assert len(one.state["ownerId"]) == 16


def test_a_state_of_another_stack_is_refused_unless_renamed(wire: Wire) -> None:
    owner = wire.create(OWNER, "owner", STACK)
    other = {**STACK, "stack": "other"}
    _, failures = wire.check(owner, other)
    assert "write renamed_from: o/model-studio/test" in failures["stack"]
    _, failures = wire.check(owner, {**other, "renamedFrom": "o/model-studio/test"})
    assert failures == {}


# Workspace


def test_a_default_name_is_made_once_from_owner_and_site(wire: Wire) -> None:
    names = {
        wire.check(Resource(WORKSPACE, "x"), inputs)[0]["workspaceName"]
        for inputs in (
            workspace_inputs(),
            workspace_inputs(ownerId="f" * 16),
            workspace_inputs(regionId="eu-central-1", serviceSite="global"),
        )
    }
    assert len(names) == 3
    assert all(name.startswith("chat-") and len(name) <= 30 for name in names)
    made = wire.create(WORKSPACE, "x", workspace_inputs())
    again, _ = wire.check(made, workspace_inputs(logicalName="renamed"))
    assert again["workspaceName"] == made.inputs["workspaceName"]


def test_an_unknown_owner_makes_an_unknown_name(wire: Wire) -> None:
    inputs, failures = wire.check(Resource(WORKSPACE, "x"), workspace_inputs(ownerId=UNKNOWN))
    assert inputs["workspaceName"] is UNKNOWN
    assert not failures


def test_a_workspace_whose_answer_was_lost_is_found_again(
    emulator: EmulatorProcess, wire: Wire, console: Console
) -> None:
    console.create_workspace("xchat-0000")  # a neighbour that a fuzzy filter may show
    emulator.fault("CreateWorkspace", "cut_after", nth=1, times=1)
    made = wire.create(WORKSPACE, "chat-workspace", workspace_inputs())
    assert posts(emulator, "CreateWorkspace") == ["CreateWorkspace"] * 2
    assert console.workspaces()[made.state["workspaceId"]] == made.inputs["workspaceName"]
    assert len(console.workspaces()) == 2
    assert made.state["created"] is True


def test_a_workspace_of_an_interrupted_run_is_taken_over(wire: Wire, console: Console) -> None:
    inputs, _ = wire.check(Resource(WORKSPACE, "x"), workspace_inputs())
    left = console.create_workspace(inputs["workspaceName"])
    assert wire.create(WORKSPACE, "x", workspace_inputs()).state["workspaceId"] == left


def test_an_explicit_name_that_exists_is_refused_unless_adopted(wire: Wire, console: Console) -> None:
    there = console.create_workspace("theirs")
    with pytest.raises(WireError, match=f"write adopt: {there} to use it"):
        wire.create(WORKSPACE, "x", workspace_inputs(workspaceName="theirs"))
    adopted = wire.create(WORKSPACE, "x", workspace_inputs(adopt=there))
    assert adopted.state["created"] is False
    wire.delete(adopted)
    assert there in console.workspaces()


def test_an_imported_workspace_is_released_not_deleted(wire: Wire, console: Console) -> None:
    there = console.create_workspace("theirs")
    imported = Resource(WORKSPACE, "x", id=f"{REGION}/{there}")
    assert wire.refresh(imported)
    assert imported.state["workspaceName"] == "theirs"
    assert imported.state["apiHost"]
    assert wire.diff(imported, imported.inputs) == {}
    wire.delete(imported)
    assert there in console.workspaces()
    assert not wire.refresh(Resource(WORKSPACE, "x", id=f"{REGION}/ws-nothere"))


@pytest.mark.parametrize(
    "change",
    [{"regionId": "ap-southeast-1"}, {"workspaceName": "other"}, {"regionId": "eu-central-1", "serviceSite": "global"}],
)
def test_a_workspace_is_replaced_only_when_the_stack_file_says_so(
    wire: Wire, workspace: Resource, change: dict[str, str]
) -> None:
    _, failures = wire.check(workspace, workspace_inputs(**change))
    assert set(failures) == set(change)
    assert all("allow_replacement: true" in reason for reason in failures.values())
    news, failures = wire.check(workspace, workspace_inputs(**change, allowReplacement=True))
    assert not failures
    assert "UPDATE_REPLACE" in wire.diff(workspace, news).values()


def test_a_workspace_that_holds_foreign_keys_is_not_deleted(wire: Wire, workspace: Resource, console: Console) -> None:
    console.create_key(workspace.state["workspaceId"], "somebody's")
    with pytest.raises(WireError, match="was not deleted, the service says: API Key"):
        wire.delete(workspace)


def test_a_workspace_that_holds_superseded_keys_says_which(wire: Wire, workspace: Resource, key: Resource) -> None:
    other = wire.create(WORKSPACE, "other", workspace_inputs(logicalName="other"))
    old = key.state["keyId"]
    wire.up(key, key_inputs(other))
    with pytest.raises(WireError, match=f"Key {old} is superseded, but alive"):
        wire.delete(workspace)


def test_a_workspace_that_is_gone_is_dropped(emulator: EmulatorProcess, wire: Wire, workspace: Resource) -> None:
    wire.delete(workspace)
    assert not wire.refresh(workspace)
    assert "DeleteWorkspace" in posts(emulator)


def test_a_workspace_in_the_wrong_region_is_recorded_and_reported(
    emulator: EmulatorProcess, make_wire: MakeWire, console: Console
) -> None:
    wrong = dict.fromkeys(("modelstudio", "sts"), f"http://127.0.0.1:{emulator.regions[REGION]}")
    wire = make_wire(endpoints=json.dumps(wrong))
    with pytest.raises(
        WireError, match="asked for a workspace in ap-southeast-1, the service answered one in"
    ) as partly:
        wire.create(WORKSPACE, "x", workspace_inputs(regionId="ap-southeast-1"))
    assert partly.value.partly is not None
    assert partly.value.partly.id.partition("/")[2] in console.workspaces()


def test_throttling_is_waited_out(emulator: EmulatorProcess, wire: Wire, console: Console) -> None:
    for operation in ("ListWorkspaces", "CreateWorkspace"):
        emulator.fault(operation, "429", nth=1, times=2)
    wire.create(WORKSPACE, "x", workspace_inputs())
    assert len(console.workspaces()) == 1


# ModelPermissions


def test_models_are_set_to_exactly_those_given(wire: Wire, workspace: Resource, console: Console) -> None:
    where = {"regionId": REGION, "workspaceId": workspace.state["workspaceId"]}
    made = wire.create(PERMISSIONS, "x", {**where, "models": ["qwen-turbo", "qwen-plus"]})
    assert made.state["models"] == ["qwen-plus", "qwen-turbo"]
    assert wire.up(made, {**where, "models": ["qwen-plus"]}) == {"models": "UPDATE"}
    assert wire.refresh(made)
    assert made.state["models"] == ["qwen-plus"]
    console.allow_models(where["workspaceId"], "qwen-max")
    assert wire.refresh(made)
    assert made.state["models"] == ["qwen-max", "qwen-plus"]
    assert wire.up(made, {**where, "models": ["qwen-plus"]}) == {"models": "UPDATE"}
    assert wire.up(made, where) == {"models": "UPDATE"}
    assert wire.refresh(made)
    assert wire.up(made, {**where, "models": ["qwen-plus"]}) == {"models": "UPDATE"}
    assert wire.refresh(made)
    assert made.state["models"] == ["qwen-plus"]


def test_a_model_that_the_region_does_not_offer_is_named(wire: Wire, workspace: Resource) -> None:
    where = {"regionId": REGION, "workspaceId": workspace.state["workspaceId"]}
    with pytest.raises(WireError, match="cn-beijing does not offer no-such-model; it offers: .*qwen-plus"):
        wire.create(PERMISSIONS, "x", {**where, "models": ["no-such-model", "qwen-plus"]})


# ApiKey


def live(console: Console, workspace: Resource) -> list[str]:
    return sorted(console.keys(workspace.state["workspaceId"]))


def test_a_key_is_minted_with_its_mark_and_kept_secret(workspace: Resource, key: Resource, console: Console) -> None:
    assert key.secrets == {"value", "superseded"}
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


# PairCheck


def test_a_pair_that_opens_is_verified_without_spending_tokens(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    made = wire.create(CHECK, "gw-check", check_inputs(emulator, workspace, key))
    assert made.state["outcome"] == "verified"
    assert made.state["outcomes"] == {"openai": "verified", "anthropic": "verified"}
    assert made.state["revision"] == 1
    outputs = {name: value for name, value in made.state.items() if name not in made.inputs}
    assert key.state["value"] not in str(outputs)
    assert "inference:chat" not in posts(emulator)


def test_a_key_of_another_workspace_is_refused_and_nothing_exists(
    emulator: EmulatorProcess, wire: Wire, key: Resource
) -> None:
    other = wire.create(WORKSPACE, "other", workspace_inputs(logicalName="other"))
    with pytest.raises(WireError, match="the pair is refused: .*401.*another workspace, region or billing plan"):
        wire.create(CHECK, "gw-check", check_inputs(emulator, other, key))


def test_a_refused_pair_keeps_the_last_good_state(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource, console: Console
) -> None:
    inputs = check_inputs(emulator, workspace, key)
    made = wire.create(CHECK, "gw-check", inputs)
    console.disable_key(key.state["keyId"])
    assert wire.refresh(made)
    assert made.state["outcome"] == "refused"
    with pytest.raises(WireError, match="the pair is refused"):
        wire.up(made, inputs)
    assert made.state["revision"] == 1


def test_an_ip_list_that_leaves_this_machine_out_is_not_checkable(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    wire.up(key, key_inputs(workspace, allowedIps=["203.0.113.0/24"]))
    inputs = check_inputs(emulator, workspace, key, hasIpList=True)
    with pytest.raises(WireError, match="the pair is not_checkable: .*not among them.*verify: best_effort"):
        wire.create(CHECK, "gw-check", inputs)
    made = wire.create(CHECK, "gw-check", {**inputs, "verify": "best_effort"})
    assert made.state["outcome"] == "not_checkable"


def test_verify_off_calls_nothing(emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource) -> None:
    before = len(posts(emulator))
    made = wire.create(CHECK, "gw-check", check_inputs(emulator, workspace, key, verify="off"))
    assert made.state["outcome"] == "not_checked"
    assert len(posts(emulator)) == before


def test_the_revision_grows_with_the_record_alone(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    inputs = check_inputs(emulator, workspace, key)
    made = wire.create(CHECK, "gw-check", inputs)
    first = made.state["digest"]
    assert wire.up(made, {**inputs, "verify": "best_effort"}) == {"verify": "UPDATE"}
    assert (made.state["revision"], made.state["digest"]) == (1, first)
    wire.up(made, {**inputs, "facts": {"MODEL_STUDIO_GENERATION": "2"}})
    assert made.state["revision"] == 2
    wire.up(made, inputs)
    assert (made.state["revision"], made.state["digest"]) == (3, first)


def test_no_route_is_not_checkable(wire: Wire, emulator: EmulatorProcess, workspace: Resource, key: Resource) -> None:
    inputs = check_inputs(emulator, workspace, key) | {"urls": {"openai": "http://127.0.0.1:9/compatible-mode/v1"}}
    with pytest.raises(WireError, match="not_checkable: .*no route from here"):
        wire.create(CHECK, "gw-check", inputs)


# SecretVersion


def version_inputs(version: str = "g1r1-ab12cd34", data: str = '{"k":"sk-test.a1"}') -> dict[str, Any]:
    return {"regionId": REGION, "secretName": "gw", "versionId": version, "secretData": data}


def test_a_version_is_put_made_current_and_replaced_by_the_next(wire: Wire, console: Console) -> None:
    console.create_secret("gw")
    made = wire.create(VERSION, "x", version_inputs())
    assert console.secret("gw") == ("g1r1-ab12cd34", '{"k":"sk-test.a1"}')
    wire.up(made, version_inputs("g2r2-ffffffff", '{"k":"sk-test.a2"}'))
    assert console.secret("gw") == ("g2r2-ffffffff", '{"k":"sk-test.a2"}')


def test_another_hand_s_version_is_seen_and_the_stage_moved_back(
    emulator: EmulatorProcess, wire: Wire, console: Console
) -> None:
    console.create_secret("gw")
    made = wire.create(VERSION, "x", version_inputs())
    console.put_secret("gw", "foreign", "{}")
    assert wire.refresh(made)
    assert made.state["currentVersionId"] == "foreign"
    assert wire.up(made, version_inputs()) == {"currentVersionId": "UPDATE"}
    assert console.secret("gw")[0] == "g1r1-ab12cd34"
    assert posts(emulator, "UpdateSecretVersionStage") == ["UpdateSecretVersionStage"]


def test_a_version_that_kms_dropped_is_put_under_a_new_id(wire: Wire, console: Console) -> None:
    console.create_secret("gw")
    made = wire.create(VERSION, "x", version_inputs())
    for n in range(12):
        console.put_secret("gw", f"foreign-{n}", "{}")
    assert wire.refresh(made)
    wire.up(made, version_inputs())
    version, data = console.secret("gw")
    assert version.startswith("g1r1-ab12cd34")
    assert data == version_inputs()["secretData"]


def test_other_data_under_the_wanted_id_gets_a_number(wire: Wire, console: Console) -> None:
    console.create_secret("gw")
    console.put_secret("gw", "g1r1-ab12cd34", "other")
    made = wire.create(VERSION, "x", version_inputs())
    assert made.state["storedVersionId"] == "g1r1-ab12cd34-2"
    assert wire.up(made, version_inputs()) == {}
    assert console.secret("gw")[0] == "g1r1-ab12cd34-2"


def test_a_secret_that_is_gone_is_dropped(wire: Wire, console: Console) -> None:
    console.create_secret("gw")
    made = wire.create(VERSION, "x", version_inputs())
    console.delete_secret("gw")
    assert not wire.refresh(made)


def test_a_secret_in_its_window_says_how_to_restore_it(wire: Wire, console: Console) -> None:
    console.create_secret("gw")
    made = wire.create(VERSION, "x", version_inputs())
    console.delete_secret("gw", window_days=7)
    with pytest.raises(WireError, match="aliyun kms RestoreSecret --region cn-beijing --SecretName gw"):
        wire.refresh(made)
    with pytest.raises(WireError, match="aliyun kms RestoreSecret"):
        wire.up(made, version_inputs("g2r2-ffffffff", "{}"))


def test_the_answer_to_a_put_may_be_lost(emulator: EmulatorProcess, wire: Wire, console: Console) -> None:
    console.create_secret("gw")
    for kind in ("cut_after", "500"):
        emulator.fault("PutSecretValue", kind, nth=1, times=1)
    wire.create(VERSION, "x", version_inputs())
    assert console.secret("gw")[0] == "g1r1-ab12cd34"
