"""What the record does not show: cancel, previews, ignored changes, odd answers, secrets."""

from __future__ import annotations

import json
import os
import threading
import time
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as pb

from emulator.standin.clock import Cancelled, Clock
from emulator.standin.plugin import KNOWN, TYPES, Plugin
from emulator.standin.server import serve
from emulator.standin.values import UNKNOWN, decode, encode, go_json
from tests.standin.engine_double import EngineDouble, State, plain, struct
from tests.standin.golden import CONFIG_MAP, NACOS_CONFIG, PARAMETER, SECRET, SECRET_PARAMETER
from tests.standin.replay_server import Replay, Reply

if TYPE_CHECKING:
    from tests.standin.conftest import Connect

Json = dict[str, Any]

VALUES = {"secretName": "app", "secretData": "sk-ws-test.a1", "versionId": "v1"}
MAP = {"name": "app", "namespaceId": "cn-beijing:team", "data": '{"KEY":"sk-ws-test.a1"}'}
ARGUMENTS: dict[str, Json] = {
    SECRET: VALUES,
    CONFIG_MAP: MAP,
    NACOS_CONFIG: {"instanceId": "mse-1", "dataId": "d", "group": "g", "content": "KEY=sk-ws-test.a1"},
    PARAMETER: {"parameterName": "app", "type": "String", "value": "sk-ws-test.a1"},
    SECRET_PARAMETER: {"secretParameterName": "app", "value": "sk-ws-test.a1"},
}
CONTENTS = {
    SECRET: "secretData",
    CONFIG_MAP: "data",
    NACOS_CONFIG: "content",
    PARAMETER: "value",
    SECRET_PARAMETER: "value",
}
"""What of each type no message may show."""
EACH = pytest.mark.parametrize(("token", "args"), ARGUMENTS.items(), ids=ARGUMENTS)
ANSWER: Json = {
    "SecretName": "app",
    "SecretData": "sk-ws-test.a1",
    "VersionId": "v1",
    "SecretDataType": "text",
    "SecretType": "Generic",
    "VersionStages": {"VersionStage": ["ACSCurrent"]},
    "TagResources": {"TagResource": []},
}
FULL = ("CreateSecret", "DescribeSecret", "GetSecretValue", "ListTagResources")
THROTTLED = {"Code": "Rejected.Throttling", "Message": "m", "RequestId": "r"}


def made(engine: EngineDouble, replay: Replay, args: Json) -> State:
    """Create a secret and return its state."""
    replay.by_action(dict.fromkeys(FULL, ANSWER))
    state = engine.up(None, args).state
    assert state is not None
    replay.asked.clear()
    return state


# cancel


def test_cancel_ends_a_pause_within_a_second(provider_args: Json, replay: Replay) -> None:
    replay.answer = lambda _: Reply(429, THROTTLED)
    server, port = serve(Plugin(Clock()), None)
    engine = EngineDouble(port, SECRET)
    try:
        engine.stub.Configure(pb.ConfigureRequest(args=struct(provider_args)))
        create = engine.stub.Create.future(pb.CreateRequest(urn=engine.urn, properties=struct(VALUES)))
        deadline = time.monotonic() + 10
        while not replay.asked and time.monotonic() < deadline:
            threading.Event().wait(0.01)
        cancelled = time.monotonic()
        engine.stub.Cancel(Empty())
        with pytest.raises(grpc.RpcError) as refusal:
            create.result(timeout=10)
        assert time.monotonic() - cancelled < 1
        assert refusal.value.details() == "cancelled"  # pyright: ignore[reportAttributeAccessIssue] - also a call
        assert replay.actions == ["CreateSecret"]
    finally:
        engine.close()
        server.stop(None).wait(5)


def test_nothing_is_sent_after_a_cancel(connect: Connect, provider_args: Json, replay: Replay) -> None:
    engine = connect(provider_args)
    engine.stub.Cancel(Empty())
    assert engine.up(None, VALUES).error == "cancelled"
    assert replay.asked == []


