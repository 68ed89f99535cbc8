"""The official installer's script, served from loopback instead of the vendor's host."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from tools.engine import installer
from tools.engine.model import PINNED

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

# What the vendor's script does with these arguments: binaries into <install root>/bin.
GOOD = f"""
[ "$1 $2 $3 $5" = "--version {PINNED} --install-root --no-edit-path" ] || exit 9
mkdir -p "$4/bin"
printf '#!/bin/sh\\necho v{PINNED}\\n' > "$4/bin/pulumi"
printf '#!/bin/sh\\n' > "$4/bin/pulumi-language-python"
chmod +x "$4/bin/"*
"""


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Generator[Callable[[str], str]]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    servers: list[HTTPServer] = []

    def serve(script: str) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(script.encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_installs_once_and_keeps_it(tmp_path: Path, serve: Callable[[str], str]) -> None:
    engine = installer.installed(tmp_path, script=serve(GOOD))
    assert engine is not None
    assert (engine.version, engine.source) == (PINNED, "installer")
    assert engine.path_dir == tmp_path / "official" / "bin"
    # The second time the script is not fetched: this one would install nothing.
    assert installer.installed(tmp_path, script=serve("exit 1")) == engine


def test_unreachable_costs_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert installer.installed(tmp_path, script="http://127.0.0.1:9", reach_seconds=1) is None
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("engine: the official installer cannot be reached")


@pytest.mark.parametrize("script", ["echo no such version >&2; exit 1", 'mkdir -p "$4/bin"', "<html>a portal</html>"])
def test_installer_that_brings_nothing_leaves_nothing(
    tmp_path: Path, serve: Callable[[str], str], capsys: pytest.CaptureFixture[str], script: str
) -> None:
    assert installer.installed(tmp_path, script=serve(script)) is None
    assert "brought no engine" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
