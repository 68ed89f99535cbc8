"""Every test gets an event loop of its own, and mocked engine calls run on it in order."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import pytest
from pulumi.runtime import settings

from tests.components.mocks import Recorder

P = ParamSpec("P")
T = TypeVar("T")


class _SameThread(ThreadPoolExecutor):
    """Runs mocked engine calls on the loop's own thread.

    The SDK hands every registration to the loop's default executor, and the mock monitor opens an event loop in each
    worker thread that nobody closes.
    """

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as exc:  # noqa: BLE001 - an executor reports through its future
            done.set_exception(exc)
        return done


@pytest.fixture(autouse=True)
def _own_event_loop() -> Iterator[None]:
    loop = asyncio.new_event_loop()
    loop.set_default_executor(_SameThread())
    asyncio.set_event_loop(loop)
    yield
    settings.reset_options()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def recorder(_own_event_loop: None) -> Recorder:
    rec = Recorder()
    rec.start()
    return rec


@pytest.fixture
def previewer(_own_event_loop: None) -> Recorder:
    rec = Recorder(preview=True)
    rec.start()
    return rec