def test_clock() -> None:
    clock = Clock()
    clock.pause(0)
    clock.check()
    clock.cancel()
    for wait in (clock.check, lambda: clock.pause(60)):
        with pytest.raises(Cancelled):
            wait()


# previews


def test_preview_of_a_create(connect: Connect, provider_args: Json, replay: Replay) -> None:
    engine = connect(provider_args)
    properties = struct({**VALUES, "secretData": UNKNOWN, "recoveryWindowInDays": 30, "secretDataType": "text"})
    answer = engine.stub.Create(pb.CreateRequest(urn=engine.urn, properties=properties, preview=True))
    shown, marked = plain(answer.properties)
    unknown = {name for name, value in shown.items() if value == UNKNOWN}
    assert unknown == {
        *("id", "arn", "createTime", "plannedDeleteTime", "policy", "secretType", "versionStages", "secretData")
    }
    assert shown["secretName"] == "app"
    assert marked == {"secretData"}
    assert answer.id == ""
    assert replay.asked == []


def test_preview_of_an_update_with_unknowns(connect: Connect, provider_args: Json, replay: Replay) -> None:
    engine = connect(provider_args)
    state = made(engine, replay, VALUES)
    news = {**state.inputs, "versionId": UNKNOWN, "tags": UNKNOWN}
    diff = engine.stub.Diff(pb.DiffRequest(id="app", urn=engine.urn, olds=struct(state.outputs), news=struct(news)))
    assert sorted(diff.diffs) == ["tags", "versionId"]
    answer = engine.stub.Update(
        pb.UpdateRequest(id="app", urn=engine.urn, olds=struct(state.outputs), news=struct(news), preview=True)
    )
    shown, _ = plain(answer.properties)
    assert (shown["versionId"], shown["tags"], shown["secretType"]) == (UNKNOWN, UNKNOWN, "Generic")
    assert replay.asked == []


def test_check_keeps_unknowns(connect: Connect, provider_args: Json) -> None:
    engine = connect(provider_args)
    news = struct({**VALUES, "secretData": UNKNOWN, "secretType": UNKNOWN, "description": UNKNOWN})
    checked = engine.stub.Check(pb.CheckRequest(urn=engine.urn, news=news))
    assert not checked.failures
    inputs, _ = plain(checked.inputs)
    assert (inputs["secretData"], inputs["secretType"], inputs["description"]) == (UNKNOWN,) * 3


# the secret as a container: data and version id are ignored


def test_ignored_changes(connect: Connect, provider_args: Json, replay: Replay) -> None:
    engine = connect(provider_args)
    state = made(engine, replay, {**VALUES, "tags": {"a": "b"}})
    state.outputs |= {"secretData": "foreign", "versionId": "f1", "tags": {"a": "b"}}
    ignored = ["secretData", "versionId"]

    def ask(request: Any, news: Json) -> Any:
        return request(id="app", urn=engine.urn, olds=struct(state.outputs), news=struct(news), ignoreChanges=ignored)

    assert engine.stub.Diff(ask(pb.DiffRequest, state.inputs)).changes == pb.DiffResponse.DIFF_NONE
    news = {**state.inputs, "tags": {"a": "c"}}
    assert list(engine.stub.Diff(ask(pb.DiffRequest, news)).diffs) == ["tags"]
    replay.by_action(dict.fromkeys((*FULL, "UntagResources", "TagResources"), ANSWER))
    engine.stub.Update(ask(pb.UpdateRequest, news))
    assert replay.actions == ["UntagResources", "TagResources", *FULL[1:]]


@pytest.mark.parametrize("path", ["tags.a", 'tags["a"]'])
def test_ignored_key(connect: Connect, provider_args: Json, replay: Replay, path: str) -> None:
    engine = connect(provider_args)
    state = made(engine, replay, {**VALUES, "tags": {"a": "b"}})
    state.outputs["tags"] = {"a": "foreign"}
    request = pb.DiffRequest(
        id="app", urn=engine.urn, olds=struct(state.outputs), news=struct(state.inputs), ignoreChanges=[path]
    )
    assert engine.stub.Diff(request).changes == pb.DiffResponse.DIFF_NONE


