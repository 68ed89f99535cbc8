"""What the check makes of published answers, of a generated table of them, and what it spends."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.probe import generated, observed
from tools.evidence.claim import Claim, Step

if TYPE_CHECKING:
    from tests.engine.world import World
    from tests.engine_harness import Run

SERVICES, KEYS_PER_WORKSPACE = 200, 20
PROTOCOLS = ("openai", "anthropic", "dashscope")
BODY_FIRST = ("key", "body", "model", "workspace", "bill")
"""An order in which nothing free proves the host, so that each URL takes a real call."""


def answers() -> Claim:
    """Read every published answer, and run the generated table."""
    steps = [
        Step(f"seen {id_}", observed.is_read_right(id_), {"outcome": observed.SEEN[id_][0]}) for id_ in observed.DATA
    ]
    right, total, outcomes = sum(step.holds for step in steps), 0, Counter[str]()
    problems: list[dict[str, Any]] = []
    with generated.Table() as table:
        for cell in generated.cells():
            found = table.run(cell)
            total += 1
            outcomes[found.outcome] += 1
            if problem := generated.unsafe(cell, found):
                problems.append({"cell": repr(cell), "problem": problem})
    steps.append(Step("generated", total > 0 and not problems, {"cells": total, "unsafe": problems[:20]}))
    line = f"answers: {len(observed.DATA)} seen, {right} read right; {total} generated, {len(problems)} unsafe"
    return Claim("answers", line, steps, {"outcomes": dict(outcomes)})


def tokens(world: World) -> Claim:
    """Deploy 200 services of three URLs each where every URL takes a real call; refresh; deploy again."""
    workspaces = {f"w{n}": {"region": "cn-beijing", "protect": False} for n in range(SERVICES // KEYS_PER_WORKSPACE)}
    services = {
        f"s{n}": {"workspace": f"w{n // KEYS_PER_WORKSPACE}", "protocols": list(PROTOCOLS)} for n in range(SERVICES)
    }
    world.emulator.settings(inference_order=list(BODY_FIRST))
    world.write("workspaces", workspaces)
    world.write("services", services)
    steps = [_step(world, "up", calls=SERVICES * len(PROTOCOLS))]
    steps += [_step(world, "refresh"), _step(world, "up")]
    first, refreshed = (step.measured for step in steps[:2])
    line = (
        f"tokens: {first['model_calls']} calls and {first['tokens']} tokens for {SERVICES} services x "
        f"{len(PROTOCOLS)} URLs, {refreshed['tokens']} at refresh"
    )
    return Claim("tokens", line, steps)


def _step(world: World, run: str, *, calls: int = 0) -> Step:
    """Run one command; `calls`: how many real calls it is to make."""
    before = len(world.emulator.calls())
    done: Run = getattr(world.stack, run)()
    answered = [c["params"]["tokens"] for c in world.emulator.calls(before) if c["params"].get("tokens")]
    changed = {k: v for k, v in done.changes.items() if k != "same"} if hasattr(done, "changes") else {}
    measured = {
        "exit_code": done.code,
        "model_calls": len(answered),
        "tokens": sum(map(int, answered)),
        "changes": changed,
    }
    holds = done.code == 0 and len(answered) == calls and (bool(calls) or not changed)
    return Step(run, holds, measured)
