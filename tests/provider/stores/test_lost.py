"""Answers that are lost or tell nothing: each case for each store of the table."""

from __future__ import annotations

import re

import pytest
from alibabacloud_credentials.utils import auth_util

from provider.client.errors import ServiceError
from provider.stores.store import MARK_TAG, Deleting
from tests.provider.stores.conftest import G1, G2, ONE, TWO, Case
from tests.provider.stores.hands import MARK, OTHER

LOST = ["cut_before", "cut_after", "truncate", "500", "refuse"]
RAN = {"cut_after", "truncate"}
"""Those of LOST after which the call has been carried out."""


@pytest.mark.parametrize("kind", LOST)
def test_a_create_whose_answer_was_lost(case: Case, kind: str) -> None:
    case.emulator.fault(case.row.create, kind)
    made = case.create()
    assert case.store.read(case.place) == made
    assert case.store.versions(case.place) == [made.version]
    assert case.calls().count(case.row.create) == (1 if kind in RAN else 2), "what was made is not made again"


@pytest.mark.parametrize("case", ["oos"], indirect=True)
def test_every_attempt_of_a_create_carries_one_token_and_no_other_create_does(case: Case) -> None:
    def tokens() -> list[str]:
        made = (c["params"] for c in case.emulator.calls() if c["operation"] == case.row.create)
        return [params["ClientToken"] for params in made if params["Name"] == case.place.name]

    for _ in range(2):  # else the second would be answered with what the first one made
        case.emulator.fault(case.row.create, "cut_before")
        case.create(G1, ONE)
        case.store.delete(case.place, Deleting())
    first, same, other, again = tokens()
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert first == same != other == again


def test_three_creates_at_most(case: Case) -> None:
    case.emulator.fault(case.row.create, "500", times=10)
    with pytest.raises(ServiceError) as error:
        case.create()
    assert error.value.may_have_run
    assert case.calls().count(case.row.create) == 3
    assert case.store.look(case.place) is None


def test_a_create_that_arrives_late(case: Case) -> None:
    made = next(iter(case.row.ours.values()))
    case.emulator.fault(case.row.create, "500")
    case.clock.meanwhile = lambda: case.hand.create(case.place.name, G1, ONE, **made)
    assert case.create().data == ONE
    assert len(case.store.versions(case.place)) == 1


@pytest.mark.parametrize("theirs", ["mark", "data", "name"])
@pytest.mark.parametrize("early", [True, False])
def test_a_lost_create_takes_nobody_s_object(case: Case, theirs: str, early: bool) -> None:
    makeup = dict(next(iter(case.row.ours.values())))
    if theirs == "mark":
        makeup |= {"tags": {MARK_TAG: str(OTHER)}}
        if "description" in makeup:
            makeup["description"] = f"{G1} {OTHER}"
    name, data = "theirs" if theirs == "name" else G1, TWO if theirs == "data" else ONE
    if theirs == "name" and "description" in makeup:
        makeup["description"] = f"theirs {MARK}"

    def create() -> None:
        case.hand.create(case.place.name, name, data, **makeup)

    if early:
        create()
    else:
        case.clock.meanwhile = create
    case.emulator.fault(case.row.create, "500")
    with pytest.raises(ServiceError):
        case.create()
    assert case.value() == data
    assert len(case.store.versions(case.place)) == 1


@pytest.mark.parametrize("kind", LOST)
def test_a_put_whose_answer_was_lost(case: Case, kind: str) -> None:
    case.create()
    case.emulator.fault(case.row.put, kind)
    put = case.put(G2, TWO)
    assert case.store.read(case.place) == put
    assert (put.name, put.data, case.value()) == (G2, TWO, TWO)
    assert len(case.store.versions(case.place)) == 2


def test_a_put_that_is_lost_for_good_changes_nothing(case: Case) -> None:
    made = case.create()
    case.emulator.fault(case.row.put, "500", times=1000)
    with pytest.raises(ServiceError) as error:
        case.put(G2, TWO)
    assert error.value.may_have_run
    assert case.store.read(case.place) == made


@pytest.mark.parametrize("kind", LOST)
def test_other_calls_are_repeated(case: Case, kind: str) -> None:
    case.create()
    case.emulator.fault("TagResources", kind)
    case.store.tag(case.place, {"env": "prod"})
    assert case.hand.tags(case.place.name)["env"] == "prod"
    for operation in ("DeleteSecret", "DeleteSecretParameter", "RestoreSecret"):
        case.emulator.fault(operation, kind)
    case.store.delete(case.place, Deleting())
    if case.row.window:
        case.store.restore(case.place)
        case.store.delete(case.place, Deleting(force=True))
    assert case.store.look(case.place) is None


@pytest.mark.parametrize("case", ["kms"], indirect=True)
@pytest.mark.parametrize("kind", LOST)
def test_a_move_of_the_stage_whose_answer_was_lost(case: Case, kind: str) -> None:
    case.create()
    case.put(G2, TWO)
    case.emulator.fault("UpdateSecretVersionStage", kind)
    assert case.put(G1, ONE).version == G1
    assert case.value() == ONE


@pytest.mark.parametrize("case", ["kms"], indirect=True)
def test_a_move_of_the_stage_that_is_refused(case: Case) -> None:
    case.create()
    case.put(G2, TWO)
    case.emulator.fault("UpdateSecretVersionStage", "500", times=1000)
    with pytest.raises(ServiceError, match="UpdateSecretVersionStage"):
        case.put(G1, ONE)
    assert case.value() == TWO


# what is not known is not absent


def test_no_answer_is_not_absence(case: Case) -> None:
    case.create()
    case.emulator.fault("*", "500", times=1000)
    for ask in (case.impatient.look, case.impatient.read, case.impatient.versions):
        with pytest.raises(ServiceError) as error:
            ask(case.place)
        assert error.value.kind == "failed"
    with pytest.raises(ServiceError):
        case.impatient.delete(case.place, Deleting(force=True))


def test_a_wrong_access_key_finds_nothing_out(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    case.create()
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "unknown")
    monkeypatch.setattr(auth_util, "environment_access_key_id", "unknown")
    for ask in (case.impatient.look, case.impatient.read, case.impatient.versions):
        with pytest.raises(ServiceError, match="InvalidAccessKeyId"):
            ask(case.place)
    with pytest.raises(ServiceError, match="InvalidAccessKeyId"):
        case.impatient.delete(case.place, Deleting(force=True))