def test_flag_switched_off_alone_is_an_update(connect: Connect, provider_args: Json, replay: Replay) -> None:
    engine = connect(provider_args)
    state = made(engine, replay, {**VALUES, "forceDeleteWithoutRecovery": True})
    replay.by_action(dict.fromkeys(FULL, ANSWER))
    outcome = engine.up(state, VALUES)
    assert [op["op"] for op in outcome.operations] == ["update"]
    assert outcome.state is not None
    assert outcome.state.outputs["forceDeleteWithoutRecovery"] is False


# names


def test_auto_name(connect: Connect, provider_args: Json) -> None:
    engine = connect(provider_args, token=CONFIG_MAP)
    news = struct({"namespaceId": "n", "data": "{}"})

    def name(olds: Json | None = None, **more: Any) -> Json:
        request = pb.CheckRequest(urn=engine.urn, news=news, olds=struct(olds or {}), randomSeed=b"1", **more)
        return plain(engine.stub.Check(request).inputs)[0]

    first = name()
    assert first["name"].startswith("res-")
    assert first["__defaults"] == ["name"]
    assert name() == first
    assert name(first | {"name": "res-0000000"})["name"] == "res-0000000"
    assert name(autonaming=pb.CheckRequest.AutonamingOptions(proposed_name="wanted"))["name"] == "wanted"
    moved = pb.DiffRequest(
        id="1",
        urn=engine.urn,
        olds=struct({**first, "namespaceId": "m", "description": ""}),
        news=struct(first),
    )
    answer = engine.stub.Diff(moved)
    assert list(answer.replaces) == ["namespaceId"]
    assert not answer.deleteBeforeReplace


# odd answers


def test_gateway_page_is_repeated(connect: Connect, provider_args: Json, replay: Replay) -> None:
    engine = connect(provider_args)
    replay.in_order([Reply(502, "<html>bad gateway</html>"), *[Reply(200, ANSWER)] * 4])
    assert engine.up(None, VALUES).error == ""
    assert replay.actions == ["CreateSecret", *FULL]


@pytest.mark.parametrize("body", ["", "[]", "null", '"text"'])
def test_answer_that_is_no_object(connect: Connect, provider_args: Json, replay: Replay, body: str) -> None:
    engine = connect(provider_args)
    replay.in_order([Reply(200, body)] * 4)
    outcome = engine.up(None, VALUES)
    assert "CreateSecret Failed!!!" in outcome.error
    assert outcome.state is None


@pytest.mark.parametrize(
    ("token", "args", "words"),
    [(SECRET, VALUES, "CreateSecret answered without SecretName"), (CONFIG_MAP, MAP, "without Data.ConfigMapId")],
)
def test_create_without_an_id(
    connect: Connect, provider_args: Json, replay: Replay, token: str, args: Json, words: str
) -> None:
    replay.in_order([Reply(200, {"RequestId": "x", "Success": True})])
    outcome = connect(provider_args, token=token).up(None, args)
    assert words in outcome.error
    assert outcome.state is None


def test_read_without_tags_or_stages(connect: Connect, provider_args: Json, replay: Replay) -> None:
    odd = {"SecretName": "app", "VersionStages": ["ACSCurrent"]}
    replay.by_action(dict.fromkeys(FULL, odd))
    said = connect(provider_args).up(None, VALUES).error
    assert "internal error in the stand-in plugin" in said
    assert "sk-ws-test.a1" not in said


def test_refused_connection(connect: Connect, provider_args: Json) -> None:
    with_nobody = provider_args | {"endpoints": '[{"kms": "127.0.0.1:1"}]'}
    assert (
        connect(with_nobody).up(None, VALUES).error.endswith('Post "http://127.0.0.1:1/": connect: connection refused')
    )


def test_pages_of_tags(connect: Connect, provider_args: Json, replay: Replay) -> None:
    engine = connect(provider_args)
    pages: dict[str, Json] = {
        "": {"TagResources": {"TagResource": [{"TagKey": "a", "TagValue": "1"}]}, "NextToken": "more"},
        "more": {"TagResources": {"TagResource": [{"TagKey": k, "TagValue": "2"} for k in ("b", "acs:x", "aliyun.y")]}},
    }
    replay.answer = lambda asked: Reply(200, ANSWER | pages[asked.form.get("NextToken", "")])
    state = engine.up(None, VALUES).state
    assert state is not None
    assert state.outputs["tags"] == {"a": "1", "b": "2"}


