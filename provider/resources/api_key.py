"""One service's key, as a program uses it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

import pulumi

from catalogue.access import Verify
from provider.keys.handler import ApiKeyHandler
from provider.resources.base import ModelStudioResource


class ApiKeyArgs(TypedDict):
    """Inputs of :class:`ApiKey`."""

    region_id: pulumi.Input[str]
    """Region of the workspace."""
    workspace_id: pulumi.Input[str]
    """Workspace that the key belongs to; "" for an existing key without one."""
    owner_id: pulumi.Input[str]
    """Owner id of the stack."""
    existing_key: NotRequired[pulumi.Input[str] | None]
    """A key that was made elsewhere, as a secret, instead of minting one. A new value is a new generation."""
    existing_at: NotRequired[Mapping[str, str | None] | None]
    """Where such a key lies: store (kms, oos), regionId, name, and field of the JSON object there."""
    billing_plan: NotRequired[str | None]
    """What is said of an existing key: its billing plan."""
    key_region: NotRequired[str | None]
    """What is said of an existing key: its region."""
    key_workspace_id: NotRequired[str | None]
    """What is said of an existing key: its workspace."""
    models: NotRequired[Sequence[str] | None]
    """Models that the key may call, at most 30; left out: all that its workspace may."""
    allowed_ips: NotRequired[Sequence[str] | None]
    """Addresses and networks that may use it, at most 20."""
    open_to_world: NotRequired[bool]
    """Said when a key with a model list shall open from every address."""
    rotation: NotRequired[Mapping[str, Any] | None]
    """When it is replaced: `RotationPolicy.wire()`; left out: never by age."""
    urls: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    """Base URL by protocol, as they will be delivered."""
    domain: str
    """Domain of these URLs."""
    url_region: NotRequired[str | None]
    """Region of these URLs; region_id when left out."""
    verify: NotRequired[Verify | None]
    """What may be delivered: required (default for a minted key), free (default for others), best_effort or off."""
    verify_model: NotRequired[str | None]
    """The model to call where a real call is needed; left out: one of the catalogue's table."""
    isolation: NotRequired[bool | None]
    """Whether the key must be refused on hosts that are not its own. Default: not asked."""
    prefix: NotRequired[str | None]
    """Prefix of a double of the inference hosts."""
    vault: NotRequired[Mapping[str, pulumi.Input[str | None]] | None]
    """Where the value lies: see the property."""
    also_at: NotRequired[Sequence[str] | None]
    """The other secret places of the service."""
    key_alone: NotRequired[bool | None]
    """Whether one of its secrets holds the key without the URLs."""
    keep_value: NotRequired[bool | None]
    """Put the value into the state. Default: no."""
    probe_on_refresh: NotRequired[bool | None]
    """Whether a refresh reads the value and asks the URLs again. Default: yes."""


class ApiKey(ModelStudioResource):
    """One service's keys."""

    handler = ApiKeyHandler
    key_id: pulumi.Output[str]
    """Id of the current key; "" for an existing one."""
    generation: pulumi.Output[int]
    """Counts the keys of this service from 1, minted and existing."""
    created_by: pulumi.Output[str]
    """Account or RAM user that it belongs to: it dies with that user; "" for an existing one."""
    superseded: pulumi.Output[Sequence[Mapping[str, Any]]]
    """Keys that are not current but may be alive: generation, key_id, region_id, workspace_id, supersededAt."""
    rotate_after: pulumi.Output[str]
    """When age replaces it, ISO 8601, UTC; "" when it never does."""
    fingerprint: pulumi.Output[str]
    """By which its value is known."""
    stored: pulumi.Output[str]
    """Id of the vault's version that holds it."""
    series: pulumi.Output[str]
    """What the marks of this service's keys have in common."""
    record: pulumi.Output[Mapping[str, str]]
    """The record without keys, and where the secret is."""
    revision: pulumi.Output[int]
    """Counts the changes of the record, from 1."""
    digest: pulumi.Output[str]
    """Digest of key and facts."""
    held: pulumi.Output[str]
    """Generation and revision that the vault's readers get."""
    outcome: pulumi.Output[str]
    """verified, accepted, refused, inconclusive, not_checkable or not_checked."""
    verified_at: pulumi.Output[str]
    """Since when the outcome holds."""
    value: pulumi.Output[str]
    """The key, as a secret; only where keep_value asks for it."""

    if TYPE_CHECKING:  # the base does it: each call more is a frame more in the state of each resource

        def __init__(self, name: str, args: ApiKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...
