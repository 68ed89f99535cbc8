"""Start the plugin: the engine runs `python -m emulator.standin ENGINE_ADDRESS` through the installed wrapper."""

import os
import signal
import sys
import threading

# With DEBUG=sdk the vendor's SDK prints requests and signatures; stdout is for the port alone.
os.environ.pop("DEBUG", None)

from emulator.standin.clock import Clock
from emulator.standin.plugin import Plugin
from emulator.standin.server import serve

_GRACE = 1.0
"""Seconds for the calls that are under way."""
_PARENT_WATCH = 1.0
"""Seconds between looks at whether the process that started this one is still there."""


def main(argv: list[str]) -> None:
    """Serve until the engine ends this process. The engine's address is the one argument that is not a flag."""
    clock = Clock()
    server, port = serve(Plugin(clock), next((arg for arg in argv if not arg.startswith("-")), None))

    def stop(*_: object) -> None:
        clock.cancel()
        threading.Thread(target=server.stop, args=(_GRACE,)).start()

    # The engine ends its plugins with the first of these, and waits for them before it uses force.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    parent = os.getppid()
    while server.wait_for_termination(timeout=_PARENT_WATCH):  # true while it still serves
        if os.getppid() != parent:  # a killed engine ends nobody
            stop()


if __name__ == "__main__":
    main(sys.argv[1:])
