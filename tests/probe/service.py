"""A service in a few lines, for the order in which it looks at a call: every order, in milliseconds.

It shares nothing with the emulator. Its texts are those of published answers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from provider.probe.answer import Answer, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from provider.probe.question import Question

Step = Literal["key", "model", "workspace", "bill", "body"]
SEEN: tuple[Step, ...] = ("key", "model", "workspace", "bill", "body")
"""The order that published answers suggest."""
MODELS = frozenset({"qwen-flash", "qwen-plus", "qwen3-32b", "text-embedding-v4"})
SHARED = {"dashscope.aliyuncs.com": "cn-beijing", "dashscope-intl.aliyuncs.com": "ap-southeast-1"}


@dataclass(frozen=True, kw_only=True)
class Key:
    """A key: of a workspace, or of a plan."""

    value: str
    region: str
    workspace: str = ""
    plan: str = "pay_as_you_go"


Denial = tuple[int, str, str]
_UNKNOWN_KEY: Denial = (401, "invalid_api_key", "Incorrect API key provided. ")
_ENDPOINT: Denial = (403, "Endpoint.AccessDenied", "Workspace endpoint access denied.")
_BILLS: dict[str, Denial] = {
    "arrears": (400, "Arrearage", "Access denied, please make sure your account is in good standing."),
    "quota": (429, "insufficient_quota", "You exceeded your current quota."),
    "unpurchased": (403, "AccessDenied.Unpurchased", "Access to model denied. Please make sure you are eligible."),
    "free_tier": (403, "AllocationQuota.FreeTierOnly", "The free tier of the model has been exhausted."),
}


@dataclass(kw_only=True)
class Service:
    """Knows its keys, and answers in one order of checks."""

    keys: Sequence[Key]
    order: Sequence[Step] = SEEN
    bill: str = ""
    sibling: Literal["denied", "unauthorized"] = "denied"
    coding_agents: Literal["", "before_key", "after_key"] = ""
    retired: frozenset[str] = frozenset()
    asked: list[tuple[str, str, Question]] = field(default_factory=list[tuple[str, str, "Question"]])
    tokens: int = 0

    def __call__(self, url: str, key: str, question: Question) -> Answer:
        host = urlsplit(url).hostname or ""
        self.asked.append((host, key, question))
        status, body = self._answer(host, key, question)
        return read(question.protocol, status, "application/json", json.dumps(body).encode())

    def _answer(self, host: str, value: str, question: Question) -> tuple[int, Any]:
        domain, region = _place(host)
        key = next((k for k in self.keys if k.value == value and k.region == region and _fits(k, domain)), None)
        if domain == "coding_plan" and self.coding_agents and (key or self.coding_agents == "before_key"):
            return 405, {"error": "Coding Plan is currently only available for Coding Agents"}
        if question.kind == "list":
            return self._list(domain, key, question)
        for step in self.order:
            denial = self._denial(step, domain, host, key, question)
            if denial is not None:
                return denial[0], _error(question.protocol, denial)
        self.tokens += 1
        return 200, _ANSWERS[question.protocol]

    def _list(self, domain: str, key: Key | None, question: Question) -> tuple[int, Any]:
        if domain == "coding_plan":
            return 404, None
        if key is None:
            return 401, _error(question.protocol, _UNKNOWN_KEY)
        if question.protocol == "dashscope":
            return 200, {"output": {"models": [{"model": name} for name in sorted(MODELS)]}}
        return 200, {"object": "list", "data": [{"id": name} for name in sorted(MODELS)]}

    def _denial(self, step: Step, domain: str, host: str, key: Key | None, question: Question) -> Denial | None:
        body: Any = question.body
        if step == "key":
            return _UNKNOWN_KEY if key is None else None
        if step == "model":
            unknown = body["model"] not in MODELS or (domain != "dedicated" and body["model"] in self.retired)
            return (404, "model_not_found", f"The model `{body['model']}` does not exist.") if unknown else None
        if step == "workspace":
            return self._endpoint(domain, host, key, body["model"])
        if step == "bill":
            return _BILLS.get(self.bill)
        return None if _has_content(body) else (400, "InvalidParameter", "messages must not be empty")

    def _endpoint(self, domain: str, host: str, key: Key | None, model: str) -> Denial | None:
        if domain != "dedicated" or (key is not None and host.startswith(f"{key.workspace}.")):
            return _ENDPOINT if model in self.retired and domain == "dedicated" else None
        return _UNKNOWN_KEY if self.sibling == "unauthorized" else _ENDPOINT


def _place(host: str) -> tuple[str, str]:
    if host in SHARED:
        return "shared", SHARED[host]
    if host == "coding.dashscope.aliyuncs.com":
        return "coding_plan", "cn-beijing"
    label, region = host.split(".")[:2]
    return {"trial": "trial", "token-plan": "token_plan"}.get(label, "dedicated"), region


def _fits(key: Key, domain: str) -> bool:
    return key.plan == (domain if domain.endswith("_plan") else "pay_as_you_go")


def _has_content(body: Any) -> bool:
    given: Any = body.get("input", body.get("messages"))
    parts: list[Any] = [*given.values()] if isinstance(given, dict) else given  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - JSON
    return any(parts)


def _error(protocol: str, denial: Denial) -> Any:
    _, code, message = denial
    if protocol == "anthropic":
        return {"type": "error", "error": {"type": "invalid_request_error", "message": message}}
    return {"error": {"code": code, "message": message}} if protocol == "openai" else {"code": code, "message": message}


_ANSWERS: dict[str, Any] = {
    "openai": {"object": "chat.completion", "choices": [{"index": 0}]},
    "anthropic": {"type": "message", "role": "assistant", "content": []},
    "dashscope": {"output": {"choices": [{"index": 0}]}},
}
