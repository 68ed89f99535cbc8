"""What an ApiKey's state says, typed: its keys, their proof, and the record that its vault holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from catalogue.record import config_record, digest, fingerprint
from provider.client.shapes import as_object
from provider.keys.ledger import Copy, Key, Ledger
from provider.keys.proof import Proof
from provider.resource import text_of
from provider.values import Values


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """One service's keys and record."""

    ledger: Ledger
    proof: Proof = field(default_factory=Proof)
    record: Mapping[str, str] = field(default_factory=dict[str, str])
    """Without keys and prefix, as a config sink holds it."""
    revision: int = 0
    """Counts the changes of the record, from 1."""
    digest: str = ""
    held: str = ""
    """Generation and revision that the vault's readers get, as `g1r1`; "" when it is not known, or without a vault."""
    value: str = field(default="", repr=False)
    """The key itself; "" unless the program asked for it by `keepValue`."""

    @classmethod
    def of_state(cls, state: Values) -> "Delivered":
        """Read a state."""
        return cls(
            ledger=Ledger.of_state(state),
            proof=Proof.of_state(state),
            record={name: str(value) for name, value in as_object(state.get("record")).items()},
            revision=int(state.get("revision") or 0),
            digest=text_of(state, "digest"),
            held=text_of(state, "held"),
            value=text_of(state, "value"),
        )

    def as_state(self, rotate_after: str) -> Values:
        """Return the outputs."""
        key = self.ledger.current
        return {
            "keyId": key.key_id if key else "",
            "generation": key.generation if key else 0,
            "createdBy": key.created_by if key else "",
            "createdAt": key.created_at if key else "",
            "fingerprint": key.fingerprint if key else "",
            "stored": self.stored.version if self.stored else "",
            "rotateAfter": rotate_after,
            "record": dict(self.record),
            "revision": self.revision,
            "digest": self.digest,
            "held": self.held,
            **({"value": self.value} if self.value else {}),
            **self.proof.as_state(),
            **self.ledger.as_state(),
        }

    @property
    def stored(self) -> Copy | None:
        """The version of the vault that holds the current key."""
        key = self.ledger.current
        return key.copies[0] if key and key.copies else None

    @property
    def is_held(self) -> bool:
        """Whether readers of the vault get the current record, as far as is known."""
        key = self.ledger.current
        return key is not None and self.held == f"g{key.generation}r{self.revision}"

    def with_record(self, value: str, said: Mapping[str, str]) -> "Delivered":
        """Return it with the record of a key; a new revision only when key or facts changed."""
        new = digest(value, said)
        revision = self.revision if new == self.digest else self.revision + 1
        record = config_record(said, revision=revision, digest=new, pointer="")
        return replace(self, record=record, revision=revision, digest=new)


def with_fingerprint(key: Key, value: str, series: str) -> Key:
    """Return a key with what its value is known by."""
    return replace(key, fingerprint=fingerprint(value, series))
