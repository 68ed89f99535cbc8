"""Bad input is refused in preview, on the engine: one readable message, no traceback, nothing called or made."""

from typing import Any

import pytest
import yaml

from tests.engine.world import SECRET, World
from tests.engine_harness import ACCESS_KEY, ROOT
from tests.stacks.test_readme import EXAMPLE

pytestmark = pytest.mark.engine

KMS: dict[str, Any] = {"kms": {"name": SECRET}}
BAD: list[tuple[str, Any, str]] = [
    ("workspaces.chat.region", "mars-1", 'workspaces.chat.region: "mars-1"'),
    ("services.gateway.domain", "token_plan", "[plan-key-existing]"),
    ("workspaces.chat.name", "n" * 31, "at most 30 characters"),
    ("services.gateway.secrets", [KMS, KMS], "each place takes one record"),
    ("services.gateway.secrets", [{"kms": {"name": SECRET, "nme": 1}}], "kms.nme: unknown; allowed here: "),
    ("services.gateway.config", [{"sae": {"config_map": "a"}}], "sae.namespace: missing"),
]


@pytest.mark.parametrize(("path", "value", "says"), BAD, ids=[says[:30] for _, _, says in BAD])
def test_bad_input_is_refused_in_preview(world: World, path: str, value: Any, says: str) -> None:
    world.write(path, value)
    shown, calls = world.counted("preview")
    assert shown.code != 0
    assert says in shown.text
    assert "Traceback" not in shown.text
    assert calls == []


def test_a_service_twice_in_the_file_is_refused(world: World) -> None:
    text = world.stack.config_file.read_text()
    block = text[text.index("      gateway:\n") : text.index("    secret_deletion:")]
    world.stack.config_file.write_text(text.replace(block, block * 2, 1))
    shown, calls = world.counted("preview")
    assert shown.code != 0
    assert "gateway" in shown.text
    assert "already" in shown.text
    assert "Traceback" not in shown.text
    assert calls == []


def test_a_replacement_is_refused_unless_the_stack_file_says_so(world: World) -> None:
    world.stack.up().ok()
    world.write("workspaces.chat.region", "ap-southeast-1")
    shown, calls = world.counted("preview")
    assert shown.code != 0
    assert "write allow_replacement: true" in shown.text
    assert calls == []


def test_a_preview_needs_credentials_for_config_sinks_alone_and_any_will_do(world: World) -> None:
    world.stack.environment |= dict.fromkeys(ACCESS_KEY, "")
    refused, calls = world.counted("preview")
    assert refused.code != 0
    assert "no valid credential sources" in refused.text
    world.write("services.gateway.config", [])
    shown, more = world.counted("preview")
    assert shown.ok().changes["create"] > 5
    assert calls == more == []


FILES = {file.stem: file.read_text() for file in sorted((ROOT / "stacks").glob("Pulumi.*.yaml"))}


@pytest.mark.parametrize("text", [*FILES.values(), EXAMPLE], ids=[*FILES, "README"])
def test_every_committed_stack_previews_without_a_network(world: World, text: str) -> None:
    settings = yaml.safe_load(text)["config"]["model-studio:settings"]
    world.stack.configure({"model-studio:settings": settings})
    for service in settings["services"].values():
        if "from_config" in service.get("key", {}):
            world.stack.configure_secret(f"model-studio:{service['key']['from_config']}", "sk-sp-test.a1")
    world.stack.environment |= {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "placeholder",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "placeholder",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }
    shown, calls = world.counted("preview")
    assert shown.ok().changes["create"] > 8
    assert calls == []


def test_the_wrong_account_is_refused_before_anything_is_made(world: World) -> None:
    world.write("account.id", "9" * 16)
    failed, calls = world.counted("up")
    assert failed.code != 0
    assert "the stack file says account.id 9999999999999999; nothing was changed" in failed.text
    assert set(calls) == {"GetCallerIdentity"}
