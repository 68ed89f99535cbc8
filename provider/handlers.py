"""Every resource type of the plugin; a new one is a module in resources/ and a line here."""

from provider.keys.handler import ApiKeyHandler
from provider.resource import Handler
from provider.resources.key_retirement import KeyRetirementHandler
from provider.resources.owner import OwnerHandler
from provider.resources.secret_place import SecretPlaceHandler
from provider.resources.secret_version import SecretVersionHandler
from provider.resources.workspace import WorkspaceHandler


def handlers() -> tuple[Handler, ...]:
    """Return one handler per resource type."""
    return (
        OwnerHandler(),
        WorkspaceHandler(),
        SecretPlaceHandler(),
        ApiKeyHandler(),
        SecretVersionHandler(),
        KeyRetirementHandler(),
    )
