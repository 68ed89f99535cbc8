"""What tests of the components start from: one service with both kinds of sinks, one of a plan."""

from typing import Any

import pulumi

from components.account import Account
from components.regional_workspace import RegionalWorkspace
from components.service_access import ServiceAccess
from components.sinks.kms import KmsSecret
from components.sinks.oos import OosSecretParameter
from components.sinks.sae import SaeConfigMap
from components.sinks.sink import Sink

API_KEY, PLACE, VERSION, RETIREMENT, WORKSPACE = (
    f"modelstudio:index:{name}" for name in ("ApiKey", "SecretPlace", "SecretVersion", "KeyRetirement", "Workspace")
)
SAE = "alicloud:sae/configMap:ConfigMap"
ACCESS = "modelstudio:index:ServiceAccess"
ID = "1234567890123456"
KEY = "sk-ws-test.a1"
HOST = "https://llm-1.cn-beijing.maas.aliyuncs.com"
PREFIX = "http://127.0.0.1:1/_host"
TOOLS = KmsSecret(region="ap-southeast-1", name="tools", audience="tools")
VAULT = KmsSecret(region="cn-beijing", name="prod/gw")
COPY = OosSecretParameter(region="cn-hongkong", name="prod-gw")
SINKS: tuple[Sink, ...] = (VAULT, SaeConfigMap(namespace="cn-beijing:prod", name="gw"))


def account(**more: Any) -> Account:
    args: Any = {"id": ID, **more}
    return Account(args)


def doubled() -> Account:
    """Return an account whose URLs lead to a double."""
    return account(endpoints={"inference": PREFIX})


def workspace(own: Account | None = None, **more: Any) -> RegionalWorkspace:
    args: Any = {"region": "cn-beijing", "account": own or account(), **more}
    return RegionalWorkspace("chat", args)


def access(name: str = "gw", **more: Any) -> ServiceAccess:
    own = more.pop("account", None) or account()
    given: Any = {"workspace": workspace(own)} if "workspace" not in more else {}
    args: Any = {"account": own, **given, "protocols": ["openai", "anthropic"], "sinks": SINKS, **more}
    return ServiceAccess(name, args)


def plan(**more: Any) -> ServiceAccess:
    own = more.pop("account", None) or account()
    args: Any = {
        "account": own,
        "domain": "coding_plan",
        "region": "ap-southeast-1",
        "existing_key": {"value": pulumi.Output.secret(KEY)},
        "sinks": [TOOLS],
        **more,
    }
    return ServiceAccess("tools", args)
