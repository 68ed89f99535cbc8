"""A real emulator process for tests: `python -m emulator`, ended with the test run whatever happens to it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.request import ProxyHandler, Request, build_opener

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parent.parent

_COMMAND = (sys.executable, "-m", "emulator")

CREDENTIALS = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator-access-key",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-access-key-secret",
}

_open = build_opener(ProxyHandler({})).open
"""Without proxies: everything here is on loopback."""


class EmulatorProcess:
    """A running emulator. `options` are those of its command line, with underscores: `account_id="..."`.

    `region_port={"cn-beijing": 18081}` and `sae_namespace=["cn-beijing:team"]` repeat their option, and so do
    `mse_instance=["cn-beijing:mse-1"]` and `nacos_namespace=["mse-1:team"]`.
    """

    def __init__(self, state_dir: Path, options: dict[str, Any]) -> None:
        self.state_dir = state_dir
        self._options = options
        self.launch()

    @classmethod
    def start(cls, state_dir: Path, **options: Any) -> Self:
        """Start one on `state_dir` and wait until it listens."""
        return cls(state_dir, options)

    def launch(self) -> None:
        """Start it again after `stop` or `kill`, as it was started; ports may be others."""
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "emulator",
                "--state",
                str(self.state_dir),
                "--until-stdin-closes",
                *self._arguments(),
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(log := self.stderr_file.open("a")),
            text=True,
        )
        log.close()
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.kill()
            raise AssertionError(f"the emulator did not start: {self.stderr_file.read_text()}")
        ready: dict[str, Any] = json.loads(line)
        self.port: int = ready["port"]
        self.regions: dict[str, int] = ready["regions"]
        self.instance: str = ready["instance"]

    def _arguments(self) -> list[str]:
        arguments: list[str] = []
        for name, value in self._options.items():
            values: list[Any] = [value]
            if isinstance(value, dict):
                values = [f"{k}={v}" for k, v in cast("dict[str, Any]", value).items()]
            elif isinstance(value, list):
                values = list(cast("Iterable[Any]", value))
            arguments += [part for item in values for part in (f"--{name.replace('_', '-')}", str(item))]
        return arguments

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def stderr_file(self) -> Path:
        """Where what it writes on stderr is kept."""
        self.state_dir.mkdir(parents=True, exist_ok=True)
        return self.state_dir / "stderr.txt"

    @property
    def url(self) -> str:
        """Address of the main port."""
        return f"http://127.0.0.1:{self.port}"

    def region_url(self, region: str) -> str:
        """Address of a region's port."""
        return f"http://127.0.0.1:{self.regions[region]}"

    @property
    def inference(self) -> str:
        """Prefix of the inference hosts: `<prefix>/<real host><path>`."""
        return f"{self.url}/_host"

    def env(self) -> dict[str, str]:
        """Environment variables of the credentials that it knows."""
        return dict(CREDENTIALS)

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        """Call `/_admin<path>` and return its JSON."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/_admin{path}", data=data, method=method)  # noqa: S310 - loopback
        with _open(request, timeout=30) as answer:
            return json.load(answer)

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the recorded calls after number `since`."""
        calls: list[dict[str, Any]] = self.admin("GET", f"/calls?since={since}")["calls"]
        return calls

    def fault(self, operation: str, kind: str, **more: Any) -> None:
        """Put a fault in."""
        self.admin("POST", "/faults", {"operation": operation, "kind": kind, **more})

    def settings(self, **settings: Any) -> None:
        """Change settings."""
        self.admin("POST", "/settings", settings)

    def restart(self) -> None:
        """Stop it and start it again on the same state and the same ports."""
        self.stop()
        self._options = self._options | {"port": self.port, "region_port": self.regions}
        self.launch()

    def stop(self) -> int:
        """End it in good order; return its exit code."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self.wait()

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self._process.kill()
        self.stop()

    def wait(self) -> int:
        """Wait until it has ended; return its exit code."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        code = self._process.wait(timeout=30)
        self._process.stdin.close()
        self._process.stdout.close()
        return code
