"""The proof of a pair, with the service: what it proves, what it lets pass, and what it says."""

import pytest

from catalogue.rows import MODEL_PROTOCOLS
from provider.probe.question import MADE_UP_LABEL
from tests.emulator_process import EmulatorProcess
from tests.provider.conftest import MakeWire
from tests.provider.given import CHECK, KEY, WORKSPACE, check_inputs, facts_of, key_inputs, operations, workspace_inputs
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire, WireError

BODY_FIRST = ["key", "body", "model", "workspace", "bill"]
"""An order in which the made-up host answers as the real one does."""


def tokens(emulator: EmulatorProcess) -> int:
    """Return the tokens that models have spent."""
    return sum(int(call["params"].get("tokens") or 0) for call in emulator.calls() if call["product"] == "inference")


def test_a_pair_that_opens_is_verified_without_spending_tokens(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    made = wire.create(CHECK, "gw-check", check_inputs(emulator, workspace, key))
    assert made.state["outcome"] == "verified"
    assert made.state["outcomes"] == dict.fromkeys(MODEL_PROTOCOLS, "verified")
    proof = {"keyAccepted": True, "hostProven": True, "modelAnswered": ""}
    assert made.state["proofs"] == dict.fromkeys(MODEL_PROTOCOLS, proof)
    assert made.state["revision"] == 1
    outputs = {name: value for name, value in made.state.items() if name not in made.inputs}
    assert key.state["value"] not in str(outputs)
    assert tokens(emulator) == 0


def test_where_nothing_free_proves_the_host_one_call_per_url_does(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    emulator.settings(inference_order=BODY_FIRST)
    inputs = check_inputs(emulator, workspace, key)
    made = wire.create(CHECK, "gw-check", inputs)
    assert made.state["outcome"] == "verified"
    assert {proof["modelAnswered"] for proof in made.state["proofs"].values()} == {"qwen-flash"}
    spent = tokens(emulator)
    assert spent > 0
    before = dict(made.state)
    assert wire.refresh(made)
    assert made.state == before
    assert wire.up(made, inputs) == {}
    assert tokens(emulator) == spent, "a refresh spends nothing, and what it finds contradicts nothing"


def test_free_never_spends_and_delivers_what_the_region_accepts(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    emulator.settings(inference_order=BODY_FIRST)
    inputs = check_inputs(emulator, workspace, key, verify="free")
    made = wire.create(CHECK, "gw-check", inputs)
    assert made.state["outcome"] == "accepted"
    assert made.state["proofs"]["openai"] == {"keyAccepted": True, "hostProven": False, "modelAnswered": ""}
    assert "access to this host is not proven" in made.state["cause"]
    assert wire.up(made, inputs) == {}, "an accepted pair is what free asks for"
    assert tokens(emulator) == 0
    assert wire.up(made, {**inputs, "verify": "required"}) == {"outcome": "UPDATE", "verify": "UPDATE"}
    assert made.state["outcome"] == "verified"


@pytest.mark.parametrize("bill", ["arrears", "quota", "free_tier", "unpurchased", "commodity"])
def test_a_throttled_or_unpaid_account_does_not_block_a_minted_key_of_the_right_workspace(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource, bill: str
) -> None:
    emulator.settings(bill=bill)
    inputs = check_inputs(emulator, workspace, key)
    made = wire.create(CHECK, "gw-check", inputs)
    assert made.state["outcome"] == "accepted"
    assert set(wire.diff(made, inputs)) == {"outcome"}, "the next up asks again"
    emulator.settings(bill="")
    wire.up(made, inputs)
    assert made.state["outcome"] == "verified"


def test_an_account_in_trouble_vouches_for_no_key_of_another_workspace(
    emulator: EmulatorProcess, wire: Wire, key: Resource
) -> None:
    other = wire.create(WORKSPACE, "other", workspace_inputs(logicalName="other"))
    emulator.settings(bill="quota", inference_order=["key", "bill", "model", "workspace", "body"])
    with pytest.raises(WireError, match="the pair is accepted: .*insufficient_quota.*nothing was delivered"):
        wire.create(CHECK, "gw-check", check_inputs(emulator, other, key))


def test_a_preview_says_what_a_check_may_cost(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    inputs = check_inputs(emulator, workspace, key)
    before = len(emulator.calls())
    wire.preview(CHECK, "gw-check", inputs)
    (said,) = [text for text in wire.told if "calls" in text]
    assert "up to 3 calls, about 36 tokens, billed to account 1234567890123456" in said
    assert len(emulator.calls()) == before


def test_a_preview_of_what_is_proven_or_free_says_nothing_of_cost(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    wire.preview(CHECK, "a", check_inputs(emulator, workspace, key, verify="free"))
    shared = f"{emulator.inference}/dashscope.aliyuncs.com/compatible-mode/v1"
    wire.preview(CHECK, "b", check_inputs(emulator, workspace, key, urls={"openai": shared}))
    made = wire.create(CHECK, "c", check_inputs(emulator, workspace, key))
    wire.preview_up(made, check_inputs(emulator, workspace, key, verify="required", facts=facts_of(workspace, A="b")))
    assert [text for text in wire.told if "billed" in text] == []


def test_a_key_of_another_workspace_is_refused_and_nothing_exists(
    emulator: EmulatorProcess, wire: Wire, key: Resource
) -> None:
    other = wire.create(WORKSPACE, "other", workspace_inputs(logicalName="other"))
    with pytest.raises(
        WireError, match="the pair is refused: .*endpoint access denied.*key 1000001 is of workspace ws-"
    ):
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
    inputs = check_inputs(emulator, workspace, key, allowedIps=["203.0.113.0/24"])
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
    with pytest.raises(WireError, match=f"key {key.state['keyId']} was disabled outside this stack: enable it"):
        wire.create(CHECK, "gw-check", inputs)
    console.delete_key(key.state["keyId"])
    with pytest.raises(
        WireError, match=f"key {key.state['keyId']} was deleted outside this stack: run `pulumi refresh`"
    ):
        wire.create(CHECK, "gw-check", inputs)


def test_a_key_of_a_sibling_is_told_from_one_of_another_region(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource, console: Console
) -> None:
    theirs = console.create_key(console.create_workspace("theirs"), "x")
    given = check_inputs(emulator, workspace, key, apiKey=theirs.api_key_value, keyId=theirs.api_key_id)
    with pytest.raises(WireError, match=r"key \d+ is of workspace ws-\w+, not of ws-\w+"):
        wire.create(CHECK, "gw-check", {**given, "keyId": str(theirs.api_key_id)})
    brought = {name: value for name, value in given.items() if name != "keyId"}
    theirs_alone = {
        "urls": {"openai": given["urls"]["openai"]},
        "facts": facts_of(workspace, MODEL_STUDIO_WORKSPACE_ID=""),
    }
    with pytest.raises(WireError, match="the pair is refused: .*the key is one of another workspace than this host's"):
        wire.create(CHECK, "gw-check", brought)
    with pytest.raises(WireError, match="the pair is inconclusive: .*another workspace than this host's.*two models"):
        wire.create(CHECK, "gw-check", brought | theirs_alone)
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
    assert len(set(abroad) - {f"{MADE_UP_LABEL}.cn-beijing.maas.aliyuncs.com"}) == 2
    assert "dashscope-intl.aliyuncs.com" in abroad
    assert any(host.endswith(".cn-beijing.maas.aliyuncs.com") for host in abroad)


def test_a_key_that_opens_another_workspace_is_not_delivered(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    inputs = check_inputs(emulator, workspace, key, isolation=True)
    emulator.settings(keys_open_their_whole_region=True)
    with pytest.raises(
        WireError, match=r"the pair is refused: isolation, .*: the key opens the host of workspace ws-\w+"
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


def test_isolation_that_a_refresh_cannot_ask_about_stays_as_it_was(
    emulator: EmulatorProcess, make_wire: MakeWire, wire: Wire, workspace: Resource, key: Resource
) -> None:
    made = wire.create(CHECK, "gw-check", check_inputs(emulator, workspace, key, isolation=True))
    assert made.state["outcomes"]["isolation"] == "verified"
    elsewhere = make_wire(accountId="9" * 16)
    before = dict(made.state)
    assert elsewhere.refresh(made), "a refresh never fails"
    assert made.state == before, "and what it could not ask contradicts nothing"
    with pytest.raises(WireError, match="the pair is inconclusive: .*belong to account 1234567890123456"):
        elsewhere.create(CHECK, "gw-check", check_inputs(emulator, workspace, key, isolation=True))


def test_a_refresh_that_finds_a_verified_pair_refused_records_it(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    inputs = check_inputs(emulator, workspace, key)
    made = wire.create(CHECK, "gw-check", inputs)
    emulator.settings(suspended_workspaces=[workspace.state["workspaceId"]])
    assert wire.refresh(made)
    assert made.state["outcome"] == "refused"
    assert "suspended" in made.state["cause"]
    emulator.settings(suspended_workspaces=[])
    wire.up(made, inputs)
    assert made.state["outcome"] == "verified"


def test_one_retired_model_blocks_nothing(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    emulator.settings(retired_models=["qwen-flash"])
    assert wire.create(CHECK, "gw-check", check_inputs(emulator, workspace, key)).state["outcome"] == "verified"


@pytest.mark.parametrize(
    ("gateway", "says"),
    [
        ("html_login", "not one of the protocol"),
        ("empty_200", "not one of the protocol"),
        ("redirect", "redirects"),
        ("plain_403", "not one that is known to mean anything"),
    ],
)
def test_a_gateway_in_between_neither_verifies_nor_refuses(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource, gateway: str, says: str
) -> None:
    emulator.settings(gateway=gateway)
    with pytest.raises(WireError, match=f"the pair is inconclusive: .*{says}"):
        wire.create(CHECK, "gw-check", check_inputs(emulator, workspace, key))


def test_a_model_that_was_chosen_is_the_one_that_is_called(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    emulator.settings(inference_order=BODY_FIRST)
    made = wire.create(CHECK, "gw-check", check_inputs(emulator, workspace, key, verifyModel="qwen3-max"))
    assert {proof["modelAnswered"] for proof in made.state["proofs"].values()} == {"qwen3-max"}


def test_a_websocket_is_verified_where_another_url_of_its_host_is(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    host = f"{emulator.inference}/{workspace.state['apiHost']}"
    urls = {
        "openai": f"{host}/compatible-mode/v1",
        "realtime": f"{host.replace('http', 'ws', 1)}/api-ws/v1/inference",
    }
    made = wire.create(CHECK, "gw-check", check_inputs(emulator, workspace, key, urls=urls))
    assert made.state["outcomes"] == dict.fromkeys(urls, "verified")
    alone = {"realtime": urls["realtime"]}
    with pytest.raises(WireError, match="the pair is accepted: ws://.*a websocket's handshake proves the key alone"):
        wire.create(CHECK, "gw-alone", check_inputs(emulator, workspace, key, urls=alone))
    theirs = check_inputs(emulator, workspace, key, urls=urls, apiKey="sk-ws-test.a1")
    with pytest.raises(WireError, match="the pair is refused: .*wss?://.*401"):
        wire.create(CHECK, "gw-theirs", theirs)


def test_a_gateway_of_one_s_own_is_proven_by_a_model_that_answers_through_it(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, key: Resource
) -> None:
    through = {"openai": f"{emulator.inference}/dashscope.aliyuncs.com/compatible-mode/v1"}
    given = {n: v for n, v in check_inputs(emulator, workspace, key, urls=through).items() if n != "prefix"}
    made = wire.create(CHECK, "free", {**given, "verify": "free"})
    assert (made.state["outcome"], tokens(emulator)) == ("accepted", 0)
    made = wire.create(CHECK, "required", given)
    assert made.state["proofs"]["openai"]["modelAnswered"] == "qwen-flash"
    emulator.settings(admit_any_key=True)
    with pytest.raises(WireError, match="the pair is inconclusive: .*a key that cannot exist was not refused"):
        wire.create(CHECK, "anybody", given)
