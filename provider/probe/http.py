"""Makes one call of a check. Never raises for what the network or the service does."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from catalogue.urls import LOOPBACK
from provider.client.redact import without
from provider.probe.answer import MAX_BODY, Answer, read
from provider.probe.question import Question
from provider.version import VERSION

Ask = Callable[[str, str, Question], Answer]
"""Base URL, key and what to ask."""

TIMEOUT = (5.0, 30.0)
"""Seconds to connect, seconds between two pieces of an answer."""
WHOLE = 45.0
"""Seconds for one call in all."""
_PIECE = 65536


USER_AGENT = f"pulumi-modelstudio/{VERSION}"
"""What this is. Some hosts answer coding agents alone (d093): it never takes the name of one."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """An answer as it came, with whatever secret is in it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Hear = Callable[[Heard], None]
"""Gets the answer as it came, where one came."""


def ask(base_url: str, key: str, question: Question, *, heard: Hear | None = None) -> Answer:
    """Make one call with `key`, as a bearer token; "" for none.

    It takes at most `WHOLE` seconds, whatever the host does: a trickle of bytes would hold any other time-out off.
    """
    found: list[Answer] = []

    def run() -> None:
        try:
            found.append(_ask(base_url, key, question, heard))
        except Exception as exc:  # noqa: BLE001 - whatever an answer does to the client, it is no answer
            found.append(Answer(status=0, message=type(exc).__name__))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(WHOLE)
    answer = found[0] if found else Answer(status=0, message="Timeout")
    return replace(answer, code=without(key, answer.code), message=without(key, answer.message))


def _ask(base_url: str, key: str, question: Question, heard: Hear | None) -> Answer:
    import requests  # noqa: PLC0415 - 0.2 s, only when a pair is checked

    # ASSUMPTION x-api-key-not-taken
    bearer = {"Authorization": f"Bearer {key}"} if key else {}
    headers = {**bearer, "User-Agent": USER_AGENT, **question.headers}
    with requests.Session() as session:
        # Neither a .netrc entry nor, on loopback, a proxy may come between; a redirect would carry the key elsewhere.
        session.auth = _keep_headers
        session.trust_env = urlsplit(base_url).hostname not in LOOPBACK
        try:
            with session.request(
                question.method,
                f"{_http_of(base_url)}{question.path}",
                json=question.body,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _start_of(response)
                if heard is not None:
                    heard(Heard(status=response.status_code, headers=response.headers, body=body))
                return read(question.protocol, response.status_code, body)
        except (requests.RequestException, OSError, ValueError) as exc:
            text = str(exc)
            unresolved = any(sign in text for sign in ("NameResolution", "not known", "getaddrinfo"))
            return Answer(status=0, message=type(exc).__name__, unresolved=unresolved)


def _http_of(url: str) -> str:
    """Return where a websocket's handshake goes: it is a call of HTTP until it is accepted."""
    return url.replace("ws", "http", 1) if url.startswith(("ws://", "wss://")) else url


def _start_of(response: Any) -> bytes:
    """Return as much of a body as is looked at."""
    found = b""
    for piece in response.iter_content(_PIECE):
        found += piece
        if len(found) >= MAX_BODY:
            break
    return found


def _keep_headers(request: Any) -> Any:
    return request
