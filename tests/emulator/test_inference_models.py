"""Models: which exist, who may call them, what they answer and what that costs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.inprocess import (
    ASK,
    CHAT,
    CODING,
    GENERATION,
    MESSAGES,
    MODELS,
    PATHS,
    SHARED,
    TOKEN_CN,
    TOKEN_INTL,
    World,
    whole_body,
)

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

EMBEDDINGS = "/compatible-mode/v1/embeddings"
NATIVE_EMBEDDING = "/api/v1/services/embeddings/text-embedding/text-embedding"
VIDEO = "/api/v1/services/aigc/video-generation/video-synthesis"


@pytest.fixture
def world(tmp_path: Path) -> Generator[World]:
    with World(tmp_path / "emulator") as made:
        yield made


@pytest.fixture
def key(world: World) -> str:
    return world.key(world.workspace()).value


def test_lists_hold_every_model_that_exists(world: World) -> None:
    key = world.key(world.workspace(models=False)).value
    there = world.send("GET", "/_admin/settings").json["models"]
    body = world.ask("GET", SHARED, MODELS, key).json
    assert [entry["id"] for entry in body["data"]] == there
    assert (body["first_id"], body["last_id"], body["has_more"]) == ("model-id-0", "model-id-6", False)
    output = world.ask("GET", SHARED, "/api/v1/models?page_no=2&page_size=3", key).json["output"]
    assert (output["total"], output["page_no"], output["page_size"]) == (7, 2, 3)
    assert [entry["model"] for entry in output["models"]] == there[3:6]
    output = world.ask("GET", SHARED, "/api/v1/models?page_no=x&page_size=9999", key).json["output"]
    assert (output["page_no"], output["page_size"], len(output["models"])) == (1, 100, 7)


def told(world: World, host: str, key: str, protocol: str, model: str) -> tuple[int, str]:
    answer = world.call_model(host, key, protocol, model)
    return answer.status, answer.json.get("error", answer.json)["message"]


def test_an_unknown_model_by_host_and_protocol(world: World, key: str) -> None:
    plan, coding = world.plan_key("token_plan", "ap-southeast-1"), world.plan_key("coding_plan")
    openai = (404, "The model `m` does not exist or you do not have access to it.")
    assert told(world, SHARED, key, "openai", "m") == told(world, TOKEN_INTL, plan, "openai", "m") == openai
    assert (
        told(world, SHARED, key, "anthropic", "m") == told(world, CODING, coding, "anthropic", "m") == (404, "model: m")
    )
    assert told(world, TOKEN_INTL, plan, "anthropic", "m") == (400, "Model not exist")
    assert told(world, SHARED, key, "native", "m") == (400, "Model not exist.")
    assert told(world, TOKEN_INTL, plan, "native", "m") == (404, "Model not exist.")


def test_a_retired_model_is_listed_and_answers_nobody(world: World) -> None:
    own = world.workspace()
    key = world.key(own).value
    world.settings(retired_models=["qwen-max"])
    assert "qwen-max" in world.ask("GET", own.api_host, MODELS, key).text
    assert world.call_model(own.api_host, key, model="qwen-max").code == "access_denied"
    assert world.call_model(own.api_host, key, "native", "qwen-max").code == "Endpoint.AccessDenied"
    assert world.call_model(SHARED, key, model="qwen-max").code == "model_not_found"
    assert world.call_model(own.api_host, key, model="qwen-plus").status == 200


@pytest.mark.parametrize(
    ("bill", "status", "code"),
    [
        ("arrears", 400, "Arrearage"),
        ("quota", 429, "insufficient_quota"),
        ("free_tier", 403, "AllocationQuota.FreeTierOnly"),
        ("unpurchased", 403, "AccessDenied.Unpurchased"),
        ("commodity", 429, "CommodityNotPurchased"),
    ],
)
def test_the_bill(world: World, key: str, bill: str, status: int, code: str) -> None:
    world.settings(bill=bill)
    for protocol in PATHS:
        answer = world.call_model(SHARED, key, protocol)
        assert answer.status == status
        assert code in answer.code
    assert world.ask("GET", SHARED, MODELS, key).status == 200


def test_a_single_model_may_be_unpurchased(world: World, key: str) -> None:
    world.settings(unpurchased_models=["qwen-max"])
    assert world.call_model(SHARED, key, model="qwen-max").code == "AccessDenied.Unpurchased"
    assert world.call_model(SHARED, key, model="qwen-plus").status == 200


def test_embeddings(world: World, key: str) -> None:
    model = "text-embedding-v4"
    body = world.ask("POST", SHARED, EMBEDDINGS, key, {"model": model, "input": ["two words", "one"]}).json
    assert [entry["index"] for entry in body["data"]] == [0, 1]
    assert body["usage"] == {"prompt_tokens": 3, "total_tokens": 3}
    given = {"model": model, "input": {"texts": ["two words"]}}
    body = world.ask("POST", SHARED, NATIVE_EMBEDDING, key, given).json
    assert [entry["text_index"] for entry in body["output"]["embeddings"]] == [0]
    assert [(c["operation"], c["params"]["tokens"]) for c in world.calls()[-2:]] == [
        ("inference:embeddings", "3"),
        ("inference:native-embeddings", "2"),
    ]
    none: dict[str, Any] = {"texts": []}
    wrong: list[tuple[str, Any]] = [
        (EMBEDDINGS, ""),
        (EMBEDDINGS, []),
        (NATIVE_EMBEDDING, {}),
        (NATIVE_EMBEDDING, none),
    ]
    for path, bad in wrong:
        answer = world.ask("POST", SHARED, path, key, {"model": model, "input": bad})
        assert answer.status == 400
        assert "input" in answer.json.get("error", answer.json)["message"]


def test_a_model_of_another_kind_is_told_by_the_model(world: World, key: str) -> None:
    world.settings(models=["qwen-plus", "text-embedding-v4", "wan2.5-t2v"])
    for path, model in ((EMBEDDINGS, "qwen-plus"), (CHAT, "text-embedding-v4"), (CHAT, "wan2.5-t2v")):
        answer = world.ask("POST", SHARED, path, key, {"model": model, "input": "x", "messages": ASK})
        assert (answer.status, answer.code) == (404, "model_not_supported")
        assert f"`{model}`" in answer.text
    assert world.call_model(SHARED, key, "anthropic", "text-embedding-v4").status == 404
    assert told(world, SHARED, key, "native", "text-embedding-v4") == (400, "Model not exist.")
    plan = world.plan_key("token_plan")
    assert world.call_model(TOKEN_CN, plan, model="wan2.5-t2v").code == "InvalidParameter"
    assert world.ask("POST", SHARED, VIDEO, key, {"model": "wan2.5-t2v", "input": {"prompt": "x"}}).status == 200
    bodies: list[dict[str, Any]] = [{}, {"input": {}}]
    for given in bodies:
        assert world.ask("POST", SHARED, VIDEO, key, {"model": "wan2.5-t2v", **given}).status == 400


def _streamed(protocol: str) -> dict[str, Any]:
    """Return what asks for a stream."""
    return {"headers": {"X-DashScope-SSE": "enable"}} if protocol == "native" else {"stream": True}


def usage(protocol: str, body: Any) -> tuple[int, str]:
    """Return the tokens of an answer and its text."""
    if protocol == "openai":
        return body["usage"]["completion_tokens"], body["choices"][0]["message"]["content"]
    if protocol == "anthropic":
        return body["usage"]["output_tokens"], body["content"][0]["text"]
    return body["usage"]["output_tokens"], body["output"]["text"]


@pytest.mark.parametrize("protocol", PATHS)
def test_one_token_is_one_word(world: World, key: str, protocol: str) -> None:
    one: dict[str, Any] = {"parameters": {"max_tokens": 1}} if protocol == "native" else {"max_tokens": 1}
    answer = world.call_model(SHARED, key, protocol, enable_thinking=False, **one)
    assert usage(protocol, answer.json) == (1, "qwen-plus")
    assert ("length" in answer.text, "max_tokens" in answer.text) == (protocol != "anthropic", protocol == "anthropic")
    assert world.calls()[-1]["params"]["tokens"] == "3", "two words of the question, one of the answer"
    whole = world.call_model(SHARED, key, protocol)
    done, text = usage(protocol, whole.json)
    assert done == len(text.split()) > 5


@pytest.mark.parametrize("protocol", PATHS)
def test_every_answer_s_tokens_are_in_the_record_and_no_refusal_s(world: World, key: str, protocol: str) -> None:
    streamed = _streamed(protocol)
    world.call_model(SHARED, key, protocol, model="no-such-model")
    world.ask("GET", SHARED, MODELS, key)
    assert all("tokens" not in call["params"] for call in world.calls())
    world.call_model(SHARED, key, protocol)
    world.call_model(SHARED, key, protocol, **streamed)
    plain, stream = world.calls()[-2:]
    assert int(plain["params"]["tokens"]) > 7
    assert plain["params"]["tokens"] == stream["params"]["tokens"]
    assert (plain["params"]["stream"], stream["params"]["stream"]) == ("false", "true")
    assert plain["params"]["user_agent"] == "curl/8.9"


@pytest.mark.parametrize("protocol", PATHS)
def test_a_model_may_only_stream(world: World, key: str, protocol: str) -> None:
    world.settings(stream_only_models=["qwen-plus"])
    answer = world.call_model(SHARED, key, protocol)
    assert answer.status == 400
    message = answer.json.get("error", answer.json)["message"]
    assert message == "This model only support stream mode, please enable the stream parameter to access the model. "
    streamed = _streamed(protocol)
    assert world.call_model(SHARED, key, protocol, **streamed).status == 200
    assert world.call_model(SHARED, key, protocol, model="qwen-max").status == 200


def test_the_bytes_of_streams(world: World, key: str) -> None:
    answer = world.ask("POST", SHARED, MESSAGES, key, whole_body("anthropic") | {"stream": True})
    assert answer.text.startswith("event:message_start\ndata:{")
    native = world.call_model(SHARED, key, "native", headers={"X-DashScope-SSE": "enable"})
    for streamed in (answer, native):
        assert streamed.headers["content-type"] == "text/event-stream;charset=UTF-8"
    events = native.text.split("\n\n")
    assert events.pop() == ""
    assert [event.split("\n")[:3] for event in events] == [
        [f"id:{n}", "event:result", ":HTTP_STATUS/200"] for n in range(1, len(events) + 1)
    ]
    datas = [json.loads(event.partition("\ndata:")[2]) for event in events]
    whole = world.call_model(SHARED, key, "native").json
    assert datas[-1] == whole
    assert datas[0]["output"] == {"text": "qwen-plus", "finish_reason": "null"}
    asked = whole_body("native") | {"parameters": {"incremental_output": True, "result_format": "message"}}
    pieces = world.ask("POST", SHARED, GENERATION, key, asked, {"X-DashScope-SSE": "enable"}).text.split("\n\n")[:-1]
    choices = [json.loads(piece.partition("\ndata:")[2])["output"]["choices"][0] for piece in pieces]
    assert "".join(choice["message"]["content"] for choice in choices) == whole["output"]["text"]


def test_a_body_in_openai_s_form_below_the_native_base(world: World) -> None:
    own = world.workspace()
    key = world.key(own).value
    body = whole_body("openai")
    assert world.ask("POST", own.api_host, "/api/v1/chat/completions", key, body).code == "BadRequest.EmptyWorkspace"
    assert world.ask("POST", own.api_host, "/api/v1/chat/completions", key, {}).status == 404
    assert world.ask("POST", SHARED, "/api/v1/chat/completions", key, body).status == 404
    sibling = world.workspace().api_host
    assert world.ask("POST", sibling, "/api/v1/chat/completions", key, body).code == "Endpoint.AccessDenied"
