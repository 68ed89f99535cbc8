"""Looks for key material where none may be, in every spelling in which it could be printed or stored.

A scan proves something only if it finds what is there: `plant` puts a canary into a copy of each kind of place, in each
spelling, and the same scan must find every one of them before the real places are looked at.
"""

from __future__ import annotations

import base64
import codecs
import contextlib
import gzip
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

CANARY = "sk-ws-canary.a1"

_UNICODE = re.compile(rb"\\u00([0-9a-fA-F]{2})")
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Place:
    """Something that a person or a machine could read."""

    kind: str
    """As `state`, `event log`, `stdout`."""
    name: str
    content: bytes


def _percent(secret: str) -> str:
    return "".join(f"%{byte:02X}" for byte in secret.encode())


def _escaped(secret: str) -> str:
    return "".join(f"\\u{ord(char):04x}" for char in secret)


SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "plain": str,
    "base64": lambda secret: base64.b64encode(f'{{"key":"{secret}"}}'.encode()).decode(),
    "url-escaped": _percent,
    "json-escaped": _escaped,
}


def find(secrets: Iterable[str], places: Iterable[Place]) -> list[tuple[Place, str]]:
    """Return each place that holds one of the secrets, with what is in it called by its place in the list only."""
    wanted = [secret.encode() for secret in secrets]
    found: list[tuple[Place, str]] = []
    for place in places:
        readings = _readings(place.content)
        for number, secret in enumerate(wanted):
            forms = [secret, *_base64_forms(secret)]
            if any(form in reading for reading in readings for form in forms) or secret.decode() in place.name:
                found.append((place, f"secret {number}"))
    return found


def plant(kinds: Mapping[str, bytes]) -> list[Place]:
    """Return a copy of one place of each kind with the canary in the middle, once in each spelling."""
    planted: list[Place] = []
    for kind, content in kinds.items():
        middle = len(content) // 2
        for spelling, spell in SPELLINGS.items():
            with_canary = content[:middle] + spell(CANARY).encode() + content[middle:]
            planted.append(Place(kind, f"{kind}, {spelling}", with_canary))
    return planted


def exceptions(errors: Iterable[BaseException]) -> list[Place]:
    """Return what could be printed of exceptions: text, representation and arguments."""
    return [
        Place("exception", type(error).__name__, "\n".join([str(error), repr(error), repr(error.args)]).encode())
        for error in errors
    ]


def _readings(content: bytes) -> list[bytes]:
    """Return content as it is, and as it reads once escapes are undone."""
    if content.startswith(_GZIP):
        with contextlib.suppress(OSError, EOFError, zlib.error):  # it only looks like a compressed file
            content = gzip.decompress(content)
    unescaped = _UNICODE.sub(lambda m: codecs.decode(m[1], "hex"), content)
    return [content, unquote_to_bytes(content), unescaped]


def _base64_forms(secret: bytes) -> list[bytes]:
    """Return what base64 makes of the secret wherever it starts in the encoded text, in both alphabets."""
    forms: list[bytes] = []
    for offset in range(3):
        padded = b"\0" * offset + secret
        encoded = base64.b64encode(padded)
        first = -(-offset * 8 // 6)  # characters that the bytes before it touch
        last = len(padded) * 8 // 6  # characters that are wholly made of known bytes
        forms += [encoded[first:last], encoded[first:last].replace(b"+", b"-").replace(b"/", b"_")]
    return forms


def summary(places: int, planted: int, found: int, real: int) -> str:
    """Return the line of `make evidence`."""
    return f"canary: {places} places, {planted} planted, {found} of {planted} planted found, {real} real"
