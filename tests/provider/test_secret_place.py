"""A place's name is claimed, never taken; its object is made by a delivery, and goes only while it is this stack's."""

from typing import Any

import pytest

from provider.values import UNKNOWN
from tests.emulator_process import EmulatorProcess
from tests.provider.conftest import MakeWire
from tests.provider.given import (
    KEY,
    OWNER_ID,
    PLACE,
    STORES,
    key_inputs,
    operations,
    place_inputs,
    place_text,
)
from tests.provider.vendor import MARK_TAG, Console, KmsHand, SecretHand
from tests.provider.wire_client import Resource, Wire, WireError

OURS, THEIRS = f"{OWNER_ID}:{'a' * 16}", f"{'f' * 16}:{'a' * 16}"
TAGS = {"managed-by": "pulumi", "pulumi-project": "model-studio", "pulumi-stack": "test"}
WRITES = (
    *("CreateSecret", "PutSecretValue", "TagResources", "RestoreSecret", "DeleteSecret"),
    *("CreateSecretParameter", "UpdateSecretParameter", "DeleteSecretParameter"),
)


def hand_of(console: Console, store: str) -> SecretHand:
    return console.secrets[store]


def claim(wire: Wire, store: str, **more: Any) -> Resource:
    return wire.create(PLACE, "gw", place_inputs(store=store, **more))


def delivered(wire: Wire, workspace: Resource, place: Resource) -> Resource:
    return wire.create(KEY, "gw-key", key_inputs(workspace, place, verify="off", urls={"openai": "https://h/v1"}))


# claiming


@pytest.mark.parametrize("store", STORES)
def test_a_free_name_is_claimed_and_nothing_is_made(
    emulator: EmulatorProcess, wire: Wire, console: Console, store: str
) -> None:
    place = claim(wire, store)
    assert (place.state["found"], place.state["tagged"]) == ("absent", True)
    assert len(place.state["claim"]) == 16
    assert place.id == place_text(place)
    assert not hand_of(console, store).exists("gw")
    assert operations(emulator, *WRITES) == []
    assert claim(wire, store).state["claim"] != place.state["claim"], "a later claim is another one"


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize(
    ("mark", "says"),
    [("", "it carries no mark of this module"), (THEIRS, f"it carries the mark {THEIRS} of another stack")],
)
def test_a_name_that_is_taken_is_refused_with_the_way_out(
    emulator: EmulatorProcess, wire: Wire, console: Console, store: str, mark: str, says: str
) -> None:
    hand_of(console, store).create("gw", "theirs", mark=mark)
    calls = len(operations(emulator))
    with pytest.raises(WireError) as refused:
        claim(wire, store)
    for words in ("gw exists already", says, "say on_conflict: adopt", "choose another name"):
        assert words in refused.value.details
    assert [c for c in operations(emulator)[calls:] if c in WRITES] == []


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize(("mark", "found"), [("", "unmarked"), (THEIRS, THEIRS), (OURS, "ours")])
def test_one_that_is_adopted_is_left_as_it_is_until_a_proven_record_comes(
    wire: Wire, console: Console, workspace: Resource, store: str, mark: str, found: str
) -> None:
    hand = hand_of(console, store)
    hand.create("gw", "theirs", {"team": "a"}, mark=mark)
    tags = hand.tags("gw")
    place = claim(wire, store, onConflict="adopt")
    assert place.state["found"] == found
    assert (hand.read("gw"), hand.tags("gw")) == ("theirs", tags)
    assert wire.refresh(place)
    assert wire.up(place, place.inputs) == {} or found == "ours", "another's tags are not put right"
    key = delivered(wire, workspace, place)
    assert key.state["held"] == "g1r1"
    assert hand.tags("gw") == TAGS | {"team": "a", MARK_TAG: f"{OWNER_ID}:{key.state['series']}"}


@pytest.mark.parametrize("store", STORES)
def test_our_own_that_a_killed_run_left_is_claimed_again(wire: Wire, console: Console, store: str) -> None:
    hand_of(console, store).create("gw", "left", mark=OURS)
    assert claim(wire, store).state["found"] == "ours"


@pytest.mark.parametrize("store", STORES)
def test_one_that_is_to_be_adopted_must_exist(wire: Wire, store: str) -> None:
    with pytest.raises(WireError, match="gw does not exist, and on_conflict says adopt"):
        claim(wire, store, onConflict="adopt")


@pytest.mark.parametrize("store", STORES)
def test_one_that_cannot_be_looked_at_is_not_claimed(emulator: EmulatorProcess, wire: Wire, store: str) -> None:
    emulator.fault("DescribeSecret" if store == "kms" else "GetSecretParameter", "refuse", times=1000)
    with pytest.raises(WireError):
        claim(wire, store)


