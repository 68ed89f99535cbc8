"""One service's key with nothing behind it: a control plane, secret stores and hosts in memory, and an engine's part.

Every call of the control plane and of the stores can be made to fail, before or after it did its work, or to end the
process; time stands still but for the pauses that are asked for.
"""

import itertools
import json
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from provider.client.control_plane import KeyInfo, KeyScope, WorkspaceInfo
from provider.client.errors import Kind, ServiceError
from provider.client.listed import Listed
from provider.keys.handler import ApiKeyHandler
from provider.plugin import Plugin
from provider.probe import check as probe
from provider.probe import origin
from provider.probe.pair import Pair
from provider.probe.verdict import Facts, Finding, Outcome
from provider.resource import PartlyMadeError, RefusedError
from provider.stores.store import Deleting, Look, Making, Mark, Place, Version
from provider.values import Values
from tests.provider.doubles import Known, MovedClock

OWNER_ID = "0123456789abcdef"
HOST = "https://ws-a.cn-beijing.maas.aliyuncs.com"
URLS = {"openai": f"{HOST}/compatible-mode/v1"}
SHARED = {"openai": "https://dashscope.aliyuncs.com/compatible-mode/v1"}
ANY = KeyScope(models=None, allowed_ips=())
GW = Place(store="kms", region="cn-beijing", name="gw")
WINDOW = "Rejected.ResourceInDeleteWindow"


class KilledError(BaseException):
    """The process ends here: nothing after it runs, and nothing is recorded."""


def failure(kind: Kind = "lost", code: str = "", status: int = 0) -> ServiceError:
    return ServiceError("Call", kind, "made to fail", code=code, status=status)


@dataclass
class Fault:
    """What happens at the nth call of an operation from now on."""

    error: BaseException
    after: bool
    nth: int
    times: int


class Calls:
    """What was called, and what is to go wrong."""

    def __init__(self) -> None:
        self.made: list[tuple[str, str]] = []
        self._faults: dict[str, list[Fault]] = {}

    def fault(
        self, name: str, error: BaseException | None = None, *, after: bool = False, nth: int = 1, times: int = 1
    ) -> None:
        """Let a call fail, or with `after` do its work first and fail then."""
        self._faults.setdefault(name, []).append(Fault(error or failure(), after, nth, times))

    def mend(self) -> None:
        self._faults.clear()

    def count(self) -> Counter[str]:
        return Counter(name for name, _ in self.made)

    @contextmanager
    def of(self, name: str, about: str = "") -> Generator[None]:
        self.made.append((name, about))
        due = [fault for fault in self._faults.get(name, []) if self._is_due(fault)]
        for fault in due:
            if not fault.after:
                raise fault.error
        yield
        for fault in due:
            raise fault.error

    @staticmethod
    def _is_due(fault: Fault) -> bool:
        fault.nth -= 1
        if fault.nth > 0 or fault.times < 1:
            return False
        fault.times -= 1
        return True


@dataclass
class Plane:
    """A control plane in memory."""

    calls: Calls
    now: Callable[[], float]
    keys: dict[str, KeyInfo] = field(default_factory=dict[str, KeyInfo])
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def create_api_key(self, region: str, workspace_id: str, description: str, scope: KeyScope) -> KeyInfo:
        with self.calls.of("create_api_key", region):
            number = str(next(self.ids))
            made = KeyInfo(
                key_id=number,
                workspace_id=workspace_id,
                description=description,
                created_by="",
                created_at=self.now(),
                scope=scope,
                value=f"sk-ws-test.k{number}",
            )
            self.keys[number] = made
        return made

    def api_key(self, region: str, key_id: str) -> KeyInfo | None:
        with self.calls.of("api_key", region):
            return self.keys.get(key_id)

    def api_keys(self, region: str, workspace_id: str, *, containing: str = "") -> list[KeyInfo]:
        with self.calls.of("api_keys", region):
            return [k for k in self.keys.values() if k.workspace_id == workspace_id and containing in k.description]

    def update_api_key(self, region: str, key_id: str, scope: KeyScope) -> None:
        with self.calls.of("update_api_key", region):
            self.keys[key_id] = replace(self.keys[key_id], scope=scope)

    def enable_api_key(self, region: str, key_id: str) -> None:
        with self.calls.of("enable_api_key", region):
            self.keys[key_id] = replace(self.keys[key_id], disabled=False)

    def delete_api_key(self, region: str, key_id: str) -> None:
        with self.calls.of("delete_api_key", region):
            self.keys.pop(key_id, None)

    def workspaces(self, region: str, *, workspace_id: str = "") -> list[WorkspaceInfo]:
        with self.calls.of("workspaces", region):
            return [w for w in list[WorkspaceInfo]() if w.workspace_id == workspace_id]


