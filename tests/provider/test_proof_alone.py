"""The proof of a pair with nothing behind it: what is asked, how long, and what each outcome leads to."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from catalogue.access import VERIFY
from catalogue.models import named
from provider.client.retry import CancelledError
from provider.client.times import iso
from provider.keys.ledger import Key
from provider.keys.proof import Proof, is_due, look_again, prove
from provider.keys.record_check import NEW_FOR, PATIENCE, WORST_FIRST
from provider.keys.wanted import Wanted
from provider.probe import check as probe
from provider.probe import isolation, origin, question
from provider.probe.answer import Answer
from provider.probe.isolation import ForeignHost
from provider.probe.pair import Models, Pair
from provider.probe.verdict import Exchange, Facts, Finding
from provider.resource import Call, RefusedError
from provider.values import UNKNOWN, Values
from tests.provider.bench import Bench, at
from tests.provider.doubles import START, Plane, Said, key_info, workspace_info

KEY = "sk-ws-test.a1"
HOST = "https://ws-a.cn-beijing.maas.aliyuncs.com"
NOT_KNOWN = Finding(outcome="refused", cause="401", may_pass_soon=True, unexplained=True)
FOUND = {
    "verified": Finding(outcome="verified", facts=Facts(key_accepted=True, host_proven=True)),
    "accepted": Finding(outcome="accepted", cause="not proven", facts=Facts(key_accepted=True)),
    "refused": Finding(outcome="refused", cause="why not"),
    "inconclusive": Finding(outcome="inconclusive", cause="who knows"),
    "not_checkable": Finding(outcome="not_checkable", cause="no route"),
}


def inputs(**more: Any) -> Values:
    given = {
        "regionId": "cn-beijing",
        "workspaceId": "ws-a",
        "ownerId": "0123456789abcdef",
        "urls": {"openai": f"{HOST}/compatible-mode/v1"},
        "domain": "dedicated",
        "existingKey": KEY,
        **more,
    }
    return {name: value for name, value in given.items() if value is not None}


def new(minted: float, **more: Any) -> Values:
    """Inputs of a key that was minted at a time."""
    return inputs(existingKey=None, mintedAt=iso(minted), **more)


def key_of(given: Values) -> Key:
    """Return the key that inputs are about: minted ones have an id, and were made when the clock says."""
    return Key(
        generation=1,
        key_id="" if "existingKey" in given else "7",
        region="cn-beijing",
        workspace="ws-a",
        created_at=given.get("mintedAt", iso(START - 2 * NEW_FOR)),
    )


def first(call: Call, given: Values) -> Proof:
    """Prove a pair that was never proven."""
    return prove(call, Wanted.of(given), key_of(given), KEY, before=None)


def again(call: Call, before: Proof, olds: Values, news: Values, *, same_key: bool = True) -> Proof:
    """Prove a pair as an update does."""
    due = is_due(before, olds, news, same_key=same_key)
    return prove(call, Wanted.of(news), key_of(news), KEY, before=None if due else before)


def looked(call: Call, before: Proof, given: Values) -> Proof:
    """Look again as a refresh does."""
    return look_again(call, Wanted.of(given), key_of(given), KEY, before)


def nowhere(*_: object, **__: object) -> str:
    """Say that nothing more is known of a key that was refused."""
    return ""


class Asked:
    """Answers in the place of the check of one URL, by protocol or in turns; the last answer stays."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *turns: Finding, **by_protocol: Finding) -> None:
        self.turns, self.by_protocol = list(turns), by_protocol
        self.pairs: list[Pair] = []
        self.models: list[Models] = []
        self.spends: list[str] = []
        monkeypatch.setattr(probe, "check", self)

    def __call__(self, pair: Pair, models: Models, *, spend: str, **_: Any) -> Finding:
        self.pairs.append(pair)
        self.models.append(models)
        self.spends.append(spend)
        if pair.protocol in self.by_protocol:
            return self.by_protocol[pair.protocol]
        return self.turns.pop(0) if len(self.turns) > 1 else self.turns[0]


