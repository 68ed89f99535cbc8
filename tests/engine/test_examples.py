"""The examples run; of a function and an application, the stand-in makes all but these two, which it previews."""

import json
from typing import Any

import pytest

from tests.conftest import MakeStack
from tests.engine.consumers import openai_says
from tests.engine.world import World
from tests.engine_harness import ROOT
from tools.evidence import leaks

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


def own_resource(world: World, make_stack: MakeStack, example: str) -> tuple[dict[str, Any], list[str]]:
    """Deploy an example as far as the stand-in can; return the inputs that it then previews, and what was printed."""
    stack = make_stack(program=ROOT / "examples" / example, standin=True)
    values = {"account": "1234567890123456", "endpoint": world.emulator.region_url("cn-beijing")}
    values["inference"] = world.emulator.inference
    stack.configure({f"{example}:{name}": value for name, value in values.items()})
    made = stack.up()
    assert made.code != 0
    (said,) = [e for e in made.errors if "the stand-in" in e]
    assert "only previews alicloud:" in said
    shown = stack.preview("--diff").ok()
    (planned,) = [
        event["resourcePreEvent"]["metadata"]
        for event in shown.events
        if event.get("resourcePreEvent", {}).get("metadata", {}).get("op") == "create"
    ]
    assert planned["urn"].split("::")[-2] in said
    files = [path.read_text(errors="replace") for path in stack.directory.rglob("*") if path.is_file()]
    inputs: dict[str, Any] = planned["new"]["inputs"]
    return inputs, [made.text, shown.text, json.dumps(shown.events), *files]


def test_a_function_gets_the_whole_record_as_a_secret(world: World, make_stack: MakeStack) -> None:
    inputs, printed = own_resource(world, make_stack, "function")
    assert "OPENAI" not in json.dumps(inputs["environmentVariables"])
    assert "[secret]" in json.dumps(inputs["environmentVariables"])
    (key,) = leaks.key_values(world)
    assert not [text for text in printed if key in text]


def test_an_application_gets_urls_and_the_name_of_its_secret(world: World, make_stack: MakeStack) -> None:
    inputs, printed = own_resource(world, make_stack, "application")
    envs = {entry["name"]: entry["value"] for entry in json.loads(inputs["envs"])}
    place, _, version = envs.pop("MODEL_STUDIO_SECRET").partition("@")
    stored, text = world.console.secret("search/model-studio")
    assert (place, version) == ("kms:cn-beijing/search/model-studio", stored)
    record = json.loads(text)
    assert openai_says(record)
    assert envs == {name: value for name, value in record.items() if name in envs}
    assert not [name for name in envs if name.endswith(("API_KEY", "AUTH_TOKEN"))]
    assert not [text for text in printed if record["OPENAI_API_KEY"] in text]
