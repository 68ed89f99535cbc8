"""What is said of what people paste and write: URLs, keys, stack files."""

from __future__ import annotations

from tests.stacks import cases
from tests.tools import pasted
from tools.evidence.claim import Claim, Step


def inputs() -> Claim:
    """Run both tables."""
    pastes, told = pasted.counts()
    files, right = cases.counts()
    steps = [
        Step("pasted", pastes == told > 0, {"inputs": pastes, "told_right": told}),
        Step("stack files", files == right > 0, {"inputs": files, "right": right}),
    ]
    line = f"inputs: {pastes} pasted, {told} told right; {files} stack files, {right} right"
    return Claim("inputs", line, steps)
