"""The pair check with nothing behind it: what is asked, how long, and what each outcome leads to."""

from collections.abc import Iterator
from typing import Any

import pytest

from catalogue.access import VERIFY
from catalogue.models import named
from provider.client.retry import CancelledError
from provider.client.times import iso
from provider.probe import check as probe
from provider.probe import isolation, origin, question
from provider.probe.answer import Answer
from provider.probe.isolation import ForeignHost
from provider.probe.pair import Models, Pair
from provider.probe.verdict import Exchange, Facts, Finding
from provider.resource import RefusedError
from provider.resources.pair_check import PairCheckHandler
from provider.resources.record_check import NEW_FOR, PATIENCE, WORST_FIRST
from provider.values import UNKNOWN, Values
from tests.provider.doubles import START, Plane, Said, key_info, workspace_info

HANDLER = PairCheckHandler()
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
    facts = {"MODEL_STUDIO_REGION": "cn-beijing", "MODEL_STUDIO_WORKSPACE_ID": "ws-a", "MODEL_STUDIO_GENERATION": "1"}
    return {"apiKey": KEY, "urls": {"openai": f"{HOST}/compatible-mode/v1"}, "facts": facts, **more}


def nowhere(*_: object, **__: object) -> str:
    """Say that a key opens none of the vendor's hosts."""
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
            HANDLER.create(said.call, inputs(verify=verify))
        assert said.warnings == []
        return
    made = HANDLER.create(said.call, inputs(verify=verify)).state
    assert made["outcome"] == outcome
    assert len(said.warnings) == (outcome != "verified")
    assert all(outcome in text and FOUND[outcome].cause in text for text in said.warnings)
    assert HANDLER.diff(said.call, made, inputs(verify=verify), inputs(verify=verify)).changed == {}
    assert asked.spends == ["if_needed" if verify == "required" else "never"]


def test_every_word_and_every_outcome_has_its_row() -> None:
    assert set(DELIVERED) | {"off"} == set(VERIFY)
    assert set(FOUND) == set(WORST_FIRST)


@pytest.mark.parametrize(("key_id", "verify"), [("7", "required"), (None, "free")])
def test_an_existing_key_spends_its_owner_s_money_only_where_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, key_id: str | None, verify: str
) -> None:
    asked = Asked(monkeypatch, FOUND["accepted"])
    given = inputs(**({"keyId": key_id} if key_id else {}))
    if verify == "required":
        with pytest.raises(RefusedError, match="the pair is accepted: .*verify_model.*verify: free"):
            HANDLER.create(Said().call, given)
    else:
        assert HANDLER.create(Said().call, given).state["outcome"] == "accepted"
    assert asked.spends == ["if_needed" if verify == "required" else "never"]


