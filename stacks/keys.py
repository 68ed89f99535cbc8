"""What may stand under `key` and `rotation` of a service. Never the value of a key."""

from typing import Literal, Self

from pydantic import Field, model_validator

from catalogue.access import RotationFacts, of_minting
from catalogue.pairs import KeyFacts
from catalogue.rotation import DEFAULT_OVERLAP, DEFAULT_SOAK
from catalogue.rows import BillingPlan
from stacks import names
from stacks.sinks import Section


class KmsKeySource(Section):
    """A KMS secret that holds a key made elsewhere."""

    name: names.KmsSecretName = Field(description="Name of the secret.")
    region: names.StoreRegion | None = Field(
        default=None, description="Region of the secret, any of Alibaba Cloud's. Default: the service's."
    )
    field: str | None = Field(
        default=None, min_length=1, description="Field of the secret's JSON object. Default: all of it is the key."
    )


class KeySettings(Section):
    """The service's key: minted here with what it may do, or brought, with what is known of it. Never its value."""

    models: names.KeyModels = Field(default="all", description="Models it may call: all of its workspace, or a list.")
    allowed_ips: names.IpList = Field(default=(), description="Addresses and networks it opens from; at most 20.")
    open_to_world: bool = Field(default=False, description="Allow a key with a model list to open from anywhere.")
    from_config: names.ConfigName | None = Field(
        default=None, description="A key made elsewhere: name of the secret set by `pulumi config set --secret`."
    )
    from_kms: KmsKeySource | None = Field(default=None, description="A key made elsewhere: the KMS secret it lies in.")
    billing_plan: BillingPlan | None = Field(default=None, description="Plan of a brought key, if you want it checked.")
    region: names.AnyRegion | None = Field(default=None, description="Region of a brought key, if you want it checked.")
    workspace_id: names.WorkspaceId | None = Field(
        default=None, description="Workspace of a brought key, if you want it checked."
    )

    @property
    def is_brought(self) -> bool:
        """Whether it was made elsewhere."""
        return self.from_config is not None or self.from_kms is not None

    @property
    def facts(self) -> KeyFacts | None:
        """What is said of a brought key; None for one that is minted."""
        if not self.is_brought:
            return None
        return KeyFacts(billing_plan=self.billing_plan, region=self.region, workspace=self.workspace_id)

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> Self:
        if self.from_config is not None and self.from_kms is not None:
            raise ValueError("has both from_config and from_kms; a key comes from one place")
        set_here = self.model_fields_set
        if self.is_brought and (wrong := sorted(set_here & {"models", "open_to_world"})):
            raise ValueError(f"{', '.join(wrong)} cannot be set for a brought key: it is what it was made to be")
        if not self.is_brought and (wrong := sorted(set_here & {"billing_plan", "region", "workspace_id"})):
            raise ValueError(f"{', '.join(wrong)} belongs to a brought key: add from_config or from_kms")
        return self


class RotationSettings(Section):
    """When a minted key is replaced, and how the old one ends. The latter may be said beside a brought key, too."""

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
    trigger: Literal["any_up", "scheduled"] = Field(
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
    retire: Literal["automatic", "manual"] = Field(
        default="automatic", description="manual: old keys go on working until this is changed."
    )

    @property
    def facts(self) -> RotationFacts:
        """What the firewall needs to know."""
        return RotationFacts(
            max_age=self.max_age,
            overlap=self.overlap,
            soak=self.soak,
            serve_generation=self.serve_generation,
            revoke_through=self.revoke_through,
            of_minting=of_minting(self.model_dump()),
        )
