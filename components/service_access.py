"""Access to models for one service: a key that is proven to open its URLs, and one record in every sink."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi

from catalogue.access import Access, Audience, Verify, problems
from catalogue.advice import warnings
from catalogue.pairs import advice, check_plan_sinks
from catalogue.record import POINTER_NAME, secret_of
from catalogue.regions import key_notes
from catalogue.rotation import RotationPolicy
from catalogue.rows import Protocol
from catalogue.rules import Refused
from components.account import Account
from components.arguments import ExistingKeyArgs, RotationArgs, account_region, key_facts, place_of_key, policy_of
from components.checks import Wrong, check_args, refuse, refuse_any
from components.regional_workspace import RegionalWorkspace
from components.sinks.config import ConfigSink, Delivery
from components.sinks.secret import SecretSink
from components.sinks.sink import Sink
from components.target import Target
from provider.resources.api_key import ApiKey, ApiKeyArgs
from provider.resources.key_retirement import KeyRetirement
from provider.resources.secret_place import SecretPlace
from provider.stores.written import place_of


class ServiceAccessArgs(TypedDict):
    """Inputs of :class:`ServiceAccess`."""

    account: Account
    """Account that it belongs to."""
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
    existing_key: NotRequired[ExistingKeyArgs | None]
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
    probe_on_refresh: NotRequired[bool]
    """Whether a refresh reads the secrets and asks the URLs again. Default: yes."""
    keep_value: NotRequired[bool]
    """Keep the key's value in the state, for `env`. Default: no; it lies in the secret sinks alone."""
    sinks: NotRequired[Sequence[Sink]]
    """Places for the record. The first secret sink is the vault: what the others and the config sinks refer to."""


