"""Makes one call of a check. Never raises for what the network or the service does."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from provider.probe.answer import MAX_BODY, Answer, read
from provider.probe.question import Question
from provider.version import VERSION

Ask = Callable[[str, str, Question], Answer]
"""Base URL, key and what to ask."""

TIMEOUT = (5.0, 30.0)
"""Seconds to connect, seconds between two pieces of an answer."""
WHOLE = 60.0
"""Seconds for which an answer is read: a stream may have no end."""
_PIECE = 65536


USER_AGENT = f"pulumi-modelstudio/{VERSION}"
"""What this is. Some hosts answer coding agents alone (d093): it never takes the name of one."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """An answer as it came, with whatever secret is in it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(base_url: str, key: str, question: Question, *, heard: Callable[[Heard], None] | None = None) -> Answer:
    """Make one call with `key`, as a bearer token; "" for none. `heard` gets the answer as it came, where one came."""
    import requests  # noqa: PLC0415 - 0.2 s, only when a pair is checked

    # ASSUMPTION x-api-key-not-taken
    bearer = {"Authorization": f"Bearer {key}"} if key else {}
    headers = {**bearer, "User-Agent": USER_AGENT, **question.headers}
    with requests.Session() as session:
        # Neither a .netrc entry nor, on loopback, a proxy may come between; a redirect would carry the key elsewhere.
        session.auth = _keep_headers
        session.trust_env = urlsplit(base_url).hostname not in ("127.0.0.1", "localhost", "::1")
        try:
            with session.request(
                question.method,
                f"{base_url}{question.path}",
                json=question.body,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _start_of(response)
                if heard is not None:
                    heard(Heard(status=response.status_code, headers=response.headers, body=body))
                return read(question.protocol, response.status_code, response.headers.get("Content-Type", ""), body)
        except (requests.RequestException, OSError, ValueError) as exc:
            text = str(exc)
            unresolved = any(sign in text for sign in ("NameResolution", "not known", "getaddrinfo"))
            return Answer(status=0, message=type(exc).__name__, unresolved=unresolved)


def _start_of(response: Any) -> bytes:
    """Return as much of a body as is looked at."""
    found, end = b"", time.monotonic() + WHOLE
    for piece in response.iter_content(_PIECE):
        found += piece
        if len(found) >= MAX_BODY or time.monotonic() > end:
            break
    return found


def _keep_headers(request: Any) -> Any:
    return request
