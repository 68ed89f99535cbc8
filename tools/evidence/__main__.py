"""`make evidence`: run the proofs, print one line per claim, write what was measured to `evidence/`.

`python -m tools.evidence NAME...` runs some alone, and writes `evidence/evidence-NAME.json`.
"""

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
from tools.evidence import answers, assumptions, cost, faults, inputs, leaks, pairs, rotation, sinks, speed, state
from tools.evidence.life import Life

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

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


def _access(directory: Path, engine: Engine) -> Iterator[Claim]:
    with _world(directory / "first", engine) as world:
        life = Life(world)
        yield from life.run()
        keys = {*life.keys, *leaks.key_values(world)}
        real = leaks.places(world, set(), [])
        shutil.copy(world.emulator.state_dir / "calls.jsonl", OUT / "calls-first.jsonl")
    with _world(directory / "second", engine) as world:
        raised = leaks.lost_answers(world)
        watch = leaks.Watch()
        watch.up(world)
        keys |= set(leaks.key_values(world))
        yield leaks.claim(sorted(keys), real + leaks.places(world, watch.seen, raised))
        yield speed.measure(world, engine, directory / "second")
        shutil.copy(world.emulator.state_dir / "calls.jsonl", OUT / "calls-second.jsonl")


def _catalogue(directory: Path, engine: Engine) -> Iterator[Claim]:
    with _world(directory / "world", engine) as world:
        yield pairs.catalogue(world)


def _pairs(directory: Path, _engine: Engine) -> Iterator[Claim]:
    with _emulator(directory / "emulator") as emulator:
        yield pairs.pairs(emulator)


def _answers(directory: Path, engine: Engine) -> Iterator[Claim]:
    yield answers.answers()
    with _world(directory / "world", engine) as world:
        yield answers.tokens(world)


def _assumptions(directory: Path, _engine: Engine) -> Iterator[Claim]:
    with _emulator(directory / "emulator") as emulator:
        yield assumptions.assumptions(emulator, directory / "home")


def _inputs(_directory: Path, _engine: Engine) -> Iterator[Claim]:
    yield inputs.inputs()


def _state(directory: Path, engine: Engine) -> Iterator[Claim]:
    secret = state.secret_places(directory / "secret", engine)
    with _world(directory / "world", engine) as world:
        yield state.claim(state.live(world), secret, world.stack.environment[state.PASSPHRASE])


def _sinks(directory: Path, engine: Engine) -> Iterator[Claim]:
    for n, claimed in enumerate((sinks.conformance, sinks.one_generation)):
        with _world(directory / f"world-{n}", engine) as world:
            yield claimed(world)


def _rotation(directory: Path, engine: Engine) -> Iterator[Claim]:
    with _world(directory / "world", engine) as world:
        yield rotation.rotation(world)


def _cost(_directory: Path, engine: Engine) -> Iterator[Claim]:
    yield cost.cost(engine)


def _faults(directory: Path, engine: Engine) -> Iterator[Claim]:
    yield faults.faults(directory, engine)


PROOFS: Mapping[str, Callable[[Path, Engine], Iterator[Claim]]] = {
    "access": _access,
    "catalogue": _catalogue,
    "pairs": _pairs,
    "answers": _answers,
    "inputs": _inputs,
    "assumptions": _assumptions,
    "state": _state,
    "sinks": _sinks,
    "rotation": _rotation,
    "cost": _cost,
    "faults": _faults,
}


def main(names: Sequence[str]) -> int:
    """Run the proofs of those names, or all. Return 0 if every claim holds."""
    unknown = sorted(set(names) - set(PROOFS))
    if unknown:
        print(f"evidence: unknown: {', '.join(unknown)}; there are {', '.join(PROOFS)}", file=sys.stderr)
        return 2
    OUT.mkdir(exist_ok=True)
    engine = ensure()
    claims: list[Claim] = []
    with tempfile.TemporaryDirectory(prefix="evidence-") as scratch:
        for name in names or PROOFS:
            directory = Path(scratch) / name
            directory.mkdir()
            for claim in PROOFS[name](directory, engine):
                claims.append(claim)
                print(claim.line if claim.holds else f"{claim.line}  <- does not hold", flush=True)
    content = {"made": datetime.now(UTC).isoformat(timespec="seconds"), "claims": [c.as_json() for c in claims]}
    file = OUT / ("-".join(["evidence", *names]) + ".json")
    file.write_text(json.dumps(content, indent=2) + "\n")
    print(f"figures: evidence/{file.name}; raw calls of access: evidence/calls-*.jsonl")
    return 0 if all(claim.holds for claim in claims) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
