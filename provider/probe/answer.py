"""What one call came to: a status and, as far as the body says them, code, message and kind of result.

Errors come in the shapes of three protocols and of gateways in between: a string `error`, an empty body, HTML. Nothing
here raises, whatever the body is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from provider.client.redact import redact
from provider.client.shapes import Json, as_list, as_object

Result = Literal["", "models", "model_answer", "websocket"]
"""What a success holds in the shape of its protocol: a list of models, a model's answer, an accepted handshake, or
none of these."""

MAX_BODY = 4 * 1024 * 1024
"""Bytes of a body that are looked at: a list of 500 models has some 100,000."""
_SWITCHED = 101
_CODE, _MESSAGE = 80, 200
"""Characters that are kept: what is longer is no code and no message for a person."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one call came to."""

    status: int
    """HTTP status; 0 when there was no answer."""
    code: str = ""
    message: str = ""
    """Masked. With status 0, why there was no answer."""
    result: Result = ""
    models: frozenset[str] = frozenset()
    """The ids in a list of models."""
    unresolved: bool = False
    """The host name does not exist (yet)."""

    @property
    def text(self) -> str:
        """The answer in a line, for a person."""
        code = f" {self.code}" if self.code else ""
        return f"{self.status}{code}{f': {self.message}' if self.message else ''}"


def read(protocol: str, status: int, body: bytes) -> Answer:
    """Read an HTTP answer to a call of `protocol`.

    What kind of content it says it is does not count: errors framed as events were seen under `application/json`.
    """
    if status == _SWITCHED:
        return Answer(status=status, result="websocket" if protocol == "realtime" else "")
    text = body[:MAX_BODY].decode(errors="replace").lstrip("\ufeff")
    parsed = _json(text)
    parsed = _event(text) if parsed is None else parsed
    code, message = error_of(parsed)
    if not 200 <= status < 300 or code or message:
        return Answer(status=status, code=code, message=message)
    if isinstance(parsed, dict):
        result, models = _result(protocol, as_object(parsed))
        return Answer(status=status, result=result, models=models)
    return Answer(status=status)


def error_of(parsed: Any) -> tuple[str, str]:
    """Return code and message of an error in any of the shapes, both "" for anything else."""
    body = as_object(as_list(parsed)[0] if as_list(parsed) else parsed)
    error = body.get("error")
    if isinstance(error, str):
        return _clean(_first(body, "code", "Code"), _CODE), _clean(error, _MESSAGE)
    inner = as_object(error) or body
    if inner is body and body.get("type") == "message_start":
        return "", ""  # a success: its `message` is none for a person
    if inner is body and not (_first(body, "code") and _first(body, "message")) and {"choices", "output"} & body.keys():
        return "", ""  # a success of the native protocol may have an empty code
    kind = inner.get("type") if inner is not body else None  # at the top level, `type` is the kind of object
    code = _first(inner, "code", "Code", "errorCode") or kind
    return _clean(code, _CODE), _clean(_first(inner, "message", "Message", "errorMessage", "msg", "detail"), _MESSAGE)


def _first(values: Json, *names: str) -> Any:
    return next((values[name] for name in names if values.get(name) not in (None, "")), "")


def _clean(value: Any, most: int) -> str:
    """Return a text for a person: one line, masked before it is cut, since half a key is not recognised as one."""
    if value is None or isinstance(value, bool):
        return ""
    text = value if isinstance(value, str) else json.dumps(value)
    words = " ".join(text.encode(errors="replace").decode().split())
    return redact("".join(char for char in words if char.isprintable()))[:most]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _event(text: str) -> Any:
    """Return the first event of a stream that holds JSON and says something."""
    for line in text.split("\n"):
        if line.startswith("data:"):
            parsed = _json(line.removeprefix("data:").strip())
            if parsed is not None and as_object(parsed).get("type") != "ping":
                return parsed
    return None


def _result(protocol: str, body: Json) -> tuple[Result, frozenset[str]]:
    """Return what a success holds; ("", nothing) when it has not the shape of its protocol."""
    if protocol == "anthropic":
        return ("model_answer" if _is_anthropic(body) else ""), frozenset()
    output = as_object(body.get("output"))
    if protocol == "dashscope":
        if _ids(output.get("models"), "model"):
            return "models", _ids(output.get("models"), "model")
        answered = output.get("text") or _holds(output.get("choices")) or _holds(output.get("embeddings"))
        return ("model_answer" if answered else ""), frozenset()
    data = as_list(body.get("data"))
    if _holds(body.get("choices")) or any(as_object(item).get("embedding") for item in data):
        return "model_answer", frozenset()
    return ("models", _ids(data, "id")) if body.get("object") == "list" and _ids(data, "id") else ("", frozenset())


def _is_anthropic(body: Mapping[str, Any]) -> bool:
    """Whether it is a message, or the start of one in a stream."""
    return (body.get("type") == "message" and isinstance(body.get("content"), list)) or (
        body.get("type") == "message_start" and isinstance(body.get("message"), dict)
    )


def _holds(items: Any) -> bool:
    """Whether a list holds an object that is not empty."""
    return any(as_object(item) for item in as_list(items))


def _ids(items: Any, name: str) -> frozenset[str]:
    found = (as_object(item).get(name) for item in as_list(items))
    return frozenset(item for item in found if isinstance(item, str) and item)
