"""What the next update does with a service's keys: a table of cases, and what holds of every ledger."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalogue.rotation import RotationPolicy
from catalogue.rules import Refused
from provider.client.times import iso
from provider.keys.decide import Keep, Next, Request, Serve, decide, next_number, notes, refuse_own, rotate_after
from provider.keys.ledger import Ledger
from tests.provider.doubles import START
from tests.provider.ledgers import ELSEWHERE, HOME, existing, key, ledger, ledgers

DAY = 86400
AGE: dict[str, Any] = {"max_age": 90 * DAY}


def request(source: str = "", fingerprint: str = "", home: tuple[str, str] = HOME, **policy: Any) -> Request:
    return Request(
        region=home[0], workspace=home[1], policy=RotationPolicy(**policy), source=source, fingerprint=fingerprint
    )


def said(step: object) -> str:
    """Return a step in one word and number."""
    if isinstance(step, Next):
        return f"next {step.generation}"
    return f"serve {step.key.generation}" if isinstance(step, Serve) else "keep"


GONE: dict[str, Any] = {"present": False}
CASES: dict[str, tuple[Ledger, Request, float, str]] = {
    "none yet": (ledger(), request(), 0, "next 1"),
    "none yet, but one that is found": (ledger(None, key(3, fingerprint="")), request(), 0, "next 4"),
    "none yet, but one that the vault holds": (ledger(None, key(3)), request(), 0, "serve 3"),
    "nothing to do": (ledger(key(1)), request(), 1000, "keep"),
    "gone": (ledger(key(1), **GONE), request(), 0, "next 2"),
    "not due yet": (ledger(key(1)), request(**AGE), 89.9, "keep"),
    "due": (ledger(key(1)), request(**AGE), 90, "next 2"),
    "due, with a number that was used": (ledger(key(1), highest=7), request(**AGE), 90, "next 8"),
    "due, but on a schedule": (ledger(key(1)), request(trigger="scheduled", **AGE), 90, "keep"),
    "a new word": (ledger(key(1)), request(trigger="scheduled", rotate="spring"), 0, "next 2"),
    "a word on record": (ledger(key(1), rotated="spring"), request(trigger="scheduled", rotate="spring"), 0, "keep"),
    "a new word without schedule": (ledger(key(1)), request(rotate="spring"), 0, "keep"),
    "at least": (ledger(key(1)), request(min_generation=5), 0, "next 5"),
    "at least what there is": (ledger(key(5)), request(min_generation=5), 0, "keep"),
    "at least, from the start": (ledger(), request(min_generation=5), 0, "next 5"),
    "revoked": (ledger(key(3)), request(revoke_through=3), 0, "next 4"),
    "an older one revoked": (ledger(key(3)), request(revoke_through=2), 0, "keep"),
    "moved": (ledger(key(1)), request(home=ELSEWHERE), 0, "next 2"),
    "moved, with a newer one left behind": (ledger(key(1), key(2)), request(home=ELSEWHERE), 0, "next 3"),
    "asked for": (ledger(key(2), key(1)), request(serve_generation=1), 0, "serve 1"),
    "asked for and current": (ledger(key(1), key(2)), request(serve_generation=1), 0, "keep"),
    "asked for although it is set aside": (
        ledger(key(1), key(2, set_aside=True)),
        request(serve_generation=2),
        0,
        "serve 2",
    ),
    "asked for and overdue": (ledger(key(1), key(2)), request(serve_generation=1, **AGE), 400, "keep"),
    "no longer asked for": (ledger(key(1), key(2)), request(), 0, "serve 2"),
    "no longer asked for, the newest first": (ledger(key(1), key(2), key(3)), request(), 0, "serve 3"),
    "no longer asked for, and due": (ledger(key(1), key(2)), request(**AGE), 90, "next 3"),
    "no longer asked for, and too low": (ledger(key(1), key(2)), request(min_generation=4), 0, "next 4"),
    "no longer asked for, the current one gone": (ledger(key(1), key(2), **GONE), request(), 0, "serve 2"),
    "a newer one that another hand has": (ledger(key(1), key(2, set_aside=True)), request(), 0, "keep"),
    "a newer one that nobody has": (ledger(key(1), key(2, copies=())), request(), 0, "keep"),
    "a newer one of another workspace": (ledger(key(1), key(2, workspace="ws-b")), request(), 0, "keep"),
    "existing": (ledger(), request("config", "a"), 0, "next 1"),
    "the same existing one": (ledger(existing(1, "a"), source="config"), request("config", "a"), 0, "keep"),
    "another existing one": (ledger(existing(1, "a"), source="config"), request("config", "b"), 0, "next 2"),
    "one that was there before": (
        ledger(existing(2, "b"), source="config", highest=2),
        request("config", "a"),
        0,
        "next 3",
    ),
    "existing, and gone at its source": (
        ledger(existing(1), source="kms:r/n#", **GONE),
        request("kms:r/n#"),
        0,
        "next 2",
    ),
    "existing, from elsewhere": (ledger(existing(1), source="kms:r/n#"), request("kms:r/o#"), 0, "next 2"),
    "existing, in another workspace": (
        ledger(existing(1, "a"), source="config"),
        request("config", "a", ELSEWHERE),
        0,
        "keep",
    ),
    "existing, and old": (ledger(existing(1, "a"), source="config"), request("config", "a", **AGE), 400, "keep"),
    "existing, and revoked": (
        ledger(existing(2, "a"), source="config"),
        request("config", "a", revoke_through=2),
        0,
        "keep",
    ),
    "minted after existing": (ledger(existing(1), source="config"), request(), 0, "next 2"),
    "existing after minted": (ledger(key(1)), request("config", "a"), 0, "next 2"),
    "minted, asked for again after existing": (
        ledger(existing(2), key(1), source="config"),
        request(serve_generation=1),
        0,
        "serve 1",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_case_has_its_step(name: str) -> None:
    given_, asked, days, wanted = CASES[name]
    assert said(decide(given_, asked, START + days * DAY)) == wanted


REFUSED: dict[str, tuple[Ledger, Request, str]] = {
    "a key that is gone": (ledger(key(2)), request(serve_generation=1), "possible: 2"),
    "none at all": (ledger(), request(serve_generation=1), "possible: none"),
    "one whose value nobody has": (ledger(key(2), key(1, copies=())), request(serve_generation=1), "possible: 2"),
    "one of another workspace": (ledger(key(2), key(1, workspace="ws-b")), request(serve_generation=1), "possible: 2"),
    "the current one, which is gone": (ledger(key(1), **GONE), request(serve_generation=1), "possible: none"),
    "one that is revoked": (ledger(key(2), key(1)), request(serve_generation=1, revoke_through=1), "revoke_through 1"),
    "one that is existing": (
        ledger(existing(2), key(1), source="config"),
        request(serve_generation=2),
        "possible: 1",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_served_is_refused(name: str) -> None:
    given_, asked, says = REFUSED[name]
    with pytest.raises(Refused, match=says):
        decide(given_, asked, START)


def test_a_key_of_the_service_s_own_is_no_existing_one() -> None:
    for own in (ledger(key(2), key(1)), ledger(existing(3), key(2), key(1), source="config")):
        with pytest.raises(Refused, match="own key 101 .generation 1.*serve_generation: 1"):
            decide(own, request("config", key(1).fingerprint), START)
    refuse_own(ledger(key(1)), "")
    refuse_own(ledger(existing(1, "a"), source="config"), "a")


def test_what_waits_or_does_nothing_is_said() -> None:
    now = START + 90 * DAY
    assert notes(ledger(key(1)), request(**AGE), now) == []
    (waits,) = notes(ledger(key(1), key(2)), request(serve_generation=1, **AGE), now)
    assert waits.startswith(
        "serve_generation 1 is set, so this waits until it is taken out: key of generation 2 is due"
    )
    assert notes(ledger(key(1), key(2)), request(serve_generation=1), now) == []
    (late,) = notes(ledger(key(1)), request(trigger="scheduled", **AGE), now)
    assert late.startswith("key of generation 1 is older than max_age since")
    kept = ledger(existing(1, "a"), source="config")
    (idle,) = notes(kept, request("config", "a", revoke_through=1), now)
    assert idle.startswith("revoke_through 1 does nothing to an existing key (generation 1)")
    assert notes(kept, request("config", "b", revoke_through=1), now) == []


def test_when_age_rotates_is_told_only_where_it_does() -> None:
    made = ledger(key(1))
    assert rotate_after(made, request(**AGE)) == iso(START + 90 * DAY)
    for rests in (request(), request(serve_generation=1, **AGE), request(trigger="scheduled", **AGE)):
        assert rotate_after(made, rests) == ""
    assert rotate_after(ledger(existing(1, "a"), source="config"), request("config", "a", **AGE)) == ""


POLICIES = st.builds(
    RotationPolicy,
    max_age=st.none() | st.integers(1, 400 * DAY),
    trigger=st.sampled_from(("any_up", "scheduled")),
    rotate=st.sampled_from(("", "spring", "summer")),
    min_generation=st.none() | st.integers(1, 12),
    serve_generation=st.none() | st.integers(1, 5),
    revoke_through=st.none() | st.integers(1, 5),
)
REQUESTS = st.builds(
    Request,
    region=st.just(HOME[0]),
    workspace=st.sampled_from((HOME[1], ELSEWHERE[1])),
    policy=POLICIES,
    source=st.sampled_from(("", "config", "kms:cn-beijing/theirs#")),
).map(lambda r: replace(r, fingerprint="d" * 32) if r.source == "config" else r)
TIMES = st.floats(START - 400 * DAY, START + 400 * DAY)


def decided(given_: Ledger, asked: Request, now: float) -> Keep | Next | Serve:
    """Decide; what is refused is another test's."""
    try:
        return decide(given_, asked, now)
    except Refused:
        assume(False)  # noqa: FBT003 - hypothesis' own word
        raise


