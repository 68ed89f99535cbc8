"""Keys that were made elsewhere: taken over, refused, read again."""

from dataclasses import dataclass
from typing import Any

import pytest

from provider.client.kms import SecretValue
from provider.client.redact import redact
from provider.resources.brought_key import BroughtKeyHandler
from provider.values import UNKNOWN
from tests.emulator_process import EmulatorProcess
from tests.provider.doubles import Said
from tests.provider.given import BROUGHT, REGION, brought_inputs, operations
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource, Wire, WireError

BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"key": None}, "key", "give either a key or the name"),
    ({"secretName": "a"}, "key", "give either a key or the name"),
    ({"key": "sk-a b"}, "key", "white space"),
    ({"key": "st-test.a1"}, "key", r"[temporary-key]"),
    ({"key": "${DASHSCOPE_API_KEY}"}, "key", "a template or a variable that nobody filled in"),
    ({"key": '"sk-test1"'}, "key", "a key in quotes"),
    ({"key": "YOUR_API_KEY"}, "key", "a placeholder"),
    ({"key": "LTAI5tFake"}, "key", "an access key id of an Alibaba Cloud account"),
    ({"domain": "shard"}, "domain", "allowed: dedicated, shared"),
    ({"billingPlan": "monthly"}, "billingPlan", "allowed: pay_as_you_go"),
    ({"billingPlan": "token_plan"}, "billingPlan", "a token_plan key opens only https://token-plan"),
    ({"keyRegion": "us-east-1"}, "keyRegion", "[key-region]"),
    (
        {"domain": "dedicated", "urlWorkspaceId": "ws-a", "keyWorkspaceId": "ws-b"},
        "keyWorkspaceId",
        "use the host of 'ws-b', or a key of 'ws-a'",
    ),
]


@pytest.mark.parametrize(("change", "name", "says"), BAD, ids=[says for _, _, says in BAD])
def test_what_the_firewall_forbids_is_refused_in_preview(
    wire: Wire, emulator: EmulatorProcess, change: dict[str, Any], name: str, says: str
) -> None:
    _, failures = wire.check(Resource(BROUGHT, "x"), brought_inputs(**change))
    assert list(failures) == [name]
    assert says in failures[name]
    assert operations(emulator) == []


def test_what_is_not_known_yet_is_let_through(wire: Wire) -> None:
    unknown = {"domain": "dedicated", "urlWorkspaceId": UNKNOWN, "keyWorkspaceId": "ws-b", "key": UNKNOWN}
    assert wire.check(Resource(BROUGHT, "x"), brought_inputs(**unknown))[1] == {}
    assert wire.check(Resource(BROUGHT, "x"), brought_inputs(urlRegion=UNKNOWN, keyRegion=REGION))[1] == {}


def test_a_value_of_the_configuration_is_taken_over_and_kept_secret(wire: Wire, emulator: EmulatorProcess) -> None:
    made = wire.create(BROUGHT, "x", brought_inputs(key=" sk-sp-test.a1\n"))
    assert (made.state["value"], made.state["source"]) == ("sk-sp-test.a1", "config")
    assert made.secrets == {"key", "value"}
    assert operations(emulator) == ["GetCallerIdentity"], "the account is compared, nothing else is asked"
    assert wire.up(made, brought_inputs(key="sk-sp-test.a1")) == {}
    assert wire.up(made, brought_inputs(key="sk-sp-test.a2")) == {"key": "UPDATE"}
    assert made.state["value"] == "sk-sp-test.a2"
    assert wire.up(made, brought_inputs(key="sk-sp-test.a2", keyRegion=REGION)) == {"keyRegion": "UPDATE"}


FROM_KMS: dict[str, Any] = {"key": None, "secretName": "theirs", "secretRegionId": REGION}


def test_a_key_in_kms_is_read_at_create_and_taken_over_anew_after_a_refresh(
    wire: Wire, console: Console, emulator: EmulatorProcess
) -> None:
    console.create_secret("theirs")
    console.put_secret("theirs", "v1", "sk-sp-test.a1\n")
    inputs = brought_inputs(**FROM_KMS)
    made = wire.create(BROUGHT, "x", inputs)
    assert (made.state["value"], made.state["source"]) == ("sk-sp-test.a1", "kms:cn-beijing/theirs@v1")
    console.put_secret("theirs", "v2", "sk-sp-test.a2")
    before = len(operations(emulator))
    assert wire.up(made, inputs) == {}
    assert len(operations(emulator)) == before, "an up alone asks nothing"
    assert wire.refresh(made)
    assert (made.state["present"], made.state["value"]) == (False, "sk-sp-test.a1")
    assert wire.up(made, inputs) == {"present": "UPDATE"}
    assert (made.state["value"], made.state["present"]) == ("sk-sp-test.a2", True)


def test_a_field_of_a_secret_is_read(wire: Wire, console: Console) -> None:
    console.create_secret("theirs")
    console.put_secret("theirs", "v1", '{"key":"sk-sp-test.a1","n":1}')
    made = wire.create(BROUGHT, "x", brought_inputs(**FROM_KMS, secretField="key"))
    assert made.state["value"] == "sk-sp-test.a1"
    with pytest.raises(WireError, match="has no text in a field n"):
        wire.create(BROUGHT, "x", brought_inputs(**FROM_KMS, secretField="n"))


