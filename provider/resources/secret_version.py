"""A further secret of a service: the record that its vault holds, read from there and put here too."""

from collections.abc import Mapping
from typing import Any, ClassVar, NotRequired, TypedDict

import pulumi

from catalogue.record import DIGEST_NAME, GENERATION_NAME, KEY_ID_NAME, REVISION_NAME, fingerprint, key_in, version_name
from provider.client.errors import ServiceError
from provider.client.kms import IN_DELETE_WINDOW
from provider.client.redact import remember
from provider.client.shapes import as_object
from provider.resource import (
    Call,
    Diff,
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
from provider.stores.store import Mark, Place
from provider.stores.written import NotCurrentError, Written, deliver, place_of, value_at
from provider.values import UNKNOWN, Values

_FROM = ("vault", "vaultVersion")
"""Inputs that say where the value is read, not what is put."""


class SecretVersionHandler(Handler):
    """Keeps the current record in a place; its removal is the place's."""

    type_name: ClassVar[str] = "modelstudio:index:SecretVersion"
    doc: ClassVar[str] = "The current record in a further secret of a service."
    inputs: ClassVar = {
        "place": Property(
            type="object",
            doc="Where it goes: store, regionId, name, claim and found of its SecretPlace; prefix, format (json, key), "
            "encryptionKey and instance.",
            required=True,
        ),
        "vault": Property(type="string", doc="Where the value lies, as kms:cn-beijing/prod/gateway.", required=True),
        "vaultVersion": Property(type="string", doc="Id of the version there: `stored` of the ApiKey.", required=True),
        "fingerprint": Property(type="string", doc="By which the value is known, from the ApiKey.", required=True),
        "series": Property(type="string", doc="Series of the service's keys, from the ApiKey.", required=True),
        "ownerId": Property(type="string", doc="Owner id of the stack.", required=True),
        "record": Property(type="object", doc="`record` of the ApiKey.", required=True),
        "probeOnRefresh": Property(type="boolean", doc="Whether a refresh reads the value. Default: true."),
    }
    outputs: ClassVar = {
        "stored": Property(type="string", doc="Id of the version that holds the record."),
        "held": Property(type="string", doc="Generation and revision that readers get, as g1r1."),
        "pointer": Property(type="string", doc="Place and version, as kms:<region>/<name>@g1r1-ab12cd34."),
    }

    def region(self, values: Values) -> str:
        """Return the region of the place."""
        return text_of(as_object(values.get("place")), "regionId")

    def diff(self, call: Call, state: Values, olds: Values, news: Values) -> Diff:
        """A record that readers do not get is a change too."""
        changed: dict[str, Kind] = {
            name: kind for name, kind in super().diff(call, state, olds, news).changed.items() if name not in _FROM
        }
        if _place(olds) != _place(news):
            changed["place"] = "replace"
        record = as_object(news.get("record"))
        if record and state.get("held") != _revision(record) and UNKNOWN not in record.values():
            changed["held"] = "update"
        return Diff(changed=changed)

    def create(self, call: Call, news: Values) -> Made:
        """Deliver it."""
        return Made(str(_place(news)), self._delivered(call, news, str(_place(news))))

    def read(self, call: Call, id_: str, state: Values, inputs: Values) -> Found | None:
        """See what readers get."""
        if not state:
            raise no_import("SecretVersion", "`up` puts a version of its own beside those that are there")
        place = _place(inputs)
        store, stored = call.services.stores[place.store], text_of(state, "stored")
        try:
            if inputs.get("probeOnRefresh") is False:
                is_held = store.current(place) == stored
            else:
                is_held = self._is_held(call, place, stored, inputs)
        except ServiceError as error:
            if error.code != IN_DELETE_WINDOW:  # the next `up` takes it out
                raise
            is_held = False
        return Found(id_, state | {"held": _revision(as_object(inputs["record"])) if is_held else "g?r?"}, inputs)

    def update(self, call: Call, state: Values, news: Values) -> Values:
        """Deliver it again."""
        del state
        return self._delivered(call, news, "")

    def delete(self, call: Call, id_: str, state: Values) -> None:
        """Leave it: versions go with their secret, which is another resource."""

    @staticmethod
    def _is_held(call: Call, place: Place, stored: str, inputs: Values) -> bool:
        version = call.services.stores[place.store].read(place)
        if version is None or version.version != stored:
            return False
        return fingerprint(key_in(version.data), text_of(inputs, "series")) == text_of(inputs, "fingerprint")

    def _delivered(self, call: Call, news: Values, made_id: str) -> Values:
        written, record = (
            Written.of(as_object(news["place"])),
            {n: str(v) for n, v in as_object(news["record"]).items()},
        )
        value = self._value(call, news)
        mark = Mark(owner_id=text_of(news, "ownerId"), series=text_of(news, "series"))
        name = version_name(int(record[GENERATION_NAME]), int(record[REVISION_NAME]), record[DIGEST_NAME])
        data = written.data(record, value)
        try:
            made = deliver(call.services, call.urn, written, mark, name, data)
        except NotCurrentError as behind:
            _tell(call, record, f"{written.place}@{behind.made.name}")
            half = news | {"stored": behind.made.version, "held": "", "pointer": f"{written.place}@{behind.made.name}"}
            raise PartlyMadeError(Made(made_id, half), str(behind)) from None
        _tell(call, record, f"{written.place}@{made.name}")
        return news | {"stored": made.version, "held": _revision(record), "pointer": f"{written.place}@{made.name}"}

    @staticmethod
    def _value(call: Call, news: Values) -> str:
        """Return the key from the vault. Only the one that the fingerprint knows is delivered."""
        vault = Place.read(text_of(news, "vault"))
        found = value_at(call.services, vault, text_of(news, "vaultVersion"), text_of(news, "ownerId"))
        value = key_in(found.data) if found else ""
        if not value or fingerprint(value, text_of(news, "series")) != text_of(news, "fingerprint"):
            raise RefusedError(
                f"{vault} does not hold the key that was put there, so nothing was delivered: run `pulumi refresh`, "
                "then `pulumi up`, which puts it there again or goes on to the next key"
            )
        remember(value)
        return value


def _tell(call: Call, record: Mapping[str, str], place: str) -> None:
    call.audit("put", key_id=record.get(KEY_ID_NAME, ""), generation=int(record[GENERATION_NAME]), place=place)


def _place(values: Values) -> Place:
    return place_of(as_object(values.get("place")))


def _revision(record: Mapping[str, Any]) -> str:
    return f"g{record.get(GENERATION_NAME, '?')}r{record.get(REVISION_NAME, '?')}"


class SecretVersionArgs(TypedDict):
    """Inputs of :class:`SecretVersion`."""

    place: Mapping[str, pulumi.Input[str | None]]
    """Where it goes: see the property."""
    vault: pulumi.Input[str]
    """Where the value lies, as kms:cn-beijing/prod/gateway."""
    vault_version: pulumi.Input[str]
    """Id of the version there, from the ApiKey."""
    fingerprint: pulumi.Input[str]
    """By which the value is known, from the ApiKey."""
    series: pulumi.Input[str]
    """Series of the service's keys, from the ApiKey."""
    owner_id: pulumi.Input[str]
    """Owner id of the stack."""
    record: pulumi.Input[Mapping[str, str]]
    """The record without keys, from the ApiKey."""
    probe_on_refresh: NotRequired[bool | None]
    """Whether a refresh reads the value. Default: true."""


class SecretVersion(ModelStudioResource):
    """The current record in a further secret of a service."""

    handler = SecretVersionHandler
    held: pulumi.Output[str]
    """Generation and revision that readers get."""
    pointer: pulumi.Output[str]
    """Place and version."""

    def __init__(self, name: str, args: SecretVersionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
