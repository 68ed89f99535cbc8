"""One account and one stack per test, ended with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.world import World
from tools.engine import Engine


@pytest.fixture
def world(tmp_path: Path, engine: Engine) -> Iterator[World]:
    made = World.make(tmp_path, engine)
    yield made
    made.close()
