"""ListTagResources, TagResources, UntagResources, for both kinds of parameters."""

import json
from typing import Any

from emulator.oos.common import KINDS, Kind, check_tag_count, invalid, operation, read_tags
from emulator.openapi import Call, Json, Refusal
from emulator.state import Parameter


def _list(call: Call) -> Json:
    kind = _kind(call)
    names, wanted = _names(call), read_tags(call)
    every = not names or call.store.settings.tags_of_all
    found = kind.here(call) if every else _named(kind, call, names)
    tagged = [
        {"ResourceId": parameter.name, "ResourceType": kind.resource_type, "TagKey": key, "TagValue": value}
        for parameter in found
        if wanted.items() <= parameter.tags.items()
        for key, value in sorted(parameter.tags.items())
    ]
    return {"TagResources": {"TagResource": tagged}, "NextToken": ""}


def _tag(call: Call) -> Json:
    parameters, given = _named(_kind(call), call, _names(call)), read_tags(call)
    for parameter in parameters:
        check_tag_count(parameter.tags | given)
    for parameter in parameters:
        parameter.tags |= given
    return {}


def _untag(call: Call) -> Json:
    gone = _strings(call, "TagKeys")
    if not gone and not call.flag("All"):
        raise invalid("TagKeys")
    for parameter in _named(_kind(call), call, _names(call)):
        parameter.tags = {key: value for key, value in parameter.tags.items() if gone and key not in gone}
    return {}


def _kind(call: Call) -> Kind:
    wanted = call.required("ResourceType")
    for kind in KINDS:
        if kind.resource_type == wanted:
            return kind
    raise invalid("ResourceType")


def _names(call: Call) -> list[str]:
    """Return the resources that the call names: a JSON list, or numbered as the alicloud provider up to 1.287 does."""
    listed = _strings(call, "ResourceIds")
    return listed or ([] if call.store.settings.numbered_ids_ignored else call.numbered("ResourceIds"))


def _named(kind: Kind, call: Call, names: list[str]) -> list[Parameter]:
    known = {parameter.name: parameter for parameter in kind.here(call)}
    if not 1 <= len(names) <= 50:
        raise invalid("ResourceIds")
    if any(name not in known for name in names):
        raise Refusal(404, "InvalidResourceId.NotFound", "The specified resource does not exist.")
    return [known[name] for name in names]


def _strings(call: Call, name: str) -> list[str]:
    """Read a JSON list in a string. Raises Refusal."""
    try:
        given: Any = json.loads(call.get(name) or "[]")
    except ValueError:
        raise invalid(name) from None
    if not isinstance(given, list):
        raise invalid(name)
    return [str(item) for item in given]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - JSON


OPERATIONS = (
    operation("ListTagResources", _list),
    operation("TagResources", _tag),
    operation("UntagResources", _untag),
)
