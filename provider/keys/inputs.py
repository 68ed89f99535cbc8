"""The properties of an ApiKey, and what is refused of its inputs before anything is asked or made."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

from catalogue.access import VERIFY
from catalogue.key_text import check_key_text
from catalogue.pairs import KeyFacts, UrlFacts, check_pair
from catalogue.rotation import check_not_revoked, policy_failures
from catalogue.rows import DOMAINS, PLANS, as_domain, as_plan
from catalogue.rules import Refused, check_key_scope
from provider.client.control_plane import OPEN_ADDRESSES
from provider.client.shapes import as_list, as_object
from provider.keys import existing
from provider.keys.scope import scope_of, workspace_failures
from provider.keys.wanted import is_existing
from provider.resource import Call, Failure, Property, text_of
from provider.stores.written import FORMATS, place_of
from provider.values import UNKNOWN, Values, has_unknown

INPUTS: Mapping[str, Property] = {
    "regionId": Property(type="string", doc="Region of the workspace.", required=True),
    "workspaceId": Property(
        type="string", doc='Workspace that the key belongs to; "" for an existing key without one.', required=True
    ),
    "ownerId": Property(type="string", doc="Owner id of the stack.", required=True),
    "existingKey": Property(
        type="string", doc="A key made elsewhere, from the configuration; left out: one is minted.", secret=True
    ),
    "existingAt": Property(type="object", doc="Where such a key lies: store (kms, oos), regionId, name and field."),
    "billingPlan": Property(type="string", doc="What is said of an existing key: its billing plan."),
    "keyRegion": Property(type="string", doc="What is said of an existing key: its region."),
    "keyWorkspaceId": Property(type="string", doc="What is said of an existing key: its workspace."),
    "models": Property(type="array", doc="Models that the key may call; left out: all that its workspace may."),
    "allowedIps": Property(type="array", doc="Addresses and networks that may use it, at most 20."),
    "openToWorld": Property(type="boolean", doc="Said when a key with a model list shall open from every address."),
    "rotation": Property(type="object", doc="When the key is replaced, and how the old one ends: a RotationPolicy."),
    "urls": Property(type="object", doc="Base URL by protocol, as they will be delivered.", required=True),
    "domain": Property(type="string", doc="Domain of these URLs.", required=True),
    "urlRegion": Property(type="string", doc="Region of these URLs; regionId when left out."),
    "verify": Property(
        type="string",
        doc="What may be delivered: required (default for a minted key), free (for others), best_effort or off.",
    ),
    "verifyModel": Property(type="string", doc="The model to call where a real call is needed."),
    "isolation": Property(type="boolean", doc="Whether the key must be refused on hosts that are not its own."),
    "prefix": Property(type="string", doc="Prefix of a double of the inference hosts."),
    "vault": Property(
        type="object",
        doc="Where the value lies: store, regionId, name, claim and found of its SecretPlace; prefix, format (json, "
        "key), encryptionKey and instance.",
    ),
    "alsoAt": Property(type="array", doc="The other secret places of the service, as kms:cn-beijing/prod/gateway."),
    "keyAlone": Property(type="boolean", doc="Whether one of its secrets holds the key without the URLs."),
    "keepValue": Property(type="boolean", doc="Put the value into the state, as the output `value`."),
    "probeOnRefresh": Property(
        type="boolean", doc="Whether a refresh reads the value and asks the URLs again. Default: true."
    ),
}
OUTPUTS: Mapping[str, Property] = {
    "keyId": Property(type="string", doc='Id of the current key; "" for an existing one.'),
    "generation": Property(
        type="integer", doc="Number of the current key, minted or existing; counts from 1, never used again."
    ),
    "createdBy": Property(type="string", doc='Account or RAM user that the key belongs to; "" for an existing one.'),
    "createdAt": Property(type="string", doc="When the current key was minted or taken over, ISO 8601, UTC."),
    "fingerprint": Property(type="string", doc="By which its value is known, 32 hex digits."),
    "stored": Property(type="string", doc="Id of the vault's version that holds it."),
    "series": Property(type="string", doc="What the marks of this service's keys have in common, 16 hex digits."),
    "present": Property(type="boolean", doc="Whether the current key exists and is enabled."),
    "superseded": Property(type="array", doc="Keys that are not current but may be alive: number, id, place, since."),
    "ledger": Property(type="object", doc="What the plugin keeps of all keys. Never a value."),
    "rotateAfter": Property(type="string", doc="When age rotates the key, ISO 8601, UTC; empty: never."),
    "record": Property(type="object", doc="The record without keys, and where the secret is."),
    "revision": Property(type="integer", doc="Counts the changes of the record, from 1."),
    "digest": Property(type="string", doc="Digest of key and facts, 16 hex digits."),
    "held": Property(type="string", doc="Generation and revision that the vault's readers get, as g1r1."),
    "outcome": Property(type="string", doc="verified, accepted, refused, inconclusive, not_checkable or not_checked."),
    "outcomes": Property(type="object", doc="By protocol: verified, accepted, refused, inconclusive or not_checkable."),
    "proofs": Property(type="object", doc="By protocol: keyAccepted, hostProven, modelAnswered."),
    "cause": Property(type="string", doc="Why it is not verified."),
    "verifiedAt": Property(type="string", doc="Since when the outcome holds, ISO 8601, UTC."),
    "value": Property(type="string", doc="The key; only where keepValue asks for it.", secret=True),
}


def completed(news: Values) -> Values:
    """Return the inputs with lists in one order, and a list that holds every address as what it means."""
    for name in ("models", "allowedIps", "alsoAt"):
        if isinstance(news.get(name), list) and not has_unknown(news[name]):
            news = news | {name: sorted({str(item) for item in news[name]})}
    if isinstance(news.get("existingKey"), str):
        with suppress(ValueError):  # which is refused below
            news = news | {"existingKey": check_key_text(news["existingKey"])}
    ips = as_list(news.get("allowedIps"))
    if ips and set(ips) <= OPEN_ADDRESSES:
        news = news | {"allowedIps": [], "openToWorld": True}
    return news


def vault_place(inputs: Values) -> str:
    """Return the vault's place, "" where there is none or it is not known yet."""
    vault = as_object(inputs.get("vault"))
    return str(place_of(vault)) if vault and not has_unknown(vault.get("name")) else ""


