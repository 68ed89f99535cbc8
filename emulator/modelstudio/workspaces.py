"""CreateWorkspace, ListWorkspaces, DeleteWorkspace. There is no call that reads or changes one workspace."""

from emulator.modelstudio.envelope import ProductRefusal, invalid, operation, workspace_of
from emulator.openapi import Call, Json, page
from emulator.settings import LINGER
from emulator.state import Workspace, new_workspace

_SITES = {
    "us-east-1": ("global", "united-states"),
    "cn-hongkong": ("global", "cn-hongkong"),
    "ap-northeast-1": ("global", "japan"),
    "eu-central-1": ("global", "european-union"),
}
"""Deployment scopes by region, from the pages "usa-virginia-global", "hong-kong-china-global", "japan-tokyo-global" and
"germany-frankfurt-global" (2026-10-11), in the words of the data plane's reference; that CreateWorkspace takes the same
is inferred. Other regions have none."""


def _create(call: Call) -> Json:
    state = call.store.state
    name, site = call.get("workspaceName"), call.get("serviceSite")
    deviations = call.store.settings.deviations
    most = 20 if "names_of_20_characters" in deviations else 30
    if not 1 <= len(name) <= most:
        raise invalid("workspaceName", f"must have 1 to {most} characters")
    if "names_are_unique" in deviations and any(w.name == name for w in state.workspaces if w.region == call.region):
        raise invalid("workspaceName", "a workspace of this name exists already")
    if site and site not in _SITES.get(call.region, ()):
        raise invalid("serviceSite", f"not supported in region {call.region}")
    if len(state.workspaces) >= call.store.settings.max_workspaces:
        raise ProductRefusal(400, "WorkspaceLimitExceeded", "The number of workspaces exceeds the limit.")
    # Names need not be unique: no document says so, and a repeated create therefore makes a second one.
    llm_label = call.store.settings.llm_host_labels
    workspace = new_workspace(call.region, name, call.store.now(), site, llm_label=llm_label)
    workspace.visibility = call.store.new_visibility()
    workspace.all_models = "fresh_workspaces_may_call_all" in deviations
    state.workspaces.append(workspace)
    return {"workspace": _shown(call, workspace)}


def _list(call: Call) -> Json:
    wanted_id, keyword = call.get("workspaceId"), call.get("workspaceName")
    now = call.store.now()
    found = [
        _shown(call, workspace)
        for workspace in call.store.state.workspaces
        if workspace.region == call.region
        and wanted_id in ("", workspace.workspace_id)
        and keyword.lower() in workspace.name.lower()
        and not (workspace.is_default and "default_workspace_not_listed" in call.store.settings.deviations)
        and workspace.visibility.listed(now)
    ]
    items, paging = page(found, call, call.store.settings.page_size)
    return {"workspaces": items} | paging


def _delete(call: Call) -> Json:
    state = call.store.state
    workspace = workspace_of(call, call.path_id)
    reasons: list[Json] = []
    if workspace.is_default:
        reasons.append({"resourceType": "Workspace", "reason": "The default workspace cannot be deleted."})
    if any(key.workspace_id == workspace.workspace_id for key in state.keys):
        reasons.append({"resourceType": "API Key", "reason": "API Key exists. Please clear them first."})
    deviations = call.store.settings.deviations
    if "deleted_keys_linger" in deviations and not reasons and workspace.refused_deletes < LINGER:
        workspace.refused_deletes += 1
        reasons.append({"resourceType": "API Key", "reason": "API Key exists. Please clear them first."})
    if reasons and "delete_refused_by_status" in deviations:
        raise ProductRefusal(400, "WorkspaceInUse", "The workspace holds resources.")
    if reasons:
        return {"isDeleted": False, "failReasons": reasons}
    state.workspaces.remove(workspace)
    return {"isDeleted": True, "failReasons": []}


def _shown(call: Call, workspace: Workspace) -> Json:
    return {
        "workspaceId": workspace.workspace_id,
        "workspaceName": workspace.name,
        "region": workspace.region,
        "serviceSite": workspace.service_site,
        "apiHost": "" if "no_api_host" in call.store.settings.deviations else workspace.api_host,
        "gmtCreate": int(workspace.created * 1000),
    }


OPERATIONS = (
    operation("CreateWorkspace", "POST", "/workspaces", _create),
    operation("ListWorkspaces", "GET", "/workspaces", _list),
    operation("DeleteWorkspace", "DELETE", "/workspaces/{id}", _delete),
)
