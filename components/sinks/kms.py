"""KMS secrets: of a dedicated instance (KMS 3.0) or not."""

from dataclasses import dataclass
from typing import ClassVar

from catalogue.stores import KMS_SECRET, RECOVERY_WINDOW, REGION, Store
from components.sinks.secret import SecretSink
from provider.stores.store import Place


@dataclass(frozen=True, kw_only=True)
class KmsSecret(SecretSink):
    """A KMS secret that holds the whole record as one JSON object, or the key alone."""

    region: str
    """Region of the secret, such as cn-beijing."""
    name: str
    """Name of the secret, 1 to 192 characters."""
    recovery_window_days: int = 30
    """Days in which a deleted secret can be restored, 7 to 30."""
    force_delete: bool = False
    """Delete at once, beyond recovery."""

    store: ClassVar[Store] = "kms"
    rules: ClassVar = {"region": REGION, "name": KMS_SECRET, "recovery_window_days": RECOVERY_WINDOW}

    @property
    def where(self) -> Place:
        """The place, typed."""
        return Place(store="kms", region=self.region, name=self.name)

    @property
    def recovery_days(self) -> int:
        """Days in which a deleted one can be restored."""
        return self.recovery_window_days

    @property
    def is_forced(self) -> bool:
        """Whether it is deleted at once."""
        return self.force_delete
