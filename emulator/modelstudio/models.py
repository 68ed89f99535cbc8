"""ListModels, ListModelPermissions, UpdateModelPermissions. Their envelope has `errorMessage` for `message`."""

from emulator.modelstudio.envelope import invalid, operation, workspace_of
from emulator.openapi import Call, Json, Refusal, page

_MAX_RESULTS = 100
"""Above it ListModelPermissions answers InvalidParameter.maxResults; the documents name the code, not the number."""
_MAX_ITEMS = 20
"""Models per UpdateModelPermissions call (documented for its data-plane twin)."""


def _list_models(call: Call) -> Json:
    if call.store.settings.models_list_refused:
        raise Refusal(403, "NoPermission", "You are not authorized to perform this action.")
    short = "list_models_is_short" in call.store.settings.deviations
    wanted, keyword = call.get("model"), call.get("name")
    found: list[Json] = [
        {
            "model": model,
            "name": model,
            "provider": "qwen",
            "description": "provided by qwen",
            "capabilities": ["ME" if "embedding" in model else "TG"],
            "features": [],
        }
        for model in call.store.settings.models[1 if short else 0 :]
        if wanted in ("", model) and keyword in model
    ]
    items, paging = page(found, call, call.store.settings.page_size)
    return {"models": items} | paging


def _list_permissions(call: Call) -> Json:
    workspace = workspace_of(call, call.get("workspaceId"))
    scope, action = call.get("authorizationScope") or "AUTHORIZED", call.get("modelAction") or "INFERENCE"
    if scope not in ("AUTHORIZED", "AUTHORIZABLE"):
        raise invalid("authorizationScope", "neither AUTHORIZED nor AUTHORIZABLE")
    if action != "INFERENCE":
        raise invalid("modelAction", "not INFERENCE")
    wanted_results = call.get("maxResults")
    if wanted_results.isdigit() and int(wanted_results) > _MAX_RESULTS:
        raise invalid("maxResults", f"more than {_MAX_RESULTS}")
    wanted, keyword = call.get("filter.model"), call.get("filter.name")
    deviations = call.store.settings.deviations
    if "filter_model_ignored" in deviations:
        wanted = ""
    single_alone = "one_click_lists_single_models" in deviations and not workspace.is_default

    def listed(model: str) -> bool:
        return model in workspace.models if single_alone else workspace.may_call(model)

    found: list[Json] = [
        {
            "model": model,
            "name": model,
            "permissions": {"inference": workspace.may_call(model), "fineTune": False, "deploy": False},
        }
        for model in call.store.settings.models
        if wanted in ("", model) and keyword in model and (scope == "AUTHORIZABLE" or listed(model))
    ]
    items, paging = page(found, call, call.store.settings.page_size)
    return {"list": items} | paging


def _update_permissions(call: Call) -> Json:
    workspace = workspace_of(call, call.get("workspaceId"))
    if workspace.is_default:
        raise invalid("workspaceId", "the default workspace may call every model and cannot be restricted")
    switch = call.get("accessAllEntities") or "KEEP"
    if switch not in ("OPEN", "CLOSE", "KEEP"):
        raise invalid("accessAllEntities", "none of OPEN, CLOSE, KEEP")
    wanted = call.numbered("models", ".model")
    deviations = call.store.settings.deviations
    most = 10 if "ten_permissions_per_call" in deviations else _MAX_ITEMS
    if switch == "KEEP" and not 1 <= len(wanted) <= most:
        raise invalid("models", f"KEEP needs 1 to {most} models")
    allowed = {
        model: call.flag(f"models.{n}.inference", default=model in workspace.models)
        for n, model in enumerate(wanted, start=1)
    }
    if any(model not in call.store.settings.models for model in allowed):
        raise invalid("models", "holds a model that does not exist")
    if switch == "KEEP":
        kept = [model for model in workspace.models if model not in allowed]
        workspace.models = sorted([*kept, *(model for model, inference in allowed.items() if inference)])
        return {}
    if switch == "CLOSE" and "close_keeps_one_click" in deviations:
        return {}
    workspace.all_models = switch == "OPEN"
    if switch == "CLOSE":
        workspace.models = []
    return {}


OPERATIONS = (
    operation("ListModels", "GET", "/models", _list_models, message="errorMessage"),
    operation("ListModelPermissions", "GET", "/models/permissions", _list_permissions, message="errorMessage"),
    operation("UpdateModelPermissions", "POST", "/models/permissions", _update_permissions, message="errorMessage"),
)
