"""Whether a key may be delivered with its URLs: the check of the pair, and what its outcome allows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from provider.client.shapes import as_object
from provider.client.times import iso
from provider.keys.ledger import Key
from provider.keys.record_check import ISOLATION, Checked, RecordCheck, Subject, worst
from provider.keys.wanted import Wanted
from provider.probe.verdict import Outcome
from provider.resource import Call, RefusedError, text_of
from provider.values import Values

Recorded = Literal["verified", "accepted", "refused", "inconclusive", "not_checkable", "not_checked", ""]

DELIVERED: Mapping[str, tuple[str, ...]] = {
    "required": ("verified",),
    "free": ("verified", "accepted"),
    "best_effort": ("verified", "accepted", "not_checkable", "inconclusive"),
    "off": ("not_checked", "verified", "accepted", "not_checkable", "inconclusive", "refused"),
}
"""Outcomes that may be delivered, by `verify`."""
_FIXES: Mapping[Outcome, str] = {
    "refused": "nothing was delivered. Look at the cause above, correct the stack file, and run `pulumi up` again",
    "inconclusive": "nothing was delivered. If you trust the pair all the same, write verify: best_effort",
    "not_checkable": "nothing was delivered. Run this where the key may be used, or write verify: best_effort",
    "accepted": (
        "nothing was delivered. Name a model that the key may call (verify_model), or write verify: free to deliver "
        "what the region accepts"
    ),
}
_PROVEN_ANEW = ("urls", "allowedIps", "models", "isolation")
"""Inputs that an earlier proof does not cover when they change."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What is on record of the check of a record."""

    outcome: Recorded = ""
    outcomes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """By protocol."""
    proofs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """By protocol: keyAccepted, hostProven, modelAnswered."""
    cause: str = ""
    """Why it is not verified."""
    verified_at: str = ""
    """Since when the outcome holds."""

    @classmethod
    def of_state(cls, state: Values) -> "Proof":
        """Read a state."""
        return cls(
            outcome=state.get("outcome") or "",
            outcomes=as_object(state.get("outcomes")),
            proofs=as_object(state.get("proofs")),
            cause=text_of(state, "cause"),
            verified_at=text_of(state, "verifiedAt"),
        )

    def as_state(self) -> Values:
        """Return the outputs that say it."""
        return {
            "outcome": self.outcome,
            "outcomes": dict(self.outcomes),
            "proofs": dict(self.proofs),
            "cause": self.cause,
            "verifiedAt": self.verified_at,
        }


def is_due(before: Proof, olds: Values, news: Values, *, same_key: bool) -> bool:
    """Whether the pair is to be proven, as an earlier proof does not cover it."""
    changed = any(olds.get(name) != news.get(name) for name in _PROVEN_ANEW)
    return before.outcome != "verified" or not same_key or changed


def prove(call: Call, wanted: Wanted, key: Key, value: str, *, before: Proof | None) -> Proof:
    """Check the pair and return the outcome, if it may be delivered. Raises RefusedError otherwise.

    `before`: an earlier proof that covers the pair; then nothing is spent, and what contradicts nothing keeps it.
    """
    if wanted.verify == "off":
        now = iso(call.services.clock.now())
        return Proof(outcome="not_checked", cause="verify: off", verified_at=now)
    check = RecordCheck(call, subject(wanted, key, value))
    spends = wanted.verify == "required" and before is None
    checked = check.run(spend="if_needed" if spends else "never", patient=True)
    if checked.calls:
        names = ", ".join(sorted(set(checked.calls)))
        call.info(f"{len(checked.calls)} real calls proved the host (verify: required), to {names}")
    found = _found(call, checked)
    if before is not None:
        found = _kept(before, found)
    outcome: Any = found.outcome
    if outcome in DELIVERED[wanted.verify]:
        if outcome != "verified":
            call.warn(f"pair not verified ({outcome}), delivered by verify: {wanted.verify}. {found.cause}")
        return found
    if outcome == "accepted" and checked.is_stopped and check.is_vouched_for():
        call.warn(
            f"pair accepted, not verified: {found.cause}. Delivered all the same, since the service says that "
            "key and host are of one workspace; the next `pulumi up` asks again"
        )
        return found
    raise RefusedError(f"the pair is {outcome}: {found.cause}; {_FIXES[outcome]}")


