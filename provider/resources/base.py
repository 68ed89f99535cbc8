"""What the classes that programs use have in common: property names, and arguments refused early."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

import pulumi

from provider.resource import Handler

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class ArgumentError(pulumi.RunError):
    """An argument that cannot be right; printed without a traceback.

    No ValueError: one that is raised while an input is worked out would be wrapped by the SDK, and printed with one.
    """


def snake(name: str) -> str:
    """Return a property's name as Python writes it."""
    return _WORD.sub("_", name).lower()


class ModelStudioResource(pulumi.CustomResource):
    """A resource of this plugin; its properties are those of its handler.

    A program has only those outputs that the class names, and inputs that are given: each property is a task more of
    the SDK, which looks at all of them whenever one ends.
    """

    handler: ClassVar[type[Handler]]
    nested: ClassVar[tuple[str, ...]] = ()
    """Names inside its objects that are another resource's properties: the SDK translates names at every depth."""

    def __init__(self, name: str, args: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        unknown = sorted(set(args) - {snake(n) for n in self.handler.inputs})
        if unknown:
            names = ", ".join(snake(n) for n in self.handler.inputs)
            raise ArgumentError(f"{type(self).__name__} {name!r}: unknown {', '.join(unknown)}; it takes {names}")
        given = {n: value for n, value in args.items() if value is not None}
        super().__init__(self.handler.type_name, name, dict.fromkeys(self._outputs()) | given, opts)

    @classmethod
    @cache
    def _outputs(cls) -> tuple[str, ...]:
        """Return the outputs that programs have, by their Python names."""
        shown = (name for name, prop in cls.handler.inputs.items() if prop.shown)
        known = {snake(n) for n in (*cls.handler.outputs, *shown)}
        return tuple(n for n in cls.__annotations__ if n in known)

    def translate_output_property(self, prop: str) -> str:
        """Turn a property's name on the wire into the Python one; other keys inside objects stay as they are."""
        return self._names()[1].get(prop, prop)

    def translate_input_property(self, prop: str) -> str:
        """Turn a property's Python name into the one on the wire; other keys inside objects stay as they are."""
        return self._names()[0].get(prop, prop)

    @classmethod
    @cache
    def _names(cls) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Return the names on the wire by the Python ones, and the other way round."""
        wire = (*cls.handler.inputs, *cls.handler.outputs, *cls.nested)
        return {snake(n): n for n in wire}, {n: snake(n) for n in wire}
