"""Secret sinks: what this module writes itself, since the value must not pass through a state."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pulumi

from catalogue.access import Audience, SinkFacts
from components.account import Account
from components.checks import Wrong
from components.sinks.sink import Sink
from provider.resources.api_key import ApiKey
from provider.resources.secret_place import SecretPlace, SecretPlaceArgs
from provider.resources.secret_version import SecretVersion
from provider.stores.store import Place
from provider.stores.written import Format

PlaceInput = Mapping[str, pulumi.Input[str | None]]


@dataclass(frozen=True, kw_only=True)
class SecretSink(Sink):
    """Holds the whole record, keys included, as one JSON object, or the key alone."""

    audience: Audience = "backends"
    """Who reads it: backends, or people's interactive tools, the only ones that a plan's key may go to."""
    format: Format = "json"
    """json: the record. key: the key alone, for readers that take the whole secret as the key; URLs in config sinks."""
    encryption_key: str | None = None
    """Id of the key that encrypts it; the store's own when left out."""
    instance: str | None = None
    """Id of the dedicated KMS instance; none when left out."""

    @property
    @abstractmethod
    def where(self) -> Place:
        """The place, typed."""

    @property
    def recovery_days(self) -> int | None:
        """Days in which a deleted one can be restored; None where the store has no such window."""
        return None

    @property
    def is_forced(self) -> bool:
        """Whether it is deleted at once where the store has a window."""
        return False

    @property
    def place(self) -> str:
        """Store, region and name."""
        return str(self.where)

    def wrong_together(self) -> Iterator[Wrong]:
        """Refuse an instance without a key of it."""
        if self.instance is not None and self.encryption_key is None:
            yield "encryption_key", "missing: a secret of a dedicated KMS instance needs a key of that instance"

    def facts(self) -> SinkFacts:
        """Return what the firewall needs to know."""
        return SinkFacts(place=self.place, audience=self.audience)

    def claimed(self, account: Account) -> SecretPlace:
        """Return the resource that stands for the place, whoever delivers to it. `account.claim` comes first."""
        where = self.where
        args: SecretPlaceArgs = {
            "store": where.store,
            "region_id": where.region,
            "name": where.name,
            "owner_id": account.owner.owner_id,
            "encryption_key": self.encryption_key,
            "instance": self.instance,
            "recovery_days": self.recovery_days,
            "force_delete": self.is_forced or None,
        }
        if self.on_conflict != "fail":
            args["on_conflict"] = self.on_conflict
        if self.on_delete != "delete":
            args["on_delete"] = self.on_delete
        # No parent: the same place is the same resource in every service, and in every kind of program.
        return SecretPlace(f"{account.id}/{self.place}", args, pulumi.ResourceOptions(provider=account.provider))

    def written(self, claimed: SecretPlace) -> PlaceInput:
        """Return the input of those who write to it."""
        where = self.where
        said: dict[str, pulumi.Input[str | None]] = {
            "store": where.store,
            "regionId": where.region,
            "name": where.name,
            "claim": claimed.claim,
            "found": claimed.found,
        }
        more = {
            "prefix": self.prefix,
            "format": "" if self.format == "json" else self.format,
            "encryptionKey": self.encryption_key,
            "instance": self.instance,
        }
        return said | {name: value for name, value in more.items() if value}

    def copy(
        self, account: Account, key: ApiKey, vault: str, claimed: SecretPlace, *, probe_on_refresh: bool | None
    ) -> SecretVersion:
        """Deliver what the vault holds here too."""
        return SecretVersion(
            f"{account.id}/{self.place}",
            {
                "place": self.written(claimed),
                "vault": vault,
                "vault_version": key.stored,
                "fingerprint": key.fingerprint,
                "series": key.series,
                "owner_id": account.owner.owner_id,
                "record": key.record,
                "probe_on_refresh": probe_on_refresh,
            },
            pulumi.ResourceOptions(provider=account.provider),
        )
