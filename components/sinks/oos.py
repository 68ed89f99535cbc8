"""OOS parameters: a secret one holds the whole record, a plain one what is left of it without keys."""

from dataclasses import dataclass
from typing import ClassVar

import pulumi
import pulumi_alicloud as alicloud

from catalogue.stores import OOS_PARAMETER, REGION, Store, oos_place
from components.sinks.config import ConfigSink, stack_tags
from components.sinks.secret import SecretSink
from provider.stores.store import Place


@dataclass(frozen=True, kw_only=True)
class OosSecretParameter(SecretSink):
    """An OOS secret parameter that holds the whole record as one JSON object, at most 4096 characters, or the key."""

    region: str
    """Region of the parameter, such as cn-beijing."""
    name: str
    """2 to 180 letters, digits and _/-."""

    store: ClassVar[Store] = "oos"
    rules: ClassVar = {"region": REGION, "name": OOS_PARAMETER}

    @property
    def where(self) -> Place:
        """The place, typed."""
        return Place(store="oos", region=self.region, name=self.name)


@dataclass(frozen=True, kw_only=True)
class OosParameter(ConfigSink):
    """A plain OOS parameter that holds the record without keys as a JSON object, at most 4096 characters."""

    region: str
    """Region of the parameter, such as cn-beijing."""
    name: str
    """2 to 180 letters, digits and _/-."""

    store: ClassVar[Store] = "oos"
    token: ClassVar = "alicloud:oos/parameter:Parameter"  # noqa: S105 - a type token
    holder: ClassVar = (token, "value")
    exists: ClassVar = "EntityAlreadyExists.Parameter"
    rules: ClassVar = {"region": REGION, "name": OOS_PARAMETER}
    left_alone: ClassVar = ("description", "constraints")

    @property
    def place(self) -> str:
        """Store, region and name."""
        return oos_place(self.region, self.name)

    @property
    def home(self) -> str:
        """Region that it lies in."""
        return self.region

    @property
    def object_id(self) -> str:
        """The name."""
        return self.name

    def make(self, name: str, content: pulumi.Output[str], opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
        """Make the parameter."""
        parameter = alicloud.oos.Parameter(
            name, parameter_name=self.name, type="String", value=content, tags=stack_tags(), opts=opts
        )
        return parameter.value
