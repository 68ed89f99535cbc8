"""What a resource of this plugin is: its properties, and what happens to it. No gRPC, no services here."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from provider.values import UNKNOWN, Values

if TYPE_CHECKING:
    from provider.audit import Audit
    from provider.services import Services

Kind = Literal["update", "replace"]


@dataclass(frozen=True, kw_only=True)
class Property:
    """One property, as the schema shows it."""

    type: Literal["string", "integer", "boolean", "array", "object"]
    doc: str
    required: bool = False
    secret: bool = False
    shown: bool = False
    """Of an input: whether it is an output too, since the plugin may have made it. The others are inputs alone."""


@dataclass(frozen=True, kw_only=True)
class Urn:
    """Who a resource is: `urn:pulumi:<stack>::<project>::<type>::<name>`."""

    text: str
    stack: str
    project: str
    name: str
    type: str
    """The resource's own type, without those of its parents."""

    @classmethod
    def parse(cls, text: str) -> "Urn":
        """Read a URN; raises ValueError when it is none."""
        parts = text.removeprefix("urn:pulumi:").split("::", 3)
        if len(parts) != 4:
            raise ValueError(f"not a URN: {text!r}")
        stack, project, types, name = parts
        return cls(text=text, stack=stack, project=project, name=name, type=types.rsplit("$", 1)[-1])

    @property
    def home(self) -> str:
        """Project and stack, as recorded in the state of everything that is made."""
        return f"{self.project}/{self.stack}"


@dataclass(frozen=True, kw_only=True)
class Call:
    """What a resource may use while it acts."""

    urn: Urn
    services: "Services"
    warn: Callable[[str], None]
    """Shows a line beside the resource in the engine's output."""
    info: Callable[[str], None]
    """The same for what is no reason to worry."""
    audit: "Audit"
    """Says what was done to a key, for those who answer for it."""


@dataclass(frozen=True)
class Failure:
    """An input that cannot be right, refused in preview. `property` "" means the whole."""

    property: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Diff:
    """What would change, by property."""

    changed: Mapping[str, Kind] = field(default_factory=dict[str, Kind])


@dataclass(frozen=True)
class Made:
    """A resource that exists now."""

    id: str
    state: Values


@dataclass(frozen=True)
class Found:
    """A resource as it was read back."""

    id: str
    state: Values
    inputs: Values


class PartlyMadeError(Exception):
    """Something was made, and recorded, but is not finished; the next `pulumi up` updates it."""

    def __init__(self, made: Made, reason: str) -> None:
        self.made = made
        self.reason = reason
        super().__init__(reason)


class RefusedError(Exception):
    """This would do harm or cannot be meant; the text says why and what would be right."""


class Handler(ABC):
    """One resource type. Handlers hold no state of their own: the engine's is the only one."""

    type_name: ClassVar[str]
    doc: ClassVar[str]
    inputs: ClassVar[Mapping[str, Property]]
    outputs: ClassVar[Mapping[str, Property]]
    sometimes: ClassVar[frozenset[str]] = frozenset()
    """Outputs that a state may be without."""
    uses_account: ClassVar[bool] = True
    """Whether it acts on the account, so that the caller's account id must be compared first."""

    def region(self, values: Values) -> str:
        """Return the region that inputs or state are about, "" when they touch none."""
        return text_of(values, "regionId")

    def check(self, call: Call, news: Values, olds: Values | None) -> tuple[Values, list[Failure]]:
        """Complete the inputs and name those that cannot be right. `olds`: inputs in the state, None when new."""
        del call, olds
        return news, []

    def diff(self, call: Call, state: Values, olds: Values, news: Values) -> Diff:
        """Say what would change; by default every input that differs is an update."""
        del call, state
        names = {*olds, *news}
        return Diff(changed={name: "update" for name in sorted(names) if olds.get(name) != news.get(name)})

    def planned(self, call: Call, state: Values | None, news: Values) -> Values:
        """Return the state a preview shows; by default every output is unknown."""
        del call, state
        return news | dict.fromkeys(self.outputs, UNKNOWN)

    @abstractmethod
    def create(self, call: Call, news: Values) -> Made:
        """Make it."""

    @abstractmethod
    def read(self, call: Call, id_: str, state: Values, inputs: Values) -> Found | None:
        """Read it back, None when it is gone. An empty `state` means import."""

    @abstractmethod
    def update(self, call: Call, state: Values, news: Values) -> Values:
        """Bring it to `news` and return the new state."""

    @abstractmethod
    def delete(self, call: Call, id_: str, state: Values) -> None:
        """Remove it; what is gone already is fine."""


def text_of(values: Values, name: str) -> str:
    """Return a text property, "" when it is missing or unknown."""
    value: Any = values.get(name)
    return value if isinstance(value, str) else ""


def no_import(what: str, why: str) -> RefusedError:
    """Return the refusal of an import."""
    return RefusedError(f"{what} cannot be imported: {why}")
