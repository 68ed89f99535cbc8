"""`python -m tools.local up|down`: what `make up` and `make down` run."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from tools.engine import EngineUnavailableError, ensure
from tools.local import emulator, plugin
from tools.local.place import ROOT, LocalError, Place
from tools.local.ports import MAIN, chosen
from tools.local.stack import DROP, LocalStack, environment, last_options, services, was_made, write_config


@dataclass(frozen=True)
class Ready:
    """A stack that can be worked on: engine, plugin and emulator are there, no dead lock is in the way."""

    stack: LocalStack
    cut_off: list[str]
    """Resources whose creation an earlier run began and did not end."""


def main() -> int:
    """Run the command. 0 if it did what it says; the engine's exit code, or 1, if not."""
    parser = argparse.ArgumentParser(prog="python -m tools.local", description=__doc__)
    parser.add_argument("--project", type=Path, default=ROOT, help="the folder of the Pulumi project (this one)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="deploy the stack `local` against the emulator")
    taking_down = commands.add_parser("down", help="destroy it, and stop what `up` started")
    taking_down.add_argument(
        "--forget",
        action="store_true",
        help="destroy nothing: stop the emulator, which holds it all, and remove .local",
    )
    options = parser.parse_args()
    place = Place(options.project.resolve())
    try:
        if options.command == "up":
            return _up(place)
        return _down(place, forget=options.forget)
    except (LocalError, EngineUnavailableError) as problem:
        print(f"{options.command}: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\n{options.command}: interrupted; run `make {options.command}` to go on", file=sys.stderr)
        return 130


def _up(place: Place) -> int:
    with place.held():
        ready = _ready(place, "up")
        stack = ready.stack
        code = stack.up()
        if code == 0 and ready.cut_off:
            code = stack.clear_pending()
        if code != 0:
            print(f"up: {_advice(code, 'up')}", file=sys.stderr)
            return _exit_code(code)
        outputs = stack.outputs()
        text = json.dumps(outputs, indent=2)
        place.outputs.write_text(text)
        print(f"Outputs:\n{text}")
        for service in services(place)[:1]:
            print(f"Call a model with what was delivered: .venv/bin/python -m tools.call {service}")
    return 0


def _down(place: Place, *, forget: bool) -> int:
    if not place.directory.exists():
        print("down: nothing is up")
        return 0
    with place.held():
        if place.config.exists() and not forget:
            stack = _ready(place, "down").stack
            code = stack.destroy()
            if code != 0:
                print(f"down: {_advice(code, 'down')}", file=sys.stderr)
                return _exit_code(code)
            stack.remove()
        if emulator.stop(place):
            print("down: emulator stopped")
        place.remove()
    print("down: done")
    return 0


def _ready(place: Place, command: str) -> Ready:
    if not place.passphrase.exists() and was_made(place):
        raise LocalError(f"{place.passphrase}, the passphrase of the stack, is gone. {DROP}")
    place.prepare()
    engine = ensure()
    env = environment(place, engine, os.environ)
    plugin.ensure_plugin(place, engine, env)
    ports = chosen(place)
    stack = LocalStack(place, engine, env)
    stack.create()
    try:
        options = write_config(place, ports)
    except LocalError as problem:
        if command != "down" or not place.config.exists():
            raise
        print(f"down: {problem}; going by the stack file of the last `make up`")
        options = last_options(place)
    if emulator.ensure_running(place, ports, options):
        print(f"{command}: emulator on 127.0.0.1:{ports[MAIN]}, log in {place.emulator_log.relative_to(place.root)}")
    stack.unlock(command)
    cut_off = stack.pending()
    for urn in cut_off:
        print(f"{command}: an earlier run was cut off while it made {urn.rsplit('::', 1)[-1]} ({urn})")
    return Ready(stack, cut_off)


def _advice(code: int, command: str) -> str:
    if code < 0:
        return f"the engine was killed (signal {-code}); run `make {command}`: it takes the lock away and goes on"
    return (
        f"not done; the reason stands above. Run `make {command}` again: it goes on where this run stopped"
        + ("; `make down` takes away what was made" if command == "up" else "")
        + f". If it is an incorrect passphrase: .local/passphrase was changed. {DROP}"
    )


def _exit_code(code: int) -> int:
    return 128 - code if code < 0 else code


if __name__ == "__main__":
    sys.exit(main())
