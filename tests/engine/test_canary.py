"""No key in any place that a run leaves behind, encrypted or not, after a scan that finds every planted one."""

from pathlib import Path

import pytest

from tests.engine.world import World
from tools.canary import CANARY, Opener, UnopenedError, find
from tools.engine import Engine
from tools.evidence import leaks, state

pytestmark = pytest.mark.engine


def test_no_key_is_left_anywhere(world: World) -> None:
    raised = leaks.lost_answers(world)
    assert raised, "the faults made it fail"
    watch = leaks.Watch()
    watch.up(world)
    assert any("provider" in line for line in watch.seen), "the plugin's arguments were seen"
    keys = leaks.key_values(world)
    assert world.record()["OPENAI_API_KEY"] in keys
    real = leaks.places(world, watch.seen, raised)
    kinds = {place.kind for place in real}
    assert kinds >= {"state", "backup", "event log", "stdout", "emulator log", "exception", "process arguments"}
    result = leaks.claim(keys, real)
    assert result.measured["found"] == result.measured["planted"] == 4 * len(kinds)
    assert [(place.kind, place.name) for place, _ in find(keys, real)] == []
    assert result.holds


def test_no_state_nor_log_of_a_whole_life_holds_a_key_encrypted_or_not(
    world: World, tmp_path: Path, engine: Engine
) -> None:
    passphrase = world.stack.environment[state.PASSPHRASE]
    secret = state.secret_places(tmp_path / "secret", engine)
    life = state.live(world)
    kinds = {place.kind for place in life.places}
    assert kinds >= {*state.ENCRYPTED, "event log", "stdout", "stderr", "engine log", "gRPC log", "trace", "exception"}
    verbose = [place for place in life.places if place.kind == "stderr" and b"RegisterResource" in place.content]
    assert len(verbose) > 10, "the engine logged what it did"
    assert b"modelstudio:index:ApiKey" in next(place.content for place in life.places if place.kind == "gRPC log")
    result = state.claim(life, secret, passphrase)
    assert [step for step in result.steps if not step.holds] == []
    assert result.measured["planted"] == result.measured["found"] > 4 * len(kinds)
    assert result.measured["keys"] == 0

    spoilt = state.Life([*life.places, *secret], {*life.keys, CANARY}, life.steps)
    assert not state.claim(spoilt, secret, passphrase).holds, "a key that a state really holds is found"


def test_another_passphrase_opens_nothing_and_is_no_proof(tmp_path: Path, engine: Engine) -> None:
    secret = state.secret_places(tmp_path / "secret", engine)
    with pytest.raises(UnopenedError):
        Opener("another passphrase").open(secret)
