"""Who may call what: key against host, address and model.

A wrong pair is a bare 401, whatever the reason (page "Base URL Overview": "otherwise, a 401 error occurs"); an address
or a model that the key may not use is a 403 (page "Error codes").
"""

from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from emulator.hosts import Host
from emulator.state import ApiKey, Store, Workspace


class Denied(Exception):
    """An inference call that is turned down; `code` is the vendor's word."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What an accepted key may do."""

    store: Store
    workspace: Workspace | None
    """None for a key of a subscription plan."""
    key: ApiKey | None

    @property
    def models(self) -> list[str]:
        """The models that the key may call."""
        return [model for model in self.store.settings.models if self._may_call(model)]

    def check_model(self, model: str) -> None:
        """Raise Denied unless the key may call the model."""
        if model not in self.store.settings.models:
            raise Denied(404, "model_not_found", f"The model `{model}` does not exist or you do not have access to it.")
        if not self._may_call(model):
            raise Denied(403, "Model.AccessDenied", "Model access denied.")

    def _may_call(self, model: str) -> bool:
        if not self.workspace or not self.key:
            return True
        auth = self.key.auth
        return self.workspace.may_call(model) and (auth.allow_all_models or model in auth.models)


def find_host(host: Host | None, name: str, store: Store) -> Host:
    """Return the host; a dedicated one must be some workspace's `apiHost`. Raises Denied (404)."""
    if host and (host.domain != "dedicated" or any(w.api_host == name for w in store.state.workspaces)):
        return host
    raise Denied(404, "NotFound", "There is no such host.")


def admit(store: Store, host: Host, host_name: str, value: str, peer: str) -> Grant:
    """Return what the key may do at this host, called from this address. Raises Denied."""
    if store.settings.admit_any_key:
        return Grant(store=store, workspace=None, key=None)
    if host.plan != "pay_as_you_go":
        if any(k.value == value and k.plan == host.plan and k.region == host.region for k in store.state.plan_keys):
            return Grant(store=store, workspace=None, key=None)
        raise _unauthorized()
    key = next((k for k in store.state.keys if k.value == value), None)
    if key is None or key.disabled or not key.visibility.usable(store.now()):
        raise _unauthorized()
    workspace = store.workspace(key.workspace_id)
    own_alone = host.domain == "dedicated" and not store.settings.keys_open_their_whole_region
    if workspace.region != host.region or (own_alone and workspace.api_host != host_name):
        raise _unauthorized()
    if key.auth.type == "Custom" and not _address_allowed(key.auth.access_ips, peer):
        raise Denied(403, "AccessDenied", "The IP address is not in the access whitelist of the API key.")
    return Grant(store=store, workspace=workspace, key=key)


def _unauthorized() -> Denied:
    return Denied(401, "invalid_api_key", "Incorrect API key provided.")


def _address_allowed(allowed: list[str], peer: str) -> bool:
    address = ip_address(peer)
    networks = (ip_network(entry, strict=False) for entry in allowed)
    return any(address.version == network.version and address in network for network in networks)
