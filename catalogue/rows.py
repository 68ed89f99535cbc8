"""The base URLs that Alibaba Cloud publishes for Model Studio, one dated row per (domain, region, protocol)."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

Domain = Literal["dedicated", "shared", "trial", "token_plan", "coding_plan"]
Protocol = Literal["openai", "anthropic"]
BillingPlan = Literal["pay_as_you_go", "token_plan", "coding_plan"]
Region = Literal["cn-beijing", "ap-southeast-1", "us-east-1", "cn-hongkong", "ap-northeast-1", "eu-central-1"]

DOMAINS: tuple[Domain, ...] = get_args(Domain)
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
REGIONS: tuple[Region, ...] = get_args(Region)
"""The regions that have a control plane, `modelstudio.<region>.aliyuncs.com` (SDK 2026-02-10, endpoint list)."""

BILLING_PLANS: dict[Domain, BillingPlan] = {
    "dedicated": "pay_as_you_go",
    "shared": "pay_as_you_go",
    "trial": "pay_as_you_go",
    "token_plan": "token_plan",
    "coding_plan": "coding_plan",
}

PAGE = "https://www.alibabacloud.com/help/en/model-studio/base-url"
PAGE_DATE = date(2026, 6, 30)


class CatalogueError(ValueError):
    """What was asked for does not exist; the text says what does."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One published base URL."""

    domain: Domain
    region: Region
    protocol: Protocol
    host: str
    """Host name; `{workspace_id}` stands for the workspace on the dedicated domain."""
    path: str
    source: str
    published: date
    note: str = ""

    @property
    def url_template(self) -> str:
        """Scheme, host template and protocol path, no trailing slash."""
        return f"https://{self.host}{self.path}"


_PATHS: dict[Protocol, str] = {"openai": "/compatible-mode/v1", "anthropic": "/apps/anthropic"}
_CODING_PATHS: dict[Protocol, str] = {"openai": "/v1", "anthropic": "/apps/anthropic"}
_SHARED_NOTE = "gets no new features since 2026-09-30; the dedicated domain is recommended"
_TRIAL_NOTE = "for trying out: 1000 requests per minute for the account, no SLA"
_PLAN_NOTE = "for interactive coding tools only, not for backends"

_HOSTS: tuple[tuple[Domain, Region, str, str], ...] = (
    ("dedicated", "cn-beijing", "{workspace_id}.cn-beijing.maas.aliyuncs.com", ""),
    ("dedicated", "ap-southeast-1", "{workspace_id}.ap-southeast-1.maas.aliyuncs.com", ""),
    ("dedicated", "ap-northeast-1", "{workspace_id}.ap-northeast-1.maas.aliyuncs.com", ""),
    ("dedicated", "eu-central-1", "{workspace_id}.eu-central-1.maas.aliyuncs.com", ""),
    ("dedicated", "cn-hongkong", "{workspace_id}.cn-hongkong.maas.aliyuncs.com", ""),
    ("shared", "cn-beijing", "dashscope.aliyuncs.com", _SHARED_NOTE),
    ("shared", "ap-southeast-1", "dashscope-intl.aliyuncs.com", _SHARED_NOTE),
    ("shared", "us-east-1", "dashscope-us.aliyuncs.com", _SHARED_NOTE),
    ("shared", "cn-hongkong", "cn-hongkong.dashscope.aliyuncs.com", _SHARED_NOTE),
    ("trial", "cn-beijing", "trial.cn-beijing.maas.aliyuncs.com", _TRIAL_NOTE),
    ("trial", "ap-southeast-1", "trial.ap-southeast-1.maas.aliyuncs.com", _TRIAL_NOTE),
    ("trial", "cn-hongkong", "trial.cn-hongkong.maas.aliyuncs.com", _TRIAL_NOTE),
    ("token_plan", "ap-southeast-1", "token-plan.ap-southeast-1.maas.aliyuncs.com", _PLAN_NOTE),
    ("coding_plan", "ap-southeast-1", "coding-intl.dashscope.aliyuncs.com", _PLAN_NOTE),
)

ROWS: tuple[Row, ...] = tuple(
    Row(
        domain=domain,
        region=region,
        protocol=protocol,
        host=host,
        path=(_CODING_PATHS if domain == "coding_plan" else _PATHS)[protocol],
        source=PAGE,
        published=PAGE_DATE,
        note=note,
    )
    for domain, region, host, note in _HOSTS
    for protocol in PROTOCOLS
)

_BY_KEY: dict[tuple[str, str, str], Row] = {(r.domain, r.region, r.protocol): r for r in ROWS}

_WORKSPACE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))+")


def regions_of(domain: str) -> tuple[str, ...]:
    """Return the regions in which `domain` is published, in the order of the page."""
    return tuple(dict.fromkeys(r.region for r in ROWS if r.domain == domain))


def find(domain: str, region: str, protocol: str) -> Row:
    """Return the row; raise CatalogueError, saying what exists, when there is none."""
    row = _BY_KEY.get((domain, region, protocol))
    if row is not None:
        return row
    if domain not in DOMAINS:
        raise CatalogueError(f"domain {_shown(domain)} does not exist; allowed: {', '.join(DOMAINS)}")
    if protocol not in PROTOCOLS:
        raise CatalogueError(f"protocol {_shown(protocol)} does not exist; allowed: {', '.join(PROTOCOLS)}")
    there = ", ".join(regions_of(domain))
    if region not in REGIONS:
        raise CatalogueError(f"region {_shown(region)} does not exist; the {domain} domain is in: {there}")
    also = ", ".join(d for d in DOMAINS if region in regions_of(d))
    raise CatalogueError(f"the {domain} domain is not in {region}; it is in: {there}; {region} has: {also}")


def base_url(row: Row, *, workspace_id: str = "", api_host: str = "") -> str:
    """Return the base URL of `row`: scheme, host and protocol path, no trailing slash.

    On the dedicated domain `api_host` (host name only, as CreateWorkspace and ListWorkspaces answer it) wins over
    the template: the vendor's examples show a host label that is not the workspace id. Raises CatalogueError when
    neither is usable, or when `api_host` names another region than the row.
    """
    if "{workspace_id}" not in row.host:
        return row.url_template
    if api_host:
        return f"https://{_checked_host(api_host, row.region)}{row.path}"
    if not _WORKSPACE_ID.fullmatch(workspace_id):
        raise CatalogueError(
            f"workspace id {_shown(workspace_id)} cannot stand in a host name; expected one like ws-ac3ef438bec22dc5"
        )
    return row.url_template.replace("{workspace_id}", workspace_id)


def _checked_host(host: str, region: str) -> str:
    if not _HOST.fullmatch(host):
        raise CatalogueError(f"api_host {_shown(host)} is not a host name")
    others = [label for label in host.split(".") if label in REGIONS and label != region]
    if others:
        raise CatalogueError(f"api_host {host} is in {others[0]}, but the workspace is in {region}")
    return host


def _shown(value: str) -> str:
    """Quote a refused value; a long one, or one that may be a key, is not repeated."""
    if len(value) > 64 or "sk-" in value:
        return "given here"
    return repr(value)


def behind(prefix: str, url: str) -> str:
    """Return `url` as it is reached through a double: `<prefix>/<real host><path>`; "" leaves it as it is."""
    return f"{prefix}/{url.removeprefix('https://')}" if prefix else url
