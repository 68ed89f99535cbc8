"""What may stand in a stack file under `model-studio:settings`. Unknown keys are refused; nothing here is a secret."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from catalogue import stores
from catalogue.access import About, Access, Problem, Verify, problems
from catalogue.advice import warnings
from catalogue.rows import Domain, Protocol, Region, as_region, shown
from catalogue.rules import Refused, check_service_site
from stacks import names
from stacks.keys import KeySettings, RotationSettings
from stacks.place import At, Several
from stacks.sinks import ConfigSink, SecretSink, Section


class AccountSettings(Section):
    """The one account of this stack, and how to get its credentials if not by the vendor's default chain."""

    id: names.AccountId = Field(description="Account id, 16 digits, in quotes. Compared before anything is written.")
    type: Literal["Domestic", "International"] = Field(description="Site of the account: China or international.")
    profile: str | None = Field(default=None, min_length=1, description="Profile of the aliyun CLI to use.")
    role_arn: names.RoleArn | None = Field(default=None, description="Role to assume.")

    @model_validator(mode="after")
    def _is_one_account(self) -> Self:
        owner = self.role_arn.split(":")[3] if self.role_arn else self.id
        if owner != self.id:
            text = f"a role of account {owner}, but id is {self.id}: whoever assumes a role acts in the role's account"
            raise At(("role_arn",), text)
        return self


class WorkspaceSettings(Section):
    """One workspace; a made one counts against the 20 of the account, so services share them."""

    region: names.Region = Field(description="Region that it lives in.")
    models: names.Models | None = Field(
        default=None,
        description="Models it may call: all, or a list. Default: all; for an adopted one: left as they are.",
    )
    name: names.WorkspaceName | None = Field(default=None, description="Name in Model Studio; made when left out.")
    service_site: names.ServiceSite | None = Field(
        default=None, description="Deployment scope, where the region offers a choice: where models run."
    )
    adopt: names.WorkspaceId | None = Field(
        default=None, description="Id of an existing workspace to use; never deleted by this stack."
    )
    protect: bool | None = Field(
        default=None, description="Refuse to delete it. Default: true, but in the stack `local` and for adopted ones."
    )
    allow_replacement: bool = Field(default=False, description="Whether a change may make a new workspace instead.")

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        found: list[At] = []
        try:
            check_service_site(self.region, self.service_site)
        except Refused as refused:
            found.append(At(("service_site",), str(refused)))
        if self.adopt is not None and self.name is not None:
            text = "has both adopt and name: an adopted workspace keeps the name it has; leave name out"
            found.append(At((), text))
        if found:
            raise Several(found)
        return self


class NetworkSettings(Section):
    """The private network from which a workspace's host is reached."""

    vpc_id: names.VpcId = Field(description="VPC with a PrivateLink endpoint for the workspace, made in the console.")


class ServiceSettings(Section):
    """One service that calls models: its key, its URLs, and where the record goes."""

    workspace: str | None = Field(
        default=None,
        description="Name of a workspace in this file; left out for a plan, and for an existing key alone.",
    )
    domain: Domain = Field(default="dedicated", description="Kind of host to call.")
    region: names.AnyRegion | None = Field(default=None, description="Region to call, where there is no workspace.")
    host: names.HostName | None = Field(
        default=None, description="Host to call instead of a published one, such as that of another team's workspace."
    )
    base_url: names.GatewayUrl | dict[Protocol, names.GatewayUrl] | None = Field(
        default=None, description="Base URL of a gateway of your own, or one for each protocol, delivered as it is."
    )
    network: NetworkSettings | None = Field(default=None, description="How the host is reached, where not publicly.")
    protocols: names.Protocols = Field(default=("openai",), description="Protocols to deliver a base URL for.")
    key: KeySettings = Field(default=KeySettings(), description="What the key may do.")
    verify: Verify | None = Field(
        default=None,
        description="What to deliver. required: only what was verified, if need be with one real call per URL. free: "
        "also what the region accepts, without a call. best_effort: all but what was refused. off: unchecked. "
        "Default: required for a minted key, free for an existing one.",
    )
    verify_model: names.Model | None = Field(
        default=None, description="The model to call where verify: required needs a real call. Default: a small one."
    )
    rotation: RotationSettings | None = Field(
        default=None, description="When the key is replaced. Default: never by age; overlap 7d, soak 2d."
    )
    secrets: tuple[SecretSink, ...] = Field(default=(), description="Places that get keys; the first is the pointer.")
    config: tuple[ConfigSink, ...] = Field(default=(), description="Places that get the record without keys.")

    probe_on_refresh: bool = Field(
        default=True,
        description="Whether a refresh reads the secrets and asks the URLs again. false: it needs no right to read.",
    )
    isolation: bool = Field(
        default=False, description="Deliver only if another workspace's host and another region refuse the key."
    )

    @property
    def sinks(self) -> tuple[SecretSink | ConfigSink, ...]:
        """All of them, secret sinks first."""
        return (*self.secrets, *self.config)

    @property
    def base_urls(self) -> Mapping[str, str] | None:
        """The URLs of a gateway by protocol; one alone is that of the one protocol."""
        if isinstance(self.base_url, str):
            return dict.fromkeys(self.protocols[:1], self.base_url)
        return {str(p): url for p, url in self.base_url.items()} if self.base_url is not None else None

    def path_of(self, number: int) -> tuple[str, ...]:
        """Return where the sink of that number stands below the service."""
        n = number - len(self.secrets)
        place = ("secrets", str(number)) if n < 0 else ("config", str(n))
        return (*place, self.sinks[number].store)


