"""A Function Compute function of your own: the whole record in its environment, where the `openai` client looks.

The environment is a secret in the state. In Function Compute itself, who may read the function's configuration reads
the key: where that is too many people, deliver to a secret sink and let the function read that (see ../application).
A new key is a change of the environment: `pulumi up` updates the function, and new instances have it.
"""

import base64
import io
import sys
import zipfile
from pathlib import Path

# A program outside this repository would install it, or put it on its path.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import pulumi
import pulumi_alicloud as alicloud

from components.service_access import ServiceAccess
from examples import shared

CODE = """
from openai import OpenAI  # from the function's layer

def handler(event, context):
    asked = [{"role": "user", "content": event.decode()}]
    return OpenAI().chat.completions.create(model="qwen-plus", messages=asked).choices[0].message.content
"""

packed = io.BytesIO()
with zipfile.ZipFile(packed, "w") as archive:
    archive.writestr(zipfile.ZipInfo("index.py"), CODE)

account = shared.account()
access = ServiceAccess(
    "search",
    {
        "account": account,
        "workspace": shared.workspace(account),
        "protocols": ["openai"],
        "keep_value": True,  # the key stands in the state, too
    },
)
function = alicloud.fc.V3Function(
    "search",
    function_name="search",
    runtime="python3.12",
    handler="index.handler",
    code={"zip_file": base64.b64encode(packed.getvalue()).decode()},
    environment_variables=access.env,
    opts=pulumi.ResourceOptions(provider=account.alicloud("cn-beijing")),
)
pulumi.export("openai_base_url", access.urls["openai"])
