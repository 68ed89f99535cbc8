"""Nacos configs of the microservices engine, API version 2019-05-31, one region per port, and how a consumer reads one.

Instances and namespaces are those that the emulator was started with; the namespace `public`, whose id is also empty,
is in every instance. The API reference has no limits and no codes for most refusals. Limits: manual of the Nacos Java
SDK (names, 100 KB of content) and `ParamUtils` of the Nacos server (tags, description). Refusals: those that the
published alicloud plugin was recorded with, 404 `mse-200-021` for what does not exist, status 200 with `Success: false`
for what exists already.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping

from emulator.hosts import REGIONS
from emulator.openapi import Answer, Call, Json, Operation, Refusal
from emulator.state import MseInstance, NacosConfig, Store

_NAME = re.compile(r"[A-Za-z0-9_.:-]+")
_MAX_DATA_ID, _MAX_GROUP = 256, 128
_MAX_CONTENT = 100 * 1024
"""Bytes."""
_MAX_TAGS, _MAX_TAG, _MAX_DESCRIPTION = 5, 64, 128
_TYPES = ("text", "json", "xml", "yaml", "html", "properties")
"""The reference names some in capitals, too; its examples, and so what is taken here, are in small letters."""


class UnknownPlaceError(Exception):
    """A region or an instance that does not exist."""


def make(store: Store, instances: Iterable[str], namespaces: Iterable[str]) -> None:
    """Make instances (`region:instance`) and namespaces (`instance:namespace`) unless they exist.

    Raises UnknownPlaceError.
    """
    known = {instance.instance_id: instance for instance in store.state.mse_instances}
    for text in instances:
        region, _, instance_id = text.partition(":")
        if region not in REGIONS or not instance_id:
            regions = ", ".join(REGIONS)
            raise UnknownPlaceError(f"MSE instance {text}: must be <region>:<instance>, the region one of {regions}")
        known.setdefault(instance_id, MseInstance(instance_id=instance_id, region=region))
    for text in namespaces:
        instance_id, _, namespace = text.partition(":")
        if instance_id not in known or not namespace:
            raise UnknownPlaceError(f"Nacos namespace {text}: must be <instance>:<namespace> of a known instance")
        if namespace not in known[instance_id].namespaces:
            known[instance_id].namespaces.append(namespace)
    store.state.mse_instances = list(known.values())


def consumed(store: Store, region: str, params: Mapping[str, str]) -> tuple[int, str]:
    """Answer `GET /nacos/v1/cs/configs` (Nacos open API), with which an application reads a config: status and text.

    Not signed, as at an instance without authentication. A real instance has an address of its own; here a region's
    port stands for all its instances, so a config that several of them hold is refused rather than guessed.
    """
    instances = {instance.instance_id for instance in store.state.mse_instances if instance.region == region}
    wanted = (_namespace_id(params.get("tenant", "")), params.get("dataId", ""), params.get("group", ""))
    found = [
        config
        for config in store.state.nacos_configs
        if config.instance_id in instances and (config.namespace_id, config.data_id, config.group) == wanted
    ]
    if len(found) > 1:
        return 409, f"several instances hold it: {', '.join(config.instance_id for config in found)}"
    return (200, found[0].content) if found else (404, "config data not exist")


def _create(call: Call) -> Json:
    state, content = call.store.state, _content(call)
    instance_id, namespace_id, data_id, group = _key(call)
    if _found(call):
        return {"Success": False, "Message": "config already exists", "ErrorCode": "mse-200-105"}
    config = NacosConfig(
        config_id=state.next_nacos_config_id,
        instance_id=instance_id,
        namespace_id=namespace_id,
        data_id=data_id,
        group=group,
        content=content,
    )
    _describe(config, call)
    state.next_nacos_config_id += 1
    state.nacos_configs.append(config)
    return {}


def _get(call: Call) -> Json:
    """Answer without `Configuration` where there is none."""
    config = _found(call)
    if config is None:
        return {}
    shown = {
        "DataId": config.data_id,
        "Group": config.group,
        "Content": config.content,
        "Type": config.type,
        "AppName": config.app_name,
        "Tags": config.tags,
        "Desc": config.description,
        "BetaIps": "",
        "EncryptedDataKey": "",
        "Md5": hashlib.md5(config.content.encode(), usedforsecurity=False).hexdigest(),
    }
    return {"Configuration": shown}


def _update(call: Call) -> Json:
    config, content = _found(call), _content(call)
    if config is None:
        raise _absent("configuration")
    _describe(config, call)
    config.content = content
    return {}


def _delete(call: Call) -> Json:
    """Succeed also where there is none, as the Nacos server does; what MSE does then is not documented."""
    config = _found(call)
    if config:
        call.store.state.nacos_configs.remove(config)
    return {}


def _list(call: Call) -> Json:
    """List a namespace's configs. Filters are compared exactly: whether the service knows patterns is open."""
    place = _place(call)
    number, size = _positive(call, "PageNum"), _positive(call, "PageSize")
    found = [
        config
        for config in call.store.state.nacos_configs
        if (config.instance_id, config.namespace_id) == place
        and call.get("DataId") in ("", config.data_id)
        and call.get("Group") in ("", config.group)
        and call.get("AppName") in ("", config.app_name)
        and call.get("Tags") in ("", config.tags)
    ]
    shown = [
        {
            "Id": str(config.config_id),
            "DataId": config.data_id,
            "Group": config.group,
            "AppName": config.app_name,
            "ConfigTags": config.tags,
            "Description": config.description,
        }
        for config in found[(number - 1) * size : number * size]
    ]
    return {"Configurations": shown, "PageNumber": number, "PageSize": size, "TotalCount": len(found)}


