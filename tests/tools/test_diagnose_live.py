"""The diagnosis by what the service answers."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from catalogue.pairs import KeyFacts
from catalogue.reading import read
from catalogue.urls import behind
from provider.probe.answer import Answer
from tests.emulator_process import EmulatorProcess
from tests.provider.vendor import Console
from tests.tools.diagnosed import CODING, KEY, SHARED, Done, run
from tools import canary
from tools.diagnose import pair

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from provider.probe.question import Question


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
    console.allow_models(mine)
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
    ("sibling", "mine", 3, "the key is one of another workspace than this host's, or the workspace is suspended"),
    (INTL, "mine", 1, "[key-region]"),
    (CODING, "mine", 1, "[billing-plan]"),
    (CODING, "coding_plan", 3, "cannot be told: the key is let in, but this host answers only clients that it takes"),
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
    verdicts = {0: ("can_work", ["verified"]), 1: ("cannot_work", ["refused"])}
    verdict, outcomes = verdicts.get(code, ("cannot_be_told", ["accepted", "inconclusive"]))
    assert said["verdict"] == verdict
    assert said["outcome"] in outcomes


def test_a_coding_host_that_takes_this_client_is_told_without_a_call(world: World) -> None:
    world.emulator.settings(coding_takes=["pulumi-modelstudio"])
    done = world.run(CODING, "coding_plan")
    world.emulator.settings(coding_takes=[])
    assert (done.code, "works: " in done.out) == (0, True)


def test_without_live_nothing_is_asked(world: World) -> None:
    before = len(world.emulator.calls())
    assert run(SHARED, "--prefix", world.emulator.inference, key=world.keys["mine"]).code == 0
    assert len(world.emulator.calls()) == before


def test_a_url_behind_a_double_is_asked_there(world: World) -> None:
    done = world.run(behind(world.emulator.inference, SHARED), "mine")
    assert done.code == 0
    assert f"url: {SHARED}\n" in done.out


def tokens(world: World) -> int:
    return sum(int(c["params"].get("tokens") or 0) for c in world.emulator.calls() if c["product"] == "inference")


def test_asking_spends_no_tokens_and_a_call_a_few(world: World) -> None:
    before = tokens(world)
    for url in ("mine", "mine, anthropic", "mine, native"):
        world.run(url, "mine")
    assert tokens(world) == before
    for url in ("mine", "mine, anthropic", "mine, native", SHARED):
        told = json.loads(world.run(url, "mine", "--call", "--json").out)
        assert (told["verdict"], told["model_answered"]) == ("can_work", "qwen-flash")
        assert "the model qwen-flash answered this key" in told["why"]
    assert 0 < tokens(world) - before < 100
    chosen = json.loads(world.run("mine", "mine", "--call", "--model", "qwen3-max", "--json").out)
    assert chosen["model_answered"] == "qwen3-max"


def test_a_call_is_never_made_on_a_plan_s_host(world: World) -> None:
    before = tokens(world)
    told = json.loads(world.run(TOKEN_PLAN, "token_plan", "--call", "--json").out)
    assert (told["verdict"], told["model_answered"], tokens(world)) == ("can_work", "", before)


@pytest.fixture
def body_first(world: World) -> Generator[None]:
    world.emulator.settings(inference_order=["key", "body", "model", "workspace", "bill"])
    yield
    world.emulator.settings(inference_order=["key", "model", "workspace", "bill", "body"])


@pytest.mark.usefixtures("body_first")
def test_where_nothing_free_tells_the_region_s_acceptance_is_all_that_is_said(world: World) -> None:
    for url in ("mine", "sibling"):
        done = world.run(url, "mine")
        assert done.code == 3
        assert (
            "cannot be told: the region accepts this key; access to this host is not proven. One real call" in done.out
        )
    told = json.loads(world.run("sibling", "mine", "--json").out)
    facts = {name: told[name] for name in ("outcome", "key_accepted", "host_proven", "causes")}
    assert facts == {
        "outcome": "accepted",
        "key_accepted": True,
        "host_proven": False,
        "causes": ["host_not_proven"],
    }
    assert world.run("mine", "mine", "--call").code == 0
    assert "one of another workspace than this host's" in world.run("sibling", "mine", "--call").out


def test_a_pair_that_is_right_is_told_although_no_model_answers(world: World) -> None:
    world.emulator.settings(bill="quota")
    done = world.run(SHARED, "mine", "--call")
    world.emulator.settings(bill="")
    assert done.code == 0
    assert "warning: the pair is right, but qwen-flash did not answer: 429 insufficient_quota" in done.out


def test_a_call_goes_with_live_alone() -> None:
    done = run(SHARED, "--call", key=KEY)
    assert (done.code, "--call goes with --live" in done.err) == (2, True)


def test_what_was_said_of_a_key_that_works_all_the_same_is_put_right(world: World) -> None:
    done = world.run("mine", "mine", "--region", "us-east-1")
    assert done.code == 0
    assert "warning: it works all the same, although: a key of region 'us-east-1'" in done.out


def test_a_service_in_trouble_tells_nothing(world: World) -> None:
    world.emulator.fault("*", "500", times=9)
    done = world.run("mine", "mine")
    world.emulator.admin("DELETE", "/faults")
    assert done.code == 3
    assert "cannot be told: the service is in trouble" in done.out


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
    def ask(_url: str, _key: str, _question: Question) -> Answer:
        raise AssertionError

    found = pair.by_what_is_written(read(SHARED), "st-test.a1", KeyFacts())
    assert pair.by_asking(found, "st-test.a1", ask=ask) == found


def test_a_service_that_lets_anybody_in_proves_nothing() -> None:
    def ask(_url: str, _key: str, _question: Question) -> Answer:
        return Answer(status=200, result="models")

    found = pair.by_asking(pair.by_what_is_written(read(SHARED), KEY, KeyFacts()), KEY, ask=ask)
    assert (found.verdict, found.outcome) == ("cannot_be_told", "inconclusive")


FOREIGN = "Kz7qKz7qKz7q"


@pytest.mark.parametrize("url", ["mine", "mine, anthropic", SHARED])
def test_a_key_that_may_be_another_provider_s_goes_to_no_further_host(world: World, url: str) -> None:
    url = world.urls.get(url, url)
    name = "ANTHROPIC_AUTH_TOKEN" if url.endswith("anthropic") else "OPENAI_API_KEY"
    asked: list[str] = []

    def ask(base_url: str, key: str, _question: Question) -> Answer:
        asked.extend([urlsplit(base_url).hostname or ""] if key == FOREIGN else [])
        return Answer(status=401, code="invalid_api_key")

    found = pair.by_what_is_written(read(url), FOREIGN, KeyFacts())
    answered = pair.by_asking(found, FOREIGN, call=True, only_here=True, ask=ask)
    assert (answered.verdict, set(asked)) == ("cannot_work", {urlsplit(url).hostname})
    done = run(url, "--live", "--prefix", world.emulator.inference, env={name: FOREIGN})
    assert done.code == 1
    assert "it is sent to this URL's host alone, never to further hosts" in done.out
    asked.clear()
    pair.by_asking(found, FOREIGN, ask=ask)
    assert len(set(asked)) > 1, "a key of this vendor's is tried at the fixed hosts"


def test_a_foreign_key_is_not_sent_to_the_host_of_a_made_up_workspace(world: World) -> None:
    hosts: set[str] = set()

    def ask(base_url: str, key: str, _question: Question) -> Answer:
        hosts.update([urlsplit(base_url).hostname or ""] if key == FOREIGN else [])
        refused = Answer(status=401, code="invalid_api_key")
        return Answer(status=400, code="InvalidParameter", message="messages is empty") if key == FOREIGN else refused

    found = pair.by_what_is_written(read(world.urls["mine"]), FOREIGN, KeyFacts())
    answered = pair.by_asking(found, FOREIGN, only_here=True, ask=ask)
    assert (answered.outcome, len(hosts)) == ("accepted", 1)


def test_a_pasted_curl_is_asked_about_with_its_own_key(world: World) -> None:
    text = f"curl {world.urls['mine']}/chat/completions \\\n -H 'Authorization: Bearer {world.keys['mine']}'"
    done = run("-", "--live", "--prefix", world.emulator.inference, stdin=io.StringIO(text))
    assert (done.code, "works: " in done.out) == (0, True)
    assert "key: from the paste, its header\n" in done.out
    assert world.keys["mine"] not in done.out + done.err
