"""The emulator in the background: started here, found again by process id and identity, stopped only if it is ours."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, cast

from tools.local.place import ROOT, LocalError, Place, write_private
from tools.local.ports import MAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

START_SECONDS = 60.0
STOP_SECONDS = 10.0
_POLL_SECONDS = 0.05
_STARTED: dict[int, subprocess.Popen[bytes]] = {}
"""Children of this very process: they stay in the process table, as if alive, until they are waited for."""


def ensure_running(place: Place, ports: Mapping[str, int], namespaces: Sequence[str]) -> bool:
    """Start the emulator unless it runs. Returns whether it had to be started. Raises LocalError."""
    if running(place) is not None:
        return False
    _start(place, ports, namespaces)
    return True


def running(place: Place) -> int | None:
    """Return the process id of the emulator that was started here, if it is alive and says so itself."""
    record = _record(place)
    if record is None:
        return None
    identity = _identity(int(record["port"]))
    if identity is None or identity.get("pid") != record["pid"]:
        return None
    # A record without an instance: `make up` was killed between starting the emulator and hearing from it.
    if record["instance"] not in (None, identity.get("instance")):
        return None
    return int(record["pid"])


def stop(place: Place) -> bool:
    """Stop the emulator that was started here. Returns whether there was one."""
    pid = running(place)
    if pid is None:
        return False
    record = _record(place) or {}
    _ask(int(record["port"]), "POST", "/_admin/stop")
    if not _within(STOP_SECONDS, lambda: not _alive(pid)) and running(place) == pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        _within(STOP_SECONDS, lambda: not _alive(pid))
    place.emulator_record.unlink(missing_ok=True)
    return True


def _start(place: Place, ports: Mapping[str, int], namespaces: Sequence[str]) -> None:
    regions = [f"--region-port={name}={port}" for name, port in ports.items() if name != MAIN]
    spaces = [f"--sae-namespace={namespace}" for namespace in namespaces]
    command = [
        *(sys.executable, "-m", "emulator", "--state", str(place.emulator_state)),
        *("--port", str(ports[MAIN]), *regions, *spaces),
    ]
    ready = place.directory / "emulator.ready"
    with ready.open("wb") as said, place.emulator_log.open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=log,
            # Its own session: Ctrl-C on `make up`, or a closed terminal, leaves it alone.
            start_new_session=True,
        )
    _STARTED[process.pid] = process
    record = {"pid": process.pid, "port": ports[MAIN], "instance": None}
    write_private(place.emulator_record, json.dumps(record))
    _within(START_SECONDS, lambda: process.poll() is not None or ready.read_bytes().endswith(b"\n"))
    line = ready.read_bytes()
    if not line.endswith(b"\n"):
        if process.poll() is None:
            process.terminate()
            process.wait()
        raise LocalError(_why(place, ports))
    record["instance"] = json.loads(line.splitlines()[0])["instance"]
    write_private(place.emulator_record, json.dumps(record))


def _why(place: Place, ports: Mapping[str, int]) -> str:
    lines = place.emulator_log.read_text(errors="replace").strip().splitlines()
    last = lines[-1] if lines else "it printed nothing"
    return (
        f"the emulator did not start: {last} (all of it: {place.emulator_log}). "
        f"Its ports, which the stack's state names, are {', '.join(str(port) for port in ports.values())}: "
        "if another process has one of them, end that process, "
        "or drop the stack with `.venv/bin/python -m tools.local down --forget`"
    )


def _record(place: Place) -> dict[str, Any] | None:
    try:
        record: dict[str, Any] = json.loads(place.emulator_record.read_text())
    except (OSError, ValueError):
        return None
    return record


def _identity(port: int) -> dict[str, Any] | None:
    body = _ask(port, "GET", "/_admin/identity")
    try:
        identity: Any = json.loads(body or b"")
    except ValueError:
        return None
    return cast("dict[str, Any]", identity) if isinstance(identity, dict) else None


def _ask(port: int, method: str, path: str) -> bytes | None:
    # http.client knows no proxies, which a loopback call must not take.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path)
        return connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _alive(pid: int) -> bool:
    started = _STARTED.get(pid)
    if started is not None:
        return started.poll() is None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _within(seconds: float, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
