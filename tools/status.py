"""`python -m tools.status [--stack NAME]`: what each place of each service holds, and what becomes of old keys.

It is told from the stack's resources as the last run left them, also one that failed half-way. It calls no service: run
`pulumi refresh` first, which takes changes made by someone else into the state. Exit code 1 when a place holds another
generation or revision than the service has, or a key is left that no place holds.
"""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING

from catalogue.held import UNKNOWN, behind, held
from components.sinks.config import ConfigSink
from components.sinks.table import SINKS
from provider.client.shapes import as_list, as_object, as_objects
from provider.resource import Urn
from provider.stores.written import place_of
from tools import delivered
from tools.engine import EngineUnavailableError
from tools.local.place import Place
from tools.local.stack import NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from provider.client.shapes import Json

_HOLDERS = dict(sink.holder for sink in SINKS if issubclass(sink, ConfigSink))
_ACCESS, _KEY, _COPY, _RETIREMENT = (
    f"modelstudio:index:{name}" for name in ("ServiceAccess", "ApiKey", "SecretVersion", "KeyRetirement")
)
_PLACE = re.compile(r"(?:oos|sae|nacos):.+")
_READ_LATE = ("oos", "sae", "nacos")
"""Their provider takes a failed update for done until it reads again: a plain `up` would take two runs."""


def main(argv: Sequence[str] | None = None, place: Place = Place()) -> int:  # noqa: B008 - it never changes
    """Print it. 0 when every place holds what its service has; 1 when not, or when it cannot be told."""
    parser = argparse.ArgumentParser(prog="python -m tools.status", description=__doc__)
    parser.add_argument("--stack", default=NAME, help=f"the stack; {NAME} when left out")
    options = parser.parse_args(argv)
    try:
        resources = delivered.resources_of(options.stack, place)
    except (delivered.DeliveredError, EngineUnavailableError) as problem:
        print(f"status: {problem}", file=sys.stderr)
        return 1
    mixed = False
    services = [_name(found) for found in resources if found.get("type") == _ACCESS]
    if not services:
        print(f"status: the stack {options.stack!r} has no services; is it up?", file=sys.stderr)
        return 1
    for name in services:
        lines, wrong = report(name, resources, options.stack)
        print("\n".join(lines))
        mixed = mixed or wrong
    return 1 if mixed else 0


def report(name: str, resources: Sequence[Json], stack: str = NAME) -> tuple[list[str], bool]:
    """Return the lines about one service, and whether a place holds something else than it has."""
    key = _resource(_KEY, f"{name}-key", resources)
    known = as_object(key.get("outputs"))
    left = [
        f"  key {entry.get('keyId')} (generation {_whole(entry.get('generation'))}) was minted, delivered nowhere and "
        f"could not be deleted yet; {_advice(stack)}"
        for entry in as_objects(as_object(known.get("ledger")).get("unfinished"))
    ]
    if not known.get("generation"):
        return [f"{name}: delivered nowhere, it has no key yet; {_advice(stack)}", *left], True
    wanted = f"g{_whole(known.get('generation'))}r{_whole(known.get('revision'))}"
    now = _now(name, key, resources)
    wrong = behind(now, wanted)
    if wrong:
        others = f", the others {wanted}" if len(wrong) < len(now) else f", the service has {wanted}"
        late = any(text.partition(":")[0] in _READ_LATE for text in wrong)
        lines = [f"{name}: {', '.join(wrong)}{others}; {_advice(stack, refresh=late)}"]
    elif now:
        lines = [f"{name}: {wanted} in {', '.join(sorted(now))}"]
    else:
        lines = [f"{name}: {wanted}, delivered nowhere"]
    return lines + left + list(_old_keys(f"{name}-retirement", resources)), bool(wrong or left)


def _advice(stack: str, *, refresh: bool = False) -> str:
    if stack == NAME:
        return "`make up` again puts it right"
    return f"`pulumi up {'--refresh ' if refresh else ''}--stack {stack}` puts it right"


def _now(service: str, key: Json, resources: Sequence[Json]) -> dict[str, str]:
    """Return what each place of a service holds by the state, "" where nothing is there."""
    inputs = as_object(key.get("inputs"))
    now = dict.fromkeys(as_object(_outputs(_RETIREMENT, f"{service}-retirement", resources).get("held")), "")
    vault = as_object(inputs.get("vault"))
    if vault:
        now[str(place_of(vault))] = str(as_object(key.get("outputs")).get("held") or "")
    for found in resources:
        place = _name(found).partition("/")[2]
        if found.get("type") == _COPY and place in as_list(inputs.get("alsoAt")) and not found.get("delete"):
            now[place] = str(as_object(found.get("outputs")).get("held") or "")
        place = _name(found).removeprefix(f"{service}-")
        output = _HOLDERS.get(str(found.get("type")))
        if output is not None and place != _name(found) and _PLACE.fullmatch(place) and not found.get("delete"):
            value = as_object(found.get("outputs")).get(output)
            now[place] = held(value) if isinstance(value, str) else UNKNOWN
    return now


def _resource(kind: str, name: str, resources: Sequence[Json]) -> Json:
    """Return a resource of the state; nothing where it is not there."""
    found = (r for r in resources if r.get("type") == kind and _name(r) == name and not r.get("delete"))
    return as_object(next(found, None))


def _outputs(kind: str, name: str, resources: Sequence[Json]) -> Json:
    return as_object(_resource(kind, name, resources).get("outputs"))


def _whole(number: object) -> str:
    """Return a number as a record has it: in a state, it may be 7 or 7.0."""
    return str(int(number)) if isinstance(number, int | float) else "?"


def _old_keys(resource: str, resources: Sequence[Json]) -> Iterable[str]:
    for found in resources:
        if found.get("type") == _RETIREMENT and _name(found) == resource:
            yield from map(_phase, as_objects(as_object(found.get("outputs")).get("keys")))


def _phase(key: Mapping[str, object]) -> str:
    until = f" until {key['until']}" if key.get("until") else ""
    return f"  key {key.get('keyId')} (generation {key.get('generation')}): {key.get('phase')}{until}"


def _name(resource: Json) -> str:
    return Urn.parse(str(resource.get("urn"))).name


if __name__ == "__main__":
    sys.exit(main())
