"""Which calls one check makes: as few as tell, never one that costs where it must not."""

from __future__ import annotations

from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

import pytest

from catalogue.models import MAX_CANDIDATES, MODELS, PRICE_CEILING, Model, candidates, named
from catalogue.rows import MODEL_PROTOCOLS, REGIONS
from provider.probe import question
from provider.probe.answer import Answer
from provider.probe.check import check
from provider.probe.pair import Models, Pair, listed_at, models_for, nobody_knows
from provider.probe.question import MADE_UP_LABEL, UNKNOWN_MODEL, control_key
from tests.probe.service import MODELS as KNOWN
from tests.probe.service import Key, Service, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from provider.probe.check import Spend
    from provider.probe.question import Question
    from provider.probe.verdict import Finding

MINE = Key(value="sk-ws-test.a1", region="cn-beijing", workspace="ws-a")
OWN = "https://ws-a.cn-beijing.maas.aliyuncs.com/compatible-mode/v1"
NATIVE = "https://ws-a.cn-beijing.maas.aliyuncs.com/api/v1"
SIBLING = "https://ws-b.cn-beijing.maas.aliyuncs.com/compatible-mode/v1"
SHARED = "https://dashscope.aliyuncs.com/compatible-mode/v1"
OTHER = "https://models.example.com/v1"
MADE_UP = f"{MADE_UP_LABEL}.cn-beijing.maas.aliyuncs.com"
BODY_FIRST: tuple[Step, ...] = ("key", "body", "model", "workspace", "bill")


def run(service: Service, url: str = OWN, *, spend: Spend = "never", among: Sequence[str] | None = None) -> Finding:
    pair = Pair.of("openai", url, MINE.value)
    models = models_for(pair, lambda name: name in KNOWN, among=among)
    return check(pair, models, spend=spend, ask=service)


def asked(service: Service) -> list[tuple[str, str, str]]:
    """Return host, kind and whose key, of each call."""
    whose = {MINE.value: "key", control_key(MINE.value): "control"}
    return [(host.partition(".")[0], q.kind, whose[key]) for host, key, q in service.asked]


def test_a_dedicated_host_takes_three_calls() -> None:
    service = Service(keys=[MINE])
    assert run(service).outcome == "verified"
    assert asked(service) == [
        ("ws-a", "no_content", "key"),
        ("ws-a", "no_content", "control"),
        (MADE_UP_LABEL, "no_content", "key"),
    ]


def test_a_shared_host_takes_two_calls() -> None:
    service = Service(keys=[MINE])
    assert run(service, SHARED).outcome == "verified"
    assert asked(service) == [("dashscope", "list", "key"), ("dashscope", "list", "control")]


def test_a_refused_key_takes_one() -> None:
    service = Service(keys=[])
    assert run(service).outcome == "refused"
    assert asked(service) == [("ws-a", "no_content", "key")]


def test_where_the_control_does_not_discriminate_one_call_tells() -> None:
    service = Service(keys=[MINE], order=BODY_FIRST)
    found = run(service, spend="if_needed")
    assert (found.outcome, found.facts.model_answered) == ("verified", "qwen-flash")
    assert asked(service)[3:] == [("ws-a", "call", "key")], "its control was made already"
    assert service.tokens == 1


def test_what_is_proven_for_free_is_not_bought_unless_that_is_asked_for() -> None:
    for url in (OWN, SHARED):
        service = Service(keys=[MINE])
        assert run(service, url, spend="if_needed").facts.model_answered == ""
        assert service.tokens == 0
        assert run(service, url, spend="always").facts.model_answered == "qwen-flash"
        assert service.tokens == 1


def test_a_sibling_is_refused_after_two_models_that_may_be_called() -> None:
    service = Service(keys=[MINE])
    found = run(service, SIBLING)
    assert (found.outcome, found.may_pass_soon) == ("refused", True)
    assert [q.model for _, _, q in service.asked if q.kind == "no_content"] == ["qwen-flash", "qwen-plus"]
    only = Models(free=candidates("openai", "cn-beijing")[:1], billed=(), may_call=lambda _: True)
    pair = Pair.of("openai", SIBLING, MINE.value)
    assert check(pair, only, ask=service).outcome == "inconclusive"
    nobody_knows = Models(free=candidates("openai", "cn-beijing"), billed=(), may_call=lambda _: None)
    assert check(pair, nobody_knows, ask=service).outcome == "inconclusive"