@given(ledgers(), REQUESTS, TIMES)
def test_no_number_is_used_twice(given_: Ledger, asked: Request, now: float) -> None:
    step = decided(given_, asked, now)
    used = [given_.highest, *(k.generation for k in given_.keys)]
    assert next_number(given_, asked.policy) > max(used)
    if isinstance(step, Next):
        assert step.generation == next_number(given_, asked.policy)


@given(ledgers(), REQUESTS, TIMES)
def test_only_a_minted_key_that_can_be_read_and_is_of_this_workspace_is_served(
    given_: Ledger, asked: Request, now: float
) -> None:
    step = decided(given_, asked, now)
    if isinstance(step, Serve):
        assert step.key in given_.superseded
        assert step.key.can_be_read
        assert step.key.key_id
        assert step.key.home == asked.home
        assert step.key.generation > (asked.policy.revoke_through or 0)
        assert not step.key.set_aside or asked.policy.serve_generation == step.key.generation


@given(ledgers(), REQUESTS, TIMES)
def test_nothing_is_minted_while_an_older_generation_is_asked_for(given_: Ledger, asked: Request, now: float) -> None:
    policy = replace(asked.policy, serve_generation=asked.policy.serve_generation or 1, revoke_through=None)
    try:
        step = decide(given_, replace(asked, policy=policy, source=""), now)
    except Refused:
        return
    assert not isinstance(step, Next)


@given(ledgers(), REQUESTS, TIMES)
def test_one_step_is_enough(given_: Ledger, asked: Request, now: float) -> None:
    """Whatever is due, one update does it: at most one new generation, and the next one has nothing to do."""
    step = decided(given_, asked, now)
    assume(not isinstance(step, Keep))
    if isinstance(step, Next):
        made = existing(step.generation, asked.fingerprint) if asked.source else key(step.generation)
        made = replace(made, region=asked.region, workspace=asked.workspace, created_at=iso(now))
    else:
        assert isinstance(step, Serve)
        made = step.key
    former = given_.current if given_.current and given_.current.key_id else None
    if former is not None and not asked.policy.serve_generation:
        former = replace(former, set_aside=False)
    after = given_.with_current(made, put_aside=former, source=asked.source)
    if asked.policy.serve_generation is None and asked.policy.rotate:
        after = replace(after, rotated=asked.policy.rotate)
    assert isinstance(decide(after, asked, now), Keep)
