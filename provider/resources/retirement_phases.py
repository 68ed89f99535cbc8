"""When a superseded key goes on: overlap (it still works) -> soak (disabled, to be taken back) -> deleted.

A key that is revoked goes on whatever `retire` and `paused` say. Any other rests while one of them holds it back. With
`manual` its time runs on. While `paused` it stands, and starts anew afterwards: meanwhile another generation was
delivered than the one that the time was counted from, and a new start can only make it longer.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

from provider.client.times import iso, seconds_of
from provider.resource import text_of
from provider.values import Values

Phase = Literal["overlap", "soak", "deleted", "left"]
"""left: its mark is gone, so it is another's now and never touched again."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What the stack file says about retirement."""

    overlap: int
    """Seconds."""
    soak: int
    """Seconds."""
    manual: bool
    paused: bool
    revoke_through: int
    """0 for none."""

    @classmethod
    def of(cls, inputs: Values) -> "Terms":
        """Read the terms off known inputs."""
        return cls(
            overlap=inputs["overlap"],
            soak=inputs["soak"],
            manual=text_of(inputs, "retire") == "manual",
            paused=inputs.get("paused") is True,
            revoke_through=inputs.get("revokeThrough") or 0,
        )

    def revokes(self, key: Values) -> bool:
        """Whether a key is to be disabled at once."""
        return bool(key["generation"] <= self.revoke_through)


def entered(key: Values, phase: Phase, now: float) -> Values:
    """Return a key that enters a phase now; counted from the next whole second, so that no time is cut short."""
    return key | {"phase": phase, "since": iso(math.floor(now) + 1), "until": ""}


def due(key: Values, terms: Terms, now: float) -> Literal["", "disable", "delete"]:
    """Return what is to be done with a key now, "" for nothing."""
    if key["phase"] == "overlap" and terms.revokes(key):
        return "disable"
    end = _end(key, terms)
    if not end or now < seconds_of(end):
        return ""
    return "disable" if key["phase"] == "overlap" else "delete"


def timed(key: Values, terms: Terms, now: float) -> Values:
    """Return a key with its times as the terms have them; what was paused starts anew."""
    if key["phase"] in ("overlap", "soak"):
        if terms.paused and not terms.revokes(key):
            key = key | {"since": ""}
        elif not key["since"]:
            key = entered(key, key["phase"], now)
    return key | {"until": _end(key, terms)}


def next_time(keys: list[Values]) -> str:
    """Return when the next of them goes on, "" when none does by itself."""
    return min((key["until"] for key in keys if key["until"]), default="")


def gone_at(key: Values, terms: Terms) -> str:
    """Return when a key that no one touches is deleted, at the earliest; "" when it rests or goes by no clock."""
    end = _end(key, terms)
    return iso(seconds_of(end) + terms.soak) if end and key["phase"] == "overlap" else end


def _end(key: Values, terms: Terms) -> str:
    """Return when a key's phase ends, "" when it does not by itself."""
    lengths: dict[Any, int] = {"overlap": terms.overlap, "soak": terms.soak}
    rests = (terms.manual or terms.paused) and not terms.revokes(key)
    if key["phase"] not in lengths or rests or not key["since"]:
        return ""
    return iso(seconds_of(key["since"]) + lengths[key["phase"]])
