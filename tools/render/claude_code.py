"""Claude Code: the `env` block of its settings file, JSON.

The variables (https://code.claude.com/docs/en/env-vars): `ANTHROPIC_BASE_URL` without `/v1`;
`ANTHROPIC_AUTH_TOKEN` goes out as `Authorization: Bearer`, `ANTHROPIC_API_KEY` as `X-Api-Key`. Exactly one of the two
is written: where both are set both headers go out. It is the token, as the vendor does it for its plans too
(https://help.aliyun.com/zh/model-studio/claude-code), whose page also names a model for each of Claude Code's three
sizes: without them it asks for models that Model Studio does not have.

A setting here wins over the same variable of the shell, and nothing in it is expanded, so that the reference that
stands for a key is a text to be replaced.
"""

import json

from catalogue.record import KEY_NAMES, URL_NAMES
from tools.render.format import Asked, Format

_MODELS = (
    "ANTHROPIC_MODEL",
    "ANTHROPIC_DEFAULT_OPUS_MODEL",
    "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "ANTHROPIC_DEFAULT_HAIKU_MODEL",
)


def render(asked: Asked) -> str:
    """Return the settings."""
    env = {
        URL_NAMES["anthropic"]: asked.url("anthropic"),
        KEY_NAMES["anthropic"]: asked.key if asked.key is not None else f"<{asked.reference('anthropic')}>",
        **dict.fromkeys(_MODELS, asked.model),
    }
    return json.dumps({"env": env}, indent=2) + "\n"


FORMAT = Format(render=render, goes_to="~/.claude/settings.json")
