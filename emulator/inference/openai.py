"""The OpenAI-compatible protocol: the list of models and chat completions."""

import json
import secrets
import time

from emulator.inference.access import Denied, Grant
from emulator.inference.protocol import Reply, json_object, model_and_messages, words
from emulator.openapi import Json

_USAGE = {"prompt_tokens": 1, "completion_tokens": 8, "total_tokens": 9}


def models(grant: Grant, body: bytes) -> Reply:  # noqa: ARG001 - all calls of a protocol have one form
    """Answer `GET /models`."""
    data = [{"id": model, "object": "model", "created": 0, "owned_by": "system"} for model in grant.models]
    return Reply(body={"object": "list", "data": data})


def chat(grant: Grant, body: bytes) -> Reply:
    """Answer `POST /chat/completions`, streamed if asked for."""
    request = json_object(body)
    model = model_and_messages(request)
    grant.check_model(model)
    stream = request.get("stream") is True
    head: Json = {"id": f"chatcmpl-{secrets.token_hex(8)}", "created": int(time.time()), "model": model}
    logged = {"model": model, "stream": str(stream).lower()}
    if stream:
        options = request.get("stream_options")
        with_usage = isinstance(options, dict) and bool(options.get("include_usage"))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - JSON off the wire
        return Reply(events=_events(head, words(grant, model), with_usage=with_usage), logged=logged)
    message = {"role": "assistant", "content": "".join(words(grant, model))}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return Reply(body=head | {"object": "chat.completion", "choices": [choice], "usage": _USAGE}, logged=logged)


def error_body(denied: Denied, request_id: str) -> Json:
    """Return an error in this protocol's shape."""
    kind = "invalid_request_error" if denied.status in (400, 401) else denied.code
    error = {"message": denied.message, "type": kind, "param": None, "code": denied.code}
    return {"error": error, "request_id": request_id}


def _events(head: Json, pieces: list[str], *, with_usage: bool) -> list[str]:
    head = head | {"object": "chat.completion.chunk"}
    deltas = [{"role": "assistant", "content": ""}, *({"content": piece} for piece in pieces)]
    chunks = [head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks.append(head | {"choices": [{"index": 0, "delta": dict[str, str](), "finish_reason": "stop"}]})
    if with_usage:
        chunks.append(head | {"choices": [], "usage": _USAGE})
    return [*(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks), "data: [DONE]\n\n"]
