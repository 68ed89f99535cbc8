"""Rules of key rotation: room for one more key, what may be delivered again, when an old key may end."""

from collections.abc import Mapping, Sequence

from catalogue.held import behind
from catalogue.rules import Refused

MAX_KEYS = 20
"""Keys of one workspace (get-api-key page; older pages say otherwise). Whether disabled ones count is not said: they
are counted."""


DEFAULT_OVERLAP = 7 * 86400
"""Seconds for which a superseded key goes on working where nothing is said."""
DEFAULT_SOAK = 2 * 86400
"""Seconds for which it is disabled before it is deleted where nothing is said."""


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
