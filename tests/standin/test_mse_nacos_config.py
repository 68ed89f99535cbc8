"""What the record does not show of Nacos configs: odd answers, rare arguments, repetitions, refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.standin.engine_double import State
from tests.standin.golden import NACOS_CONFIG
from tests.standin.replay_server import Replay, Reply

if TYPE_CHECKING:
    from tests.standin.conftest import Connect
    from tests.standin.virtual_clock import VirtualClock

Json = dict[str, Any]

NACOS = {"instanceId": "mse-1", "dataId": "d", "group": "g", "content": "KEY=sk-ws-test.a1"}


def found(**config: Any) -> Json:
    """An answer of GetNacosConfig."""
    return {"Success": True, "Configuration": {"DataId": "d", "Group": "g", "Content": "A=1", "Type": "text"} | config}


@pytest.mark.parametrize("answer", [{"Success": True}, {"Success": True, "Configuration": None}])
def test_config_that_is_not_there(connect: Connect, provider_args: Json, replay: Replay, answer: Json) -> None:
    engine = connect(provider_args, token=NACOS_CONFIG)
    replay.always(answer)
    outcome = engine.up(None, NACOS)
    assert "The specified Mse:NacosConfig mse-1::d:g is not found" in outcome.error
    assert outcome.state is not None, "it was made"
    assert outcome.state.outputs["content"] == NACOS["content"]
    refreshed = engine.refresh(outcome.state)
    assert (refreshed.error, refreshed.state) == ("", None)


@pytest.mark.parametrize(
    ("status", "code", "requests", "gone"),
    [
        (500, "InternalError", 4, True),
        (404, "mse-200-021", 1, True),
        (404, "Other.NotFound", 1, True),
        (500, "Other", 4, False),
        (429, "Throttling.User", 1, False),
        (403, "NoPermission", 1, False),
    ],
)
def test_config_that_cannot_be_read(
    connect: Connect, provider_args: Json, replay: Replay, status: int, code: str, requests: int, *, gone: bool
) -> None:
    engine = connect(provider_args, token=NACOS_CONFIG)
    replay.by_action({"CreateNacosConfig": {"Success": True}, "GetNacosConfig": found()})
    state = engine.up(None, NACOS).state
    assert state is not None
    replay.in_order([Reply(status, {"Code": code, "Message": "m"})] * 9)
    refreshed = engine.refresh(state)
    assert replay.actions == ["GetNacosConfig"] * requests, "never again after a pause"
    assert (code in refreshed.error, refreshed.state) == ((False, None) if gone else (True, state))


def test_config_with_all_that_can_be_said(connect: Connect, provider_args: Json, replay: Replay) -> None:
    engine = connect(provider_args, token=NACOS_CONFIG)
    given = NACOS | {"betaIps": "10.0.0.1", "acceptLanguage": "en"}
    replay.by_action({"CreateNacosConfig": {"Success": True}, "GetNacosConfig": found(Content="KEY=sk-ws-test.a1")})
    state = engine.up(None, given).state
    assert state is not None
    assert replay.asked[0].form == {
        "InstanceId": "mse-1",
        "DataId": "d",
        "Group": "g",
        "Content": "KEY=sk-ws-test.a1",
        "BetaIps": "10.0.0.1",
        "AcceptLanguage": "en",
    }
    assert [op["op"] for op in engine.up(state, given).operations] == ["same"]
    without = {name: value for name, value in given.items() if name != "betaIps"}
    assert [op["op"] for op in engine.up(state, without).operations] == ["same"], "they cannot be taken off"
    replay.by_action({"UpdateNacosConfig": {"Success": True}, "GetNacosConfig": found()})
    assert engine.up(state, given | {"content": "A=1"}).error == ""
    sent = replay.asked[0].form
    assert (sent["AcceptLanguage"], sent["BetaIps"], sent["Content"]) == ("en", "10.0.0.1", "A=1")


def test_writes_are_repeated_for_a_minute(
    connect: Connect, provider_args: Json, replay: Replay, clock: VirtualClock
) -> None:
    provider_args["maxRetryTimeout"] = "5"
    engine = connect(provider_args, token=NACOS_CONFIG)
    replay.answer = lambda _: Reply(429, {"Code": "Throttling.User", "Message": "m"})
    started = clock.now()
    outcome = engine.up(None, NACOS)
    assert "CreateNacosConfig Failed!!!" in outcome.error
    assert replay.asked[1].at - replay.asked[0].at == 3.5
    assert 40 < clock.now() - started <= 60, "the provider's own limit is not for this type"
    replay.in_order([Reply(0)])
    assert engine.up(None, NACOS).error.endswith("EOF")
    assert replay.actions == ["CreateNacosConfig"], "a lost connection is not repeated"


@pytest.mark.parametrize("command", ["delete", "update"])
def test_writes_that_are_refused_fail(connect: Connect, provider_args: Json, replay: Replay, command: str) -> None:
    engine = connect(provider_args, token=NACOS_CONFIG)
    state = State("mse-1::d:g", NACOS, dict(NACOS))
    replay.answer = lambda _: Reply(404, {"Code": "mse-200-021", "Message": "m"})
    outcome = engine.destroy(state) if command == "delete" else engine.up(state, NACOS | {"content": "A=2"})
    assert f"{command.title()}NacosConfig Failed!!!" in outcome.error
    assert outcome.state is not None
