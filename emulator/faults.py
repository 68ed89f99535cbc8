"""Faults put in through `POST /_admin/faults`, and how a connection is really cut."""

import socket
import struct
from asyncio import Transport
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from emulator.openapi import Product, Refusal

Kind = Literal["refuse", "delay", "429", "500", "cut_before", "cut_after", "truncate"]

TRANSPORT = "emulator.transport"
"""Name of the ASGI extension that holds the connection (server.py puts it there)."""


class Fault(BaseModel):
    """A fault for the nth call of an operation from now on, and the following ones up to `times`.

    refuse: reset at once. delay: answer after `seconds`. 429, 500: that status, nothing done. cut_before, cut_after:
    closed without an answer, the change not done or done. truncate: the change done, then status 200 with the whole
    Content-Length and half of the body.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    operation: str
    """The vendor's name of the action, `inference:models`, `inference:chat`, `nacos:config`, ...; `*` is every call."""
    product: Product | None = None
    """Whose call: more than one product has a `ListTagResources`. None: any."""
    kind: Kind
    nth: int = Field(default=1, ge=1)
    times: int = Field(default=1, ge=1)
    seconds: float = Field(default=0, ge=0)
    retry_after: float | None = Field(default=None, ge=0)
    """Seconds, told with a 429 in `Retry-After` and (in milliseconds) in `x-acs-retry-after`."""
    seen: int = 0
    """Matching calls so far."""

    @field_validator("kind", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> str:
        return str(value)

    def strikes(self, product: str, operation: str) -> bool:
        """Count a call of `operation`; say whether the fault strikes it."""
        if self.operation not in ("*", operation) or self.product not in (None, product):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times

    @property
    def headers(self) -> dict[str, str]:
        """What a 429 tells about when to come back."""
        if self.retry_after is None:
            return {}
        return {"Retry-After": f"{self.retry_after:g}", "x-acs-retry-after": f"{self.retry_after * 1000:.0f}"}

    @property
    def refusal(self) -> Refusal:
        """The error of the kinds `429` and `500`."""
        if self.kind == "429":
            return Refusal(429, "Throttling.User", "Request was denied due to user flow control.")
        return Refusal(500, "InternalFailure", "The request processing has failed.")


class Faults:
    """The faults in force. They live in memory: a restart clears them."""

    def __init__(self) -> None:
        self.active: list[Fault] = []

    def take(self, product: str, operation: str) -> Fault | None:
        """Count a call for every fault; return the first one that strikes it."""
        striking = [fault for fault in self.active if fault.strikes(product, operation)]
        return striking[0] if striking else None


class CutResponse(Response):
    """No answer: the connection is closed, or (`reset`) reset as by a host that refuses it."""

    def __init__(self, *, reset: bool) -> None:
        super().__init__()
        self._reset = reset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the ASGI signature
        """Close the connection and wait until it is."""
        transport = _transport(scope)
        if self._reset:
            sock: socket.socket = transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        await _closed(receive)


class SwitchedResponse(Response):
    """A websocket's handshake that is accepted; then the connection is closed: nothing is served behind it."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__(status_code=101)
        self._given = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the ASGI signature
        """Write the answer past the HTTP server, which knows no websockets."""
        lines = [
            "HTTP/1.1 101 Switching Protocols",
            *(f"{name}: {value}" for name, value in self._given.items()),
            "",
            "",
        ]
        transport = _transport(scope)
        transport.write("\r\n".join(lines).encode())
        transport.close()
        await _closed(receive)


class TruncatedResponse(Response):
    """The head of the whole answer, half of its body, then the connection is closed."""

    def __init__(self, whole: Response) -> None:
        super().__init__()
        self._whole = whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send half and close."""
        body = bytes(self._whole.body)
        await send({"type": "http.response.start", "status": 200, "headers": self._whole.raw_headers})
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        _transport(scope).close()
        await _closed(receive)


def _transport(scope: Scope) -> Transport:
    transport: Transport = scope["extensions"][TRANSPORT]
    return transport


async def _closed(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
