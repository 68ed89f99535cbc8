"""Every answer of the live service that was published: what the check makes of it, and the reasons that it names.

`tests/data/observed/answers.json` holds the facts of each answer; a body that is only described there is written out
here in the shape of its protocol.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from catalogue.models import named
from provider.client.sdk import _translated
from provider.probe import question
from provider.probe.answer import Answer, read
from provider.probe.verdict import Exchange, Finding, HostKind, Outcome, judge

ANSWERS = {a["id"]: a for a in json.loads((Path(__file__).parent.parent / "data/observed/answers.json").read_text())}
DATA = {id_: a for id_, a in ANSWERS.items() if a["plane"] == "data"}
OTHERS = {id_: a for id_, a in ANSWERS.items() if a["plane"] != "data"}

CHUNK = json.dumps({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {}}]})
START = json.dumps({"type": "message_start", "message": {"type": "message", "content": []}})
COMPLETION = json.dumps({"object": "chat.completion", "choices": [{"index": 0}]})
MODELS = json.dumps({"object": "list", "data": [{"id": "qwen-plus"}]})
DESCRIBED: dict[str, str] = {
    "d011": f"data: {CHUNK}\n\ndata: [DONE]\n\n",
    "d030": MODELS,
    "d066": json.dumps({"type": "message", "content": []}),
    "d070": f"event:message_start\ndata:{START}\n\n",
    "d072": MODELS,
    "d080": COMPLETION,
    "d096": COMPLETION,
    "d117": COMPLETION,
}
"""Bodies of which the file says only what they are."""

WRONG = {"wrong_key"}
DENIED = {"other_workspace", "suspended_workspace", "too_new", "retired_model"}
NO_RIGHT = {"other_workspace", "no_right_to_workspace", "suspended_workspace", "too_new"}
SEEN: dict[str, tuple[Outcome, set[str]]] = {
    **dict.fromkeys(
        "d002 d005 d012 d013 d014 d016 d018 d027 d040 d060 d062 d075 d076 d079 d083 d084 d100 d112 d115".split(),
        ("refused", WRONG),
    ),
    **dict.fromkeys(("d090", "d092"), ("refused", {"wrong_key", "other_plan"})),
    "d102": ("refused", {"blocked"}),
    **dict.fromkeys("d031 d035 d036 d038 d039 d042 d043 d045 d048 d049".split(), ("refused", DENIED)),
    **dict.fromkeys(("d022", "d046"), ("refused", NO_RIGHT)),
    **dict.fromkeys(
        "d003 d006 d008 d009 d011 d065 d066 d069 d070 d072 d078 d080 d096 d110 d114 d117".split(),
        ("verified", set[str]()),
    ),
    "d030": ("accepted", {"host_not_proven"}),
    **dict.fromkeys(("d023", "d025", "d026"), ("accepted", {"model_denied"})),
    **dict.fromkeys(("d074", "d104", "d105"), ("accepted", {"not_purchased"})),
    "d106": ("accepted", {"unpaid"}),
    "d109": ("accepted", {"throttled"}),
    **dict.fromkeys(("d093", "d095"), ("accepted", {"other_client"})),
    **dict.fromkeys(("d063", "d067", "d097", "d113"), ("inconclusive", {"no_path"})),
    **dict.fromkeys(("d020", "d103"), ("inconclusive", {"unknown_answer"})),
}

NO: dict[str, Answer] = {
    "openai": Answer(status=401, code="invalid_api_key"),
    "anthropic": Answer(status=401, code="authentication_error"),
    "dashscope": Answer(status=401, code="InvalidApiKey"),
}


@dataclass(frozen=True)
class Case:
    """One published answer, as the check would have got it."""

    protocol: str
    host: HostKind
    answer: Answer
    lists: bool

    def judged(self) -> Finding:
        """Judge it: beside its control, and a denial beside the same for another model that may be called."""
        asks = [question.models("openai")] if self.lists else [question.call(self.protocol, named("qwen-plus"))]
        if self.answer.status == 403 and not self.lists:
            asks.append(question.call(self.protocol, named("qwen-flash")))
        exchanges = [Exchange(question=q, answer=self.answer, control=NO[self.protocol]) for q in asks if q]
        return judge(self.host, exchanges, may_call=("qwen-plus", "qwen-flash"))


def case(id_: str) -> Case:
    seen = DATA[id_]
    protocol = {"native": "dashscope", "websocket": "dashscope"}.get(seen["protocol"], seen["protocol"])
    given: Any = DESCRIBED.get(id_, seen["body"])
    text = given if isinstance(given, str) else json.dumps(given)
    kind = "text/event-stream" if text.startswith(("data:", "event:")) else "application/json"
    body = b"" if text.startswith("HTTP ") else text.encode()
    host = seen["host_kind"]
    hosts: dict[str, HostKind] = {"token": "token_plan", "coding": "coding_plan", "shared": "shared", "any": "shared"}
    return Case(
        protocol,
        hosts.get(host.partition("-")[0], "dedicated"),
        read(protocol, seen["status"], kind, body),
        seen["path"].endswith("/models") and protocol == "openai",
    )


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
    error = _translated("Create", SdkError(seen["status"], seen["body"]))
    assert (error.kind, error.code, error.status) == (KINDS[id_], seen["body"]["Code"], seen["status"])
