"""The benchmark runs: both programs make the same objects, the floor has as many entries, and nothing outlives it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine_harness import ROOT, command_line, processes_below
from tools.bench import programs
from tools.bench.model import PHASES, Part, Report
from tools.bench.run import Bench, Plan

if TYPE_CHECKING:
    from pathlib import Path

    from tools.engine import Engine

pytestmark = pytest.mark.engine

SERVICES = 2
SECONDS = 120
"""For the benchmark to come to its second program."""


@pytest.fixture(scope="module")
def report(engine: Engine) -> Report:
    """Every phase of every program, with late answers too."""
    return Bench(engine, Plan((SERVICES,), PHASES[1:], latency=0.02), lambda _: None).run()


def test_every_phase_of_every_program_is_measured(report: Report) -> None:
    measured = {(cost.program, cost.phase) for cost in report.costs}
    assert measured == {(p, phase) for p in ("ours", "hand", "floor") for phase in PHASES} - {("floor", "rotate")}
    for cost in report.costs:
        stores: set[Part] = {"alicloud"} if cost.program != "floor" else set()
        assert set(cost.spent) == {"engine", "program", "plugin", *stores}, (cost.program, cost.phase)
        assert all(spent.cpu > 0 and spent.peak > 10_000_000 for spent in cost.spent.values())
        assert cost.cpu == pytest.approx(sum(spent.cpu for spent in cost.spent.values()), rel=0.5)


def test_the_floor_has_as_many_entries_as_ours(report: Report) -> None:
    for phase in ("up", "again", "destroy"):
        entries = {report.rounds_of(p, SERVICES, phase)[0].state.entries for p in ("ours", "floor")}
        assert len(entries) == 1


def test_every_key_is_replaced_by_a_rotation(report: Report) -> None:
    for program in ("ours", "hand"):
        made = report.rounds_of(program, SERVICES, "rotate")[0].calls
        assert made["modelstudio:CreateApiKey"] == made["kms:PutSecretValue"] == SERVICES


def test_late_answers_are_measured_with_the_calls_that_follow_one_another(report: Report) -> None:
    assert [(d.program, d.n) for d in report.delayed] == [("ours", SERVICES), ("hand", SERVICES)]
    for chain in report.chains:
        assert 5 < chain.longest <= chain.calls
        assert chain.operations[-1] == "sae:DescribeConfigMap"


def test_both_programs_make_the_same_objects(engine: Engine, tmp_path: Path) -> None:
    """Keys in workspaces that may call every model, and in KMS and SAE what lets a reader call one."""
    with ExitStack() as left:
        emulator = programs.start_double(tmp_path / "double", SERVICES)
        left.callback(emulator.stop)
        for make in (programs.ours, programs.hand):
            subject = make(tmp_path / make.__name__, engine, emulator, SERVICES)
            left.callback(subject.stack.close)
            subject.run("up")
        state: dict[str, Any] = json.loads((emulator.state_dir / "state.json").read_text())
    workspaces = {w["workspace_id"]: w for w in state["workspaces"] if not w["is_default"]}
    values = {key["value"]: key["workspace_id"] for key in state["keys"]}
    assert len(workspaces) == 2
    assert all(w["all_models"] for w in workspaces.values())
    used: set[str] = set()
    for program in ("ours", "hand"):
        for n in range(SERVICES):
            (secret,) = [s for s in state["secrets"] if s["name"] == f"{program}/s{n}"]
            (config,) = [c for c in state["config_maps"] if c["name"] == f"{program}_s{n}"]
            record = json.loads(secret["versions"][-1]["data"])
            workspace = workspaces[values[record["OPENAI_API_KEY"]]]
            for held in (record, config["data"]):
                assert held["OPENAI_BASE_URL"].endswith(f"{workspace['api_host']}/compatible-mode/v1")
            assert secret["name"] in config["data"]["MODEL_STUDIO_SECRET"]
            used.add(record["OPENAI_API_KEY"])
    assert used == set(values)


@pytest.mark.parametrize("end", ["kill", "terminate"])
def test_nothing_outlives_the_benchmark(tmp_path: Path, end: str) -> None:
    command = [sys.executable, "-m", "tools.bench", "--n", "3", "--phases", "again", "--out", str(tmp_path / "x.json")]
    seen: dict[int, str] = {}
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as bench:
        try:
            deadline = time.monotonic() + SECONDS
            # The plugin of dynamic resources, unlike the others, does not see that its engine is gone.
            while not any("pulumi.dynamic" in line for line in seen.values()):
                assert bench.poll() is None
                assert time.monotonic() < deadline, seen
                seen = processes_below(bench.pid)
                time.sleep(0.02)
            getattr(bench, end)()
            code = bench.wait(30)
        finally:
            bench.kill()
    assert code != 0
    deadline = time.monotonic() + 15
    while left := [line for pid, line in seen.items() if command_line(pid) == line]:
        assert time.monotonic() < deadline, left
        time.sleep(0.05)
