"""The processes that a host starts: programs, plugins, installers. None outlives the host."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

GRACE_SECONDS = 2.0
"""How long a process may take to end after SIGTERM. The engine gives its host 5 seconds in all."""


class Children:
    """Starts processes and ends every one that is left."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._closed = False

    @contextlib.contextmanager
    def started(
        self, command: Sequence[str], *, cwd: str, env: Mapping[str, str], piped: bool = False
    ) -> Generator[subprocess.Popen[bytes]]:
        """Start a process; it has ended, by itself or by us, when the block is left."""
        pipe = subprocess.PIPE if piped else None
        with self._lock:
            if self._closed:
                raise RuntimeError("the language host is ending and starts no more processes")
            # A session of its own: the engine stops a host by SIGINT to its process group, which would make a
            # Python program print the traceback of a KeyboardInterrupt. It is told by SIGTERM instead.
            child = subprocess.Popen(
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=pipe,
                stderr=pipe,
                start_new_session=True,
            )
            self._running.add(child)
        try:
            yield child
        finally:
            end([child])
            with self._lock:
                self._running.discard(child)

    def end_all(self) -> None:
        """End every process, and start no more."""
        with self._lock:
            self._closed = True
            left = list(self._running)
        end(left)


def end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask the processes and what they started to end, then make them."""
    left = [child for child in children if child.poll() is None]
    for child in left:
        _signal(child, signal.SIGTERM)
    for child in left:
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            _signal(child, signal.SIGKILL)
            child.wait()


def output(child: subprocess.Popen[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield what a piped process writes, as it comes: ("stdout" or "stderr", bytes)."""
    pieces: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()

    def pump(name: str, stream: IO[bytes]) -> None:
        with stream:
            for piece in iter(lambda: os.read(stream.fileno(), 65536), b""):
                pieces.put((name, piece))
        pieces.put((name, b""))

    streams = {"stdout": child.stdout, "stderr": child.stderr}
    opened = {name: stream for name, stream in streams.items() if stream is not None}
    for name, stream in opened.items():
        threading.Thread(target=pump, args=(name, stream), daemon=True).start()
    closed = 0
    while closed < len(opened):
        name, piece = pieces.get()
        if piece:
            yield name, piece
        else:
            closed += 1


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)
