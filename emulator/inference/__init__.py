"""The inference hosts: `/_host/<real host>/<path>` is what `https://<real host>/<path>` is on the real service."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from emulator.hosts import Host, find
from emulator.inference.gateway import ODD
from emulator.inference.keys import carried, find_holder
from emulator.inference.protocol import Call, Denied, Raw, Reply, Request, Route
from emulator.inference.replay import Replays
from emulator.inference.routes import find_route
from emulator.inference.shapes import error_body, shape_of
from emulator.inference.steps import check
from emulator.openapi import Json
from emulator.state import Store

__all__ = ["Asked", "Denied", "Raw", "Replays", "Reply", "Request", "credential", "read"]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A call, and what was made out of it before anything was checked."""

    request: Request
    host: Host | None
    route: Route
    value: str
    """The key that it carries, or ""."""

    @property
    def region(self) -> str:
        """The region of the host, or "" for an unknown one."""
        return self.host.region if self.host else ""

    def answer(self, store: Store, replays: Replays) -> Reply | Raw:
        """Answer. Raises Denied."""
        recorded = replays.find(store, self.host, self.request, self.value)
        if recorded:
            return recorded
        if store.settings.gateway:
            return ODD[store.settings.gateway]
        if self.host is None:
            raise Denied(404, "NotFound", "There is no such host.")
        call = Call(
            store=store,
            request=self.request,
            host=self.host,
            route=self.route,
            holder=find_holder(store, self.host, self.value),
            json=_object(self.request.body),
        )
        check(call)
        return self.route.run(call)

    def error_body(self, denied: Denied, request_id: str) -> Json | None:
        """Return the body of a refusal, None for one without."""
        if denied.empty:
            return None
        shape = shape_of(self.host, self.route.protocol, self.request.method) if self.host else "openai"
        return error_body(denied, shape, request_id)


def read(request: Request, store: Store) -> Asked:
    """Make out what a call asks for."""
    settings, host = store.settings, find(request.host_name)
    route = find_route(host, request, coding_models_open=settings.coding_models == "open")
    # Only the gateway of the websockets reads a key in the URL (seen 2026-10-02, d112).
    query_key = request.query.get("api_key", "") if route.operation == "inference:realtime" else ""
    value = carried(host, request.headers, query_key, payg_takes_x_api_key=settings.payg_takes_x_api_key)
    return Asked(request=request, host=host, route=route, value=value)


def credential(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """Return what a call presents as a key, whether the host reads it there or not: for the record of calls."""
    given = headers.get("authorization") or headers.get("x-api-key") or query.get("api_key", "")
    return given.rpartition(" ")[2]


def _object(body: bytes) -> Json | None:
    try:
        parsed: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return cast("Json", parsed) if isinstance(parsed, dict) else None
