"""Which file the settings of the current stack were read from: the engine hands a program the values alone."""

import os
from collections.abc import Iterator
from pathlib import Path

from stacks.findings import KEY
from stacks.source import Source, SourceError, below, read, same

_IN_FILE = ("config", KEY)
_DEEP = 12
"""Processes between a program and its engine."""


def find(stack: str, settings: object) -> tuple[str, Source | None]:
    """Return the name of the file and what is written in it; None where no file holds these settings.

    A `--config-file` of the engine's command line wins over the stack's own file; either must hold what was read.
    """
    said = _from_command_line()
    own = Path("stacks", f"Pulumi.{stack}.yaml")
    for file in (said, own, Path(own.name)):
        source = _settings_in(file) if file else None
        if file and source is not None and same(source.value, settings):
            return named(file), source
    if said is not None:
        return named(said), None
    return (
        f"the configuration of stack {stack} (not {own}, which holds something else)" if own.exists() else str(own)
    ), None


def named(file: Path) -> str:
    """Return how a file is called, and which one to edit where it was made from another."""
    near = os.path.relpath(file)
    name = str(file) if near.startswith("..") else near
    return f"{name}, made from {Path('stacks', file.name)}" if file.parent.name == ".local" else name


def _settings_in(file: Path) -> Source | None:
    try:
        whole = read(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, SourceError):
        return None
    return below(whole, _IN_FILE)


def _from_command_line() -> Path | None:
    """Return the file of `pulumi --config-file FILE`, where the system lets a program see who started it (Linux)."""
    for process in _ancestors():
        try:
            words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            folder = (process / "cwd").readlink()
        except OSError:
            return None
        for word, following in zip(words, [*words[1:], ""], strict=True):
            name, equals, value = word.partition("=")
            if name in ("--config-file", "-config-file"):
                return folder / (value if equals else following)
    return None


def _ancestors() -> Iterator[Path]:
    pid = os.getppid()
    for _ in range(_DEEP):
        process = Path("/proc", str(pid))
        yield process
        try:
            pid = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            return
