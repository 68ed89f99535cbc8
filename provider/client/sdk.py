"""The vendor's SDK behind one typed function: signing, credentials, time-outs, and errors that are safe to print.

The vendor's generated clients are not used for the calls: they send booleans as `True`, put secret values into URLs
(where proxies log them) and answer a wrong shape with an empty object. Their core, `alibabacloud_tea_openapi`, signs
and sends; a contract test compares every call made here with what the generated clients send.
"""

import json
import os
import threading
from collections import defaultdict
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from provider.client.errors import Kind, ServiceError
from provider.client.redact import redact, remember
from provider.client.retry import Clock, Lane, RetryPolicy
from provider.client.shapes import Json, as_object

Product = Literal["modelstudio", "kms", "oos", "sts"]

CONNECT_TIMEOUT_MS = 5_000
READ_TIMEOUT_MS = 20_000
MAX_CALLS = 8
"""Calls in flight at a time, whatever the engine's own parallelism: more would only be throttled."""
_LOOK = 0.2
"""Seconds between looks at whether the engine has cancelled, while a call waits for its turn."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation of a vendor's API, as its reference names it."""

    product: Product
    version: str
    action: str
    method: Literal["GET", "POST", "PUT", "DELETE"] = "POST"
    path: str = "/"
    """For ROA operations; `{id}` is replaced by the (percent-encoded) path argument."""
    repeatable: bool = True
    """Whether running it twice has the effect of once."""


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """Where the services are; an empty mapping means the vendor's public hosts.

    Addresses are `scheme://host[:port]`. A product's key is a region, or `*` for every region.
    """

    addresses: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])

    @classmethod
    def from_json(cls, text: str | None) -> "Endpoints":
        """Read what the program passed to the provider: {product: address or {region: address}}."""
        raw: dict[str, str | dict[str, str]] = json.loads(text) if text else {}
        return cls(addresses={k: {"*": v} if isinstance(v, str) else v for k, v in raw.items()})

    def of(self, product: str, region: str) -> str:
        """Return the address of `product` in `region`, or "" for the vendor's own."""
        by_region = self.addresses.get(product, {})
        return by_region.get(region) or by_region.get("*", "")

    @property
    def are_a_double(self) -> bool:
        """Whether addresses are given and every one of them is loopback."""
        given = [address for by_region in self.addresses.values() for address in by_region.values()]
        return bool(given) and all(map(_is_loopback, given))


