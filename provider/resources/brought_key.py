"""Where a key comes from that is not minted here: a plan's, one from the console, another team's."""

import json
from typing import ClassVar, NotRequired, TypedDict

import pulumi

from catalogue.key_text import check_key_text
from catalogue.pairs import KeyFacts, UrlFacts, check_pair, plan_hint
from catalogue.rows import DOMAINS, PLANS, as_domain, as_plan
from catalogue.rules import Refused
from provider.client.errors import ServiceError
from provider.client.redact import remember
from provider.client.shapes import as_object
from provider.resource import (
    Call,
    Diff,
    Failure,
    Found,
    Handler,
    Kind,
    Made,
    Property,
    RefusedError,
    no_import,
    text_of,
)
from provider.resources.base import ModelStudioResource
from provider.values import UNKNOWN, Values

_SOURCES = ("key", "secretName")


class BroughtKeyHandler(Handler):
    """Takes the value from a Pulumi secret, or reads it from a KMS secret at create, update and refresh."""

    type_name: ClassVar[str] = "modelstudio:index:BroughtKey"
    doc: ClassVar[str] = "A key that was made elsewhere, read and held against what is said of it."
    inputs: ClassVar = {
        "regionId": Property(type="string", doc="Region in which the caller's account is asked for.", required=True),
        "domain": Property(type="string", doc="Domain of the URLs that it shall open.", required=True),
        "urlRegion": Property(type="string", doc="Region of these URLs.", required=True),
        "urlWorkspaceId": Property(type="string", doc="Workspace of these URLs, where they belong to one."),
        "key": Property(type="string", doc="The key; or secretName.", secret=True),
        "secretRegionId": Property(type="string", doc="Region of the KMS secret that holds the key."),
        "secretName": Property(type="string", doc="Name of the KMS secret that holds it; or key."),
        "secretField": Property(type="string", doc="Field of the secret's JSON object; left out: all of it."),
        "billingPlan": Property(type="string", doc="What is said of the key: its billing plan."),
        "keyRegion": Property(type="string", doc="What is said of the key: its region."),
        "keyWorkspaceId": Property(type="string", doc="What is said of the key: its workspace."),
    }
    outputs: ClassVar = {
        "value": Property(type="string", doc="The key.", secret=True),
        "present": Property(type="boolean", doc="Whether the source still gives this value."),
        "source": Property(type="string", doc="Where it came from: config, or kms:<region>/<name>@<version>."),
    }

    def check(self, call: Call, news: Values, olds: Values | None) -> tuple[Values, list[Failure]]:
        """Refuse what the firewall forbids, as far as it is written; a value is looked at but never repeated."""
        del olds
        given = [name for name in _SOURCES if news.get(name) is not None]
        failures: list[Failure] = []
        if len(given) != 1:
            failures.append(Failure("key", "give either a key or the name of a KMS secret that holds it"))
        for name, allowed in (("domain", DOMAINS), ("billingPlan", PLANS)):
            if isinstance(news.get(name), str) and news[name] not in allowed:
                failures.append(Failure(name, f"is not known; allowed: {', '.join(allowed)}"))
        if failures:
            return news, failures
        key = news.get("key")
        if isinstance(key, str):
            try:
                news = news | {"key": check_key_text(key)}
            except ValueError as wrong:
                failures.append(Failure("key", str(wrong)))
            else:
                self._hint(call, news, news["key"])
        try:
            _check_facts(news)
        except Refused as refused:
            failures.append(Failure(_PROPERTY_OF[refused.rule.id], str(refused)))
        return news, failures

    def diff(self, call: Call, state: Values, olds: Values, news: Values) -> Diff:
        """A source that gives another value is a change too."""
        changed: dict[str, Kind] = dict(super().diff(call, state, olds, news).changed)
        if state.get("present") is not True:
            changed["present"] = "update"
        return Diff(changed=changed)

    def planned(self, call: Call, state: Values | None, news: Values) -> Values:
        """A value that stays is shown as it is."""
        if state is None or self._may_change(state, news):
            return super().planned(call, state, news)
        return news | {name: state.get(name) for name in self.outputs}

    def create(self, call: Call, news: Values) -> Made:
        """Take the value over."""
        return Made(f"brought-{call.urn.name}", news | self._taken(call, news))

    def read(self, call: Call, id_: str, state: Values, inputs: Values) -> Found | None:
        """See whether a KMS secret still gives the value that is delivered; the next `up` takes a new one over."""
        if not state:
            raise no_import("BroughtKey", "it is made from the value that the program gives")
        if inputs.get("secretName") is None:
            return Found(id_, state, inputs)
        try:
            present = self._read(call, inputs)[0] == state.get("value")
        except RefusedError:
            present = False
        return Found(id_, state | {"present": present}, inputs)

    def update(self, call: Call, state: Values, news: Values) -> Values:
        """Take the value over that the source gives now."""
        del state
        return news | self._taken(call, news)

    def delete(self, call: Call, id_: str, state: Values) -> None:
        """Leave it: it belongs to whoever made it."""

    def _taken(self, call: Call, news: Values) -> Values:
        key, source = self._read(call, news)
        return {"value": key, "present": True, "source": source}

    def _read(self, call: Call, news: Values) -> tuple[str, str]:
        """Return the key and where it came from. Raises RefusedError when the secret holds none that can be used."""
        if news.get("secretName") is None:
            return text_of(news, "key"), "config"
        region, name = text_of(news, "secretRegionId") or text_of(news, "regionId"), text_of(news, "secretName")
        where = f"KMS secret {name} in {region}"
        try:
            held = call.services.kms.value(region, name)
        except ServiceError as error:
            raise RefusedError(f"the key cannot be read from {where}: {error}") from None
        if held is None:
            raise RefusedError(f"there is no {where}: create it, or correct from_kms")
        text = _field_of(held.data, text_of(news, "secretField"), where)
        try:
            key = check_key_text(text)
        except ValueError as wrong:
            raise RefusedError(f"{where}: {wrong}") from None
        remember(key)
        self._hint(call, news, key)
        return key, f"kms:{region}/{name}@{held.version_id}"

    @staticmethod
    def _hint(call: Call, news: Values, key: str) -> None:
        domain = as_domain(news.get("domain"))
        hint = plan_hint(key, domain) if domain else ""
        if hint:
            call.warn(f"{hint}. If the pair check refuses it, look there first")

    @staticmethod
    def _may_change(state: Values, news: Values) -> bool:
        if news.get("secretName") is not None:
            moved = any(state.get(n) != news.get(n) for n in ("secretName", "secretRegionId", "secretField"))
            return moved or state.get("present") is not True
        return news.get("key") is UNKNOWN or news.get("key") != state.get("value")


