"""What the control plane does with the models that a workspace may call."""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING

from provider.client.control_plane import LIST_MODEL_PERMISSIONS
from provider.client.errors import ServiceError
from provider.client.model_list import list_models
from provider.client.shapes import as_objects
from tools.live.report import Unmeasured, broken, held

if TYPE_CHECKING:
    from tools.live.report import Result
    from tools.live.scene import Scene

_PER_CALL = 20


def fresh_workspace_authorises_nothing(scene: Scene) -> Result:
    """List the models of a workspace that nobody has allowed any."""
    found = scene.allowed_at_first
    return broken(f"it may call {len(found)} models at once") if found else held("none")


def one_click_lists_all(scene: Scene) -> Result:
    """Compare the two lists once all models are allowed."""
    offered, allowed = scene.opened, _allowed(scene)
    counts = f"{len(allowed)} of {len(offered)} are listed as allowed"
    return held(counts) if allowed == offered else broken(counts)


def close_clears_one_click(scene: Scene) -> Result:
    """Take one model from a workspace that may call all, then close it."""
    plane, workspace_id, model = scene.plane, scene.workspace.workspace_id, scene.model.name
    if not scene.opened or model not in _allowed(scene):
        raise Unmeasured("the permission for all models does not show in the list")
    plane.set_models(scene.region, workspace_id, allow=[], deny=[model])
    covered = model in _allowed(scene)
    plane.close_all_models(scene.region, workspace_id)
    after = _allowed(scene)
    if after:
        return broken(f"{len(after)} models are still allowed after CLOSE")
    return held("none is allowed after CLOSE") if covered else broken("a single model can be taken from all")


def permissions_twenty_per_call(scene: Scene) -> Result:
    """Allow 20 in one call; where a region has fewer models, some of them twice."""
    names = list(islice(cycle(scene.opened), _PER_CALL))
    if not names:
        raise Unmeasured("the region offers no models")
    try:
        scene.plane.set_models(scene.region, scene.workspace.workspace_id, allow=names, deny=[])
    except ServiceError as error:
        if error.kind != "refused":
            raise
        return broken(str(error))
    return held(f"20 entries, {len(set(names))} models")


def filter_model_exact(scene: Scene) -> Result:
    """Ask for one model of all that can be allowed."""
    query = {
        "workspaceId": scene.workspace.workspace_id,
        "authorizationScope": "AUTHORIZABLE",
        "modelAction": "INFERENCE",
        "filter.model": scene.model.name,
    }
    answer = scene.sdk.call(LIST_MODEL_PERMISSIONS, scene.region, query=query)
    found = sorted({str(item.get("model")) for item in as_objects(answer.get("list"))})
    return held("that one alone") if found == [scene.model.name] else broken(f"it finds {', '.join(found) or 'none'}")


def _allowed(scene: Scene) -> list[str]:
    return scene.plane.models(scene.region, scene.workspace.workspace_id, authorized=True)


def models_listed_whole(scene: Scene) -> Result:
    """Compare the models of the region with those that a workspace can be allowed to call."""
    listed = list_models(scene.sdk, scene.region)
    others = [model for model in scene.opened if model not in listed]
    if not scene.opened:
        raise Unmeasured("the region offers no models")
    if others:
        return broken(f"{len(others)} of {len(scene.opened)} are not listed, such as {others[0]}")
    return held(f"all {len(scene.opened)} are among the {len(listed)} that are listed")
