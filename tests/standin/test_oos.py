"""The two OOS types, beyond what the record shows: repetitions, optional arguments, odd answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from emulator.standin.values import UNKNOWN
from tests.standin.engine_double import State, struct
from tests.standin.golden import PARAMETER, SECRET_PARAMETER
from tests.standin.replay_server import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.standin.conftest import Connect
    from tests.standin.engine_double import EngineDouble, Outcome
    from tests.standin.replay_server import Replay

Json = dict[str, Any]

PLAIN = {"parameterName": "app", "type": "String", "value": "one"}
HIDDEN = {"secretParameterName": "app", "value": "one"}
BOTH = pytest.mark.parametrize(
    ("token", "args"), [(PARAMETER, PLAIN), (SECRET_PARAMETER, HIDDEN)], ids=["plain", "secret"]
)
TAGS = [{"ResourceId": "app", "TagKey": "a", "TagValue": "1"}]
MISSING = {"Code": "EntityNotExists.Parameter", "Message": "m", "RequestId": "r"}


def answer(**fields: Any) -> Json:
    """Return an answer that serves every call."""
    return {"Parameter": {"Name": "app", "Type": "String", **fields}, "TagResources": {"TagResource": TAGS}}


def served(replay: Replay, **fields: Any) -> None:
    replay.always(answer(**fields))


def made(args: Json) -> State:
    return State("app", dict(args), {"tags": {}, **args})


# repetitions

COMMANDS: dict[str, Callable[[EngineDouble, Json], Outcome]] = {
    "create": lambda engine, args: engine.up(None, args),
    "refresh": lambda engine, args: engine.refresh(made(args)),
    "update": lambda engine, args: engine.up(made(args), {**args, "value": "two"}),
    "destroy": lambda engine, args: engine.destroy(made(args)),
}
ONCE = {(PARAMETER, "update"), (PARAMETER, "destroy")}
"""What the provider sends without telling the client library to repeat it."""


@BOTH
@pytest.mark.parametrize("command", COMMANDS)
def test_a_lost_call_is_repeated_at_once(
    connect: Connect, provider_args: Json, replay: Replay, token: str, args: Json, command: str
) -> None:
    engine = connect(provider_args, token=token)
    replay.in_order([Reply(0)] * 4)
    assert "EOF" in COMMANDS[command](engine, args).error
    assert len(replay.asked) == (1 if (token, command) in ONCE else 4)
    assert {asked.at for asked in replay.asked} == {0.0}


@BOTH
@pytest.mark.parametrize(
    ("command", "timeout"), [("create", (1200, 300)), ("refresh", (300, 60)), ("update", (1200, 300))]
)
def test_throttling_is_waited_for_until_the_timeout(
    connect: Connect,
    provider_args: Json,
    replay: Replay,
    token: str,
    args: Json,
    command: str,
    timeout: tuple[int, int],
) -> None:
    plain = token == PARAMETER
    replay.answer = lambda _: Reply(429, {"Code": "Throttling.User", "Message": "m", "RequestId": "r"})
    assert "Throttling.User" in COMMANDS[command](connect(provider_args, token=token), args).error
    times = [asked.at for asked in replay.asked]
    later = 3 if plain else 5
    assert times[:4] == [0, 3.5, 3.5 + later + 1, 3.5 + 2 * later + 3]
    end = timeout[0 if plain else 1]
    assert end - later - 10 < times[-1] <= end


@BOTH
def test_a_repetition_carries_the_same_token(
    connect: Connect, provider_args: Json, replay: Replay, token: str, args: Json
) -> None:
    replay.in_order([Reply(0), Reply(503, {"Code": "ServiceUnavailable"}), *[Reply(200, answer())] * 3])
    assert connect(provider_args, token=token).up(None, args).error == ""
    tokens = [asked.form["ClientToken"] for asked in replay.asked[:3]]
    assert len(set(tokens)) == 1
    noun = "Parameter" if token == PARAMETER else "SecretParameter"
    assert tokens[0].startswith(f"TF-Create{noun}-")
    assert len(tokens[0]) <= 64


# arguments


@BOTH
def test_every_optional_argument(connect: Connect, provider_args: Json, replay: Replay, token: str, args: Json) -> None:
    engine = connect(provider_args, token=token)
    optional = {"constraints": '{"MinLength": 1}', "description": "d", "resourceGroupId": "rg-1", "tags": {"b": "<&>"}}
    sent = {"Name": "app", "Value": "one", "Constraints": '{"MinLength": 1}', "Description": "d"}
    sent |= {"ResourceGroupId": "rg-1", "Tags": '{"b":"\\u003c\\u0026\\u003e"}'}
    if token == SECRET_PARAMETER:
        optional |= {"type": "Secret", "keyId": "key", "dkmsInstanceId": "kst"}
        sent |= {"RegionId": "cn-beijing", "Type": "Secret", "KeyId": "key", "DKMSInstanceId": "kst"}
    else:
        sent |= {"Type": "String"}
    served(replay, ResourceGroupId="rg-1", Constraints='{"MinLength":1}', KeyId="key", DKMSInstanceId="kst")
    state = engine.up(None, args | optional).state
    assert state is not None
    assert {name: text for name, text in replay.asked[0].form.items() if name != "ClientToken"} == sent
    assert state.outputs["resourceGroupId"] == "rg-1"
    assert state.outputs.get("keyId") == ("key" if token == SECRET_PARAMETER else None)

    served(replay)
    engine.up(made(args | optional), args | optional | {"resourceGroupId": "rg-2"})
    assert replay.asked[0].form["ResourceGroupId"] == "rg-2"
    assert "Tags" not in replay.asked[0].form


@BOTH
def test_layout_of_constraints_is_no_difference(connect: Connect, provider_args: Json, token: str, args: Json) -> None:
    engine = connect(provider_args, token=token)
    state = made(args | {"constraints": '{"MinLength": 1}'})
    assert [op["op"] for op in engine.up(state, args | {"constraints": '{ "MinLength":1 }'}).operations] == ["same"]


PROBLEMS = [
    ({"description": "d" * 201}, "expected length of description to be in the range (1 - 200), got <201 characters>"),
    ({"value": "sk-ws-test.a1" * 400}, "expected length of value to be in the range (1 - 4096), got <5200 characters>"),
    ({"parameterName": "OOSx"}, "invalid value for parameter_name (It cannot start with `ALIYUN`"),
    ({"parameterName": "a.b"}, "invalid value for parameter_name (The name must be `2` to `180` characters"),
    ({"constraints": "sk-ws-test.a1"}, '"constraints" contains an invalid JSON: Expecting value'),
]


@pytest.mark.parametrize(("given", "words"), PROBLEMS, ids=[next(iter(given)) for given, _ in PROBLEMS])
def test_checks_show_no_value(connect: Connect, provider_args: Json, given: Json, words: str) -> None:
    said = connect(provider_args, token=PARAMETER).up(None, PLAIN | given).error
    assert words in said
    assert "sk-ws-test" not in said


def test_checks_let_pass_what_the_provider_lets_pass(connect: Connect, provider_args: Json) -> None:
    engine = connect(provider_args, token=PARAMETER)
    fine: list[Json] = [
        dict.fromkeys(("parameterName", "type", "value", "constraints", "description"), UNKNOWN),
        {"parameterName": "ab.c"},  # it looks at the beginning only
        {"parameterName": "acs-x"},
    ]
    for given in fine:
        checked = engine.stub.Check(pb.CheckRequest(urn=engine.urn, news=struct(PLAIN | given)))
        assert not checked.failures, given


# odd answers


def test_a_secret_value_in_an_answer_is_taken(connect: Connect, provider_args: Json, replay: Replay) -> None:
    # Recorded with the published plugin: an answer that holds `***` for the value puts that into the state.
    served(replay, Value="***")
    state = connect(provider_args, token=SECRET_PARAMETER).refresh(made(HIDDEN)).state
    assert state is not None
    assert state.outputs["value"] == state.inputs["value"] == "***"


def test_tags_of_others_and_of_the_service_are_left_out(connect: Connect, provider_args: Json, replay: Replay) -> None:
    listed = [{"ResourceId": "other", "TagKey": "b", "TagValue": "2"}]
    listed += [{"ResourceId": "app", "TagKey": "acs:x", "TagValue": "3"}]
    replay.always(answer() | {"TagResources": {"TagResource": TAGS + listed}})
    state = connect(provider_args, token=SECRET_PARAMETER).up(None, HIDDEN).state
    assert state is not None
    assert state.outputs["tags"] == {"a": "1"}

    served(replay, Tags={"a": "1", "acs:x": "3"})
    state = connect(provider_args, token=PARAMETER).up(None, PLAIN).state
    assert state is not None
    assert state.outputs["tags"] == {"a": "1"}


def test_no_tags_where_the_tag_service_knows_no_such_resource(
    connect: Connect, provider_args: Json, replay: Replay
) -> None:
    gone = Reply(404, {"Code": "InvalidResourceId.NotFound", "Message": "m", "RequestId": "r"})
    replay.in_order([Reply(200, answer()), gone])
    outcome = connect(provider_args, token=SECRET_PARAMETER).refresh(made(HIDDEN | {"tags": {"a": "1"}}))
    assert outcome.state is not None
    assert (outcome.error, outcome.state.outputs["tags"]) == ("", {})


def test_tags_that_cannot_be_read_fail_a_refresh(connect: Connect, provider_args: Json, replay: Replay) -> None:
    replay.in_order([Reply(200, answer()), Reply(403, {"Code": "Forbidden", "Message": "m", "RequestId": "r"})])
    outcome = connect(provider_args, token=SECRET_PARAMETER).refresh(made(HIDDEN))
    assert "Resource app ListTagResources Failed!!!" in outcome.error
    assert outcome.state == made(HIDDEN)


@BOTH
@pytest.mark.parametrize("reply", [Reply(404, MISSING), Reply(200, {"RequestId": "r"})], ids=["missing", "empty"])
def test_a_create_that_cannot_be_read_back_is_kept(
    connect: Connect, provider_args: Json, replay: Replay, token: str, args: Json, reply: Reply
) -> None:
    replay.in_order([Reply(200, answer()), reply])
    outcome = connect(provider_args, token=token).up(None, args)
    assert outcome.state is not None
    assert (outcome.state.id, outcome.state.outputs["value"]) == ("app", "one")
    assert "creating urn:" in outcome.state.init_errors[0]


def test_a_delete_that_fails_keeps_the_state(connect: Connect, provider_args: Json, replay: Replay) -> None:
    replay.in_order([Reply(403, {"Code": "Forbidden", "Message": "m", "RequestId": "r"})])
    outcome = connect(provider_args, token=SECRET_PARAMETER).destroy(made(HIDDEN))
    assert "Resource app DeleteSecretParameter Failed!!!" in outcome.error
    assert outcome.state == made(HIDDEN)
