"""Superseded keys end one phase at a time, none that a sink holds, none of another's; what was done is recorded."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from catalogue.rotation import RotationPolicy
from provider.client.control_plane import ControlPlane
from provider.client.times import iso, seconds_of
from provider.keys.ledger import Ledger
from provider.resources.retirement_phases import due, entered
from provider.values import UNKNOWN, decode
from tests.emulator_process import EmulatorProcess
from tests.provider.conftest import MakeWire, OnDay
from tests.provider.doubles import START
from tests.provider.given import (
    DAY,
    OWNER_ID,
    RETIREMENT,
    WORKSPACE,
    disabled,
    key_inputs,
    live,
    operations,
    retirement_inputs,
    workspace_inputs,
)
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire, WireError


@pytest.fixture
def rotated(wire: Wire, workspace: Resource, place: Resource, key: Resource) -> Resource:
    """A service with two superseded keys, generations 1 and 2, on day 0."""
    for generation in (2, 3):
        wire.up(key, key_inputs(workspace, place, rotation={"minGeneration": generation}))
    return key


@pytest.fixture
def retirement(wire: Wire, rotated: Resource) -> Resource:
    return wire.create(RETIREMENT, "gw-retirement", retirement_inputs(rotated))


def ends(key: Resource, **words: Any) -> dict[str, Any]:
    """Return the inputs with these words of rotation."""
    return retirement_inputs(key, rotation=words)


def phases(retirement: Resource) -> list[str]:
    return [key["phase"] for key in retirement.state["keys"]]


def key_ids(retirement: Resource) -> list[str]:
    return [key["keyId"] for key in retirement.state["keys"]]


@pytest.mark.parametrize(
    "held",
    [
        {"kms:cn-beijing/gw": "g3r3", "nacos:mse/gw": "g2r2"},
        {"kms:cn-beijing/gw": "g30r1", "nacos:mse/gw": "g2r2"},
        {"kms:cn-beijing/gw": "", "nacos:mse/gw": "g2r2"},
    ],
)
@pytest.mark.parametrize("words", [{}, {"revokeThrough": 2}, {"overlap": 0}])
def test_while_a_place_holds_another_generation_no_key_ends(
    emulator: EmulatorProcess, on_day: OnDay, rotated: Resource, retirement: Resource, held: Any, words: Any
) -> None:
    wire, calls = on_day(50), operations(emulator)
    with pytest.raises(WireError, match="nacos:mse/gw holds g2r2, the current generation is 3") as refused:
        wire.up(retirement, retirement_inputs(rotated, held=held, rotation=words))
    for place, holds in held.items():
        assert (f"{place} holds {holds}" in refused.value.details) == (holds != "g3r3")
    with pytest.raises(WireError, match="holds"):
        wire.create(RETIREMENT, "new", retirement_inputs(rotated, held=held, rotation=words))
    assert [c for c in operations(emulator)[len(calls) :] if c != "GetCallerIdentity"] == []


def test_a_revoked_key_is_disabled_at_once_then_soaks_and_is_deleted_even_with_manual(
    on_day: OnDay, workspace: Resource, rotated: Resource, retirement: Resource, console: Console
) -> None:
    def given(**more: Any) -> dict[str, Any]:
        return ends(rotated, retire="manual", revokeThrough=1, **more)

    first, second = key_ids(retirement)
    assert on_day(0).up(retirement, given()) == dict.fromkeys(("rotation", "keys"), "UPDATE")
    assert (phases(retirement), disabled(console, workspace)) == (["soak", "overlap"], [first])
    assert retirement.state["keys"][1]["until"] == ""
    assert on_day(1.9).up(retirement, given()) == {}
    assert on_day(2.1).up(retirement, given()) == {"keys": "UPDATE"}
    assert (phases(retirement), live(console, workspace)) == (
        ["deleted", "overlap"],
        sorted([second, rotated.state["keyId"]]),
    )
    new = on_day(2.1).create(RETIREMENT, "new", ends(rotated, revokeThrough=2))
    assert phases(new) == ["deleted", "soak"], "a create does it too, and finds what is gone"


def test_manual_goes_on_working_until_it_is_automatic(
    on_day: OnDay, workspace: Resource, rotated: Resource, retirement: Resource, console: Console
) -> None:
    given = ends(rotated, retire="manual")
    on_day(1).up(retirement, given)
    assert retirement.state["next"] == ""
    assert on_day(1000).up(retirement, given) == {}
    assert disabled(console, workspace) == []
    on_day(1000).up(retirement, retirement_inputs(rotated))
    assert phases(retirement) == ["soak", "soak"]
    on_day(1000).up(retirement, given)
    assert on_day(2000).up(retirement, given) == {}, "a soaking key is not deleted either"


def test_a_pause_stops_everything_but_revocation_and_time_starts_anew(
    on_day: OnDay, workspace: Resource, rotated: Resource, retirement: Resource, console: Console
) -> None:
    first, second = key_ids(retirement)
    on_day(8).up(retirement, ends(rotated, serveGeneration=1))  # its overlap would be over
    assert [key["since"] for key in retirement.state["keys"]] == ["", ""]
    assert on_day(20).up(retirement, ends(rotated, serveGeneration=1)) == {}
    on_day(20).up(retirement, ends(rotated, serveGeneration=1, revokeThrough=1))
    assert (phases(retirement), disabled(console, workspace)) == (["soak", "overlap"], [first])
    on_day(21).up(retirement, ends(rotated, revokeThrough=1))
    assert on_day(21.9).up(retirement, ends(rotated, revokeThrough=1)) == {}
    on_day(22.1).up(retirement, ends(rotated, revokeThrough=1))
    assert phases(retirement) == ["deleted", "overlap"], "the revoked key's time was never stopped"
    assert on_day(27.9).up(retirement, ends(rotated, revokeThrough=1)) == {}
    on_day(28.1).up(retirement, ends(rotated, revokeThrough=1))
    assert disabled(console, workspace) == [second]


def test_a_key_that_became_current_again_starts_anew_when_it_is_superseded_again(
    on_day: OnDay, workspace: Resource, place: Resource, rotated: Resource, retirement: Resource
) -> None:
    wire = on_day(5)
    wire.up(rotated, key_inputs(workspace, place, rotation={"serveGeneration": 2}))
    wire.up(retirement, ends(rotated, serveGeneration=1))
    assert [key["generation"] for key in retirement.state["keys"]] == [1, 3]
    wire.up(rotated, key_inputs(workspace, place))
    wire.up(retirement, retirement_inputs(rotated))
    assert [key["generation"] for key in retirement.state["keys"]] == [1, 2]
    assert on_day(11.9).up(retirement, retirement_inputs(rotated)) == {}


def test_a_key_that_was_delivered_again_starts_anew_although_retirement_did_not_hear_of_it(
    on_day: OnDay, workspace: Resource, place: Resource, rotated: Resource, retirement: Resource, console: Console
) -> None:
    """The first sink took it, the second failed; then the rollback was taken back."""
    on_day(3).up(rotated, key_inputs(workspace, place, rotation={"serveGeneration": 2}))
    wire = on_day(7.5)
    wire.up(rotated, key_inputs(workspace, place))
    assert rotated.state["generation"] == 3
    first, second = key_ids(retirement)
    wire.up(retirement, retirement_inputs(rotated))
    assert (phases(retirement), disabled(console, workspace)) == (["soak", "overlap"], [first])
    assert on_day(14.4).up(retirement, retirement_inputs(rotated)) == {"keys": "UPDATE"}
    assert on_day(14.6).up(retirement, retirement_inputs(rotated)) == {"keys": "UPDATE"}
    assert disabled(console, workspace) == [second]


def test_what_a_lost_answer_left_ends_although_it_has_the_number_of_the_current_key(
    emulator: EmulatorProcess, wire: Wire, on_day: OnDay, workspace: Resource, place: Resource, key: Resource
) -> None:
    emulator.settings(visibility_delay_calls=3)  # three looks for it are in vain
    emulator.fault("CreateApiKey", "cut_after")
    wire.up(key, key_inputs(workspace, place, rotation={"minGeneration": 2}))
    wire.refresh(key)
    assert [e["generation"] for e in key.state["superseded"]] == [1, 2]
    retirement = wire.create(RETIREMENT, "gw-retirement", retirement_inputs(key))
    for day in (7.1, 9.2):
        on_day(day).up(retirement, retirement_inputs(key))
    assert phases(retirement) == ["deleted", "deleted"]


def test_the_current_key_is_never_among_them(on_day: OnDay, rotated: Resource) -> None:
    current = Ledger.of_state(rotated.state).current
    assert current is not None
    given = retirement_inputs(rotated, superseded=[current.as_state()])
    assert on_day(0).create(RETIREMENT, "x", given).state["keys"] == []


def test_a_shorter_overlap_takes_effect_and_none_ends_where_it_begins(
    on_day: OnDay, workspace: Resource, rotated: Resource, retirement: Resource, console: Console
) -> None:
    instant = on_day(0).create(RETIREMENT, "instant", ends(rotated, overlap=0))
    assert (phases(instant), disabled(console, workspace)) == (["overlap", "overlap"], [])
    on_day(1.1).up(retirement, ends(rotated, overlap=DAY))
    assert phases(retirement) == ["soak", "soak"]


@pytest.mark.parametrize("now", [START, START + 0.5])
def test_no_overlap_is_over_at_the_moment_it_begins(now: float) -> None:
    terms = RotationPolicy(overlap=0, soak=0)
    key = entered({"generation": 1}, "overlap", now)
    assert (due(key, terms, now), due(key, terms, now + 1)) == ("", "disable")


def test_another_s_key_is_left_with_a_warning_and_not_looked_at_again(
    on_day: OnDay, workspace: Resource, rotated: Resource, retirement: Resource, console: Console
) -> None:
    first, second = key_ids(retirement)
    mark = console.keys(workspace.state["workspaceId"])[first].description
    console.describe_key(first, mark.replace(OWNER_ID, "f" * 16))
    wire = on_day(8)
    wire.up(retirement, retirement_inputs(rotated))
    assert (phases(retirement), disabled(console, workspace)) == (["left", "soak"], [second])
    assert wire.warnings[0].startswith(f"key {first} (generation 1) no longer carries this stack's mark")
    on_day(11).up(retirement, retirement_inputs(rotated))
    assert on_day(100).up(retirement, retirement_inputs(rotated)) == {}
    assert live(console, workspace) == sorted([first, rotated.state["keyId"]])
    assert disabled(console, workspace) == []


def test_a_key_that_somebody_enabled_again_is_not_deleted(
    on_day: OnDay, workspace: Resource, rotated: Resource, retirement: Resource, console: Console
) -> None:
    first, _ = key_ids(retirement)
    on_day(8).up(retirement, retirement_inputs(rotated))
    console.enable_key(first)
    wire = on_day(11)
    wire.up(retirement, retirement_inputs(rotated))
    assert phases(retirement) == ["overlap", "deleted"]
    assert wire.warnings == [
        f"key {first} (generation 1) was enabled again by another hand, so somebody needs it: its overlap starts anew"
    ]
    assert first in live(console, workspace)
    on_day(19).up(retirement, retirement_inputs(rotated))
    assert disabled(console, workspace) == [first]


@pytest.mark.parametrize("how", ["deleted", "disabled"])
def test_what_another_hand_did_first_is_taken_as_done(
    on_day: OnDay, rotated: Resource, retirement: Resource, console: Console, how: str
) -> None:
    first, _ = key_ids(retirement)
    (console.delete_key if how == "deleted" else console.disable_key)(first)
    on_day(8).up(retirement, retirement_inputs(rotated))
    assert phases(retirement) == ["deleted" if how == "deleted" else "soak", "soak"]


def test_where_keys_are_known_to_be_disabled_a_refusal_is_an_error(
    emulator: EmulatorProcess, on_day: OnDay, rotated: Resource, retirement: Resource
) -> None:
    emulator.settings(deviations=["disable_refused"])
    with pytest.raises(WireError, match="could not be retired: .*OperationNotSupported"):
        on_day(8).up(retirement, retirement_inputs(rotated))
    assert operations(emulator, "DeleteApiKey") == []


@pytest.mark.parametrize("kind", ["cut_after", "truncate", "cut_before", "500"])
@pytest.mark.parametrize("operation", ["DisableApiKey", "DeleteApiKey"])
def test_a_lost_answer_is_settled_by_looking(
    emulator: EmulatorProcess, on_day: OnDay, rotated: Resource, retirement: Resource, operation: str, kind: str
) -> None:
    emulator.fault(operation, kind)
    on_day(8).up(retirement, retirement_inputs(rotated))
    assert phases(retirement) == ["soak", "soak"]
    on_day(11).up(retirement, retirement_inputs(rotated))
    assert phases(retirement) == ["deleted", "deleted"]


def refused(emulator: EmulatorProcess, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    del wire, monkeypatch
    emulator.fault("DisableApiKey", "500", nth=2, times=1000)


def cancelled(emulator: EmulatorProcess, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine cancels when the first key has been disabled."""
    del emulator
    disable = ControlPlane.disable_api_key

    def and_cancel(self: ControlPlane, *args: Any) -> None:
        disable(self, *args)
        wire.plugin.cancel()

    monkeypatch.setattr(ControlPlane, "disable_api_key", and_cancel)


