"""What two answers prove about a pair."""

from typing import TYPE_CHECKING

import pytest

from catalogue.rows import PROTOCOLS
from provider.client.probe import ASKS, CONTROL_KEY, Answer, Ask, Outcome, check, judge

if TYPE_CHECKING:
    from provider.client.shapes import Json

NO = Answer(status=401, code="invalid_api_key", message="Incorrect API key provided.")
CASES: list[tuple[str, Answer, Answer, bool, Outcome, str]] = [
    ("models are listed", Answer(status=200), NO, False, "verified", ""),
    ("fields are missing", Answer(status=400, code="invalid_request_error"), NO, False, "verified", ""),
    ("no such model", Answer(status=404, code="ModelNotFound"), NO, False, "verified", ""),
    ("no model allowed", Answer(status=403, code="Model.AccessDenied"), NO, False, "verified", ""),
    ("wrong key", NO, NO, False, "refused", "another workspace, region or billing plan"),
    ("not activated", Answer(status=403, code="AccessDenied.Unpurchased"), NO, False, "refused", "activate it once"),
    ("unpaid", Answer(status=400, code="Arrearage"), NO, False, "refused", "unpaid bills"),
    ("overdue", Answer(status=429, code="PostpaidBillOverdue"), NO, False, "refused", "unpaid bills"),
    ("not bought", Answer(status=429, code="CommodityNotPurchased"), NO, False, "refused", "has not bought this"),
    ("free alone", Answer(status=403, code="AllocationQuota.FreeTierOnly"), NO, False, "refused", "free quota is used"),
    ("other plan", Answer(status=401, message="invalid access token or token expired"), NO, False, "refused", "plan's"),
    ("plan key", Answer(status=403, message="invalid api-key"), NO, False, "refused", "a plan's key on a pay-as-you"),
    ("native 401", Answer(status=401, message="Invalid API-key provided."), NO, False, "refused", "another workspace,"),
    ("no member", Answer(status=401, message="NOT AUTHORIZED"), NO, False, "refused", "does not take this key"),
    ("workspace", Answer(status=403, code="Workspace.AccessDenied"), NO, True, "refused", "different workspaces"),
    ("no path", Answer(status=404), Answer(status=404), False, "inconclusive", "does not know this path"),
    ("address", Answer(status=403, code="AccessDenied"), NO, True, "not_checkable", "allowed_ips"),
    ("forbidden", Answer(status=403, code="AccessDenied"), NO, False, "refused", "models and allowed_ips"),
    (
        "a control with 403",
        Answer(status=200),
        Answer(status=403),
        False,
        "inconclusive",
        "not refused with 401 either",
    ),
    ("anybody gets in", Answer(status=200), Answer(status=200), False, "inconclusive", "cannot exist was not refused"),
    ("no such path", Answer(status=404), NO, False, "inconclusive", "does not know this path"),
    ("throttled", Answer(status=429, code="Throttling"), NO, False, "inconclusive", "429 Throttling"),
    ("broken", Answer(status=502), NO, False, "inconclusive", "502"),
    ("no route", Answer(status=0, message="ConnectTimeout"), NO, False, "not_checkable", "no route from here"),
    ("no host", Answer(status=0, unresolved=True), NO, False, "not_checkable", "does not resolve"),
]


@pytest.mark.parametrize(
    ("real", "control", "ips", "outcome", "says"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_an_outcome_follows_from_both_answers(
    real: Answer, control: Answer, ips: bool, outcome: Outcome, says: str
) -> None:
    found = judge(real, control, has_ip_list=ips)
    assert (found.outcome, bool(found.cause)) == (outcome, outcome != "verified")
    assert says in found.cause


def test_every_outcome_has_a_case() -> None:
    assert {case[4] for case in CASES} == {"verified", "refused", "inconclusive", "not_checkable"}


def test_only_what_may_be_late_is_asked_again() -> None:
    assert judge(NO, NO, has_ip_list=False).may_pass_soon
    assert judge(Answer(status=0, unresolved=True), NO, has_ip_list=False).may_pass_soon
    assert not judge(Answer(status=403, code="AccessDenied"), NO, has_ip_list=False).may_pass_soon


def test_a_service_that_reads_the_body_first_gets_a_whole_one_without_a_real_model() -> None:
    asked: list[tuple[str, Json | None]] = []

    def service(_url: str, key: str, ask: Ask) -> Answer:
        asked.append((key, ask.body))
        if not ask.body or "messages" not in ask.body:
            return Answer(status=422, code="missing")
        return NO if key == CONTROL_KEY else Answer(status=404, code="model_not_found")

    assert check("anthropic", "https://h", "sk-ws-test.a1", has_ip_list=False, call=service).outcome == "verified"
    assert len(asked) == 4
    assert {body["model"] for _, body in asked if body} == {"no-such-model"}


@pytest.mark.parametrize(
    ("real", "control"),
    [(Answer(status=404), Answer(status=404)), (Answer(status=400), Answer(status=400)), (Answer(status=404), NO)],
)
def test_a_native_host_without_a_list_of_models_is_asked_for_a_model_that_cannot_exist(
    real: Answer, control: Answer
) -> None:
    def service(_url: str, key: str, ask: Ask) -> Answer:
        if ask.method == "GET":
            return control if key == CONTROL_KEY else real
        return NO if key == CONTROL_KEY else Answer(status=404, code="ModelNotFound")

    assert check("dashscope", "https://h", "sk-ws-test.a1", has_ip_list=False, call=service).outcome == "verified"


def test_every_protocol_has_a_probe_and_none_names_a_real_model() -> None:
    assert set(ASKS) == set(PROTOCOLS)
    for asks in ASKS.values():
        assert asks
        assert {ask.body["model"] for ask in asks if ask.body and "model" in ask.body} <= {"no-such-model"}
    assert check("grpc", "https://h", "sk-ws-test.a1", has_ip_list=False).outcome == "inconclusive"
