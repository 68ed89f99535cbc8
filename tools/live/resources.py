"""What a run makes and removes: workspaces and keys of its own, and never anything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from provider.client.errors import ServiceError
from provider.resources.workspace_made import LISTED_AFTER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from provider.client.control_plane import ControlPlane, KeyInfo, KeyScope, WorkspaceInfo
    from provider.client.retry import Clock
    from tools.live.journal import Journal, Thing

STILL_IN_USE = (1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 0.0)
"""Seconds between attempts to delete a workspace whose last key has just gone."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """What one run made in one region."""

    plane: ControlPlane
    journal: Journal
    clock: Clock
    say: Callable[[str], None]

    def workspace(self, name: str) -> WorkspaceInfo:
        """Make a workspace. Raises ServiceError."""
        thing = self.journal.about_to_make("workspace", name)
        try:
            made = self.plane.create_workspace(self._region, name, None)
        except ServiceError as error:
            self._not_made(thing, error)
            raise
        self.journal.made(thing, made.workspace_id)
        return made

    def key(self, workspace_id: str, what: str, scope: KeyScope) -> KeyInfo:
        """Make a key in a workspace of this run. Raises ServiceError."""
        thing = self.journal.about_to_make("key", self.journal.name(what), workspace_id)
        try:
            made = self.plane.create_api_key(self._region, workspace_id, thing.name, scope)
        except ServiceError as error:
            self._not_made(thing, error)
            raise
        self.journal.made(thing, made.key_id)
        return made

    def delete_key(self, key_id: str) -> None:
        """Delete a key of this run. Raises ServiceError."""
        thing = next(t for t in self.journal.things if t.kind == "key" and t.id == key_id)
        self.plane.delete_api_key(self._region, key_id)
        self.journal.removed(thing)

    def delete_workspace(self, workspace_id: str) -> list[str]:
        """Try to delete a workspace of this run; return the reasons why it was not. Raises ServiceError."""
        thing = next(t for t in self.journal.things if t.kind == "workspace" and t.id == workspace_id)
        reasons = self.plane.delete_workspace(self._region, workspace_id)
        if not reasons:
            self.journal.removed(thing)
        return reasons

    def remove(self) -> list[str]:
        """Remove all of it, the last first; return what is left, each in words."""
        left = [why for thing in reversed(self.journal.things) if not thing.gone for why in self._remove(thing)]
        self.journal.close()
        return left

    def _remove(self, thing: Thing) -> Iterator[str]:
        self.say(f"removing {thing.kind} {thing.name}")
        try:
            for found_id in self._ids(thing):
                why = self._delete_key(thing, found_id) if thing.kind == "key" else self._delete(thing, found_id)
                if why:
                    yield f"{thing.kind} {thing.name} ({found_id}): {why}"
                    return
        except ServiceError as error:
            yield f"{thing.kind} {thing.name} ({thing.id or 'its id was never told'}): {error}"
            return
        self.journal.removed(thing)

    def _ids(self, thing: Thing) -> list[str]:
        """Return the id that the service told, else those of what bears exactly that name and has no other entry."""
        if thing.id:
            return [thing.id]
        known = {other.id for other in self.journal.things}
        for pause in LISTED_AFTER:
            found = [i for i in self._named(thing) if i not in known]
            if found:
                return found
            self.clock.sleep(pause)
        return []

    def _named(self, thing: Thing) -> list[str]:
        if thing.kind == "workspace":
            return [w.workspace_id for w in self.plane.workspaces(self._region, name=thing.name)]
        keys = self.plane.api_keys(self._region, thing.workspace_id, containing=thing.name)
        return [key.key_id for key in keys if key.description == thing.name]

    def _delete_key(self, thing: Thing, key_id: str) -> str:
        there = self.plane.api_key(self._region, key_id)
        if there is None:
            return ""
        if (there.description, there.workspace_id) != (thing.name, thing.workspace_id):
            return "another key has this id, or it was changed by somebody: it is left alone"
        self.plane.delete_api_key(self._region, key_id)
        return ""

    def _delete(self, thing: Thing, workspace_id: str) -> str:
        """Delete a workspace; one that is not listed (yet) is known by the id that its create told."""
        there = self.plane.workspaces(self._region, workspace_id=workspace_id)
        if there and there[0].name != thing.name:
            return f"it is called {there[0].name!r}: it is left alone"
        reasons: list[str] = []
        for pause in STILL_IN_USE:
            try:
                reasons = self.plane.delete_workspace(self._region, workspace_id)
            except ServiceError:
                if not self.plane.workspaces(self._region, workspace_id=workspace_id):
                    return ""
                raise
            if not reasons:
                return ""
            self.clock.sleep(pause)
        return "; ".join(reasons)

    def _not_made(self, thing: Thing, error: ServiceError) -> None:
        if not error.may_have_run:
            self.journal.removed(thing)

    @property
    def _region(self) -> str:
        return self.journal.head.region
