"""Access for one service without a stack file: the components in a program of your own.

`pulumi config set account 1234567890123456`, then `pulumi up`. `endpoint` and `inference` point it at a double.
"""

import sys
from pathlib import Path

# A program outside this repository would install it, or put it on its path.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import pulumi
import pulumi_alicloud as alicloud

from components.regional_workspace import RegionalWorkspace
from components.service_access import ServiceAccess
from components.sinks.kms import KmsSecret
from provider.resources.owner import Owner
from provider.resources.provider import Provider

config = pulumi.Config()
account, endpoint = config.require("account"), config.get("endpoint") or ""
host = endpoint.removeprefix("http://")

modelstudio = Provider(
    "modelstudio",
    {
        "account_id": account,
        "endpoints": dict.fromkeys(("modelstudio", "kms", "sts"), endpoint) if endpoint else None,
    },
)
beijing = alicloud.Provider(
    "beijing",
    region="cn-beijing",
    account_id=account,
    account_type="International",
    protocol="HTTP" if endpoint else None,
    endpoints=[{"kms": host}] if endpoint else None,
)
opts = pulumi.ResourceOptions(provider=modelstudio)

owner = Owner(
    "owner",
    {
        "organization": pulumi.get_organization(),
        "project": pulumi.get_project(),
        "stack": pulumi.get_stack(),
    },
    opts,
)
workspace = RegionalWorkspace(
    "chat",
    {
        "region": "cn-beijing",
        "owner": owner,
        "models": ["qwen-plus"],
        "protect": False,
        "inference_prefix": config.get("inference") or "",
    },
    opts,
)
access = ServiceAccess(
    "search",
    {
        "owner": owner,
        "workspace": workspace,
        "protocols": ["openai"],
        "sinks": [KmsSecret(region="cn-beijing", name="search/model-studio", force_delete=True, provider=beijing)],
    },
    opts,
)
pulumi.export("openai_base_url", access.urls["openai"])
pulumi.export("secret", access.secret_ref)
