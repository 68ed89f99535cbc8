"""What a program may say of a service's key and its rotation."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi

from catalogue.pairs import KeyFacts
from catalogue.rotation import Retire, RotationPolicy, Trigger
from catalogue.rows import Region, as_plan, as_region


class SecretKeyArgs(TypedDict):
    """A secret that holds a key."""

    name: str
    """Name of the secret."""
    region: NotRequired[str | None]
    """Region of the secret; the service's when left out."""
    field: NotRequired[str | None]
    """Field of the JSON object in it; left out: all of it is the key."""


class ExistingKeyArgs(TypedDict):
    """A key that was made elsewhere: where it comes from, and what is said of it."""

    value: NotRequired[pulumi.Input[str] | None]
    """The key, as a Pulumi secret: it stands in the state, encrypted, as configuration does. Or from_kms, from_oos."""
    from_kms: NotRequired[SecretKeyArgs | None]
    """The KMS secret in which it lies."""
    from_oos: NotRequired[SecretKeyArgs | None]
    """The OOS secret parameter in which it lies."""
    billing_plan: NotRequired[str | None]
    """Its plan: pay_as_you_go, token_plan or coding_plan. Left out: that of the domain."""
    region: NotRequired[str | None]
    """Region that it was made in. Left out: that of the URLs."""
    workspace_id: NotRequired[str | None]
    """Workspace that it belongs to. Left out: that of the URLs."""


class RotationArgs(TypedDict):
    """When a minted key is replaced, and how the old one ends: the words of `RotationPolicy`.

    Of an existing key `overlap`, `soak`, `retire` and `revoke_through` may be said: for those minted before it.
    """

    max_age: NotRequired[int | None]
    overlap: NotRequired[int | None]
    soak: NotRequired[int | None]
    trigger: NotRequired[Trigger | None]
    rotate: NotRequired[pulumi.Input[str] | None]
    min_generation: NotRequired[int | None]
    serve_generation: NotRequired[int | None]
    revoke_through: NotRequired[int | None]
    retire: NotRequired[Retire | None]


def policy_of(given: RotationArgs | None) -> tuple[RotationPolicy, Mapping[str, Any]]:
    """Return the policy, and it as the input of a resource, in which `rotate` may be known later."""
    said: Mapping[str, Any] = given or {}
    rotate = said.get("rotate")
    later = isinstance(rotate, pulumi.Output)
    policy = RotationPolicy.of({name: value for name, value in said.items() if name != "rotate" or not later})
    return policy, {**policy.wire(), "rotate": rotate} if later else policy.wire()


def key_facts(given: ExistingKeyArgs) -> KeyFacts:
    """Return what is said of an existing key."""
    return KeyFacts(
        billing_plan=as_plan(given.get("billing_plan")),
        region=given.get("region"),
        workspace=given.get("workspace_id"),
    )


def account_region(region: str) -> Region:
    """Return where the account's own services are asked for `region`: Beijing for one that the catalogue has not."""
    return as_region(region) or "cn-beijing"


def place_of_key(given: ExistingKeyArgs, region: str) -> dict[str, str] | None:
    """Return where an existing key lies, as the input of its resource; None where its value is given."""
    for store, secret in (("kms", given.get("from_kms")), ("oos", given.get("from_oos"))):
        if secret is not None:
            field = secret.get("field")
            where = {"store": store, "regionId": secret.get("region") or region, "name": secret["name"]}
            return where | ({"field": field} if field else {})
    return None
