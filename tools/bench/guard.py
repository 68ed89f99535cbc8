"""Ends what this process started, however it ends itself: a companion has the list and waits for a pipe to close."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Self

from tools.bench.processes import began, descendants

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

END_SECONDS = 5.0
"""How long to look for what is left."""
_POLL_SECONDS = 0.05


class Guard:
    """Processes told to `add` are ended when this process is gone, or at the end of the block; `folder` is removed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Self:
        self._companion = subprocess.Popen(
            [sys.executable, "-m", "tools.bench.guard", str(self._folder)],
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C at the terminal is for the benchmark alone
            text=True,
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._companion.communicate()

    @property
    def pid(self) -> int:
        """The companion, which is none of the processes to look at."""
        return self._companion.pid

    def add(self, pid: int, began_at: int) -> None:
        """Have a process ended; ids are used again, so that it is named by the time it began too."""
        pipe = self._companion.stdin
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.write(f"{pid} {began_at}\n")
                pipe.flush()


def main() -> None:
    """Read processes until the other end of the pipe is gone, then end those that are left and all below them."""
    told: dict[int, int] = {}
    for line in sys.stdin:
        pid, began_at = map(int, line.split())
        told[pid] = began_at
    deadline = time.monotonic() + END_SECONDS
    while left := {pid for pid, began_at in told.items() if began(pid) == began_at}:
        for pid in left | descendants(left):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > deadline:
            break
        time.sleep(_POLL_SECONDS)
    shutil.rmtree(sys.argv[1], ignore_errors=True)


if __name__ == "__main__":
    main()
