"""The vault: the secret sink that a service names first. The values of its keys lie there and nowhere else."""

import re
from collections.abc import Sequence
from dataclasses import replace

from catalogue.record import KEY_ID_NAME, digest, fingerprint, is_whole, key_in, record_in, said_in, version_name
from provider.client.errors import ServiceError
from provider.client.redact import remember
from provider.keys.delivered import Delivered
from provider.keys.ledger import Copy, Key, Ledger
from provider.keys.wanted import Wanted
from provider.probe.origin import fits
from provider.resource import Call, RefusedError
from provider.stores.store import Mark, Place, Version
from provider.stores.written import ABSENT, NotCurrentError, Written, deliver, value_at

_REVISION = re.compile(r"g\d+r(\d+)-.*")


class Vault:
    """One service's vault in one run."""

    def __init__(self, call: Call, wanted: Wanted, written: Written, series: str) -> None:
        self._call = call
        self._wanted = wanted
        self._series = series
        self.written = written

    @property
    def mark(self) -> Mark:
        """The mark of its object."""
        return Mark(owner_id=self._wanted.owner_id, series=self._series)

    def identified(self, ledger: Ledger) -> Ledger:
        """Return the ledger with what the vault tells of a newer key whose value nobody was known to have.

        A run that was cut off had put it there: it is proven and adopted instead of minting another.
        """
        current = ledger.current.generation if ledger.current else 0
        nameless = [k for k in ledger.superseded if k.generation > current and not k.fingerprint]
        if not nameless:
            return ledger
        version = value_at(self._call.services, self.written.place, "", self._wanted.owner_id)
        if version is None:
            return ledger
        known = {key: self._recognised(key, version) for key in nameless}
        return ledger.with_superseded([known.get(key, key) for key in ledger.superseded])

    def put(self, key: Key, value: str, after: Delivered, *, is_new: bool) -> Copy:
        """Store a key's record as a new version, readers' from then on. Raises as `deliver` does."""
        name = version_name(key.generation, after.revision, after.digest)
        data = self.written.data(after.record, value)
        try:
            made = deliver(self._call.services, self._call.urn, self.written, self.mark, name, data, is_new=is_new)
        except NotCurrentError as behind:
            self._audit(behind.made, key)
            raise
        self._audit(made, key)
        return Copy(place=str(self.written.place), version=made.version, name=made.name)

    def check_room(self, ledger: Ledger, revision: int) -> None:
        """Refuse a version that would have the store drop one that a living key may still be delivered from."""
        store = self._call.services.stores[self.written.place.store]
        needed = needed_versions(ledger, self._wanted, self.written.place)
        first = min((_revision(copy.name) for _, copy in needed), default=revision)
        if not needed or (revision - first < store.versions_kept and self.written.found == ABSENT):
            return
        kept = store.versions(self.written.place)
        dropped = kept[: max(0, len(kept) + 1 - store.versions_kept)]
        refuse_dropping(self.written.place, store.versions_kept, needed, dropped)

    def move(self, ledger: Ledger) -> Ledger:
        """Copy the versions of living keys into a vault that does not exist yet, oldest first."""
        here, services = str(self.written.place), self._call.services
        if services.stores[self.written.place.store].look(self.written.place) is not None:
            return ledger
        moved: dict[Key, Key] = {}
        for key in sorted(ledger.superseded, key=lambda k: k.generation):
            found = self.version_of(key) if key.can_be_read else None
            if found is None:
                continue
            name = key.copies[0].name
            made = deliver(services, self._call.urn, self.written, self.mark, name, found.data, is_new=not moved)
            moved[key] = with_copy(key, Copy(place=here, version=made.version, name=made.name))
        return ledger.with_superseded([moved.get(key, key) for key in ledger.superseded])

    def _recognised(self, key: Key, version: Version) -> Key:
        value, record = key_in(version.data), record_in(version.data)
        if record is not None:
            ours = said_in(record, KEY_ID_NAME) == key.key_id and is_whole(record, prefix=self.written.prefix)
        else:
            expected = digest(value, self._wanted.facts(key.generation, key.key_id))
            ours = version.name.startswith(f"g{key.generation}r") and f"-{expected[:8]}" in version.name
        remember(value)
        if not ours or not self._can_be(key, value):
            return key
        copy = Copy(place=str(self.written.place), version=version.version, name=version.name)
        return replace(key, fingerprint=fingerprint(value, self._series), copies=(copy,))

    def _can_be(self, key: Key, value: str) -> bool:
        """Whether the service shows a key's value, masked, as this one: a record alone is anybody's to write."""
        found = self._call.services.control_plane.api_key(key.region, key.key_id)
        return found is not None and (not found.masked or fits(found.masked, value))

    def version_of(self, key: Key) -> Version | None:
        """Return the version that holds a key's value; see `value_of`."""
        return version_of(self._call, self._wanted, self._series, key)

    def _audit(self, made: Version, key: Key) -> None:
        self._call.audit("put", key_id=key.key_id, generation=key.generation, place=f"{self.written.place}@{made.name}")


