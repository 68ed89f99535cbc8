"""What must not be deployed: one table of rules, each with an id, the reason and where it is written.

Every refusal that a person reads is made here, so that stack files, components and the plugin say the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from catalogue.addresses import is_open
from catalogue.regions import SCOPES, listed, sites_of
from catalogue.rows import CatalogueError, find, shown

MODEL_STUDIO_API = "ModelStudio 2026-02-10, CreateApiKey"
BASE_URLS = "Base URL Overview, 2026-06-30"


@dataclass(frozen=True)
class Rule:
    """One thing that is refused: in preview, unless only the services can say that it is so."""

    id: str
    reason: str
    source: str


RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in (
        Rule(
            "domain-region",
            "a base URL exists only for the domains, regions and protocols that are published",
            BASE_URLS,
        ),
        Rule(
            "billing-plan",
            "a base URL takes only keys of its own billing plan, every other is answered 401",
            BASE_URLS,
        ),
        Rule("key-region", "keys are independent across regions and open nothing in another one", BASE_URLS),
        Rule("key-workspace", "a dedicated host takes only keys of its own workspace", BASE_URLS),
        Rule(
            "plan-key-tools",
            "keys of a subscription plan are for interactive coding tools only, by the plan's terms",
            f"{BASE_URLS}; Token Plan FAQ; Coding Plan FAQ",
        ),
        Rule(
            "plan-key-existing",
            "keys of a subscription plan are not minted here",
            "this project: seats are assigned to people, whose keys they are; a Token Plan key can be made by an API "
            "(CreateTokenPlanKey, 2026-10-22), a Coding Plan key cannot",
        ),
        Rule(
            "temporary-key",
            "a temporary key ends after at most 30 minutes and cannot be delivered",
            "Generate a temporary API key, expire_in_seconds",
        ),
        Rule(
            "key-text",
            "no key of Model Studio reads like this, and what is not a key would be delivered as one",
            "get-api-key page; key prefixes that other providers publish",
        ),
        Rule(
            "service-site",
            "each region offers its own deployment scopes, or no choice",
            "regional pages, 2026-10-11; ModelStudio 2026-02-10, CreateWorkspace serviceSite",
        ),
        Rule(
            "open-key",
            "a key with custom permissions and an empty IP list is opened to the whole internet by the service",
            f"{MODEL_STUDIO_API} auth.accessIps",
        ),
        Rule(
            "key-models",
            "a key may only name models that its workspace may call",
            f"{MODEL_STUDIO_API} auth.models",
        ),
        Rule(
            "empty-workspace",
            "a key made without a workspace id silently lands in the default workspace",
            f"{MODEL_STUDIO_API} workspaceId",
        ),
        Rule(
            "config-needs-secret",
            "a config sink holds no key but the place of the secret, so there must be a secret sink",
            "this project: the record",
        ),
        Rule(
            "key-needs-vault",
            "the value of a minted key lies in the first secret sink of its service and nowhere else",
            "this project: no key in a state",
        ),
        # catalogue/models.py
        Rule(
            "model-offered",
            "each region offers its own models, and models end",
            "ModelStudio 2026-02-10, ListModels; asked at `up`",
        ),
        # catalogue/rotation.py
        Rule(
            "rotation-periods",
            "a key's overlap and soak must be over before the next one comes of age",
            "this project: rotation",
        ),
        Rule("key-limit", "the service keeps at most 20 keys in a workspace", "get-api-key page"),
        Rule(
            "serve-generation",
            "only a living key of the same workspace, not revoked, whose value is on record, can be delivered again",
            "this project: rotation",
        ),
        Rule(
            "own-key",
            "a key that was minted here is ended by retirement, which would disable it while it is delivered",
            "this project: rotation",
        ),
        Rule(
            "retire-undelivered",
            "a key that a sink still holds is neither disabled nor deleted",
            "this project: rotation",
        ),
    )
}

MAX_IPS = 20
"""Entries in a key's IP list (get-api-key page)."""
MAX_MODELS = 30
"""Models in a key's custom scope (get-api-key page)."""
MAX_DESCRIPTION = 200
"""Characters of a key's description (get-api-key page, 2026)."""
MAX_NAME = 30
"""Characters of a workspace name (ASSUMPTION workspace-name-length)."""
MAX_WORKSPACES = 20
"""Workspaces in all regions together (ASSUMPTION workspaces-per-account)."""


