"""A record as the text that a reader of config takes: JSON, YAML, Java properties.

Each has one spelling for one content, in sorted order: any other would be a difference at every `up`.
"""

import json
from collections.abc import Callable, Mapping

from catalogue.record import canonical
from catalogue.stores import ContentType

_SHORT = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f"}


def properties(record: Mapping[str, str]) -> str:
    r"""Return `NAME=value` lines by the rules of java.util.Properties.

    Readers differ in charset (ISO-8859-1 by its documents, UTF-8 in Spring): what is not ASCII is written \uXXXX, which
    is the same in both.
    """
    return "".join(f"{name}={_property(value)}\n" for name, value in sorted(record.items()))


def yaml(record: Mapping[str, str]) -> str:
    r"""Return `NAME: "value"` lines. A JSON string is a double-quoted scalar of YAML, so no library is needed.

    Two things differ and are seen to: YAML reads no pair of \uXXXX as one character, and it refuses some characters
    that JSON takes as they are.
    """
    return "".join(f"{name}: {_scalar(value)}\n" for name, value in sorted(record.items()))


def go_json(record: Mapping[str, str]) -> str:
    """Return JSON as the alicloud plugin reads a SAE config map back: canonical, with Go's escapes.

    Any other spelling would be a difference at every `up` (seen with the published plugin).
    """
    text = canonical(record)
    for char in "&<>\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


RENDER: Mapping[ContentType, Callable[[Mapping[str, str]], str]] = {
    "properties": properties,
    "yaml": yaml,
    "json": canonical,
}


def _property(value: str) -> str:
    text = "".join(map(_escaped, value))
    return f"\\{text}" if text.startswith(" ") else text


def _escaped(char: str) -> str:
    if char in _SHORT:
        return _SHORT[char]
    if " " <= char <= "~":
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n : n + 2].hex()}" for n in range(0, len(units), 2))


def _scalar(value: str) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return "".join(char if _is_printable(char) else f"\\u{ord(char):04x}" for char in text)


def _is_printable(char: str) -> bool:
    """Whether every YAML reader takes a character as it is (YAML 1.2, 5.1, less the line breaks of YAML 1.1)."""
    return " " <= char <= "~" or (
        char >= "\u00a0" and char not in "\u2028\u2029\ufeff\ufffe\uffff" and not "\ud800" <= char <= "\udfff"
    )
