"""Websockets at the inference hosts: a real client's handshake, and nothing behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import websocket

from tests.emulator.test_inference import key_of

if TYPE_CHECKING:
    from tests.emulator.clients import Clients
    from tests.emulator_process import EmulatorProcess


def shake(emulator: EmulatorProcess, host: str, key: str, *, path: str = "inference") -> int:
    """Return the status of a handshake."""
    url = f"{emulator.inference.replace('http', 'ws', 1)}/{host}/api-ws/v1/{path}"
    try:
        opened: Any = websocket.create_connection(url, header=[f"Authorization: Bearer {key}"], timeout=30)
    except websocket.WebSocketBadStatusException as refused:
        return int(refused.status_code)
    opened.close()
    return 101


@pytest.mark.parametrize("path", ["inference", "realtime"])
def test_a_handshake_is_looked_at_with_the_key_alone(clients: Clients, emulator: EmulatorProcess, path: str) -> None:
    mine, sibling = clients.workspace("mine"), clients.workspace("sibling")
    key = key_of(clients, mine)
    for host in (mine.api_host, sibling.api_host, "dashscope.aliyuncs.com"):
        assert shake(emulator, host, key, path=path) == 101
        assert shake(emulator, host, "sk-ws-test.a1", path=path) == 401
    assert shake(emulator, "dashscope-us.aliyuncs.com", key, path=path) == 401
    assert shake(emulator, "trial.cn-beijing.maas.aliyuncs.com", key, path=path) == 404
    statuses = [call["status"] for call in emulator.calls() if call["operation"] == "inference:realtime"]
    assert statuses == [101, 401] * 3 + [401]
