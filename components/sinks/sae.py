"""SAE config maps: the record without keys, and where the secret is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_alicloud as alicloud

from catalogue.record import REVISION_NAME, config_record
from components.sinks.sink import Delivered, Delivery, child_name
from components.sinks.takeover import takeover_hook

_GO_ESCAPES = {"&": "\\u0026", "<": "\\u003c", ">": "\\u003e", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass(frozen=True, kw_only=True)
class SaeConfigMap:
    """A SAE config map; the namespace must exist. Readers get a change when they are redeployed."""

    namespace: str
    """Namespace, as cn-beijing:prod."""
    name: str
    """Letters, digits and _, starting with a letter. It must not exist yet."""
    prefix: str = ""
    """Put before every name in the record."""
    provider: alicloud.Provider | None = None
    """The alicloud provider of that region; the parent's when left out."""

    @property
    def place(self) -> str:
        """Store, namespace and name."""
        return f"sae:{self.namespace}/{self.name}"

    @property
    def audience(self) -> None:
        """It never holds a key."""
        return

    def deliver(self, delivery: Delivery, parent: pulumi.Resource) -> Delivered:
        """Make the config map."""
        config_map = alicloud.sae.ConfigMap(
            child_name(delivery.service, self.place),
            name=self.name,
            namespace_id=self.namespace,
            data=self._data(delivery),
            opts=pulumi.ResourceOptions(
                parent=parent,
                provider=self.provider,
                depends_on=[delivery.check],
                hooks=takeover_hook(delivery.service, self.place, "Exist.ConfigMap", self._advice(), self.provider),
            ),
        )
        return Delivered(
            place=self.place, holds=config_map.data.apply(self._holds), pointer=pulumi.Output.from_input("")
        )

    def _advice(self) -> str:
        return (
            "If an earlier run was cut off while making it, delete it in the SAE console (it holds no key) and run "
            "`pulumi up` again; if it is somebody else's, choose another name"
        )

    def _data(self, delivery: Delivery) -> pulumi.Output[str]:
        if delivery.pointer is None:
            raise ValueError(f"{self.place}: a config sink needs the pointer of a secret sink")

        def record(parts: dict[str, Any]) -> str:
            revision, digest, pointer = int(parts["revision"]), str(parts["digest"]), str(parts["pointer"])
            said: Mapping[str, str] = parts["facts"]
            return go_json(config_record(said, revision=revision, digest=digest, pointer=pointer, prefix=self.prefix))

        return pulumi.Output.all(
            facts=delivery.facts, revision=delivery.revision, digest=delivery.digest, pointer=delivery.pointer
        ).apply(record)

    def _holds(self, data: str) -> str:
        held: dict[str, str] = json.loads(data)
        generation = held.get(f"{self.prefix}MODEL_STUDIO_GENERATION", "?")
        return f"g{generation}r{held.get(self.prefix + REVISION_NAME, '?')}"


def go_json(value: Mapping[str, str]) -> str:
    """Spell JSON as the alicloud plugin reads it back: sorted, compact, with Go's escapes.

    Any other spelling would be a difference at every `up` (seen with the published plugin).
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for char, escape in _GO_ESCAPES.items():
        text = text.replace(char, escape)
    return text
