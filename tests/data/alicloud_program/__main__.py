"""Declares the resources that its configuration holds, each as JSON arguments, if any."""

from typing import Any

import pulumi
import pulumi_alicloud as alicloud

config = pulumi.Config()
endpoint = config.require("endpoint")
provider = alicloud.Provider(
    "loop",
    region="cn-beijing",
    account_id="1234567890123456",
    account_type="Domestic",
    protocol="HTTP",
    endpoints=[alicloud.ProviderEndpointArgs(kms=endpoint, oos=endpoint, sae=endpoint)],
)
ignored: list[str] = config.get_object("ignore_changes") or []
options = pulumi.ResourceOptions(provider=provider, ignore_changes=ignored)
secret: dict[str, Any] | None = config.get_object("secret")
config_map: dict[str, Any] | None = config.get_object("config_map")
if secret is not None:
    made = alicloud.kms.Secret("secret", opts=options, **secret)
    pulumi.export("arn", made.arn)
if config_map is not None:
    data = config_map.pop("data")
    private = pulumi.Output.secret(data) if config.get_bool("secret_data") else data
    alicloud.sae.ConfigMap("map", data=private, opts=pulumi.ResourceOptions(provider=provider), **config_map)
for name, kind in (("parameter", alicloud.oos.Parameter), ("secret_parameter", alicloud.oos.SecretParameter)):
    arguments: dict[str, Any] | None = config.get_object(name)
    if arguments is not None:
        kind(name, opts=options, **arguments)
