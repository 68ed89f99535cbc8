"""The benchmark's own figures: what is seen of processes, calls and states, and what is made of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.emulator_process import EmulatorProcess
from tests.engine_harness import ROOT
from tests.tools.test_find import executable
from tools.bench import __main__ as command
from tools.bench import calls, document, plot, programs, table
from tools.bench.model import Chain, Cost, Delayed, Report, Shape, Spent, Surroundings
from tools.bench.processes import Watch, began, cpu_of, part_of
from tools.bench.state import shape

if TYPE_CHECKING:
    from tools.bench.model import Part, Phase, Program

# Burns CPU and holds memory, then a child of it in a session of its own does the same; the last word names the part.
BUSY = """
import os, subprocess, sys, time
held = bytearray(80_000_000)
until = time.process_time() + 0.4
while time.process_time() < until: pass
if sys.argv[1] == "above":
    code = open("/proc/self/cmdline").read().split("\\0")[2]
    subprocess.run([sys.executable, "-c", code, "below", "pulumi.dynamic"], start_new_session=True)
"""


def test_each_process_counts_for_its_part_with_all_below_it() -> None:
    with Watch(but=()) as watch:
        subprocess.run([sys.executable, "-c", BUSY, "above", "host_main.py"], check=True)
    usage = watch.usage
    assert set(usage.spent) == {"program", "plugin"}
    for part in usage.spent.values():
        assert 0.3 < part.cpu < 1.5
        assert 80_000_000 < part.peak < 200_000_000
    assert usage.seconds > 0.8
    assert abs(usage.unseen) < 0.2, "the system's own sum agrees"


def test_what_is_left_out_is_not_counted_and_each_other_is_told_once() -> None:
    told: list[tuple[int, int]] = []
    line = [sys.executable, "-c", BUSY, "alone"]
    with (
        subprocess.Popen(line) as other,
        Watch(but={other.pid}, started=lambda pid, at: told.append((pid, at))) as watch,
    ):
        subprocess.run([*line, "emulator.standin"], check=True)
        other.wait()
    assert set(watch.usage.spent) == {"alicloud"}
    assert len(told) == 1
    assert other.pid not in dict(told)


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("pulumi up --yes --config-file /x/provider/Pulumi.test.yaml", "engine"),
        ("/cache/bin/pulumi refresh", "engine"),
        ("/venv/bin/python -u /cache/hosts/0/host_main.py 127.0.0.1:1", "program"),
        ("/opt/pulumi/pulumi-language-python --root x 127.0.0.1:1", "program"),
        ("/venv/bin/python -u /x/pulumi-language-python-exec --monitor m /checkout", "program"),
        ("/venv/bin/python -u /checkout/provider 127.0.0.1:1", "plugin"),
        ("/venv/bin/python -u /checkout/tools/bench/floor/provider 127.0.0.1:1", "plugin"),
        ("/bin/sh /x/pulumi-resource-pulumi-python 127.0.0.1:1", "plugin"),
        ("/venv/bin/python -u -m pulumi.dynamic 127.0.0.1:1", "plugin"),
        ("/venv/bin/python -m emulator.standin 127.0.0.1:1", "alicloud"),
        ("/home/plugins/resource-alicloud-v4.0.0/pulumi-resource-alicloud 127.0.0.1:1", "alicloud"),
    ],
)
def test_a_part_is_told_by_the_command_line(line: str, part: Part) -> None:
    assert part_of(line) == part


def test_cpu_of_one_that_is_gone_is_none() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
        assert cpu_of(os.getpid()) > 0
    assert cpu_of(gone.pid) == 0
    assert began(gone.pid) is None


# Tells the guard of a process, which then starts another, and of one whose id somebody else has by now.
GUARDED = """
import subprocess, sys, time
from pathlib import Path
from tools.bench.guard import Guard
from tools.bench.processes import began
with Guard(Path(sys.argv[1])) as guard:
    told = subprocess.Popen(["sh", "-c", "sleep 600 & echo $!; wait"], stdout=subprocess.PIPE, start_new_session=True)
    other = subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL, start_new_session=True)
    guard.add(told.pid, began(told.pid))
    guard.add(other.pid, began(other.pid) - 1)
    print(told.pid, int(told.stdout.readline()), other.pid, guard.pid, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("killed", [True, False])
def test_what_the_guard_was_told_ends_with_its_starter(tmp_path: Path, *, killed: bool) -> None:
    folder = tmp_path / "scratch"
    (folder / "deep").mkdir(parents=True)
    line = [sys.executable, "-c", GUARDED, str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(line, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as starter:
        assert starter.stdout is not None
        told, below, other, companion = map(int, starter.stdout.readline().split())
        try:
            assert all(lives(pid) for pid in (told, below, other, companion))
            if killed:
                starter.kill()
            else:
                starter.communicate()
            deadline = time.monotonic() + 10
            while any(lives(pid) for pid in (told, below, companion)):
                assert time.monotonic() < deadline
                time.sleep(0.02)
            assert lives(other), "another process, of the same id"
            assert not folder.exists()
        finally:
            os.kill(other, signal.SIGKILL)


def lives(pid: int) -> bool:
    """Whether a process is there and more than an exit code that nobody has asked for."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def call(operation: str, seconds: float, product: str = "kms") -> dict[str, Any]:
    return {"operation": operation, "product": product, "time": f"2026-01-01T00:00:{seconds:06.3f}+00:00"}


def test_calls_are_counted_by_product_and_operation() -> None:
    made = [call("ListTagResources", 1), call("ListTagResources", 2, "oos"), call("inference:chat", 3, "inference")]
    counted = calls.counted([*made, call("ListTagResources", 4)])
    assert counted == {"inference:chat": 1, "kms:ListTagResources": 2, "oos:ListTagResources": 1}


def test_the_chain_is_of_calls_that_began_after_the_answer_before() -> None:
    # a, then b and c at once, then d; e begins while d is away.
    made = [call("a", 1.0), call("b", 1.5), call("c", 1.51), call("d", 2.02), call("e", 2.2)]
    assert calls.chain(made, 0.5) == ["kms:a", "kms:b", "kms:d"]
    assert len(calls.chain(made, 0.01)) == len(made)
    assert calls.chain([], 0.5) == []


def test_every_answer_is_held_back_but_those_to_the_benchmark(tmp_path: Path) -> None:
    emulator = EmulatorProcess.start(tmp_path)
    try:
        for seconds, least, most in ((0.4, 0.4, 5.0), (0.0, 0.0, 0.3)):
            calls.hold_back(emulator, seconds)
            for path in ("/modelstudio/nothing", "/_host/dashscope.aliyuncs.com/compatible-mode/v1/models"):
                assert least <= answer_time(f"{emulator.url}{path}") < most
            assert answer_time(f"{emulator.url}/_admin/identity") < 0.3
    finally:
        emulator.stop()


def answer_time(url: str) -> float:
    started = time.monotonic()
    try:
        build_opener(ProxyHandler({})).open(url, timeout=30).close()
    except HTTPError as refused:
        refused.close()
    return time.monotonic() - started


def test_a_state_is_measured_by_fields_and_frames(tmp_path: Path) -> None:
    trace = [{"sourcePosition": "project:///stacks/deploy.py#1"}, {"sourcePosition": "project:///__main__.py#8"}, {}]
    trace += [{"sourcePosition": f"project:///{path}#2"} for path in (".venv/site-packages/x.py", "../../y.py")]
    entries = [{"urn": "u", "inputs": {"a": 1}, "stackTrace": trace}, {"urn": "root"}]
    file = tmp_path / "test.json"
    file.write_text(json.dumps(entries, separators=(",", ":")))
    stack: Any = SimpleNamespace(stored=lambda: {"resources": entries}, state_file=file)
    measured = shape(stack)
    assert (measured.entries, measured.frames, measured.own_frames) == (2, 5, 2)
    assert list(measured.fields) == ["stackTrace", "urn", "inputs"], "largest first"
    brackets_and_commas = 2 + 1 + 2
    assert sum(measured.fields.values()) == measured.size - brackets_and_commas


def cost(program: Program, phase: Phase, cpu: float, number: int = 0, n: int = 10, **more: Any) -> Cost:
    fields: dict[str, Any] = {
        "seconds": 2 * cpu,
        "spent": {"engine": Spent(cpu=cpu, peak=3_000_000)},
        "unseen": 0.0,
        "double": 0.1,
        "state": Shape(entries=80, size=5000, fields={"urn": 70}, frames=9, own_frames=3),
        "calls": {"kms:CreateSecret": n},
    }
    return Cost(program=program, n=n, phase=phase, round=number, **{**fields, **more})


def report(*costs: Cost, **more: Any) -> Report:
    facts: dict[str, Any] = {
        "made": "2026",
        "engine": "3",
        "python": "3.11",
        "cpus": 2,
        "alicloud": "stand-in",
        "per_workspace": 5,
    }
    return Report(surroundings=Surroundings(**facts), rounds=1, costs=list(costs), **more)


def test_ratios_are_those_of_medians_and_none_where_there_is_nothing_to_compare() -> None:
    made = report(
        *(cost("ours", "up", cpu, number) for number, cpu in enumerate((6.0, 60.0, 6.0))),
        *(cost("hand", "up", cpu, number) for number, cpu in enumerate((2.0, 3.0, 4.0))),
        cost("ours", "rotate", 1.0),
    )
    assert made.ratio("hand", 10, "up", lambda c: c.cpu) == 2.0
    assert made.ratio("hand", 10, "rotate", lambda c: c.cpu) is None
    assert made.ratio("floor", 10, "up", lambda c: c.cpu) is None
    assert made.phases(10) == ["up", "rotate"]


def test_cpu_that_no_look_caught_counts_but_never_less_than_what_was_seen() -> None:
    assert cost("ours", "up", 2.0, unseen=0.5).cpu == 2.5
    assert cost("ours", "up", 2.0, unseen=-0.5).cpu == 2.0


def test_the_table_has_a_line_for_each_number_of_services_and_phase() -> None:
    made = report(
        cost("ours", "up", 6.0),
        cost("hand", "up", 4.0),
        cost("floor", "up", 3.0),
        cost("ours", "up", 9.0, n=50),
        latency=0.05,
        delayed=[Delayed(program="ours", n=10, round=0, seconds=14.0)],
        chains=[Chain(program="ours", calls=18, longest=10, operations=["kms:a"])],
    )
    heading, first, second = table.costs(made)
    shown = dict(zip(heading, first, strict=False))
    assert (shown["n"], shown["phase"], shown["CPU /hand"]) == ("10", "up", "1.5")
    assert first[3] == "2.0", "wall, to the floor"
    assert shown["state kB"] == "5 / 5"
    assert second[:4] == ["50", "up", "-", "-"]
    assert table.late(made)[1] == ["10", "ours", "10 of 18", "0.50", "28.0", "4.0"]
    assert len(table.text(made).splitlines()) == 1 + 3 + 1 + 1 + 2


def test_the_documents_are_those_of_the_committed_figures() -> None:
    committed = Report.model_validate_json(document.FIGURES.read_text())
    assert document.TEXT.read_text() == document.text(committed), (
        "run python -m tools.bench --write --out docs/cost.json"
    )
    assert document.PLOT.read_text() == plot.svg(committed)


def test_an_engine_without_the_script_for_dynamic_resources_is_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = Mock(environment={"PATH": str(tmp_path)})
    monkeypatch.setattr(programs, "EngineStack", Mock(return_value=stack))
    emulator = Mock(region_url=Mock(return_value="http://127.0.0.1:1"))
    engine: Any = None
    with pytest.raises(programs.BenchError, match="no pulumi-resource-pulumi-python .* install the whole Pulumi CLI"):
        programs.hand(tmp_path, engine, emulator, 1)
    executable(tmp_path / "pulumi-resource-pulumi-python", "")
    assert programs.hand(tmp_path, engine, emulator, 1).program == "hand"


@pytest.mark.parametrize("arguments", [["--n", "0"], ["--n", "ten"], ["--phases", "up,down"], ["--repeat", "x"]])
def test_what_cannot_be_measured_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        command.main(arguments)
    assert raised.value.code == 2
    assert arguments[0] in capsys.readouterr().err
