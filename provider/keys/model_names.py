"""Whether the models of a list exist, asked of the service before a key is made or a permission set."""

from catalogue.models import check_offered
from catalogue.rules import Refused
from provider.client.errors import ServiceError
from provider.client.shapes import as_list
from provider.resource import Call, RefusedError, text_of
from provider.values import Values


def check_models(call: Call, news: Values, *, before: Values | None = None) -> None:
    """Refuse a list that names models which the region does not have.

    `before`: the state of a key. Where its list is the same, as in a rotation, there is only a warning: a model that
    has ended must not keep a leaked key from being replaced, and the service has the last word.
    """
    region, names = text_of(news, "regionId"), [str(model) for model in as_list(news.get("models"))]
    existing = call.services.models.of(region) if names else frozenset[str]()
    if not existing:
        return
    missing = [name for name in names if name not in existing and not _can_be_allowed(call, news, name)]
    try:
        check_offered(region, missing, existing)
    except Refused as refused:
        if before is None or any(before.get(same) != news.get(same) for same in ("models", "regionId")):
            raise RefusedError(str(refused)) from None
        call.warn(str(refused))


def _can_be_allowed(call: Call, news: Values, model: str) -> bool:
    """Whether a workspace can be allowed to call a model that is not listed (ASSUMPTION models-listed-whole)."""
    region, workspace = text_of(news, "regionId"), text_of(news, "workspaceId")
    try:
        return call.services.control_plane.may_call(region, workspace, model, authorized=False)
    except ServiceError:
        return True