def failures(call: Call, news: Values, olds: Values | None) -> Iterator[Failure]:
    """Return what cannot be right; what is not known yet is not looked at."""
    if not is_existing(news):
        yield from workspace_failures(news)
    yield from _rotation_failures(news)
    yield from _scope_failures(news)
    yield from _verify_failures(news)
    yield from _existing_failures(call, news)
    yield from _place_failures(news, olds)


def _rotation_failures(news: Values) -> Iterator[Failure]:
    said = as_object(news.get("rotation"))
    for word, wrong in policy_failures({n: v for n, v in said.items() if v is not UNKNOWN}).items():
        yield Failure("rotation", f"{word}: {wrong}")
    serve, revoked = said.get("serveGeneration"), said.get("revokeThrough")
    if isinstance(serve, int) and isinstance(revoked, int):
        try:
            check_not_revoked(serve, revoked)
        except Refused as refused:
            yield Failure("rotation", str(refused))


def _scope_failures(news: Values) -> Iterator[Failure]:
    if has_unknown([news.get("models"), news.get("allowedIps")]):
        return
    scope = scope_of(news)
    try:
        check_key_scope(scope.models, scope.allowed_ips, open_to_world=news.get("openToWorld") is True)
    except Refused as refused:
        yield Failure("allowedIps", str(refused))
    except ValueError as wrong:
        yield Failure("models" if str(wrong).startswith("models") else "allowedIps", str(wrong))


def _verify_failures(news: Values) -> Iterator[Failure]:
    verify = news.get("verify")
    if isinstance(verify, str) and verify not in VERIFY:
        yield Failure("verify", f"{verify!r} is not allowed; allowed: {', '.join(VERIFY)}")
    if news["urls"] == {}:
        yield Failure("urls", "empty: there is nothing to check or deliver")
    if verify == "off" and news.get("isolation") is True:
        yield Failure("isolation", "verify: off checks nothing; leave one of the two out")
    models, chosen = news.get("models"), text_of(news, "verifyModel")
    if chosen and isinstance(models, list) and UNKNOWN not in models and chosen not in as_list(models):
        yield Failure("verifyModel", f"{chosen!r} is not among the models that the key may call")


