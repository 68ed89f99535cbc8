"""What the published plugin's bridge does between engine and provider: check, difference, inputs of a state."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Literal

from emulator.standin.resource import Property, ResourceType
from emulator.standin.values import DEFAULTS, UNKNOWN, Values, go_json

Kind = Literal["ADD", "UPDATE", "DELETE"]

_SKIP_NOTE = (
    " \n[NOTE] set env variable TF_SKIP_RESOURCE_SCHEMA_VALIDATION to true can skip the error and get a warning"
)
_INTERNAL = (DEFAULTS, "__meta")
_SHORTEST_HIDDEN = 8


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How wanted inputs differ from a state."""

    details: Mapping[str, Kind]
    """By property, or `property.key` of a map."""
    replaces: AbstractSet[str] = field(default_factory=frozenset[str])
    stables: AbstractSet[str] = field(default_factory=frozenset[str])
    delete_first: bool = False

    @property
    def changed(self) -> frozenset[str]:
        """The properties themselves."""
        return frozenset(path.split(".", 1)[0] for path in self.details)


def check(
    kind: ResourceType, news: Values, olds: Values, *, logical_name: str, seed: bytes, proposed_name: str = ""
) -> tuple[Values, list[str]]:
    """Return the inputs with defaults filled in, and what is wrong with them."""
    inputs = {name: value for name, value in news.items() if name not in _INTERNAL}
    defaulted: list[str] = []
    for prop in kind.properties:
        if prop.name not in inputs and (value := _default(prop, olds, logical_name, seed, proposed_name)):
            inputs[prop.name] = value
            defaulted.append(prop.name)
    return {**inputs, DEFAULTS: sorted(defaulted)}, [*_wrong(kind, inputs)]


def with_defaults(kind: ResourceType, state: Values) -> Values:
    """Return a state as the provider sees it: properties it does not hold have their defaults."""
    return {p.name: p.default for p in kind.properties if p.default is not None} | state


def planned(kind: ResourceType, inputs: Values) -> Values:
    """Return the state that a create starts from."""
    wanted = with_defaults(kind, {name: value for name, value in inputs.items() if name not in _INTERNAL})
    hidden = {p.name for p in kind.properties if p.suppressed is not None and p.suppressed({}, wanted)}
    return {name: value for name, value in wanted.items() if name not in hidden}


def diff(kind: ResourceType, state: Values, inputs: Values, ignored: Iterable[str] = ()) -> Difference:
    """Return how the wanted inputs differ from the outputs of the state (not from its inputs)."""
    old = with_defaults(kind, state)
    new = with_defaults(kind, inputs)
    passed_over = {path.split(".", 1)[0].split("[", 1)[0] for path in ignored}
    details: dict[str, Kind] = {}
    replaces: set[str] = set()
    for prop in kind.properties:
        if not prop.is_input or prop.name in passed_over:
            continue
        found = _compare(prop, old, new)
        if found and prop.suppressed is not None and prop.suppressed(old, new):
            continue
        details |= found
        if found and prop.force_new:
            replaces.add(prop.name)
    if replaces:
        # Seen so: a flag that falls back to its zero default is not reported together with a replacement.
        for prop in kind.properties:
            if prop.default is False and prop.name not in inputs:
                details.pop(prop.name, None)
    forcing = {p.name for p in kind.properties if p.force_new}
    return Difference(
        details=details,
        replaces=frozenset(replaces),
        stables=frozenset(forcing - replaces),
        delete_first=bool(replaces) and _named_by_program(kind, inputs),
    )


def apply(kind: ResourceType, state: Values, inputs: Values, changed: AbstractSet[str]) -> Values:
    """Return the state as the provider plans it: the old one with the changed properties as wanted."""
    wanted = with_defaults(kind, {name: value for name, value in inputs.items() if name not in _INTERNAL})
    result = with_defaults(kind, state)
    for name in changed:
        if name in wanted:
            result[name] = wanted[name]
        else:
            result.pop(name, None)
    return result


def previewed(kind: ResourceType, state: Values) -> Values:
    """Return what a preview says of a resource to be made: what only the service knows is unknown."""
    later = {p.name: UNKNOWN for p in kind.properties if p.is_output_only_known_later}
    return {**later, **state, "id": UNKNOWN}


def refreshed_inputs(inputs: Values, outputs: Values) -> Values:
    """Return the inputs with the values that were read. None are added; a default that changed is one no more."""
    taken, unchanged = _taken_over(inputs, outputs)
    if defaults := [name for name in inputs.get(DEFAULTS, []) if name in unchanged]:
        taken[DEFAULTS] = defaults
    return taken


