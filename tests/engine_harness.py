"""Runs Pulumi programs on the real engine, each stack with a backend, a home and a passphrase of its own.

Nothing of the caller's environment reaches the engine: what it needs is written out in `EngineStack.environment`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import yaml

from provider.resource import Urn
from tools.local.plugin import write_standin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.engine import Engine

ROOT = Path(__file__).parent.parent
EMPTY_PROGRAM = ROOT / "tests" / "data" / "empty_program"
SETTINGS = "model-studio:settings"

ACCESS_KEY = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator-access-key",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-access-key-secret",
}
"""The credentials that the emulator knows."""


@dataclass(frozen=True)
class Step:
    """One operation on one resource that the engine carried out (or, in a preview, planned)."""

    op: str
    urn: str
    diffs: tuple[str, ...]

    @property
    def name(self) -> str:
        """The logical name, the last part of the URN."""
        return Urn.parse(self.urn).name

    @property
    def type(self) -> str:
        """The type token, without its parents."""
        return Urn.parse(self.urn).type


@dataclass(frozen=True)
class Run:
    """What one command of the engine did and said."""

    code: int
    stdout: str
    stderr: str
    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]], repr=False)

    @cached_property
    def summary(self) -> dict[str, int]:
        """Operations counted by the engine itself, `same` included. Empty if it never came to its summary."""
        for event in reversed(self.events):
            if "summaryEvent" in event:
                counts: dict[str, int] = event["summaryEvent"]["resourceChanges"] or {}
                return counts
        return {}

    @cached_property
    def changes(self) -> dict[str, int]:
        """The summary without `same`: empty where nothing changed. Raises if there is no summary to tell from."""
        if not any("summaryEvent" in event for event in self.events):
            raise AssertionError(f"the engine wrote no summary:\n{self.text}")
        return {op: n for op, n in self.summary.items() if op != "same"}

    @cached_property
    def steps(self) -> list[Step]:
        """The operations that were completed, in order, `same` left out."""
        found: list[Step] = []
        for event in self.events:
            metadata: dict[str, Any] = event.get("resOutputsEvent", {}).get("metadata", {})
            if metadata and metadata["op"] != "same":
                found.append(Step(metadata["op"], metadata["urn"], tuple(metadata.get("diffs") or ())))
        return found

    @cached_property
    def ops_by_type(self) -> Counter[tuple[str, str]]:
        """How often each (operation, type) was completed."""
        return Counter((step.op, step.type) for step in self.steps)

    @cached_property
    def errors(self) -> list[str]:
        """The messages that the engine reported as errors."""
        return self._said("error")

    @cached_property
    def warnings(self) -> list[str]:
        """The messages that the engine reported as warnings."""
        return self._said("warning")

    def _said(self, severity: str) -> list[str]:
        found = (event.get("diagnosticEvent", {}) for event in self.events)
        return [str(one["message"]).strip() for one in found if one.get("severity") == severity]

    @property
    def text(self) -> str:
        """All that was printed."""
        return f"{self.stdout}{self.stderr}"

    def ok(self) -> Self:
        """Return this run; fail, with all that was printed, if it did not end well."""
        if self.code != 0:
            raise AssertionError(f"pulumi ended with {self.code}:\n{self.text}")
        return self


class Running:
    """A command of the engine that has not ended yet, for tests that disturb it."""

    def __init__(self, process: subprocess.Popen[bytes], paths: tuple[Path, Path, Path], patience: float) -> None:
        self.process = process
        self._patience = patience
        self._out, self._err, self._log = paths

    def stdout(self) -> str:
        """What it has printed so far."""
        return self._out.read_text(errors="replace")

    def events(self) -> list[dict[str, Any]]:
        """The engine events so far."""
        if not self._log.exists():
            return []
        found: list[dict[str, Any]] = []
        for line in self._log.read_text(errors="replace").splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:  # the last line, cut by a kill
                break
        return found

    def kill(self) -> Run:
        """End the engine by force, as a crash would."""
        self.process.kill()
        return self.wait()

    def interrupt(self) -> None:
        """Do what Ctrl-C does to the engine."""
        self.process.send_signal(signal.SIGINT)

    def wait(self, timeout: float | None = None) -> Run:
        """Wait for the end. Kills the engine and fails if that takes more than `timeout` seconds, or its patience."""
        patience = self._patience if timeout is None else timeout
        try:
            code = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"pulumi has not ended after {patience} s:\n{self.stdout()}") from None
        return Run(code, self.stdout(), self._err.read_text(errors="replace"), self.events())


class EngineStack:
    """One stack of one program in a folder of its own."""

    def __init__(
        self,
        directory: Path,
        engine: Engine,
        *,
        program: Path = ROOT,
        name: str = "test",
        settings: Mapping[str, Any] | None = None,
        path: Sequence[Path] = (),
        standin: bool = False,
        environment: Mapping[str, str] | None = None,
        patience: float = 240,
    ) -> None:
        """Make the stack.

        `standin` puts the stand-in for alicloud into its plugin cache; `path` goes on PATH behind the engine;
        `environment` is added to the rest; `patience` is how many seconds a command may take.
        """
        self.directory = directory
        self.program = program
        self.name = name
        self.config_file = directory / f"Pulumi.{name}.yaml"
        for part in ("state", "home", "user", "scratch", "runs"):
            (directory / part).mkdir(parents=True, exist_ok=True)
        self.environment = engine.environment(
            {
                "PATH": os.pathsep.join([*map(str, path), "/usr/local/bin", "/usr/bin", "/bin"]),
                "HOME": str(directory / "user"),
                "LANG": "C.UTF-8",
                "PULUMI_HOME": str(directory / "home"),
                "PULUMI_BACKEND_URL": (directory / "state").as_uri(),
                "PULUMI_CONFIG_PASSPHRASE": "a passphrase for tests",
                "PULUMI_SKIP_UPDATE_CHECK": "true",
                "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
                "PULUMI_DEBUG_COMMANDS": "true",  # for --event-log
                **ACCESS_KEY,
                **(environment or {}),
            }
        )
        if standin:
            write_standin(directory / "home" / "plugins")
        self._patience = patience
        self._runs = 0
        self._left: list[Running] = []
        self._initialise(settings)

    def _initialise(self, settings: Mapping[str, Any] | None) -> None:
        """Make the stack from a folder beside the program's: `stack init` writes into the project it is run in."""
        project = yaml.safe_load((self.program / "Pulumi.yaml").read_text())["name"]
        scratch = self.directory / "scratch"
        (scratch / "Pulumi.yaml").write_text(yaml.safe_dump({"name": project, "runtime": "python"}))
        self._start(["stack", "init", self.name], cwd=scratch).wait().ok()
        salt = yaml.safe_load((scratch / f"Pulumi.{self.name}.yaml").read_text())["encryptionsalt"]
        self.config_file.write_text(yaml.safe_dump({"encryptionsalt": salt, "config": {}}))
        if settings is not None:
            self.configure({SETTINGS: settings})

    def configure(self, values: Mapping[str, Any]) -> None:
        """Set plain configuration values by full key; a value of None takes the key out."""
        content = yaml.safe_load(self.config_file.read_text())
        present: dict[str, Any] = content.get("config") or {}
        config = {**present, **values}
        content["config"] = {key: value for key, value in config.items() if value is not None}
        self.config_file.write_text(yaml.safe_dump(content, sort_keys=False))

    def configure_secret(self, key: str, value: str) -> None:
        """Set a secret configuration value, encrypted with the stack's passphrase."""
        arguments = ["config", "set", "--secret", key]
        self._start([*arguments, *self._where()], standard_input=value.encode()).wait().ok()

    def up(self, *arguments: str) -> Run:
        """Deploy, without the preview before."""
        return self.start_up(*arguments).wait()

    def start_up(self, *arguments: str) -> Running:
        """Begin to deploy, and come back at once."""
        return self._operation("up", "--yes", "--skip-preview", *arguments)

    def preview(self, *arguments: str) -> Run:
        """Show what would be done."""
        return self._operation("preview", *arguments).wait()

    def refresh(self, *arguments: str) -> Run:
        """Read every resource and take what is found into the state."""
        return self._operation("refresh", "--yes", "--skip-preview", *arguments).wait()

    def destroy(self, *arguments: str) -> Run:
        """Delete every resource."""
        return self.start_destroy(*arguments).wait()

    def start_destroy(self, *arguments: str) -> Running:
        """Begin to delete every resource, and come back at once."""
        return self._operation("destroy", "--yes", "--skip-preview", *arguments)

    def import_(self, type_token: str, name: str, identifier: str, *arguments: str) -> Run:
        """Take an existing object into the state, unprotected, without generated code."""
        plain = ("--yes", "--skip-preview", "--protect=false", "--generate-code=false")
        return self._operation("import", type_token, name, identifier, *plain, *arguments).wait()

    def run(self, *arguments: str) -> Run:
        """Run any other command on the stack."""
        return self._start([*arguments, "--stack", self.name]).wait()

    def cancel(self) -> Run:
        """Take away the lock that a killed engine left."""
        return self.run("cancel", "--yes")

    def rename(self, name: str) -> None:
        """Give the stack another name; its configuration file stays where it is."""
        self._start(["stack", "rename", name, "--stack", self.name]).wait().ok()
        self.name = name

    def outputs(self, *, show_secrets: bool = False) -> dict[str, Any]:
        """Give the stack's outputs."""
        shown = ["--show-secrets"] if show_secrets else []
        run = self._start(["stack", "output", "--json", "--stack", self.name, *shown]).wait().ok()
        outputs: dict[str, Any] = json.loads(run.stdout)
        return outputs

    def state(self, *, show_secrets: bool = False) -> dict[str, Any]:
        """Give the deployment as exported: `resources`, `pending_operations` and so on."""
        shown = ["--show-secrets"] if show_secrets else []
        run = self._start(["stack", "export", "--stack", self.name, *shown]).wait().ok()
        deployment: dict[str, Any] = json.loads(run.stdout)["deployment"]
        return deployment

    def stored(self) -> dict[str, Any]:
        """Give the deployment as it lies on the disk, secrets encrypted: without a run of the engine."""
        deployment: dict[str, Any] = json.loads(self.state_file.read_text())["checkpoint"]["latest"]
        return {"resources": [], **deployment}

    @property
    def state_file(self) -> Path:
        """Where the deployment lies on the disk."""
        (file,) = (self.directory / "state" / ".pulumi" / "stacks").rglob(f"{self.name}.json")
        return file

    def close(self) -> None:
        """End what is still running."""
        for running in self._left:
            if running.process.poll() is None:
                running.kill()

    def _operation(self, *arguments: str) -> Running:
        return self._start([*arguments, *self._where()], log=True)

    def _where(self) -> list[str]:
        return ["--stack", self.name, "--config-file", str(self.config_file)]

    def _start(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path | None = None,
        log: bool = False,
        standard_input: bytes | None = None,
    ) -> Running:
        self._runs += 1
        base = self.directory / "runs" / f"{self._runs:02d}-{arguments[0]}"
        out, err, events = (base.with_suffix(suffix) for suffix in (".out", ".err", ".events"))
        logging = ["--event-log", str(events)] if log else []
        # Files, not pipes: whatever survives a killed engine would hold a pipe open and the reader with it.
        with out.open("wb") as out_file, err.open("wb") as err_file:
            process = subprocess.Popen(
                ["pulumi", *arguments, *logging, "--color", "never", "--non-interactive"],
                cwd=cwd or self.program,
                env=self.environment,
                stdin=subprocess.DEVNULL if standard_input is None else subprocess.PIPE,
                stdout=out_file,
                stderr=err_file,
                executable=_which("pulumi", self.environment["PATH"]),
            )
        if process.stdin is not None and standard_input is not None:
            process.stdin.write(standard_input)
            process.stdin.close()
        running = Running(process, (out, err, events), self._patience)
        self._left.append(running)
        return running


def processes_below(pid: int) -> dict[int, str]:
    """Descendants of a process: their ids and command lines."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                # The name, in brackets, may hold anything; state and parent come after it.
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:  # ended meanwhile
                continue
    below: set[int] = {pid}
    while grown := {child for child, parent in parents.items() if parent in below} - below:
        below |= grown
    return {child: command_line(child) for child in below - {pid}}


def command_line(pid: int) -> str:
    """Give the command line of a process; empty where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def _which(name: str, path: str) -> str:
    # Popen looks on the caller's PATH, not on that of the environment it is given.
    for directory in path.split(os.pathsep):
        candidate = Path(directory) / name
        if os.access(candidate, os.X_OK):
            return str(candidate)
    raise AssertionError(f"no {name} on {path}")
