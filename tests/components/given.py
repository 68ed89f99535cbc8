"""What tests of the components start from: one service with both kinds of sinks, one of a plan."""

from typing import Any

import pulumi

from components.regional_workspace import RegionalWorkspace
from components.service_access import ServiceAccess
from components.sinks.kms import KmsSecret
from components.sinks.sae import SaeConfigMap
from components.sinks.sink import Sink
from provider.resources.owner import Owner

KMS = "alicloud:kms/secret:Secret"
SAE = "alicloud:sae/configMap:ConfigMap"
CHECK = "modelstudio:index:PairCheck"
VERSION = "modelstudio:index:SecretVersion"
KEY = "sk-ws-test.a1"
HOST = "https://llm-1.cn-beijing.maas.aliyuncs.com"
TOOLS = KmsSecret(region="ap-southeast-1", name="tools", audience="tools")
SINKS: tuple[Sink, ...] = (
    KmsSecret(region="cn-beijing", name="prod/gw"),
    SaeConfigMap(namespace="cn-beijing:prod", name="gw"),
)


def owner() -> Owner:
    return Owner("owner", {"organization": "o", "project": "model-studio", "stack": "test"})


def workspace(own: Owner, **more: Any) -> RegionalWorkspace:
    args: Any = {"region": "cn-beijing", "owner": own, **more}
    return RegionalWorkspace("chat", args)


def access(**more: Any) -> ServiceAccess:
    own = owner()
    args: Any = {
        "owner": own,
        "workspace": workspace(own),
        "protocols": ["openai", "anthropic"],
        "sinks": SINKS,
        **more,
    }
    return ServiceAccess("gw", args)


def plan(**more: Any) -> ServiceAccess:
    args: Any = {
        "owner": owner(),
        "domain": "coding_plan",
        "region": "ap-southeast-1",
        "brought_key": {"value": pulumi.Output.secret(KEY)},
        "sinks": [TOOLS],
        **more,
    }
    return ServiceAccess("tools", args)
