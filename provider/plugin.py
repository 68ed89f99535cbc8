"""Brings engine requests to the right handler, and keeps the guards that hold for every resource, in one place."""

import math
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from provider.audit import Audit
from provider.client.redact import remember
from provider.client.retry import Clock, RetryPolicy
from provider.client.sdk import Endpoints
from provider.resource import Call, Diff, Failure, Found, Handler, Made, PartlyMadeError, RefusedError, Urn
from provider.services import Services
from provider.values import UNKNOWN, Values

MADE_IN = "madeIn"
"""State property of every resource: the project and stack that made it."""

CONFIG_PROPERTIES = ("accountId", "endpoints", "profile", "roleArn", "renamedFrom", "clockOffset")
_FORBIDDEN_CONFIG = ("accessKey", "accessKeyId", "secretKey", "accessKeySecret", "securityToken")

Say = Callable[[str, str], None]
"""Takes URN and text."""


class Plugin:
    """The plugin without its wire."""

    def __init__(
        self, handlers: Sequence[Handler], *, clock: Clock | None = None, retry: RetryPolicy | None = None
    ) -> None:
        self.handlers: Mapping[str, Handler] = {h.type_name: h for h in handlers}
        self.clock = clock or Clock()
        self.warn: Say = lambda _urn, _text: None
        self.info: Say = lambda _urn, _text: None
        self.debug: Say = lambda _urn, _text: None
        self._retry = retry
        self._services: Services | None = None
        self._renamed_from = ""

    # the provider itself

    def check_config(self, news: Values) -> list[Failure]:
        """Refuse provider arguments that are unknown or would put an access key into the state."""
        failures = [
            Failure(
                name,
                "an access key must not stand in a provider's arguments (it would be in clear in the state): "
                "use the environment, account.profile or account.role_arn",
            )
            for name in _FORBIDDEN_CONFIG
            if name in news
        ]
        known = {*CONFIG_PROPERTIES, *_FORBIDDEN_CONFIG, "version", "pluginDownloadURL"}
        failures += [
            Failure(name, f"unknown; a provider takes {', '.join(CONFIG_PROPERTIES)}")
            for name in news
            if name not in known
        ]
        if not news.get("accountId"):
            failures.append(Failure("accountId", "missing: the id of the account that all this belongs to"))
        try:
            _clock_offset(news)
        except RefusedError as refused:
            failures.append(Failure("clockOffset", str(refused)))
        return failures

    def configure(self, args: Values) -> None:
        """Take over the provider's arguments. Calls nothing."""
        self.clock.offset = _clock_offset(args)
        self._services = Services(
            account_id=_known_text(args, "accountId"),
            endpoints=Endpoints.from_json(_known_text(args, "endpoints")),
            profile=_known_text(args, "profile"),
            role_arn=_known_text(args, "roleArn"),
            clock=self.clock,
            retry=self._retry,
        )
        self._renamed_from = _known_text(args, "renamedFrom")

    def cancel(self) -> None:
        """Stop waiting and sending, soon."""
        self.clock.cancelled.set()

    # resources

    def check(self, urn: str, news: Values, olds: Values | None) -> tuple[Values, list[Failure]]:
        """Complete and check inputs."""
        call, handler = self._call(urn)
        failures = [f for name in news for f in _property_failures(handler, name, news[name])]
        missing = [name for name, p in handler.inputs.items() if p.required and news.get(name) is None]
        failures += [Failure(name, f"missing: {handler.inputs[name].doc}") for name in missing]
        if failures:
            return news, failures
        return handler.check(call, {k: v for k, v in news.items() if v is not None}, olds)

    def diff(self, urn: str, state: Values, olds: Values, news: Values) -> Diff:
        """Say what would change; refuses a state that belongs to another stack."""
        call, handler = self._call(urn)
        moved = self._guard(call.urn, state)
        diff = handler.diff(call, olds | state, olds, news)
        return replace(diff, changed={**diff.changed, MADE_IN: "update"}) if moved else diff

    def create(self, urn: str, news: Values, *, preview: bool) -> Made:
        """Make a resource, or say what a preview knows of it."""
        call, handler = self._call(urn)
        home = {MADE_IN: call.urn.home}
        if preview:
            return Made("", _outputs(handler, handler.planned(call, None, news)) | home)
        self._check_account(handler, call, news)
        with _partly_at(handler, home):
            made = handler.create(call, news)
        return Made(made.id, _outputs(handler, made.state) | home)

    def read(self, urn: str, id_: str, state: Values, inputs: Values) -> Found | None:
        """Read a resource back."""
        call, handler = self._call(urn)
        self._check_account(handler, call, inputs or {"regionId": _region_in(id_)})
        found = handler.read(call, id_, inputs | state if state else {}, inputs)
        if found is None:
            return None
        made_in = {MADE_IN: state.get(MADE_IN, call.urn.home)}
        return Found(found.id, _outputs(handler, found.state) | made_in, found.inputs)

    def update(self, urn: str, state: Values, olds: Values, news: Values, *, preview: bool) -> Values:
        """Change a resource; refuses a state that belongs to another stack."""
        call, handler = self._call(urn)
        moved = self._guard(call.urn, state)
        home = {MADE_IN: call.urn.home}
        known = olds | state
        if moved and not handler.diff(call, known, olds, news).changed:  # only the stack's name changed
            return state | home
        if preview:
            return _outputs(handler, handler.planned(call, known, news)) | home
        self._check_account(handler, call, news)
        with _partly_at(handler, home):
            return _outputs(handler, handler.update(call, known, news)) | home

    def delete(self, urn: str, id_: str, state: Values, inputs: Values) -> None:
        """Remove a resource; refuses a state that belongs to another stack."""
        call, handler = self._call(urn)
        self._guard(call.urn, state)
        self._check_account(handler, call, inputs or state)
        handler.delete(call, id_, inputs | state)

    # guards

    def _guard(self, urn: Urn, state: Values) -> bool:
        """Refuse a copied state: what another stack made is not ours to change. True for a rename that was said."""
        made_in = state.get(MADE_IN)
        if not isinstance(made_in, str) or made_in in ("", urn.home):
            return False
        if made_in == self._renamed_from.split("/", 1)[-1]:
            return True
        raise RefusedError(
            f"{urn.type.rsplit(':', 1)[-1]} {urn.name!r} was made by the stack {made_in}, and this is {urn.home}: "
            "nothing was changed. If the stack was renamed, write renamed_from: <organization>/"
            + made_in
            + " into its stack file "
            "and run `pulumi up`; if this state is a copy, leave it to the stack that made it"
        )

    def _check_account(self, handler: Handler, call: Call, values: Values) -> None:
        region = handler.region(values)
        if handler.uses_account and region:
            call.services.account.check(region)

    def _call(self, urn_text: str) -> tuple[Call, Handler]:
        urn = Urn.parse(urn_text)
        handler = self.handlers.get(urn.type)
        if handler is None:
            known = ", ".join(sorted(self.handlers))
            raise RefusedError(f"no resource type {urn.type}; this plugin has {known}")
        if self._services is None:
            raise RefusedError("the provider is not configured")
        call = Call(
            urn=urn,
            services=self._services,
            warn=lambda text: self.warn(urn_text, text),
            info=lambda text: self.info(urn_text, text),
            audit=Audit(urn_text, self.clock.now, lambda text: self.debug(urn_text, text)),
        )
        return call, handler


