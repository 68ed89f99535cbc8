"""What to do when the answer of a call is lost that must not simply be repeated."""

from collections.abc import Callable
from typing import TypeVar

from provider.client.errors import ServiceError
from provider.client.sdk import Sdk

T = TypeVar("T")

TRIES = 3


def settled(sdk: Sdk, call: Callable[[], T], made: Callable[[], T | None]) -> T:
    """Return what `call` returns; when its answer is lost, see what it did and run it again only if it did nothing.

    `made` returns what an attempt left, or None. It is also asked when a later attempt is refused: an attempt that
    was lost may have been carried out in the meantime, and then the next one finds the name taken.
    """
    lost = False
    attempt = 0
    while True:
        try:
            return call()
        except ServiceError as error:
            lost = lost or error.may_have_run
            found = made() if lost else None
            if found is not None:
                return found
            if not error.may_have_run or attempt + 1 == TRIES:
                raise
            pause = sdk.retry.pauses_of(attempt, error)
        sdk.clock.sleep(pause)
        attempt += 1
