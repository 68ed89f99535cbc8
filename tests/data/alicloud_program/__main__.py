"""Declares a resource for each type that its configuration has arguments of; those named in `private` as secrets."""

from typing import Any

import pulumi
import pulumi_alicloud as alicloud

TYPES: dict[str, Any] = {
    "secret": alicloud.kms.Secret,
    "config_map": alicloud.sae.ConfigMap,
    "nacos_config": alicloud.mse.NacosConfig,
    "parameter": alicloud.oos.Parameter,
    "secret_parameter": alicloud.oos.SecretParameter,
}

config = pulumi.Config()
endpoint = config.require("endpoint")
provider = alicloud.Provider(
    "loop",
    region="cn-beijing",
    account_id="1234567890123456",
    account_type="Domestic",
    protocol="HTTP",
    endpoints=[alicloud.ProviderEndpointArgs(kms=endpoint, mse=endpoint, oos=endpoint, sae=endpoint)],
)
ignored: list[str] = config.get_object("ignore_changes") or []
private: list[str] = config.get_object("private") or []
for name, type_ in TYPES.items():
    arguments: dict[str, Any] | None = config.get_object(name)
    if arguments is not None:
        given = {n: pulumi.Output.secret(v) if n in private else v for n, v in arguments.items()}
        type_(name, opts=pulumi.ResourceOptions(provider=provider, ignore_changes=ignored), **given)
