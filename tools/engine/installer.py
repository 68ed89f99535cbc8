"""The official installer, into our cache: tried where the internet is, passed over with one line where it is not."""

from __future__ import annotations

import subprocess
import tempfile
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from .cache import published
from .model import ENGINE, LANGUAGE_HOST, PINNED, Engine, say, version_of

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = "https://get.pulumi.com"
"""The address that the vendor's installation page gives for `curl ... | sh`."""

REACH_SECONDS = 5.0
INSTALL_SECONDS = 300.0


def installed(cache: Path, *, script: str = SCRIPT, reach_seconds: float = REACH_SECONDS) -> Engine | None:
    """Return the official installer's engine below `cache`, installed now if it can be; None if it cannot."""
    place = cache / "official"
    engine = _usable(place)
    if engine is not None:
        return engine
    try:
        with urllib.request.urlopen(script, timeout=reach_seconds) as answer:  # noqa: S310 - a constant https address; tests give loopback
            text: bytes = answer.read()
    except (urllib.error.URLError, OSError) as problem:
        reason = getattr(problem, "reason", problem)
        say(f"engine: the official installer cannot be reached ({reason}); trying the Go module instead")
        return None
    say(f"engine: running the official installer for {PINNED}")
    try:
        with published(place) as fresh:
            _run(text, fresh)
    except _NothingBroughtError as problem:
        say(f"engine: the official installer brought no engine ({problem}); trying the Go module instead")
        return None
    return _usable(place)


class _NothingBroughtError(Exception):
    """The script ran, but there is no engine."""


def _run(script: bytes, place: Path) -> None:
    """Run the script as its documentation does, with `place` as its only target."""
    with tempfile.NamedTemporaryFile(suffix=".sh") as file:
        file.write(script)
        file.flush()
        command = ["sh", file.name, "--version", PINNED, "--install-root", str(place), "--no-edit-path"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise _NothingBroughtError(f"not done after {INSTALL_SECONDS:.0f} s") from None
    if _usable(place) is None:
        raise _NothingBroughtError((done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1])


def _usable(place: Path) -> Engine | None:
    directory = place / "bin"
    if not (directory / LANGUAGE_HOST).is_file() or version_of(directory / ENGINE) != PINNED:
        return None
    return Engine(path_dir=directory, version=PINNED, source="installer")
