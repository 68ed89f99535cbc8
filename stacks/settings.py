"""What may stand in a stack file under `model-studio:settings`. Unknown keys are refused; nothing here is a secret."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from catalogue.rules import Refused, check_domain, check_key_scope, check_service_site
from stacks import names


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, hide_input_in_errors=True)


class AccountSettings(_Section):
    """The one account of this stack, and how to get its credentials if not by the vendor's default chain."""

    id: names.AccountId = Field(description="Account id, 16 digits, in quotes. Compared before anything is written.")
    type: Literal["Domestic", "International"] = Field(description="Site of the account: China or international.")
    profile: str | None = Field(default=None, min_length=1, description="Profile of the aliyun CLI to use.")
    role_arn: names.RoleArn | None = Field(default=None, description="Role to assume.")


class WorkspaceSettings(_Section):
    """One workspace; a made one counts against the 20 of the account, so services share them."""

    region: names.Region = Field(description="Region that it lives in.")
    models: names.Models | None = Field(
        default=None,
        description="Models it may call: all, or a list. Default: all; for an adopted one: left as they are.",
    )
    name: names.WorkspaceName | None = Field(default=None, description="Name in Model Studio; made when left out.")
    service_site: str | None = Field(
        default=None, min_length=1, description="Deployment scope, where there is a choice."
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
        check_service_site(self.region, self.service_site)
        if self.adopt is not None and self.name is not None:
            raise ValueError("has both adopt and name: an adopted workspace keeps the name it has; leave name out")
        return self


class KeySettings(_Section):
    """What the minted key may do."""

    models: names.KeyModels = Field(default="all", description="Models it may call: all of its workspace, or a list.")
    allowed_ips: names.IpList = Field(default=(), description="Addresses and networks it opens from; at most 20.")
    open_to_world: bool = Field(
        default=False, description="Say so when a key with a model list may open from anywhere."
    )

    @model_validator(mode="after")
    def _is_meant(self) -> Self:
        models = None if self.models == "all" else self.models
        check_key_scope(models, self.allowed_ips, open_to_world=self.open_to_world)
        return self


class KmsSink(_Section):
    """A KMS secret that holds the whole record, keys included."""

    name: names.KmsSecretName = Field(description="Name of the secret.")
    region: names.Region | None = Field(default=None, description="Region of the secret. Default: the workspace's.")
    prefix: names.Prefix | None = Field(default=None, description="Put before every name in the record, as QWEN_.")


class SaeSink(_Section):
    """A SAE config map that holds the record without keys."""

    namespace: names.SaeNamespace = Field(description="Namespace, as cn-beijing:prod; it must exist.")
    config_map: names.SaeConfigMapName = Field(description="Name of the config map.")
    prefix: names.Prefix | None = Field(default=None, description="Put before every name in the record, as QWEN_.")


class SecretSink(_Section):
    """A place for the whole record, keys included: exactly one kind."""

    kms: KmsSink = Field(description="A KMS secret.")


class ConfigSink(_Section):
    """A place for the record without keys: exactly one kind."""

    sae: SaeSink = Field(description="A SAE config map.")


class ServiceSettings(_Section):
    """One service that calls models: its key, its URLs, and where the record goes."""

    workspace: str = Field(description="Name of a workspace in this file.")
    domain: Literal["dedicated", "shared"] = Field(default="dedicated", description="Kind of host to call.")
    protocols: names.Protocols = Field(default=("openai",), description="Protocols to deliver a base URL for.")
    key: KeySettings = Field(default=KeySettings(), description="What the key may do.")
    verify: Literal["required", "best_effort", "off"] = Field(
        default="required", description="Deliver only what was verified, all but what was refused, or unchecked."
    )
    secrets: tuple[SecretSink, ...] = Field(default=(), description="Places that get keys; the first is the pointer.")
    config: tuple[ConfigSink, ...] = Field(default=(), description="Places that get the record without keys.")

    @model_validator(mode="after")
    def _has_a_pointer(self) -> Self:
        if self.config and not self.secrets:
            raise Refused("config-needs-secret", "config without secrets", "add a secret sink, such as kms")
        return self


class SecretDeletion(_Section):
    """What becomes of a KMS secret that this stack no longer wants."""

    recovery_window_days: Annotated[int, Field(ge=7, le=30)] = Field(
        default=30, description="Days in which a deleted secret can be restored; its name is taken meanwhile."
    )
    force: bool = Field(default=False, description="Delete at once, beyond recovery.")


class EndpointSettings(_Section):
    """Where the services are, when not at the vendor's own addresses: a double. Loopback, else https."""

    control_plane: names.Addresses | None = Field(
        default=None, description="Model Studio: one address or one per region."
    )
    kms: names.Addresses | None = Field(default=None, description="KMS: one address or one per region.")
    sae: names.Addresses | None = Field(default=None, description="SAE: one address or one per region.")
    sts: names.Addresses | None = Field(default=None, description="STS: one address or one per region.")
    inference: names.UrlPrefix | None = Field(
        default=None, description="Every delivered URL becomes <prefix>/<real host><path>."
    )


class Settings(_Section):
    """Everything one stack deploys."""

    account: AccountSettings
    workspaces: dict[names.LogicalName, WorkspaceSettings] = Field(min_length=1, description="Workspaces, by name.")
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
        for name, service in self.services.items():
            if service.workspace not in self.workspaces:
                there = ", ".join(self.workspaces)
                raise At(
                    ("services", name, "workspace"),
                    f"{service.workspace!r} is not a workspace of this file; it has {there}",
                )
            try:
                check_domain(service.domain, self.workspaces[service.workspace].region, service.protocols)
            except Refused as refused:
                raise At(("services", name, "domain"), str(refused)) from None
        self._double_is_whole()
        taken: dict[str, str] = {}
        for place, where in self._places():
            if place in taken:
                path = where.split(".")
                raise At(tuple(path), f"{place} is also the sink at {taken[place]}; each place takes one record")
            taken[place] = where
        return self

    def _double_is_whole(self) -> None:
        """Refuse a double that leaves calls to the vendor's own addresses."""
        given = self.endpoints.model_dump(exclude_none=True)
        if not given:
            return
        homes: list[str] = [w.region for w in self.workspaces.values()]
        services = [(s, self.workspaces[s.workspace].region) for s in self.services.values()]
        used: dict[str, list[str]] = {
            "control_plane": homes,
            "sts": homes,
            "kms": [sink.kms.region or home for s, home in services for sink in s.secrets],
            "sae": [sink.sae.namespace.partition(":")[0] for s, _ in services for sink in s.config],
            "inference": [home for _, home in services],
        }
        for product, regions in used.items():
            there = given.get(product)
            missing = sorted({r for r in regions if there is None or (isinstance(there, dict) and r not in there)})
            if missing:
                where = "" if there is None else f" for {', '.join(missing)}"
                wrong = f"missing{where}: with endpoints given, its calls would still go to the live service"
                raise At(("endpoints", product), wrong)

    def _places(self) -> list[tuple[str, str]]:
        """Return every sink's place, with its path in the file."""
        found: list[tuple[str, str]] = []
        for name, service in self.services.items():
            home = self.workspaces[service.workspace].region
            for n, secret in enumerate(service.secrets):
                found.append((f"kms:{secret.kms.region or home}/{secret.kms.name}", f"services.{name}.secrets.{n}.kms"))
            for n, config in enumerate(service.config):
                found.append((f"sae:{config.sae.namespace}/{config.sae.config_map}", f"services.{name}.config.{n}.sae"))
        return found


class At(ValueError):
    """An error whose place in the file is not where the model that found it stands."""

    def __init__(self, path: tuple[str, ...], text: str) -> None:
        self.path = path
        super().__init__(text)
