"""The key of one service: minted in its workspace, or brought; the same outputs either way.

One resource counts both, so that a service may go from one to the other as through any rotation: the next generation is
delivered, and the minted key ends after its overlap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

import pulumi

from catalogue.access import RotationFacts, of_minting
from catalogue.pairs import KeyFacts
from catalogue.rotation import DEFAULT_OVERLAP, DEFAULT_SOAK
from catalogue.rows import Region, as_plan, as_region
from components.regional_workspace import RegionalWorkspace
from components.target import Target
from provider.resources.api_key import ApiKey, ApiKeyArgs, Trigger
from provider.resources.brought_key import BroughtKey
from provider.resources.key_retirement import KeyRetirement, Retire
from provider.resources.owner import Owner


class KmsKeyArgs(TypedDict):
    """A KMS secret that holds a key."""

    name: str
    """Name of the secret."""
    region: NotRequired[str | None]
    """Region of the secret; the service's when left out."""
    field: NotRequired[str | None]
    """Field of the JSON object in it; left out: all of it is the key."""


class BroughtKeyFacts(TypedDict):
    """A key that was made elsewhere: where it comes from, and what is said of it."""

    value: NotRequired[pulumi.Input[str] | None]
    """The key, as a Pulumi secret; or from_kms."""
    from_kms: NotRequired[KmsKeyArgs | None]
    """Where the key lies; or value."""
    billing_plan: NotRequired[str | None]
    """Its plan: pay_as_you_go, token_plan or coding_plan. Left out: that of the domain."""
    region: NotRequired[str | None]
    """Region that it was made in. Left out: that of the URLs."""
    workspace_id: NotRequired[str | None]
    """Workspace that it belongs to. Left out: that of the URLs."""


class RotationArgs(TypedDict):
    """When a minted key is replaced, and how the old one ends. Times are seconds, generations count from 1.

    Of a brought key `overlap`, `soak`, `retire` and `revoke_through` may be said: for those minted before it.
    """

    max_age: NotRequired[int | None]
    """Age at which the next `up` mints the next generation; left out: age rotates nothing."""
    overlap: NotRequired[int | None]
    """How long a superseded key goes on working once every sink holds its successor. Default: 7 days."""
    soak: NotRequired[int | None]
    """How long it is disabled, and can be enabled again, before it is deleted. Default: 2 days."""
    trigger: NotRequired[Trigger | None]
    """any_up (default): any `up` rotates a key that is due. scheduled: only a new value of `rotate` does."""
    rotate: NotRequired[pulumi.Input[str] | None]
    """With `scheduled`: each new value rotates once."""
    min_generation: NotRequired[int | None]
    """Mint until this generation is reached."""
    serve_generation: NotRequired[int | None]
    """Deliver this older generation again, and pause age rotation and retirement."""
    revoke_through: NotRequired[int | None]
    """Replace this and lower generations, and disable them in the same `up`, without overlap."""
    retire: NotRequired[Retire | None]
    """automatic (default), or manual: superseded keys go on working until that is changed."""


@dataclass(frozen=True, kw_only=True)
class ServiceKey:
    """A key, whoever made it."""

    key_id: pulumi.Output[str]
    """"" for a brought one."""
    value: pulumi.Output[str]
    """Secret."""
    generation: pulumi.Output[int]
    created_by: pulumi.Output[str]
    """"" for a brought one."""
    minted_at: pulumi.Output[str] | None
    """None for a brought one: it may be old although it is new here."""
    rotate_after: pulumi.Output[str]
    """When age rotates it; "" for never."""
    superseded: pulumi.Output[Sequence[Mapping[str, Any]]]
    """Minted keys that are to be retired. A brought one never is: it ends where it was made."""


@dataclass(frozen=True)
class Retired:
    """What became of the superseded keys of one service."""

    keys: pulumi.Output[Mapping[str, str]]
    """Generation, phase, and until when, by key id."""
    next: pulumi.Output[str]
    """When the next of them goes on; "" when none does by itself."""


def mint(
    name: str,
    owner: Owner,
    workspace: RegionalWorkspace,
    *,
    models: Sequence[str] | None,
    allowed_ips: Sequence[str] | None,
    open_to_world: bool,
    rotation: RotationArgs,
    parent: pulumi.Resource,
) -> ServiceKey:
    """Make a key in `workspace`."""
    args: ApiKeyArgs = {
        "region_id": workspace.region,
        "workspace_id": workspace.workspace_id,
        "owner_id": owner.owner_id,
        "models": models,
        "allowed_ips": allowed_ips,
        "open_to_world": open_to_world,
        "max_age": rotation.get("max_age"),
        "trigger": rotation.get("trigger"),
        "rotate": rotation.get("rotate"),
        "min_generation": rotation.get("min_generation"),
        "serve_generation": rotation.get("serve_generation"),
        "revoke_through": rotation.get("revoke_through"),
    }
    # A key's model list may only name models that its workspace may call already.
    key = ApiKey(f"{name}-key", args, pulumi.ResourceOptions(parent=parent, depends_on=workspace.ready))
    return _service_key(key, key.created_at)


