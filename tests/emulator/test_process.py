"""The process: ready line, ports, restarts, the record of calls, and what it keeps to itself."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from emulator.hosts import HOSTS, find
from tests.emulator.clients import kms, ms, raised, sae
from tests.emulator.test_inference import DASHSCOPE, Inference, key_of, raw
from tests.emulator_process import CREDENTIALS, ROOT, EmulatorProcess

if TYPE_CHECKING:
    from pathlib import Path

    from tests.emulator.clients import Clients


def regions_of_workspaces(clients: Clients, region: str) -> set[str]:
    body = clients.model_studio(region).list_workspaces(ms.ListWorkspacesRequest()).body
    return {w.region for w in body.workspaces}


def test_each_port_serves_everything_and_decides_the_region(clients: Clients, emulator: EmulatorProcess) -> None:
    assert len({emulator.port, *emulator.regions.values()}) == 7
    for region in emulator.regions:
        assert regions_of_workspaces(clients, region) == {region}
        identity = raw("GET", f"{emulator.region_url(region)}/_admin/identity")
        assert identity[1]["instance"] == emulator.instance
    emulator.regions["eu-central-1"] = emulator.port  # the client's idea only
    assert regions_of_workspaces(clients, "eu-central-1") == {"cn-beijing"}
    status, _ = raw("GET", f"{emulator.region_url('us-east-1')}/_host/{DASHSCOPE}/compatible-mode/v1/models")
    assert status == 401


def test_everything_survives_a_restart_on_the_same_ports(clients: Clients, emulator: EmulatorProcess) -> None:
    workspace = clients.workspace()
    pair = Inference(emulator, workspace.api_host, key_of(clients, workspace))
    clients.kms().create_secret(kms.CreateSecretRequest(secret_name="app", secret_data="hello", version_id="v1"))
    emulator.settings(page_size=7)
    emulator.fault("inference:chat", "500", times=100)
    before = (emulator.port, emulator.regions, emulator.instance, emulator.admin("GET", "/state"))
    calls = emulator.calls()

    emulator.restart()
    assert (emulator.port, emulator.regions, emulator.instance, emulator.admin("GET", "/state")) == before
    assert emulator.calls() == calls, "the record goes on"
    assert emulator.admin("GET", "/settings")["page_size"] == 7
    assert pair.statuses() == [200, 200], "faults end with the process"
    assert emulator.calls()[-1]["n"] == len(calls) + 2
    value = clients.kms().get_secret_value(kms.GetSecretValueRequest(secret_name="app")).body
    assert value.secret_data == "hello"


def test_a_killed_emulator_has_lost_nothing_that_it_answered(clients: Clients, emulator: EmulatorProcess) -> None:
    made = [clients.workspace(f"w{n}", models=False).workspace_id for n in range(3)]
    emulator.kill()
    with (emulator.state_dir / "calls.jsonl").open("a") as file:
        file.write('{"n": 4, "torn')
    emulator.launch()
    state = emulator.admin("GET", "/state")
    assert [w["workspace_id"] for w in state["workspaces"] if not w["is_default"]] == made
    assert [call["operation"] for call in emulator.calls()] == ["CreateWorkspace"] * 3
    clients.workspace("next", models=False)
    assert [call["n"] for call in emulator.calls()] == [1, 2, 3, 4]


def test_the_state_is_private(emulator: EmulatorProcess) -> None:
    assert (emulator.state_dir / "state.json").stat().st_mode & 0o077 == 0


def test_one_process_per_state(emulator: EmulatorProcess) -> None:
    command = [sys.executable, "-m", "emulator", "--state", str(emulator.state_dir)]
    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (second.returncode, second.stdout) == (1, "")
    assert "another emulator uses" in second.stderr


def test_a_taken_port_is_one_line(emulator: EmulatorProcess, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "emulator", "--state", str(tmp_path / "other"), "--port", str(emulator.port)]
    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 1
    assert second.stderr.startswith("emulator: ")
    assert len(second.stderr.splitlines()) == 1


def test_it_ends_with_whoever_started_it_or_when_asked(tmp_path: Path) -> None:
    process = EmulatorProcess.start(tmp_path / "a")
    identity = process.admin("GET", "/identity")
    assert process.stop() == 0
    with pytest.raises(ProcessLookupError):
        os.kill(identity["pid"], 0)
    process = EmulatorProcess.start(tmp_path / "a")
    assert process.admin("POST", "/stop", {}) == {"stopping": True}
    assert process.wait() == 0


def test_account_id_and_namespaces_of_the_command_line(tmp_path: Path) -> None:
    process = EmulatorProcess.start(
        tmp_path / "a", account_id="1000000000000001", sae_namespace=["cn-beijing:a", "us-east-1:b"]
    )
    namespaces = [n["namespace_id"] for n in process.admin("GET", "/state")["namespaces"]]
    assert {"cn-beijing", "cn-beijing:a", "us-east-1:b"} <= set(namespaces)
    assert process.env() == CREDENTIALS
    process.stop()
    text = json.loads((tmp_path / "a" / "state.json").read_text())
    assert text["account_id"] == "1000000000000001"


def test_what_a_call_looks_like_in_the_record(clients: Clients, emulator: EmulatorProcess) -> None:
    workspace = clients.workspace("chat", "ap-southeast-1", models=False)
    call = emulator.calls()[-1]
    assert call.pop("time")
    assert call == {
        "n": 1,
        "product": "modelstudio",
        "operation": "CreateWorkspace",
        "region": "ap-southeast-1",
        "method": "POST",
        "path": "/modelstudio/workspaces",
        "params": {"workspaceName": "chat"},
        "status": 200,
        "fault": None,
    }
    assert emulator.calls(since=1) == []
    Inference(emulator, workspace.api_host, "sk-ws-test.a1").statuses()
    chat, message = emulator.calls(since=1)
    assert (chat["operation"], message["operation"]) == ("inference:chat", "inference:messages")
    assert (chat["product"], chat["region"], chat["status"]) == ("inference", "ap-southeast-1", 401)
    assert chat["params"]["key"] == message["params"]["key"], "the same key has the same digest"
    assert chat["params"]["user_agent"].startswith("OpenAI/Python")
    lines = (emulator.state_dir / "calls.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == emulator.calls()


def test_no_key_in_the_record_the_output_or_the_state_that_is_shown(
    clients: Clients, emulator: EmulatorProcess
) -> None:
    workspace = clients.workspace()
    key = key_of(clients, workspace)
    pair = Inference(emulator, workspace.api_host, key)
    pair.statuses()
    record = json.dumps({"OPENAI_API_KEY": key})
    clients.kms().create_secret(kms.CreateSecretRequest(secret_name="app", secret_data=record, version_id="v1"))
    old = {"signature_algorithm": "v2"}
    again = kms.PutSecretValueRequest(secret_name="app", secret_data=f"{record} ", version_id="v2")
    clients.kms(**old).put_secret_value(again)
    given = sae.CreateConfigMapRequest(name="app", namespace_id="cn-beijing", data=record, description=key)
    clients.sae(**old).create_config_map(given)
    clients.key(workspace.workspace_id, description=f"holds {key}")
    emulator.fault("GetSecretValue", "cut_after")
    raised(lambda: clients.kms().get_secret_value(kms.GetSecretValueRequest(secret_name="app")))
    plan_key = emulator.admin("POST", "/plan-keys", {"plan": "token_plan", "region": "cn-beijing"})["value"]
    Inference(emulator, "token-plan.cn-beijing.maas.aliyuncs.com", plan_key).statuses()
    raw("GET", f"{emulator.inference}/{DASHSCOPE}/compatible-mode/v1/{key}")
    Inference(emulator, DASHSCOPE, "pass-phrase").statuses()  # not shaped like a key, but used as one

    shown = {
        "record": (emulator.state_dir / "calls.jsonl").read_text(),
        "calls": json.dumps(emulator.calls()),
        "stderr": emulator.stderr_file.read_text(),
    }
    places = [
        (place, secret)
        for place, text in shown.items()
        for secret in (key, plan_key, CREDENTIALS["ALIBABA_CLOUD_ACCESS_KEY_SECRET"], "pass-phrase")
        for form in (secret, base64.b64encode(secret.encode()).decode())
        if form in text
    ]
    assert places == []
    assert "Signature" not in shown["record"]
    assert shown["record"].count("digest:") > 5, "the values were there to be redacted"
    state: dict[str, Any] = emulator.admin("GET", "/state")
    assert "apiKeyValue" not in json.dumps(state)
    assert key not in json.dumps([state["keys"][0], state["secrets"], state["plan_keys"]])
    assert key in (emulator.state_dir / "state.json").read_text(), "else the search would find nothing anywhere"


def test_nonsense_for_the_admin_endpoints_is_a_400(emulator: EmulatorProcess) -> None:
    for method, path, body in (
        ("POST", "/settings", {"no_such_setting": 1}),
        ("POST", "/settings", {"page_size": 0}),
        ("POST", "/settings", [1]),
        ("POST", "/plan-keys", {"plan": "free", "region": "cn-beijing"}),
        ("GET", "/calls?since=x", None),
    ):
        assert raw(method, f"{emulator.url}/_admin{path}", body=body)[0] == 400, (path, body)
    assert emulator.admin("GET", "/settings")["page_size"] == 2


def test_the_table_holds_the_28_published_urls_and_the_later_ones() -> None:
    page = "Base URL Overview, 2026-06-30"
    hosts = [host for host in HOSTS if host.source == page]
    urls = {f"https://{host.name}{path}" for host in hosts for path in (host.openai, host.anthropic)}
    assert len(urls) == 28
    assert "https://coding-intl.dashscope.aliyuncs.com/v1" in urls
    assert "https://*.eu-central-1.maas.aliyuncs.com/apps/anthropic" in urls
    later = {host.name for host in HOSTS if host.source != page}
    assert later == {
        "*.us-east-1.maas.aliyuncs.com",
        "token-plan.cn-beijing.maas.aliyuncs.com",
        "coding.dashscope.aliyuncs.com",
    }
    assert find("x.y.cn-beijing.maas.aliyuncs.com") is None
    assert find("maas.aliyuncs.com") is None


def test_it_imports_nothing_of_ours() -> None:
    code = (
        "import sys, emulator.__main__; "
        "print([m for m in ('catalogue', 'provider', 'components', 'stacks', 'tools', 'pulumi') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "[]\n"
