"""KMS secrets: `alicloud.kms.Secret` is the container, `SecretVersion` puts what is in it.

That resource alone can neither repair drift nor roll back (KMS takes an old version id with the same data as done and
changes nothing), so it gets placeholder data once, and changes to data and version id are ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pulumi
import pulumi_alicloud as alicloud

from catalogue.held import held
from catalogue.stores import KMS_SECRET, RECOVERY_WINDOW, REGION, Store, kms_place
from components.sinks.sink import Delivered, Delivery
from components.sinks.stored import SecretSink, stack_tags
from provider.resources.provider import Provider
from provider.resources.secret_version import SecretVersion


@dataclass(frozen=True, kw_only=True)
class KmsSecret(SecretSink):
    """A KMS secret that holds the whole record as one JSON object."""

    region: str
    """Region of the secret, such as cn-beijing."""
    name: str
    """Name of the secret, 1 to 192 characters."""
    recovery_window_days: int = 30
    """Days in which a deleted secret can be restored, 7 to 30."""
    force_delete: bool = False
    """Delete at once, beyond recovery."""
    modelstudio: Provider | None = None
    """This module's provider, which puts the versions; the parent's when left out. `provider` makes the secret."""

    store: ClassVar[Store] = "kms"
    token: ClassVar = "alicloud:kms/secret:Secret"  # noqa: S105 - a type token
    holder: ClassVar = ("modelstudio:index:SecretVersion", "currentVersionId")
    exists: ClassVar = "Rejected.ResourceExist"
    # The vendor's cache clients for KMS refresh at the interval that they are given; their documents use one hour.
    takes_effect: ClassVar = "when the reader's KMS client asks again: by default, its cache ends after up to an hour"
    rules: ClassVar = {"region": REGION, "name": KMS_SECRET, "recovery_window_days": RECOVERY_WINDOW}
    left_alone: ClassVar = (
        "secret_data",
        "version_id",
        "description",  # UpdateSecret cannot clear one: it would be a difference at every `up`
        "encryption_key_id",
        "dkms_instance_id",
        "extended_config",
        "enable_automatic_rotation",
        "rotation_interval",
    )

    @property
    def place(self) -> str:
        """Store, region and name."""
        return kms_place(self.region, self.name)

    @property
    def object_id(self) -> str:
        """The name."""
        return self.name

    def advice(self) -> Mapping[str, str]:
        """Return what to do about one that exists, or that is being deleted."""
        restore = f"aliyun kms RestoreSecret --region {self.region} --SecretName {self.name}"
        return {
            **super().advice(),
            "Rejected.ResourceInDeleteWindow": f"{self.place} is scheduled for deletion, and its name is taken until "
            f"then. Restore it with `{restore}` and take it over with on_conflict: adopt; or choose another name",
        }

    def deliver(self, delivery: Delivery, parent: pulumi.Resource) -> Delivered:
        """Make the secret, and its current version."""
        child = self.child(delivery)
        container = alicloud.kms.Secret(
            child,
            secret_name=self.name,
            secret_data="{}",  # noqa: S106 - a placeholder until the first version is put
            version_id="v0",
            recovery_window_in_days=self.recovery_window_days,
            force_delete_without_recovery=self.force_delete,
            tags=stack_tags(),
            opts=self.options(delivery, parent),
        )
        version = SecretVersion(
            child,
            {
                "region_id": self.region,
                "secret_name": container.secret_name,
                "version_id": delivery.version,
                "secret_data": self.content(delivery),
            },
            pulumi.ResourceOptions(
                parent=parent, provider=self.modelstudio, retain_on_delete=self.on_delete == "retain"
            ),
        )
        current = version.current_version_id
        return Delivered(
            place=self.place, holds=current.apply(held), pointer=current.apply(lambda v: f"{self.place}@{v}")
        )
