"""The pair check with nothing behind it: what is asked, how long, and what each outcome leads to."""

from collections.abc import Iterator
from typing import Any

import pytest

from provider.client import isolation, probe, refusal
from provider.client.isolation import Abroad
from provider.client.probe import Finding
from provider.client.retry import CancelledError
from provider.client.times import iso
from provider.resource import RefusedError
from provider.resources.pair_check import NEW_FOR, PATIENCE, PairCheckHandler
from provider.values import UNKNOWN, Values
from tests.provider.doubles import START, Plane, Said, key_info

HANDLER = PairCheckHandler()
KEY = "sk-ws-test.a1"
HOST = "https://llm-a.cn-beijing.maas.aliyuncs.com"
NOT_KNOWN = Finding(outcome="refused", cause="401", may_pass_soon=True, unexplained=True)
FOUND = {
    "verified": Finding(outcome="verified"),
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
    """Answers in the place of the probe, by protocol or in turns; the last answer stays."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *turns: Finding, **by_protocol: Finding) -> None:
        self.turns, self.by_protocol = list(turns), by_protocol
        self.calls: list[dict[str, Any]] = []
        monkeypatch.setattr(probe, "check", self)

    def __call__(self, protocol: str, url: str, key: str, **how: Any) -> Finding:
        self.calls.append({"protocol": protocol, "url": url, "key": key, **how})
        if protocol in self.by_protocol:
            return self.by_protocol[protocol]
        return self.turns.pop(0) if len(self.turns) > 1 else self.turns[0]


DELIVERED = {
    ("required", "verified"): True,
    ("required", "refused"): False,
    ("required", "inconclusive"): False,
    ("required", "not_checkable"): False,
    ("best_effort", "verified"): True,
    ("best_effort", "refused"): False,
    ("best_effort", "inconclusive"): True,
    ("best_effort", "not_checkable"): True,
}


@pytest.mark.parametrize(("verify", "outcome"), DELIVERED)
def test_verify_decides_what_may_be_delivered(monkeypatch: pytest.MonkeyPatch, verify: str, outcome: str) -> None:
    Asked(monkeypatch, FOUND[outcome])
    said = Said()
    if not DELIVERED[verify, outcome]:
        with pytest.raises(RefusedError, match=f"the pair is {outcome}: .*{FOUND[outcome].cause}.*nothing was deliv"):
            HANDLER.create(said.call, inputs(verify=verify))
        assert said.warnings == []
        return
    made = HANDLER.create(said.call, inputs(verify=verify)).state
    assert made["outcome"] == outcome
    assert len(said.warnings) == (outcome != "verified")
    assert all(outcome in text and FOUND[outcome].cause in text for text in said.warnings)
    assert HANDLER.diff(said.call, made, inputs(verify=verify), inputs(verify=verify)).changed == {}


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
    ({"verify": "always"}, "verify", "allowed: required, best_effort, off"),
    ({"urls": {}}, "urls", "empty"),
    ({"verify": "off", "isolation": True}, "isolation", "leave one of the two out"),
]


@pytest.mark.parametrize(("more", "name", "says"), BAD)
def test_what_cannot_be_meant_is_refused_in_preview(more: dict[str, Any], name: str, says: str) -> None:
    (failure,) = HANDLER.check(Said().call, inputs(**more), None)[1]
    assert (failure.property, says in failure.reason) == (name, True)
    assert HANDLER.check(Said().call, inputs(verify=UNKNOWN, isolation=True), None)[1] == []


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
    assert asked.calls == []


def test_a_new_key_is_asked_about_again_until_it_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, NOT_KNOWN, NOT_KNOWN, FOUND["verified"])
    said = Said()
    HANDLER.create(said.call, inputs(keyCreatedAt=iso(START - 1)))
    assert len(asked.calls) == 3
    assert said.known.clock.time - START == 1 + 2


def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, NOT_KNOWN)
    monkeypatch.setattr(refusal, "of_any", nowhere)
    said = Said()
    with pytest.raises(RefusedError, match="401"):
        HANDLER.create(said.call, inputs(keyCreatedAt=iso(START)))
    assert 30 < said.known.clock.time - START <= PATIENCE
    assert len(asked.calls) < 15


@pytest.mark.parametrize(
    ("found", "minted"),
    [(NOT_KNOWN, START - NEW_FOR - 1), (FOUND["refused"], START), (NOT_KNOWN, None)],
    ids=["old", "explained", "brought"],
)
def test_what_does_not_pass_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, found: Finding, minted: float | None
) -> None:
    asked = Asked(monkeypatch, found)
    monkeypatch.setattr(refusal, "of_any", nowhere)
    with pytest.raises(RefusedError):
        HANDLER.create(Said().call, inputs(**({} if minted is None else {"keyCreatedAt": iso(minted)})))
    assert len(asked.calls) == 1


def test_a_refresh_is_not_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, FOUND["verified"])
    made = HANDLER.create(Said().call, inputs(keyCreatedAt=iso(START))).state
    asked.turns = [Finding(outcome="not_checkable", cause="no such host", may_pass_soon=True)]
    HANDLER.read(Said().call, "x", made, inputs(keyCreatedAt=iso(START)))
    assert len(asked.calls) == 2


def test_what_the_control_plane_knows_ends_the_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, NOT_KNOWN)
    said = Said()
    said.known.control_plane = Plane(key=key_info(disabled=True))
    with pytest.raises(RefusedError, match="401; key 7 was disabled by another hand"):
        HANDLER.create(said.call, inputs(keyId="7", keyCreatedAt=iso(START)))
    assert len(asked.calls) == 1


def test_a_cancelled_run_asks_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, FOUND["verified"])
    said = Said()
    said.known.clock.cancelled.set()
    with pytest.raises(CancelledError):
        HANDLER.create(said.call, inputs())
    assert asked.calls == []


@pytest.mark.parametrize("listed", [True, False])
def test_the_probe_knows_of_the_ip_list(monkeypatch: pytest.MonkeyPatch, listed: bool) -> None:
    asked = Asked(monkeypatch, FOUND["verified"])
    HANDLER.create(Said().call, inputs(hasIpList=listed))
    assert [call["has_ip_list"] for call in asked.calls] == [listed]


@pytest.mark.parametrize(("host", "looked"), [(HOST, 1), ("https://models.example.com", 0)])
def test_only_on_the_vendor_s_hosts_is_a_refused_key_looked_for_elsewhere(
    monkeypatch: pytest.MonkeyPatch, host: str, looked: int
) -> None:
    Asked(monkeypatch, NOT_KNOWN)
    sent: list[Any] = []

    def of_any(*given: Any, **_: Any) -> str:
        sent.append(given)
        return "it is another's"

    monkeypatch.setattr(refusal, "of_any", of_any)
    with pytest.raises(RefusedError) as refused:
        HANDLER.create(Said().call, inputs(urls={"openai": f"{host}/compatible-mode/v1"}))
    assert (len(sent), "it is another's" in str(refused.value)) == (looked, bool(looked))


ABROAD = (Abroad(what="a sibling", url="https://b"), Abroad(what="another region", url="https://c"))


def two_hosts(*_: object) -> Iterator[Abroad]:
    return iter(ABROAD)


def all_keep_it_out(*_: object) -> Finding:
    return FOUND["verified"]


@pytest.mark.parametrize("outcome", FOUND)
def test_isolation_is_asked_only_of_a_verified_pair_and_counts_with_it(
    monkeypatch: pytest.MonkeyPatch, outcome: str
) -> None:
    Asked(monkeypatch, FOUND[outcome])
    monkeypatch.setattr(isolation, "hosts", two_hosts)
    asked: list[str] = []

    def kept_out(abroad: Abroad, key: str) -> Finding:
        asked.append(abroad.url)
        return FOUND["refused"] if (abroad.url, key) == ("https://c", KEY) else FOUND["verified"]

    monkeypatch.setattr(isolation, "check", kept_out)
    with pytest.raises(RefusedError) as refused:
        HANDLER.create(Said().call, inputs(isolation=True))
    verified = outcome == "verified"
    assert asked == (["https://b", "https://c"] if verified else [])
    assert ("the pair is refused: isolation, https://c: why not" in str(refused.value)) == verified


def test_isolation_does_not_hide_what_the_pair_itself_came_to(monkeypatch: pytest.MonkeyPatch) -> None:
    Asked(monkeypatch, FOUND["verified"])
    monkeypatch.setattr(isolation, "hosts", two_hosts)
    monkeypatch.setattr(isolation, "check", all_keep_it_out)
    made = HANDLER.create(Said().call, inputs(isolation=True)).state
    assert (made["outcome"], made["outcomes"]) == ("verified", {"openai": "verified"})
