"""What a key may do, between inputs, the service's words, and what is compared."""

from typing import Any

from catalogue.rules import Refused, check_workspace
from provider.client.control_plane import KeyScope
from provider.client.shapes import as_list
from provider.resource import Failure
from provider.values import Values


def workspace_failures(news: Values) -> list[Failure]:
    """Refuse an empty workspace id."""
    try:
        check_workspace(news["workspaceId"])
    except Refused as refused:
        return [Failure("workspaceId", str(refused))]
    return []


def scope_of(values: Values) -> KeyScope:
    """Read the scope off inputs; no `models` means every model of the workspace."""
    models = values.get("models")
    return KeyScope(
        models=None if models is None else tuple(str(m) for m in as_list(models)),
        allowed_ips=tuple(str(ip) for ip in as_list(values.get("allowedIps"))),
    )


def as_inputs(scope: KeyScope, inputs: Values) -> Values:
    """Return the scope as inputs; a list that was left out and is empty stays left out."""
    seen: dict[str, Any] = {"models": None if scope.models is None else sorted(scope.models)}
    if scope.allowed_ips or inputs.get("allowedIps") is not None:
        seen["allowedIps"] = sorted(scope.allowed_ips)
    return seen


def comparable(values: Values) -> Values:
    """Return the inputs that matter for what the service holds; left out and empty IP lists are the same."""
    compared = {name: values.get(name) for name in ("regionId", "workspaceId", "models")}
    return compared | {"allowedIps": values.get("allowedIps") or []}