def prove_with_held_urls(call: Call, wanted: Wanted, key: Key, value: str, held: Mapping[str, str]) -> None:
    """Prove a new key against the URLs that readers still have, where a secret holds the key alone.

    They take the key as soon as it is put, and the URL when a config sink has it. Raises RefusedError.
    """
    if not wanted.key_alone or wanted.verify == "off" or held in ({}, wanted.urls):
        return
    found = RecordCheck(call, subject(wanted, key, value, held)).run(spend="never", patient=True)
    if found.outcome not in DELIVERED[wanted.verify] and found.outcome != "accepted":
        raise RefusedError(
            f"the new key is {found.outcome} at URLs that config sinks still hold ({', '.join(held.values())}): "
            "a secret of format key would give it to readers before the new URLs. Nothing was delivered. "
            f"{found.cause}. Write format: json, or change key and URLs in two steps"
        )


def look_again(call: Call, wanted: Wanted, key: Key, value: str, before: Proof) -> Proof:
    """Check again, for free, and return what is known then; never fails.

    What contradicts nothing keeps an earlier outcome and its time: free answers prove less than real ones.
    """
    if wanted.verify == "off":
        return before
    checked = RecordCheck(call, subject(wanted, key, value)).run(spend="never", patient=False)
    return _kept(before, _found(call, checked))


def subject(wanted: Wanted, key: Key, value: str, urls: Mapping[str, str] | None = None) -> Subject:
    """Return what is checked. `urls`: others than those that will be delivered."""
    return Subject(
        key=value,
        key_id=key.key_id,
        minted_at=key.created_at if key.key_id else "",
        urls=wanted.urls if urls is None else urls,
        region=wanted.url_region,
        workspace=wanted.workspace,
        models=wanted.scope.models,
        verify_model=wanted.verify_model,
        isolation=wanted.isolation,
        prefix=wanted.prefix,
    )


def _found(call: Call, checked: Checked) -> Proof:
    return Proof(
        outcome=checked.outcome,
        outcomes={name: f.outcome for name, f in checked.findings.items()},
        proofs={
            name: {
                "keyAccepted": f.facts.key_accepted,
                "hostProven": f.facts.host_proven,
                "modelAnswered": f.facts.model_answered,
            }
            for name, f in checked.findings.items()
            if name != ISOLATION
        },
        cause=checked.cause,
        verified_at=iso(call.services.clock.now()),
    )


def _kept(before: Proof, found: Proof) -> Proof:
    """Return what is known after a check that spent nothing: an earlier outcome stays unless it is contradicted."""
    now = found.outcomes
    stays = {name for name, outcome in now.items() if _stays(before.outcomes.get(name), outcome)}
    outcomes = {name: before.outcomes[name] if name in stays else outcome for name, outcome in now.items()}
    # Isolation is asked only beside a pair that this run verified: an earlier answer to it stays otherwise.
    outcomes |= {n: outcome for n, outcome in before.outcomes.items() if n not in now and "refused" not in now.values()}
    if outcomes == before.outcomes:
        return before
    proofs = {name: before.proofs.get(name, p) if name in stays else p for name, p in found.proofs.items()}
    overall = worst(outcomes.values())
    cause = before.cause if overall == before.outcome else found.cause
    return replace(
        found, outcome=overall, cause="" if overall == "verified" else cause, outcomes=outcomes, proofs=proofs
    )


def _stays(before: Any, now: Any) -> bool:
    """Whether an earlier outcome of a URL stays: an answer that proves less and does not refuse contradicts nothing."""
    if before == "verified":
        return bool(now != "refused")
    if before == "refused":
        return bool(now in ("inconclusive", "not_checkable"))
    return bool(before == "accepted" and now in ("accepted", "inconclusive", "not_checkable"))
