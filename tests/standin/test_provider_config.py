"""The recorded ways to configure the provider: what is refused, what is called, what the state keeps."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from tests.standin.engine_double import plain, struct
from tests.standin.golden import (
    NACOS_CONFIG,
    PARAMETER,
    SECRET,
    SECRET_PARAMETER,
    camel,
    load,
    program,
    service_of,
    token_of,
)

if TYPE_CHECKING:
    from tests.standin.conftest import Connect
    from tests.standin.replay_server import Replay

Json = dict[str, Any]

STEPS = load("provider_config")["steps"]

REFUSED_EARLIER = {
    "protocol left out (https)": ("protocol", "set protocol to HTTP"),
    "endpoint with a scheme": ("endpoints", "host:port without a scheme"),
    "no explicit provider, environment only, no protocol": ("protocol", "set protocol to HTTP"),
    "no explicit provider, environment only, ALICLOUD_PROTOCOL=HTTP": ("protocol", "set protocol to HTTP"),
    "no explicit provider, environment only, ALIBABA_CLOUD_PROTOCOL=HTTP": ("protocol", "set protocol to HTTP"),
}
"""Steps that fail at the first call with the published plugin, and already in the preview with the stand-in."""

NOT_REPLAYED = {
    "without account_type": "the stand-in asks no billing service: nothing it does depends on the account type",
    "without account_type, bssopenapi endpoint set": "as above",
    "no endpoints at all": "the stand-in never leaves loopback: see test_no_endpoint_is_refused_at_the_first_call",
    "location endpoint only": "the stand-in asks no location service, which could name any host",
}
"""Step: why the stand-in does something else on purpose."""

CHANGES = [s for s in STEPS if s["step"].startswith("changes: ")]
PLAIN = [s for s in STEPS if s not in CHANGES and s["step"] not in {**NOT_REPLAYED, **REFUSED_EARLIER}]

VALUES = {"secretName": "app", "secretData": "hunter2", "versionId": "v1", "forceDeleteWithoutRecovery": True}
ANSWER: Json = {
    "SecretName": "app",
    "SecretData": "hunter2",
    "VersionId": "v1",
    "SecretDataType": "text",
    "VersionStages": {"VersionStage": ["ACSCurrent"]},
    "TagResources": {"TagResource": []},
}
ACTIONS = ("CreateSecret", "DescribeSecret", "GetSecretValue", "ListTagResources", "DeleteSecret")


ENDPOINT_KEYS = load("endpoint_keys")["steps"]
ANSWERS: dict[str, Json] = {
    SECRET: ANSWER,
    NACOS_CONFIG: {"Success": True, "Configuration": {"DataId": "d", "Group": "g", "Content": "c", "Type": "text"}},
    PARAMETER: {"Parameter": {"Name": "app", "Value": "v"}},
    SECRET_PARAMETER: {"Parameter": {"Name": "app"}, "TagResources": {"TagResource": []}},
}
"""By the types that the record of endpoint keys has; each key or variable in it is the only one given."""


def test_record_is_complete() -> None:
    by_type = Counter(token_of("endpoint_keys", step) for step in ENDPOINT_KEYS)
    assert by_type == {SECRET: 1, NACOS_CONFIG: 2, PARAMETER: 1, SECRET_PARAMETER: 2}
    assert len(STEPS) == 33
    assert {*NOT_REPLAYED, *REFUSED_EARLIER} <= {s["step"] for s in STEPS}
    assert len(CHANGES) + len(PLAIN) + len(NOT_REPLAYED) + len(REFUSED_EARLIER) == 33


@pytest.mark.parametrize("step", PLAIN, ids=lambda s: s["step"].replace(" ", "-"))
def test_step(step: Json, connect: Connect, replay: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in step["env"].items():
        monkeypatch.setenv(name, _placed(value, replay))
    replay.by_action(dict.fromkeys(ACTIONS, ANSWER))
    engine = connect()
    error = ""

    checked = engine.stub.CheckConfig(pb.CheckRequest(news=struct(_news(step, replay))))
    if checked.failures:
        reasons = "; ".join(f.reason for f in checked.failures)
        error = f"pulumi:providers:alicloud resource 'loop' has a problem: {reasons}"
    else:
        kept = step["provider_state"][0]["inputs"]
        assert plain(checked.inputs)[0] == {n: _placed(v, replay) for n, v in kept.items() if n != "__internal"}
        try:
            engine.stub.Configure(pb.ConfigureRequest(args=checked.inputs))
            error = engine.up(None, VALUES).error
        except grpc.RpcError as failure:
            error = str(failure.details())

    assert error == step.get("error_text", "").removeprefix("error: ")
    assert [f"kms.{asked.action}" for asked in replay.asked] == step["requests"]


@pytest.mark.parametrize("step", ENDPOINT_KEYS, ids=lambda s: s["step"].replace(" ", "-"))
def test_endpoint_key(step: Json, connect: Connect, replay: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in step["env"].items():
        monkeypatch.setenv(name, _placed(value, replay))
    token = token_of("endpoint_keys", step)
    replay.always(ANSWERS[token])
    made = connect(_news(step, replay), token=token).up(None, program(token, step)[0])
    assert made.error == ""
    assert made.state is not None
    assert made.state.id == step["state"]["id"]
    assert [f"{service_of(token)}.{asked.action}" for asked in replay.asked] == step["requests"]


@pytest.mark.parametrize("name", REFUSED_EARLIER)
def test_refused_earlier(name: str, connect: Connect, replay: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    step = next(s for s in STEPS if s["step"] == name)
    for variable, value in step["env"].items():
        monkeypatch.setenv(variable, _placed(value, replay))
    checked = connect().stub.CheckConfig(pb.CheckRequest(news=struct(_news(step, replay))))
    property_name, words = REFUSED_EARLIER[name]
    assert [(f.property, words in f.reason) for f in checked.failures] == [(property_name, True)]
    assert step["engine_result"]["exit_code"] == 1  # the published plugin fails here too, only later


@pytest.mark.parametrize("number", range(len(CHANGES)), ids=lambda n: CHANGES[n]["step"].replace(" ", "-"))
def test_change(number: int, connect: Connect, replay: Replay) -> None:
    step = CHANGES[number]
    replay.by_action(dict.fromkeys(ACTIONS, ANSWER))
    news = _news(step, replay)
    engine = connect(news)
    requests: list[str] = []

    operation = step["engine_result"]["operations"][0]
    if operation["op"] == "update":
        # The step about another port changed nothing else; all others keep the port.
        before = CHANGES[number - 1 if CHANGES[number - 1]["command"] == "up" else number - 2]
        olds = _news(before, replay)
        if "another port" in step["step"]:
            olds["endpoints"] = json.dumps([{"kms": "127.0.0.1:1"}])
        diff = engine.stub.DiffConfig(pb.DiffRequest(olds=struct(olds), news=struct(news)))
        assert sorted(diff.diffs) == sorted(operation["diffs"])
        assert diff.changes == pb.DiffResponse.DIFF_SOME
        assert not diff.replaces
    else:
        made = engine.up(None, VALUES).state
        assert made is not None
        if step["command"] != "up":
            replay.asked.clear()
            outcome = engine.refresh(made) if step["command"] == "refresh" else engine.destroy(made)
            assert outcome.error == ""
        requests = [f"kms.{asked.action} via the double" for asked in replay.asked]
    assert requests == step["requests"]


def test_no_difference_is_none(connect: Connect, replay: Replay) -> None:
    args = _news(CHANGES[0], replay)
    diff = connect().stub.DiffConfig(pb.DiffRequest(olds=struct(args), news=struct({**args, "version": "4.0.1"})))
    assert diff.changes == pb.DiffResponse.DIFF_NONE


def _news(step: Json, replay: Replay) -> Json:
    """Return the provider's arguments as the program's SDK sends them."""
    if step["provider"] is None:
        kept = step["provider_state"][0]["inputs"]
        return {name: _placed(value, replay) for name, value in kept.items() if name != "__internal"}
    sent = {n: v if isinstance(v, str) else json.dumps(v) for n, v in step["provider"].items()}
    return {camel(n): _placed(v, replay) for n, v in sent.items()} | {"version": "4.0.0"}


def _placed(value: str, replay: Replay) -> str:
    return value.replace("<port>", str(replay.port))


def test_token_is_that_of_the_record() -> None:
    assert load("kms_secret")["resource_type"] == SECRET
