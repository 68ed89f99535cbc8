"""What is assumed of the live service, each in one place. `python -m catalogue.assumptions` writes the document.

Code and documents name an assumption by its id, as `ASSUMPTION key-first`; `python -m tools.live` measures those that
can be measured.
"""

from catalogue.assumptions.control_plane import CONTROL_PLANE
from catalogue.assumptions.hosts import HOSTS
from catalogue.assumptions.model import Assumption
from catalogue.assumptions.unmeasured import UNMEASURED

__all__ = ["ASSUMPTIONS", "MEASURED", "Assumption"]

ASSUMPTIONS: tuple[Assumption, ...] = (*HOSTS, *CONTROL_PLANE, *UNMEASURED)
MEASURED: tuple[Assumption, ...] = tuple(assumed for assumed in ASSUMPTIONS if assumed.is_measured)
