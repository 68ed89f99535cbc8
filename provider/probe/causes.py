"""The reasons that an answer allows, each with its words and with what to do.

Sources: the vendor's error-code pages, plan FAQs, published answers. Where several reasons give the same bytes, all of
them are named.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from provider.probe.answer import Answer
from provider.probe.meaning import Meaning

Cause = Literal[
    "wrong_key",
    "other_plan",
    "other_workspace",
    "no_right_to_workspace",
    "suspended_workspace",
    "too_new",
    "retired_model",
    "blocked",
    "unpaid",
    "not_purchased",
    "free_tier",
    "throttled",
    "model_denied",
    "host_not_proven",
    "handshake_alone",
    "no_control",
    "other_client",
    "address",
    "no_path",
    "no_workspace",
    "redirect",
    "server",
    "no_protocol",
    "unknown_answer",
    "no_host",
    "no_route",
    "not_isolated",
    "nothing_asked",
]

TEXTS: Mapping[Cause, str] = {
    "wrong_key": (
        "the key is unknown, disabled or deleted, or it belongs to another workspace, region or billing plan "
        "than this URL"
    ),
    "other_plan": "a plan's key on a pay-as-you-go URL, or the other way round: use the URL of the key's own plan",
    "other_workspace": "the key is one of another workspace than this host's",
    "no_right_to_workspace": "the key's owner has no right to the workspace",
    # ASSUMPTION suspended-denied-alike
    "suspended_workspace": "the workspace is suspended (bills, or a block on the account) or gone",
    "too_new": "key or host are too new to be known everywhere",
    "retired_model": "the model is retired, or not opened for the workspace",
    "blocked": "the key is blocked: it was disabled or reset. Waiting does not help: enable it, or use its new value",
    "unpaid": "the account has unpaid bills: pay them, then run this again",
    "not_purchased": "the model, or Model Studio itself, is not activated or bought: look at both in the console",
    "free_tier": "the free quota is used up and the account allows nothing else: change that in the console",
    "throttled": "a rate limit or a quota is reached: run this again later",
    "model_denied": "key or workspace may not call the model: look at the models of both",
    "host_not_proven": "that the host takes this key is not proven",
    "handshake_alone": (
        "a websocket's handshake proves the key alone; another protocol in `protocols` proves the host for both"
    ),
    "no_control": "a key that cannot exist was not refused",
    "other_client": "the host does not take this client for a coding agent",
    "address": "the key opens only from its allowed_ips, and this machine is not among them",
    "no_path": "the host does not know this path",
    "no_workspace": (
        "the service finds no workspace for this call: it is gone, or the path is not one of this protocol"
    ),
    "redirect": "the host redirects, which the service never does: is there a proxy or a portal in between?",
    "server": "the service is in trouble: run this again later",
    "no_protocol": "the answer is not one of the protocol: is there a proxy or a portal in between?",
    "unknown_answer": "the answer is not one that is known to mean anything",
    "no_host": "the host name does not resolve from here",
    "no_route": "no route from here",
    "not_isolated": "the key opens a host that is not its own",
    "nothing_asked": "nothing could be asked about it",
}


def text_of(causes: Sequence[Cause]) -> str:
    """Return the causes as a person reads them; of several, each may be it."""
    return ", or ".join(TEXTS[cause] for cause in causes)


OF_STOP: Mapping[Meaning, Cause] = {
    "unpaid": "unpaid",
    "not_purchased": "not_purchased",
    "free_tier": "free_tier",
    "throttled": "throttled",
    "model_denied": "model_denied",
}
"""What is in the way of a key that is let in."""


def of_refusal(answer: Answer) -> tuple[Cause, ...]:
    """Return why a key was refused. Wordings vary too much to tell more than these apart."""
    text = answer.message.lower()
    if "token expired" in text:  # what a coding host says of any key that it does not take: ASSUMPTION plan-key-told
        return ("wrong_key", "other_plan")
    if "not authorized" in text:
        return ("other_workspace", "no_right_to_workspace", "suspended_workspace")
    if answer.status == 403:  # "invalid api-key"
        return ("other_plan", "wrong_key")
    return ("wrong_key",)


def of_unclear(meaning: Meaning, answer: Answer) -> Cause:
    """Return why an answer tells nothing."""
    if meaning == "no_path":
        return "no_path"
    if "workspace" in f"{answer.code} {answer.message}".lower():
        return "no_workspace"
    if meaning == "client_refused":
        return "other_client"
    if 300 <= answer.status < 400:
        return "redirect"
    if answer.status >= 500:
        return "server"
    if 200 <= answer.status < 300:
        return "no_protocol"
    return "unknown_answer"
