"""Access to models for one service: a key, proof that it opens the URLs, and one record in every sink."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NotRequired, TypedDict, cast

import pulumi

from catalogue.record import facts, version_name
from catalogue.rows import Protocol
from catalogue.rules import Refused, check_domain, check_key_scope
from components.checks import known_keys, refuse
from components.regional_workspace import RegionalWorkspace
from components.sinks.sink import Delivered, Delivery, Sink
from provider.resources.api_key import ApiKey
from provider.resources.owner import Owner
from provider.resources.pair_check import PairCheck, Verify


class ServiceAccessArgs(TypedDict):
    """Inputs of :class:`ServiceAccess`."""

    owner: Owner
    """Owner id of the stack."""
    workspace: RegionalWorkspace
    """Workspace that the key is made in."""
    domain: NotRequired[str]
    """Kind of host to call: dedicated (default), shared or trial."""
    protocols: NotRequired[Sequence[Protocol]]
    """Protocols to deliver a base URL for. Default: openai."""
    models: NotRequired[Sequence[str] | None]
    """Models that the key may call, at most 30; left out: all that its workspace may."""
    allowed_ips: NotRequired[Sequence[str]]
    """Addresses and networks that it opens from, at most 20."""
    open_to_world: NotRequired[bool]
    """Say so when a key with a model list may open from everywhere."""
    verify: NotRequired[Verify]
    """What may be delivered: required (default), best_effort or off."""
    sinks: NotRequired[Sequence[Sink]]
    """Places for the record. Config sinks need a secret sink; the first secret sink is what they point to."""


class ServiceAccess(pulumi.ComponentResource):
    """One service's access: nothing is delivered that has not passed the check."""

    urls: Mapping[Protocol, pulumi.Output[str]]
    """Base URL by protocol."""
    api_key_id: pulumi.Output[str]
    """Id of the key."""
    created_by: pulumi.Output[str]
    """Account or RAM user that the key belongs to."""
    generation: pulumi.Output[int]
    """Counts the keys of this service."""
    revision: pulumi.Output[int]
    """Counts the changes of its record."""
    digest: pulumi.Output[str]
    """Digest of the record."""
    outcome: pulumi.Output[str]
    """What the check came to."""
    verified_at: pulumi.Output[str]
    """Since when."""
    secret: pulumi.Output[str]
    """Pointer to the first secret sink, "" without one."""
    delivered: pulumi.Output[Mapping[str, str]]
    """Generation and revision by place, from what each sink holds."""

    def __init__(self, name: str, args: ServiceAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        self._check(name, args)
        super().__init__("modelstudio:index:ServiceAccess", name, None, opts)
        workspace = args["workspace"]
        domain = args.get("domain", "dedicated")
        protocols: Sequence[Protocol] = args.get("protocols", ("openai",))
        key = ApiKey(
            f"{name}-key",
            {
                "region_id": workspace.region,
                "workspace_id": workspace.workspace_id,
                "owner_id": args["owner"].owner_id,
                "models": args.get("models"),
                "allowed_ips": args.get("allowed_ips"),
                "open_to_world": args.get("open_to_world", False),
            },
            # A key's model list may only name models that its workspace may call already.
            pulumi.ResourceOptions(parent=self, depends_on=workspace.ready),
        )
        self.urls = {protocol: workspace.base_url(domain, protocol) for protocol in protocols}
        said = self._facts(workspace, domain, key)
        check = PairCheck(
            f"{name}-check",
            {
                "api_key": key.value,
                "urls": {str(protocol): url for protocol, url in self.urls.items()},
                "facts": said,
                "key_created_at": key.created_at,
                "has_ip_list": bool(args.get("allowed_ips")),
                "verify": args.get("verify", "required"),
            },
            pulumi.ResourceOptions(parent=self),
        )
        self.api_key_id, self.created_by, self.generation = key.key_id, key.created_by, key.generation
        self.revision, self.digest = check.revision, check.digest
        self.outcome, self.verified_at = check.outcome, check.verified_at
        delivery = Delivery(
            service=name,
            check=check,
            facts=said,
            api_key=key.value,
            revision=check.revision,
            digest=check.digest,
            version=pulumi.Output.all(key.generation, check.revision, check.digest).apply(
                lambda v: version_name(int(v[0]), int(v[1]), str(v[2]))
            ),
        )
        done = self._deliver(delivery, args.get("sinks", ()))
        self.secret = next((d.pointer for sink, d in done if sink.is_secret), pulumi.Output.from_input(""))
        held = {d.place: d.holds for _, d in done}  # Output.all() of nothing would be a list
        self.delivered = pulumi.Output.all(**held) if held else pulumi.Output.from_input(dict[str, str]())
        self.register_outputs({"api_key_id": self.api_key_id, "generation": self.generation, "revision": self.revision})

    def _deliver(self, delivery: Delivery, sinks: Sequence[Sink]) -> list[tuple[Sink, Delivered]]:
        """Deliver to the secret sinks, then to the config sinks, which point to the first of them."""
        done = [(sink, sink.deliver(delivery, self)) for sink in sinks if sink.is_secret]
        if done:
            delivery = replace(delivery, pointer=done[0][1].pointer)
        return done + [(sink, sink.deliver(delivery, self)) for sink in sinks if not sink.is_secret]

    def _facts(self, workspace: RegionalWorkspace, domain: str, key: ApiKey) -> pulumi.Output[Mapping[str, str]]:
        protocols = list(self.urls)

        def said(parts: list[object]) -> Mapping[str, str]:
            workspace_id, generation, *urls = parts
            return facts(
                dict(zip(protocols, map(str, urls), strict=True)),
                workspace_id=str(workspace_id),
                region=workspace.region,
                domain=domain,
                generation=int(str(generation)),
            )

        parts = pulumi.Output.all(workspace.workspace_id, key.generation, *self.urls.values())
        return parts.apply(lambda v: said(cast("list[object]", v)))

    def _check(self, name: str, args: ServiceAccessArgs) -> None:
        """Refuse what cannot be right before anything is registered."""
        known_keys(self, name, args, ServiceAccessArgs)
        protocols = args.get("protocols", ("openai",))
        if not protocols:
            refuse(self, name, "protocols", "empty; name at least one of openai, anthropic")
        try:
            check_domain(args.get("domain", "dedicated"), args["workspace"].region, protocols)
        except Refused as wrong:
            refuse(self, name, "domain", str(wrong))
        ips = args.get("allowed_ips", ())
        try:
            check_key_scope(args.get("models"), ips, open_to_world=args.get("open_to_world", False))
        except ValueError as wrong:
            refuse(self, name, "allowed_ips", str(wrong))
        sinks = args.get("sinks", ())
        places = [sink.place for sink in sinks]
        again = sorted({place for place in places if places.count(place) > 1})
        if again:
            refuse(self, name, "sinks", f"{', '.join(again)} more than once; each place takes one record")
        if sinks and not any(sink.is_secret for sink in sinks):
            refuse(
                self, name, "sinks", str(Refused("config-needs-secret", "config without secrets", "add a secret sink"))
            )
