"""Say what a base URL and a key are, whether they can work together and, with --live, whether they do.

The URL may be anything that holds one: the URL of a call, a line of an .env file, a whole curl command (quoted, or on
standard input with - as the URL). The output names that base URL and how the text differs.

The key comes from MODEL_STUDIO_KEY, from a prompt, from the paste, or from the variables of the URL's protocol:
OPENAI_API_KEY, ANTHROPIC_AUTH_TOKEN, ANTHROPIC_API_KEY, QWEN_API_KEY, DASHSCOPE_API_KEY. It is printed nowhere.

Exit code: 0 they can work (with --live: they do), 1 they cannot, 2 wrong usage, 3 it cannot be told.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from catalogue.pairs import KeyFacts
from catalogue.pasted import OUT_OF_PLACE
from catalogue.pasted import take as take_url
from catalogue.reading import read
from catalogue.rows import PLANS, REGIONS, shown
from catalogue.urls import may_carry_keys, unwrapped
from provider.client.redact import remember
from tools.arguments import Parser, UsageError
from tools.diagnose import pair
from tools.diagnose.key import NAMES, Held, is_among, take, terminal_prompt, unused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from catalogue.pasted import Pasted
    from catalogue.urls import Place
    from tools.diagnose.pair import Diagnosis, Verdict

EXIT_CODES: Mapping[Verdict, int] = {"can_work": 0, "cannot_work": 1, "cannot_be_told": 3}
USAGE = 2
_LONGEST = 1_000_000
"""Characters of standard input that are read."""
T = TypeVar("T", bound=str)
_IN_ARGUMENT = "an argument is or holds a key: set MODEL_STUDIO_KEY instead, and take this one out of use"


def main(argv: Sequence[str] | None = None, env: Mapping[str, str] = os.environ) -> int:
    """Print the diagnosis, and return the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    try:
        return _run(arguments, env)
    except UsageError as wrong:
        print(f"diagnose: {wrong}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("\ndiagnose: interrupted", file=sys.stderr)
        return 130


def _run(arguments: Sequence[str], env: Mapping[str, str]) -> int:
    options = _parser().parse_args(arguments)
    from_stdin = options.url == "-"
    pasted = take_url(_stdin() if from_stdin else options.url)
    if pasted.key_place == OUT_OF_PLACE and not from_stdin:
        raise UsageError(_IN_ARGUMENT)
    # What is left of the paste, and every other argument, must hold no key: parts of it are printed.
    rest = [argument for argument in arguments if argument != options.url] + [pasted.rest]
    _refuse_keys(rest, *(env.get(name, "").strip() for name in NAMES))
    said = KeyFacts(
        billing_plan=_one_of(options.plan, PLANS, "plan"),
        region=_one_of(options.region, REGIONS, "region"),
        workspace=options.workspace or None,
    )
    prefix = _prefix(options.prefix)
    reading = read(unwrapped(prefix, pasted.url))
    reading = replace(reading, differences=(*pasted.differences, *reading.differences))
    protocol = reading.place.row.protocol if reading.place else ""
    asks = None if from_stdin or reading.place is None else terminal_prompt(env, protocol, pasted)
    held = take(env, protocol, pasted, asks)
    _refuse_keys(rest, held.value)
    if options.call and not options.live:
        raise UsageError("--call goes with --live")
    if options.live and not held.value and reading.place is not None:
        raise UsageError("--live needs a key: set MODEL_STUDIO_KEY, or run this at a terminal")
    remember(pasted.key)
    remember(held.value)
    found = pair.by_what_is_written(reading, held.value, said)
    found = replace(found, warnings=(*_about_key(held, pasted, is_argument=not from_stdin), *found.warnings))
    if options.live:
        found = pair.by_asking(
            found, held.value, prefix=prefix, call=options.call, model=options.model, only_here=held.may_be_foreign
        )
    others = [] if held.value else unused(env, protocol)
    print(_json(found, held) if options.json else _text(found, held, others))
    return EXIT_CODES[found.verdict]


def _stdin() -> str:
    try:
        return sys.stdin.read(_LONGEST)
    except UnicodeDecodeError:
        raise UsageError("standard input holds no text") from None


def _refuse_keys(texts: Sequence[str], *keys: str) -> None:
    if is_among(texts, *keys):
        raise UsageError(_IN_ARGUMENT)


def _about_key(held: Held, pasted: Pasted, *, is_argument: bool) -> Iterator[str]:
    """Return what somebody should know of the key, whatever it opens."""
    if pasted.key and is_argument:
        yield "the pasted key was in an argument, which the shell's history keeps: take it out of use"
    elif pasted.key and pasted.key_place == "its query string":
        yield "the pasted key was in a query string, which servers log: take it out of use"
    if held.may_be_foreign:
        yield (
            f"the key of {held.source} has no form of this vendor's and may be another provider's: it is sent to this "
            "URL's host alone, never to further hosts"
        )


def _parser() -> Parser:
    parser = Parser(
        prog="python -m tools.diagnose",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("url", help="the base URL, or a text that holds it; - reads standard input")
    parser.add_argument("--plan", help=f"the key's billing plan, if you know it: {', '.join(PLANS)}")
    parser.add_argument("--region", help=f"the key's region, if you know it: {', '.join(REGIONS)}")
    parser.add_argument("--workspace", help="the key's workspace, if you know it: its id, or its api_host")
    parser.add_argument("--live", action="store_true", help="ask the service; spends no tokens")
    parser.add_argument("--call", action="store_true", help="with --live: make one real call, of about 12 tokens")
    parser.add_argument("--model", default="", help="the model to ask for; left out: a small one")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--prefix", default="", help="prefix of a double of the hosts, as http://127.0.0.1:PORT/_host")
    return parser


def _one_of(value: str | None, allowed: Sequence[T], what: str) -> T | None:
    found = next((word for word in allowed if word == value), None)
    if value is not None and found is None:
        raise UsageError(f"{what} {shown(value)} does not exist; allowed: {', '.join(allowed)}")
    return found


def _prefix(value: str) -> str:
    """Check a prefix: the key goes there, so it is this machine, or https."""
    try:
        right = may_carry_keys(urlsplit(value))
    except ValueError:
        right = False
    if value and not right:
        raise UsageError("--prefix must be an https URL, or http on this machine, as http://127.0.0.1:18080/_host")
    return value.rstrip("/")


def _text(found: Diagnosis, held: Held, others: Sequence[str]) -> str:
    verdict = found.verdict.replace("_", " ")
    if found.outcome == "verified":
        verdict = "works"
    lines = [
        *(_about_url(found.place) if found.place else []),
        *(f"pasted: {difference}" for difference in found.pasted),
        f"key: from {held.source}" if held.value else f"key: none{_elsewhere(others)}",
        *(f"warning: {warning}" for warning in found.warnings),
        f"{verdict}: {found.why}",
    ]
    return "\n".join(lines)


def _elsewhere(others: Sequence[str]) -> str:
    return f" ({', '.join(others)}: not used, since it is for another protocol)" if others else ""


def _about_url(place: Place) -> list[str]:
    row = place.row
    of = f" of the host {place.label}" if place.label else ""
    return [
        f"url: {place.url}",
        f"  {row.domain} domain{of} in {row.region}, {row.protocol} protocol, billed as {row.billing_plan}",
        f"  published {row.published.isoformat()}: {row.source}{f' ({row.note})' if row.note else ''}",
    ]


def _json(found: Diagnosis, held: Held) -> str:
    place = found.place
    url = place and {
        "base_url": place.url,
        "domain": place.row.domain,
        "region": place.row.region,
        "protocol": place.row.protocol,
        "billing_plan": place.row.billing_plan,
        "host_label": place.label,
        "source": place.row.source,
        "published": place.row.published.isoformat(),
        "note": place.row.note,
    }
    shape = {
        "verdict": found.verdict,
        "why": found.why,
        "warnings": found.warnings,
        "outcome": found.outcome,
        "key_accepted": found.facts.key_accepted,
        "host_proven": found.facts.host_proven,
        "model_answered": found.facts.model_answered,
        "causes": found.causes,
        "key_from": held.source if held.value else None,
        "url": url,
        "pasted": found.pasted,
    }
    return json.dumps(shape, indent=2)


if __name__ == "__main__":
    sys.exit(main())