def test_only_what_key_and_workspace_may_call_is_called() -> None:
    service = Service(keys=[MINE], order=BODY_FIRST)
    pair = Pair.of("openai", OWN, MINE.value)
    models = models_for(pair, lambda name: name != "qwen-plus", among=["qwen-plus", "qwen3-32b", "my-own-model"])
    assert check(pair, models, spend="always", ask=service).facts.model_answered == "qwen3-32b"
    assert {q.model for _, _, q in service.asked if q.kind == "call"} == {"qwen3-32b"}


def test_a_model_of_unknown_kind_is_never_called_but_one_that_was_chosen_is() -> None:
    service = Service(keys=[MINE], order=BODY_FIRST)
    pair = Pair.of("openai", OWN, MINE.value)
    unknown = models_for(pair, lambda _: True, among=["my-own-model"])
    assert check(pair, unknown, spend="always", ask=service).outcome == "accepted"
    assert {q.model for _, _, q in service.asked} == {""}
    chosen = models_for(pair, lambda _: False, among=["my-own-model"], chosen="my-own-model")
    check(pair, chosen, spend="always", ask=service)
    assert {q.model for _, _, q in service.asked if q.kind == "call"} == {"my-own-model"}


def test_at_most_three_models_are_tried() -> None:
    service = Service(keys=[MINE], bill="quota", order=("key", "bill", "model", "workspace", "body"))
    found = run(service, spend="if_needed")
    assert (found.outcome, found.stopped) == ("accepted", True)
    for kind in ("no_content", "call"):
        models = [q.model for _, key, q in service.asked if q.kind == kind and key == MINE.value]
        assert len(models) == len(set(models)) == MAX_CANDIDATES


def test_a_host_that_takes_any_key_is_not_sent_a_call() -> None:
    calls: list[Question] = []

    def anybody(_url: str, _key: str, asked: Question) -> Answer:
        calls.append(asked)
        return Answer(status=200, result="models" if asked.kind == "list" else "model_answer")

    for url in (OWN, SHARED, OTHER):
        pair = Pair.of("openai", url, MINE.value, region="cn-beijing")
        found = check(pair, models_for(pair, lambda _: True), spend="always", ask=anybody)
        assert (found.outcome, found.causes) == ("inconclusive", ("no_control",))
    assert [q for q in calls if q.kind == "call"] == []


def test_a_host_of_the_user_s_own_is_the_only_one_that_sees_the_key() -> None:
    hosts: set[str] = set()

    def ask(url: str, key: str, asked: Question) -> Answer:
        hosts.add(url)
        if key == control_key(MINE.value):
            return Answer(status=401)
        return (
            Answer(status=400, code="InvalidParameter")
            if asked.kind != "call"
            else Answer(status=200, result="model_answer")
        )

    pair = Pair.of("openai", OTHER, MINE.value, region="cn-beijing")
    models = models_for(pair, lambda _: True)
    assert check(pair, models, ask=ask).outcome == "accepted"
    assert check(pair, models, spend="if_needed", ask=ask).outcome == "verified"
    assert hosts == {OTHER}


def test_a_call_holds_its_place() -> None:
    slot = BoundedSemaphore(1)
    service = Service(keys=[MINE])
    free: list[bool] = []

    def ask(url: str, key: str, asked: Question) -> Answer:
        if asked.kind == "call" and key == MINE.value:
            free.append(slot.acquire(blocking=False))
        return service(url, key, asked)

    pair = Pair.of("openai", OWN, MINE.value)
    assert check(pair, models_for(pair, lambda _: True), spend="always", ask=ask, slot=slot).outcome == "verified"
    assert free == [False]
    assert slot.acquire(blocking=False)


@pytest.mark.parametrize("protocol", MODEL_PROTOCOLS)
def test_no_free_call_holds_anything_that_a_model_could_answer(protocol: str) -> None:
    for region in REGIONS:
        for model in candidates(protocol, region):
            body = question.no_content(protocol, model).body
            assert body is not None
            given: Any = body.get("input", body.get("messages"))
            assert not (given if isinstance(given, list) else [v for v in given.values() if v])
    for whole in (False, True):
        asked = question.unknown_model(protocol, content=whole)
        assert asked.body is not None
        assert (asked.body["model"], asked.model) == (UNKNOWN_MODEL, "")


