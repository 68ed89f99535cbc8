"""Refusals of component arguments: which component, which argument, what is wrong and what is allowed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Literal, NoReturn, Union, cast, get_args, get_origin, get_type_hints, is_typeddict

import pulumi

from catalogue.rows import shown
from provider.resources.base import ArgumentError

Wrong = tuple[str, str]
"""An argument, and what is wrong with it."""


def refuse(component: object, name: str, argument: str, wrong: str) -> NoReturn:
    """Raise ArgumentError for one argument. `wrong` must not hold a secret."""
    raise ArgumentError(f"{type(component).__name__} {name!r}: {argument}: {wrong}")


def refuse_any(component: object, name: str, found: Iterable[Wrong]) -> None:
    """Raise ArgumentError for all that is wrong, one line for each; do nothing when nothing is."""
    lines = list(dict.fromkeys(f"{argument}: {wrong}" for argument, wrong in found))
    if lines:
        apart = " " if len(lines) == 1 else "\n  "
        raise ArgumentError(f"{type(component).__name__} {name!r}:{apart}" + "\n  ".join(lines))


def check_args(component: object, name: str, args: object, allowed: type) -> None:
    """Refuse arguments that the component does not have, those that are missing, and values of another type.

    `allowed` is its TypedDict. Words of a Literal are not compared here: what they mean is checked where they are used.
    """
    refuse_any(component, name, _wrong(args, allowed, ""))


def wrong_value(value: object, hint: Any) -> str | None:
    """Return what is wrong with a value: its type, or a word that is none of a Literal's; None when nothing is."""
    wrong = next(_wrong(value, hint, ""), None)
    if wrong is not None:
        return wrong[1]
    words = [word for option in _options(hint) if get_origin(option) is Literal for word in get_args(option)]
    if not words or not isinstance(value, str) or value in words:
        return None
    return f"{shown(value)} does not exist; allowed: {', '.join(words)}"


def _options(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _wrong(value: object, hint: Any, path: str) -> Iterator[Wrong]:
    """Return what keeps `value` from standing where `hint` is asked for, with the places.

    A value's own text may be a secret, and is never in it.
    """
    options = _options(hint)
    for option in options:
        origin = get_origin(option) or option
        if is_typeddict(origin) and isinstance(value, Mapping):
            yield from _wrong_inside(cast("Mapping[str, object]", value), origin, path)
            return
        if origin is Sequence and isinstance(value, list | tuple):
            items, (inner,) = cast("Sequence[object]", value), get_args(option)
            for n, item in enumerate(items):
                yield from _wrong(item, inner, f"{path}.{n}")
            return
        plain = str if origin is Literal else (int, float) if origin is float else origin
        if not is_typeddict(origin) and plain is not Sequence and isinstance(value, plain):
            return
    takes = " or ".join(dict.fromkeys(map(_word, options)))
    yield path or "arguments", f"takes {takes}, not {_word(type(value))}"


def _wrong_inside(given: Mapping[str, object], allowed: type, path: str) -> Iterator[Wrong]:
    # pulumi.Input refers to Output[T] by name alone.
    hints = get_type_hints(allowed, localns={"Output": pulumi.Output, "T": Any})
    required: frozenset[str] = getattr(allowed, "__required_keys__", frozenset[str]())
    for argument in [*given, *sorted(required - given.keys())]:
        at = f"{path}.{argument}" if path else argument
        if argument not in hints:
            yield at, f"unknown; it takes {', '.join(hints)}"
        elif argument not in given:
            yield at, "missing"
        else:
            yield from _wrong(given[argument], hints[argument], at)


def _word(hint: Any) -> str:
    """Return a type as a person says it."""
    origin = get_origin(hint) or hint
    return "a mapping" if is_typeddict(origin) else _WORDS.get(origin) or str(origin.__name__)


_WORDS: Mapping[Any, str] = {
    str: "text",
    Literal: "text",
    bool: "True or False",
    NoneType: "None",
    Sequence: "a list",
    Mapping: "a mapping",
}
