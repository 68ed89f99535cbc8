"""When a superseded key goes on: overlap (it still works) -> soak (disabled, to be taken back) -> deleted.

A key that is revoked goes on whatever `retire` and `paused` say. Any other rests while one of them holds it back. With
`manual` its time runs on. While `paused` it stands, and starts anew afterwards: meanwhile another generation was
delivered than the one that the time was counted from, and a new start can only make it longer.
"""

import math
from typing import Any, Literal

from catalogue.rotation import RotationPolicy
from provider.client.times import iso, seconds_of
from provider.values import Values

Phase = Literal["overlap", "soak", "deleted", "left"]
"""left: its mark is gone, so it is another's now and never touched again."""


def revokes(policy: RotationPolicy, key: Values) -> bool:
    """Whether a key is to be disabled at once."""
    return bool(key["generation"] <= (policy.revoke_through or 0))


def rests(policy: RotationPolicy, key: Values) -> bool:
    """Whether a key does not go on by itself."""
    return (policy.retire == "manual" or is_paused(policy)) and not revokes(policy, key)


def is_paused(policy: RotationPolicy) -> bool:
    """Whether an older generation is delivered again on purpose."""
    return policy.serve_generation is not None


def entered(key: Values, phase: Phase, now: float) -> Values:
    """Return a key that enters a phase now; counted from the next whole second, so that no time is cut short."""
    return key | {"phase": phase, "since": iso(math.floor(now) + 1), "until": ""}


def due(key: Values, policy: RotationPolicy, now: float) -> Literal["", "disable", "delete"]:
    """Return what is to be done with a key now, "" for nothing."""
    if key["phase"] == "overlap" and revokes(policy, key):
        return "disable"
    end = _end(key, policy)
    if not end or now < seconds_of(end):
        return ""
    return "disable" if key["phase"] == "overlap" else "delete"


def timed(key: Values, policy: RotationPolicy, now: float) -> Values:
    """Return a key with its times as the policy has them; what was paused starts anew."""
    if key["phase"] in ("overlap", "soak"):
        if is_paused(policy) and not revokes(policy, key):
            key = key | {"since": ""}
        elif not key["since"]:
            key = entered(key, key["phase"], now)
    return key | {"until": _end(key, policy)}


def next_time(keys: list[Values]) -> str:
    """Return when the next of them goes on, "" when none does by itself."""
    return min((key["until"] for key in keys if key["until"]), default="")


def gone_at(key: Values, policy: RotationPolicy) -> str:
    """Return when a key that no one touches is deleted, at the earliest; "" when it rests or goes by no clock."""
    end = _end(key, policy)
    return iso(seconds_of(end) + policy.soak) if end and key["phase"] == "overlap" else end


def _end(key: Values, policy: RotationPolicy) -> str:
    """Return when a key's phase ends, "" when it does not by itself."""
    lengths: dict[Any, int] = {"overlap": policy.overlap, "soak": policy.soak}
    if key["phase"] not in lengths or rests(policy, key) or not key["since"]:
        return ""
    return iso(seconds_of(key["since"]) + lengths[key["phase"]])
