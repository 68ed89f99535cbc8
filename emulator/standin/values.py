"""Property values between the engine's wire form and plain Python."""

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct

Values = dict[str, Any]

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands in a preview for a value that is not known yet; published with the protocol."""
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the protocol's mark of a secret, not one
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
DEFAULTS = "__defaults"
"""Key of the inputs that lists which of them were filled in by default."""


def decode(struct: Struct) -> Values:
    """Return the values without marks and without nulls. Whole numbers are ints."""
    plain = json_format.MessageToDict(struct)
    return {name: _plain(value) for name, value in plain.items() if value is not None}


def encode(values: Mapping[str, Any], secret: AbstractSet[str]) -> Struct:
    """Return the wire form; the properties named in `secret` are marked."""
    marked = {n: {_SIGNATURE: _SECRET, "value": v} if n in secret else v for n, v in values.items()}
    struct = Struct()
    json_format.ParseDict(marked, struct)
    return struct


def go_json(value: Any) -> str:
    """Return JSON as Go writes it: compact, keys sorted, `&`, `<`, `>`, U+2028 and U+2029 escaped."""
    text = json.dumps(_whole(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for char in "&<>\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        given: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType] - JSON has no other keys
        if given.get(_SIGNATURE) == _SECRET:
            return _plain(given.get("value"))
        if given.get(_SIGNATURE) == _OUTPUT:
            return _plain(given["value"]) if "value" in given else UNKNOWN
        return {name: _plain(item) for name, item in given.items() if item is not None}
    return _whole(value)


def _whole(value: Any) -> Any:
    """Turn floats without a fraction into ints, as both Go and a reader would write them."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        items: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType] - JSON has no other keys
        return {name: _whole(item) for name, item in items.items()}
    if isinstance(value, list):
        members: list[Any] = value  # pyright: ignore[reportUnknownVariableType] - as above
        return [_whole(item) for item in members]
    return value
