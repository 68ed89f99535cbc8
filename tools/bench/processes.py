"""What the engine and everything below it use, seen from /proc while they run."""

from __future__ import annotations

import os
import resource
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tools.bench.model import PARTS, Part, Spent

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from types import TracebackType

LOOK_SECONDS = 0.05
"""Between two looks. What a process uses after the last one is `unseen`, but for what the system adds up itself."""
_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")

_BY_COMMAND: Mapping[str, Part] = {
    "emulator.standin": "alicloud",
    "pulumi-resource-alicloud": "alicloud",
    "pulumi-language-python": "program",  # the official host, and the program that either host runs
    "host_main.py": "program",
    "importlib.metadata": "program",  # the host lists the installed packages
    "pulumi.dynamic": "plugin",
    "pulumi-resource-": "plugin",
    "/provider": "plugin",
}
"""Which part a process is, by what its command line holds; the first that fits."""


@dataclass
class Seen:
    """One process."""

    part: Part = "engine"
    cpu: float = 0.0


@dataclass
class Usage:
    """What was used while somebody watched."""

    seconds: float = 0.0
    spent: dict[Part, Spent] = field(default_factory=dict[Part, Spent])
    unseen: float = 0.0


class Watch:
    """Looks at the descendants of this process in short intervals, as long as the block runs.

    `but` are left out with all below them; `started` is told each new process once, with the time it began.
    """

    def __init__(self, but: Collection[int], started: Callable[[int, int], None] = lambda _pid, _began: None) -> None:
        self._but = set(but)
        self._started = started
        self._seen: dict[tuple[int, int], Seen] = {}
        self._peaks: dict[Part, int] = {}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)
        self.usage = Usage()

    def __enter__(self) -> Self:
        self._reaped = _reaped()
        self._from = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        seconds = time.monotonic() - self._from
        self._end.set()
        self._thread.join()
        cpu: dict[Part, float] = {
            part: sum(seen.cpu for seen in self._seen.values() if seen.part == part) for part in PARTS
        }
        spent: dict[Part, Spent] = {
            part: Spent(cpu=cpu[part], peak=self._peaks[part]) for part in PARTS if part in self._peaks
        }
        self.usage = Usage(seconds, spent, unseen=_reaped() - self._reaped - sum(cpu.values()))

    def _look_on(self) -> None:
        while not self._end.wait(LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        stats = _stats()
        peaks = dict.fromkeys(PARTS, 0)
        for pid in _below({os.getpid()}, stats, self._but):
            stat = stats[pid]
            try:
                command = (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                status = (_PROC / str(pid) / "status").read_text()
            except OSError:  # ended meanwhile
                continue
            key = (pid, stat.began)
            if key not in self._seen:
                self._started(pid, stat.began)
            seen = self._seen.setdefault(key, Seen())
            # Again at each look: between its fork and its exec, a process has its parent's command line.
            seen.part = part_of(command) if command else seen.part
            seen.cpu = stat.cpu
            peaks[seen.part] += _peak(status)
        self._peaks |= {part: max(peak, self._peaks.get(part, 0)) for part, peak in peaks.items() if peak}


def part_of(command: str) -> Part:
    """Say which part a process is by its command line."""
    if Path(command.split(" ", 1)[0]).name == "pulumi":
        return "engine"
    for mark, part in _BY_COMMAND.items():
        if mark in command:
            return part
    return "engine"


def cpu_of(pid: int) -> float:
    """Return the CPU seconds of a living process."""
    stat = _stat(pid)
    return stat.cpu if stat else 0.0


@dataclass(frozen=True)
class Stat:
    """The parts of /proc/PID/stat that are needed."""

    parent: int
    began: int
    """In clock ticks since the machine was started: with the id, the name of a process."""
    cpu: float


def _stat(pid: int) -> Stat | None:
    try:
        # The name, in brackets, may hold anything; the fields are counted from behind it.
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:  # ended meanwhile
        return None
    return Stat(parent=int(fields[1]), began=int(fields[19]), cpu=(int(fields[11]) + int(fields[12])) / _TICKS)


def _stats() -> dict[int, Stat]:
    found = {int(name): _stat(int(name)) for name in os.listdir(_PROC) if name.isdigit()}  # noqa: PTH208 - many times a second
    return {pid: stat for pid, stat in found.items() if stat is not None}


def descendants(pids: Collection[int]) -> set[int]:
    """Return every process below these."""
    return _below(pids, _stats(), but=())


def _below(pids: Collection[int], stats: Mapping[int, Stat], but: Collection[int]) -> set[int]:
    found = set(pids)
    while grown := {pid for pid, stat in stats.items() if stat.parent in found and pid not in but} - found:
        found |= grown
    return found - set(pids)


def began(pid: int) -> int | None:
    """Return when a process began; None where there is none."""
    stat = _stat(pid)
    return stat.began if stat else None


def _peak(status: str) -> int:
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def _reaped() -> float:
    """CPU seconds of all children that have ended, with those that they waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
