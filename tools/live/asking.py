"""The calls of inference hosts: counted, bounded, recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from catalogue.urls import behind
from provider.keys.record_check import PATIENCE
from provider.probe.http import ask
from provider.probe.meaning import Meaning, meaning_of
from tools.live.estimate import MOST_CALLS
from tools.live.report import Unmeasured

if TYPE_CHECKING:
    from collections.abc import Callable

    from provider.client.retry import Clock
    from provider.probe.answer import Answer
    from provider.probe.http import Heard
    from provider.probe.question import Question
    from tools.live.record import KeyKind, Record


@dataclass(frozen=True, kw_only=True)
class Credential:
    """A key as a call carries it."""

    value: str = field(repr=False)
    kind: KeyKind
    """At the host that is asked."""
    ordinary: bool = True
    """Whether it has no limits and is enabled."""


JUNK = Credential(value="sk-no-such-key", kind="junk")


@dataclass(frozen=True, kw_only=True)
class Said:
    """An answer, read, and as it came."""

    answer: Answer
    body: bytes = field(repr=False)

    @property
    def meaning(self) -> Meaning:
        """What it means to the pair check."""
        return meaning_of(self.answer)

    @property
    def text(self) -> str:
        """The answer in a line."""
        return self.answer.text


@dataclass(kw_only=True)
class Asker:
    """Asks one question after the other."""

    prefix: str
    record: Record
    clock: Clock
    calls: int = 0

    def ask(self, url: str, key: Credential, question: Question) -> Said:
        """Make one call at the real base URL `url`. Raises Unmeasured where there is no answer, or no call left."""
        self.clock.check()
        if self.calls == MOST_CALLS:
            raise Unmeasured(f"the run's {MOST_CALLS} calls are used up")
        self.calls += 1
        came: list[Heard] = []
        answer = ask(behind(self.prefix, url), key.value, question, heard=came.append)
        if answer.status == 0 or not came:
            raise Unmeasured(f"no answer from {url} ({answer.message})")
        self.record.inference(url, question, came[0], key.kind, ordinary=key.ordinary)
        return Said(answer=answer, body=came[0].body)

    def until(self, done: Callable[[Said], bool], once: Callable[[], Said]) -> tuple[Said, float]:
        """Ask again, for as long as the pair check does, until it is as wanted; return the last answer, and when."""
        start, pause = self.clock.now(), 1.0
        while True:
            said, passed = once(), self.clock.now() - start
            if done(said) or passed + pause > PATIENCE:
                return said, passed
            self.clock.sleep(pause)
            pause = min(2 * pause, 10.0)