def imported_inputs(kind: ResourceType, outputs: Values) -> Values:
    """Return inputs for a resource that has none: all that is set and not a default."""
    inputs: Values = {}
    for prop in kind.properties:
        value = outputs.get(prop.name)
        if not prop.is_input or value is None:
            continue
        meaningless = value == prop.default if prop.default is not None else not value
        if prop.mode == "required" or not meaningless:
            inputs[prop.name] = {**value, DEFAULTS: []} if prop.kind == "map" else value
    return {**inputs, DEFAULTS: []}


def _default(prop: Property, olds: Values, logical_name: str, seed: bytes, proposed_name: str) -> Any:
    if prop.name in olds.get(DEFAULTS, []) and prop.name in olds:
        return olds[prop.name]
    if prop.auto_named:
        suffix = hashlib.sha256(seed + logical_name.encode()).hexdigest()[:7]
        return proposed_name or f"{logical_name}-{suffix}"
    return prop.default


def _wrong(kind: ResourceType, inputs: Values) -> Iterable[str]:
    for prop in kind.properties:
        value = inputs.get(prop.name)
        if value is None and prop.mode == "required":
            yield f"Missing required property '{prop.name}'"
        if value is None or value == UNKNOWN:
            continue
        if prop.allowed and value not in prop.allowed:
            choices = " ".join(prop.allowed)
            yield f"expected {snake_case(prop.name)} to be one of [{choices}], got {value}{_SKIP_NOTE}"
        if prop.wrong and (reason := prop.wrong(snake_case(prop.name), value)):
            yield reason


def masked(kind: ResourceType, text: str, *values: Values) -> str:
    """Return a message without the contents of the object: a service may repeat in its refusal what it was sent."""
    hidden: set[str] = set()
    for prop in kind.properties:
        if prop.sensitive or prop.unspoken:
            hidden |= {part for given in values for part in _parts(given.get(prop.name))}
    for part in sorted(hidden, key=len, reverse=True):
        for spelling in (go_json(part)[1:-1], json.dumps(part)[1:-1], part):
            text = text.replace(spelling, "[hidden]")
    return text


def _parts(value: Any) -> set[str]:
    """Return a text and, if it is a JSON object, the texts in it. Short ones could be any word of a message."""
    if not isinstance(value, str) or value == UNKNOWN:
        return set()
    try:
        content: Any = json.loads(value)
    except ValueError:
        content = None
    members: list[Any] = [*content.values()] if isinstance(content, dict) else []  # pyright: ignore[reportUnknownMemberType] - JSON
    return {part for part in (value, *members) if isinstance(part, str) and len(part) >= _SHORTEST_HIDDEN}


def snake_case(name: str) -> str:
    """Return the provider's own name of a property."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def _compare(prop: Property, old: Values, new: Values) -> dict[str, Kind]:
    before, after = old.get(prop.name), new.get(prop.name)
    if after is None and prop.is_output_only_known_later:
        return {}
    if prop.kind == "map" and after != UNKNOWN:
        return _compare_maps(prop.name, before or {}, after or {})
    if before == after or (not before and not after):
        return {}
    if prop.name not in old:
        return {prop.name: "ADD"}
    return {prop.name: "UPDATE" if prop.name in new else "DELETE"}


def _compare_maps(name: str, before: Values, after: Values) -> dict[str, Kind]:
    before = {key: value for key, value in before.items() if key != DEFAULTS}
    after = {key: value for key, value in after.items() if key != DEFAULTS}
    found: dict[str, Kind] = {f"{name}.{key}": "DELETE" for key in before.keys() - after.keys()}
    found |= {f"{name}.{key}": "ADD" for key in after.keys() - before.keys()}
    found |= {f"{name}.{key}": "UPDATE" for key in before.keys() & after.keys() if before[key] != after[key]}
    if len(before) != len(after):
        found[name] = "UPDATE"
    return found


def _named_by_program(kind: ResourceType, inputs: Values) -> bool:
    if DEFAULTS not in inputs:
        return False
    return any(p.auto_named and p.name in inputs and p.name not in inputs[DEFAULTS] for p in kind.properties)


def _taken_over(old: Values, read: Values) -> tuple[Values, set[str]]:
    """Return the old keys with the values read, and the keys whose value is what it was."""
    taken: Values = {}
    unchanged: set[str] = set()
    for name, value in old.items():
        if name == DEFAULTS or name not in read:
            continue
        found = read[name]
        if isinstance(value, dict) and isinstance(found, dict):
            taken[name], same = _taken_over(value, found)  # pyright: ignore[reportUnknownArgumentType] - JSON
            if len(same) == len(taken[name]):
                unchanged.add(name)
            continue
        taken[name] = found
        if found == value:
            unchanged.add(name)
    return taken, unchanged
