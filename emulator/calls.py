"""The record of calls received, without a secret in it."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from emulator.openapi import Product

_SECRET_NAMES = frozenset(
    {"SecretData", "Data", "Content", "Value", "Constraints"}
    | {"apiKeyValue", "SecurityToken", "x-api-key", "Authorization"}
)
"""`Constraints` of a parameter can list the values that it allows."""
_PROTOCOL_NAMES = frozenset(
    {"AccessKeyId", "Action", "Format", "Signature", "SignatureMethod", "SignatureNonce", "SignatureType"}
    | {"SignatureVersion", "Timestamp", "Version"}
)
_KEY = re.compile(r"\b(?:sk|st)-[A-Za-z0-9._-]+")


class Received(BaseModel):
    """One call. `status` 0 means that no answer was given."""

    n: int
    time: str
    product: Product
    operation: str
    region: str
    method: str
    path: str
    params: dict[str, str]
    status: int
    fault: str | None = None
    """Kind of the fault that struck; `internal: ...` for a defect of the emulator itself."""


class CallLog:
    """All calls, in memory and as one JSON line each in `calls.jsonl`; numbered on across restarts."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "calls.jsonl"
        lines = self._file.read_text(encoding="utf-8").splitlines() if self._file.exists() else []
        self._calls = [call for call in map(_parsed, lines) if call]

    def add(
        self,
        *,
        product: Product,
        operation: str,
        region: str,
        method: str,
        path: str,
        params: Mapping[str, str],
        status: int,
        fault: str | None,
    ) -> None:
        """Record a call; secrets in its parameters are replaced here."""
        call = Received(
            n=self._calls[-1].n + 1 if self._calls else 1,
            time=datetime.now(UTC).isoformat(timespec="milliseconds"),
            product=product,
            operation=operation,
            region=region,
            method=method,
            path=_KEY.sub(lambda found: digest(found[0]), path),
            params=redacted(params),
            status=status,
            fault=fault,
        )
        self._calls.append(call)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(call.model_dump()) + "\n")

    def since(self, n: int) -> list[Received]:
        """Return the calls after number `n`."""
        return [call for call in self._calls if call.n > n]


def redacted(params: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters that may be shown: secret values as digests, those of the protocol left out."""
    return {
        name: digest(value) if name in _SECRET_NAMES else _KEY.sub(lambda found: digest(found[0]), value)
        for name, value in params.items()
        if name not in _PROTOCOL_NAMES
    }


def digest(value: str) -> str:
    """Return what stands for a secret: equal values have equal digests."""
    return f"digest:{hashlib.sha256(value.encode()).hexdigest()[:12]}"


def _parsed(line: str) -> Received | None:
    """Read one line back; the last one may be torn if the emulator was killed."""
    try:
        return Received.model_validate_json(line)
    except ValidationError:
        return None
