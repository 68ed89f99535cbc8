"""No state holds the value of a key, encrypted or not: a whole life, with every log that the engine has, decrypted.

The keys of the life are minted, except one that another team keeps in a secret store.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.engine.sinks.fleet import deliver_everywhere, entries
from tests.engine_harness import ROOT, EngineStack
from tools.canary import CANARY, Opener, Place, find, plant, plant_sealed
from tools.evidence import leaks
from tools.evidence.claim import Claim, Step

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.world import World
    from tests.engine_harness import Run
    from tools.engine import Engine

SECRET_PROGRAM = ROOT / "tests" / "data" / "secret_program"
PASSPHRASE = "PULUMI_CONFIG_PASSPHRASE"  # noqa: S105 - the variable's name
ENCRYPTED = ("state", "backup", "history", "export", "saved plan")
"""Kinds of places that the engine writes resources into, what is secret in them encrypted."""


class Talkative:
    """A stack whose every command writes all the logs that the engine has."""

    def __init__(self, stack: EngineStack) -> None:
        self.stack = stack
        self._directory = stack.directory / "logs"
        self._directory.mkdir()
        self._count = 0
        stack.environment["PULUMI_DEBUG_GRPC"] = str(self._directory / "calls.grpc")

    def run(self, command: str, *arguments: str) -> Run:
        """Run `preview`, `up`, `refresh` or `destroy`."""
        self._count += 1
        trace = self._directory / f"{self._count:02d}-{command}.trace"
        options = ("-v=11", "--logtostderr", "--logflow", "--debug", f"--tracing=file:{trace}")
        done: Run = getattr(self.stack, command)(*options, *arguments)
        return done

    def plan(self) -> None:
        """Save a plan."""
        file = self._directory / f"{self._count:02d}.plan.json"
        self.run("preview", "--save-plan", str(file)).ok()

    def export(self) -> None:
        """Export the state, with its secrets encrypted and in clear."""
        for name, shown in (("shown", ["--show-secrets"]), ("encrypted", [])):
            file = self._directory / f"{self._count:02d}-{name}.export.json"
            self.stack.run("stack", "export", "--file", str(file), *shown).ok()


@dataclass
class Life:
    """What a life left behind, and the keys that there were in it."""

    places: list[Place]
    keys: set[str]
    steps: list[Step]


@dataclass
class _Lived:
    world: World
    logs: Talkative
    keys: set[str] = field(default_factory=set[str])
    steps: list[Step] = field(default_factory=list[Step])
    raised: list[BaseException] = field(default_factory=list[BaseException])

    def go(self, name: str, command: str = "up", *, fails: bool = False) -> None:
        """Run a command and remember the keys that there are then."""
        run = self.logs.run(command)
        self.steps.append(Step(name, (run.code != 0) == fails, {"exit_code": run.code}))
        self.raised += [RuntimeError(message) for message in run.errors]
        self.keys |= set(leaks.key_values(self.world))


def live(world: World) -> Life:
    """Take a minted key and another team's through a life, with all sinks, and a fault in each of its calls."""
    lived = _Lived(world, Talkative(world.stack))
    deliver_everywhere(world)
    _take_another_team_s(world)
    lived.logs.plan()
    lived.go("first up")
    lived.logs.export()
    rotation = "services.gateway.rotation"
    world.write(rotation, {"min_generation": 2})
    lived.logs.plan()
    lived.go("rotation")
    world.write(rotation, {"min_generation": 2, "serve_generation": 1})
    lived.go("generation 1 again")
    world.write(rotation, {"revoke_through": 2})
    lived.go("both revoked")
    lived.go("refresh", "refresh")
    vault, *others = entries("gateway")["secrets"]
    moved = {"kms": {"name": "test/moved"}}
    world.write("services.gateway.secrets", [moved, vault, *others])
    lived.go("move of the vault")
    world.write("services.gateway.secrets", [moved, *others])
    lived.go("the old vault goes")
    world.write(rotation, {"revoke_through": 3})
    for operation, kind, name in (
        ("CreateApiKey", "truncate", "the answer with the key is cut"),
        ("PutSecretValue", "429", "the vault is too busy"),
        ("GetSecretValue", "truncate", "the vault's answer is cut"),
    ):
        world.emulator.fault(operation, kind, times=50)
        lived.go(name, fails=True)
        world.emulator.admin("DELETE", "/faults")
        lived.logs.export()
    lived.go("and goes on")
    lived.go("refresh after it", "refresh")
    lived.logs.export()
    found = leaks.places(world, set(), lived.raised)
    lived.go("destroy", "destroy")
    found += [place for place in leaks.places(world, set(), []) if place not in found]
    return Life(found, lived.keys, lived.steps)


