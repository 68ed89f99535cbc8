"""Create, Get, Update and Delete of both kinds.

Not documented, so chosen: the code for a name that is taken, that an update replaces all tags, and what happens beyond
the versions that are kept (the oldest is dropped, and the count goes on).
"""

import secrets
from functools import partial

from emulator.oos.common import KINDS, Kind, absent, existing, invalid, operation, read_tags, shown, shown_value
from emulator.oos.rules import check_name, read_description, read_value
from emulator.openapi import Call, Json, Refusal
from emulator.state import Parameter, ParameterVersion

_DEFAULT_GROUP = "rg-default"


def _create(kind: Kind, call: Call) -> Json:
    name = call.required("Name")
    check_name(name)
    constraints = call.get("Constraints") or None
    value, description, tags = read_value(call, constraints), read_description(call), read_tags(call)
    of_type = call.get("Type") or (kind.types[0] if kind.secret else call.required("Type"))
    if of_type not in kind.types:
        raise invalid("Type")
    token = call.get("ClientToken")
    for other in kind.here(call):
        if other.name == name and token and other.client_token == token:
            return {"Parameter": shown(kind, call, other)}  # the same request once more: the token is for that
        if other.name == name:
            raise Refusal(409, "EntityAlreadyExists.Parameter", f"The parameter {name} already exists.")
    now = call.store.now()
    made = Parameter(
        parameter_id=f"p-{secrets.token_hex(10)}",
        name=name,
        region=call.region,
        type=of_type,
        versions=[ParameterVersion(number=1, value=value, updated=now)],
        description=description,
        constraints=constraints,
        resource_group_id=call.get("ResourceGroupId") or _DEFAULT_GROUP,
        tags=tags,
        client_token=token,
        created=now,
        updated=now,
    )
    if kind.secret:
        made.key_id, made.dkms_instance_id = call.get("KeyId") or None, call.get("DKMSInstanceId") or None
    kind.held(call).append(made)
    return {"Parameter": shown(kind, call, made)}


def _get(kind: Kind, call: Call) -> Json:
    found = existing(kind, call)
    current = found.versions[-1]
    wanted = call.get("ParameterVersion") or str(current.number)
    if not wanted.isdigit() or not 1 <= int(wanted) <= current.number:
        raise invalid("ParameterVersion")
    for version in found.versions:
        if version.number == int(wanted):
            described = shown(kind, call, found) | {"ParameterVersion": version.number}
            return {"Parameter": described | {"Value": shown_value(kind, call, version)}}
    raise absent(found.name)


def _update(kind: Kind, call: Call) -> Json:
    found = existing(kind, call)
    value, description, tags = read_value(call, found.constraints), read_description(call), read_tags(call)
    found.updated = call.store.now()
    number = found.versions[-1].number + 1
    found.versions.append(ParameterVersion(number=number, value=value, updated=found.updated))
    del found.versions[: -call.store.settings.max_parameter_versions]
    if "Description" in call.params:
        found.description = description
    if "Tags" in call.params:
        found.tags = tags
    found.resource_group_id = call.get("ResourceGroupId") or found.resource_group_id
    return {"Parameter": shown(kind, call, found)}


def _delete(kind: Kind, call: Call) -> Json:
    kind.held(call).remove(existing(kind, call))
    return {}


_VERBS = {"Create": _create, "Get": _get, "Update": _update, "Delete": _delete}

OPERATIONS = tuple(
    operation(f"{verb}{kind.noun}", partial(run, kind)) for kind in KINDS for verb, run in _VERBS.items()
)
