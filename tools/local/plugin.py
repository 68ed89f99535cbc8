"""The plugin `alicloud`: an installed one, else a downloaded one, else the stand-in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tools.local.place import ROOT, STANDIN_MARK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.engine import Engine
    from tools.local.place import Place

VERSION = "4.0.0"
EXECUTABLE = "pulumi-resource-alicloud"
FOLDER = f"resource-alicloud-v{VERSION}"
_FOLDERS = "resource-alicloud-v4.*"
DOWNLOAD_SECONDS = 180.0


def ensure_plugin(place: Place, engine: Engine, env: Mapping[str, str]) -> None:
    """Make sure that the engine finds the plugin. Decided once: a stack goes on with the plugin it began with."""
    if (place.plugins / FOLDER / STANDIN_MARK).exists():
        write_standin(place.plugins)  # again: the checkout or its virtual environment may have moved
        return
    if shutil.which(EXECUTABLE, path=env.get("PATH")) or any(place.plugins.glob(f"{_FOLDERS}/{EXECUTABLE}")):
        return
    if _taken_from_user(place) or _downloaded(place, engine, env):
        return
    print(f"up: the alicloud plugin {VERSION} cannot be downloaded here; the stand-in of this project serves instead")
    write_standin(place.plugins)


def write_standin(plugins: Path) -> None:
    """Put the stand-in into a plugin cache, where the engine takes it for the published plugin.

    On PATH the engine would find it too, but warn at every start, and look for a download first.
    """
    from emulator.standin.install import install  # noqa: PLC0415 - not needed where the published plugin can be had

    install(plugins / FOLDER, Path(sys.executable), ROOT)
    (plugins / FOLDER / STANDIN_MARK).touch()


def _taken_from_user(place: Place) -> bool:
    """Link the plugin that the user's own PULUMI_HOME has: it need not be downloaded twice."""
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    found = sorted((home / "plugins").glob(f"{_FOLDERS}/{EXECUTABLE}"))
    if not found:
        return False
    # The file, not its folder: the engine passes over folders that are links.
    folder = place.plugins / found[-1].parent.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / EXECUTABLE).symlink_to(found[-1])
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
