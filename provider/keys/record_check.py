"""The check of one record: each of its URLs with the key, and where asked for, the hosts that must refuse the key."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from catalogue.pairs import UrlFacts
from catalogue.rows import as_region
from catalogue.urls import host_of, place_of_host
from provider.client.errors import ServiceError
from provider.client.times import seconds_of
from provider.probe import check as probe
from provider.probe import http, isolation, origin
from provider.probe.check import Spend
from provider.probe.pair import MayCall, Models, Pair, listed_at, models_for, nobody_knows
from provider.probe.verdict import TAKES_ANY_KEY, Finding, Outcome
from provider.resource import Call
from provider.values import Values

NEW_FOR = 300.0
"""Seconds after minting in which a denial may only mean that the key is not known everywhere yet.

ASSUMPTION new-key-known-within.
"""
PATIENCE = 60.0
"""Seconds for which a new key is asked about again."""

WORST_FIRST: tuple[Outcome, ...] = ("refused", "inconclusive", "not_checkable", "accepted", "verified")
ISOLATION = "isolation"
"""Name of the outcome that is about no URL of the record's own."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What the check of a record came to."""

    findings: Mapping[str, Finding]
    """By protocol; of `isolation`, the worst of all hosts."""
    causes: Mapping[str, str]
    """Why it is not better, by URL, of the findings with the worst outcome."""

    @property
    def outcome(self) -> Outcome:
        """The worst of all outcomes."""
        return worst(found.outcome for found in self.findings.values())

    @property
    def cause(self) -> str:
        """Why it is not better."""
        return "; ".join(f"{at}: {cause}" if at else cause for at, cause in self.causes.items())

    @property
    def is_stopped(self) -> bool:
        """Whether all that is not verified was stopped by the account or its models, and by nothing else."""
        return all(f.outcome == "verified" or (f.outcome == "accepted" and f.stopped) for f in self.findings.values())

    @property
    def calls(self) -> list[str]:
        """The models that were really called, once for each call that may be billed."""
        return [e.question.model for found in self.findings.values() for e in found.exchanges if e.may_be_billed]


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the worst of some outcomes."""
    return min(outcomes, key=WORST_FIRST.index)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The pair of a key and its URLs that is checked."""

    key: str = field(repr=False)
    key_id: str
    """"" for a key that was made elsewhere: the control plane is not asked about it."""
    minted_at: str
    """When, ISO 8601: how patient to be with a 401; "" for a key that may be old."""
    urls: Mapping[str, str]
    """Base URL by protocol."""
    region: str
    workspace: str
    """"" for none."""
    models: Sequence[str] | None
    """Models that the key may call; None: all that its workspace may."""
    verify_model: str = ""
    """The model to call where a real call is needed."""
    isolation: bool = False
    """Whether the key must be refused on hosts that are not its own."""
    prefix: str = ""
    """Of a double of the inference hosts."""


