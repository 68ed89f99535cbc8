"""`alicloud:kms/secret:Secret`: a secret of KMS 2016-01-20, with its current version."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from emulator.standin.client import Api, Json, Operation, json_list
from emulator.standin.errors import UNRECORDED, CallError, Failure, absent, failed, unread
from emulator.standin.resource import Property, ResourceType, chosen, own_tags, same_json, timeouts
from emulator.standin.values import Values, go_json

_RESOURCE = "resource_alicloud_kms_secret"
_SERVICE = "service_alicloud_kms"
_TIMEOUT = 300.0
_GONE = ("Forbidden.ResourceNotFound",)
_OPTIONAL = {
    "SecretType": "secretType",
    "EncryptionKeyId": "encryptionKeyId",
    "DKMSInstanceId": "dkmsInstanceId",
    "ExtendedConfig": "extendedConfig",
    "RotationInterval": "rotationInterval",
    "Policy": "policy",
    "Description": "description",
}
"""Parameters of a create that a program may leave out, and their properties."""


def _kms(action: str, *, repeats: bool = True) -> Operation:
    return Operation(product="kms", version="2016-01-20", action=action, repeats=repeats)


def _window_is_moot(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    del old
    return new.get("forceDeleteWithoutRecovery") is True


def _is_managed(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return (new.get("secretType") or old.get("secretType") or "Generic") != "Generic"


class KmsSecret(ResourceType):
    """The type; the physical id is the secret's name."""

    token = "alicloud:kms/secret:Secret"  # noqa: S105 - a type token
    meta = timeouts(300)
    keeps_state_of_failed_update = True
    properties = (
        Property(name="secretName", mode="required", force_new=True),
        Property(
            name="secretData",
            mode="required",
            sensitive=True,
            suppressed=lambda old, new: bool(old) and _is_managed(old, new),
        ),
        Property(name="versionId", mode="required"),
        Property(
            name="secretType",
            mode="optional_computed",
            force_new=True,
            allowed=("Generic", "Rds", "Redis", "RAMCredentials", "ECS", "PolarDB"),
        ),
        Property(name="secretDataType", default="text", allowed=("text", "binary")),
        Property(name="encryptionKeyId", force_new=True),
        Property(name="dkmsInstanceId", force_new=True),
        Property(name="extendedConfig", force_new=True),
        Property(name="enableAutomaticRotation", kind="boolean"),
        Property(name="rotationInterval"),
        Property(name="policy", mode="optional_computed", suppressed=same_json("policy")),
        Property(name="description"),
        Property(name="forceDeleteWithoutRecovery", kind="boolean", default=False),
        Property(name="recoveryWindowInDays", kind="integer", default=30, suppressed=_window_is_moot),
        Property(name="versionStages", kind="list", mode="optional_computed"),
        Property(name="tags", kind="map"),
        Property(name="arn", mode="computed"),
        Property(name="createTime", mode="computed"),
        Property(name="plannedDeleteTime", mode="computed"),
    )

    def create(self, api: Api, planned: Values) -> str:
        """Make the secret with its first version."""
        params = {
            "SecretName": str(planned["secretName"]),
            "SecretData": str(planned["secretData"]),
            "VersionId": str(planned["versionId"]),
            "SecretDataType": str(planned["secretDataType"]),
        }
        params |= chosen(planned, _OPTIONAL)
        if "enableAutomaticRotation" in planned:
            params["EnableAutomaticRotation"] = go_json(planned["enableAutomaticRotation"])
        if tags := planned.get("tags"):
            params["Tags"] = json_list([{"TagKey": key, "TagValue": tags[key]} for key in sorted(tags)])
        try:
            answer = api.call(_kms("CreateSecret"), params, timeout=_own_timeout(api))
        except CallError as error:
            raise failed(_RESOURCE, 217, "alicloud_kms_secret", "CreateSecret", error) from None
        name = answer.get("SecretName")
        if not name:
            raise Failure("CreateSecret answered without SecretName")
        if planned.get("versionStages"):
            self._put_value(api, str(name), planned)
        return str(name)

    def read(self, api: Api, identifier: str, state: Values, *, just_made: bool) -> None:
        """Read description, policy, current value and tags, in this order."""
        state.setdefault("versionStages", [])
        try:
            found = _read_call(api, "DescribeSecret", {"SecretName": identifier})
        except CallError as error:
            if error.code in _GONE or (error.not_found and not just_made):
                raise absent(_RESOURCE, _SERVICE, "Kms:Secret", identifier, lines=(236, 186)) from None
            raise unread(_RESOURCE, _SERVICE, identifier, "DescribeSecret", error, lines=(236, 188)) from None
        _take_description(found, state)
        if found.get("DKMSInstanceId"):
            self._read_policy(api, identifier, state)
        try:
            value = _read_call(api, "GetSecretValue", {"SecretName": identifier})
        except CallError as error:
            raise unread(_RESOURCE, _SERVICE, identifier, "GetSecretValue", error, lines=(267, 224)) from None
        state |= {
            "secretData": value.get("SecretData", ""),
            "versionId": value.get("VersionId", ""),
            "secretDataType": value.get("SecretDataType", ""),
            "versionStages": value.get("VersionStages", {}).get("VersionStage", []),
        }
        state["tags"] = self._read_tags(api, identifier)

    def update(self, api: Api, identifier: str, old: Values, new: Values, changed: AbstractSet[str]) -> None:
        """Put the value, then rotation, policy, description and tags, each only if it changed."""
        if changed & {"secretData", "versionId", "secretDataType", "versionStages"}:
            self._put_value(api, identifier, new)
        if changed & {"enableAutomaticRotation", "rotationInterval"}:
            rotates = {"EnableAutomaticRotation": go_json(bool(new.get("enableAutomaticRotation")))}
            params = rotates | chosen(new, {"RotationInterval": "rotationInterval"})
            self._change(api, identifier, "UpdateSecretRotationPolicy", params)
        if "policy" in changed:
            self._change(api, identifier, "SetSecretPolicy", {"Policy": str(new.get("policy", ""))})
        if "description" in changed:
            # An empty one is left out, as the provider does: a description cannot be cleared.
            self._change(api, identifier, "UpdateSecret", chosen(new, {"Description": "description"}))
        if "tags" in changed:
            self._change_tags(api, identifier, old.get("tags") or {}, new.get("tags") or {})

    def delete(self, api: Api, identifier: str, state: Values) -> None:
        """Delete with the window and the flag that stand in the state."""
        params = {
            "SecretName": identifier,
            "ForceDeleteWithoutRecovery": go_json(bool(state.get("forceDeleteWithoutRecovery"))),
            "RecoveryWindowInDays": str(state.get("recoveryWindowInDays", 30)),
        }
        try:
            api.call(_kms("DeleteSecret"), params, timeout=_own_timeout(api))
        except CallError as error:
            if error.code not in _GONE:
                raise failed(_RESOURCE, 519, identifier, "DeleteSecret", error) from None

    def _put_value(self, api: Api, identifier: str, new: Values) -> None:
        params = {
            "SecretData": str(new["secretData"]),
            "VersionId": str(new["versionId"]),
            "SecretDataType": str(new["secretDataType"]),
        }
        if new.get("versionStages"):
            params["VersionStages"] = json_list(new["versionStages"])
        self._change(api, identifier, "PutSecretValue", params, line=348, repeats=False)

    def _change(
        self,
        api: Api,
        identifier: str,
        action: str,
        params: Mapping[str, str],
        *,
        line: int = UNRECORDED,
        repeats: bool = True,
    ) -> None:
        try:
            named = {"SecretName": identifier, **params}
            api.call(_kms(action, repeats=repeats), named, timeout=_own_timeout(api))
        except CallError as error:
            raise failed(_RESOURCE, line, identifier, action, error) from None

    def _change_tags(self, api: Api, identifier: str, old: Values, new: Values) -> None:
        """Take off what is to go or to change, then put on what is new or changed."""
        off = [key for key in sorted(old) if old[key] != new.get(key)]
        on = [key for key in sorted(new) if new[key] != old.get(key)]
        tags = {f"TagKey.{n}": key for n, key in enumerate(off, 1)}
        values = {f"Tag.{n}.{part}": text for n, key in enumerate(on, 1) for part, text in _tag(key, new[key])}
        for action, params in (("UntagResources", tags), ("TagResources", values)):
            if not params:
                continue
            try:
                api.call(_kms(action), _tagged(api, identifier) | params, timeout=_own_timeout(api))
            except CallError as error:
                raise failed(_SERVICE, UNRECORDED, identifier, action, error) from None

    def _read_policy(self, api: Api, identifier: str, state: Values) -> None:
        try:
            state["policy"] = _read_call(api, "GetSecretPolicy", {"SecretName": identifier}).get("Policy", "")
        except CallError as error:
            if error.code not in _GONE:
                raise unread(_RESOURCE, _SERVICE, identifier, "GetSecretPolicy", error) from None

    def _read_tags(self, api: Api, identifier: str) -> Values:
        tags: Values = {}
        token = ""
        while True:
            params = _tagged(api, identifier) | ({"NextToken": token} if token else {})
            try:
                page = _read_call(api, "ListTagResources", params)
            except CallError as error:
                raise unread(_RESOURCE, _SERVICE, identifier, "ListTagResources", error, lines=(282, 414)) from None
            listed = page.get("TagResources", {}).get("TagResource", [])
            tags |= own_tags((str(tag["TagKey"]), tag["TagValue"]) for tag in listed)
            token = str(page.get("NextToken") or "")
            if not token:
                return tags


