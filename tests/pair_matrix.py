"""Every kind of key against every URL: what the firewall says before anything is asked, what the service answers.

The two share no code and no data: the firewall is the catalogue's, the answers are the emulator's, whose own table of
hosts was typed in from the documents on its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from catalogue.pairs import KeyFacts, UrlFacts, check_pair
from catalogue.rows import PLANS, as_domain, as_plan
from catalogue.rules import Refused
from tests.provider.vendor import Console
from tests.published import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.emulator_process import EmulatorProcess

_open = build_opener(ProxyHandler({})).open
_ASKED = {
    "openai": ("GET", "/models", None),
    "anthropic": ("POST", "/v1/messages", b"{}"),
    "dashscope": ("GET", "/models", None),
}


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
    firewall: str
    """Id of the rule that refuses it, "" when it is let through."""
    status: int
    """What the service answers."""

    @property
    def agrees(self) -> bool:
        """Whether what was let through opens, and what was refused is answered 401."""
        return self.status == 401 if self.firewall else self.status not in (401, 403, 404)


def cells(emulator: EmulatorProcess) -> Iterator[Cell]:
    """Make two workspaces a region, a key in each, a key of each plan and region; try each key with each URL."""
    keys, hosts = _keys(emulator)
    for key in keys:
        for url in _urls(hosts):
            yield Cell(key.name, url.url, url.protocol, _firewall(key, url), _status(emulator, key, url))


def _keys(emulator: EmulatorProcess) -> tuple[list[Key], dict[tuple[str, str], str]]:
    keys: list[Key] = []
    for region in emulator.regions:
        console = Console(emulator, region)
        for name in ("one", "two"):
            workspace = f"{region} {name}"
            value = str(console.create_key(console.create_workspace(name), name).api_key_value)
            keys.append(Key(f"key of workspace {workspace}", "pay_as_you_go", region, workspace, value))
    for plan, region in sorted({(d, r) for d, r, _, _ in ALL if d in PLANS}):
        value = emulator.admin("POST", "/plan-keys", {"plan": plan, "region": region})["value"]
        keys.append(Key(f"{plan} key of {region}", plan, region, "", value))
    there = emulator.admin("GET", "/state")["workspaces"]
    hosts = {(w["region"], w["name"]): str(w["api_host"]) for w in there if w["name"] in ("one", "two")}
    return keys, hosts


def _urls(hosts: dict[tuple[str, str], str]) -> Iterator[Url]:
    for domain, region, protocol, url in ALL:
        if domain != "dedicated":
            yield Url(domain, region, protocol, "", url)
            continue
        for (of, name), host in hosts.items():
            if of == region:
                path = url.partition("aliyuncs.com")[2]
                yield Url(domain, region, protocol, f"{region} {name}", f"https://{host}{path}")


def _firewall(key: Key, url: Url) -> str:
    said = KeyFacts(billing_plan=as_plan(key.plan), region=key.region, workspace=key.workspace or None)
    domain = as_domain(url.domain)
    assert domain
    try:
        check_pair(said, UrlFacts(domain=domain, region=url.region, workspace=url.workspace or None))
    except Refused as refused:
        return refused.rule.id
    return ""


def _status(emulator: EmulatorProcess, key: Key, url: Url) -> int:
    method, path, body = _ASKED[url.protocol]
    address = f"{emulator.inference}/{url.url.removeprefix('https://')}{path}"
    headers = {"Authorization": f"Bearer {key.value}", "Content-Type": "application/json"}
    try:
        with _open(Request(address, data=body, method=method, headers=headers), timeout=30) as answer:  # noqa: S310 - loopback
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code