STOPPED = Finding(outcome="accepted", cause="429", stopped=True, facts=Facts(key_accepted=True))
MINTED = {"keyId": "7", "verify": "required"}
WORKSPACE = [workspace_info("ws-a", "ws-a.cn-beijing.maas.aliyuncs.com")]
VOUCHED: dict[str, tuple[Finding, dict[str, Any], dict[str, Any], bool]] = {
    "all of it": (STOPPED, {}, {}, True),
    "by something else": (FOUND["accepted"], {}, {}, False),
    "an existing key": (STOPPED, {"keyId": None}, {}, False),
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
    given = inputs(**{k: v for k, v in (MINTED | more).items() if v is not None})
    if not delivered:
        with pytest.raises(RefusedError, match="the pair is accepted: "):
            HANDLER.create(said.call, given)
        return
    made = HANDLER.create(said.call, given).state
    assert made["outcome"] == "accepted"
    assert ["429" in text and "the next `pulumi up` asks again" in text for text in said.warnings] == [True]
    assert HANDLER.diff(said.call, made, given, given).changed == {"outcome": "update"}


@pytest.mark.parametrize("name", ["apiKey", "urls", "allowedIps", "models", "isolation"])
def test_what_an_earlier_proof_does_not_cover_is_proven_anew(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    changed: dict[str, Any] = {
        "apiKey": "sk-ws-test.a2",
        "urls": {"openai": f"{HOST}/compatible-mode/v1", "anthropic": f"{HOST}/apps/anthropic"},
        "allowedIps": ["203.0.113.7"],
        "models": ["qwen-plus"],
        "isolation": True,
    }
    asked = Asked(monkeypatch, FOUND["verified"])
    monkeypatch.setattr(isolation, "foreign_hosts", two_hosts)
    monkeypatch.setattr(isolation, "check", all_keep_it_out)
    made = HANDLER.create(Said().call, inputs(verify="required")).state
    HANDLER.update(Said().call, made, inputs(verify="required", **{name: changed[name]}))
    assert set(asked.spends[1:]) == {"if_needed"}


def test_a_record_that_changes_beside_key_and_urls_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, FOUND["verified"], FOUND["accepted"])
    made = HANDLER.create(Said().call, inputs(verify="required")).state
    after = HANDLER.update(Said().call, made, inputs(verify="required", facts={"MODEL_STUDIO_REGION": "cn-beijing"}))
    assert (after["outcome"], after["verifiedAt"], after["revision"]) == ("verified", made["verifiedAt"], 2)
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
    made = HANDLER.create(Said().call, given).state
    asked.turns = [FOUND[before]]
    first = HANDLER.read(Said().call, "x", {**made, "outcomes": {}}, given)
    assert first is not None
    made = first.state
    asked.turns = [FOUND[now]]
    said = Said()
    said.known.clock.time += 60
    found = HANDLER.read(said.call, "x", made, given)
    assert found is not None
    assert found.state["outcome"] == after
    assert (found.state == made) == (after == before)
    assert bool(found.state["cause"]) == (after != "verified")
    assert asked.spends[-1] == "never"


def test_one_url_that_is_refused_does_not_forget_what_was_proven_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = Finding(outcome="verified", facts=Facts(key_accepted=True, host_proven=True, model_answered="m"))
    asked = Asked(monkeypatch, openai=answered, anthropic=answered)
    given = inputs(urls={"openai": f"{HOST}/compatible-mode/v1", "anthropic": f"{HOST}/apps/anthropic"})
    made = HANDLER.create(Said().call, given).state
    asked.by_protocol = {"openai": FOUND["accepted"], "anthropic": FOUND["refused"]}
    found = HANDLER.read(Said().call, "x", made, given)
    assert found is not None
    assert found.state["outcomes"] == {"openai": "verified", "anthropic": "refused"}
    assert (found.state["outcome"], found.state["proofs"]["openai"]["modelAnswered"]) == ("refused", "m")
    assert "why not" in found.state["cause"]


def test_a_state_of_an_earlier_version_is_refreshed(monkeypatch: pytest.MonkeyPatch) -> None:
    Asked(monkeypatch, FOUND["verified"])
    made = HANDLER.create(Said().call, inputs()).state
    del made["proofs"]
    found = HANDLER.read(Said().call, "x", made, inputs())
    assert found is not None
    assert found.state == made


def test_the_models_of_key_and_workspace_are_those_that_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, FOUND["verified"])
    HANDLER.create(Said().call, inputs(models=["qwen-plus", "x"]))
    HANDLER.create(Said().call, inputs(verifyModel="x"))
    said = Said()
    said.known.may = False
    HANDLER.create(said.call, inputs())
    assert [m.name for m in asked.models[0].billed] == ["qwen-plus"]
    assert [m.name for m in asked.models[1].billed] == ["x"]
    assert asked.models[1].chosen == "x"
    assert asked.models[2].may_call("qwen-plus") is False


def test_an_outcome_that_may_not_be_delivered_is_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    Asked(monkeypatch, FOUND["verified"])
    made = HANDLER.create(Said().call, inputs()).state | {"outcome": "inconclusive"}
    assert HANDLER.diff(Said().call, made, inputs(), inputs()).changed == {"outcome": "update"}
    best = inputs(verify="best_effort")
    assert HANDLER.diff(Said().call, made, best, best).changed == {}


