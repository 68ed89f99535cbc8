"""Base URLs made from rows, and read back: which row a URL is of."""

import re
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urlsplit

from catalogue.hosts import IN_TEMPLATE, SEEN, about, domain_of_label, is_workspace_label, nearest, without_models
from catalogue.rows import (
    DOMAINS,
    REGIONS,
    ROWS,
    CatalogueError,
    Domain,
    Row,
    as_region,
    find,
    looks_like_key,
    path_of,
    scheme_of,
    shown,
)

_WORKSPACE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})+")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_OF_REGION = re.compile(rf"({_LABEL})\.([a-z0-9-]+)\.maas\.aliyuncs\.com")


def base_url(row: Row, *, workspace_id: str = "", api_host: str = "") -> str:
    """Return the base URL of `row`: scheme, host and protocol path, no trailing slash.

    On the dedicated domain `api_host` (host name only, as CreateWorkspace and ListWorkspaces answer it) wins over
    the template, in which the label is the workspace id (ASSUMPTION host-label-is-workspace-id). Raises CatalogueError
    when neither is usable, or when `api_host` names another region than the row.
    """
    if IN_TEMPLATE not in row.host:
        return row.url_template
    if api_host:
        return f"{row.scheme}://{_checked_host(api_host, row.region)}{row.path}"
    if not _WORKSPACE_ID.fullmatch(workspace_id) or looks_like_key(workspace_id):
        raise CatalogueError(
            f"workspace id {shown(workspace_id)} cannot stand in a host name; expected one like ws-ac3ef438bec22dc5"
        )
    return row.url_template.replace(IN_TEMPLATE, workspace_id)


def url_at(host: str, domain: str, region: str, protocol: str) -> str:
    """Return the base URL at a host that the user gives, for what the catalogue does not have (yet).

    `domain` must exist, since the path follows from it; `region` may be unknown. Raises CatalogueError when the host is
    a published one of another domain or region.
    """
    if domain not in DOMAINS:
        raise CatalogueError(f"domain {shown(domain)} does not exist; allowed: {', '.join(DOMAINS)}")
    path = path_of(domain, protocol)
    if not path:
        find(domain, region, protocol)  # says which protocols there are
        raise CatalogueError(f"the {domain} domain does not speak {shown(protocol)}")
    _checked_host(host, region)
    place = place_of_host(host)
    if place is not None and (place.domain, place.region) != (domain, region):
        raise CatalogueError(
            f"host {host} is that of the {place.domain} domain in {place.region}, not of the {domain} domain in "
            f"{shown(region)}"
        )
    label = host.partition(".")[0]
    if place is None and _OF_REGION.fullmatch(host) and not is_workspace_label(label):
        # Where the catalogue lacks a region, the fixed name of the very domain that is meant may be right.
        if domain_of_label(label) != domain:
            raise unknown_host(host, path)
    elif place is None and (nearest(host) or without_models(host)):
        raise unknown_host(host, path)
    return f"{scheme_of(protocol)}://{host}{path}"


PRIVATE_LINK_REGIONS = ("cn-beijing", "cn-hongkong")
"""Where a VPC reaches a workspace's host by PrivateLink (2026-10-11). It is made in the console: there is no API."""


def private_link_url(workspace_id: str, vpc_id: str, region: str, protocol: str) -> str:
    """Return the base URL at which a VPC reaches a workspace: `<workspace id>-<vpc id>.<region>.maas.aliyuncs.com`."""
    row = find("dedicated", region, protocol)
    return base_url(row, api_host=row.host.replace(IN_TEMPLATE, f"{workspace_id}-{vpc_id}"))


def may_carry_keys(parts: SplitResult) -> bool:
    """Whether a key may be sent to a URL: https, or http on this machine."""
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def check_gateway_url(url: str) -> str:
    """Return the base URL of a gateway of the user's own; raise CatalogueError for anything else."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        whole = (
            may_carry_keys(parts) and host and parts.port != 0 and not (parts.query or parts.fragment or parts.username)
        )
    except ValueError:
        whole = False
    if not whole or url.endswith("/") or looks_like_key(url):
        raise CatalogueError(
            f"{shown(url)} is not a base URL; expected https://host[:port]/path, without a query, a user and a slash "
            "at its end, such as https://gateway.example.com:8443/llm/v1"
        )
    return url


@dataclass(frozen=True, kw_only=True)
class HostPlace:
    """Which host it is."""

    domain: Domain
    region: str
    label: str = ""
    """On the dedicated domain, the part of the host that stands for its workspace."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Which base URL it is."""

    row: Row
    host: str
    label: str = ""
    """On the dedicated domain, the part of the host that stands for its workspace."""

    @property
    def url(self) -> str:
        """The base URL itself."""
        return f"{self.row.scheme}://{self.host}{self.row.path}"


