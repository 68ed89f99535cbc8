"""What may stand under `key` and `rotation` of a service. Never the value of a key."""

from typing import Self

from pydantic import Field, model_validator

from catalogue.pairs import KeyFacts
from catalogue.rotation import DEFAULT_OVERLAP, DEFAULT_SOAK, Retire, RotationPolicy, Trigger
from catalogue.rows import BillingPlan
from stacks import names
from stacks.place import At, Several
from stacks.sinks import Section


class KeySource(Section):
    """A secret that holds a key made elsewhere."""

    region: names.StoreRegion | None = Field(
        default=None, description="Region of the secret, any of Alibaba Cloud's. Default: the service's."
    )
    field: str | None = Field(
        default=None, min_length=1, description="Field of the secret's JSON object. Default: all of it is the key."
    )


class KmsKeySource(KeySource):
    """A KMS secret that holds a key made elsewhere."""

    name: names.KmsSecretName = Field(description="Name of the secret.")


class OosKeySource(KeySource):
    """An OOS secret parameter that holds a key made elsewhere."""

    name: names.OosParameterName = Field(description="Name of the secret parameter.")


class KeySettings(Section):
    """The service's key: minted here with what it may do, or existing, with what is known of it. Never its value."""

    models: names.KeyModels = Field(default="all", description="Models it may call: all of its workspace, or a list.")
    allowed_ips: names.IpList = Field(default=(), description="Addresses and networks it opens from; at most 20.")
    open_to_world: bool = Field(default=False, description="Allow a key with a model list to open from anywhere.")
    from_config: names.ConfigName | None = Field(
        default=None, description="A key made elsewhere: name of the secret set by `pulumi config set --secret`."
    )
    from_kms: KmsKeySource | None = Field(default=None, description="A key made elsewhere: the KMS secret it lies in.")
    from_oos: OosKeySource | None = Field(
        default=None, description="A key made elsewhere: the OOS secret parameter it lies in."
    )
    billing_plan: BillingPlan | None = Field(
        default=None, description="Plan of an existing key, if you want it checked."
    )
    region: names.AnyRegion | None = Field(
        default=None, description="Region of an existing key, if you want it checked."
    )
    workspace_id: names.WorkspaceId | None = Field(
        default=None, description="Workspace of an existing key, if you want it checked."
    )

    @property
    def is_existing(self) -> bool:
        """Whether it was made elsewhere."""
        return bool(self._sources)

    @property
    def _sources(self) -> list[str]:
        return [name for name in ("from_config", "from_kms", "from_oos") if getattr(self, name) is not None]

    @property
    def facts(self) -> KeyFacts | None:
        """What is said of an existing key; None for one that is minted."""
        if not self.is_existing:
            return None
        return KeyFacts(billing_plan=self.billing_plan, region=self.region, workspace=self.workspace_id)

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> Self:
        found: list[At] = []
        if len(self._sources) > 1:
            found.append(At((), f"has {' and '.join(self._sources)}; a key comes from one place"))
        set_here = self.model_fields_set
        if self.is_existing and (wrong := sorted(set_here & {"models", "open_to_world"})):
            text = f"{', '.join(wrong)} cannot be set for an existing key: it is what it was made to be"
            found.append(At((), text))
        if not self.is_existing and (wrong := sorted(set_here & {"billing_plan", "region", "workspace_id"})):
            text = f"{', '.join(wrong)} belongs to an existing key: add from_config, from_kms or from_oos"
            found.append(At((), text))
        if found:
            raise Several(found)
        return self


class RotationSettings(Section):
    """When a minted key is replaced, and how the old one ends. The latter can also be set for an existing key."""

    max_age: names.Duration | None = Field(
        default=None, description="Age at which the next `up` mints the next generation, as 90d. Default: never."
    )
    overlap: names.Duration = Field(
        default=DEFAULT_OVERLAP,
        description="How long an old key goes on working once every sink holds its successor. Default: 7d.",
    )
    soak: names.Duration = Field(
        default=DEFAULT_SOAK, description="How long it is then disabled before it is deleted. Default: 2d."
    )
    trigger: Trigger = Field(
        default="any_up",
        description="any_up: any `up` rotates what is due. scheduled: only a new value of model-studio:rotate does.",
    )
    min_generation: int | None = Field(default=None, ge=1, description="Mint until this generation is reached.")
    serve_generation: int | None = Field(
        default=None, ge=1, description="Deliver this older generation again; pauses age rotation and retirement."
    )
    revoke_through: int | None = Field(
        default=None, ge=1, description="Replace this and lower generations, and disable them at once."
    )
    retire: Retire = Field(default="automatic", description="manual: old keys go on working until this is changed.")

    @property
    def policy(self) -> RotationPolicy:
        """It as the resources take it."""
        return RotationPolicy.of(self.model_dump())
