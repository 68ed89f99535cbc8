"""What one answer of an inference host means: by its status, then its code, then its message. Pure.

Codes and messages vary by protocol, host and month (`tests/data/observed/answers.json`), so a meaning is named by as
little of them as tells it apart, and what is not recognised is `unclear`: it proves nothing either way.
"""

import re
from typing import Literal

from provider.probe.answer import Answer

Meaning = Literal[
    "model_answered",
    "models_listed",
    "handshake_accepted",
    "body_refused",
    "model_unknown",
    "model_denied",
    "free_tier",
    "not_purchased",
    "unpaid",
    "throttled",
    "key_refused",
    "key_blocked",
    "endpoint_denied",
    "workspace_denied",
    "address_denied",
    "client_refused",
    "no_path",
    "unclear",
    "no_answer",
]

STOPPED: frozenset[Meaning] = frozenset({"model_denied", "free_tier", "not_purchased", "unpaid", "throttled"})
"""The key is known, but the account or the model is in the way: proves neither host nor refusal."""
OPENS: frozenset[Meaning] = frozenset(
    {"model_answered", "models_listed", "handshake_accepted", "body_refused", "model_unknown"}
)
"""Answers that nothing is in the way of."""
LET_IN: frozenset[Meaning] = STOPPED | OPENS
"""Answers that a key gets only after it was looked at, where a key that cannot exist is refused with 401."""
DENIED: frozenset[Meaning] = frozenset({"endpoint_denied", "workspace_denied"})
REFUSED: frozenset[Meaning] = frozenset({"key_refused", "key_blocked"})

_MODEL = re.compile(r"\bmodel\b")
_NO_MODEL = re.compile(
    r"\bmodel\b.*\b(?:not (?:exist|found|supported|available)|does not|doesn't|unsupported|unknown|invalid)\b"
    r"|\b(?:unsupported|unknown|invalid|no such) model\b"
)
_NOT_ALLOWED = r"(?:denied|forbidden|not (?:allowed|permitted|authori[sz]ed)|no (?:permission|right|access))"
_ENDPOINT = re.compile(r"\bworkspace endpoint\b.*\bdenied\b")
_WORKSPACE = re.compile(rf"\bworkspace\b.*\b{_NOT_ALLOWED}\b|\b{_NOT_ALLOWED}\b.*\bworkspace\b")
_BLOCKED = re.compile(r"\bapi[- ]?key (?:is|was|has been) (?:blocked|disabled)\b")
_ADDRESS = re.compile(r"\bips?\b|\bip[ _-]?address|white ?list|allow ?list|source address")
_FIELDS = re.compile(
    r"\b(messages|max_tokens|max_completion_tokens|input|prompt|contents?|stream|temperature|top_p"
    r"|tools|tool_choice|response_format|enable_thinking|parameters?)\b"
)
_NEVER_TELL = frozenset({402, 405, 409, 415, 421})
"""Statuses that neither verify nor refuse, whatever the body says."""


def meaning_of(answer: Answer) -> Meaning:
    """Return what the answer means; `unclear` for what is not known to mean anything."""
    status = answer.status
    code, text = re.sub(r"[^a-z0-9]", "", answer.code.lower()), answer.message.lower()
    if status == 0:
        return "no_answer"
    if answer.result == "websocket":
        return "handshake_accepted"
    if 200 <= status < 300:
        if answer.result == "model_answer":
            return "model_answered"
        return "models_listed" if answer.result == "models" else "unclear"
    if status == 401:
        return "key_blocked" if _is_blocked(code, text) else "key_refused"
    if status in _NEVER_TELL:
        # ASSUMPTION coding-agents-only
        return "client_refused" if status == 405 and "coding agent" in text else "unclear"
    if status not in (400, 403, 404, 429):
        return "unclear"
    return _account(code, text) or _REST[status](code, text)


def _account(code: str, text: str) -> Meaning | None:
    """Return what is wrong with the account's money, which is answered with whatever status.

    ASSUMPTION account-told-by-code.
    """
    if "arrear" in code or "billoverdue" in code or "overdue-payment" in text or "good standing" in text:
        return "unpaid"
    if "commoditynotpurchased" in code or "unpurchased" in code:
        return "not_purchased"
    if "freetier" in code or "free tier" in text or "free allocated quota" in text:
        return "free_tier"
    return None


def _bad_request(code: str, text: str) -> Meaning:
    # ASSUMPTION unknown-model-told
    if "model" in code or _NO_MODEL.search(text):
        return "model_unknown"
    if "workspace" in code or "apikey" in code or "workspace" in text:
        return "unclear"
    # A code that names a parameter, or a message that names a field: only whoever reads the body can say that.
    return "body_refused" if "parameter" in code or _FIELDS.search(text) else "unclear"


def _forbidden(code: str, text: str) -> Meaning:
    if "endpointaccessdenied" in code or ("model" not in code and _ENDPOINT.search(text)):
        return "endpoint_denied"
    if "workspaceaccessdenied" in code:
        return "workspace_denied"
    if _is_blocked(code, text):
        return "key_blocked"
    if _names_key(code, text):
        return "key_refused"
    if _is_about_model(code, text):  # ASSUMPTION model-denied-403
        return "model_denied"
    # ASSUMPTION owner-without-right
    if _WORKSPACE.search(text):
        return "workspace_denied"
    # ASSUMPTION ip-denial-wording
    return "address_denied" if _ADDRESS.search(text) or _ADDRESS.search(code) else "unclear"


def _not_found(code: str, text: str) -> Meaning:
    if _is_about_model(code, text):
        return "model_unknown"
    return "unclear" if "workspace" in code or "workspace" in text else "no_path"


def _too_many(code: str, text: str) -> Meaning:
    del code, text  # ASSUMPTION throttled-key-let-in
    return "throttled"


_REST = {400: _bad_request, 403: _forbidden, 404: _not_found, 429: _too_many}


def _is_about_model(code: str, text: str) -> bool:
    return "model" in code or _MODEL.search(text) is not None


def _names_key(code: str, text: str) -> bool:
    """Whether an error other than 401 says that the key is none (ASSUMPTION plan-key-told)."""
    return "invalidapikey" in code or re.search(r"invalid api[- ]?key", text) is not None


def _is_blocked(code: str, text: str) -> bool:
    """Whether the key itself is blocked (ASSUMPTION disabled-key-is-blocked); a firewall may call a request blocked."""
    return "keyblocked" in code or "keydisabled" in code or _BLOCKED.search(text) is not None
