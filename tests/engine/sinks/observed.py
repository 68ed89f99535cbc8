"""All sinks taken through one life on the real engine, one run for each step, and what was seen of each of them."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from provider.resource import Urn
from tests.engine.consumers import SAYS
from tests.engine.sinks.hands import Sae, SecretHand
from tests.engine.sinks.readers import json_object
from tests.engine.sinks.table import ROWS, SERVICES, Row, rows_of
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
ANCHORS = {service: {"kms": {"name": f"anchor/{service}"}} for service in SERVICES}
"""The vault of each service where it is what becomes of the rows' own secrets that is looked at."""
KINDS = ("secrets", "config")


@dataclass
class Step:
    """One run of the engine."""

    run: Run
    calls: list[str]
    held: dict[str, str | None]
    """What a reader gets, by row; None where there is nothing."""
    delivered: dict[str, str]
    """The output of that name, by place, of all services."""
    versions: dict[str, str] = field(default_factory=dict[str, str])
    """Under which name what a reader of a secret gets was put, by row; rows with nothing to read are left out."""
    kept: dict[str, int] = field(default_factory=dict[str, int])
    """How many versions of each secret were put, by row."""
    tags: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    """Tags of each secret, as its store says them, by row."""
    state: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Entries of the state file."""

    def resources(self, type_: str, name: str) -> list[dict[str, Any]]:
        """Return the entries of a type and name."""
        return [e for e in self.state if e["type"] == type_ and Urn.parse(e["urn"]).name == name]


@dataclass
class Observed:
    """What was seen."""

    world: World
    steps: dict[str, Step] = field(default_factory=dict[str, Step])
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

    @property
    def account(self) -> str:
        """Return the id of the account, with which the name of a secret's resource begins."""
        return str(self.world.settings["account"]["id"])

    def secret(self, row: Row) -> SecretHand:
        """Return another hand on a secret store."""
        hand = self.hand(row)
        assert isinstance(hand, SecretHand)
        return hand

    def point(self, what: str, *, vault: str = "", leaving: str = "", **more: Any) -> None:
        """Write all sinks into the stack file, with objects of that name; `more` goes into every entry.

        `vault`: "anchor" puts each service's anchor first. `leaving`: vaults of that name, further secrets now.
        """
        for service in SERVICES:
            for kind in KINDS:
                entries = [row.entry(what, **more, **self._number(row, what, more)) for row in rows_of(service, kind)]
                if kind == "secrets":
                    entries = [copy.deepcopy(ANCHORS[service])] * bool(vault) + entries
                    entries += [row.entry(leaving) for row in rows_of(service, kind) if row.vault and leaving]
                self.world.write(f"services.{service}.{kind}", entries)

    def protocols(self, *protocols: str) -> None:
        """Let every service be delivered these."""
        for service in SERVICES:
            self.world.write(f"services.{service}.protocols", list(protocols))

    def step(self, name: str, command: str, *arguments: str, what: str, fails: bool = False) -> None:
        """Run the engine and see what became of every sink's object of that name."""
        run, calls = self.world.counted(command, *arguments)
        if not fails:
            run.ok()
        outputs = {} if fails or command in ("preview", "destroy") else self.world.stack.outputs()
        services: dict[str, Any] = outputs.get("services", {})
        delivered = {place: holds for said in services.values() for place, holds in said["delivered"].items()}
        step = self.steps[name] = Step(run, calls, self.held(what), delivered)
        step.state = self.world.stack.stored()["resources"]
        for row in ROWS:
            if row.kind == "secrets" and step.held[row.name] is not None:
                step.versions[row.name] = self.secret(row).version(row.called(what))
                step.kept[row.name] = self.secret(row).versions(row.called(what))
                step.tags[row.name] = self.secret(row).tags(row.called(what))

    def held(self, what: str) -> dict[str, str | None]:
        """Return what a reader of every sink's object of that name gets."""
        return {row.name: self.hand(row).found(row.called(what)) for row in ROWS}

    def _number(self, row: Row, what: str, more: dict[str, Any]) -> dict[str, str]:
        if more.get("on_conflict") != "adopt" or row.hand is not Sae:
            return {}
        return {"config_map_id": Sae(self.world.emulator).number(row.called(what))}

    def report(self, step: str) -> None:
        """Ask for the status of each service, from what the engine has."""
        resources = self.world.stack.state()["resources"]
        self.reports[step] = "\n".join(report(service, resources, "prod")[0][0] for service in SERVICES)


def observe(world: World) -> Observed:
    """Take all sinks through every case."""
    seen = Observed(world)
    gateway = world.settings["services"][SERVICE]
    world.write("services", {service: copy.deepcopy(gateway) for service in SERVICES})
    seen.protocols(*ALL_PROTOCOLS)
    _refused(seen)
    _lives(seen)
    _changed_by_others(seen)
    _moved_and_left(seen)
    _taken_over(seen)
    _answers_lost(seen)
    _secrets_lost(seen)
    seen.keys = leaks.key_values(world)
    seen.step("destroy", "destroy", what="lost")
    seen.steps["destroy, config"] = Step(seen.steps["destroy"].run, [], seen.held("new"), {})
    real = leaks.places(world, set(), [])
    seen.looked_through, seen.leaks = len(real), find(seen.keys, real)
    return seen


