"""The inference hosts of the service, typed in from the vendor's documents.

28 URLs (14 hosts, two protocols each) are those of the page "Base URL Overview" of 30 June 2026; the rows marked
otherwise were published later. The native protocol answers at `/api/v1` of the pay-as-you-go hosts, and of the Token
Plan's (seen 2026-08, d078). Here and below, `d078` and the like name lines of `tests/data/observed/answers.json`:
answers of the live service that people published.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Domain = Literal["shared", "dedicated", "trial", "token_plan", "coding_plan"]
Plan = Literal["pay_as_you_go", "token_plan", "coding_plan"]

REGIONS = ("cn-beijing", "cn-hongkong", "ap-southeast-1", "ap-northeast-1", "us-east-1", "eu-central-1")
"""Regions with a control endpoint `modelstudio.<region>.aliyuncs.com` (API version 2026-02-10)."""

MAIN_REGION = "cn-beijing"
"""The region of calls that arrive at a port which is no region's own."""

_PAGE = "Base URL Overview, 2026-06-30"
_LATER = "Base URL, 2026-10-11"


@dataclass(frozen=True, kw_only=True)
class Host:
    """One host and what it serves. `name` starts with `*.` where each workspace has a name of its own."""

    domain: Domain
    region: str
    name: str
    plan: Plan = "pay_as_you_go"
    openai: str = "/compatible-mode/v1"
    anthropic: str = "/apps/anthropic"
    native: str = "/api/v1"
    """Path of the native protocol; "" where the host has none."""
    websockets: bool = False
    """Whether it takes websockets, at `/api-ws/v1/inference` and `/api-ws/v1/realtime`."""
    source: str = _PAGE


def _shared(region: str, name: str, *, websockets: bool = True) -> Host:
    # Documented for Beijing, Hong Kong and Virginia (regional pages, 2026-10-11); clients use Singapore's, too.
    return Host(domain="shared", region=region, name=name, websockets=websockets)


def _dedicated(region: str, source: str = _PAGE) -> Host:
    return Host(domain="dedicated", region=region, name=f"*.{region}.maas.aliyuncs.com", websockets=True, source=source)


def _trial(region: str) -> Host:
    return Host(domain="trial", region=region, name=f"trial.{region}.maas.aliyuncs.com")


def _token_plan(region: str, source: str = _PAGE) -> Host:
    name = f"token-plan.{region}.maas.aliyuncs.com"
    return Host(domain="token_plan", region=region, name=name, plan="token_plan", source=source)


def _coding_plan(region: str, name: str, source: str) -> Host:
    return Host(
        domain="coding_plan", region=region, name=name, plan="coding_plan", openai="/v1", native="", source=source
    )


HOSTS: tuple[Host, ...] = (
    _shared("cn-beijing", "dashscope.aliyuncs.com"),
    _shared("ap-southeast-1", "dashscope-intl.aliyuncs.com"),
    _shared("us-east-1", "dashscope-us.aliyuncs.com"),
    _shared("cn-hongkong", "cn-hongkong.dashscope.aliyuncs.com"),
    _dedicated("cn-beijing"),
    _dedicated("ap-southeast-1"),
    _dedicated("ap-northeast-1"),
    _dedicated("eu-central-1"),
    _dedicated("cn-hongkong"),
    _dedicated("us-east-1", _LATER),
    _trial("cn-beijing"),
    _trial("ap-southeast-1"),
    _trial("cn-hongkong"),
    _token_plan("ap-southeast-1"),
    _token_plan("cn-beijing", _LATER),
    _coding_plan("ap-southeast-1", "coding-intl.dashscope.aliyuncs.com", _PAGE),
    _coding_plan("cn-beijing", "coding.dashscope.aliyuncs.com", _LATER),
)

_FIXED: Mapping[str, Host] = {host.name: host for host in HOSTS if host.domain != "dedicated"}
_DEDICATED: Mapping[str, Host] = {host.region: host for host in HOSTS if host.domain == "dedicated"}
_DEDICATED_NAME = re.compile(r"[a-z0-9-]+\.([a-z0-9-]+)\.maas\.aliyuncs\.com")


def find(name: str) -> Host | None:
    """Return the host of that name. Any label makes a dedicated one, a workspace's or not (wildcard DNS, d013)."""
    fixed = _FIXED.get(name)
    if fixed:
        return fixed
    dedicated = _DEDICATED_NAME.fullmatch(name)
    return _DEDICATED.get(dedicated[1]) if dedicated else None
