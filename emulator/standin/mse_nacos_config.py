"""`alicloud:mse/nacosConfig:NacosConfig`: a Nacos config of MSE 2019-05-31."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from emulator.standin.client import Api, Json, Operation
from emulator.standin.errors import UNRECORDED, CallError, Failure, absent, at, failed, unread
from emulator.standin.resource import Property, ResourceType, chosen, timeouts
from emulator.standin.values import Values

_RESOURCE = "resource_alicloud_mse_nacos_config"
_SERVICE = "service_alicloud_mse"
_TIMEOUT = 60.0
_GONE = ("InternalError", "mse-200-021")
_KEY = {"InstanceId": "instanceId", "NamespaceId": "namespaceId", "DataId": "dataId", "Group": "group"}
"""Parameters that name a config, in the order of its id, and their properties."""
_DESCRIPTION = {"AppName": "appName", "BetaIps": "betaIps", "Desc": "desc", "Tags": "tags", "Type": "type"}
"""Parameters that a program may leave out, and their properties."""
_LANGUAGE = {"AcceptLanguage": "acceptLanguage"}


class MseNacosConfig(ResourceType):
    r"""The type; the physical id is `instance:namespace:dataId:group`, a colon inside a part written `\:`."""

    token = "alicloud:mse/nacosConfig:NacosConfig"  # noqa: S105 - a type token
    meta = timeouts(60)
    properties = (
        Property(name="instanceId", mode="required", force_new=True),
        Property(name="namespaceId", force_new=True),
        Property(name="dataId", mode="required", force_new=True),
        Property(name="group", mode="required", force_new=True),
        Property(name="content", mode="required", unspoken=True),
        Property(name="type", mode="optional_computed"),
        Property(name="appName"),
        Property(name="tags"),
        Property(name="desc"),
        Property(name="betaIps", mode="optional_computed"),
        Property(name="acceptLanguage", allowed=("zh", "en")),
        Property(name="encryptedDataKey", mode="computed"),
    )

    def create(self, api: Api, planned: Values) -> str:
        """Make the config; what is empty is left out, the content too."""
        identifier = ":".join(str(planned.get(prop) or "").replace(":", r"\:") for prop in _KEY.values())
        params = chosen(planned, _KEY | {"Content": "content"} | _DESCRIPTION | _LANGUAGE)
        try:
            _write(api, "CreateNacosConfig", params)
        except CallError as error:
            raise failed(_RESOURCE, 138, "alicloud_mse_nacos_config", "CreateNacosConfig", error) from None
        return identifier

    def read(self, api: Api, identifier: str, state: Values, *, just_made: bool) -> None:
        """Read it. An answer without it means that it is gone, and so do some codes."""
        key = _key(identifier)
        try:
            answer = api.call(_mse("GetNacosConfig", repeats=True), key, timeout=0)  # never repeated after a pause
        except CallError as error:
            if error.code in _GONE or (error.not_found and not just_made):
                raise _gone(identifier) from None
            raise unread(_RESOURCE, _SERVICE, identifier, "GetNacosConfig", error) from None
        found: Json | None = answer.get("Configuration")
        if found is None:
            raise _gone(identifier)
        state |= {
            "appName": found.get("AppName", ""),
            "content": found.get("Content", ""),
            "dataId": found.get("DataId", ""),
            "desc": found.get("Desc", ""),
            "group": found.get("Group", ""),
            "instanceId": key["InstanceId"],
            "namespaceId": key["NamespaceId"],
            "tags": found.get("Tags", ""),
            "type": found.get("Type", ""),
        }

    def update(self, api: Api, identifier: str, old: Values, new: Values, changed: AbstractSet[str]) -> None:
        """Send everything, whatever changed, what is empty too."""
        del old, changed
        described = {name: str(new.get(prop) or "") for name, prop in _DESCRIPTION.items()}
        params = _key(identifier) | described | {"Content": str(new["content"])} | chosen(new, _LANGUAGE)
        try:
            _write(api, "UpdateNacosConfig", params)
        except CallError as error:
            raise failed(_RESOURCE, 236, identifier, "UpdateNacosConfig", error) from None

    def delete(self, api: Api, identifier: str, state: Values) -> None:
        """Remove it. Every refusal fails; the service answers a config that is gone without one."""
        del state
        try:
            _write(api, "DeleteNacosConfig", _key(identifier))
        except CallError as error:
            raise failed(_RESOURCE, UNRECORDED, identifier, "DeleteNacosConfig", error) from None


def _key(identifier: str) -> dict[str, str]:
    """Return the parameters that name the config. Raises Failure for an id that is none."""
    parts = [part.replace(r"\:", ":") for part in re.split(r"(?<!\\):", identifier)]
    if len(parts) != len(_KEY):
        # Of the published plugin's message only the first line was seen.
        raise Failure(
            f"{at(_RESOURCE, 169)}\n{identifier} is no id of a Nacos config: "
            r"must be <instance>:<namespace>:<data id>:<group>, with \: for a colon in one of them"
        )
    return dict(zip(_KEY, parts, strict=True))


def _gone(identifier: str) -> Failure:
    return absent(_RESOURCE, _SERVICE, "Mse:NacosConfig", identifier)


def _mse(action: str, *, repeats: bool = False) -> Operation:
    return Operation(product="mse", version="2019-05-31", action=action, repeats=repeats)


def _write(api: Api, action: str, params: Mapping[str, str]) -> None:
    # The provider's max_retry_timeout is not for this type.
    api.call(_mse(action), params, timeout=_TIMEOUT)