@pytest.mark.parametrize(
    ("data", "field", "says"),
    [
        (None, None, "there is no KMS secret theirs in cn-beijing: create it, or correct from_kms"),
        ("two words", None, "KMS secret theirs in cn-beijing: the key holds white space"),
        ('{"OPENAI_API_KEY":"sk-test1"}', None, "KMS secret theirs in cn-beijing: this looks like a JSON record"),
        ("sk-****1b01", None, "KMS secret theirs in cn-beijing: this looks like a key that is masked or cut short"),
        ('{"key":"sk-a,sk-b"}', "key", "KMS secret theirs in cn-beijing: this looks like several keys joined"),
        ("sk-sp-test.a1", "key", "holds no JSON object, so it has no field key"),
    ],
)
def test_a_secret_without_a_usable_key_is_refused(
    wire: Wire, console: Console, data: str | None, field: str | None, says: str
) -> None:
    if data is not None:
        console.create_secret("theirs")
        console.put_secret("theirs", "v1", data)
    with pytest.raises(WireError, match=says) as refused:
        wire.create(BROUGHT, "x", brought_inputs(**FROM_KMS, secretField=field))
    assert not data or data not in str(refused.value)


def test_a_key_in_kms_of_another_region(wire: Wire, emulator: EmulatorProcess) -> None:
    abroad = Console(emulator, "cn-hongkong")
    abroad.create_secret("theirs")
    abroad.put_secret("theirs", "v1", "sk-sp-test.a1")
    made = wire.create(BROUGHT, "x", brought_inputs(**FROM_KMS | {"secretRegionId": "cn-hongkong"}))
    assert (made.state["value"], made.state["source"]) == ("sk-sp-test.a1", "kms:cn-hongkong/theirs@v1")


def test_a_secret_in_its_deletion_window_comes_with_the_command_that_restores_it(wire: Wire, console: Console) -> None:
    console.create_secret("theirs")
    console.delete_secret("theirs", window_days=7)
    with pytest.raises(
        WireError, match="cannot be read .* `aliyun kms RestoreSecret --region cn-beijing --SecretName th"
    ):
        wire.create(BROUGHT, "x", brought_inputs(**FROM_KMS))


def test_a_secret_that_is_gone_is_no_failure_of_a_refresh(wire: Wire, console: Console) -> None:
    console.create_secret("theirs")
    console.put_secret("theirs", "v1", "sk-sp-test.a1")
    made = wire.create(BROUGHT, "x", brought_inputs(**FROM_KMS))
    console.delete_secret("theirs")
    assert wire.refresh(made)
    assert made.state["present"] is False
    with pytest.raises(WireError, match="there is no KMS secret theirs"):
        wire.up(made, brought_inputs(**FROM_KMS))
    assert made.state["value"] == "sk-sp-test.a1"


def test_a_preview_keeps_what_stays(wire: Wire) -> None:
    shown = wire.preview(BROUGHT, "x", brought_inputs())
    assert shown.values["source"] is UNKNOWN
    assert "value" in shown.secrets


HANDLER = BroughtKeyHandler()
HINTED = [("sk-ws-test.a1", "coding_plan", 1), ("sk-sp-test.a1", "coding_plan", 0), ("sk-sp-test.a1", "shared", 1)]


@pytest.mark.parametrize(("key", "domain", "hints"), HINTED)
def test_a_key_that_looks_like_another_plan_s_is_warned_of_wherever_it_comes_from(
    key: str, domain: str, hints: int
) -> None:
    written, read = Said(), Said()
    assert HANDLER.check(written.call, brought_inputs(key=key, domain=domain), None)[1] == []
    read.known.kms = Kept(key)
    HANDLER.create(read.call, brought_inputs(**FROM_KMS, domain=domain))
    assert len(written.warnings) == len(read.warnings) == hints
    assert all("look there first" in text and key not in text for text in (*written.warnings, *read.warnings))


def test_a_key_out_of_a_field_is_masked_from_then_on() -> None:
    said = Said()
    said.known.kms = Kept('{"key":"Kz7qKz7q"}')
    HANDLER.create(said.call, brought_inputs(**FROM_KMS, secretField="key"))
    assert redact("got Kz7qKz7q") == "got [redacted]"


@dataclass
class Kept:
    """A KMS with one secret."""

    data: str

    def value(self, *_: str) -> SecretValue:
        return SecretValue(version_id="v1", data=self.data)


SAME: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({}, {"billingPlan": "coding_plan"}, True),
    ({}, {"key": "sk-sp-test.a2"}, False),
    ({}, {"key": UNKNOWN}, False),
    (FROM_KMS, {"billingPlan": "coding_plan"}, True),
    (FROM_KMS, {"secretName": "other"}, False),
    (FROM_KMS, {"secretField": "other"}, False),
    (FROM_KMS, {"secretRegionId": "cn-hongkong"}, False),
]


@pytest.mark.parametrize(("start", "change", "stays"), SAME)
def test_a_preview_shows_another_value_only_where_there_may_be_one(
    start: dict[str, Any], change: dict[str, Any], stays: bool
) -> None:
    said = Said()
    said.known.kms = Kept("sk-sp-test.a1")
    made = HANDLER.create(said.call, brought_inputs(**start)).state
    shown = HANDLER.planned(said.call, made, brought_inputs(**start | change))
    assert shown["value"] == ("sk-sp-test.a1" if stays else UNKNOWN)
    gone = HANDLER.planned(said.call, made | {"present": False}, brought_inputs(**start))
    assert gone["value"] == (UNKNOWN if start else "sk-sp-test.a1")
