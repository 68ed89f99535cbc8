"""A secret that is being deleted: this stack's own comes back, another's is refused until the stack file adopts it."""

import json

import pytest

from tests.emulator.clients import Clients, kms
from tests.engine.consumers import openai_says
from tests.engine.world import SECRET, World

pytestmark = pytest.mark.engine

PLACE = f"kms:cn-beijing/{SECRET}"


def is_leaving(world: World) -> bool:
    """Whether the secret is in its deletion window."""
    return any(s["name"] == SECRET and s["planned_delete"] for s in world.emulator.admin("GET", "/state")["secrets"])


def test_another_s_secret_in_its_window_is_refused_and_restored_when_it_is_adopted(world: World) -> None:
    world.console.create_secret(SECRET)
    world.console.delete_secret(SECRET, window_days=7)
    failed, calls = world.counted("up")
    assert failed.code != 0
    (said,) = [e for e in failed.errors if e.startswith(f"{PLACE} exists already")]
    assert "is in its deletion window until" in said
    assert "say on_conflict: adopt (it is restored then)" in said
    assert not {"CreateApiKey", "RestoreSecret", "PutSecretValue"} & set(calls)
    assert is_leaving(world)
    world.write("services.gateway.secrets", [{"kms": {"name": SECRET, "on_conflict": "adopt"}}])
    world.stack.up().ok()
    assert openai_says(json.loads(world.console.secret(SECRET)[1]))
    assert world.gateway()["delivered"][PLACE] == "g1r1"


def test_a_vault_that_another_hand_is_deleting_is_restored_with_its_key(world: World) -> None:
    world.stack.up().ok()
    before = world.record()
    world.console.delete_secret(SECRET, window_days=7)
    world.stack.refresh().ok()
    assert is_leaving(world), "a refresh changes nothing"
    run, calls = world.counted("up")
    run.ok()
    assert "CreateApiKey" not in calls
    assert world.record() == before
    assert world.stack.up().ok().changes == {}
    assert world.stack.refresh().ok().changes == {}


FURTHER = {"kms": {"name": "test/further"}}


def further(world: World) -> dict[str, str]:
    """Return what readers of the further secret get."""
    record: dict[str, str] = json.loads(world.console.secret("test/further")[1])
    return record


def test_a_secret_that_was_dropped_comes_back_when_it_is_wanted_again(world: World) -> None:
    vault = {"kms": {"name": SECRET}}
    world.write("services.gateway.secrets", [vault, FURTHER])
    world.stack.up().ok()
    before = further(world)
    world.write("services.gateway.secrets", [vault])
    world.stack.up().ok()
    with pytest.raises(Exception, match="Rejected.ResourceInDeleteWindow"):
        further(world)
    world.write("services.gateway.secrets", [vault, FURTHER])
    run = world.stack.up().ok()
    assert "kms:cn-beijing/test/further was to be deleted on" in run.text
    assert further(world) == before
    assert world.stack.up().ok().changes == {}


def test_one_that_stayed_is_this_stack_s_as_long_as_the_stack_is_the_same(world: World) -> None:
    vault, kept = {"kms": {"name": SECRET}}, {"kms": FURTHER["kms"] | {"on_delete": "retain"}}
    world.write("services.gateway.secrets", [vault, kept])
    world.stack.up().ok()
    for secrets in ([vault], [vault, kept]):
        world.write("services.gateway.secrets", secrets)
        world.stack.up().ok()
        assert openai_says(further(world))
    world.stack.destroy().ok()
    assert further(world)
    refused = world.stack.up()
    assert refused.code != 0
    for place in (PLACE, "kms:cn-beijing/test/further"):
        (said,) = [e for e in refused.errors if e.startswith(f"{place} exists already")]
        assert "of another stack, or of this one before it was destroyed" in said
        assert "on_conflict: adopt" in said
    adopted = [{"kms": secret["kms"] | {"on_conflict": "adopt"}} for secret in (vault, FURTHER)]
    world.write("services.gateway.secrets", adopted)
    world.stack.up().ok()
    assert openai_says(further(world))
    request = kms.DescribeSecretRequest(secret_name="test/further", fetch_tags="true")
    tags = Clients(world.emulator).kms().describe_secret(request).body.tags.tag
    (mark,) = [tag.tag_value for tag in tags if tag.tag_key == "model-studio-mark"]
    (key,) = world.resources("modelstudio:index:ApiKey")
    assert mark.partition(":")[2] == key["outputs"]["series"], "of the keys that it holds now"
