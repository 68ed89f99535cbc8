"""What the examples with resources of their own have in common: an owner, a workspace, and where it all is.

`pulumi config set account 1234567890123456`, then `pulumi up`. `endpoint` and `inference` point it at a double.
"""

from collections.abc import Sequence

import pulumi
import pulumi_alicloud as alicloud

from catalogue.rows import Protocol
from components.regional_workspace import RegionalWorkspace
from components.service_access import ServiceAccess
from components.sinks.sink import Sink
from provider.resources.owner import Owner
from provider.resources.provider import Provider


class Team:
    """One team's workspace in cn-beijing."""

    def __init__(self) -> None:
        config = pulumi.Config()
        account, endpoint = config.require("account"), config.get("endpoint") or ""
        products = ("modelstudio", "kms", "sts")
        modelstudio = Provider(
            "modelstudio",
            {"account_id": account, "endpoints": dict.fromkeys(products, endpoint) if endpoint else None},
        )
        self.beijing = alicloud.Provider(
            "beijing",
            region="cn-beijing",
            account_id=account,
            account_type="International",
            protocol="HTTP" if endpoint else None,
            endpoints=[{"kms": endpoint.removeprefix("http://")}] if endpoint else None,
        )
        self._opts = pulumi.ResourceOptions(provider=modelstudio)
        self._owner = Owner(
            "owner",
            {
                "organization": pulumi.get_organization(),
                "project": pulumi.get_project(),
                "stack": pulumi.get_stack(),
            },
            self._opts,
        )
        self._workspace = RegionalWorkspace(
            "chat",
            {
                "region": "cn-beijing",
                "owner": self._owner,
                "models": ["qwen-plus"],
                "protect": False,
                "inference_prefix": config.get("inference") or "",
            },
            self._opts,
        )

    def access(self, name: str, protocols: Sequence[Protocol], sinks: Sequence[Sink] = ()) -> ServiceAccess:
        """Return access for one service."""
        return ServiceAccess(
            name,
            {"owner": self._owner, "workspace": self._workspace, "protocols": protocols, "sinks": sinks},
            self._opts,
        )
