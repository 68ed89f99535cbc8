"""Every place that a run leaves behind, looked through for the keys of that run.

Left out is what holds them on purpose: the emulator's own state, which stands for the service. The state of the stack
is looked through as it lies on the disk, where every key in it is encrypted.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.engine_harness import processes_below
from tools.canary import CANARY, Place, exceptions, find, plant, summary
from tools.evidence.claim import Claim, Step

if TYPE_CHECKING:
    from tests.engine.world import World

_KINDS = (
    ("saved plan", (".plan.json",)),
    ("export", (".export.json",)),
    ("gRPC log", (".grpc",)),
    ("trace", (".trace",)),
    ("backup", ("/backups/", ".bak")),
    ("history", ("/history/",)),
    ("state", ("/state/",)),
    ("event log", (".events",)),
    ("stdout", (".out",)),
    ("stderr", (".err",)),
    ("engine log", ("/home/logs/", ".log")),
)


class Watch:
    """Notes the arguments of every process that a run starts."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._done = threading.Event()

    def up(self, world: World, *arguments: str) -> str:
        """Run `up` while looking; return what it printed."""
        running = world.stack.start_up(*arguments)
        looking = threading.Thread(target=self._look, args=(running.process.pid,))
        looking.start()
        try:
            return running.wait().text
        finally:
            self._done.set()
            looking.join()

    def _look(self, pid: int) -> None:
        while not self._done.wait(0.05):
            self.seen |= set(processes_below(pid).values())


def lost_answers(world: World) -> list[BaseException]:
    """Return what the plugin says when answers that hold a key cannot be read."""
    world.emulator.fault("CreateApiKey", "truncate", times=6)
    failed = world.stack.up()
    world.emulator.admin("DELETE", "/faults")
    return [RuntimeError(message) for message in failed.errors]


def places(world: World, arguments: set[str], raised: list[BaseException]) -> list[Place]:
    """Return everything that the runs of one stack left where somebody could read it."""
    found: list[Place] = []
    for path in sorted(p for p in world.stack.directory.rglob("*") if p.is_file()):
        name = str(path.relative_to(world.stack.directory))
        found.append(Place(kind_of(path, world.stack.directory), name, path.read_bytes()))
    logs = (world.emulator.state_dir / "calls.jsonl", world.emulator.stderr_file)
    found.extend(Place("emulator log", path.name, path.read_bytes()) for path in logs)
    found.append(Place("process arguments", "all processes", "\n".join(sorted(arguments)).encode()))
    outputs = json.dumps(world.stack.outputs(show_secrets=True))
    found.append(Place("stack outputs", "with secrets shown", outputs.encode()))
    return found + exceptions(raised)


def claim(keys: list[str], real: list[Place]) -> Claim:
    """Plant in each kind of place, find all of it, then look at the real places."""
    kinds = {place.kind: place.content for place in real}
    planted = plant(kinds)
    found = {place.name for place, _ in find([CANARY], planted)}
    leaks = find(keys, real)
    counts: dict[str, Any] = {"places": len(real), "planted": len(planted), "found": len(found), "real": len(leaks)}
    steps = [Step(f"planted: {place.name}", place.name in found) for place in planted]
    steps += [Step(f"{place.kind}: {place.name}", holds=False, measured={"holds_key": which}) for place, which in leaks]
    steps.append(Step("keys looked for", len(keys) > 0, {"keys": len(keys), "kinds": sorted(kinds)}))
    line = summary(counts["places"], counts["planted"], counts["found"], counts["real"])
    return Claim("canary", line, steps, counts)


def kind_of(path: Path, directory: Path) -> str:
    """Return what kind of place a file of a stack's folder is."""
    name = f"/{path.relative_to(directory)}"
    return next((kind for kind, signs in _KINDS if any(sign in name for sign in signs)), "other file")


def key_values(world: World) -> list[str]:
    """Return every key value that the service knows, from its own state file."""
    state: dict[str, Any] = json.loads(Path(world.emulator.state_dir / "state.json").read_text())
    return [str(key["value"]) for key in state["keys"]]
