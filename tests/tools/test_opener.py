"""What the engine encrypted with a passphrase is opened, and nothing that is not opened goes unnoticed."""

import gzip
import json

import pytest

from tools.canary import CANARY, Opener, Place, UnopenedError, find, plant_sealed

PASSPHRASE = "a passphrase for tests"
SALT = "v1:T7GSddYlpWw=:v1:m+PHKf5kIpGp8pkc:WsR1DQ6eml8vwE1uEiyZtasZ1CJTMA=="
SECRET = "v1:9TD1x/D5BJxsnT5Z:Ytk4ucnmd23ILHd78JFaIxbqMJBbx30i25BqYXlUDHqwjtYsyPHr5T7nan9XagYp/PIiSA=="
"""As engine 3.259.0 wrote them into the state of tests/data/secret_program."""


def state(*ciphertexts: str) -> Place:
    content = {"salt": SALT, "outputs": [{"ciphertext": text} for text in ciphertexts]}
    return Place("state", "test.json", json.dumps(content).encode())


def test_what_the_engine_wrote_is_opened() -> None:
    opener = Opener(PASSPHRASE)
    assert find([CANARY], [state(SECRET)]) == []
    (opened,) = opener.open([state(SECRET)])
    assert find([CANARY], [opened])
    assert opener.opened == 1
    assert f'{{"OPENAI_API_KEY":"{CANARY}"}}'.encode() in opened.content


def test_compressed_places_and_places_without_a_salt_of_their_own_are_opened() -> None:
    packed = Place("backup", "test.json.gz", gzip.compress(state(SECRET).content))
    plan = Place("saved plan", "plan.json", json.dumps({"ciphertext": SECRET}).encode())
    opened = Opener(PASSPHRASE).open([plan, packed])
    assert [place.kind for place, _ in find([CANARY], opened)] == ["saved plan", "backup"]


def test_places_with_nothing_encrypted_are_left_out() -> None:
    plain = Place("stdout", "up.out", b"v1 of modelstudio:index:ApiKey: kms:cn-beijing/v1@g1r1")
    assert [place.kind for place in Opener(PASSPHRASE).open([plain, state()])] == ["state"]


def test_planted_ones_are_found_in_every_spelling() -> None:
    opener = Opener(PASSPHRASE)
    opener.open([state()])
    planted = plant_sealed({"state": state().content}, opener)
    assert find([CANARY], planted) == []
    assert len(find([CANARY], opener.open(planted))) == len(planted) == 4


def test_another_passphrase_is_refused() -> None:
    with pytest.raises(UnopenedError, match="passphrase"):
        Opener("another").open([state(SECRET)])


def test_what_was_encrypted_with_another_key_is_no_proof() -> None:
    other = SECRET[:-4] + "AAA="
    with pytest.raises(UnopenedError, match="state test.json"):
        Opener(PASSPHRASE).open([state(SECRET, other)])
    with pytest.raises(UnopenedError, match="salt"):
        Opener(PASSPHRASE).seal(CANARY)
