"""What differs between the regions: the deployment scopes to choose from, and what may be done to keys.

One table each, dated and with its source.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from catalogue.rows import Region, as_region

ServiceSite = Literal["global", "cn-hongkong", "european-union", "japan", "united-states"]
"""A deployment scope that can be chosen. The words are those of the list of models; that CreateWorkspace takes the
same is ASSUMPTION service-site-words."""


@dataclass(frozen=True, kw_only=True)
class Scopes:
    """Where models may run for the workspaces of a region. Inputs and outputs are stored in the region itself."""

    choice: tuple[ServiceSite, ...] = ()
    """Words of `service_site`; () where a region offers no choice."""
    fixed: str = ""
    """Where models run in a region that offers no choice."""
    source: str
    day: date


_PAGES = "https://www.alibabacloud.com/help/en/model-studio"
_REGIONS = f"{_PAGES}/regions"
_OCTOBER = date(2026, 10, 11)

SCOPES: Mapping[Region, Scopes] = {
    "cn-beijing": Scopes(fixed="in the Chinese mainland", source=_REGIONS, day=_OCTOBER),
    "ap-southeast-1": Scopes(fixed="anywhere in the world except the Chinese mainland", source=_REGIONS, day=_OCTOBER),
    "us-east-1": Scopes(choice=("global", "united-states"), source=f"{_PAGES}/usa-virginia-global", day=_OCTOBER),
    "cn-hongkong": Scopes(choice=("global", "cn-hongkong"), source=f"{_PAGES}/hong-kong-china-global", day=_OCTOBER),
    "ap-northeast-1": Scopes(choice=("global", "japan"), source=f"{_PAGES}/japan-tokyo-global", day=_OCTOBER),
    "eu-central-1": Scopes(
        choice=("global", "european-union"), source=f"{_PAGES}/germany-frankfurt-global", day=_OCTOBER
    ),
}
"""Every region of the control plane."""

PLACES: Mapping[ServiceSite, str] = {
    "global": "anywhere in the world, the Chinese mainland included",
    "cn-hongkong": "in Hong Kong (China)",
    "european-union": "in the European Union",
    "japan": "in Japan",
    "united-states": "in the United States",
}
"""Where models run, by deployment scope (the pages of SCOPES)."""


@dataclass(frozen=True, kw_only=True)
class KeyPowers:
    """What may be done to the keys of a region; None where it is not known."""

    can_be_disabled: bool | None = True
    """Whether a key can be disabled and enabled again."""
    can_be_restricted: bool | None = True
    """Whether a key can have a list of models or of addresses."""
    source: str = f"{_PAGES}/get-api-key"
    day: date = date(2026, 11, 25)
    """The page has no date: when it was read."""


KEY_POWERS: Mapping[Region, KeyPowers] = {
    # "Disable (except Virginia)", "Reset (except Virginia)", and a dialog without permissions: so the console. Whether
    # the API differs there as well is not said (ASSUMPTION disable-offered, ASSUMPTION key-lists-offered).
    "us-east-1": KeyPowers(can_be_disabled=None, can_be_restricted=None),
}
"""The regions that differ; every other has all of it."""
_EVERYTHING = KeyPowers()


def powers_of(region: str) -> KeyPowers:
    """Return what may be done to the keys of a region."""
    known = as_region(region)
    return KEY_POWERS.get(known, _EVERYTHING) if known else _EVERYTHING


def can_be_disabled(region: str) -> bool:
    """Whether the keys of a region are known to be disabled on request."""
    return powers_of(region).can_be_disabled is True


def key_notes(region: str, *, rotates: bool, restricted: bool) -> list[str]:
    """Return what to know before a key is made in a region that may not do everything with it."""
    powers = powers_of(region)
    lines: list[str] = []
    if rotates and powers.can_be_disabled is not True:
        lines.append(
            f"{region} may not disable keys: where it refuses, an old key is deleted when its overlap is over or when "
            "it is revoked, without a soak, and cannot be taken back"
        )
    if restricted and powers.can_be_restricted is not True:
        lines.append(f"{region} may refuse a key with a model list or an IP list; `up` then ends with its refusal")
    return lines


def sites_of(region: str) -> tuple[ServiceSite, ...]:
    """Return the words that `service_site` may have in a region, () where there is no choice."""
    known = as_region(region)
    return SCOPES[known].choice if known else ()


def processing(region: str, service_site: str | None) -> str:
    """Return one line on where the models of a workspace run, "" for a region that is not in the table."""
    known = as_region(region)
    if known is None:
        return ""
    stored = f"inputs and outputs are stored in {region}"
    scopes = SCOPES[known]
    if not scopes.choice:
        return f"models run {scopes.fixed}; {stored}"
    for site in scopes.choice:
        if site == service_site:
            return f"service_site {site}: models run {PLACES[site]}; {stored}"
    # ASSUMPTION service-site-default
    return f"no service_site: where models run is not known; choose {listed(scopes.choice)}; {stored}"


def listed(sites: tuple[ServiceSite, ...]) -> str:
    """Return scopes with what they mean, as `global (anywhere ...) or japan (in Japan)`."""
    return " or ".join(f"{site} ({PLACES[site]})" for site in sites)
