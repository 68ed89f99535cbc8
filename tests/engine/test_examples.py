"""The examples run."""

import json

import pytest

from tests.conftest import MakeStack
from tests.engine.consumers import openai_says
from tests.engine.world import World
from tests.engine_harness import ROOT

pytestmark = pytest.mark.engine


def test_a_program_without_a_stack_file(world: World, make_stack: MakeStack) -> None:
    emulator = world.emulator
    stack = make_stack(program=ROOT / "examples" / "from_python", standin=True)
    endpoint = emulator.region_url("cn-beijing")
    stack.configure(
        {
            "from-python:account": "1234567890123456",
            "from-python:endpoint": endpoint,
            "from-python:inference": emulator.inference,
        }
    )
    stack.up().ok()
    assert stack.outputs()["secret"].startswith("kms:cn-beijing/search/model-studio@g1r1-")
    assert openai_says(json.loads(world.console.secret("search/model-studio")[1]))
    stack.destroy().ok()
    assert world.workspaces() == {}
