"""The key of one service: minted in its workspace, or brought; the same outputs either way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

import pulumi

from catalogue.pairs import KeyFacts
from catalogue.rows import Region, as_plan, as_region
from components.regional_workspace import RegionalWorkspace
from components.target import Target
from provider.resources.api_key import ApiKey
from provider.resources.brought_key import BroughtKey
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


def mint(
    name: str,
    owner: Owner,
    workspace: RegionalWorkspace,
    *,
    models: Sequence[str] | None,
    allowed_ips: Sequence[str] | None,
    open_to_world: bool,
    parent: pulumi.Resource,
) -> ServiceKey:
    """Make a key in `workspace`."""
    key = ApiKey(
        f"{name}-key",
        {
            "region_id": workspace.region,
            "workspace_id": workspace.workspace_id,
            "owner_id": owner.owner_id,
            "models": models,
            "allowed_ips": allowed_ips,
            "open_to_world": open_to_world,
        },
        # A key's model list may only name models that its workspace may call already.
        pulumi.ResourceOptions(parent=parent, depends_on=workspace.ready),
    )
    return ServiceKey(
        key_id=key.key_id,
        value=key.value,
        generation=key.generation,
        created_by=key.created_by,
        minted_at=key.created_at,
    )


def bring(name: str, owner: Owner, target: Target, given: BroughtKeyFacts, parent: pulumi.Resource) -> ServiceKey:
    """Take a key over."""
    secret = given.get("from_kms")
    key = BroughtKey(
        f"{name}-key",
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
    return ServiceKey(
        key_id=key.key_id,
        value=key.value,
        generation=key.generation,
        created_by=key.created_by,
        minted_at=None,
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
