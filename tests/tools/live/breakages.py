"""For each assumption that can be measured, settings of the emulator under which it does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def _deviates(*names: str) -> dict[str, Any]:
    return {"deviations": list(names)}


BREAKAGES: Mapping[str, Mapping[str, Any]] = {
    "key-first": {"inference_order": ["model", "key", "workspace", "bill", "body"]},
    "no-content-free": _deviates("no_content_answered"),
    "unknown-model-told": _deviates("unknown_model_not_named"),
    "model-before-workspace": {"inference_order": ["key", "workspace", "model", "bill", "body"]},
    "denial-before-body": {"inference_order": ["key", "model", "body", "workspace", "bill"]},
    "made-up-host-denied": {"made_up_host_answers": "unauthorized"},
    "sibling-denied": {"keys_open_their_whole_region": True},
    "models-list-says-nothing": {"sibling_key_answers": "unauthorized"},
    "shared-takes-any-key": _deviates("shared_hosts_refuse_workspaces"),
    "thinking-off": _deviates("thinking_switch_refused"),
    "one-token": _deviates("max_tokens_ignored"),
    "new-key-known-within": _deviates("keys_are_late"),
    "disabled-key-is-blocked": {"disabled_keys_are_blocked": False},
    "model-denied-403": _deviates("model_denied_as_unknown"),
    "ip-denial-wording": _deviates("address_denied_as_unknown_key"),
    "x-api-key-not-taken": {"payg_takes_x_api_key": True},
    "api-host-answered": _deviates("no_api_host"),
    "host-label-is-workspace-id": {"llm_host_labels": True},
    "listed-within": _deviates("lists_are_late"),
    "list-ends-without-token": _deviates("last_page_has_a_token"),
    "default-workspace-exists": _deviates("default_workspace_not_listed"),
    "workspace-names-not-unique": _deviates("names_are_unique"),
    "workspace-name-length": _deviates("names_of_20_characters"),
    "delete-refused-in-200": _deviates("delete_refused_by_status"),
    "deleted-keys-leave-soon": _deviates("deleted_keys_linger"),
    "description-filter": _deviates("description_filter_matches_whole"),
    "get-key-masked": _deviates("keys_masked_otherwise"),
    "missing-key-refused": _deviates("missing_key_fails"),
    "disable-offered": _deviates("disable_refused"),
    "switch-twice-refused": _deviates("switch_twice_accepted"),
    "auth-replaced-whole": _deviates("scope_is_merged"),
    "small-letter-booleans": _deviates("small_booleans_ignored"),
    "empty-ip-list-is-world": _deviates("empty_ip_list_stays_empty"),
    "fresh-workspace-authorises-nothing": _deviates("fresh_workspaces_may_call_all"),
    "permissions-twenty-per-call": _deviates("ten_permissions_per_call"),
    "one-click-lists-all": _deviates("one_click_lists_single_models"),
    "close-clears-one-click": _deviates("close_keeps_one_click"),
    "filter-model-exact": _deviates("filter_model_ignored"),
    "models-listed-whole": _deviates("list_models_is_short"),
}
