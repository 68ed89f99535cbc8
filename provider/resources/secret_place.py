"""One secret place: its name claimed, its mark and tags, its end. What it holds is put there by those who deliver."""

import secrets
from typing import ClassVar, NotRequired, TypedDict

import pulumi

from catalogue.stores import RECOVERY_WINDOW, OnConflict, OnDelete, StoreError
from provider.resource import (
    Call,
    Diff,
    Failure,
    Found,
    Handler,
    Kind,
    Made,
    Property,
    RefusedError,
    no_import,
    text_of,
)
from provider.resources.base import ModelStudioResource
from provider.stores.store import MARK_TAG, Deleting, Look, Place, SecretStoreName
from provider.stores.table import STORES
from provider.stores.written import ABSENT, OURS, UNMARKED, place_of, stack_tags
from provider.values import UNKNOWN, Values

_IDENTITY = ("store", "regionId", "name")
_MADE_WITH = ("encryptionKey", "instance")
"""Inputs that a store takes when it makes an object, and never changes."""


class SecretPlaceHandler(Handler):
    """Claims a name and makes nothing: the object comes with the first proven version, and goes with this resource.

    Its name in a program follows from the place, so that whoever delivers to it may change without it.
    """

    type_name: ClassVar[str] = "modelstudio:index:SecretPlace"
    doc: ClassVar[str] = "One secret that holds a record with a key: a KMS secret or an OOS secret parameter."
    inputs: ClassVar = {
        "store": Property(type="string", doc="kms or oos.", required=True),
        "regionId": Property(type="string", doc="Region of the secret.", required=True),
        "name": Property(type="string", doc="Name of the secret.", required=True),
        "ownerId": Property(type="string", doc="Owner id of the stack.", required=True),
        "onConflict": Property(
            type="string", doc="fail (default): it must not exist. adopt: it must, and is taken over."
        ),
        "onDelete": Property(type="string", doc="delete (default), or retain, with the record in it."),
        "recoveryDays": Property(type="integer", doc="Days in which a deleted KMS secret can be restored, 7 to 30."),
        "forceDelete": Property(type="boolean", doc="Delete a KMS secret at once, beyond recovery."),
        "encryptionKey": Property(type="string", doc="Id of the key that encrypts it; left out: the store's own."),
        "instance": Property(type="string", doc="Id of the dedicated KMS instance; left out: none."),
    }
    outputs: ClassVar = {
        "claim": Property(type="string", doc="16 hex digits, made once, when the name was claimed."),
        "found": Property(
            type="string", doc="What was there then: absent, ours, unmarked, or the mark of another that is adopted."
        ),
        "tagged": Property(type="boolean", doc="Whether its tags are this stack's, as far as was seen."),
    }

    def check(self, call: Call, news: Values, olds: Values | None) -> tuple[Values, list[Failure]]:
        """Refuse words that are none, and what a store never changes."""
        del call, olds
        failures: list[Failure] = []
        allowed: dict[str, tuple[str, ...]] = {
            "store": tuple(STORES),
            "onConflict": ("fail", "adopt"),
            "onDelete": ("delete", "retain"),
        }
        for name, words in allowed.items():
            if isinstance(news.get(name), str) and news[name] not in words:
                failures.append(Failure(name, f"{news[name]!r} is not allowed; allowed: {', '.join(words)}"))
        days = news.get("recoveryDays")
        if isinstance(days, int):
            try:
                RECOVERY_WINDOW.check(days)
            except StoreError as wrong:
                failures.append(Failure("recoveryDays", str(wrong)))
        if text_of(news, "instance") and not (text_of(news, "encryptionKey") or news.get("encryptionKey") is UNKNOWN):
            failures.append(Failure("encryptionKey", "missing: a secret of a dedicated KMS instance needs a key of it"))
        return news, failures

    def diff(self, call: Call, state: Values, olds: Values, news: Values) -> Diff:
        """Another name is another place; tags that another hand changed are put back."""
        del call
        names = sorted({*olds, *news})
        changed: dict[str, Kind] = {name: "update" for name in names if olds.get(name) != news.get(name)}
        changed |= {name: "replace" for name in (*_IDENTITY, *_MADE_WITH) if name in changed}
        if state.get("tagged") is False:
            changed["tagged"] = "update"
        return Diff(changed=changed)

    def planned(self, call: Call, state: Values | None, news: Values) -> Values:
        """What was found when the name was claimed stays."""
        if state is None:
            return super().planned(call, state, news)
        return news | {name: state.get(name) for name in self.outputs} | {"tagged": True}

    def create(self, call: Call, news: Values) -> Made:
        """Claim the name, unless another's object has it."""
        place, look = place_of(news), self._look(call, news)
        adopts = news.get("onConflict") == "adopt"
        if look is None and adopts:
            raise RefusedError(
                f"{place} does not exist, and on_conflict says adopt: leave that out, or correct the name"
            )
        found = self._found(look, text_of(news, "ownerId"))
        if look is not None and found != OURS and not adopts:
            raise RefusedError(_taken(place, look))
        if look is not None and look.deleted_at:
            call.services.stores[place.store].restore(place)
            call.info(f"{place} was to be deleted on {look.deleted_at}, and was restored")
        claim = {"claim": secrets.token_hex(8), "found": found, "tagged": True}
        return Made(str(place), news | claim)

    def read(self, call: Call, id_: str, state: Values, inputs: Values) -> Found | None:
        """See whose it is. One that is gone stays claimed: the next delivery makes it again."""
        if not state:
            raise no_import("SecretPlace", "`up` claims it; say on_conflict: adopt for one that exists")
        look = self._look(call, inputs)
        wanted = stack_tags(call.urn).items()
        ours = look is not None and self._found(look, text_of(inputs, "ownerId")) == OURS
        tagged = not ours or (look is not None and wanted <= look.tags.items() and MARK_TAG in look.tags)
        return Found(id_, state | {"tagged": tagged}, inputs)

    def update(self, call: Call, state: Values, news: Values) -> Values:
        """Put the tags on; what is said of its deletion is on record only."""
        place, look = place_of(news), self._look(call, news)
        if look is not None and look.mark is not None and look.mark.owner_id == text_of(news, "ownerId"):
            tags = stack_tags(call.urn) | {MARK_TAG: str(look.mark)}
            if not tags.items() <= look.tags.items():
                call.services.stores[place.store].tag(place, tags)
        return news | {name: state.get(name) for name in self.outputs} | {"tagged": True}

    def delete(self, call: Call, id_: str, state: Values) -> None:
        """Remove the object if it still carries this stack's mark; leave any other alone."""
        del id_
        place, look = place_of(state), self._look(call, state)
        if look is None or look.deleted_at or state.get("onDelete") == "retain":
            return
        found = self._found(look, text_of(state, "ownerId"))
        if found != OURS:
            if found != state.get("found"):  # one that was to be adopted, and never was, is as it was found
                call.warn(f"{place} is another's now (its mark is {look.mark or 'gone'}), so it was left alone")
            return
        days = state.get("recoveryDays")
        deleting = Deleting(recovery_days=days if isinstance(days, int) else 30, force=state.get("forceDelete") is True)
        call.services.stores[place.store].delete(place, deleting)

    @staticmethod
    def _look(call: Call, values: Values) -> Look | None:
        place = place_of(values)
        return call.services.stores[place.store].look(place)

    @staticmethod
    def _found(look: Look | None, owner_id: str) -> str:
        if look is None:
            return ABSENT
        if look.mark is None:
            return UNMARKED
        return OURS if look.mark.owner_id == owner_id else str(look.mark)


