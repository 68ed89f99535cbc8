"""The stack `local` on the engine: its environment, its file, its lock, and the commands that `make` needs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import yaml

from tools.local.place import LocalError, write_private
from tools.local.ports import put_in
from tools.local.surroundings import emulator_options

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from types import FrameType

    from tools.engine import Engine
    from tools.local.place import Place

NAME = "local"
_FOREIGN = ("PULUMI_", "ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_")
DROP = (
    "Without that one the stack cannot be read: put it back, "
    "or drop the stack with `.venv/bin/python -m tools.local down --forget`"
)
"""What to do about a passphrase that is lost."""
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def as_local(base: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with the emulator's credentials, never the caller's, and no proxy.

    The vendor's SDKs ignore NO_PROXY, so that only an environment without proxies reaches loopback.
    """
    kept = {
        name: value for name, value in base.items() if not name.startswith(_FOREIGN) and name.lower() not in _PROXIES
    }
    return {
        **kept,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator-access-key",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-access-key-secret",
    }


def environment(place: Place, engine: Engine, base: Mapping[str, str]) -> dict[str, str]:
    """Return what the engine runs with."""
    return engine.environment(
        {
            **as_local(base),
            "PULUMI_BACKEND_URL": place.backend.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(place.passphrase),
            "PULUMI_HOME": str(place.home),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
    )


def write_config(place: Place, ports: Mapping[str, int]) -> list[str]:
    """Write the stack file with the ports used here. Returns the options of the emulator for what it delivers to.

    Raises LocalError if it cannot be read or is no YAML; what it means is for the program to judge.
    """
    source = place.root / "stacks" / "Pulumi.local.yaml"
    try:
        text = put_in(source.read_text(), ports)
        needed = emulator_options(yaml.safe_load(text))
    except (OSError, UnicodeDecodeError) as problem:
        raise LocalError(f"{source} cannot be read: {problem}") from None
    except yaml.YAMLError as problem:
        raise LocalError(f"{source}{_where_and_why(problem)}") from None
    salt = _salt(place)
    if salt is not None:
        text = f"{text.rstrip()}\nencryptionsalt: {salt}\n"
    write_private(place.config, text)
    return needed


def last_options(place: Place) -> list[str]:
    """Return the options of the emulator for the stack file that was written last."""
    return emulator_options(yaml.safe_load(place.config.read_text()))


def services(place: Place) -> list[str]:
    """Return the services of the stack file in its order, which outputs do not keep."""
    node: Any = yaml.safe_load(place.config.read_text())
    for name in ("config", "model-studio:settings", "services"):
        node = cast("dict[str, Any]", node).get(name) if isinstance(node, dict) else None
    return list(cast("dict[str, Any]", node)) if isinstance(node, dict) else []


def was_made(place: Place) -> bool:
    """Whether the stack exists."""
    return _salt(place) is not None and any(place.backend.glob(f".pulumi/stacks/*/{NAME}.json*"))


class LocalStack:
    """Commands on the stack `local`."""

    def __init__(self, place: Place, engine: Engine, env: Mapping[str, str]) -> None:
        self._place = place
        self._engine = engine
        self._env = dict(env)
        self._where = ["--stack", NAME, "--config-file", str(place.config)]

    def create(self) -> None:
        """Make the stack where there is none."""
        if was_made(self._place):
            return
        project = yaml.safe_load((self._place.root / "Pulumi.yaml").read_text())["name"]
        content = yaml.safe_dump({"name": project, "runtime": "python"})
        (self._place.scratch / "Pulumi.yaml").write_text(content)
        self._quiet("stack", "select", "--create", NAME, cwd=self._place.scratch)

    def unlock(self, command: str) -> None:
        """Take away the lock of an engine that died. Raises LocalError if an engine holds it still."""
        for lock in self._place.backend.glob(f".pulumi/locks/*/*/{NAME}/*.json"):
            try:
                pid = int(json.loads(lock.read_text())["pid"])
            except (OSError, ValueError, KeyError):
                pid = 0
            if pid and _is_engine(pid):
                raise LocalError(f"pulumi (process {pid}) is at work on the stack; wait for it, then try again")
            print(f"{command}: an earlier run was killed and left the stack locked; taking the lock away and going on")
            self._quiet("cancel", "--yes", "--stack", NAME, cwd=self._place.root)
            return

    def pending(self) -> list[str]:
        """Return the resources whose creation was cut off, by URN."""
        deployment = json.loads(self._quiet("stack", "export", "--stack", NAME, cwd=self._place.root))["deployment"]
        operations: list[dict[str, Any]] = deployment.get("pending_operations") or []
        return [str(operation["resource"]["urn"]) for operation in operations]

    def up(self) -> int:
        """Deploy; what happens goes to the terminal. Returns the engine's exit code, below zero for a signal."""
        return self._shown("up", "--yes", "--skip-preview", "--suppress-outputs", *self._where)

    def clear_pending(self) -> int:
        """Drop the notes of cut-off creations, after an `up` that made or found what they stand for."""
        return self._shown(
            *("refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--suppress-outputs", *self._where)
        )

    def destroy(self) -> int:
        """Delete every resource. Returns the engine's exit code, below zero for a signal."""
        return self._shown("destroy", "--yes", "--skip-preview", *self._where)

    def remove(self) -> None:
        """Remove the empty stack."""
        # Forced: notes of cut-off creations count as resources, and `.local` goes next anyway.
        self._quiet("stack", "rm", "--yes", "--force", "--preserve-config", NAME, cwd=self._place.root)

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs."""
        outputs: dict[str, Any] = json.loads(
            self._quiet("stack", "output", "--json", "--stack", NAME, cwd=self._place.root)
        )
        return outputs

    def _quiet(self, *arguments: str, cwd: Path) -> str:
        command = [str(self._engine.pulumi), *arguments, "--color", "never", "--non-interactive"]
        done = subprocess.run(command, cwd=cwd, env=self._env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()
            last = said[-1] if said else "no output"
            if "incorrect passphrase" in last:
                raise LocalError(
                    f"{self._place.passphrase} does not hold the passphrase that the stack was made with. {DROP}"
                )
            raise LocalError(f"`pulumi {' '.join(arguments[:2])}` failed: {last}")
        return done.stdout

    def _shown(self, *arguments: str) -> int:
        process = subprocess.Popen(
            [str(self._engine.pulumi), *arguments, "--non-interactive"],
            cwd=self._place.root,
            env=self._env,
            stdin=subprocess.DEVNULL,
            # Its own group: a terminal's Ctrl-C then reaches it once, from us. Two would make it drop what it does.
            process_group=0,
        )
        with _passing_on(process):
            return process.wait()


@contextmanager
def _passing_on(process: subprocess.Popen[bytes]) -> Generator[None]:
    """Hand Ctrl-C and SIGTERM to the engine, which ends in good order, and go on waiting for it."""

    def hand_on(number: int, frame: FrameType | None) -> None:
        del frame
        if process.poll() is None:
            process.send_signal(number)

    before = {number: signal.signal(number, hand_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _salt(place: Place) -> str | None:
    """Return the salt that the engine wrote when the stack was made: with another one, no secret can be read."""
    try:
        content: dict[str, Any] | None = yaml.safe_load((place.scratch / f"Pulumi.{NAME}.yaml").read_text())
    except OSError:
        return None
    salt = (content or {}).get("encryptionsalt")
    return str(salt) if salt else None


def _where_and_why(problem: yaml.YAMLError) -> str:
    """Tell line, column and reason in one line, without the text found there."""
    if isinstance(problem, yaml.MarkedYAMLError) and problem.problem_mark is not None:
        mark = problem.problem_mark
        return f":{mark.line + 1}:{mark.column + 1}: not valid YAML: {problem.problem}"
    return f": not valid YAML: {' '.join(str(problem).split())}"


def _is_engine(pid: int) -> bool:
    """Whether this process is alive and a pulumi: process ids are used again."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    command = Path(f"/proc/{pid}/cmdline")
    return not command.exists() or b"pulumi" in command.read_bytes().split(b"\0")[0]
