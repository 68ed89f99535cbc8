"""A KMS secret that is being deleted: `up` prints the command that restores it, and then it can be taken over."""

import json
import re

import pytest

from tests.emulator.clients import Clients, kms
from tests.engine.consumers import openai_says
from tests.engine.world import SECRET, World

pytestmark = pytest.mark.engine


def test_a_secret_in_its_window_is_restored_and_taken_over(world: World) -> None:
    world.console.create_secret(SECRET)
    world.console.delete_secret(SECRET, window_days=7)
    failed = world.stack.up()
    assert failed.code != 0
    (said,) = [e for e in failed.errors if "is scheduled for deletion" in e]
    assert said.startswith(f"kms:cn-beijing/{SECRET} ")
    command = re.search(r"`aliyun kms RestoreSecret --region (\S+) --SecretName (\S+)`", said)
    assert command, said
    region, name = command.groups()
    Clients(world.emulator).kms(region).restore_secret(kms.RestoreSecretRequest(secret_name=name))
    world.write("services.gateway.secrets", [{"kms": {"name": SECRET, "on_conflict": "adopt"}}])
    world.stack.up().ok()
    assert openai_says(json.loads(world.console.secret(SECRET)[1]))