def test_tags_of_all_parameters_make_none_of_them_ours(emulator: EmulatorProcess, wire: Wire, console: Console) -> None:
    emulator.settings(tags_of_all=True)
    hand_of(console, "oos").create("ours", "1", mark=OURS)
    hand_of(console, "oos").create("gw", "theirs")
    with pytest.raises(WireError, match="gw exists already: it carries no mark"):
        claim(wire, "oos")


@pytest.mark.parametrize("tag", [THEIRS, OURS.replace("a" * 16, "b" * 16) + "x"])
def test_a_parameter_whose_tag_contradicts_its_description_is_another_s(wire: Wire, console: Console, tag: str) -> None:
    hand_of(console, "oos").create("gw", "?", mark=OURS)
    hand_of(console, "oos").tag("gw", {MARK_TAG: tag})
    with pytest.raises(WireError, match="gw exists already: it carries no mark"):
        claim(wire, "oos")


def test_a_parameter_whose_tag_names_another_series_of_the_stack_is_ours(wire: Wire, console: Console) -> None:
    hand_of(console, "oos").create("gw", "?", mark=OURS)
    hand_of(console, "oos").tag("gw", {MARK_TAG: OURS.replace("a" * 16, "b" * 16)})
    assert claim(wire, "oos").state["found"] == "ours"


def kms(console: Console) -> KmsHand:
    hand = console.secrets["kms"]
    assert isinstance(hand, KmsHand)
    return hand


@pytest.mark.parametrize(
    ("mark", "more"), [(OURS, {}), (THEIRS, {"onConflict": "adopt"}), ("", {"onConflict": "adopt"})]
)
def test_a_secret_in_its_deletion_window_is_restored_where_it_is_ours_or_adopted(
    wire: Wire, console: Console, mark: str, more: Any
) -> None:
    kms(console).create("gw", "old", mark=mark)
    console.delete_secret("gw", window_days=7)
    claim(wire, "kms", **more)
    assert (kms(console).planned("gw"), kms(console).read("gw")) == ("", "old")
    assert [told.partition(" on ")[0] for told in wire.told] == ["kms:cn-beijing/gw was to be deleted"]


@pytest.mark.parametrize("mark", ["", THEIRS])
def test_another_s_secret_in_its_deletion_window_stays_there(wire: Wire, console: Console, mark: str) -> None:
    kms(console).create("gw", "old", mark=mark)
    console.delete_secret("gw", window_days=7)
    with pytest.raises(WireError, match=r"in its deletion window until .*adopt \(it is restored then\)"):
        claim(wire, "kms")
    assert kms(console).planned("gw")


@pytest.mark.parametrize(
    ("more", "name", "says"),
    [
        ({"store": "s3"}, "store", "'s3' is not allowed; allowed: kms, oos"),
        ({"onConflict": "take"}, "onConflict", "allowed: fail, adopt"),
        ({"onDelete": "keep"}, "onDelete", "allowed: delete, retain"),
        ({"recoveryDays": 6}, "recoveryDays", "7"),
        ({"recoveryDays": 31}, "recoveryDays", "30"),
        ({"instance": "kst-1"}, "encryptionKey", "missing: a secret of a dedicated KMS instance needs a key of it"),
    ],
)
def test_words_that_cannot_be_right_are_refused(wire: Wire, more: dict[str, Any], name: str, says: str) -> None:
    _, failures = wire.check(Resource(PLACE, "gw"), place_inputs(**more))
    assert list(failures) == [name]
    assert says in failures[name]


@pytest.mark.parametrize(
    "more", [{"instance": "kst-1", "encryptionKey": UNKNOWN}, {"recoveryDays": 7}, {"recoveryDays": 30}]
)
def test_their_neighbours_pass(wire: Wire, more: dict[str, Any]) -> None:
    assert wire.check(Resource(PLACE, "gw"), place_inputs(**more))[1] == {}


@pytest.mark.parametrize("store", STORES)
def test_an_object_is_made_with_its_encryption_key_and_instance(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, store: str
) -> None:
    form = {"encryptionKey": "key-1", "instance": "kst-1"}
    place = claim(wire, store, **form)
    vault = key_inputs(workspace, place)["vault"] | form
    wire.create(KEY, "gw-key", key_inputs(workspace, place, vault=vault, verify="off"))
    (made,) = [c for c in emulator.calls() if c["operation"] in ("CreateSecret", "CreateSecretParameter")]
    assert {"key-1", "kst-1"} <= set(made["params"].values())


@pytest.mark.parametrize("change", [{"name": "other"}, {"regionId": "ap-southeast-1"}, {"store": "oos"}])
def test_another_name_is_another_place(wire: Wire, place: Resource, change: dict[str, str]) -> None:
    news, failures = wire.check(place, place_inputs(**change))
    assert not failures
    assert wire.diff(place, news) == dict.fromkeys(change, "UPDATE_REPLACE")


