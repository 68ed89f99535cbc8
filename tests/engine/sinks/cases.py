"""What must hold of every sink, case by case; where a store cannot, the table says so, and exactly that is asserted."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from catalogue.record import version_name
from components.sinks.config import ConfigSink
from components.sinks.sink import child_name
from tests.engine.sinks.observed import KEYS
from tests.engine.sinks.table import ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.engine.sinks.observed import Observed, Step
    from tests.engine.sinks.table import Row

_OF_RECORD = re.compile(r"MODEL_STUDIO_(REVISION|SECRET)")
"""What a new revision changes whatever the record says."""
_PLACE, _COPY, _KEY = (f"modelstudio:index:{name}" for name in ("SecretPlace", "SecretVersion", "ApiKey"))
_TAGS = {"managed-by": "pulumi", "pulumi-project": "model-studio", "pulumi-stack": "test"}


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
    if row.kind == "secrets":
        _tagged(seen, "create", row)
        return
    (made,) = _entries(seen.steps["create"], row, "app", seen)
    assert (made["outputs"].get("tags") or {}) == ({} if row.untagged else _TAGS)


def no_change(seen: Observed, row: Row) -> None:
    """An `up` without change calls nothing, and a refresh finds no drift."""
    step = seen.steps["no change"]
    assert (step.run.changes, step.calls) == ({}, [])
    assert seen.steps["refresh"].run.changes == {}
    assert step.held[row.name] == _text(seen, "create", row)


def versions(seen: Observed, row: Row) -> None:
    """What readers get was put under generation, revision and digest; a config sink names that version of the vault."""
    vault = next(r for r in ROWS if r.service == row.service and r.vault)
    expected = {"create": "g1r1", "repair": "g1r1", "update": "g1r2", "rollback": "g1r3", "rename": "g1r3"}
    for name, revision in expected.items():
        what = "new" if name == "rename" else "app"
        record = row.parse(_text(seen, name, row))
        version = version_name(1, int(revision[-1]), record["MODEL_STUDIO_DIGEST"])
        assert version.startswith(f"{revision}-")
        if row.kind == "secrets":
            assert seen.steps[name].versions[row.name] == version
        else:
            assert record["MODEL_STUDIO_SECRET"] == f"{vault.place_of(what)}@{version}"


def update(seen: Observed, row: Row) -> None:
    """Another record is delivered, under the next revision."""
    record = row.parse(_text(seen, "update", row))
    assert seen.steps["update"].delivered[row.place_of("app")] == "g1r2"
    assert record["MODEL_STUDIO_REVISION"] == "2"
    assert "ANTHROPIC_BASE_URL" not in record


def rollback(seen: Observed, row: Row) -> None:
    """A -> B -> A really delivers A, as a new revision."""
    first, last = (row.parse(_text(seen, name, row)) for name in ("create", "rollback"))
    assert last["MODEL_STUDIO_REVISION"] == "3"
    if row.kind == "config":
        assert "@g1r3-" in last["MODEL_STUDIO_SECRET"], "a version id of its own, not the first one again"
    assert _without_revision(first) == _without_revision(last)


def rename(seen: Observed, row: Row) -> None:
    """Another name is a new object with the record and the same key, and the old one is no more read."""
    assert row.parse(_text(seen, "rename", row))["MODEL_STUDIO_REVISION"] == "3"
    assert seen.steps["renamed, the old"].held[row.name] is None
    assert set(seen.steps["renamed"].delivered.values()) == {"g1r3"}
    assert seen.steps["renamed"].held[row.name] == _text(seen, "rename", row)
    assert "CreateApiKey" not in seen.steps["rename"].calls


def drift(seen: Observed, row: Row) -> None:
    """A refresh notices what another hand put there, and the status tells where."""
    place = row.place_of("app")
    assert re.search(rf" in .*{re.escape(place)}", seen.reports["create"])
    assert f"{place} holds g?r?" in seen.reports["drift"]
    assert _holder(seen, row, "app") in _changed(seen.steps["drift"])
    assert _holder(seen, row, "app") not in _changed(seen.steps["refresh"])


def repair(seen: Observed, row: Row) -> None:
    """The next `up` puts the record back without touching the key, and the tags of a secret."""
    step = seen.steps["repair"]
    assert "CreateApiKey" not in step.calls
    assert step.held[row.name] == _text(seen, "create", row)
    if row.kind == "secrets":
        assert "managed-by" not in seen.steps["drift"].tags[row.name]
        _tagged(seen, "repair", row)
    assert row.parse(_text(seen, "update", row))["MODEL_STUDIO_REVISION"] == "2"


def made_again(seen: Observed, row: Row) -> None:
    """One that another hand deleted is noticed by a refresh and made again, with the same key."""
    gone, again = ("vault gone", "vault made again") if row.vault else ("gone", "made again")
    revision = "4" if row.vault else "3"
    assert seen.steps[gone].held[row.name] is None
    assert _holder(seen, row, "lost" if row.vault else "app") in _changed(seen.steps[gone], "update", "delete")
    assert row.parse(_text(seen, again, row))["MODEL_STUDIO_REVISION"] == revision
    assert "CreateApiKey" not in seen.steps[again].calls


def retain(seen: Observed, row: Row) -> None:
    """With on_delete: retain it stays when the sink goes."""
    step = seen.steps["left"]
    assert row.place_of("new") not in step.delivered
    assert step.held[row.name] == seen.steps["retain"].held[row.name]
    assert not [call for call in step.calls if call.startswith("Delete")]


def conflict(seen: Observed, row: Row) -> None:
    """One that exists is not touched, and it is said how to take it over."""
    step = seen.steps["conflict"]
    assert step.run.code != 0
    said = [e for e in step.run.errors if e.startswith(f"{row.place_of('new')} exists already")]
    assert len(said) == 1
    assert "on_conflict: adopt" in said[0]
    assert step.held[row.name] == row.foreign


def adopt(seen: Observed, row: Row) -> None:
    """With on_conflict: adopt it is taken over, gets the record, and is at rest after that."""
    step = seen.steps["adopt"]
    if row.kind == "config":
        imported = {s.name for s in step.run.steps if s.op.startswith("import")}
        assert child_name(row.service, row.place_of("new")) in imported
    else:
        assert seen.steps["conflict"].tags[row.name] == {}
        _tagged(seen, "adopt", row)
    record = row.parse(_text(seen, "adopt", row))
    assert step.delivered[row.place_of("new")] == f"g1r{record['MODEL_STUDIO_REVISION']}"
    assert (seen.steps["adopted"].run.changes, seen.steps["adopted"].calls) == ({}, [])


def delete(seen: Observed, row: Row) -> None:
    """Dropped or destroyed, it is removed, adopted or not: nobody can read it."""
    assert seen.steps["adopted"].held[row.name] is not None
    if row.kind == "config":
        assert seen.steps["destroy, config"].held[row.name] is None
        return
    assert seen.steps["adopted, the old"].held[row.name] is None
    assert seen.steps["next key"].held[row.name] is not None
    assert seen.steps["destroy"].held[row.name] is None


def hygiene(seen: Observed, row: Row) -> None:
    """No key in state, logs, diffs, previews, outputs; nothing in the state is so secret that it would be encrypted."""
    assert seen.looked_through > 50
    assert len(seen.keys) >= 1
    assert [(place.kind, place.name) for place, _ in seen.leaks] == []
    assert len(_entries(seen.steps["create"], row, "app", seen)) == (
        2 if row.kind == "secrets" and not row.vault else 1
    )
    assert not [name for name, step in seen.steps.items() if "ciphertext" in json.dumps(step.state)]


def limits(seen: Observed, row: Row) -> None:
    """A name that the store refuses is refused in preview, at its place, and nothing is called."""
    step = seen.steps["limits"]
    argument, value = row.bad_name
    assert step.calls == []
    lines = [line for line in step.run.text.splitlines() if f".{row.store}.{argument}: " in line]
    assert any(f'"{value}" must be ' in line and f"{row.service}." in line for line in lines)


def consumer(seen: Observed, row: Row) -> None:
    """Its reader's clients, built from what stands there and nothing else, get an answer."""
    answers = seen.answers[row.name]
    assert set(answers) == {"openai", "anthropic", "dashscope"}
    assert all(answers.values())