Stop = Callable[[EmulatorProcess, Wire, pytest.MonkeyPatch], None]


@pytest.mark.parametrize("stop", [refused, cancelled])
def test_what_was_done_before_a_failure_is_recorded(
    emulator: EmulatorProcess,
    on_day: OnDay,
    workspace: Resource,
    rotated: Resource,
    retirement: Resource,
    console: Console,
    stop: Stop,
) -> None:
    first, second = key_ids(retirement)
    wire = on_day(8)
    with pytest.MonkeyPatch.context() as monkeypatch:
        stop(emulator, wire, monkeypatch)
        with pytest.raises(WireError, match=rf"key {second} .generation 2. could not be retired: ") as partly:
            wire.up(retirement, retirement_inputs(rotated))
    assert disabled(console, workspace) == [first]
    assert partly.value.partly is not None
    retirement.state = decode(partly.value.partly.properties).values
    assert phases(retirement) == ["soak", "overlap"]
    assert retirement.state["madeIn"] == "model-studio/test"
    emulator.admin("DELETE", "/faults")
    on_day(8.1).finish(retirement)
    assert phases(retirement) == ["soak", "soak"]
    assert retirement.state["keys"][0]["since"] < retirement.state["keys"][1]["since"]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"overlap": -1}, "overlap.*at least 0"),
        ({"soak": -1}, "soak.*at least 0"),
        ({"revokeThrough": 0}, "revoke_through.*at least 1"),
        ({"retire": "later"}, "retire.*allowed: automatic, manual"),
        ({"overlap": "7d"}, "overlap.*whole number"),
        ({"paused": True}, "paused.*unknown"),
    ],
)
def test_words_that_cannot_be_right_are_refused(wire: Wire, key: Resource, more: dict[str, Any], says: str) -> None:
    assert re.search(says, str(wire.check(Resource(RETIREMENT, "x"), ends(key, **more))[1]))


