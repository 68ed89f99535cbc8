"""One service's keys: minted or brought, scoped, read back, rotated, moved, deleted. Values: in state and sinks alone.

What an update does is decided in `key_step.py` and done in `key_calls.py`; `key_entries.py` says what is kept of a key.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, NotRequired, TypedDict

import pulumi

from catalogue.rotation import check_serve
from catalogue.rules import Refused, check_key_scope
from provider.client.control_plane import OPEN_ADDRESSES
from provider.client.shapes import as_list
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
from provider.resources.key_calls import next_key, serve, still_there, unrecorded
from provider.resources.key_entries import current_entry, entries, is_brought, lists, place, used
from provider.resources.key_scope import as_inputs, comparable, scope_of, workspace_failures
from provider.resources.key_step import WORDS, first_generation, is_new_word, next_step, notes, rotate_after
from provider.resources.marks import name_hash, owned_by
from provider.resources.model_names import check_models
from provider.values import Values, has_unknown

Trigger = Literal["any_up", "scheduled"]

_TRIGGERS: tuple[Trigger, ...] = ("any_up", "scheduled")
_COUNTS = ("maxAge", "minGeneration", "serveGeneration", "revokeThrough")


class ApiKeyHandler(Handler):
    """Its id is its own and never changes; key ids are outputs, so that a new key is an update in place.

    A key that another hand disabled is not enabled again (somebody may have had a reason): like a deleted one it is no
    longer `present`, and the next `up` mints the next generation. `serveGeneration` alone enables, because it names
    the key.
    """

    type_name: ClassVar[str] = "modelstudio:index:ApiKey"
    doc: ClassVar[str] = "The keys of one service: the current one, and those superseded that are still alive."
    inputs: ClassVar = {
        "regionId": Property(type="string", doc="Region of the workspace.", required=True),
        "workspaceId": Property(
            type="string", doc='Workspace that the key belongs to; "" for a brought key without one.', required=True
        ),
        "ownerId": Property(type="string", doc="Owner id of the stack.", required=True),
        "brought": Property(type="string", doc="A key made elsewhere; left out: one is minted.", secret=True),
        "models": Property(type="array", doc="Models that the key may call; left out: all that its workspace may."),
        "allowedIps": Property(type="array", doc="Addresses and networks that may use it, at most 20."),
        "openToWorld": Property(type="boolean", doc="Said when a key with a model list shall open from every address."),
        "maxAge": Property(type="integer", doc="Seconds after which the key is due; left out: never."),
        "trigger": Property(type="string", doc="any_up (default): age rotates. scheduled: a new `rotate` does."),
        "rotate": Property(type="string", doc="With trigger scheduled each new value rotates once."),
        "minGeneration": Property(type="integer", doc="A lower generation is replaced."),
        "serveGeneration": Property(type="integer", doc="Generation to deliver again; nothing is minted meanwhile."),
        "revokeThrough": Property(type="integer", doc="This and lower generations are replaced, and then disabled."),
    }
    outputs: ClassVar = {
        "keyId": Property(type="string", doc='Id of the current key; "" for a brought one.'),
        "generation": Property(
            type="integer", doc="Number of the current key, minted or brought; counts from 1, never used again."
        ),
        "highestGeneration": Property(type="integer", doc="Highest number used so far."),
        "value": Property(type="string", doc="The current key.", secret=True),
        "createdBy": Property(type="string", doc='Account or RAM user that the key belongs to; "" for a brought one.'),
        "createdAt": Property(type="string", doc="When the current key was minted or brought, ISO 8601, UTC."),
        "nonce": Property(type="string", doc="Last part of the current key's mark."),
        "nonces": Property(type="object", doc="Key id by nonce, of all keys so far: another with one is a copy."),
        "present": Property(type="boolean", doc="Whether the current key exists and is enabled."),
        "superseded": Property(type="array", doc="Keys that are not current but may be alive."),
        "supersededKeys": Property(type="array", doc="What retirement needs of them: number, id, place, since when."),
        "supersededValues": Property(type="object", doc="Their values by key id, where known.", secret=True),
        "rotateAfter": Property(type="string", doc="When age rotates the key, ISO 8601, UTC; empty: never."),
        "rotated": Property(type="string", doc="The last `rotate` on record."),
    }

    def check(self, call: Call, news: Values, olds: Values | None) -> tuple[Values, list[Failure]]:
        """Put lists in one order; refuse an empty workspace id and a scope that nobody can mean."""
        del call, olds
        failures = [] if is_brought(news) else workspace_failures(news)
        for name in ("models", "allowedIps"):
            if isinstance(news.get(name), list) and not has_unknown(news[name]):
                news = news | {name: sorted({str(item) for item in news[name]})}
        failures += _word_failures(news)
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
        """Every change is an update in place; a key that is gone or due is one too."""
        now = call.services.clock.now()
        said = ("brought", *(n for n in WORDS if n != "rotate"))
        before, after = (comparable(v) | {n: v.get(n) for n in said} for v in (olds, news))
        changed: dict[str, Kind] = {n: "update" for n, value in before.items() if value != after[n]}
        if is_new_word(state, news):
            changed["rotate"] = "update"
        shows = next_step(state, news, now).shows
        if shows:
            changed[shows] = "update"
        for note in notes(state, news, now):
            call.warn(note)
        return Diff(changed=changed)

    def planned(self, call: Call, state: Values | None, news: Values) -> Values:
        """Say why a key is minted or served again; a change of scope or words keeps it."""
        unknown = super().planned(call, state, news)
        if is_brought(news):
            unknown |= {"keyId": "", "createdBy": "", "rotateAfter": ""}
        if state is None:
            if not has_unknown(news):
                first_generation(news, [])
            return unknown
        step = next_step(state, news, call.services.clock.now())
        if step.reason:
            call.warn(step.reason)
        if step.kind != "keep":
            return unknown
        kept = {name: state.get(name) for name in self.outputs}
        return news | kept | _words_on_record(state, news, text_of(state, "createdAt"))

    def create(self, call: Call, news: Values) -> Made:
        """Mint or bring generation 1, or the one after the highest that carries this service's mark.

        Marked keys that are found were minted for this service by a run whose state is not this one (lost, restored or
        edited). They may be in a consumer's hands, so they become superseded and end by the ordinary retirement.
        """
        check_models(call, news)
        left = unrecorded(call, text_of(news, "ownerId"), [place(news)], {})
        current = next_key(call, news, first_generation(news, left), left)
        return Made(f"key-{text_of(news, 'ownerId')}-{name_hash(call.urn)}", _state({}, news, current, left))

    def read(self, call: Call, id_: str, state: Values, inputs: Values) -> Found | None:
        """Look at the keys; a current one that is gone keeps its entry, with `present: false`."""
        if not state:
            raise no_import("ApiKey", "the value of a key cannot be read back; let `up` mint one, or bring it as a key")
        superseded = still_there(call, state, state)
        state = state | lists(superseded) | used(state, superseded)
        if is_brought(state):
            return Found(id_, state, inputs)
        key = call.services.control_plane.api_key(text_of(state, "regionId"), text_of(state, "keyId"))
        present = key is not None and not key.disabled and owned_by(key, text_of(state, "ownerId"))
        present = present and key is not None and key.workspace_id == text_of(state, "workspaceId")
        seen = inputs if key is None or key.scope is None else inputs | as_inputs(key.scope, inputs)
        return Found(id_, state | seen | {"present": present}, seen)

    def update(self, call: Call, state: Values, news: Values) -> Values:
        """Change what the key may do, deliver another one, or go on to the next; an old minted one is superseded."""
        plane = call.services.control_plane
        superseded = still_there(call, state, news)
        step = next_step(state | lists(superseded), news, call.services.clock.now())
        rescoped = not is_brought(news) and comparable(state) != comparable(news)
        if rescoped or step.kind != "keep":
            check_models(call, news, before=state)
        if step.kind == "keep":
            if rescoped:
                plane.update_api_key(text_of(state, "regionId"), text_of(state, "keyId"), scope_of(news))
            return _state(state, news, {name: state.get(name) for name in self.outputs}, superseded)
        former = current_entry(state)
        lives = former["keyId"] and plane.api_key(former["regionId"], former["keyId"]) is not None
        living = [former | {"supersededAt": iso(call.services.clock.now())}] if lives else []
        if step.kind == "next":
            superseded += living
            return _state(state, news, next_key(call, news, step.generation, superseded), superseded)
        again = next(e for e in superseded if e["generation"] == step.generation and e["value"])
        superseded = [e for e in superseded if e is not again] + living
        return _state(state, news, serve(call, news, again), superseded)

    def delete(self, call: Call, id_: str, state: Values) -> None:
        """Delete every live key of this service, but none that no longer carries this stack's owner id."""
        del id_
        plane, owner_id = call.services.control_plane, text_of(state, "ownerId")
        known = [current_entry(state), *entries(state)]
        foreign: list[str] = []
        minted = [entry for entry in known if entry["keyId"]]
        for entry in minted + unrecorded(call, owner_id, [place(e) for e in known], state):
            key = plane.api_key(entry["regionId"], entry["keyId"])
            if key is None:
                continue
            if owned_by(key, owner_id):
                plane.delete_api_key(entry["regionId"], entry["keyId"])
            else:
                foreign.append(key.key_id)
        if foreign:
            raise RefusedError(
                f"key {', '.join(foreign)} no longer carries this stack's mark in its description, so it was left "
                "alone: delete it in the console if nobody uses it, or put the mark back, then run this again"
            )


