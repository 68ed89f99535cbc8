"""One retry policy for all calls: exponential back-off with full jitter, the service's own wish first, a bound.

What is never repeated blindly: a create whose answer was lost. It may have run, and a second one would leave a
workspace or a live key that no state knows; its caller looks for what the first one left instead.

The service's wish is what the SDK lets through: the header `x-acs-retry-after`, in milliseconds. It drops the standard
`Retry-After` with all other headers of an error (alibabacloud_tea_openapi 0.4.6); then the back-off decides.
"""

import random
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from provider.client.errors import ServiceError

T = TypeVar("T")


class CancelledError(Exception):
    """The engine asked to stop; nothing further is sent."""

    def __init__(self, why: str = "cancelled") -> None:
        super().__init__(f"{why}; run `pulumi up` again to go on from here")


class OutOfTimeError(CancelledError):
    """The time that `customTimeouts` gives this operation is over; nothing further is sent."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"not finished within the {seconds:g} seconds that customTimeouts allows")


@dataclass(kw_only=True)
class Clock:
    """Time as the client sees it; tests put their own in."""

    source: Callable[[], float] = time.time
    """Seconds since the epoch."""
    pause: Callable[[float], None] = time.sleep
    """Waits where Cancel does not count."""
    offset: float = 0.0
    """Seconds added to it; not 0 in rehearsals alone (provider property `clockOffset`)."""
    cancelled: threading.Event = field(default_factory=threading.Event)
    _operation: threading.local = field(default_factory=threading.local, repr=False)
    """Each of the engine's operations runs in one thread: its bound in seconds, and when that ends."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        return self.source() + self.offset

    @contextmanager
    def within(self, seconds: float) -> Generator[None]:
        """Bound all waits and repeats of this thread inside by `seconds` from now; 0: each call by its own bound."""
        self._operation.bound, self._operation.end = seconds, self.now() + seconds
        try:
            yield
        finally:
            self._operation.bound = 0.0

    @contextmanager
    def shielded(self, seconds: float) -> Generator[None]:
        """Let this thread go on inside for up to `seconds` although the engine cancels, or the operation's time ends.

        For what must not be left half done: a key that exists and is not on record yet.
        """
        before = getattr(self._operation, "shield", 0.0)
        self._operation.shield = max(before, self.now() + seconds)
        try:
            yield
        finally:
            self._operation.shield = before

    def _is_shielded(self) -> bool:
        return self.now() < getattr(self._operation, "shield", 0.0)

    def left(self) -> float | None:
        """Return the seconds that this thread's operation still has, None when nobody bounds it."""
        if self._is_shielded():
            return None
        return self._operation.end - self.now() if getattr(self._operation, "bound", 0.0) else None

    def sleep(self, seconds: float) -> None:
        """Wait; raises CancelledError as soon as the engine cancels, OutOfTimeError when there is not so much time."""
        self.check(ahead=seconds)
        if self._is_shielded():
            self.pause(seconds)
        elif self.cancelled.wait(seconds):
            raise CancelledError

    def check(self, *, ahead: float = 0.0) -> None:
        """Raise once the engine has cancelled, or when the operation's time ends within `ahead` seconds."""
        if self._is_shielded():
            return
        if self.cancelled.is_set():
            raise CancelledError
        left = self.left()
        if left is not None and left <= ahead:
            raise OutOfTimeError(self._operation.bound)


class Lane:
    """The calls to one region: after a throttling answer all of them wait, not only the one that got it."""

    def __init__(self) -> None:
        self._until = 0.0

    def hold(self, until: float) -> None:
        """Let no call start before `until`, seconds since the epoch."""
        self._until = max(self._until, until)

    def wait(self, clock: Clock) -> None:
        """Wait until calls may start; raises as Clock.sleep does."""
        clock.check()
        while (left := self._until - clock.now()) > 0:
            clock.sleep(left)


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How often and how long a call is repeated."""

    first_pause: float = 0.5
    """Seconds; the upper end of the first random pause, doubled each time."""
    longest_pause: float = 10.0
    """Seconds."""
    bound: float = 60.0
    """Seconds from the first attempt after which no further one starts, unless `customTimeouts` gives a bound."""
    jitter: Callable[[], float] = random.random

    def pauses_of(self, attempt: int, error: ServiceError) -> float:
        """Return the seconds to wait after `attempt` (from 0) ended with `error`."""
        if error.retry_after is not None:
            return error.retry_after
        upper: float = min(self.longest_pause, self.first_pause * 2.0**attempt)
        return upper * (0.5 + 0.5 * self.jitter())

    def run(self, call: Callable[[], T], *, repeatable: bool, clock: Clock, lane: Lane | None = None) -> T:
        """Return what `call` returns, repeating it while that is safe.

        `repeatable`: the call may run twice with the effect of once. Otherwise only those errors are tried again
        that say the call did not run: throttling (ASSUMPTION throttling-before-run) and unreachable.
        `lane`: what it shares with the other calls of its region.
        """
        lane = lane or Lane()
        start = clock.now()
        attempt = 0
        lost = False
        while True:
            lane.wait(clock)
            try:
                return call()
            except ServiceError as error:
                lost = error.lost_before = lost or error.may_have_run
                again = error.kind in ("throttled", "unreachable") or (repeatable and error.kind in ("failed", "lost"))
                pause = self.pauses_of(attempt, error)
                if error.kind == "throttled":
                    lane.hold(clock.now() + min(pause, self.bound))
                left = clock.left()
                limit = self.bound - (clock.now() - start) if left is None else left
                if not again or pause >= limit:
                    raise
            attempt += 1
            clock.sleep(pause)
