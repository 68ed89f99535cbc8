"""Where the key comes from: never an argument, which everybody on the machine can read in the list of processes."""

from __future__ import annotations

import getpass
import sys
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalogue.record import KEY_NAMES
from catalogue.rows import looks_like_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

NAMES = ("MODEL_STUDIO_KEY", *KEY_NAMES.values())
"""Variables that may hold it, the first one first."""

_SHORTEST = 6
"""A shorter value is no key; looking for it in arguments would find ordinary words."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """A key, and where it came from; both "" when there is none."""

    value: str = ""
    source: str = ""


def take(env: Mapping[str, str], prompt: Callable[[], str] | None) -> Held:
    """Return the key: MODEL_STUDIO_KEY, else what is typed, else what the other variables hold.

    The other variables may be meant for something else, so a person at a terminal is asked before they are used.
    `prompt`: None when nobody can be asked.
    """
    first, *others = (Held(value=env.get(name, "").strip(), source=name) for name in NAMES)
    if first.value:
        return first
    fallback = next((held for held in others if held.value), Held())
    typed = prompt().strip() if prompt else ""
    return Held(value=typed, source="the prompt") if typed else fallback


def terminal_prompt(env: Mapping[str, str]) -> Callable[[], str] | None:
    """Return how to ask the person at the terminal; None when there is none."""
    if not sys.stdin.isatty():
        return None
    fallback = next((name for name in NAMES[1:] if env.get(name, "").strip()), "none")

    def ask() -> str:
        with warnings.catch_warnings():
            # A terminal that would show what is typed is not used.
            warnings.simplefilter("error", getpass.GetPassWarning)
            try:
                return getpass.getpass(f"Key (not shown; empty: {fallback}): ")
            except (EOFError, getpass.GetPassWarning):
                return ""

    return ask


def is_among(arguments: Sequence[str], *keys: str) -> bool:
    """Whether an argument holds one of the keys, or anything that looks like one."""
    known = [key for key in keys if len(key) >= _SHORTEST]
    return any(looks_like_key(argument) or any(key in argument for key in known) for argument in arguments)
