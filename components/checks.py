"""Refusals of component arguments: which component, which argument, what is wrong and what is allowed."""

from collections.abc import Mapping
from typing import NoReturn

import pulumi


class ArgumentError(pulumi.RunError):
    """An argument that cannot be right; printed without a traceback.

    No ValueError: one that is raised while an input is worked out would be wrapped by the SDK, and printed with one.
    """


def refuse(component: pulumi.Resource, name: str, argument: str, wrong: str) -> NoReturn:
    """Raise ArgumentError for one argument. `wrong` must not hold a secret."""
    raise ArgumentError(f"{type(component).__name__} {name!r}: {argument}: {wrong}")


def known_keys(component: pulumi.Resource, name: str, args: Mapping[str, object], allowed: type) -> None:
    """Refuse arguments that the component does not have, and name those that are missing."""
    names = list(allowed.__annotations__)
    for argument in args:
        if argument not in names:
            refuse(component, name, argument, f"unknown; it takes {', '.join(names)}")
    required: frozenset[str] = getattr(allowed, "__required_keys__", frozenset[str]())
    for argument in names:
        if argument in required and args.get(argument) is None:
            refuse(component, name, argument, "missing")
