"""Proves that a key opens the URLs it will be delivered with; nothing is delivered that has not passed here."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NotRequired, TypedDict

import pulumi

from catalogue.access import VERIFY, Verify, default_verify
from catalogue.models import CALL_TOKENS
from catalogue.record import digest
from provider.client.shapes import as_list, as_object
from provider.client.times import iso
from provider.probe.verdict import Outcome
from provider.resource import (
    Call,
    Diff,
    Failure,
    Found,
    Handler,
    Kind,
    Made,
    Property,
    RefusedError,
    no_import,
    text_of,
)
from provider.resources.base import ModelStudioResource
from provider.resources.record_check import ISOLATION, Checked, RecordCheck, billed_calls, worst
from provider.values import UNKNOWN, Values

_TELLS_NOTHING_NEW = frozenset({"keyCreatedAt", "keyId", "prefix"})
"""Inputs that say how to ask, not what."""
_PROVEN_ANEW = ("apiKey", "urls", "allowedIps", "models", "isolation")
"""Inputs that an earlier proof does not cover when they change."""

_DELIVERED: Mapping[str, tuple[str, ...]] = {
    "required": ("verified",),
    "free": ("verified", "accepted"),
    "best_effort": ("verified", "accepted", "not_checkable", "inconclusive"),
    "off": ("not_checked", "verified", "accepted", "not_checkable", "inconclusive", "refused"),
}
_FIXES: Mapping[Outcome, str] = {
    "refused": "nothing was delivered. Look at the cause above, correct the stack file, and run `pulumi up` again",
    "inconclusive": "nothing was delivered. If you trust the pair all the same, write verify: best_effort",
    "not_checkable": "nothing was delivered. Run this where the key may be used, or write verify: best_effort",
    "accepted": (
        "nothing was delivered. Name a model that the key may call (verify_model), or write verify: free to deliver "
        "what the region accepts"
    ),
}


class PairCheckHandler(Handler):
    """Checks at create and update, again at refresh. The key is an input and never echoed; it is compared by digest."""

    type_name: ClassVar[str] = "modelstudio:index:PairCheck"
    doc: ClassVar[str] = "The proof that a key opens the URLs of one record."
    uses_account: ClassVar[bool] = False
    inputs: ClassVar = {
        "apiKey": Property(type="string", doc="The key to be delivered.", required=True, secret=True),
        "urls": Property(type="object", doc="Base URL by protocol, as they will be delivered.", required=True),
        "facts": Property(type="object", doc="What the record says without keys.", required=True),
        "keyCreatedAt": Property(type="string", doc="When the key was minted, ISO 8601: how patient to be with a 401."),
        "allowedIps": Property(
            type="array", doc="Addresses and networks that the key opens from; left out: every one."
        ),
        "models": Property(type="array", doc="Models that the key may call; left out: all that its workspace may."),
        "verify": Property(
            type="string",
            doc="What may be delivered: required (default for a minted key), free (for others), best_effort or off.",
        ),
        "verifyModel": Property(type="string", doc="The model to call where a real call is needed."),
        "keyId": Property(type="string", doc="Id of a minted key: the control plane is asked about it when refused."),
        "isolation": Property(type="boolean", doc="Whether the key must be refused on hosts that are not its own."),
        "prefix": Property(type="string", doc="Prefix of a double of the inference hosts."),
    }
    outputs: ClassVar = {
        "outcome": Property(
            type="string", doc="verified, accepted, refused, inconclusive, not_checkable or not_checked."
        ),
        "outcomes": Property(
            type="object", doc="By protocol: verified, accepted, refused, inconclusive or not_checkable."
        ),
        "proofs": Property(type="object", doc="By protocol: keyAccepted, hostProven, modelAnswered."),
        "cause": Property(type="string", doc="Why it is not verified."),
        "verifiedAt": Property(type="string", doc="Since when the outcome holds, ISO 8601, UTC."),
        "digest": Property(type="string", doc="Digest of key and facts, 16 hex digits."),
        "revision": Property(type="integer", doc="Counts the changes of the record, from 1."),
    }

    def check(self, call: Call, news: Values, olds: Values | None) -> tuple[Values, list[Failure]]:
        """Refuse an unknown word and an empty set of URLs."""
        del call, olds
        failures: list[Failure] = []
        verify = news.get("verify")
        if isinstance(verify, str) and verify not in _DELIVERED:
            failures.append(Failure("verify", f"{verify!r} is not allowed; allowed: {', '.join(VERIFY)}"))
        if news["urls"] == {}:
            failures.append(Failure("urls", "empty: there is nothing to check or deliver"))
        if verify == "off" and news.get("isolation") is True:
            failures.append(Failure("isolation", "verify: off checks nothing; leave one of the two out"))
        models, chosen = news.get("models"), text_of(news, "verifyModel")
        if chosen and isinstance(models, list) and UNKNOWN not in models and chosen not in as_list(models):
            failures.append(Failure("verifyModel", f"{chosen!r} is not among the models that the key may call"))
        return news, failures

    def diff(self, call: Call, state: Values, olds: Values, news: Values) -> Diff:
        """An outcome that may not be delivered is a change too: the next `up` checks again."""
        changed: dict[str, Kind] = dict(super().diff(call, state, olds, news).changed)
        for name in _TELLS_NOTHING_NEW & changed.keys():
            del changed[name]
        if state.get("outcome") not in _DELIVERED[_verify(news)]:
            changed["outcome"] = "update"
        return Diff(changed=changed)

    def planned(self, call: Call, state: Values | None, news: Values) -> Values:
        """Digest and revision stay as they are unless key or facts change. Says what a check may cost."""
        planned = super().planned(call, state, news)
        if state is not None and self._digest(news) == state.get("digest"):
            planned |= {name: state.get(name) for name in ("digest", "revision")}
        calls = billed_calls(as_object(news.get("urls")), text_of(news, "prefix"))
        if calls and _verify(news) == "required" and _is_due(state, news):
            whose = f"account {call.services.account_id}" if news.get("keyId") else "the account of the key"
            call.info(
                f"verify: required makes up to {calls} {'call' if calls == 1 else 'calls'}, about "
                f"{calls * CALL_TOKENS} tokens, billed to {whose}, where nothing free proves the host"
            )
        return planned

    def create(self, call: Call, news: Values) -> Made:
        """Check, and refuse to exist unless the outcome may be delivered."""
        found = self._deliverable(call, None, news)
        return Made(call.urn.name, news | found | {"digest": self._digest(news), "revision": 1})

    def read(self, call: Call, id_: str, state: Values, inputs: Values) -> Found | None:
        """Check again, for free, and record the outcome; never fails.

        What contradicts nothing keeps an earlier outcome and its time: free answers prove less than real ones.
        """
        if not state:
            raise no_import("PairCheck", "it stands for a check that this stack made")
        if _verify(inputs) == "off":
            return Found(id_, state, inputs)
        found = _kept(state, self._outcome(call, RecordCheck(call, inputs).run(spend="never", patient=False)))
        return Found(id_, state | found, inputs)

    def update(self, call: Call, state: Values, news: Values) -> Values:
        """Check again; a new revision only when key or facts changed."""
        found = self._deliverable(call, state, news)
        new_digest = self._digest(news)
        revision = int(state.get("revision") or 0)
        if new_digest != state.get("digest"):
            revision += 1
        return news | found | {"digest": new_digest, "revision": revision}

    def delete(self, call: Call, id_: str, state: Values) -> None:
        """Nothing to remove outside the state."""

    @staticmethod
    def _digest(news: Values) -> Any:
        key, facts = news.get("apiKey"), as_object(news.get("facts"))
        if not isinstance(key, str) or not facts or UNKNOWN in facts.values():
            return UNKNOWN
        return digest(key, {name: str(value) for name, value in facts.items()})

    def _deliverable(self, call: Call, state: Values | None, news: Values) -> Values:
        verify = _verify(news)
        if verify == "off":
            now = iso(call.services.clock.now())
            return {"outcome": "not_checked", "outcomes": {}, "proofs": {}, "cause": "verify: off", "verifiedAt": now}
        check, is_due = RecordCheck(call, news), _is_due(state, news)
        checked = check.run(spend="if_needed" if verify == "required" and is_due else "never", patient=True)
        _tell_of_calls(call, checked)
        found = self._outcome(call, checked)
        if state is not None and not is_due:
            found = _kept(state, found)
        outcome: Outcome = found["outcome"]
        if outcome in _DELIVERED[verify]:
            if outcome != "verified":
                call.warn(f"pair not verified ({outcome}), delivered by verify: {verify}. {found['cause']}")
            return found
        if outcome == "accepted" and checked.is_stopped and check.is_vouched_for():
            call.warn(
                f"pair accepted, not verified: {found['cause']}. Delivered all the same, since the service says that "
                "key and host are of one workspace; the next `pulumi up` asks again"
            )
            return found
        raise RefusedError(f"the pair is {outcome}: {found['cause']}; {_FIXES[outcome]}")

    @staticmethod
    def _outcome(call: Call, checked: Checked) -> Values:
        """Return the outputs that say what a check came to."""
        return {
            "outcome": checked.outcome,
            "outcomes": {name: f.outcome for name, f in checked.findings.items()},
            "proofs": {
                name: {
                    "keyAccepted": f.facts.key_accepted,
                    "hostProven": f.facts.host_proven,
                    "modelAnswered": f.facts.model_answered,
                }
                for name, f in checked.findings.items()
                if name != ISOLATION
            },
            "cause": checked.cause,
            "verifiedAt": iso(call.services.clock.now()),
        }


def _tell_of_calls(call: Call, checked: Checked) -> None:
    if checked.calls:
        names = ", ".join(sorted(set(checked.calls)))
        call.info(f"{len(checked.calls)} real calls proved the host (verify: required), to {names}")


def _is_due(state: Values | None, news: Values) -> bool:
    """Whether the pair is to be proven, as an earlier proof does not cover it."""
    return (
        state is None
        or state.get("outcome") != "verified"
        or any(state.get(name) != news.get(name) for name in _PROVEN_ANEW)
    )


def _kept(state: Values, found: Values) -> Values:
    """Return what is known after a check that spent nothing: an earlier outcome stays unless it is contradicted."""
    before, now = as_object(state.get("outcomes")), as_object(found["outcomes"])
    stays = {name for name, outcome in now.items() if _stays(before.get(name), outcome)}
    outcomes = {name: before[name] if name in stays else outcome for name, outcome in now.items()}
    # Isolation is asked only beside a pair that this run verified: an earlier answer to it stays otherwise.
    outcomes |= {name: outcome for name, outcome in before.items() if name not in now and "refused" not in now.values()}
    if outcomes == before:
        return {name: state[name] for name in found if name in state}
    proofs = {name: as_object(state.get("proofs")).get(name, p) for name, p in found["proofs"].items() if name in stays}
    return found | {
        "outcome": worst(outcomes.values()),
        "outcomes": outcomes,
        "proofs": found["proofs"] | proofs,
    }


def _stays(before: Any, now: Any) -> bool:
    """Whether an earlier outcome of a URL stays: an answer that proves less and does not refuse contradicts nothing."""
    if before == "verified":
        return bool(now != "refused")
    return bool(before == "accepted" and now in ("accepted", "inconclusive", "not_checkable"))


def _verify(values: Values) -> str:
    return text_of(values, "verify") or default_verify(minted=bool(values.get("keyId")))


class PairCheckArgs(TypedDict):
    """Inputs of :class:`PairCheck`."""

    api_key: pulumi.Input[str]
    """The key to be delivered."""
    urls: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Base URL by protocol, as they will be delivered."""
    facts: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """What the record says without keys."""
    key_created_at: NotRequired[pulumi.Input[str] | None]
    """When the key was minted, ISO 8601."""
    allowed_ips: NotRequired[Sequence[str] | None]
    """Addresses and networks that the key opens from; left out: every one."""
    models: NotRequired[Sequence[str] | None]
    """Models that the key may call; left out: all that its workspace may."""
    verify: NotRequired[Verify | None]
    """What may be delivered: required (default for a minted key), free (default for others), best_effort or off."""
    verify_model: NotRequired[str | None]
    """The model to call where a real call is needed; left out: one of the catalogue's table."""
    key_id: NotRequired[pulumi.Input[str] | None]
    """Id of a minted key."""
    isolation: NotRequired[bool]
    """Whether the key must be refused on hosts that are not its own. Default: not asked."""
    prefix: NotRequired[str]
    """Prefix of a double of the inference hosts."""


class PairCheck(ModelStudioResource):
    """The proof that a key opens the URLs of one record."""

    handler = PairCheckHandler
    outcome: pulumi.Output[str]
    """verified, accepted, refused, inconclusive, not_checkable or not_checked."""
    verified_at: pulumi.Output[str]
    """Since when the outcome holds."""
    digest: pulumi.Output[str]
    """Digest of key and facts."""
    revision: pulumi.Output[int]
    """Counts the changes of the record, from 1."""

    def __init__(self, name: str, args: PairCheckArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
