"""In which order the inference hosts look at things, and that no setting makes them fail."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.settings import Settings, Step
from tests.emulator.inprocess import (
    ASK,
    CHAT,
    CODING,
    GENERATION,
    JUNK,
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

    from tests.emulator.inprocess import Answer

STEPS: tuple[Step, ...] = get_args(Step)
NOBODY = "ws-0000000000000000.cn-beijing.maas.aliyuncs.com"

_TOLD: dict[str, dict[Step, tuple[str, ...]]] = {
    "openai": {
        "key": ("invalid_api_key",),
        "model": ("model_not_found",),
        "workspace": ("access_denied",),
        "bill": ("Arrearage",),
        "body": ("invalid_parameter_error",),
    },
    "anthropic": {
        "key": ("authentication_error: invalid_api_key",),
        "model": ("not_found_error: model: ",),
        "workspace": ("permission_error: access_denied",),
        "bill": ("invalid_request_error: Arrearage",),
        "body": ("invalid_request_error: messages",),
    },
    "native": {
        "key": ("InvalidApiKey",),
        "model": ("InvalidParameter",),
        "workspace": ("Endpoint.AccessDenied",),
        "bill": ("Arrearage",),
        "body": ("InvalidParameter",),
    },
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with World(tmp_path_factory.mktemp("emulator")) as made:
        yield made


def wrong_in(world: World, wrong: set[Step], good: str, protocol: str) -> Answer:
    """Make a call with these things wrong and no others."""
    world.settings(bill="arrears" if "bill" in wrong else "")
    body = whole_body(protocol, "no-such-model" if "model" in wrong else "qwen-plus")
    if "body" in wrong:
        body |= {"input": {"messages": []}} if protocol == "native" else {"messages": []}
    host = NOBODY if "workspace" in wrong else SHARED
    return world.ask("POST", host, PATHS[protocol], JUNK if "key" in wrong else good, body)


@pytest.mark.parametrize("protocol", PATHS)
def test_of_all_that_is_wrong_the_first_in_order_is_told(world: World, protocol: str) -> None:
    good = world.key(world.workspace()).value
    for order in permutations(STEPS):
        world.settings(inference_order=order)
        wrong = set(STEPS)
        for step in order:
            told = wrong_in(world, wrong, good, protocol).code
            assert told.startswith(_TOLD[protocol][step]), (order, step)
            wrong.remove(step)
        assert wrong_in(world, wrong, good, protocol).status == 200
    world.settings(inference_order=STEPS)


def test_the_default_order_is_the_inferred_one() -> None:
    assert Settings().inference_order == ("key", "model", "workspace", "bill", "body")


def test_an_order_names_each_step_once(world: World) -> None:
    for order in (STEPS[:4], (*STEPS, "key"), ("key",) * 5, (*STEPS[:4], "path")):
        assert world.send("POST", "/_admin/settings", {"inference_order": order}).status == 400


def test_the_anthropic_path_alone_may_look_at_the_body_first(world: World) -> None:
    world.settings(anthropic_body_first=True)
    assert world.ask("POST", SHARED, MESSAGES, JUNK, {}).status == 400
    assert world.ask("POST", SHARED, CHAT, JUNK, {}).status == 401
    world.settings(anthropic_body_first=False)
    assert world.ask("POST", SHARED, MESSAGES, JUNK, {}).status == 401


def _values(name: str, annotation: Any) -> st.SearchStrategy[Any]:
    """Return values for a setting, by its type."""
    if name == "inference_order":
        return st.permutations(STEPS)
    if annotation is bool:
        return st.booleans()
    if annotation is str:
        return st.sampled_from(["", "OperationNotSupported"])
    if get_origin(annotation) is Literal:
        return st.sampled_from(get_args(annotation))
    if get_origin(annotation) is tuple and get_origin(get_args(annotation)[0]) is Literal:
        return st.lists(_values(name, get_args(annotation)[0]))
    if get_origin(annotation) is tuple:
        return st.lists(st.sampled_from(["qwen-plus", "text-embedding-v4", "qwen-image", "ws-own", "some-client"]))
    return st.integers(0, 2)


_SETTINGS = {
    name: _values(name, field.annotation)
    for name, field in Settings.model_fields.items()
    if name not in ("clock_offset_s", "client_address", "page_size", "max_parameter_versions")
}
_CALLS = st.tuples(
    st.sampled_from(["GET", "POST", "PUT"]),
    st.sampled_from([SHARED, "own", NOBODY, TOKEN_CN, TOKEN_INTL, CODING, "trial.cn-beijing.maas.aliyuncs.com", "x.y"]),
    st.sampled_from(
        [
            CHAT,
            MODELS,
            MESSAGES,
            GENERATION,
            "/v1/models",
            "/v1/chat/completions",
            "/compatible-mode/v1/embeddings",
            "/api/v1/models?page_no=0",
            "/api/v1/services/embeddings/text-embedding/text-embedding",
            "/api/v1/services/aigc/video-generation/video-synthesis",
            "/api/v1/nothing",
            "/api-ws/v1/realtime?api_key=x",
            "/",
        ]
    ),
    st.sampled_from(["good", JUNK, "", "restricted", "plan"]),
    st.sampled_from(["bearer", "x-api-key"]),
    st.one_of(
        st.sampled_from([None, b"no json", b"[" * 100_000, b"\xff", [], {}]),
        st.fixed_dictionaries(
            {"model": st.sampled_from(["qwen-plus", "text-embedding-v4", "qwen-image", "nothing", 7, None])},
            optional={
                "messages": st.sampled_from([ASK, [], [None], "text", {}]),
                "input": st.sampled_from(
                    [{"messages": ASK}, {"texts": ["a", 1]}, {"messages": 1}, "text", ["a"], [], 1]
                ),
                "max_tokens": st.sampled_from([1, 9, 0, True, "1", None, 10**30]),
                "parameters": st.sampled_from([{"max_tokens": 1, "result_format": "message"}, [], 1]),
                "stream": st.sampled_from([True, False, 1]),
                "stream_options": st.sampled_from([{"include_usage": True}, [], 1]),
                "enable_thinking": st.booleans(),
                "tool_choice": st.sampled_from(["required", {}, None]),
                "system": st.sampled_from(["be kind", [], 1]),
            },
        ),
    ),
    st.sampled_from([{}, {"X-DashScope-SSE": "enable"}, {"X-DashScope-WorkSpace": "ws-a"}, {"User-Agent": ""}]),
)


@pytest.fixture(scope="module")
def keys(world: World) -> dict[str, str]:
    workspace = world.workspace()
    workspace.workspace_id = "ws-own"
    return {
        "good": world.key(workspace).value,
        "restricted": world.key(workspace, type="Custom", access_ips=["203.0.113.0/24"], allow_all_models=False).value,
        "plan": world.plan_key("token_plan"),
        "own": workspace.api_host,
    }


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.fixed_dictionaries({}, optional=_SETTINGS), calls=st.lists(_CALLS, min_size=1, max_size=4))
def test_no_setting_and_no_call_makes_it_fail(
    world: World, keys: dict[str, str], chosen: dict[str, Any], calls: list[Any]
) -> None:
    world.settings(**(Settings().model_dump() | {"models": ["qwen-plus", "text-embedding-v4", "qwen-image"]} | chosen))
    for method, at, path, kind, way, body, headers in calls:
        host, value = str(keys.get(at, at)), str(keys.get(kind, kind))
        sent = {"x-api-key": value} if way == "x-api-key" else {}
        answer = world.ask(method, host, path, "" if sent else value, body, headers | sent)
        assert answer.status < 500, answer.text


def test_the_search_for_defects_tries_every_switch(tmp_path: Path) -> None:
    assert {"inference_order", "gateway", "bill", "coding_takes", "retired_models"} <= _SETTINGS.keys()
    with World(tmp_path / "emulator") as broken:
        broken.store.state.settings.bill = "nothing known"  # type: ignore[assignment] # a defect, made up
        key = broken.key(broken.workspace()).value
        assert broken.call_model(SHARED, key).status == 500
