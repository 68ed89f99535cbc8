"""The ways in which a call is disturbed, and the run with it."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.engine.faults.lane import IMPATIENT_PROGRAM
from tests.engine_harness import ROOT, processes_below

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from tests.engine.faults.cells import Cell
    from tests.engine.faults.lane import Lane
    from tests.engine_harness import Run, Running

_HELD = 1.0
"""Seconds for which the service holds the call during which something dies: it does the change afterwards."""
_TOO_LONG = 7.0
"""Seconds, longer than the impatient program gives an operation."""
_PLUGINS = {True: "/provider", False: "emulator.standin"}
"""What stands in the command line of this project's plugin, and of the alicloud plugin."""


class NotReachedError(Exception):
    """The call to be disturbed was not made."""


def disturbed(lane: Lane, cell: Cell) -> Run:
    """Run the cell's phase with its fault; return what came of it, with the fault over and everything running."""
    world = lane.world
    act = _ACTS.get(cell.kind)
    if act is not None:
        world.emulator.fault(cell.operation, "delay", product=cell.product, nth=cell.nth, seconds=_HELD)
        running = lane.start(cell.phase)
        until(lambda: _reached(lane, cell) or running.process.poll() is not None, str(cell))
        if not _reached(lane, cell):
            raise NotReachedError(running.wait().text)
        run = act(lane, cell, running)
        world.emulator.admin("DELETE", "/faults")
        return run
    if cell.kind == "delay":
        world.stack.program = IMPATIENT_PROGRAM
    seconds = {"seconds": _TOO_LONG} if cell.kind == "delay" else {}
    world.emulator.fault(cell.operation, cell.kind, product=cell.product, nth=cell.nth, **seconds)
    run = lane.start(cell.phase).wait()
    world.stack.program = ROOT
    if not _reached(lane, cell):
        raise NotReachedError(run.text)
    world.emulator.admin("DELETE", "/faults")
    return run


def _kill_engine(lane: Lane, _cell: Cell, running: Running) -> Run:
    below = processes_below(running.process.pid)
    run = running.kill()
    until(lambda: not any(_runs(pid) for pid in below), "the end of what the engine had started")
    until(lambda: _was_held(lane), "the held call's end")
    return run


def unlocked(lane: Lane) -> bool:
    """Take away a killed engine's lock. Return whether it was killed in the middle of writing the state.

    The local backend empties the file of attributes beside the state before it fills it, and reads no state beside an
    empty one (seen with 3.259.0): docs/runbook.md has it deleted.
    """
    stack = lane.world.stack
    run = stack.cancel()
    empty: list[Path] = []
    if "failed to load checkpoint: EOF" in run.text:
        empty = [f for f in (stack.directory / "state").rglob("*.json.attrs") if not f.stat().st_size]
        for file in empty:
            file.unlink()
        run = stack.cancel()
    run.ok()
    return bool(empty)


def _kill_plugin(lane: Lane, cell: Cell, running: Running) -> Run:
    plugins = [pid for pid, line in processes_below(running.process.pid).items() if _PLUGINS[cell.ours] in line]
    if not plugins:
        raise NotReachedError(f"no process of {_PLUGINS[cell.ours]}")
    for pid in plugins:
        os.kill(pid, signal.SIGKILL)
    run = running.wait()
    until(lambda: _was_held(lane), "the held call's end")
    return run


def _interrupt(_lane: Lane, _cell: Cell, running: Running) -> Run:
    running.interrupt()
    return running.wait()


def _restart_emulator(lane: Lane, _cell: Cell, running: Running) -> Run:
    lane.world.emulator.kill()
    lane.world.emulator.restart()
    return running.wait()


def _refuse_state(lane: Lane, _cell: Cell, running: Running) -> Run:
    with _no_room(lane):
        return running.wait()


@contextmanager
def _no_room(lane: Lane) -> Generator[None]:
    """Let no state be written: where its folder was, there is a file."""
    stacks = lane.world.stack.directory / "state" / ".pulumi" / "stacks"
    away = stacks.with_name("stacks-away")
    stacks.rename(away)
    stacks.touch()
    try:
        yield
    finally:
        stacks.unlink()
        away.rename(stacks)


_ACTS: dict[str, Callable[[Lane, Cell, Running], Run]] = {
    "kill engine": _kill_engine,
    "kill plugin": _kill_plugin,
    "interrupt": _interrupt,
    "restart emulator": _restart_emulator,
    "refuse state": _refuse_state,
}


def _reached(lane: Lane, cell: Cell) -> bool:
    return any(f["seen"] >= cell.nth for f in lane.world.emulator.admin("GET", "/faults")["faults"])


def _was_held(lane: Lane) -> bool:
    """Whether the held call is over: the service does it even when nobody waits for its answer any more."""
    return any(call["fault"] == "delay" for call in lane.world.emulator.calls())


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(happened: Callable[[], bool], what: str) -> None:
    """Wait for something that was started; fail after a minute."""
    end = time.monotonic() + 60
    while not happened():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not seen within a minute")
        time.sleep(0.05)
