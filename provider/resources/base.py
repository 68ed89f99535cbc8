"""What the classes that programs use have in common: property names, and arguments refused early."""

import re
from collections.abc import Mapping
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
    """A resource of this plugin; its properties are those of its handler."""

    handler: ClassVar[type[Handler]]
    nested: ClassVar[tuple[str, ...]] = ()
    """Names inside its objects that are another resource's properties: the SDK translates names at every depth."""

    def __init__(self, name: str, args: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        names = [snake(n) for n in self.handler.inputs]
        unknown = sorted(set(args) - set(names))
        if unknown:
            raise ArgumentError(
                f"{type(self).__name__} {name!r}: unknown {', '.join(unknown)}; it takes {', '.join(names)}"
            )
        props = {n: args.get(n) for n in names} | {snake(n): None for n in self.handler.outputs}
        super().__init__(self.handler.type_name, name, props, opts)

    def translate_output_property(self, prop: str) -> str:
        """Turn a property's name on the wire into the Python one; other keys inside objects stay as they are."""
        return snake(prop) if prop in self._wire_names().values() else prop

    def translate_input_property(self, prop: str) -> str:
        """Turn a property's Python name into the one on the wire; other keys inside objects stay as they are."""
        return self._wire_names().get(prop, prop)

    @classmethod
    def _wire_names(cls) -> dict[str, str]:
        return {snake(n): n for n in (*cls.handler.inputs, *cls.handler.outputs, *cls.nested)}
