"""What a stack delivers into but does not make: the emulator is started with it."""

from __future__ import annotations

from typing import Any

from catalogue.stores import PUBLIC
from provider.client.shapes import Json, as_object, as_objects
from tools.local.ports import WRITTEN


def emulator_options(stack_file: Any) -> list[str]:
    """Return the emulator's options for the SAE namespaces, MSE instances and Nacos namespaces in a stack file.

    What is missing or no text is left to the program, which refuses it and says where it stands.
    """
    settings = as_object(as_object(as_object(stack_file).get("config")).get("model-studio:settings"))
    workspaces = as_object(settings.get("workspaces"))
    found: set[str] = set()
    for service in map(as_object, as_object(settings.get("services")).values()):
        workspace = as_object(workspaces.get(str(service.get("workspace"))))
        home = _text(workspace, "region") or _text(service, "region")
        for entry in as_objects(service.get("config")):
            found |= _sae(as_object(entry.get("sae"))) | _nacos(as_object(entry.get("nacos")), home)
    return sorted(found)


def _sae(sink: Json) -> set[str]:
    namespace = _text(sink, "namespace")
    return {f"--sae-namespace={namespace}"} if namespace else set()


def _nacos(sink: Json, home: str) -> set[str]:
    region, instance = _text(sink, "region") or home, _text(sink, "instance_id")
    namespace = _text(sink, "namespace") or PUBLIC
    if region not in WRITTEN or not instance:
        return set()
    inside = {f"--nacos-namespace={instance}:{namespace}"} if namespace != PUBLIC else set[str]()
    return {f"--mse-instance={region}:{instance}"} | inside


def _text(node: Json, name: str) -> str:
    value = node.get(name)
    return value if isinstance(value, str) else ""
