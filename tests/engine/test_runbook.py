"""What docs/runbook.md and docs/leftovers.md tell people to do, done."""

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.engine.consumers import openai_says
from tests.engine.faults.disturb import until
from tests.engine.world import NAMESPACE, World
from tests.engine_harness import EngineStack
from tools.engine import Engine

pytestmark = pytest.mark.engine

API_KEY = "modelstudio:index:ApiKey"


def api_key(world: World) -> dict[str, Any]:
    (found,) = world.resources(API_KEY)
    return found


def known(world: World) -> set[str]:
    """Return the ids of the keys that the state knows."""
    outputs = api_key(world)["outputs"]
    return {outputs["keyId"], *(entry["keyId"] for entry in outputs["superseded"])}


def test_an_old_state_that_was_put_back_and_an_entry_taken_out_lose_no_key(world: World) -> None:
    world.stack.up().ok()
    old = world.stack.directory / "old.json"
    world.stack.run("stack", "export", "--file", str(old)).ok()
    world.write("services.gateway.rotation", {"min_generation": 2})
    world.stack.up().ok()
    second = world.gateway()["api_key_id"]

    world.stack.run("stack", "import", "--file", str(old)).ok()
    world.stack.refresh().ok()
    assert second in known(world), "found by its mark"
    run, calls = world.counted("up")
    run.ok()
    assert "CreateApiKey" not in calls, "the vault holds it, so it is taken over"
    assert (world.gateway()["api_key_id"], set(world.gateway()["delivered"].values())) == (second, {"g2r2"})
    assert set(world.gateway()["superseded"]) == world.live_keys() - {second}
    assert openai_says(world.record())
    again = world.stack.up().ok()
    assert again.changes == {}, again.ops_by_type

    world.stack.run("state", "delete", api_key(world)["urn"], "--target-dependents", "--yes").ok()
    failed = world.stack.up()
    assert failed.code != 0
    assert f"sae:{NAMESPACE}/gateway_model_studio exists already" in failed.text, "it went out of the state with it"
    assert world.live_keys() == known(world)
    assert api_key(world)["outputs"]["keyId"] == second, "it was found by its mark, with the value in the vault"


def test_a_workspace_that_somebody_deleted_is_made_anew_with_a_new_key(world: World) -> None:
    world.stack.up().ok()
    gateway = world.gateway()
    world.console.delete_key(gateway["api_key_id"])
    world.console.delete_workspace(gateway["workspace_id"])
    world.stack.refresh().ok()
    world.stack.up().ok()
    again = world.gateway()
    assert again["workspace_id"] != gateway["workspace_id"]
    assert again["generation"] == 2
    assert openai_says(world.record())
    assert world.stack.up().ok().changes == {}


def test_a_killed_run_s_lock_and_pending_operation_are_cleared(world: World) -> None:
    world.emulator.fault("CreateSecret", "delay", seconds=1)
    running = world.stack.start_up()
    until(lambda: any(f["seen"] for f in world.emulator.admin("GET", "/faults")["faults"]), "the call")
    running.kill()
    until(lambda: any(call["fault"] == "delay" for call in world.emulator.calls()), "its end")
    locked = world.stack.up()
    assert locked.code != 0
    assert "the stack is currently locked" in locked.text
    world.stack.run("cancel", "--yes").ok()
    first = world.record()
    done = world.stack.up().ok()
    assert world.record()["OPENAI_API_KEY"] == first["OPENAI_API_KEY"], "what readers may have already"
    assert world.live_keys() == {world.gateway()["api_key_id"]}
    assert any("pending" in text for text in (*done.warnings, done.text))
    assert world.stack.stored()["pending_operations"]
    world.stack.refresh("--clear-pending-creates").ok()
    assert not world.stack.stored().get("pending_operations")
    assert world.stack.up().ok().changes == {}


def test_a_new_word_rotates_once_with_trigger_scheduled(world: World) -> None:
    world.write("services.gateway.rotation", {"trigger": "scheduled", "max_age": "90d"})
    file = ("--config-file", str(world.stack.config_file))
    for word, generation in (("2027-01", 1), ("2027-02", 2), ("2027-02", 2)):
        world.stack.run("config", "set", "model-studio:rotate", word, *file).ok()
        world.stack.up().ok()
        assert world.gateway()["generation"] == generation
        assert set(world.gateway()["delivered"].values()) == {f"g{generation}r{generation}"}
    world.later(91)
    shown = world.stack.preview().ok()
    assert "give model-studio:rotate a new value to rotate it" in shown.text
    world.stack.up().ok()
    assert world.gateway()["generation"] == 2


