"""What the protocols share: a request already authenticated, and its answer."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from emulator.inference.access import Denied, Grant
from emulator.openapi import Json


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer: JSON, or a stream of server-sent events."""

    body: Json = field(default_factory=dict[str, Any])
    events: Sequence[str] = ()
    logged: dict[str, str] = field(default_factory=dict[str, str])
    """What the record of calls shows of the request."""


def json_object(body: bytes) -> Json:
    """Read a request body. Raises Denied (400)."""
    try:
        parsed: Any = json.loads(body)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise bad_request("The body is not a JSON object.")
    return dict(parsed)  # pyright: ignore[reportUnknownArgumentType] - keys of a JSON object are str


def model_and_messages(request: Json) -> str:
    """Check the fields that all chat calls need and return the model. Raises Denied (400)."""
    model, messages = request.get("model"), request.get("messages")
    if not isinstance(model, str) or not model:
        raise bad_request("you must provide a model parameter")
    if not isinstance(messages, list) or not messages:
        raise bad_request("messages must be a list that is not empty")
    return model


def bad_request(message: str) -> Denied:
    """Return the refusal of a body."""
    return Denied(400, "invalid_parameter_error", message)


def words(grant: Grant, model: str) -> list[str]:
    """Return the text that the emulated model answers, in pieces. It says whose key was used."""
    whose = f"workspace {grant.workspace.workspace_id}" if grant.workspace else "a subscription plan"
    text = f"{model} answers the key of {whose}."
    return [word if n == 0 else f" {word}" for n, word in enumerate(text.split(" "))]
