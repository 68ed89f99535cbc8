"""Every sink through every case, on the real engine."""

from collections.abc import Iterator

import pytest

from components.sinks.secret import SecretSink
from components.sinks.table import SINKS
from tests.engine.sinks.cases import CASES, MATRIX
from tests.engine.sinks.observed import ENV_FILE, Observed, observe
from tests.engine.sinks.table import ROWS, Row
from tests.engine.world import World
from tools.engine import Engine

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Observed]:
    world = World.make(tmp_path_factory.mktemp("sinks"), engine)
    try:
        yield observe(world)
    finally:
        world.close()


@pytest.mark.parametrize(("row", "case"), MATRIX, ids=[f"{case}-{row.name}" for row, case in MATRIX])
def test_every_sink_in_every_case(seen: Observed, row: Row, case: str) -> None:
    CASES[case](seen, row)


def test_an_env_file_made_of_the_record_serves_every_client(seen: Observed) -> None:
    answers = seen.answers[ENV_FILE]
    assert set(answers) == {"openai", "anthropic", "dashscope"}
    assert all(answers.values())


def test_the_table_is_whole() -> None:
    assert {row.sink for row in ROWS} == set(SINKS)
    secrets = [sink for sink in SINKS if issubclass(sink, SecretSink)]
    assert {(row.sink, row.vault) for row in ROWS if row.kind == "secrets"} == {
        (s, v) for s in secrets for v in (True, False)
    }
    assert len(CASES) >= 12
