"""No answer makes the check raise, and none verifies more than it proves."""

from __future__ import annotations

from collections import Counter

import pytest

from provider.probe import origin
from provider.resources.record_check import PATIENCE
from tests.probe.generated import KEY, Cell, Result, Table, cells


def unsafe(cell: Cell, found: Result) -> str:
    """Return what is wrong with a result; "" when it is safe."""
    is_model_answer = 200 <= cell.status < 300 and cell.shape == "success"
    if found.outcome == "verified" and cell.host in ("dedicated", "other") and not is_model_answer:
        return "a host is verified without an answer of a model or a control that discriminates"
    if found.outcome == "verified" and cell.status in (302, 401, 402, 403, 405, 409, 415, 421, 422, 429, 500, 503):
        return "verified by an answer that never verifies"
    if found.outcome == "refused" and cell.status not in (401, 403):
        return "refused by an answer that never refuses"
    named = f"{cell.code} {cell.message}".lower()
    if (
        found.outcome == "refused"
        and cell.status == 403
        and not any(w in named for w in ("endpoint", "workspace", "key"))
    ):
        return "refused by a 403 that names nothing"
    if found.outcome == "refused" and found.delivered:
        return "delivered although it is refused"
    if found.calls and cell.verify != "required":
        return "a model was called"
    if found.calls and cell.host in ("token_plan", "coding_plan"):
        return "a model was called on a plan's host"
    if found.waited and cell.age == "old":
        return "waited for an old key"
    if found.waited > PATIENCE:
        return "waited too long"
    if found.outcome != "verified" and not found.cause:
        return "no cause is named"
    return "the key is in the cause" if KEY in found.cause else ""


@pytest.mark.parametrize("status", sorted({cell.status for cell in cells()}))
def test_every_generated_answer_is_safe(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origin, "of_any", lambda *_, **__: "")
    table = Table(monkeypatch)
    wrong: list[tuple[Cell, str]] = []
    seen: Counter[str] = Counter()
    for cell in (c for c in cells() if c.status == status):
        found = table.run(cell)
        seen[found.outcome] += 1
        if problem := unsafe(cell, found):
            wrong.append((cell, problem))
    assert wrong[:5] == []
    assert sum(seen.values()) > 500


def test_the_table_reaches_every_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origin, "of_any", lambda *_, **__: "")
    table = Table(monkeypatch)
    some = [c for n, c in enumerate(cells()) if n % 97 == 0]
    assert {table.run(cell).outcome for cell in some} >= {"verified", "accepted", "refused", "inconclusive"}
