"""Keys that were made elsewhere: taken over, refused, read again, and in the numbers of a service with minted ones."""

import json
from typing import Any

import pytest

from provider.client.redact import redact
from provider.stores.store import Version
from provider.values import UNKNOWN
from tests.emulator_process import EmulatorProcess
from tests.provider.bench import ANY, Bench, Held, KilledError, at, failure
from tests.provider.given import KEY, OWNER_ID, REGION, operations, written_at
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire, WireError

CODING = {"openai": "https://coding.dashscope.aliyuncs.com/v1"}
PLAN: dict[str, Any] = {
    "workspaceId": "",
    "domain": "coding_plan",
    "urls": CODING,
    "existingKey": "sk-sp-test.a1",
}
"""A coding plan's key from the configuration."""
FROM_KMS: dict[str, Any] = {
    "existingKey": None,
    "existingAt": {"store": "kms", "regionId": REGION, "name": "theirs"},
}
IN_FIELD: dict[str, Any] = {"existingKey": None, "existingAt": {**FROM_KMS["existingAt"], "field": "key"}}

BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"existingAt": FROM_KMS["existingAt"]}, "existingKey", "give either a key or where it lies"),
    ({"existingKey": "sk-a b"}, "existingKey", "white space"),
    ({"existingKey": "st-test.a1"}, "existingKey", "[temporary-key]"),
    ({"existingKey": "${DASHSCOPE_API_KEY}"}, "existingKey", "a template or a variable that nobody filled in"),
    ({"existingKey": '"sk-test1"'}, "existingKey", "a key in quotes"),
    ({"existingKey": "YOUR_API_KEY"}, "existingKey", "a placeholder"),
    ({"existingKey": "LTAI5tFake"}, "existingKey", "an access key id of an Alibaba Cloud account"),
    ({"domain": "shard"}, "domain", "allowed: dedicated, shared"),
    ({"billingPlan": "monthly"}, "billingPlan", "allowed: pay_as_you_go"),
    ({"billingPlan": "token_plan"}, "billingPlan", "a token_plan key opens only https://token-plan"),
    ({"keyRegion": "us-east-1"}, "keyRegion", "[key-region]"),
    (
        {"domain": "dedicated", "workspaceId": "ws-a", "keyWorkspaceId": "ws-b"},
        "keyWorkspaceId",
        "use the host of 'ws-b', or a key of 'ws-a'",
    ),
]


@pytest.mark.parametrize(("change", "name", "says"), BAD, ids=[says for _, _, says in BAD])
def test_what_the_firewall_forbids_is_refused_in_preview(
    bench: Bench, change: dict[str, Any], name: str, says: str
) -> None:
    refused = bench.refused(**PLAN | change)
    assert refused.startswith(f"{name}: ")
    assert says in refused
    assert str(change.get("existingKey", "no key")) not in refused
    assert bench.calls.made == []


def test_what_is_not_known_yet_is_let_through(bench: Bench) -> None:
    unknown = {"domain": "dedicated", "workspaceId": UNKNOWN, "keyWorkspaceId": "ws-b", "existingKey": UNKNOWN}
    assert bench.refused(**PLAN | unknown) == ""
    assert bench.refused(**PLAN, urlRegion=UNKNOWN, keyRegion=REGION) == ""


def test_only_a_minted_key_needs_a_workspace(bench: Bench) -> None:
    assert bench.refused(**PLAN) == ""
    assert bench.refused(**PLAN | {"existingKey": None}).startswith("workspaceId: ")


def test_a_value_of_the_configuration_is_trimmed_taken_over_and_kept_secret(
    wire: Wire, emulator: EmulatorProcess, place: Resource, console: Console
) -> None:
    urls = {"openai": f"{emulator.inference}/coding.dashscope.aliyuncs.com/v1"}
    key = emulator.admin("POST", "/plan-keys", {"plan": "coding_plan", "region": REGION})["value"]
    given = wired(place, existingKey=f" {key}\n", urls=urls, prefix=emulator.inference)
    before = len(emulator.calls())
    made = wire.create(KEY, "x", given)
    assert made.state["outcome"] == "accepted"
    assert json.loads(console.secret("gw")[1])["OPENAI_API_KEY"] == key
    assert (made.state["keyId"], made.state["createdBy"], made.state["rotateAfter"]) == ("", "", "")
    assert key not in str(made.state)
    asked = {call["operation"] for call in emulator.calls(before) if call["product"] != "inference"}
    assert asked <= {"CreateSecret", "GetSecretValue", "GetCallerIdentity"}, "no key is asked about"
    assert wire.up(made, given | {"existingKey": key}) == {}
    assert wire.refresh(made)
    assert wire.up(made, given) == {}