@pytest.mark.parametrize("store", STORES)
def test_the_encryption_key_of_an_object_that_exists_is_never_changed(
    emulator: EmulatorProcess, wire: Wire, console: Console, workspace: Resource, store: str
) -> None:
    place = claim(wire, store, encryptionKey="mistyped")
    right = place_inputs(store=store, encryptionKey="key-1")
    assert wire.up(place, right) == {"encryptionKey": "UPDATE"}, "nothing is made yet, so it can be put right"
    delivered(wire, workspace, place)
    writes = operations(emulator, *WRITES)
    for change in ({"encryptionKey": "key-2"}, {"encryptionKey": "key-1", "instance": "kst-1"}, {}):
        with pytest.raises(WireError, match="gw exists, and a store never changes the encryption key") as refused:
            wire.up(place, place_inputs(store=store, **change))
        assert "encryptionKey: key-1" in refused.value.details or "instance: none" in refused.value.details
    assert wire.up(place, right) == {}
    assert (hand_of(console, store).exists("gw"), operations(emulator, *WRITES)) == (True, writes)


@pytest.mark.parametrize(
    "change", [{"onDelete": "retain"}, {"recoveryDays": 7}, {"forceDelete": True}, {"onConflict": "adopt"}]
)
def test_the_rest_is_on_record_only(
    emulator: EmulatorProcess, wire: Wire, place: Resource, change: dict[str, Any]
) -> None:
    kept = dict(place.state)
    assert wire.up(place, place_inputs(**change)) == dict.fromkeys(change, "UPDATE")
    assert place.state == kept
    assert operations(emulator, *WRITES) == []


# what another hand does to its tags


@pytest.mark.parametrize("store", STORES)
def test_tags_that_another_hand_changed_are_put_back(
    wire: Wire, console: Console, workspace: Resource, store: str
) -> None:
    place = claim(wire, store)
    delivered(wire, workspace, place)
    hand = hand_of(console, store)
    before = hand.tags("gw")
    assert wire.refresh(place)
    assert wire.up(place, place.inputs) == {}
    hand.tag("gw", {"pulumi-stack": "other", "team": "a"})
    hand.untag("gw", "managed-by")
    assert wire.refresh(place)
    assert place.state["tagged"] is False
    assert wire.up(place, place.inputs) == {"tagged": "UPDATE"}
    assert hand.tags("gw") == before | {"team": "a"}
    assert wire.refresh(place)
    assert wire.up(place, place.inputs) == {}


def test_a_mark_in_the_description_alone_is_tagged_again(wire: Wire, console: Console, workspace: Resource) -> None:
    place = claim(wire, "oos")
    delivered(wire, workspace, place)
    before = hand_of(console, "oos").tags("gw")
    hand_of(console, "oos").untag("gw", MARK_TAG)
    assert wire.refresh(place)
    assert wire.up(place, place.inputs) == {"tagged": "UPDATE"}
    assert hand_of(console, "oos").tags("gw") == before


@pytest.mark.parametrize("store", STORES)
def test_tags_of_one_that_became_another_s_are_left(
    wire: Wire, console: Console, workspace: Resource, store: str
) -> None:
    place, hand = claim(wire, store), hand_of(console, store)
    delivered(wire, workspace, place)
    hand.take("gw", "f" * 16)
    hand.untag("gw", "managed-by")
    assert wire.refresh(place)
    assert wire.up(place, place.inputs) == {}
    assert "managed-by" not in hand.tags("gw")


@pytest.mark.parametrize("store", STORES)
def test_one_that_is_gone_stays_claimed(wire: Wire, console: Console, workspace: Resource, store: str) -> None:
    place = claim(wire, store)
    delivered(wire, workspace, place)
    hand_of(console, store).delete("gw")
    assert wire.refresh(place)
    assert wire.up(place, place.inputs) == {}


# its end


