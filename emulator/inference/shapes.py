"""The shapes in which the inference hosts say no: they depend on the host as much as on the protocol."""

from typing import Literal

from emulator.hosts import Host
from emulator.inference.protocol import Denied, Protocol
from emulator.openapi import Json

Shape = Literal["openai", "maas", "native", "anthropic"]

_ANTHROPIC_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


def shape_of(host: Host, protocol: Protocol, method: str) -> Shape:
    """Return the shape of a host's errors.

    The Token Plan in Beijing has the native one on the OpenAI path, too (d060, d062, d079); the one in Singapore and
    the dedicated hosts have one of their own (d013, d076, d105), but not for lists of models (d014). Trial hosts are
    taken for dedicated ones: no answer of theirs was published.
    """
    if protocol != "openai":
        return protocol
    if host.domain == "token_plan":
        return "native" if host.region == "cn-beijing" else "maas"
    return "maas" if host.domain in ("dedicated", "trial") and method == "POST" else "openai"


def error_body(denied: Denied, shape: Shape, request_id: str) -> Json:
    """Return the body of a refusal."""
    if denied.whole is not None:
        return denied.whole
    if shape == "native":
        return {"code": denied.code, "message": denied.message, "request_id": request_id}
    if shape == "anthropic":
        return _anthropic(denied, request_id)
    invalid = denied.status in (401, 404) or denied.code == "invalid_parameter_error"
    kind = "invalid_request_error" if invalid else denied.code
    if shape == "maas":
        return {"error": {"message": denied.message, "id": request_id, "type": kind, "code": denied.code}}
    body: Json = {"error": {"message": denied.message, "type": kind, "param": None, "code": denied.code}}
    if denied.status in (400, 403):
        body["id"] = f"chatcmpl-{request_id}"  # d009, d025: what is answered from behind the gateway has one
    # A UUID from the gateway (d002), 16 characters from behind it (d003).
    return body | {"request_id": request_id.replace("-", "")[:16] if denied.status == 404 else request_id}


def _anthropic(denied: Denied, request_id: str) -> Json:
    """Return an error of the Anthropic path.

    No exact JSON of the live service was published; this is Anthropic's own documented form. The vendor's code, for
    which that has no field, begins the message, except where the message was seen (d069) or is Anthropic's (a 404).
    """
    plain = denied.status in (400, 404) and denied.code != "Arrearage"
    message = denied.message if plain else f"{denied.code}: {denied.message}"
    error = {"type": _ANTHROPIC_TYPES.get(denied.status, "api_error"), "message": message}
    return {"type": "error", "error": error, "request_id": request_id}
