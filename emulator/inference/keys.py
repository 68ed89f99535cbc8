"""Whose key a call carries, and what is known of it at the host called."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Literal

from emulator.hosts import Host
from emulator.state import ApiKey, Store, Workspace


@dataclass(frozen=True, kw_only=True)
class Holder:
    """What is known of the key of a call."""

    known: Literal["none", "unknown", "blocked", "live", "anybody"]
    """none: the call carries no key. unknown: it is no key of this region or plan. anybody: keys are not looked at."""
    key: ApiKey | None = None
    workspace: Workspace | None = None
    """None for a key of a subscription plan."""


def carried(host: Host | None, headers: Mapping[str, str], query_key: str, *, payg_takes_x_api_key: bool) -> str:
    """Return the key that a call carries, or "".

    The Token Plan takes `x-api-key` as well as a bearer token (seen 2026-09-22, d066), pay-as-you-go does not (seen
    2026-03-25, d100). That the Coding Plan takes both is assumed.
    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    if query_key:
        return query_key
    if host and host.plan == "pay_as_you_go" and not payg_takes_x_api_key:
        return ""
    return headers.get("x-api-key", "")


def find_holder(store: Store, host: Host, value: str) -> Holder:
    """Return what is known of a key at a host."""
    if store.settings.admit_any_key:
        return Holder(known="anybody")
    if not value:
        return Holder(known="none")
    if host.plan != "pay_as_you_go":
        keys = store.state.plan_keys
        live = any(k.value == value and k.plan == host.plan and k.region == host.region for k in keys)
        return Holder(known="live" if live else "unknown")
    key = next((k for k in store.state.keys if value == k.value or value in k.former), None)
    if key is None or (workspace := store.workspace(key.workspace_id)).region != host.region:
        return Holder(known="unknown")
    if key.disabled or value in key.former:
        blocked = store.settings.disabled_keys_are_blocked
        return Holder(known="blocked" if blocked else "unknown", key=key, workspace=workspace)
    return Holder(known="live", key=key, workspace=workspace)


def host_workspace(store: Store, host_name: str) -> Workspace | None:
    """Return the workspace whose dedicated host that is."""
    return next((w for w in store.state.workspaces if w.api_host == host_name), None)


def serves(store: Store, host: Host, host_name: str, holder: Holder) -> bool:
    """Say whether a host is the key's: each is, but for the dedicated ones of other workspaces and of none."""
    if host.domain != "dedicated" or holder.known == "anybody":
        return True
    if holder.workspace is None:
        return False
    # A key of another region has no workspace here: find_holder.
    whole_region = store.settings.keys_open_their_whole_region and host_workspace(store, host_name) is not None
    return whole_region or holder.workspace.api_host == host_name


def address_allowed(key: ApiKey, peer: str) -> bool:
    """Say whether a key may be used from an address."""
    if key.auth.type != "Custom":
        return True
    address = ip_address(peer)
    networks = (ip_network(entry, strict=False) for entry in key.auth.access_ips)
    return any(address.version == network.version and address in network for network in networks)
