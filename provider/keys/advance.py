"""One update of a service's keys: decide what is due; create, test, set and finish; say what is on record then.

From the moment in which a key exists until it is on record, a failure either deletes it, when it was sent nowhere, or
leaves it on record. Nothing is delivered that was not proven.
"""

from dataclasses import dataclass, replace

from catalogue.record import POINTER_NAME, facts_in, fingerprint, urls_in
from catalogue.rules import Refused
from provider.client.errors import ServiceError
from provider.client.retry import CancelledError
from provider.client.times import iso
from provider.keys import existing, living
from provider.keys.decide import Keep, Next, Serve, Step, decide, is_new_word, next_number, refuse_own
from provider.keys.delivered import Delivered, with_fingerprint
from provider.keys.ledger import Copy, Key, Ledger
from provider.keys.mark import owned_by
from provider.keys.model_names import check_models
from provider.keys.proof import DELIVERED, Proof, is_due, prove, prove_with_held_urls
from provider.keys.scope import comparable
from provider.keys.vault import Vault, value_of, with_copy
from provider.keys.wanted import Wanted
from provider.resource import Call, RefusedError
from provider.stores.written import FINISH, NotCurrentError, Written
from provider.values import Values


class UnfinishedError(Exception):
    """Something is on record that the next update finishes; the text says what is wrong."""

    def __init__(self, after: Delivered, reason: str) -> None:
        self.after = after
        super().__init__(reason)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What an update starts from."""

    before: Delivered
    olds: Values
    """Inputs on record; empty for a create."""
    news: Values


class Advance:
    """One update of one service's keys."""

    def __init__(self, call: Call, change: Change) -> None:
        self._call = call
        self._change = change
        self._wanted = wanted = Wanted.of(change.news)
        self._before = change.before
        self._series = series = change.before.ledger.series
        self._vault = Vault(call, wanted, wanted.vault, series) if wanted.vault else None
        self._keys_there = 0
        """Keys in the workspace in which the next one is made."""
        self._is_sent = False
        """Whether a new key may lie in the vault: from then on it is never deleted on sight."""

    def run(self) -> Delivered:
        """Return what is on record afterwards. Raises UnfinishedError, RefusedError, ServiceError."""
        call, wanted = self._call, self._wanted
        ledger = self._before.ledger
        ledger = ledger.with_unfinished(living.discard(call, ledger.unfinished))
        ledger, self._keys_there = living.still_there(call, ledger, wanted.owner_id, wanted.home)
        ledger = living.looked_for(call, ledger, wanted.owner_id)
        if self._vault:
            ledger = self._vault.identified(ledger)
        try:
            step = decide(ledger, wanted.request(self._series), call.services.clock.now())
            return self._take(step, ledger)
        except Refused as refused:
            raise RefusedError(str(refused)) from None

    def _take(self, step: Step, ledger: Ledger) -> Delivered:
        rescoped = not self._wanted.source and comparable(self._change.olds) != comparable(self._change.news)
        if rescoped or not isinstance(step, Keep):
            check_models(self._call, self._change.news, before=self._change.olds or None)
        match step:
            case Keep():
                return self._keep(ledger, rescoped=rescoped)
            case Serve():
                return self._serve(step.key, ledger)
            case Next():
                return self._next(step.generation, ledger)

    def _keep(self, ledger: Ledger, *, rescoped: bool) -> Delivered:
        wanted, key = self._wanted, _current(ledger)
        if rescoped:
            self._rescope(key)
        if not self._is_changed(key):
            return self._recorded(replace(self._before, ledger=ledger))
        value = self._value_of(key)
        if not value:
            self._refuse_lost(key)
            return self._next(next_number(ledger, wanted.policy), ledger)
        self._check_room(key, value, ledger)
        return self._finish(key, value, ledger, same_key=True)

    def _serve(self, key: Key, ledger: Ledger) -> Delivered:
        """Deliver a superseded key again: with the wanted scope, and enabled."""
        value = self._value_of(key)
        if not value:
            self._refuse_lost(key)
            lost = [replace(k, copies=()) if k == key else k for k in ledger.superseded]
            return self._next(next_number(ledger, self._wanted.policy), ledger.with_superseded(lost))
        self._check_room(key, value, ledger)
        plane = self._call.services.control_plane
        found = plane.api_key(key.region, key.key_id)
        if found is None or not owned_by(found, self._wanted.owner_id):
            raise RefusedError(
                f"key {key.key_id} (generation {key.generation}) is gone or no longer carries this stack's mark in its "
                "description, so it is not delivered: take serve_generation out"
            )
        self._rescope(key)
        if found.disabled:
            plane.enable_api_key(key.region, key.key_id)
            self._call.audit("enable", key_id=key.key_id, generation=key.generation, region=key.region)
        return self._finish(key, value, ledger, same_key=False)

    def _rescope(self, key: Key) -> None:
        """Have a key do what it may by the program."""
        self._call.services.control_plane.update_api_key(key.region, key.key_id, self._wanted.scope)
        self._call.audit("scope", key_id=key.key_id, generation=key.generation, region=key.region)

    def _next(self, generation: int, ledger: Ledger) -> Delivered:
        """Go on to the next key. One that is minted is deleted again in this run unless it was sent to the vault."""
        call, wanted = self._call, self._wanted
        if self._vault:
            self._vault.check_room(ledger, self._before.revision + 1)
        if wanted.source:
            value = existing.read(call, wanted.source, wanted.domain)
            known, current = fingerprint(value, self._series), ledger.current
            if current is not None and not current.key_id and current.fingerprint == known:
                return self._finish(current, value, ledger, same_key=True)
            refuse_own(ledger, known)
            key = Key(
                generation=generation,
                key_id="",
                region=wanted.region,
                workspace=wanted.workspace,
                created_at=iso(call.services.clock.now()),
            )
            return self._finish(key, value, ledger, same_key=False)
        living.check_room(ledger, wanted.home, self._keys_there)
        with call.services.clock.shielded(FINISH):
            key, value = living.mint(call, ledger, wanted.owner_id, wanted.home, wanted.scope, generation)
        try:
            return self._finish(key, value, ledger, same_key=False)
        except Exception as error:
            if self._is_sent:
                raise
            left = living.discard(call, [key])
            if left:
                after = self._behind(ledger.with_unfinished([*ledger.unfinished, *left]))
                reason = f"{error}; the key {key.key_id} made for it could not be deleted, the next `pulumi up` does"
                raise UnfinishedError(after, reason) from None
            raise

    def _finish(self, key: Key, value: str, ledger: Ledger, *, same_key: bool) -> Delivered:
        """Prove the pair, put the record into the vault, and return what is on record then."""
        wanted = self._wanted
        due = is_due(self._before.proof, self._change.olds, self._change.news, same_key=same_key)
        proof = prove(self._call, wanted, key, value, before=None if due else self._before.proof)
        if not same_key:
            prove_with_held_urls(self._call, wanted, key, value, urls_in(self._before.record))
        key = with_fingerprint(key, value, self._series)
        record = self._before.with_record(value, wanted.facts(key.generation, key.key_id))
        after = replace(record, proof=proof, value=value if wanted.keep_value else "")
        if self._vault is None:
            aside = self._put_aside(key, ledger)
            return self._recorded(replace(after, ledger=self._with_current(key, ledger, aside), held=""))
        unchanged = after.revision == self._before.revision
        if same_key and unchanged and not needs_put(self._before, self._change.olds, self._change.news):
            kept = replace(after, ledger=self._with_current(key, ledger, None), record=self._before.record)
            return self._recorded(kept)
        return self._put(self._vault, key, value, after, ledger, same_key=same_key)

    def _put(
        self, vault: Vault, key: Key, value: str, after: Delivered, ledger: Ledger, *, same_key: bool
    ) -> Delivered:
        aside = self._put_aside(key, ledger)
        if self._is_moved(vault.written):
            ledger = vault.move(ledger)
        self._is_sent = True  # until the store is known to have refused it
        try:
            copy = vault.put(key, value, after, is_new=self._before.stored is None)
        except NotCurrentError as behind:
            copy = Copy(place=str(vault.written.place), version=behind.made.version, name=behind.made.name)
            after = self._stored(with_copy(key, copy), after, ledger, aside, held="")
            raise UnfinishedError(after, str(behind)) from None
        except RefusedError:
            self._is_sent = False
            raise
        except (ServiceError, CancelledError) as error:
            self._is_sent = isinstance(error, CancelledError) or error.may_have_run
            if same_key or not self._is_sent:
                raise
            kept = self._recorded(self._behind(self._with_sent(vault, key, ledger)))
            reason = f"{error}; it may be in {vault.written.place} all the same: the next `pulumi up` looks there"
            raise UnfinishedError(kept, reason) from None
        held = f"g{key.generation}r{after.revision}"
        return self._stored(with_copy(key, copy), after, ledger, aside, held=held)

    def _stored(self, key: Key, after: Delivered, ledger: Ledger, aside: Key | None, *, held: str) -> Delivered:
        """Return what is on record once the vault has it. Nothing here can fail."""
        record = {**after.record, POINTER_NAME: f"{key.copies[0].place}@{key.copies[0].name}"}
        return self._recorded(replace(after, ledger=self._with_current(key, ledger, aside), record=record, held=held))

    def _with_sent(self, vault: Vault, key: Key, ledger: Ledger) -> Ledger:
        """Return the ledger with a key that may lie in the vault. An existing key is read again; its number counts."""
        others = [k for k in ledger.superseded if (k.generation, k.key_id) != (key.generation, key.key_id)]
        sent = replace(key, copies=(Copy(place=str(vault.written.place), version="", name=""), *key.copies))
        counted = ledger.with_superseded([*others, sent])
        return counted if key.key_id else counted.with_superseded(others)

    def _behind(self, ledger: Ledger) -> Delivered:
        """Return what was on record before, as far as it holds beside the inputs of now, which the engine records."""
        olds, news = self._change.olds, self._change.news
        covered = not is_due(Proof(outcome="verified"), olds, news, same_key=True)
        return replace(
            self._before,
            ledger=ledger,
            proof=self._before.proof if covered else Proof(),
            held=self._before.held if olds.get("vault") == news.get("vault") else "",
        )

    def _with_current(self, key: Key, ledger: Ledger, aside: Key | None) -> Ledger:
        source = str(self._wanted.source) if self._wanted.source else ""
        return ledger.with_current(key, put_aside=aside, source=source)

    def _put_aside(self, key: Key, ledger: Ledger) -> Key | None:
        """Return the former current key as a superseded one; None where it stays current, is existing, or is gone."""
        former = ledger.current
        if former is None or not former.key_id or (former.generation, former.key_id) == (key.generation, key.key_id):
            return None
        if self._call.services.control_plane.api_key(former.region, former.key_id) is None:
            return None
        return replace(former, superseded_at=iso(self._call.services.clock.now()))

    def _recorded(self, after: Delivered) -> Delivered:
        """Return it with the words of rotation on record, and without a value that is not asked for any more."""
        policy = self._wanted.policy
        if not self._wanted.keep_value:
            after = replace(after, value="")
        if not is_new_word(after.ledger, policy):
            return after
        return replace(after, ledger=replace(after.ledger, rotated=policy.rotate))

    def _value_of(self, key: Key) -> str:
        """Return a key's value; "" when it is lost. An existing key is read from its source again then."""
        wanted = self._wanted
        value = value_of(self._call, wanted, self._series, key) or self._before.value
        if not value and wanted.source:
            value = existing.read(self._call, wanted.source, wanted.domain)
        return value if value and fingerprint(value, self._series) == key.fingerprint else ""

    def _refuse_lost(self, key: Key) -> None:
        """Refuse to mint in the place of a key that `serve_generation` names. Raises RefusedError."""
        if self._wanted.source is None and self._wanted.policy.serve_generation is not None:
            raise RefusedError(
                f"no vault holds generation {key.generation} any more, so it is not delivered: take "
                "serve_generation out"
            )

    def _check_room(self, key: Key, value: str, ledger: Ledger) -> None:
        """Refuse what would drop a version that is needed, as `Vault.check_room` does, for a key that there is."""
        after = self._before.with_record(value, self._wanted.facts(key.generation, key.key_id))
        if self._vault and after.revision != self._before.revision:
            others = [k for k in ledger.superseded if k != key]
            self._vault.check_room(ledger.with_superseded(others), after.revision)

    def _is_changed(self, key: Key) -> bool:
        """Whether the current key's record, its place or its proof is not what is wanted."""
        before, wanted = self._before, self._wanted
        return (
            facts_in(before.record) != wanted.facts(key.generation, key.key_id)
            or needs_put(before, self._change.olds, self._change.news)
            or (wanted.keep_value and not before.value)
            or before.proof.outcome not in DELIVERED[wanted.verify]
            or is_due(Proof(outcome="verified"), self._change.olds, self._change.news, same_key=True)
        )

    def _is_moved(self, written: Written) -> bool:
        stored = self._before.stored
        return stored is not None and stored.place != str(written.place)


def needs_put(delivered: Delivered, olds: Values, news: Values) -> bool:
    """Whether the vault does not hold the record on record in the wanted form."""
    if news.get("vault") is None:
        return False
    return olds.get("vault") != news.get("vault") or not delivered.is_held or delivered.stored is None


def _current(ledger: Ledger) -> Key:
    assert ledger.current is not None  # noqa: S101 - Keep is decided of a current key alone
    return ledger.current