def answers_lost(seen: Observed, row: Row) -> None:
    """A call whose answer was lost is recognised in the same run, and nothing is written twice."""
    for name, revision in (("create", 3), ("update", 4)):
        step = seen.steps[f"{name}, answers lost"]
        record = row.parse(_text(seen, f"{name}, answers lost", row))
        assert step.delivered[row.place_of("lost")] == f"g1r{revision}"
        assert step.versions[row.name] == version_name(1, revision, record["MODEL_STUDIO_DIGEST"])
        assert "CreateApiKey" not in step.calls
    assert [seen.steps[f"{name}, answers lost"].kept[row.name] for name in ("create", "update")] == [1, 2]


def lost(seen: Observed, row: Row) -> None:
    """Where no secret holds the key's value any more, the next key is made, and every place gets it."""
    assert seen.steps["all gone"].held[row.name] is None
    step = seen.steps["next key"]
    assert step.calls.count("CreateApiKey") == len({r.service for r in ROWS})
    assert "RestoreSecret" not in step.calls, "a secret that was dropped stays so, whatever it holds"
    assert step.delivered[row.place_of("lost")] == "g2r5"
    assert row.parse(_text(seen, "next key", row))["MODEL_STUDIO_GENERATION"] == "2"


CASES: Mapping[str, Callable[[Observed, Row], None]] = {
    case.__name__: case
    for case in (
        create,
        tags,
        no_change,
        versions,
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
        answers_lost,
        lost,
    )
}
OF_SECRETS = (answers_lost, lost)
"""Cases of what this project's plugin writes; the fault matrix has the calls of the alicloud plugin."""
MATRIX = [
    (row, name) for row in ROWS for name, case in CASES.items() if row.kind == "secrets" or case not in OF_SECRETS
]
"""Each sink with each of its cases."""


