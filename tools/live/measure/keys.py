"""What the control plane does with keys."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from provider.client.control_plane import (
    DISABLE_API_KEY,
    ENABLE_API_KEY,
    GET_API_KEY,
    OPEN_ADDRESSES,
    KeyScope,
)
from provider.client.errors import ServiceError
from provider.probe.origin import fits
from tools.live.report import Unmeasured, broken, held
from tools.live.scene import ELSEWHERE

if TYPE_CHECKING:
    from provider.client.sdk import Operation
    from tools.live.report import Result
    from tools.live.scene import Scene


def description_filter(scene: Scene) -> Result:
    """Look for a key by a part of its description."""
    workspace_id, key_id = scene.workspace.workspace_id, scene.minted.key_id
    if key_id not in {k.key_id for k in scene.plane.api_keys(scene.region, workspace_id)}:
        raise Unmeasured("the key is not listed at all")
    part = scene.made.journal.name("good")[5:-2]
    found = scene.plane.api_keys(scene.region, workspace_id, containing=part)
    return held("found by a part") if key_id in {k.key_id for k in found} else broken("a part of it finds nothing")


def get_key_masked(scene: Scene) -> Result:
    """Compare what is shown of a key with its value."""
    shown = scene.plane.api_key(scene.region, scene.minted.key_id)
    if shown is None:
        raise Unmeasured("the key is not there")
    if not shown.masked:
        return broken("there are no stars in it")
    fitting = fits(shown.masked, scene.minted.value) and shown.masked.strip("*") != ""
    return (
        held("its beginning and its end are shown") if fitting else broken("what is shown beside the stars is not it")
    )


def missing_key_refused(scene: Scene) -> Result:
    """Ask for a key that was deleted."""
    scene.made.delete_key(scene.spare.key_id)
    try:
        scene.sdk.call(GET_API_KEY, scene.region, path_id=scene.spare.key_id)
    except ServiceError as error:
        return held(str(error)) if error.kind == "refused" else broken(str(error))
    return broken("it is answered although it was deleted")


def disable_offered(scene: Scene) -> Result:
    """Disable a key."""
    return broken(scene.disable_refused) if scene.disable_refused else held("it was disabled")


def switch_twice_refused(scene: Scene) -> Result:
    """Disable a disabled key, and enable an enabled one."""
    key_id = scene.disabled.key_id
    disabled = _refused(scene, DISABLE_API_KEY, key_id)
    scene.plane.enable_api_key(scene.region, key_id)
    enabled = _refused(scene, ENABLE_API_KEY, key_id)
    if not disabled or not enabled:
        return broken(f"a second {'enable' if disabled else 'disable'} is taken")
    return held(f"{disabled}; {enabled}")


def auth_replaced_whole(scene: Scene) -> Result:
    """Leave the IP list of a key out of an update."""
    key = scene.elsewhere
    with suppress(Unmeasured):
        _ = scene.elsewhere_refused  # it is called with its list first
    if scene.addresses(key) != set(ELSEWHERE):
        raise Unmeasured("the key was not made with the addresses that were asked for")
    scene.plane.update_api_key(scene.region, key.key_id, KeyScope(models=(scene.model.name,), allowed_ips=()))
    kept = scene.addresses(key) & set(ELSEWHERE)
    return broken("the addresses that were left out are still there") if kept else held("they are gone")


def small_letter_booleans(scene: Scene) -> Result:
    """Make a key with `allowAllModels: false` and read it back."""
    shown = scene.plane.api_key(scene.region, scene.limited.key_id)
    if shown is None or shown.scope is None:
        raise Unmeasured("the service does not show what the key may do")
    wanted = (scene.model.name,)
    return held("read as meant") if shown.scope.models == wanted else broken("the key may call other models")


def empty_ip_list_is_world(scene: Scene) -> Result:
    """Read back the IP list of a key that was made without one."""
    found = scene.addresses(scene.limited)
    text = ", ".join(sorted(found)) or "an empty list"
    return held(text) if found and found <= OPEN_ADDRESSES else broken(text)


def _refused(scene: Scene, operation: Operation, key_id: str) -> str:
    """Return how an operation is refused, "" when it is not. Raises ServiceError for anything else."""
    try:
        scene.sdk.call(operation, scene.region, path_id=key_id)
    except ServiceError as error:
        if error.kind != "refused":
            raise
        return str(error)
    return ""
