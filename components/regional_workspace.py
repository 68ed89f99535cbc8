"""A workspace in one region, the models it may call, and its base URLs."""

from collections.abc import Iterator, Sequence
from typing import NotRequired, TypedDict

import pulumi

from catalogue.rows import REGIONS, CatalogueError, Protocol, find, shown
from catalogue.rules import check_service_site
from catalogue.urls import base_url, behind
from components.account import Account
from components.checks import Wrong, check_args, refuse, refuse_any
from provider.resources.workspace import Workspace, WorkspaceArgs


class RegionalWorkspaceArgs(TypedDict):
    """Inputs of :class:`RegionalWorkspace`."""

    region: str
    """Region that it lives in, such as cn-beijing."""
    account: Account
    """Account that it belongs to."""
    models: NotRequired[Sequence[str] | None]
    """Models that it may call; None: every model, future ones too. Left out for an adopted one: as they are."""
    workspace_name: NotRequired[str | None]
    """Name in Model Studio; made when left out."""
    service_site: NotRequired[str | None]
    """Deployment scope, where the region offers a choice."""
    adopt: NotRequired[str | None]
    """Id of an existing workspace to use; never deleted by this stack."""
    allow_replacement: NotRequired[bool]
    """Whether a change that needs another workspace may make one. Default: no."""
    protect: NotRequired[bool]
    """Whether the engine refuses to delete it. Default: yes, unless adopted."""


class RegionalWorkspace(pulumi.ComponentResource):
    """A workspace with its permissions and base URLs."""

    workspace_id: pulumi.Output[str]
    """Id, such as ws-ac3ef438bec22dc5."""
    api_host: pulumi.Output[str]
    """Host name of the dedicated domain."""
    openai_base_url: pulumi.Output[str]
    """Base URL on the dedicated domain; "" where that is not published."""
    anthropic_base_url: pulumi.Output[str]
    """Base URL on the dedicated domain; "" where that is not published."""
    dashscope_base_url: pulumi.Output[str]
    """Base URL of the native protocol on the dedicated domain; "" where that is not published."""

    def __init__(self, name: str, args: RegionalWorkspaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_args(self, name, args, RegionalWorkspaceArgs)
        self.region = args["region"]
        refuse_any(self, name, _wrong(args))
        super().__init__("modelstudio:index:RegionalWorkspace", name, None, opts)
        self.adopted = args.get("adopt")
        """Id of the existing workspace that is used, None for one that is made."""
        self.models = args.get("models")
        """Models that it may call, None for all, or for those that an adopted one has."""
        adopted = self.adopted is not None
        self.account = args["account"]
        inputs: WorkspaceArgs = {
            "region_id": self.region,
            "logical_name": name,
            "owner_id": self.account.owner.owner_id,
            "workspace_name": args.get("workspace_name"),
            "service_site": args.get("service_site"),
            "adopt": args.get("adopt"),
        }
        if args.get("allow_replacement"):
            inputs["allow_replacement"] = True
        if self.models is not None:
            inputs["models"] = self.models
        elif "models" in args or not adopted:
            inputs["all_models"] = True
        opts = pulumi.ResourceOptions(
            parent=self, provider=self.account.provider, protect=args.get("protect", not adopted)
        )
        workspace = Workspace(f"{name}-workspace", inputs, opts)
        self.workspace_id = workspace.workspace_id
        self.api_host = workspace.api_host
        self.openai_base_url = self._published("openai")
        self.anthropic_base_url = self._published("anthropic")
        self.dashscope_base_url = self._published("dashscope")
        self.register_outputs({})

    def base_url(self, domain: str, protocol: Protocol) -> pulumi.Output[str]:
        """Return the base URL that a key of this workspace opens on `domain`, as it will be delivered.

        Raises CatalogueError when the domain is not published in this region for that protocol.
        """
        row = find(domain, self.region, protocol)

        def url(workspace_id: str, api_host: str) -> str:
            try:
                return behind(self.account.prefix, base_url(row, workspace_id=workspace_id, api_host=api_host))
            except CatalogueError as wrong:
                refuse(self, self.pulumi_resource_name, "api_host", str(wrong))

        both = pulumi.Output.all(self.workspace_id, self.api_host)
        return both.apply(lambda pair: url(str(pair[0]), str(pair[1] or "")))

    def _published(self, protocol: Protocol) -> pulumi.Output[str]:
        try:
            return self.base_url("dedicated", protocol)
        except CatalogueError:
            return pulumi.Output.from_input("")


def _wrong(args: RegionalWorkspaceArgs) -> Iterator[Wrong]:
    region = args["region"]
    if region not in REGIONS:
        yield "region", f"{shown(region)} does not exist; allowed: {', '.join(REGIONS)}"
    else:
        try:
            check_service_site(region, args.get("service_site"))
        except ValueError as wrong:
            yield "service_site", str(wrong)
    if args.get("adopt") is not None and args.get("workspace_name") is not None:
        yield "workspace_name", "an adopted workspace keeps the name it has; leave one of the two out"
