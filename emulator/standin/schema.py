"""The package schema of the served types: what code generation after an import asks for."""

import json
from collections.abc import Iterable
from typing import Any

from emulator.standin.resource import Property, ResourceType

VERSION = "4.0.0"
"""Version of the published plugin that this one stands for."""


def schema_json(kinds: Iterable[ResourceType]) -> str:
    """Return the schema as JSON."""
    return json.dumps({"name": "alicloud", "version": VERSION, "resources": {k.token: _resource(k) for k in kinds}})


def _resource(kind: ResourceType) -> dict[str, Any]:
    inputs = [p for p in kind.properties if p.is_input]
    return {
        "properties": {p.name: _property(p) for p in kind.properties},
        "inputProperties": {p.name: _property(p) for p in inputs},
        "requiredInputs": [p.name for p in inputs if p.mode == "required" and not p.auto_named],
    }


def _property(prop: Property) -> dict[str, Any]:
    shapes: dict[str, dict[str, Any]] = {
        "map": {"type": "object", "additionalProperties": {"type": "string"}},
        "list": {"type": "array", "items": {"type": "string"}},
    }
    shape = dict(shapes.get(prop.kind, {"type": prop.kind}))
    if prop.sensitive:
        shape["secret"] = True
    if prop.force_new:
        shape["willReplaceOnChanges"] = True
    return shape
