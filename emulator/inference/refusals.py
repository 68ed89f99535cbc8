"""The texts with which the inference hosts say no, by host and protocol."""

from emulator.inference.protocol import Call, Denied
from emulator.inference.shapes import Shape, shape_of

_CHINESE_PAGE = "https://help.aliyun.com/zh/model-studio/error-code"
_INTERNATIONAL_PAGE = "https://www.alibabacloud.com/help/en/model-studio/error-code"
_CHINESE_REGIONS = ("cn-beijing", "cn-hongkong", "us-east-1")
"""Regions whose texts link to the Chinese page; that those of the US do was seen 2026-04-05 (d005)."""

_FREE_TIER = (
    "The free tier of the model has been exhausted. If you wish to continue access the model on a paid basis, "
    'please disable the "use free tier only" mode in the management console.'
)
_BILLS = {
    "free_tier": (
        403,
        "AllocationQuota.FreeTierOnly",
        _FREE_TIER,
    ),
    "unpurchased": (
        403,
        "AccessDenied.Unpurchased",
        "Access to model denied. Please make sure you are eligible for using the model.",
    ),
    "commodity": (429, "CommodityNotPurchased", "Commodity has not purchased yet."),
}


def unauthorized(call: Call) -> Denied:
    """Return the refusal of a key: none, no key of this region or plan, blocked, not visible yet."""
    shape = _shape(call)
    code = "InvalidApiKey" if shape == "native" else "invalid_api_key"
    if call.holder.known == "blocked":
        return Denied(401, code, "API-key is blocked.")  # seen 2026-09-21, d102
    if call.host.plan == "coding_plan":
        return Denied(401, code, "invalid access token or token expired")  # seen 2026-04-28, d090
    if call.route.protocol == "native" and call.holder.known == "none":
        return Denied(401, code, "No API-key provided.")
    if shape == "native":
        return Denied(401, code, "Invalid API-key provided.")  # d060; without a key, too: d084
    words = "Invalid API-key" if shape == "maas" else "Incorrect API key"
    return Denied(401, code, f"{words} provided. For details, see: {_page(call)}#apikey-error")


def address_denied() -> Denied:
    """Return the refusal of a key that is called from an address outside its list. The text was not published."""
    return Denied(403, "AccessDenied", "The IP address is not in the access whitelist of the API key.")


def no_coding_agent() -> Denied:
    """Return what the Coding Plan answers to other clients (seen 2026-04-17 and 2026-08-12, d093, d095)."""
    text = "Coding Plan is currently only available for Coding Agents"
    return Denied(405, "MethodNotAllowed", text, whole={"error": text})


def nowhere() -> Denied:
    """Return the answer to a path that does not exist. Only its status was published (d063, d067, d113)."""
    return Denied(404, "NotFound", "There is nothing at this path.")


def unknown_model(call: Call) -> Denied:
    """Return the refusal of a model that does not exist."""
    plan = call.host.domain == "token_plan"
    if "unknown_model_not_named" in call.settings.deviations:
        return nowhere()
    if call.route.protocol == "anthropic":
        if plan:
            return Denied(400, "InvalidParameter", "Model not exist")  # seen 2026-08-05, d069
        return Denied(404, "model_not_found", f"model: {call.model}")
    if call.route.protocol == "native":
        return Denied(404 if plan else 400, "InvalidParameter", "Model not exist.")  # 404: seen 2026-08, d078
    text = f"The model `{call.model}` does not exist or you do not have access to it."
    return Denied(404, "model_not_found", text)  # seen 2026-02-27, d003


def unsupported_model(call: Call) -> Denied:
    """Return the refusal of a model that exists and does something else than what the path is for."""
    if call.route.protocol != "openai":
        return unknown_model(call)
    if call.host.domain == "token_plan":
        return bad_parameter(call, "Model not exist.")  # seen 2026-09-22, d065; its text was not published
    return Denied(404, "model_not_supported", f"Unsupported model `{call.model}` for OpenAI compatibility mode.")


def endpoint_denied(call: Call) -> Denied:
    """Return the refusal of a dedicated host (seen 2026-09-20 in the OpenAI form, d031; natively in 2026-08, d042)."""
    text = "Workspace endpoint access denied."
    if call.route.protocol == "native":
        return Denied(403, "Endpoint.AccessDenied", text)
    code = "access_denied"
    whole = {"error": {"type": code, "code": code, "message": text}} if call.route.protocol == "openai" else None
    return Denied(403, code, text, whole=whole)


def workspace_denied() -> Denied:
    """Return the refusal of a workspace to which the key's owner has no right (d022, d046)."""
    return Denied(403, "Workspace.AccessDenied", "Workspace access denied.")


def model_denied() -> Denied:
    """Return the refusal of a model that the workspace or the key may not call (seen 2026-08-22, d025, d026)."""
    return Denied(403, "Model.AccessDenied", "Model access denied.")


def unpaid(call: Call, bill: str) -> Denied:
    """Return the refusal for the sake of the bill: a word of the setting `bill`."""
    if bill == "arrears":  # seen 2026-09, d106
        text = "Access denied, please make sure your account is in good standing. For details, see: "
        return Denied(400, "Arrearage", f"{text}{_page(call)}#overdue-payment")
    if bill == "quota":  # seen 2026-08-13, d109
        text = "You exceeded your current quota, please check your plan and billing details. For details, see: "
        return Denied(429, "insufficient_quota", f"{text}{_page(call)}#token-limit")
    return Denied(*_BILLS[bill])


def bad_parameter(call: Call, text: str) -> Denied:
    """Return the refusal of a field of the body."""
    return Denied(400, "InvalidParameter" if _shape(call) == "native" else "invalid_parameter_error", text)


def empty_workspace() -> Denied:
    """Return what a dedicated host answers to a body in OpenAI's form below its native base (seen 2026-09, d020).

    Its text was not published.
    """
    return Denied(400, "BadRequest.EmptyWorkspace", "The workspace is empty.")


def _shape(call: Call) -> Shape:
    return shape_of(call.host, call.route.protocol, call.request.method)


def _page(call: Call) -> str:
    return _CHINESE_PAGE if call.host.region in _CHINESE_REGIONS else _INTERNATIONAL_PAGE
