"""The first slice: an empty program on the real engine, from up to destroy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine_harness import EngineStack

pytestmark = pytest.mark.engine


def test_empty_program_goes_from_up_to_destroy(empty_stack: EngineStack) -> None:
    planned = empty_stack.preview().ok()
    assert planned.changes == {"create": 1}
    assert empty_stack.up().ok().changes == {"create": 1}
    assert empty_stack.outputs() == {"answer": 42}
    again = empty_stack.up().ok()
    assert again.changes == {}
    assert again.summary == {"same": 1}
    assert empty_stack.refresh().ok().changes == {}
    resources = empty_stack.state()["resources"]
    assert [resource["type"] for resource in resources] == ["pulumi:pulumi:Stack"]
    assert empty_stack.destroy().ok().changes == {"delete": 1}
    assert empty_stack.state().get("resources") is None
