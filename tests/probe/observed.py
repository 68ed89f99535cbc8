"""Answers of the live service that were published, and what the check is to make of each.

`tests/data/observed/answers.json` holds the facts of each answer; a body that is only described there is written out
here in the shape of its protocol.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalogue.models import named
from provider.probe import question
from provider.probe.answer import Answer, read
from provider.probe.verdict import Exchange, Finding, HostKind, Outcome, judge

ANSWERS: dict[str, dict[str, Any]] = {
    a["id"]: a for a in json.loads((Path(__file__).parent.parent / "data/observed/answers.json").read_text())
}
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


def _ids(text: str) -> list[str]:
    return text.split()


WRONG = {"wrong_key"}
DENIED = {"other_workspace", "suspended_workspace", "too_new", "retired_model"}
NO_RIGHT = {"other_workspace", "no_right_to_workspace", "suspended_workspace", "too_new"}
SEEN: dict[str, tuple[Outcome, set[str]]] = {
    **dict.fromkeys(
        (
            "d002",
            "d005",
            "d012",
            "d013",
            "d014",
            "d016",
            "d018",
            "d027",
            "d040",
            "d060",
            "d062",
            "d075",
            "d076",
            "d079",
            "d083",
            "d084",
            "d100",
            "d112",
            "d115",
        ),
        ("refused", WRONG),
    ),
    **dict.fromkeys(_ids("d090 d092"), ("refused", {"wrong_key", "other_plan"})),
    "d102": ("refused", {"blocked"}),
    **dict.fromkeys(_ids("d031 d035 d036 d038 d039 d042 d043 d045 d048 d049"), ("refused", DENIED)),
    **dict.fromkeys(_ids("d022 d046"), ("refused", NO_RIGHT)),
    **dict.fromkeys(
        (
            "d003",
            "d006",
            "d008",
            "d009",
            "d011",
            "d065",
            "d066",
            "d069",
            "d070",
            "d072",
            "d078",
            "d080",
            "d096",
            "d110",
            "d114",
            "d117",
        ),
        ("verified", set[str]()),
    ),
    "d030": ("accepted", {"host_not_proven"}),
    **dict.fromkeys(_ids("d023 d025 d026"), ("accepted", {"model_denied"})),
    **dict.fromkeys(_ids("d074 d104 d105"), ("accepted", {"not_purchased"})),
    "d106": ("accepted", {"unpaid"}),
    "d109": ("accepted", {"throttled"}),
    **dict.fromkeys(_ids("d093 d095"), ("accepted", {"other_client"})),
    **dict.fromkeys(_ids("d063 d067 d097 d113"), ("inconclusive", {"no_path"})),
    "d020": ("inconclusive", {"no_workspace"}),
    "d103": ("inconclusive", {"unknown_answer"}),
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
    protocol = {"native": "dashscope", "websocket": "dashscope"}.get(seen["protocol"], str(seen["protocol"]))
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


def is_read_right(id_: str) -> bool:
    """Whether the check makes of an answer what it is to make of it."""
    found = case(id_).judged()
    return (found.outcome, set(found.causes)) == SEEN[id_]
