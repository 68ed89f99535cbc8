"""Which models exist in a region, as the control plane lists them (ListModels, API version 2026-02-10)."""

import threading
from collections import defaultdict

from provider.client.errors import ServiceError
from provider.client.pages import pages
from provider.client.sdk import Operation, Sdk

LIST_MODELS = Operation(
    product="modelstudio", version="2026-02-10", action="ListModels", method="GET", path="/modelstudio/models"
)


def list_models(sdk: Sdk, region: str) -> frozenset[str]:
    """Return the names of all models of a region. Raises ServiceError."""
    items = pages(sdk, LIST_MODELS, region, {}, "models")
    return frozenset(str(item["model"]) for item in items if item.get("model"))


class ModelList:
    """The models of each region, asked for once in a run."""

    def __init__(self, sdk: Sdk) -> None:
        self._sdk = sdk
        self._lock = threading.Lock()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._known: dict[str, frozenset[str]] = {}

    def of(self, region: str) -> frozenset[str]:
        """Return the names of a region's models; none where that cannot be told, as without the right to ask."""
        with self._lock:
            mine = self._locks[region]
        with mine:  # several resources of a region start at once: one of them asks
            if region not in self._known:
                try:
                    self._known[region] = list_models(self._sdk, region)
                except ServiceError:
                    self._known[region] = frozenset()
            return self._known[region]
