"""`python -m tools.status [--stack NAME]`: what each place of each service holds, and what becomes of old keys.

It is told from the stack's resources as the last run left them, also one that failed half-way. It calls no service: run
`pulumi refresh` first, which takes changes made by someone else into the state. Exit code 1 when a place holds another
generation or revision than the service has.
"""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING

from catalogue.held import UNKNOWN, behind, held
from components.sinks.sink import child_name
from components.sinks.table import SINKS
from provider.client.shapes import as_object, as_objects
from provider.resource import Urn
from tools import delivered
from tools.engine import EngineUnavailableError
from tools.local.place import Place
from tools.local.stack import NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from provider.client.shapes import Json

_HOLDERS = dict(sink.holder for sink in SINKS)
_ACCESS, _CHECK, _KEY, _RETIREMENT = (
    f"modelstudio:index:{name}" for name in ("ServiceAccess", "PairCheck", "ApiKey", "KeyRetirement")
)
_PLACE = re.compile(r"(?:kms|oos-secret|oos|sae|nacos):.+")
_READ_LATE = ("oos", "oos-secret", "sae", "nacos")
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
    check = _outputs(_CHECK, f"{name}-check", resources)
    generation = as_object(check.get("facts")).get("MODEL_STUDIO_GENERATION")
    minted = _outputs(_KEY, f"{name}-key", resources).get("generation")
    if generation is None:
        had = f"generation {_whole(minted)} is made, but not checked" if minted is not None else "it has no key yet"
        return [f"{name}: delivered nowhere, {had}; {_advice(stack)}"], True
    wanted = f"g{generation}r{_whole(check.get('revision'))}"
    now = {place: _now(child_name(name, place), resources) for place in _places(name, resources)}
    wrong = behind(now, wanted)
    if wrong:
        others = f", the others {wanted}" if len(wrong) < len(now) else f", the service has {wanted}"
        late = any(text.partition(":")[0] in _READ_LATE for text in wrong)
        lines = [f"{name}: {', '.join(wrong)}{others}; {_advice(stack, refresh=late)}"]
    elif now:
        lines = [f"{name}: {wanted} in {', '.join(sorted(now))}"]
    else:
        lines = [f"{name}: {wanted}, delivered nowhere"]
    ahead = minted is not None and _whole(minted) != str(generation)
    if ahead:
        lines.append(f"  generation {_whole(minted)} is made, but not checked and delivered yet; {_advice(stack)}")
    return lines + list(_old_keys(f"{name}-retirement", resources)), bool(wrong) or ahead


def _advice(stack: str, *, refresh: bool = False) -> str:
    if stack == NAME:
        return "`make up` again puts it right"
    return f"`pulumi up {'--refresh ' if refresh else ''}--stack {stack}` puts it right"


def _places(service: str, resources: Sequence[Json]) -> set[str]:
    """Return the places of a service: those in the state, and those that it held when a run last ended well."""
    names = [_name(found) for found in resources if str(found.get("type")) in _HOLDERS]
    there = {name.removeprefix(f"{service}-") for name in names if name.startswith(f"{service}-")}
    held = as_object(_outputs(_RETIREMENT, f"{service}-retirement", resources).get("held"))
    return {place for place in there if _PLACE.fullmatch(place)} | set(held)


def _outputs(kind: str, name: str, resources: Sequence[Json]) -> Json:
    """Return what a resource holds by the state; nothing where it is not there."""
    found = (r for r in resources if r.get("type") == kind and _name(r) == name and not r.get("delete"))
    return as_object(as_object(next(found, None)).get("outputs"))


def _whole(number: object) -> str:
    """Return a number as a record has it: in a state, it may be 7 or 7.0."""
    return str(int(number)) if isinstance(number, int | float) else "?"


def _now(resource: str, resources: Sequence[Json]) -> str:
    """Return what a place holds by the state, "" where it is gone."""
    for found in resources:
        output = _HOLDERS.get(str(found.get("type")))
        if output is not None and _name(found) == resource and not found.get("delete"):
            value = as_object(found.get("outputs")).get(output)
            return held(value) if isinstance(value, str) else UNKNOWN
    return ""


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
