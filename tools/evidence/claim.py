"""One claim: what was measured, and the line that says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Step:
    """One thing done and what came of it. `holds`: whether it was as claimed."""

    name: str
    holds: bool
    measured: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Claim:
    """A claim with its steps. The line is made of figures that stand in `measured` and in the steps."""

    name: str
    line: str
    steps: list[Step]
    measured: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def holds(self) -> bool:
        """Whether every step was as claimed; never without one."""
        return bool(self.steps) and all(step.holds for step in self.steps)

    def as_json(self) -> dict[str, Any]:
        """Return it as it stands in the evidence."""
        steps = [{"name": s.name, "holds": s.holds, **s.measured} for s in self.steps]
        return {"claim": self.name, "line": self.line, "holds": self.holds, **self.measured, "steps": steps}
