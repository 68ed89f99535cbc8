"""`python -m tools.live` on the emulator, called as from a script; the time that it waits passes at once."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest import mock

from alibabacloud_credentials.utils import auth_util

from catalogue.assumptions import ASSUMPTIONS
from tests.provider.doubles import MovedClock
from tools.live.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

    from tests.emulator_process import EmulatorProcess

ACCOUNT, REGION = "1234567890123456", "cn-beijing"
IDS = [assumed.id for assumed in ASSUMPTIONS]


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def outcomes(self) -> dict[str, str]:
        """Outcome by id; {} where there is no report."""
        found: dict[str, str] = {}
        for line in self.out.splitlines():
            outcome, name, why = line.split("  ", 1)[0], *line[23:].split(None, 1)
            assert why, line
            found[name] = outcome
        return found

    def told(self, outcome: str) -> set[str]:
        return {name for name, said in self.outcomes.items() if said == outcome}


def arguments(emulator: EmulatorProcess, *more: str) -> list[str]:
    planes = [part for r in emulator.regions for part in ("--control-plane", f"{r}={emulator.region_url(r)}")]
    return ["--account", ACCOUNT, "--region", REGION, *planes, "--prefix", emulator.inference, *more]


def environment(emulator: EmulatorProcess, directory: Path) -> dict[str, str]:
    bare = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")}
    return bare | emulator.env() | {"XDG_STATE_HOME": str(directory)}


def call(emulator: EmulatorProcess, directory: Path, *more: str, stdin: io.StringIO | None = None) -> Done:
    """Call it in this process."""
    return call_with(arguments(emulator, *more), environment(emulator, directory), stdin=stdin)


def call_with(given: list[str], env: dict[str, str], *, stdin: io.StringIO | None = None) -> Done:
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, env),
        # The vendor's chain reads the environment once, when it is imported.
        mock.patch.multiple(
            auth_util,
            environment_access_key_id=env.get("ALIBABA_CLOUD_ACCESS_KEY_ID"),
            environment_access_key_secret=env.get("ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
        ),
        mock.patch.object(sys, "stdin", stdin or io.StringIO()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = main(given, env, MovedClock())
    return Done(code, out.getvalue(), err.getvalue())


def state(emulator: EmulatorProcess) -> Any:
    """Return all that the emulated services hold."""
    found = emulator.admin("GET", "/state")
    for workspace in found["workspaces"]:
        workspace.pop("refused_deletes")
    return found
