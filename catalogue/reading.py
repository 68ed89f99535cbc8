"""Which base URL a URL is, however it is written, and what is different about it, a plain sentence each."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from catalogue.paths import row_of_path
from catalogue.rows import CatalogueError, shown
from catalogue.urls import Place, no_base_url, place_of_host, rows_at, unknown_host

_MISTYPED = re.compile(r"h[tx]{1,3}ps?|https?", re.IGNORECASE)
_HOLE = re.compile(
    r"\$\{\w{1,60}\}|\{{1,3}[^{}]{0,60}\}{1,3}|<[^<>/]{0,60}>|\[(?![0-9A-Fa-f]{0,4}:)[^\[\]/]{0,60}\]|\$\w{1,60}|%\w{1,60}%|\*(?=\.)",
    re.IGNORECASE,
)
_HOLE_WORDS = re.compile(
    r"(?:(?:your|my|the|insert|replace)[-_]?)?work[-_]?space(?:[-_]?(?:id|name))?|your[-_].*|x{3,}|(?:ws|llm)-(?:x{2,}|your.*|id)|"
    r"(?:ws|workspace)[-_]?id",
    re.IGNORECASE,
)
_LONGEST = 300
"""Characters of a host name with its port: 253, and some."""
_REGION_WORDS = re.compile(r"(?:your[-_]?)?region(?:[-_]?id)?", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Which base URL it is."""

    place: Place | None
    """None: none; `why` says why."""
    differences: tuple[str, ...] = ()
    why: str = ""


def read(url: str) -> Reading:
    """Say which base URL `url` is and what is different about it. Takes any text, and repeats no key in it."""
    said: list[str] = []
    try:
        place = _read(url, said)
    except CatalogueError as wrong:
        return Reading(place=None, differences=tuple(said), why=str(wrong))
    return Reading(place=place, differences=tuple(said))


def _read(url: str, said: list[str]) -> Place:
    scheme, rest = _split_scheme(url, said)
    rest = _without_tail(rest, said)
    authority, _, path = rest.partition("/")
    host = _host(authority, said)
    place = place_of_host(host)
    if place is None:
        raise unknown_host(host or url, f"/{path}".rstrip("/"))
    if scheme in ("ws", "wss") and "api-ws" not in path:
        said.append("its scheme is that of the WebSocket API; the others are called by https")
    rows = rows_at(host)
    row = row_of_path(f"/{path}" if path else "", rows, said)
    if row is None:
        raise no_base_url(host, place)
    return Place(row=row, host=host, label=place.label)


def _split_scheme(url: str, said: list[str]) -> tuple[str, str]:
    found = re.match(r"([A-Za-z][A-Za-z0-9+-]*)([:;]?/{1,3}|:(?![0-9]))(.*)", url, re.DOTALL)
    if found is None or "." in found[1] or (found[2] == "/" and not _MISTYPED.fullmatch(found[1])):
        said.append("it has no scheme; https:// comes first")
        return "", url.lstrip("/:")
    scheme, sign, rest = found[1].lower(), found[2], found[3]
    if scheme == "http":
        said.append("its scheme is http, which would send the key in clear; the service is called by https")
    elif scheme not in ("https", "ws", "wss"):
        said.append("its scheme is mistyped or another one; https is right")
    if sign != "://":
        said.append("what follows the scheme is mistyped; it is ://")
    if found[1] != scheme:
        said.append("its scheme is in capital letters")
    rest = rest.lstrip("/")
    again = re.match(r"(?:https?|wss?):/*", rest, re.IGNORECASE)
    if again:
        said.append("its scheme is doubled")
        rest = rest[again.end() :]
    return scheme, rest


def _without_tail(rest: str, said: list[str]) -> str:
    rest, mark, _ = rest.partition("#")
    if mark:
        said.append("it has a fragment (#...), which is never sent and is left out")
    rest, mark, _ = rest.partition("?")
    if mark:
        said.append("it has a query string (?...), which a base URL has none of: clients append their path to it")
    return rest


def _host(authority: str, said: list[str]) -> str:
    """Return the host of an authority. Raises CatalogueError for one with a user, a hole, or no host name."""
    if "@" in authority:
        raise CatalogueError("a base URL holds no user and no password: the key travels in a header")
    if len(authority) > _LONGEST:
        raise CatalogueError("its host is longer than host names are")
    _refuse_hole(authority)
    try:
        parts = urlsplit(f"https://{authority}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise CatalogueError(f"{shown(authority)} is not a host and port") from None
    if port == 443:
        said.append("it names port 443, which https has anyway")
    elif port is not None:
        said.append(f"it names port {port}; the service answers at 443, which needs no word")
    elif authority.endswith(":"):
        said.append("it has a colon without a port")
    written = authority.partition(":")[0]
    if written != written.lower():
        said.append("its host has capital letters; host names are written in lower case")
    if host.endswith("."):
        said.append("its host ends with a dot, which is left out")
    return host.rstrip(".")


def _refuse_hole(authority: str) -> None:
    """Refuse a host with a place in it that nobody filled in."""
    host = unquote(authority).partition(":")[0]
    labels = [authority] if host.startswith("[") and ":" in authority else _HOLE.sub("{}", host).split(".")
    tail = ".".join(labels[-3:]).lower()
    if tail != "maas.aliyuncs.com":
        if "{}" in labels:
            raise CatalogueError(
                "its host has a placeholder that nobody filled in; `python -m catalogue` lists all hosts"
            )
        return
    first, region = labels[0], labels[1] if len(labels) == 5 else ""
    first_is_hole = first == "{}" or _HOLE_WORDS.fullmatch(first) is not None
    region_is_hole = region == "{}" or _REGION_WORDS.fullmatch(region) is not None
    if len(labels) != 5 or not (first_is_hole or region_is_hole):
        return
    what = [w for w, hole in (("your workspace id", first_is_hole), ("its region", region_is_hole)) if hole]
    raise CatalogueError(f"its host has a placeholder that nobody filled in: put {' and '.join(what)} in")
