"""SAE config maps: the record without keys, and where the secret is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import pulumi
import pulumi_alicloud as alicloud

from catalogue.formats import go_json
from catalogue.stores import (
    SAE_CONFIG_MAP,
    SAE_CONFIG_MAP_ID,
    SAE_NAMESPACE,
    Store,
    StoreError,
    check_sae_adoption,
    sae_place,
)
from components.checks import Wrong
from components.sinks.config import ConfigSink


@dataclass(frozen=True, kw_only=True)
class SaeConfigMap(ConfigSink):
    """A SAE config map; the namespace must exist. Readers get a change when they are redeployed."""

    namespace: str
    """Namespace, as cn-beijing:prod."""
    name: str
    """Letters, digits and _, starting with a letter."""
    config_map_id: str | None = None
    """Number of the config map that is to be adopted, as the SAE console shows it."""

    store: ClassVar[Store] = "sae"
    token: ClassVar = "alicloud:sae/configMap:ConfigMap"  # noqa: S105 - a type token
    holder: ClassVar = (token, "data")
    exists: ClassVar = "Exist.ConfigMap"
    rules: ClassVar = {"namespace": SAE_NAMESPACE, "name": SAE_CONFIG_MAP, "config_map_id": SAE_CONFIG_MAP_ID}
    left_alone: ClassVar = ("description",)  # it cannot be cleared: it would be a difference at every `up`

    def wrong_together(self) -> Iterator[Wrong]:
        """Refuse an adoption without the number of the config map."""
        try:
            check_sae_adoption(self.on_conflict, self.config_map_id)
        except StoreError as wrong:
            yield "config_map_id", str(wrong)

    @property
    def place(self) -> str:
        """Store, namespace and name."""
        return sae_place(self.namespace, self.name)

    @property
    def home(self) -> str:
        """Region of the namespace."""
        return self.namespace.partition(":")[0]

    @property
    def object_id(self) -> str | None:
        """A number that SAE gives."""
        return self.config_map_id

    def advice(self) -> Mapping[str, str]:
        """Return what to do about one that exists."""
        return {
            self.exists: f"{self.place} exists already, and this stack does not know it. If an earlier run was cut off "
            "while making it, delete it in the SAE console (it holds no key) and run `pulumi up` again; if this stack "
            "shall have it, say on_conflict: adopt with the config_map_id that the console shows; if it is somebody "
            "else's, choose another name"
        }

    def render(self, record: Mapping[str, str]) -> str:
        """Return the record as the alicloud plugin reads it back."""
        return go_json(record)

    def make(self, name: str, content: pulumi.Output[str], opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
        """Make the config map."""
        made = alicloud.sae.ConfigMap(name, name=self.name, namespace_id=self.namespace, data=content, opts=opts)
        return made.data
