"""What all operations on parameters share."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulator.openapi import Answer, Call, Json, Operation, Refusal, show_time
from emulator.state import Parameter, ParameterVersion

_MAX_TAGS = 20


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One of the two kinds: they have names, lists and rules of their own."""

    noun: str
    """As the actions name it."""
    resource_type: str
    """As the tag operations name it."""
    types: tuple[str, ...]
    held: Callable[[Call], list[Parameter]]
    """The list of all regions."""

    @property
    def secret(self) -> bool:
        """Whether values are shown only on demand."""
        return self.noun == "SecretParameter"

    def here(self, call: Call) -> list[Parameter]:
        """Return those of the call's region. Its RegionId is not looked at: the port decides."""
        return [parameter for parameter in self.held(call) if parameter.region == call.region]


KINDS = (
    Kind(
        noun="Parameter",
        resource_type="parameter",
        types=("String", "StringList"),
        held=lambda call: call.store.state.parameters,
    ),
    Kind(
        noun="SecretParameter",
        resource_type="secretparameter",
        types=("Secret",),
        held=lambda call: call.store.state.secret_parameters,
    ),
)


def operation(action: str, run: Callable[[Call], Json]) -> Operation:
    """Make an operation whose handler returns the payload."""

    def enveloped(call: Call, request_id: str) -> Answer:
        return Answer(status=200, body={"RequestId": request_id} | run(call))

    return Operation(product="oos", version="2019-06-01", action=action, run=enveloped)


def existing(kind: Kind, call: Call) -> Parameter:
    """Return the parameter that the call names. Raises Refusal."""
    name = call.required("Name")
    for parameter in kind.here(call):
        if parameter.name == name:
            return parameter
    raise absent(name)


def absent(name: str) -> Refusal:
    """Return the refusal of a parameter or version that does not exist."""
    return Refusal(404, "EntityNotExists.Parameter", f"The specified parameter {name} does not exist.")


def invalid(name: str, message: str = "") -> Refusal:
    """Return the refusal of an argument. The documents name no codes for these."""
    return Refusal(400, f"InvalidParameter.{name}", message or f"The specified {name} is invalid.")


def read_tags(call: Call) -> dict[str, str]:
    """Read the argument Tags, a JSON object in a string, of at most 20 tags. Raises Refusal."""
    text = call.get("Tags")
    if not text:
        return {}
    try:
        given: Any = json.loads(text)
        tags = {str(key): str(value) for key, value in given.items()}
    except (ValueError, AttributeError):
        raise invalid("Tags") from None
    check_tag_count(tags)
    return tags


def check_tag_count(tags: dict[str, str]) -> None:
    """Raise Refusal above 20 tags."""
    if len(tags) > _MAX_TAGS:
        raise invalid("Tags", "The number of tags exceeds the limit.")


def owner(call: Call) -> str:
    """Return who is said to have made and changed everything."""
    return f"root({call.store.state.account_id})"


def shown_value(kind: Kind, call: Call, version: ParameterVersion) -> str | None:
    """Return a value; a secret one only on demand. The SDK says of WithDecryption: without it "null is returned"."""
    return None if kind.secret and not call.flag("WithDecryption") else version.value


def shown(kind: Kind, call: Call, parameter: Parameter) -> Json:
    """Return the description of a parameter, without its value."""
    described: Json = {
        "Name": parameter.name,
        "Id": parameter.parameter_id,
        "Type": parameter.type,
        "Description": parameter.description,
        "Tags": parameter.tags,
        "ParameterVersion": parameter.versions[-1].number,
        "ShareType": "Private",
        "ResourceGroupId": parameter.resource_group_id,
        "Constraints": parameter.constraints,
        "CreatedDate": show_time(parameter.created),
        "CreatedBy": owner(call),
        "UpdatedDate": show_time(parameter.updated),
        "UpdatedBy": owner(call),
    }
    if kind.secret:
        # Null unless given at creation: clients take an invented value for a change that needs a new parameter.
        described |= {"KeyId": parameter.key_id, "DKMSInstanceId": parameter.dkms_instance_id}
    return described
