"""Which living process is the emulator of a state directory, by the command line it was started with."""

from __future__ import annotations

import subprocess
from pathlib import Path

_PROC = Path("/proc")


def emulator_on(state: Path) -> int | None:
    """Return the process id of the emulator that was started with `--state` and exactly this directory."""
    wanted = f"\0-m\0emulator\0--state\0{state}\0"
    if (_PROC / "self" / "cmdline").exists():
        return next((pid for pid, line in _by_proc() if wanted in line), None)
    # `ps` separates words by spaces, which may stand in a path: the option that follows it tells where it ends.
    spaced = wanted.replace("\0", " ") + "--port "
    return next((pid for pid, line in _by_ps() if spaced in line), None)


def _by_proc() -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for folder in _PROC.glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes()
        except OSError:  # ended meanwhile, or somebody else's
            continue
        found.append((int(folder.name), line.decode(errors="surrogateescape")))
    return found


def _by_ps() -> list[tuple[int, str]]:
    command = ["ps", "-axww", "-o", "pid=,args="]
    listed = subprocess.run(command, capture_output=True, text=True, errors="surrogateescape", check=False).stdout
    words = (line.strip().partition(" ") for line in listed.splitlines())
    return [(int(pid), f"{line} ") for pid, _, line in words if pid.isdigit()]
