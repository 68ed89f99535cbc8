"""What names, addresses and lists in a stack file look like; each type says its rule in its error."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from catalogue import stores
from catalogue.regions import PLACES
from catalogue.rows import REGIONS, Domain, Protocol, Region
from catalogue.rules import MAX_IPS, MAX_MODELS, MAX_NAME, check_address
from catalogue.urls import LOOPBACK
from provider.client.shapes import as_list, as_object


def _matches(pattern: str, rule: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(rule)
        return value

    return AfterValidator(check)


def _taken_by(rule: stores.NameRule) -> AfterValidator:
    return _matches(rule.pattern, f"must be {rule.says}")


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.username:
        raise ValueError("must be scheme://host[:port] and nothing else, such as http://127.0.0.1:18080")
    return _safe(value)


def _prefix(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or value.endswith("/"):
        raise ValueError("must be scheme://host[:port]/path without a trailing slash, as http://127.0.0.1:18080/_host")
    return _safe(value)


def _safe(value: str) -> str:
    if urlsplit(value).scheme == "http" and urlsplit(value).hostname not in LOOPBACK:
        raise ValueError("must be https: keys travel there, and http is for loopback only")
    return value


def _unique(values: tuple[str, ...]) -> tuple[str, ...]:
    again = sorted({v for v in values if values.count(v) > 1})
    if again:
        raise ValueError(f"names {', '.join(again)} more than once")
    return values


def _region(value: str) -> str:
    if value not in REGIONS:
        raise ValueError(f"is not a region; allowed: {', '.join(REGIONS)}")
    return value


def _host(value: str) -> str:
    name = urlsplit(value if "//" in value else f"//{value}").netloc.lower()
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+", value):
        right = f": {name}" if re.fullmatch(r"[a-z0-9][a-z0-9.-]*\.[a-z0-9-]+", name) else ""
        if right and name == value.lower():
            raise ValueError(f"has capital letters; a host is written in lower case{right}")
        raise ValueError(f"must be a host name without scheme and path{right}")
    return value


def _all_or_list(value: object) -> object:
    """Say both alternatives at once, whatever is written instead."""
    if value == "all" or as_list(value):
        return value
    raise ValueError("must be all, or a list of models, such as [qwen-plus]")


def _address_or_mapping(value: object) -> object:
    if isinstance(value, str) or as_object(value):
        return value
    raise ValueError("must be an address, such as https://kms.example.com, or a mapping of regions to addresses")


_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def _duration(value: object) -> int:
    """Read a time, as 90d, 12h, 30m or 45s; a number alone could mean anything."""
    found = re.fullmatch(r"(\d{1,6})([dhms])", value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("must be a time such as 90d, 12h, 30m or 45s")
    return int(found[1]) * _UNITS[found[2]]


LogicalName = Annotated[
    str,
    _matches(r"[a-z][a-z0-9-]{0,20}", "must be 1 to 21 small letters, digits and hyphens, and start with a letter"),
]
"""Name of a workspace or service in this file; with the suffix of the default workspace name it stays within 30."""
AccountId = Annotated[str, _matches(r"[0-9]{16}", "must be the 16 digits of an Alibaba Cloud account, in quotes")]
WorkspaceName = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
WorkspaceId = Annotated[
    str, _matches(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", "must be a workspace id, such as ws-0759e7b7ea7f585b")
]
ServiceSite = Annotated[str, WithJsonSchema({"type": "string", "enum": list(PLACES)})]
"""Which of the words a region takes is a rule of the catalogue; editors offer all of them."""
Duration = Annotated[
    int, BeforeValidator(_duration), WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,6}[dhms]$"})
]
"""A time in the file, as 90d; seconds here."""
ConfigName = Annotated[
    str, _matches(r"[A-Za-z][A-Za-z0-9_-]{0,63}", "must be the name of a configuration value, such as codingPlanKey")
]
AnyRegion = Annotated[str, _matches(r"[a-z]{2}-[a-z]+(-[0-9])?", "must be a region id, such as ap-southeast-1")]
"""Shape alone: whether it exists is a matter of the catalogue, or of a host that the file gives itself."""
StoreRegion = Annotated[str, _taken_by(stores.REGION)]
"""Region of a store, by shape: stores are in many more regions than Model Studio."""
HostName = Annotated[str, AfterValidator(_host)]
VpcId = Annotated[str, _matches(r"vpc-[a-z0-9]{1,40}", "must be the id of a VPC, such as vpc-bp1a2b3c4d5e6f7g8")]
GatewayUrl = Annotated[str, Field(min_length=1)]
"""`catalogue.access` checks what it looks like, for programs and stack files alike."""
Prefix = Annotated[str, _taken_by(stores.PREFIX)]
RenamedFrom = Annotated[str, _matches(r"[^/]+/[^/]+/[^/]+", "must be <organization>/<project>/<stack>")]
RoleArn = Annotated[str, _matches(r"acs:ram::[0-9]{16}:role/.+", "must be acs:ram::<account id>:role/<name>")]

IpEntry = Annotated[str, AfterValidator(check_address)]
IpList = Annotated[tuple[IpEntry, ...], Field(max_length=MAX_IPS), AfterValidator(_unique)]
Model = Annotated[str, _matches(r"[A-Za-z0-9][A-Za-z0-9._/:-]{0,99}", "must be a model name, such as qwen-plus")]
Models = Annotated[
    Literal["all"] | Annotated[tuple[Model, ...], Field(min_length=1), AfterValidator(_unique)],
    BeforeValidator(_all_or_list),
]
KeyModels = Annotated[
    Literal["all"] | Annotated[tuple[Model, ...], Field(min_length=1, max_length=MAX_MODELS), AfterValidator(_unique)],
    BeforeValidator(_all_or_list),
]
Protocols = Annotated[tuple[Protocol, ...], Field(min_length=1), AfterValidator(_unique)]

KmsSecretName = Annotated[str, _taken_by(stores.KMS_SECRET)]
OosParameterName = Annotated[str, _taken_by(stores.OOS_PARAMETER)]
SaeNamespace = Annotated[str, _taken_by(stores.SAE_NAMESPACE)]
SaeConfigMapName = Annotated[str, _taken_by(stores.SAE_CONFIG_MAP)]
SaeConfigMapId = Annotated[str, _taken_by(stores.SAE_CONFIG_MAP_ID)]
MseInstance = Annotated[str, _taken_by(stores.MSE_INSTANCE)]
NacosNamespace = Annotated[str, _taken_by(stores.NACOS_NAMESPACE)]
NacosGroup = Annotated[str, _taken_by(stores.NACOS_GROUP)]
NacosDataId = Annotated[str, _taken_by(stores.NACOS_DATA_ID)]

Address = Annotated[str, AfterValidator(_address)]
Addresses = Annotated[
    Address | dict[Annotated[str, AfterValidator(_region)], Address], BeforeValidator(_address_or_mapping)
]
StoreAddresses = Annotated[Address | dict[StoreRegion, Address], BeforeValidator(_address_or_mapping)]
UrlPrefix = Annotated[str, AfterValidator(_prefix)]

__all__ = ["Domain", "Protocol", "Region"]
