"""The other team's application: it is told where its secret is, reads it through the vendor's client, calls a model.

It needs `alibabacloud-kms20160120` and `openai`, and with its own role the right kms:GetSecretValue on that one secret.
URL and key come out of one record, so they always fit; it is read again for every process, so a new key is found.
"""

import json
import os

from alibabacloud_kms20160120.client import Client
from alibabacloud_kms20160120.models import GetSecretValueRequest
from alibabacloud_tea_openapi.utils_models import Config
from openai import OpenAI


def record() -> dict[str, str]:
    """Return the record that `MODEL_STUDIO_SECRET`, kms:<region>/<name>@<version>, names, as it is now."""
    place = os.environ["MODEL_STUDIO_SECRET"].partition("@")[0]
    region, _, name = place.removeprefix("kms:").partition("/")
    double = os.environ.get("KMS_DOUBLE")  # host:port of a double, for rehearsals
    client = Client(
        Config(
            access_key_id=os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"],
            access_key_secret=os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
            region_id=region,
            endpoint=double or f"kms.{region}.aliyuncs.com",
            protocol="HTTP" if double else "HTTPS",
        )
    )
    body = client.get_secret_value(GetSecretValueRequest(secret_name=name)).body
    held: dict[str, str] = json.loads(str(body.secret_data))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - untyped client
    return held


def main() -> None:
    """Ask the model and print its answer."""
    access = record()
    with OpenAI(base_url=access["OPENAI_BASE_URL"], api_key=access["OPENAI_API_KEY"]) as client:
        asked = client.chat.completions.create(
            model="qwen-plus", messages=[{"role": "user", "content": "Who are you?"}]
        )
    print(asked.choices[0].message.content)


if __name__ == "__main__":
    main()
