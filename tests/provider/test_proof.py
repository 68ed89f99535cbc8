"""The proof of a pair, with the service: what it proves, what it lets pass, and what it says."""

import pytest

from catalogue.rows import MODEL_PROTOCOLS
from provider.probe.question import MADE_UP_LABEL
from tests.emulator_process import EmulatorProcess
from tests.provider.given import KEY, WORKSPACE, key_inputs, live, urls_of, workspace_inputs
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire, WireError

BODY_FIRST = ["key", "body", "model", "workspace", "bill"]
"""An order in which the made-up host answers as the real one does."""


def tokens(emulator: EmulatorProcess) -> int:
    """Return the tokens that models have spent."""
    return sum(int(call["params"].get("tokens") or 0) for call in emulator.calls() if call["product"] == "inference")


def test_a_pair_that_opens_is_verified_without_spending_tokens(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource
) -> None:
    made = wire.create(KEY, "gw-key", key_inputs(workspace, place))
    assert made.state["outcome"] == "verified"
    assert made.state["outcomes"] == dict.fromkeys(MODEL_PROTOCOLS, "verified")
    proof = {"keyAccepted": True, "hostProven": True, "modelAnswered": ""}
    assert made.state["proofs"] == dict.fromkeys(MODEL_PROTOCOLS, proof)
    assert made.state["revision"] == 1
    assert tokens(emulator) == 0


def test_where_nothing_free_proves_the_host_one_call_per_url_does(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource
) -> None:
    emulator.settings(inference_order=BODY_FIRST)
    inputs = key_inputs(workspace, place)
    made = wire.create(KEY, "gw-key", inputs)
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
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource
) -> None:
    emulator.settings(inference_order=BODY_FIRST)
    inputs = key_inputs(workspace, place, verify="free")
    made = wire.create(KEY, "gw-key", inputs)
    assert made.state["outcome"] == "accepted"
    assert made.state["proofs"]["openai"] == {"keyAccepted": True, "hostProven": False, "modelAnswered": ""}
    assert "access to this host is not proven" in made.state["cause"]
    assert wire.up(made, inputs) == {}, "an accepted pair is what free asks for"
    assert tokens(emulator) == 0
    assert wire.up(made, {**inputs, "verify": "required"}) == {"outcome": "UPDATE", "verify": "UPDATE"}
    assert made.state["outcome"] == "verified"


@pytest.mark.parametrize("bill", ["arrears", "quota", "free_tier", "unpurchased", "commodity"])
def test_a_throttled_or_unpaid_account_does_not_block_a_minted_key_of_the_right_workspace(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource, bill: str
) -> None:
    emulator.settings(bill=bill)
    inputs = key_inputs(workspace, place)
    made = wire.create(KEY, "gw-key", inputs)
    assert made.state["outcome"] == "accepted"
    assert set(wire.diff(made, inputs)) == {"outcome"}, "the next up asks again"
    emulator.settings(bill="")
    wire.up(made, inputs)
    assert made.state["outcome"] == "verified"


def test_an_account_in_trouble_vouches_for_no_key_of_another_workspace(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource, console: Console
) -> None:
    other = wire.create(WORKSPACE, "other", workspace_inputs(logicalName="other"))
    emulator.settings(bill="quota", inference_order=["key", "bill", "model", "workspace", "body"])
    with pytest.raises(WireError, match="the pair is accepted: .*insufficient_quota.*nothing was delivered"):
        wire.create(KEY, "gw-key", key_inputs(workspace, place, urls=urls_of(other)))
    assert live(console, workspace) == []


def test_a_preview_says_what_a_check_may_cost(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource
) -> None:
    inputs = key_inputs(workspace, place)
    before = len(emulator.calls())
    wire.preview(KEY, "gw-check", inputs)
    (said,) = [text for text in wire.told if "calls" in text]
    assert "up to 3 calls, about 36 tokens, billed to account 1234567890123456" in said
    assert len(emulator.calls()) == before


def test_a_preview_of_what_is_proven_or_free_says_nothing_of_cost(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource
) -> None:
    wire.preview(KEY, "a", key_inputs(workspace, place, verify="free"))
    shared = f"{emulator.inference}/dashscope.aliyuncs.com/compatible-mode/v1"
    wire.preview(KEY, "b", key_inputs(workspace, place, urls={"openai": shared}))
    made = wire.create(KEY, "c-key", key_inputs(workspace, place))
    wire.preview_up(made, key_inputs(workspace, place, verify="required", probeOnRefresh=False))
    assert [text for text in wire.told if "billed" in text] == []


def test_a_key_of_another_workspace_is_refused_and_nothing_exists(
    wire: Wire, workspace: Resource, place: Resource, console: Console
) -> None:
    other = wire.create(WORKSPACE, "other", workspace_inputs(logicalName="other"))
    with pytest.raises(WireError, match="the pair is refused: .*endpoint access denied"):
        wire.create(KEY, "gw-key", key_inputs(workspace, place, urls=urls_of(other)))
    assert live(console, workspace) == []
    assert not console.secrets["kms"].exists("gw")


