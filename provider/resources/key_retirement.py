"""Ends a service's superseded keys, one phase per update, and none that a sink still holds.

Only what the sinks' own outputs say counts (`held`), so neither `--target` nor `ignoreChanges` can have it disable a
key that was not replaced everywhere. What is due is decided by the clock in Diff; a scheduler runs nothing but `up`.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NotRequired, TypedDict

import pulumi

from catalogue.held import behind
from catalogue.regions import can_be_disabled
from catalogue.rotation import RotationPolicy, check_delivered, policy_failures
from catalogue.rules import Refused
from provider.client.errors import ServiceError
from provider.client.retry import CancelledError
from provider.client.shapes import as_object, as_objects
from provider.keys.mark import owned_by
from provider.resource import (
    Call,
    Diff,
    Failure,
    Found,
    Handler,
    Kind,
    Made,
    PartlyMadeError,
    Property,
    RefusedError,
    no_import,
    text_of,
)
from provider.resources.base import ModelStudioResource
from provider.resources.key_disable import disabled_or_deleted
from provider.resources.retirement_phases import due, entered, gone_at, next_time, timed
from provider.values import UNKNOWN, Values, has_unknown


class KeyRetirementHandler(Handler):
    """Its delete does nothing: ApiKey deletes the keys of its service."""

    type_name: ClassVar[str] = "modelstudio:index:KeyRetirement"
    doc: ClassVar[str] = "The end of one service's superseded keys: overlap, disabled for a while, deleted."
    inputs: ClassVar = {
        "ownerId": Property(type="string", doc="Owner id of the stack.", required=True),
        "generation": Property(type="integer", doc="The current generation.", required=True),
        "keyId": Property(type="string", doc='Id of the current key; "" for an existing one.', required=True),
        "revision": Property(type="integer", doc="The current revision; left out: places may differ in it."),
        "held": Property(type="object", doc="What each place holds, such as g7r10, by place.", required=True),
        "superseded": Property(type="array", doc="`superseded` of the ApiKey.", required=True),
        "rotation": Property(type="object", doc="How a superseded key ends: a RotationPolicy."),
    }
    outputs: ClassVar = {
        "keys": Property(type="array", doc="generation, keyId, regionId, workspaceId, phase, since, until of each."),
        "next": Property(type="string", doc="When the next key goes on, ISO 8601, UTC; empty: none by itself."),
    }

    def region(self, values: Values) -> str:
        """Return the region of the first superseded key: without one nothing is touched."""
        return next((text_of(key, "regionId") for key in as_objects(values.get("superseded"))), "")

    def check(self, call: Call, news: Values, olds: Values | None) -> tuple[Values, list[Failure]]:
        """Refuse periods and words that cannot be right."""
        del call, olds
        said = {name: value for name, value in as_object(news.get("rotation")).items() if value is not UNKNOWN}
        return news, [Failure("rotation", f"{word}: {wrong}") for word, wrong in policy_failures(said).items()]

    def diff(self, call: Call, state: Values, olds: Values, news: Values) -> Diff:
        """A key whose time is over is a change too."""
        changed: dict[str, Kind] = dict(super().diff(call, state, olds, news).changed)
        if not has_unknown(news):
            now, terms = call.services.clock.now(), terms_of(news)
            _tell(call, as_objects(state.get("keys")), terms)
            if any(due(key, terms, now) for key in as_objects(state.get("keys"))):
                changed["keys"] = "update"
        return Diff(changed=changed)

    def planned(self, call: Call, state: Values | None, news: Values) -> Values:
        """Say which key will be disabled or deleted."""
        if not has_unknown(news):
            now, terms = call.services.clock.now(), terms_of(news)
            for key in _keys(state or {}, news, now):
                what = due(key, terms, now)
                if what:
                    call.warn(f"key {key['keyId']} (generation {key['generation']}): {_will(what, key['regionId'])}")
        return super().planned(call, state, news)

    def create(self, call: Call, news: Values) -> Made:
        """Start the overlap of keys that are superseded already."""
        return Made(call.urn.name, self._go_on(call, {}, news))

    def read(self, call: Call, id_: str, state: Values, inputs: Values) -> Found | None:
        """Return what is on record. Whether a key is still there is looked at before something is done to it."""
        del call
        if not state:
            raise no_import("KeyRetirement", "it stands for what this stack did to its keys")
        return Found(id_, state, inputs)

    def update(self, call: Call, state: Values, news: Values) -> Values:
        """Bring each key one phase on, where its time is over."""
        return self._go_on(call, state, news)

    def delete(self, call: Call, id_: str, state: Values) -> None:
        """Nothing to do: ApiKey deletes the keys of its service."""

    def _go_on(self, call: Call, state: Values, news: Values) -> Values:
        """Gate, then one step per key; what was done is recorded even when a later step fails."""
        held = {place: str(holds) for place, holds in as_object(news["held"]).items()}
        try:
            check_delivered(news["generation"], held)
        except Refused as refused:
            raise RefusedError(str(refused)) from None
        now, terms = call.services.clock.now(), terms_of(news)
        keys = _keys(state, news, now)

        def recorded() -> Values:
            times = [timed(key, terms, now) for key in keys]
            _tell(call, times, terms)
            return news | {"keys": times, "next": next_time(times)}

        for n, key in enumerate(keys):
            try:
                keys[n] = _step(call, key, terms, text_of(news, "ownerId"), now)
            except (ServiceError, CancelledError) as error:
                reason = f"key {key['keyId']} (generation {key['generation']}) could not be retired: {error}"
                raise PartlyMadeError(Made(call.urn.name, recorded()), reason) from None
        done = recorded()
        wanted = f"g{news['generation']}r{news['revision']}" if "revision" in news else ""
        wrong = behind(held, wanted) if wanted else []
        if wrong:
            # The alicloud provider takes an update that failed for done until it reads again, which the next one does.
            reason = f"{', '.join(wrong)}, the service has {wanted}: run `pulumi up` again, which delivers it there"
            raise PartlyMadeError(Made(call.urn.name, done), reason)
        return done


def _will(what: str, region: str) -> str:
    """Say what will be done to a key."""
    if what == "disable" and not can_be_disabled(region):
        return f"will be disabled, or deleted at once, without a soak, if {region} does not disable keys"
    return f"will be {what}d"


def _tell(call: Call, keys: list[Values], terms: RotationPolicy) -> None:
    """Let a workspace that goes in the same run say until when it is needed."""
    call.services.keys_end.update({key["keyId"]: gone_at(key, terms) for key in keys})


def _keys(state: Values, news: Values, now: float) -> list[Values]:
    """Return the superseded keys with their phase; a new one enters its overlap. Never the current one.

    One that was current meanwhile is new, too, even where an `up` ended before it came here: consumers may have it.
    """
    known = {_which(key): key for key in as_objects(state.get("keys"))}
    superseded = [key for key in as_objects(news["superseded"]) if key["keyId"] != news["keyId"]]
    return [known.get(_which(key)) or entered(key, "overlap", now) for key in superseded]


def terms_of(inputs: Values) -> RotationPolicy:
    """Return what the stack file says of how keys end."""
    return RotationPolicy.of_wire(as_object(inputs.get("rotation")))


def _which(key: Values) -> tuple[str, str]:
    return key["keyId"], text_of(key, "supersededAt")


def _step(call: Call, key: Values, terms: RotationPolicy, owner_id: str, now: float) -> Values:
    """Do what is due to one key and return it as it is then."""
    what = due(key, terms, now)
    if not what:
        return key
    plane, region, key_id = call.services.control_plane, key["regionId"], key["keyId"]
    name = f"key {key_id} (generation {key['generation']})"
    found = plane.api_key(region, key_id)
    if found is None:
        return entered(key, "deleted", now)
    if not owned_by(found, owner_id):
        call.warn(
            f"{name} no longer carries this stack's mark in its description, so it was left alone: delete it in the "
            "console if nobody uses it"
        )
        return entered(key, "left", now)
    if what == "delete":
        if not found.disabled:
            call.warn(f"{name} was enabled again by another hand, so somebody needs it: its overlap starts anew")
            return entered(key, "overlap", now)
        plane.delete_api_key(region, key_id)
        call.audit("delete", key_id=key_id, generation=key["generation"], region=region)
        return entered(key, "deleted", now)
    # ASSUMPTION disable-offered
    if not found.disabled and not disabled_or_deleted(call, region, key_id, key["generation"]):
        return entered(key, "deleted", now)
    # ASSUMPTION cli-enable-command
    again = f"aliyun modelstudio enable-api-key --api-key-id {key_id} --region {region}"
    soaking = timed(entered(key, "soak", now), terms, now)
    end = soaking["until"] or "retirement goes on"
    call.warn(f"{name} was disabled. If a consumer still needs it, this enables it, until {end}: {again}")
    return soaking


class KeyRetirementArgs(TypedDict):
    """Inputs of :class:`KeyRetirement`."""

    owner_id: pulumi.Input[str]
    """Owner id of the stack."""
    generation: pulumi.Input[int]
    """The current generation, from the ApiKey."""
    key_id: pulumi.Input[str]
    """Id of the current key, from the ApiKey; "" for an existing one."""
    revision: NotRequired[pulumi.Input[int]]
    """The current revision, from the ApiKey; an update ends with an error while a place holds another."""
    held: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Generation and revision that each place holds, such as g7r10, from each sink's own outputs."""
    superseded: pulumi.Input[Sequence[Mapping[str, Any]]]
    """`superseded` of the ApiKey."""
    rotation: Mapping[str, Any]
    """How a superseded key ends: `RotationPolicy.wire()`."""


class KeyRetirement(ModelStudioResource):
    """The end of one service's superseded keys. It goes on only while every sink holds the current generation."""

    handler = KeyRetirementHandler
    nested = ("regionId", "workspaceId", "createdAt", "createdBy", "fingerprint")
    keys: pulumi.Output[Sequence[Mapping[str, Any]]]
    """generation, key_id, region_id, workspace_id, phase (overlap, soak, deleted, left), since and until of each."""
    next: pulumi.Output[str]
    """When the next key goes on, ISO 8601, UTC; "" when none does by itself."""

    if TYPE_CHECKING:  # the base does it: each call more is a frame more in the state of each resource

        def __init__(self, name: str, args: KeyRetirementArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...
