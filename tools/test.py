"""`make test`: the engine is made sure of, then the fast tests run, then those on the real engine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.engine import EngineUnavailableError, ensure

ROOT = Path(__file__).parent.parent
NO_TESTS = 5
"""pytest's exit code where the selection is empty."""


def main() -> int:
    """Run the tests; arguments are passed on to pytest. 0 only if both parts ran something and all of it passed."""
    try:
        engine = ensure()
    except EngineUnavailableError as problem:
        print(f"test: {problem}", file=sys.stderr)
        return 1
    print(f"test: engine {engine.version} ({engine.source})", flush=True)
    for part in ("not engine", "engine"):
        # A process per core; the tests of one file stay together, for those that share what is slow to make.
        command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile", "-m", part, *sys.argv[1:]]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        if code == NO_TESTS:
            print(f"test: nothing was run for `-m {part!r}`", file=sys.stderr)
        if code != 0:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