def test_an_ip_list_that_leaves_this_machine_out_is_not_checkable(
    wire: Wire, workspace: Resource, place: Resource
) -> None:
    inputs = key_inputs(workspace, place, allowedIps=["203.0.113.0/24"])
    with pytest.raises(WireError, match="the pair is not_checkable: .*not among them.*verify: best_effort"):
        wire.create(KEY, "gw-key", inputs)
    made = wire.create(KEY, "gw-key", {**inputs, "verify": "best_effort"})
    assert made.state["outcome"] == "not_checkable"


def test_verify_off_asks_no_host(emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource) -> None:
    made = wire.create(KEY, "gw-key", key_inputs(workspace, place, verify="off"))
    assert made.state["outcome"] == "not_checked"
    assert wire.refresh(made)
    assert [call for call in emulator.calls() if call["product"] == "inference"] == []


def test_no_route_is_not_checkable(wire: Wire, workspace: Resource, place: Resource) -> None:
    inputs = key_inputs(workspace, place) | {"urls": {"openai": "http://127.0.0.1:9/compatible-mode/v1"}}
    with pytest.raises(WireError, match="not_checkable: .*no route from here"):
        wire.create(KEY, "gw-key", inputs)


def test_any_key_let_in_is_inconclusive(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource
) -> None:
    emulator.settings(admit_any_key=True)
    with pytest.raises(WireError, match="the pair is inconclusive: .*a key that cannot exist was not refused"):
        wire.create(KEY, "gw-key", key_inputs(workspace, place))


@pytest.mark.parametrize("how", ["disabled", "deleted"])
def test_a_refused_key_that_was_minted_is_looked_up(
    wire: Wire, workspace: Resource, place: Resource, console: Console, how: str
) -> None:
    made = wire.create(KEY, "gw-key", key_inputs(workspace, place))
    key_id, before = made.state["keyId"], dict(made.state)
    (console.disable_key if how == "disabled" else console.delete_key)(key_id)
    says = {"disabled": "enable it", "deleted": "run `pulumi refresh`"}[how]
    with pytest.raises(WireError, match=f"key {key_id} was {how} outside this stack: {says}"):
        wire.up(made, key_inputs(workspace, place, urls=urls_of(workspace, "openai")))
    assert made.state == before


def test_a_key_of_a_sibling_is_told_from_one_of_another_region(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource, console: Console
) -> None:
    theirs = console.create_key(console.create_workspace("theirs"), "x").api_key_value
    given = key_inputs(workspace, place, existingKey=theirs)
    alone = {"urls": urls_of(workspace, "openai"), "workspaceId": ""}
    with pytest.raises(WireError, match="the pair is refused: .*the key is one of another workspace than this host's"):
        wire.create(KEY, "gw-key", given)
    with pytest.raises(WireError, match="the pair is inconclusive: .*another workspace than this host's.*two models"):
        wire.create(KEY, "gw-key", given | alone)
    abroad = Console(emulator, "ap-southeast-1")
    far = abroad.create_key(abroad.create_workspace("far"), "x").api_key_value
    with pytest.raises(WireError, match=r"opens https://dashscope-intl.*'ap-southeast-1'.*\[key-region\]"):
        wire.create(KEY, "gw-key", given | {"existingKey": far})
    plan = emulator.admin("POST", "/plan-keys", {"plan": "coding_plan", "region": "ap-southeast-1"})["value"]
    with pytest.raises(
        WireError, match=r"opens https://coding-intl.*only https://coding-intl.*\[billing-plan\]"
    ) as said:
        wire.create(KEY, "gw-key", given | {"existingKey": plan})
    assert plan not in str(said.value)
    assert not console.secrets["kms"].exists("gw")


def test_another_key_s_value_handed_out_is_named(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource, console: Console
) -> None:
    console.create_key(console.create_workspace("theirs"), "x")
    emulator.settings(hand_out_others_keys=True)
    with pytest.raises(WireError, match="is there and enabled, but the service gave out another key's value for it"):
        wire.create(KEY, "gw-key", key_inputs(workspace, place))


def test_a_host_of_the_user_s_own_is_the_only_one_that_sees_the_key(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource
) -> None:
    own = {"openai": f"{emulator.inference}/models.example.com/v1"}
    inputs = key_inputs(workspace, place, existingKey="sk-ws-test.a1", verify="required", urls=own)
    with pytest.raises(WireError, match="the pair is inconclusive: .*the host does not know"):
        wire.create(KEY, "gw-key", inputs)
    assert {call["path"].split("/")[2] for call in emulator.calls() if call["product"] == "inference"} == {
        "models.example.com"
    }


def test_isolation_asks_a_sibling_and_another_region(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource
) -> None:
    before = len(emulator.calls())
    made = wire.create(KEY, "gw-key", key_inputs(workspace, place, isolation=True))
    assert made.state["outcome"] == "verified"
    hosts = [call["path"].split("/")[2] for call in emulator.calls(before) if call["product"] == "inference"]
    abroad = [host for host in hosts if host != workspace.state["apiHost"]]
    assert len(set(abroad) - {f"{MADE_UP_LABEL}.cn-beijing.maas.aliyuncs.com"}) == 2
    assert "dashscope-intl.aliyuncs.com" in abroad
    assert any(host.endswith(".cn-beijing.maas.aliyuncs.com") for host in abroad)


