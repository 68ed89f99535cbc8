"""Property values between protobuf and plain Python: unknowns, secrets and whole numbers survive both ways."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from google.protobuf.struct_pb2 import ListValue, Struct, Value

from provider.client.shapes import as_list, as_object

Values = dict[str, Any]


class Unknown(Enum):
    """A value that is known only after something else was made; seen in previews."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the published mark of a secret value, not a secret
_UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWN_STRINGS = frozenset(
    {
        _UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # list
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)


@dataclass(frozen=True)
class Decoded:
    """Plain values, and the names of those that were marked secret, wholly or in part."""

    values: Values
    secrets: frozenset[str]


def decode(struct: Struct) -> Decoded:
    """Read property values off the wire."""
    values: Values = {}
    secrets: set[str] = set()
    for name, raw in struct.fields.items():
        value, secret = _decoded(raw)
        values[name] = value
        if secret:
            secrets.add(name)
    return Decoded(values, frozenset(secrets))


def encode(values: Values, secrets: Collection[str] = ()) -> Struct:
    """Write property values for the wire, those named in `secrets` marked as secret."""
    struct = Struct()
    for name, value in values.items():
        raw = _encoded(value)
        if name in secrets:
            marked = Struct()
            marked.fields[_SIGNATURE].string_value = _SECRET
            marked.fields["value"].CopyFrom(raw)
            raw = Value(struct_value=marked)
        struct.fields[name].CopyFrom(raw)
    return struct


def has_unknown(value: Any) -> bool:
    """Whether anything inside `value` is unknown."""
    if isinstance(value, dict):
        return any(map(has_unknown, as_object(value).values()))
    if isinstance(value, list):
        return any(map(has_unknown, as_list(value)))
    return value is UNKNOWN


def _decoded(raw: Value) -> tuple[Any, bool]:
    match raw.WhichOneof("kind"):
        case "bool_value":
            return raw.bool_value, False
        case "number_value":
            number = raw.number_value
            return (int(number) if number.is_integer() else number), False
        case "string_value":
            text = raw.string_value
            return (UNKNOWN if text in _UNKNOWN_STRINGS else text), False
        case "list_value":
            items = [_decoded(item) for item in raw.list_value.values]
            return [value for value, _ in items], any(secret for _, secret in items)
        case "struct_value":
            fields = raw.struct_value.fields
            if _SIGNATURE in fields and fields[_SIGNATURE].string_value == _SECRET:
                return _decoded(fields["value"])[0], True
            pairs = {name: _decoded(item) for name, item in fields.items()}
            return {name: value for name, (value, _) in pairs.items()}, any(s for _, s in pairs.values())
        case _:
            return None, False


def _encoded(value: Any) -> Value:
    match value:
        case None:
            return Value(null_value=0)  # type: ignore[arg-type]  # the stub wants the enum, whose only value is 0
        case Unknown():
            return Value(string_value=_UNKNOWN_STRING)
        case bool():
            return Value(bool_value=value)
        case int() | float():
            return Value(number_value=value)
        case str():
            return Value(string_value=value)
        case dict():
            return Value(struct_value=encode(value))  # pyright: ignore[reportUnknownArgumentType] - any
        case list() | tuple():
            return Value(list_value=ListValue(values=[_encoded(item) for item in value]))  # pyright: ignore[reportUnknownVariableType] - any
        case _:
            raise TypeError(f"no property value: {type(value).__name__}")
