"""uvicorn on several loopback ports, with two additions: cut connections, and one ready line."""

import asyncio
import json
import logging
import os
import socket
import threading
from collections.abc import Mapping, Sequence

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from emulator.faults import TRANSPORT

_MAX_HEAD = 4 * 1024 * 1024
"""Bytes of a request line with its headers: some SDKs put a whole config map or secret into the query."""


class _CuttableProtocol(H11Protocol):
    """Hands the connection to the application, so that it can end it without an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base class
        super().connection_made(transport)
        inner: ASGIApp = self.app

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[TRANSPORT] = transport
            await inner(scope, receive, send)

        self.app = with_transport


class Server(uvicorn.Server):
    """Says on stdout, in one line of JSON, when it listens."""

    def __init__(self, app: ASGIApp, ready: Mapping[str, object]) -> None:
        config = uvicorn.Config(
            app,
            http=_CuttableProtocol,
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            h11_max_incomplete_event_size=_MAX_HEAD,
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)
        # Whatever uvicorn has to say goes nowhere: its tracebacks could hold a key.
        logging.getLogger("uvicorn").addHandler(logging.NullHandler())
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        if not self.should_exit:
            print(json.dumps(self._ready), flush=True)  # noqa: T201 - the line that whoever started the process waits for

    def stop(self) -> None:
        """Stop after the calls at hand."""
        self.should_exit = True

    def stop_when_stdin_closes(self) -> None:
        """Stop when whoever holds the other end of stdin is gone."""

        def wait() -> None:
            while os.read(0, 4096):
                pass
            self.stop()

        threading.Thread(target=wait, daemon=True).start()


def bind(port: int) -> socket.socket:
    """Return a socket bound to a loopback port; 0 is a free one."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
    except OSError:
        sock.close()
        raise
    return sock


def port_of(sock: socket.socket) -> int:
    """Return the port that a socket is bound to."""
    port: int = sock.getsockname()[1]
    return port


def run(server: Server, sockets: Sequence[socket.socket]) -> None:
    """Serve until stopped."""
    asyncio.run(server.serve(list(sockets)))
