"""When a call is repeated, when not, and for how long."""

import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.client.errors import Kind, ServiceError
from provider.client.retry import CancelledError, Clock, Lane, OutOfTimeError, RetryPolicy


class FakeClock(Clock):
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0
        self.slept: list[float] = []
        self.source = lambda: self.time

    def sleep(self, seconds: float) -> None:
        self.check(ahead=seconds)
        self.slept.append(seconds)
        self.time += seconds


def failing(times: int, kind: Kind, *, retry_after: float | None = None) -> tuple[Callable[[], str], list[int]]:
    calls: list[int] = []

    def call() -> str:
        calls.append(1)
        if len(calls) <= times:
            raise ServiceError("Op", kind, "no", retry_after=retry_after)
        return "done"

    return call, calls


@pytest.mark.parametrize("kind", ["throttled", "unreachable", "failed", "lost"])
def test_a_repeatable_call_is_repeated(kind: Kind) -> None:
    call, calls = failing(3, kind)
    assert RetryPolicy().run(call, repeatable=True, clock=FakeClock()) == "done"
    assert len(calls) == 4


@pytest.mark.parametrize("kind", ["failed", "lost"])
def test_a_call_that_may_have_run_is_not_repeated_unless_that_is_safe(kind: Kind) -> None:
    call, calls = failing(1, kind)
    with pytest.raises(ServiceError):
        RetryPolicy().run(call, repeatable=False, clock=FakeClock())
    assert len(calls) == 1


@pytest.mark.parametrize("kind", ["throttled", "unreachable"])
def test_a_call_that_did_not_run_is_repeated_even_so(kind: Kind) -> None:
    call, _ = failing(2, kind)
    assert RetryPolicy().run(call, repeatable=False, clock=FakeClock()) == "done"


def test_a_definite_no_is_final() -> None:
    call, calls = failing(1, "refused")
    with pytest.raises(ServiceError):
        RetryPolicy().run(call, repeatable=True, clock=FakeClock())
    assert len(calls) == 1


def test_the_service_s_own_pause_is_kept() -> None:
    clock = FakeClock()
    call, _ = failing(2, "throttled", retry_after=7.0)
    RetryPolicy().run(call, repeatable=True, clock=clock)
    assert clock.slept == [7.0, 7.0]


def test_pauses_grow_and_are_spread() -> None:
    clock = FakeClock()
    call, _ = failing(6, "throttled")
    RetryPolicy(jitter=lambda: 1.0).run(call, repeatable=True, clock=clock)
    assert clock.slept == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0]
    clock = FakeClock()
    call, _ = failing(3, "throttled")
    RetryPolicy(jitter=lambda: 0.0).run(call, repeatable=True, clock=clock)
    assert clock.slept == [0.25, 0.5, 1.0]


@given(st.floats(0, 1), st.floats(1, 120))
def test_the_bound_holds(jitter: float, bound: float) -> None:
    clock = FakeClock()
    call, _ = failing(10_000, "throttled")
    with pytest.raises(ServiceError):
        RetryPolicy(jitter=lambda: jitter, bound=bound).run(call, repeatable=True, clock=clock)
    assert clock.time <= bound


def test_cancelling_ends_a_pause_at_once() -> None:
    clock = Clock()
    call, calls = failing(10_000, "throttled", retry_after=50.0)
    threading.Timer(0.05, clock.cancelled.set).start()
    with pytest.raises(CancelledError):
        RetryPolicy().run(call, repeatable=True, clock=clock)
    assert len(calls) == 1


def test_after_a_throttling_answer_every_call_of_the_region_waits() -> None:
    clock, lane, policy = FakeClock(), Lane(), RetryPolicy(bound=5.0)
    with pytest.raises(ServiceError):
        policy.run(failing(1, "throttled", retry_after=7.0)[0], repeatable=True, clock=clock, lane=lane)
    assert clock.time == 0.0
    policy.run(failing(0, "lost")[0], repeatable=True, clock=clock, lane=Lane())
    assert clock.time == 0.0, "another region does not wait"
    policy.run(failing(0, "lost")[0], repeatable=True, clock=clock, lane=lane)
    assert clock.time == 5.0, "and nobody longer than a call may take in all"


@pytest.mark.parametrize("kind", ["failed", "lost", "unreachable"])
def test_other_errors_hold_nobody_else(kind: Kind) -> None:
    clock, lane = FakeClock(), Lane()
    with pytest.raises(ServiceError):
        RetryPolicy(bound=0.1).run(failing(9, kind)[0], repeatable=True, clock=clock, lane=lane)
    RetryPolicy().run(failing(0, kind)[0], repeatable=True, clock=clock, lane=lane)
    assert clock.time == 0.0


