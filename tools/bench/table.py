"""The figures as plain text: one line for each number of services and phase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.bench.model import PARTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tools.bench.model import Cost, Part, Phase, Program, Report

NONE = "-"


def text(report: Report) -> str:
    """Return every table."""
    parts = [
        "Ours as a multiple of the hand-written program, and of the floor (lower is better)",
        *_aligned(costs(report)),
    ]
    if report.delayed:
        title = f"First up with every answer {report.latency * 1000:.0f} ms late"
        parts += ["", title, *_aligned(late(report))]
    return "\n".join(parts)


def costs(report: Report) -> list[list[str]]:
    """Return one row for each number of services and phase, with its heading."""
    heading = ["n", "phase", "wall /hand", "/floor", "CPU /hand", "/floor"]
    heading += ["engine /hand", "/floor", "program /hand", "/floor", "plugins /hand", "memory /hand"]
    heading += ["entries", "state kB", "calls"]
    rows = [heading]
    for n in report.sizes:
        for phase in report.phases(n):
            compared = _Compared(report, n, phase)
            rows.append(
                [
                    *(str(n), phase),
                    *compared.both(lambda cost: cost.seconds),
                    *compared.both(lambda cost: cost.cpu),
                    *compared.both(lambda cost: cost.cpu_of("engine")),
                    *compared.both(lambda cost: cost.cpu_of("program")),
                    compared.to("hand", lambda cost: cost.cpu_of("plugin") + cost.cpu_of("alicloud")),
                    compared.to("hand", lambda cost: cost.peak),
                    compared.absolute(lambda cost: cost.state.entries),
                    compared.absolute(lambda cost: cost.state.size / 1000),
                    compared.absolute(lambda cost: sum(cost.calls.values())),
                ]
            )
    return rows


def late(report: Report) -> list[list[str]]:
    """Return one row for each number of services and program: how the time compares with that of the longest chain."""
    rows = [["n", "program", "chain", "chain s", "up / chain", "added / chain"]]
    for n in report.sizes:
        for chain in report.chains:
            late_seconds = report.held_back(chain.program, n)
            plain = report.median(chain.program, n, "up", lambda cost: cost.seconds)
            critical = chain.longest * report.latency
            if late_seconds is None or plain is None:
                continue
            counts = f"{chain.longest} of {chain.calls}"
            ratios = [f"{late_seconds / critical:.1f}", f"{(late_seconds - plain) / critical:.1f}"]
            rows.append([str(n), chain.program, counts, f"{critical:.2f}", *ratios])
    return rows


def shares(report: Report) -> list[list[str]]:
    """Return one row for each number of services and phase: which part of ours used how much of the CPU time."""
    rows = [["n", "phase", *PARTS]]
    for n in report.sizes:
        for phase in report.phases(n):
            total = report.median("ours", n, phase, lambda cost: cost.cpu) or 1
            rows.append([str(n), phase, *(f"{_cpu(report, n, phase, part) / total:.0%}" for part in PARTS)])
    return rows


def _cpu(report: Report, n: int, phase: Phase, part: Part) -> float:
    return report.median("ours", n, phase, lambda cost: cost.cpu_of(part)) or 0.0


class _Compared:
    """One line's figures."""

    def __init__(self, report: Report, n: int, phase: Phase) -> None:
        self._report = report
        self._n = n
        self._phase: Phase = phase

    def to(self, other: Program, figure: Callable[[Cost], float]) -> str:
        """Ours as a multiple of another's."""
        ratio = self._report.ratio(other, self._n, self._phase, figure)
        return NONE if ratio is None else f"{ratio:.1f}"

    def both(self, figure: Callable[[Cost], float]) -> list[str]:
        """Ours as a multiple of the hand-written program's and of the floor's."""
        return [self.to("hand", figure), self.to("floor", figure)]

    def absolute(self, figure: Callable[[Cost], float]) -> str:
        """Ours and the hand-written program's as they are."""
        values = (self._report.median(program, self._n, self._phase, figure) for program in ("ours", "hand"))
        return " / ".join(NONE if value is None else f"{value:.0f}" for value in values)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    # Words to the left, figures to the right.
    return [
        "  ".join(
            cell.ljust(width) if i == 1 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
