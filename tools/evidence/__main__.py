"""`make evidence`: run the proofs, print one line per claim, write what was measured to `evidence/`."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tests.emulator_process import EmulatorProcess
from tests.engine.world import World
from tools.engine import ensure
from tools.evidence import leaks, pairs, sinks, speed
from tools.evidence.life import Life

if TYPE_CHECKING:
    from collections.abc import Generator

    from tools.engine import Engine
    from tools.evidence.claim import Claim

ROOT = Path(__file__).resolve().parent.parent.parent
OUT = ROOT / "evidence"


@contextmanager
def _world(directory: Path, engine: Engine) -> Generator[World]:
    directory.mkdir()
    world = World.make(directory, engine)
    try:
        yield world
    finally:
        world.close()


@contextmanager
def _emulator(directory: Path) -> Generator[EmulatorProcess]:
    emulator = EmulatorProcess.start(directory)
    try:
        yield emulator
    finally:
        emulator.stop()


def main() -> int:
    """Return 0 if every claim holds."""
    OUT.mkdir(exist_ok=True)
    engine = ensure()
    claims: list[Claim] = []

    def say(claim: Claim) -> None:
        claims.append(claim)
        print(claim.line if claim.holds else f"{claim.line}  <- does not hold", flush=True)

    with tempfile.TemporaryDirectory(prefix="evidence-") as scratch:
        first, second, third, fourth = (Path(scratch) / name for name in ("first", "second", "third", "fourth"))
        with _world(first, engine) as world:
            life = Life(world)
            for claim in life.run():
                say(claim)
            keys = {*life.keys, *leaks.key_values(world)}
            real = leaks.places(world, set(), [])
            shutil.copy(world.emulator.state_dir / "calls.jsonl", OUT / "calls-first.jsonl")
        with _world(second, engine) as world:
            raised = leaks.lost_answers(world)
            watch = leaks.Watch()
            watch.up(world)
            keys |= set(leaks.key_values(world))
            say(leaks.claim(sorted(keys), real + leaks.places(world, watch.seen, raised)))
            say(speed.measure(world, engine, second))
            shutil.copy(world.emulator.state_dir / "calls.jsonl", OUT / "calls-second.jsonl")
        with _world(third, engine) as world:
            say(pairs.catalogue(world))
        with _emulator(fourth) as emulator:
            say(pairs.pairs(emulator))
        for n, claimed in enumerate((sinks.conformance, sinks.one_generation)):
            with _world(Path(scratch) / f"sinks-{n}", engine) as world:
                say(claimed(world))
    content = {"made": datetime.now(UTC).isoformat(timespec="seconds"), "claims": [c.as_json() for c in claims]}
    (OUT / "evidence.json").write_text(json.dumps(content, indent=2) + "\n")
    print("figures: evidence/evidence.json, raw calls: evidence/calls-*.jsonl")
    return 0 if all(claim.holds for claim in claims) else 1


if __name__ == "__main__":
    sys.exit(main())
