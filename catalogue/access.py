"""The firewall: what can be wrong with one service's access by what is written, found without asking anybody.

Stack files and components hand over the same facts and get the same refusals; only their names for a place differ.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from catalogue.pairs import KeyFacts, UrlFacts, check_minted, check_pair, check_plan_sinks, is_plan
from catalogue.rotation import RotationPolicy, check_not_revoked, check_periods
from catalogue.rows import CatalogueError, Domain, as_domain, shown
from catalogue.rules import Refused, check_domain, check_key_models, check_key_scope, check_workspace
from catalogue.urls import PRIVATE_LINK_REGIONS, check_gateway_url, url_at

Audience = Literal["backends", "tools"]
Verify = Literal["required", "free", "best_effort", "off"]
VERIFY: tuple[Verify, ...] = get_args(Verify)
"""required: deliver what was verified, with a real call where nothing free proves the host. free: what was accepted,
too, without a call. best_effort: all but what was refused. off: unchecked."""
About = Literal[
    "workspace",
    "domain",
    "region",
    "host",
    "base_url",
    "network",
    "protocols",
    "models",
    "allowed_ips",
    "billing_plan",
    "key_region",
    "key_workspace",
    "sinks",
    "verify_model",
    "isolation",
    "rotation",
]
"""What of an access is wrong."""


def default_verify(*, minted: bool) -> Verify:
    """Return what is checked where a program says nothing: an existing key spends its owner's money."""
    return "required" if minted else "free"


@dataclass(frozen=True, kw_only=True)
class SinkFacts:
    """What is known of a sink."""

    place: str
    audience: Audience | None
    """Who reads it; None for a config sink, which holds no key."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """What is written of one service's access."""

    domain: str
    protocols: Sequence[str]
    region: str | None = None
    """As it was said for the service itself."""
    workspace_region: str | None = None
    """Region of its workspace; None when it has none."""
    workspace: str | None = None
    """Id of its workspace, where that is known already."""
    host: str | None = None
    """Host that the user gives instead of a published one."""
    base_urls: Mapping[str, str] | None = None
    """By protocol, the URLs of a gateway of the user's own."""
    vpc_id: str | None = None
    """VPC that reaches the workspace by PrivateLink."""
    key: KeyFacts | None = None
    """What is said of an existing key; None: the key is minted."""
    models: Sequence[str] | None = None
    """Of the key; None: all that its workspace may call."""
    workspace_models: Sequence[str] | None = None
    """Of its workspace; None: all, or not known."""
    allowed_ips: Sequence[str] = ()
    open_to_world: bool = False
    rotation: RotationPolicy | None = None
    """None: nothing is said of it."""
    sinks: Sequence[SinkFacts] = field(default=())
    keep_value: bool = False
    """Whether the program keeps the key's value in the state."""
    verify: str | None = None
    """None: the default."""
    verify_model: str | None = None
    isolation: bool = False
    double: bool = False
    """Whether its URLs lead to a double of the service, which sees other addresses than the service would."""


@dataclass(frozen=True)
class Problem:
    """One thing that cannot be right."""

    about: About
    text: str
    sink: int | None = None
    """Number of the sink, from 0, where it is about one."""


def problems(access: Access) -> Iterator[Problem]:
    """Return what is wrong, all of it; nothing when it can be deployed."""
    region = access.workspace_region or access.region
    if region is None:
        yield Problem("region", "missing; say where it is, or name a workspace")
    else:
        if access.region is not None and access.region != region:
            yield Problem("region", f"{shown(access.region)}, but its workspace is in {region}; leave the region out")
        yield from _url_problems(access, region)
        yield from _key_problems(access, region)
    yield from _sink_problems(access)
    yield from _rotation_problems(access)
    yield from _verify_problems(access)


def _url_problems(access: Access, region: str) -> Iterator[Problem]:
    again = sorted({p for p in access.protocols if access.protocols.count(p) > 1})
    if not access.protocols:
        yield Problem("protocols", "empty; name at least one")
    if again:
        yield Problem("protocols", f"names {', '.join(map(shown, again))} more than once")
    ways = {"host": access.host, "base_url": access.base_urls, "network": access.vpc_id}
    given = [name for name, value in ways.items() if value is not None]
    if len(given) > 1:
        yield Problem("host", f"{' and '.join(given)} name the place twice; leave all but one out")
        return
    if access.base_urls is not None:
        yield from _gateway_problems(access, access.base_urls)
        return
    if access.vpc_id is not None:
        yield from _network_problems(access, region)
    yield from dict.fromkeys(found for p in access.protocols for found in _host_problems(access, region, p))


def _host_problems(access: Access, region: str, protocol: str) -> Iterator[Problem]:
    try:
        if access.host is None:
            check_domain(access.domain, region, [protocol])
        else:
            url_at(access.host, access.domain, region, protocol)
    except Refused as refused:
        yield Problem("domain", str(refused))
    except CatalogueError as wrong:
        yield Problem("host", str(wrong))


