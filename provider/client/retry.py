"""One retry policy for all calls: exponential back-off with full jitter, the service's own wish first, a bound.

What is never repeated blindly: a create whose answer was lost. It may have run, and a second one would leave a
workspace or a live key that no state knows; its caller looks for what the first one left instead.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from provider.client.errors import ServiceError

T = TypeVar("T")


class CancelledError(Exception):
    """The engine asked to stop; nothing further is sent."""

    def __init__(self) -> None:
        super().__init__("cancelled; run `pulumi up` again to go on from here")


@dataclass(kw_only=True)
class Clock:
    """Time as the client sees it; tests put their own in."""

    now: Callable[[], float] = time.time
    """Seconds since the epoch."""
    cancelled: threading.Event = field(default_factory=threading.Event)

    def sleep(self, seconds: float) -> None:
        """Wait; raises CancelledError as soon as the engine cancels."""
        if self.cancelled.wait(seconds):
            raise CancelledError

    def check(self) -> None:
        """Raise CancelledError once the engine has cancelled."""
        if self.cancelled.is_set():
            raise CancelledError


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How often and how long a call is repeated."""

    first_pause: float = 0.5
    """Seconds; the upper end of the first random pause, doubled each time."""
    longest_pause: float = 10.0
    """Seconds."""
    bound: float = 60.0
    """Seconds from the first attempt after which no further one starts."""
    jitter: Callable[[], float] = random.random

    def pauses_of(self, attempt: int, error: ServiceError) -> float:
        """Return the seconds to wait after `attempt` (from 0) ended with `error`."""
        if error.retry_after is not None:
            return error.retry_after
        upper: float = min(self.longest_pause, self.first_pause * 2.0**attempt)
        return upper * (0.5 + 0.5 * self.jitter())

    def run(self, call: Callable[[], T], *, repeatable: bool, clock: Clock) -> T:
        """Return what `call` returns, repeating it while that is safe.

        `repeatable`: the call may run twice with the effect of once. Otherwise only those errors are tried again
        that say the call did not run: throttling (INFERRED to be decided before the call runs) and unreachable.
        """
        start = clock.now()
        attempt = 0
        while True:
            clock.check()
            try:
                return call()
            except ServiceError as error:
                again = error.kind in ("throttled", "unreachable") or (repeatable and error.may_have_run)
                pause = self.pauses_of(attempt, error)
                if not again or clock.now() - start + pause > self.bound:
                    raise
            attempt += 1
            clock.sleep(pause)
