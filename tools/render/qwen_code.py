"""Qwen Code: `settings.json` with a model provider.

The fields (https://github.com/QwenLM/qwen-code, docs/users/configuration/auth.md and model-providers.md): a list of
models by protocol under `modelProviders`, each with `id`, `baseUrl` and `envKey`, the variable that holds the key;
`security.auth.selectedType` and `model.name` make it the one in use; `env` sets variables that nothing else sets.
`QWEN_API_KEY` is what the clients and skills of Qwen Cloud read, the other name of the international site
(https://github.com/qwencloud/qwencloud-ai, skills/ops/qwencloud-ops-auth, read 2026-11-25).
`BAILIAN_CODING_PLAN_API_KEY` is not used: what is configured with it by hand, Qwen Code may overwrite (same page).

A `$NAME` in any value is replaced by that variable (docs/users/configuration/settings.md), so none may be in it.
"""

import json
from typing import Any

from catalogue.record import QWEN_KEY_NAME
from tools.render.format import Asked, Format, RenderError


def render(asked: Asked) -> str:
    """Return the settings."""
    name = asked.key_name("openai")
    entry = {
        "id": asked.model,
        "name": f"{asked.model} ({asked.service.name})",
        "baseUrl": asked.url("openai"),
        "envKey": name,
    }
    settings: dict[str, Any] = {
        "modelProviders": {"openai": [entry]},
        "security": {"auth": {"selectedType": "openai"}},
        "model": {"name": asked.model},
    }
    if asked.key is not None:
        settings["env"] = {name: asked.key, QWEN_KEY_NAME: asked.key}
    text = json.dumps(settings, indent=2) + "\n"
    if "$" in text:
        raise RenderError("a value holds a $, which Qwen Code reads as the name of a variable")
    return text


FORMAT = Format(render=render, goes_to="~/.qwen/settings.json")
