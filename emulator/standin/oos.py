"""What the two types of OOS 2019-06-01 share."""

import time
import uuid
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from emulator.standin.client import Api, Json, Operation
from emulator.standin.errors import CallError
from emulator.standin.resource import chosen
from emulator.standin.values import Values, go_json

FIELDS = {
    "Constraints": "constraints",
    "Description": "description",
    "ResourceGroupId": "resourceGroupId",
    "Type": "type",
    "Value": "value",
}
"""What both types send and read: the field and its property."""
_TOKEN_LENGTH = 64


def call(
    api: Api, action: str, params: Mapping[str, str], *, timeout: float, later: float, repeats: bool = True
) -> Json:
    """Call; `later` is the wait in seconds before the second and each later repetition by the provider."""
    operation = Operation(product="oos", version="2019-06-01", action=action, repeats=repeats, waits=(3.0, later))
    return api.call(operation, params, timeout=timeout)


def creation(action: str, name: str, planned: Values, fields: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of a create: those of `fields` that are set, the value in any case."""
    token = f"TF-{action}-{int(time.time())}-{uuid.uuid4()}"[:_TOKEN_LENGTH]
    return (
        {"Name": name, "Value": str(planned["value"]), "ClientToken": token} | chosen(planned, fields) | _tags(planned)
    )


def change(name: str, new: Values, changed: AbstractSet[str]) -> dict[str, str]:
    """Return the parameters of an update but the description: the value in any case, the others if they changed."""
    group = chosen(new, {"ResourceGroupId": "resourceGroupId"}) if "resourceGroupId" in changed else {}
    return {"Name": name, "Value": str(new["value"])} | group | (_tags(new) if "tags" in changed else {})


def _tags(values: Values) -> dict[str, str]:
    """Return the parameter of the tags. It is left out where there are none, so that they cannot be emptied."""
    return {"Tags": go_json(values["tags"])} if values.get("tags") else {}


def described(answer: Json) -> Json:
    """Return the parameter in an answer. Raises CallError."""
    found = answer.get("Parameter")
    if not isinstance(found, dict):
        raise CallError("the answer has no Parameter")
    checked: Json = found  # pyright: ignore[reportUnknownVariableType] - JSON has no other keys
    return checked


def is_gone(error: CallError) -> bool:
    """Say whether a call failed because there is no such parameter."""
    return error.code == "EntityNotExists.Parameter" or error.not_found
