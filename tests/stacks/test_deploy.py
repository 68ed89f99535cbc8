"""What stands in a stack file reaches the resources; the engine itself is in tests/engine."""

from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import config

from stacks.deploy import deploy
from stacks.read import parse
from tests.components.conftest import _own_event_loop, recorder  # noqa: F401  # pyright: ignore[reportPrivateUsage, reportUnusedImport] - fixtures
from tests.components.mocks import Recorder, pulumi_test, value_of

API_KEY, PLACE, WORKSPACE = (f"modelstudio:index:{name}" for name in ("ApiKey", "SecretPlace", "Workspace"))
ALICLOUD, OURS = "pulumi:providers:alicloud", "pulumi:providers:modelstudio"
ACCOUNT = {"id": "1234567890123456", "type": "International"}
HERE: dict[str, Any] = {"workspaces": {"chat": {"region": "cn-beijing"}}}


def file(service: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"account": ACCOUNT, **HERE, "services": {"gw": service}, **more}


async def deployed(settings: dict[str, Any]) -> Any:
    outputs = deploy(parse(settings, "f"))
    service = outputs["services"]["gw"]
    for name in ("retire_after", "outcome"):
        await value_of(service[name])
    return service


README = Path(__file__).resolve().parent.parent.parent.joinpath("README.md").read_text()
SECRETS = [{"kms": {"name": "a"}}]


@pulumi_test
async def test_a_minted_key_gets_what_the_file_says(recorder: Recorder) -> None:  # noqa: F811 - the fixture
    key = {"models": ["m"], "allowed_ips": ["203.0.113.7"]}
    service = {
        "workspace": "chat",
        "protocols": ["anthropic"],
        "key": key,
        "verify": "best_effort",
        "verify_model": "m",
        "isolation": True,
        "probe_on_refresh": False,
        "rotation": {"max_age": "90d", "retire": "manual"},
        "secrets": SECRETS,
    }
    await deployed(file(service))
    minted = recorder.only(API_KEY).inputs
    assert (minted["models"], minted["allowedIps"], "openToWorld" in minted) == (["m"], ["203.0.113.7"], False)
    assert (minted["verify"], minted["isolation"], [*minted["urls"]]) == ("best_effort", True, ["anthropic"])
    assert (minted["verifyModel"], minted["probeOnRefresh"]) == ("m", False)
    assert minted["rotation"] == {"maxAge": 90 * 86400, "retire": "manual"}
    assert "existingKey" not in minted
    open_key = {"workspace": "chat", "key": {"models": ["m"], "open_to_world": True}, "secrets": SECRETS}
    await deployed(file(open_key))
    assert recorder.of(API_KEY)[-1].inputs["openToWorld"] is True
    await deployed(file({"workspace": "chat", "secrets": SECRETS}))
    assert not {"models", "probeOnRefresh", "rotation", "verify", "isolation"} & recorder.of(API_KEY)[-1].inputs.keys()


@pulumi_test
async def test_a_word_of_the_configuration_rotates_scheduled_keys(recorder: Recorder) -> None:  # noqa: F811 - the fixture
    config.set_all_config({"model-studio:rotate": "2026-12"}, [])
    scheduled = {"workspace": "chat", "rotation": {"trigger": "scheduled"}, "secrets": SECRETS}
    await deployed(file(scheduled))
    config.set_all_config({}, [])
    assert recorder.only(API_KEY).inputs["rotation"] == {"trigger": "scheduled", "rotate": "2026-12"}


@pytest.mark.parametrize("store", ["kms", "oos"])
def test_an_existing_key_comes_with_all_that_is_said_of_it(recorder: Recorder, store: str) -> None:  # noqa: F811 - the fixture
    said = {"billing_plan": "pay_as_you_go", "region": "cn-chengdu", "workspace_id": "ws-9"}
    source = {"name": "theirs", "region": "us-east-1", "field": "key"}
    host = "ws-a1.cn-chengdu.maas.aliyuncs.com"
    service = {
        "region": "cn-chengdu",
        "host": host,
        "key": {f"from_{store}": source, **said},
        "secrets": SECRETS,
        "config": [{"oos": {"name": "ab"}}],
    }

    @pulumi_test
    async def made() -> None:
        outputs = await deployed(file(service))
        assert await value_of(outputs["openai_base_url"]) == f"https://{host}/compatible-mode/v1"

    made()
    key = recorder.only(API_KEY).inputs
    assert key["existingAt"] == {"store": store, "regionId": "us-east-1", "name": "theirs", "field": "key"}
    assert [key[name] for name in ("billingPlan", "keyRegion", "keyWorkspaceId")] == [*said.values()]
    assert (key["domain"], key["urlRegion"], key["regionId"]) == ("dedicated", "cn-chengdu", "cn-beijing")
    assert [r.name for r in recorder.of(ALICLOUD)] == ["alicloud-cn-beijing"], "where its sinks are"


