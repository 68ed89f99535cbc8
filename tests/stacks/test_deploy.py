"""What stands in a stack file reaches the resources; the engine itself is in tests/engine."""

from typing import Any

import pytest
from pulumi.runtime import config

from stacks.deploy import deploy
from stacks.read import parse
from tests.components.conftest import _own_event_loop, recorder  # noqa: F401  # pyright: ignore[reportPrivateUsage, reportUnusedImport] - fixtures
from tests.components.mocks import Recorder, pulumi_test, value_of

API_KEY, BROUGHT, CHECK, KMS, PROVIDER, WORKSPACE = (
    "modelstudio:index:ApiKey",
    "modelstudio:index:BroughtKey",
    "modelstudio:index:PairCheck",
    "alicloud:kms/secret:Secret",
    "pulumi:providers:alicloud",
    "modelstudio:index:Workspace",
)
ACCOUNT = {"id": "1234567890123456", "type": "International"}
HERE: dict[str, Any] = {"workspaces": {"chat": {"region": "cn-beijing"}}}


def file(service: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"account": ACCOUNT, **HERE, "services": {"gw": service}, **more}


async def deployed(settings: dict[str, Any]) -> Any:
    outputs = deploy(parse(settings, "f"))
    service = outputs["services"]["gw"]
    for name in ("delivered", "outcome"):
        await value_of(service[name])
    return service


@pulumi_test
async def test_a_minted_key_gets_what_the_file_says(recorder: Recorder) -> None:  # noqa: F811 - the fixture
    key = {"models": ["m"], "allowed_ips": ["203.0.113.7"]}
    service = {"workspace": "chat", "protocols": ["anthropic"], "key": key, "verify": "best_effort", "isolation": True}
    await deployed(file(service))
    minted, check = recorder.only(API_KEY).inputs, recorder.only(CHECK).inputs
    assert (minted["models"], minted["allowedIps"], minted["openToWorld"]) == (["m"], ["203.0.113.7"], False)
    assert (check["verify"], check["isolation"], [*check["urls"]]) == ("best_effort", True, ["anthropic"])
    await deployed(file({"workspace": "chat", "key": {"models": ["m"], "open_to_world": True}}))
    assert recorder.of(API_KEY)[-1].inputs["openToWorld"] is True
    await deployed(file({"workspace": "chat"}))
    assert "models" not in recorder.of(API_KEY)[-1].inputs


@pulumi_test
async def test_a_brought_key_comes_with_all_that_is_said_of_it(recorder: Recorder) -> None:  # noqa: F811 - the fixture
    said = {"billing_plan": "pay_as_you_go", "region": "cn-chengdu", "workspace_id": "ws-9"}
    source = {"name": "theirs", "region": "us-east-1", "field": "key"}
    host = "ws-a1.cn-chengdu.maas.aliyuncs.com"
    service = {
        "region": "cn-chengdu",
        "host": host,
        "key": {"from_kms": source, **said},
        "secrets": [{"kms": {"name": "a"}}],
    }
    outputs = await deployed(file(service))
    key = recorder.only(BROUGHT).inputs
    assert [key[name] for name in ("secretName", "secretRegionId", "secretField")] == [*source.values()]
    assert [key[name] for name in ("billingPlan", "keyRegion", "keyWorkspaceId")] == [*said.values()]
    assert (key["domain"], key["urlRegion"]) == ("dedicated", "cn-chengdu")
    assert await value_of(outputs["openai_base_url"]) == f"https://{host}/compatible-mode/v1"
    assert [r.name for r in recorder.of(PROVIDER)] == ["alicloud-cn-beijing"], "where its sinks are"


@pulumi_test
async def test_a_plan_s_key_comes_from_the_configuration_as_a_secret(recorder: Recorder) -> None:  # noqa: F811 - the fixture
    config.set_all_config({"model-studio:planKey": "sk-sp-test.a1"}, ["model-studio:planKey"])
    secret = {"name": "t", "audience": "tools", "region": "cn-hongkong", "prefix": "QWEN_"}
    plan = {"domain": "token_plan", "region": "ap-southeast-1", "key": {"from_config": "planKey"}}
    outputs = await deployed(file({**plan, "secrets": [{"kms": secret}]}, secret_deletion={"force": True}))
    config.set_all_config({}, [])
    key = recorder.only(BROUGHT)
    assert (key.inputs["key"], "key" in key.secret_inputs) == ("sk-sp-test.a1", True)
    assert (key.inputs["domain"], key.inputs["urlRegion"]) == ("token_plan", "ap-southeast-1")
    assert recorder.only(KMS).inputs["forceDeleteWithoutRecovery"] is True
    assert (outputs["domain"], outputs["region"]) == ("token_plan", "ap-southeast-1")
    assert await value_of(outputs["delivered"]) == {"kms:cn-hongkong/t": "g2r3"}


@pulumi_test
async def test_a_double_s_prefix_is_in_every_url_that_is_checked(recorder: Recorder) -> None:  # noqa: F811 - the fixture
    config.set_all_config({"model-studio:k": "sk-ws-test.a1"}, ["model-studio:k"])
    double = dict.fromkeys(("control_plane", "kms", "sae", "sts"), "http://127.0.0.1:1")
    endpoints = {"endpoints": {**double, "inference": "http://127.0.0.1:1/_host"}}
    await deployed(file({"workspace": "chat"}, **endpoints))
    await deployed(file({"region": "cn-beijing", "domain": "trial", "key": {"from_config": "k"}}, **endpoints))
    config.set_all_config({}, [])
    for check in recorder.of(CHECK):
        assert check.inputs["prefix"] == "http://127.0.0.1:1/_host"
        assert check.inputs["urls"]["openai"].startswith("http://127.0.0.1:1/_host/")


WORKSPACES: list[tuple[dict[str, Any], bool, dict[str, Any]]] = [
    ({}, True, {"allowReplacement": False}),
    (
        {"name": "n", "protect": False, "allow_replacement": True},
        False,
        {"workspaceName": "n", "allowReplacement": True},
    ),
    ({"adopt": "ws-1"}, False, {"adopt": "ws-1"}),
    ({"region": "eu-central-1", "service_site": "global"}, True, {"regionId": "eu-central-1", "serviceSite": "global"}),
]


@pytest.mark.parametrize(("given", "protected", "inputs"), WORKSPACES)
def test_a_workspace_is_as_the_file_says(
    recorder: Recorder,  # noqa: F811 - the fixture
    given: dict[str, Any],
    protected: bool,
    inputs: dict[str, Any],
) -> None:
    @pulumi_test
    async def made() -> None:
        settings = {"account": ACCOUNT, "workspaces": {"chat": {"region": "cn-beijing", **given}}}
        await value_of(deploy(parse(settings, "f"))["workspaces"]["chat"]["workspace_id"])

    made()
    found = recorder.only(WORKSPACE).inputs
    assert {name: found.get(name) for name in inputs} == inputs
    assert ("chat-workspace" in recorder.protected) == protected
