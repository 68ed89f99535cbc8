"""A clock that counts the pauses instead of making them."""

from __future__ import annotations

from emulator.standin.clock import Clock


class VirtualClock(Clock):
    """Time passes only in pauses."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0

    def now(self) -> float:
        return self._now

    def pause(self, seconds: float) -> None:
        self.check()
        self._now += seconds
