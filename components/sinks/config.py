"""Config sinks: objects of the alicloud provider that hold the record without keys, and where the secret is."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import ClassVar

import pulumi

from catalogue.access import SinkFacts
from catalogue.held import held
from catalogue.record import canonical
from components.account import Account
from components.sinks.sink import Sink, child_name
from components.sinks.takeover import takeover_hook


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A record on its way to a config sink; it exists only once the key is in its vault."""

    service: str
    account: Account
    record: pulumi.Output[Mapping[str, str]]
    """Without prefix."""


@dataclass(frozen=True, kw_only=True)
class ConfigSink(Sink):
    """Holds the record without keys, and where the secret is."""

    token: ClassVar[str]
    """Type of the object, as `pulumi import` takes it."""
    holder: ClassVar[tuple[str, str]]
    """Type and output, by their names in a state, of what tells generation and revision."""
    exists: ClassVar[str]
    """What the store says in its refusal to make an object that exists."""
    left_alone: ClassVar[Sequence[str]]
    """Properties of an adopted object, or set by someone else, that are not ours to change."""

    def facts(self) -> SinkFacts:
        """Return what the firewall needs to know: it has no audience, since it never holds a key."""
        return SinkFacts(place=self.place, audience=None)

    @property
    @abstractmethod
    def home(self) -> str:
        """Region that it lies in."""

    @property
    @abstractmethod
    def object_id(self) -> str | None:
        """Id by which the object can be imported; None where a person must look it up."""

    @abstractmethod
    def make(self, name: str, content: pulumi.Output[str], opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
        """Make the object and return its own output that tells what it holds."""

    def render(self, record: Mapping[str, str]) -> str:
        """Return the record in the format of its reader."""
        return canonical(record)

    def deliver(self, delivery: Delivery, parent: pulumi.Resource) -> pulumi.Output[str]:
        """Deliver the record, and return generation and revision that the place holds, as `g1r1`."""
        content = delivery.record.apply(lambda record: self.sized(self.render(self._prefixed(record))))
        return self.make(child_name(delivery.service, self.place), content, self._options(delivery, parent)).apply(held)

    def advice(self) -> Mapping[str, str]:
        """Return what to do, by what the store says against making the object."""
        if self.object_id is None:
            return {}
        command = f"pulumi import {self.token} {{name}} {quote(self.object_id)} {{under}}"
        return {
            self.exists: f"{self.place} exists already, and this stack does not know it. If an earlier run was cut off "
            f"while making it, take it over with `{command} --protect=false --generate-code=false` and run `pulumi up` "
            "again; if this stack shall have it, say on_conflict: adopt; if it is somebody else's, choose another name"
        }

    def _prefixed(self, record: Mapping[str, str]) -> dict[str, str]:
        return {self.prefix + name: value for name, value in record.items()}

    def _options(self, delivery: Delivery, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        provider = delivery.account.alicloud(self.home)
        return pulumi.ResourceOptions(
            parent=parent,
            provider=provider,
            ignore_changes=[*self.left_alone, *(("tags",) if self.on_conflict == "adopt" else ())],
            import_=self.object_id if self.on_conflict == "adopt" else None,
            retain_on_delete=self.on_delete == "retain",
            hooks=takeover_hook(delivery.service, self.place, self.advice(), provider),
        )


def stack_tags() -> dict[str, str]:
    """Return the tags of everything that takes some, the same on every object of a stack."""
    return {
        "managed-by": "pulumi",
        "pulumi-project": pulumi.get_project(),
        "pulumi-stack": pulumi.get_stack(),
    }
