"""What a refresh sees: which keys exist, what the vault's readers get, and whether the pair still opens."""

from dataclasses import replace
from functools import partial
from typing import Any

from catalogue.record import fingerprint, key_in
from provider.client.control_plane import KeyInfo
from provider.client.errors import ServiceError
from provider.client.kms import IN_DELETE_WINDOW
from provider.client.redact import remember
from provider.keys import existing
from provider.keys.delivered import Delivered
from provider.keys.ledger import Copy, Key, Ledger
from provider.keys.living import Home, as_seen, is_present, unrecorded
from provider.keys.proof import look_again
from provider.keys.scope import as_inputs
from provider.keys.wanted import Wanted
from provider.resource import Call, RefusedError
from provider.stores.store import Place
from provider.values import Values


def seen(call: Call, before: Delivered, inputs: Values) -> tuple[Delivered, Values]:
    """Return what is on record after a look, and the inputs as the service has them.

    Keys are found in lists that serve all services of a workspace; each secret is read once. Nothing is changed.
    """
    wanted, ledger = Wanted.of(inputs), before.ledger
    keys = _listed(call, ledger, wanted)
    ledger = _superseded(ledger, wanted, keys)
    key = keys.get(ledger.current.key_id) if ledger.current else None
    found = inputs if key is None or key.scope is None or wanted.source else inputs | as_inputs(key.scope, inputs)
    present = _is_present(call, ledger, wanted, key)
    after = replace(before, ledger=replace(ledger, present=present))
    return _with_vault(call, after, wanted), found


def _listed(call: Call, ledger: Ledger, wanted: Wanted) -> dict[str, KeyInfo]:
    """Return the keys of the workspaces on record, by id, each workspace listed once for all its services."""
    homes: list[Home] = [wanted.home, *(key.home for key in ledger.keys)]
    plane, found = call.services.control_plane, dict[str, KeyInfo]()
    for home in dict.fromkeys(home for home in homes if home[1]):
        keys = call.services.listed.of(("keys", home), call.urn.text, partial(plane.api_keys, *home))
        found |= {key.key_id: key for key in keys}
    return found


def _superseded(ledger: Ledger, wanted: Wanted, keys: dict[str, KeyInfo]) -> Ledger:
    living = [
        as_seen(entry, keys[entry.key_id], ledger, wanted.owner_id)
        for entry in ledger.superseded
        if entry.key_id in keys
    ]
    regions = {home[1]: home[0] for home in [wanted.home, *(key.home for key in ledger.keys)]}
    more = [
        key
        for region in dict.fromkeys(regions.values())
        for key in unrecorded(
            ledger, wanted.owner_id, region, [k for k in keys.values() if regions.get(k.workspace_id) == region]
        )
    ]
    return ledger.with_superseded([*living, *more])


def _is_present(call: Call, ledger: Ledger, wanted: Wanted, key: KeyInfo | None) -> bool:
    current = ledger.current
    if current is None:
        return False
    if wanted.source is None:
        if ledger.source:
            return ledger.present
        return is_present(current, key, wanted.owner_id)
    if wanted.source.place is None:
        return ledger.present
    try:
        value = existing.read(call, wanted.source, wanted.domain)
    except RefusedError:
        return False
    return fingerprint(value, ledger.series) == current.fingerprint


def _with_vault(call: Call, after: Delivered, wanted: Wanted) -> Delivered:
    """Return it with what the vault's readers get, and with the pair looked at again, where its value may be read."""
    key, stored = after.ledger.current, after.stored
    if key is None or wanted.vault is None or stored is None:
        return after
    place = Place.read(stored.place)
    store = call.services.stores[place.store]
    try:
        if not wanted.probe_on_refresh:
            return replace(after, held=_held(after, stored, store.current(place) or ""))
        version = store.read(place)
    except ServiceError as error:
        if error.code == IN_DELETE_WINDOW:  # the next `up` takes it out
            return replace(after, held="")
        if not wanted.probe_on_refresh:
            raise
        raise RefusedError(
            f"{place} cannot be read: {error}. A refresh needs the right to read it, or probe_on_refresh: false"
        ) from None
    if version is None:  # the next `up` puts the record there again, or the next key where its value is lost
        return replace(after, held="")
    value = key_in(version.data)
    if not _is_key(value, key, after.ledger):
        return replace(after, held="g?r?")
    remember(value)
    held = replace(after, held=_held(after, stored, version.version))
    if not after.ledger.present:
        return held
    return replace(held, proof=look_again(call, wanted, key, value, after.proof))


def _held(after: Delivered, stored: Copy, version: str) -> str:
    """Return what readers get: the record on record, where its version is current."""
    key: Any = after.ledger.current
    return f"g{key.generation}r{after.revision}" if version == stored.version else "g?r?"


def _is_key(value: str, key: Key, ledger: Ledger) -> bool:
    return bool(value) and fingerprint(value, ledger.series) == key.fingerprint
