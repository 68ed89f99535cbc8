"""Which function measures which assumption, in the order in which they run.

What is new is looked at first; what others need is taken away last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provider.client.errors import ServiceError
from tools.live.measure import hosts, keys, permissions, usage, workspaces
from tools.live.report import Result, Unmeasured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tools.live.scene import Scene

MEASURES: Mapping[str, Callable[[Scene], Result]] = {
    "listed-within": workspaces.listed_within,
    "api-host-answered": workspaces.api_host_answered,
    "host-label-is-workspace-id": workspaces.host_label_is_workspace_id,
    "fresh-workspace-authorises-nothing": permissions.fresh_workspace_authorises_nothing,
    "one-click-lists-all": permissions.one_click_lists_all,
    "filter-model-exact": permissions.filter_model_exact,
    "models-listed-whole": permissions.models_listed_whole,
    "new-key-known-within": hosts.new_key_known_within,
    "key-first": hosts.key_first,
    "no-content-free": hosts.no_content_free,
    "unknown-model-told": hosts.unknown_model_told,
    "thinking-off": hosts.thinking_off,
    "one-token": usage.one_token,
    "x-api-key-not-taken": hosts.x_api_key_not_taken,
    "made-up-host-denied": hosts.made_up_host_denied,
    "workspace-name-length": workspaces.workspace_name_length,
    "sibling-denied": hosts.sibling_denied,
    "denial-before-body": hosts.denial_before_body,
    "model-before-workspace": hosts.model_before_workspace,
    "models-list-says-nothing": hosts.models_list_says_nothing,
    "shared-takes-any-key": hosts.shared_takes_any_key,
    "small-letter-booleans": keys.small_letter_booleans,
    "empty-ip-list-is-world": keys.empty_ip_list_is_world,
    "model-denied-403": hosts.model_denied_403,
    "ip-denial-wording": hosts.ip_denial_wording,
    "auth-replaced-whole": keys.auth_replaced_whole,
    "description-filter": keys.description_filter,
    "get-key-masked": keys.get_key_masked,
    "disabled-key-is-blocked": hosts.disabled_key_is_blocked,
    "disable-offered": keys.disable_offered,
    "switch-twice-refused": keys.switch_twice_refused,
    "missing-key-refused": keys.missing_key_refused,
    "default-workspace-exists": workspaces.default_workspace_exists,
    "list-ends-without-token": workspaces.list_ends_without_token,
    "workspace-names-not-unique": workspaces.workspace_names_not_unique,
    "close-clears-one-click": permissions.close_clears_one_click,
    "permissions-twenty-per-call": permissions.permissions_twenty_per_call,
    "delete-refused-in-200": workspaces.delete_refused_in_200,
    "deleted-keys-leave-soon": workspaces.deleted_keys_leave_soon,
}


def measure(scene: Scene, say: Callable[[str], None]) -> Iterator[tuple[str, Result]]:
    """Measure one after the other."""
    for n, (name, function) in enumerate(MEASURES.items(), start=1):
        say(f"[{n}/{len(MEASURES)}] {name}")
        try:
            result = function(scene)
        except (Unmeasured, ServiceError) as why:
            result = Result(outcome="could not be measured", why=str(why))
        yield name, result
