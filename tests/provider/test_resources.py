"""Every resource over gRPC against the emulator: made, unchanged, read back, changed, removed; the guards."""

from typing import Any

import pytest
from alibabacloud_credentials.utils import auth_constant as ac
from alibabacloud_credentials.utils import auth_util

from provider.handlers import handlers
from provider.values import UNKNOWN
from tests.emulator_process import EmulatorProcess
from tests.provider.conftest import MakeWire
from tests.provider.given import (
    BROUGHT,
    CHECK,
    KEY,
    OWNER,
    OWNER_ID,
    PERMISSIONS,
    REGION,
    STACK,
    VERSION,
    WORKSPACE,
    brought_inputs,
    check_inputs,
    key_inputs,
    operations,
    workspace_inputs,
)
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire, WireError

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
        BROUGHT: brought_inputs(),
        CHECK: check_inputs(emulator, workspace, key),
        VERSION: version,
    }


def test_every_type_runs_through_its_whole_life(emulator: EmulatorProcess, wire: Wire, console: Console) -> None:
    table = rows(emulator, wire, console)
    assert set(table) == {handler.type_name for handler in handlers()}
    for handler in handlers():
        inputs = table[handler.type_name]
        before = len(operations(emulator))
        shown = wire.preview(handler.type_name, "x", {**inputs, next(iter(inputs)): UNKNOWN})
        assert len(operations(emulator)) == before, "a preview calls nothing"
        assert shown.values["madeIn"] == "model-studio/test"
        made = wire.create(handler.type_name, "x", inputs)
        assert made.id, handler.type_name
        always = {name for name, prop in {**handler.inputs, **handler.outputs}.items() if prop.secret}
        assert made.secrets == {name for name in always if name in made.state}
        assert set(handler.outputs) <= set(made.state)
        before = len(operations(emulator))
        assert wire.up(made, inputs) == {}, handler.type_name
        assert len(operations(emulator)) == before, "an up without change calls nothing"
        state = dict(made.state)
        assert wire.refresh(made)
        assert made.state == state, f"{handler.type_name}: a refresh finds no drift"
        assert wire.up(made, inputs) == {}, handler.type_name
        wire.delete(made)
        wire.delete(made)  # what is gone already is fine


@pytest.mark.parametrize("type_", [handler.type_name for handler in handlers()])
def test_another_stack_s_resource_is_never_changed(
    emulator: EmulatorProcess, wire: Wire, console: Console, make_wire: MakeWire, type_: str
) -> None:
    inputs = rows(emulator, wire, console)[type_]
    made = wire.create(type_, "x", inputs)
    calls = len(operations(emulator))
    copy = Resource(type_, "x", id=made.id, inputs=made.inputs, state=made.state, stack="copy")
    for act in (lambda: wire.diff(copy, inputs), lambda: wire.delete(copy)):
        with pytest.raises(WireError, match=r"made by the stack model-studio/test, and this is model-studio/copy"):
            act()
    assert len(operations(emulator)) == calls
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
    assert operations(emulator) == ["GetCallerIdentity"]


def test_another_key_for_the_alicloud_provider_is_refused(
    emulator: EmulatorProcess, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALICLOUD_ACCESS_KEY", "somebody-else")
    with pytest.raises(WireError, match="set only one of them"):
        wire.create(WORKSPACE, "x", workspace_inputs())
    assert operations(emulator) == []


def test_missing_credentials_say_what_to_set(wire: Wire, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.delenv("ALIBABA_CLOUD_ACCESS_KEY_ID")
    monkeypatch.delenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET")
    for name, value in (("access_key_id", ""), ("access_key_secret", ""), ("ecs_metadata_disabled", "true")):
        monkeypatch.setattr(auth_util, f"environment_{name}", value)
    monkeypatch.setattr(ac, "HOME", str(tmp_path))
    with pytest.raises(WireError, match="no usable Alibaba Cloud credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID"):
        wire.create(WORKSPACE, "x", workspace_inputs())


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
