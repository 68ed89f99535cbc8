"""One line for each thing that is done to a key: minted, put, disabled, deleted. Ids and places, never a value."""

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from provider.client.redact import redact
from provider.client.times import iso

FILE = "MODEL_STUDIO_AUDIT_FILE"
"""Environment variable: file to which the lines are added, each a JSON object."""

Event = Literal["mint", "put", "scope", "enable", "disable", "delete"]

_lock = threading.Lock()


class Audit:
    """The audit lines of one resource: in the engine's log (`--debug`), and in a file where one is named."""

    def __init__(self, urn: str, now: Callable[[], float], log: Callable[[str], None]) -> None:
        self._urn = urn
        self._now = now
        self._log = log

    def __call__(self, event: Event, **facts: str | int) -> None:
        """Say that something was done. `facts`: key_id, generation, region, place.

        What was done is done: a file that cannot be written to stops nothing, and is said in the log.
        """
        said = {"time": iso(self._now()), "event": event, "resource": self._urn, **facts}
        line = redact(json.dumps(said, ensure_ascii=False))
        self._log(f"audit: {line}")
        file = os.environ.get(FILE)
        if not file:
            return
        try:
            with _lock, os.fdopen(os.open(Path(file), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as out:
                out.write(f"{line}\n")
        except OSError as error:
            self._log(f"audit: {FILE} cannot be written to: {error.strerror}")
