"""What a call of one token costs, by what its answer says of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from catalogue.models import CALL_TOKENS
from provider.client.shapes import as_object
from tools.live.report import Unmeasured, broken, held

if TYPE_CHECKING:
    from tools.live.asking import Said
    from tools.live.report import Result
    from tools.live.scene import Scene

_ABOUT = 1.5
"""How many times CALL_TOKENS still are about as many."""


def one_token(scene: Scene) -> Result:
    """Read the usage off the answers of each protocol."""
    said: list[str] = []
    wrong = False
    for protocol, answered in scene.whole_calls.items():
        if answered.meaning != "model_answered":
            raise Unmeasured(f"no answer of a model: {protocol}: {answered.text}")
        spent, done = _usage(answered)
        wrong = wrong or done > 1 or spent > _ABOUT * CALL_TOKENS
        said.append(f"{protocol}: {spent} tokens, {done} of them the answer")
    return broken("; ".join(said)) if wrong else held("; ".join(said))


def _usage(said: Said) -> tuple[int, int]:
    """Return the tokens of a call, and those of its answer."""
    try:
        usage = as_object(as_object(json.loads(said.body)).get("usage"))
    except (ValueError, RecursionError):
        usage = {}
    names = (("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens"))
    for asked, answered in names:
        given = (usage.get(asked), usage.get(answered))
        if isinstance(given[0], int) and isinstance(given[1], int):
            return given[0] + given[1], given[1]
    raise Unmeasured("the answer does not say what it cost")
