"""How an answer is read: the shapes of three protocols, and of whatever stands between."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.rows import PROTOCOLS
from provider.client.redact import MASK
from provider.probe.answer import MAX_BODY, Answer, read

KEY = "sk-ws-test.a1"
JSON, STREAM, HTML = "application/json", "text/event-stream;charset=UTF-8", "text/html"

ERRORS: dict[str, tuple[Any, tuple[str, str]]] = {
    "openai": ({"error": {"code": "invalid_api_key", "message": "no", "type": "x"}}, ("invalid_api_key", "no")),
    "openai without a code": (
        {"error": {"code": None, "message": "no", "type": "access_denied"}},
        ("access_denied", "no"),
    ),
    "anthropic": ({"type": "error", "error": {"type": "not_found_error", "message": "m"}}, ("not_found_error", "m")),
    "native": ({"code": "InvalidApiKey", "message": "no", "request_id": "1"}, ("InvalidApiKey", "no")),
    "openapi": ({"Code": "NoPermission", "Message": "no"}, ("NoPermission", "no")),
    "a string": ({"error": "Coding Plan is for Coding Agents"}, ("", "Coding Plan is for Coding Agents")),
    "a message alone": ({"message": "Model access denied."}, ("", "Model access denied.")),
    "a detail": ({"detail": "Not Found"}, ("", "Not Found")),
    "a number": ({"error": {"code": 401, "message": "no"}}, ("401", "no")),
    "an object for a message": ({"error": {"code": "x", "message": {"en": "no"}}}, ("x", '{"en": "no"}')),
    "a list of one": ([{"code": "x", "message": "no"}], ("x", "no")),
    "an empty list": ([], ("", "")),
    "null": (None, ("", "")),
    "lines": ({"message": "one\n  two"}, ("", "one two")),
    "a key": ({"code": f"c {KEY}", "message": f"m {KEY}"}, (f"c {MASK}", f"m {MASK}")),
}


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_error_is_read_in_every_shape(protocol: str, name: str) -> None:
    body, (code, message) = ERRORS[name]
    assert read(protocol, 403, JSON, json.dumps(body).encode()) == Answer(status=403, code=code, message=message)


@pytest.mark.parametrize("body", [b"", b"<html><body>model endpoint</body></html>", b"\xff\xfe", b"{", b"[[["])
def test_what_is_no_json_says_nothing(body: bytes) -> None:
    for status in (200, 302, 401, 403, 500):
        assert read("openai", status, HTML, body) == Answer(status=status)


def test_a_long_text_is_cut_after_it_was_masked() -> None:
    message = "x" * 194 + " " + KEY
    found = read("openai", 400, JSON, json.dumps({"message": message}).encode())
    assert found.message == f"{'x' * 194} {MASK[:5]}"


MODELS = {"object": "list", "data": [{"id": "qwen-plus"}, {"id": "qwen-flash"}]}
NATIVE_MODELS = {"output": {"total": 1, "models": [{"model": "qwen-plus"}]}}
COMPLETION = {"object": "chat.completion", "choices": [{"index": 0, "message": {"content": "a"}}]}
CHUNK: dict[str, Any] = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {}}]}
MESSAGE = {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "a"}]}
START: dict[str, Any] = {"type": "message_start", "message": {"type": "message", "content": []}}
GENERATION = {"code": "", "message": "", "output": {"text": "a"}, "usage": {}}
EMBEDDING = {"object": "list", "data": [{"object": "embedding", "embedding": [0.1]}]}
NATIVE_EMBEDDING = {"output": {"embeddings": [{"embedding": [0.1]}]}}
NOTHING: list[Any] = [{}, [], "ok", {"status": "ok"}, {"login": "/sso"}]
SUCCESSES: list[tuple[str, Any, str]] = [
    ("openai", MODELS, "models"),
    ("openai", COMPLETION, "model_answer"),
    ("openai", EMBEDDING, "model_answer"),
    ("openai", MESSAGE, ""),
    ("openai", GENERATION, ""),
    ("openai", {"object": "list", "data": []}, ""),
    ("openai", {"choices": []}, ""),
    ("anthropic", MESSAGE, "model_answer"),
    ("anthropic", COMPLETION, ""),
    ("anthropic", MODELS, ""),
    ("dashscope", NATIVE_MODELS, "models"),
    ("dashscope", GENERATION, "model_answer"),
    ("dashscope", NATIVE_EMBEDDING, "model_answer"),
    ("dashscope", COMPLETION, ""),
    ("dashscope", {"output": {}}, ""),
    *[(protocol, body, "") for protocol in PROTOCOLS for body in NOTHING],
]


@pytest.mark.parametrize(("protocol", "body", "result"), SUCCESSES)
def test_a_success_counts_in_the_shape_of_its_protocol_alone(protocol: str, body: Any, result: str) -> None:
    found = read(protocol, 200, JSON, json.dumps(body).encode())
    assert (found.result, found.code, found.message) == (result, "", "")


def test_a_list_of_models_tells_which() -> None:
    assert read("openai", 200, JSON, json.dumps(MODELS).encode()).models == {"qwen-plus", "qwen-flash"}
    assert read("dashscope", 200, JSON, json.dumps(NATIVE_MODELS).encode()).models == {"qwen-plus"}
    long = {"object": "list", "data": [{"id": f"model-{n}", "owned_by": "x" * 200} for n in range(1000)]}
    assert len(read("openai", 200, JSON, json.dumps(long).encode()).models) == 1000


@pytest.mark.parametrize(
    ("protocol", "text", "result"),
    [
        ("openai", f"data: {json.dumps(CHUNK)}\n\ndata: [DONE]\n\n", "model_answer"),
        ("openai", f": ping\n\ndata:{json.dumps(CHUNK)}\n\n", "model_answer"),
        ("anthropic", f"event:message_start\ndata:{json.dumps(START)}\n\n", "model_answer"),
        ("dashscope", f"id:1\nevent:result\n:HTTP_STATUS/200\ndata:{json.dumps(GENERATION)}\n\n", "model_answer"),
        ("openai", "data: [DONE]\n\n", ""),
        ("openai", "", ""),
    ],
)
def test_the_start_of_a_stream_tells(protocol: str, text: str, result: Any) -> None:
    assert read(protocol, 200, STREAM, text.encode()) == Answer(status=200, result=result)


def test_an_error_in_a_stream_is_no_answer_of_a_model() -> None:
    body = b'event:error\n:HTTP_STATUS/403\ndata:{"code":"Model.AccessDenied","message":"Model access denied."}\n\n'
    found = read("dashscope", 200, STREAM, body)
    assert (found.result, found.code) == ("", "Model.AccessDenied")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "code", "message", "type", "data", "output", "choices", "models", "object", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    protocol=st.sampled_from([*PROTOCOLS, "grpc"]),
    status=st.integers(100, 599),
    kind=st.sampled_from([JSON, STREAM, HTML, ""]),
    body=st.binary(max_size=60) | JSON_VALUES.map(lambda v: json.dumps(v).encode()),
)
def test_no_body_makes_the_reading_raise(protocol: str, status: int, kind: str, body: bytes) -> None:
    found = read(protocol, status, kind, body)
    assert found.status == status
    assert len(found.code) <= 80
    assert len(found.message) <= 200
    assert not found.result or 200 <= status < 300


def test_only_the_beginning_of_an_endless_body_is_looked_at() -> None:
    assert read("openai", 403, JSON, b'{"message": "' + b"x" * MAX_BODY) == Answer(status=403)
