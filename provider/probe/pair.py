"""One URL with the key that is to open it, and the models that may be asked for."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from catalogue.models import Model, candidates, named
from catalogue.rows import find, path_of
from catalogue.urls import behind, host_of, place_of_host, unwrapped
from provider.probe import question
from provider.probe.http import Ask
from provider.probe.question import MADE_UP_LABEL
from provider.probe.verdict import HostKind


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One URL with the key that is to open it."""

    protocol: str
    url: str
    """As it is reached: through a double where there is one."""
    key: str = field(repr=False)
    host: HostKind
    host_name: str
    region: str
    """"" where the host does not tell."""
    prefix: str = ""
    """Leads to a double of the hosts."""
    only_here: bool = False
    """Whether the key is sent to this host alone, since it may be another provider's."""

    @classmethod
    def of(cls, protocol: str, url: str, key: str, *, prefix: str = "", region: str = "") -> "Pair":
        """Return the pair; `region` is that of a host which the catalogue does not have."""
        name = host_of(url, prefix)
        place = place_of_host(name)
        return cls(
            protocol=protocol,
            url=url,
            key=key,
            host=place.domain if place else "other",
            host_name=name,
            region=place.region if place else region,
            prefix=prefix,
        )

    @property
    def made_up_url(self) -> str:
        """The same path at the host of a made-up workspace of the region; "" where a host is no workspace's."""
        if self.host != "dedicated" or self.only_here:
            return ""
        path = urlsplit(unwrapped(self.prefix, self.url)).path
        host = find("dedicated", self.region, self.protocol).host.format(workspace_id=MADE_UP_LABEL)
        return behind(self.prefix, f"https://{host}{path}")


MayCall = Callable[[str], bool | None]
"""Whether a workspace is authorised for a model; None: that cannot be told."""


def nobody_knows(_name: str) -> bool | None:
    """Tell nothing: of a workspace that the control plane cannot be asked about."""
    return None


@dataclass(frozen=True, kw_only=True)
class Models:
    """The models that may be asked for, in the order in which to try them."""

    free: Sequence[Model]
    """Named in calls that cost nothing."""
    billed: Sequence[Model]
    """Called."""
    may_call: MayCall = nobody_knows
    chosen: str = ""
    """The model that a person named, whatever is known of it."""


NO_MODELS = Models(free=(), billed=())


def models_for(
    pair: Pair,
    may_call: MayCall,
    *,
    among: Collection[str] | None = None,
    chosen: str = "",
    listed: Collection[str] = (),
) -> Models:
    """Return the models of the catalogue's table that a key with the models `among` may call.

    `chosen`: a model that a person named. It alone is called then; the others only bear a denial out. `listed`: what
    exists in the region, as far as it is known: such models are tried first.
    """
    known = sorted(candidates(pair.protocol, pair.region, among=among), key=lambda model: model.name not in listed)
    if not chosen:
        return Models(free=known, billed=[model for model in known if model.is_cheap], may_call=may_call)
    first = named(chosen)
    others = [model for model in known if model.name != chosen]
    return Models(free=(first, *others), billed=(first,), may_call=may_call, chosen=chosen)


def listed_at(pair: Pair, ask: Ask) -> frozenset[str]:
    """Return the models that the host lists: those of its region, not those that the key may call (seen: d025)."""
    url, asked = pair.url, question.models(pair.protocol)
    if asked is None and pair.host != "other":  # anthropic: the OpenAI-compatible path of the same host lists them
        url = behind(pair.prefix, f"https://{pair.host_name}{path_of(pair.host, 'openai')}")
        asked = question.models("openai")
    return ask(url, pair.key, asked).models if asked is not None else frozenset()
