"""Start the plugin: the engine runs `python -m emulator.standin ENGINE_ADDRESS` through the installed wrapper."""

import os
import signal
import sys

# With DEBUG=sdk the vendor's SDK prints requests and signatures; stdout is for the port alone.
os.environ.pop("DEBUG", None)

from emulator.standin.clock import Clock
from emulator.standin.plugin import Plugin
from emulator.standin.server import serve


def main(argv: list[str]) -> None:
    """Serve until the engine ends this process. The engine's address is the one argument that is not a flag."""
    clock = Clock()

    def stop(*_: object) -> None:
        clock.cancel()

    server, port = serve(Plugin(clock), next((arg for arg in argv if not arg.startswith("-")), None))
    # A Ctrl-C in the terminal reaches this process too; the engine then cancels and ends it itself.
    signal.signal(signal.SIGINT, stop)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


if __name__ == "__main__":
    main(sys.argv[1:])
