"""Runs a program with a short call stack: the SDK records the whole one with each resource, in the state.

The frames of language host, event loop and SDK below a program are a third of a state, and the engine writes the whole
state twice for each resource that it makes (figures in docs/cost.md). In a thread of its own a program has only its own
frames. The event loop stands still meanwhile, as it does for any program, so nothing runs at the same time.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class _Program(threading.Thread, Generic[T]):
    """A program in a thread. Its class overrides `run`, which is a frame less than a thread with a target."""

    def __init__(self, program: Callable[[], T]) -> None:
        super().__init__(name="program")
        self._program = program
        self._loop, self._context = asyncio.get_event_loop(), contextvars.copy_context()
        self.done: list[T] = []
        self.failed: list[BaseException] = []

    def run(self) -> None:
        asyncio.set_event_loop(self._loop)  # where the SDK puts its tasks
        try:
            self.done.append(self._context.run(self._program))
        except BaseException as error:  # noqa: BLE001 - raised again by the caller, whatever it is
            self.failed.append(error)


def shallow(program: Callable[[], T]) -> T:
    """Return what `program` returns; what it raises is raised."""
    thread = _Program(program)
    thread.start()
    thread.join()
    if thread.failed:
        raise thread.failed[0]
    return thread.done[0]
