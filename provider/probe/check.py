"""Asks a URL whether it takes a key, as cheaply as it can be told, and judges the answers.

A host without workspaces is asked for free, and that proves the pair. A workspace's own host is asked for free too:
the same call is made at the host of a made-up workspace, and where that is denied and this is not, the host is proven.
Where the two answer alike, the free call tells nothing, and one real call tells all: it is made only if `spend` allows.
ASSUMPTION made-up-host-denied.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

from catalogue.models import MAX_CANDIDATES, Model
from provider.probe import question
from provider.probe.answer import Answer
from provider.probe.http import Ask
from provider.probe.http import ask as ask_live
from provider.probe.meaning import DENIED, LET_IN, REFUSED, meaning_of
from provider.probe.pair import Models, Pair
from provider.probe.question import Question, control_key
from provider.probe.verdict import PLAN_HOSTS, TAKES_ANY_KEY, Exchange, Finding, judge, refuses

Spend = Literal["never", "if_needed", "always"]
"""Whether a real call may be made: never; where nothing free proves the host; even where it does."""


def check(
    pair: Pair,
    models: Models,
    *,
    spend: Spend = "never",
    ask: Ask | None = None,
    slot: AbstractContextManager[object] | None = None,
) -> Finding:
    """Say whether the key opens the URL. `slot` is held while a real call runs: it bounds how many do at once."""
    run = _Check(pair, models, ask or ask_live, slot or nullcontext())
    if pair.protocol == "realtime":
        run.shake_hands()
        return run.judged()
    if pair.host in TAKES_ANY_KEY:
        run.ask_for_any_key()
    else:
        run.ask_for_workspace()
    found = run.judged()
    if spend == "never" or pair.host in PLAN_HOSTS or found.outcome in ("refused", "not_checkable") or run.hangs:
        return found
    if spend == "always" or not found.facts.host_proven:
        run.call_models()
    return run.judged()


class _Check:
    """The calls of one check, as far as they were made."""

    def __init__(self, pair: Pair, models: Models, ask: Ask, slot: AbstractContextManager[object]) -> None:
        self._pair = pair
        self._models = models
        self._ask = ask
        self._slot = slot
        self._exchanges: list[Exchange] = []

    @property
    def hangs(self) -> bool:
        """Whether a call or its control got no answer: the next one would not either."""
        return any(e.answer.status == 0 or (e.control is not None and e.control.status == 0) for e in self._exchanges)

    def judged(self) -> Finding:
        """Return what the answers so far prove."""
        denied = {e.question.model for e in self._exchanges if e.meaning in DENIED and e.question.model}
        known = [name for name in sorted(denied) if self._models.may_call(name) is True] if len(denied) > 1 else []
        return judge(self._pair.host, self._exchanges, may_call=known)

    def shake_hands(self) -> None:
        """Ask for a websocket, without saying anything in it."""
        self._exchange(question.handshake())

    def ask_for_any_key(self) -> None:
        """Ask a host that has no workspaces."""
        protocol = self._pair.protocol
        asks: list[Question | None] = [question.models(protocol), question.unknown_model(protocol, content=False)]
        asks += [question.no_content(protocol, model) for model in self._models.free[:1]]
        asks += [question.unknown_model(protocol, content=True)]
        for asked in asks:
            if asked is not None and self._is_over(self._exchange(asked)):
                return

    def ask_for_workspace(self) -> None:
        """Ask a workspace's own host, or one that the catalogue does not have, with calls that hold no content."""
        for model in self._tried(self._models.free, guess=True):
            asked = question.no_content(self._pair.protocol, model)
            if self._is_over(self._exchange(asked, made_up=True)) or self._exchanges[-1].meaning == "body_refused":
                break
        if self.judged().outcome != "inconclusive" or any(e.meaning in DENIED for e in self._exchanges) or self.hangs:
            return
        protocol = self._pair.protocol
        wholes = (question.unknown_model(protocol, content=content) for content in (False, True))
        for also in (question.models(protocol), *wholes):
            if also is not None and (self._is_over(self._exchange(also)) or self.judged().facts.key_accepted):
                return

    def call_models(self) -> None:
        """Make one real call, to the first model that answers; none where a key that cannot exist is let in."""
        if any(e.control is not None and e.control.result for e in self._exchanges):
            return
        denied = {e.question.model for e in self._exchanges if e.meaning in DENIED}
        for model in self._tried((m for m in self._models.billed if m.name not in denied), guess=False):
            asked = question.call(self._pair.protocol, model)
            control = self._control(asked)
            if not refuses(control):
                return  # an answer to the key would prove nothing
            with self._slot:
                answer = self._ask(self._pair.url, self._pair.key, asked)
            exchange = Exchange(question=asked, answer=answer, control=control)
            self._exchanges.append(exchange)
            if exchange.may_be_billed or exchange.meaning in REFUSED or exchange.meaning == "no_answer":
                return
            if self.judged().outcome == "refused":
                return

    def _tried(self, models: Iterable[Model], *, guess: bool) -> Iterator[Model]:
        """Return at most three models that may be called. The first one may be a `guess`: most are right."""
        count = 0
        for model in models:
            is_chosen = model.name == self._models.chosen
            if is_chosen or (guess and count == 0) or self._models.may_call(model.name) is not False:
                yield model
                count += 1
            if count == MAX_CANDIDATES:
                return

    def _exchange(self, asked: Question, *, made_up: bool = False) -> Exchange:
        """Make a call, and its controls where the answer may prove something."""
        answer = self._ask(self._pair.url, self._pair.key, asked)
        meaning, control, elsewhere = meaning_of(answer), None, None
        if meaning in LET_IN or meaning == "client_refused":
            control = self._control(asked)
            if made_up and meaning == "body_refused" and refuses(control) and self._pair.made_up_url:
                elsewhere = self._ask(self._pair.made_up_url, self._pair.key, asked)
        exchange = Exchange(question=asked, answer=answer, control=control, made_up=elsewhere)
        self._exchanges.append(exchange)
        return exchange

    def _control(self, asked: Question) -> Answer:
        """Make the call with a key that cannot exist, unless a call like it was refused already.

        ASSUMPTION key-first: what is in the body makes no difference.
        """
        like = ((e.question.method, e.question.path, e.control) for e in self._exchanges)
        for method, path, control in like:
            if (method, path) == (asked.method, asked.path) and control is not None and refuses(control):
                return control
        return self._ask(self._pair.url, control_key(self._pair.key), asked)

    def _is_over(self, exchange: Exchange) -> bool:
        """Whether nothing further needs to be asked."""
        if exchange.meaning in REFUSED or self.hangs:
            return True
        return self.judged().outcome in ("verified", "refused", "not_checkable")