DELIVERED = {
    "required": {"verified"},
    "free": {"verified", "accepted"},
    "best_effort": {"verified", "accepted", "inconclusive", "not_checkable"},
}


@pytest.mark.parametrize(("verify", "outcome"), [(v, o) for v in DELIVERED for o in FOUND])
def test_verify_decides_what_may_be_delivered(monkeypatch: pytest.MonkeyPatch, verify: str, outcome: str) -> None:
    asked = Asked(monkeypatch, FOUND[outcome])
    said = Said()
    if outcome not in DELIVERED[verify]:
        with pytest.raises(RefusedError, match=f"the pair is {outcome}: .*{FOUND[outcome].cause}.*nothing was deliv"):
            first(said.call, inputs(verify=verify))
        assert said.warnings == []
        return
    made = first(said.call, inputs(verify=verify))
    assert made.outcome == outcome
    assert len(said.warnings) == (outcome != "verified")
    assert all(outcome in text and FOUND[outcome].cause in text for text in said.warnings)
    assert asked.spends == ["if_needed" if verify == "required" else "never"]


def test_every_word_and_every_outcome_has_its_row() -> None:
    assert set(DELIVERED) | {"off"} == set(VERIFY)
    assert set(FOUND) == set(WORST_FIRST)


@pytest.mark.parametrize(("key_id", "verify"), [("7", "required"), (None, "free")])
def test_an_existing_key_spends_its_owner_s_money_only_where_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, key_id: str | None, verify: str
) -> None:
    asked = Asked(monkeypatch, FOUND["accepted"])
    given = inputs(**({"existingKey": None} if key_id else {}))
    if verify == "required":
        with pytest.raises(RefusedError, match="the pair is accepted: .*verify_model.*verify: free"):
            first(Said().call, given)
    else:
        assert first(Said().call, given).outcome == "accepted"
    assert asked.spends == ["if_needed" if verify == "required" else "never"]


STOPPED = Finding(outcome="accepted", cause="429", stopped=True, facts=Facts(key_accepted=True))
MINTED = {"existingKey": None, "verify": "required"}
WORKSPACE = [workspace_info("ws-a", "ws-a.cn-beijing.maas.aliyuncs.com")]
VOUCHED: dict[str, tuple[Finding, dict[str, Any], dict[str, Any], bool]] = {
    "all of it": (STOPPED, {}, {}, True),
    "by something else": (FOUND["accepted"], {}, {}, False),
    "an existing key": (STOPPED, {"existingKey": KEY}, {}, False),
    "another workspace": (STOPPED, {}, {"key": key_info(workspace_id="ws-b")}, False),
    "a disabled key": (STOPPED, {}, {"key": key_info(disabled=True)}, False),
    "a deleted key": (STOPPED, {}, {"key": None}, False),
    "another host": (STOPPED, {}, {"there": [workspace_info("ws-a", "ws-z.cn-beijing.maas.aliyuncs.com")]}, False),
    "no workspace": (STOPPED, {}, {"there": []}, False),
    "nobody to ask": (STOPPED, {}, {"fails": True}, False),
    "a host of one's own": (STOPPED, {"urls": {"openai": "https://models.example.com/v1"}}, {}, False),
    "a shared host": (STOPPED, {"urls": {"openai": "https://dashscope.aliyuncs.com/compatible-mode/v1"}}, {}, True),
    "another region": (
        STOPPED,
        {"urls": {"openai": "https://dashscope-us.aliyuncs.com/compatible-mode/v1"}},
        {},
        False,
    ),
}