class RecordCheck:
    """One check of a record."""

    def __init__(self, call: Call, subject: Subject) -> None:
        self._call = call
        self._subject = subject
        self._region, self._workspace_id = subject.region, subject.workspace
        self._prefix = subject.prefix
        self._key = subject.key

    def run(self, *, spend: Spend, patient: bool) -> Checked:
        """Check every URL. `patient`: ask again for a bounded time while the key is new."""
        pairs = {protocol: self._pair(protocol, url) for protocol, url in self._subject.urls.items()}
        findings = {p: self._finding(pair, spend=spend, patient=patient) for p, pair in pairs.items()}
        findings = {p: _with_proof_of_host(p, pairs, findings) for p in findings}
        said = {pairs[p].url: f for p, f in findings.items()}
        if self._subject.isolation and all(f.outcome == "verified" for f in findings.values()):
            first = next((p for p in pairs if p == "openai"), next(iter(pairs)))
            hosts = self._isolation(pairs[first], findings[first])
            said |= hosts
            findings[ISOLATION] = min(hosts.values(), key=lambda f: WORST_FIRST.index(f.outcome))
        overall = worst([f.outcome for f in findings.values()])
        causes = {at: f.cause for at, f in said.items() if f.outcome == overall and f.cause}
        unexplained = next((at for at, f in said.items() if f.outcome == overall and f.unexplained), "")
        if unexplained and (why := self._where_it_opens(unexplained)):
            causes[""] = why
        return Checked(findings=findings, causes=causes)

    def _pair(self, protocol: str, url: str) -> Pair:
        return Pair.of(protocol, url, self._key, prefix=self._prefix, region=self._region)

    def _models(self, pair: Pair) -> Models:
        given, chosen = self._subject.models, self._subject.verify_model
        among = None if given is None else list(given)
        region, workspace_id, services = self._region, self._workspace_id, self._call.services
        if workspace_id and as_region(region):
            may_call: MayCall = lambda name: services.may_call(region, workspace_id, name)  # noqa: E731
            return models_for(pair, may_call, among=among, chosen=chosen)
        listed = frozenset[str]() if pair.host in TAKES_ANY_KEY else listed_at(pair, http.ask)
        return models_for(pair, nobody_knows, among=among, chosen=chosen, listed=listed)

    def _finding(self, pair: Pair, *, spend: Spend, patient: bool) -> Finding:
        """Ask, and ask again for a bounded time while key or host are so new that they may not be known yet.

        Not when the control plane already knows better: its objection will not resolve with waiting.
        """
        clock, models = self._call.services.clock, self._models(pair)
        start, pause = clock.now(), 1.0
        new = patient and start - seconds_of(self._subject.minted_at) < NEW_FOR
        while True:
            clock.check()
            found = probe.check(pair, models, spend=spend, slot=self._call.services.model_calls)
            if any(e.may_be_billed for e in found.exchanges):
                spend = "never"  # what was paid for once is not bought again, understood or not
            doubted = found.outcome == "refused" or "other_workspace" in found.causes
            if doubted and (known := self._known_against()):
                return replace(found, outcome="refused", cause=f"{found.cause}; {known}", unexplained=False)
            if not (new and found.may_pass_soon) or clock.now() - start + pause > PATIENCE:
                return found
            clock.sleep(pause)
            pause = min(2 * pause, 10.0)

    def _isolation(self, pair: Pair, found: Finding) -> dict[str, Finding]:
        services = self._call.services
        try:
            services.account.check(self._region)
            hosts = list(isolation.foreign_hosts(services.control_plane, self._region, self._workspace_id))
        except ServiceError as error:
            return {ISOLATION: Finding(outcome="inconclusive", cause=str(error))}
        models = self._models(pair)
        return {
            f"isolation, {foreign.host}": isolation.check(foreign, pair, found, models, slot=services.model_calls)
            for foreign in hosts
        }

    def _known_against(self) -> str:
        """Return what the control plane knows against a key that was minted here."""
        key_id = self._subject.key_id
        if not key_id:
            return ""
        plane = self._call.services.control_plane
        return origin.of_minted(plane, self._region, key_id, self._workspace_id, self._key)

    def _where_it_opens(self, url: str) -> str:
        """Return which plan and region a refused key is of, by where it does open."""
        place = place_of_host(host_of(url, self._prefix))
        if place is None:  # a host of the user's own may be anybody's: the key is not sent elsewhere for it
            return ""
        facts = UrlFacts(domain=place.domain, region=place.region)
        return origin.of_any(self._key, facts, prefix=self._prefix)

    def is_vouched_for(self) -> bool:
        """Whether the control plane says that a minted key is of the workspace whose hosts the URLs are."""
        key_id, plane = self._subject.key_id, self._call.services.control_plane
        if not key_id or not self._workspace_id:
            return False
        try:
            key = plane.api_key(self._region, key_id)
            there = plane.workspaces(self._region, workspace_id=self._workspace_id)
        except ServiceError:
            return False
        if key is None or key.disabled or key.workspace_id != self._workspace_id or not there:
            return False
        return all(self._is_at(protocol, url, there[0].api_host) for protocol, url in self._subject.urls.items())

    def _is_at(self, protocol: str, url: str, api_host: str) -> bool:
        """Whether a URL is one of the workspace: its own host, or one of its region that takes any key."""
        pair = self._pair(protocol, url)
        return pair.host_name == api_host or (pair.host in TAKES_ANY_KEY and pair.region == self._region)


def _with_proof_of_host(protocol: str, pairs: Mapping[str, Pair], findings: Mapping[str, Finding]) -> Finding:
    """Return the finding; of a websocket with the proof that another URL of the same host gave for the same key."""
    found = findings[protocol]
    proven = any(
        pairs[other].host_name == pairs[protocol].host_name and findings[other].outcome == "verified"
        for other in findings
    )
    if protocol != "realtime" or found.outcome != "accepted" or not proven:
        return found
    return replace(found, outcome="verified", facts=replace(found.facts, host_proven=True), cause="", causes=())


def billed_calls(urls: Values, prefix: str) -> int:
    """Return how many URLs may take a real call: all but those of hosts that take any key. Unknown ones count."""
    asked = [url if isinstance(url, str) else "" for protocol, url in urls.items() if protocol != "realtime"]
    places = [place_of_host(host_of(url, prefix)) for url in asked]
    return sum(place is None or place.domain == "dedicated" for place in places)