class SecretDeletion(Section):
    """What becomes of a KMS secret that this stack no longer wants."""

    recovery_window_days: Annotated[int, Field(ge=stores.RECOVERY_WINDOW.least, le=stores.RECOVERY_WINDOW.most)] = (
        Field(default=30, description="Days in which a deleted secret can be restored; its name is taken meanwhile.")
    )
    force: bool = Field(default=False, description="Delete at once, beyond recovery.")


class EndpointSettings(Section):
    """Where the services are, when not at the vendor's own addresses: a double. Loopback, else https."""

    control_plane: names.Addresses | None = Field(
        default=None, description="Model Studio: one address or one per region."
    )
    kms: names.StoreAddresses | None = Field(default=None, description="KMS: one address or one per region.")
    sae: names.StoreAddresses | None = Field(default=None, description="SAE: one address or one per region.")
    oos: names.StoreAddresses | None = Field(default=None, description="OOS: one address or one per region.")
    mse: names.StoreAddresses | None = Field(default=None, description="MSE: one address or one per region.")
    sts: names.StoreAddresses | None = Field(default=None, description="STS: one address or one per region.")
    inference: names.UrlPrefix | None = Field(
        default=None, description="Every delivered URL becomes <prefix>/<real host><path>."
    )
    clock_offset: float | None = Field(
        default=None, description="Seconds to add to the clock, for rehearsals: every address must be loopback."
    )


