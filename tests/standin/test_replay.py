"""Every recorded step of the served types, replayed: same requests and pauses, same operations, states and errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.standin.engine_double import Outcome, State, copy_of
from tests.standin.golden import (
    SECRET,
    SECRET_PARAMETER,
    common_text,
    expected_requests,
    expected_state,
    id_of,
    load,
    own_requests,
    program,
    recorded_state,
    shown_requests,
    shown_state,
    token_of,
)
from tests.standin.replay_server import Replay, Reply

if TYPE_CHECKING:
    from tests.standin.conftest import Connect
    from tests.standin.engine_double import EngineDouble

Json = dict[str, Any]

COUNTS = {
    "kms_secret": 61,
    "mse_nacos_config": 43,
    "oos_parameter": 49,
    "oos_secret_parameter": 46,
    "sae_config_map": 45,
    "errors": 47,
    "validation": 11,
}
STEPS = {file: load(file)["steps"] for file in COUNTS}

NOT_REPLAYED: dict[tuple[str, str], str] = {}
"""Step: why it is left out. (`test_provider_config` and `test_wire` have their own.)"""

SECRET_OUTPUTS = {SECRET: ["secretData"], SECRET_PARAMETER: ["value"]}
"""Which outputs the program's SDK always asks to be kept secret."""

ONLY_FIRST_LINE = {"import by the command line of a malformed id"}
"""Steps of whose error one line was recorded, while the stand-in also says what would be right."""

CASES = [
    pytest.param(file, number, id=f"{file}-{number:02d}-{step['step'].replace(' ', '-')}")
    for file, steps in STEPS.items()
    for number, step in enumerate(steps)
    if (file, step["step"]) not in NOT_REPLAYED
]


def test_record_is_complete() -> None:
    assert {file: len(steps) for file, steps in STEPS.items()} == COUNTS
    names = {(file, step["step"]) for file, steps in STEPS.items() for step in steps}
    assert set(NOT_REPLAYED) <= names
    assert {name for _, name in names} >= ONLY_FIRST_LINE
    assert len(CASES) == sum(COUNTS.values()) - len(NOT_REPLAYED)


@pytest.mark.parametrize(("file", "number"), CASES)
def test_step(file: str, number: int, connect: Connect, replay: Replay, provider_args: Json) -> None:
    step = STEPS[file][number]
    if step["step"].startswith("max_retry_timeout=12"):
        provider_args["maxRetryTimeout"] = "12"
    engine = connect(provider_args, token=token_of(file, step))
    replay.in_order(
        [
            Reply(0 if answer.get("fault", "").startswith("cut") else answer["status"], answer["body"])
            for _, answer in own_requests(file, step)
        ]
    )
    before = state_before(file, number)

    if step["command"] == "up" and "preview_diff" in step and _plain(step):
        previewed = _up(engine, copy_of(before), step, preview=True)
        assert _unordered(previewed.preview) == _unordered(step["preview_diff"])
        assert replay.asked == []
    outcome = _run(engine, before, step)

    assert shown_requests(replay.asked) == expected_requests(file, step)
    assert _unordered(outcome.operations) == _unordered(_of_type(step["engine_result"]["operations"]))
    assert bool(outcome.error) == bool(step["engine_result"]["exit_code"])
    said = outcome.error.partition("\n")[0] if step["step"] in ONLY_FIRST_LINE else outcome.error
    _compare_errors(common_text(said, replay.port), common_text(step.get("error_text", "")))
    assert shown_state(outcome.state, replay.port) == expected_state(step)


def state_before(file: str, number: int) -> State | None:
    """Return the state that a step starts from: the recorded one of the step before, unless it starts afresh."""
    step = STEPS[file][number]
    ops = [op["op"] for op in step["engine_result"]["operations"]]
    if file == "errors" and step["step"].startswith(("update", "refresh", "destroy", "max_retry_timeout=12: update")):
        # Between these steps the recorder set the secret up anew.
        made = recorded_state(STEPS[file][18]["state"])
        assert made is not None
        if step["command"] == "up":
            made.outputs["recoveryWindowInDays"] = 30  # as any update or refresh before leaves it
        return made
    if number == 0 or token_of(file, STEPS[file][number - 1]) != token_of(file, step):
        return None
    if ops[:1] in (["create"], ["import"], ["read"]) or step["command"] == "import":
        return None
    return recorded_state(STEPS[file][number - 1]["state"])


def _run(engine: EngineDouble, state: State | None, step: Json) -> Outcome:
    command = step["command"]
    if command == "up":
        if not _plain(step):
            return _take_over(engine, step)
        return _up(engine, state, step, preview=False)
    if command == "import":
        first = _import(engine, step)
        # The engine reads for its preview, then again.
        return Outcome(error=first.error) if first.error else Outcome(state=_import(engine, step).state)
    assert state is not None
    return engine.refresh(state) if command == "refresh" else engine.destroy(state)


def _import(engine: EngineDouble, step: Json) -> Outcome:
    return engine.read_by_id(id_of(step), external=False)


def _up(engine: EngineDouble, state: State | None, step: Json, *, preview: bool) -> Outcome:
    args, secret = program(engine.token, step)
    opts = _declared(step).get("opts", {})
    return engine.up(
        state,
        args,
        secret=secret,
        also_secret=opts.get("additional_secret_outputs", SECRET_OUTPUTS.get(engine.token, [])),
        delete_first=opts.get("delete_before_replace", False),
        preview=preview,
    )


def _take_over(engine: EngineDouble, step: Json) -> Outcome:
    """Read by id, or import by the resource option; the latter goes on with an update where the program differs."""
    res = step["program_inputs"]["res"]
    if "get" in res:
        return engine.read_by_id(res["get"], external=True)
    read = engine.read_by_id(res["opts"]["import_"], external=False)
    assert read.state is not None
    after = _up(engine, copy_of(read.state), step, preview=False)
    if [op["op"] for op in after.operations] == ["same"]:
        return read
    return Outcome([*read.operations, *after.operations], error=after.error, state=after.state)


def _plain(step: Json) -> bool:
    """Whether the program just declares the resource."""
    res = _declared(step)
    importing = "import_" in res.get("opts", {}) and step["engine_result"]["operations"] != [SAME]
    return "get" not in res and not importing


def _declared(step: Json) -> Json:
    """Return what the program says of the resource; one step's arguments are too long for the record."""
    given: Any = step["program_inputs"]
    return given["res"] if isinstance(given, dict) else {}  # pyright: ignore[reportUnknownVariableType] - JSON


SAME = {"op": "same", "name": "res"}


def _of_type(operations: list[Json]) -> list[Json]:
    return [op for op in operations if op["name"] == "res"]


def _unordered(operations: list[Json]) -> list[Json]:
    """Sort the lists whose order the record does not keep."""
    return [
        {n: sorted(v) if n.endswith(("diffs", "Reasons", "keys")) else v for n, v in op.items()} for op in operations
    ]


def _compare_errors(shown: str, recorded: str) -> None:
    # The engine's own preview says the same with more words around it.
    recorded = recorded.removeprefix("preview failed: step application failed: ")
    assert shown.strip() == recorded.strip()
