"""What the next update does with a service's keys, decided from ledger, request and time alone: preview shows it.

At most one new generation per update. While `serve_generation` is set nothing is minted. An existing key counts on in
the same numbers, so that a service may go from a minted key to an existing one and back.
"""

from dataclasses import dataclass, replace

from catalogue.rotation import RotationPolicy, check_serve
from catalogue.rules import Refused
from provider.client.times import iso, seconds_of
from provider.keys.ledger import Key, Ledger


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the stack file asks for, as far as it decides which key is delivered."""

    region: str
    workspace: str
    policy: RotationPolicy
    source: str = ""
    """Where an existing key comes from; "" for one that is minted."""
    fingerprint: str = ""
    """Of the existing key, where its value is known without asking anybody."""

    @property
    def home(self) -> tuple[str, str]:
        """Region and workspace id."""
        return self.region, self.workspace


@dataclass(frozen=True, kw_only=True)
class Keep:
    """The current key stays."""


@dataclass(frozen=True, kw_only=True)
class Next:
    """Go on to the next key, minted or existing."""

    generation: int
    shows: str = ""
    """Property that a preview shows as changed, "" when an input shows it already."""
    reason: str = ""
    """Why, for a person; "" when what changed says it."""


@dataclass(frozen=True, kw_only=True)
class Serve:
    """Deliver a superseded key again."""

    key: Key
    reason: str
    shows: str = "generation"


Step = Keep | Next | Serve


def decide(ledger: Ledger, request: Request, now: float) -> Step:
    """Decide. Raises Refused when `serve_generation` names a key that cannot be delivered."""
    current, policy = ledger.current, request.policy
    if request.source:
        return _existing(ledger, request)
    if policy.serve_generation is not None:
        return _asked_for(ledger, request, policy.serve_generation)
    number = next_number(ledger, policy)
    back = _newest(ledger, request)
    if back is None:
        if current is None or ledger.source or current.home != request.home:
            return Next(generation=number)
        if not ledger.present:
            return Next(generation=number, shows="present")
    candidate = back or current
    reason = _due(candidate, ledger, policy, now) if candidate else ""
    if reason:
        return Next(generation=number, shows="generation", reason=f"{reason}: generation {number} will be minted")
    if back is not None:
        reason = f"generation {back.generation} is newer than the one that is delivered, and becomes current"
        return Serve(key=back, reason=reason)
    return Keep()


def notes(ledger: Ledger, request: Request, now: float) -> list[str]:
    """Return what somebody should know although nothing is done about it."""
    policy, current = request.policy, ledger.current
    number = current.generation if current else 0
    if request.source:
        revoked = policy.revoke_through
        if isinstance(decide(ledger, request, now), Keep) and revoked is not None and revoked >= number:
            return [
                f"revoke_through {revoked} does nothing to an existing key (generation {number}): give it a new value"
            ]
        return []
    if policy.serve_generation is not None:
        waits = decide(ledger, replace(request, policy=replace(policy, serve_generation=None)), now)
        if isinstance(waits, Next) and waits.reason:
            served = policy.serve_generation
            return [f"serve_generation {served} is set, so this waits until it is taken out: {waits.reason}"]
        return []
    if policy.trigger == "scheduled" and current and _is_old(current, policy, now):
        what = f"key of generation {number} is older than max_age since {_end(current.created_at, policy)}"
        return [f"{what}, and trigger is scheduled: give model-studio:rotate a new value to rotate it"]
    return []


def next_number(ledger: Ledger, policy: RotationPolicy) -> int:
    """Return the number of the next key: never one that was used."""
    return max(_least(policy), ledger.highest + 1)


def rotate_after(ledger: Ledger, request: Request) -> str:
    """Return when age rotates the current key, ISO 8601, "" when it never does."""
    policy, current = request.policy, ledger.current
    if request.source or current is None or policy.trigger == "scheduled" or policy.serve_generation is not None:
        return ""
    return _end(current.created_at, policy)


def is_new_word(ledger: Ledger, policy: RotationPolicy) -> bool:
    """Whether `rotate` has a value that is not on record yet, and may be put there now."""
    return bool(policy.rotate) and policy.rotate != ledger.rotated and policy.serve_generation is None


def refuse_own(ledger: Ledger, fingerprint: str) -> None:
    """Refuse an existing key that was minted here: at the end of its overlap it would be disabled while delivered."""
    for key in ledger.keys:
        if fingerprint and key.key_id and key.fingerprint == fingerprint:
            raise Refused(
                "own-key",
                f"the existing key is this service's own key {key.key_id} (generation {key.generation})",
                "give a key that was made elsewhere, or leave it out (and write serve_generation: "
                f"{key.generation} to deliver that one)",
            )


def _existing(ledger: Ledger, request: Request) -> Step:
    current, number = ledger.current, next_number(ledger, request.policy)
    if current is None or ledger.source != request.source:
        refuse_own(ledger, request.fingerprint)
        return Next(generation=number)
    if request.fingerprint and request.fingerprint != current.fingerprint:
        refuse_own(ledger, request.fingerprint)
        return Next(generation=number, shows="generation")
    return Keep() if ledger.present else Next(generation=number, shows="present")


def _asked_for(ledger: Ledger, request: Request, wanted: int) -> Step:
    """Serve the generation that `serve_generation` names."""
    current = ledger.current
    there = [k for k in ledger.superseded if k.key_id and k.can_be_read and k.home == request.home]
    if current and current.key_id and ledger.present and current.home == request.home:
        there.append(current)
    check_serve(wanted, [k.generation for k in there], request.policy.revoke_through)
    key = next(k for k in there if k.generation == wanted)
    if key is current:
        return Keep()
    return Serve(key=key, reason=f"serve_generation {wanted} is set: generation {wanted} becomes current again")


def _newest(ledger: Ledger, request: Request) -> Key | None:
    """Return the newest superseded key that is newer than the current one and can be delivered.

    `serve_generation` was taken out, or a run was cut off after it had put the key into its vault.
    """
    current = ledger.current.generation if ledger.current else 0
    newer = [
        k
        for k in ledger.superseded
        if k.key_id and k.generation > current and k.can_be_read and not k.set_aside and k.home == request.home
    ]
    return max(newer, key=lambda k: k.generation, default=None)


def _due(key: Key, ledger: Ledger, policy: RotationPolicy, now: float) -> str:
    """Return why a key is to be replaced, "" when it is not."""
    least = _least(policy)
    if key.generation < least:
        word = "min_generation" if least == policy.min_generation else "revoke_through"
        return f"key of generation {key.generation} is below {least}, asked for by {word}"
    if policy.trigger == "scheduled":
        return f"model-studio:rotate is new ({policy.rotate})" if is_new_word(ledger, policy) else ""
    if not _is_old(key, policy, now):
        return ""
    return f"key of generation {key.generation} is due since {_end(key.created_at, policy)}"


def _least(policy: RotationPolicy) -> int:
    """Return the lowest generation that may be current; what is revoked through N asks for N + 1."""
    return max(policy.min_generation or 1, (policy.revoke_through or 0) + 1)


def _is_old(key: Key, policy: RotationPolicy, now: float) -> bool:
    end = _end(key.created_at, policy)
    return bool(end) and now >= seconds_of(end)


def _end(created_at: str, policy: RotationPolicy) -> str:
    if policy.max_age is None or not created_at:
        return ""
    return iso(seconds_of(created_at) + policy.max_age)
