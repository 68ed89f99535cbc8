"""The one way in: an engine, whatever it takes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from . import build, find, installer
from .cache import exclusively
from .model import Engine, cache_directory

if TYPE_CHECKING:
    from collections.abc import Mapping


def ensure(env: Mapping[str, str] | None = None) -> Engine:
    """Find, install or build an engine: PATH, else the official installer, else the published Go module.

    What is installed or built is kept in the user's cache. Raises EngineUnavailableError, with what to install,
    when there is none.
    """
    env = os.environ if env is None else env
    engine = find.on_path(env)
    if engine is not None:
        return engine
    cache = cache_directory(env)
    with exclusively(cache):
        # A finished build is taken before the installer is tried again: offline, each try would cost its time-out.
        return build.kept(cache) or installer.installed(cache) or build.built(cache, env)
