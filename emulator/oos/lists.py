"""ListParameters, ListParameterVersions and those of secret ones: filters, order and pages."""

from functools import partial

from emulator.oos.common import KINDS, Kind, existing, invalid, operation, owner, read_tags, shown, shown_value
from emulator.openapi import Call, Json, page, show_time
from emulator.state import Parameter


def _list(kind: Kind, call: Call) -> Json:
    found = [parameter for parameter in kind.here(call) if _matches(parameter, call)]
    order = call.get("SortOrder") or "Descending"
    field = call.get("SortField") or "CreatedDate"  # which one is meant where none is given is not documented
    if order not in ("Ascending", "Descending") or field not in ("Name", "CreatedDate"):
        raise invalid("SortField or SortOrder")
    found.sort(key=lambda p: p.name if field == "Name" else (p.created, p.name), reverse=order == "Descending")
    items, paging = _page([_listed(kind, call, parameter) for parameter in found], call)
    if kind.secret:
        del paging["TotalCount"]
    return {"Parameters": items} | paging


def _list_versions(kind: Kind, call: Call) -> Json:
    """List what is kept, newest first (the order is not documented)."""
    parameter = existing(kind, call)
    described: list[Json] = [
        {
            "ParameterVersion": version.number,
            "UpdatedBy": owner(call),
            "UpdatedDate": show_time(version.updated),
            "Value": shown_value(kind, call, version),
        }
        for version in reversed(parameter.versions)
    ]
    items, paging = _page(described, call)
    whole = shown(kind, call, parameter)
    names = ("Name", "Id", "Type", "Description", "CreatedDate", "CreatedBy")
    return {"ParameterVersions": items} | {name: whole[name] for name in names} | paging


def _page(items: list[Json], call: Call) -> tuple[list[Json], Json]:
    wanted = call.get("MaxResults")
    if wanted and not (wanted.isdigit() and 10 <= int(wanted) <= 100):
        raise invalid("MaxResults", "MaxResults must be 10 to 100.")
    return page(items, call, call.store.settings.page_size, ("MaxResults", "NextToken", "TotalCount"))


def _matches(parameter: Parameter, call: Call) -> bool:
    path = call.get("Path")
    deeper = "/" in parameter.name.removeprefix(path)
    return (
        call.get("Name") in parameter.name  # "fuzzy match mode"
        and parameter.name.startswith(path)
        and (not path or not deeper or call.flag("Recursive"))
        and call.get("Type") in ("", parameter.type)
        and call.get("ResourceGroupId") in ("", parameter.resource_group_id)
        and read_tags(call).items() <= parameter.tags.items()
    )


def _listed(kind: Kind, call: Call, parameter: Parameter) -> Json:
    """Lists show neither constraints nor the KMS instance, and versions as texts."""
    described = shown(kind, call, parameter)
    left = {name: value for name, value in described.items() if name not in ("Constraints", "DKMSInstanceId")}
    return left | {"ParameterVersion": str(described["ParameterVersion"])}


OPERATIONS = (
    *(operation(f"List{kind.noun}s", partial(_list, kind)) for kind in KINDS),
    *(operation(f"List{kind.noun}Versions", partial(_list_versions, kind)) for kind in KINDS),
)
