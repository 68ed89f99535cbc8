"""What the components register, refuse and give back; the engine itself is in tests/engine."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from catalogue.formats import go_json
from catalogue.record import facts_in
from components.service_access import ServiceAccess
from provider.resources.base import ArgumentError
from tests.components.given import (
    API_KEY,
    COPY,
    HOST,
    ID,
    KEY,
    PLACE,
    RETIREMENT,
    SAE,
    SINKS,
    TOOLS,
    VAULT,
    VERSION,
    WORKSPACE,
    access,
    doubled,
    plan,
    workspace,
)
from tests.components.mocks import Recorder, pulumi_test, value_of

EVERY = (*SINKS, COPY)


async def held(service: ServiceAccess) -> Mapping[str, str | None]:
    """Return what each place holds, once all of it is registered."""
    await value_of(service.retire_after)
    return {place: await value_of(output) for place, output in service.delivered.items()}


@pulumi_test
async def test_every_sink_gets_one_record_and_no_key_passes_through_the_program(recorder: Recorder) -> None:
    service = access(sinks=EVERY)
    assert await held(service) == dict.fromkeys((sink.place for sink in EVERY), "g2r3")
    pointer = await value_of(service.secret_ref)
    assert pointer == "kms:cn-beijing/prod/gw@g2r3-ab12cd34"
    key, copy = recorder.only(API_KEY).inputs, recorder.only(VERSION).inputs
    config = json.loads(recorder.only(SAE).inputs["data"])
    assert key["urls"] == {"openai": f"{HOST}/compatible-mode/v1", "anthropic": f"{HOST}/apps/anthropic"}
    assert {"openai": config["OPENAI_BASE_URL"], "anthropic": config["ANTHROPIC_BASE_URL"]} == key["urls"]
    assert config["MODEL_STUDIO_SECRET"] == pointer
    assert copy["record"] == config
    assert (copy["vault"], copy["vaultVersion"], copy["fingerprint"]) == (VAULT.place, "v-2", "f" * 32)
    assert KEY not in json.dumps([dict(r.inputs) for r in recorder.seen])
    assert {name for r in recorder.seen for name in r.secret_inputs} == set()


@pulumi_test
async def test_a_secret_place_is_claimed_once_and_named_by_account_and_place_alone(recorder: Recorder) -> None:
    await held(access(sinks=EVERY))
    assert {r.name for r in recorder.of(PLACE)} == {f"{ID}/{VAULT.place}", f"{ID}/{COPY.place}"}
    assert recorder.only(VERSION).name == f"{ID}/{COPY.place}"
    assert not [name for name in recorder.parents if name.startswith(ID)], "a service that goes leaves it in place"
    vault = recorder.only(API_KEY).inputs["vault"]
    assert vault == {"store": "kms", "regionId": "cn-beijing", "name": "prod/gw", "claim": "c" * 16, "found": "absent"}
    assert recorder.only(API_KEY).inputs["alsoAt"] == [COPY.place]
    assert recorder.only(VERSION).inputs["place"]["claim"] == "c" * 16


@pulumi_test
async def test_the_key_comes_after_every_place_and_retirement_after_every_sink(recorder: Recorder) -> None:
    await held(access(sinks=EVERY))
    places = {f"{ID}/{VAULT.place}"}
    assert {"chat-workspace", "owner"} | places <= recorder.waits["gw-key"]
    assert "gw-key" in recorder.waits[f"{ID}/{COPY.place}"], "the copy is put once the vault has the key"
    assert "gw-key" in recorder.waits[f"gw-{SINKS[1].place}"]
    assert {"gw-key", f"gw-{SINKS[1].place}", f"{ID}/{COPY.place}"} <= recorder.waits["gw-retirement"]


@pulumi_test
async def test_no_output_of_a_component_is_secret(recorder: Recorder) -> None:
    service = access(sinks=EVERY)
    key = [name for name in type(service.key).__annotations__ if name not in ("value", "handler")]
    outputs = [getattr(service.key, name) for name in key]
    outputs += [service.superseded, service.retire_after, service.secret_ref, service.config, service.workspace_id]
    outputs += [*service.urls.values(), *service.delivered.values()]
    assert len(outputs) > 20
    for out in outputs:
        assert not await out.is_secret()
        assert KEY not in str(await value_of(out))
    assert recorder.seen


@pulumi_test
async def _deployed() -> None:
    await held(access(sinks=EVERY))


def test_every_child_is_named_after_its_component_and_config_sinks_after_their_place(recorder: Recorder) -> None:
    _deployed()
    names = {r.name for r in recorder.seen} - {"owner", "chat", "gw", "modelstudio", "alicloud-cn-beijing"}
    assert names == {
        "chat-workspace",
        "gw-key",
        f"{ID}/{VAULT.place}",
        f"{ID}/{COPY.place}",
        "gw-sae:cn-beijing:prod/gw",
        "gw-retirement",
    }
    assert {name for name, parent in recorder.parents.items() if parent == "gw"} == {
        *("gw-key", "gw-sae:cn-beijing:prod/gw", "gw-retirement"),
    }


@pulumi_test
async def test_a_preview_survives_unknowns(previewer: Recorder) -> None:
    service = access(sinks=EVERY)
    assert not await service.delivered[VAULT.place].is_known()
    assert not await service.secret_ref.is_known()
    assert not await service.retire_after.is_known()
    assert {r.typ for r in previewer.seen} >= {PLACE, SAE, VERSION, API_KEY, RETIREMENT}


@pulumi_test
async def test_urls_lead_through_the_double(recorder: Recorder) -> None:
    chat = workspace(doubled())
    assert await value_of(chat.openai_base_url) == (
        "http://127.0.0.1:1/_host/llm-1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1"
    )
    shared = await value_of(chat.base_url("shared", "openai"))
    assert shared == "http://127.0.0.1:1/_host/dashscope.aliyuncs.com/compatible-mode/v1"
    assert recorder.seen


@pytest.mark.parametrize(
    ("more", "models"),
    [
        ({}, {"allModels": True}),
        ({"models": ["m"]}, {"models": ["m"]}),
        ({"models": None}, {"allModels": True}),
        ({"adopt": "ws-1"}, {}),
        ({"adopt": "ws-1", "models": None}, {"allModels": True}),
        ({"adopt": "ws-1", "models": ["m"]}, {"models": ["m"]}),
    ],
)
def test_an_adopted_workspace_keeps_its_models_unless_some_are_given(
    recorder: Recorder, more: dict[str, Any], models: dict[str, Any]
) -> None:
    @pulumi_test
    async def made() -> None:
        await value_of(workspace(**more).workspace_id)

    made()
    inputs = recorder.only(WORKSPACE).inputs
    assert {name: inputs[name] for name in ("models", "allModels") if name in inputs} == models


@pytest.mark.parametrize(
    ("rotation", "wire"),
    [
        (None, {}),
        (
            {"overlap": 0, "soak": 5, "serve_generation": 1, "retire": "manual"},
            {"overlap": 0, "soak": 5, "serveGeneration": 1, "retire": "manual"},
        ),
    ],
)
def test_retirement_waits_for_what_every_sink_holds(
    recorder: Recorder, rotation: dict[str, Any] | None, wire: dict[str, Any]
) -> None:
    @pulumi_test
    async def deployed() -> None:
        service = access(rotation=rotation, sinks=EVERY)
        assert await value_of(service.superseded) == {"6": "g1 overlap until 2026-11-30T10:00:00Z", "5": "g2 left"}
        assert await value_of(service.retire_after) == "2026-11-30T10:00:00Z"

    deployed()
    retirement, key = recorder.only(RETIREMENT).inputs, recorder.only(API_KEY).inputs
    assert retirement["held"] == dict.fromkeys((sink.place for sink in EVERY), "g2r3")
    assert (retirement["generation"], retirement["keyId"], retirement["revision"]) == (2, "7", 3)
    assert retirement["superseded"] == []
    assert (key.get("rotation", {}), retirement.get("rotation", {})) == (wire, wire), "one policy for both"


@pulumi_test
async def test_a_plan_key_goes_the_same_way_without_a_workspace(recorder: Recorder) -> None:
    service = plan()
    assert await held(service) == {"kms:ap-southeast-1/tools": "g2r3"}
    assert await value_of(service.workspace_id) == ""
    key = recorder.only(API_KEY)
    assert (key.inputs["existingKey"], key.inputs["workspaceId"]) == (KEY, "")
    assert key.secret_inputs == {"existingKey"}
    assert (key.inputs["domain"], key.inputs["regionId"]) == ("coding_plan", "ap-southeast-1")
    assert key.inputs["urls"] == {"openai": "https://coding-intl.dashscope.aliyuncs.com/v1"}
    assert not {"models", "allowedIps", "openToWorld"} & set(key.inputs)
    said = facts_in(await value_of(service.key.record) or {})
    assert not {"MODEL_STUDIO_WORKSPACE_ID", "MODEL_STUDIO_KEY_ID"} & set(said)
    await value_of(service.superseded)
    retirement = recorder.only(RETIREMENT).inputs
    assert (retirement["superseded"], list(retirement["held"])) == ([], [TOOLS.place])


@pytest.mark.parametrize(("word", "store"), [("from_kms", "kms"), ("from_oos", "oos")])
def test_a_key_of_another_team_s_workspace_is_taken_from_its_secret_with_its_host(
    recorder: Recorder, word: str, store: str
) -> None:
    host = "llm-2.cn-beijing.maas.aliyuncs.com"
    source = {"name": "theirs", "field": "key"}

    @pulumi_test
    async def deployed() -> None:
        service = access(workspace=None, region="cn-beijing", host=host, existing_key={word: source})
        await held(service)
        assert await value_of(service.urls["anthropic"]) == f"https://{host}/apps/anthropic"

    deployed()
    key = recorder.only(API_KEY)
    assert key.inputs["existingAt"] == {"store": store, "regionId": "cn-beijing", "name": "theirs", "field": "key"}
    assert "existingKey" not in key.inputs, "its value is read by the plugin, and is in no input"


@pulumi_test
async def test_a_value_is_kept_in_the_program_only_where_it_is_asked_for(recorder: Recorder) -> None:
    kept = access(sinks=[], keep_value=True)
    assert kept.delivered == {}
    assert await value_of(kept.secret_ref) == ""
    env = await value_of(kept.env)
    assert env is not None
    assert await kept.env.is_secret()
    assert (env["OPENAI_API_KEY"], env["ANTHROPIC_AUTH_TOKEN"]) == (KEY, KEY)
    assert env["OPENAI_BASE_URL"] == f"{HOST}/compatible-mode/v1"
    assert recorder.only(API_KEY).inputs["keepValue"] is True
    assert "vault" not in recorder.only(API_KEY).inputs
    with pytest.raises(ArgumentError, match="ServiceAccess 'gw': env: .*pass keep_value: True, and it will stand in"):
        _ = access().env


@pulumi_test
async def test_a_discouraged_domain_is_warned_of_once_with_the_dedicated_url(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def warn(text: str, *_: object) -> None:
        said.append(text)

    monkeypatch.setattr(pulumi.log, "warn", warn)
    await value_of(access(domain="shared", protocols=["openai"]).key.held)
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
    await access(domain="shared", protocols=["openai"]).key.held.is_known()
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
        ("us-east-1", {"existing_key": {"value": KEY}, "rotation": {"soak": 60}}, []),
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
        await access(workspace=workspace(region=region), sinks=[VAULT], **more).key.held.is_known()

    monkeypatch.setattr(pulumi.log, "warn", warn)
    previewed()
    assert [line[: len(start)] for line, start in zip(warned, says, strict=True)] == says
    assert previewer.seen


def test_config_data_is_spelled_as_the_plugin_reads_it_back() -> None:
    assert go_json({"b": "x&y<z>", "a": "ü\u2028"}) == '{"a":"ü\\u2028","b":"x\\u0026y\\u003cz\\u003e"}'
