"""What a service calls: the hosts of a domain, a workspace's own or not."""

from collections.abc import Mapping, Sequence

import pulumi

from catalogue.pairs import better_row
from catalogue.rows import Protocol, find
from catalogue.urls import base_url, behind, private_link_url, url_at
from components.regional_workspace import RegionalWorkspace


class Target:
    """Base URLs of one domain in one region."""

    def __init__(
        self,
        domain: str,
        region: str,
        *,
        workspace: RegionalWorkspace | None,
        host: str | None,
        prefix: str,
        base_urls: Mapping[str, str] | None = None,
        vpc_id: str | None = None,
    ) -> None:
        """Take facts that `catalogue.access` has found nothing against. `prefix` leads to a double of the hosts."""
        self._base_urls = base_urls
        self._vpc_id = vpc_id
        self.domain = domain
        self.region = region
        self.workspace = workspace
        self.prefix = prefix
        self._host = host

    @property
    def workspace_id(self) -> pulumi.Output[str]:
        """Id of the workspace, "" without one."""
        return self.workspace.workspace_id if self.workspace else pulumi.Output.from_input("")

    def urls(self, protocols: Sequence[Protocol]) -> Mapping[Protocol, pulumi.Output[str]]:
        """Return the base URLs as they will be delivered."""
        return {protocol: self._url(protocol) for protocol in protocols}

    def discouraged(self, protocols: Sequence[Protocol]) -> list[pulumi.Output[str]]:
        """Return the dedicated URLs to move to, where the vendor discourages the domain that was chosen."""
        if self._host is not None or self._base_urls is not None:
            return []
        better = [better_row(find(self.domain, self.region, protocol)) for protocol in protocols]
        return [self._dedicated(row.protocol, row.url_template) for row in better if row is not None]

    def _url(self, protocol: Protocol) -> pulumi.Output[str]:
        if self._base_urls is not None:
            return pulumi.Output.from_input(behind(self.prefix, self._base_urls[protocol]))
        vpc_id = self._vpc_id
        if vpc_id is not None:
            return self.workspace_id.apply(
                lambda id_: behind(self.prefix, private_link_url(id_, vpc_id, self.region, protocol))
            )
        if self._host is not None:
            url = url_at(self._host, self.domain, self.region, protocol)
            return pulumi.Output.from_input(behind(self.prefix, url))
        if self.workspace is not None:
            return self.workspace.base_url(self.domain, protocol)
        return pulumi.Output.from_input(behind(self.prefix, base_url(find(self.domain, self.region, protocol))))

    def _dedicated(self, protocol: Protocol, template: str) -> pulumi.Output[str]:
        if self.workspace is None:
            return pulumi.Output.from_input(template)

        def known_or_template(url: object) -> str:
            return url if isinstance(url, str) else template

        return self.workspace.base_url("dedicated", protocol).apply(known_or_template, run_with_unknowns=True)
