"""`alicloud:oos/secretParameter:SecretParameter`: a secret parameter of OOS 2019-06-01."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from emulator.standin.client import Api, Json
from emulator.standin.errors import UNRECORDED, CallError, absent, failed, unread
from emulator.standin.oos import FIELDS, call, change, creation, described, is_gone
from emulator.standin.resource import Property, ResourceType, own_tags, same_json, timeouts
from emulator.standin.values import Values

_RESOURCE = "resource_alicloud_oos_secret_parameter"
_SERVICE = "service_alicloud_oos_v2"
_TIMEOUT = 300.0
_READ_TIMEOUT = 60.0
_FIELDS = FIELDS | {"DKMSInstanceId": "dkmsInstanceId", "KeyId": "keyId"}


class OosSecretParameter(ResourceType):
    """The type; the physical id is the parameter's name. Its value is written, never read."""

    token = "alicloud:oos/secretParameter:SecretParameter"  # noqa: S105 - a type token
    meta = timeouts(300)
    properties = (
        Property(name="secretParameterName", mode="required", force_new=True),
        Property(name="value", mode="required", sensitive=True),
        Property(name="constraints", force_new=True, unspoken=True, suppressed=same_json("constraints")),
        Property(name="description"),
        Property(name="dkmsInstanceId", force_new=True),
        Property(name="keyId", force_new=True),
        Property(name="resourceGroupId", mode="optional_computed"),
        Property(name="tags", kind="map", mode="optional_computed"),
        Property(name="type", mode="optional_computed", force_new=True, allowed=("Secret",)),
        Property(name="createTime", mode="computed"),
    )

    def create(self, api: Api, planned: Values) -> str:
        """Make the parameter."""
        name = str(planned["secretParameterName"])
        params = creation("CreateSecretParameter", name, planned, _FIELDS)
        try:
            _call(api, "CreateSecretParameter", params)
        except CallError as error:
            raise failed(_RESOURCE, 140, "alicloud_oos_secret_parameter", "CreateSecretParameter", error) from None
        return name

    def read(self, api: Api, identifier: str, state: Values, *, just_made: bool) -> None:
        """Read all but the value, which is not asked for: the state keeps the one that was written."""
        try:
            found = described(_call(api, "GetSecretParameter", {"Name": identifier}, timeout=_READ_TIMEOUT))
        except CallError as error:
            if is_gone(error) and not just_made:
                raise absent(_RESOURCE, _SERVICE, "Oos:SecretParameter", identifier) from None
            raise unread(_RESOURCE, _SERVICE, identifier, "GetSecretParameter", error) from None
        known = _FIELDS | {"CreatedDate": "createTime"}
        state |= {name: found[field] for field, name in known.items() if found.get(field) is not None}
        state |= {"secretParameterName": identifier, "tags": self._read_tags(api, identifier)}

    def update(self, api: Api, identifier: str, old: Values, new: Values, changed: AbstractSet[str]) -> None:
        """Send the value, and what else changed; an empty description clears it."""
        del old
        params = change(identifier, new, changed)
        if "description" in changed:
            params["Description"] = str(new.get("description", ""))
        try:
            _call(api, "UpdateSecretParameter", params)
        except CallError as error:
            raise failed(_RESOURCE, 256, identifier, "UpdateSecretParameter", error) from None

    def delete(self, api: Api, identifier: str, state: Values) -> None:
        """Remove it; one that is gone counts as removed."""
        del state
        try:
            _call(api, "DeleteSecretParameter", {"Name": identifier})
        except CallError as error:
            if not error.not_found:
                raise failed(_RESOURCE, UNRECORDED, identifier, "DeleteSecretParameter", error) from None

    def _read_tags(self, api: Api, identifier: str) -> Values:
        params = {"ResourceType": "secretparameter", "ResourceIds.1": identifier}
        try:
            answer = _call(api, "ListTagResources", params, timeout=_READ_TIMEOUT)
        except CallError as error:
            if error.not_found:
                return {}
            raise unread(_RESOURCE, _SERVICE, identifier, "ListTagResources", error) from None
        listed = answer.get("TagResources", {}).get("TagResource", [])
        # The live gateway overlooks a numbered id and answers the tags of all (alicloud provider, PR 10131).
        own = [tag for tag in listed if tag.get("ResourceId") == identifier]
        return own_tags((str(tag["TagKey"]), tag["TagValue"]) for tag in own)


def _call(api: Api, action: str, params: Mapping[str, str], *, timeout: float = _TIMEOUT) -> Json:
    return call(api, action, {"RegionId": api.settings.region, **params}, timeout=timeout, later=5.0)
