"""What the next update does with a service's keys, decided from state, inputs and time alone: preview shows it.

At most one new generation per update. While `serveGeneration` is set nothing is minted. A brought key counts on in the
same numbers, so that a service may go from a minted key to a brought one and back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from catalogue.rotation import check_serve
from catalogue.rules import Refused
from provider.client.times import iso, seconds_of
from provider.resource import RefusedError, text_of
from provider.resources.key_entries import current_entry, entries, highest, is_brought, place
from provider.values import UNKNOWN, Values


@dataclass(frozen=True, kw_only=True)
class Step:
    """`keep` the current key, go on to the `next` one, minted or brought, or `serve` a superseded one again."""

    kind: Literal["keep", "next", "serve"]
    generation: int = 0
    """That of the next key, or of the one to serve."""
    shows: str = ""
    """Property that a preview shows as changed, "" when an input shows it already."""
    reason: str = ""
    """Why, for a person; "" when what changed says it."""


KEEP = Step(kind="keep")
WORDS = ("maxAge", "trigger", "rotate", "minGeneration", "serveGeneration", "revokeThrough")
"""The inputs that rotation is made of."""


def next_step(state: Values, news: Values, now: float) -> Step:
    """Decide; raises RefusedError when `serveGeneration` names a key that cannot be delivered."""
    if UNKNOWN in map(news.get, WORDS):
        return Step(kind="next")  # what it comes to is not known yet; that is how a preview shows it
    if is_brought(news):
        if news["brought"] == state.get("brought"):
            return KEEP
        _check_elsewhere(state, news)
        return Step(kind="next", generation=_number(state, news))
    if news.get("serveGeneration") is not None:
        return _asked_for(state, news)
    current = current_entry(state)
    back = _newest(state, news)
    if back is None and (is_brought(state) or place(state) != place(news)):
        return Step(kind="next", generation=_number(state, news))
    if back is None and state.get("present") is not True:
        return Step(kind="next", generation=_number(state, news), shows="present")
    reason = _due(back or current, state, news, now)
    if reason:
        number = _number(state, news)
        reason = f"{reason}: generation {number} will be minted"
        return Step(kind="next", generation=number, shows="generation", reason=reason)
    if back is not None:
        reason = f"serve_generation was taken out: generation {back['generation']} becomes current again"
        return Step(kind="serve", generation=back["generation"], shows="generation", reason=reason)
    return KEEP


def notes(state: Values, news: Values, now: float) -> list[str]:
    """Return what somebody should know although nothing is done about it."""
    if UNKNOWN in map(news.get, WORDS):
        return []
    if is_brought(news):
        revoked, number = news.get("revokeThrough"), int(state.get("generation") or 0)
        if news["brought"] == state.get("brought") and revoked is not None and revoked >= number:
            return [f"revoke_through {revoked} does nothing to a brought key (generation {number}): bring a new value"]
        return []
    served = news.get("serveGeneration")
    if served is not None:
        waits = next_step(state, news | {"serveGeneration": None}, now)
        if waits.kind == "next" and waits.reason:
            return [f"serve_generation {served} is set, so this waits until it is taken out: {waits.reason}"]
        return []
    if _scheduled(news) and _is_old(state, news, now):
        what = f"key of generation {state.get('generation')} is older than max_age since {_end(state, news)}"
        return [f"{what}, and trigger is scheduled: give model-studio:rotate a new value to rotate it"]
    return []


def first_generation(news: Values, found: Sequence[Values]) -> int:
    """Return the number of a new entry's first key. `found`: marked keys of runs whose state is lost."""
    if news.get("serveGeneration") is not None:
        _check_serve(news, [])
    return _number({"superseded": list(found)}, news)


def rotate_after(created_at: str, news: Values) -> str:
    """Return when age rotates a key, ISO 8601, "" when it never does."""
    if _scheduled(news) or news.get("serveGeneration") is not None:
        return ""
    return _end({"createdAt": created_at}, news)


def is_new_word(state: Values, news: Values) -> bool:
    """Whether `rotate` has a value that is not on record yet, and may be put there now."""
    word = text_of(news, "rotate")
    return bool(word) and word != text_of(state, "rotated") and news.get("serveGeneration") is None


def _asked_for(state: Values, news: Values) -> Step:
    """Serve the generation that `serveGeneration` names."""
    wanted: Any = news["serveGeneration"]
    known = [current_entry(state), *entries(state)]
    there = [e for e in known if e.get("keyId") and e.get("value") and place(e) == place(news)]
    if state.get("present") is not True:
        there = [e for e in there if e["keyId"] != state.get("keyId")]
    _check_serve(news, [e["generation"] for e in there])
    if wanted == state.get("generation"):
        return KEEP
    reason = f"serve_generation {wanted} is set: generation {wanted} becomes current again"
    return Step(kind="serve", generation=wanted, shows="generation", reason=reason)


def _check_serve(news: Values, there: Sequence[int]) -> None:
    try:
        check_serve(news["serveGeneration"], there, news.get("revokeThrough"))
    except Refused as refused:
        raise RefusedError(str(refused)) from None


def _check_elsewhere(state: Values, news: Values) -> None:
    """Refuse to bring a key that was minted here: at the end of its overlap it would be disabled while delivered."""
    for entry in (current_entry(state), *entries(state)):
        if entry["keyId"] and entry["value"] == news["brought"]:
            raise RefusedError(
                f"the brought key is this service's own key {entry['keyId']} (generation {entry['generation']}), which "
                "retirement would end while it is delivered: bring a key that was made elsewhere, or leave it out (and "
                f"write serve_generation: {entry['generation']} to deliver that one)"
            )


def _newest(state: Values, news: Values) -> Values | None:
    """Return the newest superseded key that is newer than the current one: `serveGeneration` was taken out.

    One that another hand disabled or took over is set aside (key_calls.py): it is not for this stack to deliver it.
    """
    current = int(state.get("generation") or 0)
    newer = [
        e
        for e in entries(state)
        if e["generation"] > current and e.get("value") and not e.get("setAside") and place(e) == place(news)
    ]
    return max(newer, key=lambda e: int(e["generation"]), default=None)


def _due(entry: Values, state: Values, news: Values, now: float) -> str:
    """Return why a key is to be replaced, "" when it is not."""
    number, least = int(entry["generation"] or 0), _least(news)
    if number < least:
        word = "min_generation" if least == news.get("minGeneration") else "revoke_through"
        return f"key of generation {number} is below {least}, asked for by {word}"
    if _scheduled(news):
        return f"model-studio:rotate is new ({text_of(news, 'rotate')})" if is_new_word(state, news) else ""
    return f"key of generation {number} is due since {_end(entry, news)}" if _is_old(entry, news, now) else ""


def _number(state: Values, news: Values) -> int:
    return max(_least(news), highest(state, entries(state)) + 1)


def _least(news: Values) -> int:
    """Return the lowest generation that may be current; what is revoked through N asks for N + 1."""
    return max(news.get("minGeneration") or 1, (news.get("revokeThrough") or 0) + 1)


def _scheduled(news: Values) -> bool:
    return text_of(news, "trigger") == "scheduled"


def _is_old(entry: Values, news: Values, now: float) -> bool:
    end = _end(entry, news)
    return bool(end) and now >= seconds_of(end)


def _end(entry: Values, news: Values) -> str:
    max_age, created = news.get("maxAge"), text_of(entry, "createdAt")
    return iso(seconds_of(created) + max_age) if max_age is not None and created else ""
