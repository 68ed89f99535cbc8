"""Everything a resource may call, made once per provider process and only when first used."""

import threading
from collections.abc import Mapping
from functools import cached_property

from provider.client.account import Account
from provider.client.control_plane import ControlPlane
from provider.client.errors import ServiceError
from provider.client.kms import Kms
from provider.client.listed import Listed
from provider.client.model_list import ModelList
from provider.client.oos import Oos
from provider.client.retry import Clock, RetryPolicy
from provider.client.sdk import Endpoints, Sdk
from provider.stores.store import SecretStore, SecretStoreName
from provider.stores.table import STORES

MODEL_CALLS = 4
"""Real calls of models at a time: they run into the account's rate limit together."""


class Services:
    """The account's services as one provider configuration sees them."""

    def __init__(
        self,
        *,
        account_id: str,
        endpoints: Endpoints,
        profile: str = "",
        role_arn: str = "",
        clock: Clock | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.account_id = account_id
        self.keys_end: dict[str, str] = {}
        """When retirement will have deleted a superseded key, ISO 8601, UTC, by key id: as far as this run heard."""
        self.model_calls = threading.BoundedSemaphore(MODEL_CALLS)
        """Held while a model is called."""
        self.claims: dict[str, str] = {}
        """URN of the resource that takes a secret place as its vault, by place: as this program says."""
        self.listed = Listed(self.clock.now)
        """Lists that serve the reads of one refresh."""
        self._permissions: dict[tuple[str, str, str], bool] = {}
        self._explicit = bool(profile or role_arn)
        self._sdk = Sdk(endpoints=endpoints, profile=profile, role_arn=role_arn, clock=self.clock, retry=retry)

    @cached_property
    def account(self) -> Account:
        """Whose credentials these are."""
        return Account(self._sdk, self.account_id, explicit=self._explicit)

    @cached_property
    def control_plane(self) -> ControlPlane:
        """Workspaces, keys, permissions."""
        return ControlPlane(self._sdk)

    @cached_property
    def models(self) -> ModelList:
        """The models of each region."""
        return ModelList(self._sdk)

    @cached_property
    def kms(self) -> Kms:
        """Secrets in KMS."""
        return Kms(self._sdk)

    @cached_property
    def oos(self) -> Oos:
        """Secret parameters in OOS."""
        return Oos(self._sdk)

    @cached_property
    def stores(self) -> Mapping[SecretStoreName, SecretStore]:
        """The secret stores, by name."""
        return {name: store(self._sdk) for name, store in STORES.items()}

    def may_call(self, region: str, workspace_id: str, model: str) -> bool | None:
        """Whether a workspace is authorised for a model; None where that cannot be told. Asked once in a run."""
        asked = (region, workspace_id, model)
        if asked not in self._permissions:
            try:
                self._permissions[asked] = self.control_plane.may_call(region, workspace_id, model)
            except ServiceError:
                return None
        return self._permissions[asked]
