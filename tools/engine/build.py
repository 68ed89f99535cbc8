"""The engine built from the published Go module, with this project's Python language host beside it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .cache import published
from .host_install import HOST_PYTHON, install_host
from .model import ENGINE, PINNED, Engine, EngineUnavailableError, say, version_of

if TYPE_CHECKING:
    from collections.abc import Mapping

MODULE = Path(__file__).parent / "go"
COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
SDK = "github.com/pulumi/pulumi/sdk/v3"
EXECUTOR = "pulumi-language-python-exec"
"""Runs a Python program for the language host."""
DYNAMIC = "pulumi-resource-pulumi-python"
"""Serves the resources that a Python program defines itself with `pulumi.dynamic`."""
SCRIPTS = {EXECUTOR: "cmd", DYNAMIC: "dist"}
"""What the official CLI brings along with the engine, by the folder of the SDK's `python/` that holds it."""
HEARTBEAT_SECONDS = 10.0
MANIFEST = "manifest.json"


def kept(cache: Path) -> Engine | None:
    """Return the engine built earlier, the present language host beside it; None if there is none or it is damaged."""
    place = cache / "built"
    if not place.exists():
        return None
    if not _is_whole(place):
        say(f"engine: the build kept in {place} is damaged or incomplete; building again")
        return None
    return _with_host(cache, place)


def _with_host(cache: Path, place: Path) -> Engine:
    directory = install_host(cache, engine=place / ENGINE, scripts=[place / name for name in SCRIPTS])
    return Engine(path_dir=directory, version=PINNED, source="build", env={HOST_PYTHON: sys.executable})


def built(cache: Path, env: Mapping[str, str]) -> Engine:
    """Build the engine (about five minutes on two cores), keep it, and return it."""
    go = shutil.which("go", path=env.get("PATH", os.defpath))
    if go is None:
        raise EngineUnavailableError(
            f"no Pulumi engine: install the Pulumi CLI {PINNED} or newer (pulumi.com/docs/install), "
            "or Go 1.21 or newer (package golang-go, or go.dev/doc/install) so that it can be built here"
        )
    place = cache / "built"
    with published(place) as fresh:
        # Go's own temporary files: below `fresh`, so that those of a killed build go with it.
        temporary = fresh / "tmp"
        temporary.mkdir()
        _compile(go, fresh / ENGINE, {**env, "GOTMPDIR": str(temporary)})
        shutil.rmtree(temporary)
        module = _module_directory(go, env)
        for name, folder in SCRIPTS.items():
            # Copied, because the module cache is not ours to rely on; its files are read-only.
            (fresh / name).write_bytes((module / "python" / folder / name).read_bytes())
            (fresh / name).chmod(0o755)
        sizes = {name: (fresh / name).stat().st_size for name in (ENGINE, *SCRIPTS)}
        (fresh / MANIFEST).write_text(json.dumps({"version": PINNED, "sizes": sizes}))
        if not _is_whole(fresh):
            raise EngineUnavailableError(f"the engine just built does not answer `pulumi version` with {PINNED}")
    return _with_host(cache, place)


def _is_whole(place: Path) -> bool:
    try:
        manifest = json.loads((place / MANIFEST).read_text())
        sizes: dict[str, int] = manifest["sizes"]
        same = all((place / name).stat().st_size == sizes[name] for name in (ENGINE, *SCRIPTS))
    except (OSError, ValueError, KeyError):
        return False
    return same and version_of(place / ENGINE) == PINNED


def _compile(go: str, output: Path, env: Mapping[str, str]) -> None:
    """Run the Go build with a line of progress every few seconds."""
    say(f"engine: building Pulumi {PINNED} from its published Go module, once (about 5 minutes on 2 cores)")
    version = f"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{PINNED}"
    command = [
        *(go, "build", "-v", "-tags", "osusergo,grpcnotrace", "-trimpath"),
        *("-ldflags", f"-s -w -X {version}", "-o", str(output), COMMAND),
    ]
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=MODULE,
        env={**env, "CGO_ENABLED": "0"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    lines: list[str] = []

    def collect() -> None:
        if process.stderr is not None:
            with process.stderr:
                for line in process.stderr:
                    lines.append(line)  # noqa: PERF402 - counted while it grows

    reader = threading.Thread(target=collect, daemon=True)
    reader.start()
    try:
        while True:
            try:
                code = process.wait(HEARTBEAT_SECONDS)
                break
            except subprocess.TimeoutExpired:
                elapsed = time.monotonic() - started
                step = lines[-1].strip() if lines else "resolving modules"
                say(f"engine: building, {elapsed:.0f} s, {len(lines)} packages, {step}")
    except BaseException:
        process.terminate()
        process.wait()
        raise
    reader.join()
    if code != 0:
        # With -v, go prints each package it compiles; what is none of these is the error.
        problem = "\n".join(line.rstrip() for line in lines if not re.fullmatch(r"[\w./~-]+", line.strip()))
        raise EngineUnavailableError(f"the engine's Go build failed (go build ended with {code}):\n{problem[-2000:]}")
    say(f"engine: built in {time.monotonic() - started:.0f} s")


def _module_directory(go: str, env: Mapping[str, str]) -> Path:
    command = [go, "list", "-m", "-f", "{{.Dir}}", SDK]
    done = subprocess.run(command, cwd=MODULE, env=dict(env), capture_output=True, text=True, check=False)
    if done.returncode != 0 or not done.stdout.strip():
        raise EngineUnavailableError(f"go does not say where {SDK} is: {done.stderr.strip()}")
    return Path(done.stdout.strip())
