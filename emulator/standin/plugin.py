"""What the plugin does for each request of the engine, without the wire."""

from collections.abc import Iterable
from dataclasses import dataclass

from emulator.standin import plan
from emulator.standin.client import Api
from emulator.standin.clock import Clock
from emulator.standin.errors import Failure, GoneError
from emulator.standin.kms_secret import KmsSecret
from emulator.standin.mse_nacos_config import MseNacosConfig
from emulator.standin.oos_parameter import OosParameter
from emulator.standin.oos_secret_parameter import OosSecretParameter
from emulator.standin.previewed import FcFunction, SaeApplication
from emulator.standin.resource import ResourceType
from emulator.standin.sae_config_map import SaeConfigMap
from emulator.standin.settings import configure
from emulator.standin.values import Values

TYPES: dict[str, ResourceType] = {
    kind.token: kind for kind in (KmsSecret(), MseNacosConfig(), OosParameter(), OosSecretParameter(), SaeConfigMap())
}
"""The served types. A new one is a module and an entry here."""
KNOWN = TYPES | {kind.token: kind for kind in (FcFunction(), SaeApplication())}
"""With those that are only previewed."""

NOTICE = (
    "alicloud: the stand-in plugin of this project's emulator is used (loopback only); "
    "the published plugin could not be had"
)


class HalfDone(Exception):
    """An operation that failed, but left something that the state must know."""

    def __init__(self, identifier: str, state: Values, reason: str) -> None:
        super().__init__(reason)
        self.identifier = identifier
        self.state = state


@dataclass(frozen=True)
class Found:
    """A resource as it was read."""

    outputs: Values
    inputs: Values


class Plugin:
    """One provider instance."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._api: Api | None = None

    def configure(self, args: Values) -> None:
        """Take over the provider's arguments. Raises Refused."""
        self._api = Api(configure(args), self.clock)

    def create(self, kind: ResourceType, urn: str, inputs: Values) -> tuple[str, Values]:
        """Make the object and read it back. Raises Failure, HalfDone and Cancelled."""
        api = self._called()
        state = plan.planned(kind, inputs)
        identifier = kind.create(api, state)
        try:
            kind.read(api, identifier, state, just_made=True)
        except Failure as failure:
            raise HalfDone(identifier, _output(kind, identifier, state), f"creating {urn}: {failure}") from None
        return identifier, _output(kind, identifier, state)

    def read(self, kind: ResourceType, urn: str, identifier: str, state: Values, inputs: Values) -> Found | None:
        """Read the object; None where there is no such one. Without a state it is an import or a read by id."""
        found = plan.with_defaults(kind, state) if state else {}
        try:
            kind.read(self._called(), identifier, found, just_made=False)
        except GoneError:
            return None
        except Failure as failure:
            raise Failure(f"refreshing {urn}: {failure}") from None
        outputs = _output(kind, identifier, found)
        return Found(outputs, plan.refreshed_inputs(inputs, outputs) if state else plan.imported_inputs(kind, outputs))

    def update(
        self, kind: ResourceType, urn: str, identifier: str, olds: Values, inputs: Values, ignored: Iterable[str]
    ) -> Values:
        """Change what differs and read the object back. Raises HalfDone and Cancelled."""
        api = self._called()
        changed = plan.diff(kind, olds, inputs, ignored).changed
        old, wanted = plan.with_defaults(kind, olds), plan.apply(kind, olds, inputs, changed)
        state = wanted
        try:
            if changed:
                kind.update(api, identifier, old, wanted, changed)
            kind.read(api, identifier, state, just_made=False)
        except Failure as failure:
            left = old if kind.keeps_state_of_failed_update else state
            raise HalfDone(identifier, _output(kind, identifier, left), f"updating {urn}: {failure}") from None
        return _output(kind, identifier, state)

    def delete(self, kind: ResourceType, urn: str, identifier: str, state: Values) -> None:
        """Remove the object. Raises Failure and Cancelled."""
        try:
            kind.delete(self._called(), identifier, plan.with_defaults(kind, state))
        except Failure as failure:
            raise Failure(f"deleting {urn}: {failure}") from None

    def _called(self) -> Api:
        if self._api is None:
            raise Failure("the provider is not configured")
        return self._api


def _output(kind: ResourceType, identifier: str, state: Values) -> Values:
    return state | {"id": identifier} | ({"__meta": kind.meta} if kind.meta else {})
