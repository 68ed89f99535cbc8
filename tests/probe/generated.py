"""A table of answers that nobody has published: status x shape x code x message x host kind x age of the key x verify.

Each is put through the whole check. None may make it raise, and none may verify a dedicated host but an answer of a
model, or a control that discriminates.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any, cast
from urllib.parse import urlsplit

from catalogue.access import VERIFY
from provider.client.times import iso
from provider.probe import check as probe
from provider.probe.answer import Answer, read
from provider.probe.question import CONTROL_KEY, MADE_UP_LABEL, Question
from provider.probe.verdict import Outcome
from provider.resource import RefusedError
from provider.resources.pair_check import PairCheckHandler
from tests.provider.doubles import START, Said

KEY = "sk-ws-test.a1"
STATUSES = (200, 204, 302, 400, 401, 402, 403, 404, 405, 409, 415, 421, 422, 429, 500, 503)
CODES = (
    "",
    "InvalidApiKey",
    "invalid_api_key",
    "InvalidParameter",
    "Endpoint.AccessDenied",
    "Workspace.AccessDenied",
    "Model.AccessDenied",
    "model_not_found",
    "Arrearage",
    "AccessDenied.Unpurchased",
    "insufficient_quota",
    "BadRequest.EmptyWorkspace",
    "SomethingNew",
)
MESSAGES = (
    "",
    "Workspace endpoint access denied.",
    "Model not exist.",
    "messages must not be empty",
    "API-key is blocked.",
    "something that nobody has seen",
)
SHAPES = ("openai", "anthropic", "native", "string", "success", "empty", "html")
HOSTS: dict[str, str] = {
    "dedicated": "https://ws-a.cn-beijing.maas.aliyuncs.com/compatible-mode/v1",
    "shared": "https://dashscope.aliyuncs.com/compatible-mode/v1",
    "token_plan": "https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1",
    "coding_plan": "https://coding.dashscope.aliyuncs.com/v1",
    "other": "https://models.example.com/v1",
}
AGES: dict[str, dict[str, str]] = {"new": {"keyCreatedAt": iso(START)}, "old": {"keyCreatedAt": iso(START - 86400)}}

_OK = json.dumps({"object": "chat.completion", "choices": [{"index": 0}]})


@dataclass(frozen=True)
class Cell:
    """One answer that everything gets, and where and how it is asked for."""

    status: int
    shape: str
    code: str
    message: str
    host: str
    age: str
    verify: str

    @property
    def body(self) -> str:
        if self.shape == "openai":
            return json.dumps({"error": {"code": self.code, "message": self.message}})
        if self.shape == "anthropic":
            return json.dumps({"type": "error", "error": {"type": self.code, "message": self.message}})
        if self.shape == "native":
            return json.dumps({"code": self.code, "message": self.message})
        if self.shape == "string":
            return json.dumps({"error": self.message})
        return {"success": _OK, "empty": "", "html": f"<html>{self.message}</html>"}[self.shape]


@dataclass
class Result:
    """What the check made of a cell."""

    delivered: bool
    outcome: Outcome
    waited: float
    calls: int
    cause: str
    model_answered: bool
    said: list[str] = field(default_factory=list[str])


def cells() -> Iterator[Cell]:
    """Return the table; shapes that carry neither code nor message are not repeated for each of them."""
    for status, shape, host, age, verify in product(STATUSES, SHAPES, HOSTS, AGES, VERIFY):
        if verify == "off":
            continue
        codes = CODES if shape in ("openai", "anthropic", "native") else ("",)
        messages = MESSAGES if shape not in ("success", "empty") else ("",)
        for code, message in product(codes, messages):
            yield Cell(status, shape, code, message, host, age, verify)


class _Everything:
    """Gives every call with the key the one answer, and refuses a key that cannot exist as the service does."""

    def __init__(self, cell: Cell) -> None:
        kind = "text/html" if cell.shape == "html" else "application/json"
        self._answer = read("openai", cell.status, kind, cell.body.encode())
        self.calls = 0

    def __call__(self, url: str, key: str, question: Question) -> Answer:
        if key == CONTROL_KEY:
            return Answer(status=401, code="invalid_api_key")
        if urlsplit(url).hostname == f"{MADE_UP_LABEL}.cn-beijing.maas.aliyuncs.com":
            return self._answer  # the same everywhere: a control that does not discriminate
        self.calls += question.kind == "call"
        return self._answer


class Table:
    """Runs cells through the handler of the pair check."""

    def __init__(self, monkeypatch: Any) -> None:
        self._service: _Everything | None = None
        monkeypatch.setattr(probe, "ask_live", self._ask)

    def _ask(self, url: str, key: str, question: Question) -> Answer:
        assert self._service is not None
        return self._service(url, key, question)

    def run(self, cell: Cell) -> Result:
        """Put one cell through create."""
        self._service = _Everything(cell)
        said = Said()
        facts = {"MODEL_STUDIO_REGION": "cn-beijing", "MODEL_STUDIO_WORKSPACE_ID": "ws-a"}
        inputs: dict[str, Any] = {
            "apiKey": KEY,
            "urls": {"openai": HOSTS[cell.host]},
            "facts": facts,
            "keyId": "7",
            "verify": cell.verify,
            **AGES[cell.age],
        }
        cause, outcome, delivered, answered = "", "verified", True, False
        try:
            made = PairCheckHandler().create(said.call, inputs).state
            outcome, cause = str(made["outcome"]), str(made["cause"])
            answered = bool(made["proofs"]["openai"]["modelAnswered"])
        except RefusedError as refused:
            cause, delivered = str(refused), False
            outcome = cause.removeprefix("the pair is ").partition(":")[0]
        return Result(
            delivered, cast("Outcome", outcome), said.known.clock.time - START, self._service.calls, cause, answered
        )
