"""One service's keys as its state keeps them: the current one in its outputs, each other one as an entry."""

from collections.abc import Sequence

from provider.client.control_plane import KeyInfo
from provider.client.shapes import as_object, as_objects
from provider.client.times import iso
from provider.resource import text_of
from provider.resources.marks import Mark
from provider.values import Values

_SHOWN = ("generation", "keyId", "regionId", "workspaceId", "supersededAt")
"""What of an entry retirement needs. `supersededAt`: when it was last put aside; "" for one that was found."""
_KEPT = (*_SHOWN, "nonce", "createdAt", "value")

Place = tuple[str, str]
"""Region and workspace id."""


def found_entry(mark: Mark, key: KeyInfo, region: str) -> Values:
    """Return the entry of a key that only the service knows: nobody has its value."""
    return {
        "generation": mark.generation,
        "keyId": key.key_id,
        "regionId": region,
        "workspaceId": key.workspace_id,
        "nonce": mark.nonce,
        "createdAt": iso(key.created_at),
        "supersededAt": "",
        "value": "",
    }


def current_entry(state: Values) -> Values:
    """Return the current key as an entry."""
    return {name: state.get(name) for name in _KEPT}


def is_brought(values: Values) -> bool:
    """Whether the current key is one that was made elsewhere: it is delivered, and neither looked at nor ended here."""
    return values.get("brought") is not None


def entries(state: Values) -> list[Values]:
    """Return the superseded keys on record."""
    values = as_object(state.get("supersededValues"))
    kept = as_objects(state.get("superseded"))
    return [{"supersededAt": "", **entry, "value": values.get(entry["keyId"], "")} for entry in kept]


def place(values: Values) -> Place:
    """Return where a key is, or is wanted."""
    return text_of(values, "regionId"), text_of(values, "workspaceId")


def lists(superseded: Sequence[Values]) -> Values:
    """Return the outputs for the superseded keys, oldest generation first.

    Values stand apart: what is secret is masked in every text, and ids and regions must be readable there.
    """
    ordered = sorted(superseded, key=lambda e: (e["generation"], e["keyId"]))
    return {
        "superseded": [{name: item for name, item in entry.items() if name != "value"} for entry in ordered],
        "supersededKeys": [{name: entry[name] for name in _SHOWN} for entry in ordered],
        "supersededValues": {entry["keyId"]: entry["value"] for entry in ordered if entry["value"]},
    }


def used(state: Values, superseded: Sequence[Values]) -> Values:
    """Return the outputs for what is not used again: numbers, and the nonces of all keys, those that are gone too.

    A key that somebody made with a copied description is told by its nonce, also when ours is gone.
    """
    nonces = as_object(state.get("nonces")) | nonces_of([current_entry(state), *entries(state), *superseded])
    return {"highestGeneration": highest(state, superseded), "nonces": nonces}


def nonces_of(keys: Sequence[Values]) -> Values:
    """Return the id of each minted key by its nonce."""
    return {key["nonce"]: key["keyId"] for key in keys if key["nonce"]}


def highest(state: Values, superseded: Sequence[Values]) -> int:
    """Return the highest generation ever used, 0 for none: a number is not used again when its key is gone."""
    used = [state.get("highestGeneration"), state.get("generation"), *(e["generation"] for e in superseded)]
    return max((int(n) for n in used if n is not None), default=0)
