"""One stack: its providers, workspaces and services, from the settings to the outputs."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.account import Account, EndpointsArgs
from components.arguments import ExistingKeyArgs, RotationArgs
from components.regional_workspace import RegionalWorkspace, RegionalWorkspaceArgs
from components.service_access import ServiceAccess, ServiceAccessArgs
from components.sinks.sink import Sink
from stacks.delivery import sink_of
from stacks.keys import KeySettings, RotationSettings
from stacks.read import rotate_word, secret_value
from stacks.settings import ServiceSettings, Settings, WorkspaceSettings

Outputs = Mapping[str, Any]


class _Stack:
    """What the parts of one stack share while it is composed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        account = settings.account
        endpoints: EndpointsArgs = settings.endpoints.model_dump(exclude_none=True)  # type: ignore[assignment]  # its words
        self.account = Account(
            {
                "id": account.id,
                "type": account.type,
                "profile": account.profile,
                "role_arn": account.role_arn,
                "renamed_from": settings.renamed_from,
                "endpoints": endpoints,
            }
        )
        self.rotate = rotate_word()

    def workspace(self, given: WorkspaceSettings) -> RegionalWorkspaceArgs:
        """Return what one workspace is made or adopted by."""
        adopted = given.adopt is not None
        args: RegionalWorkspaceArgs = {
            "region": given.region,
            "account": self.account,
            "workspace_name": given.name,
            "service_site": given.service_site,
            "adopt": given.adopt,
            "allow_replacement": given.allow_replacement,
            "protect": (pulumi.get_stack() != "local" and not adopted) if given.protect is None else given.protect,
        }
        if given.models is not None or not adopted:
            args["models"] = None if given.models in (None, "all") else given.models
        return args

    def service(self, name: str, given: ServiceSettings, workspace: RegionalWorkspace | None) -> ServiceAccessArgs:
        """Return what one service's access is made by."""
        key = given.key
        args: ServiceAccessArgs = {
            "account": self.account,
            "workspace": workspace,
            "region": given.region,
            "domain": given.domain,
            "host": given.host,
            "base_urls": given.base_urls,
            "vpc_id": given.network.vpc_id if given.network else None,
            "protocols": given.protocols,
            "allowed_ips": key.allowed_ips,
            "rotation": self._rotation(given.rotation) if given.rotation else None,
            "verify": given.verify,
            "verify_model": given.verify_model,
            "isolation": given.isolation,
            "sinks": self._sinks(given),
        }
        if not given.probe_on_refresh:
            args["probe_on_refresh"] = False
        if key.is_existing:
            args["existing_key"] = self._existing(name, key)
        else:
            args["models"] = None if key.models == "all" else key.models
            args["open_to_world"] = key.open_to_world
        return args

    def _rotation(self, given: RotationSettings) -> RotationArgs:
        said: RotationArgs = given.model_dump(exclude_unset=True)  # type: ignore[assignment]  # the same words
        said["rotate"] = self.rotate
        return said

    @staticmethod
    def _existing(name: str, key: KeySettings) -> ExistingKeyArgs:
        """Return an existing key's source and what is said of it; a value never passes through the settings."""
        args: ExistingKeyArgs = {
            "billing_plan": key.billing_plan,
            "region": key.region,
            "workspace_id": key.workspace_id,
        }
        if key.from_config is not None:
            args["value"] = secret_value(key.from_config, f"services.{name}.key.from_config")
        if key.from_kms is not None:
            args["from_kms"] = {"name": key.from_kms.name, "region": key.from_kms.region, "field": key.from_kms.field}
        if key.from_oos is not None:
            args["from_oos"] = {"name": key.from_oos.name, "region": key.from_oos.region, "field": key.from_oos.field}
        return args

    def _sinks(self, given: ServiceSettings) -> list[Sink]:
        home = self.settings.home_of(given)
        return [sink_of(place.sink, home, self.settings.secret_deletion) for place in given.sinks]


def deploy(settings: Settings) -> Outputs:
    """Compose one stack and return its outputs; no secret is among them."""
    stack = _Stack(settings)
    workspaces: dict[str, RegionalWorkspace] = {}
    services: dict[str, ServiceAccess] = {}
    # In plain loops: a comprehension, or a function that makes them, is a frame more in the state of each resource.
    for name, workspace in settings.workspaces.items():
        workspaces[name] = RegionalWorkspace(name, stack.workspace(workspace))
    for name, service in settings.services.items():
        home = workspaces[service.workspace] if service.workspace else None
        services[name] = ServiceAccess(name, stack.service(name, service, home))
    return {
        "workspaces": {name: _workspace_outputs(workspace) for name, workspace in workspaces.items()},
        "services": {name: _service_outputs(access) for name, access in services.items()},
    }


def _workspace_outputs(workspace: RegionalWorkspace) -> Outputs:
    return {
        "region": workspace.region,
        "workspace_id": workspace.workspace_id,
        "api_host": workspace.api_host,
        "openai_base_url": workspace.openai_base_url,
        "anthropic_base_url": workspace.anthropic_base_url,
        "dashscope_base_url": workspace.dashscope_base_url,
    }


def _service_outputs(access: ServiceAccess) -> Outputs:
    return {
        "domain": access.target.domain,
        "region": access.target.region,
        "workspace_id": access.workspace_id,
        **{f"{protocol}_base_url": url for protocol, url in access.urls.items()},
        "api_key_id": access.key.key_id,
        "created_by": access.key.created_by,
        "generation": access.key.generation,
        "rotate_after": access.key.rotate_after,
        "superseded": access.superseded,
        "retire_after": access.retire_after,
        "revision": access.key.revision,
        "digest": access.key.digest,
        "outcome": access.key.outcome,
        "verified_at": access.key.verified_at,
        "secret": access.secret_ref,
        "prefix": access.prefix,
        "delivered": access.delivered,
    }
