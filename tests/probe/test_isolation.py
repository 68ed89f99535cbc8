"""Does a key stay where it belongs: which hosts are asked, by which call, and what proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from provider.probe import isolation
from provider.probe.answer import Answer
from provider.probe.check import check
from provider.probe.isolation import ForeignHost
from provider.probe.pair import Models, Pair, listed_at, models_for
from provider.probe.question import CONTROL_KEY
from tests.probe.service import SEEN, Key, Service
from tests.provider.doubles import Plane, workspace_info

if TYPE_CHECKING:
    from collections.abc import Callable

    from provider.probe.check import Spend
    from provider.probe.question import Question

MINE = Key(value="sk-ws-test.a1", region="cn-beijing", workspace="ws-a")
PLAN = Key(value="sk-sp-test.t1", region="cn-beijing", plan="token_plan")
OWN = "https://ws-a.cn-beijing.maas.aliyuncs.com/compatible-mode/v1"
OWN_ANTHROPIC = "https://ws-a.cn-beijing.maas.aliyuncs.com/apps/anthropic"
SHARED = "https://dashscope.aliyuncs.com/compatible-mode/v1"
PLAN_HOST = "https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1"
SIBLING = ForeignHost(what="the host of workspace ws-b", host="ws-b.cn-beijing.maas.aliyuncs.com", is_sibling=True)
ABROAD = ForeignHost(what="the shared host of X", host="dashscope-intl.aliyuncs.com", is_sibling=False)


def hosts(plane: Any, region: str, workspace: str) -> list[ForeignHost]:
    return list(isolation.foreign_hosts(plane, region, workspace))


def test_the_sibling_is_never_the_key_s_own_workspace_nor_one_without_a_host() -> None:
    there = [workspace_info("ws-a", "ws-a.x"), workspace_info("ws-b", ""), workspace_info("ws-c", "ws-c.x")]
    sibling, abroad = hosts(Plane(there=there), "cn-beijing", "ws-a")
    assert (sibling.what, sibling.host) == ("the host of workspace ws-c", "ws-c.x")
    assert sibling.url("anthropic", "") == "https://ws-c.x/apps/anthropic"
    assert abroad.url("openai", "") == "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"
    (other,) = [host for host in hosts(Plane(there=there), "ap-southeast-1", "ws-a") if not host.is_sibling]
    assert other.what == "the shared host of cn-beijing"


def test_a_plan_s_key_has_no_workspace_of_its_own() -> None:
    assert [host.what for host in hosts(Plane(there=[workspace_info("ws-a", "ws-a.x")]), "cn-beijing", "")] == [
        "the host of workspace ws-a",
        "the shared host of ap-southeast-1",
    ]


def test_an_account_without_any_other_workspace_is_asked_about_the_other_region_alone() -> None:
    assert [host.is_sibling for host in hosts(Plane(), "cn-beijing", "ws-a")] == [False]


def run(
    service: Callable[[str, str, Question], Answer],
    foreign: ForeignHost,
    url: str = OWN,
    protocol: str = "openai",
    spend: Spend = "never",
    key: Key = MINE,
) -> tuple[str, str]:
    pair = Pair.of(protocol, url, key.value)
    models = models_for(pair, listed_at(pair, service))
    own = check(pair, models, spend=spend, ask=service)
    assert own.outcome == "verified"
    found = isolation.check(foreign, pair, own, models, ask=service)
    return found.outcome, found.cause


PAIRS = [
    ("openai", OWN, MINE),
    ("anthropic", OWN_ANTHROPIC, MINE),
    ("openai", SHARED, MINE),
    ("openai", PLAN_HOST, PLAN),
]


@pytest.mark.parametrize(("protocol", "url", "key"), PAIRS)
def test_a_key_that_is_kept_out_is_isolated_and_that_is_free(protocol: str, url: str, key: Key) -> None:
    service = Service(keys=[MINE, PLAN])
    for foreign in (SIBLING, ABROAD):
        assert run(service, foreign, url, protocol, key=key) == ("verified", "")
    assert service.tokens == 0


@pytest.mark.parametrize(("protocol", "url", "key"), PAIRS)
def test_a_sibling_that_does_not_know_the_key_keeps_it_out_too(protocol: str, url: str, key: Key) -> None:
    service = Service(keys=[MINE, PLAN], sibling="unauthorized")
    assert run(service, SIBLING, url, protocol, "if_needed", key=key) == ("verified", "")


def test_a_list_of_models_decides_nothing_about_a_sibling() -> None:
    service = Service(keys=[MINE])
    run(service, SIBLING)
    assert "list" not in [q.kind for host, _, q in service.asked if host == SIBLING.host]


class Open(Service):
    """Takes the key at every host of its region: isolation that does not hold."""

    def _endpoint(self, domain: str, host: str, key: Key | None, model: str) -> Any:
        return None if host == SIBLING.host else super()._endpoint(domain, host, key, model)


@pytest.mark.parametrize(
    ("order", "spend"), [(SEEN, "never"), (("key", "body", "model", "workspace", "bill"), "if_needed")]
)
def test_a_key_that_opens_a_sibling_s_host_is_not_isolated(order: Any, spend: Any) -> None:
    outcome, cause = run(Open(keys=[MINE], order=order), SIBLING, spend=spend)
    assert (outcome, cause) == ("refused", "the key opens the host of workspace ws-b, which it must not")


def test_where_it_took_a_call_to_prove_the_own_host_it_takes_the_same_to_ask_the_sibling() -> None:
    service = Service(keys=[MINE], order=("key", "body", "model", "workspace", "bill"))
    assert run(service, SIBLING, spend="if_needed") == ("verified", "")
    assert [q.kind for host, key, q in service.asked if host == SIBLING.host and key != CONTROL_KEY] == ["call"]
    assert service.tokens == 1


def test_a_shared_host_proves_nothing_by_a_body_that_a_sibling_refuses() -> None:
    service = Service(keys=[MINE], order=("key", "body", "model", "workspace", "bill"))
    outcome, cause = run(service, SIBLING, SHARED)
    assert (outcome, "cannot be told" in cause) == ("inconclusive", True)


def test_a_plan_s_key_that_a_workspace_s_host_lets_in_is_not_isolated() -> None:
    both = Key(value=PLAN.value, region="cn-beijing", workspace="ws-b")
    assert run(Service(keys=[PLAN, both]), SIBLING, PLAN_HOST, key=PLAN)[0] == "refused"


def test_a_key_that_opens_another_region_is_not_isolated() -> None:
    service = Service(keys=[MINE, Key(value=MINE.value, region="ap-southeast-1", workspace="ws-c")])
    assert run(service, ABROAD) == ("refused", "the key opens the shared host of X, which it must not")


ELSEWHERE: list[tuple[Answer, str, str]] = [
    (Answer(status=0, message="ConnectTimeout"), "not_checkable", "ConnectTimeout"),
    (Answer(status=503), "inconclusive", "503"),
    (Answer(status=404), "inconclusive", "404"),
    (Answer(status=403, code="SomethingNew"), "inconclusive", "SomethingNew"),
    (Answer(status=429), "inconclusive", "429"),
    (Answer(status=200), "inconclusive", "200"),
]


@pytest.mark.parametrize(("answer", "outcome", "says"), ELSEWHERE)
def test_only_a_refusal_proves_that_a_key_is_kept_out(answer: Answer, outcome: str, says: str) -> None:
    service = Service(keys=[MINE])

    def ask(url: str, key: str, question: Question) -> Answer:
        return answer if SIBLING.host in url else service(url, key, question)

    found, cause = run(ask, SIBLING)
    assert (found, says in cause, SIBLING.what in cause) == (outcome, True, True)


def test_a_host_that_lets_anybody_in_says_nothing_about_the_key() -> None:
    service = Service(keys=[MINE])

    def ask(url: str, key: str, question: Question) -> Answer:
        anybody = Answer(status=200, result="models", models=frozenset({"x"}))
        return anybody if ABROAD.host in url else service(url, key, question)

    assert run(ask, ABROAD)[0] == "inconclusive"


def test_without_a_model_to_name_a_sibling_cannot_be_asked() -> None:
    pair = Pair.of("openai", SHARED, MINE.value)
    service = Service(keys=[MINE])
    none = Models(free=(), billed=(), may_call=lambda _: True)
    found = isolation.check(SIBLING, pair, check(pair, none, ask=service), none, ask=service)
    assert (found.outcome, "nothing free tells" in found.cause) == ("inconclusive", True)
