"""What can go wrong with a call, as one exception whose text is safe to print."""

from typing import Literal

from provider.client.redact import redact

Kind = Literal["refused", "throttled", "failed", "lost", "unreachable"]
"""refused: a definite no, nothing changed. throttled: turned away before the call ran. failed: a 5xx, may have run.
lost: no answer or one that cannot be read, may have run. unreachable: the call never left."""


_PASSING = frozenset({401, 408, 409, 423, 425, 429})
"""Statuses about the caller or the moment, whatever the code says."""
_ABOUT_THE_CALLER = (
    *("permission", "forbidden", "unauthorized", "accessdenied"),
    *("signature", "accesskey", "token", "credential"),
)
_ABOUT_MOMENT_OR_CALL = (
    *("auth", "ram", "timestamp", "nonce", "denied"),
    *("throttl", "flowcontrol", "quota", "limit", "arrear", "overdue", "debt"),
    *("conflict", "busy", "locked", "timeout", "retry", "progress", "internal", "unavailable"),
    *("notfound", "notexist", "missing", "parameter"),
)
"""Parts of codes, in small letters."""
_NOT_SUPPORTED = ("notsupport", "not support", "unsupport")


class ServiceError(Exception):
    """A call that did not succeed. Its text names operation, code and message, never a key."""

    def __init__(
        self,
        operation: str,
        kind: Kind,
        message: str,
        *,
        code: str = "",
        status: int = 0,
        request_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        self.operation = operation
        self.kind: Kind = kind
        self.code = code
        self.status = status
        self.retry_after = retry_after
        """Seconds that the service asks to wait; None when it says nothing."""
        self.lost_before = False
        """Whether the answer of an earlier attempt at the same call was lost."""
        parts = [f"{operation}: {redact(message).strip() or 'no message'}"]
        if code or status:
            parts.append(f"({' '.join(p for p in (str(status or ''), code) if p)})")
        if request_id:
            parts.append(f"[request {redact(request_id)}]")
        super().__init__(" ".join(parts))

    @property
    def may_have_run(self) -> bool:
        """Whether the service may have carried the call out although it did not say so."""
        return self.lost_before or self.kind in ("failed", "lost")

    @property
    def not_found(self) -> bool:
        """Whether the service says that the thing does not exist.

        KMS answers Forbidden.ResourceNotFound; any 404 or text that says so counts, but a wrong access key does not
        (InvalidAccessKeyId.NotFound is a 404 too). The control plane is asked for a list instead: ASSUMPTION
        missing-key-refused.
        """
        if self.kind != "refused" or self.code.startswith(("InvalidAccessKeyId", "InvalidApiOrAction")):
            return False
        text = f"{self.code} {self}".lower()
        return self.status == 404 or "not found" in text or "notfound" in text or "not exist" in text

    @property
    def not_offered(self) -> bool:
        """Whether a refusal says that the operation itself is not to be had, which will be so tomorrow as well.

        A 4xx that says "not supported", or whose code is about neither the caller (rights, signature, bill), nor the
        moment (throttling, conflict), nor the call (a parameter, an id that does not exist). No code is documented:
        ASSUMPTION disable-refusal-told.
        """
        code, text = self.code.lower(), str(self).lower()
        if self.kind != "refused" or not 400 <= self.status < 500 or self.status in _PASSING:
            return False
        if any(word in code for word in _ABOUT_THE_CALLER):
            return False
        if any(word in text for word in _NOT_SUPPORTED) or code.startswith(("invalidapioraction", "invalidaction")):
            return True
        says_something = bool(code) and not code.isdigit()
        known = self.status == 403 or self.not_found or any(word in code for word in _ABOUT_MOMENT_OR_CALL)
        return says_something and not known


class NotReadyError(Exception):
    """Something was made but does not answer as it should yet; the next run goes on from here."""
