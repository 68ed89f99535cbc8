"""What a place holds, told from what stands in it, and which places are behind."""

import json
import re
from collections.abc import Mapping

UNKNOWN = "g?r?"
"""Of a place whose content is not a record of ours."""

_LINE = re.compile(r'^(\w+)\s*[:=]\s*"?(\d+)"?\s*$', re.MULTILINE | re.ASCII)
_VERSION = re.compile(r"(g\d+r\d+)-.*")


def held(stored: str) -> str:
    """Return generation and revision, such as g7r10, of what a sink's own output says: a version id or a record.

    Whatever the format and the prefix; `g?r?` for what someone else put there.
    """
    version = _VERSION.fullmatch(stored)
    if version:
        return version[1]
    record = _object(stored)
    generation, revision = (_number(record, f"MODEL_STUDIO_{word}") for word in ("GENERATION", "REVISION"))
    return f"g{generation}r{revision}" if generation and revision else UNKNOWN


def behind(held: Mapping[str, str], wanted: str) -> list[str]:
    """Return, for each place that holds something else, a text that says so.

    `wanted`: generation and revision, such as g7r10, or a generation alone, such as g7.
    """
    return [
        f"{place} holds {held[place] or 'nothing'}"
        for place in sorted(held)
        if held[place] != wanted and held[place].partition("r")[0] != wanted
    ]


def _object(text: str) -> Mapping[str, object]:
    """Return the entries of a JSON object, or of the lines of the other two formats, as far as this module needs them.

    A value cannot pass for an entry: line ends in values are escaped.
    """
    if text.lstrip().startswith("{"):
        try:
            given: object = json.loads(text)
        except ValueError:
            return {}
        return given if isinstance(given, dict) else {}  # pyright: ignore[reportUnknownVariableType] - JSON
    return dict(_LINE.findall(text))


def _number(record: Mapping[str, object], name: str) -> str:
    """Return the number under a name, whatever prefix it has; "" for none."""
    found = [str(value) for key, value in record.items() if key.endswith(name)]
    return found[0] if found and found[0].isdecimal() else ""
