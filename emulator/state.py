"""Everything that the emulated services hold, in one JSON file."""

import fcntl
import os
import secrets
import string
import time
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from emulator.hosts import REGIONS, Plan
from emulator.settings import Settings


class Visibility(BaseModel):
    """How long a new thing stays unseen: until a time, and for so many lists and uses."""

    until: float = 0
    lists: int = 0
    uses: int = 0

    def listed(self, now: float) -> bool:
        """Say whether this list shows it; a list that does not counts."""
        if now < self.until:
            return False
        if self.lists > 0:
            self.lists -= 1
            return False
        return True

    def usable(self, now: float) -> bool:
        """Say whether this use works; one that does not counts."""
        if now < self.until:
            return False
        if self.uses > 0:
            self.uses -= 1
            return False
        return True


class Workspace(BaseModel):
    """A business workspace."""

    workspace_id: str
    name: str
    region: str
    service_site: str
    api_host: str
    is_default: bool = False
    created: float
    visibility: Visibility = Field(default_factory=Visibility)
    refused_deletes: int = 0
    """Counted under `deleted_keys_linger` alone."""
    all_models: bool = False
    models: list[str] = Field(default_factory=list[str])

    def may_call(self, model: str) -> bool:
        """Say whether the workspace may call a model; the default workspace may call all."""
        return self.is_default or self.all_models or model in self.models


class Auth(BaseModel):
    """What a key may do."""

    type: Literal["All", "Custom"] = "All"
    access_ips: list[str] = Field(default_factory=list[str])
    allow_all_models: bool = True
    models: list[str] = Field(default_factory=list[str])


class ApiKey(BaseModel):
    """A pay-as-you-go key."""

    key_id: int
    value: str
    workspace_id: str
    description: str
    auth: Auth
    disabled: bool = False
    created: float
    created_by: str
    """The account, or the RAM user that it dies with."""
    visibility: Visibility = Field(default_factory=Visibility)
    former: list[str] = Field(default_factory=list[str])
    """Values that were reset away."""


class PlanKey(BaseModel):
    """A key of a subscription plan, registered through the admin endpoint."""

    value: str
    plan: Plan
    region: str


class SecretVersion(BaseModel):
    """One version of a KMS secret."""

    version_id: str
    data: str
    data_type: str
    stages: list[str]
    created: float


class Secret(BaseModel):
    """A KMS secret."""

    name: str
    region: str
    description: str
    created: float
    updated: float
    planned_delete: float | None = None
    encryption_key_id: str | None = None
    dkms_instance_id: str | None = None
    tags: dict[str, str] = Field(default_factory=dict[str, str])
    versions: list[SecretVersion] = Field(default_factory=list[SecretVersion])


class Namespace(BaseModel):
    """A SAE namespace."""

    namespace_id: str
    name: str
    description: str = ""
    micro_registration: bool = True


class ConfigMap(BaseModel):
    """A SAE config map."""

    config_map_id: int
    name: str
    namespace_id: str
    description: str
    data: dict[str, str]
    created: float
    updated: float


class MseInstance(BaseModel):
    """A Nacos instance of the microservices engine."""

    instance_id: str
    region: str
    namespaces: list[str] = Field(default_factory=list[str])
    """Ids of its namespaces but `public`, which every instance has."""


class NacosConfig(BaseModel):
    """A config in a Nacos instance."""

    config_id: int
    instance_id: str
    namespace_id: str
    """"" is `public`."""
    data_id: str
    group: str
    content: str
    type: str = "text"
    app_name: str = ""
    tags: str = ""
    description: str = ""


class ParameterVersion(BaseModel):
    """One version of a parameter."""

    number: int
    value: str
    updated: float


class Parameter(BaseModel):
    """A plain or secret parameter of OOS."""

    parameter_id: str
    name: str
    region: str
    type: str
    versions: list[ParameterVersion]
    """Those that are kept, oldest first; the last one is current."""
    description: str = ""
    constraints: str | None = None
    resource_group_id: str
    key_id: str | None = None
    dkms_instance_id: str | None = None
    tags: dict[str, str] = Field(default_factory=dict[str, str])
    client_token: str = ""
    created: float
    updated: float


class RamUser(BaseModel):
    """A RAM user with one access key, made through the admin endpoint."""

    user_id: str
    access_key_id: str
    secret: str


