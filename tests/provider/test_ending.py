"""The end of a service: its own keys, those that only the service knows too, and none that is still served."""

from dataclasses import replace
from typing import Any

import pytest

from provider.keys.mark import KeyMark
from provider.resource import RefusedError
from tests.provider.bench import ANY, OWNER_ID, Bench, KilledError, at, failure

NEXT = {"rotation": {"minGeneration": 2}}


def test_every_key_of_the_service_is_deleted_and_no_other(bench: Bench) -> None:
    bench.up()
    bench.up(**NEXT)
    found = KeyMark(owner_id=OWNER_ID, series=bench.state["series"], generation=9, nonce="0" * 8)
    others = [
        replace(found, owner_id="f" * 16),
        replace(found, series="0" * 16),
        replace(found, nonce=bench.state["ledger"]["current"]["nonce"]),
    ]
    bench.plane.create_api_key("cn-beijing", "ws-a", str(found), ANY)
    theirs = [bench.plane.create_api_key("cn-beijing", "ws-a", str(m), ANY).key_id for m in others]
    bench.delete()
    assert bench.live == theirs


def test_what_could_not_be_deleted_before_goes_too(bench: Bench) -> None:
    bench.outcomes["sk-ws-test.k1", ""] = "refused"
    bench.calls.fault("delete_api_key")
    bench.up()
    assert bench.live == ["1"]
    bench.delete()
    assert bench.live == []


def test_what_a_killed_run_minted_beside_an_existing_key_goes_too(bench: Bench) -> None:
    bench.up(existingKey="sk-ws-test.a1")
    bench.calls.fault("create_api_key", KilledError(), after=True)
    bench.killed()
    bench.delete()
    assert bench.live == []


def test_a_key_that_lost_its_mark_is_left_and_named_when_the_others_are_gone(bench: Bench) -> None:
    bench.up()
    bench.up(**NEXT)
    bench.plane.keys["1"] = replace(bench.plane.keys["1"], description="taken over")
    with pytest.raises(RefusedError, match="key 1 no longer carries this stack's mark"):
        bench.delete()
    assert bench.live == ["1"]


@pytest.fixture
def sibling(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Another service of the same program."""
    return Bench(monkeypatch, "other-key", bench.account)


@pytest.mark.parametrize("was", ["its vault", "its further secret"])
def test_nothing_is_deleted_while_a_secret_that_a_sibling_takes_over_still_holds_a_key(
    bench: Bench, sibling: Bench, was: str
) -> None:
    """As with --continue-on-error: the sibling's own delivery failed, and this service is gone from the program."""
    given: dict[str, Any] = {} if was == "its vault" else {"vault": at("own"), "alsoAt": ["kms:cn-beijing/gw"]}
    bench.up(**given)
    if was != "its vault":
        bench.kms.held["gw"] = replace(bench.kms.held["own"])
    bench.up(**given, **NEXT)
    if was != "its vault":
        bench.kms.held["gw"] = bench.kms.held["own"]
    sibling.calls.fault("put", failure("refused", "Forbidden", 403))
    sibling.fails("made to fail")
    with pytest.raises(RefusedError, match="kms:cn-beijing/gw still holds key 2 .generation 2.*nothing was deleted"):
        bench.delete()
    assert {"1", "2"} <= set(bench.live)
    sibling.up()
    bench.delete()
    assert bench.live == [sibling.state["keyId"]]


def test_a_secret_that_a_sibling_claimed_and_nobody_can_read_stops_the_deletion(bench: Bench, sibling: Bench) -> None:
    bench.up()
    sibling.up()
    bench.calls.fault("read", failure("refused", "Forbidden", 403))
    with pytest.raises(Exception, match="made to fail"):
        bench.delete()
    assert bench.live == ["1", "2"]


def test_a_destroy_reads_no_secret(bench: Bench) -> None:
    bench.up()
    bench.known.claims.clear()  # nothing is checked in a destroy
    calls = len(bench.calls.made)
    bench.delete()
    assert "read" not in [name for name, _ in bench.calls.made[calls:]]
