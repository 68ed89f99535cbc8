"""Codex: a model provider in `config.toml`.

The fields are those of `ModelProviderInfo` (https://github.com/openai/codex, codex-rs/model-provider-info/src/lib.rs):
`env_key` names the variable that holds the key, `env_key_instructions` is what Codex says when it is not set,
`experimental_bearer_token` is the key itself, discouraged there in favour of `env_key`, and so written only when the
key is asked for. `wire_api` is `responses`; `chat` is refused there. Top-level keys stand before every table.

Which models speak the Responses API is the vendor's matter (https://help.aliyun.com/zh/model-studio/codex: of the
token plan `qwen3.7-max` and `qwen3.6-plus`). For the coding plan its pages differ: that of 2026-03-28
(https://www.alibabacloud.com/help/tc/model-studio/codex-coding-plan) says that no Codex newer than 0.80.0 works there,
the newer one names the coding plan too. The settings say so: ASSUMPTION codex-on-coding-plan.
"""

import json

from tools.render.format import Asked, Format

_CODING_PLAN = (
    "# Whether a Codex newer than 0.80.0 works with the coding plan is not certain: the vendor's pages differ.",
    "# Where it does not, Claude Code and Qwen Code do.",
    "",
)


def render(asked: Asked) -> str:
    """Return the configuration."""
    provider = f"model-studio-{asked.service.name}"
    fields = {
        "name": f"Model Studio: {asked.service.name}",
        "base_url": asked.url("openai"),
        "wire_api": "responses",
    }
    if asked.key is None:
        fields |= {"env_key": asked.key_name("openai"), "env_key_instructions": asked.reference("openai")}
    else:
        fields |= {"experimental_bearer_token": asked.key}
    lines = [
        *(_CODING_PLAN if asked.service.domain == "coding_plan" else ()),
        f"model = {quoted(asked.model)}",
        f"model_provider = {quoted(provider)}",
        "",
        f"[model_providers.{quoted(provider)}]",
        *(f"{name} = {quoted(value)}" for name, value in fields.items()),
    ]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """Return `text` as a TOML basic string.

    JSON's escapes are all TOML's too, but TOML asks for one more, DEL, and takes no pairs of surrogates, which
    JSON writes only for ASCII's sake (https://toml.io/en/v1.0.0#string).
    """
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


FORMAT = Format(render=render, goes_to="~/.codex/config.toml")
