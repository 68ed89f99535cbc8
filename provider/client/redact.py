"""Takes key material out of every text that leaves this process: once, here.

The vendor's SDK puts whole answers and URLs into its exceptions, and an answer may hold a key.
"""

import base64
import json
import re
import threading
from contextlib import suppress
from typing import Any
from urllib.parse import quote, quote_plus

from catalogue.record import PUBLIC_NAMES
from provider.client.shapes import as_list, as_object

MASK = "[redacted]"
_SHORTEST = 6
"""A known secret shorter than this many characters is not searched for: it would blank ordinary words."""

_PATTERNS = (
    re.compile(r"(?<![A-Za-z0-9])(?:sk|st)-[A-Za-z0-9._%+/=-]+"),
    re.compile(r"\bLTAI[A-Za-z0-9]+"),
    re.compile(
        r"(?i)(signature|credential|authorization|access_?key_?(?:id|secret)|security_?token)(=|: ?|%3D)[^\s&,'\"]+"
    ),
)
_known: set[str] = set()
_lock = threading.Lock()


def remember(value: Any) -> None:
    """Note every text inside `value` as secret from now on, in the spellings in which it could be printed."""
    if isinstance(value, str):
        if len(value) < _SHORTEST:
            return
        raw = value.encode()
        spellings = {
            value,
            json.dumps(value)[1:-1],
            quote(value, safe=""),
            quote_plus(value),
            base64.b64encode(raw).decode(),
            base64.urlsafe_b64encode(raw).decode(),
        }
        with _lock:
            _known.update(spellings)
    elif isinstance(value, dict):
        for item in as_object(value).values():
            remember(item)
    elif isinstance(value, list):
        for item in as_list(value):
            remember(item)


def remember_record(text: str) -> None:
    """Note what a secret store holds: the whole text and, where it is JSON, each value in it that is not public.

    A key inside a record needs an entry of its own: the record's other spellings (base64, percent-encoded) do not
    contain those of the key. URLs, regions and the like are left out, or no message could name a place any more.
    """
    remember(text)
    with suppress(ValueError, RecursionError):
        content = json.loads(text)
        remember(as_list(content))
        remember([value for name, value in as_object(content).items() if not _is_public(name)])


def _is_public(name: str) -> bool:
    return any(name == public or name.endswith(f"_{public}") for public in PUBLIC_NAMES)


def redact(text: str) -> str:
    """Return `text` with every remembered secret, and all that looks like a key or a signature, masked."""
    with _lock:
        known = sorted(_known, key=len, reverse=True)
    for secret in known:
        text = text.replace(secret, MASK)
    for pattern in _PATTERNS:
        text = pattern.sub(MASK, text)
    return text


_FRAGMENT = 12
"""Characters of a secret that are not shown together."""


def without(secret: str, text: str) -> str:
    """Return `text` with every longer fragment of `secret` masked, in any letter case: an answer may quote a part."""
    if len(secret) < _FRAGMENT:
        return text
    lower, whole = text.lower(), secret.lower()
    hidden = [False] * len(text)
    for start in range(len(whole) - _FRAGMENT + 1):
        at = lower.find(whole[start : start + _FRAGMENT])
        while at >= 0:
            hidden[at : at + _FRAGMENT] = [True] * _FRAGMENT
            at = lower.find(whole[start : start + _FRAGMENT], at + 1)
    shown = [MASK if h and not (i and hidden[i - 1]) else "" if h else text[i] for i, h in enumerate(hidden)]
    return "".join(shown)