@pytest.mark.parametrize("name", VOUCHED)
def test_a_key_that_the_account_stops_is_delivered_if_the_service_vouches_for_it(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    found, more, plane, delivered = VOUCHED[name]
    Asked(monkeypatch, found)
    said = Said()
    known: dict[str, Any] = {"key": key_info(), "there": WORKSPACE, **plane}
    said.known.control_plane = Plane(**known)
    given = inputs(**MINTED | more)
    if not delivered:
        with pytest.raises(RefusedError, match="the pair is accepted: "):
            first(said.call, given)
        return
    made = first(said.call, given)
    assert made.outcome == "accepted"
    assert ["429" in text and "the next `pulumi up` asks again" in text for text in said.warnings] == [True]


@pytest.mark.parametrize("name", ["a key", "urls", "allowedIps", "models", "isolation"])
def test_what_an_earlier_proof_does_not_cover_is_proven_anew(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    changed: dict[str, Any] = {
        "urls": {"openai": f"{HOST}/compatible-mode/v1", "anthropic": f"{HOST}/apps/anthropic"},
        "allowedIps": ["203.0.113.7"],
        "models": ["qwen-plus"],
        "isolation": True,
    }
    asked = Asked(monkeypatch, FOUND["verified"])
    monkeypatch.setattr(isolation, "foreign_hosts", two_hosts)
    monkeypatch.setattr(isolation, "check", all_keep_it_out)
    made = first(Said().call, inputs(verify="required"))
    given = inputs(verify="required", openToWorld=True)
    news = given | ({} if name == "a key" else {name: changed[name]})
    again(Said().call, made, given, news, same_key=name != "a key")
    assert set(asked.spends[1:]) == {"if_needed"}


def test_a_record_that_changes_beside_key_and_urls_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, FOUND["verified"], FOUND["accepted"])
    made = first(Said().call, inputs(verify="required"))
    after = again(Said().call, made, inputs(verify="required"), inputs(verify="required", verifyModel="qwen-plus"))
    assert after == made
    assert asked.spends == ["if_needed", "never"]


KEPT: list[tuple[str, str, str]] = [
    *[("verified", now, "verified") for now in ("verified", "accepted", "inconclusive", "not_checkable")],
    ("verified", "refused", "refused"),
    *[("accepted", now, "accepted") for now in ("accepted", "inconclusive", "not_checkable")],
    ("accepted", "verified", "verified"),
    ("accepted", "refused", "refused"),
    *[("refused", now, "refused") for now in ("inconclusive", "not_checkable")],
    ("inconclusive", "not_checkable", "not_checkable"),
    ("inconclusive", "accepted", "accepted"),
]


@pytest.mark.parametrize(("before", "now", "after"), KEPT)
def test_a_refresh_keeps_what_its_free_answer_does_not_contradict(
    monkeypatch: pytest.MonkeyPatch, before: str, now: str, after: str
) -> None:
    asked = Asked(monkeypatch, FOUND["verified"])
    given = inputs(verify="best_effort")
    made = first(Said().call, given)
    asked.turns = [FOUND[before]]
    made = looked(Said().call, replace(made, outcomes={}), given)
    asked.turns = [FOUND[now]]
    said = Said()
    said.known.clock.time += 60
    found = looked(said.call, made, given)
    assert found.outcome == after
    assert (found == made) == (after == before)
    assert bool(found.cause) == (after != "verified")
    assert asked.spends[-1] == "never"


def test_one_url_that_is_refused_does_not_forget_what_was_proven_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = Finding(outcome="verified", facts=Facts(key_accepted=True, host_proven=True, model_answered="m"))
    asked = Asked(monkeypatch, openai=answered, anthropic=answered)
    given = inputs(urls={"openai": f"{HOST}/compatible-mode/v1", "anthropic": f"{HOST}/apps/anthropic"})
    made = first(Said().call, given)
    asked.by_protocol = {"openai": FOUND["accepted"], "anthropic": FOUND["refused"]}
    found = looked(Said().call, made, given)
    assert found.outcomes == {"openai": "verified", "anthropic": "refused"}
    assert (found.outcome, found.proofs["openai"]["modelAnswered"]) == ("refused", "m")
    assert "why not" in found.cause


def test_the_models_of_key_and_workspace_are_those_that_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, FOUND["verified"])
    first(Said().call, inputs(models=["qwen-plus", "x"]))
    first(Said().call, inputs(verifyModel="x"))
    said = Said()
    said.known.may = False
    first(said.call, inputs())
    assert [m.name for m in asked.models[0].billed] == ["qwen-plus"]
    assert [m.name for m in asked.models[1].billed] == ["x"]
    assert asked.models[1].chosen == "x"
    assert asked.models[2].may_call("qwen-plus") is False


