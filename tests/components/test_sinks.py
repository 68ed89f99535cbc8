"""What each sink is given, refuses, and tells; the engine itself is in tests/engine/sinks."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pulumi
import pulumi_alicloud as alicloud
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.stores import SIZES
from components.sinks.kms import KmsSecret
from components.sinks.nacos import NacosConfig
from components.sinks.oos import OosParameter, OosSecretParameter
from components.sinks.sae import SaeConfigMap
from components.sinks.sink import Delivered, Delivery, child_name
from components.sinks.stored import StoredSink
from components.sinks.table import SINKS
from provider.resources.base import ArgumentError
from provider.resources.owner import Owner
from provider.resources.provider import Provider
from tests.components.given import KEY, access, owner, plan
from tests.components.mocks import Recorder, pulumi_test, value_of

ALL: Mapping[type[StoredSink], Callable[..., Any]] = {
    KmsSecret: partial(KmsSecret, region="cn-beijing", name="prod/gw"),
    OosSecretParameter: partial(OosSecretParameter, region="cn-beijing", name="prod-gw"),
    SaeConfigMap: partial(SaeConfigMap, namespace="cn-beijing:prod", name="gw"),
    NacosConfig: partial(NacosConfig, region="cn-beijing", instance_id="mse-1", data_id="gw.json"),
    OosParameter: partial(OosParameter, region="cn-beijing", name="prod-gw"),
}
CONTENT: Mapping[type[StoredSink], tuple[str, str]] = {
    KmsSecret: ("modelstudio:index:SecretVersion", "secretData"),
    OosSecretParameter: (OosSecretParameter.token, "value"),
    SaeConfigMap: (SaeConfigMap.token, "data"),
    NacosConfig: (NacosConfig.token, "content"),
    OosParameter: (OosParameter.token, "value"),
}
TAGS = {"managed-by": "pulumi", "pulumi-project": "model-studio", "pulumi-stack": "test"}
EACH = pytest.mark.parametrize("kind", SINKS, ids=[kind.__name__ for kind in SINKS])


def delivery(own: Owner, *, url: str = "https://host.example.com/v1") -> Delivery:
    return Delivery(
        service="gw",
        check=own,
        facts=pulumi.Output.from_input({"OPENAI_BASE_URL": url, "MODEL_STUDIO_GENERATION": "1"}),
        api_key=pulumi.Output.from_input(KEY),
        revision=pulumi.Output.from_input(2),
        digest=pulumi.Output.from_input("ab12cd34ef56ab78"),
        version=pulumi.Output.from_input("g1r2-ab12cd34"),
        pointer=pulumi.Output.from_input("kms:cn-beijing/prod/gw@g1r2-ab12cd34"),
    )


def test_every_sink_is_in_the_tables() -> None:
    assert set(ALL) == set(CONTENT) == set(SINKS)
    assert len({kind.takes_effect for kind in SINKS}) >= 4
    assert len({kind.holder for kind in SINKS}) == len(SINKS)


@EACH
def test_what_a_sink_is_given_and_tells(recorder: Recorder, kind: type[StoredSink]) -> None:
    @pulumi_test
    async def delivered() -> None:
        done: Delivered = ALL[kind](prefix="QWEN_").deliver(delivery(owner()), owner())
        assert await value_of(done.holds) == "g1r2"
        assert not await done.holds.is_secret()
        assert not await done.pointer.is_secret()
        pointer = await value_of(done.pointer)
        assert pointer == (f"{done.place}@g1r2-ab12cd34" if kind in (KmsSecret, OosSecretParameter) else "")

    delivered()
    token, name = CONTENT[kind]
    given = recorder.only(token)
    record = json.loads(given.inputs[name])
    secret = kind in (KmsSecret, OosSecretParameter)
    assert (name in given.secret_inputs) == secret
    assert ("QWEN_OPENAI_API_KEY" in record) == secret
    assert ("QWEN_MODEL_STUDIO_SECRET" in record) == (not secret)
    assert all(key.startswith("QWEN_") for key in record)
    others = [{k: v for k, v in r.inputs.items() if k != name} for r in recorder.seen]
    assert KEY not in json.dumps(others)
    made = recorder.only(kind.token).inputs
    assert made.get("tags") == (None if kind in (SaeConfigMap, NacosConfig) else TAGS)


@EACH
def test_content_that_does_not_fit_is_refused_by_its_length(recorder: Recorder, kind: type[StoredSink]) -> None:
    most = SIZES[kind.store].most

    @pulumi_test
    async def delivered() -> None:
        done: Delivered = ALL[kind]().deliver(delivery(owner(), url="u" * most), owner())
        await value_of(done.holds)

    with pytest.raises(ArgumentError, match=rf"the record is \d+ \w+ long, and {most} fit") as refused:
        delivered()
    assert "uu" not in str(refused.value)
    assert KEY not in str(refused.value)
    assert not [r for r in recorder.seen if r.typ == CONTENT[kind][0]]


@EACH
def test_what_is_adopted_is_imported_and_its_tags_are_left(recorder: Recorder, kind: type[StoredSink]) -> None:
    more = {"config_map_id": "7"} if kind is SaeConfigMap else {}
    sink: StoredSink = ALL[kind](on_conflict="adopt", on_delete="retain", **more)
    adopted = sink.options(delivery(owner()), owner())
    plain = ALL[kind]().options(delivery(owner()), owner())
    assert (adopted.import_, plain.import_) == (sink.object_id, None)
    assert sink.object_id
    assert (adopted.retain_on_delete, plain.retain_on_delete) == (True, False)
    assert "tags" in (adopted.ignore_changes or [])
    assert recorder.seen is not None


@EACH
def test_a_sink_s_own_providers_and_a_program_s_transformations_reach_its_objects(
    recorder: Recorder, kind: type[StoredSink]
) -> None:
    theirs = alicloud.Provider("theirs", region="cn-beijing")
    ours = {"modelstudio": Provider("ours", {"account_id": "1"})} if kind is KmsSecret else {}
    seen: list[str] = []

    def transformation(args: pulumi.ResourceTransformationArgs) -> None:
        seen.append(args.type_)

    @pulumi_test
    async def delivered() -> None:
        parent = pulumi.ComponentResource("a:b:C", "c", None, pulumi.ResourceOptions(transformations=[transformation]))
        await value_of(ALL[kind](provider=theirs, **ours).deliver(delivery(owner()), parent).holds)

    delivered()
    wanted = {kind.token: "theirs"} | ({"modelstudio:index:SecretVersion": "ours"} if ours else {})
    assert {typ: name for typ, name in recorder.providers.items() if typ in wanted} == wanted
    assert set(wanted) <= set(seen)


def test_a_nacos_id_keeps_the_colons_of_its_parts() -> None:
    sink = NacosConfig(region="cn-beijing", instance_id="mse-1", data_id="a:b.json", group="G")
    assert sink.object_id == r"mse-1::a\:b.json:G"
    assert sink.place == "nacos:cn-beijing/mse-1/public/G/a:b.json"


REGION = st.sampled_from(["cn-beijing", "us-east-1"])
WORD = st.text("ab-:/._", min_size=2, max_size=6)


def taken(make: Callable[..., StoredSink], **names: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
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
    service = access()
    env, config = await value_of(service.env), await value_of(service.config)
    assert env is not None
    assert config is not None
    assert await service.env.is_secret()
    assert not await service.config.is_secret()
    assert env == json.loads(recorder.only("modelstudio:index:SecretVersion").inputs["secretData"])
    assert config == json.loads(recorder.only(SaeConfigMap.token).inputs["data"])
    assert config["MODEL_STUDIO_SECRET"] == await value_of(service.secret_ref)


@pulumi_test
async def test_a_service_without_a_secret_sink_points_nowhere(recorder: Recorder) -> None:
    config = await value_of(access(sinks=[]).config)
    assert config is not None
    assert "MODEL_STUDIO_SECRET" not in config
    assert "OPENAI_BASE_URL" in config
    assert recorder.seen


@pytest.mark.parametrize("name", ["env", "config"])
def test_a_plan_s_key_is_for_no_resource_of_your_own(recorder: Recorder, name: str) -> None:
    @pulumi_test
    async def asked() -> None:
        service = plan()
        await value_of(service.delivered)
        with pytest.raises(ArgumentError, match=rf"ServiceAccess 'tools': {name}: .*\[plan-key-tools\]"):
            getattr(service, name)

    asked()
    assert recorder.seen
