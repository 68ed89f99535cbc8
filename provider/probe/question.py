"""The calls that a check makes. Every one but `call` is free: it holds nothing that a model could answer.

* `list`: the models of the region. It is looked at with the key, but not with the workspace of a dedicated host, so it
  proves nothing about such a host (ASSUMPTION models-list-says-nothing).
* `unknown_model`: a request for a model that cannot exist (ASSUMPTION model-before-workspace), without content; with
  content only where the first one tells nothing.
* `no_content`: a request for a real model with an empty list of messages, refused for its body where the key may
  call the host (ASSUMPTION no-content-free).
* `handshake`: that of a websocket, closed before any message is sent. It proves the key, not the host.
* `call`: one real call, of one token.
"""

import base64
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from catalogue.models import Model
from provider.client.shapes import Json

Kind = Literal["list", "unknown_model", "no_content", "call", "handshake"]

UNKNOWN_MODEL = "no-such-model"
MADE_UP_LABEL = "ws-n0suchworkspace0"
"""Host label of a workspace that nobody has: `ws-` and 16 of [0-9a-z], as the service makes them at random.

ASSUMPTION made-up-host-denied.
"""
_SIGN = re.compile(r"s[kt]-(?:ws-|sp-)?")
_PROMPT = "."
_ANTHROPIC = {"anthropic-version": "2023-06-01"}


def control_key(key: str) -> str:
    """Return a key of the same form that cannot exist: where only the form is looked at, it is let in too."""
    sign = _SIGN.match(key)
    head = sign[0] if sign else "sk-"
    return head + re.sub(r"[A-Za-z0-9]", "0", key.removeprefix(head) or "0")


@dataclass(frozen=True, kw_only=True)
class Question:
    """One call, without host and key."""

    protocol: str
    kind: Kind
    method: Literal["GET", "POST"]
    path: str
    """Behind the base URL."""
    body: Json | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    model: str = ""
    """The real model that it names; "" for none."""


def models(protocol: str) -> Question | None:
    """Return the call that lists models; None where the protocol has none."""
    if protocol in ("anthropic", "realtime"):
        return None
    return Question(protocol=protocol, kind="list", method="GET", path="/models")


def handshake() -> Question:
    """Return the handshake of a websocket: the service looks at its key alone, and no message follows."""
    nonce = base64.b64encode(secrets.token_bytes(16)).decode()
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    headers = upgrade | {"Sec-WebSocket-Key": nonce}
    return Question(protocol="realtime", kind="handshake", method="GET", path="", headers=headers)


def unknown_model(protocol: str, *, content: bool) -> Question:
    """Return a request for a model that cannot exist, whole or without content."""
    return _request(protocol, Model(name=UNKNOWN_MODEL), "unknown_model", content=content)


def no_content(protocol: str, model: Model) -> Question:
    """Return a request for `model` in which there is nothing to answer."""
    return _request(protocol, model, "no_content", content=False)


def call(protocol: str, model: Model) -> Question:
    """Return a request that `model` answers, with as few tokens as there can be. This one is billed."""
    return _request(protocol, model, "call", content=True)


def _request(protocol: str, model: Model, kind: Kind, *, content: bool) -> Question:
    path, body, headers = _MAKE[protocol, model.kind](model, content=content)
    named = "" if kind == "unknown_model" else model.name
    return Question(protocol=protocol, kind=kind, method="POST", path=path, body=body, headers=headers, model=named)


_Parts = tuple[str, Json, Mapping[str, str]]


def _messages(*, content: bool) -> list[dict[str, str]]:
    return [{"role": "user", "content": _PROMPT}] if content else []


def _openai_chat(model: Model, *, content: bool) -> _Parts:
    body: Json = {"model": model.name, "messages": _messages(content=content), "max_tokens": 1}
    return "/chat/completions", body | _switches(model), {}


def _openai_embedding(model: Model, *, content: bool) -> _Parts:
    return "/embeddings", {"model": model.name, "input": [_PROMPT] if content else []}, {}


def _anthropic_chat(model: Model, *, content: bool) -> _Parts:
    body: Json = {"model": model.name, "max_tokens": 1, "messages": _messages(content=content)}
    if model.thinking:
        body["thinking"] = {"type": "disabled"}
    return "/v1/messages", body | ({"stream": True} if model.stream_only else {}), _ANTHROPIC


def _native_chat(model: Model, *, content: bool) -> _Parts:
    parameters: Json = {"max_tokens": 1, "result_format": "message"}
    if model.thinking:
        parameters["enable_thinking"] = False
    body: Json = {"model": model.name, "input": {"messages": _messages(content=content)}, "parameters": parameters}
    headers = {"X-DashScope-SSE": "enable"} if model.stream_only else {}
    return "/services/aigc/text-generation/generation", body, headers


def _native_embedding(model: Model, *, content: bool) -> _Parts:
    body: Json = {"model": model.name, "input": {"texts": [_PROMPT] if content else []}}
    return "/services/embeddings/text-embedding/text-embedding", body, {}


def _switches(model: Model) -> Json:
    # ASSUMPTION thinking-off
    found: Json = {"enable_thinking": False} if model.thinking else {}
    return found | ({"stream": True} if model.stream_only else {})


_MAKE: Mapping[tuple[str, str], Any] = {
    ("openai", "chat"): _openai_chat,
    ("openai", "embedding"): _openai_embedding,
    ("anthropic", "chat"): _anthropic_chat,
    ("dashscope", "chat"): _native_chat,
    ("dashscope", "embedding"): _native_embedding,
}