class Session(BaseModel):
    """Temporary credentials handed out by AssumeRole."""

    access_key_id: str
    secret: str
    token: str
    role: str
    role_id: str
    name: str
    expires: float


class State(BaseModel):
    """All of it."""

    instance: str
    account_id: str
    settings: Settings = Field(default_factory=Settings)
    next_key_id: int = 1000001
    next_config_map_id: int = 1
    next_nacos_config_id: int = 1
    workspaces: list[Workspace] = Field(default_factory=list[Workspace])
    keys: list[ApiKey] = Field(default_factory=list[ApiKey])
    plan_keys: list[PlanKey] = Field(default_factory=list[PlanKey])
    secrets: list[Secret] = Field(default_factory=list[Secret])
    namespaces: list[Namespace] = Field(default_factory=list[Namespace])
    config_maps: list[ConfigMap] = Field(default_factory=list[ConfigMap])
    mse_instances: list[MseInstance] = Field(default_factory=list[MseInstance])
    nacos_configs: list[NacosConfig] = Field(default_factory=list[NacosConfig])
    parameters: list[Parameter] = Field(default_factory=list[Parameter])
    secret_parameters: list[Parameter] = Field(default_factory=list[Parameter])
    ram_users: list[RamUser] = Field(default_factory=list[RamUser])
    sessions: list[Session] = Field(default_factory=list[Session])


class InUseError(Exception):
    """Another emulator works on the same directory."""


class Store:
    """The state and the directory that it is kept in. One process at a time."""

    def __init__(self, directory: Path, account_id: str) -> None:
        """Open or make the state below `directory`. Raises InUseError."""
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self._file = directory / "state.json"
        self._lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise InUseError(f"another emulator uses {directory}") from exc
        self._written = ""
        if self._file.exists():
            self.state = State.model_validate_json(self._file.read_bytes())
        else:
            self.state = State(instance=secrets.token_hex(8), account_id=account_id)
            self.state.workspaces = [new_workspace(region, "default", self.now()) for region in REGIONS]
            for workspace in self.state.workspaces:
                workspace.is_default = True
            self.state.namespaces = [Namespace(namespace_id=region, name="default") for region in REGIONS]
        self.state.account_id = account_id
        self.save()

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.state.settings

    def now(self) -> float:
        """Seconds since the epoch, by the emulator's clock."""
        return time.time() + self.state.settings.clock_offset_s

    def save(self) -> None:
        """Replace the file if something changed. A reader sees the old or the new state, never half of one."""
        text = self.state.model_dump_json(indent=1)
        if text == self._written:
            return
        new = self._file.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        new.replace(self._file)
        self._written = text

    def new_visibility(self) -> Visibility:
        """Return the visibility of something made now."""
        delay, calls = self.settings.visibility_delay_s, self.settings.visibility_delay_calls
        lists, uses = (
            1000 if late in self.settings.deviations else calls for late in ("lists_are_late", "keys_are_late")
        )
        return Visibility(until=self.now() + delay if delay else 0, lists=lists, uses=uses)

    def add_namespace(self, namespace_id: str) -> None:
        """Make a SAE namespace unless it exists."""
        if not any(n.namespace_id == namespace_id for n in self.state.namespaces):
            name = namespace_id.partition(":")[2] or namespace_id
            self.state.namespaces.append(Namespace(namespace_id=namespace_id, name=name))
            self.save()

    def workspace(self, workspace_id: str) -> Workspace:
        """Return a workspace known to exist."""
        return next(w for w in self.state.workspaces if w.workspace_id == workspace_id)


def new_workspace(region: str, name: str, now: float, service_site: str = "", *, llm_label: bool = False) -> Workspace:
    """Return a fresh workspace. Its host's label is its id (seen 2026-09, c006) unless it shall be an `llm-` one."""
    workspace_id = f"ws-{_label()}"
    return Workspace(
        workspace_id=workspace_id,
        name=name,
        region=region,
        service_site=service_site,
        api_host=f"{f'llm-{_label()}' if llm_label else workspace_id}.{region}.maas.aliyuncs.com",
        created=now,
    )


def _label() -> str:
    return "".join(secrets.choice(string.digits + string.ascii_lowercase) for _ in range(16))
