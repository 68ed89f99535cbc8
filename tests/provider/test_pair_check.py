"""The pair check: what it proves, what it lets pass, and what it says."""

import pytest

from tests.emulator_process import EmulatorProcess
from tests.provider.given import CHECK, WORKSPACE, check_inputs, key_inputs, operations, workspace_inputs
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire, WireError


def test_a_pair_that_opens_is_verified_without_spending_tokens(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    made = wire.create(CHECK, "gw-check", check_inputs(emulator, workspace, key))
    assert made.state["outcome"] == "verified"
    assert made.state["outcomes"] == {"openai": "verified", "anthropic": "verified"}
    assert made.state["revision"] == 1
    outputs = {name: value for name, value in made.state.items() if name not in made.inputs}
    assert key.state["value"] not in str(outputs)
    assert "inference:chat" not in operations(emulator)


def test_a_key_of_another_workspace_is_refused_and_nothing_exists(
    emulator: EmulatorProcess, wire: Wire, key: Resource
) -> None:
    other = wire.create(WORKSPACE, "other", workspace_inputs(logicalName="other"))
    with pytest.raises(WireError, match="the pair is refused: .*401.*another workspace, region or billing plan"):
        wire.create(CHECK, "gw-check", check_inputs(emulator, other, key))


def test_a_refused_pair_keeps_the_last_good_state(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource, console: Console
) -> None:
    inputs = check_inputs(emulator, workspace, key)
    made = wire.create(CHECK, "gw-check", inputs)
    console.disable_key(key.state["keyId"])
    assert wire.refresh(made)
    assert made.state["outcome"] == "refused"
    with pytest.raises(WireError, match="the pair is refused"):
        wire.up(made, inputs)
    assert made.state["revision"] == 1


def test_an_ip_list_that_leaves_this_machine_out_is_not_checkable(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    wire.up(key, key_inputs(workspace, allowedIps=["203.0.113.0/24"]))
    inputs = check_inputs(emulator, workspace, key, hasIpList=True)
    with pytest.raises(WireError, match="the pair is not_checkable: .*not among them.*verify: best_effort"):
        wire.create(CHECK, "gw-check", inputs)
    made = wire.create(CHECK, "gw-check", {**inputs, "verify": "best_effort"})
    assert made.state["outcome"] == "not_checkable"


def test_verify_off_calls_nothing(emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource) -> None:
    before = len(operations(emulator))
    made = wire.create(CHECK, "gw-check", check_inputs(emulator, workspace, key, verify="off"))
    assert made.state["outcome"] == "not_checked"
    assert len(operations(emulator)) == before


def test_the_revision_grows_with_the_record_alone(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    inputs = check_inputs(emulator, workspace, key)
    made = wire.create(CHECK, "gw-check", inputs)
    first = made.state["digest"]
    assert wire.up(made, {**inputs, "verify": "best_effort"}) == {"verify": "UPDATE"}
    assert (made.state["revision"], made.state["digest"]) == (1, first)
    wire.up(made, {**inputs, "facts": {"MODEL_STUDIO_GENERATION": "2"}})
    assert made.state["revision"] == 2
    wire.up(made, inputs)
    assert (made.state["revision"], made.state["digest"]) == (3, first)


def test_no_route_is_not_checkable(wire: Wire, emulator: EmulatorProcess, workspace: Resource, key: Resource) -> None:
    inputs = check_inputs(emulator, workspace, key) | {"urls": {"openai": "http://127.0.0.1:9/compatible-mode/v1"}}
    with pytest.raises(WireError, match="not_checkable: .*no route from here"):
        wire.create(CHECK, "gw-check", inputs)
