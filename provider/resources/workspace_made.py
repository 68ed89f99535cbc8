"""How a workspace comes into the state: made, looked for after a lost answer, or taken over. None is made twice."""

from provider.client.control_plane import WorkspaceInfo
from provider.client.errors import ServiceError
from provider.resource import Call, Made, PartlyMadeError, RefusedError, text_of
from provider.values import Values

LISTED_AFTER = (0.5, 1.0, 2.0, 4.0, 0.0)
"""Seconds between looks for a workspace whose create's answer was lost (ASSUMPTION listed-within)."""


def new(call: Call, news: Values) -> WorkspaceInfo:
    """Make one; when the answer is lost, look for it instead of making a second.

    ASSUMPTION workspace-names-not-unique.
    """
    plane, region, name = call.services.control_plane, text_of(news, "regionId"), text_of(news, "workspaceName")
    try:
        info = plane.create_workspace(region, name, text_of(news, "serviceSite") or None)
    except ServiceError as error:
        if not error.may_have_run:
            raise
        for pause in LISTED_AFTER:
            there = one(plane.workspaces(region, name=name), name)
            if there:
                return there
            call.services.clock.sleep(pause)
        raise
    if info.region not in ("", region) and not plane.delete_workspace(region, info.workspace_id):
        raise RefusedError(f"{_elsewhere(region, info)} It was deleted again.")
    return info


def adopted(call: Call, news: Values) -> WorkspaceInfo:
    """Return the workspace that `adopt` names. Raises RefusedError where there is none, or another than was said."""
    region, wanted = text_of(news, "regionId"), text_of(news, "adopt")
    found = call.services.control_plane.workspaces(region, workspace_id=wanted)
    if not found:
        raise RefusedError(f"adopt: there is no workspace {wanted} in {region}; look in the console of that region")
    site = text_of(news, "serviceSite")
    if site and found[0].service_site not in ("", site):
        raise RefusedError(f"adopt: {wanted} has the service site {found[0].service_site}, not {site}")
    return found[0]


def made(call: Call, news: Values, info: WorkspaceInfo, *, created: bool) -> Made:
    """Record it; its host may be known to the list only, a moment later (ASSUMPTION api-host-answered)."""
    region = text_of(news, "regionId")
    host = info.api_host
    made_id = f"{region}/{info.workspace_id}"
    half = Made(made_id, news | outputs(info, created=created, host=host))
    if info.region not in ("", region):
        raise PartlyMadeError(half, _elsewhere(region, info))
    try:
        for pause in (0.5, 1.0, 2.0):
            if host:
                break
            listed = call.services.control_plane.workspaces(region, workspace_id=info.workspace_id)
            host = listed[0].api_host if listed else ""
            if not host:
                call.services.clock.sleep(pause)
    except ServiceError as error:
        raise PartlyMadeError(half, f"workspace {info.workspace_id} was made, but: {error}") from None
    return Made(made_id, news | outputs(info, created=created, host=host))


def one(there: list[WorkspaceInfo], name: str) -> WorkspaceInfo | None:
    """Return the one workspace of a name, None for none. Raises RefusedError for several."""
    if len(there) > 1:
        ids = ", ".join(w.workspace_id for w in there)
        raise RefusedError(f"several workspaces are named {name!r} ({ids}): remove the ones not wanted, or adopt one")
    return there[0] if there else None


def _elsewhere(region: str, info: WorkspaceInfo) -> str:
    return (
        f"asked for a workspace in {region}, the service answered {info.workspace_id} in {info.region}: is the address "
        "of the control plane that of the region?"
    )


def outputs(info: WorkspaceInfo, *, created: bool, host: str) -> Values:
    """Return what a state says of a workspace; `host`: what is known where the service does not answer one."""
    return {"workspaceId": info.workspace_id, "apiHost": info.api_host or host, "created": created}
