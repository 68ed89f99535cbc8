"""A service's keys over months: due, minted, delivered again, revoked; never two at a time, no number used twice."""

import re
from typing import Any

import pytest
from alibabacloud_credentials.utils import auth_util

from provider.values import UNKNOWN
from tests.emulator_process import EmulatorProcess
from tests.provider.conftest import MakeWire, OnDay
from tests.provider.given import (
    DAY,
    KEY,
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

MINTED = {"generation": "UPDATE"}


def rotating(workspace: Resource, place: Resource, **words: Any) -> dict[str, Any]:
    """Inputs of a key whose rotation is said in these words; None takes one out."""
    return key_inputs(workspace, place, rotation={n: v for n, v in words.items() if v is not None})


def generations(key: Resource) -> list[int]:
    return [entry["generation"] for entry in key.state["superseded"]]


def test_a_key_s_life_over_two_rotations(
    emulator: EmulatorProcess, on_day: OnDay, workspace: Resource, place: Resource, console: Console
) -> None:
    given = rotating(workspace, place, maxAge=90 * DAY)
    key = on_day(0).create(KEY, "gw-key", given)
    first = key.state["keyId"]
    retirement = on_day(0).create(RETIREMENT, "gw-retirement", retirement_inputs(key))
    assert (retirement.state["keys"], retirement.state["next"]) == ([], "")
    assert on_day(89.9).up(key, given) == {}

    wire, calls = on_day(90), len(operations(emulator))
    assert wire.preview_up(key, given)["generation"] is UNKNOWN
    due = f"key of generation 1 is due since {key.state['rotateAfter']}: generation 2 will be minted"
    assert wire.warnings == [due]
    assert len(operations(emulator)) == calls, "a preview calls nothing"
    assert wire.up(key, given) == MINTED
    assert key.state["generation"] == 2
    assert key.secrets == frozenset()
    old = {"regionId": "cn-beijing", "workspaceId": workspace.state["workspaceId"]} | {"generation": 1, "keyId": first}
    assert [entry | old == entry for entry in key.state["superseded"]] == [True]
    assert wire.up(key, given) == {}, "one generation, not one per up"
    assert wire.refresh(key)
    assert wire.up(key, given) == {}

    with pytest.raises(WireError, match="kms:cn-beijing/gw holds g1r1, the current generation is 2"):
        wire.up(retirement, retirement_inputs(key, held={"kms:cn-beijing/gw": "g1r1"}))
    wire.up(retirement, retirement_inputs(key))
    assert [k["phase"] for k in retirement.state["keys"]] == ["overlap"]
    assert wire.up(retirement, retirement_inputs(key)) == {}, "overlap does not end where it began"
    assert on_day(96.9).up(retirement, retirement_inputs(key)) == {}
    assert disabled(console, workspace) == []

    wire = on_day(97.1)
    assert wire.up(retirement, retirement_inputs(key)) == {"keys": "UPDATE"}
    assert disabled(console, workspace) == [first]
    again = f"aliyun modelstudio enable-api-key --api-key-id {first} --region cn-beijing"
    assert again in wire.warnings[-1]
    assert retirement.state["next"] == retirement.state["keys"][0]["until"] > retirement.state["keys"][0]["since"]
    assert on_day(99).up(retirement, retirement_inputs(key)) == {}
    wire = on_day(99.2)
    wire.preview_up(retirement, retirement_inputs(key))
    assert wire.warnings == [f"key {first} (generation 1): will be deleted"]
    assert wire.up(retirement, retirement_inputs(key)) == {"keys": "UPDATE"}
    assert live(console, workspace) == [key.state["keyId"]]
    assert (retirement.state["keys"][0]["phase"], retirement.state["next"]) == ("deleted", "")
    assert wire.up(key, given) == wire.up(retirement, retirement_inputs(key)) == {}

    wire = on_day(181)
    assert wire.up(key, given) == MINTED
    assert (key.state["generation"], generations(key)) == (3, [2])
    assert len(key.state["superseded"]) == 1, "what retirement deleted is forgotten"
    wire.up(retirement, retirement_inputs(key))
    assert [(k["generation"], k["phase"]) for k in retirement.state["keys"]] == [(2, "overlap")]
    wire.delete(retirement)
    wire.delete(key)
    assert live(console, workspace) == []


def test_age_is_counted_from_the_key_not_from_the_word(on_day: OnDay, workspace: Resource, place: Resource) -> None:
    key = on_day(0).create(KEY, "gw-key", rotating(workspace, place))
    assert key.state["rotateAfter"] == ""
    wire = on_day(50)
    assert wire.up(key, rotating(workspace, place, maxAge=90 * DAY)) == {"rotation": "UPDATE"}
    assert key.state["rotateAfter"] > key.state["createdAt"]
    assert wire.up(key, rotating(workspace, place, maxAge=40 * DAY)) == {"rotation": "UPDATE", "generation": "UPDATE"}


def test_what_is_gone_is_forgotten_by_refresh(
    wire: Wire, workspace: Resource, place: Resource, key: Resource, console: Console
) -> None:
    first = key.state["keyId"]
    wire.up(key, rotating(workspace, place, minGeneration=2))
    console.delete_key(first)
    assert wire.refresh(key)
    assert key.state["superseded"] == []


def test_scheduled_rotates_once_for_each_new_word(on_day: OnDay, workspace: Resource, place: Resource) -> None:
    def given(word: str | None, **more: Any) -> dict[str, Any]:
        return rotating(workspace, place, **{"trigger": "scheduled", "maxAge": 90 * DAY, "rotate": word, **more})

    key = on_day(0).create(KEY, "gw-key", given("spring"))
    assert (key.state["ledger"].get("rotated"), key.state["rotateAfter"], key.state["generation"]) == ("spring", "", 1)
    wire = on_day(100)
    assert wire.up(key, given("spring")) == {}
    assert re.search("generation 1 is older than max_age since .* trigger is scheduled", wire.warnings[-1])
    wire.preview_up(key, given("summer"))
    assert wire.warnings[-1] == "model-studio:rotate is new (summer): generation 2 will be minted"
    assert wire.up(key, given("summer")) == {"rotation": "UPDATE", "generation": "UPDATE"}
    assert (key.state["ledger"].get("rotated"), key.state["generation"]) == ("summer", 2)
    for word in ("summer", None, "", "summer"):
        assert wire.up(key, given(word)) == {}, word
    assert wire.up(key, given("autumn", trigger="any_up")) == {"rotation": "UPDATE"}
    assert (key.state["ledger"].get("rotated"), key.state["generation"]) == ("autumn", 2)
    assert wire.up(key, given("autumn")) == {"rotation": "UPDATE"}, "a word seen meanwhile does not act afterwards"


@pytest.mark.parametrize(
    ("words", "number"), [({"minGeneration": 5}, 5), ({"revokeThrough": 3}, 4), ({"minGeneration": 1}, 1)]
)
def test_a_least_generation_is_minted_at_once(
    wire: Wire, workspace: Resource, place: Resource, words: Any, number: int
) -> None:
    key = wire.create(KEY, "gw-key", rotating(workspace, place, **words))
    assert (key.state["generation"], generations(key)) == (number, [])
    later = wire.create(KEY, "later-key", rotating(workspace, place))
    assert wire.up(later, rotating(workspace, place, **words)) == {"rotation": "UPDATE"} | (
        MINTED if number > 1 else {}
    )
    assert (later.state["generation"], generations(later)) == (number, [1] if number > 1 else [])
    assert wire.up(later, rotating(workspace, place, **words)) == {}


def test_no_number_is_used_again_when_its_key_is_gone(
    wire: Wire, workspace: Resource, place: Resource, key: Resource, console: Console
) -> None:
    wire.up(key, rotating(workspace, place, minGeneration=4))
    fourth = key.state["keyId"]
    wire.up(key, rotating(workspace, place, minGeneration=4, serveGeneration=1))
    console.delete_key(fourth)
    assert wire.refresh(key)
    assert generations(key) == []
    wire.up(key, rotating(workspace, place, minGeneration=4))
    assert key.state["generation"] == 5


def test_a_number_that_only_a_refresh_saw_is_not_used_again(
    wire: Wire, workspace: Resource, place: Resource, key: Resource, console: Console
) -> None:
    """As after an old state was put back: retirement ends what was minted since, and a refresh forgets it."""
    before = dict(key.state)
    wire.up(key, rotating(workspace, place, minGeneration=2))
    second = key.state["keyId"]
    key.state, key.inputs = before, rotating(workspace, place)
    assert wire.refresh(key)
    assert generations(key) == [2]
    console.delete_key(second)
    assert wire.refresh(key)
    wire.up(key, rotating(workspace, place, minGeneration=2))
    assert key.state["generation"] == 3


def test_an_older_generation_is_delivered_again_and_nothing_rotates_meanwhile(
    emulator: EmulatorProcess, on_day: OnDay, workspace: Resource, place: Resource, console: Console
) -> None:
    def given(**more: Any) -> dict[str, Any]:
        return rotating(workspace, place, maxAge=90 * DAY, **more)

    key = on_day(0).create(KEY, "gw-key", given())
    first = dict(key.state)
    wire = on_day(90)
    wire.up(key, given())
    second = dict(key.state)
    console.disable_key(first["keyId"])  # as retirement does
    wire.preview_up(key, given(serveGeneration=1))
    assert wire.warnings[-1] == "serve_generation 1 is set: generation 1 becomes current again"
    assert wire.up(key, given(serveGeneration=1)) == {"rotation": "UPDATE", "generation": "UPDATE"}
    for name in ("keyId", "fingerprint", "generation", "createdAt", "createdBy", "present"):
        assert key.state[name] == first[name]
    assert (generations(key), key.state["rotateAfter"]) == ([2], "")
    assert disabled(console, workspace) == []
    assert wire.refresh(key)
    wire = on_day(400)
    assert wire.up(key, given(serveGeneration=1)) == {}
    assert re.match("serve_generation 1 is set, so this waits until it is taken out: .* is due", wire.warnings[-1])

    wire, calls = on_day(100), len(operations(emulator, "CreateApiKey"))
    assert wire.up(key, given()) == {"rotation": "UPDATE", "generation": "UPDATE"}
    assert {n: key.state[n] for n in ("keyId", "fingerprint", "generation", "createdAt", "rotateAfter")} == {
        n: second[n] for n in ("keyId", "fingerprint", "generation", "createdAt", "rotateAfter")
    }
    assert len(operations(emulator, "CreateApiKey")) == calls, "taking it out mints nothing"
    assert generations(key) == [1]


def test_taking_it_out_mints_when_the_newest_is_due_or_too_low(
    on_day: OnDay, workspace: Resource, place: Resource
) -> None:
    def given(**more: Any) -> dict[str, Any]:
        return rotating(workspace, place, maxAge=90 * DAY, **more)

    key = on_day(0).create(KEY, "gw-key", given())
    on_day(1).up(key, given(minGeneration=2))
    on_day(1).up(key, given(minGeneration=2, serveGeneration=1))
    wire = on_day(92)
    wire.preview_up(key, given())
    assert wire.warnings[-1].startswith("key of generation 2 is due since")
    wire.up(key, given())
    assert (key.state["generation"], generations(key)) == (3, [1, 2])
    wire.up(key, given(serveGeneration=2))
    wire.up(key, given(minGeneration=4))
    assert (key.state["generation"], generations(key)) == (4, [1, 2, 3])


def test_a_newer_key_that_another_hand_took_over_is_set_aside(
    wire: Wire, workspace: Resource, place: Resource, key: Resource, console: Console
) -> None:
    wire.up(key, rotating(workspace, place, minGeneration=2))
    second = key.state["keyId"]
    wire.up(key, rotating(workspace, place, serveGeneration=1))
    console.describe_key(second, "mine now")
    wire.up(key, rotating(workspace, place))
    assert (key.state["generation"], generations(key)) == (1, [2])
    assert wire.up(key, rotating(workspace, place)) == {}


def test_a_newer_key_that_another_hand_disabled_stays_so(
    wire: Wire, workspace: Resource, place: Resource, key: Resource, console: Console
) -> None:
    wire.up(key, rotating(workspace, place, minGeneration=2))
    second = key.state["keyId"]
    wire.up(key, rotating(workspace, place, serveGeneration=1))
    console.disable_key(second)
    assert "generation" in wire.up(key, rotating(workspace, place))
    assert (key.state["generation"], generations(key)) == (1, [2])
    assert wire.up(key, rotating(workspace, place)) == {}
    assert disabled(console, workspace) == [second]
    wire.up(key, rotating(workspace, place, serveGeneration=2))
    assert disabled(console, workspace) == [], "named by its number it is enabled"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"serveGeneration": 7}, r"serve_generation 7 cannot be delivered \(possible: 1, 2\)"),
        ({"serveGeneration": 0}, "must be at least 1"),
        ({"serveGeneration": 1, "revokeThrough": 1}, "revoke_through 1 revokes it"),
        ({"minGeneration": 0}, "must be at least 1"),
        ({"maxAge": 0}, "must be at least 1"),
        ({"maxAge": 1.5}, "must be a whole number"),
        ({"trigger": "never"}, "allowed: any_up, scheduled"),
    ],
)
def test_words_that_cannot_be_right_are_refused_in_preview(
    emulator: EmulatorProcess,
    wire: Wire,
    workspace: Resource,
    place: Resource,
    key: Resource,
    words: dict[str, Any],
    says: str,
) -> None:
    wire.up(key, rotating(workspace, place, minGeneration=2))
    calls = len(operations(emulator))
    inputs, failures = wire.check(key, rotating(workspace, place, **words))
    if failures:
        assert re.search(says, str(failures))
    else:
        with pytest.raises(WireError, match=says):
            wire.diff(key, inputs)
    assert len(operations(emulator)) == calls


