"""A stack file as it is written: each value with its text, line and column, and what the engine will read in it.

The engine reads YAML with go-yaml v3, in which an unquoted `010` is 8, `1.10` is 1.1 and a name `null` is `<nil>`.
A program gets the result alone. Here the text is kept, so that an error can show what is in the file.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from provider.client.shapes import as_list, as_object

Path = tuple[int | str, ...]

_NULLS = ("", "~", "null", "Null", "NULL")
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)")
_OTHER_INT = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F][0-9a-fA-F_]*|0[oO]?[0-7][0-7_]*|0[bB][01][01_]*|[0-9][0-9_]*)")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:$|[Tt ])")
_DEPTH = 40
_MOST = 100_000
_PLAIN = "!plain"


class SourceError(ValueError):
    """A file that is no YAML, or no mapping; with line and column where they are known."""

    def __init__(self, text: str, line: int = 0, column: int = 0) -> None:
        self.line, self.column = line, column
        super().__init__(text)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Where a value is in the file, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Number:
    """A number that is written otherwise than a person reads it, such as 010 or 1.10; or a date."""

    text: str
    value: float | str
    """What YAML makes of it."""

    @property
    def kind(self) -> str:
        """What that is, in words."""
        return f"the number {self.value}" if isinstance(self.value, int | float) else self.value


@dataclass(frozen=True)
class Secure:
    """An encrypted value of the configuration: nothing is known of it."""


@dataclass
class Source:
    """What a file holds."""

    value: object
    marks: dict[Path, Mark] = field(default_factory=dict[Path, Mark])
    """By place. A name in a mapping has no mark of its own, but that of its value."""
    problems: list[tuple[Path, str]] = field(default_factory=list[tuple[Path, str]])
    """What the reading itself found: names without quotes that YAML reads as something else, names given twice."""
    secure: list[Path] = field(default_factory=list[Path])
    values: int = 0
    """How many were read."""

    def at(self, path: Path) -> Mark | None:
        """Return where a place, or the nearest one around it, stands."""
        for end in range(len(path), -1, -1):
            found = self.marks.get(path[:end])
            if found is not None:
                return found
        return None


class _Loader(yaml.BaseLoader):
    """Marks scalars that have neither quotes nor a tag, and resolves nothing: PyYAML reads other things in them."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """Return the tag of a node that the file gives none."""
        del value
        if kind is yaml.ScalarNode:
            return _PLAIN if implicit[0] else "tag:yaml.org,2002:str"
        return "tag:yaml.org,2002:seq" if kind is yaml.SequenceNode else "tag:yaml.org,2002:map"


def read(text: str) -> Source:
    """Read a file. Raises SourceError."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        where = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise SourceError(f"not valid YAML: {problem.problem or 'it cannot be read'}", *where) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise SourceError("not valid YAML") from None
    source = Source(value=None)
    if node is not None:
        source.value = _value(node, (), source)
    return source


def below(source: Source, path: Path) -> Source:
    """Return what stands at a place, as a source of its own. Nothing where there is no such place."""
    value = source.value
    for part in path:
        value = as_object(value).get(str(part))
    n = len(path)
    return Source(
        value=value,
        marks={place[n:]: mark for place, mark in source.marks.items() if place[:n] == path},
        problems=[(place[n:], text) for place, text in source.problems if place[:n] == path],
        secure=[place[n:] for place in source.secure if place[:n] == path],
    )


def scalar(text: str) -> object:
    """Return what the engine reads in a scalar without quotes."""
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if _DECIMAL.fullmatch(text):
        return int(text)
    if _OTHER_INT.fullmatch(text):
        return Number(text, _as_int(text))
    if _FLOAT.fullmatch(text):
        value = float(re.sub(r"\.(inf|nan)", r"\1", text.lower()))
        return value if repr(value) == text else Number(text, value)
    return Number(text, "a date") if _DATE.match(text) else text


