"""Workspaces: found again, adopted, imported, never replaced or deleted by accident; what they may call."""

import json
from typing import Any

import pytest

from provider.values import UNKNOWN, decode
from tests.emulator_process import EmulatorProcess
from tests.provider.conftest import MakeWire
from tests.provider.given import PERMISSIONS, REGION, WORKSPACE, key_inputs, operations, workspace_inputs
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire, WireError


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


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({}, ["models run in the Chinese mainland; inputs and outputs are stored in cn-beijing"]),
        ({"adopt": "ws-1"}, []),
        ({"regionId": "eu-central-1", "serviceSite": UNKNOWN}, []),
    ],
)
def test_a_preview_says_where_models_will_run(wire: Wire, inputs: dict[str, Any], says: list[str]) -> None:
    wire.preview(WORKSPACE, "x", wire.check(Resource(WORKSPACE, "x"), workspace_inputs(**inputs))[0])
    assert wire.told == says


@pytest.mark.parametrize(
    ("region", "site", "says"),
    [
        ("us-east-1", "united-states", "in the United States"),
        ("cn-hongkong", "cn-hongkong", "in Hong Kong"),
        ("ap-northeast-1", "japan", "in Japan"),
        ("eu-central-1", "global", "anywhere"),
        ("eu-central-1", None, "not known; choose global"),
    ],
)
def test_a_deployment_scope_is_taken_and_read_back(wire: Wire, region: str, site: str | None, says: str) -> None:
    inputs = workspace_inputs(regionId=region) | ({"serviceSite": site} if site else {})
    wire.preview(WORKSPACE, "x", inputs)
    assert says in wire.told[0]
    made = wire.create(WORKSPACE, "x", inputs)
    assert wire.refresh(made)
    assert wire.up(made, inputs) == {}
    imported = Resource(WORKSPACE, "y", id=made.id)
    assert wire.refresh(imported)
    assert imported.state.get("serviceSite") == site


def test_a_scope_that_the_region_does_not_offer_is_refused_in_preview(wire: Wire) -> None:
    _, failures = wire.check(Resource(WORKSPACE, "x"), workspace_inputs(regionId="us-east-1", serviceSite="japan"))
    assert "us-east-1 offers global" in failures["serviceSite"]


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
    assert operations(emulator, "CreateWorkspace") == ["CreateWorkspace"] * 2
    assert console.workspaces()[made.state["workspaceId"]] == made.inputs["workspaceName"]
    assert len(console.workspaces()) == 2
    assert made.state["created"] is True


def test_a_workspace_of_an_interrupted_run_is_taken_over(wire: Wire, console: Console) -> None:
    inputs, _ = wire.check(Resource(WORKSPACE, "x"), workspace_inputs())
    left = console.create_workspace(inputs["workspaceName"])
    assert wire.create(WORKSPACE, "x", workspace_inputs()).state["workspaceId"] == left


def test_a_neighbour_whose_name_contains_ours_is_not_taken(wire: Wire, console: Console) -> None:
    inputs, _ = wire.check(Resource(WORKSPACE, "x"), workspace_inputs())
    neighbour = console.create_workspace(f"{inputs['workspaceName']}-2")
    made = wire.create(WORKSPACE, "x", workspace_inputs())
    assert made.state["workspaceId"] != neighbour
    assert console.workspaces()[made.state["workspaceId"]] == inputs["workspaceName"]


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
    assert "DeleteWorkspace" in operations(emulator)


def test_a_workspace_in_the_wrong_region_is_deleted_again(
    emulator: EmulatorProcess, make_wire: MakeWire, console: Console
) -> None:
    wrong = dict.fromkeys(("modelstudio", "sts"), f"http://127.0.0.1:{emulator.regions[REGION]}")
    wire = make_wire(endpoints=json.dumps(wrong))
    for _ in range(2):
        with pytest.raises(WireError, match="a workspace in ap-southeast-1, .*in cn-beijing: .*deleted again"):
            wire.create(WORKSPACE, "x", workspace_inputs(regionId="ap-southeast-1"))
    assert console.workspaces() == {}


def test_a_workspace_in_the_wrong_region_that_stays_is_recorded_and_refused_each_time(
    emulator: EmulatorProcess, make_wire: MakeWire, console: Console
) -> None:
    wrong = dict.fromkeys(("modelstudio", "sts"), f"http://127.0.0.1:{emulator.regions[REGION]}")
    wire = make_wire(endpoints=json.dumps(wrong))
    name = wire.check(Resource(WORKSPACE, "x"), workspace_inputs())[0]["workspaceName"]
    left = console.create_workspace(name)  # as by a run that was cut off
    with pytest.raises(WireError, match="asked for a workspace in ap-southeast-1, the service answered") as partly:
        wire.create(WORKSPACE, "x", workspace_inputs(regionId="ap-southeast-1"))
    assert partly.value.partly is not None
    state = decode(partly.value.partly.properties).values
    inputs = decode(partly.value.partly.inputs).values
    half = Resource(WORKSPACE, "x", id=partly.value.partly.id, inputs=inputs, state=state)
    with pytest.raises(WireError, match="asked for a workspace in ap-southeast-1") as again:
        wire.finish(half)
    assert again.value.partly is not None
    assert left in console.workspaces()


def test_throttling_is_waited_out(emulator: EmulatorProcess, wire: Wire, console: Console) -> None:
    for operation in ("ListWorkspaces", "CreateWorkspace"):
        emulator.fault(operation, "429", nth=1, times=2)
    wire.create(WORKSPACE, "x", workspace_inputs())
    assert len(console.workspaces()) == 1


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


def test_a_model_that_the_region_does_not_offer_is_named_before_anything_is_set(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource
) -> None:
    where = {"regionId": REGION, "workspaceId": workspace.state["workspaceId"]}
    with pytest.raises(WireError, match=r"cn-beijing does not offer qwen-plsu .nearest: qwen-plus.*\[model-offered\]"):
        wire.create(PERMISSIONS, "x", {**where, "models": ["qwen-plsu", "qwen-plus"]})
    assert operations(emulator, "UpdateModelPermissions") == []


def test_without_the_right_to_list_models_the_service_decides(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource
) -> None:
    emulator.settings(models_list_refused=True)
    where = {"regionId": REGION, "workspaceId": workspace.state["workspaceId"]}
    with pytest.raises(WireError, match="cn-beijing does not offer no-such-model; it offers: .*qwen-plus"):
        wire.create(PERMISSIONS, "x", {**where, "models": ["no-such-model", "qwen-plus"]})
    wire.create(PERMISSIONS, "x", {**where, "models": ["qwen-plus"]})
