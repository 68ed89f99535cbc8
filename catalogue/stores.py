"""The stores that a record can go to: how a place in them is called, what names they take, how much they hold.

Stack files and components ask here, so that what a store would refuse is refused in preview. The alicloud provider
looks at none of it but a plain OOS parameter's name and length, and prints the value when that is too long.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Store = Literal["kms", "oos", "sae", "nacos"]
ContentType = Literal["properties", "yaml", "json"]
"""Of a Nacos config."""
OnConflict = Literal["fail", "adopt"]
OnDelete = Literal["delete", "retain"]

PUBLIC = "public"
"""The Nacos namespace that every instance has; its id in calls is empty."""


class StoreError(ValueError):
    """What a store would refuse; the text says what would be right and never holds content."""


@dataclass(frozen=True, kw_only=True)
class NameRule:
    """What one kind of name must look like."""

    pattern: str
    says: str
    """The rule in words, as it follows the refused name."""
    source: str

    def check(self, name: str) -> None:
        """Raise StoreError unless the store takes it."""
        if not re.fullmatch(self.pattern, name):
            raise StoreError(f"must be {self.says}")


@dataclass(frozen=True, kw_only=True)
class SpanRule:
    """How small and how large a number may be."""

    least: int
    most: int
    unit: str
    source: str

    def check(self, number: int) -> None:
        """Raise StoreError unless the store takes it."""
        if not self.least <= number <= self.most:
            raise StoreError(f"must be {self.least} to {self.most} {self.unit}")


@dataclass(frozen=True, kw_only=True)
class SizeRule:
    """How much one object holds."""

    most: int
    unit: Literal["bytes", "characters"]
    source: str

    def check(self, content: str) -> None:
        """Raise StoreError for content that the store would refuse."""
        size = len(content) if self.unit == "characters" else len(content.encode())
        if size > self.most:
            raise StoreError(
                f"the record is {size} {self.unit} long, and {self.most} fit; shorten the prefix, or deliver fewer "
                "protocols"
            )


_REGION = r"[a-z]{2}-[a-z]{2,}(?:-[a-z]{2,}|-[0-9]{1,2})*"
REGION = NameRule(
    pattern=_REGION,
    says="the id of a region, such as cn-hangzhou, ap-southeast-5 or cn-shanghai-finance-1",
    # Shape alone: stores are in many more regions than Model Studio, and new ones open.
    source="Regions and zones page of ECS, 2026-10",
)
PREFIX = NameRule(
    pattern=r"[A-Z][A-Z0-9_]{0,30}_",
    says="capital letters and digits, and end with _, as QWEN_",
    source="this project: names of environment variables",
)
KMS_SECRET = NameRule(
    pattern=r"(?!acs/)[A-Za-z0-9_/+=.@-]{1,192}",
    says="1 to 192 letters, digits and _/+=.@-, and not start with acs/ (KMS, CreateSecret)",
    source="API reference of KMS 2016-01-20, CreateSecret",
)
RECOVERY_WINDOW = SpanRule(least=7, most=30, unit="days", source="API reference of KMS 2016-01-20, DeleteSecret")
OOS_PARAMETER = NameRule(
    pattern=r"(?i:(?!aliyun|acs|alibaba|alicloud|oos))[A-Za-z0-9_/-]{2,180}",
    says="2 to 180 letters, digits and _/-, and not start with aliyun, acs, alibaba, alicloud or oos (OOS)",
    # ASSUMPTION oos-names-strictest
    source="API reference of OOS 2019-06-01, CreateParameter and CreateSecretParameter; alicloud provider",
)
SAE_NAMESPACE = NameRule(
    pattern=rf"{_REGION}(:[a-z0-9]{{1,20}})?",
    says="<region>:<1 to 20 small letters and digits>, such as cn-beijing:prod, or <region> for its default namespace",
    source="API reference of SAE 2019-05-06, CreateNamespace",
)
SAE_CONFIG_MAP = NameRule(
    pattern=r"[A-Za-z][A-Za-z0-9_]{0,62}",
    says="letters, digits and _, and start with a letter (SAE)",
    source="API reference of SAE 2019-05-06, CreateConfigMap; length: ASSUMPTION sae-name-length",
)
SAE_CONFIG_MAP_ID = NameRule(
    pattern=r"[0-9]{1,18}", says="a number, in quotes, as the SAE console shows it", source="SAE 2019-05-06"
)
MSE_INSTANCE = NameRule(
    pattern=r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}",
    says="the id of an MSE instance, such as mse-cn-abc",
    source="API reference of MSE 2019-05-31, CreateNacosConfig: ASSUMPTION mse-instance-form",
)
NACOS_NAMESPACE = NameRule(
    pattern=r"[A-Za-z0-9_-]{1,128}",
    says="the id of a Nacos namespace of that instance, or public",
    source="Nacos server, NamespaceController (a custom id: letters, digits, _ and -, at most 128)",
)
NACOS_GROUP = NameRule(
    pattern=r"[A-Za-z0-9_.:-]{1,128}",
    says="1 to 128 letters, digits and _.:- (Nacos)",
    source="Nacos server, ParamUtils; manual of the Nacos Java SDK",
)
NACOS_DATA_ID = NameRule(
    pattern=r"[A-Za-z0-9_.:-]{1,256}",
    says="1 to 256 letters, digits and _.:- (Nacos)",
    source="Nacos server, ParamUtils; manual of the Nacos Java SDK",
)

SIZES: Mapping[Store, SizeRule] = {
    "kms": SizeRule(most=30720, unit="bytes", source="API reference of KMS 2016-01-20, PutSecretValue"),
    "oos": SizeRule(most=4096, unit="characters", source="API reference of OOS 2019-06-01, CreateParameter"),
    # The alicloud provider sends the data in the URL, in which most gateways take 8 KB, and punctuation triples there.
    "sae": SizeRule(most=4096, unit="bytes", source="ASSUMPTION sae-url-size"),
    "nacos": SizeRule(most=100 * 1024, unit="bytes", source="manual of the Nacos Java SDK (100 KB)"),
}


@dataclass(frozen=True, kw_only=True)
class ReaderCache:
    """How long readers of a store may go on with what they read."""

    reader: str
    """Who keeps it, and for how long, in words."""
    seconds: int


READER_CACHES: Mapping[str, ReaderCache] = {
    # The vendor's cache clients refresh at the interval that they are given; their documents use one hour.
    "kms": ReaderCache(reader="the KMS client keeps a secret for up to an hour by default", seconds=3600),
}
"""By the beginning of a place. The other stores' readers ask each time, or are told."""


