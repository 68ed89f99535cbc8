"""A loopback server that gives recorded answers and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from tests.standin.virtual_clock import VirtualClock


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    action: str
    version: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]
    at: float
    """Virtual seconds."""


@dataclass(frozen=True)
class Reply:
    """One answer; status 0 cuts the connection."""

    status: int
    body: Any = None
    held: threading.Event | None = None
    """What it waits for."""


@dataclass
class Replay:
    """The server's script and its record."""

    port: int
    answer: Callable[[Asked], Reply] = field(default=lambda _: Reply(418, {"Code": "NoScript"}))
    asked: list[Asked] = field(default_factory=list[Asked])

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    @property
    def actions(self) -> list[str]:
        """What was asked, by the names of the operations."""
        return [asked.action for asked in self.asked]

    def in_order(self, replies: list[Reply]) -> None:
        """Give these answers, one per request, and forget what was asked before."""
        self.asked.clear()
        left = iter(replies)
        self.answer = lambda _: next(left, Reply(418, {"Code": "TooManyRequests", "Message": "not in the record"}))

    def always(self, body: Any) -> None:
        """Answer every action with this body, and forget what was asked before."""
        self.asked.clear()
        self.answer = lambda _: Reply(200, body)

    def by_action(self, bodies: Mapping[str, Any]) -> None:
        """Answer each action with its body, and forget what was asked before."""
        self.asked.clear()
        self.answer = lambda asked: Reply(200, bodies[asked.action])


@contextmanager
def replaying(clock: VirtualClock) -> Generator[Replay]:
    """Run the server."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            parts = urlsplit(self.path)
            asked = Asked(
                method=self.command,
                path=parts.path,
                action=self.headers.get("x-acs-action", ""),
                version=self.headers.get("x-acs-version", ""),
                query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                form=dict(parse_qsl(body, keep_blank_values=True)),
                headers={name.lower(): value for name, value in self.headers.items()},
                at=clock.now(),
            )
            with lock:
                replay.asked.append(asked)
                reply = replay.answer(asked)
            if reply.held is not None:
                reply.held.wait(30)
            if not reply.status:
                self.close_connection = True
                return
            content = reply.body.encode() if isinstance(reply.body, str) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            self.send_header("content-type", "application/json; charset=utf-8")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's signature
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    replay = Replay(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield replay
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