def test_a_preview_of_what_is_not_known_yet_calls_nothing(
    emulator: EmulatorProcess, on_day: OnDay, rotated: Resource, retirement: Resource
) -> None:
    wire, calls = on_day(8), len(operations(emulator))
    for unknown in ("generation", "superseded", "held"):
        shown = wire.preview_up(retirement, retirement_inputs(rotated, **{unknown: UNKNOWN}))
        assert shown["keys"] is UNKNOWN
    assert wire.warnings == []
    assert len(operations(emulator)) == calls


def test_the_wrong_account_ends_no_key(
    on_day: OnDay, workspace: Resource, rotated: Resource, retirement: Resource, make_wire: MakeWire, console: Console
) -> None:
    on_day(8)
    wire = make_wire(accountId="9" * 16, clockOffset=str(8 * DAY))
    with pytest.raises(WireError, match="the stack file says .*9999"):
        wire.up(retirement, retirement_inputs(rotated))
    assert disabled(console, workspace) == []


def test_its_delete_touches_no_key(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, retirement: Resource, console: Console
) -> None:
    before = live(console, workspace)
    wire.delete(retirement)
    assert (live(console, workspace), disabled(console, workspace)) == (before, [])
    assert operations(emulator, "DisableApiKey", "DeleteApiKey") == []


