"""The raw answers: masked, for the user alone, and given back by the emulator as they came."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

from catalogue.rows import find
from catalogue.urls import base_url
from provider.client.control_plane import ControlPlane
from provider.probe.http import ask
from provider.probe.question import MADE_UP_LABEL, Question
from tests.provider.vendor import Console
from tests.tools.live.called import ACCOUNT, REGION, Done, call
from tools import canary
from tools.live.asking import JUNK

if TYPE_CHECKING:
    from pathlib import Path

    from provider.client.control_plane import KeyInfo
    from provider.probe.http import Heard
    from tests.emulator_process import EmulatorProcess


class Ran:
    """One run with its file, and the values of all keys that it made."""

    def __init__(self, emulator: EmulatorProcess, directory: Path) -> None:
        self.file, self.values = directory / "answers.json", list[str]()
        create = ControlPlane.create_api_key

        def noted(plane: ControlPlane, *given: Any) -> KeyInfo:
            key = create(plane, *given)
            self.values.append(key.value)
            return key

        self.file.touch(mode=0o644)
        with mock.patch.object(ControlPlane, "create_api_key", noted):
            self.done: Done = call(emulator, directory / "home", "--yes", "--out", str(self.file))
        self.entries: list[dict[str, Any]] = json.loads(self.file.read_text())


@pytest.fixture(scope="module")
def ran(emulator: EmulatorProcess, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return Ran(emulator, tmp_path_factory.mktemp("run"))


def test_nothing_that_it_says_or_writes_holds_a_key(ran: Ran) -> None:
    assert ran.done.code == 0
    assert len(ran.values) == 5
    contents = {
        "stdout": ran.done.out.encode(),
        "stderr": ran.done.err.encode(),
        "file": ran.file.read_bytes(),
    }
    planted = canary.plant(contents)
    assert len(canary.find([canary.CANARY], planted)) == len(planted)
    places = [canary.Place(kind, kind, content) for kind, content in contents.items()]
    assert canary.find([*ran.values, "emulator-access-key-secret"], places) == []


def test_the_file_is_for_the_user_alone_and_names_no_account(ran: Ran) -> None:
    assert stat.S_IMODE(ran.file.stat().st_mode) == 0o600
    assert ACCOUNT not in ran.file.read_text()


def test_both_planes_are_in_it(ran: Ran) -> None:
    asked = {entry["asked"] for entry in ran.entries}
    assert {"list", "unknown_model", "no_content", "call", "CreateApiKey", "DeleteWorkspace"} <= asked
    made = [e["body"]["apiKey"]["apiKeyValue"] for e in ran.entries if e["asked"] == "CreateApiKey"]
    assert made == ["[redacted]"] * 5
    hosts = {e["host"] for e in ran.entries if e.get("key")}
    assert hosts == {
        f"*.{REGION}.maas.aliyuncs.com",
        f"{MADE_UP_LABEL}.{REGION}.maas.aliyuncs.com",
        "dashscope.aliyuncs.com",
    }


def test_the_emulator_gives_them_back(emulator: EmulatorProcess, ran: Ran) -> None:
    console = Console(emulator)
    mine, other = console.create_workspace("mine"), console.create_workspace("other")
    keys = {name: str(console.create_key(name, "replay").api_key_value) for name in (mine, other)}
    settings = emulator.admin("GET", "/settings")
    emulator.settings(gateway="html_login")  # what is not replayed is told apart
    added = emulator.admin("POST", "/replay", ran.entries)["added"]
    own_host = base_url(find("dedicated", REGION, "openai"), workspace_id=mine).split("/")[2]

    compared = 0
    for entry in last_ones(ran.entries):
        made_up = entry["host"].startswith(MADE_UP_LABEL)
        whose = {"good": keys[mine], "sibling": keys[mine if made_up else other], "junk": JUNK.value, "none": ""}
        host = own_host if entry["host"].startswith("*.") else entry["host"]
        heard = asked(f"{emulator.inference}/{host}{entry['path']}", whose[entry["key"]], entry)
        assert heard.status == entry["status"], entry
        assert json.loads(heard.body) == entry["body"], entry
        compared += 1
    emulator.admin("DELETE", "/replay")
    emulator.settings(**settings)
    for workspace in (mine, other):
        for key_id in console.keys(workspace):
            console.delete_key(key_id)
        console.delete_workspace(workspace)
    assert added == len(ran.entries)
    assert compared > 30


def asked(url: str, key: str, entry: dict[str, Any]) -> Heard:
    came: list[Heard] = []
    question = Question(protocol="openai", kind="list", method=entry["method"], path="", body=entry["request"])
    ask(url, key, question, heard=came.append)
    return came[0]


def last_ones(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the answers of inference hosts; of several to one call, the last."""
    names = ("method", "host", "path", "key", "request")
    found = {json.dumps([entry[n] for n in names]): entry for entry in entries if "key" in entry}
    return list(found.values())
