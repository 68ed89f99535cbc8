"""LiteLLM: an entry of `model_list` in the proxy's `config.yaml`.

`openai/<model>` is any OpenAI-compatible host, `api_base` its base URL with `/v1`, `api_key: os.environ/NAME` is read
from the environment (https://docs.litellm.ai/docs/proxy/configs, last updated 2026-10-13). The provider `dashscope/` is
not used: it brings a fixed host of its own. A proxy is a backend: a plan's key is refused.
"""

import yaml

from catalogue.pairs import check_plan_sinks
from tools.render.format import Asked, Format, RenderError

_BY_NAME = "os.environ/"


def render(asked: Asked) -> str:
    """Return the entry."""
    check_plan_sinks(asked.service.domain, "a LiteLLM proxy", "backends")
    if asked.key is not None and asked.key.startswith(_BY_NAME):
        raise RenderError(f"the key begins with {_BY_NAME}, which LiteLLM reads as the name of a variable")
    entry = {
        "model_name": asked.model,
        "litellm_params": {
            "model": f"openai/{asked.model}",
            "api_base": asked.url("openai"),
            "api_key": f"{_BY_NAME}{asked.key_name('openai')}" if asked.key is None else asked.key,
        },
    }
    where = f"# {asked.reference('openai')}\n" if asked.key is None else ""
    return where + yaml.safe_dump({"model_list": [entry]}, sort_keys=False)


FORMAT = Format(render=render, goes_to="config.yaml of the LiteLLM proxy")