def version_of(call: Call, wanted: Wanted, series: str, key: Key) -> Version | None:
    """Return the version that holds a key's value, from wherever it lies; None when it lies nowhere any more.

    Only a value that the fingerprint knows counts: whoever may write the secret must not be able to have another key
    delivered. Raises ServiceError when a place cannot be read and no other one holds it: that proves nothing.
    """
    unread: ServiceError | None = None
    for copy in key.copies:
        for version in dict.fromkeys((copy.version, "")):
            try:
                is_wanted = copy.place in wanted.places
                found = value_at(call.services, Place.read(copy.place), version, wanted.owner_id, is_wanted=is_wanted)
            except ServiceError as error:
                unread = unread or error
                break
            if found is None:
                continue
            value = key_in(found.data)
            if value and fingerprint(value, series) == key.fingerprint:
                remember(value)
                return found
    if unread is not None:
        raise unread
    return None


def value_of(call: Call, wanted: Wanted, series: str, key: Key) -> str:
    """Return a key's value, "" when it is lost; see `version_of`."""
    found = version_of(call, wanted, series, key)
    return key_in(found.data) if found else ""


def with_copy(key: Key, copy: Copy) -> Key:
    """Return a key with one more place of its value; of one place only the latest counts."""
    return replace(key, copies=(copy, *(other for other in key.copies if other.place != copy.place)))


def needed_versions(ledger: Ledger, wanted: Wanted, place: Place) -> list[tuple[Key, Copy]]:
    """Return the versions of the vault from which a superseded key may have to be delivered again."""
    revoked = wanted.policy.revoke_through or 0
    return [
        (key, copy)
        for key in ledger.superseded
        for copy in key.copies
        if key.generation > revoked and copy.place == str(place)
    ]


def refuse_dropping(place: Place, kept: int, needed: list[tuple[Key, Copy]], dropped: Sequence[str]) -> None:
    """Raise RefusedError when a version that is needed is among those that would be dropped."""
    for key, copy in needed:
        if copy.version in dropped:
            raise RefusedError(
                f"{place} keeps {kept} versions, and one more would drop {copy.name}, which alone holds key "
                f"{key.key_id} (generation {key.generation}), superseded and still alive. Let retirement end it, or "
                f"write revoke_through: {key.generation} if it need not be delivered again"
            )


def refuse_dropping_next(call: Call, ledger: Ledger, wanted: Wanted, revision: int) -> None:
    """Refuse in preview, from the ledger alone, what `check_room` would: each revision is one more version."""
    if wanted.vault is None:
        return
    kept, needed = (
        call.services.stores[wanted.vault.place.store].versions_kept,
        needed_versions(ledger, wanted, wanted.vault.place),
    )
    refuse_dropping(
        wanted.vault.place, kept, needed, [c.version for _, c in needed if revision - _revision(c.name) >= kept]
    )


def _revision(name: str) -> int:
    found = _REVISION.fullmatch(name)
    return int(found[1]) if found else 0
