"""Workspaces: made, taken over, imported, read back, removed; never replaced by accident."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NotRequired, TypedDict

import pulumi

from catalogue.regions import processing, sites_of
from catalogue.rules import MAX_NAME, Refused, check_service_site
from provider.client.control_plane import WorkspaceInfo
from provider.client.errors import NotReadyError, ServiceError
from provider.client.shapes import as_list
from provider.keys.mark import KeyMark
from provider.resource import (
    Call,
    Diff,
    Failure,
    Found,
    Handler,
    Kind,
    Made,
    PartlyMadeError,
    Property,
    RefusedError,
    text_of,
)
from provider.resources import permissions, workspace_made
from provider.resources.base import ModelStudioResource
from provider.values import UNKNOWN, Values, has_unknown

KEYS_LEAVE_AFTER = (1.0, 2.0, 4.0)
"""Seconds between attempts to delete a workspace whose last key has just gone (ASSUMPTION deleted-keys-leave-soon)."""
_IDENTITY = ("regionId", "serviceSite", "workspaceName")


class WorkspaceHandler(Handler):
    """What happens to a workspace. There is no call that reads or renames one: lists are compared exactly."""

    type_name: ClassVar[str] = "modelstudio:index:Workspace"
    doc: ClassVar[str] = "A Model Studio business workspace in one region."
    inputs: ClassVar = {
        "regionId": Property(type="string", doc="Region, such as cn-beijing.", required=True),
        "logicalName": Property(type="string", doc="Name in the program; start of the default workspace name."),
        "ownerId": Property(type="string", doc="Owner id of the stack; part of the default workspace name."),
        "workspaceName": Property(
            type="string", doc="Name in Model Studio, 1 to 30 characters; made when left out.", shown=True
        ),
        "serviceSite": Property(type="string", doc="Deployment scope; only where the region offers a choice."),
        "adopt": Property(type="string", doc="Id of an existing workspace to use; it is never deleted by this stack."),
        "allowReplacement": Property(type="boolean", doc="Whether a change that needs another workspace may make one."),
        "models": Property(type="array", doc="Models that it may call, and no others; left out: as they are."),
        "allModels": Property(type="boolean", doc="Let it call every model, future ones too."),
        "autoNamed": Property(type="boolean", doc="Set by the plugin: the name was made, not given."),
    }
    outputs: ClassVar = {
        "workspaceId": Property(type="string", doc="Id, such as ws-ac3ef438bec22dc5."),
        "apiHost": Property(type="string", doc="Host name of the dedicated domain, as the service answers it."),
        "created": Property(type="boolean", doc="Whether this stack made it, and so may delete it."),
        "permitted": Property(type="boolean", doc="Whether it may call the models that were asked for."),
    }

    def check(self, call: Call, news: Values, olds: Values | None) -> tuple[Values, list[Failure]]:
        """Work out the default name once, and refuse what cannot be right or would replace without leave."""
        news = self._named(call, news, olds)
        failures: list[Failure] = []
        name = text_of(news, "workspaceName")
        if len(name) > MAX_NAME:
            reason = f"{name!r} has {len(name)} characters; Model Studio takes 1 to {MAX_NAME}"
            failures.append(Failure("workspaceName", reason))
        if news.get("workspaceName") == "":
            failures.append(Failure("workspaceName", "empty; leave it out to have one made"))
        if news.get("adopt") == "":
            failures.append(
                Failure("adopt", "empty; give the id of an existing workspace, such as ws-0759e7b7ea7f585b")
            )
        try:
            check_service_site(text_of(news, "regionId"), text_of(news, "serviceSite") or None)
        except Refused as refused:
            failures.append(Failure("serviceSite", str(refused)))
        if isinstance(news.get("models"), list) and not has_unknown(news["models"]):
            if not news["models"]:
                text = "empty: no model could be called; name some, or leave it out for all"
                failures.append(Failure("models", text))
            news = news | {"models": sorted({str(m) for m in as_list(news["models"])})}
        if olds is not None and not news.get("allowReplacement"):
            failures += [
                Failure(n, _replaces(n, text_of(olds, n), text_of(news, n)))
                for n in self._identity_changes(olds, news)
                if news.get(n) is not UNKNOWN
            ]
        return news, failures

    def diff(self, call: Call, state: Values, olds: Values, news: Values) -> Diff:
        """Replace for another place or name; the models are set in place, the rest is on record only."""
        del call
        changed: dict[str, Kind] = {n: "update" for n in ("models", "allModels") if olds.get(n) != news.get(n)}
        if state.get("permitted") is False:
            changed["permitted"] = "update"
        changed |= dict.fromkeys(self._identity_changes(olds, news), "replace")
        adopt = text_of(news, "adopt")
        if adopt and adopt != state.get("workspaceId"):
            changed["adopt"] = "replace"
        return Diff(changed=changed)

    def planned(self, call: Call, state: Values | None, news: Values) -> Values:
        """Say where models run for a workspace that will be made."""
        if state is None and news.get("adopt") is None and news.get("serviceSite") is not UNKNOWN:
            where = processing(text_of(news, "regionId"), text_of(news, "serviceSite") or None)
            if where:
                call.info(where)
        return super().planned(call, state, news)

    def create(self, call: Call, news: Values) -> Made:
        """Take over the workspace that `adopt` names, or find the one an interrupted run made, or make one."""
        if text_of(news, "adopt"):
            return self._permitted(
                call, workspace_made.made(call, news, workspace_made.adopted(call, news), created=False), news
            )
        region, name = text_of(news, "regionId"), text_of(news, "workspaceName")
        there = call.services.control_plane.workspaces(region, name=name)
        if there and not news.get("autoNamed"):
            raise RefusedError(
                f"a workspace named {name!r} exists already in {region} ({there[0].workspace_id}): write "
                f"adopt: {there[0].workspace_id} to use it, or choose another name"
            )
        info = workspace_made.one(there, name) or workspace_made.new(call, news)
        return self._permitted(call, workspace_made.made(call, news, info, created=True), news)

    def read(self, call: Call, id_: str, state: Values, inputs: Values) -> Found | None:
        """Find it in the list by its exact id. Import: `<region>/<workspace id>`; an imported one is never deleted."""
        region, _, workspace_id = id_.partition("/")
        if not workspace_id:
            raise RefusedError(f"{id_!r} is not an id to import: write <region>/<workspace id>, as cn-beijing/ws-...")
        found = self._listed(call, region, workspace_id)
        if not found:
            return None
        known: Values = {"regionId": region, "workspaceName": found[0].name}
        site = found[0].service_site
        # An import takes over a scope that a program can write; a refresh does not lose one to an empty answer.
        if (site and inputs.get("serviceSite") is not None) or (not state and site in sites_of(region)):
            known["serviceSite"] = site
        read_inputs = self._with_models(call, workspace_id, inputs | known)
        created = bool(state.get("created", False))
        outputs = workspace_made.outputs(found[0], created=created, host=text_of(state, "apiHost"))
        return Found(id_, read_inputs | outputs | {"permitted": state.get("permitted", True)}, read_inputs)

    def update(self, call: Call, state: Values, news: Values) -> Values:
        """Finish one that was partly made; set the models: nothing else of a workspace can be changed in place."""
        region, workspace_id = text_of(news, "regionId"), text_of(state, "workspaceId")
        found = call.services.control_plane.workspaces(region, workspace_id=workspace_id)
        if not found:
            raise RefusedError(
                f"workspace {workspace_id} is not in {region}: run `pulumi refresh`, then `pulumi up` again"
            )
        made = workspace_made.made(call, news, found[0], created=state.get("created") is True)
        same = all(state.get(n) == news.get(n) for n in ("models", "allModels"))
        return made.state if same and state.get("permitted") is True else self._permitted(call, made, news).state

    def delete(self, call: Call, id_: str, state: Values) -> None:
        """Delete a workspace that this stack made; release any other."""
        del id_
        region, workspace_id = text_of(state, "regionId"), text_of(state, "workspaceId")
        if state.get("created") is not True or not workspace_id:
            return
        plane = call.services.control_plane
        try:
            reasons = plane.delete_workspace(region, workspace_id)
            for pause in KEYS_LEAVE_AFTER:
                if not reasons or plane.api_keys(region, workspace_id):
                    break
                call.services.clock.sleep(pause)
                reasons = plane.delete_workspace(region, workspace_id)
        except ServiceError:
            if not plane.workspaces(region, workspace_id=workspace_id):
                return
            raise
        if reasons:
            raise RefusedError(
                f"workspace {workspace_id} in {region} was not deleted, the service says: {'; '.join(reasons)}. "
                f"{self._what_to_do(call, state)}, then run this again"
            )

    @staticmethod
    def _what_to_do(call: Call, state: Values) -> str:
        """Tell keys of this stack, which a consumer may still hold, from those of others."""
        keys = call.services.control_plane.api_keys(text_of(state, "regionId"), text_of(state, "workspaceId"))
        marks = {key.key_id: KeyMark.read(key.description) for key in keys}
        ours = [i for i, mark in marks.items() if mark is not None and mark.owner_id == text_of(state, "ownerId")]
        if ours:
            # Deletes come last in an `up`, after each retirement was looked at: so the times are those on record.
            ends = [call.services.keys_end.get(i, "") for i in ours]
            end = max(ends) if all(ends) else "its service's output `superseded` no longer has it"
            return (
                f"Key {', '.join(ours)} is superseded, but alive: a consumer may still hold it. Put the workspace back "
                f"into the stack file until {end}, and let `pulumi up` delete the key; or, where it is being replaced, "
                "only run `pulumi up` at those times"
            )
        return "Remove these in the console (they were not made by this stack)"

    # models

    @staticmethod
    def _permitted(call: Call, made: Made, news: Values) -> Made:
        """Set the models that it may call; what was made stays on record when that fails."""
        wanted = None if news.get("allModels") else [str(m) for m in as_list(news.get("models"))]
        if wanted != []:
            try:
                permissions.allow(call, text_of(news, "regionId"), text_of(made.state, "workspaceId"), wanted)
            except (ServiceError, RefusedError, NotReadyError) as error:
                raise PartlyMadeError(Made(made.id, made.state | {"permitted": False}), str(error)) from None
        return Made(made.id, made.state | {"permitted": True})

    @staticmethod
    def _with_models(call: Call, workspace_id: str, inputs: Values) -> Values:
        """Return the inputs with the models as they are, where the program says something of them."""
        if not inputs.get("allModels") and inputs.get("models") is None:
            return inputs
        wanted = None if inputs.get("allModels") else [str(m) for m in as_list(inputs["models"])]
        found = permissions.allowed(call, text_of(inputs, "regionId"), workspace_id, wanted)
        others = {name: value for name, value in inputs.items() if name not in ("models", "allModels")}
        return others | ({"allModels": True} if found is None else {"models": found})

    @staticmethod
    def _listed(call: Call, region: str, workspace_id: str) -> list[WorkspaceInfo]:
        """Find one in the list of its region, which serves all that are refreshed in it."""
        plane = call.services.control_plane
        found = call.services.listed.of(("workspaces", region), call.urn.text, lambda: plane.workspaces(region))
        return [info for info in found if info.workspace_id == workspace_id]

    # naming

    def _named(self, call: Call, news: Values, olds: Values | None) -> Values:
        if news.get("workspaceName") is not None or news.get("adopt") is not None:
            return {k: v for k, v in news.items() if k != "autoNamed"}
        if olds is not None and olds.get("autoNamed"):
            return news | {"workspaceName": olds["workspaceName"], "autoNamed": True}
        owner, site = news.get("ownerId"), news.get("serviceSite")
        if owner is UNKNOWN or site is UNKNOWN:
            return news | {"workspaceName": UNKNOWN, "autoNamed": True}
        suffix = hashlib.sha256(f"{owner or ''}/{site or ''}".encode()).hexdigest()[:8]
        return news | {"workspaceName": f"{text_of(news, 'logicalName') or call.urn.name}-{suffix}", "autoNamed": True}

    @staticmethod
    def _identity_changes(olds: Values, news: Values) -> list[str]:
        adopting = news.get("adopt") is not None
        names = [n for n in _IDENTITY if not (adopting and n == "workspaceName")]
        return [n for n in names if olds.get(n) != news.get(n)]


def _replaces(prop: str, before: str, now: str) -> str:
    return (
        f"changing {before or 'nothing'} to {now or 'nothing'} needs a new workspace: its id and URLs change and every "
        f"key in it is minted anew. If that is meant, write allow_replacement: true; else put {prop} back"
    )


class WorkspaceArgs(TypedDict):
    """Inputs of :class:`Workspace`."""

    region_id: pulumi.Input[str]
    """Region, such as cn-beijing."""
    owner_id: NotRequired[pulumi.Input[str]]
    """Owner id of the stack; part of the default name."""
    logical_name: NotRequired[str]
    """Start of the default workspace name; the resource's name when left out."""
    workspace_name: NotRequired[pulumi.Input[str] | None]
    """Name in Model Studio, 1 to 30 characters. An existing one is refused, unless adopted."""
    service_site: NotRequired[pulumi.Input[str] | None]
    """Deployment scope, where the region offers a choice (ASSUMPTION service-site-words)."""
    models: NotRequired[Sequence[str] | None]
    """Models that it may call, and no others; left out: as they are."""
    all_models: NotRequired[bool]
    """Let it call every model, future ones too."""
    adopt: NotRequired[pulumi.Input[str] | None]
    """Id of an existing workspace to use instead of making one."""
    allow_replacement: NotRequired[bool]
    """Whether a change that needs another workspace may make one."""


class Workspace(ModelStudioResource):
    """A Model Studio business workspace in one region. Import: `<region>/<workspace id>`."""

    handler = WorkspaceHandler
    workspace_id: pulumi.Output[str]
    """Id, such as ws-ac3ef438bec22dc5."""
    workspace_name: pulumi.Output[str]
    """Name in Model Studio."""
    region_id: pulumi.Output[str]
    """Region."""
    api_host: pulumi.Output[str]
    """Host name of its dedicated domain, as the service answers it; "" when it does not."""
    created: pulumi.Output[bool]
    """Whether this stack made it, and so may delete it."""

    if TYPE_CHECKING:  # the base does it: each call more is a frame more in the state of each resource

        def __init__(self, name: str, args: WorkspaceArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...
