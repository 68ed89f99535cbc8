"""One account in one program: its provider and owner, an alicloud provider per region, and who delivers where."""

import json
from typing import Any

import pytest

from components.account import Account
from components.sinks.sae import SaeConfigMap
from tests.components.given import COPY, ID, VAULT, access, account, workspace
from tests.components.mocks import Recorder, pulumi_test, value_of

OURS, OWNER, ALICLOUD = "pulumi:providers:modelstudio", "modelstudio:index:Owner", "pulumi:providers:alicloud"
ROLE = f"acs:ram::{ID}:role/r"
DOUBLE = "http://127.0.0.1:1"


def made(recorder: Recorder, region: str, **more: Any) -> dict[str, Any]:
    """Return the inputs of the alicloud provider of a region."""

    @pulumi_test
    async def asked() -> None:
        await value_of(account(**more).alicloud(region).urn)

    asked()
    return dict(recorder.only(ALICLOUD).inputs)


@pulumi_test
async def test_the_module_s_provider_and_the_owner_belong_to_the_account(recorder: Recorder) -> None:
    own = account(profile="p", role_arn=ROLE, renamed_from="o/p/before")
    await value_of(own.owner.owner_id)
    ours, owner = recorder.only(OURS).inputs, recorder.only(OWNER).inputs
    assert (ours["accountId"], ours["profile"], ours["roleArn"]) == (ID, "p", ROLE)
    assert ours["renamedFrom"] == owner["renamedFrom"] == "o/p/before"
    assert (owner["project"], owner["stack"]) == ("model-studio", "test")
    assert recorder.providers[OWNER] == "modelstudio"
    assert not recorder.of(ALICLOUD), "none before a sink needs one"


@pulumi_test
async def test_everything_goes_to_the_account_s_provider(recorder: Recorder) -> None:
    own = account()
    sae = SaeConfigMap(namespace="cn-hongkong:prod", name="gw")
    await value_of(access(account=own, workspace=workspace(own), sinks=[VAULT, COPY, sae]).retire_after)
    ours = {typ for typ in recorder.providers if typ.startswith("modelstudio:")}
    assert {typ.rpartition(":")[2] for typ in ours} == {
        *("Owner", "Workspace", "SecretPlace", "ApiKey", "SecretVersion", "KeyRetirement"),
    }
    assert {recorder.providers[typ] for typ in ours} == {"modelstudio"}
    assert recorder.providers[sae.token] == "alicloud-cn-hongkong"


@pulumi_test
async def test_a_region_has_one_alicloud_provider_however_many_sinks_lie_there(recorder: Recorder) -> None:
    own = account()
    beijing = own.alicloud("cn-beijing")
    assert own.alicloud("cn-beijing") is beijing
    assert own.alicloud("us-east-1") is not beijing
    await value_of(beijing.urn)
    await value_of(own.alicloud("us-east-1").urn)
    assert sorted((r.name, r.inputs["region"]) for r in recorder.of(ALICLOUD)) == [
        ("alicloud-cn-beijing", "cn-beijing"),
        ("alicloud-us-east-1", "us-east-1"),
    ]


def test_an_alicloud_provider_has_the_account_s_credentials_and_asks_nobody_what_kind_it_is(recorder: Recorder) -> None:
    inputs = made(recorder, "cn-beijing", profile="p", role_arn=ROLE)
    assert (inputs["accountId"], inputs["accountType"], inputs["profile"]) == (ID, "International", "p")
    assert "r" in str(inputs["assumeRole"])
    assert ROLE in str(inputs["assumeRole"])
    assert not {"protocol", "endpoints"} & inputs.keys()


def test_the_kind_of_account_is_what_the_program_says(recorder: Recorder) -> None:
    assert made(recorder, "cn-beijing", type="Domestic")["accountType"] == "Domestic"


def test_one_address_serves_every_region_and_one_by_region_only_its_own(recorder: Recorder) -> None:
    more = {"endpoints": {"sae": DOUBLE, "mse": {"us-east-1": DOUBLE}, "kms": DOUBLE, "control_plane": DOUBLE}}
    inputs = made(recorder, "cn-beijing", **more)
    assert inputs["protocol"] == "HTTP"
    assert _endpoints(inputs) == {"sae": "127.0.0.1:1"}, "ours talks to the others itself"


def test_an_address_by_region_is_used_there(recorder: Recorder) -> None:
    more = {"endpoints": {"oos": DOUBLE, "mse": {"us-east-1": "https://mse.example.com"}}}
    inputs = made(recorder, "us-east-1", **more)
    assert _endpoints(inputs) == {"oos": "127.0.0.1:1", "mse": "mse.example.com"}


def _endpoints(inputs: dict[str, Any]) -> dict[str, str]:
    (only,) = json.loads(inputs["endpoints"])
    return dict(only)


@pulumi_test
async def test_the_module_s_provider_gets_the_addresses_that_are_its_own(recorder: Recorder) -> None:
    endpoints = {
        "control_plane": {"cn-beijing": DOUBLE},
        "kms": DOUBLE,
        "oos": DOUBLE,
        "sts": DOUBLE,
        "sae": DOUBLE,
        "inference": f"{DOUBLE}/_host",
        "clock_offset": 60.0,
    }
    own = account(endpoints=endpoints)
    await value_of(own.owner.owner_id)
    ours = recorder.only(OURS).inputs
    given = json.loads(ours["endpoints"])
    assert given == {"modelstudio": {"cn-beijing": DOUBLE}, "kms": DOUBLE, "oos": DOUBLE, "sts": DOUBLE}
    assert float(ours["clockOffset"]) == 60
    assert own.prefix == f"{DOUBLE}/_host"
    assert account().prefix == ""


@pytest.fixture
def own(recorder: Recorder) -> Account:
    assert recorder
    return account()


def test_a_place_is_one_service_s(own: Account) -> None:
    assert own.claim(["kms:r/a", "sae:r/a"], "gw") == []
    assert own.claim(["kms:r/a"], "gw") == [], "two in one service are the firewall's matter"
    wrong = own.claim(["kms:r/b", "kms:r/a", "sae:r/a"], "b")
    assert wrong == [f"{place}:r/a is also the sink of 'gw'; each place takes one record" for place in ("kms", "sae")]
    assert own.claim(["kms:r/b"], "c") == [], "what is refused claims nothing"


def test_no_key_is_taken_from_a_place_that_the_program_writes(own: Account) -> None:
    assert own.claim(["kms:r/a"], "gw") == []
    assert own.claim(["kms:r/b"], "b", source="kms:r/a") == [
        "kms:r/a is the sink of 'gw'; take a key from a secret that nothing here writes"
    ]
    assert own.claim(["kms:r/b"], "b", source="kms:r/b") == [
        "kms:r/b is the sink of 'b'; take a key from a secret that nothing here writes"
    ]
    assert own.claim(["kms:r/b"], "b", source="kms:r/theirs") == []
    assert own.claim(["kms:r/c"], "c", source="kms:r/theirs") == [], "two services may use one key"
    assert own.claim(["kms:r/theirs"], "d") == [
        "kms:r/theirs is where 'c' takes its key from; it must be another place than any sink"
    ]


def test_another_program_s_account_has_claims_of_its_own(own: Account) -> None:
    assert own.claim(["kms:r/a"], "gw") == []
    assert account().claim(["kms:r/a"], "b") == []