def test_a_generation_that_went_meanwhile_is_refused_with_those_that_exist(
    wire: Wire, workspace: Resource, place: Resource, key: Resource, console: Console
) -> None:
    first = key.state["keyId"]
    wire.up(key, rotating(workspace, place, minGeneration=2))
    console.delete_key(first)
    with pytest.raises(WireError, match=r"serve_generation 1 cannot be delivered \(possible: 2\)"):
        wire.up(key, rotating(workspace, place, serveGeneration=1))
    with pytest.raises(WireError, match="possible: none"):
        wire.preview(KEY, "new", rotating(workspace, place, serveGeneration=1))


@pytest.mark.parametrize("change", ["moved", "disabled", "described"])
def test_a_served_key_that_cannot_be_used_is_refused_not_replaced(
    wire: Wire, workspace: Resource, place: Resource, key: Resource, console: Console, change: str
) -> None:
    first, given = key.state["keyId"], rotating(workspace, place, serveGeneration=1)
    wire.up(key, rotating(workspace, place, minGeneration=2))
    if change == "described":
        console.describe_key(first, "mine now")
        with pytest.raises(WireError, match=f"key {first} .generation 1. is gone or no longer carries this stack's"):
            wire.up(key, given)
        return
    wire.up(key, given)
    if change == "moved":
        given = rotating(wire.create(WORKSPACE, "o", workspace_inputs(logicalName="o")), place, serveGeneration=1)
    else:
        console.disable_key(first)
        assert wire.refresh(key)
    with pytest.raises(WireError, match="serve_generation 1 cannot be delivered"):
        wire.up(key, given)
    assert len(live(console, workspace)) == 2


