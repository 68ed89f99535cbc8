"""The base URLs that Alibaba Cloud publishes for Model Studio, one dated row per (domain, region, protocol)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

Domain = Literal["dedicated", "shared", "trial", "token_plan", "coding_plan"]
Protocol = Literal["openai", "anthropic", "dashscope", "realtime"]
BillingPlan = Literal["pay_as_you_go", "token_plan", "coding_plan"]
Region = Literal["cn-beijing", "ap-southeast-1", "us-east-1", "cn-hongkong", "ap-northeast-1", "eu-central-1"]

DOMAINS: tuple[Domain, ...] = get_args(Domain)
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
MODEL_PROTOCOLS: tuple[Protocol, ...] = ("openai", "anthropic", "dashscope")
"""Those in which a request names a model; a websocket's handshake names none."""
PLANS: tuple[BillingPlan, ...] = get_args(BillingPlan)
REGIONS: tuple[Region, ...] = get_args(Region)
"""The regions that have a control plane, `modelstudio.<region>.aliyuncs.com` (SDK 2026-02-10, endpoint list)."""

BILLING_PLANS: dict[Domain, BillingPlan] = {
    "dedicated": "pay_as_you_go",
    "shared": "pay_as_you_go",
    "trial": "pay_as_you_go",
    "token_plan": "token_plan",
    "coding_plan": "coding_plan",
}


_KEY_SHAPED = re.compile(r"(?<![A-Za-z0-9])s[kt]-")


_DOMAIN_OF: Mapping[str, Domain] = {domain: domain for domain in DOMAINS}
_PLAN_OF: Mapping[str, BillingPlan] = {plan: plan for plan in PLANS}
_REGION_OF: Mapping[str, Region] = {region: region for region in REGIONS}


def as_domain(text: object) -> Domain | None:
    """Return the domain of that name; None for anything else."""
    return _DOMAIN_OF.get(text) if isinstance(text, str) else None


def as_plan(text: object) -> BillingPlan | None:
    """Return the billing plan of that name; None for anything else."""
    return _PLAN_OF.get(text) if isinstance(text, str) else None


def as_region(text: object) -> Region | None:
    """Return the region of that name; None for anything else."""
    return _REGION_OF.get(text) if isinstance(text, str) else None


class CatalogueError(ValueError):
    """What was asked for does not exist; the text says what does."""


@dataclass(frozen=True)
class Document:
    """A page that says which base URLs there are."""

    url: str
    day: date
    """When it was last updated, or, where it does not say, when the copy at hand was taken."""


PAGE = Document("https://www.alibabacloud.com/help/en/model-studio/base-url", date(2026, 6, 30))
"""The page that this project was made from: 28 URLs."""
WEBSOCKET_PAGE = Document(
    "https://www.alibabacloud.com/help/en/model-studio/qwen-audio-tts-websocket-api", date(2026, 9, 28)
)
HONG_KONG_PAGE = Document("https://www.alibabacloud.com/help/model-studio/hong-kong-china-global", date(2026, 10, 11))
VIRGINIA_PAGE = Document("https://www.alibabacloud.com/help/model-studio/usa-virginia-global", date(2026, 10, 11))
TOKYO_PAGE = Document("https://www.alibabacloud.com/help/model-studio/japan-tokyo-global", date(2026, 11, 25))
"""Without a day of its own: the copy at hand was read on this one."""
PAGE_OCTOBER = Document("https://www.alibabacloud.com/help/model-studio/base-url", date(2026, 10, 11))
PAGE_OF_CHINA = Document("https://help.aliyun.com/model-studio/base-url", date(2026, 10, 11))
REGIONS_PAGE = Document("https://help.aliyun.com/zh/model-studio/regions/", date(2026, 8, 20))


def scheme_of(protocol: str) -> str:
    """Return the scheme of a protocol's URLs."""
    return "wss" if protocol == "realtime" else "https"


@dataclass(frozen=True, kw_only=True)
class Service:
    """What the vendor promises of a domain's hosts; None and "": nothing that was found."""

    timeout: int | None = None
    """Seconds that a request may take."""
    sla: str = ""
    """Availability."""
    source: str = ""


