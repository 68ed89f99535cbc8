"""Consumers that call without a pause while their service's key is replaced, twice, in every sink."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.consumer_loop import Consumer, Loop, rotate
from tests.engine.sinks.fleet import deliver_everywhere
from tools.evidence.claim import Claim, Step

if TYPE_CHECKING:
    from tests.engine.world import World

OVERLAP = 15
"""Seconds; longer than a run of the engine takes, else it would be no matter of the overlap."""
_GENERATIONS = ["1", "2", "3"]


def rotation(world: World) -> Claim:
    """Rotate twice under load. Consumers that read too seldom must fail, else the meter shows nothing."""
    deliver_everywhere(world)
    world.write("services.gateway.rotation", {"overlap": f"{OVERLAP}s", "soak": "1s"})
    world.stack.up().ok()
    with Loop(world, {"TTL = overlap": OVERLAP, "TTL > both overlaps": 100 * OVERLAP}) as loop:
        for generation in (2, 3):
            rotate(world, generation)
    (kept, careful), (_, careless) = loop.consumers.items()
    steps = [_step(kept, c, holds=not c.failures and c.generations == _GENERATIONS) for c in careful]
    steps += [_step("TTL > overlap, must fail", c, holds=bool(c.failures)) for c in careless]
    requests, failed = sum(c.requests for c in careful), sum(len(c.failures) for c in careful)
    line = (
        f"rotation: {requests} requests, {failed} failed, {len(_GENERATIONS)} generations, {len(careful)} sinks; with "
        f"TTL > overlap {sum(len(c.failures) for c in careless)} of {sum(c.requests for c in careless)} failed"
    )
    return Claim("rotation", line, steps, {"overlap_seconds": OVERLAP})


def _step(name: str, consumer: Consumer, *, holds: bool) -> Step:
    measured = {
        "ttl_seconds": consumer.ttl,
        "requests": consumer.requests,
        "failed": len(consumer.failures),
        "failures": sorted(set(consumer.failures)),
        "generations": consumer.generations,
    }
    return Step(f"{consumer.place}: {name}", holds, measured)
