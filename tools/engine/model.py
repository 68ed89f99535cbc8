"""What an engine is, which version this project pins, and where its own copies are kept."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

PINNED = "3.259.0"
"""The version that is installed or built, and the oldest one taken from PATH. Same as `pulumi` in requirements.in."""

ENGINE = "pulumi"
LANGUAGE_HOST = "pulumi-language-python"


class EngineUnavailableError(Exception):
    """No engine could be had; the message says what to install."""


@dataclass(frozen=True)
class Engine:
    """An engine that can be started.

    `path_dir` goes first on PATH; `env` holds what else its processes need; `source` says which way it was had.
    """

    path_dir: Path
    version: str
    source: Literal["path", "installer", "build"]
    env: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def pulumi(self) -> Path:
        """The CLI itself."""
        return self.path_dir / ENGINE

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return `base` with this engine first on PATH and what its processes need."""
        path = os.pathsep.join(part for part in (str(self.path_dir), base.get("PATH", os.defpath)) if part)
        return {**base, **self.env, "PATH": path}


def say(line: str) -> None:
    """One line of progress, on stderr: stdout belongs to what was asked for."""
    print(line, file=sys.stderr, flush=True)


def cache_directory(env: Mapping[str, str]) -> Path:
    """Where engines of the pinned version are kept: below XDG_CACHE_HOME, else ~/.cache."""
    # The XDG specification: a relative value is to be ignored.
    configured = env.get("XDG_CACHE_HOME", "")
    base = Path(configured) if configured.startswith("/") else Path(env.get("HOME") or Path.home()) / ".cache"
    return base / "model-studio-access" / f"engine-{PINNED}"


def version_of(pulumi: Path) -> str | None:
    """Ask this CLI for its version, without the leading v; None where it does not start."""
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        done = subprocess.run(
            [pulumi, "version"], capture_output=True, text=True, timeout=60, check=False, env=environment
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.match(r"v?(\d+\.\d+\.\d+\S*)", done.stdout.strip())
    return match[1] if done.returncode == 0 and match else None


def is_recent_enough(version: str) -> bool:
    """Whether a CLI of this version can run the project: the pinned one or newer, of the same major version."""
    numbers = re.findall(r"\d+", version)
    pinned = [int(number) for number in PINNED.split(".")]
    found = [int(number) for number in numbers[:3]]
    return found[:1] == pinned[:1] and found >= pinned
