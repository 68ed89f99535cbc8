"""What must hold of every sink, case by case; where a store cannot, the table says so, and exactly that is asserted."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from components.sinks.sink import child_name
from tests.engine.sinks.observed import KEYS, SERVICE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.engine.sinks.observed import Observed, Step
    from tests.engine.sinks.table import Row

_OF_RECORD = re.compile(r"MODEL_STUDIO_(REVISION|SECRET)")
"""What a new revision changes whatever the record says."""


def create(seen: Observed, row: Row) -> None:
    """It is made, says what it holds, and holds a key if it is a secret sink, and only then."""
    step = seen.steps["create"]
    record = row.parse(_text(seen, "create", row))
    assert step.delivered[row.place_of("app")] == "g1r1"
    assert (record["MODEL_STUDIO_GENERATION"], record["MODEL_STUDIO_REVISION"]) == ("1", "1")
    assert bool(set(record) & set(KEYS.values())) == (row.kind == "secrets")
    assert ("MODEL_STUDIO_SECRET" in record) == (row.kind == "config")


def tags(seen: Observed, row: Row) -> None:
    """It is tagged with who manages it, as the store itself says; where the table says so, it is not."""
    (made,) = [entry for entry in seen.resources[row.name] if entry["type"] == row.sink.token]
    said = {"managed-by": "pulumi", "pulumi-project": "model-studio", "pulumi-stack": "test"}
    assert (made["outputs"].get("tags") or {}) == ({} if row.untagged else said)


def no_change(seen: Observed, row: Row) -> None:
    """An `up` without change calls nothing, and a refresh finds no drift."""
    step = seen.steps["no change"]
    assert (step.run.changes, step.calls) == ({}, [])
    assert seen.steps["refresh"].run.changes == {}
    assert step.held[row.name] == _text(seen, "create", row)


def update(seen: Observed, row: Row) -> None:
    """Another record is delivered, under the next revision, and said."""
    record = row.parse(_text(seen, "update", row))
    assert seen.steps["update"].delivered[row.place_of("app")] == "g1r2"
    assert record["MODEL_STUDIO_REVISION"] == "2"
    assert "ANTHROPIC_BASE_URL" not in record
    lines = [line for line in seen.steps["update"].run.text.splitlines() if row.place_of("app") in line]
    assert any(f"holds g1r2, which takes effect {row.sink.takes_effect}" in line for line in lines)


def rollback(seen: Observed, row: Row) -> None:
    """A -> B -> A really delivers A, as a new revision."""
    first, last = (row.parse(_text(seen, name, row)) for name in ("create", "rollback"))
    assert last["MODEL_STUDIO_REVISION"] == "3"
    if row.kind == "config":
        assert "@g1r3-" in last["MODEL_STUDIO_SECRET"], "a version id of its own, not the first one again"
    assert _without_revision(first) == _without_revision(last)


def rename(seen: Observed, row: Row) -> None:
    """Another name is a new object with the record, and the old one is no more read."""
    assert row.parse(_text(seen, "rename", row))["MODEL_STUDIO_REVISION"] == "3"
    assert seen.steps["rename, the old"].held[row.name] is None
    assert set(seen.steps["rename"].delivered.values()) == {"g1r3"}


def drift(seen: Observed, row: Row) -> None:
    """A refresh notices what another hand put there, and the status tells where."""
    place = row.place_of("app")
    assert re.search(rf" in .*{re.escape(place)}", seen.reports["create"])
    assert (f"{place} holds g?r?" in seen.reports["drift"]) == (not row.unseen)
    assert any(_is_of(row, "app", name) for name in _changed(seen.steps["drift"])) == (not row.unseen)
    assert not any(_is_of(row, "app", name) for name in _changed(seen.steps["refresh"]))


def repair(seen: Observed, row: Row) -> None:
    """The next `up` puts the record back without touching the key; where a change is not seen, the next revision."""
    step = seen.steps["repair"]
    assert "CreateApiKey" not in step.calls
    assert step.held[row.name] == (row.foreign if row.unseen else _text(seen, "create", row))
    assert row.parse(_text(seen, "update", row))["MODEL_STUDIO_REVISION"] == "2"


def made_again(seen: Observed, row: Row) -> None:
    """One that another hand deleted is noticed by a refresh and made again."""
    assert seen.steps["gone"].held[row.name] is None
    assert any(_is_of(row, "app", s.name) for s in seen.steps["made again"].run.steps if s.op == "create")
    assert row.parse(_text(seen, "made again", row))["MODEL_STUDIO_REVISION"] == "3"
    assert "CreateApiKey" not in seen.steps["made again"].calls


def retain(seen: Observed, row: Row) -> None:
    """With on_delete: retain it stays when the sink goes."""
    step = seen.steps["left"]
    assert step.delivered == {}
    assert step.held[row.name] == seen.steps["rename"].held[row.name]
    assert not [call for call in step.calls if call.startswith("Delete")]


def conflict(seen: Observed, row: Row) -> None:
    """One that exists is not touched, and it is said how to take it over."""
    step = seen.steps["conflict"]
    assert step.run.code != 0
    said = [e for e in step.run.errors if e.startswith(f"{row.place_of('new')} exists already")]
    assert len(said) == 1
    assert "on_conflict: adopt" in said[0]
    assert step.held[row.name] == seen.steps["left"].held[row.name]


def adopt(seen: Observed, row: Row) -> None:
    """With on_conflict: adopt it is taken over, gets the record, and is at rest after that."""
    step = seen.steps["adopt"]
    assert any(_is_of(row, "new", s.name) and s.op.startswith("import") for s in step.run.steps)
    record = row.parse(_text(seen, "adopt", row))
    assert step.delivered[row.place_of("new")] == f"g1r{record['MODEL_STUDIO_REVISION']}"
    assert (seen.steps["adopted"].run.changes, seen.steps["adopted"].calls) == ({}, [])


def delete(seen: Observed, row: Row) -> None:
    """`destroy` removes it: nobody can read it."""
    assert seen.steps["adopted"].held[row.name] is not None
    assert seen.steps["destroy"].held[row.name] is None


def hygiene(seen: Observed, row: Row) -> None:
    """No key in state, logs, diffs, previews, outputs; in a secret sink's state entry the record is encrypted."""
    assert seen.looked_through > 50
    assert len(seen.keys) >= 1
    assert [(place.kind, place.name) for place, _ in seen.leaks] == []
    kept = json.dumps(seen.resources[row.name])
    assert len(seen.resources[row.name]) == (2 if row.name == "kms" else 1)
    assert ("ciphertext" in kept) == (row.kind == "secrets")


