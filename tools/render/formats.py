"""The formats, by the name that `--for` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.render import (
    claude_code,
    codex,
    env,
    external_secret,
    higress,
    langchain,
    litellm,
    qwen_code,
    spring_ai,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.render.format import Format

FORMATS: Mapping[str, Format] = {
    "claude-code": claude_code.FORMAT,
    "codex": codex.FORMAT,
    "qwen-code": qwen_code.FORMAT,
    "env": env.FORMAT,
    "external-secret": external_secret.FORMAT,
    "spring-ai": spring_ai.FORMAT,
    "spring-ai-2": spring_ai.FORMAT_2,
    "langchain": langchain.FORMAT,
    "litellm": litellm.FORMAT,
    "higress": higress.FORMAT,
}
