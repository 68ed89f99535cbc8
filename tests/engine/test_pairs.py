"""A wrong pair is never delivered, and a key made elsewhere goes the same way as one that was minted; on the engine."""

import json
from typing import Any

import pytest

from tests.engine.consumers import openai_says
from tests.engine.world import SECRET, World

pytestmark = pytest.mark.engine

TOOLS = "test/coding-tools"


def plan_service(**more: Any) -> dict[str, Any]:
    return {
        "domain": "coding_plan",
        "region": "ap-southeast-1",
        "key": {"from_config": "codingPlanKey"},
        "secrets": [{"kms": {"name": TOOLS, "region": "cn-beijing", "audience": "tools"}}],
        **more,
    }


def plan_key(world: World) -> str:
    given = {"plan": "coding_plan", "region": "ap-southeast-1"}
    return str(world.emulator.admin("POST", "/plan-keys", given)["value"])


def test_another_key_handed_out_is_never_delivered(world: World) -> None:
    world.stack.up().ok()
    before = (world.console.secret(SECRET), world.config())
    key_id = world.stack.outputs()["services"]["gateway"]["api_key_id"]
    world.console.create_key(world.console.create_workspace("theirs"), "theirs")
    world.emulator.settings(hand_out_others_keys=True)
    world.console.delete_key(key_id)
    world.stack.refresh().ok()
    failed, calls = world.counted("up")
    assert failed.code != 0
    assert "the service gave out another key's value for it" in failed.text
    assert "Traceback" not in failed.text
    assert (world.console.secret(SECRET), world.config()) == before, "no sink changed"
    assert not [name for name in calls if name.startswith(("PutSecret", "UpdateSecret", "UpdateConfigMap"))]


def test_a_service_that_lets_any_key_in_proves_nothing(world: World) -> None:
    world.emulator.settings(admit_any_key=True)
    failed, calls = world.counted("up")
    assert failed.code != 0
    assert "the pair is inconclusive" in failed.text
    assert not {"CreateSecret", "PutSecretValue", "CreateConfigMap"} & set(calls)


def test_a_plan_s_key_reaches_people_s_tools_and_nothing_else(world: World) -> None:
    world.write("services.tools", plan_service())
    shown, calls = world.counted("preview")
    assert shown.code != 0
    assert "services.tools.key.from_config: model-studio:codingPlanKey is not set; run `pulumi config set" in shown.text
    assert calls == []
    first = plan_key(world)
    world.stack.configure_secret("model-studio:codingPlanKey", first)
    for backends in (
        {"secrets": [{"kms": {"name": TOOLS, "region": "cn-beijing"}}]},
        {"config": [{"sae": {"namespace": "cn-beijing:test", "config_map": "tools"}}]},
    ):
        world.write("services.tools", plan_service(**backends))
        shown, calls = world.counted("preview")
        assert shown.code != 0
        assert "keys of a subscription plan are for interactive coding tools only" in shown.text
        assert "a workspace key (domain: dedicated)" in shown.text
        assert (calls, first in shown.text) == ([], False)
    world.write("services.tools", plan_service())
    world.stack.up().ok()
    record = json.loads(world.console.secret(TOOLS)[1])
    assert (record["OPENAI_API_KEY"], record["MODEL_STUDIO_GENERATION"]) == (first, "1")
    assert "subscription plan" in openai_says(record)
    second = plan_key(world)
    world.stack.configure_secret("model-studio:codingPlanKey", second)
    run = world.stack.up().ok()
    assert {step.name.partition("-")[0] for step in run.steps} == {"tools"}, "nothing else changed"
    record = json.loads(world.console.secret(TOOLS)[1])
    assert (record["OPENAI_API_KEY"], record["MODEL_STUDIO_GENERATION"]) == (second, "2")
    assert world.stack.outputs()["services"]["tools"]["delivered"] == {f"kms:cn-beijing/{TOOLS}": "g2r2"}
    files = [path for path in world.stack.directory.rglob("*") if path.is_file()]
    assert not [path for path in files for key in (first, second) if key.encode() in path.read_bytes()]