def test_the_worst_outcome_counts_and_only_its_causes_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    Asked(monkeypatch, openai=FOUND["not_checkable"], anthropic=FOUND["refused"], dashscope=FOUND["verified"])
    urls = {"openai": "https://a", "anthropic": "https://b", "dashscope": "https://c"}
    with pytest.raises(RefusedError, match="the pair is refused: https://b: why not; nothing") as refused:
        HANDLER.create(Said().call, inputs(urls=urls))
    assert "no route" not in str(refused.value)


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"verify": "always"}, "verify", "allowed: required, free, best_effort, off"),
    ({"models": ["a"], "verifyModel": "b"}, "verifyModel", "'b' is not among the models"),
    ({"urls": {}}, "urls", "empty"),
    ({"verify": "off", "isolation": True}, "isolation", "leave one of the two out"),
]


@pytest.mark.parametrize(("more", "name", "says"), BAD)
def test_what_cannot_be_meant_is_refused_in_preview(more: dict[str, Any], name: str, says: str) -> None:
    (failure,) = HANDLER.check(Said().call, inputs(**more), None)[1]
    assert (failure.property, says in failure.reason) == (name, True)
    assert (
        HANDLER.check(Said().call, inputs(verify=UNKNOWN, isolation=True, models=[UNKNOWN], verifyModel="b"), None)[1]
        == []
    )


@pytest.mark.parametrize("name", ["keyCreatedAt", "keyId", "prefix"])
def test_how_to_ask_is_no_change(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    Asked(monkeypatch, FOUND["verified"])
    made = HANDLER.create(Said().call, inputs()).state
    assert HANDLER.diff(Said().call, made, inputs(), inputs(**{name: "x"})).changed == {}
    assert HANDLER.diff(Said().call, made, inputs(), inputs(apiKey="x")).changed == {"apiKey": "update"}


def test_a_preview_keeps_digest_and_revision_while_the_record_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    Asked(monkeypatch, FOUND["verified"])
    made = HANDLER.create(Said().call, inputs()).state
    shown = HANDLER.planned(Said().call, made, inputs(verify="best_effort"))
    assert (shown["digest"], shown["revision"], shown["outcome"]) == (made["digest"], 1, UNKNOWN)
    for changed in (inputs(apiKey="sk-ws-test.a2"), inputs(apiKey=UNKNOWN), inputs(facts={"A": UNKNOWN})):
        shown = HANDLER.planned(Said().call, made, changed)
        assert (shown["digest"], shown["revision"]) == (UNKNOWN, UNKNOWN)


def test_a_refresh_keeps_the_time_of_an_outcome_that_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, FOUND["verified"])
    said = Said()
    made = HANDLER.create(said.call, inputs()).state
    said.known.clock.time += 60
    found = HANDLER.read(said.call, "x", made, inputs())
    assert found is not None
    assert found.state == made
    asked.turns = [FOUND["refused"]]
    found = HANDLER.read(said.call, "x", made, inputs())
    assert found is not None
    assert (found.state["outcome"], found.state["verifiedAt"]) == ("refused", iso(START + 60))


def test_a_refresh_of_what_is_not_checked_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, FOUND["refused"])
    made = HANDLER.create(Said().call, inputs(verify="off")).state
    assert made["outcome"] == "not_checked"
    found = HANDLER.read(Said().call, "x", made, inputs(verify="off"))
    assert found is not None
    assert found.state == made
    assert asked.pairs == []


def test_a_new_key_is_asked_about_again_until_it_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, NOT_KNOWN, NOT_KNOWN, FOUND["verified"])
    said = Said()
    HANDLER.create(said.call, inputs(keyCreatedAt=iso(START - 1)))
    assert len(asked.pairs) == 3
    assert said.known.clock.time - START == 1 + 2


def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, NOT_KNOWN)
    monkeypatch.setattr(origin, "of_any", nowhere)
    said = Said()
    with pytest.raises(RefusedError, match="401"):
        HANDLER.create(said.call, inputs(keyCreatedAt=iso(START)))
    assert 30 < said.known.clock.time - START <= PATIENCE
    assert len(asked.pairs) < 15


