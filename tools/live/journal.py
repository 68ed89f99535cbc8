"""What a run made, on disk before it is made: JSON lines, each forced to the disk before the call that it speaks of.

Names and descriptions carry the run's id, so that what a lost answer or a kill left is found by its name.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal, Self

from provider.client.shapes import as_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from provider.client.shapes import Json

Kind = Literal["workspace", "key"]
_ENDING = ".jsonl"


@dataclass(frozen=True, kw_only=True)
class Head:
    """Whose run it is, and where it works."""

    run: str
    """Random; part of every name."""
    account: str
    region: str
    control_plane: Mapping[str, str]
    """Addresses of a double; {} for the vendor's own."""


@dataclass(kw_only=True)
class Thing:
    """Something that a run was about to make."""

    kind: Kind
    name: str
    """A workspace's name, a key's description."""
    workspace_id: str = ""
    """Of a key: where it is."""
    id: str = ""
    """"" as long as no answer told it."""
    gone: bool = False


@dataclass(kw_only=True)
class Journal:
    """The journal of one run."""

    path: Path
    head: Head
    things: list[Thing] = field(default_factory=list[Thing])

    @classmethod
    def start(cls, directory: Path, head: Head) -> Self:
        """Begin a journal."""
        journal = cls(path=directory / f"{head.run}{_ENDING}", head=head)
        journal._write("run", asdict(head))
        return journal

    @classmethod
    def left_in(cls, directory: Path) -> Iterator[Self]:
        """Return the journals of runs that did not remove all that they made."""
        for path in sorted(directory.glob(f"*{_ENDING}")):
            journal = cls._read(path)
            if journal is None:  # killed before its first line was on the disk: it had made nothing
                path.unlink()
            else:
                yield journal

    @classmethod
    def _read(cls, path: Path) -> Self | None:
        events: list[Json] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            with suppress(ValueError):  # the last line of a killed run may be torn; the call was not made yet
                events.append(as_object(json.loads(line)))
        if not events or events[0].get("event") != "run":
            return None
        names = ("run", "account", "region", "control_plane")
        journal = cls(path=path, head=Head(**{name: events[0][name] for name in names}))
        for event in events[1:]:
            journal._take(event)
        return journal

    def _take(self, event: Json) -> None:
        if event["event"] == "about to make":
            self.things.append(Thing(kind=event["kind"], name=event["name"], workspace_id=event["workspace_id"]))
        elif event["event"] == "made":
            self.things[event["n"]].id = event["id"]
        else:
            self.things[event["n"]].gone = True

    def name(self, what: str) -> str:
        """Return the name of something of this run."""
        return f"live-{self.head.run}-{what}"

    def about_to_make(self, kind: Kind, name: str, workspace_id: str = "") -> Thing:
        """Note what the next call makes."""
        thing = Thing(kind=kind, name=name, workspace_id=workspace_id)
        self._write("about to make", {"kind": kind, "name": name, "workspace_id": workspace_id})
        self.things.append(thing)
        return thing

    def made(self, thing: Thing, made_id: str) -> None:
        """Note the id that the service gave it."""
        self._write("made", {"n": self._number(thing), "id": made_id})
        thing.id = made_id

    def removed(self, thing: Thing) -> None:
        """Note that it is not there, or not any longer."""
        self._write("removed", {"n": self._number(thing)})
        thing.gone = True

    def close(self) -> None:
        """Take the journal away once all is removed."""
        if all(thing.gone for thing in self.things):
            self.path.unlink()

    def _number(self, thing: Thing) -> int:
        return next(n for n, known in enumerate(self.things) if known is thing)

    def _write(self, event: str, more: Mapping[str, object]) -> None:
        with os.fdopen(
            os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8"
        ) as file:
            file.write(json.dumps({"event": event, **more}) + "\n")
            file.flush()
            os.fsync(file.fileno())
