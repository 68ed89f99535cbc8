"""The provider's arguments: what is refused, and where calls go. No call is made here."""

import ipaddress
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.standin.values import UNKNOWN, Values, go_json

PROTOCOLS = ("HTTP", "HTTPS")
SERVED = {"kms": ("kms",), "mse": ("mse",), "oos": ("oos",), "sae": ("sae", "serverless")}
"""Product: the keys of `endpoints` that give its address."""
_OTHER_CREDENTIALS = (
    "assumeRole",
    "assumeRoleWithOidc",
    "credentialsUri",
    "ecsRoleName",
    "profile",
    "sharedCredentialsFile",
)
_REGION = re.compile(
    r"cn-(qingdao|beijing|zhangjiakou|huhehaote|wulanchabu|hangzhou|shanghai|nanjing|fuzhou|shenzhen|heyuan|guangzhou"
    r"|wuhan-lr|chengdu|hongkong|zhengzhou-jva|(hangzhou|beijing|shenzhen)-finance(-1)?|shanghai-finance-1"
    r"|north-2-gov-1)|ap-(northeast-[12]|southeast-[1-7]|south-1)|us-(east-1|west-1|southeast-1)|na-south-1"
    r"|eu-(central-1|west-1)|me-(east-1|central-1)"
)
_NO_CREDENTIALS = (
    "configuring Terraform Alibaba Cloud Provider: no valid credential sources for Terraform Alibaba Cloud Provider "
    "found.\n\nPlease see https://registry.terraform.io/providers/aliyun/alicloud/latest/docs#authentication\n"
    "for more information about providing credentials."
)


class Refused(Exception):
    """A configuration with which nothing can be done, and why."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A checked configuration."""

    region: str
    access_key: str
    secret_key: str
    security_token: str
    endpoints: Mapping[str, str]
    """Loopback `host:port` by product. A product that is missing cannot be called."""
    max_retry_timeout: float
    """Seconds; 0 leaves each operation its own."""
    read_timeout_ms: int
    connect_timeout_ms: int
    obstacle: str
    """Why no call may be made, or "". Previews need none, so this is not refused before the first."""


def problems(args: Values) -> list[tuple[str, str]]:
    """Return what is wrong with the provider's arguments, as (property or "", reason)."""
    found: list[tuple[str, str]] = []
    protocol = args.get("protocol", "")
    if protocol and protocol != UNKNOWN and protocol not in PROTOCOLS:
        said = f"could not validate provider configuration: expected protocol to be one of [HTTP HTTPS], got {protocol}"
        found.append(("", said))
    try:
        addresses = _addresses(args)
    except ValueError as error:
        return [*found, ("endpoints", str(error))]
    for product, address in addresses.items():
        if not _is_loopback(address):
            reason = (
                f"{product}: {address} is not on loopback. This is the stand-in plugin of the emulator; it takes "
                "host:port without a scheme, the host being 127.0.0.1, ::1 or localhost. For real services install the "
                "published plugin: pulumi plugin install resource alicloud"
            )
            found.append(("endpoints", reason))
    if addresses and not found and protocol in ("", "HTTPS"):
        found.append(("protocol", "the stand-in plugin speaks plain http, on loopback only: set protocol to HTTP"))
    return found


def canonical(endpoints: str) -> str:
    """Return the `endpoints` argument as the state holds it."""
    return endpoints if endpoints == UNKNOWN else go_json(json.loads(endpoints))


def configure(args: Values) -> Settings:
    """Return the settings. Raises Refused."""
    if wrong := problems(args):
        raise Refused("; ".join(f"{name}: {reason}" if name else reason for name, reason in wrong))
    region = str(args.get("region") or _environment("REGION", "ALICLOUD_", "ALIBABA_CLOUD_") or "cn-beijing")
    skip = str(args.get("skipRegionValidation", "")).lower() == "true"
    if not skip and not _REGION.fullmatch(region):
        raise Refused(
            f"Invalid Alibaba Cloud region: {region}. You can skip checking this region by setting provider parameter "
            "'skip_region_validation'."
        )
    others = [name for name in _OTHER_CREDENTIALS if args.get(name)]
    access_key, secret_key = _credentials(args)
    if not (access_key and secret_key) and not others:
        raise Refused(_NO_CREDENTIALS)
    addresses = _addresses(args)
    return Settings(
        region=region,
        access_key=access_key,
        secret_key=secret_key,
        security_token=str(args.get("securityToken") or _credential("SECURITY_TOKEN")),
        endpoints=addresses,
        max_retry_timeout=float(args.get("maxRetryTimeout") or os.environ.get("MAX_RETRY_TIMEOUT") or 0),
        read_timeout_ms=int(float(args.get("clientReadTimeout") or 60_000)),
        connect_timeout_ms=int(float(args.get("clientConnectTimeout") or 60_000)),
        obstacle=f"the stand-in plugin takes access keys only, not {', '.join(others)}" if others else "",
    )


def _addresses(args: Values) -> dict[str, str]:
    """Return the address of each served product that has one: arguments first, then the environment."""
    given = _endpoint_block(args.get("endpoints"))
    found: dict[str, str] = {}
    for product, keys in SERVED.items():
        by_name = [str(given[key]) for key in keys if given.get(key)]
        code = product.upper()
        by_name += [os.environ[n] for n in (f"ALIBABA_CLOUD_ENDPOINT_{code}", f"{code}_ENDPOINT") if os.environ.get(n)]
        if by_name:
            found[product] = by_name[0]
    return found


def _endpoint_block(text: Any) -> dict[str, Any]:
    """Return the one block of the list that the argument holds as JSON. Raises ValueError."""
    if not text or text == UNKNOWN:
        return {}
    try:
        blocks: Any = json.loads(str(text))
    except ValueError:
        raise ValueError("not JSON") from None
    listed: list[Any] = blocks if isinstance(blocks, list) else [None]  # pyright: ignore[reportUnknownVariableType] - JSON
    merged: dict[str, Any] = {}
    for block in listed:
        if isinstance(block, dict):
            merged |= block  # pyright: ignore[reportUnknownArgumentType] - JSON
        else:
            raise ValueError("not a list of one block")  # noqa: TRY004 - it is the text that is wrong
    return merged


def _is_loopback(address: str) -> bool:
    match = re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?", address)
    if match is None:
        return False
    host = match.group(1).strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _credentials(args: Values) -> tuple[str, str]:
    if args.get("accessKey") or args.get("secretKey"):
        return str(args.get("accessKey") or ""), str(args.get("secretKey") or "")
    return (
        os.environ.get("ALICLOUD_ACCESS_KEY") or _environment("ACCESS_KEY_ID", "ALIBABA_CLOUD_", "ALIBABACLOUD_"),
        os.environ.get("ALICLOUD_SECRET_KEY") or _environment("ACCESS_KEY_SECRET", "ALIBABA_CLOUD_", "ALIBABACLOUD_"),
    )


def _credential(name: str) -> str:
    return _environment(name, "ALICLOUD_", "ALIBABA_CLOUD_", "ALIBABACLOUD_")


def _environment(name: str, *prefixes: str) -> str:
    return next((os.environ[p + name] for p in prefixes if os.environ.get(p + name)), "")
