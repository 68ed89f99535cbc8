"""One call of a probe: what goes out, where it goes, and how an answer is read."""

import json
import socket
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import cast

import pytest

from provider.probe import http
from provider.probe.answer import Answer
from provider.probe.http import USER_AGENT, ask
from provider.probe.question import Question, models, unknown_model

KEY = "sk-ws-test.a1"
GET = Question(protocol="openai", kind="list", method="GET", path="/models")


class Host(HTTPServer):
    """Notes what it is asked, and answers all of it alike."""

    def __init__(self, status: int, body: str, headers: Mapping[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), _Answerer)
        self.answer = (status, body, headers)
        self.asked: list[tuple[str, str, Mapping[str, str], str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answerer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        host = cast("Host", self.server)
        length = int(self.headers.get("Content-Length") or 0)
        sent = self.rfile.read(length).decode()
        host.asked.append((self.command, self.path, dict(self.headers), sent))
        status, body, headers = host.answer
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body.encode()))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Write nothing to stderr."""


@contextmanager
def answering(status: int = 200, body: str = "{}", headers: Mapping[str, str] | None = None) -> Generator[Host]:
    with Host(status, body, headers or {}) as served:
        Thread(target=served.serve_forever, daemon=True).start()
        yield served
        served.shutdown()


def test_the_key_goes_as_a_bearer_token_alone() -> None:
    with answering() as served:
        asked = unknown_model("anthropic")
        assert ask(f"{served.url}/apps/anthropic", KEY, asked) == Answer(status=200)
    ((method, path, headers, body),) = served.asked
    assert (method, path, json.loads(body)) == ("POST", "/apps/anthropic/v1/messages", asked.body)
    assert [name for name, value in headers.items() if KEY in value] == ["Authorization"]
    assert (headers["Authorization"], headers["anthropic-version"]) == (f"Bearer {KEY}", "2023-06-01")


def test_it_says_what_it_is_and_takes_no_name_of_a_coding_agent() -> None:
    with answering(405, '{"error": "only available for Coding Agents"}') as served:
        for _ in range(2):
            assert ask(served.url, KEY, GET).status == 405
    assert {headers["User-Agent"] for _, _, headers, _ in served.asked} == {USER_AGENT}
    assert USER_AGENT.startswith("pulumi-modelstudio/")


def test_a_redirect_does_not_carry_the_key_elsewhere() -> None:
    with answering() as elsewhere, answering(307, headers={"Location": elsewhere.url}) as served:
        assert ask(served.url, KEY, GET).status == 307
    assert elsewhere.asked == []


def test_neither_netrc_nor_a_proxy_comes_between(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with answering() as served:
        assert ask(served.url, KEY, GET).status == 200
    assert served.asked[0][2]["Authorization"] == f"Bearer {KEY}"


def test_netrc_does_not_take_the_key_s_place_on_a_host_of_the_service(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with answering() as served:  # as the proxy on the way there
        monkeypatch.setenv("http_proxy", served.url)
        assert ask("http://dashscope.example.com/v1", KEY, GET).status == 200
    assert served.asked[0][1:] == ("http://dashscope.example.com/v1/models", served.asked[0][2], "")
    assert served.asked[0][2]["Authorization"] == f"Bearer {KEY}"


def test_an_answer_is_read_by_the_shapes_of_its_protocol() -> None:
    listed = '{"object": "list", "data": [{"id": "qwen-plus"}]}'
    asked = models("openai")
    assert asked is not None
    with answering(body=listed, headers={"Content-Type": "application/json"}) as served:
        assert ask(served.url, KEY, asked) == Answer(status=200, result="models", models=frozenset({"qwen-plus"}))
    with answering(401, '{"code":"InvalidApiKey","message":"no"}') as served:
        assert ask(served.url, KEY, GET) == Answer(status=401, code="InvalidApiKey", message="no")


def test_a_host_that_does_not_exist_yet_is_told_from_one_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask("http://127.0.0.1:9", KEY, GET) == Answer(status=0, message="ConnectionError")

    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert ask("http://ws-new.example.com", KEY, GET) == Answer(status=0, message="ConnectionError", unresolved=True)


def test_a_host_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(0 < seconds <= 30 for seconds in http.TIMEOUT)
    monkeypatch.setattr(http, "TIMEOUT", (0.2, 0.2))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert ask(f"http://127.0.0.1:{port}", KEY, GET) == Answer(status=0, message="ReadTimeout")