def bring(
    name: str,
    owner: Owner,
    target: Target,
    given: BroughtKeyFacts,
    rotation: RotationArgs,
    parent: pulumi.Resource,
) -> ServiceKey:
    """Take a key over."""
    secret = given.get("from_kms")
    brought = BroughtKey(
        f"{name}-brought",
        {
            "region_id": account_region(target.region),
            "domain": target.domain,
            "url_region": target.region,
            "url_workspace_id": target.workspace_id if target.domain == "dedicated" else None,
            "key": given.get("value"),
            "secret_region_id": (secret.get("region") or account_region(target.region)) if secret else None,
            "secret_name": secret["name"] if secret else None,
            "secret_field": secret.get("field") if secret else None,
            "billing_plan": given.get("billing_plan"),
            "key_region": given.get("region"),
            "key_workspace_id": given.get("workspace_id"),
        },
        # The owner stands for the stack: where the state is a copy, nothing is taken over.
        pulumi.ResourceOptions(parent=parent, depends_on=[owner]),
    )
    args: ApiKeyArgs = {
        "region_id": account_region(target.region),
        "workspace_id": target.workspace_id,
        "owner_id": owner.owner_id,
        "brought": brought.value,
        "revoke_through": rotation.get("revoke_through"),
    }
    return _service_key(ApiKey(f"{name}-key", args, pulumi.ResourceOptions(parent=parent)), None)


def _service_key(key: ApiKey, minted_at: pulumi.Output[str] | None) -> ServiceKey:
    return ServiceKey(
        key_id=key.key_id,
        value=key.value,
        generation=key.generation,
        created_by=key.created_by,
        minted_at=minted_at,
        rotate_after=key.rotate_after,
        superseded=key.superseded_keys,
    )


def retire(
    name: str,
    owner: Owner,
    key: ServiceKey,
    rotation: RotationArgs,
    revision: pulumi.Output[int],
    held: Mapping[str, pulumi.Output[str]],
    takes_effect: Mapping[str, str],
    parent: pulumi.Resource,
) -> Retired:
    """End the superseded keys of a service, once `held`, what each of its sinks holds, is the current generation.

    A service whose key was always brought has none, but this resource too: a `destroy` begins with it, and in a copied
    state the plugin refuses it, before the alicloud plugin, which cannot know better, deletes a sink. It also says when
    what was delivered takes effect.
    """
    said = rotation_facts(rotation)
    retirement = KeyRetirement(
        f"{name}-retirement",
        {
            "owner_id": owner.owner_id,
            "generation": key.generation,
            "key_id": key.key_id,
            "revision": revision,
            "held": held,
            "takes_effect": takes_effect,
            "superseded": key.superseded,
            "overlap": said.overlap,
            "soak": said.soak,
            "retire": rotation.get("retire"),
            "paused": said.serve_generation is not None,
            "revoke_through": said.revoke_through,
        },
        pulumi.ResourceOptions(parent=parent),
    )
    return Retired(retirement.keys.apply(_phases), retirement.next)


def _phases(keys: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """Return one line for each key, such as `g1 overlap until 2027-02-28T10:00:00Z`, by key id."""
    shown: dict[str, str] = {}
    for key in keys:
        until = f" until {key['until']}" if key["until"] else ""
        shown[str(key["key_id"])] = f"g{int(key['generation'])} {key['phase']}{until}"
    return shown


def rotation_facts(given: RotationArgs) -> RotationFacts:
    """Return what is said of rotation, with the defaults."""
    overlap, soak = given.get("overlap"), given.get("soak")
    return RotationFacts(
        max_age=given.get("max_age"),
        overlap=DEFAULT_OVERLAP if overlap is None else overlap,
        soak=DEFAULT_SOAK if soak is None else soak,
        serve_generation=given.get("serve_generation"),
        revoke_through=given.get("revoke_through"),
        of_minting=of_minting(given),
    )


def account_region(region: str) -> Region:
    """Return where the account's own services are asked for `region`: Beijing for one that the catalogue has not."""
    return as_region(region) or "cn-beijing"


def key_facts(given: Mapping[str, object]) -> KeyFacts:
    """Return what is said of a brought key."""
    region, workspace = given.get("region"), given.get("workspace_id")
    return KeyFacts(
        billing_plan=as_plan(given.get("billing_plan")),
        region=region if isinstance(region, str) else None,
        workspace=workspace if isinstance(workspace, str) else None,
    )
