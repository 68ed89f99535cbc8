"""`python -m tools.status [--stack NAME]`: what each place of each service holds, and what becomes of old keys.

It calls no service: run `pulumi refresh` first, which takes what another hand did into the state. Exit code 1 when a
place holds another generation or revision than the service has.
"""

from __future__ import annotations

import argparse
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
_RETIREMENT = "modelstudio:index:KeyRetirement"


def main(argv: Sequence[str] | None = None, place: Place = Place()) -> int:  # noqa: B008 - it never changes
    """Print it. 0 when every place holds what its service has; 1 when not, or when it cannot be told."""
    parser = argparse.ArgumentParser(prog="python -m tools.status", description=__doc__)
    parser.add_argument("--stack", default=NAME, help=f"the stack; {NAME} when left out")
    options = parser.parse_args(argv)
    try:
        outputs = delivered.outputs_of(options.stack, place)
        resources = delivered.resources_of(options.stack, place)
    except (delivered.DeliveredError, EngineUnavailableError) as problem:
        print(f"status: {problem}", file=sys.stderr)
        return 1
    mixed = False
    for name in as_object(outputs.get("services")):
        lines, wrong = report(name, outputs, resources)
        print("\n".join(lines))
        mixed = mixed or wrong
    return 1 if mixed else 0


def report(name: str, outputs: Json, resources: Sequence[Json]) -> tuple[list[str], bool]:
    """Return the lines about one service, and whether a place holds something else than it has."""
    service = as_object(as_object(outputs.get("services")).get(name))
    wanted = f"g{service.get('generation')}r{service.get('revision')}"
    now = {place: _now(child_name(name, place), resources) for place in as_object(service.get("delivered"))}
    wrong = behind(now, wanted)
    if wrong:
        others = f", the others {wanted}" if len(wrong) < len(now) else f", the service has {wanted}"
        lines = [f"{name}: {', '.join(wrong)}{others}; `pulumi up` puts it right"]
    elif now:
        lines = [f"{name}: {wanted} in {', '.join(sorted(now))}"]
    else:
        lines = [f"{name}: {wanted}, delivered nowhere"]
    return lines + list(_old_keys(f"{name}-retirement", resources)), bool(wrong)


def _now(resource: str, resources: Sequence[Json]) -> str:
    """Return what a place holds by the state, "" where it is gone."""
    for found in resources:
        output = _HOLDERS.get(str(found.get("type")))
        if output is not None and _name(found) == resource:
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
