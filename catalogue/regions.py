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
