"""The real engine, disturbed while a local plugin is in the middle of a create."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine_harness import ROOT, processes_below

if TYPE_CHECKING:
    from tests.conftest import MakeStack
    from tests.engine_harness import EngineStack, Running

pytestmark = pytest.mark.engine

PROGRAM = ROOT / "tests" / "data" / "blocking_program"


@pytest.fixture
def stack(make_stack: MakeStack, tmp_path: Path) -> EngineStack:
    return make_stack(program=PROGRAM, environment={"BLOCKING_DIRECTORY": str(tmp_path)})


def in_create(running: Running, tmp_path: Path, times: int = 1) -> None:
    """Wait until the plugin is in its n-th create."""
    deadline = time.monotonic() + 60
    began = tmp_path / "began"
    while not began.exists() or began.read_text().count("\n") < times:
        assert running.process.poll() is None, running.stdout()
        assert time.monotonic() < deadline, running.stdout()
        time.sleep(0.02)


def test_killed_engine_leaves_no_process_and_the_next_up_goes_on(stack: EngineStack, tmp_path: Path) -> None:
    running = stack.start_up()
    in_create(running, tmp_path)
    below = processes_below(running.process.pid)
    assert any("provider" in line for line in below.values()), below
    assert any("pulumi-language-python-exec" in line for line in below.values()), below
    assert running.kill().code == -9
    deadline = time.monotonic() + 10
    while left := [line for pid, line in below.items() if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < deadline, left
        time.sleep(0.05)

    locked = stack.up()
    assert locked.code != 0
    assert "locked" in locked.text
    stack.cancel().ok()
    (tmp_path / "leave").touch()
    again = stack.up().ok()
    assert again.ops_by_type["create", "blocking:index:Blocking"] == 1
    assert (tmp_path / "began").read_text().count("\n") == 2


def test_interrupted_up_ends_in_order_without_a_traceback(stack: EngineStack, tmp_path: Path) -> None:
    running = stack.start_up()
    in_create(running, tmp_path)
    running.interrupt()
    (tmp_path / "leave").touch()
    run = running.wait(60)
    assert run.code != 0
    assert "Traceback" not in run.text
    assert "KeyboardInterrupt" not in run.text
    assert stack.up().ok().summary["same"] >= 1
    assert stack.destroy().ok().ops_by_type["delete", "blocking:index:Blocking"] == 1