@pytest.mark.parametrize("message", ["", None])
def test_failure_code_without_a_message_is_none(
    connect: Connect, provider_args: Json, replay: Replay, message: str | None
) -> None:
    replay.by_action(dict.fromkeys(FULL, ANSWER | {"Code": "Odd", "Message": message}))
    assert connect(provider_args).up(None, VALUES).error == ""


@EACH
def test_nothing_is_sent_where_only_the_read_was_wanted(
    connect: Connect, provider_args: Json, replay: Replay, token: str, args: Json
) -> None:
    engine = connect(provider_args, token=token)
    state = State("mse-1::d:g", args | {"__defaults": []}, dict(args), init_errors=["creating: the read failed"])
    replay.always(ANSWER | {"Success": True, "Data": {"Data": {}}, "Configuration": {}, "Parameter": {}})
    outcome = engine.up(state, args)
    assert outcome.error == ""
    assert [op["op"] for op in outcome.operations] == ["update"]
    assert replay.actions
    assert all(action.startswith(("Describe", "Get", "List")) for action in replay.actions)


# more of the API than the record shows


def test_every_optional_argument(connect: Connect, provider_args: Json, replay: Replay) -> None:
    args = VALUES | {
        "secretType": "Generic",
        "encryptionKeyId": "key",
        "dkmsInstanceId": "kst",
        "extendedConfig": "{}",
        "enableAutomaticRotation": True,
        "rotationInterval": "7d",
        "policy": '{"Version":"1"}',
        "versionStages": ["ACSCurrent", "mine"],
    }
    found = ANSWER | {"DKMSInstanceId": "kst", "AutomaticRotation": "Enabled", "Policy": "{}", "RotationInterval": "7d"}
    found |= {"EncryptionKeyId": "key", "ExtendedConfig": "{}"}
    replay.by_action(dict.fromkeys((*FULL, "PutSecretValue", "GetSecretPolicy"), found))
    engine = connect(provider_args)
    state = engine.up(None, args).state
    assert state is not None
    assert replay.actions == [
        *("CreateSecret", "PutSecretValue", "DescribeSecret", "GetSecretPolicy", "GetSecretValue", "ListTagResources")
    ]
    assert replay.asked[0].form == {
        "SecretName": "app",
        "SecretData": "sk-ws-test.a1",
        "VersionId": "v1",
        "SecretDataType": "text",
        "SecretType": "Generic",
        "EncryptionKeyId": "key",
        "DKMSInstanceId": "kst",
        "ExtendedConfig": "{}",
        "EnableAutomaticRotation": "true",
        "RotationInterval": "7d",
        "Policy": '{"Version":"1"}',
    }
    assert replay.asked[1].form["VersionStages"] == '["ACSCurrent","mine"]'
    assert state.outputs["dkmsInstanceId"] == "kst"
    assert state.outputs["enableAutomaticRotation"] is True

    changed = ("UpdateSecretRotationPolicy", "SetSecretPolicy", "DescribeSecret", "GetSecretPolicy", *FULL[2:])
    replay.by_action(dict.fromkeys(changed, found))
    engine.up(state, args | {"rotationInterval": "9d", "policy": '{"Version":"2"}', "versionStages": ["ACSCurrent"]})
    assert replay.actions == list(changed)


def test_policy_layout_is_no_difference(connect: Connect, provider_args: Json, replay: Replay) -> None:
    engine = connect(provider_args)
    state = made(engine, replay, VALUES | {"policy": '{"a": 1}'})
    assert [op["op"] for op in engine.up(state, VALUES | {"policy": '{ "a":1 }'}).operations] == ["same"]


def test_every_type_has_arguments_here() -> None:
    assert set(ARGUMENTS) == set(CONTENTS) == set(TYPES)


