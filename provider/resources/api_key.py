"""One service's keys: minted, scoped, read back, moved, deleted. Values exist in the state and the sinks alone."""

from collections.abc import Sequence
from typing import ClassVar, NotRequired, TypedDict

import pulumi

from catalogue.rules import Refused, check_key_scope
from provider.client.control_plane import OPEN_ADDRESSES, KeyInfo
from provider.client.errors import ServiceError
from provider.client.shapes import as_list, as_objects
from provider.client.times import iso
from provider.resource import (
    Call,
    Diff,
    Failure,
    Found,
    Handler,
    Kind,
    Made,
    Property,
    RefusedError,
    no_import,
    text_of,
)
from provider.resources.base import ModelStudioResource
from provider.resources.key_scope import as_inputs, comparable, scope_of
from provider.resources.marks import Mark, marked, name_hash, series
from provider.values import Values, has_unknown

_TRIES = 3
"""Times a key is minted when the answer gets lost each time."""


class ApiKeyHandler(Handler):
    """Its id is its own and never changes; key ids are outputs, so that a new key is an update in place.

    A key that another hand disabled is not enabled again (somebody may have had a reason): like a deleted one it is no
    longer `present`, and the next `up` mints the next generation.
    """

    type_name: ClassVar[str] = "modelstudio:index:ApiKey"
    doc: ClassVar[str] = "The keys of one service: the current one, and those superseded that are still alive."
    inputs: ClassVar = {
        "regionId": Property(type="string", doc="Region of the workspace.", required=True),
        "workspaceId": Property(type="string", doc="Workspace that the key belongs to.", required=True),
        "ownerId": Property(type="string", doc="Owner id of the stack.", required=True),
        "models": Property(type="array", doc="Models that the key may call; left out: all that its workspace may."),
        "allowedIps": Property(type="array", doc="Addresses and networks that may use it, at most 20."),
        "openToWorld": Property(type="boolean", doc="Said when a key with a model list shall open from every address."),
    }
    outputs: ClassVar = {
        "keyId": Property(type="string", doc="Id of the current key."),
        "generation": Property(type="integer", doc="Counts the keys of this service from 1; never used again."),
        "value": Property(type="string", doc="The current key.", secret=True),
        "createdBy": Property(type="string", doc="Account or RAM user that the key belongs to."),
        "createdAt": Property(type="string", doc="When the current key was minted, ISO 8601, UTC."),
        "nonce": Property(type="string", doc="Last part of the current key's mark."),
        "present": Property(type="boolean", doc="Whether the current key exists and is enabled."),
        "superseded": Property(type="array", doc="Keys that are not current but may be alive.", secret=True),
    }

    def check(self, call: Call, news: Values, olds: Values | None) -> tuple[Values, list[Failure]]:
        """Put lists in one order; refuse an empty workspace id and a scope that nobody can mean."""
        del call, olds
        failures: list[Failure] = []
        if news["workspaceId"] == "":
            failures.append(Failure("workspaceId", "empty: the service would use the default workspace"))
        for name in ("models", "allowedIps"):
            if isinstance(news.get(name), list) and not has_unknown(news[name]):
                news = news | {name: sorted({str(item) for item in news[name]})}
        ips = as_list(news.get("allowedIps"))
        if ips and set(ips) <= OPEN_ADDRESSES:
            news = news | {"allowedIps": [], "openToWorld": True}
        if not has_unknown(news):
            scope = scope_of(news)
            try:
                check_key_scope(scope.models, scope.allowed_ips, open_to_world=news.get("openToWorld") is True)
            except Refused as refused:
                failures.append(Failure("allowedIps", str(refused)))
            except ValueError as wrong:
                failures.append(Failure("models" if str(wrong).startswith("models") else "allowedIps", str(wrong)))
        return news, failures

    def diff(self, call: Call, state: Values, olds: Values, news: Values) -> Diff:
        """Every change is an update in place; a key that is gone is one too."""
        del call
        scope_now = comparable(news)
        changed: dict[str, Kind] = {n: "update" for n, v in comparable(olds).items() if v != scope_now[n]}
        if state.get("present") is not True:
            changed["present"] = "update"
        return Diff(changed=changed)

    def planned(self, call: Call, state: Values | None, news: Values) -> Values:
        """A change of scope keeps the key; anything else mints one."""
        if state is None or self._mints(state, news):
            return super().planned(call, state, news)
        return news | {name: state.get(name) for name in self.outputs}

    def create(self, call: Call, news: Values) -> Made:
        """Mint generation 1, or the one after the highest that carries this service's mark.

        Marked keys that are found were minted for this service by a run whose state is not this one (lost, restored or
        edited). They may be in a consumer's hands, so they become superseded and end by the ordinary retirement.
        """
        left = self._unrecorded(call, news, {})
        generation = max((entry["generation"] for entry in left), default=0) + 1
        minted = self._mint(call, news, generation)
        return Made(f"key-{text_of(news, 'ownerId')}-{name_hash(call.urn)}", news | minted | {"superseded": left})

    def read(self, call: Call, id_: str, state: Values, inputs: Values) -> Found | None:
        """Look at the key; a key that is gone keeps its entry, with `present: false`."""
        if not state:
            raise no_import("ApiKey", "the value of a key cannot be read back; let `up` mint one, or bring it as a key")
        region, workspace = text_of(state, "regionId"), text_of(state, "workspaceId")
        key = call.services.control_plane.api_key(region, text_of(state, "keyId"))
        present = key is not None and not key.disabled and _owned(key, state) and key.workspace_id == workspace
        superseded = [e for e in as_objects(state.get("superseded")) if self._alive(call, e)]
        workspace_there = key is not None or call.services.control_plane.workspaces(region, workspace_id=workspace)
        if workspace_there:
            superseded += self._unrecorded(call, state, state)
        seen = inputs if key is None or key.scope is None else inputs | as_inputs(key.scope, inputs)
        return Found(id_, state | seen | {"present": present, "superseded": superseded}, seen)

    def update(self, call: Call, state: Values, news: Values) -> Values:
        """Change what the key may do, or mint the next generation and keep the old one as superseded."""
        outputs = {name: state.get(name) for name in self.outputs}
        if not self._mints(state, news):
            plane = call.services.control_plane
            plane.update_api_key(text_of(state, "regionId"), text_of(state, "keyId"), scope_of(news))
            return news | outputs
        superseded = as_objects(state.get("superseded")) + self._unrecorded(call, news, state)
        current = _entry_of_state(state)
        if self._alive(call, current):
            superseded.append(current)
        highest = max([int(state.get("generation") or 0), *(int(e["generation"]) for e in superseded)])
        return news | self._mint(call, news, highest + 1) | {"superseded": superseded}

    def delete(self, call: Call, id_: str, state: Values) -> None:
        """Delete every live key of this service, but none that no longer carries this stack's owner id."""
        del id_
        plane = call.services.control_plane
        entries = [_entry_of_state(state), *as_objects(state.get("superseded"))]
        region, workspace = text_of(state, "regionId"), text_of(state, "workspaceId")
        if plane.workspaces(region, workspace_id=workspace):
            entries += self._unrecorded(call, state, state)
        foreign: list[str] = []
        for entry in entries:
            key = plane.api_key(entry["regionId"], entry["keyId"])
            if key is None:
                continue
            if _owned(key, state):
                plane.delete_api_key(entry["regionId"], entry["keyId"])
            else:
                foreign.append(key.key_id)
        if foreign:
            raise RefusedError(
                f"key {', '.join(foreign)} no longer carries this stack's mark in its description, so it was left "
                "alone: delete it in the console if nobody uses it, or put the mark back, then run this again"
            )

    # minting

    def _mint(self, call: Call, news: Values, generation: int) -> Values:
        """Mint one key. When the answer is lost the key is found by its nonce and deleted: nobody has its value."""
        plane = call.services.control_plane
        region, workspace = text_of(news, "regionId"), text_of(news, "workspaceId")
        for attempt in range(_TRIES):
            mark = Mark.new(text_of(news, "ownerId"), call.urn, generation)
            try:
                key = plane.create_api_key(region, workspace, str(mark), scope_of(news))
            except ServiceError as error:
                if not error.may_have_run:
                    raise
                try:
                    self._delete_lost(call, region, workspace, mark)
                except ServiceError as also:
                    raise RefusedError(
                        f"{error}; what it may have left could not be looked for either ({also}). Run `pulumi up` "
                        "again: it finds the key by its mark"
                    ) from None
                if attempt == _TRIES - 1:
                    raise
                continue
            return {
                "keyId": key.key_id,
                "generation": generation,
                "value": key.value,
                "createdBy": key.created_by,
                "createdAt": iso(key.created_at or call.services.clock.now()),
                "nonce": mark.nonce,
                "present": True,
            }
        raise AssertionError("the loop returns or raises")

    @staticmethod
    def _delete_lost(call: Call, region: str, workspace: str, mark: Mark) -> None:
        """Delete what a lost create may have left, looking a few times: lists may show it late."""
        plane = call.services.control_plane
        for pause in (0.5, 1.0, 2.0):
            found = [k for k in plane.api_keys(region, workspace, containing=mark.nonce) if k.description == str(mark)]
            for key in found:
                plane.delete_api_key(region, key.key_id)
            if found:
                return
            call.services.clock.sleep(pause)

    def _unrecorded(self, call: Call, values: Values, state: Values) -> list[Values]:
        """Return entries for keys with this service's mark that the state does not know."""
        owner, region = text_of(values, "ownerId"), text_of(values, "regionId")
        workspace = text_of(values, "workspaceId")
        keys = call.services.control_plane.api_keys(region, workspace, containing=series(owner, name_hash(call.urn)))
        entries = as_objects(state.get("superseded"))
        known = {text_of(state, "keyId"), *(e["keyId"] for e in entries)}
        nonces = {text_of(state, "nonce"), *(e["nonce"] for e in entries)}
        return [
            _entry(mark.generation, key.key_id, region, workspace, mark.nonce, "")
            for mark, key in marked(keys, owner, call.urn)
            if key.key_id not in known and mark.nonce not in nonces
        ]

    @staticmethod
    def _alive(call: Call, entry: Values) -> bool:
        return call.services.control_plane.api_key(entry["regionId"], entry["keyId"]) is not None

    @staticmethod
    def _mints(state: Values, news: Values) -> bool:
        moved = any(state.get(name) != news.get(name) for name in ("regionId", "workspaceId"))
        return moved or state.get("present") is not True


