"""`python -m emulator --state DIR`: serve until told to stop. See README of the project for the endpoints."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from emulator import mse
from emulator.app import Emulator
from emulator.hosts import REGIONS
from emulator.server import Server, bind, port_of, run
from emulator.state import InUseError, Store


def main(arguments: Sequence[str]) -> int:
    """Run the command line; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        store = Store(options.state, options.account_id)
        main_socket = bind(options.port)
        wanted = dict.fromkeys(REGIONS, 0) | dict(options.region_port)
        sockets = {region: bind(port) for region, port in wanted.items()}
        mse.make(store, options.mse_instance, options.nacos_namespace)
    except (InUseError, OSError, mse.UnknownPlaceError) as exc:
        print(f"emulator: {exc}", file=sys.stderr)
        return 1
    for namespace in options.sae_namespace:
        store.add_namespace(namespace)
    emulator = Emulator(store, lambda: server.stop())  # noqa: PLW0108 - the server is made below
    emulator.region_of_port = {port_of(sock): region for region, sock in sockets.items()}
    ready = {
        "port": port_of(main_socket),
        "regions": {region: port_of(sock) for region, sock in sockets.items()},
        "instance": store.state.instance,
    }
    server = Server(emulator.app(), ready)
    if options.until_stdin_closes:
        server.stop_when_stdin_closes()
    run(server, [main_socket, *sockets.values()])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m emulator", description="Loopback double of Alibaba Cloud services."
    )
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="where the state is kept")
    parser.add_argument("--port", type=int, default=0, help="main port, region cn-beijing (0: a free one)")
    parser.add_argument("--region-port", type=_region_port, action="append", default=[], metavar="REGION=N")
    parser.add_argument("--sae-namespace", action="append", default=[], metavar="REGION:NAME")
    parser.add_argument("--mse-instance", action="append", default=[], metavar="REGION:ID")
    parser.add_argument("--nacos-namespace", action="append", default=[], metavar="INSTANCE:ID")
    parser.add_argument("--account-id", default="1234567890123456")
    parser.add_argument("--until-stdin-closes", action="store_true", help="stop when stdin reaches its end")
    return parser


def _region_port(text: str) -> tuple[str, int]:
    region, _, port = text.partition("=")
    if region not in REGIONS or not port.isdigit():
        raise argparse.ArgumentTypeError(f"REGION=N, REGION one of {', '.join(REGIONS)}")
    return region, int(port)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
