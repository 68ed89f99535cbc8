"""The end of a whole service: each of its keys is deleted, but none that somebody else has, or that is still served."""

from collections.abc import Sequence

from catalogue.record import fingerprint, key_in
from provider.keys.delivered import Delivered
from provider.keys.ledger import Key
from provider.keys.living import unrecorded
from provider.keys.mark import beginning, owned_by
from provider.resource import Call, RefusedError
from provider.stores.store import Place
from provider.stores.written import value_at


def delete_all(call: Call, delivered: Delivered, owner_id: str, also_at: Sequence[str]) -> None:
    """Delete the keys of a service. Raises RefusedError for those that were left alone, when the others are gone.

    `also_at`: its further secret places.
    """
    ledger, plane = delivered.ledger, call.services.control_plane
    _refuse_served(call, delivered, owner_id, also_at)
    known = [*ledger.keys, *ledger.unfinished]
    homes = dict.fromkeys(key.home for key in known if key.workspace)
    for home in homes:
        listed = plane.api_keys(*home, containing=beginning(owner_id, ledger.series))
        known += unrecorded(ledger, owner_id, home[0], listed)
    foreign: list[str] = []
    for entry in known:
        key = plane.api_key(entry.region, entry.key_id) if entry.key_id else None
        if key is None:
            continue
        if owned_by(key, owner_id):
            plane.delete_api_key(entry.region, entry.key_id)
            call.audit("delete", key_id=entry.key_id, generation=entry.generation, region=entry.region)
        else:
            foreign.append(key.key_id)
    if foreign:
        raise RefusedError(
            f"key {', '.join(foreign)} no longer carries this stack's mark in its description, so it was left "
            "alone: delete it in the console if nobody uses it, or put the mark back, then run this again"
        )


def _refuse_served(call: Call, delivered: Delivered, owner_id: str, also_at: Sequence[str]) -> None:
    """Refuse while a place that another service of this program has claimed still holds one of these keys.

    Its own delivery comes before this deletion, unless it failed and the run went on (`--continue-on-error`).
    """
    keys = [key for key in delivered.ledger.keys if key.key_id and key.fingerprint]
    for place in dict.fromkeys([*(copy.place for key in keys for copy in key.copies), *also_at]):
        if call.services.claims.get(place, call.urn.text) == call.urn.text:
            continue
        version = value_at(call.services, Place.read(place), "", owner_id)
        served = _held(version.data if version else "", keys, delivered.ledger.series)
        if served is not None:
            raise RefusedError(
                f"{place} still holds key {served.key_id} (generation {served.generation}), and another service takes "
                "it over: nothing was deleted. Run `pulumi up` again once that service was delivered there"
            )


def _held(data: str, keys: list[Key], series: str) -> Key | None:
    value = key_in(data)
    return next((key for key in keys if value and fingerprint(value, series) == key.fingerprint), None)
