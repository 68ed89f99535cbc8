"""Two stacks that take each other's names, or a state that is a copy: neither touches what the other made."""

import copy
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.engine.consumers import openai_says
from tests.engine.world import NAMESPACE, SECRET, World
from tests.engine_harness import EngineStack
from tools.engine import Engine

pytestmark = pytest.mark.engine


def everything(world: World) -> dict[str, Any]:
    """Return all that exists in the account, with the sinks' content."""
    state: dict[str, Any] = world.emulator.admin("GET", "/state")
    return state | {"record": world.record()}


def beside(world: World, directory: Path, engine: Engine) -> World:
    """Return another stack with the same project and stack name, made independently on the same account."""
    stack = EngineStack(directory, engine, settings=world.settings, standin=True)
    return World(world.emulator, stack, copy.deepcopy(world.settings))


def test_two_stacks_of_one_name_leave_each_other_alone(world: World, tmp_path: Path, engine: Engine) -> None:
    world.stack.up().ok()
    ours, second = everything(world), beside(world, tmp_path / "second", engine)
    clash = second.stack.up()
    assert clash.code != 0
    (said,) = [e for e in clash.errors if e.startswith(f"kms:cn-beijing/{SECRET} exists already: it carries the mark ")]
    assert "of another stack" in said
    assert openai_says(world.record())
    assert world.record() == ours["record"], "its secret is refused to the other"

    second.write("services.gateway.secrets", [{"kms": {"name": "test/second"}}])
    second.write("services.gateway.config", [{"sae": {"namespace": NAMESPACE, "config_map": "second"}}])
    second.stack.up().ok()
    assert second.gateway()["workspace_id"] != world.gateway()["workspace_id"]
    assert second.key_states().keys() == {world.gateway()["api_key_id"], second.gateway()["api_key_id"]}
    second.stack.destroy().ok()
    left = everything(world)
    assert [s["name"] for s in left["secrets"] if not s["planned_delete"]] == [SECRET]
    assert {n: left[n] for n in ("record", "workspaces", "keys", "config_maps")} == {
        n: ours[n] for n in ("record", "workspaces", "keys", "config_maps")
    }
    assert world.stack.refresh().ok().changes == {}


def with_a_brought_key(world: World) -> None:
    """Add a service whose key was made elsewhere."""
    theirs = world.console.create_workspace("theirs")
    world.console.allow_models(theirs, "qwen-plus")
    world.stack.configure_secret("model-studio:theirKey", str(world.console.create_key(theirs, "theirs").api_key_value))
    service = {
        "domain": "shared",
        "region": "cn-beijing",
        "key": {"from_config": "theirKey"},
        "secrets": [{"kms": {"name": "test/brought"}}],
        "config": [{"sae": {"namespace": NAMESPACE, "config_map": "brought"}}],
    }
    world.write("services.brought", service)


def test_a_copied_state_changes_nothing(world: World, tmp_path: Path, engine: Engine) -> None:
    with_a_brought_key(world)
    world.stack.up().ok()
    ours, twin = everything(world), beside(world, tmp_path / "twin", engine)
    shutil.rmtree(twin.stack.directory / "state")
    shutil.copytree(world.stack.directory / "state", twin.stack.directory / "state")
    shutil.copy(world.stack.config_file, twin.stack.config_file)
    twin.stack.rename("copy")
    twin.stack.refresh()
    assert everything(world) == ours
    twin.write("services.gateway.rotation", {"min_generation": 2})
    refused = twin.stack.up()
    assert refused.code != 0
    assert "if this is a copy of that state, use the original" in refused.text
    assert everything(world) == ours
    destroyed = twin.stack.destroy()
    assert destroyed.code != 0
    assert "if this state is a copy, leave it to the stack that made it" in destroyed.text
    assert everything(world) == ours
    assert world.stack.up().ok().changes == {}