def _take_description(found: Json, state: Values) -> None:
    state |= {
        "arn": found.get("Arn", ""),
        "createTime": found.get("CreateTime", ""),
        "description": found.get("Description", ""),
        "enableAutomaticRotation": found.get("AutomaticRotation") == "Enabled",
        "encryptionKeyId": found.get("EncryptionKeyId", ""),
        "extendedConfig": found.get("ExtendedConfig", ""),
        "plannedDeleteTime": found.get("PlannedDeleteTime", ""),
        "rotationInterval": found.get("RotationInterval", ""),
        "secretName": found.get("SecretName", ""),
        "secretType": found.get("SecretType", ""),
    }
    if found.get("DKMSInstanceId"):
        state["dkmsInstanceId"] = found["DKMSInstanceId"]


def _read_call(api: Api, action: str, params: Mapping[str, str]) -> Json:
    # The provider's max_retry_timeout is for its writes only.
    return api.call(_kms(action), params, timeout=_TIMEOUT)


def _own_timeout(api: Api) -> float:
    return api.settings.max_retry_timeout or _TIMEOUT


def _tagged(api: Api, identifier: str) -> dict[str, str]:
    return {"RegionId": api.settings.region, "ResourceType": "secret", "ResourceId.1": identifier}


def _tag(key: str, value: Any) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("Key", key), ("Value", str(value))
