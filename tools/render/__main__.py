"""Print the settings with which a reader uses what a stack delivered to a service.

Nothing is written to a file. Without --show-key a reference stands where the key would.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from catalogue.rows import ROWS
from catalogue.rules import RULES, Refused
from tools import delivered
from tools.local.place import Place
from tools.local.stack import NAME
from tools.render.format import MODEL, Asked, RenderError
from tools.render.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None, place: Place = Place()) -> int:  # noqa: B008 - it never changes
    """Print them. 0 if it did; 1, with one line that says why, if not."""
    parser = argparse.ArgumentParser(prog="python -m tools.render", description=__doc__)
    parser.add_argument("service", help="a service of the stack")
    parser.add_argument("--for", dest="reader", required=True, choices=FORMATS, help="who reads the settings")
    parser.add_argument("--stack", default=NAME, help=f"the stack; {NAME} when left out")
    parser.add_argument("--model", default=MODEL, help=f"the model that a tool calls at first; {MODEL} when left out")
    parser.add_argument("--show-key", action="store_true", help="read the key from the secret store, and print it too")
    options = parser.parse_args(argv)
    try:
        outputs = delivered.outputs_of(options.stack, place)
        service = delivered.service_of(outputs, options.service)
        text = _text(options, service, place)
    except (delivered.DeliveredError, RenderError, Refused) as problem:
        print(f"render: {problem}", file=sys.stderr)
        return 1
    sys.stdout.write(text)
    print(f"render: for {FORMATS[options.reader].goes_to}{_about_key(options)}", file=sys.stderr)
    if any(row.domain == service.domain and row.billing_plan != "pay_as_you_go" for row in ROWS):
        print(f"render: {RULES['plan-key-tools'].reason}", file=sys.stderr)
    return 0


def _text(options: argparse.Namespace, service: delivered.Service, place: Place) -> str:
    chosen = FORMATS[options.reader]
    # Once without the key: it is not read for settings that cannot be written.
    text = chosen.render(Asked(service=service, model=options.model))
    if not options.show_key:
        return text
    if not chosen.holds_key:
        raise RenderError(f"{options.reader} never holds a key: leave --show-key out")
    delivered.use_credentials_of(options.stack)
    record = delivered.record_of(service, delivered.endpoints_of(options.stack, place))
    key = delivered.key_of(service, record)
    # An earlier version's outputs do not tell the prefix.
    service = replace(service, prefix=delivered.prefix_of(record))
    return chosen.render(Asked(service=service, key=key, model=options.model))


def _about_key(options: argparse.Namespace) -> str:
    if options.show_key:
        return "; it holds the key"
    return "; without the key, which --show-key adds" if FORMATS[options.reader].holds_key else ""


if __name__ == "__main__":
    sys.exit(main())
