"""Which key opens which URL, by what is written about both. Pure: nothing is asked of the service here."""

from collections.abc import Iterable
from dataclasses import dataclass

from catalogue.rows import BILLING_PLANS, NO_NEW_FEATURES, ROWS, BillingPlan, Domain, Row, as_domain, shown
from catalogue.rules import Refused

PLAN_KEY_SIGN = "sk-sp-"
"""How keys of both subscription plans begin: a hint, no proof (ASSUMPTION plan-key-sign)."""


@dataclass(frozen=True, kw_only=True)
class KeyFacts:
    """What is known of a key without its value; None: not said."""

    billing_plan: BillingPlan | None = None
    region: str | None = None
    workspace: str | None = None
    """Workspace id, or any name that stands for one workspace."""


@dataclass(frozen=True, kw_only=True)
class UrlFacts:
    """What is known of a base URL; None: not said."""

    domain: Domain
    region: str
    workspace: str | None = None
    """On the dedicated domain, whose host it is; in the words of KeyFacts."""

    @property
    def billing_plan(self) -> BillingPlan:
        """What is billed when it is called."""
        return BILLING_PLANS[self.domain]


def check_pair(key: KeyFacts, url: UrlFacts) -> None:
    """Refuse a key with a URL that it cannot open. What is not said is not held against it."""
    if key.billing_plan is not None and key.billing_plan != url.billing_plan:
        raise Refused(
            "billing-plan",
            f"a {key.billing_plan} key for the {url.domain} domain, which is billed as {url.billing_plan}",
            opens(key),
        )
    if key.region is not None and key.region != url.region:
        raise Refused(
            "key-region",
            f"a key of region {shown(key.region)} for the {url.domain} domain in {shown(url.region)}",
            opens(key),
        )
    dedicated = url.domain == "dedicated"
    if dedicated and None not in (key.workspace, url.workspace) and key.workspace != url.workspace:
        raise Refused(
            "key-workspace",
            f"a key of workspace {shown(str(key.workspace))} for the host of workspace {shown(str(url.workspace))}",
            f"use the host of {shown(str(key.workspace))}, or a key of {shown(str(url.workspace))}",
        )


def opens(key: KeyFacts) -> str:
    """Say which base URLs a key opens: the nearest thing that would be right."""
    plan = key.billing_plan or "pay_as_you_go"
    rows = [r for r in ROWS if r.billing_plan == plan and key.region in (None, r.region)]
    if not rows:
        regions = ", ".join(dict.fromkeys(r.region for r in ROWS if r.billing_plan == plan))
        return f"a {plan} key exists only for {regions}"
    if plan == "pay_as_you_go":
        where = key.region or "its own region"
        shared = [r.url_template for r in rows if (r.domain, r.protocol) == ("shared", "openai")]
        also = f", or {shared[0]}" if key.region and shared else ""
        return f"a workspace key opens only hosts of {where}: its workspace's own{also}"
    urls = ", ".join(r.url_template for r in rows)
    return f"a {plan} key opens only {urls}; for a backend use a workspace key"


def check_plan_sinks(domain: str, place: str, audience: str | None) -> None:
    """Refuse a plan's key anywhere but in a secret sink that is marked for people's tools.

    `audience`: who reads the sink at `place`; None for one that holds no key.
    """
    if not is_plan(domain) or audience == "tools":
        return
    what = "a config sink, which backends read" if audience is None else "a secret sink for backends"
    raise Refused(
        "plan-key-tools",
        f"a {domain} key with {place}, {what}",
        "deliver it to secret sinks with audience: tools alone; for a backend use a workspace key (domain: dedicated)",
    )


def is_plan(domain: str) -> bool:
    """Whether a domain is that of a subscription plan."""
    known = as_domain(domain)
    return known is not None and BILLING_PLANS[known] != "pay_as_you_go"


def check_minted(domain: str) -> None:
    """Refuse to mint a key for a subscription plan."""
    if is_plan(domain):
        raise Refused(
            "plan-key-existing",
            f"domain {domain} without a key",
            "give the plan's key: key: { from_config: NAME }, or from_kms or from_oos: { name: NAME }",
        )


def plan_hint(value: str, domain: Domain) -> str:
    """Return a warning when a key looks like one of another plan than the domain's; "" when it does not."""
    looks_like_plan, is_plan = value.startswith(PLAN_KEY_SIGN), BILLING_PLANS[domain] != "pay_as_you_go"
    if looks_like_plan == is_plan:
        return ""
    # Without the sign itself: what masks keys in texts would take it for one.
    does, takes = ("begins", "none") if looks_like_plan else ("does not begin", "no other")
    return f"the key {does} as those of subscription plans do, and the {domain} domain takes {takes}"


def advice(domain: str, better: Iterable[str]) -> str:
    """Return the warning about a discouraged domain; `better`: the dedicated URLs to move to."""
    return f"the {domain} domain {NO_NEW_FEATURES}: {', '.join(better)}"


def better_row(row: Row) -> Row | None:
    """Return the dedicated row to use instead of a discouraged one; None where there is no need or none to be had."""
    there = (r for r in ROWS if (r.domain, r.region, r.protocol) == ("dedicated", row.region, row.protocol))
    return next(there, None) if row.discouraged else None
