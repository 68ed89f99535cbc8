"""What to do when the answer of a call is lost that must not simply be repeated."""

from collections.abc import Callable
from typing import TypeVar

from provider.client.errors import ServiceError
from provider.client.sdk import Sdk

T = TypeVar("T")

TRIES = 3


def _look(made: Callable[[], T | None], lost: ServiceError) -> T | None:
    """Return what `made` finds. What cannot be looked at may be there."""
    try:
        return made()
    except ServiceError as error:
        error.lost_before = True
        raise error from lost


def settled(sdk: Sdk, call: Callable[[], T], made: Callable[[], T | None]) -> T:
    """Return what `call` returns; when its answer is lost, see what it did and run it again only if it did nothing.

    `made` returns what an attempt left, or None. It is also asked when a later attempt is refused: an attempt that
    was lost may have been carried out in the meantime, and then the next one finds the name taken. It may
    also be carried out after the next one was refused: then the error says that the call may have run.
    """
    lost = False
    attempt = 0
    while True:
        try:
            return call()
        except ServiceError as error:
            lost = lost or error.may_have_run
            found = _look(made, error) if lost else None
            if found is not None:
                return found
            if not error.may_have_run or attempt + 1 == TRIES:
                error.lost_before = lost
                raise
            pause = sdk.retry.pauses_of(attempt, error)
        sdk.clock.sleep(pause)
        attempt += 1
