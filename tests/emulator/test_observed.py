"""What the live service was seen to answer, the emulator answers, too."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.emulator.inprocess import World
from tests.emulator.situations import NOT_REPRODUCED, SITUATIONS, bring_about

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from tests.emulator.inprocess import Answer

_FILE = Path(__file__).resolve().parent.parent / "data" / "observed" / "answers.json"
SEEN: dict[str, dict[str, Any]] = {
    entry["id"]: entry for entry in json.loads(_FILE.read_text(encoding="utf-8")) if entry["plane"] == "data"
}

_WORDS = {
    "accepted": "",
    "": "$",
    "chat.completion": r'\{.*"object":"chat\.completion"',
    "list": r'\{"object":"list","data":\[\{',
    "list of models": r'\{"object":"list","data":\[\{',
    "message": r'\{.*"type":"message"',
    "event:message_start\ndata:{...}": r"event:message_start\ndata:\{.*\}\n\n",
    'data: {"choices":[...],"object":"chat.completion.chunk"} ... data: [DONE]': (
        r'data: \{.*"choices": \[\{.*"object": "chat\.completion\.chunk".*'
        r'data: \{[^\n]*"choices": \[\], "usage": \{[^\n]*\}\n\ndata: \[DONE\]\n\n$'
    ),
}
"""Bodies that were published in a word: what that looks like."""
_IDS = ("id", "request_id", "created", "model", "total", "last_id")
"""Facts of which only the kind is compared."""


@pytest.fixture
def world(tmp_path: Path) -> Generator[World]:
    with World(tmp_path / "emulator") as made:
        yield made


def differences(seen: Mapping[str, Any], answer: Answer) -> list[str]:
    """Return what differs between an answer that was seen and the emulator's."""
    if answer.status != seen["status"]:
        return [f"status {answer.status}: {answer.text}"]
    body = seen["body"]
    if isinstance(body, str):
        word = "" if re.fullmatch(r"HTTP \d+", body) else _WORDS[body]
        return [] if re.match(word, answer.text, re.DOTALL) else [answer.text]
    given = answer.json
    if list(body) == ["message"]:  # in prose, without its place
        given = given.get("error", given)
    return list(_compare(body, given, "")) + list(_shape(body, answer.json))


def _compare(seen: Any, given: Any, place: str) -> Generator[str]:
    if isinstance(seen, dict):
        named = cast("dict[str, Any]", seen)
        for name, value in named.items():
            if not isinstance(given, dict) or name not in given:
                yield f"{place}.{name} is missing"
            elif name in _IDS:
                if type(cast("Any", given[name])) is not type(value):
                    yield f"{place}.{name} is of another kind"
            else:
                yield from _compare(value, given[name], f"{place}.{name}")
    elif isinstance(seen, list):
        yield from _compare(seen[0], given[0], f"{place}[0]")
    elif isinstance(seen, str) and place.endswith("message"):
        # What was cut off or added by whoever published it.
        text = re.sub(r" (\(or .*\)|\.\.\.)$", "", seen).rstrip(".")
        if not str(given).startswith(text):
            yield f"{place}: {given!r}"
    elif seen != given:
        yield f"{place}: {given!r}"


def _shape(seen: Mapping[str, Any], given: Mapping[str, Any]) -> Generator[str]:
    """A refusal that was published whole has no other fields than those."""
    error: Any = seen.get("error")
    whole = "request_id" in seen or (isinstance(error, dict) and "id" in error)
    if whole and seen.keys() != given.keys():
        yield f"fields {sorted(given)}"
    if isinstance(error, dict) and {"id", "param"} & error.keys() and error.keys() != given["error"].keys():
        yield f"fields of error {sorted(given['error'])}"


def test_every_answer_has_its_situation_or_a_reason() -> None:
    assert SEEN.keys() == SITUATIONS.keys() | NOT_REPRODUCED.keys()
    assert not SITUATIONS.keys() & NOT_REPRODUCED.keys()
    assert len(SEEN) > 60


@pytest.mark.parametrize("name", SITUATIONS)
def test_it_is_reproduced(world: World, name: str) -> None:
    assert differences(SEEN[name], bring_about(world, SEEN[name], SITUATIONS[name])) == []


@pytest.mark.parametrize("name", NOT_REPRODUCED)
def test_a_reason_is_given_only_for_what_is_not_reproduced(world: World, name: str) -> None:
    reason, nearest = NOT_REPRODUCED[name]
    assert reason
    assert differences(SEEN[name], bring_about(world, SEEN[name], nearest)) != []


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_fact_that_differs_is_seen(world: World, name: str) -> None:
    answer = bring_about(world, SEEN[name], SITUATIONS[name])
    assert differences(SEEN[name] | {"status": 418}, answer)
    facts = json.dumps(SEEN[name]["body"])
    changed = re.sub(r'"(code|message|object|error)": "', r'"\1": "not ', facts)
    if changed != facts:
        assert differences(SEEN[name] | {"body": json.loads(changed)}, answer)
