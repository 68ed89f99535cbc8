"""What goes wrong, in the published plugin's words."""

import json
from typing import Any

_SOURCE = "terraform-provider-alicloud/alicloud"
UNRECORDED = 0
"""Line number where the published plugin's own was never seen."""


class CallError(Exception):
    """A call that failed. Its text has no address parameters, no signature and nothing of the request."""

    def __init__(self, text: str, *, status: int = 0, code: str = "", message: str = "") -> None:
        super().__init__(text)
        self.status = status
        """HTTP status; 0 where there was no readable answer."""
        self.code = code
        self.message = message

    @classmethod
    def answered(cls, status: int, body: dict[str, Any]) -> "CallError":
        """Return the error for an answer; those of status 200 and above 399 are told apart in the message."""
        code = str(body.get("Code") or body.get("code") or "<nil>")
        said = str(body.get("Message") or body.get("message") or "<nil>")
        request_id = str(body.get("RequestId") or body.get("requestId") or "<nil>")
        message = said if status == 200 else f"code: {status}, {said} request id: {request_id}"
        data = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        text = f"SDKError:\n   StatusCode: {status}\n   Code: {code}\n   Message: {message}\n   Data: {data}\n"
        return cls(text, status=status, code=code, message=message)

    @property
    def repeatable_at_once(self) -> bool:
        """Whether the vendor's client library itself repeats the call, where it is told to."""
        return self.status == 0 or self.status >= 500

    @property
    def repeatable_later(self) -> bool:
        """Whether the provider repeats the call after a pause."""
        return self.code == "ServiceUnavailable" or "Throttling" in self.code or self.status >= 500

    @property
    def not_found(self) -> bool:
        """Whether the provider takes this for "it does not exist": any 404, whatever its reason."""
        return self.status == 404 or "NotFound" in self.code


class Failure(Exception):
    """An operation that failed, with the text that the user reads."""


class GoneError(Failure):
    """The object does not exist."""


def at(file: str, line: int) -> str:
    """Return the place in the published plugin's source that its message names."""
    return f"[ERROR] {_SOURCE}/{file}.go:{line}:"


def failed(file: str, line: int, resource: str, action: str, error: CallError) -> Failure:
    """Return the failure of one call."""
    said = f"Resource {resource} {action} Failed!!! [SDK alibaba-cloud-sdk-go ERROR]:\n{error}"
    return Failure(f"{at(file, line)} {said}")


def gone(file: str, line: int, kind: str, identifier: str, *, request_id: bool = True) -> GoneError:
    """Return the failure of a call on something that does not exist."""
    ident = "RequestId: <nil>" if request_id else ""
    said = f"ResourceNotfound!!! [Provider ERROR]{ident}:\nThe specified {kind} {identifier} is not found."
    return GoneError(f"{at(file, line)} {said}")


def unread(
    resource: str,
    service: str,
    identifier: str,
    action: str,
    error: CallError,
    *,
    lines: tuple[int, int] = (UNRECORDED, UNRECORDED),
) -> Failure:
    """Return the failure of a call of a read. `lines`: in the type's source, and in the service's that it calls."""
    return _wrapped(resource, lines[0], failed(service, lines[1], identifier, action, error))


def absent(
    resource: str, service: str, kind: str, identifier: str, *, lines: tuple[int, int] = (UNRECORDED, UNRECORDED)
) -> Failure:
    """Return the failure of a read of something that does not exist. `lines`: as above."""
    return _wrapped(resource, lines[0], gone(service, lines[1], kind, identifier))


def _wrapped(file: str, line: int, failure: Failure) -> Failure:
    """Return the same failure as its caller reports it."""
    return type(failure)(f"{at(file, line)}\n{failure}")
