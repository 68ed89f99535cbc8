"""An engine that somebody installed: on PATH, or by the official installer in our cache."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from .model import ENGINE, LANGUAGE_HOST, PINNED, Engine, is_recent_enough, say, version_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def on_path(env: Mapping[str, str]) -> Engine | None:
    """Return the engine on PATH if it is recent enough and has a Python language host; otherwise say why not."""
    search = env.get("PATH", os.defpath)
    found = shutil.which(ENGINE, path=search)
    if found is None:
        return None
    pulumi = Path(found)
    version = version_of(pulumi)
    if version is None:
        say(f"engine: {pulumi} is on PATH but does not answer `pulumi version`; not used")
        return None
    if not is_recent_enough(version):
        say(f"engine: {pulumi} is version {version}, this project needs {PINNED} or newer (3.x); not used")
        return None
    beside = pulumi.resolve().parent / LANGUAGE_HOST
    if not (os.access(beside, os.X_OK) or shutil.which(LANGUAGE_HOST, path=search)):
        say(f"engine: {pulumi} has no {LANGUAGE_HOST} beside it or on PATH; not used")
        return None
    return Engine(path_dir=pulumi.absolute().parent, version=version, source="path")