def _taken(place: Place, look: Look) -> str:
    whose = f"it carries the mark {look.mark} of another stack" if look.mark else "it carries no mark of this module"
    window = f", and is in its deletion window until {look.deleted_at}" if look.deleted_at else ""
    return (
        f"{place} exists already{window}: {whose}. If this stack shall have it, say on_conflict: adopt"
        + (" (it is restored then)" if look.deleted_at else "")
        + "; if it is somebody else's, choose another name"
    )


class SecretPlaceArgs(TypedDict):
    """Inputs of :class:`SecretPlace`."""

    store: SecretStoreName
    """kms or oos."""
    region_id: str
    """Region of the secret."""
    name: str
    """Name of the secret."""
    owner_id: pulumi.Input[str]
    """Owner id of the stack."""
    on_conflict: NotRequired[OnConflict]
    """fail (default): it must not exist. adopt: it must, and is taken over."""
    on_delete: NotRequired[OnDelete]
    """delete (default), or retain, with the record in it."""
    recovery_days: NotRequired[int | None]
    """Days in which a deleted KMS secret can be restored, 7 to 30."""
    force_delete: NotRequired[bool | None]
    """Delete a KMS secret at once, beyond recovery."""
    encryption_key: NotRequired[str | None]
    """Id of the key that encrypts it; left out: the store's own."""
    instance: NotRequired[str | None]
    """Id of the dedicated KMS instance; left out: none."""


class SecretPlace(ModelStudioResource):
    """One secret that holds a record with a key."""

    handler = SecretPlaceHandler
    claim: pulumi.Output[str]
    """16 hex digits, made once, when the name was claimed."""
    found: pulumi.Output[str]
    """What was there then: absent, ours, unmarked, or the mark of another that is adopted."""

    def __init__(self, name: str, args: SecretPlaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