class Refused(ValueError):
    """A rule forbids this; the text says what, why, and what would be right."""

    def __init__(self, rule: str, wrong: str, right: str) -> None:
        self.rule = RULES[rule]
        super().__init__(f"{wrong}: {self.rule.reason}; {right} [{rule}]")


def check_domain(domain: str, region: str, protocols: Sequence[str]) -> None:
    """Refuse a domain that is not published in `region` for each of the protocols."""
    for protocol in protocols:
        try:
            find(domain, region, protocol)
        except CatalogueError as exc:
            raise Refused("domain-region", str(exc), "choose one that exists") from None


def check_service_site(region: str, service_site: str | None) -> None:
    """Refuse a service site that the region does not offer (ASSUMPTION service-site-words)."""
    sites = sites_of(region)
    if service_site is None or service_site in sites:
        return
    if sites:
        right = f"{region} offers {listed(sites)}"
    else:
        choices = "; ".join(f"{there}: {', '.join(s.choice)}" for there, s in SCOPES.items() if s.choice)
        right = f"{region} offers none: leave it out, or use a region that has a choice ({choices})"
    raise Refused("service-site", f"service_site {shown(service_site)} in {region}", right)


def check_workspace(workspace: object) -> None:
    """Refuse an empty or missing workspace for a key that is minted, or for models that it may call."""
    if workspace in (None, ""):
        raise Refused("empty-workspace", "no workspace", "name a workspace, or give an existing key")


def check_address(value: str) -> str:
    """Return an address or network of a key's IP list; refuse anything else."""
    try:
        ip_network(value, strict=False)
    except ValueError:
        raise ValueError("must be an address or network, such as 203.0.113.7 or 203.0.113.0/24") from None
    return value


def check_key_scope(models: Sequence[str] | None, allowed_ips: Sequence[str], *, open_to_world: bool) -> None:
    """Refuse a key whose custom scope would be open to every address without anybody having said so.

    `models` None means every model that the workspace may call. Such a key without IP list is of type All, which
    carries no IP list at all and is what the console makes by default; only a custom one is refused (ASSUMPTION
    empty-ip-list-is-world).
    """
    if len(allowed_ips) > MAX_IPS:
        raise ValueError(f"allowed_ips has {len(allowed_ips)} entries; the service takes at most {MAX_IPS}")
    for address in allowed_ips:
        try:
            check_address(address)
        except ValueError as wrong:
            raise ValueError(f"{shown(address)} {wrong}") from None
    if models is not None and not 1 <= len(models) <= MAX_MODELS:
        raise ValueError(f"models has {len(models)} entries; the service takes 1 to {MAX_MODELS}, or the word all")
    if models is None or open_to_world:
        return
    if not allowed_ips:
        raise Refused(
            "open-key",
            "key with a model list and no allowed_ips",
            "list the addresses in allowed_ips, or write open_to_world: true",
        )
    if is_open(allowed_ips):
        raise Refused(
            "open-key",
            "key with a model list whose allowed_ips together hold every address, which is as good as none",
            "list the addresses that call, or leave allowed_ips out and write open_to_world: true",
        )


def check_key_models(models: Sequence[str] | None, of_workspace: Sequence[str] | None) -> None:
    """Refuse a key for models that its workspace may not call. None: all, or not known."""
    if models is None or of_workspace is None:
        return
    beyond = [model for model in models if model not in of_workspace]
    if beyond:
        raise Refused(
            "key-models",
            f"{', '.join(map(shown, beyond))} not among the models of its workspace ({', '.join(of_workspace)})",
            "add to the workspace's models, or take out of the key's",
        )


def rules_table() -> str:
    """Return the rules as the rows of a Markdown table: id, reason, source."""
    return "\n".join(f"| `{rule.id}` | {rule.reason} | {rule.source} |" for rule in RULES.values())
