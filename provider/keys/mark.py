"""The mark in the description of every key that is minted: whose it is, which generation, which attempt."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from provider.client.control_plane import KeyInfo

_MARK = re.compile(r"pulumi:([0-9a-f]{16}):([0-9a-f]{16}):g([1-9][0-9]*):([0-9a-f]{8})")


@dataclass(frozen=True, kw_only=True)
class KeyMark:
    """`pulumi:<owner id>:<series>:g<generation>:<nonce>`, the whole description."""

    owner_id: str
    series: str
    """The same for all keys of one service, whatever it is called."""
    generation: int
    nonce: str

    @classmethod
    def new(cls, owner_id: str, series: str, generation: int) -> "KeyMark":
        """Make the mark of one attempt to mint; its nonce is never used again."""
        return cls(owner_id=owner_id, series=series, generation=generation, nonce=secrets.token_hex(4))

    @classmethod
    def read(cls, description: str) -> "KeyMark | None":
        """Read a description; None unless it is a mark and nothing else."""
        found = _MARK.fullmatch(description)
        if not found:
            return None
        owner, series, generation, nonce = found.groups()
        return cls(owner_id=owner, series=series, generation=int(generation), nonce=nonce)

    def __str__(self) -> str:
        return f"{beginning(self.owner_id, self.series)}g{self.generation}:{self.nonce}"


def beginning(owner_id: str, series: str) -> str:
    """Return what the marks of one service's keys have in common."""
    return f"pulumi:{owner_id}:{series}:"


def new_series(owner_id: str, claim: str, name: str) -> str:
    """Return the series of a service that has none on record yet.

    `claim`: random, made when its vault's name was claimed, and on record before any key is minted. So a create that
    was killed finds its own keys when it runs again, and a later service of the same name finds none of them.
    """
    return hashlib.sha256(f"{owner_id}/{claim}/{name}".encode()).hexdigest()[:16]


def owned_by(key: KeyInfo, owner_id: str) -> bool:
    """Whether a key carries a mark of this stack, of whatever service."""
    mark = KeyMark.read(key.description)
    return mark is not None and mark.owner_id == owner_id


def marked(keys: Iterable[KeyInfo], owner_id: str, series: str) -> list[tuple[KeyMark, KeyInfo]]:
    """Return those keys that carry this service's mark, oldest generation first."""
    pairs = [(mark, key) for key in keys if (mark := KeyMark.read(key.description)) is not None]
    ours = [(m, k) for m, k in pairs if (m.owner_id, m.series) == (owner_id, series)]
    return sorted(ours, key=lambda pair: (pair[0].generation, pair[1].key_id))
