"""Does a key stay where it belongs? It must be refused on hosts that are not its own.

A sibling workspace's host tells by the call that proved the key's own host in the same run: denied there, it is
isolated (ASSUMPTION sibling-denied). A list of models tells nothing (ASSUMPTION models-list-says-nothing).
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from catalogue.rows import ROWS, find, path_of
from catalogue.urls import behind
from provider.client.control_plane import ControlPlane
from provider.probe import question
from provider.probe.http import Ask
from provider.probe.http import ask as ask_live
from provider.probe.meaning import DENIED, REFUSED, Meaning, meaning_of
from provider.probe.pair import Models, Pair
from provider.probe.question import Question, control_key
from provider.probe.verdict import PLAN_HOSTS, TAKES_ANY_KEY, Exchange, Finding


@dataclass(frozen=True, kw_only=True)
class ForeignHost:
    """A host that the key must not open."""

    what: str
    host: str
    is_sibling: bool
    """Whether it is the host of another workspace of the key's region; else the shared host of another region."""

    def url(self, protocol: str, prefix: str) -> str:
        """Return the base URL that is asked."""
        domain = "dedicated" if self.is_sibling else "shared"
        return behind(prefix, f"https://{self.host}{path_of(domain, protocol)}")


def foreign_hosts(plane: ControlPlane, region: str, workspace_id: str) -> Iterator[ForeignHost]:
    """Return the dedicated host of a sibling workspace, where there is one, and another region's shared host.

    An account may have no other workspace (ASSUMPTION default-workspace-exists); then only the other region is asked.
    `workspace_id` "" (a plan's key, which has no workspace): any workspace's host will do.
    """
    others = (w for w in plane.workspaces(region) if w.workspace_id != workspace_id)
    sibling = next((w for w in others if w.api_host), None)
    if sibling is not None:
        yield ForeignHost(what=f"the host of workspace {sibling.workspace_id}", host=sibling.api_host, is_sibling=True)
    other = next(r.region for r in ROWS if r.domain == "shared" and r.region != region)
    host = find("shared", other, "openai").host
    yield ForeignHost(what=f"the shared host of {other}", host=host, is_sibling=False)


def check(
    foreign: ForeignHost,
    pair: Pair,
    found: Finding,
    models: Models,
    *,
    ask: Ask | None = None,
    slot: AbstractContextManager[object] | None = None,
) -> Finding:
    """Return `verified` when the key of `pair` is refused there, as it must be; `refused` when it opens it.

    `found`: what this run found out about the pair itself, which was verified. A real call is made only where it took
    one to prove the key's own host.
    """
    ask = ask or ask_live
    asked = _telling(pair, found, models) if foreign.is_sibling else question.models("openai")
    if asked is None:
        cause = f"{foreign.what}: nothing free tells whether it takes the key; verify: required makes one call to tell"
        return Finding(outcome="inconclusive", cause=cause, causes=("host_not_proven",))
    url = foreign.url(asked.protocol, pair.prefix)
    with (slot or nullcontext()) if asked.kind == "call" else nullcontext():
        answer = ask(url, pair.key, asked)
    meaning = meaning_of(answer)
    if meaning in REFUSED or meaning in DENIED:
        return Finding(outcome="verified")
    if _opens(pair, meaning):
        exchange = Exchange(question=asked, answer=answer, control=ask(url, control_key(pair.key), asked))
        if exchange.is_controlled:
            cause = f"the key opens {foreign.what}, which it must not"
            return Finding(outcome="refused", cause=cause, causes=("not_isolated",), exchanges=(exchange,))
    cause = f"{foreign.what}: whether it takes the key cannot be told (it said {answer.text})"
    return Finding(
        outcome="not_checkable" if meaning == "no_answer" else "inconclusive", cause=cause, causes=("host_not_proven",)
    )


def _opens(pair: Pair, meaning: Meaning) -> bool:
    """Whether an answer is one that only a host gives which takes the key."""
    if meaning in ("models_listed", "model_answered"):
        return True
    # ASSUMPTION denial-before-body, where the key's own host was proven by that very order; a
    # plan's key must not even be known there.
    return meaning == "body_refused" and pair.host in ("dedicated", *PLAN_HOSTS)


def _telling(pair: Pair, found: Finding, models: Models) -> Question | None:
    """Return the call whose answer tells a host that takes the key from one that does not; None when none does."""
    if pair.host in TAKES_ANY_KEY:  # any call will do: a plan's key is unknown to a dedicated host
        return question.no_content(pair.protocol, models.free[0]) if models.free else None
    by_name = {model.name: model for model in (*models.free, *models.billed)}
    for e in found.exchanges:
        model = by_name.get(e.question.model)
        if model is not None and e.made_up is not None and meaning_of(e.made_up) == "endpoint_denied":
            return question.no_content(pair.protocol, model)
        if model is not None and e.meaning == "model_answered":
            return question.call(pair.protocol, model)
    return None