@pulumi_test
async def test_a_plan_s_key_comes_from_the_configuration_as_a_secret(recorder: Recorder) -> None:  # noqa: F811 - the fixture
    config.set_all_config({"model-studio:planKey": "sk-sp-test.a1"}, ["model-studio:planKey"])
    secret = {"name": "t", "audience": "tools", "region": "cn-hongkong", "prefix": "QWEN_"}
    plan = {"domain": "token_plan", "region": "ap-southeast-1", "key": {"from_config": "planKey"}}
    outputs = await deployed(file({**plan, "secrets": [{"kms": secret}]}, secret_deletion={"force": True}))
    config.set_all_config({}, [])
    key = recorder.only(API_KEY)
    assert (key.inputs["existingKey"], "existingKey" in key.secret_inputs) == ("sk-sp-test.a1", True)
    assert (key.inputs["domain"], key.inputs["regionId"]) == ("token_plan", "ap-southeast-1")
    assert key.inputs["vault"]["prefix"] == outputs["prefix"] == "QWEN_"
    assert recorder.only(PLACE).inputs["forceDelete"] is True
    assert (outputs["domain"], outputs["region"]) == ("token_plan", "ap-southeast-1")
    assert {place: await value_of(held) for place, held in outputs["delivered"].items()} == {
        "kms:cn-hongkong/t": "g2r3"
    }


@pulumi_test
async def test_the_account_is_as_the_file_says(recorder: Recorder) -> None:  # noqa: F811 - the fixture
    role = "acs:ram::1234567890123456:role/r"
    whole = file({"workspace": "chat", "secrets": SECRETS, "config": [{"oos": {"name": "ab"}}]})
    whole["account"] = {**ACCOUNT, "type": "Domestic", "profile": "p", "role_arn": role}
    await deployed({**whole, "renamed_from": "o/p/s"})
    ours, theirs = recorder.only(OURS).inputs, recorder.only(ALICLOUD).inputs
    assert (ours["accountId"], ours["profile"], ours["roleArn"]) == (ACCOUNT["id"], "p", role)
    assert ours["renamedFrom"] == recorder.only("modelstudio:index:Owner").inputs["renamedFrom"] == "o/p/s"
    assert (theirs["accountType"], theirs["profile"], role in str(theirs["assumeRole"])) == ("Domestic", "p", True)


@pulumi_test
async def test_no_output_is_secret_and_each_is_in_the_readme(recorder: Recorder) -> None:  # noqa: F811 - the fixture
    service = await deployed(file({"workspace": "chat", "secrets": SECRETS}))
    for name, output in service.items():
        assert f"`{name}`" in README or name.endswith("_base_url"), name
        if isinstance(output, pulumi.Output):
            assert not await output.is_secret()
    assert recorder.seen


@pulumi_test
async def test_a_double_s_prefix_is_in_every_url_that_is_checked(recorder: Recorder) -> None:  # noqa: F811 - the fixture
    config.set_all_config({"model-studio:k": "sk-ws-test.a1"}, ["model-studio:k"])
    double = dict.fromkeys(("control_plane", "kms", "sts"), "http://127.0.0.1:1")
    endpoints = {"endpoints": {**double, "inference": "http://127.0.0.1:1/_host"}}
    await deployed(file({"workspace": "chat", "secrets": SECRETS}, **endpoints))
    trial = {"region": "cn-beijing", "domain": "trial", "key": {"from_config": "k"}, "secrets": SECRETS}
    await deployed(file(trial, **endpoints))
    config.set_all_config({}, [])
    assert len(recorder.of(API_KEY)) == 2
    for key in recorder.of(API_KEY):
        assert key.inputs["prefix"] == "http://127.0.0.1:1/_host"
        assert key.inputs["urls"]["openai"].startswith("http://127.0.0.1:1/_host/")


WORKSPACES: list[tuple[dict[str, Any], bool, dict[str, Any]]] = [
    ({}, True, {"allowReplacement": None, "allModels": True, "models": None}),
    ({"models": "all"}, True, {"allModels": True, "models": None}),
    ({"models": ["m"]}, True, {"allModels": None, "models": ["m"]}),
    (
        {"name": "n", "protect": False, "allow_replacement": True},
        False,
        {"workspaceName": "n", "allowReplacement": True},
    ),
    ({"adopt": "ws-1"}, False, {"adopt": "ws-1", "allModels": None, "models": None}),
    ({"adopt": "ws-1", "models": "all"}, False, {"adopt": "ws-1", "allModels": True}),
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
