"""Secrets in KMS, API version 2016-01-20, instance-less or not: the vendor's public operations only.

Values travel in the body, never in the URL. Every value that is sent or read is masked in all texts from then on.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from provider.client.errors import ServiceError
from provider.client.redact import remember_record
from provider.client.sdk import Operation, Sdk
from provider.client.shapes import Json, as_list, as_object, as_objects

CURRENT = "ACSCurrent"
IN_DELETE_WINDOW = "Rejected.ResourceInDeleteWindow"
_PAGE = 50
"""Version ids per page."""


def _operation(action: str, *, repeatable: bool = True) -> Operation:
    return Operation(product="kms", version="2016-01-20", action=action, repeatable=repeatable)


CREATE_SECRET = _operation("CreateSecret", repeatable=False)
DESCRIBE_SECRET = _operation("DescribeSecret")
GET_SECRET_VALUE = _operation("GetSecretValue")
PUT_SECRET_VALUE = _operation("PutSecretValue")
UPDATE_SECRET_VERSION_STAGE = _operation("UpdateSecretVersionStage")
LIST_SECRET_VERSION_IDS = _operation("ListSecretVersionIds")
TAG_RESOURCES = _operation("TagResources")
DELETE_SECRET = _operation("DeleteSecret")
RESTORE_SECRET = _operation("RestoreSecret")


@dataclass(frozen=True, kw_only=True)
class SecretInfo:
    """A secret without its values."""

    tags: Mapping[str, str]
    planned_delete: str
    """When its deletion window ends, ISO 8601; "" outside of one."""
    encryption_key: str
    instance: str
    """Id of its dedicated KMS instance; "" for none."""


@dataclass(frozen=True, kw_only=True)
class SecretValue:
    """One version of a secret."""

    version_id: str
    data: str = field(repr=False)


class Kms:
    """Secrets and their versions. All operations here but CreateSecret may be repeated with the effect of once.

    PutSecretValue with a known version id and equal data changes nothing; that includes the stage, which is why an
    older version is made current by UpdateSecretVersionStage and never by putting it again.
    """

    def __init__(self, sdk: Sdk) -> None:
        self._sdk = sdk

    def create(
        self,
        region: str,
        name: str,
        *,
        version_id: str,
        data: str,
        tags: Mapping[str, str],
        encryption_key: str = "",
        instance: str = "",
    ) -> None:
        """Make a secret with its first version. When the answer is lost, look for it before trying again."""
        listed = [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
        optional = {
            "Tags": json.dumps(listed, ensure_ascii=False) if listed else "",
            "EncryptionKeyId": encryption_key,
            "DKMSInstanceId": instance,
        }
        form = {"VersionId": version_id, "SecretData": data, "SecretDataType": "text"}
        remember_record(data)
        self._call(CREATE_SECRET, region, name, form | {key: value for key, value in optional.items() if value})

    def describe(self, region: str, name: str) -> SecretInfo | None:
        """Return a secret, also one in its deletion window; None when it does not exist."""
        try:
            answer = self._call(DESCRIBE_SECRET, region, name, {"FetchTags": "true"})
        except ServiceError as error:
            if error.not_found:
                return None
            raise
        listed = as_objects(as_object(answer.get("Tags")).get("Tag"))
        return SecretInfo(
            tags={str(tag.get("TagKey")): str(tag.get("TagValue") or "") for tag in listed},
            planned_delete=_text(answer, "PlannedDeleteTime"),
            encryption_key=_text(answer, "EncryptionKeyId"),
            instance=_text(answer, "DKMSInstanceId"),
        )

    def value(self, region: str, name: str, *, version_id: str = "") -> SecretValue | None:
        """Return a version, or the current one; None when secret or version does not exist."""
        try:
            answer = self._call(GET_SECRET_VALUE, region, name, {"VersionId": version_id} if version_id else {})
        except ServiceError as error:
            if error.not_found:
                return None
            raise
        data, found = answer.get("SecretData"), _text(answer, "VersionId")
        if not isinstance(data, str) or not found:
            raise ServiceError(GET_SECRET_VALUE.action, "lost", "the answer holds no value or no version id")
        remember_record(data)
        return SecretValue(version_id=found, data=data)

    def put(self, region: str, name: str, version_id: str, data: str) -> None:
        """Store a new version and make it current."""
        remember_record(data)
        form = {"VersionId": version_id, "SecretData": data, "SecretDataType": "text"}
        self._call(PUT_SECRET_VALUE, region, name, form)

    def make_current(self, region: str, name: str, version_id: str, *, instead_of: str) -> None:
        """Move the stage ACSCurrent from one version to another."""
        form = {"VersionStage": CURRENT, "MoveToVersion": version_id, "RemoveFromVersion": instead_of}
        self._call(UPDATE_SECRET_VERSION_STAGE, region, name, form)

    def version_ids(self, region: str, name: str) -> list[str]:
        """Return the ids of all versions that are kept, oldest first; [] when the secret does not exist."""
        listed = self._versions(region, name)
        return [_text(item, "VersionId") for item in sorted(listed, key=lambda item: _text(item, "CreateTime"))]

    def current_id(self, region: str, name: str) -> str | None:
        """Return the id of the current version without reading it; None when there is none."""
        for item in self._versions(region, name):
            if CURRENT in as_list(as_object(item.get("VersionStages")).get("VersionStage")):
                return _text(item, "VersionId")
        return None

    def _versions(self, region: str, name: str) -> list[Json]:
        """Return what KMS lists. It calls versions without a stage deprecated; they can still be read."""
        found: list[Json] = []
        number, complete = 1, False
        while not complete:
            form = {"IncludeDeprecated": "true", "PageNumber": str(number), "PageSize": str(_PAGE)}
            try:
                answer = self._call(LIST_SECRET_VERSION_IDS, region, name, form)
            except ServiceError as error:
                if error.not_found:
                    return []
                raise
            listed = as_objects(as_object(answer.get("VersionIds")).get("VersionId"))
            found += listed
            number += 1
            complete = not listed or len(found) >= int(answer.get("TotalCount") or 0)
        return found

    def tag(self, region: str, name: str, tags: Mapping[str, str]) -> None:
        """Set these tags of a secret; others stay."""
        form = {"RegionId": region, "ResourceType": "secret", "ResourceId.1": name}
        for n, (key, value) in enumerate(tags.items(), start=1):
            form |= {f"Tag.{n}.Key": key, f"Tag.{n}.Value": value}
        self._sdk.call(TAG_RESOURCES, region, form=form)

    def delete(self, region: str, name: str, *, recovery_days: int | None) -> None:
        """Plan the deletion of a secret, or with None delete it at once. KMS forbids to send both."""
        form = (
            {"ForceDeleteWithoutRecovery": "true"}
            if recovery_days is None
            else {"RecoveryWindowInDays": str(recovery_days)}
        )
        self._call(DELETE_SECRET, region, name, form)

    def restore(self, region: str, name: str) -> None:
        """Take a secret out of its deletion window."""
        self._call(RESTORE_SECRET, region, name, {})

    def _call(self, operation: Operation, region: str, name: str, form: dict[str, str]) -> Json:
        """Call, and say of a secret in its deletion window how it comes back."""
        try:
            return self._sdk.call(operation, region, form={"SecretName": name} | form)
        except ServiceError as error:
            if error.code != IN_DELETE_WINDOW:
                raise
            restore = f"`aliyun kms RestoreSecret --region {region} --SecretName {name}`"
            text = (
                f"secret {name} in {region} is scheduled for deletion: restore it with {restore}, then run this again"
            )
            raise ServiceError(error.operation, error.kind, text, code=error.code, status=error.status) from None


def _text(answer: Json, name: str) -> str:
    return str(answer.get(name) or "")