def _existing_failures(call: Call, news: Values) -> Iterator[Failure]:
    """Refuse what the firewall forbids of a key made elsewhere; its value is looked at but never repeated."""
    if not is_existing(news):
        return
    if news.get("existingKey") is not None and news.get("existingAt") is not None:
        yield Failure("existingKey", "give either a key or where it lies")
    for name, allowed in (("domain", DOMAINS), ("billingPlan", PLANS)):
        if isinstance(news.get(name), str) and news[name] not in allowed:
            yield Failure(name, f"is not known; allowed: {', '.join(allowed)}")
    key = news.get("existingKey")
    if isinstance(key, str):
        try:
            existing.hint(call, text_of(news, "domain"), check_key_text(key))
        except ValueError as wrong:
            yield Failure("existingKey", str(wrong))
    try:
        _check_said(news)
    except Refused as refused:
        yield Failure(_PROPERTY_OF[refused.rule.id], str(refused))


_PROPERTY_OF = {"billing-plan": "billingPlan", "key-region": "keyRegion", "key-workspace": "keyWorkspaceId"}


def _check_said(news: Values) -> None:
    domain = as_domain(news.get("domain"))
    if domain is None or news.get("urlRegion") is UNKNOWN:
        return
    key = KeyFacts(
        billing_plan=as_plan(news.get("billingPlan")),
        region=text_of(news, "keyRegion") or None,
        workspace=text_of(news, "keyWorkspaceId") or None,
    )
    region = text_of(news, "urlRegion") or text_of(news, "regionId")
    workspace = text_of(news, "workspaceId") if domain == "dedicated" else ""
    check_pair(key, UrlFacts(domain=domain, region=region, workspace=workspace or None))


def _place_failures(news: Values, olds: Values | None) -> Iterator[Failure]:
    """Refuse a form that is none, and a change of places that would lose a value or give readers half of a pair."""
    vault = as_object(news.get("vault"))
    if vault and vault.get("format", "json") not in (*FORMATS, UNKNOWN):
        yield Failure("vault", f"format is not allowed; allowed: {', '.join(FORMATS)}")
    if not vault and not is_existing(news) and news.get("keepValue") is not True:
        yield Failure(
            "vault",
            "missing: the value of a minted key would lie nowhere. Add a secret sink, or write keep_value: true",
        )
    if olds is None:
        return
    before, now = vault_place(olds), vault_place(news)
    if before and before != now and before not in as_list(news.get("alsoAt")):
        yield Failure(
            "vault",
            f"{before} holds the values of this service's keys, and is no longer among its secrets. Move in two steps: "
            f"list {now or 'the new secret'} first and {before} after it, run `pulumi up`, and take the old one out "
            "when the overlap of the keys in it has ended",
        )
    if news.get("keyAlone") is True and not _opens_held(olds, news):
        yield Failure(
            "urls",
            "a secret of format key would give readers a key of another place before they have its URLs. Write format: "
            "json, or change both by way of a shared URL that both keys open (domain: shared), in three steps",
        )


def _opens_held(olds: Values, news: Values) -> bool:
    """Whether a new key may open the URLs that readers have, by what is written of both."""
    moved = any(olds.get(name) != news.get(name) for name in ("regionId", "workspaceId"))
    if olds.get("urls") == news.get("urls") or not moved or has_unknown([olds, news.get("regionId")]):
        return True
    domain, region = as_domain(olds.get("domain")), text_of(olds, "urlRegion") or text_of(olds, "regionId")
    if domain is None:
        return True
    workspace = news.get("workspaceId")
    key = KeyFacts(region=text_of(news, "regionId"), workspace=workspace if isinstance(workspace, str) else "new")
    try:
        check_pair(key, UrlFacts(domain=domain, region=region, workspace=text_of(olds, "workspaceId") or None))
    except Refused:
        return False
    return True
