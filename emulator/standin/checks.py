"""What the provider itself says against a value, before any call.

The published plugin repeats the value in some of these, a secret one too; here its length stands in its place.
"""

import json
from collections.abc import Callable

Check = Callable[[str, str], str]
"""Takes the provider's name of a property and a value; returns the message, or "" where nothing is wrong."""


def one_of(*choices: str) -> Check:
    """Refuse all but these."""

    def check(name: str, value: str) -> str:
        return "" if value in choices else f"expected {name} to be one of [{' '.join(choices)}], got {value}"

    return check


def length(least: int, most: int) -> Check:
    """Refuse a text that is shorter or longer."""

    def check(name: str, value: str) -> str:
        if least <= len(value) <= most:
            return ""
        found = f"<{len(value)} characters>" if value else ""
        return f"expected length of {name} to be in the range ({least} - {most}), got {found}"

    return check


def is_json(name: str, value: str) -> str:
    """Refuse what is no JSON; the parser's words are Python's here and Go's there."""
    try:
        json.loads(value)
    except ValueError as error:
        return f'"{name}" contains an invalid JSON: {error}'
    return ""
