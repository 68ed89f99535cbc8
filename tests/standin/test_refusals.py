"""What the stand-in does not do: leave loopback, serve other types, take other credentials."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from emulator.standin.plugin import TYPES
from emulator.standin.settings import SERVED
from tests.standin.engine_double import State, struct
from tests.standin.golden import CONFIG_MAP, NACOS_CONFIG, PARAMETER, SECRET, SECRET_PARAMETER, service_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.standin.conftest import Connect
    from tests.standin.replay_server import Replay

Json = dict[str, Any]

CONFIG = {"name": "app", "namespaceId": "cn-beijing:team", "data": "{}"}
NACOS = {"instanceId": "mse-1", "dataId": "d", "group": "g", "content": "hunter2"}


def failures(connect: Connect, **args: Any) -> list[tuple[str, str]]:
    checked = connect().stub.CheckConfig(pb.CheckRequest(news=struct({"protocol": "HTTP", **args})))
    return [(f.property, f.reason) for f in checked.failures]


@pytest.mark.parametrize(
    "address",
    [
        "kms.cn-beijing.aliyuncs.com",
        "10.0.0.1:80",
        "0.0.0.0:80",
        "127.0.0.1.example.com:80",
        "localhost.example.com:80",
        "http://127.0.0.1:80",
        "127.0.0.1:80/path",
        "127.0.0.1:80@example.com",
        "user@127.0.0.1:80",
        "[2001:db8::1]:80",
        "",
        " ",
    ],
)
@pytest.mark.parametrize("key", [key for keys in SERVED.values() for key in keys])
def test_endpoint_off_loopback(connect: Connect, key: str, address: str) -> None:
    found = failures(connect, endpoints=json.dumps([{key: address}]))
    if address:
        assert [name for name, _ in found] == ["endpoints"]
        assert "not on loopback" in found[0][1]
        assert "pulumi plugin install resource alicloud" in found[0][1]
    else:
        assert found == []


@pytest.mark.parametrize("address", ["127.0.0.1:80", "127.1.2.3:80", "localhost:80", "[::1]:80", "127.0.0.1"])
def test_endpoint_on_loopback(connect: Connect, address: str) -> None:
    assert failures(connect, endpoints=json.dumps([dict.fromkeys(SERVED, address)])) == []


@pytest.mark.parametrize("name", ["ALIBABA_CLOUD_ENDPOINT_KMS", *(f"{product.upper()}_ENDPOINT" for product in SERVED)])
def test_endpoint_of_the_environment(connect: Connect, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "kms.example.com")
    assert [prop for prop, _ in failures(connect)] == ["endpoints"]


@pytest.mark.parametrize("text", ["no json", '"text"', '["text"]', '{"kms": "127.0.0.1:80"}'])
def test_endpoints_of_another_shape(connect: Connect, text: str) -> None:
    found = failures(connect, endpoints=text)
    assert [name for name, _ in found] == ["endpoints"]
    assert "JSON" in found[0][1] or "list" in found[0][1]


def test_bad_configuration_is_refused_at_configure_too(connect: Connect) -> None:
    args = {"protocol": "HTTP", "endpoints": '[{"kms": "kms.example.com"}]', "accessKey": "a", "secretKey": "b"}
    with pytest.raises(grpc.RpcError, match="not on loopback"):
        connect(args)


def everything(state: State) -> list[Callable[[Any], Any]]:
    inputs = state.inputs
    return [
        lambda e: e.stub.Create(pb.CreateRequest(urn=e.urn, properties=struct(inputs))),
        lambda e: e.stub.Read(pb.ReadRequest(urn=e.urn, id=state.id)),
        lambda e: e.stub.Update(
            pb.UpdateRequest(urn=e.urn, id=state.id, olds=struct(state.outputs), news=struct(inputs))
        ),
        lambda e: e.stub.Delete(pb.DeleteRequest(urn=e.urn, id=state.id, properties=struct(state.outputs))),
    ]


SECRET_VALUES = {"secretName": "app", "secretData": "hunter2", "versionId": "v1"}
PARAMETER_VALUES = {"parameterName": "app", "type": "String", "value": "hunter2"}
SECRET_PARAMETER_VALUES = {"secretParameterName": "app", "value": "hunter2"}
STATES = {
    SECRET: State("app", SECRET_VALUES, {**SECRET_VALUES, "secretData": "hunter1"}),
    CONFIG_MAP: State("app", CONFIG, {**CONFIG, "data": '{"old":1}'}),
    NACOS_CONFIG: State("mse-1::d:g", NACOS, {**NACOS, "content": "hunter1"}),
    PARAMETER: State("app", PARAMETER_VALUES, {**PARAMETER_VALUES, "value": "hunter1"}),
    SECRET_PARAMETER: State("app", SECRET_PARAMETER_VALUES, {**SECRET_PARAMETER_VALUES, "value": "hunter1"}),
}


def test_every_type_has_a_state_here() -> None:
    assert set(STATES) == set(TYPES)


@pytest.mark.parametrize("number", range(4), ids=["create", "read", "update", "delete"])
@pytest.mark.parametrize("token", STATES)
def test_no_endpoint_is_refused_at_the_first_call(
    connect: Connect, provider_args: Json, token: str, number: int
) -> None:
    del provider_args["endpoints"]
    engine = connect(provider_args, token=token)
    with pytest.raises(grpc.RpcError) as refusal:
        everything(STATES[token])[number](engine)
    said = str(refusal.value.details())  # pyright: ignore[reportAttributeAccessIssue] - grpc's errors are also calls
    assert f"the provider's endpoints have none for {service_of(token)}" in said
    assert "hunter" not in said


def test_preview_needs_no_endpoint(connect: Connect, provider_args: Json, replay: Replay) -> None:
    del provider_args["endpoints"], provider_args["protocol"]
    engine = connect(provider_args)
    assert engine.up(None, SECRET_VALUES, preview=True).preview == [{"op": "create", "name": "res"}]
    assert replay.asked == []


def test_other_credentials_are_refused_at_the_first_call(connect: Connect, provider_args: Json, replay: Replay) -> None:
    del provider_args["accessKey"], provider_args["secretKey"]
    engine = connect({**provider_args, "profile": "work"})
    assert engine.up(None, SECRET_VALUES, preview=True).error == ""
    assert engine.up(None, SECRET_VALUES).error == "the stand-in plugin takes access keys only, not profile"
    assert replay.asked == []


@pytest.mark.parametrize("token", ["alicloud:fc/trigger:Trigger", "alicloud:ram/policy:Policy"])
def test_other_type(connect: Connect, provider_args: Json, token: str) -> None:
    engine = connect(provider_args, token=token)
    said = f"does not serve {token}; it serves {', '.join(sorted(STATES))}"
    with pytest.raises(grpc.RpcError, match=said):
        engine.up(None, {})
    for call in everything(State("x", {}, {})):
        with pytest.raises(grpc.RpcError, match=said):
            call(engine)


def test_function(connect: Connect, provider_args: Json) -> None:
    with pytest.raises(grpc.RpcError, match="does not serve the function alicloud:kms/getSecrets:getSecrets"):
        connect(provider_args).stub.Invoke(pb.InvokeRequest(tok="alicloud:kms/getSecrets:getSecrets"))


def test_missing_property(connect: Connect, provider_args: Json) -> None:
    outcome = connect(provider_args).up(None, {"secretName": "app", "versionId": "v1"})
    assert outcome.error == f"{SECRET} resource 'res' has a problem: Missing required property 'secretData'"


def test_before_configure(connect: Connect) -> None:
    with pytest.raises(grpc.RpcError, match="the provider is not configured"):
        connect().stub.Read(pb.ReadRequest(urn=f"urn:pulumi:dev::rec::{SECRET}::res", id="app"))