def _take_another_team_s(world: World) -> None:
    """Add a service whose key another team keeps in KMS."""
    theirs = world.console.create_workspace("theirs")
    world.console.allow_models(theirs, "qwen-plus")
    key = str(world.console.create_key(theirs, "theirs").api_key_value)
    world.console.create_secret("theirs/key")
    world.console.put_secret("theirs/key", "v1", json.dumps({"key": key}))
    host = next(w for w in world.emulator.admin("GET", "/state")["workspaces"] if w["workspace_id"] == theirs)
    service = {
        "region": "cn-beijing",
        "host": host["api_host"],
        "key": {"from_kms": {"name": "theirs/key", "field": "key"}, "workspace_id": theirs},
        "secrets": [{"oos": {"name": "search"}}],
    }
    world.write("services.search", service)


def secret_places(directory: Path, engine: Engine) -> list[Place]:
    """Return what a stack leaves behind whose state holds the canary, encrypted by the engine itself."""
    logs = Talkative(EngineStack(directory, engine, program=SECRET_PROGRAM))
    logs.plan()
    logs.run("up").ok()
    logs.run("up").ok()
    logs.export()
    files = sorted(p for p in directory.rglob("*") if p.is_file())
    return [Place(leaks.kind_of(p, directory), str(p.relative_to(directory)), p.read_bytes()) for p in files]


def claim(life: Life, secret: list[Place], passphrase: str) -> Claim:
    """Plant in each kind of place, encrypted and not; find all of it, and what an engine encrypted; then look."""
    opener = Opener(passphrase)
    opened = opener.open(life.places)
    kinds = {place.kind: place.content for place in life.places}
    sealed = plant_sealed({place.kind: place.content for place in opened}, opener)
    planted = [*plant(kinds), *opener.open(sealed)]
    found = {place.name for place, _ in find([CANARY], planted)}
    by_engine = _found_by_kind(secret, passphrase)
    states = [place for place in opened if place.kind in ENCRYPTED]
    searched = [*life.places, *opened]
    held = find(sorted(life.keys), searched)
    steps = [*life.steps, *(Step(f"planted: {place.name}", place.name in found) for place in planted)]
    steps += [Step(f"encrypted by the engine: {kind}", kind in by_engine) for kind in ENCRYPTED]
    steps += [Step(f"{place.kind}: {place.name}", holds=False, measured={"holds_key": which}) for place, which in held]
    steps.append(Step("keys looked for", len(life.keys) > 1, {"keys": len(life.keys), "kinds": sorted(kinds)}))
    steps += [
        Step(f"decrypted: {kind}", any(p.kind == kind for p in states)) for kind in ENCRYPTED if kind != "saved plan"
    ]
    measured = {"searched": len(life.places), "decrypted": len(states), "planted": len(planted), "found": len(found)}
    line = f"state: {len(states)} places decrypted, {len(planted)} planted, {len(found)} found, {len(held)} keys"
    return Claim("state", line, steps, measured | {"keys": len(held), "texts_decrypted": opener.opened})


def _found_by_kind(secret: list[Place], passphrase: str) -> set[str]:
    """Return the kinds of places in which the canary is found, and in which it stands encrypted alone."""
    opened = Opener(passphrase).open(secret)
    in_clear = {place.name for place, _ in find([CANARY], secret)}
    return {place.kind for place, _ in find([CANARY], opened) if place.name not in in_clear}
