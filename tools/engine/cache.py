"""A place in the user's cache that is either whole or not there, however many processes make it at once."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from .model import EngineUnavailableError, say

if TYPE_CHECKING:
    from collections.abc import Generator


@contextlib.contextmanager
def exclusively(cache: Path) -> Generator[None]:
    """Hold the cache's lock. The system drops it when its holder dies, so it is never stale."""
    try:
        import fcntl  # noqa: PLC0415 - Windows has none, and people's tools import this module there
    except ImportError:
        raise EngineUnavailableError(
            "no `pulumi` on PATH: install it from https://www.pulumi.com/docs/install/"
        ) from None
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("engine: another process is making the engine; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def published(place: Path) -> Generator[Path]:
    """Give a fresh folder that replaces `place` at once when the block ends well, and vanishes if it fails.

    To be used by the holder of the cache's lock: folders that others left unfinished, being killed, are removed.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    for left in place.parent.glob(f".{place.name}-*"):
        shutil.rmtree(left, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        yield fresh
        fresh.chmod(0o755)
        if place.exists():
            shutil.rmtree(place)
        os.replace(fresh, place)  # noqa: PTH105 - a rename of folders, which Path.replace documents for files only
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
