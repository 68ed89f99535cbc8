"""What a place holds, told from what stands in it, and which places are behind."""

import re
from collections.abc import Mapping

UNKNOWN = "g?r?"
"""Of a place whose content is not a record of ours."""

_VERSION = re.compile(r"(g\d+r\d+)(?:-.*)?")


def held(stored: str) -> str:
    """Return generation and revision, such as g7r10, of what a sink's own output says: a version id or a record.

    Whatever the format and the prefix; `g?r?` for what another hand put there.
    """
    version = _VERSION.fullmatch(stored)
    if version:
        return version[1]
    generation, revision = (_number(stored, f"MODEL_STUDIO_{word}") for word in ("GENERATION", "REVISION"))
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


def _number(text: str, name: str) -> str:
    # In a JSON object the name is quoted and follows { or a comma; in the others it begins a line. A value cannot pass
    # for that: there quotes and line ends are escaped.
    found = re.search(rf'(?:^|[{{,]\s*")[A-Z0-9_]*{name}"?\s*[:=]\s*"?(\d+)"?\s*(?:$|[,}}])', text, re.MULTILINE)
    return found[1] if found else ""
