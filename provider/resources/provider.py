"""The provider itself, as a program configures it. Never with an access key: that would stand in the state in clear."""

import json
from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi

from provider.resources.base import ArgumentError


class ProviderArgs(TypedDict):
    """Inputs of :class:`Provider`."""

    account_id: str
    """Account that everything belongs to; compared with the caller's before anything is written."""
    endpoints: NotRequired[Mapping[str, str | Mapping[str, str]] | None]
    """Addresses of modelstudio, kms and sts, each one or one per region; left out: the vendor's own."""
    profile: NotRequired[str | None]
    """Profile of the vendor's CLI to take credentials from."""
    role_arn: NotRequired[str | None]
    """Role to assume."""
    renamed_from: NotRequired[str | None]
    """Former <organization>/<project>/<stack>, once, after a rename."""

    clock_offset: NotRequired[float | None]
    """Seconds to add to the clock; refused unless endpoints are given and every one is loopback (rehearsals)."""


class Provider(pulumi.ProviderResource):
    """The plugin `modelstudio` with its configuration."""

    def __init__(self, name: str, args: ProviderArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        unknown = sorted(set(args) - set(ProviderArgs.__annotations__))
        if unknown:
            takes = ", ".join(ProviderArgs.__annotations__)
            raise ArgumentError(f"Provider {name!r}: unknown {', '.join(unknown)}; it takes {takes}")
        endpoints, offset = args.get("endpoints"), args.get("clock_offset")
        props = {
            "accountId": args["account_id"],
            "endpoints": json.dumps(endpoints, sort_keys=True) if endpoints else None,
            "profile": args.get("profile"),
            "roleArn": args.get("role_arn"),
            "renamedFrom": args.get("renamed_from"),
            "clockOffset": str(offset) if offset else None,
        }
        super().__init__("modelstudio", name, props, opts)
