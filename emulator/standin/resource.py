"""What a resource type is: its properties, and the calls that make, read, change and remove it."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from emulator.standin.client import Api
from emulator.standin.values import Values, go_json

_IGNORED_TAGS = ("aliyun", "acs:", "http://", "https://", "sae.do.not.delete")


@dataclass(frozen=True, kw_only=True)
class Property:
    """One property, with the flags that the published provider gives it."""

    name: str
    kind: Literal["string", "integer", "boolean", "map", "list"] = "string"
    mode: Literal["required", "optional", "optional_computed", "computed"] = "optional"
    force_new: bool = False
    """Whether a change replaces the resource."""
    sensitive: bool = False
    """Whether states hold it encrypted, whatever the program says."""
    unspoken: bool = False
    """Whether messages must not show it, although it is not sensitive."""
    default: Any = None
    """Used where the program gives none. A default that is not zero also stands in the inputs."""
    allowed: tuple[str, ...] = ()
    wrong: Callable[[str, str], str] | None = None
    """What the provider says against a value, or "", given the provider's own name of the property and the value."""
    auto_named: bool = False
    suppressed: Callable[[Mapping[str, Any], Mapping[str, Any]], bool] | None = None
    """Whether a difference is ignored, given (old state, new inputs)."""

    @property
    def is_input(self) -> bool:
        """Whether a program may set it."""
        return self.mode != "computed"

    @property
    def is_output_only_known_later(self) -> bool:
        """Whether the service gives the value where the program does not."""
        return self.mode in ("computed", "optional_computed")


def timeouts(seconds: int) -> str:
    """Return what `__meta` holds for these timeouts: nanoseconds, under the key that the bridge uses for them."""
    each = dict.fromkeys(("create", "delete", "update"), seconds * 10**9)
    return go_json({"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0": each})


class ResourceType(ABC):
    """One type. The methods raise Failure, GoneError among them, and Cancelled."""

    token: ClassVar[str]
    """As programs and states name it."""
    properties: ClassVar[tuple[Property, ...]]
    meta: ClassVar[str] = ""
    """What the state's `__meta` holds; "" for none."""
    keeps_state_of_failed_update: ClassVar[bool] = False
    """Whether a failed update leaves the old outputs; else the state says what was wanted."""

    @abstractmethod
    def create(self, api: Api, planned: Values) -> str:
        """Make the object and return its id."""

    @abstractmethod
    def read(self, api: Api, identifier: str, state: Values, *, just_made: bool) -> None:
        """Put what is found into `state`, piece by piece, so that a failure leaves what was read before it.

        Raises GoneError where there is no such object.
        """

    @abstractmethod
    def update(self, api: Api, identifier: str, old: Values, new: Values, changed: AbstractSet[str]) -> None:
        """Change what differs. Not called where nothing does, and only the read that follows is wanted."""

    @abstractmethod
    def delete(self, api: Api, identifier: str, state: Values) -> None:
        """Remove the object; one that is gone already counts as removed."""


def chosen(values: Values, names: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters for the properties that are set; `names` has the parameter and its property."""
    return {name: str(values[prop]) for name, prop in names.items() if values.get(prop)}


def same_json(name: str) -> Callable[[Mapping[str, Any], Mapping[str, Any]], bool]:
    """Return the suppression for a property whose layout does not matter."""

    def suppressed(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        try:
            return bool(json.loads(str(old[name])) == json.loads(str(new[name])))
        except (KeyError, ValueError):
            return False

    return suppressed


def own_tags(found: Iterable[tuple[str, Any]]) -> Values:
    """Return tags without those that the provider takes for the service's own."""
    return {key: value for key, value in found if not key.startswith(_IGNORED_TAGS)}
