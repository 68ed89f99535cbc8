"""Whatever dies in the middle of an `up`, the next one converges: one workspace, a pair that opens, no key unknown."""

import os
import re
import signal
import time
from collections.abc import Callable

import pytest

from tests.engine.consumers import anthropic_says, openai_says
from tests.engine.world import World
from tests.engine_harness import Running, processes_below

pytestmark = pytest.mark.engine

HELD = 2.0
"""Seconds for which the service holds the call during which something dies."""


def until(happened: Callable[[], bool], what: str) -> None:
    """Wait for something that was started; fail after a minute."""
    end = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.02)


def up_held_at(world: World, operation: str) -> Running:
    """Begin an `up` and come back while the service is holding its call of `operation`."""
    world.emulator.fault(operation, "delay", seconds=HELD)
    running = world.stack.start_up()
    until(lambda: any(f["seen"] for f in world.emulator.admin("GET", "/faults")["faults"]), f"the call of {operation}")
    return running


def kill_engine(_world: World, running: Running) -> None:
    running.kill()


def kill_plugin(_world: World, running: Running) -> None:
    plugins = {pid: line for pid, line in processes_below(running.process.pid).items() if "/provider" in line}
    assert plugins
    for pid in plugins:
        os.kill(pid, signal.SIGKILL)
    assert running.wait().code != 0


def kill_emulator(world: World, running: Running) -> None:
    world.emulator.kill()
    running.interrupt()
    assert running.wait().code != 0
    world.emulator.restart()


def interrupt(_world: World, running: Running) -> None:
    running.interrupt()
    assert running.wait().code != 0


def converges(world: World) -> None:
    """Say what must hold after at most one `cancel` and one `up`."""
    until(lambda: all(c["status"] for c in world.emulator.calls() if c["fault"] == "delay"), "the held call's end")
    world.emulator.admin("DELETE", "/faults")
    world.stack.cancel()
    done = world.stack.up()
    assert done.ok()
    assert len(world.workspaces()) == 1
    state = {r["type"]: r for r in world.stack.state(show_secrets=True)["resources"]}
    key = state["modelstudio:index:ApiKey"]["outputs"]
    assert key["keyId"] in world.live_keys()
    known = {key["keyId"], *(entry["keyId"] for entry in key["superseded"])}
    assert world.live_keys() <= known, "every live key stands in the state"
    assert len(world.live_keys()) <= 2
    assert openai_says(world.record())
    assert anthropic_says(world.record())
    assert world.stack.up().ok().changes == {}
    world.stack.destroy().ok()
    assert world.live_keys() == set()
    assert world.workspaces() == {}


@pytest.mark.parametrize("die", [kill_engine, kill_plugin, kill_emulator, interrupt])
@pytest.mark.parametrize("operation", ["CreateWorkspace", "CreateApiKey"])
def test_the_next_up_converges(world: World, operation: str, die: Callable[[World, Running], None]) -> None:
    die(world, up_held_at(world, operation))
    converges(world)


@pytest.mark.parametrize(
    ("operation", "kind"),
    [("CreateApiKey", "cut_after"), ("CreateWorkspace", "truncate"), ("PutSecretValue", "cut_after")],
)
def test_a_lost_answer_is_recovered_in_the_same_up(world: World, operation: str, kind: str) -> None:
    world.emulator.fault(operation, kind)
    world.stack.up().ok()
    assert len(world.workspaces()) == 1
    assert world.live_keys() == {world.stack.outputs()["services"]["gateway"]["api_key_id"]}
    assert openai_says(world.record())


def test_an_orphaned_secret_says_how_to_take_it_over(world: World) -> None:
    world.emulator.fault("CreateSecret", "cut_after")
    failed = world.stack.up()
    assert failed.code != 0
    (said,) = [e for e in failed.errors if "exists already, and this stack does not know it" in e]
    command = re.search(r"`pulumi import (\S+) (\S+) (\S+) --parent '([^']+)' --provider '([^']+)'", said)
    assert command, said
    type_, name, identifier, parent, provider = command.groups()
    world.stack.import_(type_, name, identifier, "--parent", parent, "--provider", provider).ok()
    world.stack.up().ok()
    assert openai_says(world.record())
    assert world.stack.up().ok().changes == {}
    world.stack.destroy().ok()


def test_an_orphaned_config_map_says_what_to_do(world: World) -> None:
    world.emulator.fault("CreateConfigMap", "cut_after")
    assert world.stack.up().code != 0
    failed = world.stack.up()
    assert failed.code != 0
    assert "exists already, and this stack does not know it. If an earlier run" in failed.text
