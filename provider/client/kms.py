"""Secret versions in KMS, API version 2016-01-20, instance-less or not: the vendor's public operations only."""

from dataclasses import dataclass

from provider.client.errors import ServiceError
from provider.client.redact import remember
from provider.client.sdk import Operation, Sdk
from provider.client.shapes import Json

CURRENT = "ACSCurrent"


def _operation(action: str) -> Operation:
    return Operation(product="kms", version="2016-01-20", action=action)


GET_SECRET_VALUE = _operation("GetSecretValue")
PUT_SECRET_VALUE = _operation("PutSecretValue")
UPDATE_SECRET_VERSION_STAGE = _operation("UpdateSecretVersionStage")


@dataclass(frozen=True, kw_only=True)
class SecretValue:
    """One version of a secret."""

    version_id: str
    data: str


class Kms:
    """Versions of secrets. All operations here may be repeated with the effect of once.

    PutSecretValue with a known version id and equal data changes nothing; that includes the stage, which is why an
    older version is made current by UpdateSecretVersionStage and never by putting it again.
    """

    def __init__(self, sdk: Sdk) -> None:
        self._sdk = sdk

    def value(self, region: str, name: str, *, version_id: str = "") -> SecretValue | None:
        """Return a version, or the current one; None when secret or version does not exist."""
        form = {"SecretName": name} | ({"VersionId": version_id} if version_id else {})
        try:
            answer = self._call(GET_SECRET_VALUE, region, name, form)
        except ServiceError as error:
            if error.not_found:
                return None
            raise
        data = str(answer.get("SecretData") or "")
        remember(data)
        return SecretValue(version_id=str(answer.get("VersionId") or ""), data=data)

    def put(self, region: str, name: str, version_id: str, data: str) -> None:
        """Store a new version and make it current. The value travels in the body, never in the URL."""
        form = {"SecretName": name, "VersionId": version_id, "SecretData": data, "SecretDataType": "text"}
        self._call(PUT_SECRET_VALUE, region, name, form)

    def make_current(self, region: str, name: str, version_id: str, *, instead_of: str) -> None:
        """Move the stage ACSCurrent from one version to another."""
        form = {
            "SecretName": name,
            "VersionStage": CURRENT,
            "MoveToVersion": version_id,
            "RemoveFromVersion": instead_of,
        }
        self._call(UPDATE_SECRET_VERSION_STAGE, region, name, form)

    def _call(self, operation: Operation, region: str, name: str, form: dict[str, str]) -> Json:
        """Call, and say of a secret in its deletion window how it comes back."""
        try:
            return self._sdk.call(operation, region, form=form)
        except ServiceError as error:
            if error.code != "Rejected.ResourceInDeleteWindow":
                raise
            restore = f"`aliyun kms RestoreSecret --region {region} --SecretName {name}`"
            text = (
                f"secret {name} in {region} is scheduled for deletion: restore it with {restore}, then run this again"
            )
            raise ServiceError(error.operation, error.kind, text, code=error.code, status=error.status) from None
