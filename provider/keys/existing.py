"""A key that was made elsewhere: read from where it lies, and held against what is said of it."""

import json

from catalogue.key_text import check_key_text
from catalogue.pairs import plan_hint
from catalogue.rows import as_domain
from provider.client.errors import ServiceError
from provider.client.redact import remember
from provider.client.shapes import as_object
from provider.keys.wanted import Source
from provider.resource import Call, RefusedError


def read(call: Call, source: Source, domain: str) -> str:
    """Return the key. Raises RefusedError when its place cannot be read, or holds none that can be used."""
    if source.place is None:
        return source.value
    where = str(source.place)
    try:
        held = call.services.stores[source.place.store].read(source.place)
    except ServiceError as error:
        raise RefusedError(f"the key cannot be read from {where}: {error}") from None
    if held is None:
        raise RefusedError(f"there is no {where}: create it, or correct from_{source.place.store}")
    text = _field_of(held.data, source.field_name, where)
    try:
        key = check_key_text(text)
    except ValueError as wrong:
        raise RefusedError(f"{where}: {wrong}") from None
    remember(key)
    hint(call, domain, key)
    return key


def hint(call: Call, domain: str, key: str) -> None:
    """Say when a key looks like one of another plan than the domain's."""
    known = as_domain(domain)
    text = plan_hint(key, known) if known else ""
    if text:
        call.warn(f"{text}. If the pair check refuses it, look there first")


def _field_of(data: str, field: str, where: str) -> str:
    """Return the whole data, or a field of the JSON object that it is."""
    if not field:
        return data
    try:
        found = as_object(json.loads(data)).get(field)
    except ValueError:
        raise RefusedError(f"{where} holds no JSON object, so it has no field {field}") from None
    if not isinstance(found, str):
        raise RefusedError(f"{where} has no text in a field {field}")
    return found
