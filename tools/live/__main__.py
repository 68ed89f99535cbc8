"""Measure on a real account what is assumed of the service: docs/assumptions.md.

It makes up to three workspaces and five keys under names of its own, measures, and removes them; nothing else is
touched. Credentials come from the vendor's default chain.

Exit code: 0 all that was measured holds, 1 something does not hold, 2 refused or wrong usage, 3 something was left.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from provider.client.errors import ServiceError
from provider.client.redact import redact
from provider.client.retry import Clock
from provider.client.sdk import remember_environment
from tools.arguments import UsageError
from tools.live.folder import BusyError, alone, folder
from tools.live.options import read
from tools.live.run import INTERRUPTED, USAGE, Run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def main(argv: Sequence[str] | None = None, env: Mapping[str, str] = os.environ, clock: Clock | None = None) -> int:
    """Run the command line, and return the exit code."""
    remember_environment()
    try:
        options, directory = read(sys.argv[1:] if argv is None else argv), folder(env)
        with alone(directory):
            run = Run(options=options, folder=directory, clock=clock or Clock())
            return run.clean() if options.clean else run.measure()
    except BusyError:
        return _refused("another run works on this machine")
    except (UsageError, ServiceError) as why:
        return _refused(str(why))
    except KeyboardInterrupt:
        print("live: interrupted", file=sys.stderr)
        return INTERRUPTED


def _refused(why: str) -> int:
    print(f"live: {redact(why)}", file=sys.stderr)
    return USAGE


if __name__ == "__main__":
    sys.exit(main())
