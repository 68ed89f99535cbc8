"""The Python environment of a program or plugin: which interpreter, and which distributions are in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIST = """
import importlib.metadata, json
found = []
for distribution in importlib.metadata.distributions():
    name = distribution.metadata["Name"] or ""
    plugin = None
    if name.lower().replace("_", "-").startswith("pulumi-"):
        for file in distribution.files or []:
            if file.name == "pulumi-plugin.json":
                plugin = json.loads(file.locate().read_text())
    found.append({"name": name, "version": distribution.version, "plugin": plugin})
print(json.dumps(found))
"""


class EnvironmentProblemError(Exception):
    """The environment cannot be used; the message says why and what to do."""


class PluginFile(TypedDict, total=False):
    """The parts of a package's `pulumi-plugin.json` that say which plugin serves it."""

    resource: bool
    name: str
    version: str
    server: str


class Distribution(TypedDict):
    """One installed distribution."""

    name: str
    version: str
    plugin: PluginFile | None


@dataclass(frozen=True)
class Environment:
    """Where a program's or plugin's Python is."""

    virtualenv: Path | None
    """The virtual environment's folder; None for the interpreter on PATH."""

    @classmethod
    def of(cls, root: str, options: Mapping[str, object], *, plugin: bool) -> Environment:
        """Find the environment that `runtime.options` name, relative to the folder of their file.

        A plugin without one has it in `venv`, as with the official host. Toolchains other than pip are refused.
        """
        toolchain = str(options.get("toolchain") or "pip")
        if toolchain != "pip":
            raise EnvironmentProblemError(
                f"toolchain {toolchain}: this small language host has only pip; install the Pulumi CLI for others"
            )
        named = str(options.get("virtualenv") or ("venv" if plugin else ""))
        return cls(Path(os.path.normpath(Path(root) / named)) if named else None)

    @property
    def python(self) -> str:
        """The interpreter. Raises EnvironmentProblemError where there is none."""
        if self.virtualenv is None:
            name = os.environ.get("PULUMI_PYTHON_CMD") or "python3"
            found = shutil.which(name)
            if found is None:
                raise EnvironmentProblemError(f"no {name} on PATH, and no virtualenv is named in runtime.options")
            return found
        python = self.virtualenv / "bin" / "python"
        if not python.exists():
            raise EnvironmentProblemError(f"no virtual environment in {self.virtualenv}: run `pulumi install`")
        return str(python)

    def variables(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return `base` with this environment active."""
        values = dict(base)
        if self.virtualenv is not None:
            values.pop("PYTHONHOME", None)
            values["VIRTUAL_ENV"] = str(self.virtualenv)
            values["PATH"] = os.pathsep.join([str(self.virtualenv / "bin"), base.get("PATH", os.defpath)])
        return values

    def distributions(self) -> list[Distribution]:
        """List what is installed."""
        done = subprocess.run([self.python, "-c", _LIST], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise EnvironmentProblemError(f"{self.python} does not list its packages: {done.stderr.strip()}")
        return cast("list[Distribution]", json.loads(done.stdout))
