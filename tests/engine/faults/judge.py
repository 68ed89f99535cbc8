"""What the next runs make of a disturbed one, and what is there then."""

from __future__ import annotations

import re
import shlex
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from components.sinks.config import ConfigSink
from components.sinks.table import SINKS as SINKS_OF_ALL
from provider.resource import Urn
from tests.emulator.clients import Clients
from tests.engine.consumer_loop import ask, is_of_one_making, read
from tests.engine.faults.disturb import disturbed, unlocked
from tests.engine.sinks.fleet import SINKS
from tools.canary import Place, find
from tools.evidence.leaks import key_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.faults.cells import Cell
    from tests.engine.faults.lane import Lane
    from tests.engine.world import World
    from tests.engine_harness import Run

FURTHER_RUNS = 2
_IMPORT = re.compile(r"`(pulumi import .+?)`")
_GONE = re.compile(r"deleting urn:\S+: .*DeleteParameter Failed[\s\S]*?EntityNotExists\.Parameter")
_OF_ALICLOUD = [sink.token for sink in SINKS_OF_ALL if issubclass(sink, ConfigSink)]
_OPENED = re.compile(r"sae:(\S+) exists already, and this stack does not know it")


@dataclass(kw_only=True)
class Result:
    """What came of one cell."""

    cell: Cell
    seconds: float = 0
    further_runs: int = 0
    taken_over: list[str] = field(default_factory=list[str])
    """Objects that the alicloud plugin had lost: a person did what the message said."""
    duplicates: int = 0
    """Workspaces too many."""
    orphans: int = 0
    """Live keys that no state knows."""
    mismatched: int = 0
    """Sinks with a pair that does not open."""
    pending: int = 0
    """Creates that a killed engine had begun, and that are done since: a warning until `refresh` clears them."""
    torn: bool = False
    """Whether the engine was killed while it wrote the state, which then needs a hand: docs/runbook.md."""
    leaks: int = 0
    """Texts of the runs that hold a key."""
    wrong: list[str] = field(default_factory=list[str])
    """What is not as wanted, for a person."""

    @property
    def holds(self) -> bool:
        """Whether all is as wanted."""
        return not self.wrong and not (self.duplicates or self.orphans or self.mismatched or self.leaks)


def judged(lane: Lane, cell: Cell, *, before_judging: Callable[[World], None] = lambda _: None) -> Result:
    """Run one cell from the start. `before_judging` may spoil it, to see that the judge sees it."""
    result, start = Result(cell=cell), time.monotonic()
    keys: set[str] = set()
    try:
        lane.restore(cell.phase)
        keys |= set(key_values(lane.world))
        run = disturbed(lane, cell)
        result.torn = cell.kind == "kill engine" and unlocked(lane)
        keys |= set(key_values(lane.world))
        _converge(lane, run, result)
        keys |= set(key_values(lane.world))
        before_judging(lane.world)
        if not result.wrong:
            _compare(lane, result)
    except Exception as error:  # noqa: BLE001 - one cell that cannot be judged is a cell that failed
        result.wrong.append(f"{type(error).__name__}: {error}")
    runs = [p for p in (lane.world.stack.directory / "runs").iterdir() if p.is_file()]
    result.leaks = len(find(sorted(keys), [Place("run", p.name, p.read_bytes()) for p in runs]))
    result.seconds = round(time.monotonic() - start, 1)
    return result


def _converge(lane: Lane, run: Run, result: Result) -> None:
    """Run the phase again, at most twice, doing what the messages say in between.

    After Ctrl-C always: the engine ends an interrupted `destroy` with 0 (seen with 3.259).
    """
    while run.code != 0 or (result.cell.kind == "interrupt" and result.further_runs == 0):
        result.taken_over += _take_over(lane.world, run)
        if result.further_runs == FURTHER_RUNS:
            said = " | ".join(run.errors) or run.text[-500:].strip()  # a refusal to start is no event
            result.wrong.append(f"still fails: {said}"[:600])
            return
        result.further_runs += 1
        run = lane.start(result.cell.phase).wait()


