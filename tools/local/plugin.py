"""The plugin `alicloud`: an installed one, else a downloaded one, else the stand-in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.standin.install import install

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.engine import Engine
    from tools.local.place import Place

VERSION = "4.0.0"
EXECUTABLE = "pulumi-resource-alicloud"
_FOLDERS = "resource-alicloud-v4.*"
DOWNLOAD_SECONDS = 180.0


def directory_for_path(place: Place, engine: Engine, env: Mapping[str, str]) -> Path | None:
    """Make sure of the plugin. Returns the folder to put on PATH if it is the stand-in, else None.

    Decided once: a stack goes on with the plugin that it began with.
    """
    if place.standin.exists():
        return _standin(place)
    if shutil.which(EXECUTABLE, path=env.get("PATH")) or any(place.plugins.glob(_FOLDERS)):
        return None
    if _taken_from_user(place):
        return None
    if _downloaded(place, engine, env):
        return None
    print(f"up: the alicloud plugin {VERSION} cannot be downloaded here; the stand-in of this project serves instead")
    return _standin(place)


def _standin(place: Place) -> Path:
    # Again each time: the checkout or its virtual environment may have moved.
    install(place.standin, Path(sys.executable), place.root)
    return place.standin


def _taken_from_user(place: Place) -> bool:
    """Link what the user's own PULUMI_HOME has: it need not be downloaded twice."""
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    found = sorted(folder for folder in (home / "plugins").glob(_FOLDERS) if (folder / EXECUTABLE).exists())
    if not found:
        return False
    place.plugins.mkdir(parents=True, exist_ok=True)
    (place.plugins / found[-1].name).symlink_to(found[-1], target_is_directory=True)
    return True


def _downloaded(place: Place, engine: Engine, env: Mapping[str, str]) -> bool:
    command = [str(engine.pulumi), "plugin", "install", "resource", "alicloud", VERSION, "--color", "never"]
    try:
        done = subprocess.run(
            command, env=dict(env), cwd=place.scratch, capture_output=True, timeout=DOWNLOAD_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