def test_the_worst_outcome_counts_and_only_its_causes_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    Asked(monkeypatch, openai=FOUND["not_checkable"], anthropic=FOUND["refused"], dashscope=FOUND["verified"])
    urls = {"openai": "https://a", "anthropic": "https://b", "dashscope": "https://c"}
    with pytest.raises(RefusedError, match="the pair is refused: https://b: why not; nothing") as refused:
        first(Said().call, inputs(urls=urls))
    assert "no route" not in str(refused.value)


def test_a_refresh_keeps_the_time_of_an_outcome_that_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, FOUND["verified"])
    said = Said()
    made = first(said.call, inputs())
    said.known.clock.time += 60
    assert looked(said.call, made, inputs()) == made
    asked.turns = [FOUND["refused"]]
    found = looked(said.call, made, inputs())
    assert (found.outcome, found.verified_at) == ("refused", iso(START + 60))


def test_a_refresh_of_what_is_not_checked_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, FOUND["refused"])
    made = first(Said().call, inputs(verify="off"))
    assert made.outcome == "not_checked"
    assert looked(Said().call, made, inputs(verify="off")) == made
    assert asked.pairs == []


def test_a_new_key_is_asked_about_again_until_it_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, NOT_KNOWN, NOT_KNOWN, FOUND["verified"])
    monkeypatch.setattr(origin, "of_minted", nowhere)
    said = Said()
    first(said.call, new(START - 1))
    assert len(asked.pairs) == 3
    assert said.known.clock.time - START == 1 + 2


def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, NOT_KNOWN)
    monkeypatch.setattr(origin, "of_minted", nowhere)
    monkeypatch.setattr(origin, "of_any", nowhere)
    said = Said()
    with pytest.raises(RefusedError, match="401"):
        first(said.call, new(START))
    assert 30 < said.known.clock.time - START <= PATIENCE
    assert len(asked.pairs) < 15


@pytest.mark.parametrize(
    ("found", "minted"),
    [(NOT_KNOWN, START - NEW_FOR - 1), (FOUND["refused"], START), (NOT_KNOWN, None)],
    ids=["old", "explained", "existing"],
)
def test_what_does_not_pass_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, found: Finding, minted: float | None
) -> None:
    asked = Asked(monkeypatch, found)
    monkeypatch.setattr(origin, "of_any", nowhere)
    with pytest.raises(RefusedError):
        first(Said().call, inputs() if minted is None else new(minted))
    assert len(asked.pairs) == 1


def test_a_refresh_is_not_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, FOUND["verified"])
    made = first(Said().call, new(START))
    asked.turns = [Finding(outcome="not_checkable", cause="no such host", may_pass_soon=True)]
    looked(Said().call, made, new(START))
    assert len(asked.pairs) == 2


def test_what_the_control_plane_knows_ends_the_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, NOT_KNOWN)
    said = Said()
    said.known.control_plane = Plane(key=key_info(disabled=True))
    with pytest.raises(RefusedError, match="401; key 7 was disabled outside this stack"):
        first(said.call, new(START))
    assert len(asked.pairs) == 1


def test_a_cancelled_run_asks_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, FOUND["verified"])
    said = Said()
    said.known.clock.cancelled.set()
    with pytest.raises(CancelledError):
        first(said.call, inputs())
    assert asked.pairs == []


