"""Secret versions: put, made current, put back."""

from typing import Any

import pytest

from tests.emulator_process import EmulatorProcess
from tests.provider.given import (
    REGION,
    VERSION,
    operations,
)
from tests.provider.vendor import Console
from tests.provider.wire_client import Wire, WireError


def version_inputs(version: str = "g1r1-ab12cd34", data: str = '{"k":"sk-test.a1"}') -> dict[str, Any]:
    return {"regionId": REGION, "secretName": "gw", "versionId": version, "secretData": data}


def test_a_version_is_put_made_current_and_replaced_by_the_next(wire: Wire, console: Console) -> None:
    console.create_secret("gw")
    made = wire.create(VERSION, "x", version_inputs())
    assert console.secret("gw") == ("g1r1-ab12cd34", '{"k":"sk-test.a1"}')
    wire.up(made, version_inputs("g2r2-ffffffff", '{"k":"sk-test.a2"}'))
    assert console.secret("gw") == ("g2r2-ffffffff", '{"k":"sk-test.a2"}')


def test_another_hand_s_version_is_seen_and_the_stage_moved_back(
    emulator: EmulatorProcess, wire: Wire, console: Console
) -> None:
    console.create_secret("gw")
    made = wire.create(VERSION, "x", version_inputs())
    console.put_secret("gw", "foreign", "{}")
    assert wire.refresh(made)
    assert made.state["currentVersionId"] == "foreign"
    assert wire.up(made, version_inputs()) == {"currentVersionId": "UPDATE"}
    assert console.secret("gw")[0] == "g1r1-ab12cd34"
    assert operations(emulator, "UpdateSecretVersionStage") == ["UpdateSecretVersionStage"]


def test_a_version_that_kms_dropped_is_put_under_a_new_id(wire: Wire, console: Console) -> None:
    console.create_secret("gw")
    made = wire.create(VERSION, "x", version_inputs())
    for n in range(12):
        console.put_secret("gw", f"foreign-{n}", "{}")
    assert wire.refresh(made)
    wire.up(made, version_inputs())
    version, data = console.secret("gw")
    assert version.startswith("g1r1-ab12cd34")
    assert data == version_inputs()["secretData"]


def test_other_data_under_the_wanted_id_gets_a_number(wire: Wire, console: Console) -> None:
    console.create_secret("gw")
    console.put_secret("gw", "g1r1-ab12cd34", "other")
    made = wire.create(VERSION, "x", version_inputs())
    assert made.state["storedVersionId"] == "g1r1-ab12cd34-2"
    assert wire.up(made, version_inputs()) == {}
    assert console.secret("gw")[0] == "g1r1-ab12cd34-2"


def test_a_secret_that_is_gone_is_dropped(wire: Wire, console: Console) -> None:
    console.create_secret("gw")
    made = wire.create(VERSION, "x", version_inputs())
    console.delete_secret("gw")
    assert not wire.refresh(made)


def test_a_secret_in_its_window_says_how_to_restore_it(wire: Wire, console: Console) -> None:
    console.create_secret("gw")
    made = wire.create(VERSION, "x", version_inputs())
    console.delete_secret("gw", window_days=7)
    with pytest.raises(WireError, match="aliyun kms RestoreSecret --region cn-beijing --SecretName gw"):
        wire.refresh(made)
    with pytest.raises(WireError, match="aliyun kms RestoreSecret"):
        wire.up(made, version_inputs("g2r2-ffffffff", "{}"))


def test_the_answer_to_a_put_may_be_lost(emulator: EmulatorProcess, wire: Wire, console: Console) -> None:
    console.create_secret("gw")
    for kind in ("cut_after", "500"):
        emulator.fault("PutSecretValue", kind, nth=1, times=1)
    wire.create(VERSION, "x", version_inputs())
    assert console.secret("gw")[0] == "g1r1-ab12cd34"


def test_a_secret_in_its_deletion_window_comes_with_the_command_that_restores_it(wire: Wire, console: Console) -> None:
    console.create_secret("gw")
    made = wire.create(VERSION, "x", version_inputs())
    console.delete_secret("gw", window_days=7)
    restore = "`aliyun kms RestoreSecret --region cn-beijing --SecretName gw`"
    with pytest.raises(WireError, match=restore):
        wire.refresh(made)
    with pytest.raises(WireError, match=restore):
        wire.create(VERSION, "x", version_inputs("g2r2-ffffffff"))