@dataclass
class Held:
    """One secret."""

    mark: Mark | None
    versions: list[Version]
    current: str
    deleted_at: str = ""


@dataclass
class Store:
    """A secret store in memory, with the ways of KMS: a version's id is its name."""

    calls: Calls
    versions_kept: int = 10
    held: dict[str, Held] = field(default_factory=dict[str, Held])

    def look(self, place: Place) -> Look | None:
        with self.calls.of("look", place.name):
            found = self.held.get(place.name)
            if found is None:
                return None
            return Look(mark=found.mark, tags={}, current="", name="", deleted_at=found.deleted_at)

    def read(self, place: Place, version: str = "") -> Version | None:
        with self.calls.of("read", place.name):
            found = self.held.get(place.name)
            if found is not None and found.deleted_at:
                raise failure("refused", WINDOW, 409)
            wanted = version or (found.current if found else "")
            return next((v for v in found.versions if v.version == wanted), None) if found else None

    def current(self, place: Place) -> str | None:
        with self.calls.of("current", place.name):
            found = self.held.get(place.name)
            return found.current if found else None

    def versions(self, place: Place) -> list[str]:
        with self.calls.of("versions", place.name):
            return [v.version for v in self.held[place.name].versions] if place.name in self.held else []

    def create(self, place: Place, name: str, data: str, making: Making) -> Version:
        with self.calls.of("create", place.name):
            if place.name in self.held:
                raise failure("refused", "Rejected.ResourceExist", 409)
            made = Version(version=name, name=name, data=data)
            self.held[place.name] = Held(making.mark, [made], name)
        return made

    def put(self, place: Place, name: str, data: str, mark: Mark) -> Version:
        with self.calls.of("put", place.name):
            made = Version(version=name, name=name, data=data)
            assert mark.series
            self.hand(place.name, made)
        return made

    def tag(self, place: Place, tags: dict[str, str]) -> None:
        with self.calls.of("tag", place.name):
            self.held[place.name].mark = Mark.read(tags["model-studio-mark"])

    def restore(self, place: Place) -> None:
        with self.calls.of("restore", place.name):
            self.held[place.name].deleted_at = ""

    def delete(self, place: Place, deleting: Deleting) -> None:
        with self.calls.of("delete", f"{place.name} {deleting.recovery_days}"):
            self.held.pop(place.name, None)

    def hand(self, name: str, made: Version) -> None:
        """Put a version, as any hand may."""
        found = self.held[name]
        found.versions = [*(v for v in found.versions if v.version != made.version), made][-self.versions_kept :]
        found.current = made.version

    def data(self, name: str) -> str:
        found = self.held[name]
        return next(v.data for v in found.versions if v.version == found.current)


class Account:
    """What all services of a program share."""

    def __init__(self) -> None:
        self.calls = Calls()
        self.clock = MovedClock()
        self.plane = Plane(self.calls, self.clock.now)
        self.kms = Store(self.calls)
        self.oos = Store(self.calls, versions_kept=100)
        self.outcomes: dict[tuple[str, str], Outcome] = {}
        """What a key at a host comes to, where it is not verified; "" for any host."""
        self.asked: list[tuple[str, str, str]] = []
        """Key, host and spend of each pair that was checked."""
        self.known = _Known(self)

    def check(self, pair: Pair, _models: object, *, spend: str, **_: Any) -> Finding:
        """Answer in the place of the check of one URL."""
        self.asked.append((pair.key, pair.host_name, spend))
        outcome = self.outcomes.get((pair.key, pair.host_name)) or self.outcomes.get((pair.key, "")) or "verified"
        cause = "" if outcome == "verified" else "made so"
        return Finding(outcome=outcome, cause=cause, facts=Facts(key_accepted=outcome in ("verified", "accepted")))


