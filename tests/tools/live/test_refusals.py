"""What it refuses to begin with: then nothing is made, and nothing is called that costs anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from catalogue.rows import REGIONS
from tests.provider.vendor import Console
from tests.tools.diagnosed import Terminal
from tests.tools.live.called import ACCOUNT, REGION, Done, arguments, call, call_with, environment
from tools.arguments import UsageError
from tools.live import run
from tools.live.estimate import CAP, at_most, callable_models
from tools.live.folder import alone, folder
from tools.live.journal import Head, Journal
from tools.live.options import read

if TYPE_CHECKING:
    from pathlib import Path

    from tests.emulator_process import EmulatorProcess

pytestmark = pytest.mark.usefixtures("untouched")
READS = {"GetCallerIdentity", "ListWorkspaces"}


Refused = Callable[[Done, str], None]
"""Checks what was said and what was called."""


@pytest.fixture
def refused(emulator: EmulatorProcess) -> Refused:
    before = len(emulator.calls())

    def check(done: Done, says: str) -> None:
        assert says in done.err
        assert (done.code, done.out) == (2, "")
        assert {c["operation"] for c in emulator.calls()[before:]} <= READS

    return check


def test_another_account(emulator: EmulatorProcess, home: Path, refused: Refused) -> None:
    given = arguments(emulator, "--yes")
    given[1] = "1111111111111111"
    before = len(emulator.calls())
    done = call_with(given, environment(emulator, home))
    refused(done, "the caller must be account 1111111111111111")
    assert {c["operation"] for c in emulator.calls()[before:]} == {"GetCallerIdentity"}


def test_workspaces_of_all_regions_are_counted(emulator: EmulatorProcess, home: Path) -> None:
    console = Console(emulator, "us-east-1")
    made = [console.create_workspace(f"filler-{n}") for n in range(11)]
    before = len(emulator.calls())
    done = call(emulator, home, "--yes")
    made_calls = {c["operation"] for c in emulator.calls()[before:]}
    for workspace in made:
        console.delete_workspace(workspace)
    assert made_calls == READS
    assert "18 of the account's 20 workspaces are taken; 3 must be free" in done.err
    assert (done.code, done.out) == (2, "")


def test_a_run_that_could_cost_too_much(emulator: EmulatorProcess, home: Path, refused: Refused) -> None:
    with mock.patch.object(run, "CAP", 0.01):
        done = call(emulator, home, "--yes")
    refused(done, "CNY, and the cap is 0.01")


def test_nobody_to_confirm(emulator: EmulatorProcess, home: Path, refused: Refused) -> None:
    refused(call(emulator, home), "nobody is at a terminal to confirm: add --yes")


@pytest.mark.parametrize("typed", ["", "yes\n", f"{ACCOUNT}1\n"])
def test_a_person_who_does_not_type_the_account(
    emulator: EmulatorProcess, home: Path, refused: Refused, typed: str
) -> None:
    refused(call(emulator, home, stdin=Terminal(typed)), "not confirmed")


def test_a_person_who_types_the_account(emulator: EmulatorProcess, home: Path) -> None:
    done = call(emulator, home, stdin=Terminal(f"{ACCOUNT}\n"))
    assert "type the account id to go on" in done.err
    assert done.code == 0


def test_a_second_run(emulator: EmulatorProcess, home: Path, refused: Refused) -> None:
    with alone(folder({"XDG_STATE_HOME": str(home)})):
        refused(call(emulator, home, "--yes"), "another run works on this machine")


def test_what_an_earlier_run_left_goes_first(emulator: EmulatorProcess, home: Path, refused: Refused) -> None:
    planes = {r: emulator.region_url(r) for r in emulator.regions}
    left(home, account=ACCOUNT, control_plane=planes)
    refused(call(emulator, home, "--yes"), "run 0123abcd left something: run this with --clean first")


def test_a_file_that_cannot_be_written(emulator: EmulatorProcess, home: Path, refused: Refused, tmp_path: Path) -> None:
    done = call(emulator, home, "--yes", "--out", str(tmp_path / "no" / "file.json"))
    refused(done, "--out cannot be written")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "not understood"),
        (["--account", "me", "--region", REGION], "no account id"),
        (["--account", ACCOUNT, "--region", "mars"], "region 'mars' does not exist"),
        (["--account", ACCOUNT, "--region", "sk-test.a1"], "looks like a key"),
        (["--account", ACCOUNT, "--region", REGION, "--prefix", "http://127.0.0.1:1/_host"], "go together"),
        (["--account", ACCOUNT, "--region", REGION, "--control-plane", "http://127.0.0.1:1"], "go together"),
        (["--account", ACCOUNT, "--region", REGION, "--control-plane", "http://example.com"], "on this machine"),
        (["--account", ACCOUNT, "--region", REGION, "--control-plane", "mars=http://127.0.0.1:1"], "'mars'"),
        (["--account", ACCOUNT, "--region", REGION, "--control-plane", "ftp://127.0.0.1"], "on this machine"),
    ],
)
def test_a_command_line_that_is_not_right(given: list[str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read(given)


def test_a_double_takes_all_calls_to_itself() -> None:
    given = ["--account", ACCOUNT, "--region", REGION, "--control-plane", "http://127.0.0.1:1", "--prefix"]
    options = read([*given, "http://127.0.0.1:1/_host"])
    assert all(options.endpoints.of(p, r) == "http://127.0.0.1:1" for p in ("modelstudio", "sts") for r in REGIONS)
    assert options.endpoints.are_a_double


@pytest.mark.parametrize("region", REGIONS)
def test_the_estimate_is_below_the_cap_everywhere(region: str) -> None:
    assert callable_models(region)
    assert 0 < at_most(region) <= CAP == 1


def left(home: Path, *, account: str, control_plane: dict[str, str]) -> Journal:
    """Put a journal there as a killed run leaves it."""
    head = Head(run="0123abcd", account=account, region=REGION, control_plane=control_plane)
    journal = Journal.start(folder({"XDG_STATE_HOME": str(home)}), head)
    journal.about_to_make("workspace", journal.name("main"))
    return journal
