"""The native DashScope protocol: the list of models and text generation, not streamed."""

from emulator.inference.access import Denied, Grant
from emulator.inference.protocol import Reply, bad_request, json_object, words
from emulator.openapi import Json


def models(grant: Grant, body: bytes) -> Reply:  # noqa: ARG001 - all calls of a protocol have one form
    """Answer `GET /models`."""
    return Reply(body={"success": True, "output": {"models": [{"model": model} for model in grant.models]}})


def generation(grant: Grant, body: bytes) -> Reply:
    """Answer `POST /services/aigc/text-generation/generation`."""
    request = json_object(body)
    model = request.get("model")
    if not isinstance(model, str) or not isinstance(request.get("input"), dict):
        raise bad_request("model and input are required")
    grant.check_model(model)
    usage = {"input_tokens": 1, "output_tokens": 8}
    output = {"text": "".join(words(grant, model)), "finish_reason": "stop"}
    return Reply(body={"output": output, "usage": usage}, logged={"model": model})


def error_body(denied: Denied, request_id: str) -> Json:
    """Return an error in this protocol's shape."""
    code = "InvalidApiKey" if denied.status == 401 else denied.code
    return {"code": code, "message": denied.message, "request_id": request_id}
