"""What the components register, refuse and give back; the engine itself is in tests/engine."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from catalogue.formats import go_json
from catalogue.record import digest
from components.checks import ArgumentError
from components.regional_workspace import RegionalWorkspace
from components.service_access import ServiceAccess
from components.sinks.kms import KmsSecret
from components.sinks.sae import SaeConfigMap
from components.sinks.sink import Delivery, Sink, child_name
from provider.resources.owner import Owner
from tests.components.mocks import Recorder, pulumi_test, value_of

KMS = "alicloud:kms/secret:Secret"
SAE = "alicloud:sae/configMap:ConfigMap"
CHECK = "modelstudio:index:PairCheck"
VERSION = "modelstudio:index:SecretVersion"
KEY = "sk-ws-test.a1"
HOST = "https://llm-1.cn-beijing.maas.aliyuncs.com"
TOOLS = KmsSecret(region="ap-southeast-1", name="tools", audience="tools")
SINKS: tuple[Sink, ...] = (
    KmsSecret(region="cn-beijing", name="prod/gw"),
    SaeConfigMap(namespace="cn-beijing:prod", name="gw"),
)


def owner() -> Owner:
    return Owner("owner", {"organization": "o", "project": "model-studio", "stack": "test"})


def workspace(own: Owner, **more: Any) -> RegionalWorkspace:
    args: Any = {"region": "cn-beijing", "owner": own, **more}
    return RegionalWorkspace("chat", args)


def access(**more: Any) -> ServiceAccess:
    own = owner()
    args: Any = {
        "owner": own,
        "workspace": workspace(own),
        "protocols": ["openai", "anthropic"],
        "sinks": SINKS,
        **more,
    }
    return ServiceAccess("gw", args)


@pulumi_test
async def test_both_sinks_get_one_record_and_only_the_secret_one_the_key(recorder: Recorder) -> None:
    service = access()
    assert await value_of(service.delivered) == {"kms:cn-beijing/prod/gw": "g2r3", "sae:cn-beijing:prod/gw": "g2r3"}
    assert await value_of(service.secret_ref) == "kms:cn-beijing/prod/gw@g2r3-ab12cd34"
    version = recorder.only(VERSION)
    assert version.secret_inputs == {"secretData"}
    secret = json.loads(version.inputs["secretData"])
    config = json.loads(recorder.only(SAE).inputs["data"])
    assert secret["OPENAI_API_KEY"] == secret["ANTHROPIC_AUTH_TOKEN"] == KEY
    assert secret["OPENAI_BASE_URL"] == config["OPENAI_BASE_URL"] == f"{HOST}/compatible-mode/v1"
    assert secret["ANTHROPIC_BASE_URL"] == config["ANTHROPIC_BASE_URL"] == f"{HOST}/apps/anthropic"
    assert config["MODEL_STUDIO_SECRET"] == "kms:cn-beijing/prod/gw@g2r3-ab12cd34"
    assert KEY not in json.dumps([dict(r.inputs) for r in recorder.seen if r.typ not in (VERSION, CHECK)])


@pulumi_test
async def test_what_is_checked_is_what_is_delivered(recorder: Recorder) -> None:
    service = access()
    await value_of(service.delivered)
    checked, delivered = recorder.only(CHECK).inputs, json.loads(recorder.only(VERSION).inputs["secretData"])
    names = {"openai": "OPENAI_BASE_URL", "anthropic": "ANTHROPIC_BASE_URL"}
    assert checked["urls"] == {protocol: delivered[name] for protocol, name in names.items()}
    assert recorder.only(CHECK).secret_inputs == {"apiKey"}
    assert checked["apiKey"] == delivered["OPENAI_API_KEY"]
    assert {name: delivered[name] for name in checked["facts"]} == checked["facts"]
    assert len(digest(checked["apiKey"], checked["facts"])) == 16


@pulumi_test
async def test_no_output_of_a_component_is_secret(recorder: Recorder) -> None:
    service = access()
    outputs = [getattr(service, name) for name in ServiceAccess.__annotations__ if name != "urls"]
    outputs += [*service.urls.values()]
    assert len(outputs) > 8
    for out in outputs:
        assert not await out.is_secret()
        assert KEY not in str(await value_of(out))
    assert recorder.seen


@pulumi_test
async def test_the_container_is_never_given_the_record(recorder: Recorder) -> None:
    await value_of(access().delivered)
    container = recorder.only(KMS)
    assert (container.inputs["secretData"], container.inputs["versionId"]) == ("{}", "v0")
    assert container.inputs["recoveryWindowInDays"] == 30
    assert container.inputs["forceDeleteWithoutRecovery"] is False


@pulumi_test
async def _deployed() -> None:
    await value_of(access().delivered)


def test_every_child_is_named_after_its_component_and_sinks_after_their_place(recorder: Recorder) -> None:
    _deployed()
    names = {r.name for r in recorder.seen} - {"owner", "chat", "gw"}
    assert names == {
        "chat-workspace",
        "chat-models",
        "gw-key",
        "gw-check",
        "gw-kms-cn-beijing-prod-gw",
        "gw-kms-cn-beijing-prod-gw-version",
        "gw-sae-cn-beijing-prod-gw",
        "gw-retirement",
    }


@pulumi_test
async def test_a_preview_survives_unknowns(previewer: Recorder) -> None:
    service = access()
    assert not await service.delivered.is_known()
    assert not await service.secret_ref.is_known()
    assert {r.typ for r in previewer.seen} >= {KMS, SAE, VERSION, CHECK}


@pulumi_test
async def test_a_service_without_sinks_delivers_nowhere(recorder: Recorder) -> None:
    service = access(sinks=[])
    assert await value_of(service.delivered) == {}
    assert await value_of(service.secret_ref) == ""
    assert not recorder.of(KMS)


@pulumi_test
async def test_urls_lead_through_the_double(recorder: Recorder) -> None:
    own = owner()
    chat = workspace(own, inference_prefix="http://127.0.0.1:1/_host")
    assert await value_of(chat.openai_base_url) == (
        "http://127.0.0.1:1/_host/llm-1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1"
    )
    shared = await value_of(chat.base_url("shared", "openai"))
    assert shared == "http://127.0.0.1:1/_host/dashscope.aliyuncs.com/compatible-mode/v1"
    assert recorder.seen


@pulumi_test
async def test_an_adopted_workspace_keeps_its_models_unless_some_are_given(recorder: Recorder) -> None:
    chat = workspace(owner(), adopt="ws-1")
    await value_of(chat.workspace_id)
    assert not recorder.of("modelstudio:index:ModelPermissions")


RETIREMENT = "modelstudio:index:KeyRetirement"


@pytest.mark.parametrize(
    ("rotation", "said"),
    [
        (None, {"overlap": 7 * 86400, "soak": 2 * 86400, "paused": False}),
        (
            {"overlap": 0, "soak": 5, "serve_generation": 1, "retire": "manual"},
            {"overlap": 0, "soak": 5, "paused": True},
        ),
    ],
)
def test_retirement_waits_for_what_every_sink_holds(
    recorder: Recorder, rotation: dict[str, int] | None, said: dict[str, Any]
) -> None:
    @pulumi_test
    async def deployed() -> None:
        await value_of(access(rotation=rotation).delivered)

    deployed()
    retirement, key = recorder.only(RETIREMENT).inputs, recorder.only("modelstudio:index:ApiKey").inputs
    assert retirement["held"] == {"kms:cn-beijing/prod/gw": "g2r3", "sae:cn-beijing:prod/gw": "g2r3"}
    assert (retirement["generation"], retirement["superseded"]) == (2, [])
    assert {name: retirement[name] for name in said} == said
    assert key.get("serveGeneration") == (rotation or {}).get("serve_generation")


@pytest.mark.parametrize("sink", [*SINKS])
def test_a_plan_key_is_refused_by_every_sink_for_backends(recorder: Recorder, sink: Sink) -> None:
    with pytest.raises(ArgumentError, match=r"sinks: .*\[plan-key-tools\]"):
        plan(sinks=[TOOLS, sink])
    assert "modelstudio:index:ServiceAccess" not in {r.typ for r in recorder.seen}


@pulumi_test
async def test_a_plan_key_goes_the_same_way_without_a_workspace(recorder: Recorder) -> None:
    service = plan()
    assert await value_of(service.delivered) == {"kms:ap-southeast-1/tools": "g1r3"}
    assert await value_of(service.workspace_id) == await value_of(service.api_key_id) == ""
    key, check = recorder.only("modelstudio:index:BroughtKey"), recorder.only(CHECK)
    assert key.secret_inputs == {"key"}
    assert (key.inputs["domain"], key.inputs["urlRegion"]) == ("coding_plan", "ap-southeast-1")
    assert check.inputs["urls"] == {"openai": "https://coding-intl.dashscope.aliyuncs.com/v1"}
    assert "MODEL_STUDIO_WORKSPACE_ID" not in check.inputs["facts"]
    assert not {"keyCreatedAt", "keyId"} & set(check.inputs)
    assert not {"modelstudio:index:ApiKey", RETIREMENT} & {r.typ for r in recorder.seen}


@pulumi_test
async def test_a_key_of_another_team_s_workspace_is_brought_with_its_host(recorder: Recorder) -> None:
    host = "llm-2.cn-beijing.maas.aliyuncs.com"
    service = access(
        workspace=None, region="cn-beijing", host=host, brought_key={"from_kms": {"name": "theirs", "field": "key"}}
    )
    await value_of(service.delivered)
    assert await value_of(service.urls["anthropic"]) == f"https://{host}/apps/anthropic"
    key = recorder.only("modelstudio:index:BroughtKey").inputs
    assert (key["secretRegionId"], key["secretName"], key["secretField"]) == ("cn-beijing", "theirs", "key")


@pulumi_test
async def test_a_discouraged_domain_is_warned_of_once_with_the_dedicated_url(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def warn(text: str, *_: object) -> None:
        said.append(text)

    monkeypatch.setattr(pulumi.log, "warn", warn)
    await value_of(access(domain="shared", protocols=["openai"]).delivered)
    (only,) = said
    assert only.startswith("gw: the shared domain gets no new features since 2026-09-30; the dedicated domain is rec")
    assert only.endswith(f": {HOST}/compatible-mode/v1")
    assert recorder.seen


@pulumi_test
async def test_a_preview_warns_too_when_the_workspace_is_not_there_yet(
    previewer: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def warn(text: str, *_: object) -> None:
        said.append(text)

    monkeypatch.setattr(pulumi.log, "warn", warn)
    await access(domain="shared", protocols=["openai"]).delivered.is_known()
    (only,) = said
    assert only.endswith("https://{workspace_id}.cn-beijing.maas.aliyuncs.com/compatible-mode/v1")
    assert previewer.seen


BAD: list[tuple[Callable[[], object], str]] = [
    (lambda: workspace(owner(), region="mars-1"), "RegionalWorkspace 'chat': region: 'mars-1' does not exist; allowed"),
    (lambda: workspace(owner(), service_site="global"), "RegionalWorkspace 'chat': service_site: .*leave it out"),
    (lambda: workspace(owner(), regoin="x"), "RegionalWorkspace 'chat': regoin: unknown; it takes region, owner"),
    (lambda: RegionalWorkspace("chat", {"region": "cn-beijing"}), "owner: missing"),  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType] - the point
    (lambda: access(domain="trail"), "ServiceAccess 'gw': domain: domain 'trail' does not exist; allowed"),
    (lambda: access(protocols=[]), "ServiceAccess 'gw': protocols: empty"),
    (lambda: access(protocols=["grpc"]), "protocol 'grpc' does not exist; allowed: openai, anthropic, dashscope"),
    (lambda: access(models=["qwen-plus"]), r"allowed_ips: .*\[open-key\]"),
    (lambda: access(sinks=[SINKS[0], SINKS[0]]), "sinks: kms:cn-beijing/prod/gw more than once"),
    (lambda: access(sinks=[SINKS[1]]), r"sinks: .*\[config-needs-secret\]"),
    (lambda: access(sink=[]), "sink: unknown; it takes owner, workspace"),
    (lambda: access(region="cn-hongkong"), "region: 'cn-hongkong', but its workspace is in cn-beijing"),
    (lambda: access(workspace=None), "region: missing; say where it is, or name a workspace"),
    (lambda: access(workspace=None, region="cn-beijing"), r"workspace: .*\[empty-workspace\]"),
    (lambda: access(brought_key={"region": "us-east-1"}), r"brought_key: .*\[key-region\]"),
    (lambda: access(brought_key={"billing_plan": "token_plan"}), r"brought_key: .*\[billing-plan\]"),
    (
        lambda: plan(sinks=[SINKS[0]]),
        r"ServiceAccess 'tools': sinks: .* a secret sink for backends: .*\[plan-key-tools\]",
    ),
    (lambda: plan(sinks=[TOOLS, SINKS[1]]), r"sinks: .* a config sink, which backends read: .*\[plan-key-tools\]"),
    (lambda: plan(brought_key=None), r"workspace: .*\[plan-key-brought\]"),
    (lambda: access(rotation={"max_age": 90, "overlap": 60, "soak": 30}), r"rotation: .*\[rotation-periods\]"),
    (lambda: access(rotation={"serve_generation": 2, "revoke_through": 2}), r"rotation: .*\[serve-generation\]"),
    (lambda: plan(rotation={}), "rotation: a brought key is rotated where it was made: bring the new value"),
    (lambda: access(isolation=True, verify="off"), "isolation: verify: off checks nothing"),
]


def plan(**more: Any) -> ServiceAccess:
    args: Any = {
        "owner": owner(),
        "domain": "coding_plan",
        "region": "ap-southeast-1",
        "brought_key": {"value": pulumi.Output.secret(KEY)},
        "sinks": [TOOLS],
        **more,
    }
    return ServiceAccess("tools", args)


@pytest.mark.parametrize(("make", "says"), BAD, ids=[says[:40] for _, says in BAD])
def test_bad_arguments_are_refused_before_anything_is_registered(
    recorder: Recorder, make: Callable[[], object], says: str
) -> None:
    with pytest.raises(ArgumentError, match=says) as refused:
        make()
    assert isinstance(refused.value, pulumi.RunError)
    assert "modelstudio:index:ServiceAccess" not in {r.typ for r in recorder.seen}


def test_a_sink_s_place_is_in_its_name_so_that_a_moved_one_is_new() -> None:
    places = {KmsSecret(region=r, name=n).place for r in ("cn-beijing", "cn-hongkong") for n in ("a", "b")}
    assert len({child_name("gw", place) for place in places}) == 4


def test_config_data_is_spelled_as_the_plugin_reads_it_back() -> None:
    assert go_json({"b": "x&y<z>", "a": "ü\u2028"}) == '{"a":"ü\\u2028","b":"x\\u0026y\\u003cz\\u003e"}'


@pulumi_test
async def test_a_key_that_nobody_marked_is_secret_in_the_store_all_the_same(recorder: Recorder) -> None:
    own = owner()
    delivery = Delivery(
        service="gw",
        check=own,
        facts=pulumi.Output.from_input({"OPENAI_BASE_URL": HOST}),
        api_key=pulumi.Output.from_input(KEY),
        revision=pulumi.Output.from_input(1),
        digest=pulumi.Output.from_input("ab12cd34ef56ab78"),
        version=pulumi.Output.from_input("g1r1-ab12cd34"),
    )
    await value_of(SINKS[0].deliver(delivery, own).holds)
    assert recorder.only(VERSION).secret_inputs == {"secretData"}
