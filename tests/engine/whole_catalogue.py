"""A stack file that deploys every published URL, and what a client gets from each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.engine.consumers import CALLS
from tests.provider.vendor import Console
from tests.published import ALL, ON_THE_PAGE, Published

if TYPE_CHECKING:
    from tests.engine.world import World

_URL_NAMES = {
    "openai": "OPENAI_BASE_URL",
    "anthropic": "ANTHROPIC_BASE_URL",
    "dashscope": "DASHSCOPE_HTTP_BASE_URL",
    "realtime": "DASHSCOPE_WEBSOCKET_BASE_URL",
}
"""What the clients read; typed in from their documents."""
_PLANS = ("token_plan", "coding_plan")


@dataclass(frozen=True)
class Called:
    """One published URL, deployed and called."""

    row: Published
    url: str
    """As it was delivered, the double's prefix taken off."""
    answer: str

    @property
    def on_the_page(self) -> bool:
        """Whether it is one of the 28."""
        return self.row in ON_THE_PAGE

    @property
    def as_published(self) -> bool:
        """Whether what was delivered is what the document says; a workspace's label is the service's to choose."""
        head, _, tail = self.row.url.partition("{WorkspaceId}")
        return self.url.startswith(head) and self.url.endswith(tail) and (bool(tail) or self.url == self.row.url)


def write(world: World) -> None:
    """Write a service for every host, with all its protocols, into the stack file; plan keys are set as secrets."""
    regions = sorted({region for domain, region, _, _ in ALL if domain not in _PLANS})
    services: dict[str, Any] = {}
    for domain, region in sorted({(d, r) for d, r, _, _ in ALL}):
        protocols = [p for d, r, p, _ in ALL if (d, r) == (domain, region)]
        name = f"{domain.replace('_', '-')[:6]}-{region}"[:21]
        services[name] = {"domain": domain, "protocols": protocols}
        secret: dict[str, Any] = {"name": f"all/{name}", "region": region}
        if domain in _PLANS:
            key = world.emulator.admin("POST", "/plan-keys", {"plan": domain, "region": region})["value"]
            world.stack.configure_secret(f"model-studio:{name}", key)
            services[name] |= {"region": region, "key": {"from_config": name}}
            secret["audience"] = "tools"
        else:
            services[name]["workspace"] = region
        services[name]["secrets"] = [{"kms": secret}]
    world.write("workspaces", {region: {"region": region, "protect": False} for region in regions})
    world.write("services", services)


def call_all(world: World) -> list[Called]:
    """Read every record from KMS and call its URLs with the client of each protocol."""
    called: list[Called] = []
    for name, service in world.settings["services"].items():
        region = service["secrets"][0]["kms"]["region"]
        record: dict[str, str] = json.loads(Console(world.emulator, region).secret(f"all/{name}")[1])
        for protocol in service["protocols"]:
            double, scheme = world.emulator.inference, "https"
            if protocol == "realtime":
                double, scheme = double.replace("http", "ws", 1), "wss"
            url = record[_URL_NAMES[protocol]].replace(f"{double}/", f"{scheme}://")
            row = next(row for row in ALL if row[:3] == (service["domain"], region, protocol))
            called.append(Called(row, url, CALLS[protocol](record)))
    return called
