"""What the emulator proves about `tools.live`: all that can be measured is, and each breakage is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalogue.assumptions import ASSUMPTIONS, MEASURED
from tests.tools.live.breakages import BREAKAGES
from tests.tools.live.called import call, state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.emulator_process import EmulatorProcess

_NEVER = {assumed.id for assumed in ASSUMPTIONS if not assumed.is_measured}


@dataclass(frozen=True, kw_only=True)
class Row:
    """What was said while one assumption was broken."""

    id: str
    broken: frozenset[str]
    """What was said not to hold."""
    unmeasured: frozenset[str]
    """What could not be measured besides what never can."""
    clean: bool
    """Whether everything at the emulator was as before."""
    code: int

    @property
    def told(self) -> bool:
        """Whether it was told, and nothing else was said not to hold."""
        return self.broken == frozenset({self.id}) and self.code == 1


def undisturbed(emulator: EmulatorProcess, directory: Path) -> tuple[set[str], set[str]]:
    """Return what holds and what does not, with the settings as they are."""
    done = call(emulator, directory, "--yes")
    return done.told("holds"), done.told("does not hold")


def broken(emulator: EmulatorProcess, directory: Path, name: str) -> Row:
    """Break one assumption, run, and put the settings back."""
    settings, before = emulator.admin("GET", "/settings"), state(emulator)
    changed: Mapping[str, Any] = BREAKAGES[name]
    emulator.settings(**changed)
    try:
        done = call(emulator, directory, "--yes")
    finally:
        emulator.settings(**settings)
    return Row(
        id=name,
        broken=frozenset(done.told("does not hold")),
        unmeasured=frozenset(done.told("could not be measured") - _NEVER),
        clean=state(emulator) == before,
        code=done.code,
    )


def rows(emulator: EmulatorProcess, directory: Path) -> Iterator[Row]:
    """Break each in turn."""
    for assumed in MEASURED:
        yield broken(emulator, directory, assumed.id)
