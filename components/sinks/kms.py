"""KMS secrets: `alicloud.kms.Secret` is the container, `SecretVersion` puts what is in it.

That resource alone can neither repair drift nor roll back (KMS takes an old version id with the same data as done and
changes nothing), so it gets placeholder data once, and changes to data and version id are ignored.
"""

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_alicloud as alicloud

from catalogue.access import Audience
from catalogue.record import secret_record
from components.sinks.sink import Delivered, Delivery, child_name
from components.sinks.takeover import takeover_hook
from provider.resources.secret_version import SecretVersion


@dataclass(frozen=True, kw_only=True)
class KmsSecret:
    """A KMS secret that holds the whole record as one JSON object."""

    region: str
    """Region of the secret, such as cn-beijing."""
    name: str
    """Name of the secret, 1 to 192 characters. It must not exist yet."""
    prefix: str = ""
    """Put before every name in the record."""
    recovery_window_days: int = 30
    """Days in which a deleted secret can be restored, 7 to 30."""
    force_delete: bool = False
    """Delete at once, beyond recovery."""
    audience: Audience = "backends"
    """Who reads it: backends, or people's interactive tools, the only ones that a plan's key may go to."""
    provider: alicloud.Provider | None = None
    """The alicloud provider of that region; the parent's when left out."""

    @property
    def place(self) -> str:
        """Store, region and name."""
        return f"kms:{self.region}/{self.name}"

    def deliver(self, delivery: Delivery, parent: pulumi.Resource) -> Delivered:
        """Make the secret, and its current version."""
        child = child_name(delivery.service, self.place)
        container = alicloud.kms.Secret(
            child,
            secret_name=self.name,
            secret_data="{}",  # noqa: S106 - a placeholder until the first version is put
            version_id="v0",
            recovery_window_in_days=self.recovery_window_days,
            force_delete_without_recovery=self.force_delete,
            opts=pulumi.ResourceOptions(
                parent=parent,
                provider=self.provider,
                depends_on=[delivery.check],
                ignore_changes=["secret_data", "version_id"],
                hooks=takeover_hook(
                    delivery.service, self.place, "Rejected.ResourceExist", self._advice(), self.provider
                ),
            ),
        )
        version = SecretVersion(
            f"{child}-version",
            {
                "region_id": self.region,
                "secret_name": container.secret_name,
                "version_id": delivery.version,
                "secret_data": self._data(delivery),
            },
            pulumi.ResourceOptions(parent=parent),
        )
        stored = version.stored_version_id
        return Delivered(
            place=self.place,
            holds=stored.apply(lambda v: v.partition("-")[0]),
            pointer=stored.apply(lambda v: f"{self.place}@{v}"),
        )

    def _advice(self) -> str:
        return (
            "If an earlier run was cut off while making it, take it over with `pulumi import "
            f"alicloud:kms/secret:Secret {{name}} {self.name} {{under}} --protect=false --generate-code=false` "
            "and run `pulumi up` again; if it is somebody else's, choose another name"
        )

    def _data(self, delivery: Delivery) -> pulumi.Output[str]:
        def record(parts: dict[str, Any]) -> str:
            revision, digest = int(parts["revision"]), str(parts["digest"])
            full = secret_record(parts["facts"], parts["api_key"], revision=revision, digest=digest, prefix=self.prefix)
            return json.dumps(full, sort_keys=True, ensure_ascii=False)

        parts = pulumi.Output.all(
            facts=delivery.facts, api_key=delivery.api_key, revision=delivery.revision, digest=delivery.digest
        )
        return pulumi.Output.secret(parts.apply(record))
