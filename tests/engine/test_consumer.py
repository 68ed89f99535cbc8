"""Another team's stack on the platform team's outputs, and its application on what it was told."""

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

from tests.conftest import MakeStack
from tests.engine.world import World
from tests.engine_harness import ACCESS_KEY, ROOT, EngineStack

pytestmark = pytest.mark.engine

EXAMPLE = ROOT / "examples" / "consumer"


def answer(world: World, told: Mapping[str, str]) -> str:
    """Run the application with what it was told and its own credentials."""
    own = {**ACCESS_KEY, "KMS_DOUBLE": f"127.0.0.1:{world.emulator.regions['cn-beijing']}", "PATH": os.environ["PATH"]}
    command = [sys.executable, str(EXAMPLE / "service")]
    done = subprocess.run(command, env={**told, **own}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_another_team_s_stack_and_application(world: World, make_stack: MakeStack) -> None:
    world.stack.up().ok()
    shared = {"PULUMI_BACKEND_URL": world.stack.environment["PULUMI_BACKEND_URL"]}
    theirs: EngineStack = make_stack(program=EXAMPLE, environment=shared, name="theirs")
    theirs.configure({"consumer:platform": "organization/model-studio/test"})
    theirs.up().ok()
    told = theirs.outputs()["environment"]
    gateway = world.stack.outputs()["services"]["gateway"]
    assert told == {"OPENAI_BASE_URL": gateway["openai_base_url"], "MODEL_STUDIO_SECRET": gateway["secret"]}
    assert answer(world, told)

    said = answer(world, {"MODEL_STUDIO_SECRET": world.config()["MODEL_STUDIO_SECRET"]})
    assert said, "a config sink alone tells as much, without any right to the stack"

    theirs.configure({"consumer:service": "search"})
    failed = theirs.preview()
    assert failed.code != 0
    assert "stack organization/model-studio/test has no service 'search'; it has gateway" in failed.text
    assert "Traceback" not in failed.text

    theirs.configure({"consumer:service": None})
    theirs.environment["PULUMI_CONFIG_PASSPHRASE"] = "another team's own"
    failed = theirs.preview()
    assert failed.code != 0
    assert "incorrect passphrase" in failed.text, "the state of the other stack cannot be read without its own"