def wired(place: Resource, **more: Any) -> dict[str, Any]:
    """Inputs of a coding plan's key, over the wire."""
    given = {"regionId": REGION, "ownerId": OWNER_ID, "vault": written_at(place), **PLAN, **more}
    return {name: value for name, value in given.items() if value is not None}


def test_a_secret_in_its_deletion_window_comes_with_the_command_that_restores_it(
    wire: Wire, place: Resource, console: Console
) -> None:
    console.create_secret("planned")
    console.delete_secret("planned", window_days=7)
    at = {"existingAt": {"store": "kms", "regionId": REGION, "name": "planned"}}
    with pytest.raises(
        WireError, match="cannot be read .* `aliyun kms RestoreSecret --region cn-beijing --SecretName planned"
    ):
        wire.create(KEY, "x", wired(place, **FROM_KMS | at))


def test_a_key_in_kms_of_another_region(
    wire: Wire, emulator: EmulatorProcess, place: Resource, console: Console
) -> None:
    abroad = Console(emulator, "cn-hongkong")
    abroad.create_secret("theirs")
    abroad.put_secret("theirs", "v1", "sk-sp-test.a1")
    there = {"existingKey": None, "existingAt": {"store": "kms", "regionId": "cn-hongkong", "name": "theirs"}}
    wire.create(KEY, "x", wired(place, verify="off", **there))
    assert json.loads(console.secret("gw")[1])["OPENAI_API_KEY"] == "sk-sp-test.a1"
    assert "ListApiKeys" not in operations(emulator)


def theirs(bench: Bench, data: str) -> None:
    """Let another hand's secret hold this."""
    bench.kms.held["theirs"] = Held(None, [Version(version="v1", name="v1", data=data)], "v1")


def test_a_key_in_a_secret_is_read_at_create_and_taken_over_anew_after_a_refresh(bench: Bench) -> None:
    theirs(bench, "sk-sp-test.a1\n")
    given = PLAN | FROM_KMS
    bench.up(**given)
    assert (bench.served, bench.now) == ("sk-sp-test.a1", ("", 1, "g1r1"))
    theirs(bench, "sk-sp-test.a2")
    before = len(bench.calls.made)
    assert bench.changes(**given) == []
    assert len(bench.calls.made) == before, "a preview asks nothing"
    bench.refresh()
    assert (bench.state["present"], bench.served) == (False, "sk-sp-test.a1")
    assert bench.changes(**given) == ["present"]
    bench.up(**given)
    assert (bench.served, bench.now) == ("sk-sp-test.a2", ("", 2, "g2r2"))
    assert bench.changes(**given) == []


def test_a_field_of_a_secret_is_read_and_masked_from_then_on(bench: Bench) -> None:
    theirs(bench, '{"key":"Kz7qKz7q","n":1}')
    bench.up(**PLAN | IN_FIELD)
    assert bench.served == "Kz7qKz7q"
    assert redact("got Kz7qKz7q") == "got [redacted]"
    theirs(bench, '{"key":1}')
    bench.refresh()
    bench.fails("has no text in a field key", **PLAN | IN_FIELD)


@pytest.mark.parametrize(
    ("data", "source", "says"),
    [
        (None, FROM_KMS, "there is no kms:cn-beijing/theirs: create it, or correct from_kms"),
        ("two words", FROM_KMS, "kms:cn-beijing/theirs: the key holds white space"),
        ('{"OPENAI_API_KEY":"sk-test1"}', FROM_KMS, "kms:cn-beijing/theirs: this looks like a JSON record"),
        ("sk-****1b01", FROM_KMS, "kms:cn-beijing/theirs: this looks like a key that is masked or cut short"),
        ('{"key":"sk-a,sk-b"}', IN_FIELD, "kms:cn-beijing/theirs: this looks like several keys joined"),
        ("sk-sp-test.a1", IN_FIELD, "holds no JSON object, so it has no field key"),
    ],
)
def test_a_secret_without_a_usable_key_is_refused(
    bench: Bench, data: str | None, source: dict[str, Any], says: str
) -> None:
    if data is not None:
        theirs(bench, data)
    with pytest.raises(Exception, match=says) as refused:
        bench.up(**PLAN | source)
    assert not data or data not in str(refused.value)
    assert "gw" not in bench.kms.held


