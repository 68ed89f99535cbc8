"""One service's access through its whole life, on the real engine."""

import pytest

from tests.engine.consumers import anthropic_says, is_refused, openai_says
from tests.engine.world import NAMESPACE, SECRET, World

pytestmark = pytest.mark.engine

API_KEY = "modelstudio:index:ApiKey"
WRITES = ("Create", "Update", "Put", "Delete", "Tag", "Untag")


def test_a_service_gets_its_access_and_loses_it_again(world: World) -> None:
    shown, calls = world.counted("preview")
    shown.ok()
    assert calls == [], "a preview calls nothing"

    world.stack.up().ok()
    outputs = world.stack.outputs()
    gateway = outputs["services"]["gateway"]
    record, config = world.record(), world.config()
    assert gateway["openai_base_url"] == record["OPENAI_BASE_URL"] == config["OPENAI_BASE_URL"]
    assert gateway["outcome"] == "verified"
    assert gateway["delivered"] == {f"kms:cn-beijing/{SECRET}": "g1r1", f"sae:{NAMESPACE}/gateway_model_studio": "g1r1"}
    version = f"g1r1-{gateway['digest'][:8]}"
    assert gateway["secret"] == config["MODEL_STUDIO_SECRET"] == f"kms:cn-beijing/{SECRET}@{version}"
    assert world.console.secret(SECRET)[0] == version
    assert not [name for name in config if name.endswith(("API_KEY", "AUTH_TOKEN"))]

    for stream in (False, True):
        assert openai_says(record, stream=stream)
        assert anthropic_says(record, stream=stream)
    other = world.console.create_workspace("other")
    assert is_refused(record, str(world.console.create_key(other, "theirs").api_key_value))

    again, calls = world.counted("up")
    assert again.ok().changes == {}
    assert calls == [], "an up without change calls nothing"
    refreshed, calls = world.counted("refresh")
    assert refreshed.ok().changes == {}, refreshed.stdout
    assert calls
    assert not [name for name in calls if name.startswith(WRITES)]
    again, calls = world.counted("up")
    assert (again.ok().changes, calls) == ({}, [])

    world.stack.destroy().ok()
    state = world.emulator.admin("GET", "/state")
    assert world.workspaces() == {other: "other"}
    assert [key["workspace_id"] for key in state["keys"]] == [other]
    assert state["config_maps"] == []
    (secret,) = state["secrets"]
    assert secret["planned_delete"], "the secret is in its window"


def test_a_forced_secret_is_gone_at_once(world: World) -> None:
    world.write("secret_deletion", {"force": True})
    world.stack.up().ok()
    world.stack.destroy().ok()
    assert world.emulator.admin("GET", "/state")["secrets"] == []


def test_a_changed_model_list_is_an_update_in_place(world: World) -> None:
    world.stack.up().ok()
    before = world.record()
    world.write("services.gateway.key.models", ["qwen-plus", "qwen-turbo"])
    run, calls = world.counted("up")
    assert run.ok().ops_by_type == {("update", API_KEY): 1}
    assert "CreateApiKey" not in calls
    assert [call for call in calls if call.startswith("inference:")], "what the key may call has changed: proven anew"
    assert world.record() == before


def test_a_version_put_by_another_hand_is_seen_and_repaired(world: World) -> None:
    world.stack.up().ok()
    before = world.console.secret(SECRET)
    world.console.put_secret(SECRET, "foreign", "{}")
    refreshed = world.stack.refresh().ok()
    assert refreshed.ops_by_type == {("update", API_KEY): 1}
    run, calls = world.counted("up")
    assert run.ok().ops_by_type == {("update", API_KEY): 1}
    assert "CreateApiKey" not in calls
    assert world.console.secret(SECRET) == before, "the version that was there already is current again"
    assert world.stack.up().ok().changes == {}


def test_a_key_deleted_by_another_hand_gets_a_next_generation_everywhere(world: World) -> None:
    world.stack.up().ok()
    first = world.stack.outputs()["services"]["gateway"]["api_key_id"]
    world.console.delete_key(first)
    world.stack.refresh().ok()
    world.stack.up().ok()
    gateway = world.stack.outputs()["services"]["gateway"]
    assert gateway["generation"] == 2
    assert set(gateway["delivered"].values()) == {"g2r2"}
    assert openai_says(world.record())
    assert anthropic_says(world.record())
    assert world.config()["MODEL_STUDIO_GENERATION"] == "2"
    assert world.live_keys() == {gateway["api_key_id"]}
    assert world.stack.up().ok().changes == {}


def test_the_value_of_a_key_stands_in_no_state_encrypted_or_not(world: World) -> None:
    world.stack.up().ok()
    world.stack.refresh().ok()
    key = world.record()["OPENAI_API_KEY"]
    files = [p for p in world.stack.directory.rglob("*") if p.is_file()]
    assert files
    assert not [p for p in files if key.encode() in p.read_bytes()]
    assert key not in str(world.stack.outputs(show_secrets=True))
    assert key not in str(world.stack.state(show_secrets=True))


def test_an_existing_workspace_is_imported_adopted_and_never_deleted(world: World) -> None:
    theirs = world.console.create_workspace("theirs")
    world.write("workspaces.chat", {"region": "cn-beijing", "adopt": theirs, "models": ["qwen-plus"]})
    world.stack.up().ok()
    assert world.stack.outputs()["workspaces"]["chat"]["workspace_id"] == theirs
    world.stack.destroy().ok()
    assert world.workspaces() == {theirs: "theirs"}


def test_a_protected_workspace_stays(world: World) -> None:
    world.write("workspaces.chat.protect", value=True)
    world.stack.up().ok()
    refused = world.stack.destroy()
    assert refused.code != 0
    assert "protected" in refused.text
    assert len(world.workspaces()) == 1


def test_a_workspace_is_imported_on_the_engine_and_released(world: World) -> None:
    world.stack.up().ok()
    theirs = world.console.create_workspace("theirs")
    provider = next(r["urn"] for r in world.stack.state()["resources"] if r["type"] == "pulumi:providers:modelstudio")
    type_, identifier = "modelstudio:index:Workspace", f"cn-beijing/{theirs}"
    world.stack.import_(type_, "taken", identifier, "--provider", f"modelstudio={provider}").ok()
    taken = next(r for r in world.stack.state()["resources"] if r["urn"].endswith("::taken"))
    assert taken["outputs"]["workspaceName"] == "theirs"
    assert taken["outputs"]["created"] is False
    world.stack.destroy().ok()
    assert world.workspaces() == {theirs: "theirs"}
