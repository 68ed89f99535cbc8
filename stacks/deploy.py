"""One stack: its providers, workspaces and services, from the settings to the outputs."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pulumi
import pulumi_alicloud as alicloud

from components.regional_workspace import RegionalWorkspace, RegionalWorkspaceArgs
from components.service_access import ServiceAccess, ServiceAccessArgs
from components.service_key import BroughtKeyFacts, RotationArgs
from components.sinks.sink import Sink
from provider.resources.owner import Owner
from provider.resources.provider import Provider
from stacks.delivery import sink_of
from stacks.keys import KeySettings, RotationSettings
from stacks.read import rotate_word, secret_value
from stacks.settings import ServiceSettings, Settings, WorkspaceSettings

Outputs = Mapping[str, Any]


class _Stack:
    """What the parts of one stack share while it is composed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        endpoints = settings.endpoints
        addresses = {"modelstudio": endpoints.control_plane, "kms": endpoints.kms, "sts": endpoints.sts}
        self.provider = Provider(
            "modelstudio",
            {
                "account_id": settings.account.id,
                "endpoints": {product: address for product, address in addresses.items() if address},
                "profile": settings.account.profile,
                "role_arn": settings.account.role_arn,
                "renamed_from": settings.renamed_from,
                "clock_offset": endpoints.clock_offset,
            },
        )
        self.rotate = rotate_word()
        self.opts = pulumi.ResourceOptions(provider=self.provider)
        self.owner = Owner(
            "owner",
            {
                "organization": pulumi.get_organization(),
                "project": pulumi.get_project(),
                "stack": pulumi.get_stack(),
                "renamed_from": settings.renamed_from,
            },
            self.opts,
        )
        self._alicloud: dict[str, alicloud.Provider] = {}

    def alicloud(self, region: str) -> alicloud.Provider:
        """Return the alicloud provider of a region: same account, same credentials, its addresses.

        `account_type` is always set: without it the plugin calls billing when it starts.
        """
        if region not in self._alicloud:
            account = self.settings.account
            endpoints = self.settings.endpoints
            stores = {"kms": endpoints.kms, "oos": endpoints.oos, "sae": endpoints.sae, "mse": endpoints.mse}
            parts = {product: urlsplit(_address(given, region)) for product, given in stores.items()}
            given = {product: address for product, address in parts.items() if address.netloc}
            role = alicloud.ProviderAssumeRoleArgs(role_arn=account.role_arn) if account.role_arn else None
            self._alicloud[region] = alicloud.Provider(
                f"alicloud-{region}",
                region=region,
                account_id=account.id,
                account_type=account.type,
                profile=account.profile,
                assume_role=role,
                protocol="HTTP" if any(p.scheme == "http" for p in given.values()) else None,
                endpoints=[alicloud.ProviderEndpointArgs(**{p: a.netloc for p, a in given.items()})] if given else None,
            )
        return self._alicloud[region]

    def workspace(self, name: str, given: WorkspaceSettings) -> RegionalWorkspace:
        """Make or adopt one workspace."""
        adopted = given.adopt is not None
        args: RegionalWorkspaceArgs = {
            "region": given.region,
            "owner": self.owner,
            "workspace_name": given.name,
            "service_site": given.service_site,
            "adopt": given.adopt,
            "allow_replacement": given.allow_replacement,
            "protect": (pulumi.get_stack() != "local" and not adopted) if given.protect is None else given.protect,
            "inference_prefix": self.settings.endpoints.inference or "",
        }
        if given.models is not None or not adopted:
            args["models"] = None if given.models in (None, "all") else given.models
        return RegionalWorkspace(name, args, self.opts)

    def service(self, name: str, given: ServiceSettings, workspace: RegionalWorkspace | None) -> ServiceAccess:
        """Make one service's access."""
        key = given.key
        args: ServiceAccessArgs = {
            "owner": self.owner,
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
            "inference_prefix": self.settings.endpoints.inference or "",
        }
        if key.is_brought:
            args["brought_key"] = self._brought(name, key)
        else:
            args["models"] = None if key.models == "all" else key.models
            args["open_to_world"] = key.open_to_world
        return ServiceAccess(name, args, self.opts)

    def _rotation(self, given: RotationSettings) -> RotationArgs:
        return {
            "max_age": given.max_age,
            "overlap": given.overlap,
            "soak": given.soak,
            "trigger": given.trigger,
            "rotate": self.rotate,
            "min_generation": given.min_generation,
            "serve_generation": given.serve_generation,
            "revoke_through": given.revoke_through,
            "retire": given.retire,
        }

    def _brought(self, name: str, key: KeySettings) -> BroughtKeyFacts:
        """Return a brought key's source and what is said of it; a value never passes through the settings."""
        facts: BroughtKeyFacts = {
            "billing_plan": key.billing_plan,
            "region": key.region,
            "workspace_id": key.workspace_id,
        }
        if key.from_config is not None:
            facts["value"] = secret_value(key.from_config, f"services.{name}.key.from_config")
        if key.from_kms is not None:
            facts["from_kms"] = {
                "name": key.from_kms.name,
                "region": key.from_kms.region,
                "field": key.from_kms.field,
            }
        return facts

    def _sinks(self, given: ServiceSettings) -> list[Sink]:
        home = self.settings.home_of(given)
        return [
            sink_of(place.sink, home, self.alicloud(place.sink.region_in(home)), self.settings.secret_deletion)
            for place in given.sinks
        ]


def _address(given: str | dict[str, str] | None, region: str) -> str:
    """Return the address in a region, "" for the vendor's own."""
    return given.get(region, "") if isinstance(given, dict) else given or ""


def deploy(settings: Settings) -> Outputs:
    """Compose one stack and return its outputs; no secret is among them."""
    stack = _Stack(settings)
    workspaces = {name: stack.workspace(name, given) for name, given in settings.workspaces.items()}
    services = {
        name: stack.service(name, given, workspaces[given.workspace] if given.workspace else None)
        for name, given in settings.services.items()
    }
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
        "api_key_id": access.api_key_id,
        "created_by": access.created_by,
        "generation": access.generation,
        "rotate_after": access.rotate_after,
        "superseded": access.superseded,
        "retire_after": access.retire_after,
        "revision": access.revision,
        "digest": access.digest,
        "outcome": access.outcome,
        "verified_at": access.verified_at,
        "secret": access.secret_ref,
        "prefix": access.prefix,
        "delivered": access.delivered,
    }
