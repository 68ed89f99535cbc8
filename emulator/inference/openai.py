"""The OpenAI-compatible protocol: the list of models, chat completions, embeddings."""

import json
import secrets
import time
from typing import Any

from emulator.inference.protocol import Call, Reply
from emulator.inference.refusals import bad_parameter
from emulator.inference.text import Said, limit, say, spent, tokens_of
from emulator.openapi import Json

_CREATED = 1775616050
STREAM_ONLY = "This model only support stream mode, please enable the stream parameter to access the model. "
VECTOR = [0.5, -0.5]


def models(call: Call) -> Reply:
    """Answer `GET /models`: the region's catalogue, whatever the key may call (d025, d030), in the form of d008."""
    names = call.settings.models
    data = [{"id": name, "object": "model", "created": _CREATED, "owned_by": "system"} for name in names]
    ends = {"first_id": "model-id-0", "last_id": f"model-id-{len(names) - 1}"} if names else {}
    return Reply(body={"object": "list", "data": data, **ends, "has_more": False})


def check_chat(call: Call) -> None:
    """Look at the body of `POST /chat/completions`. Raises Denied (400)."""
    body = call.body
    messages = body.get("messages")
    if messages is None:
        raise bad_parameter(call, "'messages' is a required property")
    if not isinstance(messages, list) or not messages:
        raise bad_parameter(call, "[] is too short - 'messages'")
    _most(call)
    if body.get("enable_thinking") is True and (
        body.get("tool_choice") == "required" or isinstance(body.get("tool_choice"), dict)
    ):  # seen 2026-08-17, d009
        text = "The tool_choice parameter does not support being set to required or object in thinking mode"
        raise bad_parameter(call, f"<400> InternalError.Algo.InvalidParameter: {text}")
    if call.model in call.settings.stream_only_models and body.get("stream") is not True:
        raise bad_parameter(call, STREAM_ONLY)


def chat(call: Call) -> Reply:
    """Answer `POST /chat/completions`, streamed if asked for."""
    said = say(call, call.body.get("messages"), _most(call))
    stream = call.body.get("stream") is True
    head: Json = {"id": f"chatcmpl-{secrets.token_hex(8)}", "created": int(time.time()), "model": call.model}
    logged = said.logged(call, stream=stream)
    if stream:
        options: Any = call.body.get("stream_options")
        with_usage = isinstance(options, dict) and bool(options.get("include_usage"))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - JSON off the wire
        return Reply(events=_events(head, said, with_usage=with_usage), logged=logged)
    message = {"role": "assistant", "content": said.text}
    choice = {"index": 0, "message": message, "finish_reason": _end(said), "logprobs": None}
    return Reply(body=head | {"object": "chat.completion", "choices": [choice], "usage": _usage(said)}, logged=logged)


def check_embeddings(call: Call) -> None:
    """Look at the body of `POST /embeddings`. Raises Denied (400)."""
    if not isinstance(call.body.get("input"), str | list) or not call.body["input"]:
        text = "Value error, contents is neither str nor list of str.: input.contents"
        raise bad_parameter(call, f"<400> InternalError.Algo.InvalidParameter: {text}")


def embeddings(call: Call) -> Reply:
    """Answer `POST /embeddings`."""
    given: Any = call.body["input"]
    count, tokens = len(given) if isinstance(given, list) else 1, tokens_of(given)  # pyright: ignore[reportUnknownArgumentType] - JSON off the wire
    data = [{"object": "embedding", "index": n, "embedding": VECTOR} for n in range(count)]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    body: Json = {"object": "list", "data": data, "model": call.model, "usage": usage}
    return Reply(body=body, logged={"model": call.model} | spent(tokens))


def _most(call: Call) -> int | None:
    limits = [limit(call, call.body.get(name), name) for name in ("max_tokens", "max_completion_tokens")]
    return min((given for given in limits if given is not None), default=None)


def _end(said: Said) -> str:
    return "length" if said.cut else "stop"


def _usage(said: Said) -> Json:
    done = len(said.pieces)
    return {"prompt_tokens": said.prompt, "completion_tokens": done, "total_tokens": said.prompt + done}


def _events(head: Json, said: Said, *, with_usage: bool) -> list[str]:
    head = head | {"object": "chat.completion.chunk"}
    deltas = [{"role": "assistant", "content": ""}, *({"content": piece} for piece in said.pieces)]
    chunks = [head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks.append(head | {"choices": [{"index": 0, "delta": dict[str, str](), "finish_reason": _end(said)}]})
    if with_usage:
        chunks.append(head | {"choices": [], "usage": _usage(said)})
    return [*(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks), "data: [DONE]\n\n"]
