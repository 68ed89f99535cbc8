"""ListTagResources, TagResources, UntagResources. Their RegionId is not looked at: the port decides the region."""

import json

from emulator.kms.common import invalid, operation
from emulator.openapi import Call, Json, Refusal
from emulator.state import Secret

_MAX_TAGS = 20


def read_tags(call: Call) -> dict[str, str]:
    """Read the Tags of CreateSecret, a JSON list in a string. Raises Refusal."""
    text = call.get("Tags")
    if not text:
        return {}
    try:
        return {str(item["TagKey"]): str(item.get("TagValue", "")) for item in json.loads(text)}
    except (ValueError, TypeError, KeyError, AttributeError):
        raise invalid("Tags") from None


def check_tag_count(tags: dict[str, str]) -> None:
    """Raise Refusal above 20 tags."""
    if len(tags) > _MAX_TAGS:
        raise Refusal(400, "Rejected.LimitExceeded", "The number of tags exceeds the limit.")


def _list(call: Call) -> Json:
    shown = [
        {"ResourceId": secret.name, "ResourceType": "secret", "TagKey": key, "TagValue": value}
        for secret in _tagged(call)
        for key, value in sorted(secret.tags.items())
    ]
    return {"TagResources": {"TagResource": shown}, "NextToken": ""}


def _tag(call: Call) -> Json:
    given = dict(zip(call.numbered("Tag", ".Key"), call.numbered("Tag", ".Value"), strict=True))
    secrets = _tagged(call)
    for secret in secrets:
        check_tag_count(secret.tags | given)
    for secret in secrets:
        secret.tags |= given
    return {}


def _untag(call: Call) -> Json:
    gone = call.numbered("TagKey")
    for secret in _tagged(call):
        if call.get("All") == "true":
            gone = list(secret.tags)
        secret.tags = {key: value for key, value in secret.tags.items() if key not in gone}
    return {}


def _tagged(call: Call) -> list[Secret]:
    """Return the secrets that the call names. Raises Refusal."""
    if call.get("ResourceType") != "secret":
        raise invalid("ResourceType")
    found = {secret.name: secret for secret in call.store.state.secrets if secret.region == call.region}
    names = call.numbered("ResourceId")
    if not names or any(name not in found for name in names):
        raise Refusal(404, "Forbidden.ResourceNotFound", "Resource not found.")
    return [found[name] for name in names]


OPERATIONS = (
    operation("ListTagResources", _list),
    operation("TagResources", _tag),
    operation("UntagResources", _untag),
)