def test_a_key_that_another_team_keeps_in_kms_is_taken_over_anew_after_a_refresh(world: World) -> None:
    theirs = world.console.create_workspace("theirs")
    world.console.allow_models(theirs, "qwen-plus")
    world.console.create_secret("theirs/key")
    for version in ("v1", "v2"):
        key = str(world.console.create_key(theirs, version).api_key_value)
        world.console.put_secret("theirs/key", version, json.dumps({"key": key}))
        if version == "v1":
            host = next(w for w in world.emulator.admin("GET", "/state")["workspaces"] if w["workspace_id"] == theirs)
            world.write(
                "services",
                {
                    "search": {
                        "region": "cn-beijing",
                        "host": host["api_host"],
                        "key": {"from_kms": {"name": "theirs/key", "field": "key"}, "workspace_id": theirs},
                        "secrets": [{"kms": {"name": SECRET}}],
                    }
                },
            )
            world.stack.up().ok()
        else:
            assert world.stack.up().ok().changes == {}
            world.stack.refresh().ok()
            world.stack.up().ok()
        record = world.record()
        assert (record["OPENAI_API_KEY"], record["MODEL_STUDIO_GENERATION"]) == (key, version[1:])
        assert openai_says(record)
    world.stack.destroy().ok()
    assert sorted(k.description for k in world.console.keys(theirs).values()) == ["v1", "v2"], "theirs are left"


def test_a_service_goes_from_a_minted_key_to_an_existing_one_and_back_as_through_any_rotation(world: World) -> None:
    world.write("services.gateway.rotation", {"max_age": "90d"})
    world.stack.up().ok()
    before, minted = world.record(), world.gateway()["api_key_id"]
    chat = world.stack.outputs()["workspaces"]["chat"]["workspace_id"]
    hand = world.console.create_key(chat, "by hand")
    theirs = world.console.create_key(world.console.create_workspace("theirs"), "theirs")
    world.write("services.gateway.key", {"from_config": "hand"})
    world.stack.configure_secret("model-studio:hand", str(theirs.api_key_value))
    assert "an existing key is rotated where it was made" in world.stack.up().text
    world.write("services.gateway.rotation", {})
    assert "the key is one of another workspace than this host's" in world.stack.up().text
    assert world.record() == before
    assert openai_says(before), "what is delivered still opens"
    world.stack.configure_secret("model-studio:hand", str(hand.api_key_value))
    world.stack.up().ok()
    assert world.record()["OPENAI_API_KEY"] == hand.api_key_value
    assert set(world.gateway()["delivered"].values()) == {"g2r2"}
    assert world.gateway()["superseded"][minted].startswith("g1 overlap until "), "the one refused never was ours"
    assert openai_says(before), "the old one works through its overlap"

    world.later(8)
    world.stack.up().ok()
    assert world.key_states()[minted] == "disabled"
    world.write("services.gateway.key", {"models": ["qwen-plus"], "open_to_world": True})
    world.stack.up().ok()
    gateway = world.gateway()
    assert (set(gateway["delivered"].values()), gateway["generation"]) == ({"g3r3"}, 3)
    assert openai_says(world.record())
    world.later(11)
    world.stack.up().ok()
    assert set(world.key_states()) == {str(hand.api_key_id), str(theirs.api_key_id), gateway["api_key_id"]}


def test_a_move_to_a_plan_s_domain_keeps_the_minted_key_through_its_overlap(world: World) -> None:
    world.stack.up().ok()
    before, minted = world.record(), world.gateway()["api_key_id"]
    world.stack.configure_secret("model-studio:codingPlanKey", plan_key(world))
    both = [*plan_service()["secrets"], {"kms": {"name": SECRET, "region": "cn-beijing", "audience": "tools"}}]
    world.write("services.gateway", plan_service())
    assert "Move in two steps" in world.stack.preview().text, "the value of the minted key lies in the old vault"
    world.write("services.gateway", plan_service(secrets=both))
    world.stack.up().ok()
    assert set(world.gateway()["delivered"].values()) == {"g2r2"}
    assert world.key_states()[minted] == "live"
    assert openai_says(before)
    world.write("services.gateway", plan_service())
    world.later(8)
    world.stack.up().ok()
    world.later(11)
    world.stack.up().ok()
    assert minted not in world.key_states()