def _gateway_problems(access: Access, urls: Mapping[str, str]) -> Iterator[Problem]:
    missing = [p for p in access.protocols if p not in urls]
    more = sorted(set(urls) - set(access.protocols))
    if missing or more:
        wrong = (
            f"no URL for {', '.join(missing)}" if missing else f"a URL for {', '.join(more)}, which is no protocol here"
        )
        yield Problem("base_url", f"{wrong}; give one for each of: {', '.join(access.protocols)}")
    for url in urls.values():
        try:
            check_gateway_url(url)
        except CatalogueError as wrong_url:
            yield Problem("base_url", str(wrong_url))


def _network_problems(access: Access, region: str) -> Iterator[Problem]:
    if access.workspace_region is None:
        yield Problem("network", "PrivateLink leads to a workspace: name one")
    if access.domain != "dedicated":
        yield Problem("network", f"PrivateLink leads to the dedicated domain, not to {shown(access.domain)}")
    if region not in PRIVATE_LINK_REGIONS:
        yield Problem(
            "network", f"there is no PrivateLink in {shown(region)}; it is in: {', '.join(PRIVATE_LINK_REGIONS)}"
        )


def _key_problems(access: Access, region: str) -> Iterator[Problem]:
    domain = as_domain(access.domain)
    if domain is None:
        return
    if access.key is not None:
        yield from _existing_problems(access, access.key, domain, region)
        return
    try:
        check_minted(domain)
        check_workspace(access.workspace_region)
    except Refused as refused:
        yield Problem("workspace", str(refused))
        return
    try:
        check_key_scope(access.models, access.allowed_ips, open_to_world=access.open_to_world)
    except ValueError as wrong:
        yield Problem("models" if str(wrong).startswith("models") else "allowed_ips", str(wrong))
    try:
        check_key_models(access.models, access.workspace_models)
    except Refused as refused:
        yield Problem("models", str(refused))


_OF_KEY: dict[str, About] = {
    "billing-plan": "billing_plan",
    "key-region": "key_region",
    "key-workspace": "key_workspace",
}


def _existing_problems(access: Access, key: KeyFacts, domain: Domain, region: str) -> Iterator[Problem]:
    try:
        check_pair(key, UrlFacts(domain=domain, region=region, workspace=access.workspace))
    except Refused as refused:
        yield Problem(_OF_KEY[refused.rule.id], str(refused))
    elsewhere = access.host is not None or access.base_urls is not None
    if domain == "dedicated" and access.workspace_region is None and not elsewhere:
        text = (
            "a dedicated host is a workspace's own: name a workspace (adopt it, when it is another team's), or a host"
        )
        yield Problem("workspace", text)
    if access.workspace_region is not None and is_plan(domain):
        yield Problem("workspace", f"the {domain} domain has no workspaces; leave it out and write region: {region}")


def _verify_problems(access: Access) -> Iterator[Problem]:
    chosen = access.verify_model
    if chosen is not None and access.verify == "off":
        yield Problem("verify_model", "verify: off calls no model; leave one of the two out")
    if chosen is not None and is_plan(access.domain):
        yield Problem("verify_model", f"no model is called at the {access.domain} domain; leave it out")
    if chosen is not None and access.key is None and access.models is not None and chosen not in access.models:
        yield Problem("verify_model", f"{shown(chosen)} is not among the models that the key may call")
    elif chosen is not None and access.workspace_models is not None and chosen not in access.workspace_models:
        yield Problem("verify_model", f"{shown(chosen)} is not among the models that its workspace may call")
    if access.isolation and access.verify == "off":
        yield Problem("isolation", "verify: off checks nothing; leave one of the two out")
    if access.isolation and access.workspace_region is None and not is_plan(access.domain):
        text = "without a workspace there is no telling which hosts are not the key's own: name its workspace"
        yield Problem("isolation", f"{text} (adopt it, when it is another team's), or leave isolation out")


def _rotation_problems(access: Access) -> Iterator[Problem]:
    rotation = access.rotation
    if rotation is None:
        return
    if access.key is not None and rotation.of_minting:
        words = ", ".join(rotation.of_minting)
        text = f"an existing key is rotated where it was made: deliver the new value; leave {words} out"
        yield Problem("rotation", text)
        return
    try:
        check_periods(rotation.max_age, rotation.overlap, rotation.soak)
    except Refused as refused:
        yield Problem("rotation", str(refused))
    try:
        check_not_revoked(rotation.serve_generation, rotation.revoke_through)
    except Refused as refused:
        yield Problem("rotation", str(refused))


def _sink_problems(access: Access) -> Iterator[Problem]:
    if access.key is None and not access.keep_value and not any(sink.audience for sink in access.sinks):
        right = "add a secret sink, such as kms (from a program, keep_value is the other way)"
        yield Problem("sinks", str(Refused("key-needs-vault", "a minted key without a secret sink", right)))
    elif access.sinks and all(sink.audience is None for sink in access.sinks):
        refused = Refused("config-needs-secret", "config without secrets", "add a secret sink, such as kms")
        yield Problem("sinks", str(refused))
    places = [sink.place for sink in access.sinks]
    for n, place in enumerate(places):
        if place in places[:n]:
            yield Problem("sinks", f"{place} more than once; each place takes one record", n)
    for n, sink in enumerate(access.sinks):
        try:
            check_plan_sinks(access.domain, sink.place, sink.audience)
        except Refused as refused:
            yield Problem("sinks", str(refused), n)
