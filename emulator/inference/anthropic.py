"""The Anthropic-compatible protocol: messages."""

import json
import secrets

from emulator.inference.access import Denied, Grant
from emulator.inference.protocol import Reply, bad_request, json_object, model_and_messages, words
from emulator.openapi import Json

_ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


def messages(grant: Grant, body: bytes) -> Reply:
    """Answer `POST /v1/messages`, streamed if asked for."""
    request = json_object(body)
    model = model_and_messages(request)
    most = request.get("max_tokens")
    if not isinstance(most, int) or isinstance(most, bool) or most < 1:
        raise bad_request("max_tokens: Field required")
    grant.check_model(model)
    stream = request.get("stream") is True
    pieces = words(grant, model)
    message: Json = {
        "id": f"msg_{secrets.token_hex(8)}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    logged = {"model": model, "stream": str(stream).lower()}
    if stream:
        return Reply(events=_events(message, pieces), logged=logged)
    content = [{"type": "text", "text": "".join(pieces)}]
    usage = {"input_tokens": 1, "output_tokens": len(pieces)}
    return Reply(body=message | {"content": content, "stop_reason": "end_turn", "usage": usage}, logged=logged)


def error_body(denied: Denied, request_id: str) -> Json:
    """Return an error in this protocol's shape; the vendor's code, for which it has no field, begins the message."""
    message = denied.message if denied.status == 400 else f"{denied.code}: {denied.message}"
    error = {"type": _ERROR_TYPES.get(denied.status, "api_error"), "message": message}
    return {"type": "error", "error": error, "request_id": request_id}


def _events(message: Json, pieces: list[str]) -> list[str]:
    deltas = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}} for piece in pieces
    ]
    events: list[Json] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *deltas,
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": len(pieces)},
        },
        {"type": "message_stop"},
    ]
    return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events]
