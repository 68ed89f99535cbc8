"""How a record is written to a secret place: what it looks like there, and that nobody else's object is touched."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from catalogue.record import canonical, secret_of
from catalogue.stores import SIZES, StoreError
from provider.client.errors import ServiceError
from provider.resource import RefusedError, Urn, text_of
from provider.services import Services
from provider.stores.store import MARK_TAG, Look, Making, Mark, Place, SecretStore, SecretStoreName, Version
from provider.values import Values

Format = Literal["json", "key"]
"""json: the whole record. key: the key alone, for readers that take all of a secret as the key."""
FORMATS: tuple[Format, ...] = get_args(Format)

ABSENT, OURS, UNMARKED = "absent", "ours", "unmarked"
"""What stood under a place's name when it was claimed; anything else is the mark that an adopted object carried."""
FINISH = 30.0
"""Seconds for which Cancel waits from the moment in which a key exists until it is on record."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """A record's form at one place."""

    place: Place
    prefix: str = ""
    format: Format = "json"
    found: str = ABSENT
    encryption_key: str = ""
    instance: str = ""

    @classmethod
    def of(cls, given: Values) -> "Written":
        """Read a resource's input: `store`, `regionId`, `name` and what is said of the form."""
        written: Format = "key" if given.get("format") == "key" else "json"
        return cls(
            place=place_of(given),
            prefix=text_of(given, "prefix"),
            format=written,
            found=text_of(given, "found") or ABSENT,
            encryption_key=text_of(given, "encryptionKey"),
            instance=text_of(given, "instance"),
        )

    def data(self, record: Mapping[str, str], api_key: str) -> str:
        """Return what is stored. `record`: what a config sink without a prefix holds; its pointer is left out.

        Raises RefusedError for what the store would not take.
        """
        if self.format == "key":
            return api_key
        text = canonical(secret_of(record, api_key, prefix=self.prefix))
        try:
            SIZES[self.place.store].check(text)
        except StoreError as wrong:
            raise RefusedError(f"{self.place}: {wrong}") from None
        return text

    def may_write(self, look: Look, owner_id: str) -> bool:
        """Whether an object is this stack's, or is the one that it was told to adopt."""
        if look.mark is None:
            tag = Mark.read(look.tags.get(MARK_TAG, ""))
            begun = tag is not None and tag.owner_id == owner_id  # an adoption, cut off before its first version
            return self.found == UNMARKED or (begun and self.found not in (ABSENT, OURS))
        return look.mark.owner_id == owner_id or str(look.mark) == self.found


def place_of(given: Values) -> Place:
    """Return the place that an input names."""
    store: SecretStoreName = "oos" if given.get("store") == "oos" else "kms"
    return Place(store=store, region=text_of(given, "regionId"), name=text_of(given, "name"))


def stack_tags(urn: Urn) -> dict[str, str]:
    """Return the tags of everything of a stack that takes some."""
    return {"managed-by": "pulumi", "pulumi-project": urn.project, "pulumi-stack": urn.stack}


def deliver(services: Services, urn: Urn, written: Written, mark: Mark, name: str, data: str) -> Version:
    """Store one version, make it current and read it back; make the object where there is none.

    Raises RefusedError for an object that is another's, and for a version that readers do not get; ServiceError.
    """
    store, place = services.stores[written.place.store], written.place
    with services.clock.shielded(FINISH):
        made = _made(store, urn, written, mark, name, data)
        try:
            seen = store.read(place)
        except ServiceError as error:
            text = f"version {made.name} was put into {place}, but could not be read back: {error}"
            raise NotCurrentError(text, made) from None
    if seen is None or seen.version != made.version or seen.data != data:
        got = (seen.name or seen.version) if seen else "none"
        raise NotCurrentError(f"readers of {place} get version {got} instead of {made.name}", made)
    return made


class NotCurrentError(RefusedError):
    """A version was put, but is not the one that readers get."""

    def __init__(self, text: str, made: Version) -> None:
        self.made = made
        super().__init__(text)


def _made(store: SecretStore, urn: Urn, written: Written, mark: Mark, name: str, data: str) -> Version:
    place = written.place
    tags = stack_tags(urn) | {MARK_TAG: str(mark)}
    making = Making(tags=tags, mark=mark, encryption_key=written.encryption_key, instance=written.instance)
    if written.found == ABSENT:
        try:
            return store.create(place, name, data, making)
        except ServiceError as error:
            if error.kind in ("failed", "lost"):
                raise
            try:
                look = store.look(place)
            except ServiceError as unseen:
                unseen.lost_before = error.lost_before
                raise
            if look is None:
                raise
    else:
        look = store.look(place)
        if look is None:
            return store.create(place, name, data, making)
    if not written.may_write(look, mark.owner_id):
        raise RefusedError(
            f"{place} is another's now: its mark is {look.mark or 'gone'}. Nothing was written. Choose another name, "
            "or say on_conflict: adopt if this stack shall have it"
        )
    if look.deleted_at:
        store.restore(place)
    if look.mark != mark:
        store.tag(place, tags)
    return store.put(place, name, data, mark)


def value_at(services: Services, place: Place, version: str, owner_id: str) -> Version | None:
    """Return a version with its value; None where the store says that there is none.

    Our own object is taken out of its deletion window for it.
    """
    store = services.stores[place.store]
    try:
        return store.read(place, version)
    except ServiceError as error:
        if error.code != "Rejected.ResourceInDeleteWindow":
            raise
        look = store.look(place)
        if look is None or look.mark is None or look.mark.owner_id != owner_id:
            raise
        store.restore(place)
        return store.read(place, version)