def kms_place(region: str, name: str) -> str:
    """Return how a KMS secret is called in outputs and messages."""
    return f"kms:{region}/{name}"


def oos_secret_place(region: str, name: str) -> str:
    """Return how an OOS secret parameter is called."""
    return f"oos-secret:{region}/{name}"


def oos_place(region: str, name: str) -> str:
    """Return how a plain OOS parameter is called."""
    return f"oos:{region}/{name}"


def sae_place(namespace: str, name: str) -> str:
    """Return how a SAE config map is called; its namespace carries the region."""
    return f"sae:{namespace}/{name}"


def nacos_place(region: str, instance: str, namespace: str, group: str, data_id: str) -> str:
    """Return how a Nacos config is called."""
    return f"nacos:{region}/{instance}/{namespace}/{group}/{data_id}"


_ENDINGS: Mapping[str, ContentType] = {
    ".properties": "properties",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "json",
}


def nacos_content_type(data_id: str, said: ContentType | None) -> ContentType:
    """Return the type that is said, else that of the data id's ending. Raises StoreError where neither tells."""
    if said is not None:
        return said
    for ending, kind in _ENDINGS.items():
        if data_id.endswith(ending):
            return kind
    raise StoreError(f"does not end in {', '.join(_ENDINGS)}; say content_type: properties, yaml or json")


def check_sae_adoption(on_conflict: str, config_map_id: str | None) -> None:
    """Refuse to adopt a config map by name: SAE knows them by number alone. Raises StoreError."""
    if on_conflict == "adopt" and config_map_id is None:
        raise StoreError("missing; SAE knows a config map that is to be adopted by its number, which its console shows")
    if on_conflict != "adopt" and config_map_id is not None:
        raise StoreError("belongs to on_conflict: adopt; leave it out, or say that")
