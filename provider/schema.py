"""The plugin's Pulumi schema, made from the same tables that check the inputs."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from provider.plugin import CONFIG_PROPERTIES, MADE_IN
from provider.resource import Handler, Property

_MADE_IN = Property(type="string", doc="Project and stack that made it; another stack may not change it.")


def schema(handlers: Iterable[Handler], version: str) -> dict[str, Any]:
    """Return the schema of the package `modelstudio`."""
    config = {name: {"type": "string"} for name in CONFIG_PROPERTIES}
    return {
        "name": "modelstudio",
        "version": version,
        "description": "Alibaba Cloud Model Studio: workspaces, scoped keys, checked pairs, secret versions",
        "provider": {"inputProperties": config, "requiredInputs": ["accountId"]},
        "resources": {h.type_name: _resource(h) for h in handlers},
    }


def schema_json(handlers: Iterable[Handler], version: str) -> str:
    """Return the schema as JSON."""
    return json.dumps(schema(handlers, version), sort_keys=True)


def _resource(handler: Handler) -> dict[str, Any]:
    shown = {name: prop for name, prop in handler.inputs.items() if prop.shown}
    properties = {**shown, **handler.outputs, MADE_IN: _MADE_IN}
    always = [n for n in properties if n not in handler.sometimes]
    return {
        "description": handler.doc,
        "inputProperties": _properties(handler.inputs),
        "requiredInputs": sorted(n for n, p in handler.inputs.items() if p.required),
        "properties": _properties(properties),
        "required": sorted(always),
    }


def _properties(properties: Mapping[str, Property]) -> dict[str, Any]:
    return {name: _property(prop) for name, prop in properties.items()}


def _property(prop: Property) -> dict[str, Any]:
    any_type = {"$ref": "pulumi.json#/Any"}
    extra: dict[str, Any] = {}
    if prop.type == "array":
        extra["items"] = any_type
    if prop.type == "object":
        extra["additionalProperties"] = any_type
    if prop.secret:
        extra["secret"] = True
    return {"type": prop.type, "description": prop.doc, **extra}
