"""Puts the stand-in where the engine finds plugins: an executable on PATH."""

import shlex
from pathlib import Path

NAME = "pulumi-resource-alicloud"


def install(directory: Path, python: Path, root: Path) -> Path:
    """Write the executable into `directory`, which belongs on the engine's PATH, and return its path.

    `python` is the interpreter that has the dependencies; `root` the folder that holds the package `emulator`.
    The engine takes a plugin on PATH whatever version the program asks for.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / NAME
    text = (
        "#!/bin/sh\n"
        "# The stand-in for the published alicloud plugin: loopback addresses only.\n"
        f'PYTHONPATH={shlex.quote(str(root))} exec {shlex.quote(str(python))} -m emulator.standin "$@"\n'
    )
    partial = path.with_suffix(".new")
    partial.write_text(text)
    partial.chmod(0o755)
    partial.replace(path)
    return path