@pytest.mark.parametrize("protocol", MODEL_PROTOCOLS)
def test_a_call_is_as_small_as_can_be_with_thinking_off(protocol: str) -> None:
    body = question.call(protocol, named("qwen-flash")).body
    assert body is not None
    switches = {"openai": body, "dashscope": body.get("parameters", {}), "anthropic": body}[protocol]
    assert switches["max_tokens"] == 1
    off = (
        switches.get("thinking") == {"type": "disabled"} if protocol == "anthropic" else not switches["enable_thinking"]
    )
    assert off
    assert "stream" not in body


def test_a_model_that_only_streams_is_asked_to() -> None:
    model = Model(name="x", stream_only=True)
    assert (question.call("openai", model).body or {})["stream"] is True
    assert (question.call("anthropic", model).body or {})["stream"] is True
    assert question.call("dashscope", model).headers == {"X-DashScope-SSE": "enable"}


def test_every_region_and_protocol_has_models_that_may_be_called() -> None:
    for region in (*REGIONS, ""):
        for protocol in MODEL_PROTOCOLS:
            pair = Pair.of(protocol, OTHER, "sk-ws-test.a1", region=region)
            billed = models_for(pair, lambda _: True).billed
            assert len(billed) >= MAX_CANDIDATES
            assert all(model.price <= PRICE_CEILING for model in billed)
    assert candidates("grpc", "cn-beijing") == ()


def test_every_model_of_the_table_has_source_day_and_a_price_or_none() -> None:
    assert len({model.name for model in MODELS}) == len(MODELS)
    for model in MODELS:
        assert model.source.startswith(("https://", "GET /models"))
        assert model.checked.year >= 2026
        assert model.price > 0
    assert [m.name for m in MODELS if not m.is_cheap], "dear models are named for free, never called"
    assert {m.name for m in candidates("openai", "cn-beijing")[-2:]} == {"qwen-turbo", "qwen-max"}
    assert candidates("openai", "eu-central-1")[-1].name not in ("qwen-turbo", "qwen-max")


def test_what_is_chosen_is_taken_as_it_is_or_as_a_chat_model_that_may_think() -> None:
    assert named("qwen-flash") in MODELS
    assert (named("x").kind, named("x").thinking) == ("chat", True)
    assert named("my-embedding-model").kind == "embedding"


def test_what_a_host_lists_comes_first_and_is_authorised_for_nobody() -> None:
    service = Service(keys=[MINE])
    pair = Pair.of("anthropic", OWN.replace("compatible-mode/v1", "apps/anthropic"), MINE.value)
    assert listed_at(pair, service) == KNOWN
    assert listed_at(Pair.of("anthropic", OTHER, MINE.value), service) == frozenset()
    assert listed_at(Pair.of("openai", OWN, "sk-ws-test.x9"), service) == frozenset()
    models = models_for(pair, nobody_knows, listed={"qwen3-32b", "qwen3-max"})
    assert [m.name for m in models.free[:2]] == ["qwen3-32b", "qwen3-max"]
    assert models.billed[0].name == "qwen3-32b"
    assert models.may_call("qwen3-32b") is None


def test_a_call_of_the_native_protocol_goes_where_text_is_generated() -> None:
    service = Service(keys=[MINE], order=BODY_FIRST)
    pair = Pair.of("dashscope", NATIVE, MINE.value)
    found = check(pair, models_for(pair, nobody_knows), spend="if_needed", ask=service)
    assert found.outcome == "verified"
    assert {q.path for _, _, q in service.asked if q.kind != "list"} == {"/services/aigc/text-generation/generation"}


def test_a_made_up_host_is_where_the_real_one_is() -> None:
    pair = Pair.of("openai", f"http://127.0.0.1:1/_host/{OWN[8:]}", MINE.value, prefix="http://127.0.0.1:1/_host")
    assert pair.made_up_url == f"http://127.0.0.1:1/_host/{MADE_UP}/compatible-mode/v1"
    assert Pair.of("openai", SHARED, MINE.value).made_up_url == ""
    assert MINE.value not in repr(pair)


