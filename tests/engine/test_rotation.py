"""Keys replaced and ended by nothing but `up`, on the real engine: on schedule, back again, at once, elsewhere."""

import re

import pytest

from tests.engine.consumer_loop import Loop, read, rotate
from tests.engine.consumers import openai_says
from tests.engine.sinks.fleet import SINKS, deliver_everywhere, entries
from tests.engine.world import World
from tests.engine_harness import ROOT

pytestmark = pytest.mark.engine

IGNORING_PROGRAM = ROOT / "tests" / "data" / "ignoring_program"
QUARTERLY = {"max_age": "90d", "overlap": "7d", "soak": "2d"}


@pytest.fixture
def world(world: World) -> World:
    """A world whose service is delivered to every sink."""
    deliver_everywhere(world)
    return world


def held(world: World) -> set[str]:
    """Return the generations that the sinks hold: their own outputs, and what a reader of each finds."""
    delivered = world.gateway()["delivered"]
    assert len(delivered) == len(SINKS)
    readers = {read(world, place)["MODEL_STUDIO_GENERATION"] for place in delivered}
    return {holds.partition("r")[0] for holds in delivered.values()} | {f"g{n}" for n in readers}


def urn(world: World, type_: str) -> str:
    (found,) = world.resources(f"modelstudio:index:{type_}")
    return str(found["urn"])


def test_a_key_is_replaced_each_quarter_and_the_old_one_ends(world: World) -> None:
    world.write("services.gateway.rotation", QUARTERLY)
    world.stack.up().ok()
    first, old = world.gateway()["api_key_id"], world.record()
    assert (held(world), world.gateway()["superseded"]) == ({"g1"}, {})

    world.later(90)
    shown = world.stack.preview().ok()
    assert "key of generation 1 is due since" in shown.stdout
    assert "generation 2 will be minted" in shown.stdout
    assert world.key_states() == {first: "live"}
    world.stack.up().ok()
    gateway = world.gateway()
    second = gateway["api_key_id"]
    assert held(world) == {"g2"}
    assert world.key_states() == {first: "live", second: "live"}
    assert re.fullmatch(r"g1 overlap until 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", gateway["superseded"][first])
    assert gateway["superseded"][first].endswith(gateway["retire_after"])
    assert openai_says(old)
    assert openai_says(world.record())

    world.later(97.01)
    run = world.stack.up().ok()
    assert world.key_states() == {first: "disabled", second: "live"}
    assert any(f"key {first} (generation 1) was disabled" in text for text in run.warnings)
    assert world.gateway()["superseded"][first].startswith("g1 soak until ")

    world.later(99.02)
    world.stack.up().ok()
    assert world.key_states() == {second: "live"}
    assert world.gateway()["superseded"] == {first: "g1 deleted"}

    world.later(180.1)
    world.stack.up().ok()
    gateway = world.gateway()
    assert held(world) == {"g3"}
    assert world.key_states() == {second: "live", gateway["api_key_id"]: "live"}
    assert list(gateway["superseded"]) == [second]


def test_an_older_generation_is_delivered_again_and_all_are_revoked_at_once(world: World) -> None:
    world.write("services.gateway.rotation", {"min_generation": 2})
    world.stack.up().ok()
    assert held(world) == {"g2"}, "a first key of that number"
    second = world.gateway()["api_key_id"]
    world.write("services.gateway.rotation", {"min_generation": 3})
    world.stack.up().ok()
    third = world.gateway()["api_key_id"]
    assert held(world) == {"g3"}

    world.write("services.gateway.rotation", {"min_generation": 3, "serve_generation": 2})
    world.stack.up().ok()
    assert (held(world), world.gateway()["api_key_id"]) == ({"g2"}, second)
    assert world.gateway()["superseded"] == {third: "g3 overlap"}, "it rests, without an end"
    world.write("services.gateway.rotation", {"min_generation": 3})
    world.stack.up().ok()
    assert (held(world), world.gateway()["api_key_id"]) == ({"g3"}, third)
    assert world.key_states() == {second: "live", third: "live"}

    world.write("services.gateway.rotation", {"revoke_through": 3})
    world.stack.up().ok()
    assert held(world) == {"g4"}
    assert world.key_states() == {second: "disabled", third: "disabled", world.gateway()["api_key_id"]: "live"}
    assert openai_says(world.record())


