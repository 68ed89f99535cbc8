"""What was measured. Seconds are kept for the record; only ratios of one run say anything."""

from __future__ import annotations

import statistics
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Program = Literal["ours", "hand", "floor"]
"""ours: this project. hand: the hand-written program. floor: as many resources that do nothing as ours has entries."""
PROGRAMS: tuple[Program, ...] = get_args(Program)

Phase = Literal["up", "again", "preview", "refresh", "rotate", "destroy"]
"""up: the first one. again: an `up` without a change. rotate: an `up` that replaces every key."""
PHASES: tuple[Phase, ...] = get_args(Phase)

Part = Literal["engine", "program", "plugin", "alicloud"]
"""program: language host and Python program. plugin: of workspaces and keys. alicloud: of secrets and config maps."""
PARTS: tuple[Part, ...] = get_args(Part)


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Spent(_Record):
    """What the processes of one part used."""

    cpu: float
    """Seconds, user and system."""
    peak: int
    """Bytes: the largest resident sets of the processes that lived at a time, added up."""


class Shape(_Record):
    """What lies in the state."""

    entries: int
    size: int
    """Bytes of the file."""
    fields: dict[str, int]
    """Bytes by field of the entries, largest first: `inputs`, `outputs`, `stackTrace`, ..."""
    frames: int
    """Frames of all recorded stack traces."""
    own_frames: int
    """Those of them in the program's own files, not in a package, in Python or in the language host."""


class Cost(_Record):
    """What one phase of one program cost."""

    program: Program
    n: int
    """Services."""
    phase: Phase
    round: int
    seconds: float
    spent: dict[Part, Spent]
    unseen: float
    """Seconds of CPU that the system counted for the engine and its children but no look at them saw."""
    double: float
    """Seconds of CPU of the double, which is none of the program's."""
    state: Shape
    calls: dict[str, int]
    """By product and operation, as in `kms:CreateSecret`."""

    @property
    def cpu(self) -> float:
        """All CPU seconds of engine, program and plugins."""
        return sum(spent.cpu for spent in self.spent.values()) + max(self.unseen, 0)

    @property
    def peak(self) -> int:
        """Bytes: the peaks of all parts, added up."""
        return sum(spent.peak for spent in self.spent.values())

    def cpu_of(self, part: Part) -> float:
        """CPU seconds of one part."""
        return self.spent[part].cpu if part in self.spent else 0.0


class Delayed(_Record):
    """A first `up` in which every answer of the double came late."""

    program: Program
    n: int
    round: int
    seconds: float


class Chain(_Record):
    """The calls of one service's first `up` that had to wait for one another."""

    program: Program
    calls: int
    longest: int
    """How many of them followed one another, each sent after the answer to the one before."""
    operations: list[str]
    """One such chain."""


class Surroundings(_Record):
    """On what it was measured."""

    made: str
    engine: str
    python: str
    cpus: int
    alicloud: str
    """Version of the published plugin, or `stand-in`."""
    per_workspace: int


class Report(_Record):
    """One run of the benchmark."""

    surroundings: Surroundings
    rounds: int
    latency: float = 0.0
    """Seconds that each answer of the double was held back in `delayed`."""
    costs: list[Cost]
    delayed: list[Delayed] = []
    chains: list[Chain] = []

    @cached_property
    def sizes(self) -> list[int]:
        """The numbers of services, smallest first."""
        return sorted({cost.n for cost in self.costs})

    def phases(self, n: int) -> list[Phase]:
        """Return what was measured at a size, in order."""
        measured: set[Phase] = {cost.phase for cost in self.costs if cost.n == n}
        return sorted(measured, key=PHASES.index)

    def rounds_of(self, program: Program, n: int, phase: Phase) -> list[Cost]:
        """Return each round of one measurement; none where the program does not have the phase."""
        return [c for c in self.costs if (c.program, c.n, c.phase) == (program, n, phase)]

    def median(self, program: Program, n: int, phase: Phase, figure: Callable[[Cost], float]) -> float | None:
        """Return the median over the rounds."""
        return _median(map(figure, self.rounds_of(program, n, phase)))

    def ratio(self, to: Program, n: int, phase: Phase, figure: Callable[[Cost], float]) -> float | None:
        """Return ours as a multiple of another program's; None where one of the two has no such phase."""
        ours, other = (self.median(program, n, phase, figure) for program in ("ours", to))
        return ours / other if ours is not None and other else None

    def held_back(self, program: Program, n: int) -> float | None:
        """Return the median seconds of a first `up` with late answers."""
        return _median(d.seconds for d in self.delayed if (d.program, d.n) == (program, n))


def _median(values: Iterable[float]) -> float | None:
    listed = list(values)
    return statistics.median(listed) if listed else None
