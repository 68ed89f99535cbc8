"""Proves that a key opens the URLs it will be delivered with; nothing is delivered that has not passed here."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal, NotRequired, TypedDict
from urllib.parse import urlsplit

import pulumi

from catalogue.pairs import UrlFacts
from catalogue.record import REGION_NAME, WORKSPACE_NAME, digest
from catalogue.urls import place_of_host, unwrapped
from provider.client import isolation, probe, refusal
from provider.client.errors import ServiceError
from provider.client.probe import Finding, Outcome
from provider.client.shapes import as_object
from provider.client.times import iso, seconds_of
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
from provider.values import UNKNOWN, Values

Verify = Literal["required", "best_effort", "off"]

NEW_FOR = 300.0
"""Seconds after minting in which a 401 may only mean that the key is not known everywhere yet (not documented)."""
PATIENCE = 60.0
"""Seconds for which a new key is asked about again."""

_TELLS_NOTHING_NEW = frozenset({"keyCreatedAt", "keyId", "prefix"})
"""Inputs that say how to ask, not what."""

_WORST_FIRST: tuple[Outcome, ...] = ("refused", "inconclusive", "not_checkable", "verified")
_DELIVERED: Mapping[str, tuple[str, ...]] = {
    "required": ("verified",),
    "best_effort": ("verified", "not_checkable", "inconclusive"),
    "off": ("not_checked", *_WORST_FIRST),
}
_FIXES = {
    "refused": "nothing was delivered. Look at the cause above, correct the stack file, and run `pulumi up` again",
    "inconclusive": "nothing was delivered. If you trust the pair all the same, write verify: best_effort",
    "not_checkable": "nothing was delivered. Run this where the key may be used, or write verify: best_effort",
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
        "hasIpList": Property(type="boolean", doc="Whether the key opens from listed addresses only."),
        "verify": Property(type="string", doc="What may be delivered: required (default), best_effort or off."),
        "keyId": Property(type="string", doc="Id of a minted key: the control plane is asked about it when refused."),
        "isolation": Property(type="boolean", doc="Whether the key must be refused on hosts that are not its own."),
        "prefix": Property(type="string", doc="Prefix of a double of the inference hosts."),
    }
    outputs: ClassVar = {
        "outcome": Property(type="string", doc="verified, refused, inconclusive, not_checkable or not_checked."),
        "outcomes": Property(type="object", doc="Outcome by protocol."),
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
            failures.append(Failure("verify", f"{verify!r} is not allowed; allowed: {', '.join(_DELIVERED)}"))
        if news["urls"] == {}:
            failures.append(Failure("urls", "empty: there is nothing to check or deliver"))
        if verify == "off" and news.get("isolation") is True:
            failures.append(Failure("isolation", "verify: off checks nothing; leave one of the two out"))
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
        """Digest and revision stay as they are unless key or facts change."""
        planned = super().planned(call, state, news)
        if state is not None and self._digest(news) == state.get("digest"):
            planned |= {name: state.get(name) for name in ("digest", "revision")}
        return planned

    def create(self, call: Call, news: Values) -> Made:
        """Check, and refuse to exist unless the outcome may be delivered."""
        found = self._deliverable(call, news)
        return Made(call.urn.name, news | found | {"digest": self._digest(news), "revision": 1})

    def read(self, call: Call, id_: str, state: Values, inputs: Values) -> Found | None:
        """Check again and record the outcome; never fails. An outcome that still holds keeps its time."""
        if not state:
            raise no_import("PairCheck", "it stands for a check that this stack made")
        if _verify(inputs) == "off":
            return Found(id_, state, inputs)
        found = self._outcome(call, inputs, patient=False)
        if all(found[name] == state.get(name) for name in ("outcome", "outcomes")):
            return Found(id_, state, inputs)
        return Found(id_, state | found, inputs)

    def update(self, call: Call, state: Values, news: Values) -> Values:
        """Check again; a new revision only when key or facts changed."""
        found = self._deliverable(call, news)
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

    def _deliverable(self, call: Call, news: Values) -> Values:
        if _verify(news) == "off":
            now = iso(call.services.clock.now())
            return {"outcome": "not_checked", "outcomes": {}, "cause": "verify: off", "verifiedAt": now}
        found = self._outcome(call, news, patient=True)
        outcome = found["outcome"]
        if outcome in _DELIVERED[_verify(news)]:
            if outcome != "verified":
                call.warn(
                    f"pair not verified ({outcome}), delivered all the same by verify: best_effort. {found['cause']}"
                )
            return found
        raise RefusedError(f"the pair is {outcome}: {found['cause']}; {_FIXES[outcome]}")

    def _outcome(self, call: Call, news: Values, *, patient: bool) -> Values:
        urls = as_object(news["urls"])
        findings = {p: self._finding(call, news, p, u, patient=patient) for p, u in urls.items()}
        outcomes = {p: f.outcome for p, f in findings.items()}
        causes = dict(zip(urls.values(), findings.values(), strict=True))
        if news.get("isolation") is True and set(outcomes.values()) == {"verified"}:
            causes |= self._isolation(call, news)
        worst = min((f.outcome for f in causes.values()), key=_WORST_FIRST.index)
        said = [f"{at}: {f.cause}" for at, f in causes.items() if f.outcome == worst and f.cause]
        unexplained = next((u for u, f in causes.items() if f.outcome == worst and f.unexplained), "")
        why = self._where_it_opens(news, unexplained) if unexplained else ""
        return {
            "outcome": worst,
            "outcomes": outcomes,
            "cause": "; ".join([*said, *([why] if why else [])]),
            "verifiedAt": iso(call.services.clock.now()),
        }

    @staticmethod
    def _isolation(call: Call, news: Values) -> dict[str, Finding]:
        facts = as_object(news["facts"])
        region, workspace_id = text_of(facts, REGION_NAME), text_of(facts, WORKSPACE_NAME)
        try:
            call.services.account.check(region)
            there = list(isolation.hosts(call.services.control_plane, region, workspace_id, text_of(news, "prefix")))
        except ServiceError as error:
            return {"isolation": Finding(outcome="inconclusive", cause=str(error))}
        return {f"isolation, {abroad.url}": isolation.check(abroad, text_of(news, "apiKey")) for abroad in there}

    def _finding(self, call: Call, news: Values, protocol: str, url: str, *, patient: bool) -> Finding:
        """Ask, and ask again for a bounded time while key or host are so new that they may not be known yet.

        Not when the control plane already knows better: what it says against a key does not pass by itself.
        """
        clock = call.services.clock
        key = text_of(news, "apiKey")
        start, pause = clock.now(), 1.0
        new = patient and start - seconds_of(text_of(news, "keyCreatedAt")) < NEW_FOR
        while True:
            clock.check()
            found = probe.check(protocol, url, key, has_ip_list=news.get("hasIpList") is True)
            if found.unexplained and (known := self._known_against(call, news)):
                return replace(found, cause=f"{found.cause}; {known}", unexplained=False)
            if not (new and found.may_pass_soon) or clock.now() - start + pause > PATIENCE:
                return found
            clock.sleep(pause)
            pause = min(2 * pause, 10.0)

    @staticmethod
    def _known_against(call: Call, news: Values) -> str:
        """Return what the control plane knows against a key that was minted here."""
        facts, key_id = as_object(news["facts"]), text_of(news, "keyId")
        if not key_id:
            return ""
        region, workspace_id = text_of(facts, REGION_NAME), text_of(facts, WORKSPACE_NAME)
        plane = call.services.control_plane
        return refusal.of_minted(plane, region, key_id, workspace_id, text_of(news, "apiKey"))

    @staticmethod
    def _where_it_opens(news: Values, url: str) -> str:
        """Return which plan and region a refused key is of, by where it does open."""
        prefix = text_of(news, "prefix")
        place = place_of_host(urlsplit(unwrapped(prefix, url)).hostname or "")
        if place is None:  # a host of the user's own may be anybody's: the key is not sent elsewhere for it
            return ""
        url_facts = UrlFacts(domain=place.domain, region=place.region)
        return refusal.of_any(text_of(news, "apiKey"), url_facts, prefix=prefix)


def _verify(values: Values) -> str:
    return text_of(values, "verify") or "required"


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
    has_ip_list: NotRequired[bool]
    """Whether the key opens from listed addresses only."""
    verify: NotRequired[Verify]
    """What may be delivered: required (default), best_effort or off."""
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
    """verified, refused, inconclusive, not_checkable or not_checked."""
    verified_at: pulumi.Output[str]
    """Since when the outcome holds."""
    digest: pulumi.Output[str]
    """Digest of key and facts."""
    revision: pulumi.Output[int]
    """Counts the changes of the record, from 1."""

    def __init__(self, name: str, args: PairCheckArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
