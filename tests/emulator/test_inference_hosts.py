"""Hosts, keys and the switches that say who is let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.emulator.inprocess import (
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

NOBODY = "ws-0000000000000000.cn-beijing.maas.aliyuncs.com"


@pytest.fixture
def world(tmp_path: Path) -> Generator[World]:
    with World(tmp_path / "emulator") as made:
        yield made


def statuses(world: World, host: str, key: str) -> list[int]:
    """Return the statuses of both lists and of a call in each protocol."""
    lists = [world.ask("GET", host, path, key).status for path in (MODELS, "/api/v1/models")]
    return lists + [world.call_model(host, key, protocol).status for protocol in PATHS]


def test_a_dedicated_host_lists_for_every_key_of_its_region_and_answers_its_own(world: World) -> None:
    own, sibling = world.workspace(), world.workspace()
    key, abroad = world.key(own).value, world.key(world.workspace("ap-southeast-1")).value
    assert statuses(world, own.api_host, key) == [200] * 5
    for host in (sibling.api_host, NOBODY, "llm-0.cn-beijing.maas.aliyuncs.com"):
        assert statuses(world, host, key) == [200, 200, 403, 403, 403]
        assert statuses(world, host, abroad) == statuses(world, host, JUNK) == [401] * 5
    assert statuses(world, "x.cn-mars.maas.aliyuncs.com", key) == [404] * 5


def test_the_bodies_of_a_denied_endpoint(world: World) -> None:
    key, text = world.key(world.workspace()).value, "Workspace endpoint access denied."
    error = {"type": "access_denied", "code": "access_denied", "message": text}
    assert world.call_model(NOBODY, key).json == {"error": error}
    native = world.call_model(NOBODY, key, "native").json
    assert (native.pop("request_id") != "", native) == (True, {"code": "Endpoint.AccessDenied", "message": text})
    anthropic = world.call_model(NOBODY, key, "anthropic").json
    assert (anthropic["type"], anthropic["error"]["type"]) == ("error", "permission_error")
    assert text in anthropic["error"]["message"]


def test_request_ids(world: World) -> None:
    key = world.key(world.workspace()).value
    assert len(world.call_model(SHARED, JUNK).json["request_id"]) == 36
    assert len(world.call_model(SHARED, key, model="no-such-model").json["request_id"]) == 16


@pytest.mark.parametrize("setting", ["made_up_host_answers", "sibling_key_answers"])
def test_a_foreign_key_may_be_a_401_instead(world: World, setting: str) -> None:
    own, sibling = world.workspace(), world.workspace()
    key = world.key(own).value
    world.settings(**{setting: "unauthorized"})
    made_up = setting == "made_up_host_answers"
    refused, denied = (NOBODY, sibling.api_host) if made_up else (sibling.api_host, NOBODY)
    assert statuses(world, refused, key) == [401] * 5
    assert statuses(world, denied, key) == [200, 200, 403, 403, 403]
    assert statuses(world, own.api_host, key) == [200] * 5


def test_isolation_may_not_hold(world: World) -> None:
    key, sibling = world.key(world.workspace()).value, world.workspace()
    abroad = world.workspace("ap-southeast-1")
    world.settings(keys_open_their_whole_region=True)
    assert statuses(world, sibling.api_host, key) == [200] * 5
    assert statuses(world, NOBODY, key) == [200, 200, 403, 403, 403], "a workspace that does not exist takes no key"
    assert statuses(world, abroad.api_host, key) == [401] * 5


def test_the_path_counts_after_the_key_and_only_below_a_base(world: World) -> None:
    key = world.key(world.workspace()).value
    for path in ("/compatible-mode/v1/nothing", "/apps/anthropic/v1/models", "/api/v1/nothing"):
        assert [world.ask("GET", SHARED, path, k).status for k in (JUNK, key)] == [401, 404]
    for path in ("/compatible-mode/v1", "/v1/models", "/"):
        assert [world.ask("GET", SHARED, path, k).status for k in (JUNK, key)] == [404, 404]


def test_an_address_outside_the_list_is_a_403_right_after_the_key(world: World) -> None:
    key = world.key(world.workspace(), type="Custom", access_ips=["203.0.113.0/24"])
    answer = world.call_model(SHARED, key.value, model="no-such-model")
    assert (answer.status, answer.code) == (403, "AccessDenied")
    key.disabled = True
    assert world.call_model(SHARED, key.value).status == 401


@pytest.mark.parametrize("protocol", PATHS)
def test_a_disabled_key_is_blocked_where_it_was_good(world: World, protocol: str) -> None:
    own = world.workspace()
    key = world.key(own)
    key.disabled = True
    for host in (SHARED, own.api_host):
        assert "API-key is blocked." in world.call_model(host, key.value, protocol).text
    abroad = world.call_model("dashscope-us.aliyuncs.com", key.value, protocol)
    world.settings(disabled_keys_are_blocked=False)
    for answer in (abroad, world.call_model(SHARED, key.value, protocol)):
        assert answer.status == 401
        assert "blocked" not in answer.text


def test_a_suspended_workspace_s_keys_fail_at_their_dedicated_host(world: World) -> None:
    own, other = world.workspace(), world.workspace()
    key, others = world.key(own).value, world.key(other).value
    world.settings(suspended_workspaces=[own.workspace_id])
    assert statuses(world, own.api_host, key) == [200, 200, 403, 403, 403]
    assert statuses(world, SHARED, key) == statuses(world, other.api_host, others) == [200] * 5


def test_a_workspace_to_which_the_owner_has_no_right(world: World) -> None:
    own, other = world.workspace(), world.workspace()
    key = world.key(own).value
    answer = world.call_model(SHARED, key, headers={"X-DashScope-WorkSpace": other.workspace_id})
    assert (answer.status, answer.code) == (403, "Workspace.AccessDenied")
    assert world.call_model(SHARED, key, headers={"X-DashScope-WorkSpace": own.workspace_id}).status == 200
    world.settings(barred_workspaces=[own.workspace_id])
    assert world.call_model(SHARED, key).code == "Workspace.AccessDenied"


def test_a_key_that_is_too_new_may_fail_at_its_dedicated_host_alone(world: World) -> None:
    own = world.workspace()
    world.settings(visibility_delay_calls=3, new_key_answers="endpoint_denied")
    key = world.key(own).value
    assert statuses(world, SHARED, key) == [200] * 5
    assert statuses(world, own.api_host, key) == [200, 200, 403, 403, 403]
    assert statuses(world, own.api_host, key) == [200] * 5, "three calls were denied"
    world.settings(new_key_answers="unauthorized")
    assert statuses(world, own.api_host, world.key(own).value) == [401, 401, 401, 200, 200]


def test_the_key_in_x_api_key(world: World) -> None:
    payg, token, coding = (
        world.key(world.workspace()).value,
        world.plan_key("token_plan"),
        world.plan_key("coding_plan"),
    )
    body = whole_body("anthropic")

    def status(host: str, key: str, bearer: str = "") -> int:
        return world.ask("POST", host, MESSAGES, bearer, body, {"x-api-key": key}).status

    pairs = ((SHARED, payg), (TOKEN_CN, token), (CODING, coding))
    assert [status(*pair) for pair in pairs] == [401, 200, 200]
    assert status(TOKEN_CN, token, bearer=JUNK) == 401, "the bearer token counts"
    world.settings(payg_takes_x_api_key=True)
    assert status(SHARED, payg) == 200


def test_lists_of_the_plans(world: World) -> None:
    token, coding = world.plan_key("token_plan"), world.plan_key("coding_plan")
    assert world.ask("GET", TOKEN_CN, MODELS, token).json["data"][0]["id"] == "qwen-flash"
    absent = world.ask("GET", CODING, "/v1/models", coding)
    assert (absent.status, absent.text) == (404, "")
    assert world.ask("GET", CODING, "/v1/models", JUNK).status == 401
    world.settings(coding_models="open")
    for key in (coding, JUNK, ""):
        assert world.ask("GET", CODING, "/v1/models", key).json["object"] == "list"


@pytest.mark.parametrize(
    ("agent", "taken"),
    [
        ("curl/8.9.1", True),
        ("Python-urllib/3.11", True),
        ("OpenClaw/1.0", True),
        ("claude-cli/2.0 (external)", True),
        ("qwen-code/0.1", True),
        ("OpenAI/Python 3.1", True),
        ("AsyncOpenAI/Python 3.1", True),
        ("Anthropic/Python 1.0", True),
        ("fin-coding-agent/0.1", True),
        ("", False),
        ("python-requests/2.32", False),
        ("Mozilla/5.0 curl/8", False),
    ],
)
def test_the_coding_plan_takes_coding_agents(world: World, agent: str, taken: bool) -> None:
    key = world.plan_key("coding_plan")
    for protocol in ("openai", "anthropic"):
        answer = world.call_model(CODING, key, protocol, headers={"User-Agent": agent})
        assert answer.status == (200 if taken else 405)
        assert taken or answer.json == {"error": "Coding Plan is currently only available for Coding Agents"}
    assert world.ask("GET", CODING, "/v1/models", key, headers={"User-Agent": agent}).status == 404


def test_the_coding_plan_may_take_others(world: World) -> None:
    key, headers = world.plan_key("coding_plan"), {"User-Agent": "Our-Tool/1"}
    assert world.call_model(CODING, JUNK, headers=headers).status == 401
    world.settings(coding_agent_check="before_key")
    assert world.call_model(CODING, JUNK, headers=headers).status == 405
    world.settings(coding_takes=["other", "OUR-tool"])
    assert world.call_model(CODING, JUNK, headers=headers).status == 401
    assert world.call_model(CODING, key, headers=headers).status == 200
    world.settings(coding_takes=[], coding_user_agents="any")
    assert world.call_model(CODING, key, headers=headers).status == 200


def test_the_texts_of_401_by_host(world: World) -> None:
    international = "https://www.alibabacloud.com/help/en/model-studio/error-code#apikey-error"
    chinese = "https://help.aliyun.com/zh/model-studio/error-code#apikey-error"
    incorrect, invalid = "Incorrect API key provided.", "Invalid API-key provided."

    def told(host: str, method: str = "POST", path: str = CHAT) -> tuple[str, list[str]]:
        body = world.ask(method, host, path, JUNK, whole_body("openai") if method == "POST" else None).json
        return body.get("error", body)["message"], sorted(body)

    more = " For details, see: "
    assert told(SHARED) == (f"{incorrect}{more}{chinese}", ["error", "request_id"])
    assert told("dashscope-intl.aliyuncs.com") == (f"{incorrect}{more}{international}", ["error", "request_id"])
    assert told(NOBODY) == (f"{invalid}{more}{chinese}", ["error"])
    assert told("ws-0.eu-central-1.maas.aliyuncs.com") == (f"{invalid}{more}{international}", ["error"])
    assert told(NOBODY, "GET", MODELS) == (f"{incorrect}{more}{chinese}", ["error", "request_id"])
    assert told(TOKEN_CN) == (invalid, ["code", "message", "request_id"])
    assert told(TOKEN_INTL) == (f"{invalid}{more}{international}", ["error"])
    assert told(CODING, path="/v1/chat/completions")[0] == "invalid access token or token expired"
    assert told(SHARED, path=GENERATION) == (invalid, ["code", "message", "request_id"])
    assert world.ask("POST", SHARED, GENERATION, "", {}).json["message"] == "No API-key provided."
    assert world.ask("POST", TOKEN_CN, CHAT, world.key(world.workspace()).value, {}).json["message"] == invalid


def test_the_gateway_of_the_websockets_reads_a_key_in_the_url(world: World) -> None:
    key = world.key(world.workspace()).value

    def told(query: str, path: str = "/api-ws/v1/realtime") -> tuple[int, str]:
        answer = world.ask("GET", SHARED, f"{path}{query}")
        return answer.status, answer.json.get("message", "")

    assert told("") == (401, "No API-key provided.")
    assert told(f"?api_key={JUNK}") == (401, "Invalid API-key provided.")
    assert told(f"?api_key={key}")[0] == 400
    assert told(f"?api_key={key}", "/api/v1/models") == (401, "No API-key provided.")
    assert key not in str(world.calls())


@pytest.mark.parametrize(
    ("word", "status", "text"),
    [("html_login", 200, "Sign in"), ("empty_200", 200, ""), ("redirect", 302, ""), ("plain_403", 403, "<html>")],
)
def test_something_else_may_answer_in_its_place(world: World, word: str, status: int, text: str) -> None:
    key = world.key(world.workspace()).value
    world.settings(gateway=word)
    for answer in (
        world.call_model(SHARED, key),
        world.ask("GET", "x.example.com", "/"),
        world.ask("GET", SHARED, MODELS),
    ):
        assert (answer.status, text in answer.text) == (status, True)
        assert bool(answer.text) == bool(text)
        assert ("location" in answer.headers) == (word == "redirect")
    assert world.send("POST", "/", {}).status != status, "the control plane is as ever"
