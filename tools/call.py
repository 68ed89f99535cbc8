"""`python -m tools.call SERVICE`: call a model with nothing but what the stack `local` delivered.

The record is read from KMS by the vendor's SDK, as an application would; URL and key go unchanged to
the `openai` client.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from typing import Any

from tools.local.place import Place

_SECRET = re.compile(r"kms:(?P<region>[^/]+)/(?P<name>.+)@(?P<version>[^@]+)")


class CallError(Exception):
    """The call cannot be made; the message says why."""


def record_of(place: Place, service: str) -> dict[str, str]:
    """Read the record of a service from the emulator's KMS, at the place that the stack's outputs name."""
    try:
        outputs: dict[str, Any] = json.loads(place.outputs.read_text())
        ports: dict[str, int] = json.loads(place.ports.read_text())
    except OSError:
        raise CallError("the stack `local` is not up; run `make up` first") from None
    services: dict[str, dict[str, Any]] = outputs["services"]
    if service not in services:
        raise CallError(f"no service {service!r}; there are {', '.join(services)}")
    pointer = str(services[service]["secret"])
    found = _SECRET.fullmatch(pointer)
    if found is None:
        raise CallError(f"the record of {service!r} is not in KMS but in {pointer}")
    text = _secret_value(ports[found["region"]], found["region"], found["name"])
    record: dict[str, str] = json.loads(text)
    return record


def _secret_value(port: int, region: str, name: str) -> str:
    """Call the vendor's SDK, which has no types."""
    from alibabacloud_kms20160120.client import Client  # noqa: PLC0415 - slow to import
    from alibabacloud_kms20160120.models import GetSecretValueRequest  # noqa: PLC0415 - as above
    from alibabacloud_tea_openapi.utils_models import Config  # noqa: PLC0415 - as above

    settings: Any = Config(
        access_key_id="emulator-access-key",
        access_key_secret="emulator-access-key-secret",  # noqa: S106 - the emulator's, known to everyone
        region_id=region,
        endpoint=f"127.0.0.1:{port}",
        protocol="http",
    )
    client: Any = Client(settings)
    answer: Any = client.get_secret_value(GetSecretValueRequest(secret_name=name))
    return str(answer.body.secret_data)


def ask(record: dict[str, str], model: str, question: str, *, stream: bool) -> str:
    """Ask the model through the `openai` client and return its answer."""
    from openai import OpenAI  # noqa: PLC0415 - slow to import

    with OpenAI(base_url=record["OPENAI_BASE_URL"], api_key=record["OPENAI_API_KEY"], max_retries=0) as client:
        if stream:
            parts = client.chat.completions.create(
                model=model, messages=[{"role": "user", "content": question}], stream=True
            )
            return "".join(part.choices[0].delta.content or "" for part in parts if part.choices)
        answer = client.chat.completions.create(model=model, messages=[{"role": "user", "content": question}])
        return answer.choices[0].message.content or ""


def main() -> int:
    """Print the answer."""
    parser = argparse.ArgumentParser(prog="python -m tools.call", description=__doc__)
    parser.add_argument("service", help="a service of stacks/Pulumi.local.yaml")
    parser.add_argument("--model", default="qwen-plus")
    parser.add_argument("--question", default="Who are you?")
    parser.add_argument("--stream", action="store_true")
    options = parser.parse_args()
    # The vendor's SDK takes proxies from the environment, even for loopback.
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        os.environ.pop(name, None)
        os.environ.pop(name.upper(), None)
    try:
        record = record_of(Place(), options.service)
    except CallError as problem:
        print(f"call: {problem}", file=sys.stderr)
        return 1
    print(f"{record['OPENAI_BASE_URL']} answers:")
    print(ask(record, options.model, options.question, stream=options.stream))
    return 0


if __name__ == "__main__":
    sys.exit(main())
