"""What every sink gets, and what it tells afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, runtime_checkable
from typing import Protocol as TypingProtocol

import pulumi

from catalogue.access import Audience


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One record on its way to a sink; it exists only after the pair was checked."""

    service: str
    check: pulumi.Resource
    """What every object of a sink must wait for: before it, neither the pair nor the account is proven."""
    facts: pulumi.Output[Mapping[str, str]]
    api_key: pulumi.Output[str]
    """Secret."""
    revision: pulumi.Output[int]
    digest: pulumi.Output[str]
    version: pulumi.Output[str]
    """As `g1r1-ab12cd34`."""
    pointer: pulumi.Output[str] | None = None
    """Where the first secret sink holds it, as `kms:<region>/<name>@<version>`; None until then."""


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """What a sink holds now, taken from its own outputs."""

    place: str
    """As `kms:<region>/<name>`."""
    holds: pulumi.Output[str]
    """Generation and revision, as `g1r1`."""
    pointer: pulumi.Output[str]
    """Place and version, as `kms:<region>/<name>@g1r1-ab12cd34`; "" for a config sink."""


@runtime_checkable
class Sink(TypingProtocol):
    """A place for a record. A sink's children carry its place in their names: moved, it is a new object."""

    takes_effect: ClassVar[str]
    """When readers get what was delivered, as it follows "takes effect"."""

    @property
    def place(self) -> str:
        """Store, region and name, as `kms:cn-beijing/prod/gateway`; no two sinks share one."""
        ...

    @property
    def audience(self) -> Audience | None:
        """Who reads the keys in it; None for a config sink, which never holds one."""
        ...

    def deliver(self, delivery: Delivery, parent: pulumi.Resource) -> Delivered:
        """Make the sink's objects below `parent`."""
        ...


def child_name(service: str, place: str) -> str:
    """Return the resource name of a sink's objects, as `gateway-kms:cn-beijing/prod/gateway`.

    Each place of each service has its own: no store is another's ending, and a service's name holds no colon.
    """
    return f"{service}-{place}"
