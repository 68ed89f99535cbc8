"""What each sink is given, refuses, and tells; the engine itself is in tests/engine/sinks."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.record import config_record
from catalogue.stores import SIZES
from components.account import Account
from components.sinks.config import ConfigSink, Delivery
from components.sinks.kms import KmsSecret
from components.sinks.nacos import NacosConfig
from components.sinks.oos import OosParameter, OosSecretParameter
from components.sinks.sae import SaeConfigMap
from components.sinks.secret import SecretSink
from components.sinks.sink import Sink, child_name
from components.sinks.table import SINKS
from provider.resources.base import ArgumentError
from provider.stores.store import Place
from tests.components.given import KEY, access, account, plan
from tests.components.mocks import Recorder, pulumi_test, value_of

ALL: Mapping[type[Sink], Callable[..., Any]] = {
    KmsSecret: partial(KmsSecret, region="cn-beijing", name="prod/gw"),
    OosSecretParameter: partial(OosSecretParameter, region="cn-beijing", name="prod-gw"),
    SaeConfigMap: partial(SaeConfigMap, namespace="cn-beijing:prod", name="gw"),
    NacosConfig: partial(NacosConfig, region="cn-beijing", instance_id="mse-1", data_id="gw.json"),
    OosParameter: partial(OosParameter, region="cn-beijing", name="prod-gw"),
}
CONFIG: Mapping[type[ConfigSink], str] = {SaeConfigMap: "data", NacosConfig: "content", OosParameter: "value"}
"""Where each has its content."""
TAGS = {"managed-by": "pulumi", "pulumi-project": "model-studio", "pulumi-stack": "test"}
EACH = pytest.mark.parametrize("kind", CONFIG, ids=[kind.__name__ for kind in CONFIG])
SECRET = pytest.mark.parametrize("kind", [KmsSecret, OosSecretParameter])


def delivery(own: Account, *, url: str = "https://host.example.com/v1") -> Delivery:
    said = {"OPENAI_BASE_URL": url, "MODEL_STUDIO_GENERATION": "1"}
    record = config_record(said, revision=2, digest="ab12cd34ef56ab78", pointer="kms:cn-beijing/prod/gw@g1r2-ab12cd34")
    return Delivery(service="gw", account=own, record=pulumi.Output.from_input(record))


def test_every_sink_is_in_the_tables() -> None:
    assert set(ALL) == set(SINKS)
    assert {kind for kind in SINKS if issubclass(kind, ConfigSink)} == set(CONFIG)
    assert len({kind.holder for kind in CONFIG}) == len(CONFIG)


@EACH
def test_what_a_config_sink_is_given_and_tells(recorder: Recorder, kind: type[ConfigSink]) -> None:
    @pulumi_test
    async def delivered() -> None:
        own = account()
        held = ALL[kind](prefix="QWEN_").deliver(delivery(own), own.owner)
        assert await value_of(held) == "g1r2"
        assert not await held.is_secret()

    delivered()
    given = recorder.only(kind.token)
    record = json.loads(given.inputs[CONFIG[kind]])
    assert record["QWEN_MODEL_STUDIO_SECRET"] == "kms:cn-beijing/prod/gw@g1r2-ab12cd34"
    assert all(key.startswith("QWEN_") for key in record)
    assert not [key for key in record if key.endswith(("API_KEY", "AUTH_TOKEN"))]
    assert given.inputs.get("tags") == (TAGS if kind is OosParameter else None)
    assert kind.holder == (kind.token, CONFIG[kind])
    assert given.name == f"gw-{ALL[kind]().place}"


@SECRET
def test_a_secret_place_is_called_as_the_store_s_object_is(kind: type[SecretSink]) -> None:
    sink = ALL[kind]()
    assert sink.place == str(sink.where)
    assert Place.read(sink.place) == sink.where
    assert (sink.facts().place, sink.facts().audience) == (sink.place, "backends")


@EACH
def test_content_that_does_not_fit_is_refused_by_its_length(recorder: Recorder, kind: type[ConfigSink]) -> None:
    most = SIZES[kind.store].most

    @pulumi_test
    async def delivered() -> None:
        own = account()
        await value_of(ALL[kind]().deliver(delivery(own, url="u" * most), own.owner))

    with pytest.raises(ArgumentError, match=rf"the record is \d+ \w+ long, and {most} fit") as refused:
        delivered()
    assert "uu" not in str(refused.value)
    assert not [r for r in recorder.seen if r.typ == kind.token]


@EACH
def test_what_is_adopted_is_imported_and_its_tags_are_left(recorder: Recorder, kind: type[ConfigSink]) -> None:
    more = {"config_map_id": "7"} if kind is SaeConfigMap else {}
    sink: ConfigSink = ALL[kind](on_conflict="adopt", on_delete="retain", **more)

    @pulumi_test
    async def delivered() -> None:
        own = account()
        await value_of(sink.deliver(delivery(own), own.owner))

    delivered()
    adopted = recorder.requests[f"gw-{sink.place}"]
    assert sink.object_id
    assert (adopted.importId, adopted.retainOnDelete) == (sink.object_id, True)
    assert "tags" in adopted.ignoreChanges


@EACH
def test_what_is_not_adopted_is_made_and_deleted_and_left_alone_where_others_write(
    recorder: Recorder, kind: type[ConfigSink]
) -> None:
    @pulumi_test
    async def delivered() -> None:
        own = account()
        await value_of(ALL[kind]().deliver(delivery(own), own.owner))

    delivered()
    plain = recorder.requests[f"gw-{ALL[kind]().place}"]
    assert (plain.importId, plain.retainOnDelete) == ("", False)
    assert len(plain.ignoreChanges) == len(kind.left_alone)
    assert ("tags" in plain.ignoreChanges) == ("tags" in kind.left_alone)


@EACH
def test_an_object_has_the_account_s_provider_of_its_region_and_a_program_s_transformations(
    recorder: Recorder, kind: type[ConfigSink]
) -> None:
    seen: list[str] = []

    def transformation(args: pulumi.ResourceTransformationArgs) -> None:
        seen.append(args.type_)

    @pulumi_test
    async def delivered() -> None:
        parent = pulumi.ComponentResource("a:b:C", "c", None, pulumi.ResourceOptions(transformations=[transformation]))
        await value_of(ALL[kind]().deliver(delivery(account()), parent))

    delivered()
    assert recorder.providers[kind.token] == "alicloud-cn-beijing"
    assert kind.token in seen


def test_a_nacos_id_keeps_the_colons_of_its_parts() -> None:
    sink = NacosConfig(region="cn-beijing", instance_id="mse-1", data_id="a:b.json", group="G")
    assert sink.object_id == r"mse-1::a\:b.json:G"
    assert sink.place == "nacos:cn-beijing/mse-1/public/G/a:b.json"


REGION = st.sampled_from(["cn-beijing", "us-east-1"])
WORD = st.text("ab-:/._", min_size=2, max_size=6)


def taken(make: Callable[..., Sink], **names: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return places of a sink, of whatever names it takes."""

    def place(**given: str) -> str:
        try:
            return make(**given).place
        except ArgumentError:
            return ""

    return st.builds(place, **names).filter(bool)


