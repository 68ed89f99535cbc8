"""One version of a KMS secret: put, made current, read back, put back when another hand moved it."""

from typing import ClassVar, TypedDict

import pulumi

from provider.client.errors import ServiceError
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
from provider.values import UNKNOWN, Values

_NAMES = 20
"""Version ids tried (`x`, `x-2`, `x-3`, ...) when other data stands under the wanted one; KMS keeps ten versions."""


class SecretVersionHandler(Handler):
    """Keeps the wanted version current.

    KMS takes an old version id with the same data as done and changes nothing, so a version that is still there is
    made current by moving the stage; only one that KMS has dropped, or whose id holds other data, gets a new id.
    """

    type_name: ClassVar[str] = "modelstudio:index:SecretVersion"
    doc: ClassVar[str] = "The current version of a KMS secret."
    inputs: ClassVar = {
        "regionId": Property(type="string", doc="Region of the secret.", required=True),
        "secretName": Property(type="string", doc="Name of the secret; it must exist.", required=True),
        "versionId": Property(type="string", doc="Id to store it under, 1 to 64 characters.", required=True),
        "secretData": Property(type="string", doc="The data.", required=True, secret=True),
    }
    outputs: ClassVar = {
        "storedVersionId": Property(type="string", doc="Id it stands under: versionId, or that with -<n>."),
        "currentVersionId": Property(type="string", doc="Id of the version that readers get."),
    }

    def diff(self, call: Call, state: Values, olds: Values, news: Values) -> Diff:
        """Another secret is another resource; another version, or another hand's, is an update."""
        changed: dict[str, Kind] = dict(super().diff(call, state, olds, news).changed)
        changed |= {name: "replace" for name in ("regionId", "secretName") if name in changed}
        if state.get("currentVersionId") != state.get("storedVersionId"):
            changed["currentVersionId"] = "update"
        return Diff(changed=changed)

    def planned(self, call: Call, state: Values | None, news: Values) -> Values:
        """The id is most likely the wanted one; it is shown so when it is known."""
        del call, state
        wanted = news.get("versionId", UNKNOWN)
        return news | {"storedVersionId": wanted, "currentVersionId": wanted}

    def create(self, call: Call, news: Values) -> Made:
        """Put it and make it current."""
        made_id = f"{news['regionId']}/{news['secretName']}"
        return Made(made_id, self._deliver(call, news, made_id))

    def read(self, call: Call, id_: str, state: Values, inputs: Values) -> Found | None:
        """See which version readers get; None when the secret is gone."""
        if not state:
            raise no_import("SecretVersion", "`up` puts a version of its own beside those that are there")
        current = call.services.kms.value(text_of(state, "regionId"), text_of(state, "secretName"))
        if current is None:
            return None
        return Found(id_, state | {"currentVersionId": current.version_id}, inputs)

    def update(self, call: Call, state: Values, news: Values) -> Values:
        """Put it or put it back."""
        del state
        return self._deliver(call, news, "")

    def delete(self, call: Call, id_: str, state: Values) -> None:
        """Leave it: KMS removes versions with their secret, which is another resource."""

    def _deliver(self, call: Call, news: Values, made_id: str) -> Values:
        kms, region, name = call.services.kms, text_of(news, "regionId"), text_of(news, "secretName")
        stored = self._put(call, news)
        done = news | {"storedVersionId": stored, "currentVersionId": stored}
        try:
            current = kms.value(region, name)
            if current is not None and current.version_id != stored:
                kms.make_current(region, name, stored, instead_of=current.version_id)
                current = kms.value(region, name)
        except ServiceError as error:
            half = Made(made_id, done | {"currentVersionId": ""})
            raise PartlyMadeError(half, f"version {stored} was put, but could not be made current: {error}") from None
        seen = current.version_id if current else ""
        if seen != stored:
            half = Made(made_id, done | {"currentVersionId": seen})
            raise PartlyMadeError(half, f"readers of secret {name} get version {seen or 'none'} instead of {stored}")
        return done

    @staticmethod
    def _put(call: Call, news: Values) -> str:
        """Store the data under the wanted id, or the first `-<n>` whose data is equal or which is free."""
        kms, region, name = call.services.kms, text_of(news, "regionId"), text_of(news, "secretName")
        wanted, data = text_of(news, "versionId"), text_of(news, "secretData")
        for n in range(1, _NAMES):
            version_id = wanted if n == 1 else f"{wanted}-{n}"
            try:
                kms.put(region, name, version_id, data)
            except ServiceError as error:
                there = kms.value(region, name, version_id=version_id) if error.status == 409 else None
                if there is None or there.data == data:
                    raise
                continue
            return version_id
        raise RefusedError(f"secret {name} holds other data under {wanted} to {wanted}-{_NAMES - 1}")


class SecretVersionArgs(TypedDict):
    """Inputs of :class:`SecretVersion`."""

    region_id: pulumi.Input[str]
    """Region of the secret."""
    secret_name: pulumi.Input[str]
    """Name of the secret; it must exist."""
    version_id: pulumi.Input[str]
    """Id to store it under, 1 to 64 characters."""
    secret_data: pulumi.Input[str]
    """The data."""


class SecretVersion(ModelStudioResource):
    """The current version of a KMS secret."""

    handler = SecretVersionHandler
    stored_version_id: pulumi.Output[str]
    """Id that it stands under."""
    current_version_id: pulumi.Output[str]
    """Id of the version that readers get."""

    def __init__(self, name: str, args: SecretVersionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
