"""The inference hosts, through unmodified `openai` and `anthropic` clients."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import anthropic
import openai
import pytest

from tests.emulator.clients import auth, ms

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.emulator.clients import Clients
    from tests.emulator_process import EmulatorProcess

DASHSCOPE = "dashscope.aliyuncs.com"
PLAN_HOSTS = [
    ("token_plan", "ap-southeast-1", "token-plan.ap-southeast-1.maas.aliyuncs.com", "/compatible-mode/v1"),
    ("token_plan", "cn-beijing", "token-plan.cn-beijing.maas.aliyuncs.com", "/compatible-mode/v1"),
    ("coding_plan", "ap-southeast-1", "coding-intl.dashscope.aliyuncs.com", "/v1"),
    ("coding_plan", "cn-beijing", "coding.dashscope.aliyuncs.com", "/v1"),
]
_ASK = [{"role": "user", "content": "hello"}]


class Inference:
    """Both clients for one host."""

    def __init__(self, emulator: EmulatorProcess, host: str, key: str, path: str = "/compatible-mode/v1") -> None:
        self.base = f"{emulator.inference}/{host}"
        self.key = key
        self.path = path

    @contextmanager
    def openai(self) -> Generator[Any]:
        with openai.OpenAI(base_url=f"{self.base}{self.path}", api_key=self.key, max_retries=0) as client:
            yield client

    @contextmanager
    def anthropic(self) -> Generator[Any]:
        base = f"{self.base}/apps/anthropic"
        with anthropic.Anthropic(base_url=base, max_retries=0, auth_token=self.key) as client:
            yield client

    def chat(self, model: str = "qwen-plus") -> str:
        with self.openai() as client:
            answer = client.chat.completions.create(model=model, messages=_ASK)
            return str(answer.choices[0].message.content)

    def message(self, model: str = "qwen-plus") -> str:
        with self.anthropic() as client:
            answer = client.messages.create(model=model, max_tokens=10, messages=_ASK)
            return str(answer.content[0].text)

    def statuses(self, model: str = "qwen-plus") -> list[int]:
        """Return the statuses of a chat and a message."""
        found: list[int] = []
        for call, error in ((self.chat, openai.APIStatusError), (self.message, anthropic.APIStatusError)):
            try:
                call(model)
            except error as exc:
                found.append(exc.status_code)
            else:
                found.append(200)
        return found


def key_of(clients: Clients, workspace: Any, **more: Any) -> str:
    value: str = clients.key(workspace.workspace_id, workspace.region, **more).api_key.api_key_value
    return value


def raw(method: str, url: str, headers: dict[str, str] | None = None, body: Any = None) -> tuple[int, Any]:
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    request = Request(url, data=data, headers=headers or {}, method=method)  # noqa: S310 - loopback
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except HTTPError as exc:
        with exc:
            return exc.code, json.load(exc)


def test_chat_and_messages_answer_streamed_or_not(clients: Clients, emulator: EmulatorProcess) -> None:
    workspace = clients.workspace()
    pair = Inference(emulator, workspace.api_host, key_of(clients, workspace))
    text = pair.chat()
    assert workspace.workspace_id in text
    assert pair.message() == text
    with pair.openai() as client:
        asked = client.chat.completions.create(
            model="qwen-plus", messages=_ASK, stream=True, stream_options={"include_usage": True}
        )
        chunks = list(asked)
        assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == text
        assert chunks[-2].choices[0].finish_reason == "stop"
        assert chunks[-1].usage.total_tokens > 0
        assert "qwen-plus" in [model.id for model in client.models.list()]
    with pair.anthropic() as client, client.messages.stream(model="qwen-plus", max_tokens=9, messages=_ASK) as stream:
        pieces = list(stream.text_stream)
        assert len(pieces) > 1
        assert "".join(pieces) == text
        assert stream.get_final_message().stop_reason == "end_turn"


def test_a_stream_ends_with_done(clients: Clients, emulator: EmulatorProcess) -> None:
    workspace = clients.workspace()
    key = key_of(clients, workspace)
    request = Request(  # noqa: S310 - loopback
        f"{emulator.inference}/{workspace.api_host}/compatible-mode/v1/chat/completions",
        data=json.dumps({"model": "qwen-plus", "messages": _ASK, "stream": True}).encode(),
        headers={"Authorization": f"Bearer {key}"},
    )
    with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
        assert answer.headers["content-type"] == "text/event-stream;charset=UTF-8"
        events = answer.read().decode().split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]


def test_wrong_pairs_are_refused(clients: Clients, emulator: EmulatorProcess) -> None:
    mine, other, abroad = clients.workspace("mine"), clients.workspace("other"), clients.workspace("x", "us-east-1")
    key = key_of(clients, mine)
    plan_key = emulator.admin("POST", "/plan-keys", {"plan": "coding_plan", "region": "cn-beijing"})["value"]
    expected = {
        (mine.api_host, key): 200,
        (DASHSCOPE, key): 200,
        ("trial.cn-beijing.maas.aliyuncs.com", key): 200,
        (mine.api_host, "sk-ws-test.a1"): 401,
        (other.api_host, key): 403,
        (abroad.api_host, key): 401,
        ("dashscope-us.aliyuncs.com", key): 401,
        ("trial.cn-hongkong.maas.aliyuncs.com", key): 401,
        (DASHSCOPE, plan_key): 401,
        ("token-plan.cn-beijing.maas.aliyuncs.com", key): 401,
        ("token-plan.cn-beijing.maas.aliyuncs.com", plan_key): 401,
        (f"{mine.workspace_id}.us-east-1.maas.aliyuncs.com", key): 401,
        ("llm-nobody.cn-beijing.maas.aliyuncs.com", key): 403,
        ("trial.us-east-1.maas.aliyuncs.com", key): 401,
        ("ws-nobody.mars.maas.aliyuncs.com", key): 404,
        ("dashscope.example.com", key): 404,
    }
    assert mine.api_host == f"{mine.workspace_id}.cn-beijing.maas.aliyuncs.com"
    found = {pair: Inference(emulator, *pair).statuses() for pair in expected}
    assert found == {pair: [status, status] for pair, status in expected.items()}


@pytest.mark.parametrize(("plan", "region", "host", "path"), PLAN_HOSTS)
def test_plan_hosts_take_the_keys_of_their_plan_and_region(
    clients: Clients, emulator: EmulatorProcess, plan: str, region: str, host: str, path: str
) -> None:
    def registered(plan: str, region: str) -> str:
        value: str = emulator.admin("POST", "/plan-keys", {"plan": plan, "region": region})["value"]
        return value

    other_region = next(r for p, r, _, _ in PLAN_HOSTS if p == plan and r != region)
    other_plan = next(p for p, _, _, _ in PLAN_HOSTS if p != plan)
    good = Inference(emulator, host, registered(plan, region), path)
    assert "subscription plan" in good.chat()
    assert "subscription plan" in good.message()
    ask = {"model": "qwen-plus", "max_tokens": 5, "messages": _ASK}
    assert raw("POST", f"{good.base}/apps/anthropic/v1/messages", {"x-api-key": good.key}, ask)[0] == 200
    for bad in (
        registered(plan, other_region),
        registered(other_plan, region),
        key_of(clients, clients.workspace(region=region)),
    ):
        assert Inference(emulator, host, bad, path).statuses() == [401, 401]


def test_disabled_deleted_and_reset_keys_are_a_401(clients: Clients, emulator: EmulatorProcess) -> None:
    workspace, client = clients.workspace(), clients.model_studio()
    made = clients.key(workspace.workspace_id).api_key
    key_id, pair = str(made.api_key_id), Inference(emulator, workspace.api_host, made.api_key_value)
    client.disable_api_key(key_id, ms.DisableApiKeyRequest())
    assert pair.statuses() == [401, 401]
    client.enable_api_key(key_id, ms.EnableApiKeyRequest())
    assert pair.statuses() == [200, 200]
    fresh = client.reset_api_key(key_id, ms.ResetApiKeyRequest()).body.api_key.api_key_value
    assert pair.statuses() == [401, 401]
    with pytest.raises(openai.AuthenticationError, match=r"API-key is blocked\."):
        pair.chat()
    old, pair.key = pair.key, fresh
    assert old not in json.dumps(emulator.admin("GET", "/state"))
    assert pair.statuses() == [200, 200]
    client.delete_api_key(key_id)
    for pair.key in (old, fresh):
        with pytest.raises(openai.AuthenticationError, match=r"Invalid API-key provided\."):
            pair.chat()


def test_the_bodies_of_the_errors(clients: Clients, emulator: EmulatorProcess) -> None:
    workspace = clients.workspace(models=False)
    good, bad = key_of(clients, workspace), "sk-ws-test.a1"
    base = f"{emulator.inference}/{workspace.api_host}"
    chat, messages = f"{base}/compatible-mode/v1/chat/completions", f"{base}/apps/anthropic/v1/messages"
    ask = {"model": "qwen-plus", "max_tokens": 5, "messages": _ASK}
    status, body = raw("POST", chat, {"Authorization": f"Bearer {bad}"}, {})
    assert (status, body["error"]["code"]) == (401, "invalid_api_key")
    status, body = raw("GET", f"{base}/compatible-mode/v1/models")
    assert (status, body["error"]["code"]) == (401, "invalid_api_key")
    status, body = raw("POST", messages, {"Authorization": f"Bearer {bad}"}, {})
    assert (status, body["type"], body["error"]["type"]) == (401, "error", "authentication_error")
    status, body = raw("POST", f"{base}/api/v1/services/aigc/text-generation/generation", {}, {})
    assert (status, body["code"]) == (401, "InvalidApiKey")
    # A good key: the model counts, then the right to it, then the body.
    bearer = {"Authorization": f"Bearer {good}"}
    status, body = raw("POST", chat, bearer, ask | {"model": "no-such-model"})
    assert (status, body["error"]["code"]) == (404, "model_not_found")
    status, body = raw("POST", messages, bearer, ask | {"model": "no-such-model"})
    assert (status, body["error"]) == (404, {"type": "not_found_error", "message": "model: no-such-model"})
    for given in (ask, {"model": "qwen-plus"}):
        status, body = raw("POST", chat, bearer, given)
        assert (status, body["error"]["code"]) == (403, "Model.AccessDenied")
        status, body = raw("POST", messages, bearer, given)
        assert (status, body["error"]["type"]) == (403, "permission_error")
        assert "Model.AccessDenied" in body["error"]["message"]
    assert raw("GET", f"{base}/compatible-mode/v2/models", bearer)[0] == 404


@pytest.mark.parametrize(
    ("body", "openai_names", "anthropic_names"),
    [
        ({}, "model", "model"),
        (b"no json", "JSON", "JSON"),
        ([], "JSON", "JSON"),
        ({"model": "", "messages": _ASK}, "model", "model"),
        ({"model": "qwen-plus"}, "'messages'", "messages:"),
        ({"model": "qwen-plus", "messages": [], "max_tokens": 1}, "'messages'", "messages:"),
        ({"model": "qwen-plus", "messages": _ASK, "max_tokens": 0}, "max_tokens", "max_tokens:"),
        ({"model": "qwen-plus", "messages": _ASK}, None, "max_tokens: Field required"),
    ],
)
def test_a_wrong_body_is_told_by_its_parameter(
    clients: Clients, emulator: EmulatorProcess, body: Any, openai_names: str | None, anthropic_names: str
) -> None:
    workspace = clients.workspace()
    bearer = {"Authorization": f"Bearer {key_of(clients, workspace)}"}
    base = f"{emulator.inference}/{workspace.api_host}"
    status, told = raw("POST", f"{base}/compatible-mode/v1/chat/completions", bearer, body)
    assert status == (400 if openai_names else 200)
    if openai_names:
        assert openai_names in told["error"]["message"]
        assert told["error"]["code"] == "invalid_parameter_error"
    status, told = raw("POST", f"{base}/apps/anthropic/v1/messages", bearer, body)
    assert (status, told["error"]["type"]) == (400, "invalid_request_error")
    assert anthropic_names in told["error"]["message"]


def test_models_of_workspace_and_key(clients: Clients, emulator: EmulatorProcess) -> None:
    workspace = clients.workspace()
    scoped = key_of(clients, workspace, auth=auth(all=False, models=["qwen-plus"]))
    pair = Inference(emulator, workspace.api_host, scoped)
    assert pair.statuses("qwen-plus") == [200, 200]
    assert pair.statuses("qwen-max") == [403, 403]
    with pair.openai() as client:
        listed = [model.id for model in client.models.list()]
    assert listed == emulator.admin("GET", "/settings")["models"], "the region's, whatever the key may call"
    close = ms.UpdateModelPermissionsRequest(workspace_id=workspace.workspace_id, access_all_entities="CLOSE")
    clients.model_studio().update_model_permissions(close)
    assert pair.statuses("qwen-plus") == [403, 403], "the workspace may not call it any more"
    default = key_of(clients, clients.model_studio().list_workspaces(ms.ListWorkspacesRequest()).body.workspaces[0])
    assert Inference(emulator, DASHSCOPE, default).statuses() == [200, 200]


def test_addresses(clients: Clients, emulator: EmulatorProcess) -> None:
    workspace = clients.workspace()
    office = Inference(emulator, DASHSCOPE, key_of(clients, workspace, auth=auth(ips=["203.0.113.0/24"], all=True)))
    world = Inference(emulator, DASHSCOPE, key_of(clients, workspace, auth=auth(all=True)))
    here = Inference(emulator, DASHSCOPE, key_of(clients, workspace, auth=auth(ips=["127.0.0.0/8"], all=True)))
    assert (office.statuses(), world.statuses(), here.statuses()) == ([403, 403], [200, 200], [200, 200])
    emulator.settings(client_address="203.0.113.7")
    assert (office.statuses(), world.statuses(), here.statuses()) == ([200, 200], [200, 200], [403, 403])


def test_a_new_key_opens_late_when_asked_for(clients: Clients, emulator: EmulatorProcess) -> None:
    emulator.settings(visibility_delay_calls=2)
    pair = Inference(emulator, DASHSCOPE, key_of(clients, clients.workspace()))
    assert pair.statuses() + pair.statuses() == [401, 401, 200, 200]


def test_the_native_protocol(clients: Clients, emulator: EmulatorProcess) -> None:
    workspace = clients.workspace()
    bearer = {"Authorization": f"Bearer {key_of(clients, workspace)}"}
    base = f"{emulator.inference}/{workspace.api_host}/api/v1"
    ask = {"model": "qwen-plus", "input": {"messages": _ASK}}
    status, body = raw("POST", f"{base}/services/aigc/text-generation/generation", bearer, ask)
    assert (status, workspace.workspace_id in body["output"]["text"]) == (200, True)
    status, body = raw("GET", f"{base}/models", bearer)
    assert (status, {"model": "qwen-plus"} in body["output"]["models"]) == (200, True)
    assert raw("POST", f"{base}/services/aigc/text-generation/generation", bearer, {"model": "qwen-plus"})[0] == 400
