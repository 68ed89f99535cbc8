"""A minted key before an existing one of its service ends as any other, whatever comes after it."""

from tests.provider.conftest import OnDay
from tests.provider.given import DAY, KEY, RETIREMENT, disabled, key_inputs, live, retirement_inputs
from tests.provider.vendor import Console
from tests.provider.wire_client import Resource


def test_a_minted_key_that_makes_way_for_an_existing_one_ends_after_its_overlap(
    on_day: OnDay, workspace: Resource, place: Resource, console: Console
) -> None:
    wire = on_day(0)
    key = wire.create(KEY, "gw-key", key_inputs(workspace, place, rotation={"maxAge": 90 * DAY}))
    minted = key.state["keyId"]
    theirs = console.create_key(workspace.state["workspaceId"], "by hand")
    existing = key_inputs(workspace, place, existingKey=theirs.api_key_value)
    retirement = wire.create(RETIREMENT, "gw-retirement", retirement_inputs(key))
    assert set(wire.up(key, existing)) == {"existingKey", "rotation"}
    assert (key.state["generation"], key.state["keyId"], key.state["held"]) == (2, "", "g2r2")
    assert [entry["keyId"] for entry in key.state["superseded"]] == [minted]
    assert wire.refresh(key)
    wire.up(retirement, retirement_inputs(key))
    assert disabled(console, workspace) == []
    on_day(7.1).up(retirement, retirement_inputs(key))
    assert disabled(console, workspace) == [minted]

    wire = on_day(7.2)
    assert set(wire.up(key, key_inputs(workspace, place))) == {"existingKey"}
    assert (key.state["generation"], "existingKey" in key.inputs) == (3, False)
    others = [minted, key.state["keyId"], str(theirs.api_key_id)]
    assert live(console, workspace) == sorted(others)
    assert [entry["generation"] for entry in key.state["superseded"]] == [1], "the existing one is not ours to end"
    on_day(9.3).up(retirement, retirement_inputs(key))
    assert live(console, workspace) == sorted(others[1:])
