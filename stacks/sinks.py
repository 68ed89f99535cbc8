"""What may stand under `secrets` and `config` of a service: exactly one kind of place each."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from catalogue.access import Audience, SinkFacts
from stacks import names


class Section(BaseModel):
    """A part of a stack file: unknown keys are refused, values are not shown in errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, hide_input_in_errors=True)


class KmsSink(Section):
    """A KMS secret that holds the whole record, keys included."""

    name: names.KmsSecretName = Field(description="Name of the secret.")
    region: names.Region | None = Field(default=None, description="Region of the secret. Default: the service's.")
    prefix: names.Prefix | None = Field(default=None, description="Put before every name in the record, as QWEN_.")
    audience: Audience = Field(
        default="backends", description="Who reads it: backends, or people's tools, where alone a plan's key may go."
    )

    def region_in(self, home: str) -> str:
        """Return the region that it lies in; `home`: that of the service."""
        return self.region or home

    def facts(self, home: str) -> SinkFacts:
        """Return what the firewall needs to know."""
        return SinkFacts(place=f"kms:{self.region_in(home)}/{self.name}", audience=self.audience)


class SaeSink(Section):
    """A SAE config map that holds the record without keys."""

    namespace: names.SaeNamespace = Field(description="Namespace, as cn-beijing:prod; it must exist.")
    config_map: names.SaeConfigMapName = Field(description="Name of the config map.")
    prefix: names.Prefix | None = Field(default=None, description="Put before every name in the record, as QWEN_.")

    def region_in(self, home: str) -> str:
        """Return the region of the namespace."""
        del home
        return self.namespace.partition(":")[0]

    def facts(self, home: str) -> SinkFacts:
        """Return what the firewall needs to know."""
        del home
        return SinkFacts(place=f"sae:{self.namespace}/{self.config_map}", audience=None)


class SecretSink(Section):
    """A place for the whole record, keys included: exactly one kind."""

    kms: KmsSink = Field(description="A KMS secret.")

    @property
    def store(self) -> Literal["kms"]:
        """Its kind, as the stack file names it."""
        return "kms"

    @property
    def sink(self) -> KmsSink:
        """The one that is given."""
        return self.kms


class ConfigSink(Section):
    """A place for the record without keys: exactly one kind."""

    sae: SaeSink = Field(description="A SAE config map.")

    @property
    def store(self) -> Literal["sae"]:
        """Its kind, as the stack file names it."""
        return "sae"

    @property
    def sink(self) -> SaeSink:
        """The one that is given."""
        return self.sae