def _place(call: Call) -> tuple[str, str]:
    """Return the ids of the instance and the namespace that the call names. Raises Refusal."""
    wanted, namespace_id = call.required("InstanceId"), _namespace_id(call.get("NamespaceId"))
    for instance in call.store.state.mse_instances:
        if (instance.instance_id, instance.region) == (wanted, call.region):
            if namespace_id and namespace_id not in instance.namespaces:
                raise _absent("namespace")
            return wanted, namespace_id
    raise _absent("instance")


def _namespace_id(given: str) -> str:
    return "" if given == "public" else given


def _key(call: Call) -> tuple[str, str, str, str]:
    """Return instance, namespace, data id and group of the config that the call names. Raises Refusal."""
    return (*_place(call), _name(call, "DataId", _MAX_DATA_ID), _name(call, "Group", _MAX_GROUP))


def _found(call: Call) -> NacosConfig | None:
    """Return the config that the call names, if it exists. Raises Refusal."""
    wanted = _key(call)
    for config in call.store.state.nacos_configs:
        if (config.instance_id, config.namespace_id, config.data_id, config.group) == wanted:
            return config
    return None


def _describe(config: NacosConfig, call: Call) -> None:
    """Take over all but the content; what is not given is emptied. Raises Refusal, and then nothing was changed."""
    type_, tags, description = call.get("Type") or "text", call.get("Tags"), call.get("Desc")
    if type_ not in _TYPES:
        raise _invalid("Type")
    if len(tags.split(",")) > _MAX_TAGS or any(len(tag) > _MAX_TAG for tag in tags.split(",")):
        raise _invalid("Tags")
    if len(description) > _MAX_DESCRIPTION:
        raise _invalid("Desc")
    if call.get("BetaIps"):
        # Refused rather than released to everybody: the emulator has no beta releases.
        raise _invalid("BetaIps")
    config.type, config.tags, config.description, config.app_name = type_, tags, description, call.get("AppName")


def _content(call: Call) -> str:
    content = call.required("Content")
    if not content.strip() or len(content.encode()) > _MAX_CONTENT:
        raise _invalid("Content")
    return content


def _name(call: Call, parameter: str, most: int) -> str:
    name = call.required(parameter)
    if not _NAME.fullmatch(name) or len(name) > most:
        raise _invalid(parameter)
    return name


def _positive(call: Call, parameter: str) -> int:
    text = call.required(parameter)
    if not (text.isdigit() and int(text) > 0):
        raise _invalid(parameter)
    return int(text)


def _invalid(parameter: str) -> Refusal:
    return Refusal(400, "InvalidParameter", f"Parameter error: {parameter}")


def _absent(what: str) -> Refusal:
    return Refusal(404, "mse-200-021", f"The {what} does not exist.")


def _operation(action: str, run: Callable[[Call], Json]) -> Operation:
    def enveloped(call: Call, request_id: str) -> Answer:
        body: Json = {"RequestId": request_id, "Success": True, "Message": "", "HttpCode": "200"}
        return Answer(status=200, body=body | run(call))

    return Operation(product="mse", version="2019-05-31", action=action, run=enveloped)


OPERATIONS = (
    _operation("CreateNacosConfig", _create),
    _operation("GetNacosConfig", _get),
    _operation("UpdateNacosConfig", _update),
    _operation("DeleteNacosConfig", _delete),
    _operation("ListNacosConfigs", _list),
)
