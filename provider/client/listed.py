"""What a refresh reads: one list for many resources, instead of one call for each.

A list that was read serves each reader once, and not for long: a later refresh of the same process asks again. Nothing
is ever deleted, disabled, adopted or minted on the word of such a list.
"""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")

LASTS = 30.0
"""Seconds for which a list serves the readers of one refresh."""


@dataclass
class _List:
    items: Any
    read_at: float
    readers: set[str] = field(default_factory=set[str])


class Listed:
    """Lists by what they list."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lists: dict[Hashable, _List] = {}
        self._locks: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def of(self, what: Hashable, reader: str, read: Callable[[], T]) -> T:
        """Return a list, read by `read` unless another reader has just had it read. Raises what `read` raises."""
        with self._lock:
            lock = self._locks.setdefault(what, threading.Lock())
        with lock:
            known, now = self._lists.get(what), self._now()
            if known is None or reader in known.readers or not known.read_at <= now < known.read_at + LASTS:
                known = self._lists[what] = _List(items=read(), read_at=now)
            known.readers.add(reader)
            items: T = known.items
            return items
