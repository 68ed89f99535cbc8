"""Why a key is refused where it should open: asked once, and only after a refusal that says no more than 401.

Two sources, both of the vendor's own. The control plane knows whether a key that was minted here is there, enabled and
of the right workspace. The fixed hosts (shared and plan domains) tell by opening which plan and region a key is of.
ASSUMPTION shared-takes-any-key.
"""

from collections.abc import Iterator

from catalogue.pairs import KeyFacts, UrlFacts, check_pair
from catalogue.rows import ROWS, Row
from catalogue.rules import Refused
from catalogue.urls import behind
from provider.client.control_plane import ControlPlane
from provider.client.errors import ServiceError
from provider.probe.check import check
from provider.probe.http import Ask
from provider.probe.pair import NO_MODELS, Pair

_DIFFERENT_KEY = "the service gave out another key's value for it: delete it in the console, then run `pulumi up`"


def of_minted(plane: ControlPlane, region: str, key_id: str, workspace_id: str, value: str) -> str:
    """Say what the control plane knows against a key that this stack minted; "" when it knows nothing."""
    try:
        key = plane.api_key(region, key_id)
    except ServiceError:
        return ""  # what was asked is why the pair is refused, not why the control plane is
    if key is None:
        return f"key {key_id} was deleted outside this stack: run `pulumi refresh`, then `pulumi up` mints the next one"
    if key.disabled:
        return (
            f"key {key_id} was disabled outside this stack: enable it in the console, or run `pulumi refresh`, then "
            "`pulumi up` mints the next one"
        )
    if key.workspace_id not in ("", workspace_id):
        return f"key {key_id} is of workspace {key.workspace_id}, not of {workspace_id}"
    if key.masked and not fits(key.masked, value):
        return f"key {key_id} is there and enabled, but {_DIFFERENT_KEY}"
    return ""


def of_any(key: str, url: UrlFacts, *, prefix: str = "", ask: Ask | None = None) -> str:
    """Say which plan and region a key is of, by the fixed hosts that it opens; "" when it opens none of them.

    The text is that of the rule that forbids the pair. `prefix` leads to a double of the hosts.
    """
    for row in _fixed_rows(url):
        pair = Pair.of("openai", behind(prefix, row.url_template), key, prefix=prefix)
        found = check(pair, NO_MODELS, ask=ask)
        if not found.facts.key_accepted:
            continue
        facts = KeyFacts(billing_plan=row.billing_plan, region=row.region)
        try:
            check_pair(facts, url)
        except Refused as refused:
            return f"the key opens {row.url_template}: {refused}"
        if url.domain == "dedicated":
            return f"the key opens {row.url_template}: it is of another workspace in {row.region}, not of this host's"
        return f"the key opens {row.url_template}, but not this URL"
    return ""


def _fixed_rows(url: UrlFacts) -> Iterator[Row]:
    """Return one row per shared and plan host, the nearest first."""
    rows = [r for r in ROWS if r.protocol == "openai" and r.domain in ("shared", "token_plan", "coding_plan")]
    yield from sorted(rows, key=lambda r: (r.region != url.region, r.domain != "shared"))


def fits(masked: str, value: str) -> bool:
    """Whether a masked value can be that of `value`: equal before and after the stars (ASSUMPTION get-key-masked)."""
    head, _, rest = masked.partition("*")
    tail = rest.rpartition("*")[2]
    return value.startswith(head) and value.endswith(tail)
