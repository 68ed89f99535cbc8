"""Namespaces and config maps of the serverless app engine, API version 2019-05-06.

Parameters may travel in the query, a form or a JSON body: the alicloud provider puts even a config map's data into the
query, the vendor's SDK into the body. Ids are unique over all regions; a namespace id carries its region.
"""

import json
import re
import secrets
from collections.abc import Callable
from typing import Any, Literal

from emulator.hosts import REGIONS
from emulator.openapi import Answer, Call, Json, Operation, Refusal
from emulator.state import ConfigMap, Namespace

_VERSION = "2019-05-06"
_MAP_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SHORT_ID = re.compile(r"[a-z0-9]{1,20}")
_MAP_PATH = "/pop/v1/sam/configmap/configMap"
_NAMESPACE_PATH = "/pop/v1/paas/namespace"


def _create_map(call: Call) -> Json:
    state = call.store.state
    name, namespace = call.required("Name"), _namespace(call)
    if not _MAP_NAME.fullmatch(name):
        raise _invalid("Name")
    data = _data(call)
    if any(m.name == name and m.namespace_id == namespace.namespace_id for m in state.config_maps):
        raise Refusal(400, "Exist.ConfigMap", f"The ConfigMap {name} already exists.")
    now = call.store.now()
    made = ConfigMap(
        config_map_id=state.next_config_map_id,
        name=name,
        namespace_id=namespace.namespace_id,
        description=call.get("Description"),
        data=data,
        created=now,
        updated=now,
    )
    state.next_config_map_id += 1
    state.config_maps.append(made)
    return {"ConfigMapId": made.config_map_id}


def _describe_map(call: Call) -> Json:
    return _shown_map(call, _map(call))


def _update_map(call: Call) -> Json:
    found, data = _map(call), _data(call)
    found.data = data
    if call.get("Description"):
        found.description = call.get("Description")
    found.updated = call.store.now()
    return {"ConfigMapId": found.config_map_id}


def _delete_map(call: Call) -> Json:
    found = _map(call)
    call.store.state.config_maps.remove(found)
    return {"ConfigMapId": found.config_map_id}


def _list_maps(call: Call) -> Json:
    namespace = _namespace(call)
    maps = [m for m in call.store.state.config_maps if m.namespace_id == namespace.namespace_id]
    return {"ConfigMaps": [_shown_map(call, found) for found in maps]}


def _create_namespace(call: Call) -> Json:
    name, given, short = call.required("NamespaceName"), call.get("NamespaceId"), call.get("NameSpaceShortId")
    if not given and not short:
        raise _invalid("NamespaceId")
    namespace_id = given or f"{call.region}:{short}"
    region, _, short_id = namespace_id.partition(":")
    if region not in REGIONS or not _SHORT_ID.fullmatch(short_id) or len(name) > 64:
        raise _invalid("NamespaceId or NamespaceName")
    if any(n.namespace_id == namespace_id for n in call.store.state.namespaces):
        raise Refusal(400, "NamespaceId.AlreadyExists", f"The namespace {namespace_id} already exists.")
    made = Namespace(namespace_id=namespace_id, name=name, description=call.get("NamespaceDescription"))
    made.micro_registration = call.get("EnableMicroRegistration") != "false"
    call.store.state.namespaces.append(made)
    return _shown_namespace(made)


def _describe_namespace(call: Call) -> Json:
    return _shown_namespace(_namespace(call))


def _update_namespace(call: Call) -> Json:
    namespace = _namespace(call)
    namespace.name = call.required("NamespaceName")
    if call.get("NamespaceDescription"):
        namespace.description = call.get("NamespaceDescription")
    if call.get("EnableMicroRegistration"):
        namespace.micro_registration = call.get("EnableMicroRegistration") == "true"
    return _shown_namespace(namespace)


def _delete_namespace(call: Call) -> Json:
    namespace = _namespace(call)
    state = call.store.state
    used = any(m.namespace_id == namespace.namespace_id for m in state.config_maps)
    if used or namespace.namespace_id in REGIONS:
        # The documents name no code for a namespace in use; it being refused is what counts.
        raise Refusal(400, "InvalidParameter.WithMessage", "The namespace is the default one or is not empty.")
    state.namespaces.remove(namespace)
    return {}


def _namespace(call: Call) -> Namespace:
    wanted = call.required("NamespaceId")
    for namespace in call.store.state.namespaces:
        if namespace.namespace_id == wanted:
            return namespace
    raise Refusal(404, "InvalidNamespaceId.NotFound", "The specified NamespaceId does not exist.")


def _map(call: Call) -> ConfigMap:
    wanted = call.required("ConfigMapId")
    for found in call.store.state.config_maps:
        if str(found.config_map_id) == wanted:
            return found
    raise Refusal(400, "NotFound.ConfigMap", f"The ConfigMap {wanted} does not exist.")


def _data(call: Call) -> dict[str, str]:
    try:
        data: Any = json.loads(call.required("Data"))
        return {str(name): str(value) for name, value in data.items()}
    except (ValueError, AttributeError):
        raise _invalid("Data") from None


def _invalid(name: str) -> Refusal:
    return Refusal(400, "InvalidParameter.WithMessage", f"The specified parameter {name} is invalid.")


def _shown_map(call: Call, found: ConfigMap) -> Json:
    namespace = next(n for n in call.store.state.namespaces if n.namespace_id == found.namespace_id)
    return {
        "ConfigMapId": found.config_map_id,
        "Name": found.name,
        "NamespaceId": found.namespace_id,
        "NamespaceName": namespace.name,
        "Description": found.description,
        "Data": found.data,
        "CreateTime": int(found.created * 1000),
        "UpdateTime": int(found.updated * 1000),
        "RelateApps": [],
    }


def _shown_namespace(namespace: Namespace) -> Json:
    region, _, short_id = namespace.namespace_id.partition(":")
    return {
        "NamespaceId": namespace.namespace_id,
        "NameSpaceShortId": short_id,
        "NamespaceName": namespace.name,
        "NamespaceDescription": namespace.description,
        "RegionId": region,
        "TenantId": "emulator",
        "EnableMicroRegistration": namespace.micro_registration,
    }


def _operation(
    action: str, method: Literal["GET", "POST", "PUT", "DELETE"], path: str, run: Callable[[Call], Json]
) -> Operation:
    def enveloped(call: Call, request_id: str) -> Answer:
        body: Json = {"RequestId": request_id, "Code": "200", "Message": "success", "Success": True, "ErrorCode": ""}
        return Answer(status=200, body=body | {"TraceId": secrets.token_hex(16), "Data": run(call)})

    return Operation(product="sae", version=_VERSION, action=action, method=method, path=path, run=enveloped)


OPERATIONS = (
    _operation("CreateConfigMap", "POST", _MAP_PATH, _create_map),
    _operation("DescribeConfigMap", "GET", _MAP_PATH, _describe_map),
    _operation("UpdateConfigMap", "PUT", _MAP_PATH, _update_map),
    _operation("DeleteConfigMap", "DELETE", _MAP_PATH, _delete_map),
    _operation("ListNamespacedConfigMaps", "GET", "/pop/v1/sam/configmap/listNamespacedConfigMaps", _list_maps),
    _operation("CreateNamespace", "POST", _NAMESPACE_PATH, _create_namespace),
    _operation("DescribeNamespace", "GET", _NAMESPACE_PATH, _describe_namespace),
    _operation("UpdateNamespace", "PUT", _NAMESPACE_PATH, _update_namespace),
    _operation("DeleteNamespace", "DELETE", _NAMESPACE_PATH, _delete_namespace),
)
