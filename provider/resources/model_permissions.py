"""Which models a workspace may call: a fresh one none (ASSUMPTION fresh-workspace-authorises-nothing)."""

from collections.abc import Sequence
from typing import ClassVar, NotRequired, TypedDict

import pulumi

from provider.client.errors import ServiceError
from provider.client.shapes import as_list
from provider.resource import (
    Call,
    Failure,
    Found,
    Handler,
    Made,
    PartlyMadeError,
    Property,
    RefusedError,
    no_import,
    text_of,
)
from provider.resources.base import ModelStudioResource
from provider.resources.key_scope import workspace_failures
from provider.resources.model_names import check_models
from provider.values import Values, has_unknown


class ModelPermissionsHandler(Handler):
    """Sets the models of one workspace to exactly those given, or to all of them, future ones too.

    Deleting this resource changes nothing at the service: a workspace that goes takes its permissions with it, and
    taking them from one that stays would stop keys that others made in it.
    """

    type_name: ClassVar[str] = "modelstudio:index:ModelPermissions"
    doc: ClassVar[str] = "The models that a workspace may call."
    inputs: ClassVar = {
        "regionId": Property(type="string", doc="Region of the workspace.", required=True),
        "workspaceId": Property(type="string", doc="Id of the workspace.", required=True),
        "models": Property(type="array", doc="Model names; left out: every model, future ones too."),
    }
    outputs: ClassVar = {}

    def check(self, call: Call, news: Values, olds: Values | None) -> tuple[Values, list[Failure]]:
        """Put the models in one order and refuse an empty workspace id."""
        del call, olds
        failures = workspace_failures(news)
        models = as_list(news.get("models"))
        if news.get("models") is not None and not has_unknown(news["models"]):
            if not models:
                failures.append(
                    Failure("models", "empty: no model could be called; name some, or leave it out for all")
                )
            news = news | {"models": sorted({str(m) for m in models})}
        return news, failures

    def create(self, call: Call, news: Values) -> Made:
        """Set the permissions."""
        made = Made(f"{news['regionId']}/{news['workspaceId']}", news)
        self._apply(call, news, made)
        return made

    def read(self, call: Call, id_: str, state: Values, inputs: Values) -> Found | None:
        """Compare with what the service lists; None when the workspace is gone."""
        region, workspace = text_of(state, "regionId"), text_of(state, "workspaceId")
        if not state:
            raise no_import("ModelPermissions", "it has no identity of its own; `up` sets it")
        plane = call.services.control_plane
        if not plane.workspaces(region, workspace_id=workspace):
            return None
        allowed = plane.models(region, workspace, authorized=True)
        # ASSUMPTION one-click-lists-all
        if inputs.get("models") is None and allowed == plane.models(region, workspace, authorized=False):
            return Found(id_, state, inputs)
        seen = inputs | {"models": allowed}
        return Found(id_, state | seen, seen)

    def update(self, call: Call, state: Values, news: Values) -> Values:
        """Set the permissions."""
        self._apply(call, news, Made("", state))
        return news

    def delete(self, call: Call, id_: str, state: Values) -> None:
        """Leave the service as it is; see the class."""

    def _apply(self, call: Call, news: Values, made: Made) -> None:
        plane = call.services.control_plane
        region, workspace = text_of(news, "regionId"), text_of(news, "workspaceId")
        if news.get("models") is None:
            plane.allow_all_models(region, workspace)
            return
        check_models(call, news)
        wanted = [str(m) for m in as_list(news["models"])]
        before = plane.models(region, workspace, authorized=True)
        try:
            self._set(call, news, wanted, before)
        except ServiceError as error:
            offered = plane.models(region, workspace, authorized=False) if error.kind == "refused" else wanted
            unknown = [m for m in wanted if m not in offered]
            if not unknown:
                raise
            raise RefusedError(_unknown(region, unknown, offered)) from None
        try:
            after = plane.models(region, workspace, authorized=True)
            if set(after) - set(wanted):
                # Where one-click permission is on it has to go first (ASSUMPTION close-clears-one-click). Only then,
                # since CLOSE clears for a moment.
                plane.close_all_models(region, workspace)
                self._set(call, news, wanted, [])
                after = plane.models(region, workspace, authorized=True)
        except ServiceError as error:
            raise PartlyMadeError(made, f"the models were set, but could not be read back: {error}") from None
        missing = sorted(set(wanted) - set(after))
        if missing:
            raise PartlyMadeError(made, f"workspace {workspace} may still not call {', '.join(missing)}")

    @staticmethod
    def _set(call: Call, news: Values, wanted: list[str], before: list[str]) -> None:
        allow = [m for m in wanted if m not in before]
        deny = sorted(set(before) - set(wanted))
        region, workspace = text_of(news, "regionId"), text_of(news, "workspaceId")
        call.services.control_plane.set_models(region, workspace, allow=allow, deny=deny)


def _unknown(region: str, unknown: list[str], offered: list[str]) -> str:
    return f"models: {region} does not offer {', '.join(unknown)}; it offers: {', '.join(offered)}"


class ModelPermissionsArgs(TypedDict):
    """Inputs of :class:`ModelPermissions`."""

    region_id: pulumi.Input[str]
    """Region of the workspace."""
    workspace_id: pulumi.Input[str]
    """Id of the workspace."""
    models: NotRequired[Sequence[pulumi.Input[str]] | None]
    """Model names; left out: every model, future ones too."""


class ModelPermissions(ModelStudioResource):
    """The models that a workspace may call: exactly these."""

    handler = ModelPermissionsHandler

    def __init__(self, name: str, args: ModelPermissionsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
