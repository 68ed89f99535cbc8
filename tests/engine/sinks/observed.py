"""All sinks taken through one life on the real engine, one run for each step, and what was seen of each of them."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from components.sinks.sink import child_name
from provider.resource import Urn
from tests.engine.consumers import SAYS
from tests.engine.sinks.hands import Sae
from tests.engine.sinks.readers import json_object
from tests.engine.sinks.table import ROWS, Row
from tests.provider.vendor import Console
from tests.tools.readers import by_sh
from tools.canary import Place, find
from tools.delivered import service_of
from tools.evidence import leaks
from tools.render.format import Asked
from tools.render.formats import FORMATS
from tools.status import report

if TYPE_CHECKING:
    from tests.engine.sinks.hands import Hand
    from tests.engine.world import World
    from tests.engine_harness import Run

SERVICE = "gateway"
ALL_PROTOCOLS = ["openai", "anthropic", "dashscope"]
URLS = {"openai": "OPENAI_BASE_URL", "anthropic": "ANTHROPIC_BASE_URL", "dashscope": "DASHSCOPE_HTTP_BASE_URL"}
KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_AUTH_TOKEN", "dashscope": "DASHSCOPE_API_KEY"}
"""What the three clients read; typed in from their documents."""
POINTER = re.compile(r"kms:([^/]+)/(.+)@(g1r1-[0-9a-f]{8})")
ENV_FILE = "env file"
"""In the answers: what comes of the record by way of a file."""
ANCHOR = {"kms": {"name": "conf/anchor"}}
"""A secret of its own for config sinks to point to, where the row's secret sinks are what is looked at."""


@dataclass
class Step:
    """One run of the engine."""

    run: Run
    calls: list[str]
    held: dict[str, str | None]
    """What a reader gets, by row; None where there is nothing."""
    delivered: dict[str, str]
    """The output of that name, by place."""


@dataclass
class Observed:
    """What was seen."""

    world: World
    steps: dict[str, Step] = field(default_factory=dict[str, Step])
    resources: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    """Entries of the state file after `create`, by row."""
    answers: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    """What the client of each protocol was answered with what stood there after `create`, by row."""
    reports: dict[str, str] = field(default_factory=dict[str, str])
    """What `tools.status` says of the service after a step."""
    leaks: list[tuple[Place, str]] = field(default_factory=list[tuple[Place, str]])
    looked_through: int = 0
    keys: list[str] = field(default_factory=list[str])

    def hand(self, row: Row) -> Hand:
        """Return another hand on the row's store."""
        return row.hand(self.world.emulator)

    def point(self, what: str, *, anchored: bool = False, **more: Any) -> None:
        """Write all sinks into the stack file, with objects of that name; `more` goes into every entry."""
        first = [copy.deepcopy(ANCHOR)] if anchored else []
        entries: dict[str, list[dict[str, Any]]] = {"secrets": first, "config": []}
        for row in ROWS:
            extra = dict(more)
            if more.get("on_conflict") == "adopt" and row.hand is Sae:
                extra["config_map_id"] = Sae(self.world.emulator).number(row.called(what))
            entries[row.kind].append(row.entry(what, **extra))
        for kind, sinks in entries.items():
            self.world.write(f"services.{SERVICE}.{kind}", sinks)

    def step(self, name: str, command: str, *arguments: str, what: str, fails: bool = False) -> None:
        """Run the engine and see what became of every sink's object of that name."""
        run, calls = self.world.counted(command, *arguments)
        if not fails:
            run.ok()
        held = {row.name: self.hand(row).found(row.called(what)) for row in ROWS}
        outputs = {} if fails or command in ("preview", "destroy") else self.world.stack.outputs()
        delivered: dict[str, str] = outputs.get("services", {}).get(SERVICE, {}).get("delivered", {})
        self.steps[name] = Step(run, calls, held, delivered)

    def report(self, step: str) -> None:
        """Ask for the status, from what the engine has."""
        lines, _ = report(SERVICE, self.world.stack.state()["resources"], "prod")
        self.reports[step] = lines[0]


def observe(world: World) -> Observed:
    """Take all sinks through every case."""
    seen = Observed(world)
    world.write(f"services.{SERVICE}.protocols", ALL_PROTOCOLS)
    _refused(seen)
    _lives(seen)
    _changed_by_others(seen)
    _moved_and_left(seen)
    _taken_over(seen)
    seen.step("destroy", "destroy", what="new")
    real = leaks.places(world, set(), [])
    seen.looked_through, seen.leaks = len(real), find(seen.keys, real)
    return seen