def host_of(url: str, prefix: str = "") -> str:
    """Return the host name of a URL, the real one of a URL that leads through a double."""
    return urlsplit(unwrapped(prefix, url)).hostname or ""


def place_of_host(host: str) -> HostPlace | None:
    """Return which published host this is; None for any other."""
    for row in ROWS:
        if row.host == host and IN_TEMPLATE not in host:
            return HostPlace(domain=row.domain, region=row.region)
    for seen in SEEN:
        if seen.host == host:
            return HostPlace(domain=seen.domain, region=seen.region)
    found = _OF_REGION.fullmatch(host)
    known = found and any(row.domain == "dedicated" and row.region == found[2] for row in ROWS)
    if found and known and is_workspace_label(found[1]) and not looks_like_key(found[1]):
        # By PrivateLink the workspace's name is followed by that of the VPC.
        return HostPlace(domain="dedicated", region=found[2], label=found[1].partition("-vpc-")[0])
    return None


def rows_at(host: str) -> tuple[Row, ...]:
    """Return what a host serves, one row per protocol; nothing for one that is not published.

    A host that was seen live has the paths of its domain, as they are elsewhere.
    """
    place = place_of_host(host)
    if place is None:
        return ()
    published = tuple(row for row in ROWS if (row.domain, row.region) == (place.domain, place.region))
    if published:
        return published
    seen = next(seen for seen in SEEN if seen.host == host)
    like = {row.protocol: row for row in ROWS if row.domain == seen.domain}
    made = (replace(row, region=as_region(seen.region) or row.region, host=host) for row in like.values())
    return tuple(replace(row, source=seen.source, published=seen.day) for row in made)


def locate(url: str) -> Place:
    """Return which base URL `url` is. A trailing slash is let through.

    Raises CatalogueError, with the nearest one that exists, for anything else.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise CatalogueError(f"{shown(url)} is not a URL") from None
    if parts.username is not None or parts.password is not None:
        raise CatalogueError("a base URL holds no user and no password: the key travels in a header")
    place = place_of_host(host)
    if place is None:
        raise unknown_host(host or url, parts.path.rstrip("/"))
    rows = rows_at(host)
    row = next((r for r in rows if r.path == parts.path.rstrip("/")), None)
    whole = (
        row is not None
        and parts.scheme == row.scheme
        and port in (None, 443)
        and not parts.query
        and not parts.fragment
    )
    if row is None or not whole:
        raise no_base_url(host, place)
    return Place(row=row, host=host, label=place.label)


def behind(prefix: str, url: str) -> str:
    """Return `url` as it is reached through a double: `<prefix>/<real host><path>`; "" leaves it as it is.

    A websocket's goes the same way, with `ws` for `http`.
    """
    if prefix and url.startswith("wss://"):
        return f"{_for_websockets(prefix)}/{url.removeprefix('wss://')}"
    return f"{prefix}/{url.removeprefix('https://')}" if prefix else url


def unwrapped(prefix: str, url: str) -> str:
    """Return the real URL of one that leads through a double."""
    if prefix and url.startswith(f"{_for_websockets(prefix)}/"):
        return f"wss://{url.removeprefix(f'{_for_websockets(prefix)}/')}"
    return f"https://{url.removeprefix(f'{prefix}/')}" if prefix and url.startswith(f"{prefix}/") else url


def _for_websockets(prefix: str) -> str:
    return prefix.replace("http", "ws", 1)


def _checked_host(host: str, region: str) -> str:
    if not _HOST.fullmatch(host) or looks_like_key(host):
        raise CatalogueError(f"host {shown(host)} is not a host name")
    others = [label for label in host.split(".") if label in REGIONS and label != region]
    if others:
        raise CatalogueError(f"host {shown(host)} is in {others[0]}, not in {shown(region)}")
    return host


def no_base_url(host: str, place: HostPlace) -> CatalogueError:
    """Return the error for what is no base URL of a published host: it names those that the host has."""
    there = ", ".join(f"{row.scheme}://{host}{row.path} ({row.protocol})" for row in rows_at(host))
    return CatalogueError(f"not a base URL of the {place.domain} domain in {place.region}; it has {there}")


def unknown_host(host: str, path: str) -> CatalogueError:
    """Return the error for a host that is not published: what is known of it, or which one is meant, if either."""
    known, near = about(host), nearest(host)
    if near:
        rows = rows_at(near)
        told = f"; did you mean https://{near}{next((r for r in rows if r.path == path), rows[0]).path}?"
    else:
        told = f": {known}" if known else "; `python -m catalogue` lists all"
    return CatalogueError(f"{shown(host)} is not a host of Model Studio{told}")
