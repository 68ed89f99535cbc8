"""Which method and path at which host is what."""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha1
from typing import get_args

from emulator.hosts import Host
from emulator.inference import anthropic, native, openai
from emulator.inference.protocol import Call, Denied, Protocol, Raw, Reply, Request, Route
from emulator.inference.refusals import empty_workspace, nowhere
from emulator.settings import Step

_ALL: tuple[Step, ...] = get_args(Step)


def _nowhere(call: Call) -> Reply:  # noqa: ARG001 - all calls have one form
    raise nowhere()


def _native_nowhere(call: Call) -> Reply:
    if call.host.domain == "dedicated" and call.request.method == "POST" and "messages" in call.body:
        raise empty_workspace()
    raise nowhere()


def _no_coding_models(call: Call) -> Reply:  # noqa: ARG001 - all calls have one form
    raise Denied(404, "", "", empty=True)  # seen 2026-04-18, d097


def _realtime(call: Call) -> Raw:
    nonce = call.request.headers.get("sec-websocket-key", "")
    if call.request.headers.get("upgrade", "").lower() != "websocket" or not nonce:
        # What a good key gets without an upgrade was not published.
        raise Denied(400, "BadRequest", "This path wants a websocket.")
    accept = b64encode(sha1(f"{nonce}{_GUID}".encode()).digest()).decode()  # noqa: S324 - RFC 6455 asks for it
    return Raw(status=101, headers={"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept})


_OPENAI: Mapping[tuple[str, str], Route] = {
    ("GET", "/models"): Route(operation="inference:models", protocol="openai", run=openai.models),
    ("POST", "/chat/completions"): Route(
        operation="inference:chat", protocol="openai", steps=_ALL, check=openai.check_chat, run=openai.chat
    ),
    ("POST", "/embeddings"): Route(
        operation="inference:embeddings",
        protocol="openai",
        steps=_ALL,
        kind="embedding",
        check=openai.check_embeddings,
        run=openai.embeddings,
    ),
}
_ANTHROPIC: Mapping[tuple[str, str], Route] = {
    ("POST", "/v1/messages"): Route(
        operation="inference:messages", protocol="anthropic", steps=_ALL, check=anthropic.check, run=anthropic.messages
    ),
}
_TASK = Route(
    operation="inference:native-task",
    protocol="native",
    steps=_ALL,
    kind="other",
    check=native.check_task,
    run=native.task,
)
_NATIVE: Mapping[tuple[str, str], Route] = {
    ("GET", "/models"): Route(operation="inference:native-models", protocol="native", run=native.models),
    ("POST", "/services/aigc/text-generation/generation"): Route(
        operation="inference:native-generation",
        protocol="native",
        steps=_ALL,
        check=native.check_generation,
        run=native.generation,
    ),
    ("POST", "/services/embeddings/text-embedding/text-embedding"): Route(
        operation="inference:native-embeddings",
        protocol="native",
        steps=_ALL,
        kind="embedding",
        check=native.check_embedding,
        run=native.embedding,
    ),
    ("POST", "/services/aigc/image-generation/generation"): _TASK,
    ("POST", "/services/aigc/video-generation/video-synthesis"): _TASK,
}
_OPEN_MODELS = Route(operation="inference:models", protocol="openai", steps=(), run=openai.models)
_NO_MODELS = Route(operation="inference:models", protocol="openai", run=_no_coding_models)
_WEBSOCKETS = (("GET", "/api-ws/v1/realtime"), ("GET", "/api-ws/v1/inference"))
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What a server adds to a handshake's nonce (RFC 6455)."""
_REALTIME = Route(operation="inference:realtime", protocol="native", run=_realtime)

# The key is looked at before the path, below a base (seen 2026-08-21, d062), not beside them (d063, d113).
NOWHERE = Route(operation="inference:other", protocol="openai", steps=(), run=_nowhere)
_BELOW: Mapping[Protocol, Route] = {
    "openai": Route(operation="inference:other", protocol="openai", run=_nowhere),
    "anthropic": Route(operation="inference:other", protocol="anthropic", run=_nowhere),
    # Dedicated hosts denied their endpoint to a product that is not served here (d049): before the path, too.
    "native": Route(operation="inference:other", protocol="native", steps=("key", "workspace"), run=_native_nowhere),
}


def find_route(host: Host | None, request: Request, *, coding_models_open: bool) -> Route:
    """Return what a call asks for; nothing known is `inference:other`."""
    if host is None:
        return NOWHERE
    if host.domain == "coding_plan" and (request.method, request.path) == ("GET", f"{host.openai}/models"):
        return _OPEN_MODELS if coding_models_open else _NO_MODELS
    if host.websockets and (request.method, request.path) in _WEBSOCKETS:
        return _REALTIME
    bases: tuple[tuple[str, Protocol, Mapping[tuple[str, str], Route]], ...] = (
        (host.anthropic, "anthropic", _ANTHROPIC),
        (host.openai, "openai", _OPENAI),
        (host.native, "native", _NATIVE),
    )
    for base, protocol, routes in bases:
        if base and request.path.startswith(f"{base}/"):
            return routes.get((request.method, request.path.removeprefix(base)), _BELOW[protocol])
    return NOWHERE