class Settings(Section):
    """Everything one stack deploys."""

    account: AccountSettings
    workspaces: dict[names.LogicalName, WorkspaceSettings] = Field(default={}, description="Workspaces, by name.")
    services: dict[names.LogicalName, ServiceSettings] = Field(default={}, description="Services, by name.")
    secret_deletion: SecretDeletion = Field(
        default=SecretDeletion(), description="What a removed KMS secret goes through."
    )
    renamed_from: names.RenamedFrom | None = Field(
        default=None, description="Former <organization>/<project>/<stack>, for the first up after a rename."
    )
    endpoints: EndpointSettings = Field(
        default=EndpointSettings(), description="Addresses of a double of the services."
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        found = [
            *(wrong for name, service in self.services.items() for wrong in self._wrong_in(name, service)),
            *self._gaps_of_double(),
            *self._taken_twice(),
        ]
        if found:
            raise Several(found)
        return self

    def warnings(self) -> Iterator[At]:
        """Return what is let through although it may not be meant, with its place."""
        for name, service in self.services.items():
            for warning in warnings(self._access(service)):
                yield At(("services", name, *_place_of(warning, service)), warning.text)

    def _wrong_in(self, name: str, service: ServiceSettings) -> Iterator[At]:
        if service.workspace is not None and service.workspace not in self.workspaces:
            there = ", ".join(self.workspaces) or "none"
            text = f"{shown(service.workspace)} is not a workspace of this file; it has {there}"
            yield At(("services", name, "workspace"), text)
            return
        for problem in problems(self._access(service)):
            yield At(("services", name, *_place_of(problem, service)), problem.text)

    def _taken_twice(self) -> Iterator[At]:
        taken: dict[str, str] = {}
        for place, path in self._places():
            there = taken.setdefault(place, ".".join(path))
            if not there.startswith(f"{path[0]}.{path[1]}."):  # two in one service are the firewall's matter
                yield At(path, f"{place} is also the sink at {there}; each place takes one record")
        for name, service in self.services.items():
            home, key = self.home_of(service), service.key
            sources = {
                "from_kms": stores.kms_place(key.from_kms.region or home, key.from_kms.name) if key.from_kms else "",
                "from_oos": stores.oos_secret_place(key.from_oos.region or home, key.from_oos.name)
                if key.from_oos
                else "",
            }
            for word, place in sources.items():
                if place in taken:
                    wrong = f"{place} is the sink at {taken[place]}; use a secret that this stack does not write"
                    yield At(("services", name, "key", word), wrong)

    def region_of(self, service: ServiceSettings) -> str:
        """Return the region that a service calls, "" where none is said."""
        workspace = self.workspaces.get(service.workspace or "")
        return workspace.region if workspace else service.region or ""

    def home_of(self, service: ServiceSettings) -> Region:
        """Return the region of a service's sinks where they do not say one: Beijing for a region of the user's own."""
        return as_region(self.region_of(service)) or "cn-beijing"

    def _access(self, service: ServiceSettings) -> Access:
        """Return what is written of one service, for the firewall."""
        workspace, key = self.workspaces.get(service.workspace or ""), service.key
        home = self.home_of(service)
        return Access(
            domain=service.domain,
            protocols=service.protocols,
            region=service.region,
            workspace_region=workspace.region if workspace else None,
            workspace=workspace.adopt if workspace else None,
            host=service.host,
            base_urls=service.base_urls,
            vpc_id=service.network.vpc_id if service.network else None,
            key=key.facts,
            models=None if key.models == "all" else key.models,
            allowed_ips=key.allowed_ips,
            open_to_world=key.open_to_world,
            rotation=service.rotation.policy if service.rotation else None,
            sinks=[given.sink.facts(home) for given in service.sinks],
            verify=service.verify,
            verify_model=service.verify_model,
            isolation=service.isolation,
            workspace_models=_listed(workspace),
            double=self.endpoints.inference is not None,
        )

    def _gaps_of_double(self) -> Iterator[At]:
        """Refuse a double that leaves calls to the vendor's own addresses."""
        given = self.endpoints.model_dump(exclude_none=True, exclude={"clock_offset"})
        if not given:
            return
        homes: list[str] = [w.region for w in self.workspaces.values()]
        services = [(s, self.home_of(s)) for s in self.services.values()]
        sources = [(s.key, home) for s, home in services]
        used: dict[str, list[str]] = {
            "control_plane": homes,
            "sts": homes + [home for s, home in services if s.key.is_existing],
            "kms": [key.from_kms.region or home for key, home in sources if key.from_kms is not None],
            "oos": [key.from_oos.region or home for key, home in sources if key.from_oos is not None],
            "inference": [home for _, home in services],
        }
        for s, home in services:
            for place in s.sinks:
                used.setdefault(place.sink.product, []).append(place.sink.region_in(home))
        for product, regions in used.items():
            there = given.get(product)
            missing = sorted({r for r in regions if there is None or (isinstance(there, dict) and r not in there)})
            if missing:
                where = "" if there is None else f" for {', '.join(missing)}"
                wrong = f"missing{where}: with endpoints given, its calls would still go to the live service"
                yield At(("endpoints", product), wrong)

    def _places(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return every sink's place, with its path in the file."""
        found: list[tuple[str, tuple[str, ...]]] = []
        for name, service in self.services.items():
            home = self.home_of(service)
            for n, given in enumerate(service.sinks):
                path = ("services", name, *service.path_of(n))
                found.append((given.sink.facts(home).place, path))
        return found


def _listed(workspace: WorkspaceSettings | None) -> tuple[str, ...] | None:
    """Return the models that a workspace may call, where the file lists them."""
    return None if workspace is None or workspace.models in (None, "all") else tuple(workspace.models)


_IN_THE_FILE: dict[About, tuple[str, ...]] = {
    "models": ("key", "models"),
    "allowed_ips": ("key",),
    "billing_plan": ("key", "billing_plan"),
    "key_region": ("key", "region"),
    "key_workspace": ("key", "workspace_id"),
}
"""Where in a service something stands, where that is not its own name."""


def _place_of(problem: Problem, service: ServiceSettings) -> tuple[str, ...]:
    """Return the path below a service to what is wrong."""
    if problem.about != "sinks":
        return _IN_THE_FILE.get(problem.about, (problem.about,))
    if problem.sink is None:
        return ()
    return service.path_of(problem.sink)
