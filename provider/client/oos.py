"""Secret parameters of OOS, API version 2019-06-01.

Values travel in the body, never in the URL. Every value that is sent or read is masked in all texts from then on.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from provider.client.errors import ServiceError
from provider.client.redact import remember_record
from provider.client.sdk import Operation, Sdk
from provider.client.shapes import Json, as_object, as_objects

_TYPE = "secretparameter"
"""What the tag operations call a secret parameter."""
_PAGE = "50"
"""Versions per page."""


def _operation(action: str, *, repeatable: bool = True) -> Operation:
    return Operation(product="oos", version="2019-06-01", action=action, repeatable=repeatable)


CREATE_SECRET_PARAMETER = _operation("CreateSecretParameter", repeatable=False)
"""Its client token makes a repetition safe, but only the caller can tell what an earlier attempt made."""
GET_SECRET_PARAMETER = _operation("GetSecretParameter")
UPDATE_SECRET_PARAMETER = _operation("UpdateSecretParameter", repeatable=False)
DELETE_SECRET_PARAMETER = _operation("DeleteSecretParameter")
LIST_SECRET_PARAMETER_VERSIONS = _operation("ListSecretParameterVersions")
LIST_TAG_RESOURCES = _operation("ListTagResources")
TAG_RESOURCES = _operation("TagResources")


@dataclass(frozen=True, kw_only=True)
class SecretParameter:
    """One version of a secret parameter. All but number and value belong to the parameter, whatever the version."""

    version: int
    description: str
    key_id: str
    instance: str
    """Id of its dedicated KMS instance; "" for none."""
    value: str | None = field(repr=False)
    """None when it was not asked for."""


class Oos:
    """Secret parameters and their versions."""

    def __init__(self, sdk: Sdk) -> None:
        self._sdk = sdk

    def create(
        self,
        region: str,
        name: str,
        *,
        value: str,
        description: str,
        tags: Mapping[str, str],
        client_token: str,
        key_id: str = "",
        instance: str = "",
    ) -> int:
        """Make a parameter; return the number of its first version."""
        form = {"Value": value, "Type": "Secret", "Description": description, "ClientToken": client_token}
        optional = {"Tags": _json(dict(tags)) if tags else "", "KeyId": key_id, "DKMSInstanceId": instance}
        remember_record(value)
        form |= {key: text for key, text in optional.items() if text}
        return _parameter(CREATE_SECRET_PARAMETER, self._call(CREATE_SECRET_PARAMETER, region, name, form)).version

    def get(self, region: str, name: str, *, version: int = 0, decrypt: bool = False) -> SecretParameter | None:
        """Return a version, or with 0 the current one; its value only with `decrypt`.

        None when parameter or version does not exist.
        """
        form = ({"ParameterVersion": str(version)} if version else {}) | ({"WithDecryption": "true"} if decrypt else {})
        try:
            found = _parameter(GET_SECRET_PARAMETER, self._call(GET_SECRET_PARAMETER, region, name, form))
        except ServiceError as error:
            if error.not_found:
                return None
            raise
        if decrypt and found.value is None:
            raise ServiceError(GET_SECRET_PARAMETER.action, "lost", "the answer holds no value")
        return found

    def update(self, region: str, name: str, *, value: str, description: str) -> int:
        """Add a version and replace the description; return the version's number.

        Running it twice makes two versions. When the answer is lost, read the current one before trying again.
        """
        remember_record(value)
        form = {"Value": value, "Description": description}
        return _parameter(UPDATE_SECRET_PARAMETER, self._call(UPDATE_SECRET_PARAMETER, region, name, form)).version

    def delete(self, region: str, name: str) -> None:
        """Remove a parameter at once."""
        self._call(DELETE_SECRET_PARAMETER, region, name, {})

    def versions(self, region: str, name: str) -> list[int]:
        """Return the numbers of the versions that are kept, oldest first; [] when the parameter does not exist."""
        found: list[int] = []
        form = {"RegionId": region, "Name": name, "MaxResults": _PAGE}
        try:
            for answer in self._pages(LIST_SECRET_PARAMETER_VERSIONS, region, form):
                for item in as_objects(answer.get("ParameterVersions")):
                    _value(item)
                    found.append(_number(LIST_SECRET_PARAMETER_VERSIONS, item))
        except ServiceError as error:
            if error.not_found:
                return []
            raise
        return sorted(found)

    def tags(self, region: str, name: str) -> list[tuple[str, str]]:
        """Return the tags of a parameter as pairs; [] when it does not exist.

        The gateway may answer with the tags of all parameters (ASSUMPTION oos-tags-of-all): only those are returned
        that are said to be this one's. They are pairs so that a caller sees contradictions.
        """
        form = {"RegionId": region, "ResourceType": _TYPE, "ResourceIds": _json([name])}
        pairs: list[tuple[str, str]] = []
        try:
            for answer in self._pages(LIST_TAG_RESOURCES, region, form):
                listed = as_objects(as_object(answer.get("TagResources")).get("TagResource"))
                own = (item for item in listed if item.get("ResourceId") == name)
                pairs += [(_text(item, "TagKey"), _text(item, "TagValue")) for item in own]
        except ServiceError as error:
            if error.not_found:
                return []
            raise
        return pairs

    def tag(self, region: str, name: str, tags: Mapping[str, str]) -> None:
        """Set these tags of a parameter; others stay."""
        form = {"RegionId": region, "ResourceType": _TYPE, "ResourceIds": _json([name]), "Tags": _json(dict(tags))}
        self._sdk.call(TAG_RESOURCES, region, form=form)

    def _call(self, operation: Operation, region: str, name: str, form: dict[str, str]) -> Json:
        return self._sdk.call(operation, region, form={"RegionId": region, "Name": name} | form)

    def _pages(self, operation: Operation, region: str, form: dict[str, str]) -> Iterator[Json]:
        """Yield the answers of all pages; an empty token means that there is no further one (ListTagResources)."""
        token = ""
        while True:
            answer = self._sdk.call(operation, region, form=form | ({"NextToken": token} if token else {}))
            yield answer
            following = _text(answer, "NextToken")
            if not following or following == token:
                return
            token = following


def _parameter(operation: Operation, answer: Json) -> SecretParameter:
    found = as_object(answer.get("Parameter"))
    return SecretParameter(
        version=_number(operation, found),
        description=_text(found, "Description"),
        key_id=_text(found, "KeyId"),
        instance=_text(found, "DKMSInstanceId"),
        value=_value(found),
    )


def _number(operation: Operation, item: Json) -> int:
    """Return the version's number; without it we cannot tell what there is, so the answer counts as lost."""
    number = _text(item, "ParameterVersion")
    if not number.isdigit():
        raise ServiceError(operation.action, "lost", "the answer holds no version number")
    return int(number)


def _value(item: Json) -> str | None:
    value = item.get("Value")
    if not isinstance(value, str):
        return None
    remember_record(value)
    return value


def _text(item: Json, name: str) -> str:
    return str(item.get(name) or "")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