@pytest.mark.parametrize("kind", ["cut_after", "truncate", "500", "cut_before"])
def test_a_lost_answer_in_a_rotation_leaves_one_key_per_generation(
    emulator: EmulatorProcess,
    wire: Wire,
    workspace: Resource,
    place: Resource,
    key: Resource,
    console: Console,
    kind: str,
) -> None:
    first = key.state["keyId"]
    emulator.fault("CreateApiKey", kind)
    wire.up(key, rotating(workspace, place, minGeneration=2))
    assert live(console, workspace) == sorted([first, key.state["keyId"]])
    assert (key.state["generation"], generations(key)) == (2, [1])


def test_what_a_broken_rotation_left_is_found_by_its_mark(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource, key: Resource, console: Console
) -> None:
    before, given = dict(key.state), rotating(workspace, place, minGeneration=2)
    emulator.fault("CreateApiKey", "cut_after")
    emulator.fault("ListApiKeys", "500", nth=2, times=1000)  # after the one look for marks and room
    with pytest.raises(WireError, match=r"could not be looked for either .* it finds the key by its mark"):
        wire.up(key, given)
    assert key.state == before
    emulator.admin("DELETE", "/faults")
    wire.up(key, given)
    assert (key.state["generation"], generations(key)) == (3, [1, 2])
    known = [key.state["keyId"], *(e["keyId"] for e in key.state["superseded"])]
    assert live(console, workspace) == sorted(known)


