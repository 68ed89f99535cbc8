"""What a component is told reaches the resources that it makes."""

from typing import Any

import pulumi
import pytest

from components.sinks.kms import KmsSecret
from components.sinks.oos import OosSecretParameter
from components.sinks.sae import SaeConfigMap
from provider.resources.base import ArgumentError
from tests.components.given import (
    API_KEY,
    COPY,
    ID,
    PLACE,
    PREFIX,
    TOOLS,
    VAULT,
    VERSION,
    access,
    account,
    doubled,
    plan,
    workspace,
)
from tests.components.mocks import Recorder, pulumi_test, value_of


@pulumi_test
async def test_the_key_is_told_what_it_may_do_and_how_it_is_checked(recorder: Recorder) -> None:
    said: dict[str, Any] = {
        "verify": "best_effort",
        "verify_model": "m",
        "isolation": True,
        "models": ["m"],
        "allowed_ips": ["203.0.113.7"],
        "probe_on_refresh": False,
    }
    await value_of(access(**said, sinks=[VAULT, COPY]).retire_after)
    key = recorder.only(API_KEY).inputs
    assert (key["verify"], key["isolation"], key["allowedIps"]) == ("best_effort", True, ["203.0.113.7"])
    assert (key["models"], key["verifyModel"], key["probeOnRefresh"]) == (["m"], "m", False)
    assert recorder.only(VERSION).inputs["probeOnRefresh"] is False, "a copy is not read either"
    await value_of(access(models=["m"], open_to_world=True).key.held)
    assert recorder.of(API_KEY)[-1].inputs["openToWorld"] is True


@pulumi_test
async def test_what_is_left_out_is_in_no_input(recorder: Recorder) -> None:
    await value_of(access().retire_after)
    key = recorder.only(API_KEY).inputs
    assert key.keys() == {"regionId", "workspaceId", "ownerId", "urls", "domain", "vault"}, "the plugin knows defaults"
    assert (key["domain"], key["regionId"], key["workspaceId"]) == ("dedicated", "cn-beijing", "ws-1")
    assert key["vault"].keys() == {"store", "regionId", "name", "claim", "found"}
    given = recorder.only(PLACE).inputs
    assert given.keys() == {"store", "regionId", "name", "ownerId", "recoveryDays"}


@pulumi_test
async def test_a_secret_sink_is_made_and_written_as_it_says(recorder: Recorder) -> None:
    vault = KmsSecret(
        region="us-east-1",
        name="v",
        prefix="QWEN_",
        format="key",
        encryption_key="key-1",
        instance="kst-1",
        recovery_window_days=7,
        force_delete=True,
        on_conflict="adopt",
        on_delete="retain",
    )
    copy = OosSecretParameter(region="us-east-1", name="cc", prefix="Q_", encryption_key="key-2")
    service = access(sinks=[vault, copy])
    await value_of(service.retire_after)
    form = {"prefix": "QWEN_", "format": "key", "encryptionKey": "key-1", "instance": "kst-1"}
    key = recorder.only(API_KEY).inputs
    assert {name: key["vault"][name] for name in form} == form
    assert (key["keyAlone"], service.prefix) == (True, "QWEN_")
    made = {r.inputs["store"]: r.inputs for r in recorder.of(PLACE)}
    ends = {"recoveryDays": 7, "forceDelete": True, "onConflict": "adopt", "onDelete": "retain"}
    assert {name: made["kms"][name] for name in ends} == ends
    assert (made["kms"]["encryptionKey"], made["kms"]["instance"]) == ("key-1", "kst-1")
    assert {"recoveryDays", "forceDelete", "onConflict", "onDelete", "instance"} & made["oos"].keys() == set()
    assert made["oos"]["encryptionKey"] == "key-2"
    place = recorder.only(VERSION).inputs["place"]
    assert (place["prefix"], place["encryptionKey"], "format" in place) == ("Q_", "key-2", False)
    await value_of(access(sinks=[VAULT, KmsSecret(region="us-east-1", name="c", format="key")]).key.held)
    assert recorder.of(API_KEY)[-1].inputs["keyAlone"] is True, "whichever of them it is"


@pulumi_test
async def test_a_key_is_made_after_its_workspace_and_taken_over_after_the_owner(recorder: Recorder) -> None:
    await value_of(access().retire_after)
    assert {"chat-workspace", "owner"} <= recorder.waits["gw-key"]
    await value_of(plan().retire_after)
    assert recorder.waits["tools-key"] == {"owner", f"{ID}/{TOOLS.place}"}


@pulumi_test
async def test_the_first_secret_sink_is_the_vault_that_the_others_point_to(recorder: Recorder) -> None:
    sinks = [
        SaeConfigMap(namespace="cn-beijing:prod", name="gw"),
        KmsSecret(region="cn-beijing", name="first"),
        KmsSecret(region="cn-hongkong", name="second"),
    ]
    assert (await value_of(access(sinks=sinks).secret_ref) or "").startswith("kms:cn-beijing/first@")
    assert recorder.only(API_KEY).inputs["vault"]["name"] == "first"