class ServiceAccess(pulumi.ComponentResource):
    """One service's access: nothing is delivered that has not passed the check."""

    urls: Mapping[Protocol, pulumi.Output[str]]
    """Base URL by protocol."""
    workspace_id: pulumi.Output[str]
    """Id of the workspace, "" without one."""
    key: ApiKey
    """The key, with what was proven of it, and its record."""
    superseded: pulumi.Output[Mapping[str, str]]
    """Keys that are not current but may be alive, by id: generation, phase and until when."""
    retire_after: pulumi.Output[str]
    """When the next of them goes on, "" when none does by itself."""
    prefix: str
    """What the vault puts before every name in the record."""
    delivered: Mapping[str, pulumi.Output[str]]
    """Generation and revision by place, from what each sink holds."""

    def __init__(self, name: str, args: ServiceAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_args(self, name, args, ServiceAccessArgs)
        policy, rotation = policy_of(args.get("rotation"))
        access = _access(args, policy)
        refuse_any(self, name, _wrong(args, access))
        account, sinks = args["account"], args.get("sinks", ())
        taken = account.claim([sink.place for sink in sinks], name, source=_source(args))
        refuse_any(self, name, (("sinks", wrong) for wrong in taken))
        super().__init__("modelstudio:index:ServiceAccess", name, None, opts)
        secrets = [sink for sink in sinks if isinstance(sink, SecretSink)]
        places = [sink.claimed(account) for sink in secrets]
        for warning in warnings(access):
            pulumi.log.warn(f"{name}: {_ARGUMENTS.get(warning.about, warning.about)}: {warning.text}", self)
        workspace, protocols = args.get("workspace"), args.get("protocols", ("openai",))
        self._keeps_value = args.get("keep_value", False)
        self.target = Target(
            args.get("domain", "dedicated"),
            workspace.region if workspace else str(args.get("region")),
            workspace=workspace,
            host=args.get("host"),
            base_urls=args.get("base_urls"),
            vpc_id=args.get("vpc_id"),
            prefix=account.prefix,
        )
        self.urls, self.workspace_id = self.target.urls(protocols), self.target.workspace_id
        self._advise(name, protocols, args)
        own = pulumi.ResourceOptions(parent=self, provider=account.provider)
        self.key = ApiKey(f"{name}-key", self._key_inputs(args, secrets, places, rotation), own)
        self.prefix = secrets[0].prefix if secrets else ""
        self.delivered = self._deliver(name, args, secrets, places)
        retirement = KeyRetirement(
            f"{name}-retirement",
            {
                "owner_id": account.owner.owner_id,
                "generation": self.key.generation,
                "key_id": self.key.key_id,
                "revision": self.key.revision,
                "held": self.delivered,
                "superseded": self.key.superseded,
                "rotation": rotation,
            },
            own,
        )
        self.superseded, self.retire_after = retirement.keys.apply(_phases), retirement.next
        self.register_outputs({})

    @property
    def secret_ref(self) -> pulumi.Output[str]:
        """Pointer to the vault, "" without one, for resources of your own."""
        return self.key.record.apply(lambda record: record.get(POINTER_NAME, ""))

    @property
    def env(self) -> pulumi.Output[Mapping[str, str]]:
        """The whole record, keys included, as a secret: for the environment of a function or application of your own.

        Only with `keep_value`, since the key then stands in the state. Refused for a plan's key, which may go to
        people's tools alone.
        """
        self._refuse_plan("backends")
        if not self._keeps_value:
            wrong = "the key's value is not in the program; pass keep_value: True, and it will stand in the state too"
            refuse(self, self.pulumi_resource_name, "env", wrong)
        both = pulumi.Output.all(self.key.record, self.key.value)
        return pulumi.Output.secret(both.apply(lambda pair: secret_of(pair[0], str(pair[1]))))

    @property
    def config(self) -> pulumi.Output[Mapping[str, str]]:
        """The record without keys, and where the secret is: for the configuration of a resource of your own."""
        self._refuse_plan(None)
        return self.key.record

    def _key_inputs(
        self,
        args: ServiceAccessArgs,
        secrets: Sequence[SecretSink],
        places: Sequence[SecretPlace],
        rotation: Mapping[str, Any],
    ) -> ApiKeyArgs:
        """Return the inputs of the key; what is not said is left out, so that it takes no room in the state."""
        account, region, existing = args["account"], self.target.region, args.get("existing_key")
        home = account_region(region)
        inputs: ApiKeyArgs = {
            "region_id": home,
            "workspace_id": self.workspace_id,
            "owner_id": account.owner.owner_id,
            "urls": {str(protocol): url for protocol, url in self.urls.items()},
            "domain": self.target.domain,
            "url_region": region if region != home else None,
            "prefix": account.prefix or None,
            "models": args.get("models"),
            "allowed_ips": args.get("allowed_ips") or None,
            "rotation": rotation or None,
            "verify": args.get("verify"),
            "verify_model": args.get("verify_model"),
            "isolation": args.get("isolation") or None,
            "keep_value": args.get("keep_value") or None,
            "key_alone": any(sink.format == "key" for sink in secrets) or None,
            "probe_on_refresh": args.get("probe_on_refresh"),
            "also_at": [sink.place for sink in secrets[1:]] or None,
        }
        if secrets:
            inputs["vault"] = secrets[0].written(places[0])
        if args.get("open_to_world"):
            inputs["open_to_world"] = True
        if existing is not None:
            inputs["existing_key"] = existing.get("value")
            inputs["existing_at"] = place_of_key(existing, home)
            inputs["billing_plan"] = existing.get("billing_plan")
            inputs["key_region"] = existing.get("region")
            inputs["key_workspace_id"] = existing.get("workspace_id")
        return inputs

    def _deliver(
        self, name: str, args: ServiceAccessArgs, secrets: Sequence[SecretSink], places: Sequence[SecretPlace]
    ) -> Mapping[str, pulumi.Output[str]]:
        """Deliver to the further secret sinks and the config sinks; return what each place holds."""
        account, key = args["account"], self.key
        held = {secrets[0].place: key.held} if secrets else {}
        for sink, claimed in list(zip(secrets, places, strict=True))[1:]:
            probe = args.get("probe_on_refresh")
            copy = sink.copy(account, key, secrets[0].place, claimed, probe_on_refresh=probe)
            held[sink.place] = copy.held
        delivery = Delivery(service=name, account=account, record=key.record)
        for config in args.get("sinks", ()):
            if isinstance(config, ConfigSink):
                held[config.place] = config.deliver(delivery, self)
        return held

    def _refuse_plan(self, audience: Audience | None) -> None:
        try:
            check_plan_sinks(self.target.domain, "a resource of your own", audience)
        except Refused as refused:
            refuse(self, self.pulumi_resource_name, "config" if audience is None else "env", str(refused))

    def _advise(self, name: str, protocols: Sequence[Protocol], args: ServiceAccessArgs) -> None:
        """Warn of a discouraged domain, and of what is special about keys of the region."""
        better = self.target.discouraged(protocols)
        if better:
            domain = self.target.domain
            pulumi.Output.all(*better).apply(
                lambda urls: pulumi.log.warn(f"{name}: {advice(domain, map(str, urls))}", self)
            )
        if args.get("existing_key") is None and pulumi.runtime.is_dry_run():  # `up` says it when it is so
            restricted = args.get("models") is not None or bool(args.get("allowed_ips"))
            for note in key_notes(self.target.region, rotates=args.get("rotation") is not None, restricted=restricted):
                pulumi.log.warn(f"{name}: {note}", self)


def _phases(keys: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """Return one line for each key, such as `g1 overlap until 2027-02-28T10:00:00Z`, by key id."""
    shown: dict[str, str] = {}
    for key in keys:
        until = f" until {key['until']}" if key["until"] else ""
        shown[str(key["key_id"])] = f"g{int(key['generation'])} {key['phase']}{until}"
    return shown


_ARGUMENTS = {"billing_plan": "existing_key", "key_region": "existing_key", "key_workspace": "existing_key"}
"""Arguments by what is wrong, where the names differ."""


def _wrong(args: ServiceAccessArgs, access: Access) -> Iterator[Wrong]:
    """Return all that is known to be wrong before anything is registered."""
    existing = args.get("existing_key")
    if existing is not None:
        given = [word for word in ("value", "from_kms", "from_oos") if existing.get(word) is not None]
        if len(given) != 1:
            has = f"has {' and '.join(given)}" if given else "does not say where the key is"
            yield "existing_key", f"{has}; give one of value, from_kms and from_oos"
    for problem in problems(access):
        yield _ARGUMENTS.get(problem.about, problem.about), problem.text


def _source(args: ServiceAccessArgs) -> str:
    """Return the secret that an existing key lies in, "" where there is none."""
    existing, workspace = args.get("existing_key"), args.get("workspace")
    region = workspace.region if workspace else str(args.get("region"))
    where = place_of_key(existing, account_region(region)) if existing is not None else None
    return str(place_of(where)) if where else ""


def _access(args: ServiceAccessArgs, policy: RotationPolicy) -> Access:
    """Return what is written, for the firewall."""
    workspace, existing = args.get("workspace"), args.get("existing_key")
    return Access(
        domain=args.get("domain", "dedicated"),
        protocols=args.get("protocols", ("openai",)),
        region=args.get("region"),
        workspace_region=workspace.region if workspace else None,
        workspace=workspace.adopted if workspace else None,
        host=args.get("host"),
        base_urls=args.get("base_urls"),
        vpc_id=args.get("vpc_id"),
        key=key_facts(existing) if existing is not None else None,
        models=args.get("models"),
        allowed_ips=args.get("allowed_ips", ()),
        open_to_world=args.get("open_to_world", False),
        rotation=policy if args.get("rotation") is not None else None,
        sinks=[sink.facts() for sink in args.get("sinks", ())],
        keep_value=args.get("keep_value", False),
        verify=args.get("verify"),
        verify_model=args.get("verify_model"),
        isolation=args.get("isolation", False),
        workspace_models=workspace.models if workspace else None,
        double=bool(args["account"].prefix),
    )
