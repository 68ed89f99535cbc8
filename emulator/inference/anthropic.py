"""The Anthropic-compatible protocol: messages."""

import json
import secrets

from emulator.inference.openai import STREAM_ONLY
from emulator.inference.protocol import Call, Reply
from emulator.inference.refusals import bad_parameter
from emulator.inference.text import Said, say
from emulator.openapi import Json


def check(call: Call) -> None:
    """Look at the body of `POST /v1/messages`. Raises Denied (400)."""
    messages, most = call.body.get("messages"), call.body.get("max_tokens")
    if messages is None:
        raise bad_parameter(call, "messages: Field required")
    if not isinstance(messages, list) or not messages:
        raise bad_parameter(call, "messages: at least one message is required")
    if most is None:
        raise bad_parameter(call, "max_tokens: Field required")
    if not isinstance(most, int) or isinstance(most, bool) or most < 1:
        raise bad_parameter(call, "max_tokens: must be greater than or equal to 1")
    if call.model in call.settings.stream_only_models and call.body.get("stream") is not True:
        raise bad_parameter(call, STREAM_ONLY)


def messages(call: Call) -> Reply:
    """Answer `POST /v1/messages`, streamed if asked for."""
    said = say(call, [call.body.get("system"), call.body["messages"]], call.body["max_tokens"])
    stream = call.body.get("stream") is True
    message: Json = {
        "id": f"msg_{secrets.token_hex(8)}",
        "type": "message",
        "role": "assistant",
        "model": call.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": said.prompt, "output_tokens": 1},
    }
    logged = said.logged(call, stream=stream)
    if stream:
        return Reply(events=_events(message, said), logged=logged)
    content = [{"type": "text", "text": said.text}]
    usage = {"input_tokens": said.prompt, "output_tokens": len(said.pieces)}
    return Reply(body=message | {"content": content, "stop_reason": _end(said), "usage": usage}, logged=logged)


def _end(said: Said) -> str:
    return "max_tokens" if said.cut else "end_turn"


def _events(message: Json, said: Said) -> list[str]:
    deltas = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
        for piece in said.pieces
    ]
    events: list[Json] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *deltas,
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": _end(said), "stop_sequence": None},
            "usage": {"output_tokens": len(said.pieces)},
        },
        {"type": "message_stop"},
    ]
    # No space after the colons: seen 2026-08-05, d070.
    return [f"event:{event['type']}\ndata:{json.dumps(event)}\n\n" for event in events]
