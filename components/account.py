"""The account that a program deploys into: its providers, its owner id, and the addresses of a double."""

from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, TypedDict
from urllib.parse import urlsplit

import pulumi
import pulumi_alicloud as alicloud

from components.checks import check_args, refuse, wrong_value
from provider.resources.owner import Owner
from provider.resources.provider import Provider

Site = Literal["Domestic", "International"]
Addresses = str | Mapping[str, str]
"""One address, or one by region."""


class EndpointsArgs(TypedDict, total=False):
    """Where the services are, when not at the vendor's own addresses."""

    control_plane: Addresses | None
    """Model Studio."""
    kms: Addresses | None
    oos: Addresses | None
    sae: Addresses | None
    mse: Addresses | None
    sts: Addresses | None
    inference: str | None
    """Prefix of a double of the inference hosts, as http://127.0.0.1:18080/_host."""
    clock_offset: float | None
    """Seconds to add to the clock, for rehearsals: every address must be loopback."""


class AccountArgs(TypedDict):
    """Inputs of :class:`Account`."""

    id: str
    """Account id, 16 digits. Compared before anything is written."""
    type: NotRequired[Site]
    """Site of the account. Default: International."""
    profile: NotRequired[str | None]
    """Profile of the vendor's CLI to take credentials from."""
    role_arn: NotRequired[str | None]
    """Role to assume."""
    renamed_from: NotRequired[str | None]
    """Former <organization>/<project>/<stack>, once, after a rename."""
    endpoints: NotRequired[EndpointsArgs]
    """Addresses of a double; left out: the vendor's own."""


class Account:
    """One account in one program. Everything that this module makes belongs to it."""

    def __init__(self, args: AccountArgs) -> None:
        """Make the module's provider and the owner; alicloud providers are made when a sink needs one."""
        check_args(self, "modelstudio", args, AccountArgs)
        wrong = wrong_value(args.get("type", "International"), Site)
        if wrong is not None:
            refuse(self, "modelstudio", "type", wrong)
        self._args = args
        self.id = args["id"]
        self._endpoints: EndpointsArgs = args.get("endpoints", {})
        self.prefix = self._endpoints.get("inference") or ""
        """Prefix of a double of the inference hosts, "" for none."""
        given: Mapping[str, Addresses | None] = {
            "modelstudio": self._endpoints.get("control_plane"),
            "kms": self._endpoints.get("kms"),
            "oos": self._endpoints.get("oos"),
            "sts": self._endpoints.get("sts"),
        }
        self.provider = Provider(
            "modelstudio",
            {
                "account_id": self.id,
                "endpoints": {product: address for product, address in given.items() if address},
                "profile": args.get("profile"),
                "role_arn": args.get("role_arn"),
                "renamed_from": args.get("renamed_from"),
                "clock_offset": self._endpoints.get("clock_offset"),
            },
        )
        self.owner = Owner(
            "owner",
            {
                "organization": pulumi.get_organization(),
                "project": pulumi.get_project(),
                "stack": pulumi.get_stack(),
                "renamed_from": args.get("renamed_from"),
            },
            pulumi.ResourceOptions(provider=self.provider),
        )
        self._alicloud: dict[str, alicloud.Provider] = {}
        self._claims: dict[str, str] = {}
        """Service by the place that it delivers to."""
        self._sources: dict[str, str] = {}
        """Service by the place that its existing key lies in."""

    def alicloud(self, region: str) -> alicloud.Provider:
        """Return the alicloud provider of a region: same account, same credentials, its addresses.

        `account_type` is always set: without it the plugin calls billing when it starts.
        """
        if region not in self._alicloud:
            role_arn = self._args.get("role_arn")
            stores: Mapping[str, Addresses | None] = {
                "sae": self._endpoints.get("sae"),
                "mse": self._endpoints.get("mse"),
                "oos": self._endpoints.get("oos"),
            }
            parts = {product: urlsplit(_address(given, region)) for product, given in stores.items()}
            given = {product: address for product, address in parts.items() if address.netloc}
            self._alicloud[region] = alicloud.Provider(
                f"alicloud-{region}",
                region=region,
                account_id=self.id,
                account_type=self._args.get("type", "International"),
                profile=self._args.get("profile"),
                assume_role=alicloud.ProviderAssumeRoleArgs(role_arn=role_arn) if role_arn else None,
                protocol="HTTP" if any(p.scheme == "http" for p in given.values()) else None,
                endpoints=[alicloud.ProviderEndpointArgs(**{p: a.netloc for p, a in given.items()})] if given else None,
            )
        return self._alicloud[region]

    def claim(self, places: Sequence[str], by: str, *, source: str = "") -> list[str]:
        """Note which service delivers to these places, and where its existing key lies ("" where it has none).

        Return what is wrong with them, and then note nothing: a place takes the record of one service, and no key is
        taken from a place that the program writes.
        """
        wrong = [
            f"{place} is also the sink of {self._claims[place]!r}; each place takes one record"
            for place in places
            if self._claims.get(place, by) != by
        ]
        wrong += [
            f"{place} is where {self._sources[place]!r} takes its key from; it must be another place than any sink"
            for place in places
            if place in self._sources
        ]
        writer = by if source in places else self._claims.get(source)
        if writer is not None:
            wrong.append(f"{source} is the sink of {writer!r}; take a key from a secret that nothing here writes")
        if not wrong:
            self._claims |= dict.fromkeys(places, by)
            self._sources |= {source: by} if source else {}
        return wrong


def _address(given: Addresses | None, region: str) -> str:
    """Return the address in a region, "" for the vendor's own."""
    return given or "" if isinstance(given, str | None) else given.get(region, "")
