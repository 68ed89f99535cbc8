"""Access to models for one service: a key, proof that it opens the URLs, and one record in every sink."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NotRequired, TypedDict, cast

import pulumi

from catalogue.access import Access, Audience, SinkFacts, Verify, problems
from catalogue.advice import warnings
from catalogue.pairs import advice, check_plan_sinks
from catalogue.record import config_record, facts, secret_record, version_name
from catalogue.regions import key_notes
from catalogue.rows import Protocol
from catalogue.rules import Refused
from components.checks import check_args, refuse
from components.regional_workspace import RegionalWorkspace
from components.service_key import (
    BroughtKeyFacts,
    RotationArgs,
    ServiceKey,
    bring,
    key_facts,
    mint,
    retire,
    rotation_facts,
)
from components.sinks.sink import Delivered, Delivery, Sink
from components.target import Target
from provider.resources.owner import Owner
from provider.resources.pair_check import PairCheck


class ServiceAccessArgs(TypedDict):
    """Inputs of :class:`ServiceAccess`."""

    owner: Owner
    """Owner id of the stack."""
    workspace: NotRequired[RegionalWorkspace | None]
    """Workspace that the key is made in, and whose host is called. A key of a plan has none."""
    region: NotRequired[str | None]
    """Region of the URLs, where there is no workspace."""
    domain: NotRequired[str]
    """Kind of host to call: dedicated (default), shared, trial, token_plan or coding_plan."""
    host: NotRequired[str | None]
    """Host to call instead of a published one, such as that of another team's workspace."""
    base_urls: NotRequired[Mapping[str, str] | None]
    """By protocol, the URLs of a gateway of your own to deliver instead; only an answer of a model proves them."""
    vpc_id: NotRequired[str | None]
    """VPC from which the workspace is reached by PrivateLink. Such a host can be asked from inside alone."""
    protocols: NotRequired[Sequence[Protocol]]
    """Protocols to deliver a base URL for: openai (default), anthropic, dashscope."""
    brought_key: NotRequired[BroughtKeyFacts | None]
    """A key that was made elsewhere; left out: one is minted."""
    models: NotRequired[Sequence[str] | None]
    """Models that a minted key may call, at most 30; left out: all that its workspace may."""
    allowed_ips: NotRequired[Sequence[str]]
    """Addresses and networks that the key opens from, at most 20."""
    open_to_world: NotRequired[bool]
    """Say so when a minted key with a model list may open from everywhere."""
    rotation: NotRequired[RotationArgs | None]
    """When a minted key is replaced, and how the old one ends. Left out: never by age; 7 days overlap, 2 days soak."""
    verify: NotRequired[Verify | None]
    """What may be delivered: required (default for a minted key), free (for an existing one), best_effort or off."""
    verify_model: NotRequired[str | None]
    """The model to call where verify: required needs a real call; left out: a small one that the key may call."""
    isolation: NotRequired[bool]
    """Deliver only if the key is refused on another workspace's host and in another region. Default: not asked."""
    sinks: NotRequired[Sequence[Sink]]
    """Places for the record. Config sinks need a secret sink; the first secret sink is what they point to."""
    inference_prefix: NotRequired[str]
    """Prefix of a double of the inference hosts; the workspace's when left out."""


