"""OOS parameters: a secret one holds the whole record, a plain one what is left of it without keys."""

from dataclasses import dataclass
from typing import ClassVar

import pulumi
import pulumi_alicloud as alicloud

from catalogue.held import held
from catalogue.stores import OOS_PARAMETER, REGION, Store, oos_place, oos_secret_place
from components.sinks.sink import Delivered, Delivery
from components.sinks.stored import ConfigSink, SecretSink, stack_tags

_TAKES_EFFECT = "when the reader asks OOS again: nothing is pushed"


@dataclass(frozen=True, kw_only=True)
class OosSecretParameter(SecretSink):
    """An OOS secret parameter that holds the whole record as one JSON object, at most 4096 characters.

    The alicloud provider never reads its value: a change by another hand is not seen, and after an update that failed
    the state names the value that was wanted. So what it holds is told by its description, which is written in the same
    call as the value and is read back.
    """

    region: str
    """Region of the parameter, such as cn-beijing."""
    name: str
    """2 to 180 letters, digits and _/-."""

    store: ClassVar[Store] = "oos"
    token: ClassVar = "alicloud:oos/secretParameter:SecretParameter"  # noqa: S105 - a type token
    holder: ClassVar = (token, "description")
    exists: ClassVar = "EntityAlreadyExists.Parameter"
    takes_effect: ClassVar = _TAKES_EFFECT
    rules: ClassVar = {"region": REGION, "name": OOS_PARAMETER}
    left_alone: ClassVar = ("constraints", "dkms_instance_id", "key_id")

    @property
    def place(self) -> str:
        """Store, region and name."""
        return oos_secret_place(self.region, self.name)

    @property
    def object_id(self) -> str:
        """The name."""
        return self.name

    def deliver(self, delivery: Delivery, parent: pulumi.Resource) -> Delivered:
        """Make the parameter."""
        parameter = alicloud.oos.SecretParameter(
            self.child(delivery),
            secret_parameter_name=self.name,
            value=self.content(delivery),
            # With the prefix: whatever changes the value changes this, too.
            description=delivery.version.apply(lambda v: f"{v} {self.prefix}".rstrip()),
            tags=stack_tags(),
            opts=self.options(delivery, parent),
        )
        told = parameter.description.apply(lambda d: d or "")
        return Delivered(
            place=self.place,
            holds=told.apply(held),
            pointer=told.apply(lambda d: f"{self.place}@{d.partition(' ')[0]}"),
        )


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
    takes_effect: ClassVar = _TAKES_EFFECT
    rules: ClassVar = {"region": REGION, "name": OOS_PARAMETER}
    left_alone: ClassVar = ("description", "constraints")

    @property
    def place(self) -> str:
        """Store, region and name."""
        return oos_place(self.region, self.name)

    @property
    def object_id(self) -> str:
        """The name."""
        return self.name

    def deliver(self, delivery: Delivery, parent: pulumi.Resource) -> Delivered:
        """Make the parameter."""
        parameter = alicloud.oos.Parameter(
            self.child(delivery),
            parameter_name=self.name,
            type="String",
            value=self.content(delivery),
            tags=stack_tags(),
            opts=self.options(delivery, parent),
        )
        return self.delivered(parameter.value)
