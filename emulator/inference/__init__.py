"""The inference hosts: `/_host/<real host>/<path>` is what `https://<real host>/<path>` is on the real service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from emulator.hosts import Host, find
from emulator.inference import anthropic, native, openai
from emulator.inference.access import Denied, Grant, admit, find_host
from emulator.inference.protocol import Reply
from emulator.openapi import Json
from emulator.state import Store


@dataclass(frozen=True, kw_only=True)
class Route:
    """What one method and path at a host is."""

    operation: str
    """Its name in faults and in the record of calls."""
    run: Callable[[Grant, bytes], Reply]
    error_body: Callable[[Denied, str], Json]


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call at an inference host."""

    method: str
    host_name: str
    path: str
    """With the leading slash, without the query."""
    headers: Mapping[str, str]
    peer: str
    """Address that it comes from."""
    body: bytes


_OPENAI: Mapping[tuple[str, str], Route] = {
    ("GET", "/models"): Route(operation="inference:models", run=openai.models, error_body=openai.error_body),
    ("POST", "/chat/completions"): Route(operation="inference:chat", run=openai.chat, error_body=openai.error_body),
}
_ANTHROPIC: Mapping[tuple[str, str], Route] = {
    ("POST", "/v1/messages"): Route(
        operation="inference:messages", run=anthropic.messages, error_body=anthropic.error_body
    ),
}
_NATIVE: Mapping[tuple[str, str], Route] = {
    ("GET", "/models"): Route(operation="inference:native-models", run=native.models, error_body=native.error_body),
    ("POST", "/services/aigc/text-generation/generation"): Route(
        operation="inference:native-generation", run=native.generation, error_body=native.error_body
    ),
}


def _nowhere(grant: Grant, body: bytes) -> Reply:  # noqa: ARG001 - all calls of a protocol have one form
    raise Denied(404, "NotFound", "There is nothing at this path.")


_NOWHERE = Route(operation="inference:other", run=_nowhere, error_body=openai.error_body)


def route(request: Request) -> Route:
    """Return what the request asks for; nothing known is `inference:other`."""
    host = find(request.host_name)
    if host is None:
        return _NOWHERE
    for base, routes in ((host.anthropic, _ANTHROPIC), (host.openai, _OPENAI), (host.native, _NATIVE)):
        if base and request.path.startswith(f"{base}/"):
            found = routes.get((request.method, request.path.removeprefix(base)))
            if found:
                return found
    return _NOWHERE


def region(request: Request) -> str:
    """Return the region of the host, or "" for an unknown one."""
    host = find(request.host_name)
    return host.region if host else ""


def answer(request: Request, asked: Route, store: Store) -> Reply:
    """Answer a call. Raises Denied: unknown host first, then the key, then the body."""
    host = find_host(find(request.host_name), request.host_name, store)
    peer = store.settings.client_address or request.peer
    grant = admit(store, host, request.host_name, _key_value(request, host), peer)
    return asked.run(grant, request.body)


def _key_value(request: Request, host: Host) -> str:
    """Return the key that a request carries. The Token Plan takes it as a bearer token only (Token Plan FAQ)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token
    return "" if host.plan == "token_plan" else request.headers.get("x-api-key", "")
