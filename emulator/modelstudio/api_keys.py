"""CreateApiKey, GetApiKey, ListApiKeys, UpdateApiKey, ResetApiKey, EnableApiKey, DisableApiKey, DeleteApiKey."""

import secrets
import string

from emulator.modelstudio.auth import auth_given, read_auth, show_auth
from emulator.modelstudio.envelope import ProductRefusal, invalid, operation, workspace_of
from emulator.openapi import Call, Json, page
from emulator.state import ApiKey, Auth, Workspace


def _create(call: Call) -> Json:
    state, settings = call.store.state, call.store.settings
    workspace = _workspace_for(call)
    if sum(key.workspace_id == workspace.workspace_id for key in state.keys) >= settings.max_keys_per_workspace:
        raise ProductRefusal(400, "ApiKeyLimitExceeded", "The number of API keys exceeds the limit.")
    auth = read_auth(call, workspace) if auth_given(call) else Auth()
    _check_description(call)
    key = ApiKey(
        key_id=state.next_key_id,
        value=_new_value(),
        workspace_id=workspace.workspace_id,
        description=call.get("description"),
        auth=auth,
        created=call.store.now(),
        created_by=call.caller.principal_id if call.caller.identity_type == "RAMUser" else call.store.state.account_id,
        visibility=call.store.new_visibility(),
    )
    state.next_key_id += 1
    state.keys.append(key)
    shown = ("apiKeyId", "createdBy", "description", "gmtCreate", "workspaceId")
    value = key.value
    if settings.hand_out_others_keys:
        value = next((k.value for k in state.keys if k.workspace_id != key.workspace_id), value)
    return {"apiKey": {name: _shown(call, key)[name] for name in shown} | {"apiKeyValue": value}}


def _get(call: Call) -> Json:
    try:
        return {"apiKey": _shown(call, _key(call))}
    except ProductRefusal:
        if "missing_key_fails" in call.store.settings.deviations:
            raise ProductRefusal(500, "InternalError", "The request processing has failed.") from None
        raise


def _list(call: Call) -> Json:
    wanted_id, workspace_id, keyword = call.get("apiKeyId"), call.get("workspaceId"), call.get("description")
    order, order_by = call.get("order") or "DESC", call.get("orderBy") or "apiKeyId"
    if order not in ("ASC", "DESC"):
        raise invalid("order", "neither ASC nor DESC")
    if order_by not in ("apiKeyId", "gmtCreate"):
        raise invalid("orderBy", "neither apiKeyId nor gmtCreate")
    now = call.store.now()
    found = [
        _shown(call, key)
        for key in call.store.state.keys
        if call.store.workspace(key.workspace_id).region == call.region
        and wanted_id in ("", str(key.key_id))
        and workspace_id in ("", key.workspace_id)
        and _described(call, key, keyword)
        and key.visibility.listed(now)
    ]
    found.sort(key=lambda item: (item[order_by], item["apiKeyId"]), reverse=order == "DESC")
    items, paging = page(found, call, call.store.settings.page_size)
    return {"apiKeys": items} | paging


def _described(call: Call, key: ApiKey, keyword: str) -> bool:
    if keyword and "description_filter_matches_whole" in call.store.settings.deviations:
        return keyword == key.description
    return keyword.lower() in key.description.lower()


def _update(call: Call) -> Json:
    key = _key(call)
    _check_description(call)
    before = key.auth
    if auth_given(call):
        # All of it or nothing: what is left out of a given auth goes back to its default.
        key.auth = read_auth(call, call.store.workspace(key.workspace_id))
        if "scope_is_merged" in call.store.settings.deviations and not call.numbered("auth.accessIps"):
            key.auth.access_ips = before.access_ips
    if "description" in call.params:
        key.description = call.get("description")
    return {}


def _reset(call: Call) -> Json:
    key = _key(call)
    key.former.append(key.value)
    key.value = _new_value()
    return {"apiKey": {"apiKeyId": key.key_id, "apiKeyValue": key.value, "workspaceId": key.workspace_id}}


def _enable(call: Call) -> Json:
    key = _key(call)
    if not key.disabled and "switch_twice_accepted" not in call.store.settings.deviations:
        raise ProductRefusal(400, "ApiKeyAlreadyEnabled", "An API key that is already enabled cannot be enabled again.")
    key.disabled = False
    return {}


def _disable(call: Call) -> Json:
    key, settings = _key(call), call.store.settings
    if "disable_refused" in settings.deviations or call.region in settings.disable_refused_in:
        status, code = settings.disable_refusal_status, settings.disable_refusal_code
        raise ProductRefusal(status, code, "API keys cannot be disabled in this region.")
    if key.disabled and "switch_twice_accepted" not in call.store.settings.deviations:
        message = "An API key that is already disabled cannot be disabled again."
        raise ProductRefusal(400, "ApiKeyAlreadyDisabled", message)
    key.disabled = True
    return {}


def _delete(call: Call) -> Json:
    call.store.state.keys.remove(_key(call))
    return {}


def _check_description(call: Call) -> None:
    most = call.store.settings.max_description
    if len(call.get("description")) > most:
        raise invalid("description", f"more than {most} characters")


def _workspace_for(call: Call) -> Workspace:
    """Return the workspace named, or the region's default one when none is."""
    workspace_id = call.get("workspaceId")
    if workspace_id:
        return workspace_of(call, workspace_id)
    return next(w for w in call.store.state.workspaces if w.is_default and w.region == call.region)


def _key(call: Call) -> ApiKey:
    for key in call.store.state.keys:
        if str(key.key_id) == call.path_id and call.store.workspace(key.workspace_id).region == call.region:
            return key
    raise ProductRefusal(404, "ApiKeyNotFound", f"An API key with ID {call.path_id} does not exist.")


def _shown(call: Call, key: ApiKey) -> Json:
    masked = f"{key.value[:12]}****{key.value[-2:]}"
    if "keys_masked_otherwise" in call.store.settings.deviations:
        masked = f"key ****{key.key_id}"
    return {
        "apiKeyId": key.key_id,
        "apiKeyValue": masked,
        "workspaceId": key.workspace_id,
        "workspaceName": call.store.workspace(key.workspace_id).name,
        "description": key.description,
        "createdBy": key.created_by,
        "gmtCreate": int(key.created * 1000),
        "disabled": int(key.disabled),
        "auth": show_auth(key.auth),
    }


def _new_value() -> str:
    """Return a key value: the vendor's shape, with a signature shorter than a real one."""
    alphabet = string.ascii_letters + string.digits
    short, shorter, signature = ("".join(secrets.choice(alphabet) for _ in range(length)) for length in (6, 4, 7))
    return f"sk-ws-{secrets.choice(string.ascii_uppercase)}.{short}.{shorter}.{signature}"


OPERATIONS = (
    operation("CreateApiKey", "POST", "/apikeys", _create),
    operation("ListApiKeys", "GET", "/apikeys", _list),
    operation("GetApiKey", "GET", "/apikeys/{id}", _get),
    operation("UpdateApiKey", "PUT", "/apikeys/{id}", _update),
    operation("DeleteApiKey", "DELETE", "/apikeys/{id}", _delete),
    operation("ResetApiKey", "PUT", "/apikeys/{id}/reset", _reset),
    operation("EnableApiKey", "PUT", "/apikeys/{id}/enable", _enable),
    operation("DisableApiKey", "PUT", "/apikeys/{id}/disable", _disable),
)
