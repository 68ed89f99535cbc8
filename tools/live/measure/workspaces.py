"""What the control plane does with workspaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provider.client.control_plane import LIST_WORKSPACES
from provider.client.errors import ServiceError
from provider.client.shapes import as_objects
from provider.keys import living
from provider.resources import workspace, workspace_made
from tools.live.report import Unmeasured, broken, held

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.live.report import Result
    from tools.live.scene import Scene

# Waited as the code that relies on it waits; where that does not look at the end of the last pause, this does.
_WORKSPACE_LISTED = workspace_made.LISTED_AFTER
_KEY_LISTED = (*living.LISTED_AFTER, 0.0)
_LEAVES = (*workspace.KEYS_LEAVE_AFTER, 0.0)
_MOST_PAGES = 100
_DEFAULT = ("default", "默认")


def api_host_answered(scene: Scene) -> Result:
    """Look for the host in the create's answer, then in lists."""
    where = "CreateWorkspace" if scene.workspace.api_host else "a list"
    return held(f"{where} answered it") if scene.api_host else broken("neither CreateWorkspace nor a list answers one")


def host_label_is_workspace_id(scene: Scene) -> Result:
    """Compare the host's label with the id."""
    if not scene.api_host:
        raise Unmeasured("the service answers no host")
    label, workspace_id = scene.api_host.partition(".")[0], scene.workspace.workspace_id
    return held(label) if label == workspace_id else broken(f"{label} is the host's label, {workspace_id} the id")


def listed_within(scene: Scene) -> Result:
    """Look for what was just made until it is listed."""
    workspace_id, region = scene.workspace.workspace_id, scene.region
    first = _within(scene, _WORKSPACE_LISTED, lambda: bool(scene.plane.workspaces(region, workspace_id=workspace_id)))
    key_id = scene.minted.key_id
    second = _within(
        scene, _KEY_LISTED, lambda: key_id in {k.key_id for k in scene.plane.api_keys(region, workspace_id)}
    )
    if first is None or second is None:
        return broken(f"{'the workspace' if first is None else 'the key'} is not listed in time")
    return held(f"the workspace after {first:g} s, the key after {second:g} s")


def list_ends_without_token(scene: Scene) -> Result:
    """Read the list of workspaces one by one."""
    _ = scene.workspace
    seen: set[str] = set()
    token = ""
    for pages in range(1, _MOST_PAGES + 1):
        query = {"maxResults": "1"} | ({"nextToken": token} if token else {})
        answer = scene.sdk.call(LIST_WORKSPACES, scene.region, query=query)
        found = [str(item.get("workspaceId")) for item in as_objects(answer.get("workspaces"))]
        following = str(answer.get("nextToken") or "")
        seen.update(found)
        total = answer.get("totalCount")
        if not following:
            if isinstance(total, int) and total != len(seen):
                return broken(f"{len(seen)} listed, {total} counted")
            return held(f"{len(seen)} in {pages} pages")
        if not found or following == token:
            return broken("after the last one, too, there is a token")
        token = following
    raise Unmeasured(f"more than {_MOST_PAGES} pages")


def default_workspace_exists(scene: Scene) -> Result:
    """Look for it in the list, by its name."""
    names = [w.name for w in scene.plane.workspaces(scene.region)]
    if any(word in name.lower() for name in names for word in _DEFAULT):
        return held("it is listed")
    return broken(f"none of the {len(names)} that are listed is called so")


def workspace_names_not_unique(scene: Scene) -> Result:
    """Make a second one of the same name."""
    first = scene.workspace
    try:
        second = scene.made.workspace(first.name or scene.made.journal.name("main"))
    except ServiceError as error:
        if error.kind != "refused":
            raise
        return broken(str(error))
    return (
        held("a second one was made") if second.workspace_id != first.workspace_id else broken("it answers the first")
    )


def workspace_name_length(scene: Scene) -> Result:
    """Make one with a name of 30 characters."""
    refused = scene.long_name_refused
    return broken(refused) if refused else held("it was made")


def delete_refused_in_200(scene: Scene) -> Result:
    """Delete the other workspace while it holds a key."""
    _ = scene.sibling_minted
    try:
        reasons = scene.made.delete_workspace(scene.sibling.workspace_id)
    except ServiceError as error:
        if error.kind != "refused":
            raise
        return broken(str(error))
    scene.known["sibling_is_gone"] = not reasons
    return held("; ".join(reasons)) if reasons else broken("it was deleted with its key")


def deleted_keys_leave_soon(scene: Scene) -> Result:
    """Delete the other workspace's key, then the workspace."""
    if scene.known.get("sibling_is_gone"):
        raise Unmeasured("the workspace is gone already")
    scene.made.delete_key(scene.sibling_minted.key_id)
    reasons: list[str] = []

    def deleted() -> bool:
        reasons[:] = scene.made.delete_workspace(scene.sibling.workspace_id)
        return not reasons

    passed = _within(scene, _LEAVES, deleted)
    return broken("; ".join(reasons)) if passed is None else held(f"after {passed:g} s")


def _within(scene: Scene, pauses: tuple[float, ...], done: Callable[[], bool]) -> float | None:
    """Return the seconds until something was so; None when it never was."""
    start = scene.clock.now()
    for pause in pauses:
        if done():
            return round(scene.clock.now() - start, 1)
        scene.clock.sleep(pause)
    return None
