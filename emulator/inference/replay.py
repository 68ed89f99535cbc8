"""Recorded answers, given back as they are: `POST /_admin/replay`. They live in memory: a restart clears them."""

import json
import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from emulator.hosts import Host
from emulator.inference.keys import find_holder, serves
from emulator.inference.protocol import Raw, Request
from emulator.state import Store

_FIXED_LABELS = ("trial", "token-plan")
_FRAMING = ("connection", "content-encoding", "content-length", "transfer-encoding")
_HEADER_NAME = re.compile(r"[A-Za-z0-9_-]+")
_HEADER_VALUE = re.compile(r"[!-~]([ -~]*[!-~])?")

KeyKind = Literal["good", "sibling", "junk", "none"]
"""good: a live key that the host serves. sibling: one of the region that a dedicated host does not serve. junk: any
other. none: the call carries none. At a host that is none of the service's, every live key of any plan is good."""


class Recorded(BaseModel):
    """One answer; fields that this has not (a source, a date) are left unread."""

    model_config = ConfigDict(hide_input_in_errors=True)

    method: str
    host: str
    """`*` is any, `*.<region>.maas.aliyuncs.com` that of any workspace of a region."""
    path: str
    """A query in it is not compared."""
    status: int = Field(ge=200, le=599)
    headers: Mapping[str, str] = Field(default_factory=dict[str, str])
    body: Any = ""
    """Text is sent as it is, anything else as JSON."""
    key: KeyKind | None = None
    """Only to calls with such a key."""
    request: Any = None
    """Only to calls with this body, compared as JSON; None: with any, or with none."""

    @field_validator("headers")
    @classmethod
    def _can_be_sent(cls, headers: Mapping[str, str]) -> dict[str, str]:
        """Leave out what tells how the recorded body was sent: this one is sent in another way."""
        for name, value in headers.items():
            if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
                raise ValueError("a header cannot be sent")
        return {name.lower(): value for name, value in headers.items() if name.lower() not in _FRAMING}

    def fits(self, request: Request, kind: KeyKind) -> bool:
        """Say whether this is the answer to a call."""
        return (
            self.method.upper() == request.method
            and self._is_host(request.host_name)
            and self.path.partition("?")[0] == request.path
            and self.key in (None, kind)
            and (self.request is None or self.request == _json(request.body))
        )

    def _is_host(self, name: str) -> bool:
        label, _, rest = name.partition(".")
        workspace_s = label not in _FIXED_LABELS
        return self.host in ("*", name) or (workspace_s and self.host == f"*.{rest}")

    def raw(self) -> Raw:
        """Return the answer."""
        text = isinstance(self.body, str)
        content = self.body if text else json.dumps(self.body)
        headers = {"content-type": "text/plain; charset=utf-8" if text else "application/json"}
        headers |= self.headers
        # These two have no body in HTTP.
        sent = b"" if self.status in (204, 304) else content.encode()
        return Raw(status=self.status, content=sent, headers=headers, logged={"replayed": "true"})


_LIST = TypeAdapter(list[Recorded])


class Replays:
    """The recorded answers in force."""

    def __init__(self) -> None:
        self._recorded: list[Recorded] = []

    def add(self, given: bytes) -> int:
        """Add a JSON list of them; later ones win. Raises ValidationError."""
        added = _LIST.validate_json(given)
        self._recorded += added
        return len(added)

    def clear(self) -> None:
        """Forget all."""
        self._recorded.clear()

    def find(self, store: Store, host: Host | None, request: Request, value: str) -> Raw | None:
        """Return the recorded answer to a call that carries this key."""
        if not self._recorded:
            return None
        kind = _kind(store, host, request.host_name, value)
        found = next((r for r in reversed(self._recorded) if r.fits(request, kind)), None)
        return found.raw() if found else None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _kind(store: Store, host: Host | None, host_name: str, value: str) -> KeyKind:
    if not value:
        return "none"
    if host is None:
        keys = [k.value for k in store.state.plan_keys] + [k.value for k in store.state.keys if not k.disabled]
        return "good" if value in keys else "junk"
    holder = find_holder(store, host, value)
    if holder.known not in ("live", "anybody"):
        return "junk"
    return "good" if serves(store, host, host_name, holder) else "sibling"