@pytest.mark.parametrize(("host", "looked"), [(HOST, 1), ("https://models.example.com", 0)])
def test_only_on_the_vendor_s_hosts_is_a_refused_key_looked_for_elsewhere(
    monkeypatch: pytest.MonkeyPatch, host: str, looked: int
) -> None:
    Asked(monkeypatch, NOT_KNOWN)
    sent: list[Any] = []

    def of_any(*given: Any, **_: Any) -> str:
        sent.append(given)
        return "it is another's"

    monkeypatch.setattr(origin, "of_any", of_any)
    with pytest.raises(RefusedError) as refused:
        first(Said().call, inputs(urls={"openai": f"{host}/compatible-mode/v1"}))
    assert (len(sent), "it is another's" in str(refused.value)) == (looked, bool(looked))


FOREIGN = (
    ForeignHost(what="a sibling", host="ws-b.x", is_sibling=True),
    ForeignHost(what="another region", host="c.x", is_sibling=False),
)


def two_hosts(*_: object) -> Iterator[ForeignHost]:
    return iter(FOREIGN)


def all_keep_it_out(*_: object, **__: object) -> Finding:
    return FOUND["verified"]


@pytest.mark.parametrize("outcome", FOUND)
def test_isolation_is_asked_only_of_a_verified_pair_and_counts_with_it(
    monkeypatch: pytest.MonkeyPatch, outcome: str
) -> None:
    Asked(monkeypatch, FOUND[outcome])
    monkeypatch.setattr(isolation, "foreign_hosts", two_hosts)
    asked: list[str] = []

    def kept_out(foreign: ForeignHost, pair: Pair, *_: object, **__: object) -> Finding:
        asked.append(foreign.host)
        return FOUND["refused"] if (foreign.host, pair.key) == ("c.x", KEY) else FOUND["verified"]

    monkeypatch.setattr(isolation, "check", kept_out)
    with pytest.raises(RefusedError) as refused:
        first(Said().call, inputs(isolation=True, verify="required"))
    verified = outcome == "verified"
    assert asked == (["ws-b.x", "c.x"] if verified else [])
    assert ("the pair is refused: isolation, c.x: why not" in str(refused.value)) == verified


def test_isolation_does_not_hide_what_the_pair_itself_came_to(monkeypatch: pytest.MonkeyPatch) -> None:
    Asked(monkeypatch, FOUND["verified"])
    monkeypatch.setattr(isolation, "foreign_hosts", two_hosts)
    monkeypatch.setattr(isolation, "check", all_keep_it_out)
    made = first(Said().call, inputs(isolation=True))
    assert (made.outcome, made.outcomes) == ("verified", {"openai": "verified", "isolation": "verified"})
    assert list(made.proofs) == ["openai"]


def test_isolation_that_a_refresh_cannot_ask_about_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, FOUND["verified"])
    monkeypatch.setattr(isolation, "foreign_hosts", two_hosts)
    monkeypatch.setattr(isolation, "check", all_keep_it_out)
    made = first(Said().call, inputs(isolation=True))
    asked.turns = [FOUND["accepted"]]  # so that isolation is not asked in this run
    assert looked(Said().call, made, inputs(isolation=True)) == made


@pytest.mark.parametrize(("status", "spends"), [(200, ["if_needed", "never", "never"]), (403, ["if_needed"] * 3)])
def test_a_new_key_is_not_paid_for_again_while_it_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, status: int, spends: list[str]
) -> None:
    called = Exchange(question=question.call("openai", named("qwen-flash")), answer=Answer(status=status))
    denied = Finding(outcome="inconclusive", cause="403", may_pass_soon=True, exchanges=(called,))
    asked = Asked(monkeypatch, denied, NOT_KNOWN, FOUND["verified"])
    monkeypatch.setattr(origin, "of_minted", nowhere)
    told = Said()
    first(told.call, new(START - 1, verify="required"))
    assert asked.spends == spends


BAD: list[tuple[dict[str, Any], str]] = [
    ({"verify": "always"}, "verify: 'always' is not allowed; allowed: required, free, best_effort, off"),
    ({"models": ["a"], "openToWorld": True, "verifyModel": "b"}, "verifyModel: 'b' is not among the models"),
    ({"urls": {}}, "urls: empty"),
    ({"verify": "off", "isolation": True}, "isolation: verify: off checks nothing; leave one of the two out"),
]