def _state(before: Values, news: Values, current: Values, superseded: Sequence[Values]) -> Values:
    """Return the whole state: inputs, the current key, the superseded ones, the words on record."""
    counted = used(before | current, [current_entry(before), *superseded])
    words = _words_on_record(before, news, text_of(current, "createdAt"))
    return news | current | lists(superseded) | counted | words


def _words_on_record(before: Values, news: Values, created_at: str) -> Values:
    new = is_new_word(before, news)
    return {
        "rotateAfter": rotate_after(created_at, news),
        "rotated": text_of(news, "rotate") if new else text_of(before, "rotated"),
    }


def _word_failures(news: Values) -> list[Failure]:
    """Name the words of rotation that cannot be right."""
    below: list[Any] = [(n, news[n]) for n in _COUNTS if isinstance(news.get(n), int) and news[n] < 1]
    failures = [Failure(name, f"is {value}; it must be at least 1") for name, value in below]
    trigger = news.get("trigger")
    if isinstance(trigger, str) and trigger not in _TRIGGERS:
        failures.append(Failure("trigger", f"{trigger!r} is not allowed; allowed: {', '.join(_TRIGGERS)}"))
    serve, revoked = news.get("serveGeneration"), news.get("revokeThrough")
    if isinstance(serve, int) and isinstance(revoked, int):
        try:
            check_serve(serve, [serve], revoked)
        except Refused as refused:
            failures.append(Failure("serveGeneration", str(refused)))
    return failures


