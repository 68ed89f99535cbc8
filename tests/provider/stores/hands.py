"""Somebody else at each secret store, with the vendor's generated clients, and what sets the stores apart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from provider.stores.store import MARK_TAG, Mark
from tests.emulator.clients import Clients, kms, oos

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provider.stores.store import SecretStoreName

REGION = "cn-beijing"
MARK = Mark(owner_id="0123456789abcdef", series="fedcba9876543210")
OTHER = Mark(owner_id="0123456789abcdef", series="0000000000000000")
FOREIGN = Mark(owner_id="ffffffffffffffff", series="fedcba9876543210")


class Hand(Protocol):
    """Somebody with access to the account."""

    def __init__(self, clients: Clients) -> None: ...

    def create(
        self, name: str, version: str, data: str, *, tags: Mapping[str, str] | None = None, description: str = ""
    ) -> None:
        """Make an object."""
        ...

    def put(self, name: str, version: str, data: str) -> None:
        """Add a version."""
        ...

    def value(self, name: str) -> str:
        """Return what readers get."""
        ...

    def tags(self, name: str) -> dict[str, str]:
        """Return the object's tags."""
        ...


class KmsHand:
    """Somebody at KMS."""

    def __init__(self, clients: Clients) -> None:
        self.client = clients.kms(REGION)

    def create(
        self, name: str, version: str, data: str, *, tags: Mapping[str, str] | None = None, description: str = ""
    ) -> None:
        listed = json.dumps([{"TagKey": key, "TagValue": value} for key, value in (tags or {}).items()])
        request = kms.CreateSecretRequest(
            secret_name=name, version_id=version, secret_data=data, tags=listed, description=description
        )
        self.client.create_secret(request)

    def put(self, name: str, version: str, data: str) -> None:
        self.client.put_secret_value(kms.PutSecretValueRequest(secret_name=name, version_id=version, secret_data=data))

    def value(self, name: str) -> str:
        return str(self.client.get_secret_value(kms.GetSecretValueRequest(secret_name=name)).body.secret_data)

    def tags(self, name: str) -> dict[str, str]:
        body = self.client.describe_secret(kms.DescribeSecretRequest(secret_name=name, fetch_tags="true")).body
        return {tag.tag_key: tag.tag_value for tag in body.tags.tag}


class OosHand:
    """Somebody at OOS."""

    def __init__(self, clients: Clients) -> None:
        self.client = clients.oos(REGION)

    def create(
        self, name: str, version: str, data: str, *, tags: Mapping[str, str] | None = None, description: str = ""
    ) -> None:
        del version
        request = oos.CreateSecretParameterRequest(
            name=name, value=data, tags=dict(tags or {}), description=description or None
        )
        self.client.create_secret_parameter(request)

    def put(self, name: str, version: str, data: str) -> None:
        del version
        self.client.update_secret_parameter(oos.UpdateSecretParameterRequest(name=name, value=data))

    def value(self, name: str) -> str:
        return str(self._get(name, with_decryption=True).value)

    def tags(self, name: str) -> dict[str, str]:
        return dict(self._get(name).tags)

    def _get(self, name: str, **more: Any) -> Any:
        return self.client.get_secret_parameter(oos.GetSecretParameterRequest(name=name, **more)).body.parameter


@dataclass(frozen=True, kw_only=True)
class Row:
    """What the contract's cases must know of a store."""

    hand: type[Hand]
    create: str
    """The call that makes an object."""
    put: str
    """The call that adds a version."""
    window: bool
    """Whether a deleted object can be restored for a time."""
    ids_are_names: bool
    """Whether a version is found by its name, which then holds one data only."""
    ours: Mapping[str, Mapping[str, Any]]
    """What an object can be made with so that it carries MARK, by case."""
    unclear: Mapping[str, Mapping[str, Any]]
    """What an object can be made with so that it carries no mark."""


ROWS: Mapping[SecretStoreName, Row] = {
    "kms": Row(
        hand=KmsHand,
        create="CreateSecret",
        put="PutSecretValue",
        window=True,
        ids_are_names=True,
        ours={"tag": {"tags": {MARK_TAG: str(MARK)}}},
        unclear={
            "nothing": {},
            "other tags": {"tags": {"team": "a"}},
            "no mark in the tag": {"tags": {MARK_TAG: "mine"}},
            "more than a mark": {"tags": {MARK_TAG: f"{MARK}:x"}},
            "description alone": {"description": f"g1r1-ab12cd34 {MARK}"},
        },
    ),
    "oos": Row(
        hand=OosHand,
        create="CreateSecretParameter",
        put="UpdateSecretParameter",
        window=False,
        ids_are_names=False,
        ours={
            "both": {"description": f"g1r1-ab12cd34 {MARK}", "tags": {MARK_TAG: str(MARK)}},
            "description alone": {"description": f"g1r1-ab12cd34 {MARK}"},
            "among words": {"description": f"please keep {MARK} here"},
        },
        unclear={
            "nothing": {},
            "words": {"description": "our gateway"},
            "tag alone": {"tags": {MARK_TAG: str(MARK)}},
            "tag of another": {"description": f"g1r1-ab12cd34 {MARK}", "tags": {MARK_TAG: str(FOREIGN)}},
            "tag without a mark": {"description": f"g1r1-ab12cd34 {MARK}", "tags": {MARK_TAG: "mine"}},
            "two marks": {"description": f"{MARK} {OTHER}"},
            "the same twice": {"description": f"{MARK} {MARK}"},
            "more than a mark": {"description": f"g1r1-ab12cd34 {MARK}:x"},
        },
    ),
}