def _text(seen: Observed, step: str, row: Row) -> str:
    held = seen.steps[step].held[row.name]
    assert held is not None, f"{row.name}: nothing to read after {step}"
    return held


def _without_revision(record: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in record.items() if not _OF_RECORD.search(name)}


def _tagged(seen: Observed, name: str, row: Row) -> None:
    """Fail unless the store says the stack's tags, and the mark of stack and series."""
    (key,) = seen.steps[name].resources(_KEY, f"{row.service}-key")
    (owner,) = seen.steps[name].resources("modelstudio:index:Owner", "owner")
    mark = f"{owner['outputs']['ownerId']}:{key['outputs']['series']}"
    assert seen.steps[name].tags[row.name] == _TAGS | {"model-studio-mark": mark}


def _holder(seen: Observed, row: Row, what: str) -> tuple[str, str]:
    """Return type and name of the resource that knows what a place holds."""
    if row.vault:
        return _KEY, f"{row.service}-key"
    if issubclass(row.sink, ConfigSink):
        return row.sink.token, child_name(row.service, row.place_of(what))
    return _COPY, f"{seen.account}/{row.place_of(what)}"


def _entries(step: Step, row: Row, what: str, seen: Observed) -> list[dict[str, Any]]:
    """Return what the state has of a sink: a secret's place, and its version where it is no vault."""
    holder = _holder(seen, row, what)
    if row.kind == "config":
        return step.resources(*holder)
    place = step.resources(_PLACE, f"{seen.account}/{row.place_of(what)}")
    return place + ([] if row.vault else step.resources(*holder))


def _changed(step: Step, *ops: str) -> list[tuple[str, str]]:
    """Return the resources that a refresh found to be otherwise than the state had them."""
    return [(change.type, change.name) for change in step.run.steps if change.op in (ops or ("update",))]
