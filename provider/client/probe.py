"""Does this key open this URL? Asked of the service itself, at no cost in tokens.

Which call proves a key is not documented for the live service; the choices below are the safe reading, in one place:

* openai: `GET {base}/models`. Lists models, spends nothing.
* anthropic: `POST {base}/v1/messages` with the body `{}`. The key is looked at before the body (INFERRED from the
  documented 401 for a wrong key whatever the body), so a good key is answered 400 for the missing fields. A service
  that looks at the body first answers the control 400 too; it is asked again with a whole body that names a model
  which cannot exist, so that there is nothing to spend tokens on.

No probe names a model that exists: an error about the model means that the key was let in.

Each probe carries its negative control: the same call with a key that cannot exist must be refused with 401. Where it
is not, an answer to the real key proves nothing, and the outcome is `inconclusive`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from provider.client.redact import redact
from provider.client.shapes import Json, as_object

Outcome = Literal["verified", "refused", "inconclusive", "not_checkable"]
"""not_checkable: not from here, because of the key's IP list or because there is no route to the host."""

CONTROL_KEY = "sk-no-such-key"
_WHOLE_BODY: Json = {
    "model": "no-such-model",
    "max_tokens": 1,
    "messages": [{"role": "user", "content": "."}],
}
TIMEOUT = (5.0, 20.0)
"""Seconds to connect, seconds to answer."""

_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _THROTTLED = 401, 403, 404, 429
_BODY_FIRST = (400, 422)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one call came to: a status, or 0 with the reason why there is none."""

    status: int
    code: str = ""
    message: str = ""
    unresolved: bool = False
    """The host name does not exist (yet)."""


Call = Callable[[str, str, str, Json | None], Answer]
"""Protocol, base URL, key and body of a probe call."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The outcome for one URL, with the cause and what to do about it."""

    outcome: Outcome
    cause: str = ""
    may_pass_soon: bool = False
    """A key or host this new may not be known everywhere yet: worth asking again, for a bounded time."""


def check(protocol: str, base_url: str, key: str, *, has_ip_list: bool, call: Call | None = None) -> Finding:
    """Say whether `key` opens `base_url`, by the probe of `protocol` and its negative control."""
    call = call or ask
    body: Json | None = None if protocol == "openai" else {}
    real = call(protocol, base_url, key, body)
    if real.status == 0:
        return judge(real, real, has_ip_list=has_ip_list)
    control = call(protocol, base_url, CONTROL_KEY, body)
    if body is not None and control.status in _BODY_FIRST:
        real, control = (call(protocol, base_url, k, _WHOLE_BODY) for k in (key, CONTROL_KEY))
    return judge(real, control, has_ip_list=has_ip_list)


def ask(protocol: str, base_url: str, key: str, body: Json | None) -> Answer:
    """Make the probe call of `protocol` with `key`. Never raises for what the network or the service does."""
    import requests  # noqa: PLC0415 - 0.2 s, only when a pair is checked

    openai = protocol == "openai"
    method, url = ("GET", f"{base_url}/models") if openai else ("POST", f"{base_url}/v1/messages")
    headers = {"Authorization": f"Bearer {key}"}
    if protocol == "anthropic":
        headers |= {"x-api-key": key, "anthropic-version": "2023-06-01"}
    with requests.Session() as session:
        # Neither a .netrc entry nor, on loopback, a proxy may come between; a redirect would carry the key elsewhere.
        session.auth = _keep_headers
        session.trust_env = urlsplit(base_url).hostname not in ("127.0.0.1", "localhost", "::1")
        try:
            response = session.request(method, url, json=body, headers=headers, timeout=TIMEOUT, allow_redirects=False)
        except requests.RequestException as exc:
            text = str(exc)
            unresolved = any(sign in text for sign in ("NameResolution", "not known", "getaddrinfo"))
            return Answer(status=0, message=type(exc).__name__, unresolved=unresolved)
        code, message = _error_of(response)
        return Answer(status=response.status_code, code=code, message=message)


def judge(real: Answer, control: Answer, *, has_ip_list: bool) -> Finding:
    """Say what two answers prove about the pair."""
    if real.status == 0:
        if real.unresolved:
            return Finding(
                outcome="not_checkable", cause="the host name does not resolve from here", may_pass_soon=True
            )
        return Finding(outcome="not_checkable", cause=f"no route from here ({real.message})")
    said = f"{real.status}{f' {real.code}' if real.code else ''}{f': {real.message}' if real.message else ''}"
    if real.status == _THROTTLED or real.status >= 500:
        return Finding(outcome="inconclusive", cause=f"the service answered {said}")
    about_model = "model" in real.code.lower() and real.status in (_FORBIDDEN, _NOT_FOUND)
    if real.status == _FORBIDDEN and has_ip_list and not about_model:
        cause = f"the key opens only from its allowed_ips, and this machine is not among them ({said})"
        return Finding(outcome="not_checkable", cause=cause)
    if real.status == _UNAUTHORIZED or (real.status == _FORBIDDEN and not about_model):
        return Finding(outcome="refused", cause=f"{said}; {_cause(real)}", may_pass_soon=real.status == _UNAUTHORIZED)
    if control.status != _UNAUTHORIZED:
        got = control.status or control.message
        cause = f"a key that cannot exist was not refused with 401 either (got {got})"
        return Finding(outcome="inconclusive", cause=cause)
    if real.status == _NOT_FOUND and not about_model:
        return Finding(outcome="inconclusive", cause=f"the host does not know this path ({said})")
    return Finding(outcome="verified")


def _cause(answer: Answer) -> str:
    """Name the cause as far as the code allows (the vendor's error-code pages)."""
    code = f"{answer.code} {answer.message}".lower()
    for sign, cause in (
        ("unpurchased", "Model Studio is not activated for this account: activate it once in the console"),
        ("arrearage", "the account has unpaid bills"),
        ("workspace", "the workspace does not allow it: key and host belong to different workspaces, or it is gone"),
        ("token expired", "a plan key on a pay-as-you-go URL, or the other way round"),
    ):
        if sign in code:
            return cause
    if answer.status == _UNAUTHORIZED:
        return (
            "the key is unknown, disabled or deleted, or it belongs to another workspace, region or billing plan "
            "than this URL"
        )
    return "the key may not do this: look at its models and allowed_ips"


def _keep_headers(request: Any) -> Any:
    return request


def _error_of(response: Any) -> tuple[str, str]:
    """Return code and message of an error answer in the openai, anthropic or native shape."""
    if response.status_code < 400:
        return "", ""
    try:
        body = as_object(response.json())
    except ValueError:
        return "", ""
    inner = as_object(body.get("error")) or body
    code = str(inner.get("code") or inner.get("type") or "")
    return redact(code)[:80], redact(str(inner.get("message") or ""))[:200]
