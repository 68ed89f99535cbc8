"""What another team's program reads of a stack that delivers access: a service's outputs, through a `StackReference`.

No key is among them. Reading them takes the right to the other stack's state and its secrets provider (with a
passphrase: the same one); where a team has neither, a config sink holds the same and needs no right to the stack.
"""

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from catalogue.rows import Protocol
from provider.resources.base import ArgumentError


class ServiceReference:
    """One service of another stack."""

    def __init__(self, stack: pulumi.StackReference, name: str) -> None:
        """Take a service by its name in the other stack's file."""
        self.name = name
        self._stack = stack
        self._outputs = pulumi.Output.all(stack.name, stack.get_output("services")).apply(
            lambda both: self._found(str(both[0]), cast("object", both[1]))
        )

    def output(self, name: str) -> pulumi.Output[str]:
        """Return one output as text. Where there is none, the deployment fails with those that there are."""
        return pulumi.Output.all(self._stack.name, self._outputs).apply(
            lambda both: self._text(str(both[0]), cast("Mapping[str, Any]", both[1]), name)
        )

    def base_url(self, protocol: Protocol) -> pulumi.Output[str]:
        """Return the base URL that the service's key opens."""
        return self.output(f"{protocol}_base_url")

    @property
    def secret_ref(self) -> pulumi.Output[str]:
        """Where the record with the key is, as `kms:<region>/<name>@<version>`."""
        return self.output("secret")

    def _found(self, stack: str, services: object) -> Mapping[str, Any]:
        there: Mapping[str, Any] = services if isinstance(services, Mapping) else {}  # pyright: ignore[reportUnknownVariableType] - an output
        if self.name not in there:
            has = f"it has {', '.join(sorted(there))}" if there else "it has none; has it been deployed?"
            raise ArgumentError(f"stack {stack} has no service {self.name!r}; {has}")
        found: Mapping[str, Any] = there[self.name]
        return found

    def _text(self, stack: str, outputs: Mapping[str, Any], name: str) -> str:
        if not outputs.get(name):
            has = ", ".join(sorted(key for key, value in outputs.items() if value)) or "nothing"
            raise ArgumentError(f"service {self.name!r} of stack {stack} has no {name}; it has {has}")
        return str(outputs[name])
