"""One service's key: minted or existing, proven with its URLs, put into its vault; rotated, moved, deleted.

In one update, as in any rotation of a secret: create, test, set, finish (`provider/keys/advance.py`). The value lies in
the vault and nowhere else: the state holds ids, digests and references.
"""

from typing import ClassVar

from catalogue.models import CALL_TOKENS
from catalogue.record import facts_in
from catalogue.rules import Refused
from provider.client.shapes import as_list, as_object
from provider.keys import inputs as checks
from provider.keys.advance import Advance, Change, UnfinishedError, needs_put
from provider.keys.decide import Keep, Serve, Step, decide, is_new_word, notes, rotate_after
from provider.keys.delivered import Delivered
from provider.keys.ending import delete_all
from provider.keys.inputs import INPUTS, OUTPUTS
from provider.keys.ledger import Ledger
from provider.keys.mark import new_series
from provider.keys.proof import DELIVERED, is_due
from provider.keys.record_check import billed_calls
from provider.keys.scope import comparable
from provider.keys.seen import seen
from provider.keys.vault import refuse_dropping_next
from provider.keys.wanted import Wanted, is_existing, verify_of
from provider.resource import (
    Call,
    Diff,
    Failure,
    Found,
    Handler,
    Kind,
    Made,
    PartlyMadeError,
    RefusedError,
    no_import,
    text_of,
)
from provider.values import Values, has_unknown

_STAY = ("keyId", "generation", "createdBy", "createdAt", "fingerprint", "series", "superseded", "present")
"""Outputs that stay as they are when only the record changes."""


