"""Which keys there are: those on record that exist, those that only the service knows, and one more of them."""

from collections.abc import Sequence
from dataclasses import replace

from catalogue import rotation
from catalogue.rules import Refused
from provider.client.control_plane import KeyInfo, KeyScope
from provider.client.errors import ServiceError
from provider.client.retry import CancelledError
from provider.client.times import iso
from provider.keys.ledger import Key, Ledger
from provider.keys.mark import KeyMark, beginning, marked, owned_by
from provider.resource import Call, RefusedError
from provider.stores.written import FINISH

LISTED_AFTER = (0.5, 1.0, 2.0)
"""Seconds between looks for a key whose create's answer was lost (ASSUMPTION listed-within)."""
_TRIES = 3
"""Times a key is minted when the answer gets lost each time."""

Home = tuple[str, str]
"""Region and workspace id."""


def still_there(call: Call, ledger: Ledger, owner_id: str, home: Home) -> tuple[Ledger, int]:
    """Return the ledger with the superseded keys that exist, and how many keys there are where the next one is made.

    Those among them that only the service knows are found by their marks.

    A key newer than the current one is never disabled by retirement, which rests while `serve_generation` is set: if it
    is, another hand did it. Such a key, and one that lost its mark, is set aside instead of being delivered again.
    """
    plane, living = call.services.control_plane, list[Key]()
    for entry in ledger.superseded:
        key = plane.api_key(entry.region, entry.key_id) if entry.key_id else None
        if key is not None:
            living.append(as_seen(entry, key, ledger, owner_id))
    homes = [home, *(key.home for key in ledger.keys)]
    ours = beginning(owner_id, ledger.series)
    listed = {
        place: plane.api_keys(*place, containing="" if place == home else ours)
        for place in dict.fromkeys(homes)
        if place[1]  # a plan's key has no workspace
    }
    found = [key for place, keys in listed.items() for key in unrecorded(ledger, owner_id, place[0], keys)]
    return ledger.with_superseded([*living, *found]), len(listed.get(home, []))


def looked_for(call: Call, ledger: Ledger, owner_id: str) -> Ledger:
    """Return the ledger with whether a current key that a refresh did not find is there: a list may come late."""
    current = ledger.current
    if current is None or not current.key_id or ledger.present:
        return ledger
    key = call.services.control_plane.api_key(current.region, current.key_id)
    return replace(ledger, present=is_present(current, key, owner_id))


def is_present(current: Key, key: KeyInfo | None, owner_id: str) -> bool:
    """Whether the current key is there, enabled and this stack's."""
    return key is not None and not key.disabled and owned_by(key, owner_id) and key.workspace_id == current.workspace


def as_seen(entry: Key, key: KeyInfo, ledger: Ledger, owner_id: str) -> Key:
    """Return a superseded key as it is, set aside where another hand has it."""
    another_s = key.disabled or not owned_by(key, owner_id)
    current = ledger.current.generation if ledger.current else 0
    return replace(entry, set_aside=another_s and entry.generation > current)


def unrecorded(ledger: Ledger, owner_id: str, region: str, keys: Sequence[KeyInfo]) -> list[Key]:
    """Return the keys with this service's mark that the ledger does not know. Nobody is known to have their values.

    A nonce that is on record for another key, a former one too, marks a copy of a description, which is not ours.
    """
    # ASSUMPTION description-filter
    known = {key.key_id for key in (*ledger.keys, *ledger.unfinished)}
    return [
        Key(
            generation=mark.generation,
            key_id=key.key_id,
            region=region,
            workspace=key.workspace_id,
            nonce=mark.nonce,
            created_at=iso(key.created_at),
            created_by=key.created_by,
        )
        for mark, key in marked(keys, owner_id, ledger.series)
        if key.key_id not in known and ledger.nonces.get(mark.nonce, key.key_id) == key.key_id
    ]


def check_room(ledger: Ledger, home: Home, keys: int) -> None:
    """Refuse one more key in a workspace that holds `keys` already. Raises RefusedError."""
    try:
        rotation.check_room(home[1], keys, [key.key_id for key in ledger.superseded if key.home == home])
    except Refused as refused:
        raise RefusedError(str(refused)) from None


def mint(call: Call, ledger: Ledger, owner_id: str, home: Home, scope: KeyScope, generation: int) -> tuple[Key, str]:
    """Mint one key and return it with its value. A lost one is deleted: nobody has its value."""
    plane, (region, workspace) = call.services.control_plane, home
    for attempt in range(_TRIES):
        mark = KeyMark.new(owner_id, ledger.series, generation)
        try:
            made = plane.create_api_key(region, workspace, str(mark), scope)
        except ServiceError as error:
            if not error.may_have_run:
                raise
            try:
                _delete_lost(call, home, mark)
            except (ServiceError, CancelledError) as also:
                raise RefusedError(
                    f"{error}; what it may have left could not be looked for either ({also}). Run `pulumi up` "
                    "again: it finds the key by its mark"
                ) from None
            if attempt == _TRIES - 1:
                raise
            continue
        call.audit("mint", key_id=made.key_id, generation=generation, region=region)
        if made.created_by not in ("", call.services.account_id):
            call.warn(
                f"key {made.key_id} belongs to the RAM user {made.created_by}, not to the account itself: it dies with "
                "that user. Run this with credentials of the account, or of a user that stays"
            )
        key = Key(
            generation=generation,
            key_id=made.key_id,
            region=region,
            workspace=workspace,
            nonce=mark.nonce,
            created_at=iso(made.created_at or call.services.clock.now()),
            created_by=made.created_by,
        )
        return key, made.value
    raise AssertionError("the loop returns or raises")


def discard(call: Call, keys: Sequence[Key]) -> list[Key]:
    """Delete keys that were minted and never sent anywhere; return those that could not be deleted."""
    left: list[Key] = []
    for key in keys:
        try:
            with call.services.clock.shielded(FINISH):
                call.services.control_plane.delete_api_key(key.region, key.key_id)
        except (ServiceError, CancelledError):
            left.append(key)
        else:
            call.audit("delete", key_id=key.key_id, generation=key.generation, region=key.region)
    return left


def _delete_lost(call: Call, home: Home, mark: KeyMark) -> None:
    """Delete what a lost create may have left, looking a few times."""
    plane = call.services.control_plane
    for pause in LISTED_AFTER:
        found = [k for k in plane.api_keys(*home, containing=mark.nonce) if k.description == str(mark)]
        for key in found:
            plane.delete_api_key(home[0], key.key_id)
            call.audit("delete", key_id=key.key_id, generation=mark.generation, region=home[0])
        if found:
            return
        call.services.clock.sleep(pause)