@pytest.mark.parametrize("key", ["sk-ws-test.a1", "sk-sp-test.b2", "sk-test", "st-x", "odd", "sk-"])
def test_a_control_has_the_form_of_the_key(key: str) -> None:
    control = control_key(key)
    assert control != key
    assert control.startswith("s")
    assert key[:3] not in ("sk-", "st-") or (len(control) >= len(key) and control[:3] == key[:3])
    assert control == control_key(key)


def answers(*turns: Answer, controls: int = 401) -> Callable[[str, str, Question], Answer]:
    """Return a host that answers free calls with the first turn, and real ones with the others, each once."""
    left = list(turns[1:])

    def ask(url: str, key: str, asked: Question) -> Answer:
        if key != MINE.value:
            return Answer(status=controls)
        if MADE_UP_LABEL in url:
            return Answer(status=403, code="Endpoint.AccessDenied")
        return left.pop(0) if asked.kind == "call" else turns[0]

    return ask


BODY = Answer(status=400, code="InvalidParameter", message="messages")
DENIED = Answer(status=403, code="Endpoint.AccessDenied", message="Workspace endpoint access denied.")
ANSWERED = Answer(status=200, result="model_answer")


def judged(ask: Any, url: str = OWN, *, spend: Spend = "always", known: bool = True) -> Finding:
    pair = Pair.of("openai", url, MINE.value)
    return check(pair, models_for(pair, (lambda _: True) if known else nobody_knows), spend=spend, ask=ask)


def test_a_real_call_that_is_denied_takes_a_free_proof_back() -> None:
    assert judged(answers(BODY, DENIED, DENIED)).outcome == "refused"
    assert judged(answers(BODY, DENIED, DENIED, DENIED), known=False).outcome == "inconclusive"
    assert judged(answers(BODY, DENIED, ANSWERED)).outcome == "verified", "one model is retired"


def test_a_workspace_s_denial_counts_more_than_a_list_of_models() -> None:
    listed = Answer(status=200, result="models", models=frozenset({"qwen-flash"}))
    barred = Answer(status=403, code="Workspace.AccessDenied")
    assert judged(answers(listed, barred), SHARED).outcome == "refused"
    assert judged(answers(listed, ANSWERED), SHARED).outcome == "verified"


def test_an_answer_of_a_model_without_a_control_proves_nothing() -> None:
    found = judged(answers(ANSWERED, controls=200), spend="never")
    assert (found.outcome, found.facts.model_answered) == ("inconclusive", "")


@pytest.mark.parametrize("odd", [Answer(status=200), Answer(status=500), Answer(status=503)])
def test_what_may_have_been_paid_for_is_not_bought_again(odd: Answer) -> None:
    found = judged(answers(BODY, odd, ANSWERED))
    assert [e.answer for e in found.exchanges if e.question.kind == "call"] == [odd]
    assert [e.may_be_billed for e in found.exchanges] == [False, True]


def test_a_host_whose_control_hangs_is_not_asked_on() -> None:
    hung = answers(BODY, controls=0)
    found = judged(hung)
    assert (found.outcome, len(found.exchanges)) == ("inconclusive", 1)


def test_a_websocket_takes_a_handshake_and_its_control_and_proves_the_key_alone() -> None:
    seen: list[tuple[str, str]] = []

    def ask(_url: str, key: str, asked: Question) -> Answer:
        seen.append((asked.kind, asked.headers["Upgrade"]))
        return Answer(status=101, result="websocket") if key == MINE.value else Answer(status=401)

    for url, outcome, causes in (
        ("wss://ws-a.cn-beijing.maas.aliyuncs.com/api-ws/v1/inference", "accepted", ("handshake_alone",)),
        ("wss://dashscope.aliyuncs.com/api-ws/v1/inference", "verified", ()),
    ):
        pair = Pair.of("realtime", url, MINE.value)
        found = check(pair, models_for(pair, lambda _: True), spend="always", ask=ask)
        assert (found.outcome, found.causes) == (outcome, causes)
    assert seen == [("handshake", "websocket")] * 4