def test_a_key_that_opens_another_workspace_is_not_delivered(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource
) -> None:
    inputs = key_inputs(workspace, place, isolation=True)
    emulator.settings(keys_open_their_whole_region=True)
    with pytest.raises(
        WireError, match=r"the pair is refused: isolation, .*: the key opens the host of workspace ws-\w+"
    ):
        wire.create(KEY, "gw-key", inputs)
    made = wire.create(KEY, "gw-key", {**inputs, "isolation": False})
    assert made.state["outcome"] == "verified"


def test_isolation_that_is_lost_later_is_seen_by_a_refresh(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource
) -> None:
    made = wire.create(KEY, "gw-key", key_inputs(workspace, place, isolation=True))
    emulator.settings(keys_open_their_whole_region=True)
    assert wire.refresh(made)
    assert made.state["outcome"] == "refused"


def test_isolation_that_a_refresh_cannot_ask_about_stays_as_it_was(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource, console: Console
) -> None:
    made = wire.create(KEY, "gw-key", key_inputs(workspace, place, isolation=True))
    assert made.state["outcomes"]["isolation"] == "verified"
    emulator.fault("ListWorkspaces", "500", times=1000)
    before = dict(made.state)
    assert wire.refresh(made), "a refresh does not fail over it"
    assert made.state == before, "and what it could not ask contradicts nothing"
    with pytest.raises(WireError, match="the pair is inconclusive: .*ListWorkspaces"):
        wire.up(made, key_inputs(workspace, place, isolation=True, rotation={"minGeneration": 2}))
    assert live(console, workspace) == [made.state["keyId"]]


def test_a_refresh_that_finds_a_verified_pair_refused_records_it(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource
) -> None:
    inputs = key_inputs(workspace, place)
    made = wire.create(KEY, "gw-key", inputs)
    emulator.settings(suspended_workspaces=[workspace.state["workspaceId"]])
    assert wire.refresh(made)
    assert made.state["outcome"] == "refused"
    assert "suspended" in made.state["cause"]
    emulator.settings(suspended_workspaces=[])
    wire.up(made, inputs)
    assert made.state["outcome"] == "verified"


def test_one_retired_model_blocks_nothing(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource
) -> None:
    emulator.settings(retired_models=["qwen-flash"])
    assert wire.create(KEY, "gw-key", key_inputs(workspace, place)).state["outcome"] == "verified"


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
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource, gateway: str, says: str
) -> None:
    emulator.settings(gateway=gateway)
    with pytest.raises(WireError, match=f"the pair is inconclusive: .*{says}"):
        wire.create(KEY, "gw-key", key_inputs(workspace, place))


def test_a_model_that_was_chosen_is_the_one_that_is_called(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource
) -> None:
    emulator.settings(inference_order=BODY_FIRST)
    made = wire.create(KEY, "gw-key", key_inputs(workspace, place, verifyModel="qwen3-max"))
    assert {proof["modelAnswered"] for proof in made.state["proofs"].values()} == {"qwen3-max"}


def test_a_websocket_is_verified_where_another_url_of_its_host_is(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource
) -> None:
    host = f"{emulator.inference}/{workspace.state['apiHost']}"
    urls = {
        "openai": f"{host}/compatible-mode/v1",
        "realtime": f"{host.replace('http', 'ws', 1)}/api-ws/v1/inference",
    }
    made = wire.create(KEY, "gw-key", key_inputs(workspace, place, urls=urls))
    assert made.state["outcomes"] == dict.fromkeys(urls, "verified")
    alone = {"realtime": urls["realtime"]}
    with pytest.raises(WireError, match="the pair is accepted: ws://.*a websocket's handshake proves the key alone"):
        wire.create(KEY, "gw-key", key_inputs(workspace, place, urls=alone))
    theirs = key_inputs(workspace, place, urls=urls, existingKey="sk-ws-test.a1")
    with pytest.raises(WireError, match="the pair is refused: .*wss?://.*401"):
        wire.create(KEY, "gw-key", theirs)


def test_a_gateway_of_one_s_own_is_proven_by_a_model_that_answers_through_it(
    emulator: EmulatorProcess, wire: Wire, workspace: Resource, place: Resource
) -> None:
    through = {"openai": f"{emulator.inference}/dashscope.aliyuncs.com/compatible-mode/v1"}
    given = {n: v for n, v in key_inputs(workspace, place, urls=through).items() if n != "prefix"}
    made = wire.create(KEY, "free-key", {**given, "verify": "free"})
    assert (made.state["outcome"], tokens(emulator)) == ("accepted", 0)
    made = wire.create(KEY, "required-key", given)
    assert made.state["proofs"]["openai"]["modelAnswered"] == "qwen-flash"
    emulator.settings(admit_any_key=True)
    with pytest.raises(WireError, match="the pair is inconclusive: .*a key that cannot exist was not refused"):
        wire.create(KEY, "anybody-key", given)