@pytest.mark.parametrize(("more", "says"), BAD)
def test_what_cannot_be_meant_is_refused_in_preview(bench: Bench, more: dict[str, Any], says: str) -> None:
    assert bench.refused(**more).startswith(says)
    assert bench.refused(verify=UNKNOWN, isolation=True, models=[UNKNOWN], verifyModel="b") == ""


ADDRESS = "ws-a.cn-beijing.maas.aliyuncs.com"


@pytest.mark.parametrize("outcome", FOUND)
def test_an_outcome_that_may_not_be_delivered_is_checked_again(bench: Bench, outcome: Any) -> None:
    bench.up()
    bench.outcomes["sk-ws-test.k1", ADDRESS] = outcome
    bench.state["outcome"] = outcome
    assert bench.changes() == ([] if outcome == "verified" else ["outcome"])
    for verify, delivered in DELIVERED.items():
        assert ("outcome" in bench.changes(verify=verify)) == (outcome not in delivered)


def test_a_pair_that_a_refresh_finds_refused_keeps_the_record_and_is_not_delivered_again(bench: Bench) -> None:
    bench.up()
    bench.outcomes["sk-ws-test.k1", ""] = "refused"
    bench.refresh()
    assert bench.state["outcome"] == "refused"
    bench.fails("the pair is refused")
    assert (bench.state["revision"], bench.served) == (1, "sk-ws-test.k1")
    bench.outcomes.clear()
    bench.up()
    assert (bench.state["outcome"], bench.state["revision"]) == ("verified", 1)
    assert bench.calls.count()["put"] == 0, "a proof alone puts nothing"


def test_how_to_ask_is_no_change(bench: Bench) -> None:
    bench.up()
    assert bench.changes(prefix="http://127.0.0.1:9") == []
    assert bench.changes(verifyModel="qwen-plus") == ["verifyModel"]


def test_a_preview_keeps_what_stays_and_hides_what_does_not(bench: Bench) -> None:
    bench.up()
    shown = bench.preview(verify="best_effort")
    assert {n: shown[n] for n in ("digest", "revision", "keyId", "held")} == {
        n: bench.state[n] for n in ("digest", "revision", "keyId", "held")
    }
    shown = bench.preview(urls={"openai": f"{HOST}/other"})
    assert (shown["digest"], shown["revision"], shown["keyId"]) == (UNKNOWN, UNKNOWN, "1")
    shown = bench.preview(rotation={"minGeneration": 2})
    assert (shown["digest"], shown["keyId"], shown["generation"]) == (UNKNOWN, UNKNOWN, UNKNOWN)


def test_the_revision_grows_with_key_and_facts_alone(bench: Bench) -> None:
    bench.up()
    first_digest = bench.state["digest"]
    bench.up(verify="best_effort")
    assert (bench.state["revision"], bench.state["digest"]) == (1, first_digest)
    bench.up(urls={"openai": f"{HOST}/other"})
    assert bench.state["revision"] == 2
    bench.up()
    assert (bench.state["revision"], bench.state["digest"]) == (3, first_digest)


def test_a_new_key_is_proven_anew_and_another_revision_of_the_same_is_not(bench: Bench) -> None:
    bench.up()
    bench.up(rotation={"minGeneration": 2})
    bench.up(rotation={"minGeneration": 2}, vault=at("gw", prefix="CHAT_"))
    assert [spend for _, _, spend in bench.asked] == ["if_needed", "if_needed", "never"]


def test_a_refresh_asks_for_free_and_forgets_nothing(bench: Bench) -> None:
    bench.up()
    before = dict(bench.state)
    bench.outcomes["sk-ws-test.k1", ""] = "accepted"
    bench.refresh()
    assert (bench.state, bench.asked[-1][2]) == (before, "never")
