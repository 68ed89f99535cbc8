"""Recorded answers, given back as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.inprocess import CHAT, JUNK, MODELS, SHARED, World

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> Generator[World]:
    with World(tmp_path / "emulator") as made:
        yield made


def recorded(**more: Any) -> dict[str, Any]:
    return {"method": "GET", "host": SHARED, "path": MODELS, "status": 418, "body": {"a": 1}} | more


def replay(world: World, *answers: dict[str, Any]) -> None:
    assert world.send("POST", "/_admin/replay", list(answers)).json == {"added": len(answers)}


def test_a_recorded_answer_is_given_to_the_calls_that_it_fits(world: World) -> None:
    replay(
        world, recorded(path=f"{MODELS}?page_no=1", headers={"X-Id": "7", "Content-Length": "999"}, date="2026-09-01")
    )
    answer = world.ask("GET", SHARED, MODELS)
    assert (answer.status, answer.json) == (418, {"a": 1})
    assert answer.headers["content-type"] == "application/json"
    assert (answer.headers["x-id"], answer.headers["content-length"]) == ("7", "8")
    assert world.calls()[-1]["params"]["replayed"] == "true"
    assert world.ask("GET", "dashscope-intl.aliyuncs.com", MODELS).status == 401
    assert world.ask("POST", SHARED, CHAT).status == 401
    assert world.ask("PUT", SHARED, MODELS).status == 401


def test_later_ones_win_and_text_is_sent_as_it_is(world: World) -> None:
    replay(world, recorded())
    replay(world, recorded(host="*", status=502, body="<h1>Bad  Gateway\n", headers={"Content-Type": "text/html"}))
    for host in (SHARED, "models.example.com"):
        answer = world.ask("GET", host, MODELS)
        assert (answer.status, answer.text) == (502, "<h1>Bad  Gateway\n")
        assert answer.headers["content-type"] == "text/html"
    assert world.send("DELETE", "/_admin/replay").status == 200
    assert world.ask("GET", SHARED, MODELS).status == 401


def test_an_answer_may_be_for_one_kind_of_key(world: World) -> None:
    own, other = world.workspace(), world.workspace()
    key, sibling, dead = world.key(own), world.key(other), world.key(own)
    dead.disabled = True
    kinds = {"good": 211, "sibling": 212, "junk": 213, "none": 214}
    replay(world, *(recorded(host="*", key=kind, status=status) for kind, status in kinds.items()))

    def statuses(host: str) -> list[int]:
        values = (key.value, sibling.value, dead.value, JUNK, "")
        return [world.ask("GET", host, MODELS, value).status for value in values]

    assert statuses(own.api_host) == [211, 212, 213, 213, 214]
    assert statuses(SHARED) == statuses("models.example.com") == [211, 211, 213, 213, 214]
    assert statuses("dashscope-us.aliyuncs.com") == [213] * 4 + [214]


def test_it_comes_before_an_odd_gateway_and_ends_with_the_process(world: World, tmp_path: Path) -> None:
    world.settings(gateway="empty_200")
    replay(world, recorded())
    assert world.ask("GET", SHARED, MODELS).status == 418
    with World(tmp_path / "next") as after:
        assert after.ask("GET", SHARED, MODELS).status == 401


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_that_has_no_body_is_sent_without(world: World, status: int) -> None:
    replay(world, recorded(status=status))
    answer = world.ask("GET", SHARED, MODELS)
    assert (answer.status, answer.text) == (status, "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": 99},
        {"status": None},
        {"host": 1},
        {"key": "great"},
        {"headers": {"x": "a\nb"}},
        {"headers": {"x y": "a"}},
        {"headers": {"x": "über"}},
    ],
)
def test_what_cannot_be_sent_is_refused_and_none_of_the_list_is_kept(world: World, wrong: dict[str, Any]) -> None:
    answer = world.send("POST", "/_admin/replay", [recorded(), recorded(**wrong)])
    assert (answer.status, list(answer.json)) == (400, ["error"])
    assert world.send("POST", "/_admin/replay", recorded()).status == 400
    assert world.ask("GET", SHARED, MODELS).status == 401
