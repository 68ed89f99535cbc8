"""The formats, by the name that `--for` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.render import claude_code, codex, env, external_secret, qwen_code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.render.format import Format

FORMATS: Mapping[str, Format] = {
    "claude-code": claude_code.FORMAT,
    "codex": codex.FORMAT,
    "qwen-code": qwen_code.FORMAT,
    "env": env.FORMAT,
    "external-secret": external_secret.FORMAT,
}
