"""A delivered service, and each format read by the rules of its reader."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING
from unittest.mock import patch

import yaml
from openai import OpenAI

from catalogue.record import digest
from tests.engine.sinks.readers import java_properties
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
    key_id="1001",
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
    assert given.get("env") == ({chosen["envKey"]: key, "QWEN_API_KEY": key} if key else None)


def check_env(text: str, key: str | None) -> None:
    literal = dict(line.split("=", 1) for line in text.splitlines())
    assert by_sh(text) == literal  # a reader that undoes no quotes reads the same
    assert literal["OPENAI_BASE_URL"] == f"{URL}/compatible-mode/v1"
    names = ("OPENAI_API_KEY", "ANTHROPIC_AUTH_TOKEN", "DASHSCOPE_API_KEY", "QWEN_API_KEY")
    keys = {name: literal.get(name) for name in names}
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


def check_spring_ai(text: str, key: str | None) -> None:
    """Spring AI 1.x asks `base-url` + `/v1/chat/completions`."""
    read = spring(text)
    assert f"{read['base-url']}/v1/chat/completions" == f"{URL}/compatible-mode/v1/chat/completions"
    assert (read["api-key"], read["chat.options.model"]) == (key or "${OPENAI_API_KEY}", "m")


def check_spring_ai_2(text: str, key: str | None) -> None:
    """Spring AI 2.x asks `base-url` + `/chat/completions`."""
    read = spring(text)
    assert f"{read['base-url']}/chat/completions" == f"{URL}/compatible-mode/v1/chat/completions"
    assert (read["api-key"], read["chat.model"]) == (key or "${OPENAI_API_KEY}", "m")


def spring(text: str) -> dict[str, str]:
    """Return the properties as java.util.Properties reads them, comments left out."""
    lines = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    return {name.removeprefix("spring.ai.openai."): value for name, value in java_properties(lines).items()}


def check_langchain(text: str, key: str | None) -> None:
    """Run the snippet with a class in the place of ChatOpenAI, and hand what it gets to the `openai` client.

    The package itself brings too much to be installed for this; the snippet was run with langchain-openai 1.7.4, and
    the entry for LiteLLM with the Router of litellm 1.110.2, on 2026-11-25: both take URL, key and model as here.
    """
    given: dict[str, str] = {}
    package = ModuleType("langchain_openai")
    package.__dict__["ChatOpenAI"] = given.update
    with patch.dict(sys.modules, langchain_openai=package), patch.dict(os.environ, OPENAI_API_KEY=key or KEY):
        exec(compile(text, "snippet", "exec"), {})  # noqa: S102 - our own text
    assert given.keys() == {"model", "base_url", "api_key"}
    assert given["model"] == "m"
    with OpenAI(base_url=given["base_url"], api_key=given["api_key"]) as client:
        assert (str(client.base_url), client.api_key) == (f"{URL}/compatible-mode/v1/", key or KEY)


def check_litellm(text: str, key: str | None) -> None:
    (entry,) = yaml.safe_load(text)["model_list"]
    assert entry == {
        "model_name": "m",
        "litellm_params": {
            "model": "openai/m",
            "api_base": f"{URL}/compatible-mode/v1",
            "api_key": key or "os.environ/OPENAI_API_KEY",
        },
    }


def check_higress(text: str, key: str | None) -> None:
    provider = yaml.safe_load(text)["provider"]
    assert provider == {
        "type": "qwen",
        "qwenDomain": URL.removeprefix("https://"),
        "qwenEnableCompatible": True,
        "apiTokens": [key or f"<OPENAI_API_KEY in {POINTER}>"],
        "modelMapping": {"*": "m"},
    }


CHECKS: Mapping[str, Callable[[str, str | None], None]] = {
    "claude-code": check_claude_code,
    "codex": check_codex,
    "qwen-code": check_qwen_code,
    "env": check_env,
    "external-secret": check_external_secret,
    "spring-ai": check_spring_ai,
    "spring-ai-2": check_spring_ai_2,
    "langchain": check_langchain,
    "litellm": check_litellm,
    "higress": check_higress,
}


def by_sh(text: str) -> dict[str, str]:
    """Return what a shell that reads the lines puts into the environment of a command."""
    script = f"set -a\n{text}\nexec env -0"
    done = subprocess.run(["sh", "-c", script], env={"PATH": os.environ["PATH"]}, capture_output=True, check=True)
    read = dict(entry.split("=", 1) for entry in done.stdout.decode().split("\0") if entry)
    return {name: value for name, value in read.items() if name not in ("PATH", "PWD", "SHLVL", "_", "OLDPWD")}
