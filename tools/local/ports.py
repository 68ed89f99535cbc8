"""The loopback ports of the stack `local`: the ones in its stack file, and the ones used here instead."""

from __future__ import annotations

import json
import random
import re
import socket
from typing import TYPE_CHECKING

from tools.local.place import LocalError, Place, write_private

if TYPE_CHECKING:
    from collections.abc import Mapping

MAIN = "main"
"""The port of inference and of whatever needs no region."""

WRITTEN: Mapping[str, int] = {
    MAIN: 18080,
    "cn-beijing": 18081,
    "cn-hongkong": 18082,
    "ap-southeast-1": 18083,
    "ap-northeast-1": 18084,
    "us-east-1": 18085,
    "eu-central-1": 18086,
}
"""The ports as `stacks/Pulumi.local.yaml` writes them."""

_LOOPBACK = re.compile(r"(?<=http://127\.0\.0\.1:)(\d+)")


def chosen(place: Place) -> dict[str, int]:
    """Return the ports used here. Chosen once: the state names them, and `destroy` calls what the state names."""
    if place.ports.exists():
        kept: dict[str, int] = json.loads(place.ports.read_text())
        return kept
    ports = free()
    write_private(place.ports, json.dumps(ports))
    return ports


def put_in(text: str, ports: Mapping[str, int]) -> str:
    """Return a stack file's text with the ports used here; ports that are not of the table stay as they are."""
    used = {str(written): str(ports[name]) for name, written in WRITTEN.items()}
    return _LOOPBACK.sub(lambda found: used.get(found[0], found[0]), text)


def free() -> dict[str, int]:
    """Find ports in a row that nobody has, at a random place below those that systems give to outgoing connections.

    One of those, free now, may be the end of somebody's connection when the emulator starts.
    """
    count = len(WRITTEN)
    rows = list(range(20_000, 32_000, count))
    random.shuffle(rows)
    for first in rows:
        row = list(range(first, first + count))
        if all(_is_free(port) for port in row):
            return dict(zip(WRITTEN, row, strict=True))
    raise LocalError(f"no {count} free ports in a row between 20000 and 32000 on 127.0.0.1")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
