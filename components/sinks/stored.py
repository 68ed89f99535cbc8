"""What the sinks share: what may be said of each, how its object is made, and the record that it gets."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from shlex import quote
from typing import Any, ClassVar, NoReturn, get_type_hints

import pulumi
import pulumi_alicloud as alicloud

from catalogue.access import Audience
from catalogue.held import held
from catalogue.record import canonical, config_record, secret_record
from catalogue.rows import shown
from catalogue.stores import PREFIX, SIZES, NameRule, OnConflict, OnDelete, SpanRule, Store, StoreError
from components.checks import wrong_value
from components.sinks.sink import Delivered, Delivery, child_name
from components.sinks.takeover import takeover_hook
from provider.resources.base import ArgumentError


@dataclass(frozen=True, kw_only=True)
class StoredSink(ABC):
    """One object of the alicloud provider that holds a record."""

    prefix: str = ""
    """Put before every name in the record."""
    on_conflict: OnConflict = "fail"
    """fail: the object must not exist yet. adopt: it must exist, and this stack takes it over."""
    on_delete: OnDelete = "delete"
    """What becomes of the object when the sink is no more wanted: delete, or retain, with the record in it."""
    provider: alicloud.Provider | None = None
    """The alicloud provider of its region; the parent's when left out."""

    store: ClassVar[Store]
    token: ClassVar[str]
    """Type of the object, as `pulumi import` takes it."""
    holder: ClassVar[tuple[str, str]]
    """Type and output, by their names in a state, of what tells generation and revision."""
    exists: ClassVar[str]
    """What the store says in its refusal to make an object that exists."""
    takes_effect: ClassVar[str]
    """When readers get what was delivered, as it follows "takes effect"."""
    rules: ClassVar[Mapping[str, NameRule | SpanRule]]
    """What each argument must look like."""
    left_alone: ClassVar[Sequence[str]]
    """Properties of an adopted object, or set by another hand, that are not ours to change."""

    def __post_init__(self) -> None:
        hints = get_type_hints(type(self))
        rules = {"prefix": PREFIX, **self.rules}
        for argument in fields(self):
            value: Any = getattr(self, argument.name)
            wrong = wrong_value(value, hints[argument.name])
            if wrong is not None:
                self.refuse(argument.name, wrong)
            if argument.name not in rules or value == argument.default:
                continue
            try:
                rules[argument.name].check(value)
            except StoreError as refused:
                self.refuse(argument.name, f"{shown(value) if isinstance(value, str) else value} {refused}")

    def refuse(self, argument: str, wrong: str) -> NoReturn:
        """Raise ArgumentError. `wrong` must not hold content."""
        raise ArgumentError(f"{type(self).__name__}: {argument}: {wrong}")

    @property
    @abstractmethod
    def place(self) -> str:
        """Store, region and name."""

    @property
    @abstractmethod
    def object_id(self) -> str | None:
        """Id by which the object can be imported; None where a person must look it up."""

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

    def options(self, delivery: Delivery, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        """Return the options of the object."""
        return pulumi.ResourceOptions(
            parent=parent,
            provider=self.provider,
            depends_on=[delivery.check],
            ignore_changes=[*self.left_alone, *(("tags",) if self.on_conflict == "adopt" else ())],
            import_=self.object_id if self.on_conflict == "adopt" else None,
            retain_on_delete=self.on_delete == "retain",
            hooks=takeover_hook(delivery.service, self.place, self.advice(), self.provider),
        )

    def child(self, delivery: Delivery) -> str:
        """Return the resource name of the object."""
        return child_name(delivery.service, self.place)

    def sized(self, content: str) -> str:
        """Return content that the store takes; another is refused before it is sent, in preview when it is known."""
        try:
            SIZES[self.store].check(content)
        except StoreError as wrong:
            raise ArgumentError(f"{self.place}: {wrong}") from None
        return content


@dataclass(frozen=True, kw_only=True)
class SecretSink(StoredSink):
    """Holds the whole record, keys included, as one JSON object."""

    audience: Audience = "backends"
    """Who reads it: backends, or people's interactive tools, the only ones that a plan's key may go to."""

    def content(self, delivery: Delivery) -> pulumi.Output[str]:
        """Return the record as a secret."""

        def text(parts: dict[str, Any]) -> str:
            revision, digest = int(parts["revision"]), str(parts["digest"])
            record = secret_record(
                parts["facts"], parts["api_key"], revision=revision, digest=digest, prefix=self.prefix
            )
            return self.sized(canonical(record))

        parts = pulumi.Output.all(
            facts=delivery.facts, api_key=delivery.api_key, revision=delivery.revision, digest=delivery.digest
        )
        return pulumi.Output.secret(parts.apply(text))


@dataclass(frozen=True, kw_only=True)
class ConfigSink(StoredSink):
    """Holds the record without keys, and where the secret is."""

    @property
    def audience(self) -> None:
        """It never holds a key."""
        return

    def render(self, record: Mapping[str, str]) -> str:
        """Return the record in the format of its reader."""
        return canonical(record)

    def content(self, delivery: Delivery) -> pulumi.Output[str]:
        """Return the record as text."""
        if delivery.pointer is None:
            raise ValueError(f"{self.place}: a config sink needs the pointer of a secret sink")

        def text(parts: dict[str, Any]) -> str:
            revision, digest, pointer = int(parts["revision"]), str(parts["digest"]), str(parts["pointer"])
            record = config_record(
                parts["facts"], revision=revision, digest=digest, pointer=pointer, prefix=self.prefix
            )
            return self.sized(self.render(record))

        return pulumi.Output.all(
            facts=delivery.facts, revision=delivery.revision, digest=delivery.digest, pointer=delivery.pointer
        ).apply(text)

    def delivered(self, content: pulumi.Output[str]) -> Delivered:
        """Return what the object holds; `content` is its own output."""
        return Delivered(place=self.place, holds=content.apply(held), pointer=pulumi.Output.from_input(""))


def stack_tags() -> dict[str, str]:
    """Return the tags of everything that takes some.

    The same on every object of a stack: the live gateway may answer the provider's question for the tags of one OOS
    secret parameter with those of all (alicloud provider, PR 10131), and any other tag would be a difference.
    """
    return {
        "managed-by": "pulumi",
        "pulumi-project": pulumi.get_project(),
        "pulumi-stack": pulumi.get_stack(),
    }
