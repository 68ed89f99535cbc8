"""Stored text, parsed by the rules of its real reader."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SHORT = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def json_object(text: str) -> dict[str, str]:
    """Parse JSON."""
    return texts(json.loads(text))


def yaml_mapping(text: str) -> dict[str, str]:
    """Parse YAML, as PyYAML does; SnakeYAML, which Spring uses, has the same rules."""
    return texts(yaml.safe_load(text))


def java_properties(text: str, charset: str = "latin-1") -> dict[str, str]:
    """Parse as java.util.Properties.load does (its documentation, Java SE 17), from bytes of either charset."""
    units = text.encode().decode(charset)
    found: dict[str, str] = {}
    for line in _logical_lines(units):
        end = next((n for n, char in enumerate(line) if char in "=: \t\f" and not _is_escaped(line, n)), len(line))
        value = line[end:].lstrip(" \t\f")
        found[_unescaped(line[:end])] = _unescaped(value[1:].lstrip(" \t\f") if value[:1] in ("=", ":") else value)
    return found


def injected(text: str) -> dict[str, str]:
    """Parse a config map as SAE does: each entry is an environment variable, seen here by a real process."""
    entries = json_object(text)
    script = "import json, os; print(json.dumps(dict(os.environ)))"
    done = subprocess.run([sys.executable, "-c", script], env=entries, capture_output=True, check=True)
    seen = json_object(done.stdout.decode())
    return {name: seen[name] for name in entries}


def texts(value: Any) -> dict[str, str]:
    """Return an object of texts; fail for anything else."""
    assert isinstance(value, dict)
    found: dict[str, str] = value  # pyright: ignore[reportUnknownVariableType] - looked at below
    assert all(isinstance(part, str) for item in found.items() for part in item)
    return found


PARSE: Mapping[str, Callable[[str], dict[str, str]]] = {
    "json": json_object,
    "yaml": yaml_mapping,
    "properties": java_properties,
}


def _logical_lines(text: str) -> list[str]:
    lines: list[str] = []
    going_on = False
    for natural in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = natural.lstrip(" \t\f")
        if not going_on and (not line or line[0] in "#!"):
            continue
        line = lines.pop() + line if going_on else line
        going_on = _is_escaped(line + "x", len(line))
        lines.append(line[:-1] if going_on else line)
    return lines


def _is_escaped(text: str, place: int) -> bool:
    before = text[:place]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _unescaped(text: str) -> str:
    units: list[str] = []
    chars = iter(text)
    for char in chars:
        if char != "\\":
            units.append(char)
            continue
        escaped = next(chars, "")
        if escaped == "u":
            units.append(chr(int("".join(next(chars) for _ in range(4)), 16)))
        else:
            units.append(_SHORT.get(escaped, escaped))
    return "".join(units).encode("utf-16", "surrogatepass").decode("utf-16")
