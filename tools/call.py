"""`python -m tools.call SERVICE`: call a model with nothing but what the stack `local` delivered.

The record is read from KMS by the vendor's SDK, as an application would; URL and key go unchanged to
the `openai` client.
"""

from __future__ import annotations

import argparse
import sys

from tools import delivered
from tools.local.place import Place
from tools.local.stack import NAME


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


def _check(record: dict[str, str], service: str) -> None:
    """Raise DeliveredError for a record that this client cannot use."""
    missing = [name for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY") if name not in record]
    if missing:
        raise delivered.DeliveredError(
            f"the record of {service!r} has no {' and no '.join(missing)}, which this client needs: add openai to its "
            "protocols in the stack file"
        )


def main() -> int:
    """Print the answer."""
    parser = argparse.ArgumentParser(prog="python -m tools.call", description=__doc__)
    parser.add_argument("service", help="a service of stacks/Pulumi.local.yaml")
    parser.add_argument("--model", default="qwen-plus")
    parser.add_argument("--question", default="Who are you?")
    parser.add_argument("--stream", action="store_true")
    options = parser.parse_args()
    place = Place()
    delivered.use_credentials_of(NAME)
    try:
        service = delivered.service_of(delivered.outputs_of(NAME, place), options.service)
        record = delivered.plain(delivered.record_of(service, delivered.endpoints_of(NAME, place)))
        _check(record, options.service)
    except delivered.DeliveredError as problem:
        print(f"call: {problem}", file=sys.stderr)
        return 1
    print(f"{record['OPENAI_BASE_URL']} answers:")
    print(ask(record, options.model, options.question, stream=options.stream))
    return 0


if __name__ == "__main__":
    sys.exit(main())
