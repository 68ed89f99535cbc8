"""Serves the host to the engine that started it, and ends when that engine does."""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent import futures
from pathlib import Path

import grpc
from pulumi.runtime.proto import language_pb2_grpc

from .children import Children
from .service import EXECUTOR, Host

WATCH_SECONDS = 0.5
MESSAGE_LIMIT = 400 * 1024 * 1024
"""Bytes in one message; the limit that the engine sets itself."""


def main() -> None:
    """Print the port, as the engine expects, then serve until told to stop or orphaned."""
    parent = os.getppid()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    children = Children()
    server = grpc.server(  # pyright: ignore[reportUnknownMemberType] - the stubs leave handlers unparametrised
        futures.ThreadPoolExecutor(32),
        options=[("grpc.max_receive_message_length", MESSAGE_LIMIT)],
    )
    host = Host(
        engine_address=sys.argv[-1],
        executor=Path(sys.argv[0]).resolve().parent / EXECUTOR,
        children=children,
    )
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    # An engine killed by force tells nobody. Its children are then adopted by another process.
    while not stop.wait(WATCH_SECONDS) and os.getppid() == parent:
        pass
    children.end_all()
    server.stop(None)
    # Not sys.exit: a worker thread may still be waiting on a stream that nobody reads any more.
    os._exit(0)
