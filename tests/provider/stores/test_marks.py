"""Whose an object is, and what is masked of it: each case for each store of the table."""

from __future__ import annotations

import base64

import pytest

from catalogue.record import canonical
from provider.client.redact import MASK, redact
from provider.stores.store import MARK_TAG, Making, Mark, Place
from tests.provider.stores.conftest import G1, ONE, Case
from tests.provider.stores.hands import MARK, OTHER, REGION, ROWS


@pytest.mark.parametrize(("case", "made"), [(n, c) for n, row in ROWS.items() for c in row.ours], indirect=["case"])
def test_a_mark_is_read(case: Case, made: str) -> None:
    case.hand.create(case.place.name, G1, ONE, **case.row.ours[made])
    look = case.store.look(case.place)
    assert look is not None
    assert look.mark == MARK
    current = case.store.read(case.place)
    assert current is not None
    assert current.name == ("" if made == "among words" else G1)


@pytest.mark.parametrize(("case", "made"), [(n, c) for n, row in ROWS.items() for c in row.unclear], indirect=["case"])
def test_what_is_unclear_is_another_s(case: Case, made: str) -> None:
    case.hand.create(case.place.name, G1, ONE, **case.row.unclear[made])
    look = case.store.look(case.place)
    assert look is not None
    assert look.mark is None


def test_tags_of_all_are_not_taken_for_one_s_own(case: Case) -> None:
    other = Place(store=case.place.store, region=REGION, name=f"{case.place.name}-other")
    case.create()
    case.store.create(other, G1, ONE, Making(tags={"team": "b"}, mark=OTHER))
    case.emulator.settings(tags_of_all=True)
    for place, team, mark in ((case.place, "a", MARK), (other, "b", OTHER)):
        look = case.store.look(place)
        assert look is not None
        assert (look.mark, look.tags) == (mark, {"team": team, MARK_TAG: str(mark)})


def test_tags_are_added(case: Case) -> None:
    case.create()
    before = case.now()
    case.store.tag(case.place, {})
    assert case.calls(before) == []
    case.store.tag(case.place, {"team": "b", "env": "prod"})
    assert case.hand.tags(case.place.name) == {"team": "b", "env": "prod", MARK_TAG: str(MARK)}


def test_what_was_somebody_else_s_is_ours_after_tag_and_put(case: Case) -> None:
    case.hand.create(case.place.name, G1, ONE, description="theirs", tags={"team": "a"})
    case.store.tag(case.place, {MARK_TAG: str(MARK)})
    put = case.put(G1, ONE)
    look = case.store.look(case.place)
    assert look is not None
    assert (look.mark, look.tags) == (MARK, {"team": "a", MARK_TAG: str(MARK)})
    assert case.store.read(case.place) == put
    assert put.name == G1


def test_a_mark_is_all_of_its_text() -> None:
    assert Mark.read(str(MARK)) == MARK
    assert [Mark.read(text) for text in ("", f" {MARK}", f"{MARK}\n", str(MARK).upper())] == [None] * 4


def test_what_is_read_is_masked_and_places_are_not(case: Case) -> None:
    record = {
        "QWEN_OPENAI_API_KEY": "no-form/of a key",
        "QWEN_OPENAI_BASE_URL": "https://ws-1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1",
        "QWEN_MODEL_STUDIO_REGION": REGION,
    }
    case.hand.create(case.place.name, G1, canonical(record))
    case.store.read(case.place)
    for spelling in (record["QWEN_OPENAI_API_KEY"], base64.b64encode(b"no-form/of a key").decode()):
        assert redact(f"got {spelling} here") == f"got {MASK} here"
    text = f"{case.place} {record['QWEN_OPENAI_BASE_URL']}"
    assert redact(text) == text
