"""Whatever happens to a run, what it made is removed, by itself or with --clean, and nothing else is."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from tests.emulator_process import ROOT
from tests.provider.vendor import Console
from tests.tools.live.called import ACCOUNT, IDS, REGION, arguments, call, call_with, environment, state
from tools import canary
from tools.live.folder import folder
from tools.live.journal import Head, Journal

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.emulator_process import EmulatorProcess

pytestmark = pytest.mark.usefixtures("untouched")


@contextmanager
def running(emulator: EmulatorProcess, home: Path, until: str) -> Generator[subprocess.Popen[str]]:
    """Start it for real, and yield it once it has begun a measurement."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.live", *arguments(emulator, "--yes")],
        cwd=ROOT,
        env=environment(emulator, home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        seen: list[str] = []
        for line in process.stderr:
            seen.append(line)
            if line.endswith(f" {until}\n"):
                break
        else:
            raise AssertionError("".join(seen))
        yield process
    finally:
        process.kill()
        process.communicate()


def journals(home: Path) -> list[Path]:
    return sorted(folder({"XDG_STATE_HOME": str(home)}).glob("*.jsonl"))


def started(emulator: EmulatorProcess, home: Path, **other: str) -> Journal:
    """Begin a journal as a run does, to go on with by hand."""
    planes = {region: emulator.region_url(region) for region in emulator.regions}
    head = Head(run="0123abcd", account=other.get("account", ACCOUNT), region=REGION, control_plane=planes)
    return Journal.start(folder({"XDG_STATE_HOME": str(home)}), head)


@pytest.mark.parametrize("until", ["listed-within", "sibling-denied", "missing-key-refused", "deleted-keys-leave-soon"])
def test_what_a_killed_run_left_is_cleaned(emulator: EmulatorProcess, home: Path, until: str) -> None:
    before = state(emulator)
    with running(emulator, home, until) as process:
        process.send_signal(signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL
    left = journals(home)
    assert len(left) == 1
    values = [key["value"] for key in stored_keys(emulator)]
    assert canary.find(values, [canary.Place("journal", p.name, p.read_bytes()) for p in left]) == []
    done = call(emulator, home, "--clean")
    assert (done.code, done.out) == (0, "")
    assert state(emulator) == before
    assert journals(home) == []


def stored_keys(emulator: EmulatorProcess) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((emulator.state_dir / "state.json").read_text())["keys"]
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_removes_and_reports(emulator: EmulatorProcess, home: Path, number: signal.Signals) -> None:
    before = state(emulator)
    with running(emulator, home, "models-list-says-nothing") as process:
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "live: interrupted" in err
    assert state(emulator) == before
    assert journals(home) == []
    lines = out.splitlines()
    assert len(lines) == len(IDS)
    assert any(line.startswith("holds") for line in lines)
    assert "the run ended before it" in out


def test_a_second_interrupt_does_not_stop_the_removal(emulator: EmulatorProcess, home: Path) -> None:
    before = state(emulator)
    emulator.fault("DeleteApiKey", "delay", seconds=1, times=3)
    with running(emulator, home, "key-first") as process:
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        for line in process.stderr:
            if "removing key" in line:
                break
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert "removing what was made; this ends by itself" in err
    assert process.returncode == 130
    assert state(emulator) == before


@pytest.mark.parametrize("operation", ["CreateWorkspace", "CreateApiKey"])
@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("kind", ["cut_after", "truncate"])
def test_what_a_lost_answer_made_is_found_by_its_name(
    emulator: EmulatorProcess, home: Path, operation: str, nth: int, kind: str
) -> None:
    before = state(emulator)
    emulator.fault(operation, kind, nth=nth)
    done = call(emulator, home, "--yes")
    assert done.code in (0, 1)
    assert done.told("does not hold") == set()
    assert state(emulator) == before
    assert journals(home) == []


def test_a_fault_of_the_run_itself_leaves_nothing(emulator: EmulatorProcess, home: Path) -> None:
    before = state(emulator)
    with (
        mock.patch("tools.live.scene.Scene.ask", side_effect=RuntimeError("a fault")),
        pytest.raises(RuntimeError, match="a fault"),
    ):
        call(emulator, home, "--yes")
    assert state(emulator) == before
    assert journals(home) == []


def test_what_cannot_be_removed_is_named_and_cleaned_later(emulator: EmulatorProcess, home: Path) -> None:
    before = state(emulator)
    emulator.fault("DeleteWorkspace", "500", nth=4, times=1000)
    done = call(emulator, home, "--yes")
    assert done.code == 3
    assert "LEFT: workspace live-" in done.err
    assert "run this with --clean to remove it" in done.err
    emulator.admin("DELETE", "/faults")
    assert call(emulator, home, "--clean").code == 0
    assert state(emulator) == before


def test_what_was_made_and_never_told_is_found_by_its_name(emulator: EmulatorProcess, home: Path) -> None:
    console, journal = Console(emulator), started(emulator, home)
    thing = journal.about_to_make("workspace", journal.name("main"))
    workspace = console.create_workspace(thing.name)
    console.create_workspace(f"{thing.name}-2")  # of somebody else's
    key = journal.about_to_make("key", journal.name("good"), workspace)
    console.create_key(workspace, key.name)
    assert call(emulator, home, "--clean").code == 0
    there = console.workspaces()
    assert workspace not in there
    other = next(i for i, name in there.items() if name == f"{thing.name}-2")
    console.delete_workspace(other)


def test_a_torn_journal_is_read_as_far_as_it_goes(emulator: EmulatorProcess, home: Path) -> None:
    journal = started(emulator, home)
    thing = journal.about_to_make("workspace", journal.name("main"))
    Console(emulator).create_workspace(thing.name)
    with journal.path.open("a") as file:
        file.write('{"event": "made", "n"')
    assert call(emulator, home, "--clean").code == 0
    assert journals(home) == []


def test_an_empty_journal_goes(emulator: EmulatorProcess, home: Path) -> None:
    (folder({"XDG_STATE_HOME": str(home)}) / "0123abcd.jsonl").touch()
    assert call(emulator, home, "--clean").code == 0
    assert journals(home) == []


def test_what_is_called_otherwise_is_left_alone(emulator: EmulatorProcess, home: Path) -> None:
    """Neither the default workspace nor a key that was changed goes because a journal has its id."""
    console, journal = Console(emulator), started(emulator, home)
    workspaces = emulator.admin("GET", "/state")["workspaces"]
    default = next(w["workspace_id"] for w in workspaces if w["is_default"] and w["region"] == REGION)
    journal.made(journal.about_to_make("workspace", journal.name("main")), default)
    foreign = next(k for k in emulator.admin("GET", "/state")["keys"] if k["workspace_id"] != default)
    named = journal.about_to_make("key", journal.name("good"), foreign["workspace_id"])
    journal.made(named, str(foreign["key_id"]))
    done = call(emulator, home, "--clean")
    assert done.code == 3
    assert done.err.count("it is left alone") == 2
    assert len(journals(home)) == 1
    assert foreign["description"] in {k.description for k in console.keys(foreign["workspace_id"]).values()}


def test_another_account_s_journal_is_named_and_kept(emulator: EmulatorProcess, home: Path) -> None:
    journal = started(emulator, home, account="1111111111111111")
    journal.about_to_make("workspace", journal.name("main"))
    done = call(emulator, home, "--clean")
    assert done.code == 3
    assert "for account 1111111111111111 at a double" in done.err
    assert call(emulator, home, "--yes").code == 0


def test_a_journal_of_a_double_is_not_cleaned_elsewhere(emulator: EmulatorProcess, home: Path) -> None:
    journal = started(emulator, home)
    journal.about_to_make("workspace", journal.name("main"))
    given = arguments(emulator, "--clean")
    given[given.index(f"cn-hongkong={emulator.region_url('cn-hongkong')}")] = f"cn-hongkong={emulator.url}"
    assert call_with(given, environment(emulator, home)).code == 3
    assert len(journals(home)) == 1
