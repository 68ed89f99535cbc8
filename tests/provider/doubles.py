"""What a resource may use, with nothing behind it: a clock that a test moves, an account and a control plane that say
what a test tells them."""

from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any, cast

from provider.audit import Audit
from provider.client.control_plane import KeyInfo, WorkspaceInfo
from provider.client.errors import ServiceError
from provider.client.retry import Clock
from provider.resource import Call, Urn

START = 1_800_000_000.0


class MovedClock(Clock):
    """Stands still but for the pauses that are asked for."""

    def __init__(self) -> None:
        self.time = START
        super().__init__(source=lambda: self.time)

    def sleep(self, seconds: float) -> None:
        self.check()
        self.time += seconds
        assert self.time < START + 3600, "it waits without end"


@dataclass
class Plane:
    """A control plane that knows one key, and lists workspaces."""

    key: KeyInfo | None = None
    there: list[WorkspaceInfo] = field(default_factory=list[WorkspaceInfo])
    fails: bool = False
    asked: int = 0

    def api_key(self, region: str, key_id: str) -> KeyInfo | None:
        self._ask(region, key_id)
        return self.key

    def workspaces(self, region: str, *, workspace_id: str = "") -> list[WorkspaceInfo]:
        self._ask(region)
        return [w for w in self.there if workspace_id in ("", w.workspace_id)]

    def _ask(self, *_: str) -> None:
        self.asked += 1
        if self.fails:
            raise ServiceError("List", "refused", "no permission", status=403)


@dataclass
class Known:
    """Stands for `Services`."""

    clock: MovedClock = field(default_factory=MovedClock)
    control_plane: Plane = field(default_factory=Plane)
    kms: Any = None
    account_id: str = "1234567890123456"
    model_calls: Any = field(default_factory=lambda: BoundedSemaphore(4))
    may: bool | None = True
    """What is known of every model's permission."""

    def may_call(self, _region: str, _workspace_id: str, _model: str) -> bool | None:
        return self.may

    @property
    def account(self) -> "Known":
        return self

    def check(self, region: str) -> None:
        """Take the caller for the right account."""


@dataclass
class Said:
    """A call, and what it warned of."""

    known: Known = field(default_factory=Known)
    warnings: list[str] = field(default_factory=list[str])
    logged: list[str] = field(default_factory=list[str])

    @property
    def call(self) -> Call:
        urn = Urn.parse("urn:pulumi:test::model-studio::modelstudio:index:X::gw")
        return Call(
            urn=urn,
            services=cast("Any", self.known),
            warn=self.warnings.append,
            info=self.warnings.append,
            audit=Audit(urn.text, self.known.clock.now, self.logged.append),
        )


def key_info(**more: Any) -> KeyInfo:
    given: dict[str, Any] = {
        "key_id": "7",
        "workspace_id": "ws-a",
        "description": "",
        "created_by": "",
        "created_at": 0.0,
    }
    return KeyInfo(**given | more)


def workspace_info(workspace_id: str, api_host: str) -> WorkspaceInfo:
    return WorkspaceInfo(workspace_id=workspace_id, name="", region="cn-beijing", api_host=api_host, service_site="")
