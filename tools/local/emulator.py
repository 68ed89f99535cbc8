"""The emulator in the background: found again by the state directory it works on, stopped only if that is ours."""

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
from tools.local.processes import emulator_on

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

START_SECONDS = 60.0
ANSWER_SECONDS = 30.0
STOP_SECONDS = 10.0
ASK_SECONDS = 5.0
_POLL_SECONDS = 0.05
_STARTED: list[subprocess.Popen[bytes]] = []
"""Children of this very process, kept: one that nobody refers to, while it runs, is a warning."""


def ensure_running(place: Place, ports: Mapping[str, int], options: Sequence[str]) -> bool:
    """Start the emulator, with these options of its own, unless it runs.

    Returns whether it had to be started. Raises LocalError.
    """
    pid = running(place)
    if pid is None:
        _start(place, ports, options)
        return True
    # Alive is not ready: it may still be starting, or be slow. A second one could not use the same state.
    if not _within(ANSWER_SECONDS, lambda: running(place) != pid or _instance(pid, ports[MAIN]) is not None):
        raise LocalError(
            f"the emulator (process {pid}) runs, but does not answer on 127.0.0.1:{ports[MAIN]}. "
            f"End it with `kill -9 {pid}` and try again (what it holds is in its state directory), "
            "or drop the stack with `.venv/bin/python -m tools.local down --forget`"
        )
    if running(place) != pid:
        _start(place, ports, options)
        return True
    _write_record(place, pid, ports[MAIN], _instance(pid, ports[MAIN]))
    return False


def running(place: Place) -> int | None:
    """Return the process id of the emulator that works on this folder's state, if there is one."""
    return emulator_on(place.emulator_state)


def stop(place: Place) -> bool:
    """Stop the emulator of this folder. Returns whether there was one. Raises LocalError if it does not end."""
    pid = running(place)
    if pid is not None:
        # Its state file is replaced whole after each change, so that even being killed costs nothing.
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            if _within(STOP_SECONDS, lambda: running(place) != pid):
                break
        else:
            raise LocalError(f"the emulator (process {pid}) does not end; end that process, then try again")
    place.emulator_record.unlink(missing_ok=True)
    return pid is not None


def _start(place: Place, ports: Mapping[str, int], options: Sequence[str]) -> None:
    regions = [f"--region-port={name}={port}" for name, port in ports.items() if name != MAIN]
    command = [
        *(sys.executable, "-m", "emulator", "--state", str(place.emulator_state)),
        *("--port", str(ports[MAIN]), *regions, *options),
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
    _STARTED.append(process)
    _within(START_SECONDS, lambda: process.poll() is not None or ready.read_bytes().endswith(b"\n"))
    line = ready.read_bytes()
    if not line.endswith(b"\n"):
        if process.poll() is None:
            process.terminate()
            process.wait()
        raise LocalError(_why(place, ports))
    _write_record(place, process.pid, ports[MAIN], json.loads(line.splitlines()[0])["instance"])


def _why(place: Place, ports: Mapping[str, int]) -> str:
    lines = place.emulator_log.read_text(errors="replace").strip().splitlines()
    last = lines[-1] if lines else "it printed nothing"
    return (
        f"the emulator did not start: {last} (all of it: {place.emulator_log}). "
        f"Its ports, which the stack's state names, are {', '.join(str(port) for port in ports.values())}: "
        "if another process has one of them, end that process, "
        "or drop the stack with `.venv/bin/python -m tools.local down --forget`"
    )


def _write_record(place: Place, pid: int, port: int, instance: str | None) -> None:
    """Note for people which process serves which port."""
    write_private(place.emulator_record, json.dumps({"pid": pid, "port": port, "instance": instance}))


def _instance(pid: int, port: int) -> str | None:
    """Return the instance that this process names on this port; None if it does not answer."""
    try:
        identity: Any = json.loads(_ask(port, "GET", "/_admin/identity") or b"")
    except ValueError:
        return None
    if not isinstance(identity, dict):
        return None
    said = cast("dict[str, Any]", identity)
    return str(said["instance"]) if said.get("pid") == pid and "instance" in said else None


def _ask(port: int, method: str, path: str) -> bytes | None:
    # http.client knows no proxies, which a loopback call must not take.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ASK_SECONDS)
    try:
        connection.request(method, path)
        return connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _within(seconds: float, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
