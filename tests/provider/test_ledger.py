"""What is on record of a service's keys: read as it was written, every number and nonce kept."""

import json

from hypothesis import given

from provider.keys.ledger import Key, Ledger
from tests.provider.ledgers import AT, BORN, SERIES, existing, key, ledger, ledgers


@given(ledgers())
def test_a_ledger_is_read_as_it_was_written(made: Ledger) -> None:
    assert Ledger.of_state(json.loads(json.dumps(made.as_state()))) == made


def test_a_state_without_keys_is_an_empty_ledger() -> None:
    assert Ledger.of_state({}) == Ledger(series="")


SHOWN = {"keyId", "generation", "createdBy", "createdAt", "fingerprint"}
"""What of the current key is an output of its own."""


def test_what_is_written_is_what_retirement_and_people_read() -> None:
    made = ledger(key(2), key(1, superseded_at=BORN), unfinished=(key(3),))
    state = made.as_state()
    assert set(state) == {"series", "ledger", "superseded", "present"} | SHOWN
    (old,) = state["superseded"]
    assert old == {
        "generation": 1,
        "keyId": "101",
        "regionId": "cn-beijing",
        "workspaceId": "ws-a",
        "nonce": "00000001",
        "createdAt": BORN,
        "createdBy": "1234567890123456",
        "fingerprint": f"{1:032x}",
        "supersededAt": BORN,
        "copies": [{"place": AT, "version": "v1", "name": "g1r1-ab12cd34"}],
    }
    assert set(state["ledger"]) == {"current", "unfinished", "highest", "nonces"}
    assert not set(state["ledger"]["current"]) & SHOWN, "nothing stands there twice"


def test_what_another_version_wrote_beside_is_passed_over() -> None:
    assert Key.read({"generation": 1, "keyId": "7", "regionId": "r", "workspaceId": "w", "phase": "soak"}) == Key(
        generation=1, key_id="7", region="r", workspace="w"
    )


def test_a_number_counts_for_ever_once_it_was_sent_anywhere() -> None:
    made = ledger(key(1), key(4))
    assert made.highest == 4
    assert made.with_superseded([]).highest == 4
    assert made.with_current(key(2)).highest == 4
    assert made.with_current(key(9)).highest == 9


def test_the_number_of_what_was_never_sent_does_not_count_but_its_nonce_does() -> None:
    made = ledger(key(1)).with_unfinished([key(2)])
    assert (made.highest, made.nonces) == (1, {"00000001": "101", "00000002": "102"})
    assert made.with_unfinished([]).nonces == made.nonces


def test_a_key_that_becomes_current_is_no_longer_superseded() -> None:
    made = ledger(key(1), key(2), key(3)).with_current(key(3), put_aside=key(1, superseded_at=BORN))
    assert made.current == key(3)
    assert made.superseded == (key(1, superseded_at=BORN), key(2))
    assert made.present


def test_another_key_of_the_same_number_stays() -> None:
    other = key(2, key_id="777", nonce="f" * 8)
    made = ledger(key(1), other).with_current(key(2))
    assert made.superseded == (other,)


def test_superseded_keys_stand_in_the_order_of_their_numbers() -> None:
    made = Ledger(series=SERIES).with_superseded([key(3), key(1), key(2)])
    assert [k.generation for k in made.superseded] == [1, 2, 3]


def test_only_what_lies_somewhere_and_is_known_can_be_read() -> None:
    assert key(1).can_be_read
    assert not key(1, copies=()).can_be_read
    assert not key(1, fingerprint="").can_be_read
    assert existing(1).can_be_read
