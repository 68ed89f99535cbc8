"""A SAE application of your own: base URLs and the name of the secret in its environment, the key only in KMS.

With its own role it asks KMS for the secret that `MODEL_STUDIO_SECRET` names: `kms:<region>/<name>@<version>`. A new
key changes the environment, too (generation, version), so `pulumi up` deploys the application anew.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

# A program outside this repository would install it, or put it on its path.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import pulumi
import pulumi_alicloud as alicloud

from components.service_access import ServiceAccess
from components.sinks.kms import KmsSecret
from examples import shared

account = shared.account()
access = ServiceAccess(
    "search",
    {
        "account": account,
        "workspace": shared.workspace(account),
        "protocols": ["openai", "anthropic"],
        "sinks": [KmsSecret(region="cn-beijing", name="search/model-studio", force_delete=True)],
    },
)


def envs(config: Mapping[str, str]) -> str:
    """Spell the environment as SAE takes it."""
    return json.dumps([{"name": name, "value": value} for name, value in sorted(config.items())])


application = alicloud.sae.Application(
    "search",
    app_name="search",
    namespace_id="cn-beijing:prod",
    package_type="Image",
    image_url="registry.cn-beijing.aliyuncs.com/team/search:1",
    replicas=1,
    cpu=500,
    memory=1024,
    envs=access.config.apply(envs),
    opts=pulumi.ResourceOptions(provider=account.alicloud("cn-beijing")),
)
pulumi.export("secret", access.secret_ref)