def _refused(seen: Observed) -> None:
    """Preview names that the stores refuse."""
    seen.point("app")
    for service in SERVICES:
        for kind in KINDS:
            rows = rows_of(service, kind)
            sinks = [row.entry("app") for row in rows]
            for sink, row in zip(sinks, rows, strict=True):
                sink[row.store] |= dict([row.bad_name])
            seen.world.write(f"services.{service}.{kind}", sinks)
    seen.step("limits", "preview", what="app", fails=True)
    seen.point("app")


def _lives(seen: Observed) -> None:
    seen.step("preview", "preview", "--diff", what="app")
    seen.step("create", "up", what="app")
    seen.report("create")
    seen.answers = {row.name: _answers(seen, row) for row in ROWS} | {ENV_FILE: _answers_from_env_file(seen)}
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
    """Let another hand change everything, then change the record, then let another hand delete all but the vaults."""
    for row in ROWS:
        seen.hand(row).write(row.called("app"), row.foreign)
        if row.kind == "secrets":
            seen.secret(row).untag(row.called("app"), "managed-by")
    seen.step("drift", "refresh", what="app")
    seen.report("drift")
    seen.step("repair", "up", what="app")
    seen.protocols("openai")
    seen.step("update", "up", what="app")
    seen.protocols(*ALL_PROTOCOLS)
    seen.step("rollback", "up", what="app")
    for row in ROWS:
        if not row.vault:
            seen.hand(row).remove(row.called("app"))
    seen.step("gone", "refresh", what="app")
    seen.step("made again", "up", what="app")


def _moved_and_left(seen: Observed) -> None:
    """Give every object another name, a vault in two steps; then leave them, and deliver to the anchors alone."""
    seen.point("new", leaving="app")
    seen.step("rename", "up", what="new")
    seen.point("new")
    seen.step("renamed", "up", what="new")
    seen.steps["renamed, the old"] = Step(seen.steps["renamed"].run, [], seen.held("app"), {})
    seen.point("new", vault="anchor", on_delete="retain")
    seen.step("retain", "up", what="new")
    for service in SERVICES:
        seen.world.write(f"services.{service}.secrets", [copy.deepcopy(ANCHORS[service])])
        seen.world.write(f"services.{service}.config", [])
    seen.step("left", "up", what="new")


def _taken_over(seen: Observed) -> None:
    """Meet objects that another made: refused, then adopted; the vaults among them are vaults again."""
    for row in ROWS:
        seen.hand(row).remove(row.called("new"))
        seen.hand(row).make(row.called("new"), row.foreign)
    seen.point("new", vault="anchor")
    seen.step("conflict", "up", "--continue-on-error", what="new", fails=True)
    seen.point("new", vault="anchor", on_conflict="adopt")
    seen.step("adopt", "up", what="new")
    seen.step("adopted", "up", what="new")


def _answers_lost(seen: Observed) -> None:
    """Lose the answer of every call that makes a secret, then of every one that puts a version."""
    for service in SERVICES:
        entries = [row.entry("lost") for row in rows_of(service, "secrets")]
        seen.world.write(f"services.{service}.secrets", [*entries, copy.deepcopy(ANCHORS[service])])
    fault = seen.world.emulator.fault
    secrets = [row for row in ROWS if row.kind == "secrets"]
    fault("CreateSecret", "cut_after", product="kms", times=len(secrets))
    fault("CreateSecretParameter", "cut_after", product="oos", times=len(secrets))
    seen.step("create, answers lost", "up", what="lost")
    seen.steps["adopted, the old"] = Step(seen.steps["adopted"].run, [], seen.held("new"), {})
    seen.protocols("openai", "anthropic")
    fault("PutSecretValue", "cut_after", product="kms", times=len(secrets))
    fault("UpdateSecretParameter", "cut_after", product="oos", times=len(secrets))
    seen.step("update, answers lost", "up", what="lost")
    seen.world.emulator.admin("DELETE", "/faults")


def _secrets_lost(seen: Observed) -> None:
    """Let another hand delete the vaults, whose keys the anchors hold too; then every secret there is."""
    for row in ROWS:
        if row.vault:
            seen.hand(row).remove(row.called("lost"))
    seen.step("vault gone", "refresh", what="lost")
    seen.step("vault made again", "up", what="lost")
    for row in ROWS:
        if row.kind == "secrets":
            seen.hand(row).remove(row.called("lost"))
    for anchor in ANCHORS.values():
        Console(seen.world.emulator).delete_secret(anchor["kms"]["name"])
    seen.step("all gone", "refresh", what="lost")
    seen.step("next key", "up", what="lost")