_PROPERTY_OF = {"billing-plan": "billingPlan", "key-region": "keyRegion", "key-workspace": "keyWorkspaceId"}


def _check_facts(news: Values) -> None:
    """Refuse a pair that what is said of key and URL forbids; what is not known yet is not looked at."""
    domain = as_domain(news.get("domain"))
    if domain is None or news.get("urlRegion") is UNKNOWN:
        return
    key = KeyFacts(
        billing_plan=as_plan(news.get("billingPlan")),
        region=text_of(news, "keyRegion") or None,
        workspace=text_of(news, "keyWorkspaceId") or None,
    )
    workspace = text_of(news, "urlWorkspaceId") or None
    check_pair(key, UrlFacts(domain=domain, region=text_of(news, "urlRegion"), workspace=workspace))


def _field_of(data: str, field: str, where: str) -> str:
    """Return the whole data, or a field of the JSON object that it is."""
    if not field:
        return data
    try:
        found = as_object(json.loads(data)).get(field)
    except ValueError:
        raise RefusedError(f"{where} holds no JSON object, so it has no field {field}") from None
    if not isinstance(found, str):
        raise RefusedError(f"{where} has no text in a field {field}")
    return found


class BroughtKeyArgs(TypedDict):
    """Inputs of :class:`BroughtKey`."""

    region_id: pulumi.Input[str]
    """Region in which the caller's account is asked for."""
    domain: pulumi.Input[str]
    """Domain of the URLs that it shall open."""
    url_region: pulumi.Input[str]
    """Region of these URLs."""
    url_workspace_id: NotRequired[pulumi.Input[str] | None]
    """Workspace of these URLs, where they belong to one."""
    key: NotRequired[pulumi.Input[str] | None]
    """The key, as a secret; or secret_name."""
    secret_region_id: NotRequired[pulumi.Input[str] | None]
    """Region of the KMS secret; region_id when left out."""
    secret_name: NotRequired[pulumi.Input[str] | None]
    """Name of a KMS secret that holds the key."""
    secret_field: NotRequired[pulumi.Input[str] | None]
    """Field of the secret's JSON object; left out: all of it is the key."""
    billing_plan: NotRequired[pulumi.Input[str] | None]
    """What is said of the key: its billing plan."""
    key_region: NotRequired[pulumi.Input[str] | None]
    """What is said of the key: its region."""
    key_workspace_id: NotRequired[pulumi.Input[str] | None]
    """What is said of the key: its workspace."""


class BroughtKey(ModelStudioResource):
    """A key that was made elsewhere."""

    handler = BroughtKeyHandler
    value: pulumi.Output[str]
    """The key; secret."""
    present: pulumi.Output[bool]
    """Whether the source still gives this value."""

    def __init__(self, name: str, args: BroughtKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