def test_a_move_takes_along_what_only_the_old_workspace_knows(
    wire: Wire, workspace: Resource, place: Resource, key: Resource, console: Console
) -> None:
    mark = console.keys(workspace.state["workspaceId"])[key.state["keyId"]].description
    left = mark.replace(":g1:", ":g2:")[:-8] + "0" * 8
    orphan = str(console.create_key(workspace.state["workspaceId"], left).api_key_id)
    copied = str(console.create_key(workspace.state["workspaceId"], mark).api_key_id)
    other = wire.create(WORKSPACE, "other", workspace_inputs(logicalName="other"))
    wire.up(key, rotating(other, place))
    assert (key.state["generation"], generations(key)) == (3, [1, 2])
    wire.up(key, rotating(other, place, minGeneration=4))
    assert orphan in {e["keyId"] for e in key.state["superseded"]}
    console.create_key(workspace.state["workspaceId"], mark.replace(":g1:", ":g9:")[:-8] + "1" * 8)
    wire.delete(key)
    assert (live(console, workspace), live(console, other)) == ([copied], [])


@pytest.mark.parametrize("at", ["create", "update"])
def test_a_full_workspace_is_refused_before_minting(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource, console: Console, at: str
) -> None:
    emulator.settings(max_keys_per_workspace=99)
    there = workspace.state["workspaceId"]
    key = wire.create(KEY, "gw-key", rotating(workspace, place)) if at == "update" else None
    for n in range(18):
        console.create_key(there, f"theirs {n}")
    calls = len(operations(emulator, "CreateApiKey"))
    if key is None:
        wire.create(KEY, "one-key", rotating(workspace, place))
        wire.create(KEY, "two-key", rotating(workspace, place))
        with pytest.raises(WireError, match=f"{there} holds 20 keys .none superseded here.*at most 20.*key-limit"):
            wire.create(KEY, "three-key", rotating(workspace, place))
    else:
        first = key.state["keyId"]
        wire.up(key, rotating(workspace, place, minGeneration=2))
        with pytest.raises(WireError, match=f"holds 20 keys .of them superseded keys of this service: {first}."):
            wire.up(key, rotating(workspace, place, minGeneration=3))
        assert key.state["generation"] == 2
    assert len(operations(emulator, "CreateApiKey")) == calls + (2 if key is None else 1)


