"""What may be said of every sink, and what is refused of it: by the same rules as in a stack file."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, get_type_hints

from catalogue.access import SinkFacts
from catalogue.rows import shown
from catalogue.stores import PREFIX, SIZES, NameRule, OnConflict, OnDelete, SpanRule, Store, StoreError
from components.checks import Wrong, wrong_value
from provider.resources.base import ArgumentError


@dataclass(frozen=True, kw_only=True)
class Sink(ABC):
    """One place for a record. Its resources are named by the place: moved, it is a new object."""

    prefix: str = ""
    """Put before every name in the record."""
    on_conflict: OnConflict = "fail"
    """fail: the object must not exist yet. adopt: it must exist, and this stack takes it over."""
    on_delete: OnDelete = "delete"
    """What becomes of the object once the sink is no longer wanted: delete, or retain, with the record in it."""

    store: ClassVar[Store]
    rules: ClassVar[Mapping[str, NameRule | SpanRule]]
    """What each argument must look like."""

    def __post_init__(self) -> None:
        found = list(self._wrong_arguments())
        if not found:  # what follows from several arguments takes each of them to be right
            found = list(self.wrong_together())
        if found:
            apart = " " if len(found) == 1 else "\n  "
            lines = "\n  ".join(f"{argument}: {wrong}" for argument, wrong in found)
            raise ArgumentError(f"{type(self).__name__}:{apart}{lines}")

    def wrong_together(self) -> Iterator[Wrong]:
        """Return what is wrong with arguments that are each right. No text of it holds content."""
        yield from ()

    def _wrong_arguments(self) -> Iterator[Wrong]:
        hints = get_type_hints(type(self))
        rules = {"prefix": PREFIX, **self.rules}
        for argument in fields(self):
            value: Any = getattr(self, argument.name)
            wrong = wrong_value(value, hints[argument.name])
            if wrong is not None:
                yield argument.name, wrong
                continue
            if argument.name not in rules or value == argument.default:
                continue
            try:
                rules[argument.name].check(value)
            except StoreError as refused:
                yield argument.name, f"{shown(value) if isinstance(value, str) else value} {refused}"

    @property
    @abstractmethod
    def place(self) -> str:
        """Store, region and name, as `kms:cn-beijing/prod/gateway`; no two sinks share one."""

    @abstractmethod
    def facts(self) -> SinkFacts:
        """Return what the firewall needs to know."""

    def sized(self, content: str) -> str:
        """Return content that the store takes; another is refused before it is sent, in preview when it is known."""
        try:
            SIZES[self.store].check(content)
        except StoreError as wrong:
            raise ArgumentError(f"{self.place}: {wrong}") from None
        return content


def child_name(service: str, place: str) -> str:
    """Return the resource name of a config sink's object, as `gateway-sae:cn-beijing:prod/gateway`.

    Each place of each service has its own: no store is another's ending, and a service's name holds no colon.
    """
    return f"{service}-{place}"
