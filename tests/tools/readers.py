"""A delivered service, and each format read by the rules of its reader."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from catalogue.record import digest
from tools.delivered import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEY = "sk-ws-test.a1"
URL = "https://llm-abc.cn-beijing.maas.aliyuncs.com"
POINTER = "kms:cn-beijing/team/gateway@g2r3-ab12cd34"
UNSIGNED = Service(
    name="gateway",
    urls={"openai": f"{URL}/compatible-mode/v1", "anthropic": f"{URL}/apps/anthropic", "dashscope": f"{URL}/api/v1"},
    domain="dedicated",
    region="cn-beijing",
    workspace_id="ws-1",
    generation=2,
    revision=3,
    digest="",
    pointer=POINTER,
)
SERVICE = replace(UNSIGNED, digest=digest(KEY, UNSIGNED.said))


SIZES = ("", "_DEFAULT_OPUS", "_DEFAULT_SONNET", "_DEFAULT_HAIKU")
"""Claude Code's models."""


def check_claude_code(text: str, key: str | None) -> None:
    variables = json.loads(text)["env"]
    assert variables["ANTHROPIC_BASE_URL"] == f"{URL}/apps/anthropic"
    assert [name for name in ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY") if name in variables] == [
        "ANTHROPIC_AUTH_TOKEN"
    ]
    assert variables["ANTHROPIC_AUTH_TOKEN"] == (key or f"<ANTHROPIC_AUTH_TOKEN in {POINTER}>")
    assert [variables[f"ANTHROPIC{size}_MODEL"] for size in SIZES] == ["m"] * len(SIZES)
    assert all(isinstance(value, str) for value in variables.values())


def check_codex(text: str, key: str | None) -> None:
    config = tomllib.loads(text)
    assert config["model"] == "m"
    chosen = config["model_providers"][config["model_provider"]]
    assert (chosen["base_url"], chosen["wire_api"]) == (f"{URL}/compatible-mode/v1", "responses")
    said = {name: chosen.get(name) for name in ("env_key", "env_key_instructions", "experimental_bearer_token")}
    by_name = {"env_key": "OPENAI_API_KEY", "env_key_instructions": f"OPENAI_API_KEY in {POINTER}"}
    assert {n: v for n, v in said.items() if v} == ({"experimental_bearer_token": key} if key else by_name)
    assert config["model_provider"] not in ("openai", "amazon-bedrock", "ollama", "lmstudio")  # Codex's own


def check_qwen_code(text: str, key: str | None) -> None:
    given = json.loads(text)
    models = given["modelProviders"][given["security"]["auth"]["selectedType"]]
    chosen = next(model for model in models if model["id"] == given["model"]["name"])
    assert (chosen["id"], chosen["baseUrl"]) == ("m", f"{URL}/compatible-mode/v1")
    assert given.get("env") == ({chosen["envKey"]: key} if key else None)


def check_env(text: str, key: str | None) -> None:
    literal = dict(line.split("=", 1) for line in text.splitlines())
    assert by_sh(text) == literal  # a reader that undoes no quotes reads the same
    assert literal["OPENAI_BASE_URL"] == f"{URL}/compatible-mode/v1"
    keys = {name: literal.get(name) for name in ("OPENAI_API_KEY", "ANTHROPIC_AUTH_TOKEN", "DASHSCOPE_API_KEY")}
    assert keys == dict.fromkeys(keys, key)
    assert literal.get("MODEL_STUDIO_SECRET") == (None if key else POINTER)
    assert literal["MODEL_STUDIO_DIGEST"] == SERVICE.digest


def check_external_secret(text: str, key: str | None) -> None:
    del key
    manifest = yaml.safe_load(text)
    assert (manifest["apiVersion"], manifest["kind"]) == ("alibabacloud.com/v1alpha1", "ExternalSecret")
    assert manifest["metadata"] == {"name": "gateway"}
    assert manifest["spec"] == {
        "provider": "kms",
        "dataProcess": [{"extract": {"key": "team/gateway", "versionStage": "ACSCurrent"}}],
    }
    assert "acs:kms:cn-beijing:<account id>:secret/team/gateway" in text


CHECKS: Mapping[str, Callable[[str, str | None], None]] = {
    "claude-code": check_claude_code,
    "codex": check_codex,
    "qwen-code": check_qwen_code,
    "env": check_env,
    "external-secret": check_external_secret,
}


def by_sh(text: str) -> dict[str, str]:
    """Return what a shell that reads the lines puts into the environment of a command."""
    script = f"set -a\n{text}\nexec env -0"
    done = subprocess.run(["sh", "-c", script], env={"PATH": os.environ["PATH"]}, capture_output=True, check=True)
    read = dict(entry.split("=", 1) for entry in done.stdout.decode().split("\0") if entry)
    return {name: value for name, value in read.items() if name not in ("PATH", "PWD", "SHLVL", "_", "OLDPWD")}
