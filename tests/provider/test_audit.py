"""A line for each thing that is done to a key, in the log and in a file, and never a value in one."""

import json
from pathlib import Path
from typing import Any

import pytest

from provider.audit import FILE, Audit
from tests.emulator_process import EmulatorProcess
from tests.provider.conftest import OnDay
from tests.provider.given import (
    KEY,
    PLACE,
    RETIREMENT,
    VERSION,
    WORKSPACE,
    key_inputs,
    place_inputs,
    retirement_inputs,
    version_inputs,
    workspace_inputs,
)
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire, WireError

EPOCH = 1_800_000_000.0


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "audit.jsonl"
    monkeypatch.setenv(FILE, str(path))
    return path


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def events(file: Path) -> list[str]:
    """Return event and generation of each line."""
    return [f"{line['event']} g{line['generation']}" for line in lines(file)]


def logged(wire: Wire) -> list[dict[str, Any]]:
    return [json.loads(line.removeprefix("audit: ")) for line in wire.logged]


def test_the_whole_life_of_a_service_s_keys_is_told(
    file: Path, on_day: OnDay, workspace: Resource, place: Resource, console: Console
) -> None:
    wire = on_day(0)
    key = wire.create(KEY, "gw-key", key_inputs(workspace, place))
    first = key.state["keyId"]
    assert events(file) == ["mint g1", "put g1"]
    further = wire.create(PLACE, "copy", place_inputs(store="oos", name="copy"))
    wire.create(VERSION, "copy", version_inputs(further, key))
    wire.up(key, key_inputs(workspace, place, rotation={"minGeneration": 2}))
    assert events(file)[2:] == ["put g1", "mint g2", "put g2"]
    retirement = wire.create(RETIREMENT, "gw-retirement", retirement_inputs(key))
    later = on_day(7.1)
    later.up(retirement, retirement_inputs(key))
    assert events(file)[5:] == ["disable g1"]
    last = on_day(7.2)
    last.up(key, key_inputs(workspace, place, rotation={"serveGeneration": 1}))
    assert events(file)[6:] == ["scope g1", "enable g1", "put g1"]
    last.up(key, key_inputs(workspace, place, rotation={"serveGeneration": 1}, allowedIps=["127.0.0.1/32"]))
    assert events(file)[9:] == ["scope g1"]
    last.delete(key)
    assert sorted(events(file)[10:]) == ["delete g1", "delete g2"]
    told = lines(file)
    assert logged(wire) + logged(later) + logged(last) == told, "the log has the same lines"
    assert {line["resource"] for line in told} >= {key.urn, retirement.urn}
    assert {line["key_id"] for line in told if line["generation"] == 1} == {first}
    assert [line["place"].partition("@")[0] for line in told if line["event"] == "put"][:2] == [
        "kms:cn-beijing/gw",
        "oos-secret:cn-beijing/copy",
    ]
    assert all(line["region"] == "cn-beijing" for line in told if line["event"] != "put")
    assert "sk-" not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    del console


def test_a_key_that_is_deleted_without_a_soak_is_told_as_deleted(
    file: Path, emulator: EmulatorProcess, wire: Wire, on_day: OnDay
) -> None:
    where = {"regionId": "us-east-1"}
    workspace = wire.create(WORKSPACE, "w", workspace_inputs(**where, allModels=True))
    place = wire.create(PLACE, "gw", place_inputs(**where))
    key = wire.create(KEY, "gw-key", key_inputs(workspace, place))
    wire.up(key, key_inputs(workspace, place, rotation={"minGeneration": 2}))
    retirement = wire.create(RETIREMENT, "gw-retirement", retirement_inputs(key))
    emulator.settings(disable_refused_in=["us-east-1"])
    on_day(7.1).up(retirement, retirement_inputs(key))
    assert events(file)[-1] == "delete g1"


def test_what_a_lost_answer_left_is_told_when_it_is_deleted(
    file: Path, emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource
) -> None:
    emulator.fault("CreateApiKey", "cut_after")
    wire.create(KEY, "gw-key", key_inputs(workspace, place))
    assert events(file) == ["delete g1", "mint g1", "put g1"]


def test_a_candidate_that_is_discarded_is_told(
    file: Path, emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource
) -> None:
    elsewhere = {"openai": f"{emulator.inference}/dashscope-intl.aliyuncs.com/compatible-mode/v1"}
    with pytest.raises(WireError, match="the pair is"):
        wire.create(KEY, "gw-key", key_inputs(workspace, place, urls=elsewhere))
    assert events(file) == ["mint g1", "delete g1"]


def test_a_version_that_could_not_be_read_back_is_told(
    file: Path, emulator: EmulatorProcess, wire: Wire, key: Resource
) -> None:
    further = wire.create(PLACE, "copy", place_inputs(store="oos", name="copy"))
    emulator.fault("GetSecretParameter", "500", times=1000)
    with pytest.raises(WireError, match="could not be read back"):
        wire.create(VERSION, "copy", version_inputs(further, key))
    assert events(file)[-1] == "put g1"


def test_previews_and_refreshes_and_an_up_without_change_tell_nothing(file: Path, wire: Wire, key: Resource) -> None:
    before = lines(file)
    wire.preview(KEY, "other", key.inputs)
    assert wire.refresh(key)
    assert wire.up(key, key.inputs) == {}
    assert lines(file) == before


def test_without_a_file_the_log_has_it(wire: Wire, key: Resource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FILE, raising=False)
    assert [line["event"] for line in logged(wire)] == ["mint", "put"]
    assert logged(wire)[0]["key_id"] == key.state["keyId"]


def audit(log: list[str]) -> Audit:
    return Audit("urn:pulumi:x", lambda: EPOCH, log.append)


def test_a_line_says_when_what_and_whose(file: Path) -> None:
    audit([])("put", key_id="7", generation=2, place="kms:cn-beijing/ü@g2r1-x")
    assert lines(file) == [
        {
            "time": "2027-01-15T08:00:00Z",
            "event": "put",
            "resource": "urn:pulumi:x",
            "key_id": "7",
            "generation": 2,
            "place": "kms:cn-beijing/ü@g2r1-x",
        }
    ]


def test_lines_are_added_to_those_that_are_there(file: Path) -> None:
    file.write_text("{}\n")
    audit([])("mint", key_id="7")
    assert len(lines(file)) == 2


def test_what_looks_like_a_key_is_masked(file: Path) -> None:
    log: list[str] = []
    audit(log)("put", place="kms:cn-beijing/sk-ws-test.a1")
    assert "sk-ws-test.a1" not in f"{file.read_text()}{log}"
    assert len(lines(file)) == 1, "it is still JSON"


def test_a_file_that_cannot_be_written_to_stops_nothing_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log: list[str] = []
    monkeypatch.setenv(FILE, str(tmp_path / "no-such-folder" / "audit.jsonl"))
    audit(log)("mint", key_id="7")
    assert json.loads(log[0].removeprefix("audit: "))["key_id"] == "7"
    assert log[1].startswith(f"audit: {FILE} cannot be written to: ")
