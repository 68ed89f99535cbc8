"""Puts this project's language host beside a built engine, in the folder that goes on PATH."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from .cache import published
from .model import ENGINE, LANGUAGE_HOST

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HOST_PYTHON = "MODEL_STUDIO_HOST_PYTHON"
"""Environment variable: the Python (with the packages `pulumi` and `grpcio`) that runs the language host."""

SOURCE = Path(__file__).parent / "host"

# `exec` keeps the process id, so that the host's parent is the engine: the host ends when that parent does.
_SHIM = f"""#!/bin/sh
python="${{{HOST_PYTHON}:-}}"
if [ -z "$python" ]; then
    if [ -x "$PWD/.venv/bin/python" ]; then python="$PWD/.venv/bin/python"; else python=python3; fi
fi
exec "$python" -u "$(dirname "$0")/host_main.py" "$@"
"""

_MAIN = '''"""Starts the language host that lies beside this file."""

from host.server import main

main()
'''


def install_host(cache: Path, *, engine: Path, scripts: Sequence[Path]) -> Path:
    """Return a folder with engine, host and scripts; one per content, so that checkouts do not disturb each other."""
    modules = sorted(SOURCE.glob("*.py"))
    place = cache / "hosts" / _digest([*modules, *scripts], engine)
    if place.exists() and os.path.samefile(place / ENGINE, engine):  # noqa: PTH121 - Path.samefile has no form for two paths that both may be links
        return place
    with published(place) as fresh:
        # A hard link: the engine looks for its host beside itself, and would resolve a symbolic link first.
        os.link(engine, fresh / ENGINE)
        (fresh / "host").mkdir()
        for module in modules:
            (fresh / "host" / module.name).write_bytes(module.read_bytes())
        (fresh / "host_main.py").write_text(_MAIN)
        for script in scripts:
            (fresh / script.name).write_bytes(script.read_bytes())
            (fresh / script.name).chmod(0o755)
        (fresh / LANGUAGE_HOST).write_text(_SHIM)
        (fresh / LANGUAGE_HOST).chmod(0o755)
    return place


def _digest(files: Iterable[Path], engine: Path) -> str:
    digest = hashlib.sha256(f"{_SHIM}{_MAIN}{engine}{engine.stat().st_ino}".encode())
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