@pulumi_test
async def test_what_is_said_of_an_existing_key_goes_with_it(recorder: Recorder) -> None:
    said = {"billing_plan": "pay_as_you_go", "region": "cn-beijing", "workspace_id": "ws-1"}
    await value_of(access(existing_key={"from_kms": {"name": "k", "region": "us-east-1"}, **said}).key.held)
    key = recorder.only(API_KEY).inputs
    assert [key[name] for name in ("billingPlan", "keyRegion", "keyWorkspaceId")] == [*said.values()]
    assert (key["regionId"], key["workspaceId"], "urlRegion" in key) == ("cn-beijing", "ws-1", False)
    assert key["existingAt"] == {"store": "kms", "regionId": "us-east-1", "name": "k"}


@pytest.mark.parametrize("adopt", ["ws-2", "ws-1"])
def test_a_key_of_another_workspace_than_the_adopted_one_is_refused_in_preview(recorder: Recorder, adopt: str) -> None:
    @pulumi_test
    async def make() -> None:
        own = account()
        theirs = workspace(own, adopt=adopt)
        await value_of(
            access(account=own, workspace=theirs, existing_key={"value": "k", "workspace_id": "ws-1"}).key.held
        )

    if adopt == "ws-1":
        make()
    else:
        with pytest.raises(ArgumentError, match=r"existing_key: a key of workspace 'ws-1' .*\[key-workspace\]"):
            make()
    assert len(recorder.of(API_KEY)) == (adopt == "ws-1")


@pulumi_test
async def test_a_workspace_does_not_matter_to_a_key_on_a_domain_of_the_whole_region(recorder: Recorder) -> None:
    own = account()
    there = workspace(own, adopt="ws-1")
    said = {"value": "k", "workspace_id": "ws-2"}
    await value_of(access(account=own, workspace=there, domain="trial", existing_key=said).key.held)
    assert recorder.only(API_KEY).inputs["keyWorkspaceId"] == "ws-2"


@pulumi_test
async def test_a_region_that_the_catalogue_has_not_is_asked_for_in_beijing(recorder: Recorder) -> None:
    host = "ws-a1.cn-chengdu.maas.aliyuncs.com"
    own: dict[str, Any] = {"workspace": None, "region": "cn-chengdu", "host": host, "account": doubled()}
    service = access(**own, existing_key={"from_kms": {"name": "k"}})
    assert await value_of(service.urls["openai"]) == f"{PREFIX}/{host}/compatible-mode/v1"
    await value_of(service.key.held)
    key = recorder.only(API_KEY).inputs
    assert (key["regionId"], key["urlRegion"], key["existingAt"]["regionId"]) == (
        *("cn-beijing", "cn-chengdu", "cn-beijing"),
    )


@pulumi_test
async def test_a_host_of_the_user_s_own_wins_over_the_workspace_s(recorder: Recorder) -> None:
    host = "ws-a1-vpc-b2.cn-beijing.maas.aliyuncs.com"
    service = access(host=host, domain="dedicated")
    assert await value_of(service.urls["openai"]) == f"https://{host}/compatible-mode/v1"
    shared = access(host="dashscope-vpc.example.com", domain="shared")
    assert await value_of(shared.urls["openai"]) == "https://dashscope-vpc.example.com/compatible-mode/v1"
    assert shared.target.discouraged(["openai"]) == [], "nothing is known of it"
    await value_of(shared.key.held)
    assert recorder.seen


@pulumi_test
async def test_a_double_s_prefix_comes_with_the_account(recorder: Recorder) -> None:
    await value_of(access(account=doubled()).key.held)
    assert recorder.only(API_KEY).inputs["prefix"] == PREFIX
    service = plan(account=doubled())
    assert await value_of(service.urls["openai"]) == f"{PREFIX}/coding-intl.dashscope.aliyuncs.com/v1"


@pulumi_test
async def test_a_workspace_is_protected_unless_it_is_adopted_or_said(recorder: Recorder) -> None:
    cases: list[tuple[dict[str, Any], bool]] = [({}, True), ({"adopt": "ws-2"}, False), ({"protect": False}, False)]
    for more, protected in cases:
        recorder.protected.clear()
        await value_of(workspace(**more).workspace_id)
        assert recorder.protected == ({"chat-workspace"} if protected else set())


def test_a_host_that_the_service_answers_for_another_region_is_refused(recorder: Recorder) -> None:
    @pulumi_test
    async def url() -> None:
        chat = workspace()
        await value_of(chat.openai_base_url)
        chat.api_host = pulumi.Output.from_input("llm-1.cn-hongkong.maas.aliyuncs.com")
        await value_of(chat.base_url("dedicated", "openai"))

    with pytest.raises(ArgumentError, match="RegionalWorkspace 'chat': api_host: .* is in cn-hongkong, not in 'cn-bei"):
        url()
    assert recorder.seen


@pulumi_test
async def test_a_gateway_s_urls_are_delivered_as_they_are(recorder: Recorder) -> None:
    urls = {"openai": "https://gw.example.com:8443/llm/v1", "anthropic": "https://gw.example.com:8443/claude"}
    await value_of(access(base_urls=urls).key.held)
    assert recorder.only(API_KEY).inputs["urls"] == urls


@pulumi_test
async def test_a_private_link_s_host_is_made_of_workspace_and_vpc(recorder: Recorder) -> None:
    await value_of(access(vpc_id="vpc-a1", protocols=["openai", "realtime"]).key.held)
    assert recorder.only(API_KEY).inputs["urls"] == {
        "openai": "https://ws-1-vpc-a1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1",
        "realtime": "wss://ws-1-vpc-a1.cn-beijing.maas.aliyuncs.com/api-ws/v1/inference",
    }
