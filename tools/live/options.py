"""What the command line says: whose account, where, and which double where there is one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from catalogue.rows import REGIONS, as_region, looks_like_key, shown
from catalogue.urls import may_carry_keys
from provider.client.sdk import Endpoints
from tools.arguments import Parser, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ACCOUNT = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True, kw_only=True)
class Options:
    """The command line, checked."""

    account: str
    region: str
    yes: bool
    clean: bool
    out: Path | None
    control_plane: Mapping[str, str]
    """Address of a double, by region or for `*`; {} for the vendor's own."""
    endpoints: Endpoints
    prefix: str
    """Leads to a double of the inference hosts."""


def read(arguments: Sequence[str]) -> Options:
    """Read the command line. Raises UsageError."""
    if any(map(looks_like_key, arguments)):
        raise UsageError("an argument looks like a key: it takes none, and this one should be taken out of use")
    given = _parser().parse_args(arguments)
    if not _ACCOUNT.fullmatch(given.account):
        raise UsageError(f"account {shown(given.account)} is no account id, such as 1234567890123456")
    if as_region(given.region) is None:
        raise UsageError(f"region {shown(given.region)} does not exist; allowed: {', '.join(REGIONS)}")
    plane = dict(map(_of_region, given.control_plane))
    if bool(plane) != bool(given.prefix):
        raise UsageError("--control-plane and --prefix go together: a double of one alone would meet the live service")
    sts = _address(given.sts) if given.sts else plane.get(given.region) or plane.get("*", "")
    return Options(
        account=given.account,
        region=given.region,
        yes=given.yes,
        clean=given.clean,
        out=given.out,
        control_plane=plane,
        endpoints=Endpoints(addresses={"modelstudio": plane, "sts": {"*": sts}} if plane else {}),
        prefix=_address(given.prefix, path=True) if given.prefix else "",
    )


def _parser() -> Parser:
    parser = Parser(prog="python -m tools.live", description="Measure what is assumed of the service.")
    parser.add_argument("--account", required=True, metavar="ID", help="the account; the caller's must be this one")
    parser.add_argument("--region", required=True, help="where workspaces are made")
    parser.add_argument("--yes", action="store_true", help="ask for no confirmation")
    parser.add_argument("--clean", action="store_true", help="only remove what earlier runs left")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the raw answers, masked, as JSON")
    parser.add_argument(
        "--control-plane",
        action="append",
        default=[],
        metavar="[REGION=]ADDRESS",
        help="a double of the control plane, for one region or for all; may be repeated",
    )
    parser.add_argument("--sts", default="", metavar="ADDRESS", help="a double of STS; left out: the control plane's")
    parser.add_argument("--prefix", default="", help="prefix of a double of the hosts, as http://127.0.0.1:PORT/_host")
    return parser


def _of_region(text: str) -> tuple[str, str]:
    region, found, address = text.partition("=")
    if not found:
        return "*", _address(text)
    if as_region(region) is None:
        raise UsageError(f"--control-plane: region {shown(region)} does not exist")
    return region, _address(address)


def _address(value: str, *, path: bool = False) -> str:
    """Check an address: credentials and keys go there, so it is this machine, or https."""
    try:
        parts = urlsplit(value)
        right = may_carry_keys(parts) and bool(parts.hostname) and (path or parts.path in ("", "/"))
    except ValueError:
        right = False
    if not right:
        raise UsageError("a double is an https address, or http on this machine, as http://127.0.0.1:18080")
    return value.rstrip("/")