def test_a_key_that_leaked_while_its_store_is_down_is_ended_in_this_order(world: World) -> None:
    world.stack.up().ok()
    leaked, before = world.gateway()["api_key_id"], world.record()
    world.emulator.fault("*", "429", product="kms", times=1000, retry_after=3600)
    world.write("services.gateway.rotation", {"revoke_through": 1})
    failed = world.stack.up()
    assert failed.code != 0
    assert "DescribeSecret" in failed.text, "the store is named"
    assert world.key_states() == {leaked: "live"}, "nothing is left of the new key, and the old one goes on working"
    world.console.disable_key(leaked)
    world.emulator.admin("DELETE", "/faults")
    assert world.record() == before
    world.stack.up().ok()
    assert (world.gateway()["generation"], world.key_states()[leaked]) == (2, "disabled")
    assert openai_says(world.record())


def test_new_credentials_take_over_from_a_ram_user_who_leaves(world: World) -> None:
    account = dict(world.stack.environment)
    user = world.emulator.admin("POST", "/ram-users")
    theirs = {"ALIBABA_CLOUD_ACCESS_KEY_ID": user["access_key_id"], "ALIBABA_CLOUD_ACCESS_KEY_SECRET": user["secret"]}
    world.stack.environment |= theirs
    warned = world.stack.up().ok()
    assert any(f"belongs to the RAM user {user['user_id']}" in text for text in warned.warnings)
    first = world.gateway()["api_key_id"]
    assert world.gateway()["created_by"] == user["user_id"]
    world.stack.environment |= account
    assert world.stack.up().ok().changes == {}, "credentials are not in the state"
    world.write("services.gateway.rotation", {"min_generation": 2, "overlap": "0s", "soak": "0s"})
    world.stack.up().ok()
    assert world.gateway()["created_by"] == world.settings["account"]["id"]
    world.stack.up().ok()
    world.stack.up().ok()
    assert world.gateway()["superseded"] == {first: "g1 deleted"}
    world.emulator.admin("DELETE", f"/ram-users/{user['user_id']}")
    assert openai_says(world.record())
    world.stack.refresh().ok()
    world.stack.up().ok()
    assert openai_says(world.record())


def test_a_stack_whose_passphrase_is_lost_is_made_anew_beside_what_is_delivered(
    world: World, tmp_path: Path, engine: Engine
) -> None:
    world.stack.up().ok()
    old, workspace = world.record(), world.gateway()["workspace_id"]
    world.stack.environment["PULUMI_CONFIG_PASSPHRASE"] = "another one"
    lost = world.stack.up()
    assert lost.code != 0
    assert "incorrect passphrase" in lost.text
    anew = World(world.emulator, EngineStack(tmp_path / "anew", engine, standin=True), copy.deepcopy(world.settings))
    anew.write("workspaces.chat", {"region": "cn-beijing", "adopt": workspace})
    anew.write("services.gateway.secrets", [{"kms": {"name": "test/anew"}}])
    anew.write("services.gateway.config", [{"sae": {"namespace": NAMESPACE, "config_map": "anew"}}])
    anew.stack.up().ok()
    assert anew.gateway()["workspace_id"] == workspace
    assert openai_says(old), "the delivered keys go on working"
    old_key = world.key_states().keys() - {anew.gateway()["api_key_id"]}
    world.console.delete_key(*old_key)
    anew.stack.refresh().ok()
    assert anew.stack.up().ok().changes == {}


def test_without_its_owner_id_a_stack_leaves_what_it_made_to_a_person(world: World) -> None:
    world.stack.up().ok()
    first = world.gateway()["api_key_id"]
    (owner,) = world.resources("modelstudio:index:Owner")
    world.stack.run("state", "delete", owner["urn"], "--target-dependents", "--yes").ok()
    assert world.resources(API_KEY) == []
    assert world.stack.up().code != 0
    assert first in world.live_keys(), "no mark is ours any more"
    assert openai_says(world.record())


def test_a_state_that_was_cut_off_in_writing_is_read_again(world: World) -> None:
    world.stack.up().ok()
    (attributes,) = (world.stack.directory / "state" / ".pulumi" / "stacks").rglob("test.json.attrs")
    attributes.write_bytes(b"")  # as an engine leaves it that is killed at that moment
    failed = world.stack.up()
    assert failed.code != 0
    assert "failed to load checkpoint: EOF" in failed.text
    attributes.unlink()
    assert world.stack.up().ok().changes == {}