def test_a_service_without_superseded_keys_needs_no_call(emulator: EmulatorProcess, wire: Wire, key: Resource) -> None:
    calls = len(operations(emulator))
    made = wire.create(RETIREMENT, "x", retirement_inputs(key))
    assert wire.refresh(made)
    assert len(operations(emulator)) == calls


def test_a_workspace_that_is_left_says_until_when_its_keys_need_it(
    wire: Wire, on_day: OnDay, make_wire: MakeWire, workspace: Resource, place: Resource, key: Resource
) -> None:
    other = wire.create(WORKSPACE, "other", workspace_inputs(logicalName="other", allModels=True))
    wire.up(key, key_inputs(other, place))
    given = retirement_inputs(key)
    retirement = wire.create(RETIREMENT, "gw-retirement", given)

    def says(plugin: Wire) -> str:
        with pytest.raises(WireError, match="is superseded, but alive") as refused:
            plugin.delete(workspace)
        return refused.value.details.partition("into the stack file until ")[2].partition(", and let")[0]

    end = iso(seconds_of(retirement.state["next"]) + 2 * DAY)
    assert says(wire) == end, "overlap and soak"
    another = make_wire()
    assert says(another) == "its service's output `superseded` no longer has it", "no retirement was looked at"
    assert another.up(retirement, given) == {}
    assert says(another) == end, "what is on record is enough"
    later = on_day(7.1)
    later.up(retirement, given)
    assert says(later) == retirement.state["next"]
    later.up(retirement, given | {"rotation": {"retire": "manual"}})
    assert says(later).startswith("its service's output"), "nobody knows when"