def _as_int(text: str) -> float:
    """Return the number, as Go's ParseInt with base 0 has it, else as a decimal."""
    digits = text.replace("_", "")
    old_octal = re.fullmatch(r"([-+]?)0([0-7]+)", digits)
    try:
        return int(f"{old_octal[1]}0o{old_octal[2]}", 0) if old_octal else int(digits, 0)
    except ValueError:
        return float(digits)


def _value(node: yaml.Node, path: Path, source: Source) -> object:
    source.values += 1
    if len(path) > _DEPTH or source.values > _MOST:
        # Aliases can make a short file endless.
        raise SourceError("nested too deeply", node.start_mark.line + 1, node.start_mark.column + 1)
    text = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
    source.marks[path] = Mark(line=node.start_mark.line + 1, column=node.start_mark.column + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, n), source) for n, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, source)
    return text if _is_text(node) else scalar(text)


def _is_text(node: yaml.Node) -> bool:
    """Whether a scalar is text by its quotes, or by a tag in the file, as `!!str 010`."""
    return str(node.tag) != _PLAIN


def _mapping(node: yaml.MappingNode, path: Path, source: Source) -> object:
    found: dict[str, object] = {}
    merged: dict[str, object] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise SourceError("a name must be text", key.start_mark.line + 1, key.start_mark.column + 1)
        name = str(key.value)
        if name == "<<" and not _is_text(key):
            merged |= _merged(value, path, source)
            continue
        place = (*path, name)
        if name in found:
            source.problems.append((place, "given twice; one would win over the other"))
        read_as = name if _is_text(key) else scalar(name)
        if not isinstance(read_as, str):
            made = "nothing" if read_as is None else _made(read_as)
            source.problems.append((place, f'without quotes YAML reads {made} there; write "{name}" in quotes'))
        found[name] = _value(value, place, source)
    whole: dict[str, object] = {**merged, **found}
    if list(whole) == ["secure"] and isinstance(whole["secure"], str):
        source.secure.append(path)
        return Secure()
    return whole


def _merged(node: yaml.Node, path: Path, source: Source) -> dict[str, object]:
    """Return what `<<` brings in: a mapping or several, of which the first wins."""
    parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
    whole: dict[str, object] = {}
    for part in parts:
        whole = {**as_object(_value(part, path, source)), **whole}
    return whole


def _made(value: object) -> str:
    if isinstance(value, Number):
        return value.kind
    return f"the word {str(value).lower()}" if isinstance(value, bool) else f"the number {value}"


def with_texts(source: object, given: object) -> object:
    """Return what a program was given, with the numbers as the file writes them. The two must be the `same`."""
    if isinstance(source, dict) and isinstance(given, dict):
        names, there = as_object(source), as_object(given)
        return {name: with_texts(names.get(name), value) for name, value in there.items()}
    if isinstance(source, list) and isinstance(given, list):
        return [with_texts(a, b) for a, b in zip(as_list(source), as_list(given), strict=True)]
    return source if isinstance(source, Number) else given


def same(source: object, given: object) -> bool:
    """Whether what a program was given may have been read from this: the same names, lists and texts.

    How scalars without quotes are read is the engine's matter: of them only that they are scalars.
    """
    if isinstance(source, dict):
        names, there = as_object(source), as_object(given)
        # A name without quotes may have come through as something else.
        changed = [name for name in names if name not in there]
        return (
            isinstance(given, dict)
            and len(names) == len(there)
            and all(not isinstance(scalar(name), str) for name in changed)
            and all(same(value, there[name]) for name, value in names.items() if name in there)
        )
    if isinstance(source, list):
        items, others = as_list(source), as_list(given)
        return isinstance(given, list) and len(items) == len(others) and all(map(same, items, others))
    if isinstance(source, str):
        return source == given or isinstance(given, bool | int | float)
    return isinstance(source, Secure) or not isinstance(given, dict | list)
