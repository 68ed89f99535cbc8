"""What a secret store does for the plugin. Each store is one module that speaks its words and no other's."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from catalogue.stores import kms_place, oos_secret_place

MARK_TAG = "model-studio-mark"
"""Tag of every object that this plugin writes."""

SecretStoreName = Literal["kms", "oos"]

_MARK = re.compile(r"([0-9a-f]{16}):([0-9a-f]{16})")


@dataclass(frozen=True, kw_only=True)
class Place:
    """One object of a secret store."""

    store: SecretStoreName
    region: str
    name: str

    @classmethod
    def read(cls, text: str) -> "Place":
        """Read what str() makes. Raises ValueError for anything else."""
        kind, colon, rest = text.partition(":")
        region, slash, name = rest.partition("/")
        store: SecretStoreName | None = {"kms": "kms", "oos-secret": "oos"}.get(kind)  # type: ignore[assignment]  # literals
        if store is None or not (colon and slash and name):
            raise ValueError(f"no place of a secret: {text}")
        return cls(store=store, region=region, name=name)

    def __str__(self) -> str:
        """How it is called in outputs and messages, as `kms:cn-beijing/prod/gateway`."""
        call = kms_place if self.store == "kms" else oos_secret_place
        return call(self.region, self.name)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Whose object it is: the stack's owner id, and the series of keys that it holds. As text `<owner>:<series>`."""

    owner_id: str
    series: str

    @classmethod
    def read(cls, text: str) -> "Mark | None":
        """Read a mark; None unless the text is one and nothing else."""
        found = _MARK.fullmatch(text)
        return cls(owner_id=found[1], series=found[2]) if found else None

    def __str__(self) -> str:
        return f"{self.owner_id}:{self.series}"


@dataclass(frozen=True, kw_only=True)
class Look:
    """An object without its value."""

    mark: Mark | None
    """None: it carries none, or it cannot be told whose it is; then it is another's."""
    tags: Mapping[str, str]
    current: str
    """Id of the version that readers get; "" where the store does not tell without the value."""
    name: str
    """Name under which that version was put, as `g1r1-ab12cd34`; "" when it is not known."""
    deleted_at: str = ""
    """When it will be gone, ISO 8601; "" unless it is in its deletion window."""
    encryption_key: str = ""
    instance: str = ""


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of an object, with its value."""

    version: str
    """Id by which the store finds it: of KMS the version id, of OOS the number."""
    name: str
    """Name under which it was put; "" where the store does not keep it (an older version in OOS)."""
    data: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Making:
    """What a new object is made with."""

    tags: Mapping[str, str]
    mark: Mark
    encryption_key: str = ""
    """Id of the key that encrypts it; "" for the store's own choice."""
    instance: str = ""
    """Id of the dedicated KMS instance; "" for none."""


@dataclass(frozen=True, kw_only=True)
class Deleting:
    """How an object goes."""

    recovery_days: int = 30
    force: bool = False
    """At once, beyond recovery. A store without a recovery window does so anyway."""


class SecretStore(Protocol):
    """One kind of secret store. Every error is a ServiceError; a value is never in one."""

    versions_kept: int
    """How many versions of an object it keeps before it drops the oldest."""

    def look(self, place: Place) -> Look | None:
        """Return an object without its value, None when the store says that it does not exist."""
        ...

    def read(self, place: Place, version: str = "") -> Version | None:
        """Return a version with its value, the current one when none is named.

        None only when the store says that the object or the version does not exist. An object in its deletion window
        raises ServiceError (`Rejected.ResourceInDeleteWindow` in KMS).
        """
        ...

    def current(self, place: Place) -> str | None:
        """Return the id of the version that readers get, None when there is no object. No value is read."""
        ...

    def versions(self, place: Place) -> Sequence[str]:
        """Return the ids of the versions that are kept, oldest first; [] when there is no object. No value is read."""
        ...

    def create(self, place: Place, name: str, data: str, making: Making) -> Version:
        """Make the object with its first version, mark and tags, in one call.

        When the answer is lost, the object is looked for by its mark and its data instead of being made again: what
        this call made is returned as if it had been answered. An object that exists is refused (ServiceError).
        """
        ...

    def put(self, place: Place, name: str, data: str, mark: Mark) -> Version:
        """Add a version and make it current; readers get it from then on.

        A store that keeps the mark in the description writes it in the same call. Tags are left alone: the caller has
        set them with `tag` where the object was another's or nobody's. Equal data under an id that is kept becomes
        current without a new version where the store can do that. Where other data is stored under the id, the next
        free one of `<name>-2`, `<name>-3` ... is used.
        """
        ...

    def tag(self, place: Place, tags: Mapping[str, str]) -> None:
        """Set these tags; others stay. The mark is the tag MARK_TAG."""
        ...

    def restore(self, place: Place) -> None:
        """Take an object out of its deletion window. A store without one does nothing."""
        ...

    def delete(self, place: Place, deleting: Deleting) -> None:
        """Remove the object; one that is gone or in its window already is fine."""
        ...
