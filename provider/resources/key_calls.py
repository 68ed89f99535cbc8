"""What is done to a service's keys: minted, delivered again, looked for.

A key is minted and marked, or nothing is left behind: what a lost answer may have made is found by its mark.
"""

from collections.abc import Sequence

from catalogue.rotation import check_room
from catalogue.rules import Refused
from provider.client.errors import ServiceError
from provider.client.shapes import as_object
from provider.client.times import iso
from provider.resource import Call, RefusedError, text_of
from provider.resources.key_entries import Place, current_entry, entries, found_entry, is_brought, nonces_of, place
from provider.resources.key_scope import scope_of
from provider.resources.marks import Mark, marked, name_hash, owned_by, series
from provider.values import Values

LISTED_AFTER = (0.5, 1.0, 2.0)
"""Seconds between looks for a key whose create's answer was lost (ASSUMPTION listed-within)."""
_TRIES = 3
"""Times a key is minted when the answer gets lost each time."""


def mint(call: Call, news: Values, generation: int, superseded: Sequence[Values]) -> Values:
    """Mint one key and return its outputs. A lost one is deleted: nobody has its value.

    Nothing that can fail comes after it, so that a key that was minted is always recorded.
    """
    plane = call.services.control_plane
    region, workspace = place(news)
    _check_room(call, (region, workspace), superseded)
    for attempt in range(_TRIES):
        mark = Mark.new(text_of(news, "ownerId"), call.urn, generation)
        try:
            key = plane.create_api_key(region, workspace, str(mark), scope_of(news))
        except ServiceError as error:
            if not error.may_have_run:
                raise
            try:
                _delete_lost(call, region, workspace, mark)
            except ServiceError as also:
                raise RefusedError(
                    f"{error}; what it may have left could not be looked for either ({also}). Run `pulumi up` "
                    "again: it finds the key by its mark"
                ) from None
            if attempt == _TRIES - 1:
                raise
            continue
        if key.created_by not in ("", call.services.account_id):
            call.warn(
                f"key {key.key_id} belongs to the RAM user {key.created_by}, not to the account itself: it dies with "
                "that user. Run this with credentials of the account, or of a user that stays"
            )
        return {
            "keyId": key.key_id,
            "generation": generation,
            "value": key.value,
            "createdBy": key.created_by,
            "createdAt": iso(key.created_at or call.services.clock.now()),
            "nonce": mark.nonce,
            "present": True,
        }
    raise AssertionError("the loop returns or raises")


def next_key(call: Call, news: Values, generation: int, superseded: Sequence[Values]) -> Values:
    """Return the outputs of the key that is brought, or mint one."""
    if not is_brought(news):
        return mint(call, news, generation, superseded)
    return {
        "keyId": "",
        "generation": generation,
        "value": news["brought"],
        "createdBy": "",
        "createdAt": iso(call.services.clock.now()),
        "nonce": "",
        "present": True,
    }


def serve(call: Call, news: Values, entry: Values) -> Values:
    """Give a superseded key the wanted scope, enable it, and return its outputs."""
    plane, region, key_id = call.services.control_plane, entry["regionId"], entry["keyId"]
    key = plane.api_key(region, key_id)
    if key is None or not owned_by(key, text_of(news, "ownerId")):
        raise RefusedError(
            f"key {key_id} (generation {entry['generation']}) is gone or no longer carries this stack's mark in its "
            "description, so it is not delivered: take serve_generation out"
        )
    plane.update_api_key(region, key_id, scope_of(news))
    if key.disabled:
        plane.enable_api_key(region, key_id)
    return {name: entry[name] for name in ("keyId", "generation", "value", "nonce")} | {
        "createdBy": key.created_by,
        "createdAt": iso(key.created_at),
        "present": True,
    }


def still_there(call: Call, state: Values, news: Values) -> list[Values]:
    """Return the superseded keys that exist, those among them that only the service knows.

    A key newer than the current one is never disabled by retirement, which rests while `serveGeneration` is set: if it
    is, another hand did it. Such a key, and one that lost its mark, is set aside instead of being delivered again.
    """
    current, known, owner_id = current_entry(state), entries(state), text_of(state, "ownerId")
    living: list[Values] = []
    for entry in known:
        key = call.services.control_plane.api_key(entry["regionId"], entry["keyId"])
        if key is not None:
            another_s = key.disabled or not owned_by(key, owner_id)
            aside = another_s and entry["generation"] > current["generation"]
            kept = {name: value for name, value in entry.items() if name != "setAside"}
            living.append(kept | {"setAside": True} if aside else kept)
    places = [place(v) for v in (news, current, *living)]
    return living + unrecorded(call, owner_id, places, state)


def unrecorded(call: Call, owner_id: str, places: Sequence[Place], state: Values) -> list[Values]:
    """Return entries for keys with this service's mark that `state` does not know; an empty one knows none.

    A nonce that is on record for another key, a former one too, marks a copy of a description, which is not ours.
    """
    # ASSUMPTION description-filter
    plane, known = call.services.control_plane, [current_entry(state), *entries(state)]
    ids, nonces = {e["keyId"] for e in known}, as_object(state.get("nonces")) | nonces_of(known)
    return [
        found_entry(mark, key, region)
        for region, workspace in dict.fromkeys(places)
        if workspace  # a plan's key has none
        for mark, key in marked(
            plane.api_keys(region, workspace, containing=series(owner_id, name_hash(call.urn))), owner_id, call.urn
        )
        if key.key_id not in ids and nonces.get(mark.nonce, key.key_id) == key.key_id
    ]


def _check_room(call: Call, wanted: Place, superseded: Sequence[Values]) -> None:
    keys = call.services.control_plane.api_keys(*wanted)
    try:
        check_room(wanted[1], len(keys), [e["keyId"] for e in superseded if place(e) == wanted])
    except Refused as refused:
        raise RefusedError(str(refused)) from None


def _delete_lost(call: Call, region: str, workspace: str, mark: Mark) -> None:
    """Delete what a lost create may have left, looking a few times."""
    plane = call.services.control_plane
    for pause in LISTED_AFTER:
        found = [k for k in plane.api_keys(region, workspace, containing=mark.nonce) if k.description == str(mark)]
        for key in found:
            plane.delete_api_key(region, key.key_id)
        if found:
            return
        call.services.clock.sleep(pause)
