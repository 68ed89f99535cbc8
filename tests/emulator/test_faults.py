"""Each kind of fault, on the control plane, KMS and the inference hosts."""

from __future__ import annotations

import http.client
import time
from typing import TYPE_CHECKING, Any

import openai
import pytest

from tests.emulator.clients import kms, ms, oos, raised
from tests.emulator.test_inference import DASHSCOPE, Inference, key_of, raw

if TYPE_CHECKING:
    from tests.emulator.clients import Clients
    from tests.emulator_process import EmulatorProcess


def create(clients: Clients, name: str = "w") -> Any:
    return clients.model_studio().create_workspace(ms.CreateWorkspaceRequest(workspace_name=name)).body


def names(emulator: EmulatorProcess) -> list[str]:
    found = emulator.admin("GET", "/state")["workspaces"]
    return [w["name"] for w in found if not w["is_default"]]


@pytest.mark.parametrize(
    ("kind", "done", "inner"),
    [
        ("refuse", False, "ConnectionResetError"),
        ("cut_before", False, "RemoteDisconnected"),
        ("cut_after", True, "RemoteDisconnected"),
    ],
)
def test_calls_without_an_answer(
    clients: Clients, emulator: EmulatorProcess, kind: str, done: bool, inner: str
) -> None:
    emulator.fault("CreateWorkspace", kind)
    error = raised(lambda: create(clients, "struck"))
    assert inner in str(error.inner_exception)
    assert names(emulator) == (["struck"] if done else [])
    call = emulator.calls()[-1]
    assert (call["operation"], call["status"], call["fault"]) == ("CreateWorkspace", 0, kind)
    assert create(clients, "next").success is True


def test_a_truncated_answer_has_the_whole_length_and_half_the_body(clients: Clients, emulator: EmulatorProcess) -> None:
    workspace = clients.workspace()
    key = key_of(clients, workspace)
    emulator.fault("CreateWorkspace", "truncate")
    assert raised(lambda: create(clients, "struck")) is not None
    assert names(emulator) == ["test", "struck"]

    emulator.fault("inference:models", "truncate")
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=30)
    bearer = {"Authorization": f"Bearer {key}"}
    connection.request("GET", f"/_host/{workspace.api_host}/compatible-mode/v1/models", headers=bearer)
    answer = connection.getresponse()
    assert answer.status == 200
    length = int(answer.headers["content-length"])
    with pytest.raises(http.client.IncompleteRead) as cut:
        answer.read()
    connection.close()
    assert len(cut.value.partial) == length // 2


def test_429_tells_when_to_come_back(clients: Clients, emulator: EmulatorProcess) -> None:
    emulator.fault("CreateWorkspace", "429", retry_after=1.5)
    error = raised(lambda: create(clients))
    assert (error.status_code, error.code) == (429, "Throttling.User")
    assert (type(error).__name__, error.retry_after) == ("ThrottlingException", 1500)
    emulator.fault("CreateWorkspace", "429")
    error = raised(lambda: create(clients))
    assert (type(error).__name__, error.code) == ("ClientException", "Throttling.User")
    assert names(emulator) == []

    emulator.fault("inference:chat", "429", retry_after=2)
    chat = f"{emulator.inference}/{DASHSCOPE}/compatible-mode/v1/chat/completions"
    status, body = raw("POST", chat, {"Authorization": "Bearer sk-ws-test.a1"}, {})
    assert (status, body["error"]["code"]) == (429, "Throttling.User")
    emulator.fault("inference:chat", "429", retry_after=2)
    limited = Inference(emulator, DASHSCOPE, "sk-ws-test.a1")
    with pytest.raises(openai.RateLimitError) as caught:
        limited.chat()
    assert caught.value.response.headers["retry-after"] == "2"


def test_500_changes_nothing(clients: Clients, emulator: EmulatorProcess) -> None:
    emulator.fault("CreateWorkspace", "500")
    assert raised(lambda: create(clients)).status_code == 500
    assert names(emulator) == []
    emulator.fault("inference:messages", "500")
    url = f"{emulator.inference}/{DASHSCOPE}/apps/anthropic/v1/messages"
    status, body = raw("POST", url, {"x-api-key": "sk-ws-test.a1"}, {})
    assert (status, body["error"]["type"]) == (500, "api_error")


def test_delay(clients: Clients, emulator: EmulatorProcess) -> None:
    emulator.fault("CreateWorkspace", "delay", seconds=0.4)
    start = time.monotonic()
    assert create(clients, "late").success is True
    assert time.monotonic() - start >= 0.4


def test_nth_and_times_count_matching_calls(clients: Clients, emulator: EmulatorProcess) -> None:
    create(clients, "before")
    emulator.fault("CreateWorkspace", "500", nth=2, times=2)
    client = clients.model_studio()
    statuses: list[int] = []
    for n in range(4):
        client.list_workspaces(ms.ListWorkspacesRequest())  # does not match, so it does not count
        try:
            create(clients, f"w{n}")
        except Exception as exc:  # noqa: BLE001 - the vendor's exceptions have no typed base
            statuses.append(getattr(exc, "status_code", 0))
        else:
            statuses.append(200)
    assert statuses == [200, 500, 500, 200]


def test_a_fault_may_be_for_one_product_s_call_of_that_name(clients: Clients, emulator: EmulatorProcess) -> None:
    emulator.fault("ListTagResources", "500", product="oos")
    where = kms.ListTagResourcesRequest(resource_type="secret", resource_id=["none"], region_id="cn-beijing")
    assert raised(lambda: clients.kms().list_tag_resources(where)).status_code == 404
    request = oos.ListTagResourcesRequest(resource_type="parameter", region_id="cn-beijing")
    assert raised(lambda: clients.oos().list_tag_resources(request)).status_code == 500


def test_faults_may_strike_every_call_and_be_taken_back(clients: Clients, emulator: EmulatorProcess) -> None:
    emulator.fault("*", "500", times=100)
    assert raised(lambda: create(clients)).status_code == 500
    request = kms.DescribeSecretRequest(secret_name="app")
    assert raised(lambda: clients.kms().describe_secret(request)).status_code == 500
    assert len(emulator.admin("GET", "/faults")["faults"]) == 1
    emulator.admin("DELETE", "/faults")
    assert create(clients).success is True


def test_a_nonsense_fault_is_refused(emulator: EmulatorProcess) -> None:
    for given in (
        {},
        {"kind": "explode"},
        {"kind": "500", "nth": 0},
        {"kind": "500", "seconds": -1},
        {"kind": "500", "n": 1},
        {"kind": "500", "product": "ecs"},
    ):
        status, body = raw("POST", f"{emulator.url}/_admin/faults", body={"operation": "X", **given})
        assert (status, list(body)) == (400, ["error"])
    assert emulator.admin("GET", "/faults") == {"faults": []}