def test_a_source_that_is_gone_or_unreadable_is_no_failure_of_a_refresh_and_costs_no_number(bench: Bench) -> None:
    given = PLAN | FROM_KMS
    theirs(bench, "sk-sp-test.a1")
    bench.up(**given)
    secret = bench.kms.held.pop("theirs")
    bench.refresh()
    assert bench.state["present"] is False
    bench.fails("there is no kms:cn-beijing/theirs", **given)
    assert bench.served == "sk-sp-test.a1"
    bench.kms.held["theirs"] = secret
    bench.up(**given)
    assert bench.now == ("", 1, "g1r1")
    assert bench.changes(**given) == []


def test_the_same_value_from_another_source_is_the_same_generation(bench: Bench) -> None:
    theirs(bench, "sk-sp-test.a1")
    bench.up(**PLAN)
    bench.up(**PLAN | FROM_KMS)
    assert (bench.now, bench.state["ledger"]["source"]) == (("", 1, "g1r1"), "kms:cn-beijing/theirs#")
    assert bench.changes(**PLAN | FROM_KMS) == []


def test_a_vault_that_is_lost_is_filled_from_the_source_again(bench: Bench) -> None:
    given = PLAN | FROM_KMS
    theirs(bench, "sk-sp-test.a1")
    bench.up(**given)
    del bench.kms.held["gw"]
    bench.refresh()
    bench.up(**given)
    assert (bench.served, bench.now) == ("sk-sp-test.a1", ("", 1, "g1r1"))


def test_another_value_at_the_source_is_another_generation_whatever_it_is_read_for(bench: Bench) -> None:
    """And it is proven as a new key is, not on the word of the former one's proof."""
    given: dict[str, Any] = FROM_KMS | {"verify": "required"}
    theirs(bench, "sk-ws-test.a1")
    bench.up(**given)
    theirs(bench, "sk-ws-test.a2")
    del bench.kms.held["gw"]
    bench.up(**given | {"verifyModel": "qwen-plus", "vault": at("gw", prefix="X_")})
    assert (bench.state["generation"], bench.state["revision"]) == (2, 2)
    assert bench.asked[-1] == ("sk-ws-test.a2", "ws-a.cn-beijing.maas.aliyuncs.com", "if_needed")


@pytest.mark.parametrize(
    ("key", "domain", "hints"),
    [("sk-ws-test.a1", "coding_plan", 1), ("sk-sp-test.a1", "coding_plan", 0), ("sk-sp-test.a1", "shared", 1)],
)
def test_a_key_that_looks_like_another_plan_s_is_warned_of_wherever_it_comes_from(
    bench: Bench, key: str, domain: str, hints: int
) -> None:
    theirs(bench, key)
    assert bench.refused(**PLAN | {"existingKey": key, "domain": domain, "verify": "off"}) == ""
    written = [text for text in bench.said if "look there first" in text]
    bench.up(**PLAN | FROM_KMS | {"domain": domain, "verify": "off"})
    read = [text for text in bench.said if "look there first" in text][len(written) :]
    assert len(written) == len(read) == hints
    assert all(key not in text for text in (*written, *read))


def test_each_value_is_a_generation_and_no_number_comes_back(bench: Bench) -> None:
    bench.up(**PLAN)
    assert bench.changes(**PLAN | {"existingKey": "sk-sp-test.a2"}) == ["existingKey", "generation"]
    bench.up(**PLAN | {"existingKey": "sk-sp-test.a2"})
    bench.refresh()
    bench.up(**PLAN)
    assert (bench.served, bench.state["generation"], bench.superseded) == ("sk-sp-test.a1", 3, [])
    bench.up(**PLAN, rotation={"revokeThrough": 2})
    assert bench.state["generation"] == 3
    bench.delete()
    assert {"api_keys", "create_api_key", "delete_api_key"}.isdisjoint(bench.calls.count())


def test_a_destroy_deletes_what_was_minted_before_and_leaves_the_existing_key(bench: Bench) -> None:
    bench.up()
    by_hand = bench.plane.create_api_key("cn-beijing", "ws-a", "by hand", ANY)
    bench.up(existingKey=by_hand.value)
    assert (bench.served, bench.state["generation"], bench.superseded) == (by_hand.value, 2, ["1"])
    bench.delete()
    assert bench.live == [by_hand.key_id]


