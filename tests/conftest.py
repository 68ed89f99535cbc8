"""Fixtures shared by all tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest
from hypothesis import settings

from tests.engine_harness import EMPTY_PROGRAM, EngineStack
from tools.engine import Engine, ensure

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


settings.register_profile("unhurried", deadline=None)  # how busy the machine is decides no test
settings.load_profile("unhurried")


class MakeStack(Protocol):
    """Makes a stack on the real engine; keyword arguments are those of EngineStack."""

    def __call__(self, **options: Any) -> EngineStack: ...


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The real engine, from PATH, installed or built."""
    return ensure()


@pytest.fixture
def make_stack(engine: Engine, tmp_path: Path) -> Generator[MakeStack]:
    """Stacks of one test; whatever still runs at its end is ended."""
    stacks: list[EngineStack] = []

    def make(**options: Any) -> EngineStack:
        stack = EngineStack(tmp_path / f"stack-{len(stacks)}", engine, **options)
        stacks.append(stack)
        return stack

    yield make
    for stack in stacks:
        stack.close()


@pytest.fixture
def empty_stack(make_stack: MakeStack) -> EngineStack:
    """A stack of the program that deploys nothing."""
    return make_stack(program=EMPTY_PROGRAM)
