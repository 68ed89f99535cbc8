"""Every kind of key against every URL: what the firewall says before anything is asked, what the check finds out.

The firewall is the catalogue's, the answers are the emulator's, whose own table of hosts was typed in from the
documents on its own; the check knows neither whose a key is nor in which order the service looks at a call.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

from catalogue.pairs import KeyFacts, UrlFacts, check_pair
from catalogue.rows import PLANS, as_domain, as_plan
from catalogue.rules import Refused
from catalogue.urls import behind
from provider.probe.check import check
from provider.probe.pair import Pair, models_for
from tests.provider.vendor import Console
from tests.published import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from provider.probe.check import Spend
    from provider.probe.verdict import Finding
    from tests.emulator_process import EmulatorProcess

ORDERS = [("key", *rest) for rest in permutations(("model", "workspace", "bill", "body"))]
"""Every order of checks after that of the key, which was seen to come first."""
SEEN = ORDERS[0]
SOME_REGIONS = ("cn-beijing", "ap-southeast-1")
"""Regions that have every kind of host."""


@dataclass(frozen=True)
class Key:
    """One kind of key: its plan, region and, where it has one, workspace."""

    name: str
    plan: str
    region: str
    workspace: str
    value: str


@dataclass(frozen=True)
class Url:
    """One URL; on the dedicated domain there is one for each workspace."""

    domain: str
    region: str
    protocol: str
    workspace: str
    url: str


@dataclass(frozen=True)
class Cell:
    """One key with one URL."""

    key: str
    url: str
    protocol: str
    domain: str
    firewall: str
    """Id of the rule that refuses it, "" when it is let through."""
    outcome: str
    """What the check came to."""

    @property
    def is_wrong(self) -> bool:
        """Whether the check says the opposite of what is so."""
        return self.outcome == ("verified" if self.firewall else "refused")

    @property
    def agrees(self) -> bool:
        """Whether what was let through is verified and what was refused is refused.

        A coding plan's host takes no client of ours, so that a good key is accepted there at most.
        """
        if self.firewall:
            return self.outcome == "refused"
        return self.outcome == ("accepted" if self.domain == "coding_plan" else "verified")


class Matrix:
    """Two workspaces a region, a key in each, a key of each plan and region, one that is no key; and every URL."""

    def __init__(self, emulator: EmulatorProcess, regions: Sequence[str] = ()) -> None:
        """Make them, in some regions or in all."""
        self._emulator = emulator
        self._regions = regions or list(emulator.regions)
        self.keys: list[Key] = [Key("no key at all", "", "", "", "sk-ws-test.x1")]
        for region in self._regions:
            console = Console(emulator, region)
            for name in ("one", "two"):
                made = console.create_workspace(name)
                console.allow_models(made)
                value = str(console.create_key(made, name).api_key_value)
                workspace = f"{region} {name}"
                self.keys.append(Key(f"key of workspace {workspace}", "pay_as_you_go", region, workspace, value))
        for plan, region in sorted({(d, r) for d, r, _, _ in ALL if d in PLANS and r in self._regions}):
            value = emulator.admin("POST", "/plan-keys", {"plan": plan, "region": region})["value"]
            self.keys.append(Key(f"{plan} key of {region}", plan, region, "", value))
        there = emulator.admin("GET", "/state")["workspaces"]
        hosts = {(w["region"], w["name"]): str(w["api_host"]) for w in there if w["name"] in ("one", "two")}
        self.urls = list(_urls(hosts, self._regions))

    def cells(self, *, order: Sequence[str] = SEEN, spend: Spend = "if_needed") -> Iterator[Cell]:
        """Check each key with each URL, against a service that looks at a call in that order."""
        self._emulator.settings(inference_order=list(order))
        for key in self.keys:
            for url in self.urls:
                outcome = self._check(key, url, spend).outcome
                yield Cell(key.name, url.url, url.protocol, url.domain, _firewall(key, url), outcome)

    def _check(self, key: Key, url: Url, spend: Spend) -> Finding:
        prefix = self._emulator.inference
        pair = Pair.of(url.protocol, behind(prefix, url.url), key.value, prefix=prefix)
        return check(pair, models_for(pair, _may_call), spend=spend)


def _may_call(_name: str) -> bool:
    return True  # all of them were opened, as the control plane would tell


def _urls(hosts: dict[tuple[str, str], str], regions: Sequence[str]) -> Iterator[Url]:
    for domain, region, protocol, url in ALL:
        if region not in regions or protocol == "realtime":  # a handshake tells the key alone
            continue
        if domain != "dedicated":
            yield Url(domain, region, protocol, "", url)
            continue
        for (of, name), host in hosts.items():
            if of == region:
                path = url.partition("aliyuncs.com")[2]
                yield Url(domain, region, protocol, f"{region} {name}", f"https://{host}{path}")


def _firewall(key: Key, url: Url) -> str:
    if not key.plan:
        return "no-key"
    told = KeyFacts(billing_plan=as_plan(key.plan), region=key.region, workspace=key.workspace or None)
    domain = as_domain(url.domain)
    assert domain
    try:
        check_pair(told, UrlFacts(domain=domain, region=url.region, workspace=url.workspace or None))
    except Refused as refused:
        return refused.rule.id
    return ""