def test_a_minted_key_lives_again_by_serve_generation_but_no_existing_one_does(bench: Bench) -> None:
    bench.up()
    bench.up(existingKey="sk-ws-test.a1")
    bench.fails(r"serve_generation 2 cannot be delivered \(possible: 1\)", rotation={"serveGeneration": 2})
    bench.up(rotation={"serveGeneration": 1})
    assert (bench.now, bench.served) == (("1", 1, "g1r3"), "sk-ws-test.k1")


def test_a_minted_key_follows_an_existing_one_which_is_not_ours_to_end(bench: Bench) -> None:
    bench.up()
    bench.up(existingKey="sk-ws-test.a1")
    bench.up()
    assert (bench.state["keyId"], bench.state["generation"], bench.superseded) == ("2", 3, ["1"])


def test_an_existing_key_is_the_same_wherever_it_is_called_with(bench: Bench) -> None:
    bench.up(existingKey="sk-ws-test.a1")
    bench.up(existingKey="sk-ws-test.a1", workspaceId="ws-b")
    assert (bench.state["generation"], bench.state["revision"]) == (1, 2)


@pytest.mark.parametrize("sees", ["refresh", "up"])
def test_what_a_killed_run_minted_is_found_beside_an_existing_key(bench: Bench, sees: str) -> None:
    bench.up(existingKey="sk-ws-test.a1")
    bench.calls.fault("create_api_key", KilledError(), after=True)
    bench.killed()
    if sees == "refresh":
        bench.refresh()
    else:
        bench.up(existingKey="sk-ws-test.a2")
    assert bench.superseded == ["1"]
    assert bench.state["generation"] == {"refresh": 1, "up": 3}[sees]


@pytest.mark.parametrize("generation", [1, 2])
@pytest.mark.parametrize("source", ["config", "kms"])
def test_a_key_of_the_service_s_own_is_no_existing_one(bench: Bench, generation: int, source: str) -> None:
    bench.up()
    bench.up(rotation={"minGeneration": 2})
    value = f"sk-ws-test.k{generation}"
    theirs(bench, value)
    given = FROM_KMS if source == "kms" else {"existingKey": value}
    with pytest.raises(
        Exception, match=f"own key {generation} .generation {generation}.*serve_generation: "
    ) as refused:
        bench.up(**given)
    assert value not in str(refused.value)
    assert bench.served == "sk-ws-test.k2"


def test_what_revoke_through_cannot_do_to_an_existing_key_is_said(bench: Bench) -> None:
    bench.up(**PLAN)
    bench.said.clear()
    bench.up(**PLAN, rotation={"revokeThrough": 1})
    assert [text for text in bench.said if "revoke" in text] == [
        "revoke_through 1 does nothing to an existing key (generation 1): give it a new value"
    ]
    bench.said.clear()
    bench.up(**PLAN | {"existingKey": "sk-sp-test.a2"}, rotation={"revokeThrough": 1})
    assert [text for text in bench.said if "revoke" in text] == []


@pytest.mark.parametrize("error", [failure("lost"), failure("failed", status=500)])
def test_a_lost_put_of_an_existing_key_is_made_good_by_the_next_update(bench: Bench, error: Exception) -> None:
    bench.up(**PLAN)
    news = PLAN | {"existingKey": "sk-sp-test.a2"}
    bench.calls.fault("put", error, after=True)
    assert "it may be in kms:cn-beijing/gw" in bench.up(**news)
    assert (bench.superseded, bench.state["generation"]) == ([], 1)
    bench.up(**news)
    assert (bench.served, bench.state["generation"]) == ("sk-sp-test.a2", 3)
    assert bench.changes(**news) == []


def test_a_preview_shows_another_key_only_where_there_may_be_one(bench: Bench) -> None:
    theirs(bench, "sk-sp-test.a1")
    given = PLAN | FROM_KMS
    bench.up(**given)
    assert bench.preview(**given, billingPlan="coding_plan")["fingerprint"] == bench.state["fingerprint"]
    others: list[dict[str, Any]] = [{"existingAt": given["existingAt"] | {"name": "other"}}, IN_FIELD, PLAN]
    for other in others:
        changed = given | other if "existingKey" not in other or other["existingKey"] is None else other
        assert bench.preview(**changed | {"existingKey": changed.get("existingKey")})["fingerprint"] is UNKNOWN
    bench.state["present"] = False
    assert bench.preview(**given)["fingerprint"] is UNKNOWN
