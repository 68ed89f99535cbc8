"""One run: look, ask for leave, make, measure, remove."""

from __future__ import annotations

import secrets
import signal
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalogue.rows import REGIONS
from catalogue.rules import MAX_WORKSPACES
from provider.client.account import Account
from provider.client.control_plane import ControlPlane
from provider.client.errors import ServiceError
from provider.client.redact import redact
from tools.arguments import UsageError
from tools.live.asking import Asker
from tools.live.estimate import BILLED_CALLS, CAP, MOST_CALLS, at_most
from tools.live.journal import Head, Journal
from tools.live.measure.table import measure
from tools.live.record import Record, RecordingSdk
from tools.live.report import Result, holds, lines, summary
from tools.live.resources import Made
from tools.live.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from provider.client.retry import Clock
    from tools.live.options import Options

NEEDED = 3
"""Workspaces that a run makes."""
FAILED, USAGE, LEFT, INTERRUPTED = 1, 2, 3, 130


def say(text: str) -> None:
    """Tell the person at the terminal how it goes on."""
    print(f"live: {redact(text)}", file=sys.stderr, flush=True)


@dataclass(kw_only=True)
class Run:
    """One call of the command."""

    options: Options
    folder: Path
    clock: Clock

    def __post_init__(self) -> None:
        """Make the way to the services; nothing is called yet."""
        self.record = Record(account=self.options.account)
        self.sdk = RecordingSdk(endpoints=self.options.endpoints, clock=self.clock)
        self.sdk.record = self.record
        self.plane = ControlPlane(self.sdk)

    def clean(self) -> int:
        """Remove what earlier runs left."""
        self._check_account()
        left = [line for journal in list(Journal.left_in(self.folder)) for line in self._cleaned(journal)]
        return _told(left) or 0

    def measure(self) -> int:
        """Measure, report, remove. Returns the exit code."""
        self._check_account()
        self._check_nothing_left()
        self._check_room()
        self._check_price()
        self._confirm()
        if self.options.out is not None:
            self._write(self.options.out)  # what cannot be written is known before anything is made
        results: dict[str, Result] = {}
        head = Head(
            run=secrets.token_hex(4),
            account=self.options.account,
            region=self.options.region,
            control_plane=self.options.control_plane,
        )
        interrupted = False
        with _ended_in_order() as end_in_order:
            made = self._made(Journal.start(self.folder, head))
            try:
                for name, result in measure(self._scene(made), say):
                    results |= {name: result}  # what there is at an interrupt is reported
            except KeyboardInterrupt:
                interrupted = True
                say("interrupted")
            finally:
                end_in_order()
                left = made.remove()
        for line in lines(results):
            print(line)
        say(summary(results))
        if self.options.out is not None:
            self._write(self.options.out)
        if interrupted:
            return _told(left) or INTERRUPTED
        return _told(left) or (0 if holds(results) else FAILED)

    def _scene(self, made: Made) -> Scene:
        return Scene(
            region=self.options.region,
            sdk=self.sdk,
            plane=self.plane,
            made=made,
            asker=Asker(prefix=self.options.prefix, record=self.record, clock=self.clock),
            clock=self.clock,
            known={},
        )

    def _made(self, journal: Journal) -> Made:
        return Made(plane=self.plane, journal=journal, clock=self.clock, say=say)

    def _cleaned(self, journal: Journal) -> list[str]:
        if (journal.head.account, journal.head.control_plane) != (self.options.account, self.options.control_plane):
            where = "a double" if journal.head.control_plane else "the service"
            return [f"what run {journal.head.run} made for account {journal.head.account} at {where}: {journal.path}"]
        say(f"run {journal.head.run} in {journal.head.region}")
        with _ended_in_order() as end_in_order:
            end_in_order()
            return self._made(journal).remove()

    # what is looked at before anything is made

    def _check_account(self) -> None:
        try:
            Account(self.sdk, self.options.account, explicit=True).check(self.options.region)
        except ServiceError as error:
            raise UsageError(f"the caller must be account {self.options.account}: {error}") from None

    def _check_nothing_left(self) -> None:
        mine = (self.options.account, self.options.control_plane)
        left = [j for j in Journal.left_in(self.folder) if (j.head.account, j.head.control_plane) == mine]
        if left:
            raise UsageError(f"run {left[0].head.run} left something: run this with --clean first")

    def _check_room(self) -> None:
        say(f"counting workspaces in {len(REGIONS)} regions")
        try:
            count = sum(len(self.plane.workspaces(region)) for region in REGIONS)
        except ServiceError as error:
            raise UsageError(f"the workspaces could not be counted: {error}") from None
        if MAX_WORKSPACES - count < NEEDED:
            raise UsageError(
                f"{count} of the account's {MAX_WORKSPACES} workspaces are taken; {NEEDED} must be free for this"
            )

    def _check_price(self) -> None:
        price = at_most(self.options.region)
        say(
            f"it makes up to {NEEDED} workspaces and 5 keys, and up to {MOST_CALLS} calls, of which {BILLED_CALLS} are "
            f"billed, for less than 0.01 CNY; at worst, were each call billed in full, {price:.2f} CNY (cap: {CAP:g})"
        )
        if price > CAP:
            raise UsageError(f"it could cost {price:.2f} CNY, and the cap is {CAP:g}")

    def _confirm(self) -> None:
        if self.options.yes:
            return
        if not sys.stdin.isatty():
            raise UsageError("nobody is at a terminal to confirm: add --yes")
        print("live: type the account id to go on: ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip() != self.options.account:
            raise UsageError("not confirmed")

    def _write(self, path: Path) -> None:
        try:
            self.record.write(path)
        except OSError as error:
            raise UsageError(f"--out cannot be written: {error.strerror}") from None


def _told(left: list[str]) -> int:
    for line in left:
        say(f"LEFT: {line}")
    if left:
        say("run this with --clean to remove it")
    return LEFT if left else 0


@contextmanager
def _ended_in_order() -> Generator[Callable[[], None]]:
    """Turn SIGTERM into an interrupt; yield what makes both wait until all is removed."""
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    names = (signal.SIGINT, signal.SIGTERM)
    before = {name: signal.getsignal(name) for name in names}

    def interrupt(number: int, frame: object) -> None:
        del number, frame
        raise KeyboardInterrupt

    def wait(number: int, frame: object) -> None:
        del number, frame
        say("removing what was made; this ends by itself")

    def end_in_order() -> None:
        for name in names:
            signal.signal(name, wait)

    try:
        for name in names:
            signal.signal(name, interrupt)
        yield end_in_order
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
