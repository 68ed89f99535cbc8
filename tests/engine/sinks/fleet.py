"""Many services with all sinks each: a fault in each sink in turn, and what every place holds after the next `up`."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.engine.sinks.table import ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.engine.world import World

WRITES: Mapping[str, str] = {
    "kms": "PutSecretValue",
    "oos-secret": "UpdateSecretParameter",
    "sae": "UpdateConfigMap",
    "nacos-properties": "UpdateNacosConfig",
    "oos": "UpdateParameter",
}
"""The call that delivers another record, by row. Of the three Nacos rows, which differ in format alone, one."""
SINKS = [row for row in ROWS if row.name in WRITES]
_RECORDS: Sequence[Sequence[str]] = (["openai"], ["openai", "anthropic"])


def entries(what: str, vault: str = "kms") -> dict[str, list[dict[str, Any]]]:
    """Return what stands under `secrets` and `config` of a service that is delivered to every sink."""
    kinds = ("secrets", "config")
    rows = sorted(SINKS, key=lambda row: row.name != vault)
    return {kind: [row.entry(what) for row in rows if row.kind == kind] for kind in kinds}


def deliver_everywhere(world: World, vault: str = "kms") -> None:
    """Give the world's one service every sink, those that it has among them. `vault`: row of the secret named first."""
    for kind, sinks in entries("gateway", vault).items():
        world.write(f"services.gateway.{kind}", sinks)


@dataclass(frozen=True)
class Round:
    """One fault and the `up` after it."""

    fault: str
    """Row whose sink was down."""
    failed: bool
    """Whether the `up` with the fault said that it failed."""
    behind: int
    """Places that the failed `up` had not brought to the new revision."""
    writes: int
    """Calls that deliver a record in what came after it; needed is one for each place behind."""
    calls: int
    ups: int
    """Further `up`s until one ended well."""
    mixed: list[str]
    """Places that hold another generation or revision than their service has."""


class Fleet:
    """Services with all sinks each."""

    def __init__(self, world: World, services: int) -> None:
        """Write the stack file."""
        self.world = world
        self.names = [f"s{n}" for n in range(1, services + 1)]
        world.write("services", {name: {"workspace": "chat", **entries(name)} for name in self.names})
        self._version = 0

    def up(self) -> tuple[int, list[str]]:
        """Deploy all of it for the first time; return the calls and the places that are mixed."""
        run, calls = self.world.counted("up")
        run.ok()
        return len(calls), self.mixed()

    def round(self, fault: str, *arguments: str) -> Round:
        """Change every record, have one sink refuse every call that delivers, and deploy again once it is well.

        `arguments` go to each `up` after the failed one.
        """
        self._version += 1
        settings = copy.deepcopy(self.world.settings["services"])
        for service in settings.values():
            service["protocols"] = _RECORDS[self._version % 2]
        self.world.write("services", settings)
        self.world.emulator.fault(WRITES[fault], "refuse", times=10_000)
        failed, _ = self.world.counted("up")
        self.world.emulator.admin("DELETE", "/faults")
        revision = str(1 + self._version)
        behind = sum(self._holds(name)[row] != ("1", revision) for name in self.names for row in WRITES)
        again, calls = self.world.counted("up", *arguments)
        ups = 1
        if again.code != 0 and any("run `pulumi up` again" in error for error in again.errors):
            again, more = self.world.counted("up", *arguments)
            ups, calls = 2, calls + more
        again.ok()
        writes = sum(call in WRITES.values() for call in calls)
        return Round(fault, failed.code != 0, behind, writes, len(calls), ups, self.mixed())

    def mixed(self) -> list[str]:
        """Return the places that do not hold what their service has, by the stores themselves and by the outputs."""
        wrong: list[str] = []
        for name, service in self.world.stack.outputs()["services"].items():
            wanted = (str(service["generation"]), str(service["revision"]))
            wrong += [f"{name}: {row}" for row, holds in self._holds(name).items() if holds != wanted]
            said = f"g{wanted[0]}r{wanted[1]}"
            wrong += [f"{name}: {place} is said to hold {h}" for place, h in service["delivered"].items() if h != said]
            wrong += [f"{name}: {len(service['delivered'])} places"] if len(service["delivered"]) != len(SINKS) else []
        return wrong

    def _holds(self, name: str) -> dict[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        for row in SINKS:
            record = row.parse(row.hand(self.world.emulator).read(row.called(name)))
            found[row.name] = (record["MODEL_STUDIO_GENERATION"], record["MODEL_STUDIO_REVISION"])
        return found
