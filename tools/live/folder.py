"""Where journals are kept, and the lock that lets one run at a time work on this machine."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

_NAME = "model-studio-live"


class BusyError(Exception):
    """Another run works on this machine."""


def folder(env: Mapping[str, str]) -> Path:
    """Return the folder, for this user alone; it is made."""
    base = env.get("XDG_STATE_HOME") or env.get("LOCALAPPDATA")
    path = (Path(base) if base else Path.home() / ".local" / "state") / _NAME
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


@contextmanager
def alone(directory: Path) -> Generator[None]:
    """Hold the lock. Raises BusyError. The system lets go of it however this process ends."""
    held = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            _lock(held)
        except OSError:
            raise BusyError from None
        yield
    finally:
        os.close(held)


if sys.platform == "win32":

    def _lock(held: int) -> None:
        import msvcrt  # noqa: PLC0415 - only there

        msvcrt.locking(held, msvcrt.LK_NBLCK, 1)

else:

    def _lock(held: int) -> None:
        import fcntl  # noqa: PLC0415 - not on Windows

        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
