"""What the examples with resources of their own have in common: an account and a workspace.

`pulumi config set account 1234567890123456`, then `pulumi up`. `endpoint` and `inference` point it at a double.
"""

import pulumi

from components.account import Account, EndpointsArgs
from components.regional_workspace import RegionalWorkspace


def account() -> Account:
    """Return the account of the configuration."""
    config = pulumi.Config()
    endpoint = config.get("endpoint")
    endpoints: EndpointsArgs = {}
    if endpoint:
        endpoints = {"control_plane": endpoint, "kms": endpoint, "sts": endpoint, "inference": config.get("inference")}
    return Account({"id": config.require("account"), "endpoints": endpoints})


def workspace(of: Account) -> RegionalWorkspace:
    """Return a workspace in cn-beijing."""
    return RegionalWorkspace("chat", {"region": "cn-beijing", "account": of, "models": ["qwen-plus"], "protect": False})
