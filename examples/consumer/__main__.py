"""Another team's program: it takes URL and secret of a service from the platform team's stack.

`pulumi config set platform <organization>/model-studio/<stack>`, then `pulumi up`. What is exported here would go
into the environment of the team's own application; `service/` is that application.
"""

import sys
from pathlib import Path

# A program outside this repository would install it, or put it on its path.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import pulumi

from components.references import ServiceReference

config = pulumi.Config()
gateway = ServiceReference(pulumi.StackReference(config.require("platform")), config.get("service") or "gateway")
pulumi.export(
    "environment",
    {"OPENAI_BASE_URL": gateway.base_url("openai"), "MODEL_STUDIO_SECRET": gateway.secret_ref},
)
