"""What is said, after all sinks, of the places that a record was delivered to."""

import pytest

from tests.provider.given import RETIREMENT, retirement_inputs
from tests.provider.wire_client import Resource, Wire, WireError

KMS, SAE, NACOS = "kms:cn-beijing/gw", "sae:cn-beijing:prod/gw", "nacos:cn-beijing/mse-1/public/G/gw.json"
EFFECTS = {KMS: "within an hour", SAE: "after the application is redeployed", NACOS: "at once"}


def test_it_is_told_when_what_changed_takes_effect(wire: Wire, key: Resource) -> None:
    def given(revision: int, held: dict[str, str]) -> dict[str, object]:
        return retirement_inputs(key, held=held, takesEffect=EFFECTS, revision=revision)

    made = wire.create(RETIREMENT, "gw-retirement", given(1, dict.fromkeys((KMS, SAE), "g1r1")))
    assert wire.told == [], "nobody read it before"
    wire.up(made, given(1, dict.fromkeys((KMS, SAE, NACOS), "g1r1")))
    assert wire.told == [], "a place that is new has no reader either"
    wire.up(made, given(2, dict.fromkeys((KMS, SAE, NACOS), "g1r2")))
    assert wire.told == [
        f"{KMS} holds g1r2, which takes effect within an hour",
        f"{NACOS} holds g1r2, which takes effect at once",
        f"{SAE} holds g1r2, which takes effect after the application is redeployed",
    ]
    assert wire.warnings == []


def test_an_update_that_leaves_a_place_behind_ends_with_an_error_and_is_recorded(wire: Wire, key: Resource) -> None:
    given = retirement_inputs(key, held={KMS: "g1r1", SAE: "g1r1"}, revision=1)
    made = wire.create(RETIREMENT, "gw-retirement", given)
    behind = given | {"revision": 2, "held": {KMS: "g1r2", SAE: "g1r1"}}
    with pytest.raises(WireError, match=f"{SAE} holds g1r1, the service has g1r2: run `pulumi up` again") as left:
        wire.up(made, behind)
    assert left.value.partly is not None, "what was done is in the state"
    wire.up(made, behind | {"held": {KMS: "g1r2", SAE: "g1r2"}})
    assert made.state["held"] == {KMS: "g1r2", SAE: "g1r2"}
