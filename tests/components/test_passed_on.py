"""What a component is told reaches the resources that it makes."""

from typing import Any

import pulumi
import pytest

from components.sinks.kms import KmsSecret
from components.sinks.sae import SaeConfigMap
from provider.resources.base import ArgumentError
from tests.components.given import CHECK, access, owner, plan, workspace
from tests.components.mocks import Recorder, pulumi_test, value_of

API_KEY, BROUGHT = "modelstudio:index:ApiKey", "modelstudio:index:BroughtKey"
PREFIX = "http://127.0.0.1:1/_host"


@pulumi_test
async def test_the_check_is_told_how_to_check(recorder: Recorder) -> None:
    service = access(verify="best_effort", verify_model="m", isolation=True, models=["m"], allowed_ips=["203.0.113.7"])
    await value_of(service.delivered)
    check = recorder.only(CHECK).inputs
    assert (check["verify"], check["isolation"], check["allowedIps"]) == ("best_effort", True, ["203.0.113.7"])
    assert (check["models"], check["verifyModel"]) == (["m"], "m")
    assert (check["keyId"], check["keyCreatedAt"]) == ("7", "2026-11-23T10:00:00Z")
    key = recorder.only(API_KEY).inputs
    assert (key["models"], key["allowedIps"]) == (["m"], ["203.0.113.7"])


@pulumi_test
async def test_left_out_the_check_is_strict_and_asks_no_more_than_it_must(recorder: Recorder) -> None:
    await value_of(access().delivered)
    check = recorder.only(CHECK).inputs
    assert (check["isolation"], check["prefix"]) == (False, "")
    assert not {"allowedIps", "verify", "verifyModel", "models"} & check.keys(), "the plugin knows the default"
    assert check["keyId"] == "7"


@pulumi_test
async def test_a_key_is_made_after_its_workspace_may_call_models_and_taken_over_after_the_owner(
    recorder: Recorder,
) -> None:
    await value_of(access().delivered)
    assert {"chat-workspace", "chat-models", "owner"} <= recorder.waits["gw-key"]
    await value_of(plan().delivered)
    assert recorder.waits["tools-brought"] == {"owner"}
    assert recorder.waits["tools-key"] == {"owner", "tools-brought"}


@pulumi_test
async def test_the_first_secret_sink_is_the_one_that_the_others_point_to(recorder: Recorder) -> None:
    sinks = [
        SaeConfigMap(namespace="cn-beijing:prod", name="gw"),
        KmsSecret(region="cn-beijing", name="first"),
        KmsSecret(region="cn-hongkong", name="second"),
    ]
    assert (await value_of(access(sinks=sinks).secret_ref) or "").startswith("kms:cn-beijing/first@")
    assert recorder.seen


@pulumi_test
async def test_what_is_said_of_a_brought_key_goes_with_it(recorder: Recorder) -> None:
    said = {"billing_plan": "pay_as_you_go", "region": "cn-beijing", "workspace_id": "ws-1"}
    await value_of(access(brought_key={"from_kms": {"name": "k", "region": "us-east-1"}, **said}).delivered)
    key = recorder.only(BROUGHT).inputs
    assert [key[name] for name in ("billingPlan", "keyRegion", "keyWorkspaceId")] == [*said.values()]
    assert (key["urlRegion"], key["urlWorkspaceId"], key["regionId"]) == ("cn-beijing", "ws-1", "cn-beijing")
    assert (key["secretRegionId"], key["secretName"], "secretField" in key) == ("us-east-1", "k", False)


@pulumi_test
async def test_a_workspace_does_not_matter_to_a_key_on_a_domain_of_the_whole_region(recorder: Recorder) -> None:
    await value_of(access(domain="trial", brought_key={"value": "k", "workspace_id": "ws-2"}).delivered)
    assert "urlWorkspaceId" not in recorder.only(BROUGHT).inputs


