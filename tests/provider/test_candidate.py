"""A new key between mint and record: deleted where nobody can have it, on record where somebody may, delivered once."""

import json

import pytest

from provider.client.retry import CancelledError
from tests.provider.bench import GW, Bench, KilledError, failure
from tests.provider.vendor import MARK_TAG

NEXT = {"rotation": {"minGeneration": 2}}
FIRST = "sk-ws-test.k1"


def test_a_key_is_minted_proven_put_read_back_and_recorded_in_one_update(bench: Bench) -> None:
    assert bench.up() == ""
    assert bench.now == ("1", 1, "g1r1")
    assert bench.served == FIRST
    assert [name for name, _ in bench.calls.made if name in ("create_api_key", "create", "read")] == [
        "create_api_key",
        "create",
        "read",
    ]
    assert bench.asked == [(FIRST, "ws-a.cn-beijing.maas.aliyuncs.com", "if_needed")]
    assert FIRST not in json.dumps(bench.state) + json.dumps(bench.inputs)
    assert bench.changes() == []


@pytest.mark.parametrize("first", [True, False])
def test_a_candidate_that_fails_its_proof_is_deleted_in_the_same_run(bench: Bench, first: bool) -> None:
    if not first:
        bench.up()
    before, new = dict(bench.state), "1" if first else "2"
    bench.outcomes[f"sk-ws-test.k{new}", ""] = "refused"
    bench.fails("the pair is refused", **NEXT if not first else {})
    assert bench.live == ([] if first else ["1"])
    assert bench.state == before
    assert "gw" not in bench.kms.held or bench.served == FIRST
    bench.outcomes.clear()
    bench.up(**NEXT)
    assert bench.state["generation"] == 2, "a number that was never sent comes back"


def test_the_number_of_a_candidate_comes_back_under_a_new_nonce(bench: Bench) -> None:
    bench.up()
    bench.outcomes["sk-ws-test.k2", ""] = "refused"
    bench.calls.fault("delete_api_key")
    assert "the key 2 made for it could not be deleted, the next `pulumi up` does" in bench.up(**NEXT)
    (left,) = bench.state["ledger"]["unfinished"]
    assert (left["keyId"], left["generation"], bench.state["generation"]) == ("2", 2, 1)
    assert bench.superseded == []
    assert "ledger" in bench.changes(**NEXT)
    bench.up(**NEXT)
    assert bench.live == ["1", "3"]
    assert bench.now == ("3", 2, "g2r2")
    assert "unfinished" not in bench.state["ledger"]
    assert bench.state["ledger"]["current"]["nonce"] != left["nonce"]
    assert {"2", "3"} <= set(bench.state["ledger"]["nonces"].values())


def test_what_is_unfinished_is_seen_again_although_a_refresh_came_between(bench: Bench) -> None:
    bench.outcomes[FIRST, ""] = "refused"
    bench.calls.fault("delete_api_key")
    bench.up()
    bench.refresh()
    assert bench.superseded == []
    assert "ledger" in bench.changes()
    bench.up()
    assert bench.live == ["2"]


def test_what_is_unfinished_is_deleted_although_nothing_else_is_due(bench: Bench) -> None:
    bench.up()
    bench.outcomes["sk-ws-test.k2", ""] = "refused"
    bench.calls.fault("delete_api_key")
    bench.up(**NEXT)
    bench.up()
    assert (bench.live, bench.now) == (["1"], ("1", 1, "g1r1"))
    assert bench.changes() == []


def test_cancel_while_a_candidate_is_proven_deletes_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.up()
    mint = bench.plane.create_api_key

    def cancelled_meanwhile(*given: object) -> object:
        made = mint(*given)  # type: ignore[arg-type]  # passed on as they came
        bench.clock.cancelled.set()
        return made

    monkeypatch.setattr(bench.plane, "create_api_key", cancelled_meanwhile)
    with pytest.raises(CancelledError):
        bench.up(**NEXT)
    assert bench.live == ["1"]
    assert bench.served == FIRST


