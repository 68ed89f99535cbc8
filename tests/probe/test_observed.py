"""Every published answer: what the check makes of it, and the reasons that it names."""

from __future__ import annotations

from typing import Any

import pytest

from catalogue.models import named
from provider.client.sdk import translated
from provider.probe import question
from provider.probe.verdict import Exchange, judge
from tests.probe.observed import DATA, DENIED, DESCRIBED, NO, OTHERS, SEEN, case


def test_every_answer_of_an_inference_host_has_its_row() -> None:
    assert set(SEEN) == set(DATA)
    described = {id_ for id_, a in DATA.items() if isinstance(a["body"], str) and not a["body"].startswith("HTTP ")}
    assert described - {"d097"} == set(DESCRIBED), "a body that is only described has to be written out"


@pytest.mark.parametrize("id_", DATA)
def test_a_published_answer_is_read_right(id_: str) -> None:
    outcome, causes = SEEN[id_]
    found = case(id_).judged()
    assert (found.outcome, set(found.causes)) == (outcome, causes), found.cause
    assert bool(found.cause) == (outcome != "verified")


@pytest.mark.parametrize("id_", [id_ for id_, (_, causes) in SEEN.items() if causes == DENIED])
def test_one_denied_model_alone_refuses_nothing(id_: str) -> None:
    given = case(id_)
    asked = question.call(given.protocol, named("qwen-plus"))
    found = judge(
        given.host, [Exchange(question=asked, answer=given.answer, control=NO[given.protocol])], may_call=("qwen-plus",)
    )
    assert (found.outcome, set(found.causes), found.may_pass_soon) == ("inconclusive", DENIED, True)


class SdkError(Exception):
    """What the vendor's SDK raises."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(body.get("Message", ""))
        self.status_code = status
        self.code = body.get("Code")
        self.message = body.get("Message")


KINDS = {
    "c001": "refused",
    "c004": "refused",
    "s001": "refused",
    "s003": "refused",
    "s004": "refused",
    "s006": "throttled",
    "s007": "refused",
}
"""What the client makes of the errors of the control plane and the stores."""
ELSEWHERE = {
    "c003": "no call of this project: seats of a plan",
    "c006": "shape of ListWorkspaces: tests/emulator/test_control_plane.py",
    "c007": "shape of CreateApiKey: tests/provider/test_api_key.py",
    "c009": "an account without any workspace: tests/probe/test_isolation.py",
    "c010": "a lost answer to CreateApiKey: tests/provider/test_api_key.py, tests/engine/test_faults.py",
    "c011": "the console's own gateway, which is never called",
}


def test_every_other_answer_is_read_by_the_client_or_tested_elsewhere() -> None:
    assert set(KINDS) | set(ELSEWHERE) == set(OTHERS)
    assert not set(KINDS) & set(ELSEWHERE)


@pytest.mark.parametrize("id_", KINDS)
def test_an_error_of_another_service_is_read_right(id_: str) -> None:
    seen = OTHERS[id_]
    error = translated("Create", SdkError(seen["status"], seen["body"]))
    assert (error.kind, error.code, error.status) == (KINDS[id_], seen["body"]["Code"], seen["status"])
