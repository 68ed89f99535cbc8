"""Every published URL, deployed from a stack file on the real engine and called with a real client."""

import pytest

from tests.engine.whole_catalogue import call_all, write
from tests.engine.world import World
from tests.published import ALL

pytestmark = pytest.mark.engine


def test_every_published_url_is_deployed_and_answers(world: World) -> None:
    write(world)
    run = world.stack.up().ok()
    called = call_all(world)
    assert sorted(c.row for c in called) == ALL
    assert len([c for c in called if c.on_the_page]) == 28
    assert [c for c in called if not c.as_published] == []
    for c in called:
        plan = c.row.domain in ("token_plan", "coding_plan")
        assert ("answers the key of a subscription plan" in c.answer) == plan, c
    warned = [text for text in run.warnings if "gets no new features" in text]
    assert len(warned) == 4, "one for each service on the shared domain"
    assert all(text.count(".maas.aliyuncs.com/") >= 3 for text in warned), "with its dedicated URLs"
    outputs = world.stack.outputs()["services"]
    found = {(service["domain"] == "coding_plan", service["outcome"]) for service in outputs.values()}
    assert found == {(True, "accepted"), (False, "verified")}, "a coding plan's host takes no client of ours"
    again, calls = world.counted("up")
    assert (again.ok().changes, calls) == ({}, [])
    world.stack.destroy().ok()
    assert world.workspaces() == {}