def limits(seen: Observed, row: Row) -> None:
    """A name that the store refuses is refused in preview, at its place, and nothing is called."""
    step = seen.steps["limits"]
    argument, value = row.bad_name
    assert step.calls == []
    lines = [line for line in step.run.text.splitlines() if f".{row.store}.{argument}: " in line]
    assert any(f'"{value}" must be ' in line for line in lines)


def consumer(seen: Observed, row: Row) -> None:
    """Its reader's clients, built from what stands there and nothing else, get an answer."""
    answers = seen.answers[row.name]
    assert set(answers) == {"openai", "anthropic", "dashscope"}
    assert all(answers.values())


CASES: Mapping[str, Callable[[Observed, Row], None]] = {
    case.__name__: case
    for case in (
        create,
        tags,
        no_change,
        update,
        rollback,
        rename,
        drift,
        repair,
        made_again,
        retain,
        conflict,
        adopt,
        delete,
        hygiene,
        limits,
        consumer,
    )
}


def _text(seen: Observed, step: str, row: Row) -> str:
    held = seen.steps[step].held[row.name]
    assert held is not None, f"{row.name}: nothing to read after {step}"
    return held


def _without_revision(record: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in record.items() if not _OF_RECORD.search(name)}


def _is_of(row: Row, what: str, resource: str) -> bool:
    return resource == child_name(SERVICE, row.place_of(what))


def _changed(step: Step) -> list[str]:
    """Return the resources that a refresh found to be otherwise than the state had them."""
    return [change.name for change in step.run.steps if change.op == "update"]
