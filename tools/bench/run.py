"""Runs the programs in turns and collects what each phase cost."""

from __future__ import annotations

import os
import platform
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tools.bench import calls, programs
from tools.bench.guard import Guard
from tools.bench.model import PROGRAMS, Chain, Cost, Delayed, Phase, Program, Report, Surroundings
from tools.bench.processes import Watch, cpu_of
from tools.bench.state import shape

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from tests.emulator_process import EmulatorProcess
    from tools.bench.programs import Subject
    from tools.engine import Engine

CHAIN_DELAY = 0.5
"""Seconds for which answers are held back to see which calls wait for one another: long against all else."""


@dataclass(frozen=True)
class Plan:
    """What is to be measured."""

    sizes: Sequence[int]
    phases: Sequence[Phase]
    """Those after the first `up`, which is always measured."""
    rounds: int = 1
    latency: float = 0.0
    """Seconds; where given, a first `up` with late answers is measured too."""
    programs: Sequence[Program] = PROGRAMS
    """`ours` is always one of them."""

    def order(self, number: int) -> Sequence[Program]:
        """Return whose turn it is in a round. Whoever comes second finds warmer caches, so that ours and hand swap."""
        turns: Sequence[Program] = PROGRAMS if number % 2 == 0 else ("hand", "ours", "floor")
        return [program for program in turns if program in self.programs]


@dataclass
class Bench:
    """One run. `say` is told what has just been measured."""

    engine: Engine
    plan: Plan
    say: Callable[[str], None]
    costs: list[Cost] = field(default_factory=list[Cost])
    delayed: list[Delayed] = field(default_factory=list[Delayed])
    chains: list[Chain] = field(default_factory=list[Chain])

    def run(self) -> Report:
        """Measure all of the plan. Raises BenchError."""
        scratch = Path(tempfile.mkdtemp(prefix="bench-"))
        with Guard(scratch) as guard:
            self._guard = guard
            for number in range(self.plan.rounds):
                for n in self.plan.sizes:
                    with self._place(scratch / f"{number}-{n}", n) as place:
                        self._phases(place, number)
                    if self.plan.latency:
                        with self._place(scratch / f"{number}-{n}-late", n) as place:
                            self._late(place, number)
            if self.plan.latency:
                with self._place(scratch / "chain", 1) as place:
                    self._chain(place)
        return Report(
            surroundings=surroundings(self.engine),
            rounds=self.plan.rounds,
            latency=self.plan.latency,
            costs=self.costs,
            delayed=self.delayed,
            chains=self.chains,
        )

    @contextmanager
    def _place(self, directory: Path, n: int) -> Generator[_Place]:
        with ExitStack() as stack:
            emulator = programs.start_double(directory / "double", n)
            stack.callback(emulator.stop)
            place = _Place(self.engine, emulator, directory, n)
            stack.callback(place.close)
            yield place

    def _phases(self, place: _Place, number: int) -> None:
        for phase in ("up", *self.plan.phases):
            for subject in map(place.subject, self.plan.order(number)):
                if subject.has(phase):
                    cost = self._measure(place, subject, phase, number)
                    self.costs.append(cost)
                    self.say(
                        f"n={place.n} {phase} {subject.program}: {cost.seconds:.1f} s, CPU {cost.cpu:.1f} s, "
                        f"{cost.state.entries} entries, {sum(cost.calls.values())} calls"
                    )

    def _measure(self, place: _Place, subject: Subject, phase: Phase, number: int) -> Cost:
        subject.prepare(phase)
        double = place.emulator.pid
        before, used = len(place.emulator.calls()), cpu_of(double)
        with Watch(but={double, self._guard.pid}, started=self._guard.add) as watch:
            subject.run(phase)
        return Cost(
            program=subject.program,
            n=place.n,
            phase=phase,
            round=number,
            seconds=watch.usage.seconds,
            spent=watch.usage.spent,
            unseen=watch.usage.unseen,
            double=cpu_of(double) - used,
            state=shape(subject.stack),
            calls=calls.counted(place.emulator.calls(before)),
        )

    def _late(self, place: _Place, number: int) -> None:
        calls.hold_back(place.emulator, self.plan.latency)
        for program in ("ours", "hand"):
            cost = self._measure(place, place.subject(program), "up", number)
            self.delayed.append(Delayed(program=program, n=place.n, round=number, seconds=cost.seconds))
            self.say(f"n={place.n} up with late answers {program}: {cost.seconds:.1f} s")

    def _chain(self, place: _Place) -> None:
        calls.hold_back(place.emulator, CHAIN_DELAY)
        for program in ("ours", "hand"):
            before = len(place.emulator.calls())
            self._measure(place, place.subject(program), "up", 0)
            made = place.emulator.calls(before)
            longest = calls.chain(made, CHAIN_DELAY)
            self.chains.append(Chain(program=program, calls=len(made), longest=len(longest), operations=longest))
            self.say(f"one service's up {program}: {len(made)} calls, {len(longest)} after one another")


@dataclass
class _Place:
    """One double and the stacks on it, for one number of services."""

    engine: Engine
    emulator: EmulatorProcess
    directory: Path
    n: int
    made: dict[Program, Subject] = field(default_factory=dict[Program, "Subject"])

    def subject(self, program: Program) -> Subject:
        """Return a program on its stack, made at its first use: the floor must know how many entries ours has."""
        if program not in self.made:
            folder = self.directory / program
            if program == "ours":
                self.made[program] = programs.ours(folder, self.engine, self.emulator, self.n)
            elif program == "hand":
                self.made[program] = programs.hand(folder, self.engine, self.emulator, self.n)
            else:
                entries = shape(self.made["ours"].stack).entries
                self.made[program] = programs.floor(folder, self.engine, entries)
        return self.made[program]

    def close(self) -> None:
        """End what still runs."""
        for subject in self.made.values():
            subject.stack.close()


def surroundings(engine: Engine) -> Surroundings:
    """Return on what is measured."""
    return Surroundings(
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        engine=f"{engine.version} ({engine.source})",
        python=platform.python_version(),
        cpus=len(os.sched_getaffinity(0)),
        alicloud="stand-in",
        per_workspace=programs.PER_WORKSPACE,
    )
