"""Rotation: what may be said of it, and its rules: room for another key, what may be served again, when a key ends."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, Self, get_args

from catalogue.held import behind
from catalogue.rules import Refused

MAX_KEYS = 20
"""Keys of one workspace (get-api-key page; older pages say otherwise). Whether disabled ones count is not said: they
are counted."""


DEFAULT_OVERLAP = 7 * 86400
"""Seconds for which a superseded key goes on working where nothing is said."""
DEFAULT_SOAK = 2 * 86400
"""Seconds for which it is disabled before it is deleted where nothing is said."""


Trigger = Literal["any_up", "scheduled"]
Retire = Literal["automatic", "manual"]
TRIGGERS: tuple[Trigger, ...] = get_args(Trigger)
RETIRE: tuple[Retire, ...] = get_args(Retire)


@dataclass(frozen=True, kw_only=True)
class RotationPolicy:
    """When a service's key is replaced, and how the old one ends. Times are seconds, generations count from 1.

    It is passed whole, from the stack file to the resources that act on it.
    """

    max_age: int | None = None
    """Age at which the next `up` mints the next generation; None: age rotates nothing."""
    overlap: int = DEFAULT_OVERLAP
    """How long a superseded key goes on working once every sink holds its successor."""
    soak: int = DEFAULT_SOAK
    """How long it is then disabled, and can be enabled again, before it is deleted."""
    trigger: Trigger = "any_up"
    """any_up: any `up` rotates a key that is due. scheduled: only a new value of `rotate` does."""
    rotate: str = ""
    """With `scheduled`: each new value rotates once."""
    min_generation: int | None = None
    """Mint until this generation is reached."""
    serve_generation: int | None = None
    """Deliver this older generation again, and pause age rotation and retirement."""
    revoke_through: int | None = None
    """Replace this and lower generations, and disable them in the same `up`, without overlap."""
    retire: Retire = "automatic"
    """manual: superseded keys go on working until that is changed."""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """Return what is said, by the names above; None and what is left out is the default."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in said.items() if name in known and value is not None})

    @classmethod
    def of_wire(cls, said: Mapping[str, Any]) -> Self:
        """Return what a resource's input says."""
        return cls.of({_snake(name): value for name, value in said.items()})

    def wire(self) -> dict[str, Any]:
        """Return it as a resource's input: only what is not the default, by camel-case names."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return {_camel(f.name): said[f.name] for f in fields(self) if said[f.name] != f.default}

    @property
    def of_minting(self) -> list[str]:
        """The words that are said and mean something for a minted key alone."""
        given = [n for n in ("max_age", "min_generation", "serve_generation") if getattr(self, n) is not None]
        return given + (["trigger"] if self.trigger == "scheduled" else [])


_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def _snake(name: str) -> str:
    return _WORD.sub("_", name).lower()


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def policy_failures(said: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with a resource's rotation input, by its word as a stack file writes it."""
    known = {field.name for field in fields(RotationPolicy)}
    wrong: dict[str, str] = {}
    for name, value in ((_snake(name), value) for name, value in said.items()):
        least = {"overlap": 0, "soak": 0}.get(name, 1)
        if name not in known:
            wrong[name] = f"unknown; it takes {', '.join(sorted(known))}"
        elif name in ("trigger", "retire"):
            allowed = TRIGGERS if name == "trigger" else RETIRE
            if value not in allowed:
                wrong[name] = f"{value!r} is not allowed; allowed: {', '.join(allowed)}"
        elif name == "rotate":
            if not isinstance(value, str):
                wrong[name] = "must be text"
        elif not isinstance(value, int) or isinstance(value, bool):
            wrong[name] = "must be a whole number"
        elif value < least:
            wrong[name] = f"is {value}; it must be at least {least}"
    return wrong


def check_periods(max_age: int | None, overlap: int, soak: int) -> None:
    """Refuse periods, in seconds, that would have a service's keys pile up. `max_age` None: no age ends a key."""
    if max_age is not None and overlap + soak >= max_age:
        raise Refused(
            "rotation-periods",
            f"overlap ({overlap} s) + soak ({soak} s) is not shorter than max_age ({max_age} s)",
            "shorten overlap or soak, or lengthen max_age",
        )


def check_room(workspace: str, keys: int, superseded: Sequence[str]) -> None:
    """Refuse one more key in a workspace that holds `keys`; `superseded`: ids of this service's old ones in it."""
    if keys < MAX_KEYS:
        return
    ours = f"of them superseded keys of this service: {', '.join(superseded)}" if superseded else "none superseded here"
    raise Refused(
        "key-limit",
        f"workspace {workspace} holds {keys} keys ({ours})",
        "let retirement end superseded keys (it may need another up), delete keys that nobody uses, or spread the "
        "services over more workspaces",
    )


def check_not_revoked(wanted: int | None, revoke_through: int | None) -> None:
    """Refuse to deliver a generation again that is to be revoked."""
    if wanted is not None and revoke_through is not None and wanted <= revoke_through:
        raise Refused(
            "serve-generation",
            f"serve_generation {wanted}, and revoke_through {revoke_through} revokes it",
            "choose a generation above revoke_through, or take serve_generation out",
        )


def check_serve(wanted: int, there: Sequence[int], revoke_through: int | None) -> None:
    """Refuse to deliver a generation again that is revoked or not among those `there`, the current one included."""
    check_not_revoked(wanted, revoke_through)
    if wanted not in there:
        have = ", ".join(map(str, sorted(there))) or "none"
        raise Refused(
            "serve-generation",
            f"serve_generation {wanted} cannot be delivered (possible: {have})",
            "choose one of those, or take serve_generation out",
        )


def check_delivered(generation: int, held: Mapping[str, str]) -> None:
    """Refuse retirement while a place holds another generation than the current one.

    `held`: what each place holds, such as g7r10, from the sink's own outputs.
    """
    wrong = behind(held, f"g{generation}")
    if wrong:
        raise Refused(
            "retire-undelivered",
            f"{', '.join(wrong)}, the current generation is {generation}",
            "run `pulumi up` without --target, and take out ignoreChanges on the sink, so that it is delivered there",
        )
