"""ListParameters, ListSecretParameters: filters, order and pages."""

from functools import partial

from emulator.oos.common import KINDS, Kind, invalid, operation, read_tags, shown
from emulator.openapi import Call, Json, page
from emulator.state import Parameter


def _list(kind: Kind, call: Call) -> Json:
    found = [parameter for parameter in kind.here(call) if _matches(parameter, call)]
    order = call.get("SortOrder") or "Descending"
    field = call.get("SortField") or "CreatedDate"  # which one is meant where none is given is not documented
    if order not in ("Ascending", "Descending") or field not in ("Name", "CreatedDate"):
        raise invalid("SortField or SortOrder")
    found.sort(key=lambda p: p.name if field == "Name" else (p.created, p.name), reverse=order == "Descending")
    wanted = call.get("MaxResults")
    if wanted and not (wanted.isdigit() and 10 <= int(wanted) <= 100):
        raise invalid("MaxResults", "MaxResults must be 10 to 100.")
    described = [_listed(kind, call, parameter) for parameter in found]
    names = ("MaxResults", "NextToken", "TotalCount")
    items, paging = page(described, call, call.store.settings.page_size, names)
    if kind.secret:
        del paging["TotalCount"]
    return {"Parameters": items} | paging


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


OPERATIONS = tuple(operation(f"List{kind.noun}s", partial(_list, kind)) for kind in KINDS)
