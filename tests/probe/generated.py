"""A table of answers that nobody has published: status x shape x code x message x host kind x age of the key x verify.

Each is put through the whole check. None may make it raise, and none may verify a dedicated host but an answer of a
model, or a control that discriminates.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Self, cast
from unittest import mock
from urllib.parse import urlsplit

from catalogue.access import VERIFY
from provider.client.times import iso
from provider.keys.ledger import Key
from provider.keys.proof import prove
from provider.keys.record_check import PATIENCE
from provider.keys.wanted import Wanted
from provider.probe import check as probe
from provider.probe import origin
from provider.probe.answer import Answer, read
from provider.probe.question import MADE_UP_LABEL, Question
from provider.resource import RefusedError
from tests.provider.doubles import START, Said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provider.probe.verdict import Outcome

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
AGES: dict[str, str] = {"new": iso(START), "old": iso(START - 86400)}
"""When the key was minted."""

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
        self._answer = read("openai", cell.status, cell.body.encode())
        self.calls = 0

    def __call__(self, url: str, key: str, question: Question) -> Answer:
        if key != KEY:
            return Answer(status=401, code="invalid_api_key")
        if urlsplit(url).hostname == f"{MADE_UP_LABEL}.cn-beijing.maas.aliyuncs.com":
            return self._answer  # the same everywhere: a control that does not discriminate
        self.calls += question.kind == "call"
        return self._answer


class Table:
    """Runs cells through the proof of a pair; while it is open, nothing else is asked."""

    def __init__(self) -> None:
        self._service: _Everything | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(mock.patch.object(probe, "ask_live", self._ask))
        self._stack.enter_context(mock.patch.object(origin, "of_any", return_value=""))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _ask(self, url: str, key: str, question: Question) -> Answer:
        assert self._service is not None
        return self._service(url, key, question)

    def run(self, cell: Cell) -> Result:
        """Prove the pair of one cell."""
        self._service = service = _Everything(cell)
        told = Said()
        wanted = Wanted.of(
            {
                "regionId": "cn-beijing",
                "workspaceId": "ws-a",
                "urls": {"openai": HOSTS[cell.host]},
                "domain": "dedicated",
                "verify": cell.verify,
            }
        )
        minted = Key(generation=1, key_id="7", region="cn-beijing", workspace="ws-a", created_at=AGES[cell.age])
        cause, outcome, delivered, answered = "", "verified", True, False
        try:
            made = prove(told.call, wanted, minted, KEY, before=None)
            outcome, cause = str(made.outcome), made.cause
            answered = bool(made.proofs["openai"]["modelAnswered"])
        except RefusedError as refused:
            cause, delivered = str(refused), False
            outcome = cause.removeprefix("the pair is ").partition(":")[0]
        waited = told.known.clock.time - START
        return Result(delivered, cast("Outcome", outcome), waited, service.calls, cause, answered)


NEVER_VERIFY = frozenset({302, 401, 402, 403, 405, 409, 415, 421, 422, 429, 500, 503})
_NAMED = ("endpoint", "workspace", "key")


def unsafe(cell: Cell, found: Result) -> str:
    """Return what is wrong with a result; "" when it is safe."""
    verified, refused = found.outcome == "verified", found.outcome == "refused"
    a_model_answered = 200 <= cell.status < 300 and cell.shape == "success"
    names_something = any(word in f"{cell.code} {cell.message}".lower() for word in _NAMED)
    wrong = {
        "a host is verified without an answer of a model or a control that discriminates": (
            verified and cell.host in ("dedicated", "other") and not a_model_answered
        ),
        "verified by an answer that never verifies": verified and cell.status in NEVER_VERIFY,
        "refused by an answer that never refuses": refused and cell.status not in (401, 403),
        "refused by a 403 that names nothing": refused and cell.status == 403 and not names_something,
        "delivered although it is refused": refused and found.delivered,
        "a model was called": bool(found.calls) and cell.verify != "required",
        "a model was called on a plan's host": bool(found.calls) and cell.host in ("token_plan", "coding_plan"),
        "waited for an old key": bool(found.waited) and cell.age == "old",
        "waited too long": found.waited > PATIENCE,
        "no cause is named": not verified and not found.cause,
        "the key is in the cause": KEY in found.cause,
    }
    return next((problem for problem, is_so in wrong.items() if is_so), "")
