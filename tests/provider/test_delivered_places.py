"""After all sinks, an update fails while a place that a record was delivered to does not hold it."""

import pytest

from tests.provider.given import RETIREMENT, retirement_inputs
from tests.provider.wire_client import Resource, Wire, WireError

KMS, SAE = "kms:cn-beijing/gw", "sae:cn-beijing:prod/gw"


def test_an_update_that_leaves_a_place_behind_ends_with_an_error_and_is_recorded(wire: Wire, key: Resource) -> None:
    given = retirement_inputs(key, held={KMS: "g1r1", SAE: "g1r1"}, revision=1)
    made = wire.create(RETIREMENT, "gw-retirement", given)
    behind = given | {"revision": 2, "held": {KMS: "g1r2", SAE: "g1r1"}}
    with pytest.raises(WireError, match=f"{SAE} holds g1r1, the service has g1r2: run `pulumi up` again") as left:
        wire.up(made, behind)
    assert left.value.partly is not None, "what was done is in the state"
    wire.up(made, behind | {"held": {KMS: "g1r2", SAE: "g1r2"}})
    assert made.inputs["held"] == {KMS: "g1r2", SAE: "g1r2"}


def test_without_a_revision_places_may_differ_in_it(wire: Wire, key: Resource) -> None:
    made = wire.create(RETIREMENT, "gw-retirement", retirement_inputs(key, held={KMS: "g1r2", SAE: "g1r1"}))
    assert made.state["keys"] == []