@EACH
def test_security_token_and_signature(
    connect: Connect, provider_args: Json, replay: Replay, token: str, args: Json
) -> None:
    replay.in_order([Reply(403, {"Code": "Forbidden", "Message": "m"})])
    connect(provider_args | {"securityToken": "sts-test"}, token=token).up(None, args)
    headers = replay.asked[0].headers
    assert headers["x-acs-security-token"] == "sts-test"
    assert headers["authorization"].startswith("ACS3-HMAC-SHA256 Credential=ak-test,")


# secrets


@EACH
@pytest.mark.parametrize("command", ["create", "update", "refresh", "destroy"])
def test_echoed_contents_are_not_shown(
    connect: Connect, provider_args: Json, replay: Replay, token: str, args: Json, command: str
) -> None:
    engine = connect(provider_args, token=token)
    echo = f"not valid: {args[CONTENTS[token]]}"
    replay.answer = lambda _: Reply(403, {"Code": "Forbidden.X", "Message": echo, "RequestId": "r"})
    state = State("mse-1::d:g", dict(args), dict(args))
    changed = args | ({"desc": "new"} if token == NACOS_CONFIG else {"description": "new", "versionId": "v2"})
    outcome = {
        "create": lambda: engine.up(None, args),
        "update": lambda: engine.up(state, changed),
        "refresh": lambda: engine.refresh(state),
        "destroy": lambda: engine.destroy(state),
    }[command]()
    assert "Forbidden.X" in outcome.error
    assert "[hidden]" in outcome.error
    left = [*outcome.state.init_errors] if outcome.state else []
    assert "sk-ws-test" not in json.dumps([outcome.error, left])


def test_cut_connection_shows_no_parameters(connect: Connect, provider_args: Json, replay: Replay) -> None:
    replay.in_order([Reply(0)])
    said = connect(provider_args, token=CONFIG_MAP).up(None, MAP).error
    assert said.endswith(f'Post "http://{replay.address}/pop/v1/sam/configmap/configMap": EOF')


def test_proxies_are_not_used(
    connect: Connect, provider_args: Json, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = connect(provider_args)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    made(engine, replay, VALUES)
    assert "HTTP_PROXY" not in os.environ


# values


def test_values_survive_the_wire() -> None:
    values = {"a": "é", "b": 30, "c": 1.5, "d": True, "e": {"k": "v"}, "f": ["x", 2], "g": {}, "h": []}
    assert decode(encode(values, frozenset())) == values
    assert decode(encode(values, {"a", "e"})) == values


def test_marks_and_nulls_are_taken_off() -> None:
    output = {"4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4"}
    assert decode(struct({"known": {**output, "value": "v"}, "later": output, "none": None, "m": {"n": None}})) == {
        "known": "v",
        "later": UNKNOWN,
        "m": {},
    }


def test_go_json() -> None:
    assert go_json({"b": "<&>\u2028\u2029é\n", "a": [1.0, 1.5, None, True]}) == (
        '{"a":[1,1.5,null,true],"b":"\\u003c\\u0026\\u003e\\u2028\\u2029é\\n"}'
    )


def test_schema(connect: Connect) -> None:
    schema = json.loads(connect().stub.GetSchema(pb.GetSchemaRequest()).schema)
    assert set(schema["resources"]) == set(KNOWN)
    secret = schema["resources"][SECRET]
    assert secret["properties"]["secretData"] == {"type": "string", "secret": True}
    assert "arn" not in secret["inputProperties"]
    assert secret["requiredInputs"] == ["secretName", "secretData", "versionId"]
    assert schema["resources"][CONFIG_MAP]["requiredInputs"] == ["namespaceId", "data"]
    nacos = schema["resources"][NACOS_CONFIG]
    assert nacos["requiredInputs"] == ["instanceId", "dataId", "group", "content"]
    assert "encryptedDataKey" not in nacos["inputProperties"]
    assert schema["resources"][SECRET_PARAMETER]["properties"]["value"] == {"type": "string", "secret": True}
    assert schema["resources"][PARAMETER]["requiredInputs"] == ["parameterName", "type", "value"]
