"""What may stand under `secrets` and `config` of a service: exactly one kind of place each."""

from abc import ABC, abstractmethod
from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from catalogue import stores
from catalogue.access import Audience, SinkFacts
from provider.stores.written import Format
from stacks import names
from stacks.place import At


class Section(BaseModel):
    """A part of a stack file: unknown keys are refused, values are not shown in errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, hide_input_in_errors=True)


class Sink(Section, ABC):
    """What may be said of every sink."""

    product: ClassVar[Literal["kms", "oos", "sae", "mse"]]
    """The service whose endpoint it needs."""

    prefix: names.Prefix | None = Field(default=None, description="Put before every name in the record, as QWEN_.")
    on_conflict: stores.OnConflict = Field(
        default="fail",
        description="fail: it must not exist yet. adopt: it must exist, and this stack takes it over as its own.",
    )
    on_delete: stores.OnDelete = Field(
        default="delete", description="What becomes of it once the sink is no longer wanted: delete, or retain."
    )

    @abstractmethod
    def region_in(self, home: str) -> str:
        """Return the region that it lies in; `home`: that of the service."""

    @abstractmethod
    def place_in(self, home: str) -> str:
        """Return how the place is called in outputs and messages."""

    def facts(self, home: str) -> SinkFacts:
        """Return what the firewall needs to know. A config sink has no audience."""
        return SinkFacts(place=self.place_in(home), audience=getattr(self, "audience", None))


class RegionalSink(Sink):
    """A sink whose region may be said."""

    region: names.StoreRegion | None = Field(
        default=None, description="Region that it lies in, any of Alibaba Cloud's. Default: the service's."
    )

    def region_in(self, home: str) -> str:
        """Return the region that it lies in; `home`: that of the service."""
        return self.region or home


class SecretWords(RegionalSink):
    """What may be said of every secret sink."""

    audience: Audience = Field(
        default="backends", description="Who reads it: backends, or people's tools, where alone a plan's key may go."
    )
    format: Format = Field(
        default="json",
        description="json: the record. key: the key alone, for readers that take the whole secret as the key.",
    )
    encryption_key: str | None = Field(
        default=None, min_length=1, description="Id of the key that encrypts it. Default: the store's own."
    )
    instance: str | None = Field(
        default=None, min_length=1, description="Id of the dedicated KMS instance. Default: none."
    )

    @model_validator(mode="after")
    def _has_a_key_of_its_instance(self) -> Self:
        if self.instance is not None and self.encryption_key is None:
            raise At(("encryption_key",), "missing: a secret of a dedicated KMS instance needs a key of that instance")
        return self


class KmsSink(SecretWords):
    """A KMS secret that holds the whole record, keys included."""

    product: ClassVar = "kms"

    name: names.KmsSecretName = Field(description="Name of the secret.")

    def place_in(self, home: str) -> str:
        """Return how the place is called in outputs and messages."""
        return stores.kms_place(self.region_in(home), self.name)


class OosSecretSink(SecretWords):
    """An OOS secret parameter that holds the whole record, keys included."""

    product: ClassVar = "oos"

    name: names.OosParameterName = Field(description="Name of the secret parameter.")

    def place_in(self, home: str) -> str:
        """Return how the place is called in outputs and messages."""
        return stores.oos_secret_place(self.region_in(home), self.name)


class SaeSink(Sink):
    """A SAE config map that holds the record without keys."""

    product: ClassVar = "sae"

    namespace: names.SaeNamespace = Field(description="Namespace, as cn-beijing:prod; it must exist.")
    config_map: names.SaeConfigMapName = Field(description="Name of the config map.")
    config_map_id: names.SaeConfigMapId | None = Field(
        default=None, description="Number of the config map, in quotes, where it is to be adopted."
    )

    @model_validator(mode="after")
    def _can_be_adopted(self) -> Self:
        try:
            stores.check_sae_adoption(self.on_conflict, self.config_map_id)
        except stores.StoreError as wrong:
            raise At(("config_map_id",), str(wrong)) from None
        return self

    def region_in(self, home: str) -> str:
        """Return the region of the namespace."""
        del home
        return self.namespace.partition(":")[0]

    def place_in(self, home: str) -> str:
        """Return how the place is called in outputs and messages."""
        del home
        return stores.sae_place(self.namespace, self.config_map)


class NacosSink(RegionalSink):
    """A Nacos config of MSE that holds the record without keys."""

    product: ClassVar = "mse"

    instance_id: names.MseInstance = Field(description="Id of the MSE instance, such as mse-cn-abc; it must exist.")
    namespace: names.NacosNamespace = Field(
        default=stores.PUBLIC, description="Id of the namespace; it must exist. Default: public."
    )
    group: names.NacosGroup = Field(default="DEFAULT_GROUP", description="Group of the config.")
    data_id: names.NacosDataId = Field(description="Data id of the config, such as gateway.properties.")
    content_type: stores.ContentType | None = Field(
        default=None, description="Format of the content. Default: by the data id's ending."
    )

    @model_validator(mode="after")
    def _has_a_type(self) -> Self:
        try:
            stores.nacos_content_type(self.data_id, self.content_type)
        except stores.StoreError as wrong:
            raise At(("data_id",), f"{self.data_id!r} {wrong}") from None
        return self

    def place_in(self, home: str) -> str:
        """Return how the place is called in outputs and messages."""
        return stores.nacos_place(self.region_in(home), self.instance_id, self.namespace, self.group, self.data_id)


class OosSink(RegionalSink):
    """A plain OOS parameter that holds the record without keys."""

    product: ClassVar = "oos"

    name: names.OosParameterName = Field(description="Name of the parameter.")

    def place_in(self, home: str) -> str:
        """Return how the place is called in outputs and messages."""
        return stores.oos_place(self.region_in(home), self.name)


class OneOf(Section):
    """A place of exactly one kind."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            kinds = ", ".join(type(self).model_fields)
            has = f"has {' and '.join(given)}" if given else "is empty"
            raise ValueError(f"{has}; an entry is exactly one of {kinds}")
        return self

    @property
    def store(self) -> str:
        """Its kind, as the stack file names it."""
        return next(name for name in type(self).model_fields if getattr(self, name) is not None)

    @property
    def sink(self) -> Sink:
        """The one that is given."""
        sink: Sink = getattr(self, self.store)
        return sink


class SecretSink(OneOf):
    """A place for the whole record, keys included: exactly one kind."""

    kms: KmsSink | None = Field(default=None, description="A KMS secret.")
    oos: OosSecretSink | None = Field(default=None, description="An OOS secret parameter.")


class ConfigSink(OneOf):
    """A place for the record without keys: exactly one kind."""

    sae: SaeSink | None = Field(default=None, description="A SAE config map.")
    nacos: NacosSink | None = Field(default=None, description="A Nacos config of MSE.")
    oos: OosSink | None = Field(default=None, description="A plain OOS parameter.")
