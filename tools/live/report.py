"""What came of the measurements, one line for each assumption."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from catalogue.assumptions import ASSUMPTIONS
from provider.client.redact import redact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Outcome = Literal["holds", "does not hold", "could not be measured"]
_WIDTH = max(len(assumed.id) for assumed in ASSUMPTIONS)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of one assumption."""

    outcome: Outcome
    why: str
    """What was seen."""


class Unmeasured(Exception):
    """It cannot be measured here and now; the text says why."""


def held(seen: str) -> Result:
    """Return that it holds."""
    return Result(outcome="holds", why=seen)


def broken(seen: str) -> Result:
    """Return that it does not hold."""
    return Result(outcome="does not hold", why=seen)


def lines(results: Mapping[str, Result]) -> Sequence[str]:
    """Return the report, in the order of the table."""
    said = {
        a.id: results.get(a.id)
        or Result(outcome="could not be measured", why=a.unmeasured or "the run ended before it")
        for a in ASSUMPTIONS
    }
    return [redact(f"{r.outcome:<21}  {name:<{_WIDTH}}  {r.why}") for name, r in said.items()]


def summary(results: Mapping[str, Result]) -> str:
    """Return the counts."""
    count = Counter(result.outcome for result in results.values())
    measured = count["holds"] + count["does not hold"]
    return (
        f"{count['holds']} of {measured} that were measured hold; {len(ASSUMPTIONS) - measured} of {len(ASSUMPTIONS)} "
        "could not be measured"
    )


def holds(results: Mapping[str, Result]) -> bool:
    """Whether nothing that was measured is other than assumed."""
    return all(result.outcome != "does not hold" for result in results.values())