class ApiKeyHandler(Handler):
    """Its id is its own and never changes; key ids are outputs, so that a new key is an update in place.

    A key that another hand disabled is not enabled again (somebody may have had a reason): like a deleted one it is no
    longer `present`, and the next `up` mints the next generation. `serve_generation` alone enables, because it names
    the key.
    """

    type_name: ClassVar[str] = "modelstudio:index:ApiKey"
    doc: ClassVar[str] = "The keys of one service: the current one, and those superseded that are still alive."
    inputs: ClassVar = INPUTS
    outputs: ClassVar = OUTPUTS
    sometimes: ClassVar = frozenset({"value"})

    def check(self, call: Call, news: Values, olds: Values | None) -> tuple[Values, list[Failure]]:
        """Put lists in one order; refuse what nobody can mean, and a pair that is known not to open."""
        news = checks.completed(news)
        place = checks.vault_place(news)
        if place:
            call.services.claims[place] = call.urn.text
        return news, list(checks.failures(call, news, olds))

    def diff(self, call: Call, state: Values, olds: Values, news: Values) -> Diff:
        """Every change is an update in place; a key that is gone or due is one too, and so is unfinished work."""
        before, after = (_compared(v) for v in (olds, news))
        names = sorted({*before, *after})
        changed: dict[str, Kind] = {name: "update" for name in names if before.get(name) != after.get(name)}
        if has_unknown(news):
            return Diff(changed=changed)
        wanted, delivered, now = Wanted.of(news), Delivered.of_state(state), call.services.clock.now()
        ledger, request = delivered.ledger, wanted.request(delivered.ledger.series)
        step = _decided(ledger, wanted, now)
        shows = "" if isinstance(step, Keep) else step.shows
        if shows and shows not in changed:
            changed[shows] = "update"
        if is_new_word(ledger, wanted.policy):
            changed["rotation"] = "update"
        if ledger.unfinished or ledger.current is None:
            changed["ledger"] = "update"
        if wanted.vault and not delivered.is_held:
            changed["held"] = "update"
        if delivered.proof.outcome not in DELIVERED[wanted.verify]:
            changed["outcome"] = "update"
        if wanted.keep_value != bool(delivered.value):
            changed["value"] = "update"
        for note in notes(ledger, request, now):
            call.warn(note)
        return Diff(changed=changed)

    def planned(self, call: Call, state: Values | None, news: Values) -> Values:
        """Say why a key is minted or served again, and what a check may cost; what stays is shown as it is."""
        unknown = super().planned(call, state, news)
        if has_unknown(news):
            return unknown
        wanted, now = Wanted.of(news), call.services.clock.now()
        if wanted.keep_value:
            call.warn("keep_value: the key's value will stand in the state, encrypted, and in each of its backups")
        if wanted.source:
            unknown |= {"keyId": "", "createdBy": "", "rotateAfter": ""}
        if state is None:
            _decided(Ledger(series=""), wanted, now)
            _tell_cost(call, news)
            return unknown
        delivered = Delivered.of_state(state)
        step = _decided(delivered.ledger, wanted, now)
        words = {"rotateAfter": rotate_after(delivered.ledger, wanted.request(delivered.ledger.series))}
        if not isinstance(step, Keep):
            if step.reason:
                call.warn(step.reason)
            served = step.key if isinstance(step, Serve) else None
            others = [k for k in delivered.ledger.superseded if k != served]
            refuse_dropping_next(call, delivered.ledger.with_superseded(others), wanted, delivered.revision + 1)
            _tell_cost(call, news)
            return unknown
        if is_due(delivered.proof, state, news, same_key=True):
            _tell_cost(call, news)
        kept = {name: state.get(name) for name in self.outputs if name in state} | words
        key = delivered.ledger.current
        same = key is not None and facts_in(delivered.record) == wanted.facts(key.generation, key.key_id)
        if same and not needs_put(delivered, state, news):
            return news | kept
        if not same:
            refuse_dropping_next(call, delivered.ledger, wanted, delivered.revision + 1)
        return unknown | {name: kept.get(name) for name in _STAY} | words

    def create(self, call: Call, news: Values) -> Made:
        """Deliver generation 1, or the one after the highest that carries this service's mark.

        Marked keys that are found were minted by a run that was killed. One that its vault holds is proven and adopted;
        every other may be in a consumer's hands, and ends by the ordinary retirement.
        """
        wanted = Wanted.of(news)
        series = new_series(wanted.owner_id, wanted.claim, call.urn.name)
        before = Delivered(ledger=Ledger(series=series))
        return Made(f"key-{series}", self._advanced(call, before, {}, news, f"key-{series}"))

    def read(self, call: Call, id_: str, state: Values, inputs: Values) -> Found | None:
        """Look at the keys and at what the vault's readers get; a current key that is gone stays on record."""
        if not state:
            raise no_import(
                "ApiKey", "the value of a key cannot be read back; let `up` mint one, or give an existing one"
            )
        after, found = seen(call, Delivered.of_state(state), inputs)
        rotate = rotate_after(after.ledger, Wanted.of(inputs).request(after.ledger.series))
        return Found(id_, state | found | after.as_state(rotate), found)

    def update(self, call: Call, state: Values, news: Values) -> Values:
        """Change what the key may do, deliver another one, or go on to the next; an old minted one is superseded."""
        return self._advanced(call, Delivered.of_state(state), state, news, "")

    def delete(self, call: Call, id_: str, state: Values) -> None:
        """Delete every live key of this service, but none that no longer carries this stack's owner id."""
        del id_
        delete_all(call, Delivered.of_state(state), text_of(state, "ownerId"), as_list(state.get("alsoAt")))

    def _advanced(self, call: Call, before: Delivered, olds: Values, news: Values, made_id: str) -> Values:
        request = Wanted.of(news).request(before.ledger.series)
        try:
            after = Advance(call, Change(before=before, olds=olds, news=news)).run()
        except UnfinishedError as unfinished:
            half = unfinished.after
            state = news | half.as_state(rotate_after(half.ledger, request))
            raise PartlyMadeError(Made(made_id, state), str(unfinished)) from None
        return news | after.as_state(rotate_after(after.ledger, request))


def _compared(inputs: Values) -> Values:
    """Return the inputs that are a change where they differ: how to ask is none, and a word on record does nothing."""
    compared = {**inputs, **comparable(inputs)}
    compared["rotation"] = {n: v for n, v in as_object(inputs.get("rotation")).items() if n != "rotate"}
    compared.pop("prefix", None)
    return compared


def _decided(ledger: Ledger, wanted: Wanted, now: float) -> Step:
    try:
        return decide(ledger, wanted.request(ledger.series), now)
    except Refused as refused:
        raise RefusedError(str(refused)) from None


def _tell_cost(call: Call, news: Values) -> None:
    calls = billed_calls(as_object(news.get("urls")), text_of(news, "prefix"))
    if not calls or verify_of(news) != "required":
        return
    whose = f"account {call.services.account_id}" if not is_existing(news) else "the account of the key"
    call.info(
        f"verify: required makes up to {calls} {'call' if calls == 1 else 'calls'}, about "
        f"{calls * CALL_TOKENS} tokens, billed to {whose}, where nothing free proves the host"
    )
