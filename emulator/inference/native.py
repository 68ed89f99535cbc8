"""The native DashScope protocol: the list of models, text generation, embeddings, and tasks (images, videos)."""

import json
import secrets
from typing import Any, cast

from emulator.inference.openai import STREAM_ONLY, VECTOR
from emulator.inference.protocol import Call, Reply
from emulator.inference.refusals import bad_parameter
from emulator.inference.text import Said, limit, say, spent, tokens_of
from emulator.openapi import Json

_PAGE_SIZE = 20
_MOST_PER_PAGE = 100


def models(call: Call) -> Reply:
    """Answer `GET /models`: a page of the region's catalogue, in the form of d114."""
    number, size = _positive(call, "page_no", 1), min(_positive(call, "page_size", _PAGE_SIZE), _MOST_PER_PAGE)
    names = call.settings.models
    page = [{"model": name} for name in names[(number - 1) * size : number * size]]
    output = {"total": len(names), "page_no": number, "page_size": size, "models": page}
    return Reply(body={"success": True, "output": output})


def check_generation(call: Call) -> None:
    """Look at the body of `POST /services/aigc/text-generation/generation`. Raises Denied (400)."""
    given = _input(call)
    if "messages" in given and (not isinstance(given["messages"], list) or not given["messages"]):
        raise bad_parameter(call, "[] is too short - 'input.messages'")
    if not given.get("messages") and not given.get("prompt"):
        raise bad_parameter(call, 'Either "input.prompt" or "input.messages" must exist and cannot both be none')
    _most(call)
    if call.model in call.settings.stream_only_models and not _stream(call):
        raise bad_parameter(call, STREAM_ONLY)


def generation(call: Call) -> Reply:
    """Answer `POST /services/aigc/text-generation/generation`, streamed if the header asks for it."""
    stream = _stream(call)
    said = say(call, _input(call), _most(call))
    logged = said.logged(call, stream=stream)
    if stream:
        return Reply(events=_events(call, said), logged=logged)
    return Reply(body=_answer(call, said, said.text, len(said.pieces), _end(said)), logged=logged)


def check_embedding(call: Call) -> None:
    """Look at the body of `POST /services/embeddings/text-embedding/text-embedding`. Raises Denied (400)."""
    texts = _input(call).get("texts")
    if not isinstance(texts, list) or not texts:
        raise bad_parameter(call, "input.texts should be array")


def embedding(call: Call) -> Reply:
    """Answer `POST /services/embeddings/text-embedding/text-embedding`."""
    texts = _input(call)["texts"]
    tokens = tokens_of(texts)
    output = {"embeddings": [{"text_index": n, "embedding": VECTOR} for n in range(len(texts))]}
    return Reply(
        body={"output": output, "usage": {"total_tokens": tokens}}, logged={"model": call.model} | spent(tokens)
    )


def check_task(call: Call) -> None:
    """Look at the body of a task. Raises Denied (400)."""
    _input(call)


def task(call: Call) -> Reply:
    """Answer a call that only begins something: its result, and its cost, come later and are not emulated."""
    return Reply(
        body={"output": {"task_id": secrets.token_hex(8), "task_status": "PENDING"}}, logged={"model": call.model}
    )


def _input(call: Call) -> Json:
    given: Any = call.body.get("input")
    if not isinstance(given, dict) or not given:
        raise bad_parameter(call, "'input' is a required property")
    return cast("Json", given)


def _parameters(call: Call) -> Json:
    given: Any = call.body.get("parameters")
    return cast("Json", given) if isinstance(given, dict) else {}


def _most(call: Call) -> int | None:
    return limit(call, _parameters(call).get("max_tokens"), "max_tokens")


def _stream(call: Call) -> bool:
    return call.request.headers.get("x-dashscope-sse", "").lower() == "enable"


def _positive(call: Call, name: str, default: int) -> int:
    text = call.request.query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 10**6 else default


def _end(said: Said) -> str:
    return "length" if said.cut else "stop"


def _answer(call: Call, said: Said, text: str, done: int, end: str) -> Json:
    usage = {"input_tokens": said.prompt, "output_tokens": done, "total_tokens": said.prompt + done}
    if _parameters(call).get("result_format") == "message":
        choice = {"finish_reason": end, "message": {"role": "assistant", "content": text}}
        return {"output": {"choices": [choice]}, "usage": usage}
    return {"output": {"text": text, "finish_reason": end}, "usage": usage}


def _events(call: Call, said: Said) -> list[str]:
    """Return the events of a stream; each has the whole text so far, unless only what is new is asked for."""
    new_only = _parameters(call).get("incremental_output") is True
    events: list[str] = []
    for n in range(1, len(said.pieces) + 1):
        text = "".join(said.pieces[n - 1 : n] if new_only else said.pieces[:n])
        data = _answer(call, said, text, n, _end(said) if n == len(said.pieces) else "null")
        events.append(f"id:{n}\nevent:result\n:HTTP_STATUS/200\ndata:{json.dumps(data)}\n\n")
    return events
