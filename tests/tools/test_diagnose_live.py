"""The diagnosis by what the service answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from catalogue.pairs import KeyFacts
from catalogue.urls import behind
from provider.client.probe import Answer, Ask
from tests.emulator_process import EmulatorProcess
from tests.provider.vendor import Console
from tests.tools.diagnosed import CODING, KEY, SHARED, Done, run
from tools import canary
from tools.diagnose import pair

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence


@dataclass
class World:
    """An emulator with keys of every kind, and the URLs of two workspaces."""

    emulator: EmulatorProcess
    keys: dict[str, str]
    urls: dict[str, str]

    def run(self, url: str, key: str, *more: str) -> Done:
        done = run(self.urls.get(url, url), "--live", "--prefix", self.emulator.inference, *more, key=self.keys[key])
        places = [canary.Place("stdout", "", done.out.encode()), canary.Place("stderr", "", done.err.encode())]
        assert canary.find(self.keys.values(), places) == []
        return done


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    emulator = EmulatorProcess.start(tmp_path_factory.mktemp("emulator"))
    console = Console(emulator)
    mine, sibling = console.create_workspace("mine"), console.create_workspace("sibling")
    hosts = {w["workspace_id"]: w["api_host"] for w in emulator.admin("GET", "/state")["workspaces"]}
    keys = {
        "mine": str(console.create_key(mine, "one").api_key_value),
        "unknown": KEY,
        **{
            plan: str(emulator.admin("POST", "/plan-keys", {"plan": plan, "region": "ap-southeast-1"})["value"])
            for plan in ("coding_plan", "token_plan")
        },
    }
    urls = {
        "mine": f"https://{hosts[mine]}/compatible-mode/v1",
        "mine, anthropic": f"https://{hosts[mine]}/apps/anthropic",
        "mine, native": f"https://{hosts[mine]}/api/v1",
        "sibling": f"https://{hosts[sibling]}/compatible-mode/v1",
    }
    yield World(emulator, keys, urls)
    emulator.stop()


INTL = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"
TOKEN_PLAN = "https://token-plan.ap-southeast-1.maas.aliyuncs.com/apps/anthropic"
LIVE: Sequence[tuple[str, str, int, str]] = (
    ("mine", "mine", 0, "works: the service lets this key in, and refuses one that cannot exist"),
    ("mine, anthropic", "mine", 0, "works: "),
    ("mine, native", "mine", 0, "works: "),
    (SHARED, "mine", 0, "works: "),
    ("sibling", "mine", 1, f"the key opens {SHARED}: it is of another workspace in cn-beijing, not of this host's"),
    (INTL, "mine", 1, "[key-region]"),
    (CODING, "mine", 1, "[billing-plan]"),
    (CODING, "coding_plan", 0, "works: "),
    (TOKEN_PLAN, "token_plan", 0, "works: "),
    (TOKEN_PLAN, "coding_plan", 1, "a coding_plan key opens only https://coding-intl"),
    (SHARED, "coding_plan", 1, f"the key opens {CODING}: a coding_plan key for the shared domain"),
    ("mine", "unknown", 1, "the key is unknown, disabled or deleted"),
)


@pytest.mark.parametrize(("url", "key", "code", "says"), LIVE)
def test_the_service_is_asked(world: World, url: str, key: str, code: int, says: str) -> None:
    done = world.run(url, key)
    assert (done.code, done.err) == (code, "")
    assert says in done.out
    said = json.loads(world.run(url, key, "--json").out)
    assert (said["verdict"], said["outcome"]) == (("can_work", "verified") if code == 0 else ("cannot_work", "refused"))


def test_without_live_nothing_is_asked(world: World) -> None:
    before = len(world.emulator.calls())
    assert run(SHARED, "--prefix", world.emulator.inference, key=world.keys["mine"]).code == 0
    assert len(world.emulator.calls()) == before


def test_a_url_behind_a_double_is_asked_there(world: World) -> None:
    done = world.run(behind(world.emulator.inference, SHARED), "mine")
    assert done.code == 0
    assert f"url: {SHARED}\n" in done.out


def test_asking_spends_no_tokens(world: World) -> None:
    before = len(world.emulator.calls())
    for url in ("mine", "mine, anthropic", "mine, native"):
        world.run(url, "mine")
    made = {call["operation"] for call in world.emulator.calls()[before:]}
    assert made == {"inference:models", "inference:messages", "inference:native-models"}
    refused = [c["status"] for c in world.emulator.calls()[before:] if c["operation"] == "inference:messages"]
    assert set(refused) == {400, 401}


def test_what_was_said_of_a_key_that_works_all_the_same_is_put_right(world: World) -> None:
    done = world.run("mine", "mine", "--region", "us-east-1")
    assert done.code == 0
    assert "warning: it works all the same, although: a key of region 'us-east-1'" in done.out


def test_a_service_in_trouble_tells_nothing(world: World) -> None:
    world.emulator.fault("inference:models", "500", times=2)
    done = world.run("mine", "mine")
    world.emulator.admin("DELETE", "/faults")
    assert done.code == 3
    assert "cannot be told: the service answered 500" in done.out


def test_a_host_that_cannot_be_reached_tells_nothing() -> None:
    done = run(SHARED, "--live", "--prefix", "http://127.0.0.1:9", key=KEY)
    assert done.code == 3
    assert "cannot be told: no route from here" in done.out


class Echo(BaseHTTPRequestHandler):
    """A service that repeats the key in its error."""

    def do_GET(self) -> None:
        body = json.dumps({"error": {"message": f"no such key: {self.headers['Authorization']}"}}).encode()
        self.send_response(401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Write nothing to stderr."""


def test_a_service_that_repeats_the_key_does_not_bring_it_out() -> None:
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        done = run(SHARED, "--live", "--prefix", f"http://127.0.0.1:{server.server_port}", key="Kz7qKz7q")
        server.shutdown()
    assert done.code == 1
    assert "no such key: Bearer [redacted]" in done.out
    assert "Kz7qKz7q" not in done.out + done.err


def test_a_key_that_cannot_be_meant_is_not_sent() -> None:
    def call(_url: str, _key: str, _ask: Ask) -> Answer:
        raise AssertionError

    found = pair.by_what_is_written(SHARED, "st-test.a1", KeyFacts())
    assert pair.by_asking(found, "st-test.a1", call=call) == found


def test_a_service_that_lets_anybody_in_proves_nothing() -> None:
    def call(_url: str, _key: str, _ask: Ask) -> Answer:
        return Answer(status=200)

    found = pair.by_asking(pair.by_what_is_written(SHARED, KEY, KeyFacts()), KEY, call=call)
    assert (found.verdict, found.outcome) == ("cannot_be_told", "inconclusive")