def test_cancel_waits_from_the_put_to_the_record(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    put = bench.kms.put
    bench.up()

    def cancelled_meanwhile(*given: object) -> object:
        bench.clock.cancelled.set()
        bench.clock.sleep(5)
        return put(*given)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(bench.kms, "put", cancelled_meanwhile)
    bench.up(**NEXT)
    assert bench.now == ("2", 2, "g2r2")


@pytest.mark.parametrize("error", [failure("refused", "Forbidden", 403), failure("throttled", "Throttling", 429)])
def test_a_put_that_was_refused_deletes_the_candidate(bench: Bench, error: Exception) -> None:
    bench.up()
    bench.calls.fault("put", error)
    bench.fails("made to fail", **NEXT)
    assert (bench.live, bench.served) == (["1"], FIRST)
    bench.up(**NEXT)
    assert bench.now == ("3", 2, "g2r2")


def test_a_record_that_the_store_cannot_take_deletes_the_candidate(bench: Bench) -> None:
    bench.up()
    bench.fails("characters|bytes|large|long", **NEXT, urls={"openai": "https://ws-a.example.com/" + "x" * 70_000})
    assert bench.live == ["1"]


def test_a_vault_that_is_another_s_by_now_is_not_written_to(bench: Bench) -> None:
    bench.up()
    mark = bench.kms.held["gw"].mark
    assert mark is not None
    bench.kms.tag(GW, {MARK_TAG: f"{'f' * 16}:{mark.series}"})
    bench.fails("is another's now", **NEXT)
    assert (bench.live, bench.served) == (["1"], FIRST)


@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("error", [failure("lost"), failure("failed", status=500), CancelledError()])
def test_a_put_whose_answer_is_lost_leaves_the_key_on_record(bench: Bench, error: Exception, after: bool) -> None:
    bench.up()
    bench.calls.fault("put", error, after=after)
    assert "it may be in kms:cn-beijing/gw all the same" in bench.up(**NEXT)
    assert bench.now == ("1", 1, "g1r1")
    assert (bench.live, bench.superseded) == (["1", "2"], ["2"])
    bench.up(**NEXT)
    assert bench.served == ("sk-ws-test.k2" if after else "sk-ws-test.k3")
    assert bench.now == (("2", 2, "g2r2") if after else ("3", 3, "g3r2"))
    assert bench.superseded == (["1"] if after else ["1", "2"]), "who may have it keeps it until its overlap ends"
    assert bench.changes(**NEXT) == []


def test_a_put_that_lands_after_the_next_key_was_delivered_is_put_right_after_a_refresh(bench: Bench) -> None:
    bench.up()
    bench.calls.fault("put")
    bench.up(**NEXT)
    late = [*bench.kms.held["gw"].versions]
    bench.up(**NEXT)
    second = json.loads(late[-1].data) | {"OPENAI_API_KEY": "sk-ws-test.k2"}
    bench.kms.hand("gw", type(late[-1])(version="g2r2-late", name="g2r2-late", data=json.dumps(second)))
    bench.refresh()
    assert "held" in bench.changes(**NEXT)
    bench.up(**NEXT)
    assert (bench.served, bench.state["keyId"], bench.live) == ("sk-ws-test.k3", "3", ["1", "2", "3"])


def test_a_put_that_lands_between_two_runs_is_adopted(bench: Bench) -> None:
    """Two candidates: one was put by a killed run, one is on record; the vault says which of them it is."""
    bench.up()
    bench.calls.fault("create_api_key", KilledError(), after=True)
    bench.killed(**NEXT)
    bench.calls.fault("put", KilledError(), after=True)
    bench.killed(**NEXT)
    assert bench.live == ["1", "2", "3"]
    bench.up(**NEXT)
    assert bench.now == ("3", 3, "g3r2")
    assert bench.served == "sk-ws-test.k3"
    assert bench.superseded == ["1", "2"]
    assert bench.calls.count()["create_api_key"] == 3


@pytest.mark.parametrize(
    "error", [failure("refused", "Forbidden.NoPermission", 403), failure("lost"), failure("throttled", status=429)]
)
def test_a_delivered_key_is_never_deleted_because_it_cannot_be_read_back(bench: Bench, error: Exception) -> None:
    bench.up()
    bench.calls.fault("read", error)
    assert "could not be read back" in bench.up(**NEXT)
    assert (bench.live, bench.served) == (["1", "2"], "sk-ws-test.k2")
    assert (bench.state["keyId"], bench.state["held"], bench.superseded) == ("2", "", ["1"])
    assert "held" in bench.changes(**NEXT)
    bench.up(**NEXT)
    assert bench.now == ("2", 2, "g2r2")
    assert bench.calls.count()["create_api_key"] == 2


def test_a_delivered_key_is_not_deleted_over_an_error_of_no_known_kind(bench: Bench) -> None:
    bench.up()
    bench.calls.fault("put", ValueError("no such answer"), after=True)
    with pytest.raises(ValueError, match="no such answer"):
        bench.up(**NEXT)
    assert (bench.live, bench.served) == (["1", "2"], "sk-ws-test.k2")
    bench.up(**NEXT)
    assert bench.now == ("2", 2, "g2r2"), "found by its mark, known by the record that the vault holds"


KILLS: dict[str, tuple[str, bool, int, tuple[str, int]]] = {
    "before it is minted": ("create_api_key", False, 1, ("2", 2)),
    "after it is minted": ("create_api_key", True, 1, ("3", 3)),
    "before the put": ("put", False, 1, ("3", 3)),
    "after the put": ("put", True, 1, ("2", 2)),
    "while it is read back": ("read", True, 1, ("2", 2)),
}


@pytest.mark.parametrize("name", KILLS)
def test_whatever_a_run_dies_of_the_next_one_delivers_one_key_and_loses_none(bench: Bench, name: str) -> None:
    call, after, nth, (key_id, generation) = KILLS[name]
    bench.up()
    bench.calls.fault(call, KilledError(), after=after, nth=nth)
    bench.killed(**NEXT)
    bench.up(**NEXT)
    assert (bench.state["keyId"], bench.state["generation"]) == (key_id, generation)
    assert bench.served == f"sk-ws-test.k{key_id}"
    assert bench.live == sorted([key_id, *bench.superseded]), "every key that there is stands on record"
    assert bench.changes(**NEXT) == []


@pytest.mark.parametrize("name", ["after it is minted", "before the put", "after the put", "while it is read back"])
def test_a_create_that_died_finds_its_key_when_it_runs_again(bench: Bench, name: str) -> None:
    call, after, nth, _ = KILLS[name]
    bench.calls.fault("create" if call == "put" else call, KilledError(), after=after, nth=nth)
    bench.killed()
    bench.up()
    adopted = name in ("after the put", "while it is read back")
    assert (bench.state["keyId"], bench.state["generation"]) == (("1", 1) if adopted else ("2", 2))
    assert bench.live == sorted([bench.state["keyId"], *bench.superseded])
    assert bench.served == f"sk-ws-test.k{bench.state['keyId']}"


def test_a_kill_while_the_proof_runs_leaves_a_marked_key(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.up()
    with monkeypatch.context() as patch:
        patch.setattr("provider.keys.advance.prove", _killed)
        bench.killed(**NEXT)
    bench.up(**NEXT)
    assert (bench.now, bench.superseded) == (("3", 3, "g3r2"), ["1", "2"])


def _killed(*_: object, **__: object) -> None:
    raise KilledError


def test_a_proof_is_not_kept_beside_the_urls_of_an_update_that_failed(bench: Bench) -> None:
    """The engine records the inputs of what ended half-way: the old proof says nothing of their URLs."""
    bench.up()
    other = {"openai": "https://ws-a.cn-beijing.maas.aliyuncs.com/v2"}
    bench.outcomes["sk-ws-test.k2", ""] = "refused"
    bench.calls.fault("delete_api_key")
    bench.up(**NEXT, urls=other)
    assert bench.state["outcome"] == ""
    bench.outcomes[FIRST, ""] = "accepted"
    bench.fails("the pair is accepted", urls=other)
    assert bench.asked[-1][2] == "if_needed"