def test_a_key_of_a_ram_user_is_said_to_die_with_it(
    wire: Wire,
    make_wire: MakeWire,
    emulator: EmulatorProcess,
    workspace: Resource,
    place: Resource,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wire.create(KEY, "account-key", rotating(workspace, place))
    assert wire.warnings == []
    user = emulator.admin("POST", "/ram-users")
    for name, value in (("id", user["access_key_id"]), ("secret", user["secret"])):
        monkeypatch.setenv(f"ALIBABA_CLOUD_ACCESS_KEY_{name.upper()}", value)
        monkeypatch.setattr(auth_util, f"environment_access_key_{name}", value)
    wire = make_wire()
    made = wire.create(KEY, "user-key", rotating(workspace, place))
    assert made.state["createdBy"] == user["user_id"]
    (warning,) = wire.warnings
    assert re.match(f"key [0-9]+ belongs to the RAM user {user['user_id']}, .* it dies with that user", warning)


def test_unknown_words_are_shown_as_a_change(wire: Wire, workspace: Resource, place: Resource, key: Resource) -> None:
    shown = wire.preview_up(key, rotating(workspace, place, serveGeneration=UNKNOWN))
    assert shown["generation"] is UNKNOWN
    wire.preview(KEY, "new", rotating(workspace, place, serveGeneration=UNKNOWN, revokeThrough=1))


def test_neither_refresh_nor_destroy_mints(
    emulator: EmulatorProcess, make_wire: MakeWire, on_day: OnDay, workspace: Resource, place: Resource
) -> None:
    key = make_wire().create(KEY, "gw-key", rotating(workspace, place, maxAge=DAY))
    wire, calls = on_day(2), len(operations(emulator, "CreateApiKey"))
    assert wire.refresh(key)
    wire.delete(key)
    assert len(operations(emulator, "CreateApiKey")) == calls
