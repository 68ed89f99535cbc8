"""Resources are called by their places, whatever stands in them: the engine takes such names wherever it takes one."""

import re
import shlex
from typing import Any

import pytest

from components.sinks.sink import child_name
from provider.resource import Urn
from tests.engine.sinks import hands
from tests.engine.world import World

pytestmark = pytest.mark.engine

KMS, OOS, NACOS = "conf/a+b=c@d.e", "conf/a", "a::b:c.json"
PLACES = {
    f"kms:cn-beijing/{KMS}": (hands.Kms, KMS),
    f"oos-secret:cn-beijing/{OOS}": (hands.OosSecret, OOS),
    f"oos:cn-beijing/{OOS}": (hands.Oos, OOS),
    f"nacos:cn-beijing/{hands.INSTANCE}/{hands.NAMESPACE}/{hands.GROUP}/{NACOS}": (hands.Nacos, NACOS),
}
SECRETS = [place for place in PLACES if place.startswith(("kms:", "oos-secret:"))]
CONFIGS = [place for place in PLACES if place not in SECRETS]


def urns(world: World) -> dict[str, str]:
    """Return the URN of each sink's object, by place."""
    there: list[dict[str, Any]] = world.stack.state()["resources"]
    types = ("alicloud:", "modelstudio:index:SecretPlace")
    objects = {Urn.parse(e["urn"]).name: e["urn"] for e in there if e["type"].startswith(types)}
    account = world.settings["account"]["id"]
    secrets = {place: objects[f"{account}/{place}"] for place in SECRETS}
    return secrets | {place: objects[child_name("gateway", place)] for place in CONFIGS}


def commands(errors: list[str]) -> dict[str, str]:
    """Return the commands that were printed, by the resource that each takes over."""
    found = dict.fromkeys(re.findall(r"`(pulumi import .+?)`", "\n".join(errors)))
    return {shlex.split(command)[3]: command for command in found}


def obey(world: World, command: str) -> None:
    """Run a printed command, as a shell would take it apart."""
    _, _, type_, name, identifier, *options = shlex.split(command)
    world.stack.import_(type_, name, identifier, *options).ok()


def test_printed_commands_targets_and_removals_take_every_name(world: World) -> None:
    place = {"instance_id": hands.INSTANCE, "namespace": hands.NAMESPACE, "data_id": NACOS}
    secrets: list[dict[str, Any]] = [{"kms": {"name": KMS}}, {"oos": {"name": OOS}}]
    world.write("services.gateway.secrets", secrets)
    world.write("services.gateway.config", [{"oos": {"name": OOS}}, {"nacos": place}])
    for hand, name in PLACES.values():
        hand(world.emulator).make(name, '{"FOREIGN":"1"}')
    refused = world.stack.up("--continue-on-error")
    assert commands(refused.errors) == {}, "config sinks wait for the vault"
    for secret in SECRETS:
        assert f"{secret} exists already: it carries no mark of this module" in refused.text
    adopting = [{store: said | {"on_conflict": "adopt"}} for one in secrets for store, said in one.items()]
    world.write("services.gateway.secrets", adopting)
    printed = commands(world.stack.up("--continue-on-error").errors)
    assert set(printed) == {child_name("gateway", place) for place in CONFIGS}
    for command in printed.values():
        obey(world, command)
    world.stack.up().ok()
    assert set(world.gateway()["delivered"]) == set(PLACES)
    assert set(world.gateway()["delivered"].values()) == {"g1r1"}

    for config in CONFIGS:
        hand, name = PLACES[config]
        hand(world.emulator).remove(name)
    targets = [word for urn in urns(world).values() for word in ("--target", urn)]
    gone = world.stack.refresh(*targets).ok()
    assert {step.name for step in gone.steps if step.op == "delete"} >= set(printed)
    made = world.stack.up(*targets)
    assert {step.name for step in made.steps if step.op == "create"} >= set(printed)
    removed = urns(world).values()
    for urn in reversed(removed):
        world.stack.run("state", "delete", urn, "--target-dependents", "--yes").ok()
    assert not {e["urn"] for e in world.stack.state()["resources"]} & {*removed}