class Bench:
    """One ApiKey, and what the engine keeps of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str = "gw-key", account: Account | None = None) -> None:
        self.urn = f"urn:pulumi:test::model-studio::modelstudio:index:ApiKey::{name}"
        self.account = account or Account()
        self.calls, self.clock, self.plane = self.account.calls, self.account.clock, self.account.plane
        self.kms, self.oos, self.known = self.account.kms, self.account.oos, self.account.known
        self.outcomes, self.asked = self.account.outcomes, self.account.asked
        self.plugin = Plugin([ApiKeyHandler()], clock=self.clock)
        self.plugin._services = cast("Any", self.known)  # pyright: ignore[reportPrivateUsage] - Configure would make them
        self.said: list[str] = []
        self.plugin.warn = self.plugin.info = lambda _urn, text: self.said.append(text)
        self.id = ""
        self.inputs: Values = {}
        self.state: Values = {}
        monkeypatch.setattr(probe, "check", self.account.check)
        monkeypatch.setattr(origin, "of_any", _nothing)
        monkeypatch.setattr(origin, "of_minted", _nothing)

    def given(self, **more: Any) -> Values:
        """Return the inputs of a minted key with its vault in KMS; None takes one out."""
        said = {
            "regionId": "cn-beijing",
            "workspaceId": "ws-a",
            "ownerId": OWNER_ID,
            "urls": URLS,
            "domain": "dedicated",
            "vault": at("gw"),
            **more,
        }
        return {name: value for name, value in said.items() if value is not None}

    def refused(self, **more: Any) -> str:
        """Return why these inputs are refused before anything is done, "" when they are not."""
        failures = self.plugin.check(self.urn, self.given(**more), self.inputs if self.id else None)[1]
        return "; ".join(f"{f.property}: {f.reason}" for f in failures)

    def up(self, **more: Any) -> str:
        """Check, diff, create or update, as the engine does; return what an update that ended half-way says."""
        news, failures = self.plugin.check(self.urn, self.given(**more), self.inputs if self.id else None)
        assert not failures, failures
        try:
            if not self.id:
                made = self.plugin.create(self.urn, news, preview=False)
                self.id, state = made.id, made.state
            elif self.plugin.diff(self.urn, self.state, self.inputs, news).changed:
                state = self.plugin.update(self.urn, self.state, self.inputs, news, preview=False)
            else:
                return ""
        except PartlyMadeError as partly:
            self.id = self.id or partly.made.id
            self.inputs, self.state = news, _kept(partly.made.state)
            return partly.reason
        self.inputs, self.state = news, _kept(state)
        return ""

    def changes(self, **more: Any) -> list[str]:
        """Return what an update would change."""
        news = self.plugin.check(self.urn, self.given(**more), self.inputs)[0]
        return sorted(self.plugin.diff(self.urn, self.state, self.inputs, news).changed)

    def preview(self, **more: Any) -> Values:
        """Preview an update."""
        news = self.plugin.check(self.urn, self.given(**more), self.inputs)[0]
        return self.plugin.update(self.urn, self.state, self.inputs, news, preview=True)

    def refresh(self) -> None:
        found = self.plugin.read(self.urn, self.id, self.state, self.inputs)
        assert found is not None
        self.state, self.inputs = _kept(found.state), found.inputs

    def delete(self) -> None:
        self.plugin.delete(self.urn, self.id, self.state, self.inputs)

    def killed(self, **more: Any) -> None:
        """Run an update that ends with the process: whatever it did, the engine keeps what it had."""
        with pytest.raises(KilledError):
            self.up(**more)

    def fails(self, says: str, **more: Any) -> None:
        """Run an update that fails and leaves nothing to record."""
        with pytest.raises((RefusedError, ServiceError), match=says):
            self.up(**more)

    @property
    def live(self) -> list[str]:
        """Ids of the keys that there are."""
        return sorted(self.plane.keys)

    @property
    def superseded(self) -> list[str]:
        return [entry["keyId"] for entry in self.state["superseded"]]

    @property
    def served(self) -> str:
        """Return the key that readers of the vault get."""
        return str(json.loads(self.kms.data("gw"))["OPENAI_API_KEY"])

    @property
    def now(self) -> tuple[str, int, str]:
        """Id and number of the current key, and what the vault holds."""
        return self.state["keyId"], self.state["generation"], self.state["held"]


def _nothing(*_: object, **__: object) -> str:
    return ""


class _Known(Known):
    """Stands for `Services`."""

    def __init__(self, account: Account) -> None:
        super().__init__(clock=account.clock)
        self.control_plane = cast("Any", account.plane)
        self.stores = {"kms": account.kms, "oos": account.oos}
        self.claims: dict[str, str] = {}
        self.listed = Listed(account.clock.now)


def at(name: str, store: str = "kms", **form: Any) -> Values:
    """Return a claimed place, as those who write to it are given it."""
    return {"store": store, "regionId": "cn-beijing", "name": name, "claim": "c" * 16, "found": "absent", **form}


def _kept(state: Values) -> Values:
    """Return a state as the engine keeps it, which is JSON."""
    kept: Values = json.loads(json.dumps(state))
    return kept