def _owned(key: KeyInfo, state: Values) -> bool:
    mark = Mark.read(key.description)
    return mark is not None and mark.owner_id == text_of(state, "ownerId")


def _entry(generation: int, key_id: str, region: str, workspace: str, nonce: str, value: str) -> Values:
    """Return one superseded key as the state keeps it; `value` "" when only the service knows it."""
    return {
        "generation": generation,
        "keyId": key_id,
        "regionId": region,
        "workspaceId": workspace,
        "nonce": nonce,
        "value": value,
    }


def _entry_of_state(state: Values) -> Values:
    names = ("keyId", "regionId", "workspaceId", "nonce", "value")
    return _entry(int(state.get("generation") or 0), *(text_of(state, name) for name in names))


class ApiKeyArgs(TypedDict):
    """Inputs of :class:`ApiKey`."""

    region_id: pulumi.Input[str]
    """Region of the workspace."""
    workspace_id: pulumi.Input[str]
    """Workspace that the key belongs to."""
    owner_id: pulumi.Input[str]
    """Owner id of the stack."""
    models: NotRequired[Sequence[pulumi.Input[str]] | None]
    """Models that the key may call, at most 30; left out: all that its workspace may."""
    allowed_ips: NotRequired[Sequence[pulumi.Input[str]] | None]
    """Addresses and networks that may use it, at most 20."""
    open_to_world: NotRequired[bool]
    """Said when a key with a model list shall open from every address."""


class ApiKey(ModelStudioResource):
    """One service's keys."""

    handler = ApiKeyHandler
    key_id: pulumi.Output[str]
    """Id of the current key."""
    generation: pulumi.Output[int]
    """Counts the keys of this service from 1."""
    value: pulumi.Output[str]
    """The current key; secret."""
    created_by: pulumi.Output[str]
    """Account or RAM user that it belongs to: it dies with that user."""
    created_at: pulumi.Output[str]
    """When it was minted, ISO 8601, UTC."""
    present: pulumi.Output[bool]
    """Whether it exists and is enabled."""

    def __init__(self, name: str, args: ApiKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