def _refused(seen: Observed) -> None:
    """Preview names that the stores refuse."""
    seen.point("app")
    for kind in ("secrets", "config"):
        sinks = [copy.deepcopy(row.entry("app")) for row in ROWS if row.kind == kind]
        for sink, row in zip(sinks, [r for r in ROWS if r.kind == kind], strict=True):
            sink[row.store] |= dict([row.bad_name])
        seen.world.write(f"services.{SERVICE}.{kind}", sinks)
    seen.step("limits", "preview", what="app", fails=True)
    seen.point("app")


def _lives(seen: Observed) -> None:
    seen.step("preview", "preview", "--diff", what="app")
    seen.step("create", "up", what="app")
    entries = seen.world.stack.state()["resources"]
    seen.report("create")
    seen.answers = {row.name: _answers(seen, row) for row in ROWS} | {ENV_FILE: _answers_from_env_file(seen)}
    for row in ROWS:
        name = child_name(SERVICE, row.place_of("app"))
        seen.resources[row.name] = [e for e in entries if Urn.parse(e["urn"]).name == name]
    seen.step("no change", "up", what="app")
    seen.step("refresh", "refresh", what="app")


def _answers(seen: Observed, row: Row) -> dict[str, str]:
    """Call a model through each protocol's client, with nothing but what a reader of this sink gets."""
    record = row.parse(seen.hand(row).read(row.called("app")))
    keys = record
    if row.kind == "config":
        pointer = POINTER.fullmatch(record["MODEL_STUDIO_SECRET"])
        assert pointer
        region, name, version = pointer.groups()
        stands, text = Console(seen.world.emulator, region).secret(name)
        assert stands == version
        keys = json_object(text)
    return {p: says({URLS[p]: record[URLS[p]], KEYS[p]: keys[KEYS[p]]}) for p, says in SAYS.items()}


def _answers_from_env_file(seen: Observed) -> dict[str, str]:
    """Call a model through each protocol's client, with the `.env` that tools.render makes of the record."""
    service = service_of(seen.world.stack.outputs(), SERVICE)
    assert service.secret.name == ROWS[0].called("app")
    record = json_object(seen.hand(ROWS[0]).read(service.secret.name))
    env = by_sh(FORMATS["env"].render(Asked(service=service, model="qwen-plus", key=record["OPENAI_API_KEY"])))
    assert {name: env[name] for name in record} == record
    return {protocol: says(env) for protocol, says in SAYS.items()}


def _changed_by_others(seen: Observed) -> None:
    """Let another hand change everything, then change the record, then let another hand delete everything."""
    for row in ROWS:
        seen.hand(row).write(row.called("app"), row.foreign)
    seen.step("drift", "refresh", what="app")
    seen.report("drift")
    seen.step("repair", "up", what="app")
    seen.world.write(f"services.{SERVICE}.protocols", ["openai"])
    seen.step("update", "up", what="app")
    seen.world.write(f"services.{SERVICE}.protocols", ALL_PROTOCOLS)
    seen.step("rollback", "up", what="app")
    for row in ROWS:
        seen.hand(row).remove(row.called("app"))
    seen.step("gone", "refresh", what="app")
    seen.step("made again", "up", what="app")


def _moved_and_left(seen: Observed) -> None:
    seen.point("new")
    seen.step("rename", "up", what="new")
    seen.steps["rename, the old"] = Step(
        seen.steps["rename"].run, [], {row.name: seen.hand(row).found(row.called("app")) for row in ROWS}, {}
    )
    seen.point("new", on_delete="retain")
    seen.step("retain", "up", what="new")
    for kind in ("secrets", "config"):
        seen.world.write(f"services.{SERVICE}.{kind}", [])
    seen.step("left", "up", what="new")


def _taken_over(seen: Observed) -> None:
    """Meet objects that exist: refused, then adopted, then deleted."""
    seen.point("new", anchored=True)
    seen.step("conflict", "up", "--continue-on-error", what="new", fails=True)
    seen.point("new", anchored=True, on_conflict="adopt")
    seen.step("adopt", "up", what="new")
    seen.step("adopted", "up", what="new")
    seen.keys = leaks.key_values(seen.world)
