"""Which models a workspace may call: a fresh one none (ASSUMPTION fresh-workspace-authorises-nothing).

The models of one workspace are exactly those given, or all of them, future ones too. They are set, never taken back as
a whole: a workspace that goes takes its permissions with it, and taking them from one that stays would stop keys that
others made in it.
"""

from provider.client.errors import NotReadyError, ServiceError
from provider.keys.model_names import check_models
from provider.resource import Call, RefusedError


def allow(call: Call, region: str, workspace: str, wanted: list[str] | None) -> None:
    """Let a workspace call exactly these models; None: every one.

    Raises RefusedError for models that the region does not have, NotReadyError when they are set but not all seen.
    """
    plane = call.services.control_plane
    if wanted is None:
        plane.allow_all_models(region, workspace)
        return
    check_models(call, {"regionId": region, "workspaceId": workspace, "models": wanted})
    before = plane.models(region, workspace, authorized=True)
    try:
        _set(call, region, workspace, wanted, before)
    except ServiceError as error:
        offered = plane.models(region, workspace, authorized=False) if error.kind == "refused" else wanted
        unknown = [m for m in wanted if m not in offered]
        if not unknown:
            raise
        text = f"models: {region} does not offer {', '.join(unknown)}; it offers: {', '.join(offered)}"
        raise RefusedError(text) from None
    try:
        after = plane.models(region, workspace, authorized=True)
        if set(after) - set(wanted):
            # Where one-click permission is on it has to go first (ASSUMPTION close-clears-one-click). Only then,
            # since CLOSE clears for a moment.
            plane.close_all_models(region, workspace)
            _set(call, region, workspace, wanted, [])
            after = plane.models(region, workspace, authorized=True)
    except ServiceError as error:
        raise NotReadyError(f"the models were set, but could not be read back: {error}") from None
    missing = sorted(set(wanted) - set(after))
    if missing:
        raise NotReadyError(f"workspace {workspace} may still not call {', '.join(missing)}")


def allowed(call: Call, region: str, workspace: str, wanted: list[str] | None) -> list[str] | None:
    """Return the models that a workspace may call, None for every one, where that is what is wanted."""
    plane = call.services.control_plane
    found = plane.models(region, workspace, authorized=True)
    # ASSUMPTION one-click-lists-all
    if wanted is None and found == plane.models(region, workspace, authorized=False):
        return None
    return found


def _set(call: Call, region: str, workspace: str, wanted: list[str], before: list[str]) -> None:
    missing, more = [m for m in wanted if m not in before], sorted(set(before) - set(wanted))
    call.services.control_plane.set_models(region, workspace, allow=missing, deny=more)