def _take_over(world: World, run: Run) -> list[str]:
    """Do what the messages say about objects that exist already: import, or delete one that holds no key.

    A plain OOS parameter whose delete lost its answer is an error of the alicloud plugin's until a refresh has looked.
    Only objects of that plugin may need a person, never a secret.
    """
    done: list[str] = []
    if _GONE.search("\n".join(run.errors)):
        world.stack.refresh().ok()
        done.append("pulumi refresh")
    for command in dict.fromkeys(_IMPORT.findall("\n".join(run.errors))):
        _, _, type_, name, identifier, *options = shlex.split(command)
        if type_ not in _OF_ALICLOUD:
            raise AssertionError(f"a person is to run {command}")
        world.stack.import_(type_, name, identifier, *options).ok()
        done.append(command)
    for place in dict.fromkeys(_OPENED.findall("\n".join(run.errors))):
        for config_map in world.emulator.admin("GET", "/state")["config_maps"]:
            if place == f"{config_map['namespace_id']}/{config_map['name']}":
                Clients(world.emulator).delete_config_map(config_map["config_map_id"])
                done.append(f"deleted {place}")
    return done


def _compare(lane: Lane, result: Result) -> None:
    """Hold what is there against what is wanted."""
    world, phase, state = lane.world, result.cell.phase, lane.state()
    account: dict[str, Any] = world.emulator.admin("GET", "/state")
    there = {(r["type"], Urn.parse(r["urn"]).name) for r in state["resources"]}
    wrong = result.wrong
    if there != lane.resources[phase]:
        wrong.append(f"in the state: {sorted(there ^ lane.resources[phase])} too many or missing")
    urns = {r["urn"] for r in state["resources"]}
    operations: list[dict[str, Any]] = state.get("pending_operations") or []
    pending = [str(operation["resource"]["urn"]) for operation in operations]
    result.pending = len(pending)
    wrong.extend(f"{urn} is pending" for urn in pending if urn not in urns)
    known = _known(state)
    keys = {str(k["key_id"]): k for k in account["keys"]}
    result.orphans = len({i for i, k in keys.items() if not k["disabled"]} - known.keys())
    made = [w for w in account["workspaces"] if not w["is_default"]]
    result.duplicates = max(0, len(made) - (phase != "destroy"))
    if phase == "destroy":
        left = [*keys, *(c["data_id"] for c in account["nacos_configs"])]
        left += [o["name"] for kind in ("config_maps", "parameters", "secret_parameters") for o in account[kind]]
        left += [s["name"] for s in account["secrets"] if not s["planned_delete"]]
        wrong.extend(f"{name} is left" for name in left)
        return
    current = next((i for i, current in known.items() if current), "")
    if not current or keys.get(current, {"disabled": True})["disabled"]:
        wrong.append("the current key is not alive")
    old = [i for i, k in keys.items() if ":g1:" in k["description"] and i != current]
    ended = {"rotation": not any(not keys[i]["disabled"] for i in old), "end of soak": not old}
    if not ended.get(phase, True):
        wrong.append("the key of generation 1 has not ended")
    result.mismatched = _mismatched(world, current)


def _known(state: dict[str, Any]) -> dict[str, bool]:
    """Return the keys that the state knows, and whether each is the current one."""
    known: dict[str, bool] = {}
    for resource in state["resources"]:
        if resource["type"] == "modelstudio:index:ApiKey":
            outputs = resource["outputs"]
            others = [*outputs["superseded"], *outputs["ledger"].get("unfinished", ())]
            known |= {str(entry["keyId"]): False for entry in others} | {str(outputs["keyId"]): True}
    return known


def _mismatched(world: World, current: str) -> int:
    """Count the sinks that hold no pair that opens, or not the one that the outputs name, or that these leave out."""
    gateway = world.gateway()
    delivered: dict[str, str] = gateway["delivered"]
    good = sum(_opens(world, *one) for one in delivered.items()) if gateway["api_key_id"] == current else 0
    return len(SINKS) - good


def _opens(world: World, place: str, holds: str) -> bool:
    """Whether a reader gets the record that the place is said to hold, of one making with its key, and it opens."""
    try:
        record = read(world, place)
        said = f"g{record['MODEL_STUDIO_GENERATION']}r{record['MODEL_STUDIO_REVISION']}"
        return holds == said and is_of_one_making(record) and ask(record) == 200
    except Exception:  # noqa: BLE001 - whatever keeps an application from its pair
        return False
