"""`alicloud:oos/parameter:Parameter`: a plain parameter of OOS 2019-06-01."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from emulator.standin.checks import is_json, length, one_of
from emulator.standin.client import Api, Json
from emulator.standin.errors import CallError, absent, failed, unread
from emulator.standin.oos import FIELDS, call, change, creation, described, is_gone
from emulator.standin.resource import Property, ResourceType, chosen, own_tags, same_json
from emulator.standin.values import Values

_RESOURCE = "resource_alicloud_oos_parameter"
_SERVICE = "service_alicloud_oos"
_TIMEOUT = 1200.0
_READ_TIMEOUT = 300.0
_RESERVED = re.compile("ALIYUN|ACS|ALIBABA|ALICLOUD|OOS")
_NAME = re.compile(r"[a-zA-Z0-9_/-]{2,180}")


def _name_problem(name: str, value: str) -> str:
    """Say what the provider says; it does not look at how a name ends."""
    if _RESERVED.match(value):
        return f"invalid value for {name} (It cannot start with `ALIYUN`, `ACS`, `ALIBABA`, `ALICLOUD`, or `OOS`)"
    if _NAME.match(value):
        return ""
    return (
        f"invalid value for {name} (The name must be `2` to `180` characters in length, and can contain letters, "
        "digits, hyphens (-), forward slashes (/) and underscores (_).)"
    )


class OosParameter(ResourceType):
    """The type; the physical id is the parameter's name."""

    token = "alicloud:oos/parameter:Parameter"  # noqa: S105 - a type token
    properties = (
        Property(name="parameterName", mode="required", force_new=True, wrong=_name_problem),
        Property(name="type", mode="required", force_new=True, wrong=one_of("String", "StringList")),
        Property(name="value", mode="required", unspoken=True, wrong=length(1, 4096)),
        Property(
            name="constraints",
            force_new=True,
            unspoken=True,
            wrong=is_json,
            suppressed=same_json("constraints"),
        ),
        Property(name="description", mode="optional_computed", wrong=length(1, 200)),
        Property(name="resourceGroupId", mode="optional_computed"),
        Property(name="tags", kind="map"),
    )

    def create(self, api: Api, planned: Values) -> str:
        """Make the parameter."""
        name = str(planned["parameterName"])
        try:
            _call(api, "CreateParameter", creation("CreateParameter", name, planned, FIELDS))
        except CallError as error:
            raise failed(_RESOURCE, 108, "alicloud_oos_parameter", "CreateParameter", error) from None
        return name

    def read(self, api: Api, identifier: str, state: Values, *, just_made: bool) -> None:
        """Read it, value and tags included."""
        del just_made
        try:
            found = described(_call(api, "GetParameter", {"Name": identifier}, timeout=_READ_TIMEOUT))
        except CallError as error:
            if is_gone(error):
                raise absent(_RESOURCE, _SERVICE, "Oos:Application", identifier) from None
            raise unread(_RESOURCE, _SERVICE, identifier, "GetParameter", error) from None
        state |= {name: found.get(field) or "" for field, name in FIELDS.items()}
        labels: Json = found.get("Tags") or {}
        state |= {"parameterName": identifier, "tags": own_tags(labels.items())}

    def update(self, api: Api, identifier: str, old: Values, new: Values, changed: AbstractSet[str]) -> None:
        """Send value and description, whichever changed, and the tags if they did."""
        del old
        params = change(identifier, new, changed) | chosen(new, {"Description": "description"})
        try:
            _call(api, "UpdateParameter", params, repeats=False)
        except CallError as error:
            raise failed(_RESOURCE, 187, identifier, "UpdateParameter", error) from None

    def delete(self, api: Api, identifier: str, state: Values) -> None:
        """Remove it; the provider reports one that is gone already as an error."""
        del state
        try:
            _call(api, "DeleteParameter", {"Name": identifier}, repeats=False)
        except CallError as error:
            raise failed(_RESOURCE, 214, identifier, "DeleteParameter", error) from None


def _call(api: Api, action: str, params: Mapping[str, str], *, timeout: float = _TIMEOUT, repeats: bool = True) -> Json:
    return call(api, action, params, timeout=timeout, later=3.0, repeats=repeats)
