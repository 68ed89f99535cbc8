"""Higress: the configuration of its plugin `ai-proxy`.

`type: qwen` with `qwenEnableCompatible` calls `/compatible-mode/v1/...` and changes neither request nor answer;
`qwenDomain` is the host, `apiTokens` the keys; `modelMapping` with `*` is the model for whatever is asked for
(https://github.com/alibaba/higress, plugins/wasm-go/extensions/ai-proxy, README and provider/qwen.go, commit 008952e,
read 2026-11-25). Where the URL is not that of such a host (a double, a gateway): `type: openai` with `openaiCustomUrl`,
there the whole path of chat completions.

The gateway also needs a service source for the host and a route to it. A gateway is a backend: a plan's key is refused.
"""

from typing import Any
from urllib.parse import urlsplit

import yaml

from catalogue.pairs import check_plan_sinks
from tools.render.format import Asked, Format

_NEEDS = """\
# Also needed: a service source (DNS, port {port}) for {host}, and a route to it.{where}
"""
_COMPATIBLE = "/compatible-mode/v1"


def render(asked: Asked) -> str:
    """Return the configuration."""
    check_plan_sinks(asked.service.domain, "a gateway", "backends")
    url = asked.url("openai")
    parts = urlsplit(url)
    own: dict[str, Any] = (
        {"type": "qwen", "qwenDomain": parts.hostname, "qwenEnableCompatible": True}
        if (parts.scheme, parts.port, parts.path) == ("https", None, _COMPATIBLE)
        else {"type": "openai", "openaiCustomUrl": f"{url}/chat/completions"}
    )
    token = asked.key if asked.key is not None else f"<{asked.reference('openai')}>"
    provider = {**own, "apiTokens": [token], "modelMapping": {"*": asked.model}}
    needs = _NEEDS.format(
        host=parts.hostname,
        port=parts.port or (443 if parts.scheme == "https" else 80),
        where=f" {asked.reference('openai')}." if asked.key is None else "",
    )
    return needs + yaml.safe_dump({"provider": provider}, sort_keys=False)


FORMAT = Format(render=render, goes_to="the plugin ai-proxy of Higress")
