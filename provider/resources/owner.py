"""The owner id: a random id in the stack's state, part of the mark of every key that the stack mints."""

import secrets
from typing import TYPE_CHECKING, ClassVar, NotRequired, TypedDict

import pulumi

from provider.resource import Call, Failure, Found, Handler, Made, Property, no_import, text_of
from provider.resources.base import ModelStudioResource
from provider.values import UNKNOWN, Values

_HOME = ("organization", "project", "stack")


class OwnerHandler(Handler):
    """Makes the id once, and refuses a stack whose name is not the one on record."""

    type_name: ClassVar[str] = "modelstudio:index:Owner"
    doc: ClassVar[str] = "The owner id of a stack. Everything minted depends on it."
    uses_account: ClassVar[bool] = False
    inputs: ClassVar = {
        "organization": Property(type="string", doc="Pulumi organization of this stack.", required=True),
        "project": Property(type="string", doc="Pulumi project of this stack.", required=True),
        "stack": Property(type="string", doc="Name of this stack.", required=True),
        "renamedFrom": Property(type="string", doc="Former <organization>/<project>/<stack>, once, after a rename."),
    }
    outputs: ClassVar = {"ownerId": Property(type="string", doc="16 hex digits, made once.")}

    def check(self, call: Call, news: Values, olds: Values | None) -> tuple[Values, list[Failure]]:
        """Refuse a stack that is not the one on record, unless the stack file says that it was renamed."""
        del call
        if olds is None:
            return news, []
        before, now = ("/".join(text_of(v, part) for part in _HOME) for v in (olds, news))
        if before in (now, text_of(news, "renamedFrom")):
            return news, []
        reason = (
            f"this state belongs to the stack {before}, and this is {now}. If the stack was renamed, write "
            f"renamed_from: {before} into its stack file; if this is a copy of that state, use the original"
        )
        return news, [Failure("stack", reason)]

    def planned(self, call: Call, state: Values | None, news: Values) -> Values:
        """Keep the id in previews of an update."""
        del call
        return news | {"ownerId": state["ownerId"] if state else UNKNOWN}

    def create(self, call: Call, news: Values) -> Made:
        """Make the id."""
        del call
        owner_id = secrets.token_hex(8)
        return Made(owner_id, news | {"ownerId": owner_id})

    def read(self, call: Call, id_: str, state: Values, inputs: Values) -> Found | None:
        """Return what is on record: the id exists in the state alone."""
        del call
        if not state:
            raise no_import("Owner", "its id exists in the stack's own state alone")
        return Found(id_, state, inputs)

    def update(self, call: Call, state: Values, news: Values) -> Values:
        """Record the new name."""
        del call
        return news | {"ownerId": state["ownerId"]}

    def delete(self, call: Call, id_: str, state: Values) -> None:
        """Nothing to remove outside the state."""


class OwnerArgs(TypedDict):
    """Inputs of :class:`Owner`."""

    organization: pulumi.Input[str]
    """Pulumi organization of this stack."""
    project: pulumi.Input[str]
    """Pulumi project of this stack."""
    stack: pulumi.Input[str]
    """Name of this stack."""
    renamed_from: NotRequired[pulumi.Input[str] | None]
    """Former <organization>/<project>/<stack>, once, after a rename."""


class Owner(ModelStudioResource):
    """The owner id of a stack."""

    handler = OwnerHandler
    owner_id: pulumi.Output[str]
    """16 hex digits, made once."""

    if TYPE_CHECKING:  # the base does it: each call more is a frame more in the state of each resource

        def __init__(self, name: str, args: OwnerArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...
