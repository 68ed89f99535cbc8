"""The mark in the description of every key that is minted: whose it is, which generation, which attempt."""

import hashlib
import re
import secrets
from dataclasses import dataclass

from provider.client.control_plane import KeyInfo
from provider.resource import Urn

_MARK = re.compile(r"pulumi:([0-9a-f]{16}):([0-9a-f]{8}):g([1-9][0-9]*):([0-9a-f]{8})")


@dataclass(frozen=True, kw_only=True)
class Mark:
    """`pulumi:<owner id>:<hash of type and logical name>:g<generation>:<nonce>`, the whole description."""

    owner_id: str
    name_hash: str
    generation: int
    nonce: str

    @classmethod
    def new(cls, owner_id: str, urn: Urn, generation: int) -> "Mark":
        """Make the mark of one attempt to mint; its nonce is never used again."""
        return cls(owner_id=owner_id, name_hash=name_hash(urn), generation=generation, nonce=secrets.token_hex(4))

    @classmethod
    def read(cls, description: str) -> "Mark | None":
        """Read a description; None unless it is a mark and nothing else."""
        found = _MARK.fullmatch(description)
        if not found:
            return None
        owner, name, generation, nonce = found.groups()
        return cls(owner_id=owner, name_hash=name, generation=int(generation), nonce=nonce)

    def __str__(self) -> str:
        return f"{series(self.owner_id, self.name_hash)}g{self.generation}:{self.nonce}"


def series(owner_id: str, name_hash: str) -> str:
    """Return what the marks of one service's keys have in common."""
    return f"pulumi:{owner_id}:{name_hash}:"


def name_hash(urn: Urn) -> str:
    """Return 8 hex digits of the resource's type and logical name."""
    return hashlib.sha256(f"{urn.type}::{urn.name}".encode()).hexdigest()[:8]


def owned_by(key: KeyInfo, owner_id: str) -> bool:
    """Whether a key carries a mark of this owner, under whatever name: a renamed resource keeps its keys."""
    mark = Mark.read(key.description)
    return mark is not None and mark.owner_id == owner_id


def marked(keys: list[KeyInfo], owner_id: str, urn: Urn) -> list[tuple[Mark, KeyInfo]]:
    """Return those keys that carry this service's mark, oldest generation first."""
    wanted = name_hash(urn)
    pairs = [(mark, key) for key in keys if (mark := Mark.read(key.description)) is not None]
    ours = [(m, k) for m, k in pairs if m.owner_id == owner_id and m.name_hash == wanted]
    return sorted(ours, key=lambda pair: (pair[0].generation, pair[1].key_id))