@pytest.mark.parametrize(
    ("found", "minted"),
    [(NOT_KNOWN, START - NEW_FOR - 1), (FOUND["refused"], START), (NOT_KNOWN, None)],
    ids=["old", "explained", "brought"],
)
def test_what_does_not_pass_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, found: Finding, minted: float | None
) -> None:
    asked = Asked(monkeypatch, found)
    monkeypatch.setattr(origin, "of_any", nowhere)
    with pytest.raises(RefusedError):
        HANDLER.create(Said().call, inputs(**({} if minted is None else {"keyCreatedAt": iso(minted)})))
    assert len(asked.pairs) == 1


def test_a_refresh_is_not_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, FOUND["verified"])
    made = HANDLER.create(Said().call, inputs(keyCreatedAt=iso(START))).state
    asked.turns = [Finding(outcome="not_checkable", cause="no such host", may_pass_soon=True)]
    HANDLER.read(Said().call, "x", made, inputs(keyCreatedAt=iso(START)))
    assert len(asked.pairs) == 2


def test_what_the_control_plane_knows_ends_the_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, NOT_KNOWN)
    said = Said()
    said.known.control_plane = Plane(key=key_info(disabled=True))
    with pytest.raises(RefusedError, match="401; key 7 was disabled outside this stack"):
        HANDLER.create(said.call, inputs(keyId="7", keyCreatedAt=iso(START)))
    assert len(asked.pairs) == 1


def test_a_cancelled_run_asks_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, FOUND["verified"])
    said = Said()
    said.known.clock.cancelled.set()
    with pytest.raises(CancelledError):
        HANDLER.create(said.call, inputs())
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
        HANDLER.create(Said().call, inputs(urls={"openai": f"{host}/compatible-mode/v1"}))
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
        HANDLER.create(Said().call, inputs(isolation=True, verify="required"))
    verified = outcome == "verified"
    assert asked == (["ws-b.x", "c.x"] if verified else [])
    assert ("the pair is refused: isolation, c.x: why not" in str(refused.value)) == verified


def test_isolation_does_not_hide_what_the_pair_itself_came_to(monkeypatch: pytest.MonkeyPatch) -> None:
    Asked(monkeypatch, FOUND["verified"])
    monkeypatch.setattr(isolation, "foreign_hosts", two_hosts)
    monkeypatch.setattr(isolation, "check", all_keep_it_out)
    made = HANDLER.create(Said().call, inputs(isolation=True)).state
    assert (made["outcome"], made["outcomes"]) == ("verified", {"openai": "verified", "isolation": "verified"})
    assert list(made["proofs"]) == ["openai"]


def test_isolation_that_a_refresh_cannot_ask_about_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, FOUND["verified"])
    monkeypatch.setattr(isolation, "foreign_hosts", two_hosts)
    monkeypatch.setattr(isolation, "check", all_keep_it_out)
    made = HANDLER.create(Said().call, inputs(isolation=True)).state
    asked.turns = [FOUND["accepted"]]  # so that isolation is not asked in this run
    found = HANDLER.read(Said().call, "x", made, inputs(isolation=True))
    assert found is not None
    assert found.state == made


@pytest.mark.parametrize(("status", "spends"), [(200, ["if_needed", "never", "never"]), (403, ["if_needed"] * 3)])
def test_a_new_key_is_not_paid_for_again_while_it_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, status: int, spends: list[str]
) -> None:
    called = Exchange(question=question.call("openai", named("qwen-flash")), answer=Answer(status=status))
    denied = Finding(outcome="inconclusive", cause="403", may_pass_soon=True, exchanges=(called,))
    asked = Asked(monkeypatch, denied, NOT_KNOWN, FOUND["verified"])
    told = Said()
    HANDLER.create(told.call, inputs(keyCreatedAt=iso(START - 1), verify="required"))
    assert asked.spends == spends
