"""Recorded answers: whose host and which body they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.test_inference import raw

if TYPE_CHECKING:
    from tests.emulator_process import EmulatorProcess

ANY = "*.cn-beijing.maas.aliyuncs.com"
PATH = "/compatible-mode/v1/chat/completions"
BODY = {"model": "m", "messages": list[Any]()}


def replayed(emulator: EmulatorProcess, host: str, body: Any) -> bool:
    status, _ = raw("POST", f"{emulator.inference}/{host}{PATH}", {"authorization": "Bearer sk-no-such-key"}, body)
    return status == 418


@pytest.mark.parametrize(
    ("recorded", "host", "fits"),
    [
        (ANY, "ws-0000000000000001.cn-beijing.maas.aliyuncs.com", True),
        (ANY, "llm-0000000000000001.cn-beijing.maas.aliyuncs.com", True),
        (ANY, "ws-0000000000000001.ap-southeast-1.maas.aliyuncs.com", False),
        (ANY, "trial.cn-beijing.maas.aliyuncs.com", False),
        (ANY, "token-plan.cn-beijing.maas.aliyuncs.com", False),
        (ANY, "dashscope.aliyuncs.com", False),
        ("*", "dashscope.aliyuncs.com", True),
    ],
)
def test_an_answer_of_any_workspace_s_host(emulator: EmulatorProcess, recorded: str, host: str, fits: bool) -> None:
    emulator.admin("POST", "/replay", [{"method": "POST", "host": recorded, "path": PATH, "status": 418, "body": {}}])
    assert replayed(emulator, host, BODY) is fits


@pytest.mark.parametrize(("body", "fits"), [(BODY, True), (BODY | {"model": "n"}, False), (None, False)])
def test_an_answer_to_one_body(emulator: EmulatorProcess, body: Any, fits: bool) -> None:
    one = {"method": "POST", "host": "*", "path": PATH, "status": 418, "body": {}, "request": BODY}
    emulator.admin("POST", "/replay", [one])
    assert replayed(emulator, "dashscope.aliyuncs.com", body) is fits