def test_neither_target_nor_ignored_changes_end_a_key_that_a_sink_holds(world: World) -> None:
    world.stack.up().ok()
    further = next(place for place in world.gateway()["delivered"] if place.startswith("oos-secret:"))
    before = read(world, further)
    key, retirement = urn(world, "ApiKey"), urn(world, "KeyRetirement")
    world.write("services.gateway.rotation", {"revoke_through": 1})
    part = world.stack.up("--target", key, "--target", retirement)
    assert part.code != 0
    assert f"{further} holds g1r1" in part.text
    assert "run `pulumi up` without --target" in part.text
    assert world.record()["MODEL_STUDIO_GENERATION"] == "2", "the vault takes the key in the same step"
    assert set(world.key_states().values()) == {"live"}
    world.stack.program = IGNORING_PROGRAM
    ignoring = world.stack.up()
    assert ignoring.code != 0
    assert f"{further} holds g1r1, the current generation is 2" in ignoring.text
    assert "take out ignoreChanges on the sink" in ignoring.text
    assert len(world.key_states()) == 2
    assert set(world.key_states().values()) == {"live"}
    assert read(world, further) == before
    assert openai_says(before), "what the sink holds goes on working"
    world.stack.program = ROOT
    world.stack.up().ok()
    assert held(world) == {"g2"}
    assert sorted(world.key_states().values()) == ["disabled", "live"]


def test_no_request_fails_through_a_rotation_in_every_sink_but_those_of_who_reads_too_seldom(world: World) -> None:
    overlap = 15
    world.write("services.gateway.rotation", {"overlap": f"{overlap}s", "soak": "1s"})
    world.stack.up().ok()
    with Loop(world, {"often enough": overlap, "too seldom": 10 * overlap}) as loop:
        rotate(world, 2)
    assert len(world.key_states()) == 1, "the rotation is over"
    assert {len(consumers) for consumers in loop.consumers.values()} == {len(SINKS)}
    for consumer in loop.consumers["often enough"]:
        assert consumer.failures == []
        assert consumer.generations == ["1", "2"]
        assert consumer.requests > 50
    for consumer in loop.consumers["too seldom"]:
        assert set(consumer.failures) == {"401"}
        assert consumer.generations == ["1"]


@pytest.fixture
def moved(world: World) -> World:
    """A world whose service went from a workspace in Beijing to one in Singapore."""
    models = ["qwen-plus", "qwen-turbo"]
    world.write("workspaces.far", {"region": "ap-southeast-1", "models": models, "protect": False})
    for kind, sinks in entries("gateway").items():
        stay = [
            {store: said if store == "sae" else said | {"region": "cn-beijing"}}
            for one in sinks
            for store, said in one.items()
        ]
        world.write(f"services.gateway.{kind}", stay)
    world.stack.up().ok()
    world.write("services.gateway.workspace", "far")
    return world


def test_a_move_keeps_both_keys_and_the_workspace_says_until_when_it_is_needed(moved: World) -> None:
    old, chat = moved.record(), moved.settings["workspaces"]["chat"]
    workspaces = dict(moved.settings["workspaces"])
    del workspaces["chat"]
    moved.write("workspaces", workspaces)
    early = moved.stack.up()
    assert early.code != 0
    gateway = moved.stack.outputs()["services"]["gateway"]
    assert openai_says(old)
    assert openai_says(moved.record())
    assert moved.record()["MODEL_STUDIO_REGION"] == "ap-southeast-1"
    (until,) = set(re.findall(r"into the stack file until (\S+), and let `pulumi up` delete the key", early.text))
    assert len(moved.workspaces()) == 1, "the console lists those of Beijing"

    moved.write("workspaces.chat", chat)
    moved.later(7.01)
    moved.stack.up().ok()
    gateway = moved.gateway()
    (old_key,) = gateway["superseded"]
    assert moved.key_states() == {old_key: "disabled", gateway["api_key_id"]: "live"}
    assert gateway["superseded"][old_key][:9] == "g1 soak u"
    assert gateway["retire_after"][:10] >= until[:10]
    moved.later(9.02)
    moved.stack.up().ok()
    moved.write("workspaces", workspaces)
    moved.stack.up().ok()
    assert moved.workspaces() == {}
    assert openai_says(moved.record())


def test_a_destroy_ends_the_keys_in_the_workspace_that_was_left(moved: World) -> None:
    moved.stack.up().ok()
    assert set(moved.key_states().values()) == {"live"}
    assert len(moved.key_states()) == 2
    moved.stack.destroy().ok()
    assert moved.key_states() == {}
    assert moved.workspaces() == {}


def test_a_replaced_workspace_goes_once_its_keys_have_ended(world: World) -> None:
    world.stack.up().ok()
    old, first = world.record(), world.gateway()["workspace_id"]
    world.write(
        "workspaces.chat", world.settings["workspaces"]["chat"] | {"name": "another", "allow_replacement": True}
    )
    early = world.stack.up()
    assert early.code != 0
    assert "where it is being replaced, only run `pulumi up` at those times" in early.text
    assert held(world) == {"g2"}
    assert openai_says(old)
    assert openai_says(world.record())
    assert world.gateway()["workspace_id"] != first
    world.later(7.01)
    world.stack.up()
    world.later(9.02)
    world.stack.up().ok()
    assert list(world.workspaces()) == [world.gateway()["workspace_id"]]
    assert world.stack.up().ok().changes == {}
