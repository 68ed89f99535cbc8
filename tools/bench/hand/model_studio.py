"""Workspace and API key as dynamic resources.

A module of its own: the SDK pickles the classes of `__main__` by value, which ends in a RecursionError near 200
resources, but those of a module by name. The plugin must be able to import it too, so it is on PYTHONPATH.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# The vendor's client ships no types.

from __future__ import annotations

import functools
import os
from typing import Any

import pulumi
from alibabacloud_modelstudio20260210 import models
from alibabacloud_modelstudio20260210.client import Client
from alibabacloud_tea_openapi.utils_models import Config
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider


@functools.cache
def client() -> Any:
    """Return the client; credentials and address are in the environment."""
    scheme, _, host = os.environ["MODEL_STUDIO_ENDPOINT"].partition("://")
    config = Config(
        access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        region_id="cn-beijing",
        protocol=scheme.upper(),
        endpoint=host,
    )
    return Client(config)


class WorkspaceProvider(ResourceProvider):
    """Makes, finds and deletes a workspace."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make the workspace and let it call every model."""
        request = models.CreateWorkspaceRequest(workspace_name=props["name"])
        made = client().create_workspace(request).body.workspace
        permissions = models.UpdateModelPermissionsRequest(workspace_id=made.workspace_id, access_all_entities="OPEN")
        client().update_model_permissions(permissions)
        return CreateResult(made.workspace_id, _workspace(props["name"], made))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Look for the workspace; there is no call that reads one."""
        request = models.ListWorkspacesRequest(workspace_id=id_, max_results=100)
        for found in client().list_workspaces(request).body.workspaces or []:
            if found.workspace_id == id_:
                return ReadResult(id_, _workspace(props["name"], found))
        return ReadResult("", {})

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Replace it when it gets another name."""
        return _replaced_by(olds, news, "name")

    def delete(self, id_: str, _props: dict[str, Any]) -> None:
        """Delete the workspace; a refusal comes as a success that says why not."""
        body = client().delete_workspace(id_, models.DeleteWorkspaceRequest()).body
        if not body.is_deleted:
            raise RuntimeError(f"workspace {id_} was not deleted: {body.fail_reasons}")


class KeyProvider(ResourceProvider):
    """Makes, reads and deletes an API key."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make the key; its value is told this once."""
        request = models.CreateApiKeyRequest(workspace_id=props["workspace_id"], description=props["description"])
        made = client().create_api_key(request).body.api_key
        return CreateResult(str(made.api_key_id), {**props, "value": made.api_key_value})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the key; its value is not told again."""
        found = client().get_api_key(id_).body.api_key
        if found is None:
            return ReadResult("", {})
        return ReadResult(id_, {**props, "workspace_id": found.workspace_id, "description": found.description})

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Replace it when its workspace or its description changes: so it is rotated."""
        return _replaced_by(olds, news, "workspace_id", "description")

    def delete(self, id_: str, _props: dict[str, Any]) -> None:
        """Delete the key."""
        client().delete_api_key(id_)


class Workspace(Resource):
    """A workspace that may call every model."""

    workspace_id: pulumi.Output[str]
    api_host: pulumi.Output[str]

    def __init__(self, resource_name: str, name: str) -> None:
        super().__init__(WorkspaceProvider(), resource_name, {"name": name, "workspace_id": None, "api_host": None})


class Key(Resource):
    """An API key of a workspace."""

    value: pulumi.Output[str]

    def __init__(self, resource_name: str, workspace_id: pulumi.Input[str], description: str) -> None:
        props = {"workspace_id": workspace_id, "description": description, "value": None}
        opts = pulumi.ResourceOptions(additional_secret_outputs=["value"])
        super().__init__(KeyProvider(), resource_name, props, opts)


def _workspace(name: str, found: Any) -> dict[str, Any]:
    return {"name": name, "workspace_id": found.workspace_id, "api_host": found.api_host}


def _replaced_by(olds: dict[str, Any], news: dict[str, Any], *names: str) -> DiffResult:
    changed = [name for name in names if olds.get(name) != news.get(name)]
    return DiffResult(changes=bool(changed), replaces=changed)