_REGIONAL = "regional pages of the vendor's documents, 2026-10-11"
SERVICES: dict[Domain, Service] = {
    "dedicated": Service(timeout=3600, sla="99.9 %", source=_REGIONAL),
    "shared": Service(timeout=600, sla="99.9 %", source=_REGIONAL),
    "trial": Service(timeout=600, sla="none", source=_REGIONAL),
    "token_plan": Service(),
    "coding_plan": Service(),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one document says of one base URL."""

    domain: Domain
    region: Region
    protocol: Protocol
    host: str
    """Host name; `{workspace_id}` stands for the workspace on the dedicated domain."""
    path: str
    source: str
    published: date
    offered: bool = True
    """False where the document says that there is no such URL."""
    note: str = ""

    @property
    def scheme(self) -> str:
        """Scheme of its URLs."""
        return scheme_of(self.protocol)

    @property
    def url_template(self) -> str:
        """Scheme, host template and protocol path, no trailing slash."""
        return f"{self.scheme}://{self.host}{self.path}"

    @property
    def service(self) -> Service:
        """What the vendor promises of its domain."""
        return SERVICES[self.domain]

    @property
    def billing_plan(self) -> BillingPlan:
        """What is billed when it is called."""
        return BILLING_PLANS[self.domain]

    @property
    def discouraged(self) -> bool:
        """Whether the vendor advises against it for anything new."""
        return self.domain == "shared"


NO_NEW_FEATURES = "gets no new features since 2026-09-30; the dedicated domain is recommended"
"""Of the shared domain (Regions page, newest version)."""
_TRIAL_NOTE = "for trying out: 1000 requests per minute for the account, no SLA"
_PLAN_NOTE = "for interactive coding tools only, not for backends"
_NOTES: dict[Domain, str] = {
    "dedicated": "",
    "shared": NO_NEW_FEATURES,
    "trial": _TRIAL_NOTE,
    "token_plan": _PLAN_NOTE,
    "coding_plan": _PLAN_NOTE,
}

_PATHS: dict[Protocol, str] = {
    "openai": "/compatible-mode/v1",
    "anthropic": "/apps/anthropic",
    "dashscope": "/api/v1",
    "realtime": "/api-ws/v1/inference",
}
_CODING_PATHS: dict[Protocol, str] = {"openai": "/v1", "anthropic": "/apps/anthropic"}
_COMPATIBLE: tuple[Protocol, ...] = ("openai", "anthropic")
_NATIVE: tuple[Protocol, ...] = ("dashscope",)
_REALTIME: tuple[Protocol, ...] = ("realtime",)

_DEDICATED_HOSTS: tuple[tuple[Domain, Region, str], ...] = (
    ("dedicated", "cn-beijing", "{workspace_id}.cn-beijing.maas.aliyuncs.com"),
    ("dedicated", "ap-southeast-1", "{workspace_id}.ap-southeast-1.maas.aliyuncs.com"),
    ("dedicated", "ap-northeast-1", "{workspace_id}.ap-northeast-1.maas.aliyuncs.com"),
    ("dedicated", "eu-central-1", "{workspace_id}.eu-central-1.maas.aliyuncs.com"),
    ("dedicated", "cn-hongkong", "{workspace_id}.cn-hongkong.maas.aliyuncs.com"),
)
_SHARED_HOSTS: tuple[tuple[Domain, Region, str], ...] = (
    ("shared", "cn-beijing", "dashscope.aliyuncs.com"),
    ("shared", "ap-southeast-1", "dashscope-intl.aliyuncs.com"),
    ("shared", "us-east-1", "dashscope-us.aliyuncs.com"),
    ("shared", "cn-hongkong", "cn-hongkong.dashscope.aliyuncs.com"),
)
_TRIAL_HOSTS: tuple[tuple[Domain, Region, str], ...] = (
    ("trial", "cn-beijing", "trial.cn-beijing.maas.aliyuncs.com"),
    ("trial", "ap-southeast-1", "trial.ap-southeast-1.maas.aliyuncs.com"),
    ("trial", "cn-hongkong", "trial.cn-hongkong.maas.aliyuncs.com"),
)
_PLAN_HOSTS: tuple[tuple[Domain, Region, str], ...] = (
    ("token_plan", "ap-southeast-1", "token-plan.ap-southeast-1.maas.aliyuncs.com"),
    ("coding_plan", "ap-southeast-1", "coding-intl.dashscope.aliyuncs.com"),
)
_CHINA_PLAN_HOSTS: tuple[tuple[Domain, Region, str], ...] = (
    ("token_plan", "cn-beijing", "token-plan.cn-beijing.maas.aliyuncs.com"),
    ("coding_plan", "cn-beijing", "coding.dashscope.aliyuncs.com"),
)
_VIRGINIA_HOST: tuple[tuple[Domain, Region, str], ...] = (
    ("dedicated", "us-east-1", "{workspace_id}.us-east-1.maas.aliyuncs.com"),
)


def _in(*regions: str, hosts: tuple[tuple[Domain, Region, str], ...]) -> tuple[tuple[Domain, Region, str], ...]:
    return tuple(host for host in hosts if host[1] in regions)


_VIRGINIA_SHARED = tuple(host for host in _SHARED_HOSTS if host[1] == "us-east-1")


def _rows(
    hosts: tuple[tuple[Domain, Region, str], ...],
    protocols: tuple[Protocol, ...],
    document: Document,
    *,
    offered: bool = True,
    note: str = "",
) -> tuple[Row, ...]:
    return tuple(
        Row(
            domain=domain,
            region=region,
            protocol=protocol,
            host=host,
            path=(_CODING_PATHS if domain == "coding_plan" else _PATHS)[protocol],
            source=document.url,
            published=document.day,
            offered=offered,
            note=note or _NOTES[domain],
        )
        for domain, region, host in hosts
        for protocol in protocols
    )


DOCUMENTED: tuple[Row, ...] = (
    *_rows(_DEDICATED_HOSTS + _SHARED_HOSTS + _TRIAL_HOSTS + _PLAN_HOSTS, _COMPATIBLE, PAGE),
    # Virginia: the page of June says that the dedicated domain is not there yet, that of October has it; the regions
    # page says that the shared domain is not there, the page about base URLs had it before and has it since.
    *_rows(_VIRGINIA_HOST, _COMPATIBLE, PAGE, offered=False, note="not yet supported"),
    *_rows(_VIRGINIA_HOST, _COMPATIBLE, PAGE_OCTOBER),
    *_rows(_VIRGINIA_SHARED, _COMPATIBLE, REGIONS_PAGE, offered=False, note="not supported"),
    *_rows(_VIRGINIA_SHARED, _COMPATIBLE, PAGE_OCTOBER),
    *_rows(_CHINA_PLAN_HOSTS, _COMPATIBLE, PAGE_OF_CHINA),
    *_rows(_DEDICATED_HOSTS + _VIRGINIA_HOST + _SHARED_HOSTS + _TRIAL_HOSTS, _NATIVE, PAGE_OCTOBER),
    # WebSocket: pages about single models name dedicated hosts, the regional ones both kinds. Frankfurt's was not seen,
    # trial hosts have none.
    *_rows(_in("cn-beijing", "ap-southeast-1", hosts=_DEDICATED_HOSTS), _REALTIME, WEBSOCKET_PAGE),
    *_rows(_in("cn-hongkong", hosts=_DEDICATED_HOSTS + _SHARED_HOSTS), _REALTIME, HONG_KONG_PAGE),
    *_rows(_in("ap-northeast-1", hosts=_DEDICATED_HOSTS), _REALTIME, TOKYO_PAGE),
    *_rows(_VIRGINIA_SHARED, _REALTIME, VIRGINIA_PAGE),
    *_rows(_in("cn-beijing", hosts=_SHARED_HOSTS), _REALTIME, PAGE_OF_CHINA),
)
"""Everything the documents say, also where they disagree."""

Key = tuple[str, str, str]


def key_of(row: Row) -> Key:
    """Return domain, region and protocol: of each there is at most one URL."""
    return row.domain, row.region, row.protocol


def standing(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return what exists, by the newest document on each URL.

    The newest wins: hosts are added, and a page about another subject is corrected later than the one about base URLs.
    """
    newest = {key_of(row): row for row in sorted(rows, key=lambda row: row.published)}
    return tuple(row for row in newest.values() if row.offered)


ROWS = standing(DOCUMENTED)
"""What exists."""
_BY_KEY: dict[Key, Row] = {key_of(row): row for row in ROWS}


def regions_of(domain: str) -> tuple[str, ...]:
    """Return the regions in which `domain` is published, in the order of the documents."""
    return tuple(dict.fromkeys(r.region for r in ROWS if r.domain == domain))


def protocols_of(domain: str) -> tuple[str, ...]:
    """Return the protocols that `domain` speaks."""
    return tuple(p for p in PROTOCOLS if any(r.domain == domain and r.protocol == p for r in ROWS))


def path_of(domain: str, protocol: str) -> str:
    """Return the path of the base URLs of `domain` for `protocol`, alike in every region; "" where it has none."""
    return next((r.path for r in ROWS if (r.domain, r.protocol) == (domain, protocol)), "")


def find(domain: str, region: str, protocol: str) -> Row:
    """Return the row; raise CatalogueError, saying what exists, when there is none."""
    row = _BY_KEY.get((domain, region, protocol))
    if row is not None:
        return row
    if domain not in DOMAINS:
        raise CatalogueError(f"domain {shown(domain)} does not exist; allowed: {', '.join(DOMAINS)}")
    if protocol not in PROTOCOLS:
        raise CatalogueError(f"protocol {shown(protocol)} does not exist; allowed: {', '.join(PROTOCOLS)}")
    if protocol not in protocols_of(domain):
        raise CatalogueError(f"the {domain} domain does not speak {protocol}; it has: {_listed(protocols_of(domain))}")
    there = _listed(regions_of(domain))
    if region not in REGIONS:
        raise CatalogueError(f"region {shown(region)} does not exist; the {domain} domain is in: {there}")
    if region in regions_of(domain):
        spoken = _listed(r.region for r in ROWS if (r.domain, r.protocol) == (domain, protocol))
        raise CatalogueError(f"the {domain} domain does not speak {protocol} in {region}; it does in: {spoken}")
    also = _listed(d for d in DOMAINS if region in regions_of(d))
    raise CatalogueError(f"the {domain} domain is not in {region}; it is in: {there}; {region} has: {also}")


def shown(value: str) -> str:
    """Quote a refused value; a long one, or one that may be a key, is not repeated."""
    return "given here" if len(value) > 64 or looks_like_key(value) else repr(value)


def looks_like_key(value: str) -> bool:
    """Whether a text may be, or hold, a key that somebody put in the wrong place."""
    return _KEY_SHAPED.search(value) is not None


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