class ApiKeyArgs(TypedDict):
    """Inputs of :class:`ApiKey`."""

    region_id: pulumi.Input[str]
    """Region of the workspace."""
    workspace_id: pulumi.Input[str]
    """Workspace that the key belongs to; "" for a brought one without one."""
    owner_id: pulumi.Input[str]
    """Owner id of the stack."""
    brought: NotRequired[pulumi.Input[str] | None]
    """A key that was made elsewhere, as a secret, instead of minting one. A new value is a new generation."""
    models: NotRequired[Sequence[pulumi.Input[str]] | None]
    """Models that the key may call, at most 30; left out: all that its workspace may."""
    allowed_ips: NotRequired[Sequence[pulumi.Input[str]] | None]
    """Addresses and networks that may use it, at most 20."""
    open_to_world: NotRequired[bool]
    """Said when a key with a model list shall open from every address."""
    max_age: NotRequired[int | None]
    """Seconds after which the key is due to be replaced; left out: never."""
    trigger: NotRequired[Trigger | None]
    """any_up (default): any `up` replaces a key that is due. scheduled: only a new value of `rotate` does."""
    rotate: NotRequired[pulumi.Input[str] | None]
    """With trigger scheduled: each new value replaces the key once. The value at creation is on record at once."""
    min_generation: NotRequired[int | None]
    """A key of a lower generation is replaced by one new key of this number, or the next free one; at least 1."""
    serve_generation: NotRequired[int | None]
    """Generation to deliver again, while it lives. Nothing is minted until this is taken out; at least 1."""
    revoke_through: NotRequired[int | None]
    """This and lower generations are replaced here, then disabled by KeyRetirement; at least 1."""


class ApiKey(ModelStudioResource):
    """One service's keys."""

    handler = ApiKeyHandler
    nested = ("supersededAt",)
    key_id: pulumi.Output[str]
    """Id of the current key; "" for a brought one."""
    generation: pulumi.Output[int]
    """Counts the keys of this service from 1, minted and brought."""
    value: pulumi.Output[str]
    """The current key; secret."""
    created_by: pulumi.Output[str]
    """Account or RAM user that it belongs to: it dies with that user; "" for a brought one."""
    created_at: pulumi.Output[str]
    """When it was minted or brought, ISO 8601, UTC."""
    present: pulumi.Output[bool]
    """Whether it exists and is enabled."""
    superseded_keys: pulumi.Output[Sequence[Mapping[str, Any]]]
    """Keys that are not current but may be alive: generation, key_id, region_id, workspace_id, superseded_at."""
    rotate_after: pulumi.Output[str]
    """When age replaces it, ISO 8601, UTC; "" when it never does."""
    rotated: pulumi.Output[str]
    """The last value of `rotate` on record."""

    def __init__(self, name: str, args: ApiKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
