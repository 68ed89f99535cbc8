"""`alicloud:sae/configMap:ConfigMap`: a config map of SAE 2019-05-06."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Literal

from emulator.standin.client import Api, Json, Operation
from emulator.standin.errors import UNRECORDED, CallError, Failure, absent, failed, gone, unread
from emulator.standin.resource import Property, ResourceType, chosen
from emulator.standin.values import Values, go_json

_RESOURCE = "resource_alicloud_sae_config_map"
_SERVICE = "service_alicloud_sae"
_PATH = "/pop/v1/sam/configmap/configMap"
_TIMEOUT = 1200.0
_GONE = "NotFound.ConfigMap"
_OPTIONAL = {"Description": "description"}


class SaeConfigMap(ResourceType):
    """The type; the physical id is a number that the service gives."""

    token = "alicloud:sae/configMap:ConfigMap"  # noqa: S105 - a type token
    properties = (
        Property(name="name", mode="required", force_new=True, auto_named=True),
        Property(name="namespaceId", mode="required", force_new=True),
        Property(name="data", mode="required", unspoken=True),
        Property(name="description"),
    )

    def create(self, api: Api, planned: Values) -> str:
        """Make the config map."""
        params = {"Data": planned["data"], "Name": planned["name"], "NamespaceId": planned["namespaceId"]}
        try:
            answer = _call(api, "POST", "CreateConfigMap", params | chosen(planned, _OPTIONAL))
        except CallError as error:
            raise failed(_RESOURCE, 71, "alicloud_sae_config_map", f"POST {_PATH}", error) from None
        made: Json = answer.get("Data") or {}
        identifier = made.get("ConfigMapId")
        if identifier is None:
            raise Failure("CreateConfigMap answered without Data.ConfigMapId")
        return str(identifier)

    def read(self, api: Api, identifier: str, state: Values, *, just_made: bool) -> None:
        """Read it; the data as compact JSON with Go's escapes, whatever the program's spelling."""
        try:
            answer = _call(api, "GET", "DescribeConfigMap", {"ConfigMapId": identifier}, repeats=True)
        except CallError as error:
            if error.code == _GONE or (error.not_found and not just_made):
                raise absent(_RESOURCE, _SERVICE, "SAE:ConfigMap", identifier, lines=(88, UNRECORDED)) from None
            raise unread(_RESOURCE, _SERVICE, identifier, _PATH, error, lines=(88, 77)) from None
        found: Json = answer.get("Data") or {}
        state |= {
            "data": go_json(found.get("Data")),
            "description": found.get("Description", ""),
            "name": found.get("Name", ""),
            "namespaceId": found.get("NamespaceId", ""),
        }

    def update(self, api: Api, identifier: str, old: Values, new: Values, changed: AbstractSet[str]) -> None:
        """Send data and description, whichever of them changed; an empty description is left out."""
        del old, changed
        params = {"ConfigMapId": identifier, "Data": new["data"]} | chosen(new, _OPTIONAL)
        try:
            _call(api, "PUT", "UpdateConfigMap", params)
        except CallError as error:
            if error.code == _GONE:
                raise gone(_RESOURCE, 134, "SAE:ConfigMap", identifier, request_id=False) from None
            raise failed(_RESOURCE, UNRECORDED, identifier, f"PUT {_PATH}", error) from None

    def delete(self, api: Api, identifier: str, state: Values) -> None:
        """Remove it; one that is gone counts as removed."""
        del state
        try:
            _call(api, "DELETE", "DeleteConfigMap", {"ConfigMapId": identifier})
        except CallError as error:
            if error.code != _GONE:
                raise failed(_RESOURCE, UNRECORDED, identifier, f"DELETE {_PATH}", error) from None


def _call(
    api: Api,
    method: Literal["GET", "POST", "PUT", "DELETE"],
    action: str,
    params: Mapping[str, str],
    *,
    repeats: bool = False,
) -> Json:
    operation = Operation(
        product="sae", version="2019-05-06", action=action, method=method, path=_PATH, repeats=repeats, waits=(3.0, 3.0)
    )
    return api.call(operation, params, timeout=_TIMEOUT)
