"""What is looked at before a call is answered, one function for each step, in the order that the settings say."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from emulator.inference import refusals
from emulator.inference.keys import address_allowed, host_workspace, serves
from emulator.inference.protocol import Call, kind_of
from emulator.openapi import Json
from emulator.settings import Step

_AGENTS = frozenset({"curl", "python-urllib", "openclaw", "claude-cli", "qwen-code"}) | frozenset(
    {"openai", "asyncopenai", "anthropic", "asyncanthropic"}
)
"""Product names of User-Agents that the Coding Plan takes. curl, urllib, OpenClaw and any `...coding-agent...` were
seen (d095, d096); Claude Code and Qwen Code are documented; that the SDKs are taken is assumed."""


def check(call: Call) -> None:
    """Look at all that the call's route wants looked at. Raises Denied at the first thing that is wrong."""
    order = call.settings.inference_order
    if call.settings.anthropic_body_first and call.route.protocol == "anthropic":
        order = ("body", *(step for step in order if step != "body"))
    for step in order:
        if step in call.route.steps:
            _STEPS[step](call)


def _key(call: Call) -> None:
    settings, holder = call.settings, call.holder
    if settings.coding_agent_check == "before_key":
        _agent(call)
    if holder.known == "anybody":
        return
    if holder.known != "live" or _too_new(call, "unauthorized") or _host_refuses(call):
        raise refusals.unauthorized(call)
    if holder.key and not address_allowed(holder.key, settings.client_address or call.request.peer):
        if "address_denied_as_unknown_key" in settings.deviations:
            raise refusals.unauthorized(call)
        raise refusals.address_denied()
    if settings.coding_agent_check == "after_key":
        _agent(call)


def _agent(call: Call) -> None:
    """Turn away who is no coding agent, from calls of models: lists were asked for by others, too (d097)."""
    if call.host.plan != "coding_plan" or "model" not in call.route.steps:
        return
    if call.settings.coding_user_agents == "any":
        return
    name = call.request.headers.get("user-agent", "").partition("/")[0].strip().lower()
    taken = _AGENTS | {name.lower() for name in call.settings.coding_takes}
    if name not in taken and "coding-agent" not in name:
        raise refusals.no_coding_agent()


def _too_new(call: Call, answers: str) -> bool:
    """Say whether the key is not visible yet, where that is answered as given; such a use counts."""
    key = call.holder.key
    if key is None or call.settings.new_key_answers != answers:
        return False
    return not key.visibility.usable(call.store.now())


def _host_refuses(call: Call) -> bool:
    """Say whether a dedicated host does not know the keys of other workspaces at all."""
    settings, name = call.settings, call.request.host_name
    if "shared_hosts_refuse_workspaces" in settings.deviations and call.host.domain == "shared":
        return call.holder.workspace is not None and not call.holder.workspace.is_default
    if serves(call.store, call.host, name, call.holder):
        return False
    made_up = host_workspace(call.store, name) is None
    return (settings.made_up_host_answers if made_up else settings.sibling_key_answers) == "unauthorized"


def _model(call: Call) -> None:
    model, settings = call.model, call.settings
    if not model:
        return  # the step `body` says so
    retired = model in settings.retired_models and call.host.domain != "dedicated"
    if model not in settings.models or retired:
        raise refusals.unknown_model(call)
    if kind_of(model) != call.route.kind:
        raise refusals.unsupported_model(call)


def _workspace(call: Call) -> None:
    settings, holder, request = call.settings, call.holder, call.request
    if holder.known == "anybody":
        return
    if call.host.domain == "dedicated" and not _endpoint_open(call):
        raise refusals.endpoint_denied(call)
    if holder.workspace is None or holder.key is None:
        return
    workspace_id, auth = holder.workspace.workspace_id, holder.key.auth
    if request.headers.get("x-dashscope-workspace", "") not in ("", workspace_id):
        raise refusals.workspace_denied()
    if workspace_id in settings.barred_workspaces:
        raise refusals.workspace_denied()
    if not call.model:
        return
    if not holder.workspace.may_call(call.model) or not (auth.allow_all_models or call.model in auth.models):
        if "model_denied_as_unknown" in settings.deviations:
            raise refusals.unknown_model(call)
        raise refusals.model_denied()


def _endpoint_open(call: Call) -> bool:
    """Say whether a dedicated host answers calls of a model with this key."""
    settings, holder = call.settings, call.holder
    if not serves(call.store, call.host, call.request.host_name, holder):
        return False
    if holder.workspace and holder.workspace.workspace_id in settings.suspended_workspaces:
        return False
    if call.model in settings.retired_models:
        return False
    return not _too_new(call, "endpoint_denied")


def _bill(call: Call) -> None:
    if call.settings.bill:
        raise refusals.unpaid(call, call.settings.bill)
    if call.model in call.settings.unpurchased_models:
        raise refusals.unpaid(call, "unpurchased")


def _body(call: Call) -> None:
    if call.json is None:
        raise refusals.bad_parameter(call, "The body is not a JSON object.")
    if not call.model and "model" in call.route.steps:
        raise refusals.bad_parameter(call, "you must provide a model parameter")
    deviations = call.settings.deviations
    if "thinking_switch_refused" in deviations and _thinking_off(call.body):
        raise refusals.bad_parameter(call, "enable_thinking: not supported")
    if "no_content_answered" in deviations and _no_messages(call.body):
        return
    call.route.check(call)


def _thinking_off(body: Json) -> bool:
    return (
        body.get("enable_thinking") is False
        or body.get("thinking") == {"type": "disabled"}
        or _object(body, "parameters").get("enable_thinking") is False
    )


def _no_messages(body: Json) -> bool:
    return body.get("messages") == [] or _object(body, "input").get("messages") == []


def _object(body: Json, name: str) -> Json:
    given: Any = body.get(name)
    return cast("Json", given) if isinstance(given, dict) else {}


_STEPS: Mapping[Step, Callable[[Call], None]] = {
    "key": _key,
    "model": _model,
    "workspace": _workspace,
    "bill": _bill,
    "body": _body,
}
