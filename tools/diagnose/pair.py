"""The verdict on a pair: by what is written, with the plugin's rules and texts, and by what the service answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from catalogue.key_text import check_key_text
from catalogue.pairs import KeyFacts, UrlFacts, advice, better_row, check_pair, plan_hint
from catalogue.rows import shown
from catalogue.rules import Refused
from catalogue.urls import Place, behind
from provider.probe import origin
from provider.probe.check import check
from provider.probe.http import ask as ask_live
from provider.probe.pair import Pair, listed_at, models_for, nobody_knows
from provider.probe.verdict import NO_FACTS, TAKES_ANY_KEY

if TYPE_CHECKING:
    from catalogue.reading import Reading
    from provider.probe.causes import Cause
    from provider.probe.http import Ask
    from provider.probe.verdict import Facts, Finding, Outcome

Verdict = Literal["can_work", "cannot_work", "cannot_be_told"]


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """What is found. No key is in it."""

    verdict: Verdict
    why: str
    place: Place | None = None
    """Which base URL it is; None: none."""
    warnings: tuple[str, ...] = ()
    may_ask: bool = False
    """Whether there is a URL and a key that the service can be asked about."""
    outcome: Outcome | None = None
    """What the service's answer came to; None: it was not asked."""
    facts: Facts = NO_FACTS
    """What the service's answers prove."""
    causes: tuple[Cause, ...] = ()
    """Every reason that they allow."""
    pasted: tuple[str, ...] = ()
    """How what was typed differs from the base URL."""


def by_what_is_written(reading: Reading, key: str, said: KeyFacts) -> Diagnosis:
    """Say whether the pair can work, from the URL, the key's form and what is said of the key. Nothing is asked.

    `key` "": there is none, only what is said of it.
    """
    place = reading.place
    if place is None:
        return Diagnosis(verdict="cannot_work", why=reading.why, pasted=reading.differences)
    found = _of_key(place, key, said)
    hint = plan_hint(key, place.row.domain) if key else ""
    if found.verdict == "can_work" and hint and said.billing_plan is None:
        found, hint = replace(found, verdict="cannot_be_told", why=f"{hint}. It is a hint, no proof"), ""
    warnings = (*([hint] if hint else []), *_about_row(place))
    return replace(found, place=place, warnings=warnings, pasted=reading.differences)


def by_asking(
    found: Diagnosis,
    key: str,
    *,
    prefix: str = "",
    call: bool = False,
    model: str = "",
    only_here: bool = False,
    ask: Ask | None = None,
) -> Diagnosis:
    """Say what the service says of a pair that was looked at before.

    Spends no tokens unless `call`: then one model is called really, where the host bills by use. `model`: which one.
    `only_here`: the key may be another provider's, so it is sent to no host but this one.
    """
    if found.place is None or not found.may_ask:
        return found
    row, ask = found.place.row, ask or ask_live
    pair = replace(Pair.of(row.protocol, behind(prefix, found.place.url), key, prefix=prefix), only_here=only_here)
    listed = listed_at(pair, ask) if call or pair.host not in TAKES_ANY_KEY else frozenset[str]()
    models = models_for(pair, nobody_knows, chosen=model, listed=listed)
    answer = check(pair, models, spend="always" if call else "never", ask=ask)
    found = replace(found, outcome=answer.outcome, facts=answer.facts, causes=answer.causes)
    if answer.outcome == "verified":
        doubt = () if found.verdict == "can_work" else (f"it works all the same, although: {found.why}",)
        return replace(
            found, verdict="can_work", why=_proven(answer.facts), warnings=(*found.warnings, *_no_model(answer), *doubt)
        )
    why = answer.cause
    if answer.unexplained and not only_here:
        where = origin.of_any(key, UrlFacts(domain=row.domain, region=row.region), prefix=prefix, ask=ask)
        why = f"{why}; {where}" if where else why
    if answer.outcome == "accepted" and not call and row.billing_plan == "pay_as_you_go":
        why = f"{why}. One real call tells: --call"
    verdict: Verdict = "cannot_work" if answer.outcome == "refused" else "cannot_be_told"
    return replace(found, verdict=verdict, why=why)


def _proven(facts: Facts) -> str:
    if facts.model_answered:
        return f"the model {facts.model_answered} answered this key, and one that cannot exist is refused"
    return "the service lets this key in, and refuses one that cannot exist"


def _no_model(answer: Finding) -> tuple[str, ...]:
    """Return what spoke against the models that were called beside a pair that is right."""
    seen = {e.question.model: e.answer.text for e in answer.exchanges if e.question.kind == "call"}
    if answer.facts.model_answered or not seen:
        return ()
    return tuple(f"the pair is right, but {model} did not answer: {text}" for model, text in seen.items())


def _of_key(place: Place, key: str, said: KeyFacts) -> Diagnosis:
    """Return the verdict as far as it is about the key."""
    if key:
        try:
            check_key_text(key)
        except ValueError as wrong:
            return Diagnosis(verdict="cannot_work", why=str(wrong))
    workspace, doubt = _workspace(place, said.workspace)
    try:
        check_pair(
            replace(said, workspace=workspace),
            UrlFacts(domain=place.row.domain, region=place.row.region, workspace=place.label or None),
        )
    except Refused as refused:
        return Diagnosis(verdict="cannot_work", why=str(refused), may_ask=bool(key))
    if doubt:
        return Diagnosis(verdict="cannot_be_told", why=doubt, may_ask=bool(key))
    if not key and said == KeyFacts():
        return Diagnosis(verdict="cannot_be_told", why="there is no key, and nothing is said of one")
    return Diagnosis(verdict="can_work", why="nothing that is written speaks against it", may_ask=bool(key))


def _workspace(place: Place, said: str | None) -> tuple[str | None, str]:
    """Return the workspace to compare, and a doubt where it cannot be compared with the host.

    The label of a dedicated host may be a name of another form than the workspace id (`llm-...`, not `ws-...`), so only
    names of one form can be told apart (ASSUMPTION host-label-is-workspace-id).
    """
    if said is None or not place.label:
        return None, ""
    name = said.partition(".")[0].lower()
    if name.partition("-")[0] == place.label.partition("-")[0]:
        return name, ""
    return None, (
        f"whether the host {place.label}... is that of workspace {shown(said)} does not show in the names: compare it "
        "with the workspace's api_host in the stack's outputs or the console"
    )


def _about_row(place: Place) -> tuple[str, ...]:
    """Return what speaks against using this URL at all."""
    better = better_row(place.row)
    return (advice(place.row.domain, [better.url_template]),) if better else ()
