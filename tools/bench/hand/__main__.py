"""The hand-written way: dynamic resources for workspace and key, plain alicloud resources for secret and config map.

No check, no recovery, no overlap: a rotation (`generation`) replaces every key and deletes the old one at once.
"""

import pulumi
import pulumi_alicloud as alicloud

from tools.bench.hand.model_studio import Key, Workspace

config = pulumi.Config()
services, per_workspace = config.require_int("services"), config.require_int("per_workspace")
namespace, generation = config.require("namespace"), config.require_int("generation")
endpoint = config.require("endpoint")

beijing = alicloud.Provider(
    "beijing",
    region="cn-beijing",
    account_id=config.require("account"),
    account_type="International",
    protocol="HTTP",
    endpoints=[alicloud.ProviderEndpointArgs(kms=endpoint, sae=endpoint)],
)
opts = pulumi.ResourceOptions(provider=beijing)

outputs: dict[str, pulumi.Output[dict[str, str]]] = {}
workspaces = [Workspace(f"w{n}", f"hand-w{n}") for n in range(-(-services // per_workspace))]
for n in range(services):
    name, workspace = f"s{n}", workspaces[n // per_workspace]
    key = Key(name, workspace.workspace_id, f"hand {name} generation {generation}")
    base_url = workspace.api_host.apply("https://{}/compatible-mode/v1".format)
    secret = alicloud.kms.Secret(
        name,
        secret_name=f"hand/{name}",
        version_id=f"v{generation}",
        secret_data=pulumi.Output.json_dumps({"OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": key.value}),
        force_delete_without_recovery=True,
        opts=opts,
    )
    # Compact and sorted, as the provider reads it back: else every `up` would find a difference.
    data = {"OPENAI_BASE_URL": base_url, "MODEL_STUDIO_SECRET": secret.secret_name}
    alicloud.sae.ConfigMap(
        name,
        name=f"hand_{name}",
        namespace_id=namespace,
        data=pulumi.Output.json_dumps(data, separators=(",", ":"), sort_keys=True),
        opts=opts,
    )
    outputs[name] = pulumi.Output.all(base_url=base_url, api_key_id=key.id, secret=secret.secret_name)

pulumi.export("services", outputs)
