"""Time as the stand-in sees it: pauses that a cancel ends at once, and that tests replace."""

import threading
import time


class Cancelled(Exception):
    """The engine asked to stop."""

    def __init__(self) -> None:
        super().__init__("cancelled")


class Clock:
    """Real time. Tests put a clock in its place that only counts."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()

    def now(self) -> float:
        """Return seconds from some fixed moment."""
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        """Wait. Raises Cancelled as soon as the engine cancels."""
        if self._cancelled.wait(seconds):
            raise Cancelled

    def cancel(self) -> None:
        """End the present pause and every later one."""
        self._cancelled.set()

    def check(self) -> None:
        """Raise Cancelled once the engine has cancelled."""
        if self._cancelled.is_set():
            raise Cancelled
