"""The Model Studio control plane, API version 2026-02-10, one region at a time.

Facts are from the vendor's API reference and generated SDK. There is no call that reads one workspace (list and
compare), filters match parts of names (compare exactly: ASSUMPTION description-filter), a 200 may carry
`success: false` (sdk.py, ASSUMPTION refusals-in-200) or `isDeleted: false`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from provider.client.errors import ServiceError
from provider.client.pages import pages
from provider.client.redact import remember
from provider.client.sdk import Operation, Sdk
from provider.client.shapes import Json, as_list, as_object, as_objects

_VERSION = "2026-02-10"
_PERMISSION_CHUNK = 20
"""Models per UpdateModelPermissions call (ASSUMPTION permissions-twenty-per-call)."""


def _operation(action: str, method: Any, path: str, *, repeatable: bool = True) -> Operation:
    return Operation(
        product="modelstudio",
        version=_VERSION,
        action=action,
        method=method,
        path=f"/modelstudio{path}",
        repeatable=repeatable,
    )


CREATE_WORKSPACE = _operation("CreateWorkspace", "POST", "/workspaces", repeatable=False)
LIST_WORKSPACES = _operation("ListWorkspaces", "GET", "/workspaces")
DELETE_WORKSPACE = _operation("DeleteWorkspace", "DELETE", "/workspaces/{id}")
CREATE_API_KEY = _operation("CreateApiKey", "POST", "/apikeys", repeatable=False)
GET_API_KEY = _operation("GetApiKey", "GET", "/apikeys/{id}")
LIST_API_KEYS = _operation("ListApiKeys", "GET", "/apikeys")
UPDATE_API_KEY = _operation("UpdateApiKey", "PUT", "/apikeys/{id}")
ENABLE_API_KEY = _operation("EnableApiKey", "PUT", "/apikeys/{id}/enable")
DISABLE_API_KEY = _operation("DisableApiKey", "PUT", "/apikeys/{id}/disable")
DELETE_API_KEY = _operation("DeleteApiKey", "DELETE", "/apikeys/{id}")
LIST_MODEL_PERMISSIONS = _operation("ListModelPermissions", "GET", "/models/permissions")
UPDATE_MODEL_PERMISSIONS = _operation("UpdateModelPermissions", "POST", "/models/permissions")


@dataclass(frozen=True, kw_only=True)
class WorkspaceInfo:
    """A workspace as the service lists it."""

    workspace_id: str
    name: str
    region: str
    api_host: str
    """Host name only; "" when the service does not say it (yet)."""
    service_site: str


@dataclass(frozen=True, kw_only=True)
class KeyScope:
    """What a key may do."""

    models: tuple[str, ...] | None
    """Model names; None: every model that its workspace may call."""
    allowed_ips: tuple[str, ...]
    """Addresses and networks; () with a model list means every address."""


@dataclass(frozen=True, kw_only=True)
class KeyInfo:
    """A key as the service answers it. `value` is set by CreateApiKey only; Get and List answer a masked one."""

    key_id: str
    workspace_id: str
    description: str
    created_by: str
    created_at: float
    """Seconds since the epoch."""
    disabled: bool = False
    scope: KeyScope | None = None
    value: str = ""
    masked: str = ""
    """The value as Get and List show it, with stars in its middle (ASSUMPTION get-key-masked)."""


OPEN_ADDRESSES = frozenset({"0.0.0.0/0", "::/0"})
"""What the service puts into an empty IP list of a custom key (ASSUMPTION empty-ip-list-is-world)."""


class ControlPlane:
    """Workspaces, keys and model permissions."""

    def __init__(self, sdk: Sdk) -> None:
        self._sdk = sdk

    # workspaces

    def create_workspace(self, region: str, name: str, service_site: str | None) -> WorkspaceInfo:
        """Create a workspace. Not repeatable (ASSUMPTION workspace-names-not-unique): when lost, look for the name."""
        query = {"workspaceName": name} | ({"serviceSite": service_site} if service_site else {})
        answer = self._sdk.call(CREATE_WORKSPACE, region, query=query)
        return _workspace(_object(answer, "workspace", CREATE_WORKSPACE))

    def workspaces(self, region: str, *, workspace_id: str = "", name: str = "") -> list[WorkspaceInfo]:
        """Return the workspaces of a region whose id or name is exactly as given."""
        query = {"workspaceId": workspace_id, "workspaceName": name}
        found = (_workspace(item) for item in self._pages(LIST_WORKSPACES, region, query, "workspaces"))
        return [w for w in found if workspace_id in ("", w.workspace_id) and name in ("", w.name)]

    def delete_workspace(self, region: str, workspace_id: str) -> list[str]:
        """Delete a workspace; return the service's reasons why it did not, or [] when it is gone.

        A refusal comes as a 200 with `isDeleted: false` (ASSUMPTION delete-refused-in-200). Raises ServiceError.
        """
        answer = self._sdk.call(DELETE_WORKSPACE, region, path_id=_required(workspace_id, "workspace id"))
        if answer.get("isDeleted") is True:
            return []
        reasons = [f"{r.get('resourceType')}: {r.get('reason')}" for r in as_objects(answer.get("failReasons"))]
        return reasons or ["the service gave no reason"]

    # keys

    def create_api_key(self, region: str, workspace_id: str, description: str, scope: KeyScope) -> KeyInfo:
        """Mint a key. Not repeatable: when the answer is lost, find the key by its description.

        An empty workspace id is refused: the service would use the default workspace.
        """
        query = {"workspaceId": _required(workspace_id, "workspace id"), "description": description}
        answer = self._sdk.call(CREATE_API_KEY, region, query=query, form=_auth(scope))
        item = _object(answer, "apiKey", CREATE_API_KEY)
        value = item.get("apiKeyValue")
        if not isinstance(value, str) or not value or "*" in value:
            raise ServiceError(CREATE_API_KEY.action, "lost", "the answer holds no key value")
        remember(value)
        return replace(_key(item), value=value)

    def api_key(self, region: str, key_id: str) -> KeyInfo | None:
        """Return a key (without its value), or None when it does not exist.

        Any refusal is settled by ListApiKeys (ASSUMPTION missing-key-refused).
        """
        try:
            answer = self._sdk.call(GET_API_KEY, region, path_id=_required(key_id, "key id"))
        except ServiceError as error:
            if error.kind != "refused":
                raise
            listed = self._pages(LIST_API_KEYS, region, {"apiKeyId": key_id}, "apiKeys")
            return next((k for k in map(_key, listed) if k.key_id == key_id), None)
        return _key(_object(answer, "apiKey", GET_API_KEY))

    def api_keys(self, region: str, workspace_id: str, *, containing: str = "") -> list[KeyInfo]:
        """Return the keys of a workspace whose description contains a text; none when the workspace is gone."""
        query = {"workspaceId": _required(workspace_id, "workspace id"), "description": containing}
        try:
            found = list(map(_key, self._pages(LIST_API_KEYS, region, query, "apiKeys")))
        except ServiceError as error:
            if error.kind != "refused" or self.workspaces(region, workspace_id=workspace_id):
                raise
            return []
        return [k for k in found if k.workspace_id == workspace_id and containing in k.description]

    def update_api_key(self, region: str, key_id: str, scope: KeyScope) -> None:
        """Replace all of what a key may do (ASSUMPTION auth-replaced-whole)."""
        self._sdk.call(UPDATE_API_KEY, region, path_id=_required(key_id, "key id"), form=_auth(scope))

    def enable_api_key(self, region: str, key_id: str) -> None:
        """Enable a key; one that is enabled already is fine."""
        self._switch(ENABLE_API_KEY, region, key_id, disabled=False)

    def disable_api_key(self, region: str, key_id: str) -> None:
        """Disable a key; one that is disabled already is fine."""
        self._switch(DISABLE_API_KEY, region, key_id, disabled=True)

    def _switch(self, operation: Operation, region: str, key_id: str, *, disabled: bool) -> None:
        """What is so already is refused (ASSUMPTION switch-twice-refused), so any error is settled by looking."""
        try:
            self._sdk.call(operation, region, path_id=_required(key_id, "key id"))
        except ServiceError:
            key = self.api_key(region, key_id)
            if key is None or key.disabled != disabled:
                raise

    def delete_api_key(self, region: str, key_id: str) -> None:
        """Delete a key; one that is gone already is fine."""
        try:
            self._sdk.call(DELETE_API_KEY, region, path_id=_required(key_id, "key id"))
        except ServiceError:
            if self.api_key(region, key_id) is not None:
                raise

    # model permissions

    def models(self, region: str, workspace_id: str, *, authorized: bool) -> list[str]:
        """Return the models that a workspace may call, or (authorized=False) all that it could be allowed to."""
        query = {
            "workspaceId": _required(workspace_id, "workspace id"),
            "authorizationScope": "AUTHORIZED" if authorized else "AUTHORIZABLE",
            "modelAction": "INFERENCE",
        }
        items = self._pages(LIST_MODEL_PERMISSIONS, region, query, "list")
        return sorted({str(item["model"]) for item in items if item.get("model")})

    def may_call(self, region: str, workspace_id: str, model: str, *, authorized: bool = True) -> bool:
        """Return whether a workspace is, or (authorized=False) can be, authorised for a model.

        ASSUMPTION filter-model-exact.
        """
        query = {
            "workspaceId": _required(workspace_id, "workspace id"),
            "authorizationScope": "AUTHORIZED" if authorized else "AUTHORIZABLE",
            "modelAction": "INFERENCE",
            "filter.model": model,
        }
        return any(item.get("model") == model for item in self._pages(LIST_MODEL_PERMISSIONS, region, query, "list"))

    def allow_all_models(self, region: str, workspace_id: str) -> None:
        """Let a workspace call every model, future ones too."""
        form = {"workspaceId": _required(workspace_id, "workspace id"), "accessAllEntities": "OPEN"}
        self._sdk.call(UPDATE_MODEL_PERMISSIONS, region, form=form)

    def close_all_models(self, region: str, workspace_id: str) -> None:
        """Take the one-click permission for all models back."""
        form = {"workspaceId": _required(workspace_id, "workspace id"), "accessAllEntities": "CLOSE"}
        self._sdk.call(UPDATE_MODEL_PERMISSIONS, region, form=form)

    def set_models(self, region: str, workspace_id: str, *, allow: Sequence[str], deny: Sequence[str]) -> None:
        """Allow some models one by one and take others back."""
        wanted = [(model, "true") for model in allow] + [(model, "false") for model in deny]
        for start in range(0, len(wanted), _PERMISSION_CHUNK):
            form = {"workspaceId": _required(workspace_id, "workspace id"), "accessAllEntities": "KEEP"}
            for n, (model, inference) in enumerate(wanted[start : start + _PERMISSION_CHUNK], start=1):
                form |= {f"models.{n}.model": model, f"models.{n}.inference": inference}
            self._sdk.call(UPDATE_MODEL_PERMISSIONS, region, form=form)

    def _pages(self, operation: Operation, region: str, query: Mapping[str, str], items: str) -> Iterator[Json]:
        return pages(self._sdk, operation, region, query, items)


def _auth(scope: KeyScope) -> dict[str, str]:
    """Spell a scope as the form fields of CreateApiKey and UpdateApiKey (ASSUMPTION small-letter-booleans)."""
    if scope.models is None and not scope.allowed_ips:
        return {"auth.type": "All"}
    form = {"auth.type": "Custom", "auth.modelAccessScope.allowAllModels": "true" if scope.models is None else "false"}
    for n, address in enumerate(scope.allowed_ips, start=1):
        form[f"auth.accessIps.{n}"] = address
    for n, model in enumerate(scope.models or (), start=1):
        form[f"auth.modelAccessScope.accessibleModels.{n}"] = model
    return form


def _scope(auth: Any) -> KeyScope | None:
    if not isinstance(auth, dict):
        return None
    given = as_object(auth)
    if given.get("type") != "Custom":
        return KeyScope(models=None, allowed_ips=())
    models = as_object(given.get("modelAccessScope"))
    every = models.get("allowAllModels") in (True, "true")
    ips = tuple(str(ip) for ip in as_list(given.get("accessIps")))
    return KeyScope(
        models=None if every else tuple(str(m) for m in as_list(models.get("accessibleModels"))),
        allowed_ips=() if set(ips) <= OPEN_ADDRESSES else ips,
    )


def _workspace(item: Json) -> WorkspaceInfo:
    return WorkspaceInfo(
        workspace_id=_answered(item, "workspaceId"),
        name=str(item.get("workspaceName") or ""),
        region=str(item.get("region") or ""),
        api_host=str(item.get("apiHost") or ""),
        service_site=str(item.get("serviceSite") or ""),
    )


def _key(item: Json) -> KeyInfo:
    value = str(item.get("apiKeyValue") or "")
    return KeyInfo(
        key_id=_answered(item, "apiKeyId"),
        workspace_id=str(item.get("workspaceId") or ""),
        description=str(item.get("description") or ""),
        created_by=str(item.get("createdBy") or ""),
        created_at=_seconds(item.get("gmtCreate")),
        disabled=item.get("disabled") in (1, "1", True),
        scope=_scope(item.get("auth")),
        masked=value if "*" in value else "",
    )


def _seconds(milliseconds: Any) -> float:
    """Return a time; 0 for what is none: a key that was just made must not be lost over it."""
    try:
        return float(milliseconds or 0) / 1000
    except (TypeError, ValueError):
        return 0.0


def _object(answer: Json, name: str, operation: Operation) -> Json:
    if not isinstance(answer.get(name), dict):
        raise ServiceError(operation.action, "lost", f"the answer holds no {name}")
    return as_object(answer[name])


def _answered(item: Json, name: str) -> str:
    """Return an id out of an answer; one without it tells as little of what was made as none at all."""
    if not item.get(name):
        raise ServiceError("answer", "lost", f"it holds no {name}")
    return str(item[name])


def _required(value: str, what: str) -> str:
    if not value:
        raise ServiceError("request", "refused", f"empty {what}")
    return value