@pytest.mark.parametrize("adopt", ["ws-2", "ws-1"])
def test_a_key_of_another_workspace_than_the_adopted_one_is_refused_in_preview(recorder: Recorder, adopt: str) -> None:
    def make() -> Any:
        own = owner()
        theirs = workspace(own, adopt=adopt)
        return access(owner=own, workspace=theirs, brought_key={"value": "k", "workspace_id": "ws-1"})

    if adopt == "ws-1":
        assert make().target.workspace_id
    else:
        with pytest.raises(ArgumentError, match=r"brought_key: a key of workspace 'ws-1' .*\[key-workspace\]"):
            make()
    assert recorder


@pulumi_test
async def test_a_region_that_the_catalogue_has_not_is_asked_for_in_beijing(recorder: Recorder) -> None:
    host = "ws-a1.cn-chengdu.maas.aliyuncs.com"
    own: dict[str, Any] = {"workspace": None, "region": "cn-chengdu", "host": host, "inference_prefix": PREFIX}
    service = access(**own, brought_key={"from_kms": {"name": "k"}})
    assert await value_of(service.urls["openai"]) == f"{PREFIX}/{host}/compatible-mode/v1"
    await value_of(service.delivered)
    key = recorder.only(BROUGHT).inputs
    assert (key["regionId"], key["secretRegionId"], key["urlRegion"]) == ("cn-beijing", "cn-beijing", "cn-chengdu")


@pulumi_test
async def test_a_host_of_the_user_s_own_wins_over_the_workspace_s(recorder: Recorder) -> None:
    host = "ws-a1-vpc-b2.cn-beijing.maas.aliyuncs.com"
    service = access(host=host, domain="dedicated")
    assert await value_of(service.urls["openai"]) == f"https://{host}/compatible-mode/v1"
    shared = access(host="dashscope-vpc.example.com", domain="shared")
    assert await value_of(shared.urls["openai"]) == "https://dashscope-vpc.example.com/compatible-mode/v1"
    assert shared.target.discouraged(["openai"]) == [], "nothing is known of it"
    await value_of(shared.delivered)
    assert recorder.seen


@pulumi_test
async def test_a_double_s_prefix_comes_with_the_workspace_or_is_given(recorder: Recorder) -> None:
    own = owner()
    await value_of(access(owner=own, workspace=workspace(own, inference_prefix=PREFIX)).delivered)
    assert recorder.only(CHECK).inputs["prefix"] == PREFIX
    service = plan(inference_prefix=PREFIX)
    assert await value_of(service.urls["openai"]) == f"{PREFIX}/coding-intl.dashscope.aliyuncs.com/v1"


@pulumi_test
async def test_a_workspace_is_protected_unless_it_is_adopted_or_said(recorder: Recorder) -> None:
    for more, protected in (({}, True), ({"adopt": "ws-2"}, False), ({"protect": False}, False)):
        recorder.protected.clear()
        await value_of(workspace(owner(), **more).workspace_id)
        assert recorder.protected == ({"chat-workspace"} if protected else set())


def test_a_host_that_the_service_answers_for_another_region_is_refused(recorder: Recorder) -> None:
    @pulumi_test
    async def url() -> None:
        chat = workspace(owner())
        await value_of(chat.openai_base_url)
        chat.api_host = pulumi.Output.from_input("llm-1.cn-hongkong.maas.aliyuncs.com")
        await value_of(chat.base_url("dedicated", "openai"))

    with pytest.raises(ArgumentError, match="RegionalWorkspace 'chat': api_host: .* is in cn-hongkong, not in 'cn-bei"):
        url()
    assert recorder.seen


@pulumi_test
async def test_a_gateway_s_urls_are_delivered_as_they_are(recorder: Recorder) -> None:
    urls = {"openai": "https://gw.example.com:8443/llm/v1", "anthropic": "https://gw.example.com:8443/claude"}
    await value_of(access(base_urls=urls).delivered)
    assert recorder.only(CHECK).inputs["urls"] == urls


@pulumi_test
async def test_a_private_link_s_host_is_made_of_workspace_and_vpc(recorder: Recorder) -> None:
    await value_of(access(vpc_id="vpc-a1", protocols=["openai", "realtime"]).delivered)
    assert recorder.only(CHECK).inputs["urls"] == {
        "openai": "https://ws-1-vpc-a1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1",
        "realtime": "wss://ws-1-vpc-a1.cn-beijing.maas.aliyuncs.com/api-ws/v1/inference",
    }
