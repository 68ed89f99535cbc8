"""Workspaces: found again, adopted, imported, never replaced or deleted by accident; what they may call."""

import json
from typing import Any

import pytest

from provider.values import UNKNOWN
from tests.emulator_process import EmulatorProcess
from tests.provider.conftest import MakeWire
from tests.provider.given import REGION, WORKSPACE, key_inputs, operations, workspace_inputs
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
    assert imported.inputs.get("serviceSite") == site


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
    _, failures = wire.check(workspace, workspace_inputs(allModels=True, **change))
    assert set(failures) == set(change)
    assert all("allow_replacement: true" in reason for reason in failures.values())
    news, failures = wire.check(workspace, workspace_inputs(allModels=True, **change, allowReplacement=True))
    assert not failures
    assert "UPDATE_REPLACE" in wire.diff(workspace, news).values()


def test_a_workspace_that_holds_foreign_keys_is_not_deleted(wire: Wire, workspace: Resource, console: Console) -> None:
    console.create_key(workspace.state["workspaceId"], "somebody's")
    with pytest.raises(WireError, match="was not deleted, the service says: API Key"):
        wire.delete(workspace)


def test_a_workspace_that_holds_superseded_keys_says_which(
    wire: Wire, workspace: Resource, place: Resource, key: Resource
) -> None:
    other = wire.create(WORKSPACE, "other", workspace_inputs(logicalName="other", allModels=True))
    old = key.state["keyId"]
    wire.up(key, key_inputs(other, place))
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
    half = partly.value.half_made(WORKSPACE, "x")
    with pytest.raises(WireError, match="asked for a workspace in ap-southeast-1") as again:
        wire.finish(half)
    assert again.value.partly is not None
    assert left in console.workspaces()


def test_throttling_is_waited_out(emulator: EmulatorProcess, wire: Wire, console: Console) -> None:
    for operation in ("ListWorkspaces", "CreateWorkspace"):
        emulator.fault(operation, "429", nth=1, times=2)
    wire.create(WORKSPACE, "x", workspace_inputs())
    assert len(console.workspaces()) == 1


# what it may call


def permitted(console: Console, workspace: Resource) -> list[str]:
    return console.permitted(workspace.state["workspaceId"])


def test_models_are_set_to_exactly_those_given(wire: Wire, console: Console) -> None:
    def given(*models: str) -> dict[str, Any]:
        return workspace_inputs(models=list(models))

    made = wire.create(WORKSPACE, "x", given("qwen-turbo", "qwen-plus"))
    assert made.inputs["models"] == ["qwen-plus", "qwen-turbo"]
    assert (permitted(console, made), made.state["permitted"]) == (["qwen-plus", "qwen-turbo"], True)
    assert wire.up(made, given("qwen-plus", "qwen-turbo", "qwen-plus")) == {}, "order and repetition are nothing"
    assert wire.up(made, given("qwen-plus")) == {"models": "UPDATE"}
    assert wire.refresh(made)
    assert made.inputs["models"] == permitted(console, made) == ["qwen-plus"]
    console.allow_models(made.state["workspaceId"], "qwen-max")
    assert wire.refresh(made)
    assert made.inputs["models"] == ["qwen-max", "qwen-plus"], "what another hand allowed is seen"
    assert wire.up(made, given("qwen-plus")) == {"models": "UPDATE"}
    assert permitted(console, made) == ["qwen-plus"]


def test_every_model_and_back(wire: Wire, console: Console) -> None:
    made = wire.create(WORKSPACE, "x", workspace_inputs(allModels=True))
    assert wire.refresh(made)
    assert wire.up(made, workspace_inputs(allModels=True)) == {}
    some = workspace_inputs(models=["qwen-plus"])
    assert wire.up(made, some) == dict.fromkeys(("models", "allModels"), "UPDATE")
    assert wire.refresh(made)
    assert made.inputs["models"] == permitted(console, made) == ["qwen-plus"]
    assert wire.up(made, workspace_inputs(allModels=True)) == dict.fromkeys(("models", "allModels"), "UPDATE")
    assert wire.refresh(made)
    assert made.inputs["allModels"] is True
    assert len(permitted(console, made)) > 3


