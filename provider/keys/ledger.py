"""What is on record of one service's keys, typed. Never a value: where it lies, and a fingerprint to know it by."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from provider.client.shapes import as_object, as_objects
from provider.values import Values


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One version of a secret that holds a key."""

    place: str
    """As `kms:cn-beijing/prod/gateway`."""
    version: str
    """Id by which the store finds it."""
    name: str
    """Name under which it was put, as `g1r1-ab12cd34`."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """One key that this service has or had. An existing key, made elsewhere, has no id and is never ended here."""

    generation: int
    key_id: str
    region: str
    workspace: str
    nonce: str = ""
    """Last part of its mark."""
    created_at: str = ""
    created_by: str = ""
    """Account or RAM user that it belongs to."""
    fingerprint: str = ""
    """By which its value is known; "" where nobody has the value."""
    copies: tuple[Copy, ...] = ()
    """Where its value lies."""
    superseded_at: str = ""
    """When it was last put aside; "" for one that was found."""
    set_aside: bool = False
    """Whether another hand disabled or took it over, so that it is not for this stack to deliver it."""

    @classmethod
    def read(cls, given: Values) -> "Key":
        """Read one off the state."""
        known = {_wire(f.name): f.name for f in fields(cls)}
        said: dict[str, Any] = {known[name]: value for name, value in given.items() if name in known}
        copies = tuple(Copy(**{f.name: str(c.get(f.name, "")) for f in fields(Copy)}) for c in _list(given, "copies"))
        said |= {"generation": int(given.get("generation") or 0), "copies": copies}
        return cls(**said)

    def as_state(self) -> Values:
        """Return it as the state keeps it: what is empty is left out."""
        said: Values = {_wire(name): value for name, value in asdict(self).items() if value not in ("", False, ())}
        if self.copies:
            said["copies"] = [asdict(copy) for copy in self.copies]
        return {"regionId": self.region, "workspaceId": self.workspace, "keyId": self.key_id, **said}

    @property
    def can_be_read(self) -> bool:
        """Whether its value lies somewhere."""
        return bool(self.fingerprint and self.copies)

    @property
    def home(self) -> tuple[str, str]:
        """Region and workspace id."""
        return self.region, self.workspace


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """All keys of one service."""

    series: str
    current: Key | None = None
    """The key that is delivered."""
    present: bool = False
    """Whether it exists, is enabled and is the source's, as far as was seen."""
    superseded: tuple[Key, ...] = ()
    """Keys that are not current but may be alive, oldest generation first."""
    unfinished: tuple[Key, ...] = ()
    """Keys that were minted and never sent anywhere, and could not be deleted yet."""
    highest: int = 0
    """Highest generation that was ever sent to a place: a number is not used again when its key is gone."""
    nonces: Mapping[str, str] = field(default_factory=dict[str, str])
    """Key id by nonce, of all keys so far: another key with one is a copy of a description, and not ours."""
    rotated: str = ""
    """The last `rotate` on record."""
    source: str = ""
    """Where an existing key comes from, as `config` or `kms:<region>/<name>#<field>`; "" for a minted one."""

    @classmethod
    def of_state(cls, state: Values) -> "Ledger":
        """Read a state; an empty one has no keys."""
        given = as_object(state.get("ledger"))
        current = as_object(given.get("current"))
        return cls(
            series=str(state.get("series") or ""),
            current=Key.read(current) if current else None,
            present=state.get("present") is True,
            superseded=tuple(Key.read(entry) for entry in as_objects(state.get("superseded"))),
            unfinished=tuple(Key.read(entry) for entry in as_objects(given.get("unfinished"))),
            highest=int(given.get("highest") or 0),
            nonces={nonce: str(key_id) for nonce, key_id in as_object(given.get("nonces")).items()},
            rotated=str(given.get("rotated") or ""),
            source=str(given.get("source") or ""),
        )

    def as_state(self) -> Values:
        """Return it as outputs: `series`, `ledger`, `superseded`, which retirement reads, and `present`."""
        ledger: Values = {"highest": self.highest, "nonces": dict(self.nonces)}
        if self.current:
            ledger["current"] = self.current.as_state()
        if self.unfinished:
            ledger["unfinished"] = [key.as_state() for key in self.unfinished]
        if self.rotated:
            ledger["rotated"] = self.rotated
        if self.source:
            ledger["source"] = self.source
        return {
            "series": self.series,
            "ledger": ledger,
            "superseded": [key.as_state() for key in self.superseded],
            "present": self.present,
        }

    @property
    def keys(self) -> tuple[Key, ...]:
        """The current key and the superseded ones."""
        return (*((self.current,) if self.current else ()), *self.superseded)

    def with_superseded(self, keys: Iterable[Key]) -> "Ledger":
        """Return it with other superseded keys, in order; their numbers and nonces stay on record."""
        ordered = tuple(sorted(keys, key=lambda k: (k.generation, k.key_id)))
        return replace(self, superseded=ordered).counted(ordered)

    def with_current(self, key: Key, *, put_aside: Key | None = None, source: str = "") -> "Ledger":
        """Return it with another current key; `put_aside`: the former one, where it lives."""
        others = [k for k in self.superseded if not _same(k, key)]
        if put_aside is not None:
            others.append(put_aside)
        changed = replace(self, current=replace(key, superseded_at=""), present=True, source=source)
        return changed.with_superseded(others).counted((key,))

    def with_unfinished(self, keys: Iterable[Key]) -> "Ledger":
        """Return it with other keys that are to be deleted; their nonces stay on record."""
        left = tuple(keys)
        nonces = {**self.nonces, **{key.nonce: key.key_id for key in left if key.nonce}}
        return replace(self, unfinished=left, nonces=nonces)

    def counted(self, keys: Iterable[Key]) -> "Ledger":
        """Return it with the numbers and nonces of some keys on record."""
        seen = list(keys)
        nonces = {**self.nonces, **{key.nonce: key.key_id for key in seen if key.nonce}}
        return replace(self, highest=max([self.highest, *(key.generation for key in seen)]), nonces=nonces)


def _same(one: Key, other: Key) -> bool:
    return (one.generation, one.key_id) == (other.generation, other.key_id)


_NAMES = {"region": "regionId", "workspace": "workspaceId"}


def _wire(name: str) -> str:
    first, *others = name.split("_")
    return _NAMES.get(name) or first + "".join(map(str.capitalize, others))


def _list(given: Values, name: str) -> list[Values]:
    return as_objects(given.get(name))
