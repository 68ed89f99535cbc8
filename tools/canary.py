"""Looks for key material where none may be, in every spelling in which it could be printed or stored.

A scan proves something only if it finds what is there: `plant` puts a canary into a copy of each kind of place, in each
spelling, and the same scan must find every one of them before the real places are looked at. What the engine encrypted
with the stack's passphrase is no hiding place either: `Opener` decrypts it, and `plant` can encrypt its canary.
"""

from __future__ import annotations

import base64
import codecs
import contextlib
import gzip
import hashlib
import json
import os
import re
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

CANARY = "sk-ws-canary.a1"

_BASE64 = rb"[A-Za-z0-9+/]+=*"
_SALT = re.compile(rb"v1:(%(b)s):v1:(%(b)s):(%(b)s)" % {b"b": _BASE64})
"""A salt, and a text encrypted with its key, by which the engine tells whether the passphrase is right."""
_CIPHERTEXT = re.compile(rb"v1:(%(b)s):(%(b)s)" % {b"b": _BASE64})
_ITERATIONS = 1_000_000
_UNICODE = re.compile(rb"\\u00([0-9a-fA-F]{2})")
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Place:
    """Something that a person or a machine could read."""

    kind: str
    """As `state`, `event log`, `stdout`."""
    name: str
    content: bytes


class UnopenedError(Exception):
    """A place holds something encrypted that none of the known keys opens."""


@dataclass
class Opener:
    """Decrypts what the engine encrypted with a passphrase: AES-256-GCM, its key from PBKDF2 with SHA-256."""

    passphrase: str
    opened: int = 0
    """Texts decrypted so far."""
    _keys: dict[bytes, AESGCM] = field(default_factory=dict[bytes, AESGCM], repr=False)

    def open(self, places: Iterable[Place]) -> list[Place]:
        """Return the places that hold something encrypted, each with what it says decrypted added to it.

        Raises UnopenedError for a text that no salt in any of the places has the key of.
        """
        found = [(place, _SALT.sub(self._learn, _unpacked(place.content))) for place in places]
        opened = [(place, [self._text(place, *match) for match in _CIPHERTEXT.findall(rest)]) for place, rest in found]
        return [
            Place(place.kind, place.name, b"\n".join([_unpacked(place.content), *texts]))
            for place, texts in opened
            if texts or _SALT.search(_unpacked(place.content))
        ]

    def seal(self, text: str) -> str:
        """Encrypt a text as the engine would, with the first salt that was met. Raises UnopenedError without one."""
        if not self._keys:
            raise UnopenedError("no salt was met yet")
        nonce = os.urandom(12)
        sealed = next(iter(self._keys.values())).encrypt(nonce, text.encode(), None)
        return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(sealed).decode()}"

    def _learn(self, salt: re.Match[bytes]) -> bytes:
        """Make the key of a salt, see that it opens the text beside it, and leave neither in the content."""
        if salt[1] not in self._keys:
            raw = hashlib.pbkdf2_hmac(
                "sha256", self.passphrase.encode(), base64.b64decode(salt[1]), _ITERATIONS, dklen=32
            )
            key = AESGCM(raw)
            try:
                key.decrypt(base64.b64decode(salt[2]), base64.b64decode(salt[3]), None)
            except InvalidTag:
                raise UnopenedError("the passphrase is not the one of this salt") from None
            self._keys[salt[1]] = key
        return b""

    def _text(self, place: Place, nonce: bytes, sealed: bytes) -> bytes:
        for key in self._keys.values():
            with contextlib.suppress(InvalidTag, ValueError):
                text = key.decrypt(base64.b64decode(nonce), base64.b64decode(sealed), None)
                self.opened += 1
                return text
        raise UnopenedError(f"{place.kind} {place.name} holds something that was not decrypted")


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


def plant_sealed(kinds: Mapping[str, bytes], opener: Opener) -> list[Place]:
    """Return a copy of one place of each kind with the canary in it encrypted, once in each spelling."""
    return [
        Place(kind, f"{kind}, encrypted, {spelling}", content + json.dumps(opener.seal(spell(CANARY))).encode())
        for kind, content in kinds.items()
        for spelling, spell in SPELLINGS.items()
    ]


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
    content = _unpacked(content)
    unescaped = _UNICODE.sub(lambda m: codecs.decode(m[1], "hex"), content)
    return [content, unquote_to_bytes(content), unescaped]


def _unpacked(content: bytes) -> bytes:
    if content.startswith(_GZIP):
        with contextlib.suppress(OSError, EOFError, zlib.error):  # it only looks like a compressed file
            return gzip.decompress(content)
    return content


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
