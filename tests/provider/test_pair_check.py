"""The pair check: what it proves, what it lets pass, and what it says."""

import pytest

from tests.emulator_process import EmulatorProcess
from tests.provider.conftest import MakeWire
from tests.provider.given import CHECK, KEY, WORKSPACE, check_inputs, facts_of, key_inputs, operations, workspace_inputs
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire, WireError


def test_a_pair_that_opens_is_verified_without_spending_tokens(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    made = wire.create(CHECK, "gw-check", check_inputs(emulator, workspace, key))
    assert made.state["outcome"] == "verified"
    assert made.state["outcomes"] == dict.fromkeys(("openai", "anthropic", "dashscope"), "verified")
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
    wire.up(made, {**inputs, "facts": facts_of(workspace, MODEL_STUDIO_GENERATION="2")})
    assert made.state["revision"] == 2
    wire.up(made, inputs)
    assert (made.state["revision"], made.state["digest"]) == (3, first)


def test_no_route_is_not_checkable(wire: Wire, emulator: EmulatorProcess, workspace: Resource, key: Resource) -> None:
    inputs = check_inputs(emulator, workspace, key) | {"urls": {"openai": "http://127.0.0.1:9/compatible-mode/v1"}}
    with pytest.raises(WireError, match="not_checkable: .*no route from here"):
        wire.create(CHECK, "gw-check", inputs)


def test_any_key_let_in_is_inconclusive(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    emulator.settings(admit_any_key=True)
    with pytest.raises(WireError, match="the pair is inconclusive: .*a key that cannot exist was not refused"):
        wire.create(CHECK, "gw-check", check_inputs(emulator, workspace, key))


def test_a_refused_key_that_was_minted_is_looked_up(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource, console: Console
) -> None:
    inputs = check_inputs(emulator, workspace, key)
    console.disable_key(key.state["keyId"])
    with pytest.raises(WireError, match=f"key {key.state['keyId']} was disabled by another hand: enable it"):
        wire.create(CHECK, "gw-check", inputs)
    console.delete_key(key.state["keyId"])
    with pytest.raises(WireError, match=f"key {key.state['keyId']} was deleted by another hand: run `pulumi refresh`"):
        wire.create(CHECK, "gw-check", inputs)


def test_a_key_of_a_sibling_is_told_from_one_of_another_region(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource, console: Console
) -> None:
    theirs = console.create_key(console.create_workspace("theirs"), "x")
    given = check_inputs(emulator, workspace, key, apiKey=theirs.api_key_value, keyId=theirs.api_key_id)
    with pytest.raises(WireError, match=r"key \d+ is of workspace ws-\w+, not of ws-\w+"):
        wire.create(CHECK, "gw-check", {**given, "keyId": str(theirs.api_key_id)})
    brought = {name: value for name, value in given.items() if name != "keyId"}
    with pytest.raises(WireError, match="the key opens https://dashscope.aliyuncs.com/.*another workspace in cn-beij"):
        wire.create(CHECK, "gw-check", brought)
    abroad = Console(emulator, "ap-southeast-1")
    far = abroad.create_key(abroad.create_workspace("far"), "x").api_key_value
    with pytest.raises(WireError, match=r"opens https://dashscope-intl.*'ap-southeast-1'.*\[key-region\]"):
        wire.create(CHECK, "gw-check", {**brought, "apiKey": far})
    plan = emulator.admin("POST", "/plan-keys", {"plan": "coding_plan", "region": "ap-southeast-1"})["value"]
    with pytest.raises(
        WireError, match=r"opens https://coding-intl.*only https://coding-intl.*\[billing-plan\]"
    ) as said:
        wire.create(CHECK, "gw-check", {**brought, "apiKey": plan})
    assert plan not in str(said.value)


def test_another_key_s_value_handed_out_is_named(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, console: Console
) -> None:
    console.create_key(console.create_workspace("theirs"), "x")
    emulator.settings(hand_out_others_keys=True)
    swapped = wire.create(KEY, "gw-key", key_inputs(workspace))
    with pytest.raises(WireError, match="is there and enabled, but the service gave out another key's value for it"):
        wire.create(CHECK, "gw-check", check_inputs(emulator, workspace, swapped))


def test_a_host_of_the_user_s_own_is_the_only_one_that_sees_the_key(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    inputs = check_inputs(emulator, workspace, key, apiKey="sk-ws-test.a1")
    own = {"openai": f"{emulator.inference}/models.example.com/v1"}
    brought = {name: value for name, value in inputs.items() if name != "keyId"} | {"urls": own}
    with pytest.raises(WireError, match="the pair is inconclusive: .*the host does not know"):
        wire.create(CHECK, "gw-check", brought)
    assert {call["path"].split("/")[2] for call in emulator.calls() if call["product"] == "inference"} == {
        "models.example.com"
    }


def test_isolation_asks_a_sibling_and_another_region(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    before = len(emulator.calls())
    made = wire.create(CHECK, "gw-check", check_inputs(emulator, workspace, key, isolation=True))
    assert made.state["outcome"] == "verified"
    hosts = [call["path"].split("/")[2] for call in emulator.calls(before) if call["product"] == "inference"]
    abroad = [host for host in hosts if host != workspace.state["apiHost"]]
    assert len(set(abroad)) == 2
    assert "dashscope-intl.aliyuncs.com" in abroad
    assert any(host.endswith(".cn-beijing.maas.aliyuncs.com") for host in abroad)


def test_a_key_that_opens_another_workspace_is_not_delivered(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    inputs = check_inputs(emulator, workspace, key, isolation=True)
    emulator.settings(keys_open_their_whole_region=True)
    with pytest.raises(
        WireError, match=r"the pair is refused: .*isolation, http.*: the key opens the host of workspace ws-\w+"
    ):
        wire.create(CHECK, "gw-check", inputs)
    made = wire.create(CHECK, "gw-check", {**inputs, "isolation": False})
    assert made.state["outcome"] == "verified"


def test_isolation_that_is_lost_later_is_seen_by_a_refresh(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    made = wire.create(CHECK, "gw-check", check_inputs(emulator, workspace, key, isolation=True))
    emulator.settings(keys_open_their_whole_region=True)
    assert wire.refresh(made)
    assert made.state["outcome"] == "refused"


def test_isolation_that_cannot_be_asked_about_is_inconclusive(
    emulator: EmulatorProcess, make_wire: MakeWire, wire: Wire, workspace: Resource, key: Resource
) -> None:
    made = wire.create(CHECK, "gw-check", check_inputs(emulator, workspace, key, isolation=True))
    elsewhere = make_wire(accountId="9" * 16)
    assert elsewhere.refresh(made), "a refresh never fails"
    assert made.state["outcome"] == "inconclusive"
    assert "belong to account 1234567890123456" in made.state["cause"]
