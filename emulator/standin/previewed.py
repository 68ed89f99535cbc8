"""Types that a user's own program makes and this module only feeds: previewed, so that examples can be; never made."""

from collections.abc import Set as AbstractSet
from typing import NoReturn

from emulator.standin.client import Api
from emulator.standin.errors import Failure
from emulator.standin.resource import Property, ResourceType
from emulator.standin.values import Values


class _Previewed(ResourceType):
    """Checks and differences work; what would call a service is refused."""

    def create(self, api: Api, planned: Values) -> str:
        """Refuse."""
        del api, planned
        self._refuse()

    def read(self, api: Api, identifier: str, state: Values, *, just_made: bool) -> None:
        """Refuse."""
        del api, identifier, state, just_made
        self._refuse()

    def update(self, api: Api, identifier: str, old: Values, new: Values, changed: AbstractSet[str]) -> None:
        """Refuse."""
        del api, identifier, old, new, changed
        self._refuse()

    def delete(self, api: Api, identifier: str, state: Values) -> None:
        """Refuse."""
        del api, identifier, state
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise Failure(
            f"the stand-in plugin of the emulator only previews {self.token}; to make one, use the published plugin: "
            "pulumi plugin install resource alicloud"
        )


class FcFunction(_Previewed):
    """`alicloud:fc/v3Function:V3Function`: the inputs that the examples give (reference of the provider)."""

    token = "alicloud:fc/v3Function:V3Function"  # noqa: S105 - a type token
    properties = (
        Property(name="functionName", mode="optional_computed", force_new=True),
        Property(name="handler", mode="required"),
        Property(name="runtime", mode="required"),
        Property(name="code", kind="map"),
        Property(name="environmentVariables", kind="map", unspoken=True),
        Property(name="functionArn", mode="computed"),
    )


class SaeApplication(_Previewed):
    """`alicloud:sae/application:Application`: the inputs that the examples give (reference of the provider)."""

    token = "alicloud:sae/application:Application"  # noqa: S105 - a type token
    properties = (
        Property(name="appName", mode="required", force_new=True),
        Property(name="packageType", mode="required", force_new=True),
        Property(name="replicas", kind="integer", mode="required"),
        Property(name="cpu", kind="integer"),
        Property(name="memory", kind="integer"),
        Property(name="envs", unspoken=True),
        Property(name="imageUrl"),
        Property(name="namespaceId", mode="optional_computed", force_new=True),
    )
