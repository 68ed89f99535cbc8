"""Every resource over gRPC against the emulator: made, unchanged, read back, changed, removed; the guards."""

from typing import Any

import pytest
from alibabacloud_credentials.utils import auth_constant as ac
from alibabacloud_credentials.utils import auth_util

from provider.handlers import handlers
from provider.resource import Handler
from provider.values import UNKNOWN
from tests.emulator_process import EmulatorProcess
from tests.provider.conftest import MakeWire
from tests.provider.given import (
    DAY,
    KEY,
    OWNER,
    OWNER_ID,
    PLACE,
    RETIREMENT,
    STACK,
    VERSION,
    WORKSPACE,
    key_inputs,
    operations,
    place_inputs,
    retirement_inputs,
    version_inputs,
    workspace_inputs,
)
from tests.provider.wire_client import Resource, Wire, WireError

# one row per resource type: inputs that make it, given what stands before it


def rows(wire: Wire) -> dict[str, dict[str, Any]]:
    workspace = wire.create(WORKSPACE, "row-workspace", workspace_inputs(logicalName="row", models=["qwen-plus"]))
    vault, further, other = (wire.create(PLACE, name, place_inputs(name=name)) for name in ("row", "copy", "other"))
    key = wire.create(KEY, "row-key", key_inputs(workspace, vault))
    scope = {"models": ["qwen-plus"], "allowedIps": ["127.0.0.1/32"]}
    return {
        OWNER: STACK,
        WORKSPACE: workspace_inputs(models=["qwen-plus"]),
        PLACE: place_inputs(),
        KEY: key_inputs(workspace, other, **scope, rotation={"maxAge": 90 * DAY}),
        VERSION: version_inputs(further, key),
        RETIREMENT: retirement_inputs(key, revision=1),
    }


def test_every_type_runs_through_its_whole_life(emulator: EmulatorProcess, wire: Wire) -> None:
    table = rows(wire)
    assert set(table) == {handler.type_name for handler in handlers()}
    for handler in handlers():
        inputs = table[handler.type_name]
        before = len(operations(emulator))
        shown = wire.preview(handler.type_name, "x", {**inputs, next(iter(inputs)): UNKNOWN})
        assert len(operations(emulator)) == before, "a preview calls nothing"
        assert shown.values["madeIn"] == "model-studio/test"
        made = wire.create(handler.type_name, "x", inputs)
        assert made.id, handler.type_name
        secret = {name for name, prop in handler.outputs.items() if prop.secret}
        assert made.secrets == secret & set(made.state)
        assert set(handler.outputs) - secret <= set(made.state)
        assert not _echoed(handler) & set(made.state), f"{handler.type_name}: inputs stand in the state once"
        before = len(operations(emulator))
        assert wire.up(made, inputs) == {}, handler.type_name
        assert len(operations(emulator)) == before, "an up without change calls nothing"
        known, state = dict(made.inputs), dict(made.state)
        assert wire.refresh(made)
        assert (made.inputs, made.state) == (known, state), f"{handler.type_name}: a refresh finds no drift"
        assert wire.up(made, inputs) == {}, handler.type_name
        wire.delete(made)
        wire.delete(made)  # what is gone already is fine


def _echoed(handler: Handler) -> set[str]:
    """Return the inputs that are no outputs."""
    return {name for name, prop in handler.inputs.items() if not prop.shown}


@pytest.mark.parametrize("type_", [handler.type_name for handler in handlers()])
def test_another_stack_s_resource_is_never_changed(
    emulator: EmulatorProcess, wire: Wire, make_wire: MakeWire, type_: str
) -> None:
    inputs = rows(wire)[type_]
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
    wrong: dict[str, Any] = {"regionId": 3, "workspaceId": "w", "ownerId": OWNER_ID, "urls": {}, "domain": "dedicated"}
    _, failures = wire.check(Resource(KEY, "x"), wrong)
    assert failures == {"regionId": "must be of type string"}


def test_an_empty_workspace_id_is_refused(wire: Wire, workspace: Resource, place: Resource) -> None:
    _, failures = wire.check(Resource(KEY, "x"), key_inputs(workspace, place, workspaceId=""))
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
