"""Does this key open this URL? Asked of the service itself, at no cost in tokens.

Which call proves a key is not documented for the live service; the choices below are the safe reading, in one place:

* openai: `GET {base}/models`. Lists models, spends nothing.
* anthropic: `POST {base}/v1/messages` with the body `{}`. The key is looked at before the body (INFERRED from the
  documented 401 for a wrong key whatever the body), so a good key is answered 400 for the missing fields.
* dashscope: `GET {base}/models`, the documented list of models with a bearer key (six regions).

Each probe carries its negative control: the same call with a key that cannot exist must be refused with 401. Where it
is not, the next call in the list is tried: a service that looks at the body first is asked with a whole body, a host
without a list of models with a call of a model. No probe names a model that exists, so there is nothing to spend tokens
on, and an error about the model means that the key was let in. Where no call has a control that is refused, an answer
to the real key proves nothing, and the outcome is `inconclusive`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from provider.client.causes import known_cause, unnamed
from provider.client.redact import redact
from provider.client.shapes import Json, as_object

Outcome = Literal["verified", "refused", "inconclusive", "not_checkable"]
"""not_checkable: not from here, because of the key's IP list or because there is no route to the host."""

CONTROL_KEY = "sk-no-such-key"


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One call that a good key is let in to and a wrong one is not."""

    method: Literal["GET", "POST"]
    path: str
    """Behind the base URL."""
    body: Json | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


_MESSAGES = [{"role": "user", "content": "."}]
_ANTHROPIC = {"anthropic-version": "2023-06-01"}
ASKS: Mapping[str, tuple[Ask, ...]] = {
    "openai": (Ask(method="GET", path="/models"),),
    "anthropic": (
        Ask(method="POST", path="/v1/messages", body={}, headers=_ANTHROPIC),
        Ask(
            method="POST",
            path="/v1/messages",
            body={"model": "no-such-model", "max_tokens": 1, "messages": _MESSAGES},
            headers=_ANTHROPIC,
        ),
    ),
    "dashscope": (
        Ask(method="GET", path="/models"),
        Ask(
            method="POST",
            path="/services/aigc/text-generation/generation",
            body={"model": "no-such-model", "input": {"messages": _MESSAGES}},
        ),
    ),
}
"""By protocol, the cheapest first."""

TIMEOUT = (5.0, 20.0)
"""Seconds to connect, seconds to answer."""

_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _THROTTLED = 401, 403, 404, 429


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one call came to: a status, or 0 with the reason why there is none."""

    status: int
    code: str = ""
    message: str = ""
    unresolved: bool = False
    """The host name does not exist (yet)."""


Call = Callable[[str, str, Ask], Answer]
"""Base URL, key and what to ask."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The outcome for one URL, with the cause and what to do about it."""

    outcome: Outcome
    cause: str = ""
    may_pass_soon: bool = False
    """A key or host this new may not be known everywhere yet: worth asking again, for a bounded time."""
    unexplained: bool = False
    """The service says no more than that it refuses: worth looking into."""


def check(protocol: str, base_url: str, key: str, *, has_ip_list: bool, call: Call | None = None) -> Finding:
    """Say whether `key` opens `base_url`, by the probe of `protocol` and its negative control."""
    call = call or ask
    found = Finding(outcome="inconclusive", cause=f"there is no probe for the protocol {protocol}")
    for asked in ASKS.get(protocol, ()):
        real = call(base_url, key, asked)
        if real.status == 0:
            return judge(real, real, has_ip_list=has_ip_list)
        control = call(base_url, CONTROL_KEY, asked)
        found = judge(real, control, has_ip_list=has_ip_list)
        if control.status == _UNAUTHORIZED and not (real.status == _NOT_FOUND and not _about_model(real)):
            break
    return found


def ask(base_url: str, key: str, asked: Ask) -> Answer:
    """Make one call with `key`, as a bearer token. Never raises for what the network or the service does."""
    import requests  # noqa: PLC0415 - 0.2 s, only when a pair is checked

    headers = {"Authorization": f"Bearer {key}", **asked.headers}
    with requests.Session() as session:
        # Neither a .netrc entry nor, on loopback, a proxy may come between; a redirect would carry the key elsewhere.
        session.auth = _keep_headers
        session.trust_env = urlsplit(base_url).hostname not in ("127.0.0.1", "localhost", "::1")
        try:
            response = session.request(
                asked.method,
                f"{base_url}{asked.path}",
                json=asked.body,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
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
    known = known_cause(real.status, real.code, real.message)
    if known is not None and known.status is None:
        return Finding(outcome="refused", cause=f"{said}; {known.text}")
    if real.status == _THROTTLED or real.status >= 500:
        return Finding(outcome="inconclusive", cause=f"the service answered {said}")
    about_model = _about_model(real)
    if real.status == _FORBIDDEN and has_ip_list and not about_model and known is None:
        cause = f"the key opens only from its allowed_ips, and this machine is not among them ({said})"
        return Finding(outcome="not_checkable", cause=cause)
    if real.status == _UNAUTHORIZED or (real.status == _FORBIDDEN and not about_model):
        return Finding(
            outcome="refused",
            cause=f"{said}; {known.text if known else unnamed(real.status)}",
            may_pass_soon=real.status == _UNAUTHORIZED,
            unexplained=known is None,
        )
    if control.status == real.status == _NOT_FOUND and not about_model:
        return Finding(outcome="inconclusive", cause=f"the host does not know this path ({said})")
    if control.status != _UNAUTHORIZED:
        got = control.status or control.message
        cause = f"a key that cannot exist was not refused with 401 either (got {got})"
        return Finding(outcome="inconclusive", cause=cause)
    if real.status == _NOT_FOUND and not about_model:
        return Finding(outcome="inconclusive", cause=f"the host does not know this path ({said})")
    return Finding(outcome="verified")


def _about_model(answer: Answer) -> bool:
    return "model" in answer.code.lower() and answer.status in (_FORBIDDEN, _NOT_FOUND)


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
