"""Access for one service without a stack file: the components in a program of your own.

`pulumi config set account 1234567890123456`, then `pulumi up`. `endpoint` and `inference` point it at a double.
"""

import sys
from pathlib import Path

# A program outside this repository would install it, or put it on its path.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import pulumi

from components.account import Account, EndpointsArgs
from components.regional_workspace import RegionalWorkspace
from components.service_access import ServiceAccess
from components.sinks.kms import KmsSecret

config = pulumi.Config()
endpoint = config.get("endpoint")
double: EndpointsArgs = {}
if endpoint:
    double = {"control_plane": endpoint, "kms": endpoint, "sts": endpoint, "inference": config.get("inference")}

account = Account({"id": config.require("account"), "endpoints": double})
workspace = RegionalWorkspace(
    "chat", {"region": "cn-beijing", "account": account, "models": ["qwen-plus"], "protect": False}
)
access = ServiceAccess(
    "search",
    {
        "account": account,
        "workspace": workspace,
        "protocols": ["openai"],
        "sinks": [KmsSecret(region="cn-beijing", name="search/model-studio", force_delete=True)],
    },
)
pulumi.export("openai_base_url", access.urls["openai"])
pulumi.export("secret", access.secret_ref)
