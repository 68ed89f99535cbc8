"""A rotation policy is passed on whole, and what cannot be meant is named by the word that a stack file has for it."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.rotation import DEFAULT_OVERLAP, DEFAULT_SOAK, RETIRE, TRIGGERS, RotationPolicy, policy_failures

COUNT = st.none() | st.integers(1, 10**9)
POLICIES = st.builds(
    RotationPolicy,
    max_age=COUNT,
    overlap=st.integers(0, 10**9),
    soak=st.integers(0, 10**9),
    trigger=st.sampled_from(TRIGGERS),
    rotate=st.text(max_size=8),
    min_generation=COUNT,
    serve_generation=COUNT,
    revoke_through=COUNT,
    retire=st.sampled_from(RETIRE),
)
WHOLE = RotationPolicy(
    max_age=90,
    overlap=8,
    soak=9,
    trigger="scheduled",
    rotate="2026-11",
    min_generation=2,
    serve_generation=3,
    revoke_through=1,
    retire="manual",
)
WIRE = {
    "maxAge": 90,
    "overlap": 8,
    "soak": 9,
    "trigger": "scheduled",
    "rotate": "2026-11",
    "minGeneration": 2,
    "serveGeneration": 3,
    "revokeThrough": 1,
    "retire": "manual",
}


def test_each_word_has_a_name_on_the_wire() -> None:
    assert set(WIRE) == {*WHOLE.wire()}
    assert len(WIRE) == len(fields(RotationPolicy)), "a new word belongs into this table"
    assert WHOLE.wire() == WIRE
    assert RotationPolicy.of_wire(WIRE) == WHOLE


@given(POLICIES)
def test_a_policy_comes_back_from_the_wire_and_passes_its_own_check(policy: RotationPolicy) -> None:
    assert RotationPolicy.of_wire(policy.wire()) == policy
    assert policy_failures(policy.wire()) == {}


@given(POLICIES)
def test_the_default_takes_no_room(policy: RotationPolicy) -> None:
    default = RotationPolicy()
    assert default.wire() == {}
    said = {field.name for field in fields(policy) if getattr(policy, field.name) != getattr(default, field.name)}
    assert len(policy.wire()) == len(said)


@pytest.mark.parametrize(
    "said", [{}, {"overlap": None, "max_age": None}, {"overlap": DEFAULT_OVERLAP, "soak": DEFAULT_SOAK, "x": 1}]
)
def test_what_is_not_said_is_the_default(said: dict[str, Any]) -> None:
    assert RotationPolicy.of(said) == RotationPolicy()


def test_zero_is_said() -> None:
    assert RotationPolicy.of({"overlap": 0, "soak": 0}) == RotationPolicy(overlap=0, soak=0)
    assert RotationPolicy(overlap=0).wire() == {"overlap": 0}


@pytest.mark.parametrize(
    ("said", "word", "says"),
    [
        ({"overlap": -1}, "overlap", "is -1; it must be at least 0"),
        ({"soak": -1}, "soak", "at least 0"),
        ({"maxAge": 0}, "max_age", "is 0; it must be at least 1"),
        ({"minGeneration": 0}, "min_generation", "at least 1"),
        ({"serveGeneration": 0}, "serve_generation", "at least 1"),
        ({"revokeThrough": 0}, "revoke_through", "at least 1"),
        ({"overlap": "7d"}, "overlap", "must be a whole number"),
        ({"soak": 1.5}, "soak", "must be a whole number"),
        ({"maxAge": True}, "max_age", "must be a whole number"),
        ({"trigger": "cron"}, "trigger", "'cron' is not allowed; allowed: any_up, scheduled"),
        ({"retire": "later"}, "retire", "'later' is not allowed; allowed: automatic, manual"),
        ({"rotate": 7}, "rotate", "must be text"),
        ({"maxage": 7}, "maxage", "unknown; it takes max_age, min_generation"),
        ({"paused": True}, "paused", "unknown"),
    ],
)
def test_what_cannot_be_meant_is_named(said: dict[str, Any], word: str, says: str) -> None:
    neighbour = {"overlap": 1, "maxAge": 5}
    wrong = policy_failures(neighbour | said)
    assert list(wrong) == [word]
    assert says in wrong[word]


def test_all_that_is_wrong_is_named_at_once() -> None:
    assert set(policy_failures({"overlap": -1, "trigger": "x", "y": 1})) == {"overlap", "trigger", "y"}


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (RotationPolicy(), []),
        (RotationPolicy(overlap=0, soak=0, revoke_through=1, retire="manual", rotate="a"), []),
        (RotationPolicy(max_age=1), ["max_age"]),
        (WHOLE, ["max_age", "min_generation", "serve_generation", "trigger"]),
    ],
)
def test_some_words_mean_something_for_a_minted_key_alone(policy: RotationPolicy, words: list[str]) -> None:
    assert policy.of_minting == words
