"""The folder `.local`: what lies where, and who may use it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

ROOT = Path(__file__).parent.parent.parent
STANDIN_MARK = "stand-in"
"""File in a plugin's folder that says: written here, not downloaded."""


class LocalError(Exception):
    """`make up` or `make down` cannot go on; the message says what to do."""


@dataclass(frozen=True)
class Place:
    """Paths below `.local`."""

    root: Path = ROOT
    """The folder of the Pulumi project: the checkout, but for tests of this tool."""

    @property
    def directory(self) -> Path:
        """Everything that `make up` keeps."""
        return self.root / ".local"

    @property
    def emulator_state(self) -> Path:
        """What the emulator's services hold."""
        return self.directory / "emulator"

    @property
    def emulator_log(self) -> Path:
        """What the emulator writes while it runs."""
        return self.directory / "emulator.log"

    @property
    def emulator_record(self) -> Path:
        """Which process is the emulator that was started here."""
        return self.directory / "emulator.json"

    @property
    def ports(self) -> Path:
        """The ports, chosen once."""
        return self.directory / "ports.json"

    @property
    def config(self) -> Path:
        """The stack file with the chosen ports."""
        return self.directory / "Pulumi.local.yaml"

    @property
    def passphrase(self) -> Path:
        """The passphrase of the stack's secrets."""
        return self.directory / "passphrase"

    @property
    def outputs(self) -> Path:
        """The stack's outputs after the last `make up`; no secret is in them."""
        return self.directory / "outputs.json"

    @property
    def backend(self) -> Path:
        """The engine's file backend."""
        return self.directory / "state"

    @property
    def home(self) -> Path:
        """PULUMI_HOME: plugins, logs."""
        return self.directory / "pulumi"

    @property
    def plugins(self) -> Path:
        """The plugin cache, which outlives `make down`."""
        return self.home / "plugins"

    @property
    def scratch(self) -> Path:
        """A project of the same name where the stack is made: `stack init` writes into the project it runs in."""
        return self.directory / "scratch"

    def prepare(self) -> None:
        """Make the folders, and the passphrase where there is none."""
        for folder in (self.directory, self.emulator_state, self.backend, self.home, self.scratch):
            folder.mkdir(parents=True, exist_ok=True)
        if not self.passphrase.exists():
            write_private(self.passphrase, secrets.token_urlsafe(24))

    def remove(self) -> None:
        """Remove all but plugins that were downloaded."""
        if not self.directory.exists():
            return
        downloaded = [folder for folder in self.plugins.glob("*") if _is_download(folder)]
        keep = {self.home, self.plugins, *downloaded} if downloaded else set[Path]()
        for folder in (self.plugins, self.home, self.directory):
            for entry in list(folder.iterdir()) if folder.exists() else []:
                if entry not in keep:
                    _remove(entry)
        if not downloaded:
            self.directory.rmdir()

    @contextlib.contextmanager
    def held(self) -> Generator[None]:
        """Hold `.local` against another `make up` or `make down`. The system lets go when the holder dies."""
        try:
            import fcntl  # noqa: PLC0415 - Windows has none, and people's tools import this module there
        except ImportError:
            raise LocalError("`make up` and `make down` run on Linux and macOS; on Windows use WSL") from None
        self.directory.mkdir(parents=True, exist_ok=True)
        # The folder itself is locked: no file is left over, and `remove` may take everything in it.
        descriptor = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalError("another `make up` or `make down` is at work here; wait for it, then try again") from None
        else:
            yield
        finally:
            os.close(descriptor)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, all of it or none."""
    fresh = path.with_name(f".{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    fresh.replace(path)


def _is_download(folder: Path) -> bool:
    made_here = (folder / STANDIN_MARK).exists() or any(entry.is_symlink() for entry in folder.glob("*"))
    return folder.is_dir() and not made_here


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()
