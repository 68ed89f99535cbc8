"""Secret parameters in OOS.

The gateway may answer the question for one parameter's tags with those of all (ASSUMPTION oos-tags-of-all), so the
mark is also in the description, which is written in the same call as the value: `<name> <mark>`.
"""

import secrets
from collections.abc import Mapping, Sequence

from provider.client.errors import ServiceError
from provider.client.oos import Oos
from provider.client.sdk import Sdk
from provider.stores.lost import settled
from provider.stores.store import MARK_TAG, Deleting, Look, Making, Mark, Place, Version


class OosSecretParameters:
    """OOS secret parameters. A version's id is its number; its name is in the description while it is current."""

    versions_kept: int = 100
    """ASSUMPTION oos-versions-kept."""

    def __init__(self, sdk: Sdk) -> None:
        self._sdk = sdk
        self._oos = Oos(sdk)

    def look(self, place: Place) -> Look | None:
        """Return a parameter without its value; see SecretStore.

        Its mark counts only when the description holds exactly one and no tag of the parameter names another stack.
        The series may differ: the tag is set before the version is put, and a run may end between the two.
        """
        found = self._oos.get(place.region, place.name)
        if found is None:
            return None
        pairs = self._oos.tags(place.region, place.name)
        mark, name = _described(found.description)
        tagged = [Mark.read(value) for key, value in pairs if key == MARK_TAG]
        is_told = mark is not None and all(tag is not None and tag.owner_id == mark.owner_id for tag in tagged)
        return Look(
            mark=mark if is_told else None,
            tags=dict(pairs),
            current=str(found.version),
            name=name,
            encryption_key=found.key_id,
            instance=found.instance,
        )

    def read(self, place: Place, version: str = "") -> Version | None:
        """Return a version with its value; see SecretStore.

        The current version is read first, also when another is wanted: only its number tells whether the description
        is about the one that is wanted.
        """
        current = self._oos.get(place.region, place.name, decrypt=True)
        if current is None:
            return None
        if version in ("", str(current.version)):
            return Version(
                version=str(current.version), name=_described(current.description)[1], data=current.value or ""
            )
        if not version.isdigit() or not 0 < int(version) < current.version:
            return None
        older = self._oos.get(place.region, place.name, version=int(version), decrypt=True)
        return None if older is None else Version(version=version, name="", data=older.value or "")

    def current(self, place: Place) -> str | None:
        """Return the number of the current version; see SecretStore."""
        found = self._oos.get(place.region, place.name)
        return None if found is None else str(found.version)

    def versions(self, place: Place) -> Sequence[str]:
        """Return the numbers of the versions that are kept; see SecretStore."""
        return [str(number) for number in self._oos.versions(place.region, place.name)]

    def create(self, place: Place, name: str, data: str, making: Making) -> Version:
        """Make the parameter with its first version, mark and tags; see SecretStore.

        Every attempt carries the same client token, so that one which comes late makes nothing further
        (ASSUMPTION oos-create-token). Each call has its own: what an earlier call made is not answered for this one.
        """
        token = secrets.token_hex(16)

        def call() -> Version:
            number = self._oos.create(
                place.region,
                place.name,
                value=data,
                description=_description(name, making.mark),
                tags={**making.tags, MARK_TAG: str(making.mark)},
                client_token=token,
                key_id=making.encryption_key,
                instance=making.instance,
            )
            return Version(version=str(number), name=name, data=data)

        def made() -> Version | None:
            found = self.look(place)
            return self._current(place, name, data, making.mark) if found and found.mark == making.mark else None

        return settled(self._sdk, call, made)

    def put(self, place: Place, name: str, data: str, mark: Mark) -> Version:
        """Add a version, which is current at once, unless name, mark and data are those of the current one."""
        found = self._current(place, name, data, mark)
        if found is not None:
            return found

        def call() -> Version:
            number = self._oos.update(place.region, place.name, value=data, description=_description(name, mark))
            return Version(version=str(number), name=name, data=data)

        return settled(self._sdk, call, lambda: self._current(place, name, data, mark))

    def tag(self, place: Place, tags: Mapping[str, str]) -> None:
        """Set these tags; others stay. A mark that is set so counts from the next `put` on."""
        if tags:
            self._oos.tag(place.region, place.name, tags)

    def restore(self, place: Place) -> None:
        """Do nothing: OOS has no deletion window."""

    def delete(self, place: Place, deleting: Deleting) -> None:
        """Remove the parameter at once; see SecretStore."""
        del deleting
        try:
            self._oos.delete(place.region, place.name)
        except ServiceError as error:
            if not error.not_found:
                raise

    def _current(self, place: Place, name: str, data: str, mark: Mark) -> Version | None:
        """Return the current version if it is exactly this one."""
        found = self._oos.get(place.region, place.name, decrypt=True)
        if found is None or found.value != data or found.description != _description(name, mark):
            return None
        return Version(version=str(found.version), name=name, data=data)


def _description(name: str, mark: Mark) -> str:
    return f"{name} {mark}"


def _described(description: str) -> tuple[Mark | None, str]:
    """Read a description: the one mark in it, and the version's name if there is nothing beside it."""
    words = description.split()
    marks = [mark for mark in map(Mark.read, words) if mark is not None]
    if len(marks) != 1:
        return None, ""
    name = words[0]
    return marks[0], name if description == _description(name, marks[0]) else ""
