"""Nacos configs of the microservices engine (MSE): the record without keys, and where the secret is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import pulumi
import pulumi_alicloud as alicloud

from catalogue.formats import RENDER
from catalogue.rows import shown
from catalogue.stores import (
    MSE_INSTANCE,
    NACOS_DATA_ID,
    NACOS_GROUP,
    NACOS_NAMESPACE,
    PUBLIC,
    REGION,
    ContentType,
    Store,
    StoreError,
    nacos_content_type,
    nacos_place,
)
from components.checks import Wrong
from components.sinks.config import ConfigSink


@dataclass(frozen=True, kw_only=True)
class NacosConfig(ConfigSink):
    """A Nacos config; instance and namespace must exist. It is pushed to those who listen to it."""

    region: str
    """Region of the instance, such as cn-beijing."""
    instance_id: str
    """Id of the MSE instance, such as mse-cn-abc."""
    data_id: str
    """1 to 256 letters, digits and _.:-"""
    namespace: str = PUBLIC
    """Id of the namespace."""
    group: str = "DEFAULT_GROUP"
    """1 to 128 letters, digits and _.:-"""
    content_type: ContentType | None = None
    """properties, yaml or json; left out: by the data id's ending."""

    store: ClassVar[Store] = "nacos"
    token: ClassVar = "alicloud:mse/nacosConfig:NacosConfig"  # noqa: S105 - a type token
    holder: ClassVar = (token, "content")
    exists: ClassVar = "config already exists"
    rules: ClassVar = {
        "region": REGION,
        "instance_id": MSE_INSTANCE,
        "namespace": NACOS_NAMESPACE,
        "group": NACOS_GROUP,
        "data_id": NACOS_DATA_ID,
    }
    left_alone: ClassVar = ("desc", "app_name", "tags")

    def wrong_together(self) -> Iterator[Wrong]:
        """Refuse a data id that does not tell the content type where none is given."""
        try:
            nacos_content_type(self.data_id, self.content_type)
        except StoreError as wrong:
            yield "data_id", f"{shown(self.data_id)} {wrong}"

    @property
    def place(self) -> str:
        """Store, region, instance, namespace, group and data id."""
        return nacos_place(self.region, self.instance_id, self.namespace, self.group, self.data_id)

    @property
    def home(self) -> str:
        """Region that it lies in."""
        return self.region

    @property
    def object_id(self) -> str:
        r"""Instance, namespace, data id and group; a colon inside one is written `\:`."""
        parts = (self.instance_id, self._namespace_id, self.data_id, self.group)
        return ":".join(part.replace(":", r"\:") for part in parts)

    def render(self, record: Mapping[str, str]) -> str:
        """Return the record in the config's content type."""
        return RENDER[nacos_content_type(self.data_id, self.content_type)](record)

    def make(self, name: str, content: pulumi.Output[str], opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
        """Make the config."""
        config = alicloud.mse.NacosConfig(
            name,
            instance_id=self.instance_id,
            namespace_id=self._namespace_id,
            group=self.group,
            data_id=self.data_id,
            content=content,
            type=nacos_content_type(self.data_id, self.content_type),
            opts=opts,
        )
        return config.content

    @property
    def _namespace_id(self) -> str:
        """The public namespace's id is empty; the provider would take `public` for another one."""
        return "" if self.namespace == PUBLIC else self.namespace
