"""Calls through the vendor's SDK, with the two layers of repetition that the published plugin has."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from emulator.standin.clock import Clock
from emulator.standin.errors import CallError, Failure
from emulator.standin.settings import SERVED, Settings

Json = dict[str, Any]

_ATTEMPTS_AT_ONCE = 4
_BACKOFF = (0.5, 1.0, 2.0, 4.0, 8.0)
_LONGEST_BACKOFF = 10.0
_SUCCESS = ("success", "ok", "200", "0")


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation of a vendor's API, as its reference names it."""

    product: Literal["kms", "mse", "oos", "sae"]
    version: str
    action: str
    method: Literal["GET", "POST", "PUT", "DELETE"] = "POST"
    path: str = "/"
    """`/` for the RPC style, whose parameters travel in the form; else they travel in the query."""
    repeats: bool = False
    """Whether the client library repeats it at once after a 5xx or a lost connection: 4 requests in all."""
    waits: tuple[float, float] = (3.0, 5.0)
    """Seconds before the first repetition by the provider, and before each later one; a backoff comes on top."""


class Api:
    """Signed calls to the loopback address of a product."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self._clock = clock
        self._clients: dict[str, Any] = {}

    def call(self, operation: Operation, params: Mapping[str, str], *, timeout: float) -> Json:
        """Send until it succeeds, fails for good, or `timeout` seconds are over.

        Raises CallError (as the last answer was), Failure (no call may be made) and Cancelled.
        """
        self._refuse_if_obstructed(operation)
        end = self._clock.now() + timeout
        repetitions = 0
        while True:
            try:
                return self._at_once(operation, params)
            except CallError as error:
                pause = _pause(operation, repetitions)
                if not error.repeatable_later or self._clock.now() + pause > end:
                    raise
            self._clock.pause(pause)
            repetitions += 1

    def _refuse_if_obstructed(self, operation: Operation) -> None:
        if self.settings.obstacle:
            raise Failure(self.settings.obstacle)
        if operation.product not in self.settings.endpoints:
            raise Failure(
                f"{operation.action} was not sent: the stand-in plugin of the emulator calls loopback addresses only, "
                f"and the provider's endpoints have none for {SERVED[operation.product][0]}. For real services "
                "install the published plugin: pulumi plugin install resource alicloud"
            )

    def _at_once(self, operation: Operation, params: Mapping[str, str]) -> Json:
        for left in reversed(range(_ATTEMPTS_AT_ONCE if operation.repeats else 1)):
            self._clock.check()
            try:
                return self._send(operation, params)
            except CallError as error:
                if not left or not error.repeatable_at_once:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _send(self, operation: Operation, params: Mapping[str, str]) -> Json:
        from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params  # noqa: PLC0415 - slow; not in previews
        from darabonba.runtime import RuntimeOptions  # noqa: PLC0415 - as above

        rpc = operation.path == "/"
        described = Params(
            action=operation.action,
            version=operation.version,
            protocol="HTTP",
            pathname=operation.path,
            method=operation.method,
            auth_type="AK",
            style="RPC" if rpc else "ROA",
            req_body_type="formData" if rpc else "json",
            body_type="json",
        )
        request = OpenApiRequest(body=dict(params)) if rpc else OpenApiRequest(query=dict(params))
        try:
            answer: Any = self._client(operation.product).call_api(described, request, RuntimeOptions())
        except Exception as error:  # noqa: BLE001 - the vendor's exceptions have no common public base; each is turned
            raise self._translated(operation, error) from None
        body = answer.get("body")
        if not isinstance(body, dict):
            raise CallError(f"{operation.action}: the answer is not a JSON object")
        checked: Json = body  # pyright: ignore[reportUnknownVariableType] - JSON has no other keys
        if _means_failure(checked):
            raise CallError.answered(200, checked)
        return checked

    def _client(self, product: str) -> Any:
        client = self._clients.get(product)
        if client is None:
            from alibabacloud_tea_openapi.client import Client  # noqa: PLC0415 - as in _send
            from alibabacloud_tea_openapi.utils_models import Config  # noqa: PLC0415 - as in _send

            _forget_proxies()
            settings = self.settings
            client = self._clients[product] = Client(
                Config(
                    access_key_id=settings.access_key,
                    access_key_secret=settings.secret_key,
                    security_token=settings.security_token,
                    region_id=settings.region,
                    protocol="HTTP",
                    endpoint=settings.endpoints[product],
                    read_timeout=settings.read_timeout_ms,
                    connect_timeout=settings.connect_timeout_ms,
                )
            )
        return client

    def _translated(self, operation: Operation, error: Exception) -> CallError:
        status = int(getattr(error, "status_code", None) or 0)
        data = getattr(error, "data", None)
        if status and isinstance(data, dict):
            body: Json = data  # pyright: ignore[reportUnknownVariableType] - JSON has no other keys
            return CallError.answered(status, {n: v for n, v in body.items() if n != "statusCode"})
        # Neither the query nor the exception's text: both can hold what was sent.
        address = f"http://{self.settings.endpoints[operation.product]}{operation.path}"
        refused = "Connection refused" in f"{error} {getattr(error, 'inner_exception', '')}"
        reason = "connect: connection refused" if refused else "EOF"
        return CallError(f'{operation.method.title()} "{address}": {reason}')


def _pause(operation: Operation, repetitions: int) -> float:
    backoff = _BACKOFF[repetitions] if repetitions < len(_BACKOFF) else _LONGEST_BACKOFF
    return operation.waits[min(repetitions, 1)] + backoff


def _means_failure(body: Json) -> bool:
    """Whether an answer of status 200 is an error."""
    code = body.get("Code", body.get("code"))
    success = body.get("Success", body.get("success"))
    if success is True or ("Message" in body and not body["Message"]):
        return False
    bad_code = code is not None and not isinstance(code, dict) and str(code).lower() not in _SUCCESS
    return bad_code or success is not None


def _forget_proxies() -> None:
    """Take the proxies out of this process: the SDK sends even loopback calls to them, whatever NO_PROXY says."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        os.environ.pop(name, None)


def json_list(values: list[Any]) -> str:
    """Return a parameter that holds a JSON list."""
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False)
