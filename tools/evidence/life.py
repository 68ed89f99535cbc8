"""One service's access from the first `up` to `destroy`, and the clients that live on what was delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.engine.consumers import anthropic_says, is_refused, openai_says
from tests.engine.world import SECRET
from tools.evidence.claim import Claim, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.world import World

_WRITES = ("Create", "Update", "Put", "Delete", "Tag", "Untag")


class Life:
    """Runs the steps in order on one stack and keeps what was seen."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.steps: list[Step] = []
        self.keys: list[str] = []
        """Every key that was delivered, for the scan that follows."""
        self._other = ""

    def run(self) -> tuple[Claim, Claim]:
        """Return the claims `end to end` and `consumers`."""
        world = self._world
        self._engine("preview", lambda calls, _: calls == [])
        self._engine("up", lambda _, changes: changes.get("create", 0) > 0)
        self._remember()
        created = self.steps[-1].measured
        consumers = self._consumers()
        self._engine("up", lambda calls, changes: not calls and not changes, "up again")
        self._engine("refresh", lambda calls, changes: not changes and not _writes(calls))
        world.write("services.gateway.key.models", ["qwen-plus", "qwen-turbo"])
        self._engine(
            "up", lambda calls, _: "UpdateApiKey" in calls and "CreateApiKey" not in calls, "change the models"
        )
        before = world.console.secret(SECRET)
        world.console.put_secret(SECRET, "foreign", "{}")
        self._engine("refresh", lambda calls, _: not _writes(calls), "refresh after a foreign version")
        self._engine("up", lambda _, __: world.console.secret(SECRET) == before, "repair the version")
        world.console.delete_key(world.stack.outputs()["services"]["gateway"]["api_key_id"])
        self._engine("refresh", lambda calls, _: not _writes(calls), "refresh after a deleted key")
        self._engine("up", lambda _, __: self._generations() == {"g2r2"}, "mint generation 2")
        self._remember()
        self._engine("destroy", lambda _, __: self._left() == [], "destroy")
        again = self._named("up again").measured
        held = sum(step.holds for step in self.steps)
        line = (
            f"end to end: {held} of {len(self.steps)} steps as expected; first up {created['calls']} calls, "
            f"{created['writes']} writes; up again {sum(again['changes'].values())} changes, {again['calls']} calls; "
            f"{len(self._left())} objects left after destroy"
        )
        return Claim("end to end", line, self.steps, {"left_after_destroy": self._left()}), consumers

    def _engine(self, command: str, expected: Callable[[list[str], dict[str, int]], bool], name: str = "") -> None:
        run, calls = self._world.counted(command)
        changes = run.changes if run.code == 0 else {}
        measured: dict[str, Any] = {
            "command": command,
            "exit_code": run.code,
            "changes": dict(changes),
            "calls": len(calls),
            "writes": len(_writes(calls)),
            "operations": calls,
        }
        self.steps.append(Step(name or command, run.code == 0 and expected(calls, dict(changes)), measured))

    def _consumers(self) -> Claim:
        """Unmodified clients with nothing but the KMS record, then with another workspace's key."""
        world, record = self._world, self._world.record()
        self._other = world.console.create_workspace("other")
        theirs = str(world.console.create_key(self._other, "theirs").api_key_value)
        self.keys.append(theirs)
        steps: list[Step] = []
        for name, says in (("openai", openai_says), ("anthropic", anthropic_says)):
            for stream in (False, True):
                answer = says(record, stream=stream)
                steps.append(Step(f"{name}{' streaming' if stream else ''}", bool(answer), {"characters": len(answer)}))
        refused = is_refused(record, theirs)
        steps.append(Step("another workspace's key", refused, {"both_refused_with_401": refused}))
        answered = sum(step.holds for step in steps[:-1])
        line = (
            f"consumers: {answered} of 4 calls answered (openai, anthropic, streaming too) from the KMS record alone; "
            f"another workspace's key refused by {2 if refused else 0} of 2"
        )
        return Claim("consumers", line, steps)

    def _remember(self) -> None:
        self.keys.append(self._world.record()["OPENAI_API_KEY"])

    def _generations(self) -> set[str]:
        delivered: dict[str, str] = self._world.stack.outputs()["services"]["gateway"]["delivered"]
        return set(delivered.values())

    def _left(self) -> list[str]:
        """Return what is left of ours: a secret in its window is as the stack file says."""
        state = self._world.emulator.admin("GET", "/state")
        left = [f"workspace {i}" for i in self._world.workspaces() if i != self._other]
        left += [f"key {k['key_id']}" for k in state["keys"] if k["workspace_id"] != self._other]
        left += [f"config map {c['name']}" for c in state["config_maps"]]
        return left + [f"secret {s['name']}" for s in state["secrets"] if not s["planned_delete"]]

    def _named(self, name: str) -> Step:
        return next(step for step in self.steps if step.name == name)


def _writes(calls: list[str]) -> list[str]:
    return [call for call in calls if call.startswith(_WRITES)]
