"""Generic secrets in KMS."""

from collections.abc import Mapping, Sequence

from provider.client.errors import ServiceError
from provider.client.kms import IN_DELETE_WINDOW, PUT_SECRET_VALUE, UPDATE_SECRET_VERSION_STAGE, Kms
from provider.client.sdk import Sdk
from provider.stores.lost import settled
from provider.stores.store import MARK_TAG, Deleting, Look, Making, Mark, Place, Version

_IDS = 20
"""Version ids tried (`x`, `x-2`, `x-3`, ...) when the wanted one holds other data; KMS keeps ten versions."""


class KmsSecrets:
    """KMS secrets. A version's id is its name; the mark is a tag.

    `look` does not say which version is current: only GetSecretValue does, and that reads the value.
    """

    versions_kept: int = 10

    def __init__(self, sdk: Sdk) -> None:
        self._sdk = sdk
        self._kms = Kms(sdk)

    def look(self, place: Place) -> Look | None:
        """Return a secret without its value; see SecretStore."""
        found = self._kms.describe(place.region, place.name)
        if found is None:
            return None
        return Look(
            mark=Mark.read(found.tags.get(MARK_TAG, "")),
            tags=found.tags,
            current="",
            name="",
            deleted_at=found.planned_delete,
            encryption_key=found.encryption_key,
            instance=found.instance,
        )

    def read(self, place: Place, version: str = "") -> Version | None:
        """Return a version with its value; see SecretStore."""
        found = self._kms.value(place.region, place.name, version_id=version)
        return None if found is None else _version(found.version_id, found.data)

    def current(self, place: Place) -> str | None:
        """Return the id of the current version; see SecretStore."""
        return self._kms.current_id(place.region, place.name)

    def versions(self, place: Place) -> Sequence[str]:
        """Return the ids of the versions that are kept, also of those without a stage; see SecretStore."""
        return self._kms.version_ids(place.region, place.name)

    def create(self, place: Place, name: str, data: str, making: Making) -> Version:
        """Make the secret with its first version, mark and tags; see SecretStore."""

        def call() -> Version:
            self._kms.create(
                place.region,
                place.name,
                version_id=name,
                data=data,
                tags={**making.tags, MARK_TAG: str(making.mark)},
                encryption_key=making.encryption_key,
                instance=making.instance,
            )
            return _version(name, data)

        return settled(self._sdk, call, lambda: self._made(place, name, data, making.mark))

    def put(self, place: Place, name: str, data: str, mark: Mark) -> Version:
        """Add a version and make it current; see SecretStore.

        KMS takes an old version id with the same data as done and changes nothing, so a version that is still kept is
        made current by moving the stage. Only one that KMS has dropped, or whose id holds other data, gets a new id.
        """
        del mark  # it is a tag, and those are left alone
        stored = self._stored(place, name, data)
        try:
            self._make_current(place, stored)
        except ServiceError as error:
            error.lost_before = True  # readers may have it, whatever cannot be done or seen after that
            raise
        return _version(stored, data)

    def tag(self, place: Place, tags: Mapping[str, str]) -> None:
        """Set these tags; others stay."""
        if tags:
            self._kms.tag(place.region, place.name, tags)

    def restore(self, place: Place) -> None:
        """Take the secret out of its deletion window; one that is in none is fine, which KMS refuses."""
        try:
            self._kms.restore(place.region, place.name)
        except ServiceError:
            found = self._kms.describe(place.region, place.name)
            if found is None or found.planned_delete:
                raise

    def delete(self, place: Place, deleting: Deleting) -> None:
        """Plan the deletion or delete at once; see SecretStore."""
        try:
            self._kms.delete(place.region, place.name, recovery_days=None if deleting.force else deleting.recovery_days)
        except ServiceError as error:
            if not error.not_found and error.code != IN_DELETE_WINDOW:
                raise

    def _made(self, place: Place, name: str, data: str, mark: Mark) -> Version | None:
        """Return what a create left whose answer was lost; None unless mark and data prove that it is ours."""
        found = self.look(place)
        if found is None or found.mark != mark or found.deleted_at:
            return None
        version = self.read(place, name)
        return version if version is not None and version.data == data else None

    def _stored(self, place: Place, name: str, data: str) -> str:
        """Store the data under `name`, or the first `<name>-<n>` that is free or holds equal data; return the id."""
        for n in range(1, _IDS + 1):
            version_id = name if n == 1 else f"{name}-{n}"
            try:
                self._kms.put(place.region, place.name, version_id, data)
            except ServiceError as error:
                if error.status != 409:
                    raise
                # An id that is taken although nothing is stored under it is one that KMS has dropped.
                there = self.read(place, version_id)
                if there is None or there.data != data:
                    continue
            return version_id
        text = f"secret {place.name} takes no version under {name} to {name}-{_IDS}: each of these ids is in use"
        raise ServiceError(PUT_SECRET_VALUE.action, "refused", text)

    def _make_current(self, place: Place, version_id: str) -> None:
        """Make a version current unless it is so already, and see that it is. Raises ServiceError."""
        current = self.read(place)
        if current is not None and current.version != version_id:
            try:
                self._kms.make_current(place.region, place.name, version_id, instead_of=current.version)
            except ServiceError:
                # A move that is repeated after a lost answer is refused: the stage has left the other version.
                current = self.read(place)
                if current is None or current.version != version_id:
                    raise
            else:
                current = self.read(place)
        if current is None or current.version != version_id:
            seen = current.version if current else "none"
            text = f"readers of secret {place.name} get version {seen} instead of {version_id}"
            raise ServiceError(UPDATE_SECRET_VERSION_STAGE.action, "refused", text)


def _version(version_id: str, data: str) -> Version:
    return Version(version=version_id, name=version_id, data=data)