def test_what_nothing_is_said_of_stays(emulator: EmulatorProcess, wire: Wire, console: Console) -> None:
    made = wire.create(WORKSPACE, "x", workspace_inputs())
    console.allow_models(made.state["workspaceId"], "qwen-max")
    assert wire.refresh(made)
    assert wire.up(made, workspace_inputs()) == {}
    assert permitted(console, made) == ["qwen-max"]
    calls = operations(emulator, "UpdateModelPermissions")
    assert wire.up(made, workspace_inputs(models=["qwen-max"])) == {"models": "UPDATE"}
    assert wire.up(made, workspace_inputs()) == {"models": "UPDATE"}
    assert (permitted(console, made), operations(emulator, "UpdateModelPermissions")) == (["qwen-max"], calls[:1])


def test_an_empty_list_of_models_is_refused(wire: Wire) -> None:
    _, failures = wire.check(Resource(WORKSPACE, "x"), workspace_inputs(models=[]))
    assert failures["models"].startswith("empty: no model could be called")


def test_an_adopted_workspace_gets_its_models_and_keeps_them(wire: Wire, console: Console) -> None:
    there = console.create_workspace("theirs")
    adopted = wire.create(WORKSPACE, "x", workspace_inputs(adopt=there, models=["qwen-plus"]))
    assert permitted(console, adopted) == ["qwen-plus"]
    wire.delete(adopted)
    assert permitted(console, adopted) == ["qwen-plus"], "keys that others made in it go on working"


def test_a_model_that_the_region_does_not_offer_is_named_before_anything_is_set(
    emulator: EmulatorProcess, wire: Wire, console: Console
) -> None:
    says = r"cn-beijing does not offer qwen-plsu .nearest: qwen-plus.*\[model-offered\]"
    with pytest.raises(WireError, match=says) as refused:
        wire.create(WORKSPACE, "x", workspace_inputs(models=["qwen-plsu", "qwen-plus"]))
    assert operations(emulator, "UpdateModelPermissions") == []
    half = refused.value.half_made(WORKSPACE, "x")
    assert half.state["workspaceId"] in console.workspaces(), "the workspace stays on record"
    assert wire.up(half, workspace_inputs(models=["qwen-plus"])) == dict.fromkeys(("models", "permitted"), "UPDATE")
    assert permitted(console, half) == ["qwen-plus"]


@pytest.mark.parametrize("kind", ["500", "429", "refuse", "cut_before"])
def test_permissions_that_could_not_be_set_are_set_by_the_next_up(
    emulator: EmulatorProcess, wire: Wire, console: Console, kind: str
) -> None:
    given = workspace_inputs(models=["qwen-plus"])
    emulator.fault("UpdateModelPermissions", kind, times=1000)
    with pytest.raises(WireError) as failed:
        wire.create(WORKSPACE, "x", given)
    half = failed.value.half_made(WORKSPACE, "x")
    assert half.state["permitted"] is False
    emulator.admin("DELETE", "/faults")
    assert wire.refresh(half), "a refresh does not forget it, whatever the engine forgets"
    assert "permitted" in wire.up(half, given)
    assert (permitted(console, half), len(console.workspaces())) == (["qwen-plus"], 1)
    assert wire.up(half, given) == {}


def test_without_the_right_to_list_models_the_service_decides(emulator: EmulatorProcess, wire: Wire) -> None:
    emulator.settings(models_list_refused=True)
    with pytest.raises(WireError, match="cn-beijing does not offer no-such-model; it offers: .*qwen-plus"):
        wire.create(WORKSPACE, "x", workspace_inputs(models=["no-such-model", "qwen-plus"]))
    wire.create(WORKSPACE, "x", workspace_inputs(models=["qwen-plus"]))


def test_workspaces_of_a_region_are_listed_once_for_a_refresh(emulator: EmulatorProcess, wire: Wire) -> None:
    made = [wire.create(WORKSPACE, name, workspace_inputs(logicalName=name)) for name in ("one", "two", "three")]
    before = len(operations(emulator, "ListWorkspaces"))
    assert all(map(wire.refresh, made))
    pages = len(operations(emulator, "ListWorkspaces")) - before
    assert all(map(wire.refresh, made)), "a second refresh of the same process asks again"
    assert len(operations(emulator, "ListWorkspaces")) - before == 2 * pages
    wire.refresh(made[0])
    assert pages <= len(made)
