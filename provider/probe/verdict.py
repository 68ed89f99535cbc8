"""What the answers to all the calls of one check prove about a key and a URL. Pure: the one place that decides.

Three facts make a verdict: the key is let in, the host takes it, a model answered. `verified` is the first two.
An answer counts for a key only beside its control: the same call with a key that cannot exist, refused with 401.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from provider.probe.answer import Answer
from provider.probe.causes import OF_STOP, Cause, of_refusal, of_unclear, text_of
from provider.probe.meaning import DENIED, LET_IN, OPENS, REFUSED, STOPPED, Meaning, meaning_of
from provider.probe.question import Question

Outcome = Literal["verified", "accepted", "refused", "inconclusive", "not_checkable"]
"""accepted: the key is let in, the host is not proven. not_checkable: not from here, because of the key's IP list or
because there is no route to the host."""

HostKind = Literal["dedicated", "shared", "trial", "token_plan", "coding_plan", "other"]
"""other: a host that the catalogue does not have, such as one of the user's own."""

TAKES_ANY_KEY: frozenset[HostKind] = frozenset({"shared", "trial", "token_plan", "coding_plan"})
"""Hosts without workspaces: they take every key of their region or plan (ASSUMPTION shared-takes-any-key), so that a
key that is let in opens them."""
PLAN_HOSTS: frozenset[HostKind] = frozenset({"token_plan", "coding_plan"})

_UNAUTHORIZED = 401
_ENOUGH_DENIALS = 2
"""Models that must be denied alike before a denial counts (ASSUMPTION retired-model-denied-alike)."""

_DENIAL: tuple[Cause, ...] = ("other_workspace", "suspended_workspace", "too_new", "retired_model")
_HANDSHAKE: tuple[Cause, ...] = ("handshake_alone",)
_WORKSPACE_DENIAL: tuple[Cause, ...] = ("other_workspace", "no_right_to_workspace", "suspended_workspace", "too_new")


def refuses(control: Answer) -> bool:
    """Whether the answer to a key that cannot exist is the refusal that makes a control of it."""
    return control.status == _UNAUTHORIZED


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One call, with its controls where they were made."""

    question: Question
    answer: Answer
    control: Answer | None = None
    """To the same call with a key that cannot exist."""
    made_up: Answer | None = None
    """To the same call with the same key, at the host of a made-up workspace of the region."""

    @property
    def meaning(self) -> Meaning:
        """What the answer means."""
        return meaning_of(self.answer)

    @property
    def may_be_billed(self) -> bool:
        """Whether it may have cost something: a real call that was answered, understood or not, or broke off."""
        return self.question.kind == "call" and (200 <= self.answer.status < 300 or self.answer.status >= 500)

    @property
    def is_controlled(self) -> bool:
        """Whether a key that cannot exist is refused here (ASSUMPTION key-first)."""
        return self.control is not None and refuses(self.control)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is proven, whatever the verdict."""

    key_accepted: bool = False
    host_proven: bool = False
    model_answered: str = ""
    """The model; "" for none."""