class ServiceAccess(pulumi.ComponentResource):
    """One service's access: nothing is delivered that has not passed the check."""

    urls: Mapping[Protocol, pulumi.Output[str]]
    """Base URL by protocol."""
    workspace_id: pulumi.Output[str]
    """Id of the workspace, "" without one."""
    api_key_id: pulumi.Output[str]
    """Id of the key, "" for a brought one."""
    created_by: pulumi.Output[str]
    """Account or RAM user that the key belongs to, "" for a brought one."""
    generation: pulumi.Output[int]
    """Counts the keys of this service."""
    rotate_after: pulumi.Output[str]
    """When age rotates the key, "" for never."""
    superseded: pulumi.Output[Mapping[str, str]]
    """Keys that are not current but may be alive, by id: generation, phase and until when."""
    retire_after: pulumi.Output[str]
    """When the next of them goes on, "" when none does by itself."""
    revision: pulumi.Output[int]
    """Counts the changes of its record."""
    digest: pulumi.Output[str]
    """Digest of the record."""
    outcome: pulumi.Output[str]
    """What the check came to."""
    verified_at: pulumi.Output[str]
    """Since when."""
    secret_ref: pulumi.Output[str]
    """Pointer to the first secret sink, "" without one, for resources of your own."""
    prefix: pulumi.Output[str]
    """What the first secret sink puts before every name in the record."""
    delivered: pulumi.Output[Mapping[str, str]]
    """Generation and revision by place, from what each sink holds."""

    def __init__(self, name: str, args: ServiceAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_args(self, name, args, ServiceAccessArgs)
        workspace, brought, rotation = args.get("workspace"), args.get("brought_key"), args.get("rotation") or {}
        for problem in problems(_access(args)):
            refuse(self, name, _ARGUMENTS.get(problem.about, problem.about), problem.text)
        super().__init__("modelstudio:index:ServiceAccess", name, None, opts)
        for warning in warnings(_access(args)):
            pulumi.log.warn(f"{name}: {_ARGUMENTS.get(warning.about, warning.about)}: {warning.text}", self)
        protocols: Sequence[Protocol] = args.get("protocols", ("openai",))
        self.target = Target(
            args.get("domain", "dedicated"),
            workspace.region if workspace else str(args.get("region")),
            workspace=workspace,
            host=args.get("host"),
            base_urls=args.get("base_urls"),
            vpc_id=args.get("vpc_id"),
            prefix=args.get("inference_prefix", workspace.prefix if workspace else ""),
        )
        if brought is not None:
            key = bring(name, args["owner"], self.target, brought, rotation, self)
        else:
            key = mint(
                name,
                args["owner"],
                cast("RegionalWorkspace", workspace),
                models=args.get("models"),
                allowed_ips=args.get("allowed_ips"),
                open_to_world=args.get("open_to_world", False),
                rotation=rotation,
                parent=self,
            )
        self.urls, self.workspace_id = self.target.urls(protocols), self.target.workspace_id
        self._warn_of_discouraged(name, protocols)
        if brought is None and pulumi.runtime.is_dry_run():  # `up` says it when it is so
            restricted = args.get("models") is not None or bool(args.get("allowed_ips"))
            for note in key_notes(self.target.region, rotates=args.get("rotation") is not None, restricted=restricted):
                pulumi.log.warn(f"{name}: {note}", self)
        said = self._facts(key)
        check = PairCheck(
            f"{name}-check",
            {
                "api_key": key.value,
                "urls": {str(protocol): url for protocol, url in self.urls.items()},
                "facts": said,
                "allowed_ips": args.get("allowed_ips") or None,
                "models": args.get("models"),
                "verify": args.get("verify"),
                "verify_model": args.get("verify_model"),
                "isolation": args.get("isolation", False),
                "prefix": self.target.prefix,
                "key_created_at": key.minted_at,
                "key_id": None if key.minted_at is None else key.key_id,
            },
            pulumi.ResourceOptions(parent=self),
        )
        self.api_key_id, self.created_by, self.generation = key.key_id, key.created_by, key.generation
        self.rotate_after = key.rotate_after
        self.revision, self.digest = check.revision, check.digest
        self.outcome, self.verified_at = check.outcome, check.verified_at
        self._delivery = delivery = Delivery(
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
        self.secret_ref = next((d.pointer for sink, d in done if sink.audience), pulumi.Output.from_input(""))
        first = next((sink for sink, _ in done if sink.audience), None)
        self.prefix = pulumi.Output.from_input(str(getattr(first, "prefix", "")))
        held = {d.place: d.holds for _, d in done}  # Output.all() of nothing would be a list
        effect = {sink.place: sink.takes_effect for sink, _ in done}
        retired = retire(name, args["owner"], key, rotation, check.revision, held, effect, self)
        self.superseded, self.retire_after = retired.keys, retired.next
        self.delivered = pulumi.Output.all(**held) if held else pulumi.Output.from_input(dict[str, str]())
        self.register_outputs({"api_key_id": self.api_key_id, "generation": self.generation, "revision": self.revision})

    @property
    def env(self) -> pulumi.Output[Mapping[str, str]]:
        """The whole record, keys included, as a secret: for the environment of a function or application of your own.

        Refused for a plan's key, which may go to people's tools alone.
        """
        self._refuse_plan("backends")
        d = self._delivery
        parts = pulumi.Output.all(facts=d.facts, api_key=d.api_key, revision=d.revision, digest=d.digest)
        return pulumi.Output.secret(
            parts.apply(
                lambda p: secret_record(p["facts"], p["api_key"], revision=int(p["revision"]), digest=str(p["digest"]))
            )
        )

    @property
    def config(self) -> pulumi.Output[Mapping[str, str]]:
        """The record without keys, and where the secret is: for the configuration of a resource of your own."""
        self._refuse_plan(None)
        d = self._delivery
        parts = pulumi.Output.all(facts=d.facts, revision=d.revision, digest=d.digest, pointer=self.secret_ref)
        return parts.apply(
            lambda p: config_record(
                p["facts"], revision=int(p["revision"]), digest=str(p["digest"]), pointer=str(p["pointer"])
            )
        )

    def _refuse_plan(self, audience: Audience | None) -> None:
        try:
            check_plan_sinks(self.target.domain, "a resource of your own", audience)
        except Refused as refused:
            refuse(self, self.pulumi_resource_name, "config" if audience is None else "env", str(refused))

    def _deliver(self, delivery: Delivery, sinks: Sequence[Sink]) -> list[tuple[Sink, Delivered]]:
        """Deliver to the secret sinks, then to the config sinks, which point to the first of them."""
        done = [(sink, sink.deliver(delivery, self)) for sink in sinks if sink.audience]
        if done:
            delivery = replace(delivery, pointer=done[0][1].pointer)
        return done + [(sink, sink.deliver(delivery, self)) for sink in sinks if not sink.audience]

    def _warn_of_discouraged(self, name: str, protocols: Sequence[Protocol]) -> None:
        better = self.target.discouraged(protocols)
        if better:
            domain = self.target.domain
            pulumi.Output.all(*better).apply(
                lambda urls: pulumi.log.warn(f"{name}: {advice(domain, map(str, urls))}", self)
            )

    def _facts(self, key: ServiceKey) -> pulumi.Output[Mapping[str, str]]:
        protocols = list(self.urls)

        def said(parts: list[object]) -> Mapping[str, str]:
            workspace_id, generation, *urls = parts
            return facts(
                dict(zip(protocols, map(str, urls), strict=True)),
                workspace_id=str(workspace_id),
                region=self.target.region,
                domain=self.target.domain,
                generation=int(str(generation)),
            )

        parts = pulumi.Output.all(self.workspace_id, key.generation, *self.urls.values())
        return parts.apply(lambda v: said(cast("list[object]", v)))


_ARGUMENTS = {"billing_plan": "brought_key", "key_region": "brought_key", "key_workspace": "brought_key"}
"""Arguments by what is wrong, where the names differ."""


def _access(args: ServiceAccessArgs) -> Access:
    """Return what is written, for the firewall."""
    workspace, brought, rotation = args.get("workspace"), args.get("brought_key"), args.get("rotation")
    return Access(
        domain=args.get("domain", "dedicated"),
        protocols=args.get("protocols", ("openai",)),
        region=args.get("region"),
        workspace_region=workspace.region if workspace else None,
        workspace=workspace.adopted if workspace else None,
        host=args.get("host"),
        base_urls=args.get("base_urls"),
        vpc_id=args.get("vpc_id"),
        key=key_facts(brought) if brought is not None else None,
        models=args.get("models"),
        allowed_ips=args.get("allowed_ips", ()),
        open_to_world=args.get("open_to_world", False),
        rotation=None if rotation is None else rotation_facts(rotation),
        sinks=[SinkFacts(place=sink.place, audience=sink.audience) for sink in args.get("sinks", ())],
        verify=args.get("verify"),
        verify_model=args.get("verify_model"),
        isolation=args.get("isolation", False),
        workspace_models=workspace.models if workspace else None,
        double=bool(args.get("inference_prefix", workspace.prefix if workspace else "")),
    )