def remember_secrets(values: Values, secrets: frozenset[str]) -> None:
    """Have every secret value masked in whatever is printed from now on."""
    for name in secrets:
        remember(values.get(name))


_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
}


def _property_failures(handler: Handler, name: str, value: Any) -> list[Failure]:
    prop = handler.inputs.get(name)
    if prop is None:
        return [Failure(name, f"unknown; {handler.type_name.rsplit(':', 1)[-1]} takes {', '.join(handler.inputs)}")]
    if value is None or value is UNKNOWN:
        return []
    if not isinstance(value, _TYPES[prop.type]) or (prop.type == "integer" and isinstance(value, bool)):
        return [Failure(name, f"must be of type {prop.type}")]
    return []


def _clock_offset(args: Values) -> float:
    """Return the seconds to add to the clock. They would end live keys too early, so only a double may have them."""
    text = _known_text(args, "clockOffset")
    try:
        seconds = float(text or 0)
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds):
        raise RefusedError(f"clockOffset {text!r} is not a number of seconds")
    if seconds and not Endpoints.from_json(_known_text(args, "endpoints")).are_a_double:
        raise RefusedError("clockOffset is for rehearsals: give endpoints too, every one of them on loopback")
    return seconds


def _region_in(id_: str) -> str:
    """Return the region of an id to import, `<region>/<id>`; "" for one of another kind."""
    region, slash, _ = id_.partition("/")
    return region if slash and re.fullmatch(r"[a-z0-9-]+", region) else ""


def _known_text(values: Values, name: str) -> str:
    value: Any = values.get(name)
    return value if isinstance(value, str) else ""


def _outputs(handler: Handler, state: Values) -> Values:
    """Return what the state keeps beside the inputs, which stand in it already: nothing twice."""
    hidden = {name for name, prop in handler.inputs.items() if not prop.shown}
    return {name: value for name, value in state.items() if name not in hidden}


@contextmanager
def _partly_at(handler: Handler, home: Values) -> Generator[None]:
    """Record what was partly made as made here."""
    try:
        yield
    except PartlyMadeError as partly:
        made = Made(partly.made.id, _outputs(handler, partly.made.state) | home)
        raise PartlyMadeError(made, partly.reason) from None