NO_FACTS = Facts()


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The verdict on one URL, with the cause and what to do about it."""

    outcome: Outcome
    facts: Facts = NO_FACTS
    cause: str = ""
    causes: tuple[Cause, ...] = ()
    """Every reading that the answers allow."""
    may_pass_soon: bool = False
    """A key or host this new may not be known everywhere yet: worth asking again, for a bounded time."""
    unexplained: bool = False
    """The service says no more than that it refuses: worth looking into."""
    stopped: bool = False
    """The account or the models are in the way of every call that could have proven the host."""
    exchanges: tuple[Exchange, ...] = ()


def judge(host: HostKind, exchanges: Sequence[Exchange], *, may_call: Collection[str] = ()) -> Finding:
    """Say what the answers prove.

    `may_call`: the models that the workspace is known to be authorised for: only their denial can refuse a key.
    """
    facts = _facts(host, exchanges)
    found = _verdict(host, exchanges, facts, may_call)
    return replace(found, facts=facts, exchanges=tuple(exchanges))


def _facts(host: HostKind, exchanges: Sequence[Exchange]) -> Facts:
    controlled = [e for e in exchanges if e.is_controlled]
    accepted = any(_lets_in(host, e.meaning) for e in controlled)
    answered = next((e.question.model for e in controlled if e.meaning == "model_answered"), "")
    free = (
        any(e.meaning in OPENS for e in controlled)
        if host in TAKES_ANY_KEY
        else host == "dedicated" and any(_discriminates(e) for e in controlled)
    )
    # What a real call is denied, no free call proves: the service then looks at them in another order than was taken.
    denied = any(e.question.kind == "call" and e.meaning in DENIED for e in exchanges)
    proven = bool(answered) or (free and not denied)
    return Facts(key_accepted=accepted, host_proven=accepted and proven, model_answered=answered)


def _lets_in(host: HostKind, meaning: Meaning) -> bool:
    """Whether an answer is one that a key gets only after it was looked at (ASSUMPTION coding-agents-only)."""
    return meaning in LET_IN or (host == "coding_plan" and meaning == "client_refused")


def _discriminates(exchange: Exchange) -> bool:
    """Whether the host of a made-up workspace denies the very call that this host only finds wanting.

    ASSUMPTION denial-before-body.
    """
    return (
        exchange.meaning == "body_refused"
        and exchange.made_up is not None
        and meaning_of(exchange.made_up) == "endpoint_denied"
    )


def _verdict(host: HostKind, exchanges: Sequence[Exchange], facts: Facts, may_call: Collection[str]) -> Finding:
    if not exchanges:
        return Finding(outcome="inconclusive", cause=text_of(("nothing_asked",)), causes=("nothing_asked",))
    silent = next((e for e in exchanges if e.meaning == "no_answer"), None)
    if silent is not None and not facts.key_accepted:
        return _unreachable(silent.answer)
    refused = next((e for e in exchanges if e.meaning in REFUSED), None)
    if refused is not None:
        return _refused(refused)
    denied = [e for e in exchanges if e.meaning in DENIED]
    barred = any(e.meaning == "workspace_denied" for e in denied)
    if facts.host_proven and (facts.model_answered or not barred):
        return Finding(outcome="verified")
    if denied:
        return _denied(denied, may_call)
    if facts.key_accepted:
        return _accepted(host, exchanges)
    return _undecided(_most_telling(exchanges))


def _unreachable(answer: Answer) -> Finding:
    if answer.unresolved:  # ASSUMPTION dedicated-hosts-resolve
        return Finding(
            outcome="not_checkable",
            cause=text_of(("no_host",)),
            causes=("no_host",),
            may_pass_soon=True,
        )
    return Finding(outcome="not_checkable", cause=f"{text_of(('no_route',))} ({answer.message})", causes=("no_route",))


def _refused(exchange: Exchange) -> Finding:
    blocked = exchange.meaning == "key_blocked"
    causes: tuple[Cause, ...] = ("blocked",) if blocked else of_refusal(exchange.answer)
    return Finding(
        outcome="refused",
        cause=f"{exchange.answer.text}; {text_of(causes)}",
        causes=causes,
        may_pass_soon=not blocked,
        unexplained="wrong_key" in causes,
    )


def _denied(denied: Sequence[Exchange], may_call: Collection[str]) -> Finding:
    """A workspace's denial refuses at once; an endpoint's does when two models that may be called get the same."""
    said = denied[0]
    workspace = next((e for e in denied if e.meaning == "workspace_denied"), None)
    if workspace is not None:
        causes = _WORKSPACE_DENIAL
        return Finding(
            outcome="refused",
            cause=f"{workspace.answer.text}; {text_of(causes)}",
            causes=causes,
            may_pass_soon=True,
        )
    names = sorted({e.question.model for e in denied if e.question.model})
    causes = _DENIAL
    about = f" (to {' and '.join(names)})" if names else ""
    if len(set(names) & set(may_call)) >= _ENOUGH_DENIALS:
        cause = f"{said.answer.text}{about}; {text_of(causes)}"
        return Finding(outcome="refused", cause=cause, causes=causes, may_pass_soon=True)
    cause = (
        f"{said.answer.text}{about}; {text_of(causes)}. It takes the same denial for two models that the workspace is "
        "known to be authorised for to tell which"
    )
    return Finding(outcome="inconclusive", cause=cause, causes=causes, may_pass_soon=True)


def _accepted(host: HostKind, exchanges: Sequence[Exchange]) -> Finding:
    """The key is let in, and nothing that was asked tells whether the host takes it."""
    if host == "coding_plan" and any(e.meaning == "client_refused" for e in exchanges):
        cause = (
            "the key is let in, but this host answers only clients that it takes for coding agents (405), which this "
            "is not: that it opens for one is not proven"
        )
        return Finding(outcome="accepted", cause=cause, causes=("other_client",))
    calls = [e for e in exchanges if e.question.kind == "call"]
    asked = calls or [e for e in exchanges if e.question.model] or list(exchanges)
    stops = [e for e in asked if e.meaning in STOPPED]
    what = "this plan" if host in PLAN_HOSTS else "the region"
    cause = f"{what} accepts this key; access to this host is not proven"
    if stops:
        seen = dict.fromkeys(f"{e.question.model or 'the host'} answered {e.answer.text}" for e in stops)
        causes: tuple[Cause, ...] = tuple(dict.fromkeys(OF_STOP[e.meaning] for e in stops))
        cause = f"{cause}: {'; '.join(seen)} ({text_of(causes)})"
        return Finding(outcome="accepted", cause=cause, causes=causes, stopped=len(stops) == len(asked))
    if any(e.meaning == "handshake_accepted" for e in exchanges):
        return Finding(outcome="accepted", cause=f"{cause}: {text_of(_HANDSHAKE)}", causes=_HANDSHAKE)
    return Finding(outcome="accepted", cause=cause, causes=("host_not_proven",))


def _most_telling(exchanges: Sequence[Exchange]) -> Exchange:
    """Return the exchange to speak of: one whose answer may be a proof, then one that names something."""
    return next(
        (e for e in exchanges if e.meaning in LET_IN),
        next((e for e in exchanges if e.meaning not in ("no_path", "unclear")), exchanges[-1]),
    )


def _undecided(exchange: Exchange) -> Finding:
    meaning, said = exchange.meaning, exchange.answer.text
    if meaning == "address_denied":
        cause = f"{text_of(('address',))} ({said})"
        return Finding(outcome="not_checkable", cause=cause, causes=("address",))
    if meaning in LET_IN:
        control = exchange.control
        got = control.status or control.message if control is not None else "nothing"
        cause = f"a key that cannot exist was not refused with 401 either (got {got}); to the key it said {said}"
        return Finding(outcome="inconclusive", cause=cause, causes=("no_control",))
    cause = of_unclear(meaning, exchange.answer)
    return Finding(outcome="inconclusive", cause=f"{text_of((cause,))} (it said {said})", causes=(cause,))
