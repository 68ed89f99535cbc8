"""Hosts that are no row of the catalogue: what is known of them, and which published one a mistyped one is meant for.

A hint only puts a spelling right. It never names another region or plan than the one typed, since a key opens neither.
"""

import re
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from catalogue.rows import REGIONS, ROWS, Domain, as_domain

IN_TEMPLATE = "{workspace_id}"
_MAAS = ".maas.aliyuncs.com"
_OF_REGION = re.compile(r"([^.]+)\.([a-z]{2}-[a-z0-9-]+)\.maas\.aliyuncs\.com")
_REGION_ALONE = re.compile(r"([a-z]{2,3}-[a-z0-9-]+)\.maas\.aliyuncs\.com")
_PRIVATE = re.compile(r"vpc-([a-z]{2}-[a-z0-9-]+)\.dashscope\.aliyuncs\.com|ep-[a-z0-9.-]+\.privatelink\.aliyuncs\.com")

_OF_DOMAIN = {r.host.partition(".")[0]: r.domain for r in ROWS if r.host.endswith(_MAAS) and IN_TEMPLATE not in r.host}
"""Labels that name a domain in each region that has it: trial, token-plan."""
RESERVED = frozenset(
    {
        *_OF_DOMAIN,
        *(row.host.partition(".")[0] for row in ROWS if IN_TEMPLATE not in row.host),
        *(
            "dashscope-finance",
            "coding-plan",
            "shared",
            "dedicated",
            "modelstudio",
            "bailian",
            "maas",
            "compatible-mode",
        ),
        *("api", "www", "gateway", "default", "workspace", "vpc", "localhost"),
        *REGIONS,
    }
)
"""First labels that are nobody's workspace: names of domains, of fixed hosts and of regions."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A host that answers although no document at hand lists it."""

    domain: Domain
    region: str
    host: str
    source: str
    day: date


SEEN: tuple[Seen, ...] = (
    # Clients fall back to it where no workspace id is set: 1000 requests per minute for the account, no SLA.
    Seen(
        domain="trial",
        region="eu-central-1",
        host="trial.eu-central-1.maas.aliyuncs.com",
        source="seen live, in no document at hand",
        day=date(2026, 11, 25),
    ),
)


def domain_of_label(label: str) -> Domain | None:
    """Return the domain whose hosts begin with this label in every region; None for any other label."""
    return as_domain(_OF_DOMAIN.get(label))


def is_workspace_label(label: str) -> bool:
    """Whether the first label of a host can be a workspace's: no fixed name, and no fixed name mistyped.

    Workspaces have ids such as `ws-...` and `llm-...` (ASSUMPTION host-label-is-workspace-id), so that one with such a
    beginning is never taken for a mistyped name. One page of the vendor's has `trail.` for `trial.`.
    """
    if label.startswith(("ws-", "llm-")):
        return True
    return label not in RESERVED and not any(_like(label, word) or _bare(label) == _bare(word) for word in RESERVED)


def about(host: str) -> str:
    """Return what is known of a host that is no published one; "" when nothing is."""
    known = _FACTS.get(host) or without_models(host)
    if known:
        return known
    if _PRIVATE.fullmatch(host):
        return "it is a PrivateLink host, which can be reached from its own VPC alone"
    found = _OF_REGION.fullmatch(host)
    return _about_label(found[1], found[2]) if found else ""


def without_models(host: str) -> str:
    """Return why a host certainly serves no models; "" where it may."""
    if re.fullmatch(r"modelstudio\.[a-z0-9-]+\.aliyuncs\.com", host):
        return "it is the control plane, which takes access keys and serves no models"
    if host.endswith((".console.aliyun.com", ".console.alibabacloud.com")):
        return "it is a page of the console, for a browser"
    if host in ("help.aliyun.com", "www.alibabacloud.com", "www.aliyun.com", "docs.qwencloud.com"):
        return "it is a page of the documentation, for a browser"
    if host == _MAAS[1:]:
        return "the workspace id and the region are missing in front of it"
    alone = _REGION_ALONE.fullmatch(host)
    if alone is None:
        return ""
    if alone[1].startswith(("ws-", "llm-")):
        return "the region is missing between the workspace id and maas"
    whole = f"{IN_TEMPLATE}.{host}"
    return f"the first part is missing: on the dedicated domain it is your workspace id, as in {whole}"


def _about_label(label: str, region: str) -> str:
    domain = domain_of_label(label)
    if domain is not None:
        return f"the {domain} domain is not published in {region}, and {label} is no workspace"
    if label in RESERVED:
        return f"{label} is a fixed name and no workspace; no host of that name is published in {region}"
    if region not in REGIONS:
        return f"it reads like a workspace's host, but no dedicated domain is published in {region}"
    return ""


_FACTS = {
    "dashscope-finance.aliyuncs.com": (
        "it is the host of the finance cloud, another site with accounts and keys of its own "
        "(Higress ai-proxy, qwenDomain; seen 2026-11-25)"
    ),
}


def nearest(host: str) -> str:
    """Return the published host that a mistyped one is meant for; "" when none, or several, are spelled as alike."""
    if len(host) > 253:
        return ""
    label, _, rest = host.partition(".")
    meant: list[str] = []
    for published in dict.fromkeys(row.host for row in ROWS):
        if IN_TEMPLATE not in published:
            if published != host and _is_meant(host, published):
                meant.append(published)
        elif is_workspace_label(label):
            after = published.partition(".")[2]
            if rest != after and _is_meant(rest, after):
                meant.append(f"{label}.{after}")
    alike = {one: SequenceMatcher(None, host, one, autojunk=False).ratio() for one in meant}
    best = [one for one, ratio in alike.items() if ratio == max(alike.values())]
    return best[0] if len(best) == 1 else ""


def _is_meant(typed: str, published: str) -> bool:
    """Whether each word of a host is that of the published one, or that word mistyped."""
    if _bare(typed) == _bare(published):
        return True
    words, theirs = re.split(r"[.-]", typed), re.split(r"[.-]", published)
    if len(words) != len(theirs):
        return False
    return all(word == their or _like(word, their) for word, their in zip(words, theirs, strict=True))


_WORDS = frozenset(word for region in REGIONS for word in region.split("-"))
"""Words of regions: one of them is never another one mistyped."""


def _like(word: str, right: str) -> bool:
    """Whether a word is another one mistyped. Short ones (eu, us, hk) are not: they tell regions apart."""
    if word == right or len(right) < 4 or not 3 <= len(word) <= 40 or word in _WORDS or not word.isascii():
        return False
    return SequenceMatcher(None, word, right, autojunk=False).ratio() >= 0.8


def _bare(text: str) -> str:
    return re.sub(r"[._-]", "", text)
