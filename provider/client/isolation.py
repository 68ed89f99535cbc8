"""Does a key stay where it belongs? It must be refused on hosts that are not its own."""

from collections.abc import Iterator
from dataclasses import dataclass

from catalogue.rows import ROWS
from catalogue.urls import behind
from provider.client import probe
from provider.client.control_plane import ControlPlane


@dataclass(frozen=True, kw_only=True)
class Abroad:
    """A host that the key must not open."""

    what: str
    url: str


def hosts(plane: ControlPlane, region: str, workspace_id: str, prefix: str) -> Iterator[Abroad]:
    """Return the dedicated host of a sibling workspace, where there is one, and another region's shared host.

    Every region has a default workspace, so that a workspace that was made always has a sibling. `workspace_id` "" (a
    plan's key, which has no workspace): any workspace's host will do.
    """
    others = (w for w in plane.workspaces(region) if w.workspace_id != workspace_id)
    sibling = next((w for w in others if w.api_host), None)
    if sibling is not None:
        url = behind(prefix, f"https://{sibling.api_host}{_openai_path()}")
        yield Abroad(what=f"the host of workspace {sibling.workspace_id}", url=url)
    row = next(r for r in ROWS if (r.domain, r.protocol) == ("shared", "openai") and r.region != region)
    yield Abroad(what=f"the shared host of {row.region}", url=behind(prefix, row.url_template))


def check(abroad: Abroad, key: str, *, call: probe.Call | None = None) -> probe.Finding:
    """Return `verified` when the key is refused there, as it must be; `refused` when it opens it."""
    found = probe.check("openai", abroad.url, key, has_ip_list=False, call=call)
    if found.outcome == "refused":
        return probe.Finding(outcome="verified")
    if found.outcome == "verified":
        cause = f"the key opens {abroad.what}, which it must not"
        return probe.Finding(outcome="refused", cause=cause)
    return probe.Finding(outcome=found.outcome, cause=f"{abroad.what}: {found.cause}")


def _openai_path() -> str:
    return next(r.path for r in ROWS if (r.domain, r.protocol) == ("dedicated", "openai"))
