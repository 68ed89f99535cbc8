"""What a resource's inputs ask for, typed: the key, its URLs, how they are proven, and where the record goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalogue.access import Verify, default_verify
from catalogue.record import URL_NAMES, facts, fingerprint
from catalogue.rotation import RotationPolicy
from provider.client.control_plane import KeyScope
from provider.client.shapes import as_list, as_object
from provider.keys.decide import Request
from provider.keys.scope import scope_of
from provider.resource import text_of
from provider.stores.store import Place
from provider.stores.written import Written, place_of
from provider.values import Values


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where an existing key, made elsewhere, comes from: the configuration, or a secret."""

    value: str = field(default="", repr=False)
    """"" unless it comes from the configuration."""
    place: Place | None = None
    field_name: str = ""
    """Field of the secret's JSON object; "" for all of it."""

    def __str__(self) -> str:
        return f"{self.place}#{self.field_name}" if self.place else "config"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The known inputs of an ApiKey."""

    owner_id: str
    region: str
    workspace: str
    scope: KeyScope
    policy: RotationPolicy
    source: Source | None
    """None: the key is minted."""
    urls: Mapping[str, str]
    """Base URL by protocol, as they will be delivered."""
    domain: str
    url_region: str
    verify: Verify
    verify_model: str
    isolation: bool
    prefix: str
    """Of a double of the inference hosts."""
    vault: Written | None
    claim: str
    """Random, made when the vault's name was claimed."""
    also_at: frozenset[str]
    """Further secrets that the record goes to."""
    key_alone: bool
    """Whether one of the service's secrets holds the key without the URLs."""
    keep_value: bool
    probe_on_refresh: bool

    @classmethod
    def of(cls, inputs: Values) -> "Wanted":
        """Read inputs that passed Check and are all known."""
        vault = as_object(inputs.get("vault"))
        return cls(
            owner_id=text_of(inputs, "ownerId"),
            region=text_of(inputs, "regionId"),
            workspace=text_of(inputs, "workspaceId"),
            scope=scope_of(inputs),
            policy=RotationPolicy.of_wire(as_object(inputs.get("rotation"))),
            source=source_of(inputs) if is_existing(inputs) else None,
            urls={name: str(url) for name, url in as_object(inputs.get("urls")).items()},
            domain=text_of(inputs, "domain"),
            url_region=text_of(inputs, "urlRegion") or text_of(inputs, "regionId"),
            verify=verify_of(inputs),
            verify_model=text_of(inputs, "verifyModel"),
            isolation=inputs.get("isolation") is True,
            prefix=text_of(inputs, "prefix"),
            vault=Written.of(vault) if vault else None,
            claim=text_of(vault, "claim"),
            also_at=frozenset(map(str, as_list(inputs.get("alsoAt")))),
            key_alone=inputs.get("keyAlone") is True,
            keep_value=inputs.get("keepValue") is True,
            probe_on_refresh=inputs.get("probeOnRefresh") is not False,
        )

    @property
    def places(self) -> frozenset[str]:
        """Its vault and further secrets."""
        own = frozenset({str(self.vault.place)}) if self.vault else frozenset[str]()
        return self.also_at | own

    @property
    def home(self) -> tuple[str, str]:
        """Region and workspace id of a minted key."""
        return self.region, self.workspace

    def request(self, series: str) -> Request:
        """Return what decides which key is delivered."""
        given = self.source.value if self.source else ""
        return Request(
            region=self.region,
            workspace=self.workspace,
            policy=self.policy,
            source=str(self.source) if self.source else "",
            fingerprint=fingerprint(given, series) if given else "",
        )

    def facts(self, generation: int, key_id: str) -> dict[str, str]:
        """Return what the record of a key says without key, revision and digest."""
        return facts(
            {protocol: self.urls[protocol] for protocol in URL_NAMES if protocol in self.urls},
            workspace_id=self.workspace,
            region=self.url_region,
            domain=self.domain,
            generation=generation,
            key_id=key_id,
        )


def is_existing(inputs: Values) -> bool:
    """Whether the key was made elsewhere: it is delivered, and neither looked at nor ended here."""
    return inputs.get("existingKey") is not None or inputs.get("existingAt") is not None


def source_of(inputs: Values) -> Source:
    """Return where an existing key comes from."""
    given = as_object(inputs.get("existingAt"))
    if given:
        return Source(place=place_of(given), field_name=text_of(given, "field"))
    return Source(value=text_of(inputs, "existingKey"))


def verify_of(inputs: Values) -> Verify:
    """Return what may be delivered, the default where nothing is said."""
    said = text_of(inputs, "verify")
    words: dict[str, Verify] = {"required": "required", "free": "free", "best_effort": "best_effort", "off": "off"}
    return words.get(said) or default_verify(minted=not is_existing(inputs))