@given(st.floats(0, 1), st.floats(1, 600))
def test_custom_timeouts_bound_the_repeats_of_an_operation_instead(jitter: float, seconds: float) -> None:
    clock = FakeClock()
    # OutOfTimeError: the pauses can add up to exactly the bound, and then the next call does not start.
    with clock.within(seconds), pytest.raises((ServiceError, OutOfTimeError)):
        RetryPolicy(jitter=lambda: jitter).run(failing(10_000, "throttled")[0], repeatable=True, clock=clock)
    assert seconds - 10.0 <= clock.time <= seconds


def test_no_wait_goes_beyond_custom_timeouts() -> None:
    clock = FakeClock()
    with clock.within(30.0):
        clock.sleep(29.0)
        with pytest.raises(OutOfTimeError, match="within the 30 seconds that customTimeouts allows; run `pulumi up`"):
            clock.sleep(1.0)
        clock.time += 1.0
        with pytest.raises(OutOfTimeError):
            RetryPolicy().run(failing(0, "lost")[0], repeatable=True, clock=clock)
    clock.sleep(1000.0)
    with clock.within(0.0):
        clock.sleep(1000.0)


def test_custom_timeouts_bound_their_own_thread_alone() -> None:
    clock, left = FakeClock(), list[float | None]()
    with clock.within(1.0):
        thread = threading.Thread(target=lambda: left.append(clock.left()))
        thread.start()
        thread.join()
        assert clock.left() == 1.0
    assert left == [None]


# what must not be left half done


class ShieldedClock(FakeClock):
    """Its pauses inside a shield count as sleep too."""

    def __init__(self) -> None:
        super().__init__()
        self.pause = self._pass

    def _pass(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    def sleep(self, seconds: float) -> None:
        Clock.sleep(self, seconds)


def stop_by_cancel(clock: Clock) -> None:
    clock.cancelled.set()


def stop_by_nothing(clock: Clock) -> None:
    """The bound of the operation alone stops it."""


@pytest.mark.parametrize(("stop", "error"), [(stop_by_cancel, CancelledError), (stop_by_nothing, OutOfTimeError)])
def test_neither_cancel_nor_custom_timeouts_interrupt_what_is_shielded(
    stop: Callable[[Clock], None], error: type[Exception]
) -> None:
    clock = ShieldedClock()
    with clock.within(5.0):
        with clock.shielded(30.0):
            clock.time += 6.0
            stop(clock)
            call, calls = failing(3, "throttled")
            assert RetryPolicy().run(call, repeatable=False, clock=clock, lane=Lane()) == "done"
            assert (len(calls), clock.left()) == (4, None)
        with pytest.raises(error):
            clock.check()
        with pytest.raises(error):
            RetryPolicy().run(failing(0, "lost")[0], repeatable=True, clock=clock)


@pytest.mark.parametrize(("stop", "error"), [(stop_by_cancel, CancelledError), (stop_by_nothing, OutOfTimeError)])
def test_a_shield_is_bounded(stop: Callable[[Clock], None], error: type[Exception]) -> None:
    clock = ShieldedClock()
    with clock.within(5.0), clock.shielded(30.0):
        stop(clock)
        for _ in range(7):
            clock.sleep(4.0)
        clock.sleep(4.0)  # begun within the shield
        with pytest.raises(error):
            clock.sleep(4.0)


def test_an_inner_shield_ends_with_itself_and_leaves_the_outer_one() -> None:
    clock = ShieldedClock()
    clock.cancelled.set()
    with clock.shielded(100.0):
        with clock.shielded(1.0):
            clock.check()
        clock.time += 50.0
        clock.check()
    with pytest.raises(CancelledError):
        clock.check()


def test_an_inner_shield_does_not_shorten_the_outer_one() -> None:
    clock = ShieldedClock()
    clock.cancelled.set()
    with clock.shielded(100.0), clock.shielded(1.0):
        clock.time += 2.0
        clock.check()


def test_a_shield_ends_with_an_error() -> None:
    clock = ShieldedClock()
    clock.cancelled.set()
    with pytest.raises(ValueError, match="no"), clock.shielded(100.0):
        raise ValueError("no")
    with pytest.raises(CancelledError):
        clock.check()


def test_a_shield_is_its_thread_s_alone() -> None:
    clock, errors = ShieldedClock(), list[Exception]()
    clock.cancelled.set()

    def other() -> None:
        try:
            clock.check()
        except CancelledError as error:
            errors.append(error)

    with clock.shielded(100.0):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        clock.check()
    assert len(errors) == 1
