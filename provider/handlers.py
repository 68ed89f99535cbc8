"""Every resource type of the plugin; a new one is a module in resources/ and a line here."""

from provider.resource import Handler
from provider.resources.api_key import ApiKeyHandler
from provider.resources.brought_key import BroughtKeyHandler
from provider.resources.model_permissions import ModelPermissionsHandler
from provider.resources.owner import OwnerHandler
from provider.resources.pair_check import PairCheckHandler
from provider.resources.secret_version import SecretVersionHandler
from provider.resources.workspace import WorkspaceHandler


def handlers() -> tuple[Handler, ...]:
    """Return one handler per resource type."""
    return (
        OwnerHandler(),
        WorkspaceHandler(),
        ModelPermissionsHandler(),
        ApiKeyHandler(),
        BroughtKeyHandler(),
        PairCheckHandler(),
        SecretVersionHandler(),
    )
