"""What the components register, refuse and give back; the engine itself is in tests/engine."""

import json
from typing import Any

import pulumi
import pytest

from catalogue.formats import go_json
from catalogue.record import digest
from components.service_access import ServiceAccess
from components.sinks.sink import Delivery
from tests.components.given import CHECK, HOST, KEY, KMS, SAE, SINKS, TOOLS, VERSION, access, owner, plan, workspace
from tests.components.mocks import Recorder, pulumi_test, value_of


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
        "gw-kms:cn-beijing/prod/gw",
        "gw-sae:cn-beijing:prod/gw",
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
        service = access(rotation=rotation)
        assert await value_of(service.superseded) == {"6": "g1 overlap until 2026-11-30T10:00:00Z", "5": "g2 left"}
        assert await value_of(service.retire_after) == "2026-11-30T10:00:00Z"

    deployed()
    retirement, key = recorder.only(RETIREMENT).inputs, recorder.only("modelstudio:index:ApiKey").inputs
    assert retirement["held"] == {"kms:cn-beijing/prod/gw": "g2r3", "sae:cn-beijing:prod/gw": "g2r3"}
    assert (retirement["generation"], retirement["superseded"]) == (2, [])
    assert {name: retirement[name] for name in said} == said
    assert key.get("serveGeneration") == (rotation or {}).get("serve_generation")


@pulumi_test
async def test_a_plan_key_goes_the_same_way_without_a_workspace(recorder: Recorder) -> None:
    service = plan()
    assert await value_of(service.delivered) == {"kms:ap-southeast-1/tools": "g2r3"}
    assert await value_of(service.workspace_id) == ""
    counted = recorder.only("modelstudio:index:ApiKey")
    assert (counted.inputs["brought"], counted.inputs["workspaceId"]) == ("sk-ws-test.a1", "")
    assert counted.secret_inputs == {"brought"}
    key, check = recorder.only("modelstudio:index:BroughtKey"), recorder.only(CHECK)
    assert key.secret_inputs == {"key"}
    assert (key.inputs["domain"], key.inputs["urlRegion"]) == ("coding_plan", "ap-southeast-1")
    assert check.inputs["urls"] == {"openai": "https://coding-intl.dashscope.aliyuncs.com/v1"}
    assert "MODEL_STUDIO_WORKSPACE_ID" not in check.inputs["facts"]
    assert not {"keyCreatedAt", "keyId"} & set(check.inputs)
    await value_of(service.superseded)
    retirement = recorder.only(RETIREMENT).inputs
    assert (retirement["superseded"], list(retirement["held"])) == ([], [TOOLS.place])


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


@pytest.mark.parametrize(
    ("region", "more", "says"),
    [
        ("us-east-1", {"rotation": {"max_age": 7776000}}, ["gw: us-east-1 may not disable keys"]),
        ("us-east-1", {"allowed_ips": ["203.0.113.7"]}, ["gw: us-east-1 may refuse a key with a model list"]),
        ("us-east-1", {"models": ["qwen-plus"], "open_to_world": True}, ["gw: us-east-1 may refuse a key"]),
        ("us-east-1", {}, []),
        ("us-east-1", {"brought_key": {"value": KEY}, "rotation": {"soak": 60}}, []),
        ("eu-central-1", {"allowed_ips": ["203.0.113.7"], "rotation": {"max_age": 7776000}}, []),
    ],
)
def test_a_preview_says_what_a_region_may_not_do_with_keys(
    previewer: Recorder, monkeypatch: pytest.MonkeyPatch, region: str, more: dict[str, Any], says: list[str]
) -> None:
    warned: list[str] = []

    def warn(text: str, *_: object) -> None:
        warned.append(text)

    @pulumi_test
    async def previewed() -> None:
        await access(workspace=workspace(owner(), region=region), sinks=[], **more).delivered.is_known()

    monkeypatch.setattr(pulumi.log, "warn", warn)
    previewed()
    assert [line[: len(start)] for line, start in zip(warned, says, strict=True)] == says
    assert previewer.seen


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
