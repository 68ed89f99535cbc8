"""`python -m tools.engine`: make sure of an engine and print the folder to put first on PATH."""

from __future__ import annotations

import argparse
import json
import sys

from . import EngineUnavailableError, ensure


def main() -> int:
    """Print the folder, or with --json folder, version, source and environment. 1 where there is no engine."""
    parser = argparse.ArgumentParser(prog="python -m tools.engine", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print path_dir, version, source and env as JSON")
    options = parser.parse_args()
    try:
        engine = ensure()
    except EngineUnavailableError as problem:
        print(f"engine: {problem}", file=sys.stderr)
        return 1
    facts = {
        "path_dir": str(engine.path_dir),
        "version": engine.version,
        "source": engine.source,
        "env": engine.env,
    }
    print(json.dumps(facts) if options.json else engine.path_dir)
    return 0


if __name__ == "__main__":
    sys.exit(main())