class Sdk:
    """Signed calls to the control plane, KMS, OOS and STS; one vendor client per product and region."""

    def __init__(
        self,
        *,
        endpoints: Endpoints,
        profile: str = "",
        role_arn: str = "",
        clock: Clock | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        self.endpoints = endpoints
        self.clock = clock or Clock()
        self.retry = retry or RetryPolicy()
        self._profile = profile
        self._role_arn = role_arn
        self._clients: dict[tuple[str, str], Any] = {}
        self._credential: Any = None
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(MAX_CALLS)
        self._lanes: defaultdict[str, Lane] = defaultdict(Lane)
        if any(_is_loopback(a) for by_region in endpoints.addresses.values() for a in by_region.values()):
            _forget_proxies()

    def call(
        self,
        operation: Operation,
        region: str,
        *,
        path_id: str = "",
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> Json:
        """Send one operation and return the JSON object that it answers. Raises ServiceError."""

        def once() -> Json:
            with self._turn():
                return self._send(operation, region, path_id, dict(query or {}), dict(form or {}))

        may_repeat = operation.repeatable if repeatable is None else repeatable
        with self._lock:
            lane = self._lanes[region]
        return self.retry.run(once, repeatable=may_repeat, clock=self.clock, lane=lane)

    def access_key_id(self) -> str:
        """Return the id (not the secret) of the access key in use. Raises ServiceError when there is none."""
        try:
            credential: Any = self._credentials().get_credential()
        except Exception as exc:  # noqa: BLE001 - each source of credentials raises its own
            raise ServiceError("credentials", "refused", _credentials_text(exc)) from None
        return str(credential.access_key_id)

    @contextmanager
    def _turn(self) -> Generator[None]:
        """Wait for one of the places for calls in flight."""
        while not self._slots.acquire(timeout=_LOOK):
            self.clock.check()
        try:
            yield
        finally:
            self._slots.release()

    def _send(self, op: Operation, region: str, path_id: str, query: dict[str, str], form: dict[str, str]) -> Json:
        from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params  # noqa: PLC0415 - 0.4 s, only when used
        from darabonba.runtime import RuntimeOptions  # noqa: PLC0415 - as above

        client = self._client(op.product, region)
        pathname = op.path.replace("{id}", _percent(path_id)) if path_id else op.path
        params = Params(
            action=op.action,
            version=op.version,
            protocol="HTTPS",
            pathname=pathname,
            method=op.method,
            auth_type="AK",
            style="RPC" if op.path == "/" else "ROA",
            req_body_type="formData" if form else "json",
            body_type="json",
        )
        request = OpenApiRequest(query=query, body=form or None)
        left = self.clock.left()
        longest = READ_TIMEOUT_MS if left is None else min(READ_TIMEOUT_MS, max(1, int(left * 1000)))
        try:
            answer: Any = client.call_api(params, request, RuntimeOptions(read_timeout=longest))
        except Exception as exc:  # noqa: BLE001 - the vendor's exceptions have no common public base; each is turned
            raise translated(op.action, exc) from None
        return _checked(op.action, answer)

    def _client(self, product: Product, region: str) -> Any:
        with self._lock:
            client = self._clients.get((product, region))
            if client is None:
                client = self._clients[product, region] = self._new_client(product, region)
            return client

    def _new_client(self, product: Product, region: str) -> Any:
        from alibabacloud_tea_openapi.client import Client  # noqa: PLC0415 - as in _send
        from alibabacloud_tea_openapi.utils_models import Config  # noqa: PLC0415 - as in _send

        address = self.endpoints.of(product, region)
        if self.clock.offset and not _is_loopback(address):
            raise ServiceError(
                "clockOffset", "refused", f"{product} in {region} is not on loopback; a shifted clock is for rehearsals"
            )
        parts = urlsplit(address or f"https://{product}.{region}.aliyuncs.com")
        return Client(
            Config(
                credential=self._credentials_locked(),
                region_id=region,
                protocol=parts.scheme.upper(),
                endpoint=parts.netloc,
                connect_timeout=CONNECT_TIMEOUT_MS,
            )
        )

    def _credentials(self) -> Any:
        with self._lock:
            return self._credentials_locked()

    def _credentials_locked(self) -> Any:
        if self._credential is None:
            from alibabacloud_credentials.client import Client  # noqa: PLC0415 - as in _send
            from alibabacloud_credentials.provider import (  # noqa: PLC0415 - as in _send
                CLIProfileCredentialsProvider,
                DefaultCredentialsProvider,
                RamRoleArnCredentialsProvider,
            )

            provider: Any = (
                CLIProfileCredentialsProvider(profile_name=self._profile)
                if self._profile
                else DefaultCredentialsProvider()
            )
            if self._role_arn:
                provider = RamRoleArnCredentialsProvider(credentials_provider=provider, role_arn=self._role_arn)
            self._credential = Client(provider=provider)
        return self._credential


def _checked(action: str, answer: Any) -> Json:
    """Return the answer's body; an unreadable one is lost, a `success: false` in a 200 is refused.

    ASSUMPTION refusals-in-200.
    """
    body = as_object(answer).get("body")
    if not isinstance(body, dict):
        raise ServiceError(action, "lost", "the answer is not a JSON object")
    checked = as_object(body)
    success = checked.get("success", checked.get("Success", True))
    if success in (False, "false", "False"):
        code = str(checked.get("code") or checked.get("Code") or "")
        message = str(checked.get("message") or checked.get("errorMessage") or checked.get("Message") or "")
        status = int(checked.get("httpStatusCode") or 200)
        kind: Kind = "throttled" if _throttled(code, status) else ("failed" if status >= 500 else "refused")
        raise ServiceError(
            action, kind, message, code=code, status=status, request_id=str(checked.get("requestId", ""))
        )
    return checked


def translated(action: str, exc: Exception) -> ServiceError:
    """Turn an exception of the vendor's SDK into ours; only fields known to be harmless are taken over."""
    status = int(getattr(exc, "status_code", None) or 0)
    code = str(getattr(exc, "code", None) or "")
    if status:
        retry_after = getattr(exc, "retry_after", None)
        kind: Kind = "throttled" if _throttled(code, status) else ("failed" if status >= 500 else "refused")
        return ServiceError(
            action,
            kind,
            str(getattr(exc, "message", "") or ""),
            code=code,
            status=status,
            retry_after=float(retry_after) / 1000 if retry_after else None,
        )
    inner = getattr(exc, "inner_exception", None) or exc
    text = f"{exc} {inner}"
    if "Credential" in type(inner).__name__:
        return ServiceError("credentials", "refused", _credentials_text(inner))
    if any(
        sign in text
        for sign in ("Connection refused", "NewConnectionError", "Name or service not known", "NameResolutionError")
    ):
        return ServiceError(action, "unreachable", "the service cannot be reached (connection refused or unknown host)")
    if "Failed to parse the value as json" in text:
        return ServiceError(action, "lost", "the answer cannot be read")
    return ServiceError(action, "lost", f"no answer ({type(inner).__name__})")


def _throttled(code: str, status: int) -> bool:
    return status == 429 or "Throttling" in code


def _credentials_text(exc: Exception) -> str:
    return (
        "no usable Alibaba Cloud credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, "
        f"or account.profile / account.role_arn in the stack file ({redact(str(exc))[:200]})"
    )


def _percent(value: str) -> str:
    return quote(value, safe="")


def _is_loopback(address: str) -> bool:
    return urlsplit(address).hostname in ("127.0.0.1", "localhost", "::1")


def _forget_proxies() -> None:
    """Take the proxies out of this process: the SDK sends even loopback calls to them, whatever NO_PROXY says."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        os.environ.pop(name, None)


def remember_environment() -> None:
    """Treat the access key secrets in the environment as secrets to be masked."""
    for name in ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN", "ALICLOUD_SECRET_KEY"):
        remember(os.environ.get(name, ""))