@pytest.mark.parametrize(
    ("store", "more", "planned"),
    [
        ("kms", {}, True),
        ("kms", {"recoveryDays": 7}, True),
        ("kms", {"forceDelete": True}, False),
        ("oos", {}, False),
    ],
)
def test_ours_is_deleted(
    emulator: EmulatorProcess, wire: Wire, console: Console, workspace: Resource, store: str, more: Any, planned: bool
) -> None:
    place = claim(wire, store, **more)
    delivered(wire, workspace, place)
    wire.delete(place)
    assert hand_of(console, store).exists("gw") is planned
    if planned:
        assert kms(console).planned("gw")
        (call,) = [c for c in emulator.calls() if c["operation"] == "DeleteSecret"]
        assert call["params"]["RecoveryWindowInDays"] == str(more.get("recoveryDays", 30))
    wire.delete(place)  # what is gone, or in its window, is fine
    assert wire.warnings == []


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("how", ["taken", "unmarked"])
def test_one_that_became_another_s_is_left_alone_with_a_warning(
    wire: Wire, console: Console, workspace: Resource, store: str, how: str
) -> None:
    place, hand = claim(wire, store), hand_of(console, store)
    delivered(wire, workspace, place)
    if how == "taken":
        hand.take("gw", "f" * 16)
    else:
        hand.delete("gw")
        hand.create("gw", "somebody's")
    wire.warnings.clear()
    wire.delete(place)
    assert hand.exists("gw")
    assert hand.read("gw") is not None, "not even planned"
    (line,) = wire.warnings
    assert line.startswith(f"{place_text(place)} is another's now (its mark is ")
    assert "left alone" in line


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("mark", ["", THEIRS])
def test_one_that_was_adopted_and_never_written_is_released_without_a_word(
    wire: Wire, console: Console, store: str, mark: str
) -> None:
    hand = hand_of(console, store)
    hand.create("gw", "theirs", mark=mark)
    wire.delete(claim(wire, store, onConflict="adopt"))
    assert (hand.read("gw"), wire.warnings) == ("theirs", [])


@pytest.mark.parametrize("store", STORES)
def test_one_that_is_retained_stays_with_its_record(
    wire: Wire, console: Console, workspace: Resource, store: str
) -> None:
    place, hand = claim(wire, store, onDelete="retain"), hand_of(console, store)
    delivered(wire, workspace, place)
    record = hand.read("gw")
    assert record
    wire.delete(place)
    assert hand.read("gw") == record


@pytest.mark.parametrize("store", STORES)
def test_what_was_never_made_needs_no_delete(emulator: EmulatorProcess, wire: Wire, store: str) -> None:
    wire.delete(claim(wire, store))
    assert operations(emulator, *WRITES) == []


@pytest.mark.parametrize("store", STORES)
def test_the_wrong_account_deletes_nothing(
    wire: Wire, make_wire: MakeWire, console: Console, workspace: Resource, store: str
) -> None:
    place = claim(wire, store)
    delivered(wire, workspace, place)
    with pytest.raises(WireError, match="the stack file says .*9999"):
        make_wire(accountId="9" * 16).delete(place)
    assert hand_of(console, store).read("gw") is not None


@pytest.mark.parametrize("store", STORES)
def test_no_import(wire: Wire, store: str) -> None:
    with pytest.raises(WireError, match="SecretPlace cannot be imported: `up` claims it"):
        wire.refresh(Resource(PLACE, "x", id=f"{store}:cn-beijing/gw"))


# what a delivery that was cut off leaves


def fails(emulator: EmulatorProcess, store: str) -> None:
    """Have no version be put from now on."""
    emulator.fault("PutSecretValue" if store == "kms" else "UpdateSecretParameter", "500", times=1000)


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("mark", ["", THEIRS])
def test_one_whose_adoption_was_cut_off_between_tag_and_put_is_taken_over_by_the_next_run(
    emulator: EmulatorProcess, wire: Wire, console: Console, workspace: Resource, store: str, mark: str
) -> None:
    hand = hand_of(console, store)
    hand.create("gw", "theirs", mark=mark)
    place = claim(wire, store, onConflict="adopt")
    fails(emulator, store)
    with pytest.raises(WireError, match="may be in") as failed:
        delivered(wire, workspace, place)
    assert hand.tags("gw")[MARK_TAG].startswith(OWNER_ID)
    assert hand.read("gw") == "theirs"
    emulator.admin("DELETE", "/faults")
    key = failed.value.half_made(KEY, "gw-key")
    wire.up(key, key.inputs)
    assert key.state["held"] == f"g{key.state['generation']}r1"
    wire.delete(place)
    assert not hand.exists("gw") or kms(console).planned("gw")


@pytest.mark.parametrize("store", STORES)
def test_one_that_goes_from_a_service_to_another_survives_a_put_that_fails(
    emulator: EmulatorProcess, wire: Wire, console: Console, workspace: Resource, store: str
) -> None:
    place, hand = claim(wire, store), hand_of(console, store)
    old = delivered(wire, workspace, place)
    place = claim(wire, store)  # as on record where the program was changed
    fails(emulator, store)
    with pytest.raises(WireError, match="may be in") as failed:
        wire.create(KEY, "other-key", key_inputs(workspace, place, verify="off"))
    emulator.admin("DELETE", "/faults")
    new = failed.value.half_made(KEY, "other-key")
    wire.up(new, new.inputs)
    assert new.state["held"] == f"g{new.state['generation']}r1"
    assert new.state["series"] != old.state["series"]
    assert hand.tags("gw")[MARK_TAG] == f"{OWNER_ID}:{new.state['series']}"