PLACES = st.one_of(
    taken(KmsSecret, region=REGION, name=WORD),
    taken(OosSecretParameter, region=REGION, name=WORD),
    taken(OosParameter, region=REGION, name=WORD),
    taken(SaeConfigMap, namespace=st.sampled_from(["cn-beijing", "cn-beijing:a", "cn-beijing:b"]), name=WORD),
    taken(
        partial(NacosConfig, content_type="json"),
        region=REGION,
        instance_id=st.sampled_from(["a", "a-b"]),
        namespace=st.sampled_from(["public", "a", "a-b"]),
        group=WORD,
        data_id=WORD,
    ),
)
SERVICES = st.lists(st.sampled_from(["a", "b", "kms", "oos", "secret", "sae", "nacos"]), min_size=1).map("-".join)


@given(SERVICES, PLACES)
def test_a_resource_name_tells_service_and_place_so_no_two_make_one(service: str, place: str) -> None:
    head, _, rest = child_name(service, place).partition(":")
    store = max((s for s in ("kms", "oos", "oos-secret", "sae", "nacos") if head.endswith(f"-{s}")), key=len)
    assert (head.removesuffix(f"-{store}"), f"{store}:{rest}") == (service, place)


@pulumi_test
async def test_resources_of_your_own_get_the_record_and_its_place(recorder: Recorder) -> None:
    service = access(keep_value=True)
    env, config = await value_of(service.env), await value_of(service.config)
    await value_of(service.retire_after)
    assert env is not None
    assert config is not None
    assert await service.env.is_secret()
    assert not await service.config.is_secret()
    assert config == json.loads(recorder.only(SaeConfigMap.token).inputs["data"])
    assert config["MODEL_STUDIO_SECRET"] == await value_of(service.secret_ref)
    keys = {"OPENAI_API_KEY": KEY, "ANTHROPIC_AUTH_TOKEN": KEY}
    assert env == {n: v for n, v in config.items() if n != "MODEL_STUDIO_SECRET"} | keys


@pulumi_test
async def test_a_service_without_a_secret_sink_points_nowhere(recorder: Recorder) -> None:
    config = await value_of(access(sinks=[], keep_value=True).config)
    assert config is not None
    assert "MODEL_STUDIO_SECRET" not in config
    assert "OPENAI_BASE_URL" in config
    assert recorder.seen


@pytest.mark.parametrize("name", ["env", "config"])
def test_a_plan_s_key_is_for_no_resource_of_your_own(recorder: Recorder, name: str) -> None:
    @pulumi_test
    async def asked() -> None:
        service = plan(keep_value=True)
        await value_of(service.retire_after)
        with pytest.raises(ArgumentError, match=rf"ServiceAccess 'tools': {name}: .*\[plan-key-tools\]"):
            getattr(service, name)

    asked()
    assert recorder.seen
